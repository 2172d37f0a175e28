//! Sliding sums of at most 12 neighbouring taps, eight lanes.
//!
//! With so few taps hardly two of them share a load, and one unaligned load for each multiply-add
//! takes longer than the multiply-add. Of eight windows one entry apart, those at entries 0, 2, 4 and
//! 6 are loaded; the four between come from shuffles of the windows at 0 and 4, which execute beside
//! the multiply-adds and the loads. The order of the products is that of the general kernel.

use crate::simd::F32s;

/// Vectors of outputs in registers.
const U: usize = 4;

/// Writes whole blocks of outputs from the front and returns how many they are.
#[inline(always)]
pub(super) fn few<V: F32s>(h: &[f32], x: &[f32], y: &mut [f32]) -> usize {
    match h.len() {
        1 => blocks::<V, 1>(h, x, y),
        2 => blocks::<V, 2>(h, x, y),
        3 => blocks::<V, 3>(h, x, y),
        4 => blocks::<V, 4>(h, x, y),
        5 => blocks::<V, 5>(h, x, y),
        6 => blocks::<V, 6>(h, x, y),
        7 => blocks::<V, 7>(h, x, y),
        8 => blocks::<V, 8>(h, x, y),
        9 => blocks::<V, 9>(h, x, y),
        10 => blocks::<V, 10>(h, x, y),
        11 => blocks::<V, 11>(h, x, y),
        _ => blocks::<V, 12>(h, x, y),
    }
}

#[inline(always)]
fn blocks<V: F32s, const T: usize>(h: &[f32], x: &[f32], y: &mut [f32]) -> usize {
    let h = &h[..T];
    let whole = y.len() / (U * V::N) * (U * V::N);
    for (i, y) in y.chunks_exact_mut(U * V::N).enumerate() {
        let x = &x[i * U * V::N..][..U * V::N + T - 1];
        let mut acc = [V::splat(0.0); U];
        // Phases of two taps before phases of one, as the schedule has them: rising all the same.
        step::<V, T, 0>(h, x, &mut acc);
        step::<V, T, 1>(h, x, &mut acc);
        step::<V, T, 2>(h, x, &mut acc);
        step::<V, T, 3>(h, x, &mut acc);
        step::<V, T, 4>(h, x, &mut acc);
        step::<V, T, 5>(h, x, &mut acc);
        step::<V, T, 6>(h, x, &mut acc);
        step::<V, T, 7>(h, x, &mut acc);
        for (u, a) in acc.iter().enumerate() {
            a.store(&mut y[u * V::N..]);
        }
    }
    whole
}

/// Taps `P` and `P + 8`, where there are such.
#[inline(always)]
fn step<V: F32s, const T: usize, const P: usize>(h: &[f32], x: &[f32], acc: &mut [V; U]) {
    if P >= T {
        return;
    }
    let first = V::splat(h[P]);
    let mut windows = [first; U + 1];
    for u in 0..U {
        windows[u] = window::<V, T, P>(x, u);
        acc[u] = windows[u].mul_add(first, acc[u]);
    }
    if P + 8 < T {
        let second = V::splat(h[P + 8]);
        windows[U] = window::<V, T, P>(x, U);
        for u in 0..U {
            acc[u] = windows[u + 1].mul_add(second, acc[u]);
        }
    }
}

/// The window that starts `P` entries after vector `u`, by a shuffle where the later of its two
/// neighbours still lies in the record.
#[inline(always)]
fn window<V: F32s, const T: usize, const P: usize>(x: &[f32], u: usize) -> V {
    let x = &x[u * V::N..];
    let (low, high) = (P / 4 * 4, P / 4 * 4 + 4);
    if P.is_multiple_of(2) || u * V::N + high + V::N > U * V::N + T - 1 {
        V::load(&x[P..])
    } else if P % 4 == 1 {
        V::load(&x[low..]).slide::<1>(V::load(&x[high..]))
    } else {
        V::load(&x[low..]).slide::<3>(V::load(&x[high..]))
    }
}
