//! Noise at the slicer: every source shaped by what follows it, the FFE included.

use num_complex::Complex64;

use crate::error::Result;
use crate::frontend::adc;
use crate::pam4::variance;
use crate::signal::Response;
use crate::units::CHARGE_C;

use super::super::chain::{OpticalPoint, fir_spectrum, window_ui};
use super::super::config::AnalysisConfig;
use super::super::segment::Segment;
use super::super::spec::NoiseSource;
use super::pulse::{Pulses, convolve, fine};

/// Lags of the noise that the burst sampler uses.
pub(super) const LAGS: usize = 9;

/// A main-tap share above which dual-Dirac jitter is convolved instead of counted as Gaussian.
const MAIN_SHARE: f64 = 0.3;

/// Variances at the slicer, in units of the level peak.
pub(super) struct SlicerNoise {
    /// Every source at its mean over the signal, for the budget; jitter whole.
    pub lines: Vec<(NoiseSource, f64)>,
    /// Interference-like coefficients of the dual-Dirac jitter at the main taps.
    pub dual_dirac: Vec<f64>,
    /// Gaussian noise that scales with the noise: stationary, transmitter, converter.
    scaled: f64,
    /// Level-dependent optical noise by level; scales with the noise.
    optical: [f64; 4],
    /// Gaussian part of the jitter; does not scale.
    jitter: f64,
    /// Autocorrelation of all Gaussian noise at its mean, lags of one symbol.
    pub autocorrelation: [f64; LAGS],
}

impl SlicerNoise {
    pub(super) fn new(segment: &Segment, config: &AnalysisConfig, pulses: &Pulses) -> Result<Self> {
        let (chain, equalizer) = (&segment.chain, &segment.equalizer);
        let ffe: Vec<f64> = equalizer.ffe.iter().map(|&w| f64::from(w)).collect();
        let window = window_ui(chain.signal.grid(), chain.baud_hz);
        let ffe_power = ffe_spectrum(&ffe, equalizer.precursors, window);
        let mut lines = Vec::new();
        let mut autocorrelation = [0.0; LAGS];
        let mut spectral = |source, density: f64, shape: &Response| {
            let r = shaped_autocorrelation(density, shape, &ffe_power, window);
            for (sum, x) in autocorrelation.iter_mut().zip(r) {
                *sum += x;
            }
            lines.push((source, r[0]));
            r[0]
        };
        let mut scaled = 0.0;
        for term in &chain.noise {
            scaled += spectral(term.source, term.density, &term.shape);
        }
        let mut optical = [0.0; 4];
        if let Some(point) = &chain.optical {
            spectral(NoiseSource::Rin, point.mean_rin_density(), &point.after);
            spectral(NoiseSource::Shot, point.mean_shot_density(), &point.after);
            optical = level_variances(segment, point, &ffe_power, config)?;
        }

        let mut white = |source, at_sampler: &[f64], density: f64| {
            for (m, sum) in autocorrelation.iter_mut().enumerate() {
                let products = at_sampler.iter().zip(at_sampler.get(m..).unwrap_or(&[]));
                *sum += density * products.map(|(a, b)| a * b).sum::<f64>();
            }
            let variance = density * at_sampler.iter().map(|a| a * a).sum::<f64>();
            lines.push((source, variance));
            variance
        };
        let tx_path = convolve(&pulses.analog.samples, &ffe);
        let tx_variance = chain.tx_noise * chain.tx_noise;
        scaled += white(NoiseSource::Transmitter, &tx_path, tx_variance);

        let level_variance = variance(chain.levels);
        let total = convolve(&pulses.analog.samples, &chain.choice.tx_taps);
        let rms = (level_variance * total.iter().map(|h| h * h).sum::<f64>()).sqrt();
        let receiver = &chain.receiver;
        let converter = adc::noise_variance(receiver.enob, receiver.adc_loading, rms);
        scaled += white(NoiseSource::Quantization, &ffe, converter);

        let slope2 = level_variance * pulses.slope.iter().map(|s| s * s).sum::<f64>();
        let jitter_all = chain.jitter.variance_ui2() * slope2;
        white(NoiseSource::Jitter, &ffe, jitter_all);
        // Dual-Dirac displacement at the large taps: +-A times the slope, itself a sum over symbols.
        let main = ffe[equalizer.precursors].abs();
        let amplitude = chain.jitter.dual_dirac_ui;
        let large: Vec<f64> = ffe
            .iter()
            .copied()
            .filter(|w| amplitude > 0.0 && w.abs() >= MAIN_SHARE * main)
            .collect();
        let dual_dirac: Vec<f64> = large
            .iter()
            .flat_map(|w| pulses.slope.iter().map(move |s| amplitude * w * s))
            .collect();
        let ffe_energy: f64 = ffe.iter().map(|w| w * w).sum();
        let on_grid = amplitude * amplitude * slope2 * large.iter().map(|w| w * w).sum::<f64>();
        let jitter = (jitter_all * ffe_energy - on_grid).max(0.0);
        Ok(Self {
            lines,
            dual_dirac,
            scaled,
            optical,
            jitter,
            autocorrelation,
        })
    }

    /// Variance of the Gaussian noise for a symbol of level index `s`, noise amplitudes times `scale`.
    pub(super) fn level_variance(&self, s: usize, scale: f64) -> f64 {
        scale * scale * (self.scaled + self.optical[s]) + self.jitter
    }

    /// The same, averaged over the levels.
    pub(super) fn gaussian_variance(&self, scale: f64) -> f64 {
        (0..4).map(|s| self.level_variance(s, scale)).sum::<f64>() / 4.0
    }
}

/// `W(f) = sum_k w_k exp(-j 2 pi f (k - p) T)` over one period of the symbol rate.
fn ffe_spectrum(ffe: &[f64], precursors: usize, window: usize) -> Vec<Complex64> {
    let step = -2.0 * std::f64::consts::PI / window as f64;
    (0..window)
        .map(|n| {
            ffe.iter()
                .enumerate()
                .map(|(k, w)| {
                    let turn = (k as f64 - precursors as f64) * n as f64;
                    w * Complex64::cis(step * turn)
                })
                .sum()
        })
        .collect()
}

/// `R[m] = integral of N |G|^2 |W|^2 cos(2 pi f m T) df` by the trapezoid rule.
fn shaped_autocorrelation(
    density: f64,
    shape: &Response,
    ffe: &[Complex64],
    window: usize,
) -> [f64; LAGS] {
    let mut r = [0.0; LAGS];
    let last = shape.values().len() - 1;
    for (n, g) in shape.values().iter().enumerate() {
        let ends = if n == 0 || n == last { 0.5 } else { 1.0 };
        let power = ends * g.norm_sqr() * ffe[n % window].norm_sqr();
        let turn = Complex64::cis(2.0 * std::f64::consts::PI * (n % window) as f64 / window as f64);
        let mut phasor = Complex64::new(1.0, 0.0);
        for x in &mut r {
            *x += power * phasor.re;
            phasor *= turn;
        }
    }
    r.map(|x| x * density * shape.grid().step_hz())
}

/// Variance of intensity and shot noise at the slicer, given the level of the symbol decided.
///
/// White current noise of density `S(t) = RIN I(t)^2 + 2 q I(t)` through the impulse response `g` from the
/// photocurrent to the slicer has variance `1/2 integral of g(t0 - t)^2 E[S(t)] dt`; the current is
/// `I0 + a_0 p(t) + sum over other symbols`, so
/// `E[I^2 | a_0] = (I0 + a_0 p(t))^2 + var (sum_k p(t + k T)^2 - p(t)^2)`.
fn level_variances(
    segment: &Segment,
    point: &OpticalPoint,
    ffe: &[Complex64],
    config: &AnalysisConfig,
) -> Result<[f64; 4]> {
    let chain = &segment.chain;
    let m = config.samples_per_ui;
    let window = ffe.len();
    let times = |response: &Response, factor: &[Complex64]| {
        Response::new(
            response.grid(),
            response
                .values()
                .iter()
                .enumerate()
                .map(|(n, h)| h * factor[n % window])
                .collect(),
        )
    };
    let to_slicer = times(&point.after, ffe)?;
    let g = fine(&to_slicer, segment.equalizer.phase_s, chain.baud_hz, m)?;
    let fir = fir_spectrum(&chain.choice, window);
    let p = fine(&times(&point.current, &fir)?, 0.0, chain.baud_hz, m)?;
    let n = p.len();
    let mut energy = vec![0.0; m];
    for (j, x) in p.iter().enumerate() {
        energy[j % m] += x * x;
    }
    let level_variance = variance(chain.levels);
    let dt = 1.0 / (chain.baud_hz * m as f64);
    Ok(chain.levels.map(|level| {
        let sum: f64 = (0..n)
            .map(|j| {
                let mean = point.mean_a + level * p[j];
                let square = mean * mean + level_variance * (energy[j % m] - p[j] * p[j]);
                let density = point.rin_per_hz * square + 2.0 * CHARGE_C * mean;
                let weight = g[(n - j) % n];
                weight * weight * density
            })
            .sum();
        0.5 * sum * dt
    }))
}
