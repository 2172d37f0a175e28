//! Syndromes of one word: `S_j = sum_i r_i alpha^(-ij)`.
//!
//! With `i = 93 a + l`, and because `alpha^93` has order 11,
//! `S_j = sum_l alpha^(-jl) T_m(l)`, `T_m(l) = sum_a alpha^(-93 m a) r_(93a+l)`, `m = j mod 11`.
//! Lanes are values of `l`. The eleven `T_m` take ten constants; then each `j` takes two constants
//! for the three parts of 32 lanes of its `T_m` and one for the first fold of 32 lanes into one
//! value. The later folds hold lanes of several `j`, whose constants differ: there a product is the
//! sum over the ten bits.

use super::tables::{CLASSES, FOLDS, PARTS, STRIDE, syndrome_of_group};
use crate::fec::gf::{ORDER, exp, product_with};
use crate::simd::Symbols;

/// The syndromes `0..roots` in lanes, zero in the others.
#[inline(always)]
pub(in crate::fec::rs) fn of<V: Symbols>(word: &[u16], roots: usize) -> V {
    // Loops instead of closures: a closure that is not inlined loses the instructions.
    let classes = classes::<V>(word);
    // A word of up to 32 symbols has the first part alone.
    let longer = word.len() > 32;
    let mut groups = [V::zero(); 8];
    for g in 0..8 {
        let j = syndrome_of_group(g);
        let front = pair(&classes, j, roots, longer);
        groups[g] = fold::<V, 8>(front, pair(&classes, j + 16, roots, longer), g);
    }
    let mut fours = [V::zero(); 4];
    for k in 0..4 {
        fours[k] = fold::<V, 4>(groups[2 * k], groups[2 * k + 1], 8 + k);
    }
    let front = fold::<V, 2>(fours[0], fours[1], 12);
    fold::<V, 1>(front, fold::<V, 2>(fours[2], fours[3], 13), 14)
}

/// Product with `alpha^(-step j)`, both below 65.
#[inline(always)]
fn constant<V: Symbols>(step: usize, j: usize) -> V::Map {
    product_with::<V>(exp(step * (ORDER - j)))
}

/// The syndrome `j` as 32 lanes still to be added up, and the same times `alpha^(-16 j)`; only a
/// longer word has more than the first part.
#[inline(always)]
fn one<V: Symbols>(classes: &[[V; PARTS]; CLASSES], j: usize, longer: bool) -> [V; 2] {
    let [a, b, c] = classes[j % CLASSES];
    let sum = if longer {
        a ^ b.apply(&constant::<V>(32, j)) ^ c.apply(&constant::<V>(64, j))
    } else {
        a
    };
    [sum, sum.apply(&constant::<V>(16, j))]
}

/// The syndromes `j` and `j + 8`, 16 lanes each; zero from `roots` on.
#[inline(always)]
fn pair<V: Symbols>(classes: &[[V; PARTS]; CLASSES], j: usize, roots: usize, longer: bool) -> V {
    if j >= roots {
        return V::zero();
    }
    let [a, a_up] = one(classes, j, longer);
    let [b, b_up] = if j + 8 < roots {
        one(classes, j + 8, longer)
    } else {
        [V::zero(); 2]
    };
    V::fold::<16>(a, b)[0] ^ V::fold::<16>(a_up, b_up)[1]
}

/// First halves plus second halves times the constants `which`.
#[inline(always)]
fn fold<V: Symbols, const W: usize>(a: V, b: V, which: usize) -> V {
    let [first, second] = V::fold::<W>(a, b);
    let constants = &FOLDS.0[which];
    let mut sum = first;
    for bit in 0..10 {
        sum = sum ^ second.where_bit(bit, V::load(&constants[bit as usize]));
    }
    sum
}

/// `T_m(l)` as `[m][part of l]`.
#[inline(always)]
fn classes<V: Symbols>(word: &[u16]) -> [[V; PARTS]; CLASSES] {
    let mut steps = [product_with::<V>(1); CLASSES];
    for e in 1..CLASSES {
        steps[e] = product_with::<V>(exp((CLASSES - e) * STRIDE));
    }
    let mut classes = [[V::zero(); PARTS]; CLASSES];
    for v in 0..PARTS {
        let mut sums = [V::zero(); CLASSES];
        let width = 32.min(STRIDE - 32 * v);
        for a in 0..word.len().div_ceil(STRIDE) {
            let start = STRIDE * a + 32 * v;
            if start >= word.len() {
                break;
            }
            let x = V::load_front(&word[start..word.len().min(start + width)]);
            if a == 0 {
                sums = [x; CLASSES];
                continue;
            }
            sums[0] = sums[0] ^ x;
            let mut power = 0;
            for sum in &mut sums[1..] {
                power += a;
                if power >= CLASSES {
                    power -= CLASSES;
                }
                *sum = *sum ^ x.apply(&steps[power]);
            }
        }
        for m in 0..CLASSES {
            classes[m][v] = sums[m];
        }
    }
    classes
}
