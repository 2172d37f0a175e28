//! Philox 4x32 with ten rounds: random words as a function of seed, stream and index.

pub(super) mod kernel;
pub(super) mod reference;
#[cfg(test)]
mod tests;

use super::{Piece, pieces};
use crate::simd::Level;
use kernel::Schedule;

/// The multipliers of the two products of a round.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What the two key words grow by from round to round.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Words of a group.
pub(super) const GROUP: usize = 64;
/// Symbols of a group.
const SYMBOLS: usize = 16 * GROUP;

/// A counter-based generator of random words, symbols and uniform numbers.
///
/// **Equation.** Philox 4x32-10 maps a 128-bit counter to four 32-bit words under a 64-bit key. The
/// key is the seed; the counter is (block number, stream), 64 bits each. The map is a permutation
/// of the counters, so no two (stream, block) of a seed can ever collide.
///
/// **Indices** count words, symbols or numbers from 0 and wrap at 2^64. Each `fill` writes the
/// entries `first_index..first_index + out.len()` of one fixed sequence, so any split of a range
/// into calls gives the same numbers.
///
/// **Numeric contract.** Integer arithmetic, identical at every SIMD level and in `reference.rs`.
///
/// **Cost.** 20 products of 32 x 32 bits for 128 random bits; a call that does not begin and end on
/// a group (64 words, 1024 symbols) pays for the whole first and last group.
///
/// **Reference.** J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as
/// easy as 1, 2, 3", SC'11.
///
/// ```
/// use pamlink::random::Philox;
///
/// let data = Philox::new(7, 0);
/// let (mut whole, mut part) = ([0; 3000], [0; 10]);
/// data.fill_symbols(0, &mut whole);
/// data.fill_symbols(1234, &mut part);
/// assert_eq!(part, whole[1234..1244]);
/// assert!(whole.iter().all(|s| *s < 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Philox {
    seed: u64,
    stream: u64,
    level: Level,
}

impl Philox {
    /// The sequence of a seed and a stream, at the level of [`Level::best`].
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        Self {
            seed,
            stream,
            level: Level::best(),
        }
    }

    /// The same sequence, computed at another level.
    #[must_use]
    pub fn with_level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The level the kernels run at.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> u64 {
        self.stream
    }

    /// The schedule of the run that starts with a group, and the low word of its first block.
    pub(super) fn schedule(&self, group: u64) -> (Schedule, u32) {
        let block = 16 * group;
        (
            Schedule::new(self.seed, self.stream, (block >> 32) as u32),
            block as u32,
        )
    }

    /// Random words `first_index, first_index + 1, …`.
    ///
    /// Word `s` is word `(s % 64) / 16` of block `16 (s / 64) + s % 16`: a group of 64 words comes
    /// from 16 consecutive blocks, all first words before all second ones.
    pub fn fill_u32(&self, first_index: u64, out: &mut [u32]) {
        for piece in pieces(first_index, out.len(), GROUP) {
            let (schedule, block) = self.schedule(piece.group);
            let part = &mut out[piece.range.clone()];
            if piece.whole {
                kernel::run_words(self.level, &schedule, block, part);
            } else {
                let mut group = [0; GROUP];
                kernel::run_words(self.level, &schedule, block, &mut group);
                part.copy_from_slice(cut(&group, &piece));
            }
        }
    }

    /// Uniform PAM4 symbols 0..=3, `first_index` being the number of the first symbol.
    ///
    /// Sixteen symbols per word. Symbol `n` is the bits `8 (n % 4) + 2 ((n % 1024) / 256)` and the
    /// one above of word `64 (n / 1024) + (n % 256) / 4`, upper bit first.
    pub fn fill_symbols(&self, first_index: u64, out: &mut [u8]) {
        for piece in pieces(first_index, out.len(), SYMBOLS) {
            let (schedule, block) = self.schedule(piece.group);
            let part = &mut out[piece.range.clone()];
            if piece.whole {
                kernel::run_symbols(self.level, &schedule, block, part);
            } else {
                let mut group = [0; SYMBOLS];
                kernel::run_symbols(self.level, &schedule, block, &mut group);
                part.copy_from_slice(cut(&group, &piece));
            }
        }
    }

    /// Uniform number `index`, in the open interval (0, 1).
    ///
    /// An odd multiple of 2^-53, from the first two (`index` even) or last two (odd) words of block
    /// `index / 2`: never 0 or 1, and symmetric about 1/2. Plain scalar code, for Monte Carlo draws.
    #[must_use]
    pub fn uniform(&self, index: u64) -> f64 {
        uniforms(reference::words(self.seed, self.stream, index / 2))[(index % 2) as usize]
    }

    /// The numbers [`Philox::uniform`] gives for `first_index, first_index + 1, …`.
    pub fn fill_uniform(&self, first_index: u64, out: &mut [f64]) {
        for piece in pieces(first_index, out.len(), 2) {
            for (block, pair) in (piece.group..).zip(out[piece.range].chunks_mut(2)) {
                let two = uniforms(reference::words(self.seed, self.stream, block));
                let n = pair.len();
                pair.copy_from_slice(&two[piece.skip..][..n]);
            }
        }
    }
}

/// The two uniform numbers of a block.
fn uniforms(w: [u32; 4]) -> [f64; 2] {
    let number = |high: u32, low: u32| {
        let bits = (u64::from(high) << 32 | u64::from(low)) >> 11 | 1;
        // Below 2^53: exact.
        bits as f64 * (0.5 / (1u64 << 52) as f64)
    };
    [number(w[0], w[1]), number(w[2], w[3])]
}

/// The part of a group that a piece asks for.
pub(super) fn cut<'a, T>(group: &'a [T], piece: &Piece) -> &'a [T] {
    &group[piece.skip..][..piece.range.len()]
}
