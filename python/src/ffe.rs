//! Feed-forward equalizer.

use std::sync::{Mutex, MutexGuard, TryLockError};

use numpy::{PyArray1, PyArrayDyn};
use pamlink::equalizer::ffe::{self, FfeConfig, FfeState};
use pamlink::error::length;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{Output, Stream, lanes};
use crate::error::OrRaise;
use crate::settings;

/// Feed-forward equalizer: a transversal filter at symbol spacing.
///
/// ``y[n] = sum_k taps[k] x[n + p - k]`` with ``p`` precursors: tap ``p`` is the main tap, lower indices
/// weigh later samples, higher ones earlier samples.
///
/// Parameters
/// ----------
/// taps : array_like of float, [k]
///     Weights, used in single precision; index 0 weighs the latest sample.
/// precursors : int
///     Number of taps before the main one, below the number of taps.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For no taps, taps that are not finite, too many precursors, unknown levels.
///
/// See Also
/// --------
/// pamlink.design.mmse : Taps from a pulse response.
///
/// Notes
/// -----
/// ``apply`` is safe to call from any number of threads. ``process``, ``flush`` and ``reset`` use the one
/// stream that the object holds; a call while another one runs raises ``RuntimeError``. Copies and pickles
/// hold the settings and begin a new stream.
///
/// Each output differs from the exact sum by at most
/// ``(len(taps) + 1) 2**-24 sum_k abs(taps[k] x[n + p - k])``.
///
/// Examples
/// --------
/// >>> ffe = pamlink.Ffe([-0.1, 1.0, -0.2], precursors=1)
/// >>> ffe
/// Ffe(3 taps, precursors=1)
/// >>> ffe.apply(np.array([0, 1, 0, 0], dtype=np.float32))
/// array([-0.1,  1. , -0.2,  0. ], dtype=float32)
#[pyclass(frozen, module = "pamlink")]
pub(crate) struct Ffe {
    plan: ffe::Ffe,
    level: Option<String>,
    stream: Mutex<Option<Running>>,
}

/// A stream that has begun: the dimensions of its blocks and a state for each lane.
struct Running {
    dimensions: usize,
    states: Vec<FfeState>,
}

/// Arguments that make an equal object, in order and by name.
pub(crate) type Arguments<'py> = ((Bound<'py, PyArray1<f32>>,), Bound<'py, PyDict>);

impl Ffe {
    fn stream(&self) -> PyResult<MutexGuard<'_, Option<Running>>> {
        match self.stream.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(PyRuntimeError::new_err(
                "this Ffe is processing its stream in another thread, use one object per stream",
            )),
        }
    }

    fn begin(&self, shape: &[usize]) -> Running {
        Running {
            dimensions: shape.len(),
            states: vec![self.plan.state(); lanes(shape)],
        }
    }
}

#[pymethods]
impl Ffe {
    #[new]
    #[pyo3(signature = (taps, *, precursors=None, level=None))]
    #[pyo3(text_signature = "(taps, *, precursors=0, level=None)")]
    fn new(
        taps: &Bound<'_, PyAny>,
        precursors: Option<&Bound<'_, PyAny>>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let py = taps.py();
        let config = FfeConfig {
            taps: settings::singles("taps", taps)?,
            precursors: precursors.map_or(Ok(0), |p| {
                settings::count("precursors", p, 0..=ffe::MAX_RESPONSE - 1)
            })?,
        };
        let run = settings::level(py, level.as_deref())?;
        Ok(Self {
            plan: ffe::Ffe::with_level(&config, run).or_raise(py)?,
            level,
            stream: Mutex::new(None),
        })
    }

    /// Taps in force, index 0 on the latest sample.
    #[getter]
    fn taps<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, self.plan.taps())
    }

    /// Taps before the main one; also the latency of ``process`` in symbols.
    #[getter]
    fn precursors(&self) -> usize {
        self.plan.precursors()
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Equalize whole streams, zeros before and after them.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     Samples, one per symbol, any scale.
    /// out : ndarray of float32, optional
    ///     Where to write, shaped like `x`.
    ///
    /// Returns
    /// -------
    /// ndarray of float32
    ///     Equalized samples, shaped like `x`; `out` if it was given.
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
    /// >>> ffe = pamlink.Ffe([1.0, -0.5])
    /// >>> ffe.apply(np.ones((2, 3), dtype=np.float32))
    /// array([[1. , 0.5, 0.5],
    ///        [1. , 0.5, 0.5]], dtype=float32)
    #[pyo3(signature = (x, *, out=None))]
    fn apply<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let mut out = Output::<f32>::new(py, "out", out, x.shape(), &[x.bytes()])?;
        if !x.is_empty() {
            let (rows, filled) = (x.rows()?, out.rows()?);
            py.detach(|| self.plan.apply_lanes(rows, filled))
                .or_raise(py)?;
        }
        Ok(out.done())
    }

    /// Equalize the next block of the stream.
    ///
    /// The output lags ``apply`` by `precursors` symbols; any cut into blocks gives the same samples. The
    /// first block after construction, ``reset`` or ``flush`` says how many lanes the stream has.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     The next samples.
    /// out : ndarray of float32, optional
    ///     Where to write, shaped like `x`.
    ///
    /// Returns
    /// -------
    /// ndarray of float32
    ///     The next outputs, shaped like `x`; `out` if it was given.
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
    /// >>> ffe = pamlink.Ffe([0.0, 1.0, -0.5], precursors=1)
    /// >>> x = np.arange(1, 5, dtype=np.float32)
    /// >>> np.concatenate([ffe.process(x[:1]), ffe.process(x[1:]), ffe.flush()])
    /// array([0. , 1. , 1.5, 2. , 2.5], dtype=float32)
    /// >>> ffe.apply(x)
    /// array([1. , 1.5, 2. , 2.5], dtype=float32)
    #[pyo3(signature = (x, *, out=None))]
    fn process<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let mut out = Output::<f32>::new(py, "out", out, x.shape(), &[x.bytes()])?;
        let mut held = self.stream()?;
        let running = held.get_or_insert_with(|| self.begin(x.shape()));
        length(
            "x (dimensions of the stream)",
            running.dimensions,
            x.shape().len(),
        )
        .or_raise(py)?;
        length("x (lanes of the stream)", running.states.len(), x.lanes()).or_raise(py)?;
        let (rows, mut filled) = (x.rows()?, out.rows()?);
        let states = &mut running.states;
        py.detach(|| {
            let pairs = rows.rows().into_iter().zip(filled.rows_mut());
            for (state, (x, mut y)) in states.iter_mut().zip(pairs) {
                if let (Some(x), Some(y)) = (x.as_slice(), y.as_slice_mut()) {
                    self.plan.process(state, x, y)?;
                }
            }
            Ok(())
        })
        .or_raise(py)?;
        Ok(out.done())
    }

    /// End the stream: its last `precursors` outputs, zeros following it.
    ///
    /// The next block begins a new stream.
    ///
    /// Parameters
    /// ----------
    /// out : ndarray of float32, optional
    ///     Where to write, [precursors] or [lane, precursors].
    ///
    /// Returns
    /// -------
    /// ndarray of float32
    ///     [precursors], or [lane, precursors] for a stream of lanes; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError, ShapeError
    ///     For another dtype, layout or shape of `out`.
    /// RuntimeError
    ///     If the object is processing in another thread.
    ///
    /// Examples
    /// --------
    /// >>> ffe = pamlink.Ffe([0.5, 1.0], precursors=1)
    /// >>> ffe.process(np.array([2, 4], dtype=np.float32))
    /// array([1., 4.], dtype=float32)
    /// >>> ffe.flush()
    /// array([4.], dtype=float32)
    #[pyo3(signature = (*, out=None))]
    fn flush<'py>(
        &self,
        py: Python<'py>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        let mut held = self.stream()?;
        let last = self.plan.precursors();
        let shape = match &*held {
            Some(running) if running.dimensions == 2 => vec![running.states.len(), last],
            _ => vec![last],
        };
        let mut out = Output::<f32>::new(py, "out", out, &shape, &[])?;
        let mut running = held.take().unwrap_or_else(|| self.begin(&[0]));
        let mut filled = out.rows()?;
        for (state, mut y) in running.states.iter_mut().zip(filled.rows_mut()) {
            if let Some(y) = y.as_slice_mut() {
                self.plan.flush(state, y).or_raise(py)?;
            }
        }
        Ok(out.done())
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
    /// >>> ffe = pamlink.Ffe([1.0, 1.0])
    /// >>> ffe.process(np.ones(2, dtype=np.float32))
    /// array([1., 2.], dtype=float32)
    /// >>> ffe.reset()
    /// >>> ffe.process(np.ones(2, dtype=np.float32))
    /// array([1., 2.], dtype=float32)
    fn reset(&self) -> PyResult<()> {
        *self.stream()? = None;
        Ok(())
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<Arguments<'py>> {
        let settings = PyDict::new(py);
        settings.set_item("precursors", self.plan.precursors())?;
        settings.set_item("level", self.level.as_deref())?;
        Ok(((self.taps(py),), settings))
    }

    fn __repr__(&self) -> String {
        let taps = settings::counted(self.plan.taps().len(), "tap");
        format!("Ffe({taps}, precursors={})", self.plan.precursors())
    }
}
