//! Error values at the roots of the locator, by Forney's formula.
//!
//! With `S L = O + x^(2t) E` and `z = 1/X` a root of `L`, `O(z) = z^(2t) E(z)`, so the value
//! `Y = X O(z) / L'(z)` is `z^(2t) E(z) / (z L'(z))`; `z L'(z)` is the sum of the odd terms of `L(z)`.

use super::key::Key;
use crate::fec::gf::{ORDER, inv, mul, mul_exp};
use crate::fec::rs::T_MAX;

/// Adds the error values to the word at the positions `at`, one for each root.
pub(super) fn correct(word: &mut [u16], key: &Key, roots: usize, at: &[u16]) {
    let at = &at[..at.len().min(T_MAX)];
    // All positions side by side, so that their chains of table reads overlap.
    let (mut evaluator, mut odd) = ([0; T_MAX], [0; T_MAX]);
    for &c in key.evaluator[..key.degree].iter().rev() {
        for (value, &i) in evaluator.iter_mut().zip(at) {
            *value = mul_exp(*value, usize::from(i)) ^ c;
        }
    }
    for &c in key.locator[..=key.degree].iter().skip(1).step_by(2).rev() {
        for (value, &i) in odd.iter_mut().zip(at) {
            *value = mul_exp(*value, 2 * usize::from(i) % ORDER) ^ c;
        }
    }
    for ((&e, &o), &i) in evaluator.iter().zip(&odd).zip(at) {
        let i = usize::from(i);
        // The odd terms lack one factor z.
        let power = (roots + ORDER - 1) * i % ORDER;
        word[i] ^= mul(mul_exp(e, power), inv(o).unwrap_or(0));
    }
}
