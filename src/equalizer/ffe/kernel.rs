//! The sliding sum of products: `y[i] = sum_j hr[j] x[i + j]` with `hr` the taps reversed.
//!
//! A naive vector loop needs one unaligned load for each multiply-add and is bound by the load
//! ports. Taps `p`, `p + N`, `p + 2N` of three neighbouring output vectors need the same input
//! vector, so here one load feeds up to three multiply-adds (`phase`), and `U` output vectors stay
//! in registers over all taps.
//!
//! The order in which one output gathers its products (phase by phase, groups of `3 N` taps)
//! depends on `N` alone: not on the position in the block, not on `U`. So any split of a stream
//! gives the same bits at one level, and the two FMA levels, both with eight lanes, agree.

use std::array::from_fn;

use crate::simd::{Base, F32s, dispatch};

dispatch! {
    /// Writes `y.len()` outputs; `x` holds at least `y.len() + hr.len() - 1` samples.
    pub(super) fn fir(hr: &[f32], x: &[f32], y: &mut [f32]) =
        base: fir_all::<Base, 12>,
        mid: fir_all::<crate::simd::Mid, 10>,
        top: fir_all::<crate::simd::Mid, 12>
}

/// Blocks of `U` vectors; the last block overlaps the one before it (the same outputs twice, the
/// same bits). Records shorter than a block go through smaller blocks and a padded copy.
#[inline(always)]
fn fir_all<V: F32s, const U: usize>(hr: &[f32], x: &[f32], y: &mut [f32]) {
    debug_assert!(x.len() + 1 >= y.len() + hr.len());
    if y.len() >= U * V::N {
        covered::<V, U>(hr, x, y);
    } else if y.len() >= 4 * V::N {
        covered::<V, 4>(hr, x, y);
    } else if y.len() >= V::N {
        covered::<V, 1>(hr, x, y);
    } else if !y.is_empty() {
        short::<V>(hr, x, y);
    }
}

/// Whole blocks from the front, then one that ends with the record.
#[inline(always)]
fn covered<V: F32s, const U: usize>(hr: &[f32], x: &[f32], y: &mut [f32]) {
    let n = y.len();
    let whole = n / (U * V::N) * (U * V::N);
    blocks::<V, U>(hr, x, &mut y[..whole]);
    let rest = n - whole;
    if rest > 4 * V::N {
        let from = n - U * V::N;
        blocks::<V, U>(hr, &x[from..], &mut y[from..]);
    } else if rest > V::N && n >= 4 * V::N {
        let from = n - 4 * V::N;
        blocks::<V, 4>(hr, &x[from..], &mut y[from..]);
    } else if rest > 0 {
        let from = n - V::N;
        blocks::<V, 1>(hr, &x[from..], &mut y[from..]);
        if rest > V::N {
            blocks::<V, 1>(hr, &x[whole..], &mut y[whole..whole + V::N]);
        }
    }
}

/// Fewer outputs than a vector, through the same order of operations.
#[inline(always)]
fn short<V: F32s>(hr: &[f32], x: &[f32], y: &mut [f32]) {
    let mut acc = V::splat(0.0);
    for (g, group) in hr.chunks(3 * V::N).enumerate() {
        let mut window = [0.0f32; 64];
        let from = &x[g * 3 * V::N..][..group.len() + y.len() - 1];
        window[..from.len()].copy_from_slice(from);
        for p in 0..V::N.min(group.len()) {
            for j in (p..group.len()).step_by(V::N) {
                acc = V::load(&window[j..]).mul_add(V::splat(group[j]), acc);
            }
        }
    }
    let mut lanes = [0.0; 16];
    acc.store(&mut lanes);
    y.copy_from_slice(&lanes[..y.len()]);
}

#[inline(always)]
fn blocks<V: F32s, const U: usize>(hr: &[f32], x: &[f32], y: &mut [f32]) {
    for (i, yb) in y.chunks_exact_mut(U * V::N).enumerate() {
        let xb = &x[i * U * V::N..][..U * V::N + hr.len() - 1];
        let mut acc = [V::splat(0.0); U];
        for (g, group) in hr.chunks(3 * V::N).enumerate() {
            let xg = &xb[g * 3 * V::N..];
            for p in 0..V::N.min(group.len()) {
                let (h, x) = (&group[p..], &xg[p..]);
                match (group.len() - p).div_ceil(V::N) {
                    3 => phase::<V, U, 3>(h, x, &mut acc),
                    2 => phase::<V, U, 2>(h, x, &mut acc),
                    _ => phase::<V, U, 1>(h, x, &mut acc),
                }
            }
        }
        for (u, a) in acc.iter().enumerate() {
            a.store(&mut yb[u * V::N..]);
        }
    }
}

/// Taps `0, N, ..(J - 1) N` of `hr` for `U` output vectors; each of the `U + J - 1` loads serves all
/// the products that need it. Loops of constant length only: they unroll, and the accumulators
/// stay in registers.
#[inline(always)]
fn phase<V: F32s, const U: usize, const J: usize>(hr: &[f32], x: &[f32], acc: &mut [V; U]) {
    let h: [V; J] = from_fn(|j| V::splat(hr[j * V::N]));
    let x = &x[..(U + J - 1) * V::N];
    for v in 0..U {
        let w = V::load(&x[v * V::N..]);
        for j in 0..J {
            if j <= v {
                acc[v - j] = w.mul_add(h[j], acc[v - j]);
            }
        }
    }
    for e in 0..J - 1 {
        let w = V::load(&x[(U + e) * V::N..]);
        for j in e + 1..J {
            if U + e >= j {
                acc[U + e - j] = w.mul_add(h[j], acc[U + e - j]);
            }
        }
    }
}
