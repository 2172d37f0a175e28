//! What follows a wrong decision: bursts sampled from the moment of the first error.
//!
//! A feedback equalizer subtracts a wrong level after a wrong decision. How far that carries depends on its
//! taps and on the noise that caused the error, because the noise behind an FFE is correlated. So bursts are
//! *sampled conditionally*: symbols and interference at random, the noise of the first symbol drawn from
//! its tail beyond the threshold (each draw weighted by the probability of that tail), the noise of the
//! following symbols from its conditional distribution, and the decisions made as the receiver makes
//! them, until the history is right again. The rate of first errors is computed elsewhere without any
//! sampling, so this holds at 1e-15 as at 1e-3.

use crate::frontend::jitter::JitterConfig;
use crate::pam4::{bit_errors, variance};
use crate::random::Philox;
use crate::units::{q_function, q_inverse};

use super::super::segment::Segment;
use super::noise::{LAGS, SlicerNoise};
use super::pulse::Pulses;

/// Interferers that are followed symbol by symbol; the smaller ones count as noise.
const FOLLOWED: usize = 24;
/// Decisions after which a burst is cut off.
const HORIZON: usize = 256;
/// Philox stream of the burst sampler.
const STREAM: u64 = 0xB0_0575;

/// Means over sampled bursts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MeanBurst {
    /// Wrong symbols.
    pub symbols: f64,
    /// Wrong bits after the first symbol.
    pub later_bits: f64,
    /// Symbols from the first to the last wrong one.
    pub span: f64,
    /// Probability that the symbol after the first wrong one is wrong.
    pub propagation: f64,
}

pub(super) struct BurstSampler {
    levels: [f64; 4],
    thresholds: [f64; 3],
    gain: f64,
    dfe: Vec<f64>,
    residual: Vec<(i64, f64)>,
    /// Main tap times slope, by lag: what jitter of one UI at the main tap would add.
    slope: Vec<(i64, f64)>,
    jitter: JitterConfig,
    /// Variance of small interferers, of dual-Dirac jitter at side taps and of crosstalk, which count as
    /// noise here.
    folded_variance: f64,
    /// Linear predictors of the normalised noise by order: coefficients on the latest sample first, and
    /// the innovation's variance.
    predictors: Vec<(Vec<f64>, f64)>,
}

impl BurstSampler {
    /// `levels` and `thresholds` as at the slicer, `slope` what nonlinear stages do to interference.
    pub(super) fn new(
        segment: &Segment,
        pulses: &Pulses,
        noise: &SlicerNoise,
        (levels, thresholds): ([f64; 4], [f64; 3]),
        slope: f64,
    ) -> Self {
        let mut residual = pulses.residual.clone();
        for (_, r) in &mut residual {
            *r *= slope;
        }
        residual.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let rest = residual.split_off(residual.len().min(FOLLOWED));
        let level_variance = variance(segment.chain.levels);
        let tail = lagged_products(&rest).map(|r| r * level_variance);
        let side: f64 = noise.dual_dirac.iter().map(|c| c * c).sum();
        let main = f64::from(segment.equalizer.ffe[segment.equalizer.precursors]);
        let jitter = segment.chain.jitter;
        // What is drawn as one Gaussian sequence: all noise and the small interferers with their own
        // correlation, without the jitter of the main tap, which is drawn by itself.
        let slope_energy: f64 = pulses.slope.iter().map(|s| s * s).sum();
        let mut correlation: [f64; LAGS] =
            std::array::from_fn(|m| noise.autocorrelation.get(m).copied().unwrap_or(0.0));
        correlation[0] -= jitter.variance_ui2() * level_variance * slope_energy * main * main;
        for (r, t) in correlation.iter_mut().zip(tail) {
            *r += t;
        }
        let mut slope: Vec<(i64, f64)> = pulses
            .slope
            .iter()
            .enumerate()
            .map(|(i, s)| (i as i64 - pulses.cursor as i64, main * s))
            .collect();
        slope.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        slope.truncate(if jitter.variance_ui2() == 0.0 {
            0
        } else {
            FOLLOWED / 2
        });
        Self {
            levels,
            thresholds,
            gain: pulses.gain,
            dfe: segment
                .equalizer
                .dfe
                .iter()
                .map(|&b| f64::from(b))
                .collect(),
            residual,
            slope,
            jitter,
            folded_variance: tail[0] + side * level_variance + noise.crosstalk_at_errors,
            predictors: predictors(&correlation),
        }
    }

    /// Samples `count` bursts with Gaussian noise of these standard deviations by level.
    pub(super) fn sample(&self, sigmas: [f64; 4], count: usize, seed: u64) -> MeanBurst {
        let mut draws = Draws::new(seed);
        let sigmas = sigmas.map(|s| (s * s + self.folded_variance).sqrt());
        let lags = self.residual.iter().chain(&self.slope);
        let reach = lags.map(|&(m, _)| m.abs()).max();
        let reach = reach.unwrap_or(0) as usize;
        let mut sums = Sums::default();
        let mut sent = vec![0u8; 2 * reach + HORIZON];
        for _ in 0..count {
            // Symbols up to `reach` after the first decision; later ones are drawn when they enter.
            let mut known = 2 * reach + 1;
            draws.symbols(&mut sent[..known]);
            self.one(&mut draws, sigmas, reach, &mut sent, &mut known, &mut sums);
        }
        sums.mean()
    }

    /// Interference and jitter at the main tap of the symbol at `at`.
    fn interference(&self, sent: &[u8], at: usize, draws: &mut Draws) -> f64 {
        let sum = |terms: &[(i64, f64)]| -> f64 {
            terms
                .iter()
                .map(|&(m, r)| {
                    let from = (at as i64 - m) as usize;
                    r * self.levels[usize::from(sent[from])]
                })
                .sum()
        };
        let moved = if self.slope.is_empty() {
            0.0
        } else {
            let dual = if draws.uniform() < 0.5 { 1.0 } else { -1.0 };
            let tau = dual * self.jitter.dual_dirac_ui + self.jitter.random_ui * draws.normal();
            tau * sum(&self.slope)
        };
        sum(&self.residual) + moved
    }

    fn decide(&self, y: f64) -> u8 {
        self.thresholds.iter().map(|&t| u8::from(y >= t)).sum()
    }

    fn one(
        &self,
        draws: &mut Draws,
        sigmas: [f64; 4],
        reach: usize,
        sent: &mut [u8],
        known: &mut usize,
        sums: &mut Sums,
    ) {
        let s = usize::from(sent[reach]);
        let clean = self.gain * self.levels[s] + self.interference(sent, reach, draws);
        let up = if s < 3 {
            q_function((self.thresholds[s] - clean) / sigmas[s])
        } else {
            0.0
        };
        let down = if s > 0 {
            q_function((clean - self.thresholds[s - 1]) / sigmas[s])
        } else {
            0.0
        };
        let weight = up + down;
        if !(weight > 0.0 && weight.is_finite()) {
            return;
        }
        let upwards = draws.uniform() * weight < up;
        let tail = if upwards { up } else { down };
        let z = q_inverse(draws.uniform() * tail);
        let mut noise = vec![if upwards { z } else { -z }];
        let mut decided = vec![self.decide(clean + sigmas[s] * noise[0])];
        let mut wrong = Wrong {
            symbols: 1.0,
            later_bits: 0.0,
            span: 1.0,
            second: 0.0,
        };
        let mut clean_run = 0;
        for k in 1..HORIZON {
            let at = reach + k;
            if at + reach >= *known {
                draws.symbols(&mut sent[*known..=at + reach]);
                *known = at + reach + 1;
            }
            let (coefficients, innovation) = &self.predictors[k.min(self.predictors.len() - 1)];
            let predicted: f64 = coefficients
                .iter()
                .zip(noise.iter().rev())
                .map(|(c, n)| c * n)
                .sum();
            let n = predicted + innovation.sqrt() * draws.normal();
            noise.push(n);
            let s = usize::from(sent[at]);
            // Feedback of wrong decisions; right ones cancel what the residual leaves out.
            let fed_back: f64 = self
                .dfe
                .iter()
                .enumerate()
                .take(k)
                .map(|(i, b)| {
                    let (was, d) = (sent[at - 1 - i], decided[k - 1 - i]);
                    b * (self.levels[usize::from(d)] - self.levels[usize::from(was)])
                })
                .sum();
            let y = self.gain * self.levels[s] + self.interference(sent, at, draws) + sigmas[s] * n
                - fed_back;
            let d = self.decide(y);
            decided.push(d);
            if usize::from(d) == s {
                clean_run += 1;
                if clean_run >= self.dfe.len() {
                    break;
                }
            } else {
                clean_run = 0;
                wrong.symbols += 1.0;
                wrong.later_bits += f64::from(bit_errors(d, sent[at]));
                wrong.span = k as f64 + 1.0;
                if k == 1 {
                    wrong.second = 1.0;
                }
            }
        }
        sums.add(weight, &wrong);
    }
}

struct Wrong {
    symbols: f64,
    later_bits: f64,
    span: f64,
    second: f64,
}

#[derive(Default)]
struct Sums {
    weight: f64,
    symbols: f64,
    later_bits: f64,
    span: f64,
    second: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, wrong: &Wrong) {
        self.weight += weight;
        self.symbols += weight * wrong.symbols;
        self.later_bits += weight * wrong.later_bits;
        self.span += weight * wrong.span;
        self.second += weight * wrong.second;
    }

    fn mean(&self) -> MeanBurst {
        if self.weight > 0.0 {
            MeanBurst {
                symbols: self.symbols / self.weight,
                later_bits: self.later_bits / self.weight,
                span: self.span / self.weight,
                propagation: self.second / self.weight,
            }
        } else {
            MeanBurst {
                symbols: 1.0,
                later_bits: 0.0,
                span: 1.0,
                propagation: 0.0,
            }
        }
    }
}

/// `sum_m r_m r_(m + lag)` of scattered coefficients, by lag.
fn lagged_products(terms: &[(i64, f64)]) -> [f64; LAGS] {
    let first = terms.iter().map(|&(m, _)| m).min().unwrap_or(0);
    let last = terms.iter().map(|&(m, _)| m).max().unwrap_or(0);
    let mut dense = vec![0.0; (last - first) as usize + 1];
    for &(m, r) in terms {
        dense[(m - first) as usize] = r;
    }
    std::array::from_fn(|lag| {
        let later = dense.get(lag..).unwrap_or(&[]);
        dense.iter().zip(later).map(|(a, b)| a * b).sum()
    })
}

/// Levinson-Durbin: the best predictors of orders 0.. from an autocorrelation.
fn predictors(autocorrelation: &[f64; LAGS]) -> Vec<(Vec<f64>, f64)> {
    let r: Vec<f64> = autocorrelation
        .iter()
        .map(|x| x / autocorrelation[0].max(f64::MIN_POSITIVE))
        .collect();
    let mut all = vec![(Vec::new(), 1.0)];
    let (mut a, mut error) = (Vec::<f64>::new(), 1.0f64);
    for m in 1..LAGS {
        let predicted: f64 = a.iter().enumerate().map(|(i, c)| c * r[m - 1 - i]).sum();
        let reflection = ((r[m] - predicted) / error).clamp(-1.0, 1.0);
        let mut next = a.clone();
        for (i, c) in next.iter_mut().enumerate() {
            *c -= reflection * a[a.len() - 1 - i];
        }
        next.push(reflection);
        error *= 1.0 - reflection * reflection;
        if error <= 1e-9 {
            break;
        }
        a = next;
        all.push((a.clone(), error));
    }
    all
}

/// Sequential draws from a counter-based generator, buffered.
struct Draws {
    philox: Philox,
    next: u64,
    uniforms: Vec<f64>,
    symbols_next: u64,
}

impl Draws {
    fn new(seed: u64) -> Self {
        Self {
            philox: Philox::new(seed, STREAM),
            next: 0,
            uniforms: Vec::new(),
            symbols_next: 0,
        }
    }

    fn uniform(&mut self) -> f64 {
        if self.uniforms.is_empty() {
            self.uniforms.resize(1024, 0.0);
            self.philox.fill_uniform(self.next, &mut self.uniforms);
            self.next += 1024;
        }
        self.uniforms.pop().unwrap_or(0.5)
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    fn symbols(&mut self, out: &mut [u8]) {
        let philox = Philox::new(self.philox.seed(), STREAM + 1);
        philox.fill_symbols(self.symbols_next, out);
        self.symbols_next += out.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_coefficients_are_correlated_by_their_lags() {
        let r = lagged_products(&[(3, 2.0), (-1, 1.0), (4, 5.0)]);
        assert_eq!(&r[..6], &[30.0, 10.0, 0.0, 0.0, 2.0, 5.0]);
        assert_eq!(lagged_products(&[]), [0.0; LAGS]);
    }

    #[test]
    fn predictors_solve_the_normal_equations() {
        // AR(1) with 0.6: the best predictor is 0.6 on the latest sample at every order.
        let mut r = [0.0; LAGS];
        for (m, x) in r.iter_mut().enumerate() {
            *x = 2.5 * 0.6f64.powi(m as i32);
        }
        let p = predictors(&r);
        let (coefficients, error) = &p[4];
        assert!((coefficients[0] - 0.6).abs() < 1e-12);
        assert!(coefficients[1..].iter().all(|c| c.abs() < 1e-12));
        assert!((error - 0.64).abs() < 1e-12);
    }
}
