//! Errors and erasures by Berlekamp-Massey in table arithmetic: the decoder for declared erasures.
//!
//! Syndromes and locators `X_i = alpha^-i` are those of [`single`].
//!
//! The locator `L(x) = prod (1 - X x)` over errors and erasures starts as that of the erasures and
//! grows by Berlekamp-Massey. It is accepted only if its degree is what the algorithm says, within
//! reach (`2 errors + erasures <= 2 t`), and equal to its number of distinct roots among the `n`
//! positions: then values exist for which all `2t` syndromes vanish, and they are Forney's.
//! References: Blahut, *Algebraic Codes for Data Transmission*, chapter 7.

use super::outcome::{Decoded, Outcome};
use super::{T_MAX, single};
use crate::Level;
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

/// Decodes a word in place; `roots = 2t`; erasures are in range, distinct, at most `roots`.
pub(super) fn decode(level: Level, word: &mut [u16], roots: usize, erasures: &[usize]) -> Decoded {
    let s = single::syndromes(level, word, roots);
    if s == [0; ROOTS] {
        return Decoded::without_positions(Outcome::CLEAN);
    }
    let Some((locator, degree)) = locate(&s[..roots], erasures) else {
        return Decoded::without_positions(Outcome::Uncorrectable);
    };
    let mut at = [0; ROOTS];
    let found = single::search(level, &locator[..=degree], word.len(), &mut at);
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
fn correct(word: &mut [u16], s: &[u16], l: &Poly, at: &[u16], erasures: &[usize]) -> Decoded {
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
    for &position in at {
        let i = usize::from(position);
        let x = exp(i);
        // Of the derivative only the odd powers of L remain: x L'(x) = sum over odd k of L_k x^k.
        let odd = l.iter().enumerate().skip(1).step_by(2);
        let slope = odd.fold(0, |sum, (k, &c)| sum ^ mul(c, exp(i * k)));
        let y = mul(value(&omega, degree, x), inv(slope).unwrap_or(0));
        if y != 0 {
            word[i] ^= y;
            changed[usize::from(errors + erased)] = position;
            *(if erasures.contains(&i) {
                &mut erased
            } else {
                &mut errors
            }) += 1;
        }
    }
    Decoded::corrected(errors, erased, &changed[..usize::from(errors + erased)])
}
