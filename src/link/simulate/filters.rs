//! The time-domain engine's own impulses, phase bank and noise filters, from the responses alone.

use num_complex::Complex64;
use rustfft::FftPlanner;

use crate::channel::impulse;
use crate::error::Result;
use crate::frontend::adc;
use crate::pam4::variance;
use crate::signal::{Pulse, Response};

use super::super::chain::{Chain, fir_spectrum, window_ui};
use super::super::segment::Segment;

/// Share of a noise filter's energy that is kept; the kept taps are scaled so that the variance is whole.
const NOISE_KEPT: f64 = 1.0 - 3e-4;

/// Samples per unit interval in the search for the delay of the optical noise path.
const FINE: usize = 32;

/// Taps at symbol spacing and the index of the one that acts at the current symbol.
#[derive(Debug, Clone)]
pub(super) struct Taps {
    pub taps: Vec<f32>,
    pub precursors: usize,
}

impl Taps {
    pub(super) fn new(pulse: &Pulse) -> Self {
        Self {
            taps: pulse.samples.iter().map(|&h| h as f32).collect(),
            precursors: pulse.cursor,
        }
    }

    /// The same filter with `more` symbols of delay.
    fn delayed(mut self, more: usize) -> Self {
        self.taps.splice(0..0, std::iter::repeat_n(0.0, more));
        self.precursors += more;
        self
    }
}

/// Filters of the optical noise path.
#[derive(Debug, Clone)]
pub(super) struct Optical {
    /// From transmitted samples to the modulated part of the photocurrent, a quarter of a unit interval
    /// before and after the instant whose noise dominates the sample.
    pub current: [Taps; 2],
    /// From white current noise to the sampler.
    pub after: Taps,
    pub mean_a: f64,
    pub rin_per_hz: f64,
}

/// Everything a run convolves with.
#[derive(Debug, Clone)]
pub(super) struct Filters {
    /// Transmit FIR.
    pub transmit: Taps,
    /// From transmitted samples to the sampler.
    pub channel: Taps,
    /// The slope of the same, per unit interval; as long, same alignment. None without jitter.
    pub slope: Option<Taps>,
    /// Shape of all stationary noise; none without noise.
    pub noise: Option<Taps>,
    pub optical: Option<Optical>,
    /// Standard deviation of the transmitter's noise per symbol.
    pub tx_noise: f32,
}

impl Filters {
    pub(super) fn new(segment: &Segment, kept_energy: f64) -> Result<Self> {
        let chain = &segment.chain;
        let window = window_ui(chain.signal.grid(), chain.baud_hz);
        let mut planner = FftPlanner::new();
        let phase = segment.equalizer.phase_s;

        let bank = |response: &Response, planner: &mut FftPlanner<f64>| {
            symbol_samples(&advanced_fold(response, phase, window), planner)
        };
        let whole = centred(bank(&chain.signal, &mut planner))?;
        let pulse = whole.kept(kept_energy);
        let first = window / 4 - pulse.cursor;
        let per_ui = 2.0 * std::f64::consts::PI / chain.baud_hz;
        let derivative = Response::new(
            chain.signal.grid(),
            chain
                .signal
                .values()
                .iter()
                .zip(chain.signal.grid().iter())
                .map(|(h, f)| h * Complex64::new(0.0, per_ui * f))
                .collect(),
        )?;
        let slope = centred(bank(&derivative, &mut planner))?;
        let slope = Pulse::new(
            slope.samples[first..first + pulse.samples.len()].to_vec(),
            1,
            pulse.cursor,
        )?;

        let choice = &chain.choice;
        let transmit = Taps {
            taps: choice.tx_taps.iter().map(|&c| c as f32).collect(),
            precursors: choice.tx_main,
        };
        let dropped = dropped(&whole, &pulse);
        let noise = stationary(chain, &whole, &dropped, &mut planner)?;
        let mut channel = Taps::new(&pulse);
        let mut slope = Taps::new(&slope);
        let mut optical = optical(chain, phase, window, kept_energy, &mut planner)?;
        if let Some(o) = &mut optical {
            // Signal and noise that follows it arrive together: the shorter path waits.
            let lag = o.current[0].precursors + o.after.precursors;
            if lag < channel.precursors {
                let more = channel.precursors - lag;
                o.after = o.after.clone().delayed(more);
            } else {
                let more = lag - channel.precursors;
                channel = channel.delayed(more);
                slope = slope.delayed(more);
            }
        }
        Ok(Self {
            transmit,
            channel,
            slope: (chain.jitter.variance_ui2() > 0.0).then_some(slope),
            noise,
            optical,
            tx_noise: chain.tx_noise as f32,
        })
    }

    /// Symbols between what is sent and the sample that has it at its main cursor.
    pub(super) fn delay(&self) -> usize {
        self.transmit.precursors + self.channel.precursors
    }
}

/// The spectrum of `h(phase + k T)`, folded to one symbol rate.
pub(super) fn advanced_fold(response: &Response, phase_s: f64, window: usize) -> Vec<Complex64> {
    let grid = response.grid();
    let turn = 2.0 * std::f64::consts::PI * phase_s;
    let mut folded = vec![Complex64::default(); window];
    for (n, (h, f)) in response.values().iter().zip(grid.iter()).enumerate() {
        let value = h * Complex64::cis(turn * f) * grid.step_hz();
        folded[n % window] += value;
        if n > 0 {
            folded[(window - n % window) % window] += value.conj();
        }
    }
    // Zero frequency counts once and is real.
    folded[0].im = 0.0;
    folded
}

/// Inverse transform to real samples, index 0 at the phase.
pub(super) fn symbol_samples(folded: &[Complex64], planner: &mut FftPlanner<f64>) -> Vec<f64> {
    let mut work = folded.to_vec();
    planner.plan_fft_inverse(work.len()).process(&mut work);
    work.iter().map(|c| c.re).collect()
}

/// The samples with a quarter of the window in front of index 0.
pub(super) fn centred(mut samples: Vec<f64>) -> Result<Pulse> {
    let before = samples.len() / 4;
    samples.rotate_right(before);
    Pulse::new(samples, 1, before)
}

/// A noise filter cut to the taps that matter, its variance unchanged.
pub(super) fn noise_filter(samples: Vec<f64>) -> Result<Pulse> {
    let whole = centred(samples)?;
    let mut kept = whole.kept(NOISE_KEPT);
    let scale = (whole.energy() / kept.energy()).sqrt();
    for tap in &mut kept.samples {
        *tap *= scale;
    }
    Ok(kept)
}

/// The samples that truncation dropped, zeros where it kept, index 0 at the phase.
fn dropped(whole: &Pulse, kept: &Pulse) -> Vec<f64> {
    let mut rest = whole.samples.clone();
    let first = whole.cursor - kept.cursor;
    rest[first..first + kept.samples.len()].fill(0.0);
    rest.rotate_left(whole.cursor);
    rest
}

/// Zero-phase filter whose white-noise response has the density of all stationary noise at the sampler,
/// converter included, and of the interference that truncation dropped: a long faint tail of the pulse is a
/// sum of so many symbols that it is noise of the tail's own spectrum.
fn stationary(
    chain: &Chain,
    pulse: &Pulse,
    dropped: &[f64],
    planner: &mut FftPlanner<f64>,
) -> Result<Option<Taps>> {
    let window = dropped.len();
    let mut density = vec![0.0; window];
    for term in &chain.noise {
        add_density(&mut density, term.density, &term.shape);
    }
    let h: Vec<f64> = {
        let taps = &chain.choice.tx_taps;
        let mut total = vec![0.0; pulse.samples.len() + taps.len() - 1];
        for (i, c) in taps.iter().enumerate() {
            for (t, p) in total[i..].iter_mut().zip(&pulse.samples) {
                *t += c * p;
            }
        }
        total
    };
    let rms = (variance(chain.levels) * h.iter().map(|x| x * x).sum::<f64>()).sqrt();
    let receiver = &chain.receiver;
    let converter = adc::noise_variance(receiver.enob, receiver.adc_loading, rms);
    let mut tail: Vec<Complex64> = dropped.iter().map(|&x| x.into()).collect();
    planner.plan_fft_forward(window).process(&mut tail);
    let fir = fir_spectrum(&chain.choice, window);
    let amplitude: Vec<Complex64> = (0..window)
        .map(|n| {
            let tail = variance(chain.levels) * (tail[n] * fir[n]).norm_sqr();
            Complex64::new((density[n] * chain.baud_hz + converter + tail).sqrt(), 0.0)
        })
        .collect();
    if amplitude.iter().all(|a| a.re == 0.0) {
        return Ok(None);
    }
    let scaled: Vec<Complex64> = amplitude.iter().map(|a| a / window as f64).collect();
    let shape = noise_filter(symbol_samples(&scaled, planner))?;
    Ok(Some(Taps::new(&shape)))
}

/// Adds the two-sided density `N/2 |G(f)|^2` of a one-sided white density, folded to one symbol rate.
pub(super) fn add_density(folded: &mut [f64], density: f64, shape: &Response) {
    let window = folded.len();
    for (n, g) in shape.values().iter().enumerate() {
        let half = 0.5 * density * g.norm_sqr();
        folded[n % window] += half;
        if n > 0 {
            folded[(window - n % window) % window] += half;
        } else {
            folded[0] += half;
        }
    }
}

fn optical(
    chain: &Chain,
    phase_s: f64,
    window: usize,
    kept_energy: f64,
    planner: &mut FftPlanner<f64>,
) -> Result<Option<Optical>> {
    let Some(point) = &chain.optical else {
        return Ok(None);
    };
    // Noise that enters at time t reaches the sampler with the delay at which the path behind peaks, so the
    // current is taken around the instant that much before the sampling instant.
    let fine = impulse(&point.after, chain.baud_hz * FINE as f64)?;
    let peak = (0..fine.len()).fold(0, |best, i| {
        if fine[i].abs() > fine[best].abs() {
            i
        } else {
            best
        }
    });
    let delay_s = peak as f64 / (chain.baud_hz * FINE as f64);
    let quarter_s = 0.25 / chain.baud_hz;
    let mut current_at = |at_s: f64| {
        centred(symbol_samples(
            &advanced_fold(&point.current, at_s, window),
            planner,
        ))
    };
    let early = current_at(phase_s - delay_s - quarter_s)?;
    let late = current_at(phase_s - delay_s + quarter_s)?;
    // The same stretch of both, long enough for either.
    let (a, b) = (early.kept(kept_energy), late.kept(kept_energy));
    let before = a.cursor.max(b.cursor);
    let behind = (a.samples.len() - a.cursor).max(b.samples.len() - b.cursor);
    let cut = |pulse: &Pulse| {
        let stretch = pulse.cursor - before..pulse.cursor + behind;
        Pulse::new(pulse.samples[stretch].to_vec(), 1, before)
    };
    let current = [Taps::new(&cut(&early)?), Taps::new(&cut(&late)?)];

    // White noise keeps all its aliases: magnitude from the folded power, phase from the folded path.
    let mut power = vec![0.0; window];
    add_density(&mut power, 1.0, &point.after);
    let path = advanced_fold(&point.after, delay_s, window);
    let shaped: Vec<Complex64> = power
        .iter()
        .zip(&path)
        .map(|(p, h)| {
            let phase = if h.norm() > 0.0 {
                h / h.norm()
            } else {
                Complex64::new(1.0, 0.0)
            };
            phase * (p * chain.baud_hz).sqrt() / window as f64
        })
        .collect();
    let after = noise_filter(symbol_samples(&shaped, planner))?;
    Ok(Some(Optical {
        current,
        after: Taps::new(&after),
        mean_a: point.mean_a,
        rin_per_hz: point.rin_per_hz,
    }))
}
