//! The key equation in lanes: inversion-free Berlekamp-Massey with the evaluator beside the locator.
//!
//! In each step the locator and the row of discrepancies are combined from their old and their saved
//! values with the same two scalars; lanes are coefficients. The row holds the discrepancy of the
//! step in lane 0 and, as long as the locator stays, those of the steps to come behind it.
//! Reference: Sarwate and Shanbhag, "High-speed architectures for Reed-Solomon decoders", 2001
//! (the form called riBM).

use super::Coefficients;
use crate::fec::gf::product_with;
use crate::simd::Symbols;

/// What the key equation says of the errors.
pub(super) struct Key {
    /// `L(x)`, up to a factor; coefficient 0 and coefficient `degree` are not zero.
    pub(super) locator: Coefficients,
    pub(super) degree: usize,
    /// `E(x)` of `S(x) L(x) = O(x) + x^(2t) E(x)`, with the same factor, below `degree`.
    pub(super) evaluator: Coefficients,
}

/// Solves the key equation of `roots` syndromes; nothing if no locator of degree up to `roots / 2`
/// does.
#[inline(always)]
pub(super) fn solve<V: Symbols>(s: V, roots: usize) -> Option<Key> {
    let mut unit = [0; 32];
    unit[0] = 1;
    let (mut locator, mut saved_locator) = (V::load(&unit), V::load(&unit));
    let (mut row, mut saved_row) = (s, s);
    let mut saved_scale = product_with::<V>(1);
    let mut length = 0;
    let mut left = roots;
    while left > 0 {
        // All discrepancies to come are zero.
        if (!row.zeros()).trailing_zeros() as usize >= left {
            break;
        }
        let discrepancy = row.first();
        let scale = product_with::<V>(discrepancy);
        let next = row.down();
        let shifted = saved_locator.up();
        row = next.apply(&saved_scale) ^ saved_row.apply(&scale);
        let old = locator;
        locator = locator.apply(&saved_scale) ^ shifted.apply(&scale);
        let step = roots - left;
        if discrepancy != 0 && 2 * length <= step {
            (saved_locator, saved_row, saved_scale) = (old, next, scale);
            length = step + 1 - length;
            if 2 * length > roots {
                return None;
            }
        } else {
            saved_locator = shifted;
        }
        left -= 1;
    }
    let mut key = Key {
        locator: [0; 32],
        degree: length,
        evaluator: [0; 32],
    };
    locator.store(&mut key.locator);
    let mut row_lanes = [0; 64];
    row.store(&mut row_lanes);
    key.evaluator.copy_from_slice(&row_lanes[left..left + 32]);
    (key.locator[length] != 0).then_some(key)
}
