//! What the equalizer design sees of a chain: the pulse at the phase the timing loop locks to, and the
//! autocorrelation of all noise at the sampler.

use num_complex::Complex64;
use realfft::RealFftPlanner;
use rustfft::FftPlanner;

use crate::channel::impulse;
use crate::error::{Error, Result};
use crate::frontend::adc;
use crate::pam4::variance;
use crate::signal::{Pulse, Response};

use super::chain::{Chain, fir_spectrum, window_ui};
use super::crosstalk::CrosstalkTerm;

/// A chain sampled once per symbol.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Front {
    /// Total pulse, transmit FIR included, at symbol spacing, V per unit level.
    pub pulse: Pulse,
    /// Autocorrelation of all noise at the sampler, V^2, lags of one symbol.
    pub noise: Vec<f64>,
    /// Time of the cursor on the axis of the chain's responses, s.
    pub phase_s: f64,
    /// Root mean square of the signal at the sampler, V.
    pub rms: f64,
}

/// Transforms planned once for many chains on the same grid.
pub(super) struct Sampling {
    samples_per_ui: usize,
    lags: usize,
    complex: FftPlanner<f64>,
    real: RealFftPlanner<f64>,
}

impl Sampling {
    pub(super) fn new(samples_per_ui: usize, lags: usize) -> Self {
        Self {
            samples_per_ui,
            lags,
            complex: FftPlanner::new(),
            real: RealFftPlanner::new(),
        }
    }

    /// Samples a chain. With `refine`, the phase is interpolated between the samples of a unit interval
    /// and the pulse taken exactly there; without, the nearest sample is good enough for a search.
    pub(super) fn front(&mut self, chain: &Chain, refine: bool) -> Result<Front> {
        let m = self.samples_per_ui;
        let window = window_ui(chain.signal.grid(), chain.baud_hz);
        let fir = fir_spectrum(&chain.choice, window);
        let total = Response::new(
            chain.signal.grid(),
            chain
                .signal
                .values()
                .iter()
                .enumerate()
                .map(|(n, s)| s * fir[n % window])
                .collect(),
        )?;
        let mut samples = self.inverse(&total, window * m)?;
        let (index, fraction) = locked_phase(&samples, m);
        let mut phase_s = (index as f64) / (chain.baud_hz * m as f64);
        let mut cursor = index;
        if refine {
            phase_s += fraction / (chain.baud_hz * m as f64);
            samples = self.inverse(&total.delayed(-phase_s), window * m)?;
            cursor = 0;
        }
        let n = samples.len();
        // Symbol-spaced samples around the cursor, a quarter of the window of precursors.
        let before = window / 4;
        let at = |k: usize| (cursor + n + k * m - before * m) % n;
        let pulse = Pulse::new((0..window).map(|k| samples[at(k)]).collect(), 1, before)?;
        if pulse.samples[pulse.cursor] == 0.0 {
            return Err(Error::Singular {
                name: "pulse (no signal reaches the sampler)".into(),
                rcond: 0.0,
            });
        }
        let slope: f64 = (0..window)
            .map(|k| {
                let (a, b) = ((at(k) + 1) % n, (at(k) + n - 1) % n);
                ((samples[a] - samples[b]) * 0.5 * m as f64).powi(2)
            })
            .sum();
        let level_variance = variance(chain.levels);
        let rms = (level_variance * pulse.energy()).sqrt();

        let mut noise = self.stationary(chain, window);
        self.add_transmitter(chain, phase_s, window, &mut noise);
        noise[0] += adc::noise_variance(chain.receiver.enob, chain.receiver.adc_loading, rms)
            + chain.jitter.variance_ui2() * level_variance * slope;
        Ok(Front {
            pulse,
            noise,
            phase_s,
            rms,
        })
    }

    /// Inverse transform to `samples` points over one window, from time zero.
    fn inverse(&mut self, response: &Response, samples: usize) -> Result<Vec<f64>> {
        let half = samples / 2;
        let values = response.values();
        if values.len() > half + 1 {
            // Spectrum beyond half the sample rate: let it fold as sampling folds it.
            let rate = samples as f64 * response.grid().step_hz();
            return impulse(response, rate);
        }
        let plan = self.real.plan_fft_inverse(samples);
        let mut spectrum = plan.make_input_vec();
        let step = response.grid().step_hz();
        for (to, from) in spectrum.iter_mut().zip(values) {
            *to = from * step;
        }
        spectrum[0].im = 0.0;
        spectrum[half].im = 0.0;
        let mut out = plan.make_output_vec();
        plan.process(&mut spectrum, &mut out)
            .map_err(|_| Error::Length {
                name: "spectrum".into(),
                expected: half + 1,
                got: values.len(),
            })?;
        Ok(out)
    }

    /// `R[m] = integral of sum_i N_i |G_i|^2 cos(2 pi f m T) df` of the stationary sources, crosstalk and the
    /// optical ones at their mean density, by folding the density to one symbol rate.
    fn stationary(&mut self, chain: &Chain, window: usize) -> Vec<f64> {
        let step = chain.signal.grid().step_hz();
        let mut folded = vec![Complex64::default(); window];
        let mut add = |density: f64, shape: &Response| {
            for (n, g) in shape.values().iter().enumerate() {
                // One-sided density: half of it at each of +-f.
                folded[n % window].re += 0.5 * density * g.norm_sqr() * step;
                folded[(window - n % window) % window].re += 0.5 * density * g.norm_sqr() * step;
            }
        };
        for term in &chain.noise {
            add(term.density, &term.shape);
        }
        for term in &chain.crosstalk {
            let density = CrosstalkTerm::density(chain.levels, chain.baud_hz);
            add(density, &term.sampler);
        }
        if let Some(optical) = &chain.optical {
            let density = optical.mean_rin_density() + optical.mean_shot_density();
            add(density, &optical.after);
        }
        self.complex.plan_fft_inverse(window).process(&mut folded);
        folded[..self.lags].iter().map(|c| c.re).collect()
    }

    /// Adds the transmitter's white noise behind the chain at this phase:
    /// `sigma^2 sum_k h[k] h[k + m]`, from the power of the symbol-rate spectrum.
    fn add_transmitter(&mut self, chain: &Chain, phase_s: f64, window: usize, noise: &mut [f64]) {
        let mut folded = folded_spectrum(&chain.signal, phase_s, window);
        for v in &mut folded {
            *v = Complex64::new(v.norm_sqr(), 0.0);
        }
        self.complex.plan_fft_inverse(window).process(&mut folded);
        let scale = chain.tx_noise * chain.tx_noise / window as f64;
        for (r, v) in noise.iter_mut().zip(&folded) {
            *r += scale * v.re;
        }
    }
}

/// The spectrum of the symbol-spaced samples `h(phase + k T)`: the response advanced by the phase and
/// folded to one symbol rate; its inverse transform over `window` (divided by it) are the samples.
pub(super) fn folded_spectrum(response: &Response, phase_s: f64, window: usize) -> Vec<Complex64> {
    let grid = response.grid();
    // df per bin and 1/window of the inverse transform leave a factor of the symbol rate.
    let scale = grid.step_hz() * window as f64;
    let turn = 2.0 * std::f64::consts::PI * phase_s;
    let mut folded = vec![Complex64::default(); window];
    for (n, h) in response.values().iter().enumerate() {
        let value = h * Complex64::cis(turn * grid.at(n)) * scale;
        if n == 0 {
            folded[0] += value.re;
        } else {
            folded[n % window] += value;
            folded[(window - n % window) % window] += value.conj();
        }
    }
    folded
}

/// Mueller-Muller: the phase where the pulse is the same one symbol before and after it. Returns the
/// sample at or before it nearest the peak, and the fraction of a sample beyond.
fn locked_phase(samples: &[f64], samples_per_ui: usize) -> (usize, f64) {
    let (n, m) = (samples.len(), samples_per_ui);
    let peak = (0..n).fold(0, |best, i| {
        if samples[i].abs() > samples[best].abs() {
            i
        } else {
            best
        }
    });
    let sign = samples[peak].signum();
    // Positive where the later neighbour is the larger: the sampler is early.
    let early = |i: usize| sign * (samples[(i + m) % n] - samples[(i + n - m) % n]);
    let mut best: Option<(usize, f64)> = None;
    for offset in 0..=2 * m {
        let i = (peak + n + offset - m) % n;
        let (a, b) = (early(i), early((i + 1) % n));
        if a >= 0.0 && b < 0.0 {
            let height = sign * samples[i];
            let better = best.is_none_or(|(j, _)| height > sign * samples[j]);
            if better {
                best = Some((i, a / (a - b)));
            }
        }
    }
    best.unwrap_or((peak, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_balances_the_first_cursors() {
        // A triangle of 4 UI width with its top at 10 UI + 3 samples, 8 samples per UI.
        let m = 8;
        let samples: Vec<f64> = (0..256)
            .map(|i| (1.0 - (f64::from(i) - 83.0).abs() / 16.0).max(0.0))
            .collect();
        let (i, fraction) = locked_phase(&samples, m);
        assert!((i as f64 + fraction - 83.0).abs() < 1e-9);
        let skewed: Vec<f64> = samples
            .iter()
            .enumerate()
            .map(|(i, s)| s + if i > 83 && i < 120 { 0.2 } else { 0.0 })
            .collect();
        let (i, _) = locked_phase(&skewed, m);
        assert!(i > 83, "a tail behind the peak moves the phase later: {i}");
    }
}
