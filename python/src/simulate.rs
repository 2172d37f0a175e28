//! The time domain, with the options of the command line.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pamlink::link::config::{Engine, LaneRate, Scenario};
use pamlink::link::{
    self, Agreement, Architecture, Cell, CellResult, Files, Watch, WordModels, coded_end_to_end,
    simulate_segment_watched,
};
use pamlink::{Error, report};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::error::OrRaise;
use crate::scenario::{Options, Setup};
use crate::settings;

/// Columns of the printed tables.
const WIDTH: usize = 100;
/// How often signals are looked for.
const PATIENCE: Duration = Duration::from_millis(50);

/// An answer of `pamlink.simulate`; printing it shows the tables of the command line.
#[pyclass(frozen, module = "pamlink")]
pub(crate) struct Simulation {
    scenario: Scenario,
    cell: Cell,
    result: CellResult,
    segments: Vec<report::SimulatedSegment>,
    total: Agreement,
    coded: Option<WordModels>,
    asked: u64,
}

impl Simulation {
    fn answer(&self) -> report::SimulationAnswer<'_> {
        report::SimulationAnswer {
            scenario: &self.scenario,
            cell: &self.cell,
            result: &self.result,
            segments: &self.segments,
            total: Some(self.total),
            coded: self.coded.clone(),
            asked: self.asked,
        }
    }
}

#[pymethods]
impl Simulation {
    /// Answer as JSON.
    ///
    /// Returns
    /// -------
    /// str
    ///     What ``pamlink simulate --json`` prints.
    fn to_json(&self) -> PyResult<String> {
        serde_json::to_string_pretty(&self.answer().document())
            .map_err(|e| PyValueError::new_err(e.to_string()))
    }

    /// Answer as plain Python objects.
    ///
    /// Returns
    /// -------
    /// dict
    ///     The JSON object that ``pamlink simulate --json`` prints; ``["segments"]`` is a list of one dict for
    ///     each segment. Only ``msym_per_s`` differs from run to run.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let text = self.to_json()?;
        let object = py.import("json")?.call_method1("loads", (text,))?;
        Ok(object.cast_into()?)
    }

    fn __str__(&self) -> String {
        let sections = report::simulation_sections(&self.answer(), WIDTH);
        let text: Vec<String> = sections.iter().map(ToString::to_string).collect();
        text.join("\n")
    }

    fn __repr__(&self) -> String {
        format!(
            "Simulation({} {}, {})",
            self.cell.lane_rate,
            self.cell.architecture,
            settings::counted(self.segments.len(), "segment")
        )
    }
}

/// Simulate a link in the time domain and put it beside its statistical prediction.
///
/// The options are those of ``pamlink simulate``. Ctrl-C ends it with ``KeyboardInterrupt``.
///
/// Parameters
/// ----------
/// lane_rate : {"100G", "200G"}
///     Lane rate.
/// architecture : {"retimed", "lro", "lpo", "cpo"}
///     Architecture.
/// symbols : float
///     Symbols of each segment, rounded up to whole runs.
/// fec : bool
///     Send KP4 codewords and decode them.
/// waveform : bool
///     Simulate the waveform, several samples to a symbol, with clock recovery and every nonlinearity that is
///     configured, instead of one sample to a symbol.
/// samples_per_ui : int, optional
///     Samples to a symbol of the waveform.
/// adapt : bool
///     Let the equalizer adapt at the start, beside the clock recovery.
/// ppm : float, optional
///     Clock of the transmitter over that of the receiver, ppm.
/// channel : path, optional
///     Touchstone file of the host channel between host and module; replaces the built-in lines (not those
///     of cpo).
/// channel_far : path, optional
///     The same for the far end, from its host to its module; the near one by default.
/// fext : path or sequence of paths, optional
///     Coupling files of far-end aggressors: through path from another lane's transmitter at the host to the
///     victim's module; mirrored at the far end (not cpo's).
/// next : path or sequence of paths, optional
///     Coupling files of near-end aggressors, from a transmitter to the victim's receiver at the same end, at
///     both ends (not cpo's).
/// port_order : {"1-2,3-4", "1-3,2-4"}, optional
///     Port order of the channel and coupling files; detected from the channel file by default.
/// host_loss_db : float, optional
///     Loss of both built-in host channels at half the symbol rate in dB.
/// config : path or mapping, optional
///     What differs from the default scenario, as for ``pamlink.compare``.
/// set : mapping, optional
///     Single fields, applied after `config` in the order given.
/// seed : int, optional
///     Seed of every random number; that of the scenario, 1, by default.
/// threads : int, optional
///     Threads, 1 to 1024; all cores by default. The answer does not depend on it.
///
/// Returns
/// -------
/// Simulation
///     The answer; ``to_dict()`` equals the JSON of the command line.
///
/// Raises
/// ------
/// ConfigError
///     For unknown words and fields, values out of range, options that do not fit together.
/// ParseError
///     For files that are not what they should be.
/// ChannelError
///     For a channel file that is no passive channel, whose port order cannot be detected, or that has no
///     data for the cell.
/// OSError
///     For files that cannot be read.
///
/// Examples
/// --------
/// >>> answer = pamlink.simulate(architecture="cpo", symbols=1e5)
/// >>> answer
/// Simulation(100G cpo, 1 segment)
/// >>> answer.to_dict()["segments"][0]["symbols"]
/// 100000
#[pyfunction]
#[pyo3(signature = (*, lane_rate="100G", architecture="lpo", symbols=1e8, fec=false, waveform=false,
    samples_per_ui=None, adapt=false, ppm=None, channel=None, channel_far=None, fext=None, next=None,
    port_order=None, host_loss_db=None, config=None, set=None, seed=None, threads=None))]
#[allow(clippy::too_many_arguments)] // keyword arguments of Python
#[allow(clippy::fn_params_excessive_bools)]
pub(crate) fn simulate(
    py: Python<'_>,
    lane_rate: &str,
    architecture: &str,
    symbols: f64,
    fec: bool,
    waveform: bool,
    samples_per_ui: Option<&Bound<'_, PyAny>>,
    adapt: bool,
    ppm: Option<f64>,
    channel: Option<PathBuf>,
    channel_far: Option<PathBuf>,
    fext: Option<&Bound<'_, PyAny>>,
    next: Option<&Bound<'_, PyAny>>,
    port_order: Option<&str>,
    host_loss_db: Option<f64>,
    config: Option<&Bound<'_, PyAny>>,
    set: Option<&Bound<'_, PyMapping>>,
    seed: Option<&Bound<'_, PyAny>>,
    threads: Option<&Bound<'_, PyAny>>,
) -> PyResult<Simulation> {
    let rate: LaneRate = lane_rate.parse().or_raise(py)?;
    let architecture: Architecture = architecture.parse().or_raise(py)?;
    let symbols = count(symbols).or_raise(py)?;
    let options = Options {
        channel,
        channel_far,
        fext,
        next,
        port_order,
        host_loss_db,
        config,
        set,
        seed,
        threads,
    };
    let mut setup = options.setup(py)?;
    let shape = &mut setup.scenario.rate_mut(rate).simulation;
    shape.fec |= fec;
    shape.adapt |= adapt;
    if waveform {
        shape.engine = Engine::Waveform;
    }
    if let Some(samples) = samples_per_ui {
        shape.samples_per_ui = settings::count("samples_per_ui", samples, 1..=1024)?;
    }
    if let Some(ppm) = ppm {
        shape.timing.ppm_offset = ppm;
    }
    setup.scenario.rate(rate).validate().or_raise(py)?;

    let stop = AtomicBool::new(false);
    interruptible(py, &stop, || {
        run(&setup, rate, architecture, symbols, &stop)
    })?
    .or_raise(py)
}

/// A whole number of symbols.
fn count(symbols: f64) -> pamlink::Result<u64> {
    match pamlink::error::in_range("symbols", symbols, 1.0, 1e15) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
        Ok(n) if n.fract() == 0.0 => Ok(n as u64),
        _ => Err(Error::WrongType {
            name: "symbols".into(),
            value: symbols.to_string(),
            expected: "a whole number from 1 to 1e15".to_owned(),
        }),
    }
}

/// The cell, its segments one after the other.
fn run(
    setup: &Setup,
    rate: LaneRate,
    architecture: Architecture,
    symbols: u64,
    stop: &AtomicBool,
) -> pamlink::Result<Simulation> {
    let all = || {
        let scenario = &setup.scenario;
        let config = scenario.rate(rate);
        let channels = Files::read(&setup.paths)?.channels(config)?;
        let cell = link::cell(architecture, rate, config, &channels, scenario.seed)?;
        let result = cell.result.clone().map_err(|reason| Error::NoData {
            cell: format!("{rate} {architecture}"),
            reason,
        })?;
        let watch = Watch {
            progress: &|_| {},
            stop: Some(stop),
        };
        let mut segments = Vec::new();
        for index in 0..result.segments.len() {
            let start = Instant::now();
            let (seed, level) = (scenario.seed, setup.level);
            let agreement =
                simulate_segment_watched(&result, index, config, symbols, seed, level, &watch)?;
            segments.push(report::SimulatedSegment::new(agreement, start.elapsed()));
        }
        let agreements: Vec<_> = segments.iter().map(|s| s.agreement.clone()).collect();
        Ok(Simulation {
            scenario: scenario.clone(),
            total: Agreement::new(&result, &agreements)?,
            coded: coded_end_to_end(&agreements)?,
            asked: symbols,
            cell,
            result,
            segments,
        })
    };
    setup
        .pool
        .as_ref()
        .map_or_else(all, |pool| pool.install(all))
}

/// Runs work in a thread of its own while this one looks for signals; one that raises stops the work.
fn interruptible<T: Send>(
    py: Python<'_>,
    stop: &AtomicBool,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    let slot = (Mutex::new(None), Condvar::new());
    let (answer, arrived) = &slot;
    std::thread::scope(|scope| {
        let worker = scope.spawn(move || {
            let done = work();
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            arrived.notify_one();
        });
        let mut raised = None;
        loop {
            let finished = worker.is_finished();
            let got = py.detach(|| {
                let held = answer.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = arrived.wait_timeout_while(held, PATIENCE, |a| a.is_none());
                waited.unwrap_or_else(PoisonError::into_inner).0.take()
            });
            match got {
                Some(answer) => return raised.map_or(Ok(answer), Err),
                // It ended without an answer: it panicked.
                None if finished => match worker.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => return Err(PyRuntimeError::new_err("the simulation gave no answer")),
                },
                None => {
                    if let Err(signal) = py.check_signals() {
                        stop.store(true, Ordering::Relaxed);
                        raised = Some(signal);
                    }
                }
            }
        }
    })
}
