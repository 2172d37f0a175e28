//! The time-domain engine on the waveform: alternating linear and memoryless stages at several samples per
//! symbol, sampled where the clock recovery says.
//!
//! Symbols pass the transmit FIR, converter and noise; the first linear stage makes waveform planes of them,
//! displaced edges included; every section of the [path](super::super::path) adds its noise and ends in what
//! is nonlinear; the last linear stage is evaluated at sampling instants alone. Behind it come receiver noise,
//! the jitter of the sampler, the converter, and the digital receiver of the other engine; its decisions drive
//! the clock recovery, one chunk behind.
//!
//! What the [start](startup) finds is frozen before anything is counted. A stream's random numbers are a
//! function of seed, run, stream and symbol number, each use its own, so results depend neither on threads nor
//! on the size of a block.

mod adapt;
mod front;
mod lane;
mod light;
mod noise;
mod plan;
mod recovery;
mod run;
mod startup;
mod stream;
mod tail;
#[cfg(test)]
mod tests;
mod tuning;

use crate::cdr::LockReport;
use crate::error::Result;
use crate::simd::Level;

use super::super::config::LinkConfig;
use super::super::segment::{Equalizer, Segment};
use super::receive::Counted;
use super::{Waveform, coded};
use plan::Plan;
use run::Extent;

/// Distance between the numbers of neighbouring planes in one sequence of random numbers.
const PLANE_INDEX: u64 = 1 << 40;

/// A simulation that is ready to run.
pub(super) struct Wave {
    plan: Plan,
    streams: usize,
    /// What the clock recovery said at the end of the start, stream by stream.
    pub lock: Vec<LockReport>,
    jitter_ui: f64,
}

impl Wave {
    /// Starts a segment up.
    pub(super) fn new(
        segment: &Segment,
        config: &LinkConfig,
        seed: u64,
        level: Level,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Self> {
        let (tuning, outcome) = startup::startup(segment, config, seed, level, go_on)?;
        Ok(Self {
            plan: Plan::new(&segment.chain, config, &tuning, false, level)?,
            streams: config.simulation.waveform_streams,
            jitter_ui: outcome.as_ref().map_or(0.0, |o| o.jitter_ui),
            lock: outcome.map_or_else(Vec::new, |o| o.lock),
        })
    }

    /// One run; what was counted, and whether it was whole.
    pub(super) fn run(
        &self,
        coded: Option<&coded::Plan>,
        (seed, run): (u64, u64),
        warmup: u64,
        symbols: u64,
        go_on: &dyn Fn() -> bool,
    ) -> Result<(Counted, bool)> {
        let extent = Extent {
            seed,
            run,
            streams: self.streams,
            warmup,
            symbols,
            record: 0,
            acquire: false,
            probed: false,
            offset_ui: 0.0..0.0,
        };
        let outcome = self.plan.run(&extent, coded, go_on)?;
        Ok((outcome.counted, outcome.whole))
    }

    /// Levels at the slicer.
    pub(super) fn levels(&self) -> [f64; 4] {
        self.plan.tuning.slicing.levels
    }

    /// What was found at the start.
    pub(super) fn report(&self, segment: &Segment) -> Waveform {
        let locked = self.lock.iter().filter(|l| l.is_locked()).count();
        let worst = (self.lock.iter().find(|l| !l.is_locked())).or(self.lock.first());
        let tuning = &self.plan.tuning;
        Waveform {
            levels: tuning.slicing.levels,
            equalizer: Equalizer {
                phase_s: tuning.phase_ui / segment.chain.baud_hz,
                ..tuning.equalizer.clone()
            },
            lock: worst.copied(),
            jitter_ui: self.jitter_ui,
            locked: [locked, self.lock.len()],
        }
    }

    /// Symbols that a sample depends on through the last stage.
    pub(super) fn taps(&self) -> usize {
        self.plan.taps_ui()
    }
}
