//! The inner code of 200G lanes.

use numpy::PyArrayDyn;
use pamlink::fec::inner::{self, BLOCK_BITS, InnerConfig, InnerDecoder, MESSAGE_BITS};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{Output, Rows};
use crate::error::{OrRaise, renamed};
use crate::settings;

type Decoded<'py> = (Bound<'py, PyArrayDyn<u8>>, Bound<'py, PyArrayDyn<i8>>);
type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The inner code of 200G lanes: pair sums and an extended Hamming code (68, 60).
///
/// 120 message bits, two to a PAM4 symbol, and 8 parity bits make a block of 128 bits in the order they are
/// sent. The parity protects the sums of the pairs; which bit of a pair is wrong the soft decoder tells from the
/// ratios.
///
/// Parameters
/// ----------
/// positions : int
///     Least reliable positions that are tried, at most 6.
/// patterns : int
///     Test patterns: all sets of these positions with at most some number of members that there are this many
///     of: 1, 7, 22, 42, 57, 63 or 64 for 6 positions; usual are 2/4, 3/8, 4/16, 5/32, 6/42, 6/64.
/// bits : int or None
///     Bits to which the magnitude of a ratio is rounded, 5 to 8; None takes ratios as they are, which is slower.
/// full_scale : float
///     The magnitude of a ratio that the greatest integer stands for; greater ones are limited to it. Without
///     meaning where `bits` is None.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range, sets that there are not as many of.
///
/// Notes
/// -----
/// Results are the same at every level. All calls are safe from any number of threads.
///
/// References
/// ----------
/// IEEE P802.3dj clause 177; D. Chase, IEEE Trans. Inf. Theory 18 (1972).
///
/// Examples
/// --------
/// >>> inner = pamlink.fec.inner()
/// >>> inner
/// Inner(positions=6, patterns=42, bits=8)
/// >>> block = inner.encode(np.ones(120, dtype=np.uint8))
/// >>> llr = np.where(block, -8, 8).astype(np.float32)
/// >>> llr[[7, 40, 121]] *= -0.05  # three wrong bits, all of them doubtful
/// >>> bits, flipped = inner.decode_soft(llr)
/// >>> int(flipped), bool(np.all(bits == 1))
/// (3, True)
#[pyclass(frozen, module = "pamlink.fec")]
pub(crate) struct Inner {
    decoder: InnerDecoder,
    level: Option<String>,
}

#[pymethods]
impl Inner {
    #[new]
    #[pyo3(signature = (*, positions=None, patterns=None, bits=Some(8), full_scale=12.0, level=None))]
    #[pyo3(text_signature = "(*, positions=6, patterns=42, bits=8, full_scale=12.0, level=None)")]
    fn new(
        py: Python<'_>,
        positions: Option<&Bound<'_, PyAny>>,
        patterns: Option<&Bound<'_, PyAny>>,
        bits: Option<u32>,
        full_scale: f32,
        level: Option<String>,
    ) -> PyResult<Self> {
        let mut config = InnerConfig {
            bits,
            full_scale_llr: full_scale,
            ..InnerConfig::default()
        };
        if let Some(positions) = positions {
            config.positions = settings::count("positions", positions, 0..=inner::MAX_POSITIONS)?;
        }
        if let Some(patterns) = patterns {
            config.patterns = settings::count("patterns", patterns, 1..=1 << inner::MAX_POSITIONS)?;
        }
        let run = settings::level(py, level.as_deref())?;
        let decoder = InnerDecoder::with_level(&config, run)
            .map_err(|error| renamed(error, "full_scale_llr", "full_scale"))
            .or_raise(py)?;
        Ok(Self { decoder, level })
    }

    /// Least reliable positions that are tried.
    #[getter]
    fn positions(&self) -> usize {
        self.decoder.config().positions
    }

    /// Test patterns.
    #[getter]
    fn patterns(&self) -> usize {
        self.decoder.config().patterns
    }

    /// Bits of a reliability; None where ratios are taken as they are.
    #[getter]
    fn bits(&self) -> Option<u32> {
        self.decoder.config().bits
    }

    /// The magnitude of a ratio that the greatest integer stands for.
    #[getter]
    fn full_scale(&self) -> f32 {
        self.decoder.config().full_scale_llr
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.decoder.level().name()
    }

    /// Append the parity bits to messages.
    ///
    /// Parameters
    /// ----------
    /// bits : ndarray of uint8, [..., 120]
    ///     Message bits 0 and 1 in the order they are sent.
    /// out : ndarray of uint8, optional
    ///     Where to write, [..., 128].
    ///
    /// Returns
    /// -------
    /// ndarray of uint8, [..., 128]
    ///     Blocks, the message first; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For rows of another length, another shape of `out`.
    /// ConfigError
    ///     For a value above 1; `out` is unchanged.
    ///
    /// Examples
    /// --------
    /// >>> bits = np.zeros(120, dtype=np.uint8)
    /// >>> bits[0] = 1
    /// >>> pamlink.fec.inner().encode(bits)[120:]
    /// array([1, 0, 0, 1, 0, 1, 0, 0], dtype=uint8)
    #[pyo3(signature = (bits, *, out=None))]
    #[allow(clippy::unused_self)] // a method in Python: the code has one encoder
    fn encode<'py>(
        &self,
        bits: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let py = bits.py();
        let bits = Rows::<u8>::new("bits", bits, MESSAGE_BITS)?;
        let shape = bits.shaped(Some(BLOCK_BITS));
        let mut out = Output::<u8>::new(py, "out", out, &shape, &[bits.bytes()])?;
        let (from, to) = (bits.slice(), out.flat("out")?);
        py.detach(|| inner::encode(from, to))
            .map_err(|error| renamed(error, "messages", "bits"))
            .or_raise(py)?;
        Ok(out.done())
    }

    /// Correct blocks by the Chase search.
    ///
    /// Parameters
    /// ----------
    /// llr : ndarray of float32, [..., 128]
    ///     Log-likelihood ratios of the bits in the order they were sent, positive where 0 is the likelier (and
    ///     where it is zero). `pamlink.Mlse.soft` gives two to a symbol: 64 symbols reshaped.
    /// out : tuple of ndarray, optional
    ///     Where to write bits (uint8, [..., 120]) and numbers (int8, [...]).
    ///
    /// Returns
    /// -------
    /// bits : ndarray of uint8, [..., 120]
    ///     Message bits; of blocks that cannot be corrected as received.
    /// flipped : ndarray of int8, [...]
    ///     Bits flipped in each block, parity included; -1 for a block without a candidate.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For rows of another length, another shape of `out`.
    /// ConfigError
    ///     For a ratio that is not finite; `out` is unchanged.
    ///
    /// Examples
    /// --------
    /// >>> llr = np.full((2, 128), 4, dtype=np.float32)
    /// >>> llr[1, 5] = -1
    /// >>> bits, flipped = pamlink.fec.inner().decode_soft(llr)
    /// >>> flipped
    /// array([0, 1], dtype=int8)
    #[pyo3(signature = (llr, *, out=None))]
    fn decode_soft<'py>(
        &self,
        llr: &Bound<'py, PyAny>,
        out: Option<Pair<'py>>,
    ) -> PyResult<Decoded<'py>> {
        let py = llr.py();
        let llr = Rows::<f32>::new("llr", llr, BLOCK_BITS)?;
        let (first, second) = out.unzip();
        let shape = llr.shaped(Some(MESSAGE_BITS));
        let mut bits = Output::<u8>::new(py, "out[0]", first.as_ref(), &shape, &[llr.bytes()])?;
        let taken = [llr.bytes(), bits.bytes()];
        let shape = llr.shaped(None);
        let mut flipped = Output::<i8>::new(py, "out[1]", second.as_ref(), &shape, &taken)?;
        let (from, to, flips) = (llr.slice(), bits.flat("out[0]")?, flipped.flat("out[1]")?);
        py.detach(|| self.decoder.decode_llr(from, to, Some(flips)))
            .or_raise(py)?;
        Ok((bits.done(), flipped.done()))
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, pyo3::types::PyTuple>, Bound<'py, PyDict>)> {
        let settings = PyDict::new(py);
        settings.set_item("positions", self.positions())?;
        settings.set_item("patterns", self.patterns())?;
        settings.set_item("bits", self.bits())?;
        settings.set_item("full_scale", self.full_scale())?;
        settings.set_item("level", self.level.as_deref())?;
        Ok((pyo3::types::PyTuple::empty(py), settings))
    }

    fn __repr__(&self) -> String {
        let bits = self.bits().map_or("None".into(), |bits| bits.to_string());
        let (positions, patterns) = (self.positions(), self.patterns());
        format!("Inner(positions={positions}, patterns={patterns}, bits={bits})")
    }
}
