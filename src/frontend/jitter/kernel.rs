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
    let mut at = phase;
    let mut phases = [0u32; 16];
    for block in tau.chunks_mut(16) {
        for p in &mut phases {
            *p = (at >> 32) as u32;
            at = at.wrapping_add(step);
        }
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
