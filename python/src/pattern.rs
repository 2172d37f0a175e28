//! Test patterns.

use numpy::PyArrayDyn;
use pamlink::pattern::{Prbs, SymbolSource};
use pyo3::prelude::*;

use crate::arrays::Output;
use crate::error::OrRaise;
use crate::settings;

/// The first symbols of PRBS13Q.
///
/// Parameters
/// ----------
/// n : int
///     Number of symbols; the pattern repeats after 8191.
///
/// Returns
/// -------
/// ndarray of uint8, [n]
///     Symbols 0..3 in level order.
///
/// References
/// ----------
/// IEEE 802.3 clause 120.5.11.2.1.
///
/// Examples
/// --------
/// >>> pamlink.pattern.prbs13q(8)
/// array([1, 0, 3, 1, 3, 2, 0, 2], dtype=uint8)
#[pyfunction]
pub(crate) fn prbs13q<'py>(n: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    symbols(n, SymbolSource::prbs13q())
}

/// The first symbols of PRBS31Q.
///
/// Parameters
/// ----------
/// n : int
///     Number of symbols; the pattern repeats after 2**31 - 1.
///
/// Returns
/// -------
/// ndarray of uint8, [n]
///     Symbols 0..3 in level order.
///
/// References
/// ----------
/// IEEE 802.3 clause 120.5.11.2.2.
///
/// Examples
/// --------
/// >>> pamlink.pattern.prbs31q(16)
/// array([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 1], dtype=uint8)
#[pyfunction]
pub(crate) fn prbs31q<'py>(n: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    symbols(n, SymbolSource::prbs31q())
}

/// One period of SSPRQ, the short stress pattern.
///
/// Returns
/// -------
/// ndarray of uint8, [65535]
///     Symbols 0..3 in level order.
///
/// References
/// ----------
/// IEEE 802.3 clause 120.5.11.2.3.
///
/// Examples
/// --------
/// >>> np.bincount(pamlink.pattern.ssprq())
/// array([15215, 17553, 17552, 15215])
#[pyfunction]
pub(crate) fn ssprq(py: Python<'_>) -> PyResult<Bound<'_, PyArrayDyn<u8>>> {
    let period = pamlink::pattern::ssprq::SSPRQ_SYMBOLS.into_pyobject(py)?;
    symbols(&period, SymbolSource::ssprq())
}

/// The first bits of a pseudo-random sequence.
///
/// Parameters
/// ----------
/// order : {7, 9, 11, 13, 15, 23, 31}
///     Degree of the feedback polynomial; the sequence repeats after 2**order - 1 bits.
/// n : int
///     Number of bits.
/// seed : int, optional
///     The `order` bits just before the first one, bit 0 the newest; all ones by default.
///
/// Returns
/// -------
/// ndarray of uint8, [n]
///     Bits 0 and 1.
///
/// Raises
/// ------
/// ConfigError
///     For another order, a seed of zero or of more than `order` bits.
///
/// References
/// ----------
/// ITU-T O.150; for order 13 IEEE 802.3 clause 94.3.10.8.
///
/// Examples
/// --------
/// >>> pamlink.pattern.prbs(7, 14)
/// array([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1], dtype=uint8)
#[pyfunction]
#[pyo3(signature = (order, n, *, seed=None))]
pub(crate) fn prbs<'py>(
    order: &Bound<'py, PyAny>,
    n: &Bound<'py, PyAny>,
    seed: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let py = order.py();
    let most = u64::from(u32::MAX);
    let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    let sequence = Prbs::from_order(small(settings::whole("order", order, most)?)).or_raise(py)?;
    let seed = match seed {
        Some(seed) => small(settings::whole("seed", seed, most)?),
        None => sequence.ones(),
    };
    let mut generator = sequence.generator(seed).or_raise(py)?;
    filled(n, |bits| generator.fill(bits))
}

fn symbols<'py>(
    n: &Bound<'py, PyAny>,
    source: pamlink::Result<SymbolSource>,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let mut source = source.or_raise(n.py())?;
    filled(n, |symbols| source.fill(symbols))
}

/// A new array of `n` bytes, filled without the GIL.
fn filled<'py>(
    n: &Bound<'py, PyAny>,
    fill: impl FnOnce(&mut [u8]) + Send,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let py = n.py();
    // What is more than memory holds is a `MemoryError`.
    let shape = [settings::count("n", n, 0..=isize::MAX.cast_unsigned())?];
    let mut out = Output::<u8>::new(py, "out", None, &shape, &[])?;
    let mut rows = out.rows()?;
    if let Some(bytes) = rows.as_slice_mut() {
        py.detach(|| fill(bytes));
    }
    Ok(out.done())
}
