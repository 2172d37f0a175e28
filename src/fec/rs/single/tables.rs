//! Constants of the lanes, the same for every code.

use crate::fec::gf::{ORDER, exp};

/// `alpha^93` has order 11: positions `93 a + l` meet only eleven different powers of it.
pub(super) const STRIDE: usize = 93;
pub(super) const CLASSES: usize = ORDER / STRIDE;
/// Vectors of 32 lanes that hold the 93 positions of a block.
pub(super) const PARTS: usize = STRIDE.div_ceil(32);

/// Tables on cache lines of their own.
#[repr(align(64))]
pub(super) struct Aligned<T>(pub(super) T);

/// `alpha^(i (32 v + l))` for the coefficient `i`, part `v`, lane `l`.
pub(super) static POWERS: Aligned<[[[u16; 32]; PARTS]; 33]> = Aligned(make_powers());

const fn make_powers() -> [[[u16; 32]; PARTS]; 33] {
    let mut table = [[[0; 32]; PARTS]; 33];
    let mut i = 0;
    while i < 33 {
        let mut l = 0;
        while l < 32 * PARTS {
            table[i][l / 32][l % 32] = exp(i * l);
            l += 1;
        }
        i += 1;
    }
    table
}

/// Which syndrome (modulo 8) a group of four vectors holds, so that the last fold leaves syndrome
/// `j` in lane `j`.
pub(super) const fn syndrome_of_group(g: usize) -> usize {
    2 * (g % 4) + g / 4
}

/// For the folds of 8, 4, 2 and 1 lanes, in turn 8, 4, 2 and 1 vectors: `alpha^(b - W j)` for bit
/// `b`, with the syndrome `j` that the lane belongs to.
pub(super) static FOLDS: Aligned<[[[u16; 32]; 10]; 15]> = Aligned(make_folds());

const fn make_folds() -> [[[u16; 32]; 10]; 15] {
    let mut table = [[[0; 32]; 10]; 15];
    let (mut width, mut first) = (8, 0);
    while width > 0 {
        // A vector holds the lanes of `8 / width` groups, each block of eight lanes of all of them.
        let groups = 8 / width;
        let mut k = 0;
        while k < width {
            let mut lane = 0;
            while lane < 32 {
                let within = if width > 1 {
                    syndrome_of_group(k * groups + lane % 8 / width)
                } else {
                    // The last fold takes from its two vectors alternately.
                    lane % 8
                };
                let j = lane / 8 * 8 + within;
                let mut bit = 0;
                while bit < 10 {
                    table[first + k][bit][lane] = exp(bit + width * (ORDER - j));
                    bit += 1;
                }
                lane += 1;
            }
            k += 1;
        }
        first += width;
        width /= 2;
    }
    table
}
