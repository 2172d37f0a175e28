//! Crosstalk at the slicer: its spectrum as noise, and its distribution over symbols and phases.

use num_complex::Complex64;

use crate::error::Result;
use crate::metrics::{Interference, Pdf};
use crate::signal::Response;

use super::super::chain::window_ui;
use super::super::config::AnalysisConfig;
use super::super::crosstalk::CrosstalkTerm;
use super::super::segment::Segment;
use super::super::spec::NoiseSource;
use super::noise::{ffe_spectrum, shaped_autocorrelation};
use super::pulse::fine;

/// Crosstalk below this share of the noise's sigma is a variance: 0.5 % of it in amplitude, however it is
/// distributed.
const TINY: f64 = 0.1;

/// Autocorrelation of all crosstalk behind the FFE at lags of one symbol, averaged over its phase, in units of
/// the level peak; zeros without aggressors.
fn autocorrelation(segment: &Segment, ffe: &[Complex64], lags: usize) -> Vec<f64> {
    let chain = &segment.chain;
    let density = CrosstalkTerm::density(chain.levels, chain.baud_hz);
    let mut sum = vec![0.0; lags];
    for term in &chain.crosstalk {
        let r = shaped_autocorrelation(density, &term.sampler, ffe, lags);
        for (sum, x) in sum.iter_mut().zip(r) {
            *sum += x;
        }
    }
    sum
}

/// Puts crosstalk into the noise budget and the autocorrelation; returns its variance.
pub(super) fn add(
    segment: &Segment,
    ffe: &[Complex64],
    lines: &mut Vec<(NoiseSource, f64)>,
    correlation: &mut [f64],
) -> f64 {
    let own = autocorrelation(segment, ffe, correlation.len());
    if own[0] > 0.0 {
        lines.push((NoiseSource::Crosstalk, own[0]));
        for (sum, x) in correlation.iter_mut().zip(&own) {
            *sum += x;
        }
    }
    own[0]
}

/// All crosstalk behind the FFE.
pub(super) struct Distribution {
    /// Its sum over all aggressors.
    pub whole: Interference,
    /// Its mean variance where errors happen: phases that make more of them count for more.
    pub at_errors: f64,
}

/// Distribution of all crosstalk behind the FFE; `None` without aggressors. `sigma` is that of the noise, `reach`
/// what lies between a level and the next threshold.
///
/// An aggressor's symbols reach the slicer as `sum_k q(phi + k T) a_k`; its phase `phi` is uniform, so its
/// distribution is the mean of those at [`AnalysisConfig::samples_per_ui`] phases. Aggressors are independent.
/// Where all of it is below a tenth of `sigma`, the Gaussian of its mean variance stands in.
///
/// The average is that over many links (and streams): one link keeps its phase as long as its clocks do.
pub(super) fn distribution(
    segment: &Segment,
    config: &AnalysisConfig,
    step: f64,
    sigma: f64,
    reach: f64,
) -> Result<Option<Distribution>> {
    let chain = &segment.chain;
    if chain.crosstalk.is_empty() {
        return Ok(None);
    }
    let equalizer = &segment.equalizer;
    let window = window_ui(chain.signal.grid(), chain.baud_hz);
    let taps: Vec<f64> = equalizer.ffe.iter().map(|&w| f64::from(w)).collect();
    let ffe = ffe_spectrum(&taps, equalizer.precursors, window);
    let variance = autocorrelation(segment, &ffe, 1)[0];
    if variance <= (TINY * sigma).powi(2) {
        return Ok(Some(Distribution {
            whole: Interference {
                pdf: Pdf::delta(step)?,
                folded_variance: variance,
                split_variance: 0.0,
            },
            at_errors: variance,
        }));
    }
    let negligible = 2e-3 * sigma;
    let mut all: Option<Distribution> = None;
    for term in &chain.crosstalk {
        let values = (term.sampler.values().iter().enumerate())
            .map(|(n, h)| h * ffe[n % window])
            .collect();
        let to_slicer = Response::new(term.sampler.grid(), values)?;
        let m = config.samples_per_ui;
        let samples = fine(&to_slicer, 0.0, chain.baud_hz, m)?;
        let noise = Noise {
            sigma,
            reach,
            negligible,
        };
        let one = over_phases(&samples, m, chain.levels, step, noise)?;
        all = Some(match all {
            Some(before) => Distribution {
                whole: before.whole.plus(&one.whole)?,
                at_errors: before.at_errors + one.at_errors,
            },
            None => one,
        });
    }
    Ok(all)
}

/// Beside what crosstalk stands.
#[derive(Clone, Copy)]
struct Noise {
    sigma: f64,
    reach: f64,
    negligible: f64,
}

/// Mean of the distributions at `m` phases; `samples` has `m` to the symbol.
fn over_phases(
    samples: &[f64],
    m: usize,
    levels: [f64; 4],
    step: f64,
    noise: Noise,
) -> Result<Distribution> {
    let share = 1.0 / m as f64;
    let mut mixed = Vec::new();
    let (mut folded_variance, mut split_variance) = (0.0, 0.0);
    let (mut variances, mut errors, mut weighted) = (0.0, 0.0, 0.0);
    for phase in 0..m {
        let coefficients: Vec<f64> = samples[phase..].iter().step_by(m).copied().collect();
        let one = Interference::new(&coefficients, levels, step, noise.negligible)?;
        let variance =
            crate::pam4::variance(levels) * coefficients.iter().map(|c| c * c).sum::<f64>();
        let error = one
            .pdf
            .tail_above_gaussian(noise.reach, one.sigma(noise.sigma));
        variances += share * variance;
        errors += error;
        weighted += error * variance;
        mixed.extend(one.pdf.iter().map(|(x, p)| (x, share * p)));
        folded_variance += share * one.folded_variance;
        split_variance += share * one.split_variance;
    }
    // Edges that were cut are below anything that is asked of a tail; the rest is scaled to one.
    let total: f64 = mixed.iter().map(|(_, p)| p).sum();
    for (_, p) in &mut mixed {
        *p /= total;
    }
    let mut pdf = Pdf::delta(step)?;
    pdf.convolve(&merged(mixed))?;
    Ok(Distribution {
        whole: Interference {
            pdf,
            folded_variance,
            split_variance,
        },
        at_errors: if errors > 0.0 {
            weighted / errors
        } else {
            variances
        },
    })
}

/// Equal values (they lie on one grid) with their probabilities added.
fn merged(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (x, p) in points {
        match out.last_mut() {
            Some(last) if last.0 == x => last.1 += p,
            _ => out.push((x, p)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pam4::{UNIT_LEVELS, variance};

    #[test]
    fn the_mixture_has_the_mean_variance_of_its_phases() {
        // Two phases, one with a strong interferer: far from Gaussian, heavier in its tail.
        let samples = [0.30, 0.02, -0.10, 0.01, 0.05, 0.0];
        let levels = UNIT_LEVELS;
        let noise = Noise {
            sigma: 0.01,
            reach: 0.3,
            negligible: 0.0,
        };
        let both = over_phases(&samples, 2, levels, 1e-3, noise).unwrap();
        // Only the strong phase reaches 0.3: errors happen there.
        let strong = variance(levels) * (0.3f64.powi(2) + 0.1f64.powi(2) + 0.05f64.powi(2));
        assert!(
            (both.at_errors / strong - 1.0).abs() < 1e-9,
            "{}",
            both.at_errors
        );
        let mixture = both.whole;
        let energy = samples.iter().map(|q| q * q).sum::<f64>() / 2.0;
        let want = energy * variance(levels) + mixture.split_variance;
        assert!((mixture.pdf.variance() - want).abs() < 1e-12, "{want}");
        assert!((mixture.pdf.total() - 1.0).abs() < 1e-12);
        // Half the time within 0.03, half the time the strong phase alone: its largest value is
        // 0.45 with probability 1/2 * 4^-3.
        let top = mixture.pdf.tail_above_gaussian(0.4499, 0.0);
        assert!((top - 0.5 / 64.0).abs() < 1e-12, "{top}");
    }
}
