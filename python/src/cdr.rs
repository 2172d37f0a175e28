//! Clock and data recovery.

use std::sync::{Mutex, MutexGuard, TryLockError};

use numpy::{Complex64, PyArray1};
use pamlink::cdr::{self, CdrConfig, CdrState, Detector};
use pamlink::error::length;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::arrays::Stream;
use crate::error::OrRaise;
use crate::settings;

/// Most lanes of one object.
const MAX_LANES: usize = 4096;

/// Clock recovery of some lanes: block by block of samples and decisions it yields the sampling phase.
///
/// The caller samples: symbol ``k`` of the next block at ``k + phase``. The loop is of second order; its
/// phase is constant over a block.
///
/// Parameters
/// ----------
/// lanes : int
///     Lanes that run side by side, each with a phase of its own.
/// detector : {"mueller_muller", "sign_mueller_muller", "alexander", "gardner"}
///     Timing error detector.
/// levels : array_like of float, [4]
///     Values of the symbols 0..3 in the unit of the samples, rising.
/// baud_hz : float
///     Symbol rate, Hz.
/// bandwidth_hz : float
///     Frequency at which the jitter transfer is 3 dB down, Hz.
/// damping : float
///     Damping factor of the loop without block and latency, 0.3 to 100; unused with `peaking_db`.
/// peaking_db : float, optional
///     Peaking of the jitter transfer, dB; chosen by `damping` if left out.
/// detector_gain : float
///     Mean output of the detector per unit interval of phase error that the loop is designed for.
/// block : int
///     Symbols per block, 1 to 256.
/// extra_latency_blocks : int
///     Blocks between the end of a block and the phase that it moves, beyond the shortest; up to 64.
/// phase_steps : int
///     Steps per unit interval of the phase interpolator; 0 for none.
/// initial_phase_ui : float
///     Phase of the first block, UI.
/// max_ppm : float
///     Limit of the frequency estimate to both sides, ppm.
/// probe_ui : float
///     Deflection of the phase that measures the detector's gain while the loop runs, UI; 0 for never, and
///     then no lane ever counts as locked.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range, unknown words, and loops that are not stable: the message says the limit.
///
/// Notes
/// -----
/// ``update`` and ``reset`` use the lanes that the object holds; a call while another one runs raises
/// ``RuntimeError``. Copies and pickles hold the settings and begin anew.
///
/// Examples
/// --------
/// A loop that finds the top of a raised cosine from 0.2 UI beside it:
///
/// >>> cdr = pamlink.cdr.Cdr(bandwidth_hz=20e6, initial_phase_ui=0.2, levels=[-1, -0.33, 0.33, 1])
/// >>> cdr
/// Cdr(1 lane, mueller_muller, 20.0 MHz)
/// >>> rng, level = np.random.default_rng(1), np.array([-1, -0.33, 0.33, 1])
/// >>> pulse = lambda t: np.where(abs(t) < 2, 0.5 + 0.5 * np.cos(np.pi * t / 2), 0)
/// >>> sent = rng.integers(0, 4, 64 * 2000 + 8)
/// >>> phase = cdr.phase_ui
/// >>> for n in range(2000):
/// ...     k = np.arange(64) + 64 * n + 4
/// ...     x = sum(level[sent[k + j]] * pulse(phase[0] - j) for j in (-2, -1, 0, 1, 2))
/// ...     phase = cdr.update(x.astype(np.float32), sent[k].astype(np.uint8))
/// >>> bool(abs(phase[0]) < 0.05)
/// True
#[pyclass(frozen, module = "pamlink.cdr")]
pub(crate) struct Cdr {
    plan: cdr::Cdr,
    level: Option<String>,
    lanes: usize,
    state: Mutex<CdrState>,
}

const DETECTORS: [(&str, Detector); 4] = [
    ("mueller_muller", Detector::MuellerMuller),
    ("sign_mueller_muller", Detector::SignMuellerMuller),
    ("alexander", Detector::Alexander),
    ("gardner", Detector::Gardner),
];

impl Cdr {
    fn state(&self) -> PyResult<MutexGuard<'_, CdrState>> {
        match self.state.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(PyRuntimeError::new_err(
                "this Cdr is in use in another thread, use one object per stream",
            )),
        }
    }

    fn word(&self) -> &'static str {
        let is = |d: &&(&str, Detector)| d.1 == self.plan.config().detector;
        DETECTORS.iter().find(is).map_or("", |d| d.0)
    }
}

/// Phases of all lanes for the next block.
fn phases<'py>(py: Python<'py>, state: &CdrState) -> Bound<'py, PyArray1<f64>> {
    let all = (0..state.lanes())
        .map(|lane| state.phase_ui(lane))
        .collect();
    PyArray1::from_vec(py, all)
}

#[pymethods]
impl Cdr {
    #[new]
    #[pyo3(signature = (*, lanes=None, detector=None, levels=None, baud_hz=None, bandwidth_hz=None,
        damping=None, peaking_db=None, detector_gain=None, block=None, extra_latency_blocks=None,
        phase_steps=None, initial_phase_ui=None, max_ppm=None, probe_ui=None, level=None))]
    #[pyo3(
        text_signature = "(*, lanes=1, detector='mueller_muller', levels=(-3, -1, 1, 3), \
        baud_hz=53.125e9, bandwidth_hz=4e6, damping=4.0, peaking_db=None, detector_gain=1.0, block=64, \
        extra_latency_blocks=1, phase_steps=64, initial_phase_ui=0.0, max_ppm=500.0, probe_ui=0.01, \
        level=None)"
    )]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        lanes: Option<&Bound<'_, PyAny>>,
        detector: Option<&str>,
        levels: Option<&Bound<'_, PyAny>>,
        baud_hz: Option<f64>,
        bandwidth_hz: Option<f64>,
        damping: Option<f64>,
        peaking_db: Option<f64>,
        detector_gain: Option<f64>,
        block: Option<&Bound<'_, PyAny>>,
        extra_latency_blocks: Option<&Bound<'_, PyAny>>,
        phase_steps: Option<&Bound<'_, PyAny>>,
        initial_phase_ui: Option<f64>,
        max_ppm: Option<f64>,
        probe_ui: Option<f64>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let standard = CdrConfig::default();
        let detector = match detector {
            None => standard.detector,
            Some(word) => {
                let found = DETECTORS.iter().find(|d| d.0 == word).map(|d| d.1);
                let unknown = || pamlink::Error::UnknownWord {
                    name: "detector".into(),
                    value: word.to_owned(),
                    allowed: "mueller_muller, sign_mueller_muller, alexander, gardner",
                };
                found.ok_or_else(unknown).or_raise(py)?
            }
        };
        let steps = phase_steps.map_or(Ok(64), |p| settings::count("phase_steps", p, 0..=65536))?;
        let config = CdrConfig {
            detector,
            levels: levels.map_or(Ok(standard.levels), |l| settings::fixed("levels", l))?,
            baud_hz: baud_hz.unwrap_or(standard.baud_hz),
            bandwidth_hz: bandwidth_hz.unwrap_or(standard.bandwidth_hz),
            damping: damping.unwrap_or(standard.damping),
            peaking_db,
            detector_gain: detector_gain.unwrap_or(standard.detector_gain),
            block: block.map_or(Ok(standard.block), |b| {
                settings::count("block", b, 1..=cdr::MAX_BLOCK)
            })?,
            extra_latency_blocks: extra_latency_blocks
                .map_or(Ok(standard.extra_latency_blocks), |b| {
                    settings::count("extra_latency_blocks", b, 0..=cdr::MAX_LATENCY_BLOCKS)
                })?,
            phase_steps: u32::try_from(steps).ok().filter(|&s| s > 0),
            initial_phase_ui: initial_phase_ui.unwrap_or(standard.initial_phase_ui),
            max_ppm: max_ppm.unwrap_or(standard.max_ppm),
            probe_ui: probe_ui.unwrap_or(standard.probe_ui),
            ..standard
        };
        let lanes = lanes.map_or(Ok(1), |l| settings::count("lanes", l, 1..=MAX_LANES))?;
        let run = settings::level(py, level.as_deref())?;
        let plan = cdr::Cdr::with_level(&config, run).or_raise(py)?;
        let state = Mutex::new(plan.state(lanes).or_raise(py)?);
        Ok(Self {
            plan,
            level,
            lanes,
            state,
        })
    }

    /// Lanes side by side.
    #[getter]
    fn lanes(&self) -> usize {
        self.lanes
    }

    /// Symbols per block.
    #[getter]
    fn block(&self) -> usize {
        self.plan.config().block
    }

    /// Timing error detector.
    #[getter]
    fn detector(&self) -> &'static str {
        self.word()
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Frequency at which the linear model's jitter transfer is 3 dB down, Hz.
    #[getter]
    fn bandwidth_hz(&self) -> f64 {
        self.plan.model().bandwidth_hz()
    }

    /// Peaking of the linear model's jitter transfer, dB.
    #[getter]
    fn peaking_db(&self) -> f64 {
        self.plan.model().peaking_db()
    }

    /// Sampling phase of the next block of each lane, UI, unwrapped: ndarray of float64, [lane].
    #[getter]
    fn phase_ui<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(phases(py, &*self.state()?))
    }

    /// Frequency estimate of each lane, ppm: ndarray of float64, [lane].
    #[getter]
    fn frequency_ppm<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let state = self.state()?;
        let all = (0..self.lanes).map(|lane| state.frequency_ppm(lane));
        Ok(PyArray1::from_vec(py, all.collect()))
    }

    /// Take in a block and move the phases.
    ///
    /// Parameters
    /// ----------
    /// samples : ndarray of float32, [block] or [lane, block]
    ///     Samples at the phases asked for, one per symbol.
    /// decided : ndarray of uint8, [block] or [lane, block]
    ///     Decisions about them, 0..3; not looked at by Gardner's detector.
    /// edges : ndarray of float32, [block] or [lane, block], optional
    ///     Samples half a unit interval before; Alexander's and Gardner's detectors need them.
    ///
    /// Returns
    /// -------
    /// ndarray of float64, [lane]
    ///     Sampling phase of the next block, UI.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For other lanes or another length than a block.
    /// ConfigError
    ///     For decisions above 3.
    /// ValueError
    ///     For edges that are missing.
    /// RuntimeError
    ///     If the object is in use in another thread.
    ///
    /// Examples
    /// --------
    /// >>> cdr = pamlink.cdr.Cdr(lanes=2, block=16)
    /// >>> x, d = np.zeros((2, 16), dtype=np.float32), np.zeros((2, 16), dtype=np.uint8)
    /// >>> cdr.update(x, d).shape
    /// (2,)
    #[pyo3(signature = (samples, decided, *, edges=None))]
    fn update<'py>(
        &self,
        samples: &Bound<'py, PyAny>,
        decided: &Bound<'py, PyAny>,
        edges: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let py = samples.py();
        let samples = Stream::<f32>::new("samples", samples)?;
        let decided = Stream::<u8>::new("decided", decided)?;
        let edges = edges.map(|e| Stream::<f32>::new("edges", e)).transpose()?;
        let mut state = self.state()?;
        length("samples (lanes)", self.lanes, samples.lanes()).or_raise(py)?;
        if edges.is_none() && self.plan.config().detector.needs_edges() {
            return Err(PyValueError::new_err(format!(
                "edges are missing, the detector {} needs them",
                self.word()
            )));
        }
        let (x, d) = (samples.rows()?, decided.rows()?);
        let e = edges.as_ref().map(Stream::rows).transpose()?;
        let held: &mut CdrState = &mut state;
        py.detach(|| self.plan.update(held, x, e, d)).or_raise(py)?;
        Ok(phases(py, &state))
    }

    /// What is known of the lock of each lane.
    ///
    /// Returns
    /// -------
    /// list of dict
    ///     For each lane ``locked`` (bool), ``reason`` (why not, or None), ``frequency_ppm``, ``slips``,
    ///     ``gain_per_ui`` (of the detector, as the probe measured it; nan before) and ``phase_sigma_ui``
    ///     (standard deviation of one block's phase measurement).
    ///
    /// Raises
    /// ------
    /// RuntimeError
    ///     If the object is in use in another thread.
    ///
    /// Examples
    /// --------
    /// >>> pamlink.cdr.Cdr().lock()[0]["reason"]
    /// '0 of the 4096 blocks of a window seen'
    fn lock<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let state = self.state()?;
        let all = PyList::empty(py);
        for lane in 0..self.lanes {
            let report = state.lock(lane);
            let one = PyDict::new(py);
            one.set_item("locked", report.is_locked())?;
            one.set_item("reason", report.not_locked.map(|r| r.to_string()))?;
            one.set_item("frequency_ppm", report.frequency_ppm)?;
            one.set_item("slips", report.slips)?;
            one.set_item("gain_per_ui", report.evidence.gain_per_ui)?;
            one.set_item("phase_sigma_ui", report.evidence.block_phase_sigma_ui())?;
            all.append(one)?;
        }
        Ok(all)
    }

    /// Jitter transfer of the linear model: phase of the sampler over phase of the signal.
    ///
    /// Parameters
    /// ----------
    /// f_hz : array_like of float, [n]
    ///     Frequencies, Hz.
    ///
    /// Returns
    /// -------
    /// ndarray of complex128, [n]
    ///     Transfer between the phases at the middle of a block.
    ///
    /// Examples
    /// --------
    /// >>> cdr = pamlink.cdr.Cdr(bandwidth_hz=4e6)
    /// >>> np.round(20 * np.log10(abs(cdr.transfer([1e3, 4e6]))), 2)
    /// array([ 0.  , -3.01])
    fn transfer<'py>(&self, f_hz: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        let f = settings::numbers("f_hz", f_hz)?;
        let model = self.plan.model();
        let all = f.iter().map(|&f| model.transfer(f)).collect();
        Ok(PyArray1::from_vec(f_hz.py(), all))
    }

    /// Begin anew at the initial phase.
    ///
    /// Raises
    /// ------
    /// RuntimeError
    ///     If the object is in use in another thread.
    ///
    /// Examples
    /// --------
    /// >>> cdr = pamlink.cdr.Cdr(initial_phase_ui=0.25)
    /// >>> cdr.reset()
    /// >>> cdr.phase_ui.round()
    /// array([0.])
    fn reset(&self) -> PyResult<()> {
        self.state()?.reset();
        Ok(())
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let config = self.plan.config();
        let all = PyDict::new(py);
        all.set_item("lanes", self.lanes)?;
        all.set_item("detector", self.word())?;
        all.set_item("levels", PyArray1::from_slice(py, &config.levels))?;
        all.set_item("baud_hz", config.baud_hz)?;
        all.set_item("bandwidth_hz", config.bandwidth_hz)?;
        all.set_item("damping", config.damping)?;
        all.set_item("peaking_db", config.peaking_db)?;
        all.set_item("detector_gain", config.detector_gain)?;
        all.set_item("block", config.block)?;
        all.set_item("extra_latency_blocks", config.extra_latency_blocks)?;
        all.set_item("phase_steps", config.phase_steps.unwrap_or(0))?;
        all.set_item("initial_phase_ui", config.initial_phase_ui)?;
        all.set_item("max_ppm", config.max_ppm)?;
        all.set_item("probe_ui", config.probe_ui)?;
        all.set_item("level", self.level.as_deref())?;
        Ok((PyTuple::empty(py), all))
    }

    fn __repr__(&self) -> String {
        format!(
            "Cdr({}, {}, {:.1} MHz)",
            settings::counted(self.lanes, "lane"),
            self.word(),
            self.plan.config().bandwidth_hz * 1e-6
        )
    }
}
