//! One independent run: streams side by side through the real kernels, block by block.

use crate::equalizer::ffe::{Ffe, FfeConfig, FfeState};
use crate::equalizer::slicer::{Slicer, SlicerConfig};
use crate::error::Result;
use crate::frontend;
use crate::frontend::jitter::{JitterConfig, displace};
use crate::optics::noise::follow_current;
use crate::pattern::{Prbs, SymbolSource};
use crate::random::{Gauss, Philox};
use crate::simd::Level;

use super::super::config::Pattern;
use super::super::segment::Segment;
use super::coded::{self, Coder};
use super::crosstalk::{self, AggressorLane, Aggressors};
use super::filters::{Filters, Taps};
use super::receive::{Counted, Receiver, Reception, Slicing};

/// Symbols of a stream that are processed at once: a block's buffers stay in the second-level cache. The
/// size changes no result.
const BLOCK: usize = 2048;

/// Filters as plans, shared by all runs.
pub(super) struct Plan {
    level: Level,
    mapper: Slicer,
    /// None where the transmit FIR is a single tap of one.
    transmit: Option<Ffe>,
    channel: Ffe,
    slope: Option<Ffe>,
    noise: Option<Stationary>,
    optical: Option<OpticalPlan>,
    aggressors: Aggressors,
    receiver: Receiver,
    tx_noise: f32,
    jitter: JitterConfig,
    pattern: Pattern,
}

/// Stationary noise at the sampler.
enum Stationary {
    /// White, of this standard deviation.
    White(f32),
    /// White noise through a filter.
    Shaped(Ffe),
}

/// Filters of the noise that follows the photocurrent.
struct OpticalPlan {
    early: Ffe,
    late: Ffe,
    after: Ffe,
    mean_a: f64,
    rin_per_hz: f64,
}

/// Independent uses of the random generator within one stream.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Data,
    Transmitter,
    Stationary,
    Optical,
    RandomJitter,
    DualDirac,
    /// Edges of the transmitter, by the waveform engine like all that follow.
    Edges,
    Interference,
    /// Samples half a unit interval early.
    Between,
    /// The start of a simulation.
    Start,
    /// White noise in a section.
    Section(u8),
}

impl Use {
    fn number(self) -> u64 {
        match self {
            Self::Data => 1,
            Self::Transmitter => 2,
            Self::Stationary => 3,
            Self::Optical => 4,
            Self::RandomJitter => 5,
            Self::DualDirac => 6,
            Self::Edges => 7,
            Self::Interference => 8,
            Self::Between => 9,
            Self::Start => 10,
            Self::Section(i) => 128 + u64::from(i & 127),
        }
    }
}

/// Philox stream of one use in one stream of one run; 16 bits of stream and 8 of use leave 2^40 runs.
pub(super) fn random_stream(run: u64, stream: usize, which: Use) -> u64 {
    random_stream_number(run, stream, which.number())
}

/// The same by the number of the use, 1 to 255.
pub(super) fn random_stream_number(run: u64, stream: usize, number: u64) -> u64 {
    (run << 24) | ((stream as u64) << 8) | number
}

impl Plan {
    pub(super) fn new(
        segment: &Segment,
        kept_energy: f64,
        pattern: Pattern,
        level: Level,
    ) -> Result<Self> {
        let filters = Filters::new(segment, kept_energy)?;
        let ffe_of = |taps: &Taps| {
            Ffe::with_level(
                &FfeConfig {
                    taps: taps.taps.clone(),
                    precursors: taps.precursors,
                },
                level,
            )
        };
        let levels = segment.chain.levels.map(|l| l as f32);
        let optical = match &filters.optical {
            Some(o) => Some(OpticalPlan {
                early: ffe_of(&o.current[0])?,
                late: ffe_of(&o.current[1])?,
                after: ffe_of(&o.after)?,
                mean_a: o.mean_a,
                rin_per_hz: o.rin_per_hz,
            }),
            None => None,
        };
        Ok(Self {
            level,
            mapper: Slicer::with_level(
                &SlicerConfig {
                    levels,
                    ..SlicerConfig::default()
                },
                level,
            )?,
            transmit: match filters.transmit.taps.as_slice() {
                [1.0] => None,
                _ => Some(ffe_of(&filters.transmit)?),
            },
            channel: ffe_of(&filters.channel)?,
            slope: filters.slope.as_ref().map(ffe_of).transpose()?,
            noise: match &filters.noise {
                None => None,
                Some(taps) if taps.taps.len() == 1 => Some(Stationary::White(taps.taps[0])),
                Some(taps) => Some(Stationary::Shaped(ffe_of(taps)?)),
            },
            optical,
            aggressors: Aggressors::new(&segment.chain, level)?,
            receiver: Receiver::new(
                &segment.equalizer,
                &Slicing {
                    levels: segment.chain.levels,
                    thresholds: segment.thresholds(),
                },
                filters.delay(),
                level,
            )?,
            tx_noise: filters.tx_noise,
            jitter: segment.chain.jitter,
            pattern,
        })
    }

    /// Taps of the longest filter.
    pub(super) fn channel_taps(&self) -> usize {
        self.channel.taps().len()
    }

    /// Simulates `warmup + symbols` symbols of each of `streams` streams and counts the last `symbols`.
    ///
    /// With a coded plan the streams send codewords, and what becomes of them is counted, too.
    pub(super) fn run(
        &self,
        coded: Option<&coded::Plan>,
        seed: u64,
        run: u64,
        streams: usize,
        warmup: u64,
        symbols: u64,
    ) -> Result<Counted> {
        let mut lanes: Vec<Lane> = (0..streams)
            .map(|s| Lane::new(self, seed, run, s))
            .collect::<Result<_>>()?;
        let mut scratch = Scratch::default();
        let latency = self.receiver.latency() as u64;
        // Decisions before the latency belong to no symbol sent.
        let skip = warmup.max(latency);
        let mut reception = self
            .receiver
            .reception(streams, BLOCK, skip..skip + symbols)?;
        let total = skip + symbols + self.receiver.tail() as u64;
        let mut coder = match coded {
            Some(plan) => Some(Coder::new(plan, seed, run, streams, BLOCK, skip - latency)?),
            None => None,
        };
        let mut from = 0;
        while from < total {
            let n = (total - from).min(BLOCK as u64) as usize;
            if let Some(coder) = &mut coder {
                coder.send(n)?;
            }
            for (s, lane) in lanes.iter_mut().enumerate() {
                let given = coder.as_ref().map(|c| c.line(s, n));
                lane.advance(self, (s, from, n), given, &mut reception, &mut scratch)?;
            }
            reception.decide(&self.receiver, n, coder.as_mut())?;
            from += n as u64;
        }
        reception.finish(&self.receiver, coder)
    }
}

/// Buffers of a block, shared by the streams of a run.
#[derive(Default)]
struct Scratch {
    transmitted: Vec<f32>,
    shaped: Vec<f32>,
    received: Vec<f32>,
    other: Vec<f32>,
    normal: Vec<f32>,
    bits: Vec<u8>,
    crosstalk: crosstalk::Scratch,
}

/// Where a stream's symbols come from.
pub(super) enum Data {
    Random(Philox),
    Sequence(SymbolSource),
}

impl Data {
    pub(super) fn new(pattern: Pattern, random: Philox) -> Result<Self> {
        // A register state other than zero, from the stream's own random numbers.
        let place = |prbs: Prbs| 1 + (random.uniform(0) * f64::from(prbs.ones() - 1)) as u32;
        Ok(match pattern {
            Pattern::Random => Self::Random(random),
            Pattern::Prbs13q => Self::Sequence(SymbolSource::prbs(
                Prbs::Prbs13,
                place(Prbs::Prbs13),
                false,
            )?),
            Pattern::Prbs31q => {
                Self::Sequence(SymbolSource::prbs(Prbs::Prbs31, place(Prbs::Prbs31), true)?)
            }
            Pattern::Ssprq => Self::Sequence(SymbolSource::ssprq()?),
        })
    }

    pub(super) fn fill(&mut self, from: u64, symbols: &mut [u8]) {
        match self {
            Self::Random(philox) => philox.fill_symbols(from, symbols),
            Self::Sequence(source) => source.fill(symbols),
        }
    }
}

/// One stream: its random numbers and filter states.
struct Lane {
    data: Data,
    transmitter: Gauss,
    stationary: Gauss,
    optical: Gauss,
    random_jitter: Gauss,
    dual_dirac: Philox,
    aggressors: Vec<AggressorLane>,
    states: States,
}

struct States {
    transmit: Option<FfeState>,
    channel: FfeState,
    slope: Option<FfeState>,
    noise: Option<FfeState>,
    optical: Option<[FfeState; 3]>,
}

impl Lane {
    fn new(plan: &Plan, seed: u64, run: u64, stream: usize) -> Result<Self> {
        let gauss =
            |which| Gauss::new(seed, random_stream(run, stream, which)).with_level(plan.level);
        let philox =
            |which| Philox::new(seed, random_stream(run, stream, which)).with_level(plan.level);
        Ok(Self {
            data: Data::new(plan.pattern, philox(Use::Data))?,
            transmitter: gauss(Use::Transmitter),
            stationary: gauss(Use::Stationary),
            optical: gauss(Use::Optical),
            random_jitter: gauss(Use::RandomJitter),
            dual_dirac: philox(Use::DualDirac),
            aggressors: plan.aggressors.lanes(seed, run, stream),
            states: States {
                transmit: plan.transmit.as_ref().map(Ffe::state),
                channel: plan.channel.state(),
                slope: plan.slope.as_ref().map(Ffe::state),
                noise: match &plan.noise {
                    Some(Stationary::Shaped(filter)) => Some(filter.state()),
                    _ => None,
                },
                optical: plan
                    .optical
                    .as_ref()
                    .map(|o| [o.early.state(), o.late.state(), o.after.state()]),
            },
        })
    }

    /// The next `n` symbols of a stream, number `from` first, through the path into the receiver; `given` is
    /// sent, if there.
    fn advance(
        &mut self,
        plan: &Plan,
        (stream, from, n): (usize, u64, usize),
        given: Option<&[u8]>,
        reception: &mut Reception,
        scratch: &mut Scratch,
    ) -> Result<()> {
        let Scratch {
            transmitted,
            shaped,
            received,
            other,
            normal,
            bits,
            crosstalk,
        } = scratch;
        for buffer in [&mut *transmitted, shaped, received, other, normal] {
            buffer.resize(n, 0.0);
        }
        let sent = reception.send(stream, n);
        match given {
            Some(symbols) => sent.copy_from_slice(symbols),
            None => self.data.fill(from, sent),
        }
        plan.mapper.values(sent, transmitted)?;
        let states = &mut self.states;
        match (&plan.transmit, &mut states.transmit) {
            (Some(fir), Some(state)) => fir.process(state, transmitted, shaped)?,
            _ => std::mem::swap(transmitted, shaped),
        }
        if plan.tx_noise > 1e-9 {
            self.transmitter.add_scaled(from, plan.tx_noise, shaped);
        }
        plan.channel
            .process(&mut states.channel, shaped, received)?;
        if let (Some(slope), Some(state)) = (&plan.slope, &mut states.slope) {
            slope.process(state, shaped, other)?;
            self.random_jitter.fill(from, normal);
            bits.resize(n, 0);
            self.dual_dirac.fill_symbols(from, bits);
            displace(received, other, normal, bits, plan.jitter, plan.level)?;
        }
        if let (Some(o), Some([early, late, after])) = (&plan.optical, &mut states.optical) {
            o.early.process(early, shaped, other)?;
            o.late.process(late, shaped, transmitted)?;
            self.optical.fill(from, normal);
            let level = plan.level;
            follow_current(other, transmitted, normal, o.mean_a, o.rin_per_hz, level)?;
            o.after.process(after, other, normal)?;
            frontend::add(received, normal, level)?;
        }
        match (&plan.noise, &mut states.noise) {
            (Some(Stationary::White(sigma)), _) => {
                self.stationary.add_scaled(from, *sigma, received);
            }
            (Some(Stationary::Shaped(filter)), Some(state)) => {
                self.stationary.fill(from, normal);
                filter.process(state, normal, other)?;
                frontend::add(received, other, plan.level)?;
            }
            _ => {}
        }
        let aggressors = &mut self.aggressors;
        (plan.aggressors).add(aggressors, from, received, crosstalk)?;
        reception.equalize(&plan.receiver, stream, received)
    }
}
