//! The time-domain engines: on the waveform ([`wave`]), and, below, at one sample per symbol: bits through the real kernels, errors counted.
//!
//! Random symbols are mapped to levels, pass the transmit FIR, gain transmitter noise, the channel, jitter
//! along their slope, noise that follows the photocurrent and stationary noise, and go through FFE and
//! DFE; decisions are compared with what was sent. The engine takes responses, taps and phase from a
//! segment and derives impulses, slopes and noise filters itself ([`filters`](self)): no variance and no
//! pulse comes from the statistical engine.
//!
//! Memory does not grow with the number of symbols. A *run* is an independent restart with its own
//! random numbers; runs are shared between threads and their counts merge, so the answer does not depend
//! on the threads.

mod coded;
mod crosstalk;
mod filters;
mod receive;
mod run;
mod wave;
mod words;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::cdr::LockReport;
use crate::error::{Result, in_range, positive};
use crate::metrics::{ErrorCount, Interval, SnrEstimator};
use crate::simd::Level;

use super::config::{Engine, LinkConfig};
use super::segment::{Equalizer, Segment};
use wave::Wave;

pub use words::{CodedCount, WordModels};

/// What was counted.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Errors and error events.
    pub errors: ErrorCount,
    /// Slicer SNR measured on a share of the blocks, with the decisions that were fed back, dB.
    pub snr_db: Option<f64>,
    /// Runs simulated.
    pub runs: u64,
    /// SIMD level of the kernels.
    pub level: Level,
    /// Taps of the channel's impulse.
    pub channel_taps: usize,
    /// What the decoder made of the codewords, where codewords were sent.
    pub coded: Option<CodedCount>,
    /// Whether everything that was asked for was simulated: not where a [`Watch`] stopped it, or the clock
    /// recovery lost the signal.
    pub whole: bool,
    /// What only the waveform engine finds out.
    pub waveform: Option<Waveform>,
}

/// What the waveform engine found at its start and held.
#[derive(Debug, Clone)]
pub struct Waveform {
    /// Levels at the slicer, in the unit of the segment's levels.
    pub levels: [f64; 4],
    /// The taps in force and the phase of the recovered clock.
    pub equalizer: Equalizer,
    /// The clock recovery's state of lock at the end of the start, of the worst stream; none with a fixed
    /// phase.
    pub lock: Option<LockReport>,
    /// Standard deviation of its phase at the end of the start, the probe included, UI.
    pub jitter_ui: f64,
    /// Streams that were locked then, of how many.
    pub locked: [usize; 2],
}

impl Simulation {
    /// Whether the clock recovery was locked in every stream, or there is none.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.waveform
            .as_ref()
            .and_then(|w| w.lock.as_ref())
            .is_none_or(LockReport::is_locked)
    }
}

/// Who looks on while a simulation runs.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called with the number of symbols after each run, from any thread.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// The simulation stops soon after this becomes true, and gives what was counted by then: of the waveform
    /// engine parts of runs too, of the baud-rate engine whole runs alone.
    pub stop: Option<&'a AtomicBool>,
}

impl Watch<'_> {
    fn goes_on(&self) -> bool {
        self.stop.is_none_or(|stop| !stop.load(Ordering::Relaxed))
    }
}

impl Simulation {
    /// Bit error ratio with its interval over error events; with no error, zero and an upper bound.
    pub fn ber(&self, confidence: f64) -> Result<Interval> {
        self.errors.ber_interval(confidence)
    }
}

/// Simulates at least `symbols` symbols of a segment in whole runs.
///
/// The number is rounded up to whole runs of `config.simulation.run_symbols`, or to one shorter run where
/// fewer are asked for. `progress` is called with the number of symbols after each run, from any thread.
/// The result depends on the seed, the configuration and the level's arithmetic alone, not on threads.
///
/// With `config.simulation.fec` every stream sends groups of interleaved KP4 words of random messages by
/// the path of `config.fec`; hard decisions are put back into words and decoded ([`CodedCount`]). The first
/// counted symbol begins a group; words that a run does not complete are dropped. An error where not even
/// one group fits into a run.
pub fn simulate(
    segment: &Segment,
    config: &LinkConfig,
    symbols: u64,
    seed: u64,
    level: Level,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Simulation> {
    let watch = Watch {
        progress,
        stop: None,
    };
    simulate_watched(segment, config, symbols, seed, level, &watch)
}

/// [`simulate`], with a way to stop it.
///
/// # Errors
/// As of [`simulate`]; stopped before anything was counted it gives counts of zero and no error.
pub fn simulate_watched(
    segment: &Segment,
    config: &LinkConfig,
    symbols: u64,
    seed: u64,
    level: Level,
    watch: &Watch<'_>,
) -> Result<Simulation> {
    positive("symbols", symbols as f64)?;
    config.validate()?;
    segment.check()?;
    let coded = if config.simulation.fec {
        Some(coded::Plan::new(&config.fec, level)?)
    } else {
        None
    };
    let shape = &config.simulation;
    let engine = match shape.engine {
        Engine::Baud => Running::Baud(Box::new(run::Plan::new(
            segment,
            config.analysis.kept_energy,
            shape.pattern,
            level,
        )?)),
        Engine::Waveform => {
            let wave = Wave::new(segment, config, seed, level, &|| watch.goes_on())?;
            Running::Waveform(Box::new(wave))
        }
    };
    let streams = match shape.engine {
        Engine::Baud => shape.streams,
        Engine::Waveform => shape.waveform_streams,
    };
    let per = streams as u64;
    let run_symbols = shape.run_symbols.min(symbols).div_ceil(per);
    if let Some(coded) = &coded {
        let group = coded.group() as u64;
        in_range(
            "symbols of a run (with codewords: a whole group of codewords in every stream)",
            (run_symbols * per) as f64,
            (group * per) as f64,
            1e15,
        )?;
    }
    let runs = symbols.div_ceil(run_symbols * per);
    let warmup = shape.warmup_symbols.div_ceil(per);
    let one = |run: u64| {
        if !watch.goes_on() {
            return Ok(None);
        }
        let (counted, whole) = match &engine {
            Running::Baud(plan) => {
                let coded = coded.as_ref();
                (
                    plan.run(coded, seed, run, streams, warmup, run_symbols)?,
                    true,
                )
            }
            Running::Waveform(wave) => {
                let go_on = || watch.goes_on();
                wave.run(coded.as_ref(), (seed, run), warmup, run_symbols, &go_on)?
            }
        };
        (watch.progress)(counted.errors.symbols);
        Ok(Some((counted, whole)))
    };
    let all: Vec<Option<(receive::Counted, bool)>> = all_runs(runs, one)?;
    let whole = all
        .iter()
        .all(|c| c.as_ref().is_some_and(|(_, whole)| *whole));
    let counted: Vec<receive::Counted> = all.into_iter().flatten().map(|(c, _)| c).collect();
    let mut snr = SnrEstimator::default();
    for c in &counted {
        snr.merge(&c.snr);
    }
    let mut words = None;
    for c in &counted {
        CodedCount::merge(&mut words, c.coded.as_ref())?;
    }
    let (levels, channel_taps, waveform) = match &engine {
        Running::Baud(plan) => (segment.chain.levels, plan.channel_taps(), None),
        Running::Waveform(wave) => (wave.levels(), wave.taps(), Some(wave.report(segment))),
    };
    Ok(Simulation {
        errors: counted.iter().map(|c| c.errors).sum(),
        snr_db: snr.snr_db_against(levels).ok(),
        runs: counted.len() as u64,
        level,
        channel_taps,
        coded: words,
        whole,
        waveform,
    })
}

/// The engine that runs.
enum Running {
    Baud(Box<run::Plan>),
    Waveform(Box<Wave>),
}

#[cfg(feature = "rayon")]
fn all_runs<T: Send>(runs: u64, one: impl Fn(u64) -> Result<T> + Send + Sync) -> Result<Vec<T>> {
    use rayon::prelude::*;
    (0..runs).into_par_iter().map(one).collect()
}

#[cfg(not(feature = "rayon"))]
fn all_runs<T>(runs: u64, one: impl Fn(u64) -> Result<T>) -> Result<Vec<T>> {
    (0..runs).map(one).collect()
}
