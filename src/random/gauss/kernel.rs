//! Box-Muller over lanes, on the words of the Philox kernel.

use crate::random::philox::kernel::{Schedule, words};
#[cfg(target_arch = "x86_64")]
use crate::simd::{Mid, Top};
use crate::simd::{
    Base, F32s, U32s, dispatch,
    math::{minus_two_ln, sin_cos_pi},
};

/// `sqrt(-2 ln U)` with `U = (v + 1/2)/2^40`, `v` being the first word followed by the upper eight
/// bits of the second; U rounded to 24 significant bits.
///
/// `2^41 U = 2^17 a + b` with 24 bits in `a` and 17 in `b`, the lowest of them one: both convert exactly
/// and the sum is rounded once, fused or not.
#[inline(always)]
pub(super) fn radius<V: F32s>(w0: V::U, w1: V::U) -> V {
    let a = w0.shr::<8>().to_f32_signed();
    let b = (w0.shl::<9>() & V::U::splat(0x0001_fe00)) | w1.shr::<23>() | V::U::splat(1);
    let scaled = a.mul_add(V::splat(131_072.0), b.to_f32_signed());
    minus_two_ln::<V, 41>(scaled).sqrt()
}

/// `(sin(pi u), cos(pi u))` with `u = (k + 1/2)/2^23 - 1/2`, `k` being the lower 23 bits.
#[inline(always)]
pub(super) fn half_circle<V: F32s>(w1: V::U) -> (V, V) {
    let k = (w1 & V::U::splat(0x007f_ffff)).to_f32_signed();
    // An odd number below 2^23 over 2^24: exact.
    let scale = 1.0 / (1u32 << 23) as f32;
    sin_cos_pi(k.mul_add(V::splat(scale), V::splat(0.5 * scale - 0.5)))
}

/// Two independent standard normal numbers from two words. Bit 23 of the second turns the half
/// circle into the whole one by the sign of the cosine.
#[inline(always)]
fn pair<V: F32s>(w0: V::U, w1: V::U) -> (V, V) {
    let r: V = radius(w0, w1);
    let (sin, cos) = half_circle::<V>(w1);
    let sign = w1.shl::<8>() & V::U::splat(0x8000_0000);
    ((r.to_bits() ^ sign).as_f32() * cos, r * sin)
}

/// Whole groups of 64 samples, the first block of the run being `first`: `out = z`, or
/// `out += sigma z` with one `mul_add`.
#[inline(always)]
fn run<V: F32s, const ADD: bool>(s: &Schedule, first: u32, sigma: f32, out: &mut [f32]) {
    let mut block = first;
    let sigma = V::splat(sigma);
    for group in out.as_chunks_mut::<64>().0 {
        for i in (0..16).step_by(V::N) {
            let w = words::<V::U>(s, block + i as u32);
            let (z0, z1) = pair::<V>(w[0], w[1]);
            let (z2, z3) = pair::<V>(w[2], w[3]);
            for (j, z) in [z0, z1, z2, z3].into_iter().enumerate() {
                let to = &mut group[16 * j + i..];
                if ADD {
                    z.mul_add(sigma, V::load(to)).store(to);
                } else {
                    z.store(to);
                }
            }
        }
        block = block.wrapping_add(16);
    }
}

dispatch! {
    /// `out = z`; whole groups of 64.
    pub(super) fn run_fill(s: &Schedule, first: u32, sigma: f32, out: &mut [f32]) =
        base: run::<Base, false>, mid: run::<Mid, false>, top: run::<Top, false>
}

dispatch! {
    /// `out += sigma z`; whole groups of 64.
    pub(super) fn run_add(s: &Schedule, first: u32, sigma: f32, out: &mut [f32]) =
        base: run::<Base, true>, mid: run::<Mid, true>, top: run::<Top, true>
}
