//! Box-Muller over lanes, on the words of the Philox kernel.

use crate::random::philox::kernel::{Schedule, words};
use crate::simd::{
    Base, F32s, U32s, dispatch,
    math::{minus_two_ln, sin_cos_pi},
};
#[cfg(target_arch = "x86_64")]
use crate::simd::{Mid, Top};

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

/// Four independent standard normal numbers per lane from four words, two from each pair. Bit 23
/// of the second word turns the half circle into the whole one by the sign of the cosine.
///
/// Plain loops: a closure would not inherit the instructions of the level.
#[inline(always)]
fn normals<V: F32s, const T: usize>(w: &[[V::U; 4]; T]) -> [[V; 4]; T] {
    let mut r = [[V::splat(0.0); 2]; T];
    for t in 0..T {
        r[t] = [radius(w[t][0], w[t][1]), radius(w[t][2], w[t][3])];
    }
    let mut z = [[V::splat(0.0); 4]; T];
    for t in 0..T {
        let ([z0, z1], [z2, z3]) = (turn(r[t][0], w[t][1]), turn(r[t][1], w[t][3]));
        z[t] = [z0, z1, z2, z3];
    }
    z
}

/// Radius and angle to two numbers.
#[inline(always)]
fn turn<V: F32s>(r: V, w1: V::U) -> [V; 2] {
    let (sin, cos) = half_circle::<V>(w1);
    let sign = w1.shl::<8>() & V::U::splat(0x8000_0000);
    [(r.to_bits() ^ sign).as_f32() * cos, r * sin]
}

/// One vector of blocks of a group: four rows of samples, `16` apart.
#[inline(always)]
fn put<V: F32s, const ADD: bool>(z: [V; 4], sigma: V, group: &mut [f32; 64], i: usize) {
    for (j, z) in z.into_iter().enumerate() {
        let to = &mut group[16 * j + i..];
        if ADD {
            z.mul_add(sigma, V::load(to)).store(to);
        } else {
            z.store(to);
        }
    }
}

/// Whole groups of 64 samples, the first block of the run being `first`: `out = z`, or
/// `out += sigma z` with one `mul_add`. `T` vectors of blocks are in flight at once.
#[inline(always)]
fn run<V: F32s, const T: usize, const ADD: bool>(
    s: &Schedule,
    first: u32,
    sigma: f32,
    out: &mut [f32],
) {
    let mut block = first;
    let sigma = V::splat(sigma);
    let (tiles, rest) = out.as_chunks_mut::<64>().0.as_chunks_mut::<T>();
    for tile in tiles {
        for i in (0..16).step_by(V::N) {
            let mut first = [block + i as u32; T];
            for t in 1..T {
                first[t] = first[t - 1].wrapping_add(16);
            }
            let w = words(s, first);
            let z = normals::<V, T>(&w);
            for t in 0..T {
                put::<V, ADD>(z[t], sigma, &mut tile[t], i);
            }
        }
        block = block.wrapping_add(16 * T as u32);
    }
    for group in rest {
        for i in (0..16).step_by(V::N) {
            let w = words(s, [block + i as u32]);
            put::<V, ADD>(normals::<V, 1>(&w)[0], sigma, group, i);
        }
        block = block.wrapping_add(16);
    }
}

dispatch! {
    /// `out = z`; whole groups of 64.
    pub(super) fn run_fill(s: &Schedule, first: u32, sigma: f32, out: &mut [f32]) =
        base: run::<Base, 1, false>, mid: run::<Mid, 1, false>, top: run::<Top, 2, false>
}

dispatch! {
    /// `out += sigma z`; whole groups of 64.
    pub(super) fn run_add(s: &Schedule, first: u32, sigma: f32, out: &mut [f32]) =
        base: run::<Base, 1, true>, mid: run::<Mid, 1, true>, top: run::<Top, 2, true>
}
