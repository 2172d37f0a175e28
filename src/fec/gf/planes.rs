//! GF(2^10) on bit planes: many field elements at once, bit `p` of all of them in one vector.
//!
//! An element `sum of a[p] x^p` is ten vectors, [`Planes`]; each bit position of the vectors is one
//! element. Addition is ten exclusive-ors. A product with a small power `alpha^j` is a renaming of the planes and
//! `|j|` exclusive-ors, because `x^10 = x^3 + 1` has two terms. A general product is 100
//! "and, exclusive-or" steps and a reduction of twelve operations.
//!
//! Loops instead of closures: a closure between a kernel and its vectors may stay a call, which loses
//! the instructions of the level.

use crate::simd::Bits;

/// One field element per bit of the vectors: plane `p` holds the coefficient of `x^p`.
pub(crate) type Planes<V> = [V; 10];

/// The coefficients of a product before reduction, `x^0` to `x^18`.
pub(crate) type Wide<V> = [V; 19];

/// The element 0 everywhere.
#[inline(always)]
pub(crate) fn zero<V: Bits>() -> Planes<V> {
    [V::zero(); 10]
}

/// The element 1 everywhere.
#[inline(always)]
pub(crate) fn one<V: Bits>() -> Planes<V> {
    let mut a = zero();
    a[0] = V::ones();
    a
}

/// `a + b`.
#[inline(always)]
pub(crate) fn add<V: Bits>(a: Planes<V>, b: Planes<V>) -> Planes<V> {
    let mut sum = a;
    for p in 0..10 {
        sum[p] = a[p] ^ b[p];
    }
    sum
}

/// Ones where `a` is not zero.
#[inline(always)]
pub(crate) fn nonzero<V: Bits>(a: &Planes<V>) -> V {
    let front = (a[0] | a[1] | a[2]) | (a[3] | a[4]);
    front | ((a[5] | a[6] | a[7]) | (a[8] | a[9]))
}

/// `t` where the mask is one, else `f`.
#[inline(always)]
pub(crate) fn select<V: Bits>(mask: V, t: &Planes<V>, f: &Planes<V>) -> Planes<V> {
    let mut chosen = *f;
    for p in 0..10 {
        chosen[p] = V::select(mask, t[p], f[p]);
    }
    chosen
}

/// `alpha^J a`, `J` of either sign, in about `|J|` exclusive-ors, and in `13 + |J - 10|` or
/// `16 + |J - 20|` where that is less: `alpha^10 = 1 + x^3`, `alpha^20 = 1 + x^6`.
#[inline(always)]
pub(crate) fn times_alpha<V: Bits, const J: i32>(a: Planes<V>) -> Planes<V> {
    if J >= 17 {
        let a = shifted(a, J - 20);
        add(a, shifted(a, 6))
    } else if J >= 10 {
        let a = shifted(a, J - 10);
        add(a, shifted(a, 3))
    } else {
        shifted(a, J)
    }
}

/// `x^j a`, a place at a time. `j` is a constant wherever this is inlined.
#[inline(always)]
fn shifted<V: Bits>(a: Planes<V>, j: i32) -> Planes<V> {
    let mut t = a;
    if j >= 0 {
        // x^10 = x^3 + 1.
        for _ in 0..j {
            let top = t[9];
            t = [
                top,
                t[0],
                t[1],
                t[2] ^ top,
                t[3],
                t[4],
                t[5],
                t[6],
                t[7],
                t[8],
            ];
        }
    } else {
        // x^-1 = x^9 + x^2.
        for _ in j..0 {
            let low = t[0];
            t = [
                t[1],
                t[2],
                t[3] ^ low,
                t[4],
                t[5],
                t[6],
                t[7],
                t[8],
                t[9],
                low,
            ];
        }
    }
    t
}

/// `sum += a b`, not reduced.
#[inline(always)]
pub(crate) fn multiply_add<V: Bits>(sum: &mut Wide<V>, a: &Planes<V>, b: &Planes<V>) {
    let a = *a;
    let mut s = *sum;
    for j in 0..10 {
        let bj = b[j];
        for i in 0..10 {
            s[i + j] = s[i + j].xor_and(a[i], bj);
        }
    }
    *sum = s;
}

/// The element that unreduced coefficients stand for.
#[inline(always)]
pub(crate) fn reduce<V: Bits>(s: &Wide<V>) -> Planes<V> {
    // x^(10+m) = x^m + x^(m+3); the terms m = 7 and 8 overflow once more.
    let high = [
        s[10] ^ s[17],
        s[11] ^ s[18],
        s[12],
        s[13],
        s[14],
        s[15],
        s[16],
        s[17],
        s[18],
    ];
    [
        s[0] ^ high[0],
        s[1] ^ high[1],
        s[2] ^ high[2],
        s[3].xor3(high[3], high[0]),
        s[4].xor3(high[4], high[1]),
        s[5].xor3(high[5], high[2]),
        s[6].xor3(high[6], high[3]),
        s[7].xor3(high[7], high[4]),
        s[8].xor3(high[8], high[5]),
        s[9] ^ high[6],
    ]
}

/// `a b`.
#[inline(always)]
pub(crate) fn multiply<V: Bits>(a: &Planes<V>, b: &Planes<V>) -> Planes<V> {
    let mut sum = [V::zero(); 19];
    multiply_add(&mut sum, a, b);
    reduce(&sum)
}

/// `a^2`: the coefficients move to the even places.
#[inline(always)]
pub(crate) fn square<V: Bits>(a: &Planes<V>) -> Planes<V> {
    let mut sum = [V::zero(); 19];
    for i in 0..10 {
        sum[2 * i] = a[i];
    }
    reduce(&sum)
}

/// `1 / a`, and 0 for 0: `a^1022` by the addition chain 1, 2, 4, 8, 9 (Itoh and Tsujii).
#[inline(always)]
pub(crate) fn inverse<V: Bits>(a: &Planes<V>) -> Planes<V> {
    // `ones_k` is a to the power 2^k - 1. One body for the three doublings keeps the code small.
    let mut ones = *a;
    for doubling in 0..3 {
        let mut high = ones;
        for _ in 0..1 << doubling {
            high = square(&high);
        }
        ones = multiply(&high, &ones);
    }
    let nine = multiply(&square(&ones), a);
    square(&nine)
}

#[cfg(test)]
mod tests;
