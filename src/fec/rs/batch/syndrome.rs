//! Syndromes of a whole group on bit planes: Horner's rule, one root after the other.
//!
//! `S_j = sum over i of r_i alpha^(j (n-1-i))`: the state of root `j` is multiplied by `alpha^j`
//! and the symbol added, ten operations while `|j| <= 7`. The upper roots work on the symbols
//! `r_i alpha^(c (n-1-i))` instead, which turns their exponents into `j - c`, small numbers of both
//! signs.

use super::Plan;
use crate::fec::gf::planes::{Planes, times_alpha};
use crate::simd::Bits;

/// Two roots over the symbols of a tile.
#[inline(always)]
fn pair<V: Bits, const J: i32, const K: i32>(tile: &[Planes<V>], state: &mut [Planes<V>; 2]) {
    let [mut x, mut y] = *state;
    for r in tile {
        (x, y) = (times_alpha::<V, J>(x), times_alpha::<V, K>(y));
        for p in 0..10 {
            let r = r[p];
            x[p] = x[p] ^ r;
            y[p] = y[p] ^ r;
        }
    }
    *state = [x, y];
}

/// [`pair`] for the roots with exponents `e` and `e + 1`, `e` even.
#[inline(always)]
fn pair_of<V: Bits>(e: i32, tile: &[Planes<V>], state: &mut [Planes<V>; 2]) {
    match e {
        -10 => pair::<V, -10, -9>(tile, state),
        -8 => pair::<V, -8, -7>(tile, state),
        -6 => pair::<V, -6, -5>(tile, state),
        -4 => pair::<V, -4, -3>(tile, state),
        -2 => pair::<V, -2, -1>(tile, state),
        0 => pair::<V, 0, 1>(tile, state),
        2 => pair::<V, 2, 3>(tile, state),
        4 => pair::<V, 4, 5>(tile, state),
        6 => pair::<V, 6, 7>(tile, state),
        8 => pair::<V, 8, 9>(tile, state),
        _ => pair::<V, 10, 11>(tile, state),
    }
}

/// Where the summands of a scaled plane lie in the table of [`scale`]: for each plane, one entry
/// of each of five pairs of planes.
pub(super) type Scale = [[u8; 5]; 10];

/// The [`Scale`] that multiplies by a number whose products with `x^q` are `columns[q]`.
pub(super) fn scale_of(columns: [u16; 10]) -> Scale {
    std::array::from_fn(|p| {
        std::array::from_fn(|k| {
            let bit = |q: usize| columns[q] >> p & 1 == 1;
            match (bit(2 * k), bit(2 * k + 1)) {
                (false, false) => 15,
                (true, false) => 2 * k as u8,
                (false, true) => 2 * k as u8 + 1,
                (true, true) => 10 + k as u8,
            }
        })
    })
}

/// The symbols times their constants.
#[inline(always)]
fn scale<V: Bits>(by: &[Scale], tile: &[Planes<V>], to: &mut [Planes<V>]) {
    let mut table = [V::zero(); 16];
    for ((by, r), to) in by.iter().zip(tile).zip(to) {
        for p in 0..10 {
            table[p] = r[p];
        }
        for k in 0..5 {
            table[10 + k] = r[2 * k] ^ r[2 * k + 1];
        }
        for (to, by) in to.iter_mut().zip(by) {
            let mut summands = [V::zero(); 5];
            for k in 0..5 {
                summands[k] = table[usize::from(by[k] & 15)];
            }
            let [a, b, c, d, e] = summands;
            *to = a.xor3(b, c).xor3(d, e);
        }
    }
}

/// Adds the symbols of a tile, the first of which is symbol `from` of the word, to the syndromes.
/// `scaled` is room for as many symbols.
#[inline(always)]
pub(super) fn advance<V: Bits>(
    plan: &Plan,
    from: usize,
    tile: &[Planes<V>],
    scaled: &mut [Planes<V>],
    syndromes: &mut [Planes<V>],
) {
    let (pairs, _) = syndromes[..plan.roots].as_chunks_mut::<2>();
    let (plain, centred) = pairs.split_at_mut(plan.plain / 2);
    for (k, state) in plain.iter_mut().enumerate() {
        pair_of(2 * k as i32, tile, state);
    }
    if centred.is_empty() {
        return;
    }
    let scaled = &mut scaled[..tile.len()];
    scale(&plan.scale[from..], tile, scaled);
    for (k, state) in centred.iter_mut().enumerate() {
        pair_of(2 * k as i32 + plan.lowest, scaled, state);
    }
}
