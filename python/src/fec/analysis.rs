//! What the codes leave of an error rate.

use numpy::PyArrayDyn;
use numpy::{AllowTypeChange, PyArrayLikeDyn};
use pamlink::error::in_range;
use pamlink::fec::bound::{codeword_error_for_frame_loss, frame_loss_ratio};
use pamlink::fec::{BurstChain, Multiplex, Path, RsCode};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::error::OrRaise;
use crate::settings;

/// Codeword error ratio with independent bit errors.
///
/// The probability of more symbol errors than the code corrects, ``sum over i > t of C(n, i) p^i (1-p)^(n-i)``
/// with ``p = 1 - (1 - ber)^10``.
///
/// Parameters
/// ----------
/// ber : float or array_like of float
///     Bit error ratio before the decoder, 0 to 1.
/// code : {"kp4", "kr4"}
///     The code.
///
/// Returns
/// -------
/// float or ndarray of float64
///     Codeword error ratio, shaped like `ber`.
///
/// Raises
/// ------
/// ConfigError
///     For a ratio out of range or a code of another name.
///
/// Examples
/// --------
/// >>> float(f"{pamlink.fec.cer_iid(2.4e-4):.4g}")
/// 8.152e-13
#[pyfunction]
#[pyo3(signature = (ber, code="kp4"))]
pub(crate) fn cer_iid<'py>(ber: &Bound<'py, PyAny>, code: &str) -> PyResult<Bound<'py, PyAny>> {
    let code = super::code(ber.py(), Some(code))?;
    each("ber", ber, |name, ber| {
        in_range(name, ber, 0.0, 1.0)?;
        code.codeword_error_ratio_from_ber(ber)
    })
}

/// Bit error ratio at which words fail with a given probability, bit errors independent.
///
/// Parameters
/// ----------
/// cer : float or array_like of float
///     Codeword error ratio, above 0 and below 1.
/// code : {"kp4", "kr4"}
///     The code.
///
/// Returns
/// -------
/// float or ndarray of float64
///     Bit error ratio before the decoder, shaped like `cer`.
///
/// Raises
/// ------
/// ConfigError
///     For a ratio out of range or a code of another name.
///
/// Examples
/// --------
/// >>> float(f"{pamlink.fec.ber_limit(1.45e-11):.4g}")
/// 0.000292
#[pyfunction]
#[pyo3(signature = (cer, code="kp4"))]
pub(crate) fn ber_limit<'py>(cer: &Bound<'py, PyAny>, code: &str) -> PyResult<Bound<'py, PyAny>> {
    let code = super::code(cer.py(), Some(code))?;
    each("cer", cer, |name, cer| {
        in_range(name, cer, 0.0, 1.0)?;
        code.ber_limit(cer)
    })
}

/// Codeword error ratio with bursts, exact.
///
/// PAM4 symbol errors are a chain of two states: a symbol is wrong with probability `iep` after a right one,
/// with `epf` after a wrong one. Wrong symbols are off by one level and have one wrong bit; in a burst the signs
/// alternate.
///
/// Parameters
/// ----------
/// iep : float
///     Probability of an error after a right symbol, 0 to 1.
/// epf : float
///     Probability of an error after a wrong symbol, 0 to 1 and below 1. A one-tap DFE of weight 1 has 0.75;
///     `iep` itself makes errors independent.
/// interleave : int
///     Codewords interleaved symbol by symbol, 1 to 64.
/// precoding : bool
///     Whether the symbols are precoded with 1/(1+D): the data are then wrong where the state changes.
/// bit_lanes : int
///     Lanes of the coded stream whose bits share the PAM4 lane in turn, 1 to 8; 1 sends whole symbols of
///     10 bits (200G lanes). 100G lanes take 4.
/// code : {"kp4", "kr4"}
///     The code.
///
/// Returns
/// -------
/// float
///     Codeword error ratio.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range or a code of another name.
///
/// Examples
/// --------
/// >>> float(f"{pamlink.fec.cer_burst(1e-3, 0.75, interleave=4):.4g}")
/// 1.317e-05
#[pyfunction]
#[pyo3(signature = (iep, epf, *, interleave=None, precoding=false, bit_lanes=None, code="kp4"))]
#[pyo3(text_signature = "(iep, epf, *, interleave=1, precoding=False, bit_lanes=1, code=\"kp4\")")]
pub(crate) fn cer_burst(
    py: Python<'_>,
    iep: f64,
    epf: f64,
    interleave: Option<&Bound<'_, PyAny>>,
    precoding: bool,
    bit_lanes: Option<&Bound<'_, PyAny>>,
    code: &str,
) -> PyResult<f64> {
    let (path, code) = path(py, interleave, precoding, bit_lanes, code)?;
    py.detach(|| {
        BurstChain::new(iep, epf)?
            .symbol_error_distribution(&path, &code, code.n)?
            .codeword_error_ratio(&code)
    })
    .or_raise(py)
}

/// Probability of an error after a right symbol at which words fail with a given probability.
///
/// The inverse of `cer_burst`.
///
/// Parameters
/// ----------
/// cer : float
///     Codeword error ratio, above 0.
/// epf : float
///     Probability of an error after a wrong symbol, 0 to 1 and below 1.
/// interleave : int
///     Codewords interleaved symbol by symbol, 1 to 64.
/// precoding : bool
///     Whether the symbols are precoded with 1/(1+D).
/// bit_lanes : int
///     Lanes of the coded stream whose bits share the PAM4 lane in turn, 1 to 8; 1 sends whole symbols.
/// code : {"kp4", "kr4"}
///     The code.
///
/// Returns
/// -------
/// float
///     Probability of an error after a right symbol.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range or a code of another name.
///
/// Examples
/// --------
/// >>> float(f"{pamlink.fec.iep_limit(1.45e-11, 0.75):.2g}")
/// 4.3e-06
#[pyfunction]
#[pyo3(signature = (cer, epf, *, interleave=None, precoding=false, bit_lanes=None, code="kp4"))]
#[pyo3(text_signature = "(cer, epf, *, interleave=1, precoding=False, bit_lanes=1, code=\"kp4\")")]
pub(crate) fn iep_limit(
    py: Python<'_>,
    cer: f64,
    epf: f64,
    interleave: Option<&Bound<'_, PyAny>>,
    precoding: bool,
    bit_lanes: Option<&Bound<'_, PyAny>>,
    code: &str,
) -> PyResult<f64> {
    let (path, code) = path(py, interleave, precoding, bit_lanes, code)?;
    py.detach(|| path.iep_limit(&code, epf, cer)).or_raise(py)
}

/// Frame loss ratio from the codeword error ratio.
///
/// All frames of 64 octets that touch a group of interleaved words with an error are lost:
/// ``cer (1 + interleave m) / m`` with ``m = 640 / 84`` frames to a word, at most 1.
///
/// Parameters
/// ----------
/// cer : float or array_like of float
///     Codeword error ratio, 0 to 1.
/// interleave : int
///     Codewords interleaved symbol by symbol, 1 to 64.
///
/// Returns
/// -------
/// float or ndarray of float64
///     Frame loss ratio, shaped like `cer`.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range.
///
/// Examples
/// --------
/// >>> float(f"{pamlink.fec.flr(1.452e-11, interleave=4):.3g}")
/// 6e-11
#[pyfunction]
#[pyo3(signature = (cer, *, interleave=None))]
#[pyo3(text_signature = "(cer, *, interleave=1)")]
pub(crate) fn flr<'py>(
    cer: &Bound<'py, PyAny>,
    interleave: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let interleave = ways(interleave)?;
    each("cer", cer, |name, cer| {
        in_range(name, cer, 0.0, 1.0)?;
        frame_loss_ratio(cer, interleave)
    })
}

/// Codeword error ratio from the frame loss ratio: the inverse of `flr`.
///
/// Parameters
/// ----------
/// flr : float or array_like of float
///     Loss ratio of frames of 64 octets, 0 to 1.
/// interleave : int
///     Codewords interleaved symbol by symbol, 1 to 64.
///
/// Returns
/// -------
/// float or ndarray of float64
///     Codeword error ratio, shaped like `flr`.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range.
///
/// Examples
/// --------
/// >>> float(f"{pamlink.fec.cer_from_flr(6e-11, interleave=4):.4g}")
/// 1.452e-11
#[pyfunction]
#[pyo3(signature = (flr, *, interleave=None))]
#[pyo3(text_signature = "(flr, *, interleave=1)")]
pub(crate) fn cer_from_flr<'py>(
    flr: &Bound<'py, PyAny>,
    interleave: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let interleave = ways(interleave)?;
    each("flr", flr, |name, flr| {
        in_range(name, flr, 0.0, 1.0)?;
        codeword_error_for_frame_loss(flr, interleave)
    })
}

fn ways(interleave: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
    interleave.map_or(Ok(1), |i| settings::count("interleave", i, 1..=64))
}

fn path(
    py: Python<'_>,
    interleave: Option<&Bound<'_, PyAny>>,
    precoding: bool,
    bit_lanes: Option<&Bound<'_, PyAny>>,
    code: &str,
) -> PyResult<(Path, RsCode)> {
    let lanes = bit_lanes.map_or(Ok(1), |l| settings::count("bit_lanes", l, 1..=8))?;
    let multiplex = match lanes {
        1 => Multiplex::Symbol,
        lanes => Multiplex::Bit { lanes },
    };
    let path = Path {
        interleave: ways(interleave)?,
        multiplex,
        precoding,
    };
    Ok((path, super::code(py, Some(code))?))
}

/// A function of one number, of each entry of an array; `f` is told the name of the entry.
fn each<'py>(
    name: &str,
    argument: &Bound<'py, PyAny>,
    f: impl Fn(String, f64) -> pamlink::Result<f64>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = argument.py();
    if let Ok(number) = argument.extract::<f64>() {
        return f(name.into(), number).or_raise(py)?.into_bound_py_any(py);
    }
    let wanted = || PyTypeError::new_err(format!("{name} is {argument}, must be numbers"));
    if !settings::numeric(argument) {
        return Err(wanted());
    }
    let list: PyArrayLikeDyn<'py, f64, AllowTypeChange> =
        argument.extract().map_err(|_| wanted())?;
    let list = list.as_array();
    let mut out = list.to_owned();
    for (index, value) in out.iter_mut().enumerate() {
        *value = f(format!("{name}[{index}]"), *value).or_raise(py)?;
    }
    Ok(PyArrayDyn::from_owned_array(py, out).into_any())
}
