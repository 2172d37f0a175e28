//! Noise that follows the photocurrent, given the level decided.

use num_complex::Complex64;

use crate::error::Result;
use crate::pam4::variance;
use crate::signal::Response;
use crate::units::CHARGE_C;

use super::super::chain::{OpticalPoint, fir_spectrum};
use super::super::config::AnalysisConfig;
use super::super::segment::Segment;
use super::noise::Spread;
use super::pulse::fine;

/// Neighbours whose modulation of the noise is followed, in symbols to either side.
const NEIGHBOURS: i64 = 4;
/// The noise path behind the photodiode is short: its energy lies within so many symbols.
const REACH_UI: usize = 64;

/// Noise of a photocurrent at the slicer for one level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Optical {
    /// Intensity noise; the spread is that of intensity and shot noise together.
    pub rin: Spread,
    /// Shot noise.
    pub shot: f64,
}

/// Variance of intensity and shot noise at the slicer, given the level of the symbol decided.
///
/// White current noise of density `S(t) = RIN I(t)^2 + 2 q I(t)` through the impulse response `g` from the
/// photocurrent to the slicer has variance `1/2 integral of g(t0 - t)^2 E[S(t)] dt`; the current is
/// `I0 + a_0 p(t) + sum over other symbols`, so
/// `E[I^2 | a_0] = (I0 + a_0 p(t))^2 + var (sum_k p(t + k T)^2 - p(t)^2)`. Given the neighbours as well, the
/// variance moves by `sum_k a_k 1/2 integral of g^2 (2 RIN (I0 + a_0 p) + 2 q) p(t - k T) dt` to first
/// order: its spread. `light` holds the levels of the current, over the cursor, and what a modulator's curve adds
/// to its mean.
pub(super) fn level_variances(
    segment: &Segment,
    point: &OpticalPoint,
    (levels, shift_a): ([f64; 4], f64),
    ffe: &[Complex64],
    config: &AnalysisConfig,
) -> Result<[Optical; 4]> {
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
    // Only where the noise path has its energy: around the instant that peaks in `g`.
    let weight = |j: usize| g[(n - j) % n] * g[(n - j) % n];
    let peak = (0..n).fold(0, |best, j| if weight(j) > weight(best) { j } else { best });
    let reach = (REACH_UI * m).min(n / 2);
    let times: Vec<usize> = (0..2 * reach).map(|i| (peak + n - reach + i) % n).collect();
    let shot = 2.0 * CHARGE_C;
    let mean_a = point.mean_a + shift_a;
    Ok(levels.map(|level| {
        let (mut rin, mut shot_mean) = (0.0, 0.0);
        let mut slopes = [0.0; 2 * NEIGHBOURS as usize + 1];
        for &j in &times {
            let weight = 0.5 * weight(j) * dt;
            let current = mean_a + level * p[j];
            let square = current * current + level_variance * (energy[j % m] - p[j] * p[j]);
            rin += weight * point.rin_per_hz * square;
            shot_mean += weight * shot * current;
            let per_current = weight * (2.0 * point.rin_per_hz * current + shot);
            for (slope, k) in slopes.iter_mut().zip(-NEIGHBOURS..) {
                let other = (j as i64 - k * m as i64).rem_euclid(n as i64) as usize;
                *slope += per_current * p[other];
            }
        }
        slopes[NEIGHBOURS as usize] = 0.0;
        Optical {
            rin: Spread {
                mean: rin,
                variance: level_variance * slopes.iter().map(|s| s * s).sum::<f64>(),
                third: 0.0,
            },
            shot: shot_mean,
        }
    }))
}
