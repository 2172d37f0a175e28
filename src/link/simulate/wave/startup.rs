//! The start of a simulation: gains behind what is nonlinear, timing, levels; then everything is frozen.
//!
//! 1. **Gains.** Without noise: mean photocurrent, and the gain controls behind nonlinear stages, one after
//!    the other along the path, each from the RMS of the waveform at its input.
//! 2. **Converter.** RMS of the samples at the designed phase: full scale and noise of the converter.
//! 3. **Timing.** With all noise, every stream from a phase of its own up to half a unit interval off: the
//!    acquisition of [`crate::cdr`], which knows nothing of the channel; the detector's gain is measured by its
//!    probe, then the loop runs at its configured bandwidth until its lock is told.
//! 4. **Taps.** Where they are to adapt, they follow the samples by least mean squares, twice, the clock
//!    recovery on its way with the taps of the time before.
//! 5. **Levels.** Where something is nonlinear, the means of the four levels at the slicer become levels and,
//!    midway between them, thresholds.

use crate::cdr::LockReport;
use crate::channel::convolve::{Impulse, PlaneFilter, Planes};
use crate::error::Result;
use crate::frontend::agc::Agc;
use crate::metrics::SnrEstimator;
use crate::pam4::midway;
use crate::signal::Response;
use crate::simd::Level;

use super::super::super::chain::Chain;
use super::super::super::config::LinkConfig;
use super::super::super::path::SectionEnd;
use super::super::super::segment::Segment;
use super::super::receive::Slicing;
use super::adapt::adapted;
use super::front::{Front, path};
use super::plan::{BLOCK, Plan};
use super::run::{Extent, Outcome};
use super::stream::{Numbers, Stream};
use super::tuning::Tuning;

/// Symbols that a waveform is measured over; as many before them are let go.
const MEASURED: usize = 1 << 13;
/// Number of the runs that belong to the start: no counted run has it.
const START: u64 = 1 << 39;
/// Symbols of each stream that the taps follow, and how often.
const ADAPTED: usize = 1 << 14;
const ROUNDS: u64 = 2;
/// The most symbols of each stream in which the clock is looked for; what is found is then followed over
/// `SETTLE`, until all streams are locked.
const MOST_SEARCHED: u64 = 1 << 23;
const SETTLE: u64 = 1 << 19;
const MOST_STEPS: u64 = 4;
/// Streams that lock at the start.
const LOCKING: usize = 4;

/// The tuning of a segment, and the run in which the timing locked.
pub(super) fn startup(
    segment: &Segment,
    config: &LinkConfig,
    seed: u64,
    level: Level,
    go_on: &dyn Fn() -> bool,
) -> Result<(Tuning, Option<Outcome>)> {
    let chain = &segment.chain;
    let mut tuning = Tuning::linear(segment)?;
    let nonlinear = segment.is_nonlinear();
    if nonlinear {
        gains(chain, config, seed, &mut tuning, level)?;
    }
    let streams = config.simulation.waveform_streams;
    let extent = Extent {
        seed,
        run: START,
        streams,
        warmup: 1024,
        // Its RMS is then known to half a per cent.
        symbols: (32 * MEASURED / streams).max(1024) as u64,
        record: 0,
        acquire: false,
        probed: false,
        offset_ui: 0.0..0.0,
    };
    // The power counts from the first sample on: a few symbols of silence in thousands.
    let quiet = Plan::new(chain, config, &tuning, true, level)?.run(&extent, None, &|| true)?;
    tuning.converter_rms = quiet.power.sqrt();

    let outcome = if config.simulation.timing.recovered {
        Some(clock(chain, config, &extent, &mut tuning, level, go_on)?)
    } else {
        None
    };
    if config.simulation.adapt {
        for round in 0..ROUNDS {
            let plan = Plan::new(chain, config, &tuning, false, level)?;
            let extent = Extent {
                run: START + 4 + round,
                warmup: 4096,
                symbols: ADAPTED as u64,
                record: ADAPTED,
                ..extent.clone()
            };
            let run = plan.run(&extent, None, go_on)?;
            let gear = if round == 0 { 1.0 } else { 0.2 };
            tuning.equalizer = adapted(chain, &tuning.equalizer, &run.records, gear, level)?;
        }
    }
    if nonlinear || config.simulation.adapt {
        let plan = Plan::new(chain, config, &tuning, false, level)?;
        let extent = Extent {
            run: START + 8,
            warmup: 4096,
            symbols: 1 << 14,
            ..extent
        };
        let run = plan.run(&extent, None, go_on)?;
        // Means that do not rise are those of a clock that never locked: the lock report says so.
        let levels = SnrEstimator::levels(&run.counted.snr);
        if let Some(levels) = levels.filter(|l| l.windows(2).all(|pair| pair[0] < pair[1])) {
            tuning.slicing = Slicing {
                levels,
                thresholds: midway(levels),
            };
        }
    }
    Ok((tuning, outcome))
}

/// Gains behind what is nonlinear, and the mean photocurrent, one after the other along the path.
fn gains(
    chain: &Chain,
    config: &LinkConfig,
    seed: u64,
    tuning: &mut Tuning,
    level: Level,
) -> Result<()> {
    let mut bent = false;
    for (i, section) in path(chain)?.sections.iter().enumerate() {
        if let (Some(control), true) = (&section.control, bent) {
            let front = Front::new(chain, config, tuning, i, true, level)?;
            let (_, rms) = measure(&front, seed, Some(&control.before))?;
            let (gain, _) = Agc::gain(&control.agc, rms);
            tuning.gain[i] = gain / control.gain;
        }
        match &section.end {
            SectionEnd::Limiter { .. } => bent = true,
            SectionEnd::Photocurrent(light) if light.modulator.is_some() => {
                bent = true;
                // Measured as what is left of the current behind the mean of the linear view.
                let front = Front::new(chain, config, tuning, i + 1, true, level)?;
                let (mean, _) = measure(&front, seed, None)?;
                tuning.mean_a += mean;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Finds the clock and follows it until all streams are locked or the steps are used up; the last step's run.
fn clock(
    chain: &Chain,
    config: &LinkConfig,
    extent: &Extent,
    tuning: &mut Tuning,
    level: Level,
    go_on: &dyn Fn() -> bool,
) -> Result<Outcome> {
    let mut step = 0;
    loop {
        let plan = Plan::new(chain, config, tuning, false, level)?;
        let acquire = step == 0;
        let extent = Extent {
            run: START + 16 + step,
            streams: extent.streams.min(LOCKING),
            warmup: 1024,
            symbols: if acquire { MOST_SEARCHED } else { SETTLE },
            offset_ui: if acquire { -0.5..0.5 } else { 0.0..0.0 },
            acquire,
            probed: true,
            ..extent.clone()
        };
        let run = plan.run(&extent, None, go_on)?;
        let n = run.lock.len().max(1) as f64;
        tuning.phase_ui = mean(&run, tuning.phase_ui, config);
        tuning.frequency_ppm = run.lock.iter().map(|l| l.frequency_ppm).sum::<f64>() / n;
        let gain = run.lock.iter().map(|l| l.evidence.gain_per_ui).sum::<f64>() / n;
        // A gain that stands out of noise; before it does, the loop runs at that of the linear design.
        if gain.is_finite() && gain > 0.05 {
            tuning.detector_gain = Some(gain);
        }
        let locked = run.lock.iter().all(LockReport::is_locked);
        step += 1;
        if (!acquire && locked) || step == MOST_STEPS || !go_on() {
            return Ok(run);
        }
    }
}

/// Mean of the streams' last phases, frequency offset taken out: where runs begin. A loop that starts anywhere
/// locks to any symbol; the mean is that of the phases within a unit interval, and the symbol the one that the
/// designed phase names, so that decisions can be compared with what was sent.
fn mean(run: &Outcome, before: f64, config: &LinkConfig) -> f64 {
    let ahead = 1e-6 * config.simulation.timing.ppm_offset;
    let k = run.sampled as f64;
    let turn = 2.0 * std::f64::consts::PI;
    let (mut c, mut s) = (0.0, 0.0);
    for phase in &run.phase_ui {
        let off = turn * (phase + ahead * (k + phase) - before);
        c += off.cos();
        s += off.sin();
    }
    before + s.atan2(c) / turn
}

/// Mean and RMS around it of the waveform at the end of a front, behind a response if there is one.
fn measure(front: &Front, seed: u64, behind: Option<&Response>) -> Result<(f64, f64)> {
    let numbers = Numbers {
        seed,
        run: START,
        stream: 0,
    };
    let m = front.grid.samples_per_ui;
    let filter = match behind {
        None => None,
        Some(response) => {
            let impulse = Impulse::transfer(response, &front.grid)?;
            Some(PlaneFilter::with_level(&impulse, front.level)?)
        }
    };
    let past = filter.as_ref().map_or(0, PlaneFilter::past);
    let mut stream = Stream::new(front, &numbers, past, BLOCK)?;
    let mut state = filter.as_ref().map(PlaneFilter::state);
    let mut out = Planes::new(m, 0, BLOCK)?;
    let mut sent = vec![0; BLOCK];
    let (mut sum, mut squares, mut n) = (0.0, 0.0, 0.0);
    for block in 0..2 * MEASURED / BLOCK {
        stream.advance(front, None, &mut sent)?;
        if let (Some(filter), Some(state)) = (&filter, &mut state) {
            filter.process(state, stream.planes(), BLOCK, &mut out)?;
        }
        if block < MEASURED / BLOCK {
            continue;
        }
        for p in 0..m {
            let samples = if filter.is_some() {
                out.fresh(p, BLOCK)
            } else {
                stream.planes().fresh(p, BLOCK)
            };
            for x in samples {
                let x = f64::from(*x);
                sum += x;
                squares += x * x;
                n += 1.0;
            }
        }
    }
    let mean = sum / n;
    Ok((mean, (squares / n - mean * mean).max(0.0).sqrt()))
}
