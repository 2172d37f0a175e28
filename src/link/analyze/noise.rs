//! Noise at the slicer: every source shaped by what follows it, the FFE included.

use num_complex::Complex64;

use crate::error::Result;
use crate::frontend::adc;
use crate::pam4::variance;
use crate::signal::Response;

use super::super::chain::window_ui;
use super::super::config::AnalysisConfig;
use super::super::segment::Segment;
use super::super::spec::NoiseSource;
use super::crosstalk;
use super::jitter::{Jitter, MainTap};
use super::large::Large;
use super::optical::{self, Optical};
use super::pulse::{Pulses, convolve};

/// Lags of the noise that the burst sampler uses.
pub(super) const LAGS: usize = 9;

/// Variances at the slicer, in units of the level peak.
pub(super) struct SlicerNoise {
    /// Every source at its mean over the signal, for the budget; jitter whole.
    pub lines: Vec<(NoiseSource, f64)>,
    /// Interference-like coefficients of the dual-Dirac jitter at large side taps.
    pub dual_dirac: Vec<f64>,
    /// Jitter at the main tap.
    pub main_jitter: MainTap,
    /// Gaussian noise that scales with the noise, by level: stationary, transmitter, converter.
    scaled: [f64; 4],
    /// Noise of the transimpedance amplifier; scales with the noise, and falls with the light.
    tia: [f64; 4],
    /// Level-dependent optical noise by level; scales with the noise.
    optical: [Optical; 4],
    /// Jitter at the side taps but for its part on the grid, and distortion, by level; does not scale.
    jitter: [Spread; 4],
    /// Variance of crosstalk; on the grid for first errors, Gaussian in bursts and in a sequence detector.
    pub crosstalk: f64,
    /// The same where errors happen, for bursts.
    pub crosstalk_at_errors: f64,
    /// Autocorrelation of all noise and of crosstalk at its mean, lags of one symbol.
    pub autocorrelation: Vec<f64>,
}

impl SlicerNoise {
    pub(super) fn new(
        segment: &Segment,
        config: &AnalysisConfig,
        pulses: &Pulses,
        large: Option<&Large>,
        lags: usize,
    ) -> Result<Self> {
        let (chain, equalizer) = (&segment.chain, &segment.equalizer);
        let ffe: Vec<f64> = equalizer.ffe.iter().map(|&w| f64::from(w)).collect();
        let window = window_ui(chain.signal.grid(), chain.baud_hz);
        let ffe_power = ffe_spectrum(&ffe, equalizer.precursors, window);
        let taps: f64 = ffe.iter().map(|w| w * w).sum();
        let main = ffe[equalizer.precursors].powi(2);
        // What nonlinear stages do to the variance of a noise, by level.
        let bent = |source| large.map_or([1.0; 4], |l: &Large| l.noise(source, main / taps));
        let mut lines = Vec::new();
        let mut autocorrelation = vec![0.0; lags];
        let mut spectral = |source, density: f64, shape: &Response| {
            let bent = bent(source);
            let density = density * mean_of(bent);
            let r = shaped_autocorrelation(density, shape, &ffe_power, lags);
            for (sum, x) in autocorrelation.iter_mut().zip(&r) {
                *sum += x;
            }
            lines.push((source, r[0]));
            bent.map(|b| r[0] * (b / mean_of(bent)))
        };
        let mut scaled = [0.0; 4];
        let mut tia = [0.0; 4];
        for term in &chain.noise {
            let variance = spectral(term.source, term.density, &term.shape);
            add(
                match term.source {
                    NoiseSource::Tia => &mut tia,
                    _ => &mut scaled,
                },
                variance,
            );
        }
        let mut optical = [Optical::default(); 4];
        if let Some(point) = &chain.optical {
            spectral(NoiseSource::Rin, point.mean_rin_density(), &point.after);
            spectral(NoiseSource::Shot, point.mean_shot_density(), &point.after);
            let light = large.and_then(|l| l.light).unwrap_or((chain.levels, 0.0));
            optical = optical::level_variances(segment, point, light, &ffe_power, config)?;
            let (rin, shot) = (bent(NoiseSource::Rin), bent(NoiseSource::Shot));
            for (s, level) in optical.iter_mut().enumerate() {
                level.rin = level.rin.scaled(rin[s]);
                level.shot *= shot[s];
            }
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
        let bent = bent(NoiseSource::Transmitter);
        let variance_at = white(
            NoiseSource::Transmitter,
            &tx_path,
            tx_variance * mean_of(bent),
        );
        add(&mut scaled, bent.map(|b| variance_at * (b / mean_of(bent))));

        let level_variance = variance(chain.levels);
        let total = convolve(&pulses.analog.samples, &chain.choice.tx_taps);
        let louder = large.map_or(1.0, |l| l.rms);
        let rms = louder * (level_variance * total.iter().map(|h| h * h).sum::<f64>()).sqrt();
        let receiver = &chain.receiver;
        let converter = adc::noise_variance(receiver.enob, receiver.adc_loading, rms);
        let quantization = white(NoiseSource::Quantization, &ffe, converter);
        add(&mut scaled, [quantization; 4]);

        let slope2 = level_variance * pulses.slope.iter().map(|s| s * s).sum::<f64>();
        white(
            NoiseSource::Jitter,
            &ffe,
            chain.jitter.variance_ui2() * slope2,
        );
        let mut jitter = Jitter::new(segment, &ffe, pulses)?;
        if let Some(large) = large {
            let cursor2 = pulses.before * pulses.before;
            let distortion = large.distortion();
            let others = (taps - main) * mean_of(distortion);
            let at_level = distortion.map(|d| cursor2 * (main * d + others));
            white(NoiseSource::Distortion, &ffe, cursor2 * mean_of(distortion));
            for (spread, d) in jitter.gaussian.iter_mut().zip(at_level) {
                spread.mean += d;
            }
        }
        let crosstalk = crosstalk::add(segment, &ffe_power, &mut lines, &mut autocorrelation);
        Ok(Self {
            lines,
            dual_dirac: jitter.grid,
            main_jitter: jitter.main,
            scaled,
            tia,
            optical,
            jitter: jitter.gaussian,
            crosstalk,
            crosstalk_at_errors: crosstalk,
            autocorrelation,
        })
    }

    /// The distribution of the noise's variance for a symbol of level index `s` under `conditions`.
    ///
    /// With less light the gain control restores the signal, so the amplifier's noise grows with the square of
    /// the power lost, shot noise with the power, intensity noise not at all.
    ///
    /// Where other symbols modulate a noise (intensity noise through the current, jitter through the slope),
    /// the sum is a mixture of Gaussians with heavier tails than one of the mean variance.
    pub(super) fn level_variance(&self, s: usize, conditions: Conditions) -> Spread {
        let Conditions { noise, light } = conditions;
        let power = noise * noise;
        let (Optical { rin, shot }, jitter) = (self.optical[s], self.jitter[s]);
        let optical = self.tia[s] / (light * light) + shot / light + rin.mean;
        Spread {
            mean: power * (self.scaled[s] + optical) + jitter.mean,
            variance: power * power * rin.variance + jitter.variance,
            third: power * power * power * rin.third + jitter.third,
        }
    }

    /// Values and probabilities of the variance of all noise for a symbol of level index `s`, jitter at the main
    /// tap and crosstalk included.
    pub(super) fn variances(
        &self,
        s: usize,
        conditions: Conditions,
        levels: &[f64; 4],
    ) -> Vec<(f64, f64)> {
        let jitter = &self.main_jitter;
        let tau2 = jitter.random * jitter.random + jitter.dual * jitter.dual;
        self.level_variance(s, conditions)
            .nodes()
            .into_iter()
            .flat_map(|(v, p)| {
                jitter.classes.iter().map(move |&(slope, q)| {
                    let slope = slope + jitter.own * levels[s];
                    (v + self.crosstalk + tau2 * slope * slope, p * q)
                })
            })
            .collect()
    }

    /// Mean variance of all noise.
    pub(super) fn mean_variance(&self, conditions: Conditions, levels: &[f64; 4]) -> f64 {
        let all = (0..4).flat_map(|s| self.variances(s, conditions, levels));
        all.map(|(v, p)| 0.25 * v * p).sum()
    }

    /// Mean variance of the Gaussian noise over the levels.
    pub(super) fn gaussian_variance(&self, conditions: Conditions) -> f64 {
        (0..4)
            .map(|s| self.level_variance(s, conditions).mean)
            .sum::<f64>()
            / 4.0
    }
}

/// A change of noise or light against the designed link, taps and gains' settings kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Conditions {
    /// Factor on the amplitude of all noise.
    pub noise: f64,
    /// Factor on the optical power.
    pub light: f64,
}

impl Conditions {
    /// As designed.
    pub(in super::super) const NOMINAL: Self = Self {
        noise: 1.0,
        light: 1.0,
    };

    /// All noise up by so many dB (20 log10).
    pub(in super::super) fn noise_db(db: f64) -> Self {
        Self {
            noise: crate::units::db_to_amplitude(db),
            ..Self::NOMINAL
        }
    }

    /// Light down by so many dB (10 log10).
    pub(in super::super) fn light_down_db(db: f64) -> Self {
        Self {
            light: crate::units::db_to_power(-db),
            ..Self::NOMINAL
        }
    }
}

/// First three cumulants of a variance that symbols modulate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spread {
    pub mean: f64,
    pub variance: f64,
    /// Third central moment.
    pub third: f64,
}

impl Spread {
    /// Of so many times the variance.
    fn scaled(self, factor: f64) -> Self {
        Self {
            mean: factor * self.mean,
            variance: factor * factor * self.variance,
            third: factor * factor * factor * self.third,
        }
    }

    /// Two values and their weights with the same three moments (a two-point Gauss quadrature).
    pub(super) fn nodes(&self) -> [(f64, f64); 2] {
        let sigma = self.variance.max(0.0).sqrt();
        if sigma <= 1e-9 * self.mean {
            return [(self.mean, 0.5), (self.mean, 0.5)];
        }
        let skew = self.third / (sigma * sigma * sigma);
        let root = (skew * skew + 4.0).sqrt();
        let (low, high) = (0.5 * (skew - root), 0.5 * (skew + root));
        [
            // A variance stays positive; the clamp acts only where the spread exceeds the mean.
            ((self.mean + sigma * low).max(1e-3 * self.mean), high / root),
            (self.mean + sigma * high, -low / root),
        ]
    }
}

fn mean_of(levels: [f64; 4]) -> f64 {
    levels.iter().sum::<f64>() / 4.0
}

fn add(sum: &mut [f64; 4], terms: [f64; 4]) {
    for (sum, x) in sum.iter_mut().zip(terms) {
        *sum += x;
    }
}

/// `W(f) = sum_k w_k exp(-j 2 pi f (k - p) T)` over one period of the symbol rate.
pub(super) fn ffe_spectrum(ffe: &[f64], precursors: usize, window: usize) -> Vec<Complex64> {
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
pub(super) fn shaped_autocorrelation(
    density: f64,
    shape: &Response,
    ffe: &[Complex64],
    lags: usize,
) -> Vec<f64> {
    let window = ffe.len();
    let mut r = vec![0.0; lags];
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
    for x in &mut r {
        *x *= density * shape.grid().step_hz();
    }
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_nodes_hold_three_moments() {
        let spread = Spread {
            mean: 3.0,
            variance: 0.5,
            third: 0.4,
        };
        let nodes = spread.nodes();
        let moment = |k: i32| {
            nodes
                .iter()
                .map(|(v, w)| w * (v - 3.0).powi(k))
                .sum::<f64>()
        };
        assert!((moment(0) - 1.0).abs() < 1e-12 && moment(1).abs() < 1e-12);
        assert!((moment(2) - 0.5).abs() < 1e-12 && (moment(3) - 0.4).abs() < 1e-12);
        let single = Spread {
            mean: 2.0,
            ..Spread::default()
        }
        .nodes();
        assert_eq!(single, [(2.0, 0.5), (2.0, 0.5)]);
    }
}
