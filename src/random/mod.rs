//! Counter-based random numbers and Gaussian noise.
//!
//! Nothing here has a state: a generator is a pair (seed, stream), and every number is a function
//! of that pair and of an index. Any part of a sequence can be computed anywhere, in any order and
//! in pieces of any size, by any thread, and is the same.
//!
//! - [`Philox`]: words, PAM4 symbols and uniform numbers (integer arithmetic, identical at every
//!   SIMD level).
//! - [`Gauss`]: standard normal numbers with a correct tail to 6.5 standard deviations.
//!
//! Two generators with the same seed and different streams are independent. Different *kinds* of
//! numbers of one pair (seed, stream) are made of the same words: give each use its own stream.

pub mod gauss;
pub mod philox;

pub use gauss::Gauss;
pub use philox::Philox;

use std::ops::Range;

/// Groups whose block numbers share their high word; runs of groups never cross such a border, so
/// that kernels count in `u32`.
const GROUPS_PER_HIGH_WORD: u64 = 1 << 28;

/// A part of a request that lies within one group, or a run of whole groups.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// Number of the first group.
    group: u64,
    /// Samples of that group before the piece; zero for whole groups.
    skip: usize,
    /// Where the piece lies in the caller's slice.
    range: Range<usize>,
    /// Whether the piece is a run of whole groups.
    whole: bool,
}

/// Splits `len` samples from index `first` on into pieces; `size` is the samples of a group, a
/// power of two. Indices wrap at 2^64.
fn pieces(first: u64, len: usize, size: usize) -> impl Iterator<Item = Piece> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == len {
            return None;
        }
        let index = first.wrapping_add(done as u64);
        let group = index / size as u64;
        let skip = (index % size as u64) as usize;
        let left = len - done;
        let whole = skip == 0 && left >= size;
        let take = if whole {
            let most = GROUPS_PER_HIGH_WORD - group % GROUPS_PER_HIGH_WORD;
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            (left / size).min(most) * size
        } else {
            left.min(size - skip)
        };
        let range = done..done + take;
        done += take;
        Some(Piece {
            group,
            skip,
            range,
            whole,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_request_in_order_and_stop_at_borders() {
        let border = GROUPS_PER_HIGH_WORD * 64;
        for first in [0, 1, 63, 64, 65, border - 130, border - 64, u64::MAX - 70] {
            for len in [0, 1, 62, 63, 64, 65, 128, 129, 1000] {
                let mut next = 0;
                for p in pieces(first, len, 64) {
                    assert_eq!(p.range.start, next);
                    next = p.range.end;
                    let index = first.wrapping_add(p.range.start as u64);
                    assert_eq!(index, (p.group * 64).wrapping_add(p.skip as u64));
                    if p.whole {
                        assert_eq!((p.skip, p.range.len() % 64), (0, 0));
                        let last = p.group + (p.range.len() / 64 - 1) as u64;
                        assert_eq!(p.group >> 28, last >> 28);
                    } else {
                        assert!(p.skip + p.range.len() <= 64);
                    }
                }
                assert_eq!(next, len);
            }
        }
    }
}
