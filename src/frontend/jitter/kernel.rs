//! Parts of an edge's displacement over lanes.

use crate::simd::{Base, F32s, U32s, dispatch, math::sin_cos_pi};

dispatch! {
    /// `tau[i] = +-dual +- half`: `+dual` where bit 0 of `signs[i]` is set, `+half` where `from + i` is odd.
    pub(super) fn two_signs(signs: &[u8], from: u64, dual: f32, half: f32, tau: &mut [f32]) =
        base: two_signs_all::<Base>,
        mid: two_signs_all::<crate::simd::Mid>,
        top: two_signs_all::<crate::simd::Top>
}

dispatch! {
    /// `tau[i] += amplitude sin(2 pi (phase + i step) / 2^64)`.
    pub(super) fn add_sine(phase: u64, step: u64, amplitude: f32, tau: &mut [f32]) =
        base: add_sine_all::<Base>,
        mid: add_sine_all::<crate::simd::Mid>,
        top: add_sine_all::<crate::simd::Top>
}

#[inline(always)]
fn two_signs_all<V: F32s>(signs: &[u8], from: u64, dual: f32, half: f32, tau: &mut [f32]) {
    // Entry 0 and 1 for even edges, 2 and 3 for odd ones.
    let entries = [-dual - half, dual - half, -dual + half, dual + half];
    let table = V::table4_new(entries);
    let mut parity = [0; 16];
    for (i, p) in parity.iter_mut().enumerate() {
        *p = (((from as usize) + i) & 1) as u8 * 2;
    }
    let parity = V::U::load_u8(&parity);
    let whole = tau.len() / V::N * V::N;
    for i in (0..whole).step_by(V::N) {
        let bits = (V::U::load_u8(&signs[i..]) & V::U::splat(1)) | parity;
        table.table4(bits).store(&mut tau[i..]);
    }
    for i in whole..tau.len() {
        let odd = ((from as usize) + i) & 1;
        tau[i] = entries[usize::from(signs[i] & 1) + 2 * odd];
    }
}

/// `sin(2 pi p / 2^32)` for phases read as signed numbers: twice sine times cosine of half the angle.
#[inline(always)]
fn sine<V: F32s>(phase: V::U) -> V {
    let scale = 1.0 / (1u64 << 32) as f32;
    let (sin, cos) = sin_cos_pi(phase.to_f32_signed() * V::splat(scale));
    (sin + sin) * cos
}

#[inline(always)]
fn add_sine_all<V: F32s>(phase: u64, step: u64, amplitude: f32, tau: &mut [f32]) {
    let size = V::splat(amplitude);
    let mut ahead = [0u64; 16];
    for (i, a) in ahead.iter_mut().enumerate() {
        *a = step.wrapping_mul(i as u64);
    }
    let mut at = phase;
    let mut phases = [0u32; 16];
    for block in tau.chunks_mut(16) {
        for (p, a) in phases.iter_mut().zip(ahead) {
            *p = (at.wrapping_add(a) >> 32) as u32;
        }
        at = at.wrapping_add(step.wrapping_mul(16));
        let mut padded = [0.0; 16];
        let whole = block.len() == 16;
        if !whole {
            padded[..block.len()].copy_from_slice(block);
        }
        let to: &mut [f32] = if whole { block } else { &mut padded };
        for i in (0..16).step_by(V::N) {
            let s = sine::<V>(V::U::load(&phases[i..]));
            s.mul_add(size, V::load(&to[i..])).store(&mut to[i..]);
        }
        if !whole {
            let n = block.len();
            block.copy_from_slice(&padded[..n]);
        }
    }
}

// The loops below are plain `f64`, without fused operations: the same bits at every level.

dispatch! {
    /// Coefficients of a cubic spline on half the knot distance: `fine[2 q] = (c[q-1] + 6 c[q] + c[q+1])/8`,
    /// `fine[2 q + 1] = (c[q] + c[q+1])/2`, `coarse` starting at `c[-1]`.
    pub(super) fn refine(coarse: &[f64], fine: &mut [f64]) =
        base: refine_all, mid: refine_all, top: refine_all
}

dispatch! {
    /// `c[i] += sigma (white[i + 1] - white[i])`.
    pub(super) fn add_differences(sigma: f64, white: &[f32], c: &mut [f64]) =
        base: add_differences_all, mid: add_differences_all, top: add_differences_all
}

dispatch! {
    /// `tau[i] += (c[i] + 4 c[i + 1] + c[i + 2])/6`: a cubic spline at its knots.
    pub(super) fn add_spline(c: &[f64], tau: &mut [f32]) =
        base: add_spline_all, mid: add_spline_all, top: add_spline_all
}

#[inline(always)]
fn refine_all(coarse: &[f64], fine: &mut [f64]) {
    let n = fine.len() / 2;
    let (before, at, after) = (&coarse[..n], &coarse[1..=n], &coarse[2..n + 2]);
    for (q, pair) in fine.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        pair[0] = 0.125 * ((before[q] + after[q]) + 6.0 * at[q]);
        pair[1] = 0.5 * (at[q] + after[q]);
    }
}

#[inline(always)]
fn add_differences_all(sigma: f64, white: &[f32], c: &mut [f64]) {
    let n = c.len();
    let (a, b) = (&white[..n], &white[1..=n]);
    for i in 0..n {
        c[i] += sigma * (f64::from(b[i]) - f64::from(a[i]));
    }
}

#[inline(always)]
fn add_spline_all(c: &[f64], tau: &mut [f32]) {
    let n = tau.len();
    let (before, at, after) = (&c[..n], &c[1..=n], &c[2..n + 2]);
    for i in 0..n {
        tau[i] += (((before[i] + after[i]) + 4.0 * at[i]) * (1.0 / 6.0)) as f32;
    }
}
