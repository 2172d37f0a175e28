//! Roots of a locator by evaluation at all positions: the transpose of the syndromes.
//!
//! `L(alpha^(93a+l)) = sum_m alpha^(93 m a) U_m(l)`, `U_m(l) = sum_(i = m mod 11) L_i alpha^(il)`.

use super::tables::{CLASSES, PARTS, POWERS, STRIDE};
use crate::fec::gf::{exp, product_with};
use crate::fec::rs::T_MAX;
use crate::simd::Symbols;

/// The most roots.
pub(super) const MOST: usize = 2 * T_MAX;

#[inline(always)]
pub(super) fn roots_in_lanes<V: Symbols>(locator: &[u16], n: usize, at: &mut [u16; MOST]) -> usize {
    let degree = (locator.len() - 1).min(MOST);
    let classes = CLASSES.min(degree + 1);
    let mut sums = [[V::zero(); CLASSES]; PARTS];
    for (i, &c) in locator.iter().enumerate().take(MOST + 1) {
        let map = product_with::<V>(c);
        for v in 0..PARTS {
            let sum = &mut sums[v][i % CLASSES];
            *sum = *sum ^ V::load(&POWERS.0[i][v]).apply(&map);
        }
    }
    let mut steps = [product_with::<V>(1); CLASSES];
    for e in 1..CLASSES {
        steps[e] = product_with::<V>(exp(e * STRIDE));
    }
    let mut found = 0;
    for a in 0..n.div_ceil(STRIDE) {
        for (v, sums) in sums.iter().enumerate() {
            let start = STRIDE * a + 32 * v;
            let width = 32.min(STRIDE - 32 * v).min(n.saturating_sub(start));
            let mut value = sums[0];
            let mut power = 0;
            for &sum in &sums[1..classes] {
                power += a;
                if power >= CLASSES {
                    power -= CLASSES;
                }
                value = value ^ sum.apply(&steps[power]);
            }
            let mut zeros = u64::from(value.zeros()) & ((1 << width) - 1);
            while zeros != 0 && found < degree {
                at[found] = (start + zeros.trailing_zeros() as usize) as u16;
                found += 1;
                zeros &= zeros - 1;
            }
        }
        if found == degree {
            break;
        }
    }
    found
}
