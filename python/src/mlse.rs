//! Maximum-likelihood sequence estimation.

use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArrayDyn};
use pamlink::mlse::{self, MlseConfig};
use pamlink::signal::Llr;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{Output, Stream};
use crate::error::{OrRaise, renamed};
use crate::ffe::Arguments;
use crate::settings;

/// Maximum-likelihood sequence estimation for PAM4: the Viterbi algorithm.
///
/// Finds the symbols `d` that minimise ``sum_n (x[n] - sum_k h[k] levels[d[n-k]])**2``; the symbols before the
/// first sample are unknown.
///
/// Parameters
/// ----------
/// h : array_like of float, [2] or [3]
///     Response at one sample per symbol, used in single precision: ``h[0]`` weighs the newest symbol and
///     is not zero. Two entries make a trellis of 4 states, three one of 16.
/// levels : array_like of float, [4]
///     Values of the symbols 0..3 in the unit of the samples, rising.
/// reduced : bool
///     Four states for a response of three: the oldest symbol is taken from the survivor of each state.
/// depth : int
///     How many samples beyond a block of 128 symbols are heard before the block is weighed; even, 2 to 128.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For another length of `h` or a first entry of zero, numbers that are not finite, levels that do
///     not rise, a `depth` out of range or odd, and for a response or levels too uneven for the metrics:
///     a unit of them must be at most 0.05 of the smallest squared distance that an error can have.
/// ShapeError
///     For another number of levels.
///
/// Notes
/// -----
/// Metrics are integers of which 2**14 span the spread of all metrics; symbols and ratios are the same bits
/// at every level. All calls are safe from any number of threads.
///
/// Examples
/// --------
/// Symbols 3, 0, 2 after a 2 through 1 + 0.5 D:
///
/// >>> mlse = pamlink.Mlse([1.0, 0.5])
/// >>> mlse
/// Mlse(4 states, h=[1.0, 0.5], levels=[-3.0, -1.0, 1.0, 3.0])
/// >>> mlse.apply(np.array([3.5, -1.5, -0.5], dtype=np.float32))
/// array([3, 0, 2], dtype=uint8)
#[pyclass(frozen, module = "pamlink")]
pub(crate) struct Mlse {
    plan: mlse::Mlse,
    level: Option<String>,
}

#[pymethods]
impl Mlse {
    #[new]
    #[pyo3(signature = (h, *, levels=None, reduced=false, depth=None, level=None))]
    #[pyo3(text_signature = "(h, *, levels=(-3, -1, 1, 3), reduced=False, depth=64, level=None)")]
    fn new(
        h: &Bound<'_, PyAny>,
        levels: Option<&Bound<'_, PyAny>>,
        reduced: bool,
        depth: Option<&Bound<'_, PyAny>>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let py = h.py();
        let mut config = MlseConfig {
            response: settings::singles("h", h)?,
            reduced,
            ..MlseConfig::default()
        };
        if let Some(depth) = depth {
            config.depth = settings::count("depth", depth, 2..=128)?;
        }
        if let Some(levels) = levels {
            config.levels = settings::fixed("levels", levels)?;
        }
        let run = settings::level(py, level.as_deref())?;
        let plan = mlse::Mlse::with_level(&config, run)
            .map_err(|error| renamed(error, "response", "h"))
            .or_raise(py)?;
        Ok(Self { plan, level })
    }

    /// Response in force; the first entry weighs the newest symbol.
    #[getter]
    fn h<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, &self.plan.config().response)
    }

    /// Values of the symbols 0..3.
    #[getter]
    fn levels<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, &self.plan.config().levels)
    }

    /// Whether the oldest symbol is taken from the survivors.
    #[getter]
    fn reduced(&self) -> bool {
        self.plan.config().reduced
    }

    /// Samples heard beyond a block.
    #[getter]
    fn depth(&self) -> usize {
        self.plan.config().depth
    }

    /// States of the trellis, 4 or 16.
    #[getter]
    fn states(&self) -> usize {
        self.plan.states()
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Find the likeliest symbols of whole records.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     Samples, one per symbol, in the unit of the levels times the response.
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
    /// >>> sent = pamlink.pattern.prbs13q(1000)
    /// >>> levels = np.array([-3, -1, 1, 3], dtype=np.float32)
    /// >>> x = np.convolve(levels[sent], np.float32([1.0, 0.5]))[:1000]
    /// >>> bool(np.all(pamlink.Mlse([1.0, 0.5]).apply(x)[1:] == sent[1:]))
    /// True
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
            let (rows, d) = (x.rows()?, out.rows()?);
            py.detach(|| self.plan.apply_lanes(rows, d)).or_raise(py)?;
        }
        Ok(out.done())
    }

    /// Find log-likelihood ratios of the bits of whole records, by the max-log approximation.
    ///
    /// Parameters
    /// ----------
    /// x : ndarray of float32, [n] or [lane, n]
    ///     Samples, one per symbol, in the unit of the levels times the response.
    /// sigma : float
    ///     Standard deviation of the noise of a sample; it only scales the ratios, by its inverse square.
    /// out : ndarray of float32, optional
    ///     Where to write, [n, 2] or [lane, n, 2].
    ///
    /// Returns
    /// -------
    /// ndarray of float32, [n, 2] or [lane, n, 2]
    ///     For the two bits of each symbol's Gray pair, the more significant first: natural logarithm of
    ///     the odds, positive where 0 is the likelier; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of `out`.
    /// ConfigError
    ///     For a `sigma` that is not above zero, not finite or too small for ratios in single precision,
    ///     or a detector of reduced state.
    ///
    /// Examples
    /// --------
    /// >>> llr = pamlink.Mlse([1.0, 0.5]).soft(np.array([4.5, 4.5, 4.5], dtype=np.float32))
    /// >>> llr.shape
    /// (3, 2)
    /// >>> llr[1] < 0  # symbol 3 is the pair 1, 0
    /// array([ True, False])
    #[pyo3(signature = (x, *, sigma=1.0, out=None))]
    fn soft<'py>(
        &self,
        x: &Bound<'py, PyAny>,
        sigma: f32,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        let py = x.py();
        let x = Stream::<f32>::new("x", x)?;
        let shape = [x.shape(), &[2]].concat();
        let mut out = Output::<f32>::new(py, "out", out, &shape, &[x.bytes()])?;
        let (rows, flat) = (x.rows()?, out.slice().unwrap_or_default());
        py.detach(|| {
            let mut pairs = Array2::from_elem(rows.dim(), [Llr::default(); 2]);
            self.plan.soft_lanes(rows, sigma, pairs.view_mut())?;
            for (place, pair) in flat.chunks_exact_mut(2).zip(&pairs) {
                place.copy_from_slice(&[pair[0].0, pair[1].0]);
            }
            Ok(())
        })
        .or_raise(py)?;
        Ok(out.done())
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<Arguments<'py>> {
        let settings = PyDict::new(py);
        settings.set_item("levels", self.levels(py))?;
        settings.set_item("reduced", self.reduced())?;
        settings.set_item("depth", self.depth())?;
        settings.set_item("level", self.level.as_deref())?;
        Ok(((self.h(py),), settings))
    }

    fn __repr__(&self) -> String {
        let config = self.plan.config();
        format!(
            "Mlse({} states, h={:?}, levels={:?})",
            self.plan.states(),
            config.response,
            config.levels
        )
    }
}
