//! The search of one block, without lanes: the decoder of `f32` reliabilities at every level, and of
//! integers at the baseline.

use super::POSITIONS;
use super::code::{COLUMNS, NO_POSITION, POSITION};
use super::patterns::{MAX_POSITIONS, Patterns};

/// The greatest metric of integers; sums stop there.
pub(super) const CEILING: u8 = 254;

/// A reliability and the sums of them.
pub(super) trait Reliability: Copy + PartialOrd {
    /// What the reliabilities of a candidate add up to.
    type Metric: Copy + PartialOrd;

    /// Above every reliability of a block.
    const TOP: Self;

    fn metric(self) -> Self::Metric;
    fn plus(metric: Self::Metric, other: Self) -> Self::Metric;
}

impl Reliability for u8 {
    type Metric = u8;

    const TOP: Self = u8::MAX;

    #[inline(always)]
    fn metric(self) -> u8 {
        self.min(CEILING)
    }
    #[inline(always)]
    fn plus(metric: u8, other: u8) -> u8 {
        metric.saturating_add(other).min(CEILING)
    }
}

/// Sums of up to seven are exact or nearly: 29 bits more than a reliability has.
impl Reliability for f32 {
    type Metric = f64;

    const TOP: Self = f32::INFINITY;

    #[inline(always)]
    fn metric(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn plus(metric: f64, other: f32) -> f64 {
        metric + f64::from(other)
    }
}

/// What a decoder flips in a block: the positions of `flip[..count]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flips {
    pub(super) positions: [u8; MAX_POSITIONS + 1],
    pub(super) count: usize,
}

impl Flips {
    /// The positions of a pattern and of its completion.
    #[inline(always)]
    pub(super) fn of(pattern: u8, least: [u8; MAX_POSITIONS], completion: u8) -> Self {
        let mut flips = Self {
            positions: [0; MAX_POSITIONS + 1],
            count: 0,
        };
        for (j, position) in least.into_iter().enumerate() {
            if pattern >> j & 1 != 0 {
                flips.positions[flips.count] = position;
                flips.count += 1;
            }
        }
        flips.positions[flips.count] = completion;
        flips.count += 1;
        flips
    }
}

/// The positions of least reliability, rising; of equal ones the first in the block.
#[inline(always)]
fn least<R: Reliability>(weights: &[R; POSITIONS]) -> ([u8; MAX_POSITIONS], [R; MAX_POSITIONS]) {
    let mut positions = [0; MAX_POSITIONS];
    let mut kept = [R::TOP; MAX_POSITIONS];
    let mut filled = 0;
    for (p, &w) in weights.iter().enumerate() {
        let enters = filled < MAX_POSITIONS || w < kept[MAX_POSITIONS - 1];
        if !enters {
            continue;
        }
        let mut j = filled.min(MAX_POSITIONS - 1);
        while j > 0 && w < kept[j - 1] {
            kept[j] = kept[j - 1];
            positions[j] = positions[j - 1];
            j -= 1;
        }
        kept[j] = w;
        positions[j] = p as u8;
        filled = (filled + 1).min(MAX_POSITIONS);
    }
    (positions, kept)
}

/// The candidate of the least metric: a pattern of the list and the one flip that completes it. Of equal
/// ones the first of the list. `None` where no pattern of the list can be completed.
///
/// The completion is never within the best pattern: without that position the pattern is of the other
/// parity and needs none, so a smaller pattern of this list reached the same flips before.
#[inline(always)]
pub(super) fn search<R: Reliability>(
    weights: &[R; POSITIONS],
    syndrome: u8,
    patterns: &Patterns,
) -> Option<Flips> {
    let (positions, kept) = least(weights);
    let columns = positions.map(|p| COLUMNS[usize::from(p)]);
    let mut best: Option<(R::Metric, u8, u8)> = None;
    for &pattern in patterns.of(syndrome) {
        let mut s = syndrome;
        for (j, c) in columns.iter().enumerate() {
            s ^= c & 0u8.wrapping_sub(pattern >> j & 1);
        }
        let completion = POSITION[usize::from(s & 127)];
        if completion == NO_POSITION {
            continue;
        }
        let mut metric = weights[usize::from(completion)].metric();
        for (j, &w) in kept.iter().enumerate() {
            if pattern >> j & 1 != 0 {
                metric = R::plus(metric, w);
            }
        }
        if best.is_none_or(|(least, ..)| metric < least) {
            best = Some((metric, pattern, completion));
        }
    }
    best.map(|(_, pattern, completion)| Flips::of(pattern, positions, completion))
}
