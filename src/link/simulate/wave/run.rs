//! One independent run: streams side by side, their waveforms block by block, their samples chunk by chunk at
//! the phase of the clock recovery.

use std::ops::Range;

use ndarray::{Array2, s};

use crate::cdr::{
    Acquisition, AcquisitionConfig, AcquisitionState, Cdr, CdrConfig, CdrState, Detector,
    LockReport, Stage,
};
use crate::channel::convolve::{Impulse, Sampler, SamplerTaps};
use crate::equalizer::ffe::{Ffe, FfeConfig, FfeState};
use crate::error::Result;
use crate::frontend::adc::{self, Adc, AdcConfig, AdcState, BandwidthMismatch, Mismatch};
use crate::frontend::add;
use crate::frontend::jitter::{JitterConfig, displace};
use crate::frontend::quantizer::QuantizerConfig;
use crate::random::{Gauss, Philox};
use crate::simd::Level;

use super::super::super::chain::Chain;
use super::super::super::config::{LinkConfig, TimingDetector};
use super::super::coded::{self, Coder};
use super::super::crosstalk::{self, AggressorLane, Aggressors};
use super::super::receive::{Counted, Receiver, Reception};
use super::super::run::Use;
use super::front::{Front, path};
use super::noise;
use super::stream::{Numbers, Stream};
use super::tail;
use super::tuning::Tuning;

/// Symbols of a stream whose waveform is made at once: its planes stay in the second-level cache. The size
/// changes no result.
pub(super) const BLOCK: usize = 512;
/// Samples of a chunk where the phase is fixed.
const FIXED_CHUNK: usize = 512;
/// Symbols by which phases may wander from where they began, and streams from one another.
const WANDER: usize = 64;

/// Everything of a run, shared by all of them.
pub(super) struct Plan {
    pub front: Front,
    sampler: Sampler,
    noise: Option<Ffe>,
    /// None while the path is measured without noise.
    aggressors: Option<Aggressors>,
    jitter: JitterConfig,
    adc: Option<Adc>,
    receiver: Receiver,
    cdr: Option<Cdr>,
    acquisition: Option<Acquisition>,
    detector: Detector,
    pub tuning: Tuning,
    /// Clock of the transmitter over that of the receiver, less one.
    ahead: f64,
    chunk: usize,
    block: usize,
    level: Level,
}

/// Where a run begins and how long it is, in symbols of a stream.
#[derive(Debug, Clone)]
pub(super) struct Extent {
    pub seed: u64,
    pub run: u64,
    pub streams: usize,
    pub warmup: u64,
    pub symbols: u64,
    /// Whether the clock recovery begins with nothing: the run ends when it has found the clock or given up.
    pub acquire: bool,
    /// Whether the clock recovery deflects its phase to measure its detector.
    pub probed: bool,
    /// Samples to keep of each stream, from the first that counts on, with the symbols at their main cursors.
    pub record: usize,
    /// By which the phase of each stream begins off the tuned one, drawn from this range, UI.
    pub offset_ui: Range<f64>,
}

/// Samples of a stream in front of the equalizer.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub samples: Vec<f32>,
    pub symbols: Vec<u8>,
}

/// What a run gave.
pub(super) struct Outcome {
    pub counted: Counted,
    /// The clock recovery's report of each stream; empty where the phase is fixed.
    pub lock: Vec<LockReport>,
    /// Its phase at the end, UI on the axis of the chain, of each stream.
    pub phase_ui: Vec<f64>,
    /// Number of the sample behind the last one.
    pub sampled: u64,
    /// Standard deviation of the phases from chunk to chunk, UI.
    pub jitter_ui: f64,
    /// What was kept of each stream.
    pub records: Vec<Record>,
    /// Whether the whole run was made.
    pub whole: bool,
    /// Mean square of the samples at the converter.
    pub power: f64,
}

impl Plan {
    // One field after the other; parts would pass the same dozen of values around.
    #[allow(clippy::too_many_lines)]
    pub(super) fn new(
        chain: &Chain,
        config: &LinkConfig,
        tuning: &Tuning,
        quiet: bool,
        level: Level,
    ) -> Result<Self> {
        let sections = &path(chain)?.sections;
        let last = sections.len() - 1;
        let front = Front::new(chain, config, tuning, last, quiet, level)?;
        let sampler = front.sampler(&sections[last].response.scaled(tuning.gain[last]))?;
        let timing = &config.simulation.timing;
        let receiver = &chain.receiver;
        let full_scale = receiver.adc_loading * tuning.converter_rms;
        let mut white =
            adc::noise_variance(receiver.enob, receiver.adc_loading, tuning.converter_rms);
        let quantizer = (receiver.adc.bits > 0).then_some(QuantizerConfig {
            bits: receiver.adc.bits,
            full_scale,
        });
        if let Some(quantizer) = &quantizer {
            white = (white - quantizer.noise_variance()).max(0.0);
        }
        let adc = if quiet || (quantizer.is_none() && !receiver.adc.is_mismatched()) {
            None
        } else {
            let of = &receiver.adc;
            let mismatch = |sigma: f64| {
                if sigma > 0.0 {
                    Mismatch::Sigma(sigma)
                } else {
                    Mismatch::None
                }
            };
            let bandwidth = (of.bandwidth_rms > 0.0).then(|| {
                let corner_hz = config.host.receive_filter_over_baud * chain.baud_hz;
                BandwidthMismatch::new(mismatch(of.bandwidth_rms), corner_hz, chain.baud_hz)
            });
            Some(Adc::with_level(
                &AdcConfig {
                    slices: of.slices,
                    quantizer,
                    offset: mismatch(of.offset_rms * full_scale),
                    gain: mismatch(of.gain_rms),
                    skew_ui: mismatch(of.skew_rms_ui),
                    bandwidth,
                    seed: of.seed,
                    ..AdcConfig::default()
                },
                level,
            )?)
        };
        let noise = if quiet {
            None
        } else {
            let mut impulses = front.impulses.clone();
            let behind = sections[last].response.scaled(tuning.gain[last]);
            impulses.push(Impulse::transfer(&behind, &front.grid)?);
            let tail = tail::dropped(chain, tuning, &impulses, &front.grid)?;
            let gain = tuning.gain[last];
            noise::at_symbols(&sections[last].noise, gain, white, &tail, chain.baud_hz)?
        };
        let detector = match timing.detector {
            TimingDetector::MuellerMuller => Detector::MuellerMuller,
            TimingDetector::SignMuellerMuller => Detector::SignMuellerMuller,
            TimingDetector::Alexander => Detector::Alexander,
            TimingDetector::Gardner => Detector::Gardner,
        };
        let (cdr, acquisition) = if timing.recovered && !quiet {
            let scale = tuning.converter_rms / crate::pam4::variance(chain.levels).sqrt();
            let of = CdrConfig {
                detector,
                levels: chain.levels.map(|l| (l * scale) as f32),
                baud_hz: chain.baud_hz,
                bandwidth_hz: timing.bandwidth_hz,
                block: timing.block,
                extra_latency_blocks: timing.latency_blocks,
                initial_phase_ui: tuning.phase_ui,
                max_ppm: 500f64.max(1.5 * timing.ppm_offset.abs()),
                phase_steps: None,
                sample_lag: tuning.equalizer.precursors,
                ..CdrConfig::default()
            };
            let how = AcquisitionConfig {
                span_ppm: 250f64.max(1.25 * timing.ppm_offset.abs()),
                // The designed taps are there from the start.
                equalize_blocks: 0,
                ..AcquisitionConfig::default()
            };
            (
                Some(Cdr::with_level(&of, level)?),
                Some(Acquisition::with_level(&of, &how, level)?),
            )
        } else {
            (None, None)
        };
        Ok(Self {
            receiver: Receiver::new(
                &tuning.equalizer,
                &tuning.slicing,
                front.transmit_delay,
                level,
            )?,
            sampler,
            noise: noise
                .map(|taps| {
                    Ffe::with_level(
                        &FfeConfig {
                            taps: taps.taps,
                            precursors: 0,
                        },
                        level,
                    )
                })
                .transpose()?,
            aggressors: if quiet {
                None
            } else {
                Some(Aggressors::new(chain, level)?)
            },
            jitter: if quiet {
                JitterConfig {
                    random_ui: 0.0,
                    dual_dirac_ui: 0.0,
                }
            } else {
                chain.jitter
            },
            adc,
            chunk: if cdr.is_some() {
                timing.block
            } else {
                FIXED_CHUNK
            },
            cdr,
            acquisition,
            detector,
            ahead: 1e-6 * timing.ppm_offset,
            tuning: tuning.clone(),
            block: BLOCK,
            front,
            level,
        })
    }

    /// Another block size, which must not matter.
    #[cfg(test)]
    pub(super) fn with_block(mut self, block: usize) -> Self {
        self.block = block;
        self
    }

    /// Products of the last stage per sample, in symbols.
    pub(super) fn taps_ui(&self) -> usize {
        self.sampler.past()
    }

    /// Simulates `warmup + symbols` symbols of each stream and counts the last `symbols`; `go_on` is asked once
    /// a block.
    // The steps of a chunk in their order, which share all of the state.
    #[allow(clippy::too_many_lines)]
    pub(super) fn run(
        &self,
        extent: &Extent,
        coded: Option<&coded::Plan>,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Outcome> {
        let streams = extent.streams;
        let latency = self.receiver.latency() as u64;
        // Decisions before the latency belong to no symbol sent.
        let skip = extent.warmup.max(latency);
        let mut reception = self
            .receiver
            .reception(streams, self.chunk, skip..skip + extent.symbols)?
            .with_timing(&self.receiver);
        let total = skip + extent.symbols + self.receiver.tail() as u64;
        let mut coder = match coded {
            Some(plan) => Some(Coder::new(
                plan,
                extent.seed,
                extent.run,
                streams,
                self.block,
                skip - latency,
            )?),
            None => None,
        };
        let mut lanes = (0..streams)
            .map(|s| Lane::new(self, extent, s))
            .collect::<Result<Vec<_>>>()?;
        let mut recovery = match &self.cdr {
            Some(cdr) => Some(Recovery::new(self, cdr, &lanes, extent)?),
            None => None,
        };
        let mut work = Work::new(self.chunk);
        let (mut made, mut sampled) = (0u64, 0u64);
        let mut whole = true;
        let mut wander = Wander::default();
        'run: while sampled < total {
            if !go_on() {
                whole = false;
                break;
            }
            if let Some(coder) = &mut coder {
                coder.send(self.block)?;
            }
            for (s, lane) in lanes.iter_mut().enumerate() {
                let given = coder.as_ref().map(|c| c.line(s, self.block));
                let sent = reception.send(s, self.block);
                lane.stream.advance(&self.front, given, sent)?;
                // Sample k has symbol k - delay at its main cursor.
                let first = skip as i64 - self.front.transmit_delay as i64 - made as i64;
                let first = first.clamp(0, self.block as i64) as usize;
                lane.record.keep_symbols(&sent[first..], extent.record);
            }
            let before = made;
            made += self.block as u64;
            while sampled < total {
                if let Some(recovery) = &mut recovery {
                    recovery.aim(&mut lanes);
                    if sampled >= skip {
                        // Against where the receiver's own clock would be without jitter.
                        let nominal = self.tuning.phase_ui - self.ahead * sampled as f64;
                        for lane in &lanes {
                            wander.add(lane.phase_ui - nominal);
                        }
                    }
                }
                // Where the chunk begins, relative to the first fresh symbol, and the fraction behind it.
                let mut ready = true;
                for lane in &mut lanes {
                    let (symbol, fraction) = self.instant(lane.phase_ui, sampled);
                    lane.at = (sampled as i64 + symbol - before as i64) as isize;
                    lane.fraction = fraction;
                    ready &= lane.at + self.chunk as isize <= self.block as isize;
                    if lane.at < -(self.past() as isize) + self.sampler.past() as isize + 1 {
                        whole = false;
                        break 'run;
                    }
                }
                if !ready || sampled + self.chunk as u64 > made {
                    break;
                }
                let edges = recovery
                    .as_ref()
                    .is_some_and(|r| r.wants_edges(self.detector));
                for (s, lane) in lanes.iter_mut().enumerate() {
                    lane.sample(self, sampled, edges, &mut work)?;
                    let first = skip.saturating_sub(sampled).min(self.chunk as u64) as usize;
                    lane.record
                        .keep_samples(&work.samples[first..], extent.record);
                    if sampled >= skip {
                        lane.power += square(&work.samples);
                    }
                    reception.equalize(&self.receiver, s, &work.samples)?;
                    if let (Some(recovery), true) = (&mut recovery, edges) {
                        recovery.keep_edges(s, &work.edges);
                    }
                }
                reception.decide(&self.receiver, self.chunk, coder.as_mut())?;
                if let (Some(cdr), Some(recovery)) = (&self.cdr, &mut recovery) {
                    recovery.update(self, cdr, &reception)?;
                    if recovery.is_done() {
                        break 'run;
                    }
                }
                sampled += self.chunk as u64;
            }
        }
        let power = lanes.iter().map(|l| l.power).sum::<f64>()
            / (sampled
                .saturating_sub(skip.next_multiple_of(self.chunk as u64))
                .max(1) as f64
                * streams as f64);
        let records = lanes
            .iter_mut()
            .map(|l| std::mem::take(&mut l.record))
            .collect();
        let phase_ui = lanes.iter().map(|l| l.phase_ui).collect();
        let lock = recovery.map_or_else(Vec::new, |r| r.reports());
        let counted = if whole {
            reception.finish(&self.receiver, coder)?
        } else {
            reception.count()
        };
        Ok(Outcome {
            counted,
            lock,
            phase_ui,
            sampled,
            jitter_ui: wander.rms(),
            records,
            whole,
            power,
        })
    }

    /// Old symbols that the last planes keep.
    fn past(&self) -> usize {
        self.sampler.past() + self.chunk + 2 * WANDER
    }

    /// Whole symbols and fraction between sample number `k` of a chunk and the symbol it is taken at, on the
    /// grid of the last planes; the receiver's clock differs by `ahead`, the transmitter's may wander.
    fn instant(&self, phase_ui: f64, k: u64) -> (i64, f64) {
        let m = self.front.grid.samples_per_ui as f64;
        let middle = k as f64 + 0.5 * self.chunk as f64;
        let mut at = phase_ui + self.ahead * (middle + phase_ui);
        if let Some((peak, cycles)) = self.front.slow {
            let turns = (cycles * (middle + at)).fract();
            at -= peak * (2.0 * std::f64::consts::PI * turns).sin();
        }
        let at = at + (self.front.delay + self.sampler.delay()) as f64 / m;
        let whole = at.floor();
        (whole as i64, at - whole)
    }
}

/// A stream and its sampler.
struct Lane {
    stream: Stream,
    taps: SamplerTaps,
    edge_taps: SamplerTaps,
    /// Sampling phase of the chunk, UI on the axis of the chain.
    phase_ui: f64,
    at: isize,
    fraction: f64,
    stationary: Gauss,
    between: Gauss,
    random_jitter: Gauss,
    dual_dirac: Philox,
    noise: Option<[FfeState; 2]>,
    aggressors: Vec<AggressorLane>,
    adc: Option<AdcState>,
    /// Sum of squares of the samples.
    power: f64,
    record: Record,
}

impl Record {
    fn keep_samples(&mut self, fresh: &[f32], most: usize) {
        let room = most - self.samples.len().min(most);
        self.samples
            .extend_from_slice(&fresh[..room.min(fresh.len())]);
    }

    fn keep_symbols(&mut self, fresh: &[u8], most: usize) {
        let room = most - self.symbols.len().min(most);
        self.symbols
            .extend_from_slice(&fresh[..room.min(fresh.len())]);
    }
}

/// Buffers of a chunk, shared by the streams of a run.
struct Work {
    samples: Vec<f32>,
    slope: Vec<f32>,
    normal: Vec<f32>,
    other: Vec<f32>,
    bits: Vec<u8>,
    edges: Vec<f32>,
    crosstalk: crosstalk::Scratch,
}

impl Work {
    fn new(chunk: usize) -> Self {
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
    fn new(plan: &Plan, extent: &Extent, stream: usize) -> Result<Self> {
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
    fn sample(&mut self, plan: &Plan, k: u64, between: bool, work: &mut Work) -> Result<()> {
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

/// Spread of phases.
#[derive(Default)]
struct Wander {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Wander {
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        self.sum += x;
        self.squares += x * x;
    }

    fn rms(&self) -> f64 {
        let n = self.n.max(1.0);
        (self.squares / n - (self.sum / n).powi(2)).max(0.0).sqrt()
    }
}

fn square(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x) * f64::from(*x)).sum()
}

/// The clock recovery of a run.
struct Recovery {
    state: Clock,
    /// Whole symbols by which a lane's phase is told lower than it is sampled: an acquisition walks on for
    /// hundreds of symbols and then names a phase near its start.
    walked: Vec<f64>,
    /// `[stream, precursors + chunk]`: samples between the symbols, in step with the decisions.
    edges: Array2<f32>,
}

enum Clock {
    Tracking(Box<CdrState>),
    Acquiring(Box<AcquisitionState>),
}

impl Recovery {
    fn new(plan: &Plan, cdr: &Cdr, lanes: &[Lane], extent: &Extent) -> Result<Self> {
        let state = match &plan.acquisition {
            Some(acquisition) if extent.acquire => {
                Clock::Acquiring(Box::new(acquisition.state(lanes.len())?))
            }
            _ => {
                let mut state = cdr.state(lanes.len())?;
                state.set_probing(extent.probed);
                for (s, lane) in lanes.iter().enumerate() {
                    if let Some(gain) = plan.tuning.detector_gain {
                        state.set_detector_gain(s, gain)?;
                    }
                    state.place(s, lane.phase_ui, plan.tuning.frequency_ppm)?;
                }
                Clock::Tracking(Box::new(state))
            }
        };
        // An acquisition begins at one phase; streams that do not are that much further on.
        let walked = match &state {
            Clock::Tracking(_) => vec![0.0; lanes.len()],
            Clock::Acquiring(state) => (lanes.iter().enumerate())
                .map(|(s, lane)| lane.phase_ui - state.phase_ui(s))
                .collect(),
        };
        let precursors = plan.tuning.equalizer.precursors;
        Ok(Self {
            state,
            walked,
            edges: Array2::zeros((lanes.len(), precursors + plan.chunk)),
        })
    }

    fn wants_edges(&self, detector: Detector) -> bool {
        match &self.state {
            Clock::Tracking(_) => detector.needs_edges(),
            Clock::Acquiring(state) => state.stage().wants_edges(detector),
        }
    }

    fn is_done(&self) -> bool {
        match &self.state {
            Clock::Tracking(_) => false,
            Clock::Acquiring(state) => state.stage() == Stage::Done,
        }
    }

    /// Phases of the next chunk.
    fn aim(&mut self, lanes: &mut [Lane]) {
        for (s, lane) in lanes.iter_mut().enumerate() {
            let told = match &self.state {
                Clock::Tracking(state) => state.phase_ui(s),
                Clock::Acquiring(state) => {
                    // Neighbouring chunks are less than half a unit interval apart, or it is a jump.
                    let told = state.phase_ui(s);
                    self.walked[s] += (lane.phase_ui - told - self.walked[s]).round();
                    told
                }
            };
            lane.phase_ui = told + self.walked[s];
        }
    }

    fn keep_edges(&mut self, stream: usize, fresh: &[f32]) {
        if let Some(row) = self.edges.row_mut(stream).as_slice_mut() {
            let old = row.len() - fresh.len();
            row.copy_within(fresh.len().., 0);
            row[old..].copy_from_slice(fresh);
        }
    }

    fn update(&mut self, plan: &Plan, cdr: &Cdr, reception: &Reception) -> Result<()> {
        let edges = self.wants_edges(plan.detector);
        let (samples, decided) = reception.timing();
        let n = samples.ncols();
        let edges = edges.then(|| self.edges.slice(s![.., ..n]));
        match (&mut self.state, &plan.acquisition) {
            (Clock::Acquiring(state), Some(acquisition)) => {
                acquisition.update(state, samples, edges, decided)
            }
            (Clock::Tracking(state), _) => cdr.update(state, samples, edges, decided),
            (Clock::Acquiring(_), None) => Ok(()),
        }
    }

    fn reports(&self) -> Vec<LockReport> {
        (0..self.walked.len())
            .map(|s| match &self.state {
                Clock::Tracking(state) => state.lock(s),
                Clock::Acquiring(state) => state.lock(s),
            })
            .collect()
    }
}
