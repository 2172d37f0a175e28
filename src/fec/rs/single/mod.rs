//! One word at low latency, in lanes of 32 symbols.
//!
//! Symbol `i` of the word has the locator `X_i = alpha^-i`, and the syndromes are
//! `S_j = sum_i r_i X_i^j`, `j = 0..2t`: the values of the received polynomial at the roots but for
//! a factor `alpha^(j (n-1))` that no later step sees. So nothing depends on `n` but which positions
//! exist.
//!
//! 1. [`syndromes`]: by the factors 11 and 93 of 1023; a word without any is clean.
//! 2. [`key`]: the inversion-free Berlekamp-Massey algorithm, one step per syndrome; it ends as soon
//!    as no discrepancy is left, after `2 e` steps for `e` errors.
//! 3. Roots of the locator: in closed form up to degree three ([`small`]), else all positions in
//!    lanes ([`search`]).
//! 4. [`values`]: Forney's formula at the roots.
//!
//! A word is corrected only if its locator has the degree `e <= t` that the algorithm says and `e`
//! distinct roots among the positions. Then the `2t` syndromes, which satisfy the recurrence of the
//! locator, are those of an error of weight `e`, and the corrected word is a codeword.

mod key;
mod search;
mod small;
mod syndromes;
mod tables;
#[cfg(test)]
mod tests;
mod values;

pub(super) use syndromes::of as of_word;

use super::T_MAX;
use super::outcome::{Decoded, Outcome};
use super::remainder::Divider;
use crate::Level;
use crate::fec::gf::{ORDER, mul_exp};
use crate::simd::{PlainSymbols, Symbols, dispatch};

/// Coefficients of a polynomial from the constant up.
type Coefficients = [u16; 32];

/// Decodes a word of checked symbols in place; `roots` is `2t`.
pub(super) fn decode(level: Level, divider: &Divider, word: &mut [u16], roots: usize) -> Decoded {
    if level.has_mid() {
        in_lanes(level, word, roots)
    } else {
        by_remainder(divider, word, roots)
    }
}

/// Without shuffles, the remainder by the generator polynomial is had sooner than the syndromes. A
/// codeword has none; else the syndromes are those of the remainder, which stands in the last `2t`
/// positions.
fn by_remainder(divider: &Divider, word: &mut [u16], roots: usize) -> Decoded {
    let (message, parity) = word.split_at(word.len() - roots);
    let mut remainder = [0; 32];
    divider.remainder(message, &mut remainder[..roots]);
    for (r, &p) in remainder.iter_mut().zip(parity) {
        *r ^= p;
    }
    if remainder == [0; 32] {
        return Decoded::without_positions(Outcome::CLEAN);
    }
    let mut s = [0; 32];
    syndromes::of::<PlainSymbols>(&remainder[..roots], roots).store(&mut s);
    for (j, s) in s.iter_mut().enumerate() {
        *s = mul_exp(*s, ORDER - j * message.len() % ORDER);
    }
    finish(word, PlainSymbols::load(&s), roots)
}

#[inline(always)]
fn decode_word<V: Symbols>(word: &mut [u16], roots: usize) -> Decoded {
    let s = syndromes::of::<V>(word, roots);
    finish(word, s, roots)
}

/// From the syndromes on.
#[inline(always)]
fn finish<V: Symbols>(word: &mut [u16], s: V, roots: usize) -> Decoded {
    if s.zeros() == u32::MAX {
        return Decoded::without_positions(Outcome::CLEAN);
    }
    let Some(key) = key::solve(s, roots) else {
        return Decoded::without_positions(Outcome::Uncorrectable);
    };
    let mut at = [0; search::MOST];
    let found = if key.degree <= small::MOST {
        small::roots(&key.locator, key.degree, word.len(), &mut at)
    } else {
        search::roots_in_lanes::<V>(&key.locator[..=key.degree], word.len(), &mut at)
    };
    if found != key.degree {
        return Decoded::without_positions(Outcome::Uncorrectable);
    }
    values::correct(word, &key, roots, &at[..found]);
    Decoded::corrected(found as u16, 0, &at[..found])
}

dispatch! {
    fn in_lanes(word: &mut [u16], roots: usize) -> Decoded =
        base: decode_word::<PlainSymbols>,
        mid: decode_word::<crate::simd::MidSymbols>,
        top: decode_word::<crate::simd::TopSymbols>
}

#[inline(always)]
fn store_syndromes<V: Symbols>(word: &[u16], roots: usize) -> Coefficients {
    let mut s = [0; 32];
    syndromes::of::<V>(word, roots).store(&mut s);
    s
}

dispatch! {
    /// The `roots` syndromes `S_j = sum_i r_i alpha^(-ij)`, then zeros.
    pub(super) fn syndromes(word: &[u16], roots: usize) -> Coefficients =
        base: store_syndromes::<PlainSymbols>,
        mid: store_syndromes::<crate::simd::MidSymbols>,
        top: store_syndromes::<crate::simd::TopSymbols>
}

dispatch! {
    /// The positions `i < n` with a locator that is zero at `alpha^i`, rising, and their number; the
    /// locator has at most 33 coefficients, the constant first.
    pub(super) fn search(locator: &[u16], n: usize, at: &mut [u16; 2 * T_MAX]) -> usize =
        base: search::roots_in_lanes::<PlainSymbols>,
        mid: search::roots_in_lanes::<crate::simd::MidSymbols>,
        top: search::roots_in_lanes::<crate::simd::TopSymbols>
}
