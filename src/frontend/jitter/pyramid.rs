//! Noise of a given spectrum at any symbol number: cubic splines through white noises at octave spacings.
//!
//! Scale `j` is a cubic B-spline with knots every `2^j` symbols whose coefficients are first differences of
//! white noise: a band about an octave and a half wide around `0.3 / 2^j` cycles per symbol. A spline on
//! knots `2^(j+1)` apart is exactly one on knots `2^j` apart (coefficients by `[1 4 6 4 1]/8`), so the
//! scales are added from the coarsest to the finest and only the finest is evaluated. Every number is a
//! function of seed, stream and symbol number alone: there is no state and no beginning.

use crate::random::Gauss;
use crate::simd::Level;

use super::phase_noise::PhaseNoise;

/// The coarsest spacing is `2^(SCALES - 1)` symbols.
const SCALES: usize = 41;
/// Symbols evaluated at a time.
pub(super) const BLOCK: usize = 1024;
/// Coefficients of the finest scale for a block: one before it, one after it.
const WIDE: usize = BLOCK + 8;

/// Standard deviations of the scales.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pyramid {
    /// The white noise of scale `j`, `j = 0..sigma.len()`; zero where a scale is not needed.
    pub(super) sigma: Vec<f64>,
    noises: Vec<Gauss>,
}

/// Average power density of scale `j` with white noise of variance one, relative to white noise of variance
/// one per symbol, at `cycles` per symbol.
pub(super) fn shape(j: usize, cycles: f64) -> f64 {
    let pi = std::f64::consts::PI;
    let at = |scale: usize| pi * cycles * (scale as f64).exp2();
    // Spline at its knots, (2 + cos w)/3; each refinement 2 cos^4(w/2), half the power in its images.
    let mut power = ((2.0 + (2.0 * pi * cycles).cos()) / 3.0).powi(2);
    for i in 0..j {
        power *= 2.0 * at(i).cos().powi(8);
    }
    power * 4.0 * at(j).sin().powi(2)
}

impl Pyramid {
    /// The scales whose sum comes nearest to a profile, relative error squared, over its band.
    pub(super) fn new(
        profile: &PhaseNoise,
        baud_hz: f64,
        seed: u64,
        stream: u64,
        level: Level,
    ) -> Self {
        let (first, last) = (
            profile.points[0].offset_hz,
            profile.points[profile.points.len() - 1].offset_hz,
        );
        // A scale has its middle near 0.3 / 2^j; one beyond either end of the band helps to shape it.
        let octave = |f: f64| (0.3 * baud_hz / f).log2();
        let finest = (octave(last).round() - 1.0).max(0.0) as usize;
        let coarsest = (octave(first).ceil().max(0.0) as usize + 1).clamp(finest, SCALES - 1);
        // Eight frequencies an octave, ends included.
        let n = ((last / first).log2() * 8.0).ceil().max(2.0) as usize;
        let frequencies: Vec<f64> = (0..=n)
            .map(|i| first * (last / first).powf(i as f64 / n as f64))
            .map(|f| f.clamp(first, last))
            .collect();
        // White noise of variance one has 2/baud UI^2/Hz.
        let rows: Vec<Vec<f64>> = frequencies
            .iter()
            .map(|&f| {
                let wanted = profile.ui2_hz(f, baud_hz) * baud_hz / 2.0;
                (finest..=coarsest)
                    .map(|j| shape(j, f / baud_hz) / wanted)
                    .collect()
            })
            .collect();
        let weights = nonnegative(&rows);
        let mut sigma = vec![0.0; coarsest + 1];
        for (s, w) in sigma[finest..].iter_mut().zip(weights) {
            *s = w.sqrt();
        }
        let noises = (0..sigma.len() as u64)
            .map(|j| Gauss::new(seed, stream.wrapping_add(j)).with_level(level))
            .collect();
        Self { sigma, noises }
    }

    /// Average density of the sum relative to white noise of variance one per symbol.
    pub(super) fn density(&self, cycles: f64) -> f64 {
        self.sigma
            .iter()
            .enumerate()
            .filter(|(_, s)| **s > 0.0)
            .map(|(j, s)| s * s * shape(j, cycles))
            .sum()
    }

    /// Adds the noise of symbols `from, from + 1, …`, at most [`BLOCK`] of them.
    pub(super) fn add(&self, from: u64, tau: &mut [f32]) {
        debug_assert!(tau.len() <= BLOCK);
        let scales = self.sigma.len();
        // The coefficients that each scale needs, first and past-the-last.
        let mut ranges = [(0i128, 0i128); SCALES];
        ranges[0] = (
            i128::from(from) - 1,
            i128::from(from) + tau.len() as i128 + 1,
        );
        for j in 1..scales {
            let (lo, hi) = ranges[j - 1];
            ranges[j] = ((lo >> 1) - 1, ((hi - 1) >> 1) + 2);
        }
        let (mut coarse, mut fine) = ([0.0f64; WIDE], [0.0f64; WIDE]);
        let mut white = [0.0f32; WIDE];
        let mut above = 0i128;
        for j in (0..scales).rev() {
            let (lo, hi) = ranges[j];
            let n = (hi - lo) as usize;
            if j + 1 < scales {
                for (i, c) in fine[..n].iter_mut().enumerate() {
                    let m = lo + i as i128;
                    let q = ((m >> 1) - above) as usize;
                    *c = if m & 1 == 0 {
                        (coarse[q - 1] + 6.0 * coarse[q] + coarse[q + 1]) / 8.0
                    } else {
                        0.5 * (coarse[q] + coarse[q + 1])
                    };
                }
            } else {
                fine[..n].fill(0.0);
            }
            let sigma = self.sigma[j];
            if sigma > 0.0 {
                // Coefficients from -2 on: numbered from one.
                self.noises[j].fill((lo + 3) as u64, &mut white[..=n]);
                for (c, w) in fine[..n].iter_mut().zip(white.windows(2)) {
                    *c += sigma * (f64::from(w[1]) - f64::from(w[0]));
                }
            }
            above = lo;
            std::mem::swap(&mut coarse, &mut fine);
        }
        for (t, c) in tau.iter_mut().zip(coarse.windows(3)) {
            *t += ((c[0] + 4.0 * c[1] + c[2]) / 6.0) as f32;
        }
    }
}

/// Nonnegative `x` with `A x` nearest to one in every row, by multiplicative steps
/// (D. D. Lee, H. S. Seung, "Algorithms for non-negative matrix factorization", NIPS 2000): each keeps the
/// signs and never enlarges the sum of squares.
fn nonnegative(rows: &[Vec<f64>]) -> Vec<f64> {
    let n = rows[0].len();
    // Columns brought to a sum of one.
    let scale: Vec<f64> = (0..n)
        .map(|j| {
            rows.iter()
                .map(|r| r[j])
                .sum::<f64>()
                .max(f64::MIN_POSITIVE)
        })
        .collect();
    let mut x = vec![1.0; n];
    for _ in 0..3000 {
        let mut up = vec![0.0; n];
        let mut down = vec![0.0; n];
        for row in rows {
            let sum: f64 = row
                .iter()
                .zip(&x)
                .zip(&scale)
                .map(|((a, x), s)| a / s * x)
                .sum();
            for ((a, s), (up, down)) in row.iter().zip(&scale).zip(up.iter_mut().zip(&mut down)) {
                *up += a / s;
                *down += a / s * sum;
            }
        }
        for (x, (up, down)) in x.iter_mut().zip(up.iter().zip(&down)) {
            if *down > 0.0 {
                *x *= up / down;
            }
        }
    }
    x.iter().zip(&scale).map(|(x, s)| x / s).collect()
}
