//! The time-domain engine at one sample per symbol: bits through the real kernels, errors counted.
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

use crate::error::{Result, in_range, positive};
use crate::metrics::{ErrorCount, Interval, SnrEstimator};
use crate::simd::Level;

use super::config::LinkConfig;
use super::segment::Segment;

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
    positive("symbols", symbols as f64)?;
    config.validate()?;
    segment.check()?;
    let plan = run::Plan::new(
        segment,
        config.analysis.kept_energy,
        config.simulation.pattern,
        level,
    )?;
    let coded = if config.simulation.fec {
        Some(coded::Plan::new(&config.fec, level)?)
    } else {
        None
    };
    let shape = &config.simulation;
    let streams = shape.streams as u64;
    let run_symbols = shape.run_symbols.min(symbols).div_ceil(streams);
    if let Some(coded) = &coded {
        let group = coded.group() as u64;
        in_range(
            "symbols of a run (with codewords: a whole group of codewords in every stream)",
            (run_symbols * streams) as f64,
            (group * streams) as f64,
            1e15,
        )?;
    }
    let runs = symbols.div_ceil(run_symbols * streams);
    let warmup = shape.warmup_symbols.div_ceil(streams);
    let one = |run: u64| {
        let counted = plan.run(
            coded.as_ref(),
            seed,
            run,
            shape.streams,
            warmup,
            run_symbols,
        )?;
        progress(counted.errors.symbols);
        Ok(counted)
    };
    let counted: Vec<receive::Counted> = all_runs(runs, one)?;
    let mut snr = SnrEstimator::default();
    for c in &counted {
        snr.merge(&c.snr);
    }
    let mut words = None;
    for c in &counted {
        CodedCount::merge(&mut words, c.coded.as_ref())?;
    }
    Ok(Simulation {
        errors: counted.iter().map(|c| c.errors).sum(),
        snr_db: snr.snr_db_against(segment.chain.levels).ok(),
        runs,
        level: plan.level(),
        channel_taps: plan.channel_taps(),
        coded: words,
    })
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
