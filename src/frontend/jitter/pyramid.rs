//! Noise of a given spectrum at any symbol number: cubic splines through white noises at octave spacings.
//!
//! Scale `j` is a cubic B-spline with knots every `2^j` symbols whose coefficients are first differences of
//! white noise: a band about an octave and a half wide around `0.3 / 2^j` cycles per symbol. A spline on
//! knots `2^(j+1)` apart is exactly one on knots `2^j` apart (coefficients by `[1 4 6 4 1]/8`), so the
//! scales are added from the coarsest to the finest and only the finest is evaluated. Every number is a
//! function of seed, stream and symbol number alone: there is no state and no beginning.

use crate::random::Gauss;
use crate::simd::Level;

use super::kernel;
use super::phase_noise::PhaseNoise;

/// The coarsest spacing is `2^(SCALES - 1)` symbols.
const SCALES: usize = 41;
/// Symbols evaluated at a time.
pub(super) const BLOCK: usize = 1024;
/// Coefficients of the finest scale for a block, with the neighbours and even ends.
const WIDE: usize = BLOCK + 8;
/// Scales from here on, knots 128 symbols and more apart, are worth keeping between blocks.
const JOINT: usize = 7;
/// Symbols of a kept block; its coefficients fit a buffer.
const FAR: u64 = 1 << 16;

/// Weight of noise beyond the ends of a profile in the fit against errors within (ours: half a dB at an end
/// for an end that falls off an octave earlier).
const OUTSIDE: f64 = 0.2;

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
        // A scale has its middle near 0.3 / 2^j: from the octave above the band to the one below it.
        let octave = |f: f64| (0.3 * baud_hz / f).log2();
        let finest = octave(last).floor().max(0.0) as usize;
        let coarsest = (octave(first).ceil().max(0.0) as usize).clamp(finest, SCALES - 1);
        // Eight frequencies an octave, ends included.
        let n = ((last / first).log2() * 8.0).ceil().max(2.0) as usize;
        let frequencies: Vec<f64> = (0..=n)
            .map(|i| first * (last / first).powf(i as f64 / n as f64))
            .map(|f| f.clamp(first, last))
            .collect();
        // White noise of variance one has 2/baud UI^2/Hz.
        let row = |f: f64, level_at: f64, weight: f64| -> Vec<f64> {
            let wanted = profile.ui2_hz(level_at, baud_hz) * baud_hz / 2.0;
            (finest..=coarsest)
                .map(|j| weight * shape(j, f / baud_hz) / wanted)
                .collect()
        };
        let rows: Vec<Vec<f64>> = frequencies.iter().map(|&f| row(f, f, 1.0)).collect();
        // Beyond the ends nothing is wanted, a little.
        let beyond: Vec<Vec<f64>> = [1.5, 2.0, 3.0, 4.0]
            .into_iter()
            .flat_map(|by| [(first / by, first), (last * by, last)])
            .filter(|(f, _)| *f < 0.5 * baud_hz)
            .map(|(f, end)| row(f, end, OUTSIDE))
            .collect();
        let weights = nonnegative(&rows, &beyond);
        let mut sigma = vec![0.0; coarsest + 1];
        for (s, w) in sigma[finest..].iter_mut().zip(weights) {
            *s = w.sqrt();
        }
        let noises = (0..sigma.len() as u64)
            .map(|j| Gauss::new(seed, stream.wrapping_add(j)).with_level(level))
            .collect();
        Self { sigma, noises }
    }

    /// One scale alone.
    #[cfg(test)]
    pub(super) fn single(scale: usize, sigma: f64, seed: u64, stream: u64) -> Self {
        let mut all = vec![0.0; scale + 1];
        all[scale] = sigma;
        Self {
            sigma: all,
            noises: (0..=scale as u64)
                .map(|j| Gauss::new(seed, stream + j))
                .collect(),
        }
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

    /// Adds the noise of symbols `from, from + 1, …`, at most [`BLOCK`] of them, all within one block of
    /// [`FAR`] symbols if the coarse scales come from a cache.
    pub(super) fn add(&self, coarse: Option<&mut Coarse>, from: u64, tau: &mut [f32]) {
        debug_assert!(tau.len() <= BLOCK);
        let wanted = (
            i128::from(from) - 1,
            i128::from(from) + tau.len() as i128 + 1,
        );
        let mut fine = [0.0; WIDE];
        let lo = match coarse {
            Some(cache) if self.sigma.len() > JOINT => {
                cache.move_to(self, from);
                self.descend(0, wanted, Some((cache.lo, &cache.values)), &mut fine)
            }
            _ => self.descend(0, wanted, None, &mut fine),
        };
        kernel::add_spline(
            self.noises[0].level(),
            &fine[(wanted.0 - lo) as usize..],
            tau,
        );
    }

    /// Coefficients `wanted.0 .. wanted.1` of scale `to` and a few around them; the number of the first. The
    /// scales from [`JOINT`] on are taken from `known`, first number and coefficients, where it is given.
    ///
    /// Each coefficient is the same sum in the same order whatever else is computed.
    fn descend(
        &self,
        to: usize,
        wanted: (i128, i128),
        known: Option<(i128, &[f64])>,
        out: &mut [f64; WIDE],
    ) -> i128 {
        let top = if known.is_some() {
            JOINT
        } else {
            self.sigma.len()
        };
        // What each scale must have: from an even number to an odd one.
        let mut ranges = [(0i128, 0i128); SCALES + 1];
        ranges[to] = even(wanted);
        for j in to + 1..=top {
            let (lo, hi) = ranges[j - 1];
            ranges[j] = even(((lo >> 1) - 1, (hi >> 1) + 1));
        }
        let mut coarse = [0.0; WIDE];
        let (lo, hi) = ranges[top];
        if let Some((first, values)) = known {
            let n = (hi - lo) as usize;
            coarse[..n].copy_from_slice(&values[(lo - first) as usize..][..n]);
        }
        let mut white = [0.0f32; WIDE + 1];
        for j in (to..top).rev() {
            let (lo, hi) = ranges[j];
            let n = (hi - lo) as usize;
            let skip = ((lo >> 1) - 1 - ranges[j + 1].0) as usize;
            let level = self.noises[j].level();
            kernel::refine(level, &coarse[skip..][..n / 2 + 2], &mut out[..n]);
            if self.sigma[j] > 0.0 {
                // Numbers from a little below zero on: counted from eight.
                self.noises[j].fill((lo + 8) as u64, &mut white[..=n]);
                kernel::add_differences(level, self.sigma[j], &white[..=n], &mut out[..n]);
            }
            coarse[..n].copy_from_slice(&out[..n]);
        }
        ranges[to].0
    }
}

/// The range widened to even ends.
fn even((lo, hi): (i128, i128)) -> (i128, i128) {
    (lo & !1, (hi + 1) & !1)
}

/// The sum of the scales from [`JOINT`] on over a block of [`FAR`] symbols, kept between calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Coarse {
    block: Option<u64>,
    lo: i128,
    values: Vec<f64>,
}

impl Coarse {
    /// Makes the block that holds a symbol, unless it is there.
    fn move_to(&mut self, pyramid: &Pyramid, from: u64) {
        let block = from / FAR;
        if self.block == Some(block) {
            return;
        }
        let first = i128::from(block) * i128::from(FAR >> JOINT);
        // The neighbours that finer scales reach: less than two beyond either end.
        let wanted = (first - 4, first + i128::from(FAR >> JOINT) + 4);
        let mut values = [0.0; WIDE];
        self.lo = pyramid.descend(JOINT, wanted, None, &mut values);
        self.values.clear();
        self.values.extend_from_slice(&values);
        self.block = Some(block);
    }
}

/// Nonnegative `x` with `A x` nearest to one in every row and nearest to zero in every row of `zeros`, by multiplicative steps
/// (D. D. Lee, H. S. Seung, "Algorithms for non-negative matrix factorization", NIPS 2000): each keeps the
/// signs and never enlarges the sum of squares.
fn nonnegative(rows: &[Vec<f64>], zeros: &[Vec<f64>]) -> Vec<f64> {
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
    for _ in 0..600 {
        let mut up = vec![0.0; n];
        let mut down = vec![0.0; n];
        let all = rows.iter().map(|r| (r, 1.0));
        for (row, wanted) in all.chain(zeros.iter().map(|r| (r, 0.0))) {
            let sum: f64 = row
                .iter()
                .zip(&x)
                .zip(&scale)
                .map(|((a, x), s)| a / s * x)
                .sum();
            for ((a, s), (up, down)) in row.iter().zip(&scale).zip(up.iter_mut().zip(&mut down)) {
                *up += a / s * wanted;
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
