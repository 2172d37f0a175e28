//! Roots of locators of degree one to three in closed form.
//!
//! In a field of characteristic 2, `y^2 + y = c` has roots `y` and `y + 1` if the trace of `c` is
//! zero; a quadratic `a x^2 + b x + c` becomes that with `x = (b/a) y`. A cubic without its quadratic
//! term, `u^3 + p u + q`, becomes `w^3 + w = q / p^(3/2)` with `u = p^(1/2) w`, or is a cube root if
//! `p` is zero. Both are read from tables over all right-hand sides.

use super::Coefficients;
use crate::fec::gf::{ORDER, inv, log, mul, reference};

/// The highest degree.
pub(super) const MOST: usize = 3;

/// No root, or not as many as the degree.
const NONE: u16 = u16::MAX;

/// A `y` with `y^2 + y = c`.
static QUADRATIC: [u16; 1024] = make_quadratic();

/// Two of the three roots of `w^3 + w = d`; the third is their sum.
static CUBIC: [[u16; 2]; 1024] = make_cubic();

const fn make_quadratic() -> [u16; 1024] {
    let mut table = [NONE; 1024];
    let mut y = 0;
    while y < 1024 {
        table[(reference::mul(y, y) ^ y) as usize] = y;
        y += 1;
    }
    table
}

const fn make_cubic() -> [[u16; 2]; 1024] {
    let mut table = [[NONE; 2]; 1024];
    let mut count = [0; 1024];
    let mut w = 0;
    while w < 1024 {
        let d = (reference::mul(reference::mul(w, w), w) ^ w) as usize;
        if count[d] < 2 {
            table[d][count[d]] = w;
        }
        count[d] += 1;
        w += 1;
    }
    let mut d = 0;
    while d < 1024 {
        if count[d] < 3 {
            table[d] = [NONE; 2];
        }
        d += 1;
    }
    table
}

/// The positions `i < n` with `L(alpha^i) = 0`, and their number: less than `degree` if not all
/// roots are distinct and among the positions. `degree` is 1 to 3, the coefficients 0 and `degree`
/// are not zero.
pub(super) fn roots(locator: &Coefficients, degree: usize, n: usize, at: &mut [u16]) -> usize {
    let [c0, c1, c2, c3, ..] = *locator;
    let values = match degree {
        1 => Some([mul(c0, or_zero(c1)), 0, 0]),
        2 => quadratic(c2, c1, c0),
        _ => {
            let scale = or_zero(c3);
            cubic(mul(c2, scale), mul(c1, scale), mul(c0, scale))
        }
    };
    let mut found = 0;
    for x in values.iter().flat_map(|v| &v[..degree.min(MOST)]) {
        if let Some(i) = log(*x).filter(|&i| usize::from(i) < n) {
            at[found] = i;
            found += 1;
        }
    }
    found
}

/// The inverse, zero for zero.
fn or_zero(a: u16) -> u16 {
    inv(a).unwrap_or(0)
}

/// Two distinct roots of `a x^2 + b x + c`.
fn quadratic(a: u16, b: u16, c: u16) -> Option<[u16; 3]> {
    let scale = mul(b, inv(a)?);
    let y = QUADRATIC[usize::from(mul(mul(a, c), inv(mul(b, b))?) & 1023)];
    (y != NONE).then(|| [mul(scale, y), mul(scale, y ^ 1), 0])
}

/// Three distinct roots of `x^3 + a x^2 + b x + c`.
fn cubic(a: u16, b: u16, c: u16) -> Option<[u16; 3]> {
    // x = u + a: u^3 + p u + q.
    let p = mul(a, a) ^ b;
    let q = mul(a, b) ^ c;
    let u = if let Some(log_p) = log(p) {
        // The square root of alpha^k is alpha^(512 k), as 2 * 512 = 1 modulo 1023.
        let root = crate::fec::gf::exp(512 * usize::from(log_p));
        let [first, second] = CUBIC[usize::from(mul(q, inv(mul(p, root))?) & 1023)];
        if first == NONE {
            return None;
        }
        [first, second, first ^ second].map(|w| mul(root, w))
    } else {
        let log_q = usize::from(log(q)?);
        if log_q % 3 != 0 {
            return None;
        }
        [0, 1, 2].map(|k| crate::fec::gf::exp(log_q / 3 + k * ORDER / 3))
    };
    Some(u.map(|u| u ^ a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(c: &[u16], x: u16) -> u16 {
        c.iter().rev().fold(0, |v, &c| mul(v, x) ^ c)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_roots_are_those_of_a_search(
            c in prop::collection::vec(0u16..1024, 4),
            degree in 1usize..=3,
            n in prop::sample::select(vec![5, 544, 1023]),
            twin in any::<bool>(),
            zero in 0usize..8,
        ) {
            let mut locator = [0; 32];
            locator[..=degree].copy_from_slice(&c[..=degree]);
            if twin && degree == 3 {
                // The case p = 0: b = a^2.
                locator[3] = 1;
                locator[1] = mul(c[2], c[2]);
            }
            if zero < degree {
                locator[zero] = 0;
            }
            prop_assume!(locator[0] != 0 && locator[degree] != 0);
            let mut expected: Vec<u16> = (0..n as u16)
                .filter(|&i| value(&locator, crate::fec::gf::exp(usize::from(i))) == 0)
                .collect();
            let mut at = [0; 3];
            let found = roots(&locator, degree, n, &mut at);
            if expected.len() == degree {
                at[..found].sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(&at[..found], &expected);
            } else {
                prop_assert!(found < degree);
            }
        }
    }
}
