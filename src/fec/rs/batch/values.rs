//! Error values on bit planes, Forney's formula for the first root `alpha^0`.
//!
//! With `omega = S lambda mod x^t` and `x` the inverse of the locator, the value is
//! `omega(x) / lambda_odd(x)`, where `lambda_odd(x) = x lambda'(x)` holds the odd powers of lambda:
//! the factor of the locator in front of the usual form and the `x` here cancel.

use crate::fec::gf::planes::{Planes, Wide, add, inverse, multiply, multiply_add, reduce, square};
use crate::simd::Bits;

/// The evaluator `omega[0..cap]`.
#[inline(always)]
pub(super) fn evaluator<V: Bits>(
    cap: usize,
    s: &[Planes<V>],
    lambda: &[Planes<V>],
    omega: &mut [Planes<V>],
) {
    for (i, omega) in omega[..cap].iter_mut().enumerate() {
        let mut sum: Wide<V> = [V::zero(); 19];
        for (l, s) in lambda[..=i].iter().zip(s[..=i].iter().rev()) {
            multiply_add(&mut sum, l, s);
        }
        *omega = reduce(&sum);
    }
}

/// The error value at the inverse locator `x`, itself a root of the locator; 0 for `x = 0`.
#[inline(always)]
pub(super) fn value<V: Bits>(
    cap: usize,
    lambda: &[Planes<V>],
    omega: &[Planes<V>],
    x: &Planes<V>,
) -> Planes<V> {
    let mut over = omega[cap - 1];
    for o in omega[..cap - 1].iter().rev() {
        over = add(multiply(&over, x), *o);
    }
    let x2 = square(x);
    let top = if cap.is_multiple_of(2) { cap - 1 } else { cap };
    let mut under = lambda[top];
    for j in (1..top).step_by(2).rev() {
        under = add(multiply(&under, &x2), lambda[j]);
    }
    under = multiply(&under, x);
    multiply(&over, &inverse(&under))
}
