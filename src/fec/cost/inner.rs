//! Encoder and decoder of the inner code, per PAM4 symbol (two line bits).

use super::{PCS_OVERHEAD, gates_per_bit};
use crate::fec::inner::{BLOCK_BITS, BLOCK_SYMBOLS, PAIRS, POSITIONS, reference};
use crate::ops::{Cost, Ops};

/// Bits of a syndrome.
const CHECKS: f64 = 8.0;

/// A soft decoder by test patterns, and what it meets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chase {
    /// Least reliable positions.
    pub positions: usize,
    /// Test patterns: all sets of these positions up to some number of members.
    pub patterns: usize,
    /// Bits of a reliability.
    pub bits: f64,
    /// Share of blocks whose syndrome is not zero ([`dirty_block_share`]); 1 = search always on.
    pub dirty: f64,
}

impl Default for Chase {
    /// Six positions, 42 patterns, 8 bits, a bit error ratio of 4.8e-3.
    fn default() -> Self {
        Self {
            positions: 6,
            patterns: 42,
            bits: 8.0,
            dirty: dirty_block_share(4.8e-3),
        }
    }
}

/// Share of blocks with an error, `1 - (1 - BER)^128` for independent bit errors; the few of them whose
/// syndrome is zero all the same are not taken off. A ratio outside 0..=1 is clamped.
///
/// 0.46 at the threshold of 4.8e-3, 0.013 at 1e-4.
#[must_use]
pub fn dirty_block_share(ber: f64) -> f64 {
    -(BLOCK_BITS as f64 * (-ber.clamp(0.0, 1.0)).ln_1p()).exp_m1()
}

/// Ones of the parity columns of the 60 pairs.
fn ones() -> f64 {
    let ones = (0..PAIRS).map(|k| reference::column(k).count_ones());
    f64::from(ones.sum::<u32>())
}

/// The encoder.
///
/// Algorithm, per block: 60 pair sums and the 8 parity sums over the pairs of the matrix, one exclusive or
/// less than there are ones in a row. Hardware, per block: `1.5 * 2.33` gate equivalents for each of these.
#[must_use]
pub fn inner_encoder() -> Cost {
    let sums = PAIRS as f64 + ones() - CHECKS;
    Cost {
        algorithm: per_pam4(Ops {
            xor2: sums,
            ..Ops::default()
        }),
        hardware: gates_per_bit(2.33 * sums / BLOCK_BITS as f64),
        ..Cost::new("inner encoder", format!("PCS x {PCS_OVERHEAD}"))
    }
}

/// The soft decoder (Chase), with interleaver and PCS share.
///
/// Algorithm: for each block the 60 pair sums, the syndrome (one exclusive or less than there are ones
/// in the rows, parity bits included) and 60 comparisons for the less reliable bit of a pair; for a dirty one
/// - the least reliable positions, each by one pass over those that are left: `67 + 66 + …` comparisons,
/// - for each pattern the syndrome it leaves (8 exclusive ors for each position), the position
///   that completes it and its reliability from tables, as many sums of reliabilities as it has positions, and a
///   comparison with the best. Patterns without a completion count like the others.
///
/// Hardware, per bit: `1.5 * 250 (patterns/32)^0.6` gate equivalents, always on; a rough estimate without
/// silicon anchor.
#[must_use]
pub fn inner_decoder(chase: &Chase) -> Cost {
    let (p, patterns) = (chase.positions.min(POSITIONS), chase.patterns as f64);
    let always = Ops {
        xor2: PAIRS as f64 + ones(),
        cmp: vec![(chase.bits, PAIRS as f64)],
        ..Ops::default()
    };
    let passes: f64 = (0..p).map(|j| (POSITIONS - 1 - j) as f64).sum();
    let members = members(p, chase.patterns);
    let search = Ops {
        xor2: 8.0 * members,
        lut_read_bits: (8.0 + chase.bits) * patterns,
        add: vec![(chase.bits, members)],
        cmp: vec![(chase.bits, passes + patterns)],
        ..Ops::default()
    };
    Cost {
        algorithm: per_pam4(always.plus(&search.times(chase.dirty.clamp(0.0, 1.0)))),
        hardware: gates_per_bit(250.0 * (patterns / 32.0).powf(0.6)),
        ..Cost::new(
            "inner decoder",
            format!(
                "Chase, {p} positions, {} test patterns, PCS x {PCS_OVERHEAD}",
                chase.patterns
            ),
        )
    }
}

/// Positions of the first `patterns` sets of `positions`, taken by their number of members.
fn members(positions: usize, patterns: usize) -> f64 {
    let (mut sets, mut left, mut sum) = (1.0, patterns as f64, 0.0);
    for members in 0..=positions {
        let taken = f64::min(sets, left);
        sum += members as f64 * taken;
        left -= taken;
        sets *= (positions - members) as f64 / (members + 1) as f64;
    }
    sum
}

/// Operations of a block, per PAM4 symbol.
fn per_pam4(block: Ops) -> Ops {
    block.times(1.0 / BLOCK_SYMBOLS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_counted_by_their_members() {
        // 1 + 6 + 15 + 20 sets of up to three of six.
        assert_eq!(members(6, 42), 6.0 + 2.0 * 15.0 + 3.0 * 20.0);
        assert_eq!(members(2, 4), 4.0);
        assert_eq!(members(6, 64), 3.0 * 64.0);
        assert_eq!(members(0, 1), 0.0);
    }

    #[test]
    fn clean_blocks_are_the_published_share() {
        // 54 % at 4.8e-3.
        assert!((dirty_block_share(4.8e-3) - 0.46).abs() < 0.005);
        assert_eq!(dirty_block_share(0.0), 0.0);
        let cost = |ber| {
            let dirty = dirty_block_share(ber);
            inner_decoder(&Chase {
                dirty,
                ..Chase::default()
            })
            .algorithm
            .comparisons()
        };
        assert!(cost(1e-4) < cost(4.8e-3));
    }
}
