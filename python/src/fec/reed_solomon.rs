//! Encoder and decoder of KP4 and KR4.

use numpy::PyArrayDyn;
use numpy::ndarray::{Array2, ArrayView2, ArrayViewMut2};
use pamlink::Error;
use pamlink::fec::rs::{self, Outcome, Report};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::arrays::{Output, Rows};
use crate::error::OrRaise;
use crate::settings;

/// What a decoder gives: messages and numbers of corrected symbols.
type Decoded<'py> = (Bound<'py, PyArrayDyn<u16>>, Bound<'py, PyArrayDyn<i16>>);
type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// A Reed-Solomon code of Ethernet over GF(2^10): encoder and decoder.
///
/// Symbols are ``uint16`` 0..1023 in the order they are sent, the first the coefficient of the highest power;
/// the field has the polynomial ``x^10 + x^3 + 1``, the generator the roots ``alpha^0 .. alpha^(2t-1)``. A word
/// is the message followed by ``2t`` parity symbols.
///
/// Parameters
/// ----------
/// code : {"kp4", "kr4"}
///     RS(544, 514), which corrects 15 symbols, or RS(528, 514), which corrects 7.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For a code or level of another name.
///
/// Notes
/// -----
/// Results are the same at every level. All calls are safe from any number of threads.
///
/// References
/// ----------
/// IEEE 802.3 clauses 91.5.2.7 and 91.5.3.3.
///
/// Examples
/// --------
/// >>> kp4 = pamlink.fec.kp4()
/// >>> kp4
/// ReedSolomon("kp4": n=544, k=514, t=15)
/// >>> sent = kp4.encode(np.arange(514, dtype=np.uint16))
/// >>> received = sent.copy()
/// >>> received[::50] ^= 1
/// >>> message, corrected = kp4.decode(received)
/// >>> int(corrected), bool(np.all(message == sent[:514]))
/// (11, True)
#[pyclass(frozen, module = "pamlink.fec")]
pub(crate) struct ReedSolomon {
    plan: rs::ReedSolomon,
    level: Option<String>,
}

#[pymethods]
impl ReedSolomon {
    #[new]
    #[pyo3(signature = (code="kp4", *, level=None))]
    fn new(py: Python<'_>, code: &str, level: Option<String>) -> PyResult<Self> {
        let run = settings::level(py, level.as_deref())?;
        let code = super::code(py, Some(code))?;
        let plan = rs::ReedSolomon::with_level(code, run).or_raise(py)?;
        Ok(Self { plan, level })
    }

    /// Name of the code.
    #[getter]
    fn code(&self) -> &'static str {
        self.plan.code().name
    }

    /// Symbols of a word.
    #[getter]
    fn n(&self) -> usize {
        self.plan.code().n
    }

    /// Symbols of a message.
    #[getter]
    fn k(&self) -> usize {
        self.plan.code().k
    }

    /// Symbol errors of a word that are corrected.
    #[getter]
    fn t(&self) -> usize {
        self.plan.code().t
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Append the parity symbols to messages.
    ///
    /// Parameters
    /// ----------
    /// msg : ndarray of uint16, [..., k]
    ///     Messages, symbols 0..1023 in the order they are sent.
    /// out : ndarray of uint16, optional
    ///     Where to write, [..., n].
    ///
    /// Returns
    /// -------
    /// ndarray of uint16, [..., n]
    ///     Words, the message first; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For rows of another length, another shape of `out`.
    /// ConfigError
    ///     For a symbol above 1023, named with its message and place; `out` is unchanged.
    ///
    /// Examples
    /// --------
    /// >>> word = pamlink.fec.kr4().encode(np.arange(514, dtype=np.uint16))
    /// >>> word[514:517]
    /// array([ 50, 868, 380], dtype=uint16)
    #[pyo3(signature = (msg, *, out=None))]
    fn encode<'py>(
        &self,
        msg: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<u16>>> {
        let py = msg.py();
        let (n, k) = (self.n(), self.k());
        let msg = Rows::<u16>::new("msg", msg, k)?;
        let mut out = Output::<u16>::new(py, "out", out, &msg.shaped(Some(n)), &[msg.bytes()])?;
        let (messages, words) = (msg.slice(), out.flat("out")?);
        let one = msg.shape().len() == 1;
        py.detach(|| {
            let count = messages.len() / k;
            // The slices have these lengths.
            let shapes = (
                ArrayView2::from_shape((count, k), messages),
                ArrayViewMut2::from_shape((count, n), words),
            );
            let (Ok(messages), Ok(words)) = shapes else {
                return Ok(());
            };
            self.plan.encode_batch(messages, words)
        })
        .map_err(|error| told(error, "messages", "msg", one))
        .or_raise(py)?;
        Ok(out.done())
    }

    /// Correct words.
    ///
    /// Parameters
    /// ----------
    /// words : ndarray of uint16, [..., n]
    ///     Words as received, symbols 0..1023 in the order they were sent; left as they are.
    /// erasures : ndarray of bool, optional
    ///     Shaped like `words`: symbols known to be unreliable, whatever their value. With ``f`` of them, at most
    ///     ``2t``, a word is corrected if at most ``(2t - f) // 2`` others are wrong.
    /// out : tuple of ndarray, optional
    ///     Where to write messages (uint16, [..., k]) and numbers (int16, [...]).
    ///
    /// Returns
    /// -------
    /// messages : ndarray of uint16, [..., k]
    ///     Messages; of words that cannot be corrected as received.
    /// corrected : ndarray of int16, [...]
    ///     Symbols corrected in each word, parity included, erasures not; -1 for a word with no codeword in
    ///     reach.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For rows of another length, another shape of `erasures` or `out`.
    /// ConfigError
    ///     For a symbol above 1023, named with its word and place, and for more than ``2t`` erasures; `out` is
    ///     unchanged.
    ///
    /// Examples
    /// --------
    /// >>> kr4 = pamlink.fec.kr4()
    /// >>> words = np.zeros((3, 528), dtype=np.uint16)
    /// >>> words[1, :7] = 1
    /// >>> words[2, :8] = 1
    /// >>> messages, corrected = kr4.decode(words)
    /// >>> corrected
    /// array([ 0,  7, -1], dtype=int16)
    /// >>> kr4.decode(words, erasures=words > 0)[1]
    /// array([0, 0, 0], dtype=int16)
    #[pyo3(signature = (words, *, erasures=None, out=None))]
    fn decode<'py>(
        &self,
        words: &Bound<'py, PyAny>,
        erasures: Option<&Bound<'py, PyAny>>,
        out: Option<Pair<'py>>,
    ) -> PyResult<Decoded<'py>> {
        let py = words.py();
        let (n, k) = (self.n(), self.k());
        let words = Rows::<u16>::new("words", words, n)?;
        let erasures = erasures
            .map(|erasures| Rows::<bool>::new("erasures", erasures, n))
            .transpose()?;
        let mut taken = vec![words.bytes()];
        if let Some(erasures) = &erasures {
            if erasures.shape() != words.shape() {
                let expected = PyTuple::new(py, words.shape())?;
                let got = PyTuple::new(py, erasures.shape())?;
                let text = format!("erasures has shape {got}, must be {expected}");
                return Err(crate::error::shape(py, &text, "erasures", expected, got)?);
            }
            taken.push(erasures.bytes());
        }
        let (first, second) = out.unzip();
        let name = "out[0]";
        let shape = words.shaped(Some(k));
        let mut messages = Output::<u16>::new(py, name, first.as_ref(), &shape, &taken)?;
        taken.push(messages.bytes());
        let name = "out[1]";
        let shape = words.shaped(None);
        let mut corrected = Output::<i16>::new(py, name, second.as_ref(), &shape, &taken)?;
        let to = (messages.flat("out[0]")?, corrected.flat("out[1]")?);
        let one = words.shape().len() == 1;
        let (from, erased) = (words.slice(), erasures.as_ref().map(Rows::slice));
        py.detach(|| self.decode_rows(from, erased, to, one))
            .map_err(|error| told(error, "words", "words", one))
            .or_raise(py)?;
        Ok((messages.done(), corrected.done()))
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<((&'static str,), Bound<'py, PyDict>)> {
        let settings = PyDict::new(py);
        settings.set_item("level", self.level.as_deref())?;
        Ok(((self.code(),), settings))
    }

    fn __repr__(&self) -> String {
        let code = self.plan.code();
        let (n, k, t) = (code.n, code.k, code.t);
        format!("ReedSolomon({:?}: n={n}, k={k}, t={t})", code.name)
    }
}

impl ReedSolomon {
    /// Decodes copies of the words and writes what is asked for, unless there is an error.
    fn decode_rows(
        &self,
        words: &[u16],
        erased: Option<&[bool]>,
        (messages, corrected): (&mut [u16], &mut [i16]),
        one: bool,
    ) -> pamlink::Result<()> {
        let (n, k) = (self.n(), self.k());
        let shape = (words.len() / n, n);
        let Ok(mut words) = Array2::from_shape_vec(shape, words.to_vec()) else {
            return Ok(());
        };
        let mut outcomes = Vec::with_capacity(shape.0);
        if let Some(erased) = erased {
            for (w, (mut word, erased)) in words
                .rows_mut()
                .into_iter()
                .zip(erased.chunks_exact(n))
                .enumerate()
            {
                let places: Vec<usize> = (0..n).filter(|&i| erased[i]).collect();
                let word = word.as_slice_mut().unwrap_or_default();
                let decoded = self.plan.decode_with_erasures(word, &places);
                outcomes.push(
                    decoded
                        .map_err(|error| erasure_error(error, w, one))?
                        .outcome,
                );
            }
        } else {
            let mut report = Report::new();
            self.plan
                .decode_batch(&mut self.plan.workspace(), words.view_mut(), &mut report)?;
            outcomes.extend_from_slice(report.outcomes());
        }
        for (to, from) in messages.chunks_exact_mut(k).zip(words.rows()) {
            if let Some(from) = from.as_slice() {
                to.copy_from_slice(&from[..k]);
            }
        }
        for (to, outcome) in corrected.iter_mut().zip(outcomes) {
            *to = match outcome {
                Outcome::Corrected { errors, .. } => errors.cast_signed(),
                Outcome::Uncorrectable => -1,
            };
        }
        Ok(())
    }
}

/// An error of a row: the array in Python's name, without the row where there is but one.
fn told(mut error: Error, from: &str, to: &str, one: bool) -> Error {
    if let Error::OutOfRange { name, .. } = &mut error
        && let Some(place) = name.strip_prefix(from)
    {
        let place = if one {
            place.strip_prefix("[0]").unwrap_or(place)
        } else {
            place
        };
        *name = format!("{to}{place}").into();
    }
    error
}

/// The error of one word of several.
fn erasure_error(mut error: Error, w: usize, one: bool) -> Error {
    let row = if one { String::new() } else { format!("[{w}]") };
    if let Error::OutOfRange { name, .. } = &mut error {
        *name = match name.strip_prefix("word[") {
            Some(place) => format!("words[{w}][{place}").into(),
            None => format!("erasures{row}.sum()").into(),
        };
    }
    error
}
