//! Aggressors in the time domain: each a stream of its own symbols through its coupling, at its own phase.
//!
//! Both engines add them at symbol rate to the samples in front of the converter, through the linear view of all
//! that lies between: what a nonlinear stage makes of an aggressor and the signal together is left out (an
//! aggressor is a hundredth of the signal), and a recovered clock does not move the aggressor's phase, which is
//! none of its own.

use crate::channel::impulse;
use crate::equalizer::ffe::{Ffe, FfeConfig, FfeState};
use crate::equalizer::slicer::{Slicer, SlicerConfig};
use crate::error::Result;
use crate::frontend;
use crate::random::Philox;
use crate::signal::Pulse;
use crate::simd::Level;

use super::super::chain::Chain;
use super::run::random_stream_number;

/// Phases of an aggressor; a stream draws one of them.
const PHASES: usize = 64;
/// Share of an aggressor's energy at a phase that is kept; the kept taps are scaled so that the variance is
/// whole.
const KEPT: f64 = 1.0 - 3e-4;
/// Numbers of an aggressor's random streams beside those of the victim's ([`super::run::Use`]): its phase, and
/// its symbols (at most 32 aggressors at each of two points).
const PHASE_STREAM: u64 = 0x3f;
const SYMBOL_STREAM: u64 = 0x40;

/// Filters of all aggressors of a chain.
pub(super) struct Aggressors {
    /// Of each aggressor one filter for each phase.
    filters: Vec<Vec<Ffe>>,
    mapper: Slicer,
    level: Level,
}

/// One aggressor's symbols in one stream of the victim's.
pub(super) struct AggressorLane {
    symbols: Philox,
    phase: usize,
    state: FfeState,
}

/// Buffers shared by the lanes of a run.
#[derive(Default)]
pub(super) struct Scratch {
    symbols: Vec<u8>,
    levels: Vec<f32>,
    shaped: Vec<f32>,
}

impl Aggressors {
    /// The aggressors of a chain; those whose coupling is zero are left out.
    pub(super) fn new(chain: &Chain, level: Level) -> Result<Self> {
        let mut filters = Vec::new();
        for term in &chain.crosstalk {
            let samples = impulse(&term.sampler, chain.baud_hz * PHASES as f64)?;
            let energy: f64 = samples.iter().map(|q| q * q).sum();
            if energy == 0.0 {
                continue;
            }
            let at = |phase| filter(&samples, phase, level);
            filters.push((0..PHASES).map(at).collect::<Result<_>>()?);
        }
        let mapper = Slicer::with_level(
            &SlicerConfig {
                levels: chain.levels.map(|l| l as f32),
                ..SlicerConfig::default()
            },
            level,
        )?;
        Ok(Self {
            filters,
            mapper,
            level,
        })
    }

    /// The aggressors of one stream of one run.
    pub(super) fn lanes(&self, seed: u64, run: u64, stream: usize) -> Vec<AggressorLane> {
        let philox = |number| Philox::new(seed, random_stream_number(run, stream, number));
        let phases = philox(PHASE_STREAM);
        (self.filters.iter().zip(0u64..))
            .map(|(filters, index)| {
                let phase = (phases.uniform(index) * PHASES as f64) as usize;
                let phase = phase.min(PHASES - 1);
                AggressorLane {
                    symbols: philox(SYMBOL_STREAM + index).with_level(self.level),
                    phase,
                    state: filters[phase].state(),
                }
            })
            .collect()
    }

    /// Adds the aggressors' symbols from number `from` on to `received`.
    pub(super) fn add(
        &self,
        lanes: &mut [AggressorLane],
        from: u64,
        received: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<()> {
        let n = received.len();
        scratch.symbols.resize(n, 0);
        scratch.levels.resize(n, 0.0);
        scratch.shaped.resize(n, 0.0);
        for (lane, filters) in lanes.iter_mut().zip(&self.filters) {
            lane.symbols.fill_symbols(from, &mut scratch.symbols);
            self.mapper.values(&scratch.symbols, &mut scratch.levels)?;
            let filter = &filters[lane.phase];
            filter.process(&mut lane.state, &scratch.levels, &mut scratch.shaped)?;
            frontend::add(received, &scratch.shaped, self.level)?;
        }
        Ok(())
    }
}

/// The filter from an aggressor's symbols to the sampler at one of its phases.
fn filter(samples: &[f64], phase: usize, level: Level) -> Result<Ffe> {
    let mut taps: Vec<f64> = samples[phase..].iter().step_by(PHASES).copied().collect();
    // The window is circular: its largest tap to a quarter of it, so that nothing is cut in two.
    let peak = (0..taps.len()).fold(0, |best, i| {
        if taps[i].abs() > taps[best].abs() {
            i
        } else {
            best
        }
    });
    let (n, cursor) = (taps.len(), taps.len() / 4);
    taps.rotate_left((peak + n - cursor) % n);
    let whole = Pulse::new(taps, 1, cursor)?;
    let kept = whole.kept(KEPT);
    let (all, held) = (whole.energy(), kept.energy());
    let scale = if held > 0.0 { (all / held).sqrt() } else { 0.0 };
    // When its symbols arrive is nobody's concern: the filter is causal.
    let config = FfeConfig {
        taps: kept.samples.iter().map(|q| (scale * q) as f32).collect(),
        precursors: 0,
    };
    Ffe::with_level(&config, level)
}
