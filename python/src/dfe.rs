//! Decision-feedback equalizer.

use std::sync::{Mutex, MutexGuard, TryLockError};

use numpy::{PyArray1, PyArrayDyn};
use pamlink::equalizer::dfe::{self, DfeConfig, DfeState};
use pamlink::error::length;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::arrays::{Output, Stream};
use crate::error::OrRaise;
use crate::ffe::Arguments;
use crate::settings;

/// Decision-feedback equalizer for PAM4.
///
/// ``d[n] = slice(y[n])``, ``y[n] = x[n] - sum_k taps[k] levels[d[n-1-k]]``, where decisions before the
/// start contribute nothing.
///
/// Parameters
/// ----------
/// taps : array_like of float, [k]
///     Feedback taps relative to the levels, used in single precision: ``taps[k]`` weighs the decision
///     ``k + 1`` symbols ago. At most 16; none is a plain slicer.
/// levels : array_like of float, [4]
///     Values of the symbols 0..3 in the unit of the samples, rising.
/// thresholds : array_like of float, [3], optional
///     Where to decide, rising; midway between the levels by default.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For too many taps, numbers that are not finite, levels or thresholds that do not rise.
/// ShapeError
///     For another number of levels or thresholds.
///
/// Notes
/// -----
/// Decisions and slicer inputs are the same bits at every level, for any cut into blocks and any number of
/// lanes. ``apply`` and ``apply_soft`` are safe to call from any number of threads. ``process``,
/// ``process_soft`` and ``reset`` use the one stream that the object holds; a call while another one runs
/// raises ``RuntimeError``. Copies and pickles hold the settings and begin a new stream.
///
/// Examples
/// --------
/// Symbols 3, 0, 2 through the channel 1 + 0.5 z^-1:
///
/// >>> dfe = pamlink.Dfe([0.5])
/// >>> dfe
/// Dfe(1 tap, levels=[-3.0, -1.0, 1.0, 3.0])
/// >>> dfe.apply(np.array([3.0, -1.5, -0.5], dtype=np.float32))
/// array([3, 0, 2], dtype=uint8)
#[pyclass(frozen, module = "pamlink")]
pub(crate) struct Dfe {
    plan: dfe::Dfe,
    level: Option<String>,
    stream: Mutex<Option<Running>>,
}

/// A stream that has begun: the dimensions of its blocks and the state of its lanes.
struct Running {
    dimensions: usize,
    state: DfeState,
}

/// Decisions with the slicer inputs.
type Soft<'py> = (Bound<'py, PyArrayDyn<u8>>, Bound<'py, PyArrayDyn<f32>>);

impl Dfe {
    fn stream(&self) -> PyResult<MutexGuard<'_, Option<Running>>> {
        match self.stream.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(PyRuntimeError::new_err(
                "this Dfe is processing its stream in another thread, use one object per stream",
            )),
        }
    }

    /// The stream that a block belongs to; the first block begins it.
    fn running<'a>(
        &self,
        held: &'a mut Option<Running>,
        x: &Stream<'_, f32>,
    ) -> pamlink::Result<&'a mut DfeState> {
        if held.is_none() {
            *held = Some(Running {
                dimensions: x.shape().len(),
                state: self.plan.state(x.lanes())?,
            });
        }
        let running = held.as_mut().ok_or_else(|| pamlink::Error::Empty {
            name: "stream".into(),
        })?;
        length(
            "x (dimensions of the stream)",
            running.dimensions,
            x.shape().len(),
        )?;
        length(
            "x (lanes of the stream)",
            running.state.streams(),
            x.lanes(),
        )?;
        Ok(&mut running.state)
    }

    /// The two places for decisions and slicer inputs.
    fn pair<'py>(
        py: Python<'py>,
        x: &Stream<'py, f32>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Output<'py, u8>, Output<'py, f32>)> {
        let given = out.map(|out| match out.cast::<PyTuple>() {
            Ok(pair) if pair.len() == 2 => Ok((pair.get_item(0)?, pair.get_item(1)?)),
            _ => Err(PyTypeError::new_err(
                "out is no pair, must be a tuple of an array of uint8 and one of float32",
            )),
        });
        let given = given.transpose()?;
        let (d, y) = (given.as_ref().map(|g| &g.0), given.as_ref().map(|g| &g.1));
        let d = Output::<u8>::new(py, "out[0]", d, x.shape(), &[x.bytes()])?;
        let y = Output::<f32>::new(py, "out[1]", y, x.shape(), &[x.bytes(), d.bytes()])?;
        Ok((d, y))
    }
}

#[pymethods]
impl Dfe {
    #[new]
    #[pyo3(signature = (taps, *, levels=None, thresholds=None, level=None))]
    #[pyo3(text_signature = "(taps, *, levels=(-3, -1, 1, 3), thresholds=None, level=None)")]
    fn new(
        taps: &Bound<'_, PyAny>,
        levels: Option<&Bound<'_, PyAny>>,
        thresholds: Option<&Bound<'_, PyAny>>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let py = taps.py();
        let mut config = DfeConfig {
            taps: settings::singles("taps", taps)?,
            ..DfeConfig::default()
        };
        if let Some(levels) = levels {
            config.levels = settings::fixed("levels", levels)?;
        }
        if let Some(thresholds) = thresholds {
            config.thresholds = Some(settings::fixed("thresholds", thresholds)?);
        }
        let run = settings::level(py, level.as_deref())?;
        Ok(Self {
            plan: dfe::Dfe::with_level(&config, run).or_raise(py)?,
            level,
            stream: Mutex::new(None),
        })
    }

    /// Taps in force; the first weighs the decision before.
    #[getter]
    fn taps<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, &self.plan.config().taps)
    }

    /// Values of the symbols 0..3.
    #[getter]
    fn levels<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, &self.plan.config().levels)
    }

    /// Thresholds in force.
    #[getter]
    fn thresholds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, &self.plan.thresholds())
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Decide whole streams.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     Samples, one per symbol, in the unit of the levels.
    /// out : ndarray of uint8, optional
    ///     Where to write, shaped like `x`.
    ///
    /// Returns
    /// -------
    /// ndarray of uint8
    ///     Symbols 0..3 in level order, shaped like `x`; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of `out`.
    ///
    /// Examples
    /// --------
    /// >>> slicer = pamlink.Dfe([], levels=[0, 1, 2, 3])
    /// >>> slicer.apply(np.array([[0.4, 2.6], [1.6, -9.0]], dtype=np.float32))
    /// array([[0, 3],
    ///        [2, 0]], dtype=uint8)
    #[pyo3(signature = (x, *, out=None))]
    fn apply<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let mut out = Output::<u8>::new(py, "out", out, x.shape(), &[x.bytes()])?;
        if !x.is_empty() {
            let mut state = self.plan.state(x.lanes()).or_raise(py)?;
            let (rows, d) = (x.rows()?, out.rows()?);
            py.detach(|| self.plan.process_lanes(&mut state, rows, d))
                .or_raise(py)?;
        }
        Ok(out.done())
    }

    /// Decide whole streams and give the slicer inputs too.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     Samples, one per symbol, in the unit of the levels.
    /// out : tuple of two ndarrays, uint8 and float32, optional
    ///     Where to write, both shaped like `x`.
    ///
    /// Returns
    /// -------
    /// symbols : ndarray of uint8
    ///     Symbols 0..3 in level order, shaped like `x`.
    /// y : ndarray of float32
    ///     Samples with the feedback taken off, shaped like `x`.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of an array of `out`.
    ///
    /// Examples
    /// --------
    /// >>> symbols, y = pamlink.Dfe([0.5]).apply_soft(np.array([3.0, -1.5, -0.5], dtype=np.float32))
    /// >>> y
    /// array([ 3., -3.,  1.], dtype=float32)
    #[pyo3(signature = (x, *, out=None))]
    fn apply_soft<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Soft<'py>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let (mut d, mut y) = Self::pair(py, &x, out)?;
        if !x.is_empty() {
            let mut state = self.plan.state(x.lanes()).or_raise(py)?;
            let (rows, symbols, soft) = (x.rows()?, d.rows()?, y.rows()?);
            py.detach(|| {
                self.plan
                    .process_lanes_soft(&mut state, rows, symbols, soft)
            })
            .or_raise(py)?;
        }
        Ok((d.done(), y.done()))
    }

    /// Decide the next block of the stream.
    ///
    /// Any cut into blocks gives the same symbols. The first block after construction or ``reset`` says how
    /// many lanes the stream has.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     The next samples.
    /// out : ndarray of uint8, optional
    ///     Where to write, shaped like `x`.
    ///
    /// Returns
    /// -------
    /// ndarray of uint8
    ///     Symbols 0..3 in level order, shaped like `x`; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of `out`, or other lanes than the stream began with.
    /// RuntimeError
    ///     If the object is processing in another thread.
    ///
    /// Examples
    /// --------
    /// >>> dfe = pamlink.Dfe([0.5])
    /// >>> x = np.array([3.0, -1.5, -0.5], dtype=np.float32)
    /// >>> np.concatenate([dfe.process(x[:1]), dfe.process(x[1:])])
    /// array([3, 0, 2], dtype=uint8)
    #[pyo3(signature = (x, *, out=None))]
    fn process<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let mut out = Output::<u8>::new(py, "out", out, x.shape(), &[x.bytes()])?;
        let mut held = self.stream()?;
        let state = self.running(&mut held, &x).or_raise(py)?;
        let (rows, d) = (x.rows()?, out.rows()?);
        py.detach(|| self.plan.process_lanes(state, rows, d))
            .or_raise(py)?;
        Ok(out.done())
    }

    /// Decide the next block of the stream and give the slicer inputs too.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     The next samples.
    /// out : tuple of two ndarrays, uint8 and float32, optional
    ///     Where to write, both shaped like `x`.
    ///
    /// Returns
    /// -------
    /// symbols : ndarray of uint8
    ///     Symbols 0..3 in level order, shaped like `x`.
    /// y : ndarray of float32
    ///     Samples with the feedback taken off, shaped like `x`.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of an array of `out`, or other lanes than the stream began with.
    /// RuntimeError
    ///     If the object is processing in another thread.
    ///
    /// Examples
    /// --------
    /// >>> dfe = pamlink.Dfe([0.5])
    /// >>> _ = dfe.process_soft(np.array([3.0], dtype=np.float32))
    /// >>> dfe.process_soft(np.array([-1.5, -0.5], dtype=np.float32))
    /// (array([0, 2], dtype=uint8), array([-3.,  1.], dtype=float32))
    #[pyo3(signature = (x, *, out=None))]
    fn process_soft<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Soft<'py>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let (mut d, mut y) = Self::pair(py, &x, out)?;
        let mut held = self.stream()?;
        let state = self.running(&mut held, &x).or_raise(py)?;
        let (rows, symbols, soft) = (x.rows()?, d.rows()?, y.rows()?);
        py.detach(|| self.plan.process_lanes_soft(state, rows, symbols, soft))
            .or_raise(py)?;
        Ok((d.done(), y.done()))
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
    /// >>> dfe = pamlink.Dfe([0.5])
    /// >>> x = np.array([3.0, -1.5, -0.5], dtype=np.float32)
    /// >>> first = dfe.process(x)
    /// >>> dfe.reset()
    /// >>> np.array_equal(first, dfe.process(x))
    /// True
    fn reset(&self) -> PyResult<()> {
        *self.stream()? = None;
        Ok(())
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<Arguments<'py>> {
        let settings = PyDict::new(py);
        settings.set_item("levels", self.levels(py))?;
        let thresholds = self.plan.config().thresholds;
        settings.set_item(
            "thresholds",
            thresholds.map(|t| PyArray1::from_slice(py, &t)),
        )?;
        settings.set_item("level", self.level.as_deref())?;
        Ok(((self.taps(py),), settings))
    }

    fn __repr__(&self) -> String {
        let config = self.plan.config();
        format!(
            "Dfe({}, levels={:?})",
            settings::counted(config.taps.len(), "tap"),
            config.levels
        )
    }
}
