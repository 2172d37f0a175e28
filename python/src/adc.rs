//! Time-interleaved converter.

use std::sync::{Mutex, MutexGuard, TryLockError};

use numpy::{PyArray1, PyArrayDyn};
use pamlink::error::length;
use pamlink::frontend::adc::enob::{SineTest, measure};
use pamlink::frontend::adc::{self, AdcConfig, AdcState, MAX_SLICES, Mismatch};
use pamlink::frontend::quantizer::QuantizerConfig;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::arrays::{Output, Stream};
use crate::error::OrRaise;
use crate::settings;

/// Time-interleaved analog-to-digital converter: slices that differ, then one quantizer.
///
/// Slice ``n % slices`` converts sample ``n``: ``y = Q((1 + gain) (x + skew x') + offset + noise)``, where
/// ``x'`` is the slope per unit interval.
///
/// Parameters
/// ----------
/// slices : int
///     Slices that take turns.
/// bits : int
///     Bits of the quantizer; 0 for none.
/// full_scale : float
///     Inputs beyond plus or minus this are clipped, in the unit of the signal.
/// offset : float or array_like, [slices], optional
///     Offsets of the slices in the unit of the signal: their standard deviation, or one for each.
/// gain : float or array_like, [slices], optional
///     Gain errors of the slices relative to one, likewise.
/// skew_ui : float or array_like, [slices], optional
///     How late each slice samples, unit intervals, likewise.
/// thermal_sigma : float
///     Standard deviation of noise at the quantizer, in the unit of the signal.
/// aperture_ui : float
///     Standard deviation of the sampling instant from sample to sample, UI.
/// seed : int
///     Seed of drawn errors and of the noise.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range.
/// ShapeError
///     For lists that have not one number for each slice.
///
/// Notes
/// -----
/// ``process`` and ``reset`` use the one stream that the object holds; a call while another one runs raises
/// ``RuntimeError``. Copies and pickles hold the settings and begin a new stream.
///
/// Examples
/// --------
/// >>> adc = pamlink.frontend.Adc(slices=2, bits=3, offset=[0.0, 0.25])
/// >>> adc
/// Adc(2 slices, 3 bits)
/// >>> adc.process(np.array([0.1, 0.1, 0.1, 5.0], dtype=np.float32))
/// array([0.125, 0.375, 0.125, 0.875], dtype=float32)
/// >>> adc.samples, adc.clipped
/// (4, 1)
#[pyclass(frozen, module = "pamlink.frontend")]
pub(crate) struct Adc {
    plan: adc::Adc,
    level: Option<String>,
    stream: Mutex<AdcState>,
}

impl Adc {
    fn stream(&self) -> PyResult<MutexGuard<'_, AdcState>> {
        match self.stream.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(PyRuntimeError::new_err(
                "this Adc is processing its stream in another thread, use one object per stream",
            )),
        }
    }
}

/// One number: a standard deviation; several: one for each slice.
fn mismatch(name: &str, argument: Option<&Bound<'_, PyAny>>) -> PyResult<Mismatch> {
    Ok(match argument {
        None => Mismatch::None,
        Some(argument) => match argument.extract::<f64>() {
            Ok(sigma) => Mismatch::Sigma(sigma),
            Err(_) => Mismatch::List(settings::numbers(name, argument)?),
        },
    })
}

/// The argument that [`mismatch`] reads.
fn argument<'py>(py: Python<'py>, mismatch: &Mismatch) -> PyResult<Bound<'py, PyAny>> {
    Ok(match mismatch {
        Mismatch::None => py.None().into_bound(py),
        Mismatch::Sigma(sigma) => sigma.into_pyobject(py)?.into_any(),
        Mismatch::List(list) => PyArray1::from_slice(py, list).into_any(),
    })
}

#[pymethods]
impl Adc {
    #[new]
    #[pyo3(signature = (*, slices=None, bits=None, full_scale=None, offset=None, gain=None, skew_ui=None,
        thermal_sigma=0.0, aperture_ui=0.0, seed=None, level=None))]
    #[pyo3(
        text_signature = "(*, slices=32, bits=7, full_scale=1.0, offset=None, gain=None, skew_ui=None, \
        thermal_sigma=0.0, aperture_ui=0.0, seed=0, level=None)"
    )]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        slices: Option<&Bound<'_, PyAny>>,
        bits: Option<&Bound<'_, PyAny>>,
        full_scale: Option<f64>,
        offset: Option<&Bound<'_, PyAny>>,
        gain: Option<&Bound<'_, PyAny>>,
        skew_ui: Option<&Bound<'_, PyAny>>,
        thermal_sigma: f64,
        aperture_ui: f64,
        seed: Option<&Bound<'_, PyAny>>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let bits = bits.map_or(Ok(7), |b| settings::count("bits", b, 0..=16))?;
        let config = AdcConfig {
            slices: slices.map_or(Ok(32), |s| settings::count("slices", s, 1..=MAX_SLICES))?,
            quantizer: (bits > 0).then(|| QuantizerConfig {
                bits: u32::try_from(bits).unwrap_or(16),
                full_scale: full_scale.unwrap_or(1.0),
            }),
            offset: mismatch("offset", offset)?,
            gain: mismatch("gain", gain)?,
            skew_ui: mismatch("skew_ui", skew_ui)?,
            bandwidth: None,
            thermal_sigma,
            aperture_ui,
            seed: seed.map_or(Ok(0), |s| settings::whole("seed", s, u64::MAX))?,
        };
        let run = settings::level(py, level.as_deref())?;
        let plan = adc::Adc::with_level(&config, run).or_raise(py)?;
        let stream = Mutex::new(plan.state());
        Ok(Self {
            plan,
            level,
            stream,
        })
    }

    /// Slices that take turns.
    #[getter]
    fn slices(&self) -> usize {
        self.plan.config().slices
    }

    /// Bits of the quantizer; 0 for none.
    #[getter]
    fn bits(&self) -> u32 {
        self.plan.config().quantizer.map_or(0, |q| q.bits)
    }

    /// Where inputs are clipped.
    #[getter]
    fn full_scale(&self) -> Option<f64> {
        self.plan.config().quantizer.map(|q| q.full_scale)
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Samples converted since the start of the stream.
    #[getter]
    fn samples(&self) -> PyResult<u64> {
        Ok(self.stream()?.samples())
    }

    /// Samples clipped since then.
    #[getter]
    fn clipped(&self) -> PyResult<u64> {
        Ok(self.stream()?.clipped())
    }

    /// Errors of the slices, given and drawn: dict of ``offset``, ``gain`` and ``skew_ui``, each an ndarray
    /// of float64, [slices].
    #[getter]
    fn mismatches<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let own = self.plan.mismatches();
        let all = PyDict::new(py);
        all.set_item("offset", PyArray1::from_slice(py, &own.offset))?;
        all.set_item("gain", PyArray1::from_slice(py, &own.gain))?;
        all.set_item("skew_ui", PyArray1::from_slice(py, &own.skew_ui))?;
        Ok(all)
    }

    /// Convert the next block of the stream.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n]
    ///     Samples.
    /// slope : ndarray of float32, [n], optional
    ///     Derivative of the waveform at the sampling instants per unit interval; needed where slices are
    ///     skewed or the aperture jitters.
    /// out : ndarray of float32, optional
    ///     Where to write, shaped like `x`.
    ///
    /// Returns
    /// -------
    /// ndarray of float32
    ///     Converted samples in the unit of the signal, shaped like `x`; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For lanes, another shape of `out`, and a slope that is missing or of another length.
    /// RuntimeError
    ///     If the object is processing in another thread.
    ///
    /// Examples
    /// --------
    /// >>> adc = pamlink.frontend.Adc(bits=2)
    /// >>> adc.process(np.array([-2.0, 0.1, 0.6], dtype=np.float32))
    /// array([-0.75,  0.25,  0.75], dtype=float32)
    #[pyo3(signature = (x, *, slope=None, out=None))]
    fn process<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        slope: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        length("x (lanes of the converter)", 1, x.lanes()).or_raise(py)?;
        let slope = slope.map(|s| Stream::<f32>::new("slope", s)).transpose()?;
        let mut taken = vec![x.bytes()];
        taken.extend(slope.as_ref().map(Stream::bytes));
        let mut out = Output::<f32>::new(py, "out", out, x.shape(), &taken)?;
        let mut stream = self.stream()?;
        if !x.is_empty() {
            let (rows, mut filled) = (x.rows()?, out.rows()?);
            let slopes = slope.as_ref().map(Stream::rows).transpose()?;
            let from = stream.samples();
            let held: &mut AdcState = &mut stream;
            py.detach(|| {
                let (x, mut y) = (rows.row(0), filled.row_mut(0));
                let slope = slopes.as_ref().map(|s| s.row(0));
                let slope = slope.as_ref().and_then(|s| s.as_slice());
                match (x.as_slice(), y.as_slice_mut()) {
                    (Some(x), Some(y)) => self.plan.process(held, x, slope, from, y),
                    _ => Ok(()),
                }
            })
            .or_raise(py)?;
        }
        Ok(out.done())
    }

    /// Measure the effective bits with a sine near the Nyquist frequency.
    ///
    /// Parameters
    /// ----------
    /// amplitude : float
    ///     Amplitude of the sine, in the unit of the signal.
    /// record : int
    ///     Samples, 64 to 2**24; every phase of the sine comes once.
    ///
    /// Returns
    /// -------
    /// dict
    ///     ``enob`` of all slices together, ``slice_enob`` (ndarray, [slices]), ``sinad_db``, ``sfdr_db``
    ///     (over the largest other line: interleaving spurs), ``amplitude`` as fitted, ``clipped``. Effective
    ///     bits by the quantizer's full scale, or without one by the sine's amplitude.
    ///
    /// Raises
    /// ------
    /// ConfigError
    ///     For numbers out of range.
    /// SingularError
    ///     For a record too short for the slices.
    ///
    /// Examples
    /// --------
    /// >>> ideal = pamlink.frontend.Adc(slices=4, bits=6)
    /// >>> round(ideal.enob(amplitude=0.98)["enob"], 1)
    /// 6.0
    /// >>> skewed = pamlink.frontend.Adc(slices=4, bits=6, skew_ui=0.02)
    /// >>> skewed.enob(amplitude=0.98)["enob"] < 5.5
    /// True
    #[pyo3(signature = (*, amplitude=1.0, record=None))]
    #[pyo3(text_signature = "($self, *, amplitude=1.0, record=65536)")]
    fn enob<'py>(
        &self,
        py: Python<'py>,
        amplitude: f64,
        record: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let record = record.map_or(Ok(65536), |r| settings::whole("record", r, 1 << 24))?;
        let test = SineTest::near_nyquist(record, amplitude);
        let report = py
            .detach(|| measure(&self.plan, &self.plan.state(), &test))
            .or_raise(py)?;
        let all = PyDict::new(py);
        all.set_item("enob", report.enob)?;
        all.set_item("slice_enob", PyArray1::from_slice(py, &report.slice_enob))?;
        all.set_item("sinad_db", report.all.sinad_db())?;
        all.set_item("sfdr_db", report.sfdr_db)?;
        all.set_item("amplitude", report.all.amplitude)?;
        all.set_item("clipped", report.clipped)?;
        Ok(all)
    }

    /// Forget the stream: the next block begins a new one.
    ///
    /// Raises
    /// ------
    /// RuntimeError
    ///     If the object is processing in another thread.
    ///
    /// Examples
    /// --------
    /// >>> adc = pamlink.frontend.Adc()
    /// >>> y = adc.process(np.zeros(5, dtype=np.float32))
    /// >>> adc.reset()
    /// >>> adc.samples
    /// 0
    fn reset(&self) -> PyResult<()> {
        self.plan.reset(&mut *self.stream()?);
        Ok(())
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let config = self.plan.config();
        let all = PyDict::new(py);
        all.set_item("slices", config.slices)?;
        all.set_item("bits", self.bits())?;
        if let Some(full_scale) = self.full_scale() {
            all.set_item("full_scale", full_scale)?;
        }
        all.set_item("offset", argument(py, &config.offset)?)?;
        all.set_item("gain", argument(py, &config.gain)?)?;
        all.set_item("skew_ui", argument(py, &config.skew_ui)?)?;
        all.set_item("thermal_sigma", config.thermal_sigma)?;
        all.set_item("aperture_ui", config.aperture_ui)?;
        all.set_item("seed", config.seed)?;
        all.set_item("level", self.level.as_deref())?;
        Ok((PyTuple::empty(py), all))
    }

    fn __repr__(&self) -> String {
        let slices = settings::counted(self.slices(), "slice");
        let bits = settings::counted(self.bits() as usize, "bit");
        format!("Adc({slices}, {bits})")
    }
}
