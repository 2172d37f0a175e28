//! The statistical engine: from responses, taps and phase to error ratios down to 1e-20.
//!
//! At the slicer, in units of the level peak,
//! `y = g a_0 + sum r_m a_m + n`: `g` the cursor, `r` what FFE and DFE leave of the pulse, `n` Gaussian with
//! a variance that depends on the level `a_0` (intensity and shot noise). The distribution of the
//! interference, and of the dual-Dirac jitter at the main taps, is convolved on a grid; the Gaussian is
//! integrated exactly ([`crate::metrics::symbol_error`]). A feedback equalizer turns a first wrong
//! decision into a burst: its mean length comes from conditional sampling ([`burst`](self)) with the
//! real taps and the real correlation of the noise. A sequence detector errs by the events of its target
//! instead ([`sequence`](self)).
//!
//! Where the path is not linear, levels are those of large signals, and noise and interference go on with the slope
//! at each level ([`large`](self)); what neither explains is noise.
//!
//! Crosstalk is interference of unknown phase: its distribution, averaged over the phase, joins that of the
//! residual interference (a variance, where it is below a tenth of the noise). Like the interference it stays
//! as it is where margins scale the noise.
//!
//! Noise that other symbols modulate (random jitter through the slope, intensity noise through the current)
//! is a mixture of Gaussians, held to three moments of its variance. Approximations, all of second order:
//! dual-Dirac jitter at small taps counts as Gaussian; the modulation is independent of the interference.

mod burst;
mod crosstalk;
mod jitter;
mod large;
mod noise;
mod optical;
mod pulse;
mod sequence;

use crate::error::Result;
use crate::metrics::{Interference, SymbolErrors, snr, symbol_error};
use crate::optics::modulator::LevelPowers;
use crate::pam4::{bit_errors, midway, variance};
use crate::signal::BurstModel;

pub(super) use noise::Conditions;

use super::config::{AnalysisConfig, Detector};
use super::segment::Segment;
use super::spec::NoiseSource;

/// One line of a noise budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseShare {
    /// Where it comes from.
    pub source: NoiseSource,
    /// Variance at the slicer in units of the level peak.
    pub variance: f64,
    /// Share of the whole error variance, 0..=1.
    pub share: f64,
}

/// What the statistical engine says about a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentAnalysis {
    /// Symbol error ratio, error propagation included.
    pub ser: f64,
    /// Bit error ratio under the Gray map, error propagation included.
    pub ber: f64,
    /// Slicer SNR, dB: `var(levels) / E[(y - level)^2]` with gain and bias removed, right decisions fed
    /// back.
    pub snr_db: f64,
    /// Error variance by source.
    pub budget: Vec<NoiseShare>,
    /// How errors cluster.
    pub burst: BurstModel,
    /// Levels at the slicer, in units of the level peak: those of the transmitter times the cursor, and where the
    /// path is not linear the levels of large signals.
    pub levels: [f64; 4],
    /// Ratio of level mismatch of these levels.
    pub r_lm: f64,
}

/// Error ratios under one set of conditions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Errors {
    pub ser: f64,
    pub ber: f64,
    pub burst: BurstModel,
}

impl Errors {
    fn of(burst: BurstModel) -> Self {
        Self {
            ser: burst.event_rate * burst.symbols_per_event,
            ber: burst.event_rate * burst.bits_per_event / 2.0,
            burst,
        }
    }
}

/// Symbol and bit error ratio where all history is right.
struct First {
    ser: f64,
    ber: f64,
}

impl First {
    fn add(&mut self, errors: &SymbolErrors, weights: [f64; 4]) {
        for (s, row) in errors.wrong.iter().enumerate() {
            for (d, p) in row.iter().enumerate() {
                self.ser += weights[s] * p;
                self.ber += weights[s] * p * f64::from(bit_errors(s as u8, d as u8)) / 2.0;
            }
        }
    }
}

/// A segment's statistics, prepared once and evaluated under any [`Conditions`].
pub(super) struct Statistics {
    levels: [f64; 4],
    thresholds: [f64; 3],
    gain: f64,
    interference: Interference,
    /// That of each level, where nonlinear stages give each a slope of its own.
    by_level: Option<[Interference; 4]>,
    /// The same with crosstalk; none without aggressors.
    with_crosstalk: Option<Interference>,
    noise: noise::SlicerNoise,
    burst: burst::BurstSampler,
    feedback: usize,
    sequence: Option<sequence::Sequence>,
    isi_variance: f64,
}

impl Statistics {
    pub(super) fn new(segment: &Segment, config: &AnalysisConfig) -> Result<Self> {
        let mut pulses = pulse::Pulses::new(segment, config)?;
        let large = large::Large::new(segment, config)?;
        let large = large.as_ref();
        let slope = large.map_or(1.0, large::Large::slope);
        for s in &mut pulses.slope {
            *s *= slope;
        }
        let detector = segment.equalizer.detector;
        let lags = match detector {
            Detector::Dfe => noise::LAGS,
            Detector::Mlse => sequence::LAGS,
        };
        let mut noise = noise::SlicerNoise::new(segment, config, &pulses, large, lags)?;
        let levels = large.map_or(segment.chain.levels, |l| l.levels);
        let thresholds = match large {
            None => segment.thresholds(),
            Some(_) => midway(levels.map(|l| pulses.gain * l)),
        };
        let sigma = noise.gaussian_variance(Conditions::NOMINAL).sqrt();
        let mut coefficients: Vec<f64> = pulses.residual.iter().map(|&(_, r)| slope * r).collect();
        coefficients.extend(&noise.dual_dirac);
        // A 30th of sigma keeps the grid's error in the tail below 1 % at 1e-20.
        let step = (sigma / 30.0).max(1e-5);
        // Interferers of 0.2 % of sigma and less: a tail of thousands of them is Gaussian.
        let sent = segment.chain.levels;
        let interference = Interference::new(&coefficients, sent, step, 2e-3 * sigma)?;
        let reach = 0.5 * (levels[1] - levels[0]).abs();
        let crosstalk = crosstalk::distribution(segment, config, step, sigma, reach)?;
        let with_crosstalk = match &crosstalk {
            Some(crosstalk) => {
                noise.crosstalk_at_errors = crosstalk.at_errors;
                Some(interference.plus(&crosstalk.whole)?)
            }
            None => None,
        };
        let power = |coefficients: &[f64]| coefficients.iter().map(|r| r * r).sum::<f64>();
        let mut isi_variance = variance(sent) * power(&coefficients[..pulses.residual.len()]);
        let by_level = match large {
            None => None,
            Some(large) => {
                isi_variance = 0.0;
                let mut each = Vec::with_capacity(4);
                for more in large.interference() {
                    let mut coefficients = pulses.bent(slope, &more);
                    isi_variance += 0.25 * variance(sent) * power(&coefficients);
                    coefficients.extend(&noise.dual_dirac);
                    let own = Interference::new(&coefficients, sent, step, 2e-3 * sigma)?;
                    each.push(match &crosstalk {
                        Some(crosstalk) => own.plus(&crosstalk.whole)?,
                        None => own,
                    });
                }
                <[Interference; 4]>::try_from(each).ok()
            }
        };
        let burst = burst::BurstSampler::new(segment, &pulses, &noise, (levels, thresholds), slope);
        let sequence = match detector {
            Detector::Dfe => None,
            Detector::Mlse => Some(sequence::Sequence::new(
                segment, &pulses, &noise, levels, slope,
            )?),
        };
        Ok(Self {
            levels,
            thresholds,
            gain: pulses.gain,
            interference,
            by_level,
            with_crosstalk,
            noise,
            burst,
            feedback: segment.equalizer.dfe.len(),
            sequence,
            isi_variance,
        })
    }

    /// Error ratios under `conditions`; interference, jitter and taps as they are.
    pub(super) fn errors(
        &self,
        conditions: Conditions,
        bursts: usize,
        seed: u64,
    ) -> Result<Errors> {
        if let Some(sequence) = &self.sequence {
            return Ok(Errors::of(sequence.errors(&self.noise, conditions)));
        }
        let means = self.levels.map(|l| self.gain * l);
        let spreads: [noise::Spread; 4] =
            std::array::from_fn(|s| self.noise.level_variance(s, conditions));
        let first = self.first_errors(means, spreads)?;
        let sigmas = spreads.map(|v| self.interference.sigma(v.mean.sqrt()));
        let bits_per_first = if first.ser > 0.0 {
            2.0 * first.ber / first.ser
        } else {
            1.0
        };
        let burst = if self.feedback == 0 || first.ser == 0.0 {
            BurstModel {
                event_rate: first.ser,
                symbols_per_event: 1.0,
                bits_per_event: bits_per_first,
                propagation: 0.0,
            }
        } else {
            let mean = self.burst.sample(sigmas, bursts, seed);
            // An event occupies its own length and the feedback memory behind it.
            let occupied = mean.span + self.feedback as f64 - 1.0;
            BurstModel {
                event_rate: first.ser / (1.0 + first.ser * occupied),
                symbols_per_event: mean.symbols,
                // The first decision's bits are known exactly; sampling adds what follows.
                bits_per_event: bits_per_first + mean.later_bits,
                propagation: mean.propagation,
            }
        };
        Ok(Errors::of(burst))
    }

    /// Errors with right decisions fed back: mixtures over the variance of the noise, the slope at the main
    /// tap and the direction of its dual-Dirac jitter.
    fn first_errors(&self, means: [f64; 4], spreads: [noise::Spread; 4]) -> Result<First> {
        let mut first = First { ser: 0.0, ber: 0.0 };
        let nodes = spreads.map(|v| v.nodes());
        let interference = self.with_crosstalk.as_ref().unwrap_or(&self.interference);
        let jitter = &self.noise.main_jitter;
        for which in 0..2 {
            for &(slope, p_slope) in &jitter.classes {
                for &(direction, p_direction) in jitter.directions() {
                    let slopes = self.levels.map(|l| slope + jitter.own * l);
                    let sigmas = std::array::from_fn(|s| {
                        let random = jitter.random * slopes[s];
                        let variance = nodes[s][which].0 + random * random;
                        interference.sigma(variance.sqrt())
                    });
                    let moved =
                        std::array::from_fn(|s| means[s] + direction * jitter.dual * slopes[s]);
                    let weights = nodes.map(|n| 0.25 * n[which].1 * p_slope * p_direction);
                    let Some(by_level) = &self.by_level else {
                        let pdf = &interference.pdf;
                        let errors = symbol_error(moved, self.thresholds, pdf, sigmas)?;
                        first.add(&errors, weights);
                        continue;
                    };
                    for (s, own) in by_level.iter().enumerate() {
                        let random = jitter.random * slopes[s];
                        let variance = nodes[s][which].0 + random * random;
                        let sigmas = [own.sigma(variance.sqrt()); 4];
                        let errors = symbol_error(moved, self.thresholds, &own.pdf, sigmas)?;
                        let mut weight = [0.0; 4];
                        weight[s] = weights[s];
                        first.add(&errors, weight);
                    }
                }
            }
        }
        Ok(first)
    }

    fn budget(&self) -> Vec<NoiseShare> {
        let mut lines: Vec<(NoiseSource, f64)> = self.noise.lines.clone();
        lines.push((NoiseSource::ResidualIsi, self.isi_variance));
        let total: f64 = lines.iter().map(|(_, v)| v).sum();
        lines
            .into_iter()
            .map(|(source, variance)| NoiseShare {
                source,
                variance,
                share: variance / total,
            })
            .collect()
    }
}

/// Analyses a designed segment.
///
/// Cost: a few milliseconds, and about a microsecond per sampled burst where the equalizer has feedback.
pub fn analyze(segment: &Segment, config: &AnalysisConfig, seed: u64) -> Result<SegmentAnalysis> {
    config.validate("analysis")?;
    segment.check()?;
    let statistics = Statistics::new(segment, config)?;
    statistics.report(config.bursts, seed)
}

impl Statistics {
    pub(super) fn report(&self, bursts: usize, seed: u64) -> Result<SegmentAnalysis> {
        let errors = self.errors(Conditions::NOMINAL, bursts, seed)?;
        let budget = self.budget();
        let error_variance: f64 = budget.iter().map(|b| b.variance).sum();
        let snr_db = snr::snr_db_from_error(self.levels, error_variance / (self.gain * self.gain))?;
        Ok(SegmentAnalysis {
            ser: errors.ser,
            ber: errors.ber,
            snr_db,
            budget,
            burst: errors.burst,
            levels: self.levels.map(|l| self.gain * l),
            r_lm: LevelPowers(self.levels).r_lm(),
        })
    }
}
