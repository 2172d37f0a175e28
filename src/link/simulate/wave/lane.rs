//! A stream of a run: its waveform, its sampler, its noise behind the last stage.

use crate::channel::convolve::SamplerTaps;
use crate::equalizer::ffe::FfeState;
use crate::error::Result;
use crate::frontend::adc::{Adc, AdcState};
use crate::frontend::add;
use crate::frontend::jitter::displace;
use crate::random::{Gauss, Philox};

use super::super::crosstalk::{self, AggressorLane};
use super::super::run::Use;
use super::plan::Plan;
use super::run::Extent;
use super::stream::{Numbers, Stream};

/// Samples of a stream in front of the equalizer.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) samples: Vec<f32>,
    pub(super) symbols: Vec<u8>,
}

/// A stream and its sampler.
pub(super) struct Lane {
    pub(super) stream: Stream,
    taps: SamplerTaps,
    edge_taps: SamplerTaps,
    /// Sampling phase of the chunk, UI on the axis of the chain.
    pub(super) phase_ui: f64,
    pub(super) at: isize,
    pub(super) fraction: f64,
    stationary: Gauss,
    between: Gauss,
    random_jitter: Gauss,
    dual_dirac: Philox,
    noise: Option<[FfeState; 2]>,
    aggressors: Vec<AggressorLane>,
    adc: Option<AdcState>,
    /// Sum of squares of the samples.
    pub(super) power: f64,
    pub(super) record: Record,
}

impl Record {
    pub(super) fn keep_samples(&mut self, fresh: &[f32], most: usize) {
        let room = most - self.samples.len().min(most);
        self.samples
            .extend_from_slice(&fresh[..room.min(fresh.len())]);
    }

    pub(super) fn keep_symbols(&mut self, fresh: &[u8], most: usize) {
        let room = most - self.symbols.len().min(most);
        self.symbols
            .extend_from_slice(&fresh[..room.min(fresh.len())]);
    }
}

/// Buffers of a chunk, shared by the streams of a run.
pub(super) struct Work {
    pub(super) samples: Vec<f32>,
    slope: Vec<f32>,
    normal: Vec<f32>,
    other: Vec<f32>,
    bits: Vec<u8>,
    pub(super) edges: Vec<f32>,
    crosstalk: crosstalk::Scratch,
}

impl Work {
    pub(super) fn new(chunk: usize) -> Self {
        Self {
            samples: vec![0.0; chunk],
            slope: vec![0.0; chunk],
            normal: vec![0.0; chunk],
            other: vec![0.0; chunk],
            bits: vec![0; chunk],
            edges: vec![0.0; chunk],
            crosstalk: crosstalk::Scratch::default(),
        }
    }
}

impl Lane {
    pub(super) fn new(plan: &Plan, extent: &Extent, stream: usize) -> Result<Self> {
        let numbers = Numbers {
            seed: extent.seed,
            run: extent.run,
            stream,
        };
        let front = &plan.front;
        let state = Stream::new(front, &numbers, plan.past(), plan.block)?;
        let taps = plan.sampler.taps(state.planes());
        let offset = &extent.offset_ui;
        let share = numbers.philox(front, Use::Start).uniform(0);
        Ok(Self {
            edge_taps: taps.clone(),
            taps,
            stream: state,
            phase_ui: plan.tuning.phase_ui + offset.start + share * (offset.end - offset.start),
            at: 0,
            fraction: 0.0,
            stationary: numbers.gauss(front, Use::Stationary),
            between: numbers.gauss(front, Use::Between),
            random_jitter: numbers.gauss(front, Use::RandomJitter),
            dual_dirac: numbers.philox(front, Use::DualDirac),
            noise: plan.noise.as_ref().map(|f| [f.state(), f.state()]),
            aggressors: (plan.aggressors.as_ref())
                .map_or_else(Vec::new, |a| a.lanes(extent.seed, extent.run, stream)),
            adc: plan.adc.as_ref().map(Adc::state),
            power: 0.0,
            record: Record::default(),
        })
    }

    /// The samples of a chunk, number `k` first, into `work.samples`; those half a unit interval before them
    /// into `work.edges`, where the clock recovery wants them.
    pub(super) fn sample(
        &mut self,
        plan: &Plan,
        k: u64,
        between: bool,
        work: &mut Work,
    ) -> Result<()> {
        let level = plan.level;
        let planes = self.stream.planes();
        let jitter = plan.jitter.variance_ui2() > 0.0;
        let skew = match (&plan.adc, &self.adc) {
            (Some(adc), Some(state)) => adc.needs_slope(state),
            _ => false,
        };
        let Work {
            samples,
            slope,
            normal,
            other,
            bits,
            edges,
            crosstalk,
        } = work;
        if jitter || skew {
            plan.sampler.sample_with_slope(
                &mut self.taps,
                planes,
                self.at,
                self.fraction,
                samples,
                slope,
            )?;
        } else {
            plan.sampler
                .sample(&mut self.taps, planes, self.at, self.fraction, samples)?;
        }
        if jitter {
            self.random_jitter.fill(k, normal);
            self.dual_dirac.fill_symbols(k, bits);
            displace(samples, slope, normal, bits, plan.jitter, level)?;
        }
        if let (Some(filter), Some(states)) = (&plan.noise, &mut self.noise) {
            self.stationary.fill(k, normal);
            filter.process(&mut states[0], normal, other)?;
            add(samples, other, level)?;
        }
        if let Some(aggressors) = &plan.aggressors {
            aggressors.add(&mut self.aggressors, k, samples, crosstalk)?;
        }
        if let (Some(adc), Some(state)) = (&plan.adc, &mut self.adc) {
            let slope = skew.then_some(&slope[..]);
            adc.process(state, samples, slope, k, other)?;
            std::mem::swap(samples, other);
        }
        if between {
            let (at, fraction) = if self.fraction >= 0.5 {
                (self.at, self.fraction - 0.5)
            } else {
                (self.at - 1, self.fraction + 0.5)
            };
            plan.sampler
                .sample(&mut self.edge_taps, planes, at, fraction, edges)?;
            if let (Some(filter), Some(states)) = (&plan.noise, &mut self.noise) {
                self.between.fill(k, normal);
                filter.process(&mut states[1], normal, other)?;
                add(edges, other, level)?;
            }
        }
        Ok(())
    }
}
