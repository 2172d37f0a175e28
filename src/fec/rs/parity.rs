//! Parity from the syndromes of the message: the systematic encoder in lanes.
//!
//! The parity symbols `p_i` stand at positions with the locators `X_i` and must cancel the syndromes
//! `S_j` of the message: `sum_i p_i X_i^j = S_j`, `j = 0..2t`. With the Lagrange polynomials
//! `L_i(x) = prod_{m != i} (x - X_m) / (X_i - X_m) = sum_j l_ij x^j`, `p_i = sum_j l_ij S_j`: one
//! product of a scalar and a vector for each syndrome.

use super::single::of_word;
use crate::fec::RsCode;
use crate::fec::gf::{exp, inv, mul, product_with};
use crate::simd::{PlainSymbols, Symbols, dispatch};

/// The coefficients of a code.
#[derive(Debug, Clone)]
pub(super) struct Parity {
    /// `[j][i]`: what syndrome `j` adds to parity symbol `i`.
    columns: Vec<[u16; 32]>,
}

impl Parity {
    pub(super) fn new(code: &RsCode) -> Self {
        let roots = 2 * code.t;
        let locators: Vec<u16> = (code.k..code.n).map(|i| exp(1023 - i)).collect();
        // prod (x - X), from the constant up.
        let mut product = vec![1];
        for &x in &locators {
            product.insert(0, 0);
            for k in 1..product.len() {
                product[k - 1] ^= mul(product[k], x);
            }
        }
        let mut columns = vec![[0; 32]; roots];
        for (i, &x) in locators.iter().enumerate() {
            // Divided by x - X_i from the top, and the quotient's value at X_i.
            let mut quotient = vec![0; roots];
            let mut carry = 0;
            for j in (0..roots).rev() {
                carry = product[j + 1] ^ mul(carry, x);
                quotient[j] = carry;
            }
            let value = quotient.iter().rev().fold(0, |v, &c| mul(v, x) ^ c);
            let scale = inv(value).unwrap_or(0);
            for (column, &c) in columns.iter_mut().zip(&quotient) {
                column[i] = mul(c, scale);
            }
        }
        Self { columns }
    }
}

#[inline(always)]
fn parity_in_lanes<V: Symbols>(plan: &Parity, message: &[u16], parity: &mut [u16]) {
    let mut lanes = [0; 32];
    of_word::<V>(message, plan.columns.len()).store(&mut lanes);
    let mut sum = V::zero();
    for (column, &s) in plan.columns.iter().zip(&lanes) {
        sum = sum ^ V::load(column).apply(&product_with::<V>(s));
    }
    sum.store(&mut lanes);
    parity.copy_from_slice(&lanes[..parity.len()]);
}

dispatch! {
    /// The `2t` parity symbols of a message.
    pub(super) fn parity(plan: &Parity, message: &[u16], parity: &mut [u16]) =
        base: parity_in_lanes::<PlainSymbols>,
        mid: parity_in_lanes::<crate::simd::MidSymbols>,
        top: parity_in_lanes::<crate::simd::TopSymbols>
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use crate::fec::rs::remainder::Divider;
    use crate::fec::{KP4, KR4};

    #[test]
    fn the_parity_is_the_remainder_of_the_division() {
        let general = |n, k| RsCode {
            name: "general",
            n,
            k,
            t: (n - k) / 2,
            symbol_bits: 10,
        };
        for code in [
            KP4,
            KR4,
            general(1023, 991),
            general(33, 1),
            general(3, 1),
            general(90, 88),
        ] {
            let (plan, divider) = (Parity::new(&code), Divider::new(2 * code.t));
            for seed in 0..20 {
                let message: Vec<u16> = (0..code.k)
                    .map(|i| ((i * i * 77 + seed * i * 401 + 13 * seed) % 1024) as u16)
                    .collect();
                let mut expected = vec![0; 2 * code.t];
                divider.remainder(&message, &mut expected);
                for level in Level::all() {
                    let mut found = vec![0; 2 * code.t];
                    parity(level, &plan, &message, &mut found);
                    assert_eq!(found, expected, "{level} {} {}", code.n, code.k);
                }
            }
        }
    }
}
