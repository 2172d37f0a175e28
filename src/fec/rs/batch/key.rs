//! The key equation on bit planes: Berlekamp-Massey without inversion, every word with its own
//! decisions made by masks.
//!
//! The discrepancy form with polynomials as long as they can be at each step takes less than half of the
//! products of the systolic form that hardware prefers.

use crate::fec::gf::planes::{Planes, Wide, multiply_add, nonzero, one, reduce, select, zero};
use crate::simd::Bits;

/// What the recurrence says of each word.
pub(super) struct Length<V> {
    /// Ones where no locator of at most `cap` errors explains the syndromes.
    pub(super) none: V,
    /// Length of the recurrence, binary, lowest bit first.
    pub(super) bits: [V; 5],
}

/// `sum over i <= top of lambda_i s_(at - i)`.
#[inline(always)]
fn convolution<V: Bits>(lambda: &[Planes<V>], s: &[Planes<V>], top: usize, at: usize) -> Planes<V> {
    let mut sum: Wide<V> = [V::zero(); 19];
    for (l, s) in lambda[..=top].iter().zip(s[..=at].iter().rev()) {
        multiply_add(&mut sum, l, s);
    }
    reduce(&sum)
}

/// The error locator, up to a factor, of the words that have at most `cap` errors:
/// `lambda[0..=cap]`. `next` is room of the same size.
///
/// Steps `0..2 cap` are Massey's; `k = r - 2 L`, with `L` the length after `r` steps, decides them.
/// The discrepancies of the remaining syndromes must all be zero.
#[inline(always)]
pub(super) fn solve<V: Bits>(
    cap: usize,
    s: &[Planes<V>],
    lambda: &mut [Planes<V>],
    next: &mut [Planes<V>],
) -> Length<V> {
    let (lambda, next) = (&mut lambda[..=cap], &mut next[..=cap]);
    lambda.fill(zero());
    next.fill(zero());
    lambda[0] = one();
    // `next` is x times the polynomial that repairs the next discrepancy, `gamma` its discrepancy.
    next[1] = one();
    let mut gamma = one();
    // Two's complement, the sign last.
    let mut k = [V::zero(); 7];
    for r in 0..2 * cap {
        let delta = convolution(lambda, s, r.min(cap), r);
        let longer = nonzero(&delta) & (k[6] ^ V::ones());
        // i falls, so that the entries below are still those of the step before.
        for i in (0..=cap.min(r + 1)).rev() {
            let mut sum: Wide<V> = [V::zero(); 19];
            multiply_add(&mut sum, &lambda[i], &gamma);
            multiply_add(&mut sum, &next[i], &delta);
            lambda[i] = reduce(&sum);
            if i > 0 {
                next[i] = select(longer, &lambda[i - 1], &next[i - 1]);
            }
        }
        gamma = select(longer, &delta, &gamma);
        let mut carry = V::ones();
        for bit in &mut k {
            let up = *bit ^ carry;
            carry = carry & *bit;
            *bit = V::select(longer, *bit ^ V::ones(), up);
        }
    }
    let mut none = k[6];
    for r in 2 * cap..s.len() {
        none = none | nonzero(&convolution(lambda, s, cap, r));
    }
    // L = (2 cap - k) / 2 = (2 cap + not k + 1) / 2.
    let mut carry = V::ones();
    let mut bits = [V::zero(); 5];
    for p in 0..6 {
        let a = k[p] ^ V::ones();
        let b = V::splat(if (2 * cap) >> p & 1 == 1 { u16::MAX } else { 0 });
        if p > 0 {
            bits[p - 1] = a.xor3(b, carry);
        }
        carry = (a & b) | (carry & (a ^ b));
    }
    Length { none, bits }
}
