//! Roots of the error locators on bit planes: every used position of every word is tried.
//!
//! Position `n-1-u` is wrong where `lambda(alpha^-u) = 0`. From one `u` to the next, term `j` is
//! multiplied by a constant; `x^-c lambda(x)` with `c` in the middle has the same roots and
//! exponents of at most eight of either sign, a few exclusive-ors each.

use crate::fec::gf::planes::{Planes, nonzero, times_alpha, zero};
use crate::simd::Bits;

/// Positions per round: the sums of a round stay in the first cache.
pub(super) const ROUND: usize = 32;

/// Terms with exponents 0, 1, -1, 2, -2 .. 8, -8 and one that is never used.
pub(super) const TERMS: usize = 18;

/// Adds two terms to the sums of a round and moves them to the next.
#[inline(always)]
fn two<V: Bits, const FIRST: bool, const A: i32, const B: i32>(
    terms: &mut [Planes<V>],
    sums: &mut [Planes<V>],
) {
    let (mut a, mut b) = (terms[0], terms[1]);
    for sum in sums {
        for p in 0..10 {
            sum[p] = if FIRST {
                a[p] ^ b[p]
            } else {
                sum[p].xor3(a[p], b[p])
            };
        }
        (a, b) = (times_alpha::<V, A>(a), times_alpha::<V, B>(b));
    }
    (terms[0], terms[1]) = (a, b);
}

/// The roots among `lambda(alpha^0), lambda(alpha^-1) ..` of locators of degree at most `cap`:
/// ones in `roots[u]` where a root lies. Returns their number per word, binary, lowest bit first.
#[inline(always)]
pub(super) fn search<V: Bits>(
    cap: usize,
    lambda: &[Planes<V>],
    terms: &mut [Planes<V>],
    sums: &mut [Planes<V>],
    roots: &mut [V],
) -> [V; 5] {
    terms.fill(zero());
    let centre = cap.div_ceil(2);
    for (j, l) in lambda[..=cap].iter().enumerate() {
        let slot = if j < centre {
            2 * (centre - j) - 1
        } else {
            2 * (j - centre)
        };
        terms[slot] = *l;
    }
    let mut count = [V::zero(); 5];
    for roots in roots.chunks_mut(ROUND) {
        let sums = &mut sums[..roots.len()];
        two::<V, true, 0, 1>(&mut terms[0..], sums);
        if cap > 1 {
            two::<V, false, -1, 2>(&mut terms[2..], sums);
        }
        if cap > 3 {
            two::<V, false, -2, 3>(&mut terms[4..], sums);
        }
        if cap > 5 {
            two::<V, false, -3, 4>(&mut terms[6..], sums);
        }
        if cap > 7 {
            two::<V, false, -4, 5>(&mut terms[8..], sums);
        }
        if cap > 9 {
            two::<V, false, -5, 6>(&mut terms[10..], sums);
        }
        if cap > 11 {
            two::<V, false, -6, 7>(&mut terms[12..], sums);
        }
        if cap > 13 {
            two::<V, false, -7, 8>(&mut terms[14..], sums);
        }
        if cap > 15 {
            two::<V, false, -8, 0>(&mut terms[16..], sums);
        }
        for (root, sum) in roots.iter_mut().zip(sums.iter()) {
            *root = nonzero(sum) ^ V::ones();
            let mut carry = *root;
            for bit in &mut count {
                let up = *bit ^ carry;
                carry = carry & *bit;
                *bit = up;
            }
        }
    }
    count
}
