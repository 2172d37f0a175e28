//! Rapp's curve over lanes, by plain operations only: the same bits at every level.

use crate::simd::{Base, F32s, U32s, dispatch};

/// Inputs beyond this many limits are the limit to the last bit, and their fourth power stays finite.
const FAR: f32 = 65_536.0;

/// `1/sqrt(a)` for `1 <= a <= 2^65`: a guess from the exponent, within 3.5 % (the constant is Lomont's),
/// and three steps of Newton, each of which squares the error and multiplies it by 1.5.
#[inline(always)]
fn inverse_sqrt<V: F32s>(a: V) -> V {
    let half = a * V::splat(0.5);
    let mut r = (V::U::splat(0x5f37_5a86) - a.to_bits().shr::<1>()).as_f32();
    for _ in 0..3 {
        r = r * (V::splat(1.5) - half * r * r);
    }
    r
}

#[inline(always)]
fn bend<V: F32s, const P: usize>(x: V, limit: V, inverse: V) -> V {
    let u = (x * inverse).clamp_nan_low(V::splat(-FAR), V::splat(FAR));
    let square = u * u;
    let root = if P == 1 {
        square + V::splat(1.0)
    } else {
        (square * square + V::splat(1.0)).sqrt()
    };
    let y = limit * (u * inverse_sqrt(root));
    // Where x is no number, x itself.
    V::select(x.simd_ge(x), y, x)
}

#[inline(always)]
fn all<V: F32s, const P: usize>(limit: f32, x: &mut [f32]) {
    let (l, inverse) = (V::splat(limit), V::splat(1.0 / limit));
    let whole = x.len() / V::N * V::N;
    let (body, tail) = x.split_at_mut(whole);
    for x in body.chunks_exact_mut(V::N) {
        bend::<V, P>(V::load(x), l, inverse).store(x);
    }
    if !tail.is_empty() {
        let mut rest = [0.0; 16];
        rest[..tail.len()].copy_from_slice(tail);
        bend::<V, P>(V::load(&rest), l, inverse).store(&mut rest);
        tail.copy_from_slice(&rest[..tail.len()]);
    }
}

dispatch! {
    /// `p = 1`, in place.
    pub(super) fn one(limit: f32, x: &mut [f32]) =
        base: all::<Base, 1>, mid: all::<crate::simd::Mid, 1>, top: all::<crate::simd::Top, 1>
}

dispatch! {
    /// `p = 2`, in place.
    pub(super) fn two(limit: f32, x: &mut [f32]) =
        base: all::<Base, 2>, mid: all::<crate::simd::Mid, 2>, top: all::<crate::simd::Top, 2>
}
