//! Error ratios of a sequence detector, by its error events.
//!
//! The detector expects `y[n] = sum_k g[k] a[n-k]` and takes a wrong sequence that differs by
//! `s[n] = sum_k g[k] (b - a)[n-k]` for the sent one where `sum_n e[n] s[n] > |s|^2 / 2`, `e` all that the target
//! does not explain. What is summed here is the union bound over these events, with three things kept that closed
//! formulas leave out: the noise has its own *correlation* behind the feed-forward equalizer
//! (`var = sum_nm s[n] s[m] R[n-m]`), the residual *interference* `sum_n s[n] sum_k r_k a[n-k]` has the distribution
//! of its symbols (those of the event among the levels that allow it), and noise *follows the levels*.
//!
//! Left out: events longer than those of [`crate::mlse::design`]; that events which overlap are counted twice
//! (a bound: visible above a symbol error ratio of 1e-2); the correlation of interference and modulated
//! noise; the shape of the dual-Dirac jitter, which counts as Gaussian of its variance here; the detector's finite depth
//! and word length (below 0.02 dB, [`crate::mlse`]). COM's estimate keeps alternating events and
//! white noise only and is optimistic.

mod patterns;
mod residual;

use crate::error::Result;
use crate::metrics::Interference;
use crate::mlse::design::{LONGEST, each_event};
use crate::signal::BurstModel;
use crate::units::q_function;

use super::super::segment::Segment;
use super::noise::{Conditions, SlicerNoise};
use super::pulse::Pulses;
use patterns::{Pattern, allowed, patterns, possible};
use residual::Residual;

/// Lags of the noise that the longest event meets.
pub(super) const LAGS: usize = LONGEST + 2;
/// Events whose probability is computed with the distribution of the interference; the others, far fewer errors,
/// keep a Gaussian and are corrected by what these say.
const EXACT: usize = 32;
/// Values that the distribution of a variance is merged to.
const NODES: usize = 4;

/// Error events of a segment, prepared.
pub(super) struct Sequence {
    levels: [f64; 4],
    target: Vec<f64>,
    events: Vec<Event>,
    /// Autocorrelation of the noise over its variance.
    correlation: Vec<f64>,
}

/// Both signs of a sequence of differences.
struct Event {
    /// Its first sign is positive.
    signs: Vec<Signed>,
    /// Share of the exact sum that it stands for, its own 1: the last exact ones stand for all that follow.
    weight: f64,
}

struct Signed {
    differences: Vec<i8>,
    /// Share of sequences that allow it.
    possible: f64,
    /// Interference over the length of `s`.
    interference: Interference,
    patterns: Vec<Pattern>,
}

/// Distributions of the variance of one sample's noise.
struct Noise {
    /// By the symbol sent, and their means.
    samples: [Vec<(f64, f64)>; 4],
    means: [f64; 4],
    /// Whatever was sent.
    any: Vec<(f64, f64)>,
}

/// Sums over events.
#[derive(Default)]
struct Sums {
    events: f64,
    symbols: f64,
    bits: f64,
    longer: f64,
}

impl Sequence {
    /// `levels` as at the detector, `slope` what nonlinear stages do to interference.
    pub(super) fn new(
        segment: &Segment,
        pulses: &Pulses,
        noise: &SlicerNoise,
        levels: [f64; 4],
        slope: f64,
    ) -> Result<Self> {
        let mut target = vec![1.0];
        target.extend(segment.equalizer.dfe.iter().map(|&g| f64::from(g)));
        let all = noise.autocorrelation[0].max(f64::MIN_POSITIVE);
        let correlation = noise.autocorrelation.iter().map(|r| r / all).collect();
        let residual = Residual::new(pulses, segment.chain.levels, slope);
        let variance = noise.mean_variance(Conditions::NOMINAL, &levels);
        Self::of(target, levels, &residual, correlation, variance)
    }

    /// A target and what it does not explain: interference, and noise of this correlation and mean variance.
    fn of(
        target: Vec<f64>,
        levels: [f64; 4],
        residual: &Residual,
        correlation: Vec<f64>,
        variance: f64,
    ) -> Result<Self> {
        // The mean step, for a first look at all events.
        let step = (0.8 * crate::pam4::variance(levels)).sqrt();
        let mut ranked: Vec<(f64, Vec<i8>)> = Vec::new();
        each_event(target.len() - 1, &mut |event| {
            let s = shift(&target, event, |_| step);
            let total = variance * form(&s, &correlation) + residual.variance(&s);
            let square = norm2(&s);
            let wrong = event.iter().filter(|&&e| e != 0).count() as f64;
            let p = q_function(0.5 * square / total.max(f64::MIN_POSITIVE).sqrt());
            ranked.push((2.0 * possible(event) * wrong * p, event.to_vec()));
        });
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let rest: f64 = ranked.iter().skip(EXACT).map(|(p, _)| p).sum();
        ranked.truncate(EXACT);
        let known: f64 = ranked.iter().skip(EXACT / 2).map(|(p, _)| p).sum();
        let sigma = variance.sqrt();
        let events = ranked
            .iter()
            .enumerate()
            .map(|(i, (_, event))| {
                let opposite: Vec<i8> = event.iter().map(|e| -e).collect();
                Ok(Event {
                    signs: [event.clone(), opposite]
                        .into_iter()
                        .map(|e| Signed::new(e, &target, step, residual, sigma))
                        .collect::<Result<_>>()?,
                    weight: if i >= EXACT / 2 && known > 0.0 {
                        1.0 + rest / known
                    } else {
                        1.0
                    },
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            levels,
            target,
            events,
            correlation,
        })
    }

    /// Errors under `conditions`, as a burst model.
    pub(super) fn errors(&self, noise: &SlicerNoise, conditions: Conditions) -> BurstModel {
        let samples: [Vec<(f64, f64)>; 4] =
            std::array::from_fn(|s| merged(noise.variances(s, conditions, &self.levels), NODES));
        let all = samples.iter().flatten().map(|&(v, p)| (v, 0.25 * p));
        let noise = Noise {
            any: merged(all.collect(), NODES),
            means: samples.each_ref().map(|v| mean(v)),
            samples,
        };
        self.union(&noise)
    }

    fn union(&self, noise: &Noise) -> BurstModel {
        let mut sums = Sums::default();
        for event in &self.events {
            for signed in &event.signs {
                self.add(event.weight, signed, noise, &mut sums);
            }
        }
        if sums.events <= 0.0 {
            return BurstModel {
                event_rate: 0.0,
                symbols_per_event: 1.0,
                bits_per_event: 1.0,
                propagation: 0.0,
            };
        }
        let (symbols, bits) = (sums.symbols / sums.events, sums.bits / sums.events);
        BurstModel {
            // A bound; no more than all symbols are wrong.
            event_rate: sums.events.min(0.75 / symbols),
            symbols_per_event: symbols,
            bits_per_event: bits,
            propagation: sums.longer / sums.events,
        }
    }

    fn add(&self, weight: f64, signed: &Signed, noise: &Noise, sums: &mut Sums) {
        let any = mean(&noise.any);
        let wrong = signed.differences.iter().filter(|&&e| e != 0).count() as f64;
        let share = weight * signed.possible / signed.patterns.len() as f64;
        for pattern in &signed.patterns {
            let s = shift(&self.target, &signed.differences, |i| {
                let (a, e) = (pattern.sent[i], signed.differences[i]);
                let b = (i16::from(a) + i16::from(e)) as usize;
                (self.levels[b] - self.levels[usize::from(a)]) / f64::from(e)
            });
            let square = norm2(&s);
            let sent = |n: usize| pattern.sent.get(n).map(|&a| usize::from(a));
            let mean = |n: usize| sent(n).map_or(any, |a| noise.means[a]);
            // Products of different samples at the mean spread of both.
            let mut cross = 0.0;
            for (n, x) in s.iter().enumerate() {
                for (m, y) in s.iter().enumerate().skip(n + 1) {
                    cross += 2.0 * x * y * self.correlation[m - n] * (mean(n) * mean(m)).sqrt();
                }
            }
            let mut nodes = vec![(cross / square, 1.0)];
            for (n, x) in s.iter().enumerate() {
                let own = sent(n).map_or(&noise.any, |a| &noise.samples[a]);
                let sums = nodes.iter().flat_map(|&(v, p)| {
                    own.iter()
                        .map(move |&(w, q)| (v + w * x * x / square, p * q))
                });
                nodes = merged(sums.collect(), NODES);
            }
            let threshold = 0.5 * square.sqrt();
            let p: f64 = nodes
                .iter()
                .map(|&(v, p)| {
                    let sigma = signed.interference.sigma(v.max(0.0).sqrt());
                    p * signed
                        .interference
                        .pdf
                        .tail_above_gaussian(threshold, sigma)
                })
                .sum();
            let p = share * p;
            sums.events += p;
            sums.symbols += p * wrong;
            sums.bits += p * pattern.bits;
            if signed.differences.get(1).is_some_and(|&e| e != 0) {
                sums.longer += p;
            }
        }
    }
}

impl Signed {
    fn new(
        differences: Vec<i8>,
        target: &[f64],
        step: f64,
        residual: &Residual,
        sigma: f64,
    ) -> Result<Self> {
        let s = shift(target, &differences, |_| step);
        let length = norm2(&s).sqrt();
        let unit: Vec<f64> = s.iter().map(|x| x / length).collect();
        let (inside, outside) = residual.coefficients(&unit, differences.len());
        let levels = residual.levels;
        // A twelfth of the noise: 3 % of an error ratio of 1e-12 with the split variance taken out.
        let mut interference =
            Interference::new(&outside, levels, (sigma / 12.0).max(1e-5), 5e-3 * sigma)?;
        for (c, &e) in inside.iter().zip(&differences) {
            let allowed = allowed(e);
            let p = 1.0 / allowed.len() as f64;
            let values: Vec<(f64, f64)> = allowed.map(|a| (c * levels[a], p)).collect();
            interference.split_variance += interference.pdf.convolve(&values)?;
        }
        Ok(Self {
            possible: possible(&differences),
            patterns: patterns(&differences),
            differences,
            interference,
        })
    }
}

/// `s[n] = sum_k g[k] step(n-k) e[n-k]`.
fn shift(target: &[f64], event: &[i8], step: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut s = vec![0.0; event.len() + target.len() - 1];
    for (i, &e) in event.iter().enumerate().filter(|(_, e)| **e != 0) {
        let difference = step(i) * f64::from(e);
        for (s, g) in s[i..].iter_mut().zip(target) {
            *s += g * difference;
        }
    }
    s
}

fn mean(nodes: &[(f64, f64)]) -> f64 {
    nodes.iter().map(|(v, p)| v * p).sum()
}

fn norm2(s: &[f64]) -> f64 {
    s.iter().map(|x| x * x).sum()
}

/// `sum_nm s[n] s[m] rho[n-m]`.
fn form(s: &[f64], correlation: &[f64]) -> f64 {
    (0..s.len())
        .map(|lag| {
            let products: f64 = s[lag..].iter().zip(s).map(|(a, b)| a * b).sum();
            let both = if lag == 0 { 1.0 } else { 2.0 };
            both * products * correlation.get(lag).copied().unwrap_or(0.0)
        })
        .sum()
}

/// A distribution of so many values at most: neighbours joined at their mean, the least probable pairs first.
fn merged(mut nodes: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    nodes.retain(|(_, p)| *p > 0.0);
    nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
    while nodes.len() > most {
        let cost = |i: usize| {
            let ((x, p), (y, q)) = (nodes[i], nodes[i + 1]);
            // What joining takes from the variance.
            p * q / (p + q) * (y - x) * (y - x)
        };
        let at = (0..nodes.len() - 1)
            .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
            .unwrap_or(0);
        let ((x, p), (y, q)) = (nodes[at], nodes.remove(at + 1));
        nodes[at] = ((x * p + y * q) / (p + q), p + q);
    }
    nodes
}

#[cfg(test)]
mod tests;
