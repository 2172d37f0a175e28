//! Gaussian noise: Box-Muller on Philox words.

mod kernel;
pub mod reference;
#[cfg(test)]
mod tail;
#[cfg(test)]
mod tests;

use super::philox::{GROUP, Philox, cut};
use super::pieces;
use crate::simd::Level;

/// A counter-based generator of independent standard normal numbers.
///
/// **Equation.** Two words give `z0 = ±r cos(pi u)`, `z1 = r sin(pi u)` with `r = sqrt(-2 ln U)`. U is
/// a uniform of 40 bits (the first word and the upper eight bits of the second), `u` in (-1/2, 1/2)
/// one of 23 bits, the sign the last bit.
///
/// **Indices.** Sample `s` comes from word `s` of [`Philox::fill_u32`] and its partner, in the same
/// order; they wrap at 2^64. Each call gives a part of one fixed sequence, so any split of a range
/// into calls gives the same numbers.
///
/// **Tail.** P(|z| > x) is within 1e-5 of exact (relative) up to 6 standard deviations, within 1e-4 at
/// 6.5 and 0.5 % at 7; the largest number is 7.54. Held by enumeration of both uniform grids through the kernel's own arithmetic.
///
/// **Numeric contract.** Identical at all FMA levels; there and at the baseline each number is
/// within 5e-7 times its radius (3.8e-6 at most) of Box-Muller in `f64` on the same words, with U
/// rounded to 24 significant bits (which moves a radius by 0.0003 at most, and only near zero).
///
/// **Cost.** Per four numbers one Philox block, two logarithms, two square roots and two
/// sine-cosine pairs. A call that does not begin and end on a group of 64 pays for the whole first
/// and last group.
///
/// **Reference.** G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates",
/// Ann. Math. Stat. 29 (1958).
///
/// ```
/// use pamlink::random::Gauss;
///
/// let noise = Gauss::new(7, 1);
/// let mut y = vec![1.0; 100_000];
/// noise.add_scaled(0, 0.1, &mut y);
/// let mean = y.iter().sum::<f32>() / y.len() as f32;
/// assert!((mean - 1.0).abs() < 0.002);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauss {
    words: Philox,
}

impl Gauss {
    /// The sequence of a seed and a stream, at the level of [`Level::best`].
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        Self {
            words: Philox::new(seed, stream),
        }
    }

    /// The same sequence, computed at another level.
    #[must_use]
    pub fn with_level(self, level: Level) -> Self {
        Self {
            words: self.words.with_level(level),
        }
    }

    /// The level the kernels run at.
    #[must_use]
    pub fn level(&self) -> Level {
        self.words.level()
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.words.seed()
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> u64 {
        self.words.stream()
    }

    /// Samples `first_index, first_index + 1, …`: mean 0, variance 1.
    pub fn fill(&self, first_index: u64, out: &mut [f32]) {
        for piece in pieces(first_index, out.len(), GROUP) {
            let (schedule, block) = self.words.schedule(piece.group);
            let part = &mut out[piece.range.clone()];
            if piece.whole {
                kernel::run_fill(self.level(), &schedule, block, 1.0, part);
            } else {
                let mut group = [0.0; GROUP];
                kernel::run_fill(self.level(), &schedule, block, 1.0, &mut group);
                part.copy_from_slice(cut(&group, &piece));
            }
        }
    }

    /// `x[i] += sigma * z[first_index + i]`, with one rounding at the FMA levels and two at the
    /// baseline.
    pub fn add_scaled(&self, first_index: u64, sigma: f32, x: &mut [f32]) {
        for piece in pieces(first_index, x.len(), GROUP) {
            let (schedule, block) = self.words.schedule(piece.group);
            let part = &mut x[piece.range.clone()];
            if piece.whole {
                kernel::run_add(self.level(), &schedule, block, sigma, part);
            } else {
                let mut group = [0.0; GROUP];
                group[piece.skip..][..part.len()].copy_from_slice(part);
                kernel::run_add(self.level(), &schedule, block, sigma, &mut group);
                part.copy_from_slice(cut(&group, &piece));
            }
        }
    }
}
