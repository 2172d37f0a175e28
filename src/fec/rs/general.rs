//! Errors and erasures by Berlekamp-Massey in table arithmetic: the decoder for declared erasures.
//!
//! Symbol `i` of the word has the locator `X_i = alpha^-i`, and the syndromes are
//! `S_j = sum_i r_i X_i^j`, `j = 0..2t`. They differ from the values of the received polynomial at
//! the roots by the factor `alpha^(j (n-1))` alone, which no later step sees, so nothing here
//! depends on `n` but the range of valid positions.
//!
//! The locator `L(x) = prod (1 - X x)` over errors and erasures starts as that of the erasures and
//! grows by Berlekamp-Massey. It is accepted only if its degree is what the algorithm says, within
//! reach (`2 errors + erasures <= 2 t`), and equal to its number of distinct roots among the `n`
//! positions: then values exist for which all `2t` syndromes vanish, and they are Forney's.
//! References: Blahut, *Algebraic Codes for Data Transmission*, chapter 7.

use super::T_MAX;
use super::outcome::{Decoded, Outcome};
use crate::fec::gf::{exp, inv, mul};

const ROOTS: usize = 2 * T_MAX;

/// Coefficients from the constant up; one more than the most roots.
type Poly = [u16; ROOTS + 1];

/// `L(x) + c x^shift B(x)`.
fn add_shifted(l: &Poly, c: u16, b: &Poly, shift: usize) -> Poly {
    std::array::from_fn(|i| l[i] ^ i.checked_sub(shift).map_or(0, |at| mul(c, b[at])))
}

/// `p(x)` at `x`, of the coefficients `0..=degree`.
fn value(p: &Poly, degree: usize, x: u16) -> u16 {
    p[..=degree].iter().rev().fold(0, |v, &c| mul(v, x) ^ c)
}

/// The syndromes `S_j = sum_i r_i alpha^(-ij)`.
pub(super) fn syndromes(word: &[u16], out: &mut [u16]) {
    for (j, s) in out.iter_mut().enumerate() {
        let x = exp((ROOTS * 1023 - j) % 1023);
        *s = word.iter().rev().fold(0, |v, &r| mul(v, x) ^ r);
    }
}

/// Decodes a word in place; `roots = 2t`; erasures are in range, distinct, at most `roots`.
pub(super) fn decode(word: &mut [u16], roots: usize, erasures: &[usize]) -> Decoded {
    let mut s = [0; ROOTS];
    syndromes(word, &mut s[..roots]);
    if s == [0; ROOTS] {
        return Decoded::without_positions(Outcome::CLEAN);
    }
    let Some((locator, degree)) = locate(&s[..roots], erasures) else {
        return Decoded::without_positions(Outcome::Uncorrectable);
    };
    let mut at = [0; ROOTS];
    let mut found = 0;
    for i in 0..word.len() {
        if value(&locator, degree, exp(i)) == 0 {
            at[found] = i;
            found += 1;
        }
    }
    if found != degree {
        return Decoded::without_positions(Outcome::Uncorrectable);
    }
    correct(word, &s[..roots], &locator, &at[..found], erasures)
}

/// The locator of errors and erasures and its degree, if it is within reach.
fn locate(s: &[u16], erasures: &[usize]) -> Option<(Poly, usize)> {
    let mut l: Poly = [0; ROOTS + 1];
    l[0] = 1;
    for &e in erasures {
        l = add_shifted(&l, exp(1023 - e), &l, 1);
    }
    let rho = erasures.len();
    // Berlekamp-Massey: `length` is that of the register, `b` the locator before it last grew.
    let (mut b, mut length, mut gap) = (l, rho, 1);
    for step in rho..s.len() {
        let d = (0..=length.min(step)).fold(0, |d, i| d ^ mul(l[i], s[step - i]));
        if d == 0 {
            gap += 1;
            continue;
        }
        let next = add_shifted(&l, d, &b, gap);
        if 2 * length <= step + rho {
            // `b` is kept divided by its discrepancy.
            let scale = inv(d).unwrap_or(0);
            b = l.map(|c| mul(c, scale));
            length = step + 1 + rho - length;
            gap = 1;
        } else {
            gap += 1;
        }
        l = next;
    }
    let degree = l.iter().rposition(|&c| c != 0).unwrap_or(0);
    (degree == length && 2 * (length - rho) + rho <= s.len()).then_some((l, degree))
}

/// Forney's values at the positions: `Y = X O(1/X) / L'(1/X)` with `O = S L mod x^(2t)`.
fn correct(word: &mut [u16], s: &[u16], l: &Poly, at: &[usize], erasures: &[usize]) -> Decoded {
    let degree = at.len();
    let omega: Poly = std::array::from_fn(|i| {
        if i < degree {
            (0..=i).fold(0, |sum, k| sum ^ mul(l[k], s[i - k]))
        } else {
            0
        }
    });
    let mut changed = [0; ROOTS];
    let (mut errors, mut erased) = (0, 0);
    for &i in at {
        let x = exp(i);
        // Of the derivative only the odd powers of L remain: x L'(x) = sum over odd k of L_k x^k.
        let odd = l.iter().enumerate().skip(1).step_by(2);
        let slope = odd.fold(0, |sum, (k, &c)| sum ^ mul(c, exp(i * k)));
        let y = mul(value(&omega, degree, x), inv(slope).unwrap_or(0));
        if y != 0 {
            word[i] ^= y;
            changed[usize::from(errors + erased)] = i as u16;
            *(if erasures.contains(&i) {
                &mut erased
            } else {
                &mut errors
            }) += 1;
        }
    }
    Decoded::corrected(errors, erased, &changed[..usize::from(errors + erased)])
}
