//! Mismatched slices and quantizer over lanes, by plain operations: the same bits at every level.

use super::super::quantizer::kernel::{Grid, Lanes, RUN, total};
use crate::simd::{Base, F32s, U32s, dispatch};

/// Lanes of the widest vector.
pub(super) const WIDEST: usize = 16;

/// Constants of the slices, each list `period + WIDEST` long, `period` at least [`WIDEST`].
#[derive(Clone, Copy)]
pub(super) struct Lists<'a> {
    pub(super) gain: &'a [f32],
    pub(super) late: &'a [f32],
    pub(super) offset: &'a [f32],
    pub(super) period: usize,
}

/// `y = Q(gain x + late slope + offset)`; no slope where `slope` is empty, no `Q` without a grid.
#[inline(always)]
fn run<V: F32s, const SLOPE: bool, const QUANTIZE: bool>(
    lists: &Lists<'_>,
    phase: usize,
    grid: &Grid,
    x: &[f32],
    slope: &[f32],
    y: &mut [f32],
) -> u64 {
    let lanes = Lanes::<V>::new(grid);
    let n = x.len();
    let whole = n / V::N * V::N;
    let (gain, late, offset) = (
        &lists.gain[..lists.period + WIDEST],
        &lists.late[..lists.period + WIDEST],
        &lists.offset[..lists.period + WIDEST],
    );
    let y = &mut y[..n];
    let slope = if SLOPE { &slope[..n] } else { slope };
    let mut p = phase;
    let mut counts = V::U::splat(0);
    let mut clipped = 0;
    for i in (0..whole).step_by(V::N) {
        let mut v = V::load(&gain[p..]) * V::load(&x[i..]);
        if SLOPE {
            v = v + V::load(&late[p..]) * V::load(&slope[i..]);
        }
        v = v + V::load(&offset[p..]);
        if QUANTIZE {
            v = lanes.value(v, &mut counts);
        }
        v.store(&mut y[i..]);
        p += V::N;
        if p >= lists.period {
            p -= lists.period;
        }
        if QUANTIZE && (i + V::N) % RUN == 0 {
            clipped += total(counts);
            counts = V::U::splat(0);
        }
    }
    for i in whole..n {
        let s = p + i - whole;
        let mut v = gain[s] * x[i];
        if SLOPE {
            v += late[s] * slope[i];
        }
        v += offset[s];
        if QUANTIZE {
            let (code, out) = grid.code(v);
            v = grid.value(code);
            clipped += u64::from(out);
        }
        y[i] = v;
    }
    if QUANTIZE { clipped + total(counts) } else { 0 }
}

#[inline(always)]
fn convert_all<V: F32s>(
    lists: &Lists<'_>,
    phase: usize,
    grid: &Grid,
    x: &[f32],
    slope: &[f32],
    y: &mut [f32],
) -> u64 {
    if slope.is_empty() {
        run::<V, false, true>(lists, phase, grid, x, slope, y)
    } else {
        run::<V, true, true>(lists, phase, grid, x, slope, y)
    }
}

#[inline(always)]
fn mismatch_all<V: F32s>(lists: &Lists<'_>, phase: usize, x: &[f32], slope: &[f32], y: &mut [f32]) {
    let grid = Grid::new(1, 1.0);
    if slope.is_empty() {
        run::<V, false, false>(lists, phase, &grid, x, slope, y);
    } else {
        run::<V, true, false>(lists, phase, &grid, x, slope, y);
    }
}

#[inline(always)]
fn shake_all<V: F32s>(sigma: f32, z: &[f32], slope: &[f32], y: &mut [f32]) {
    let n = y.len();
    let (z, slope) = (&z[..n], &slope[..n]);
    let size = V::splat(sigma);
    let whole = n / V::N * V::N;
    for i in (0..whole).step_by(V::N) {
        let moved = V::load(&y[i..]) + size * V::load(&z[i..]) * V::load(&slope[i..]);
        moved.store(&mut y[i..]);
    }
    for i in whole..n {
        y[i] += sigma * z[i] * slope[i];
    }
}

dispatch! {
    /// Mismatches and quantizer; the number of samples clipped.
    pub(super) fn convert(lists: &Lists<'_>, phase: usize, grid: &Grid, x: &[f32], slope: &[f32], y: &mut [f32]) -> u64 =
        base: convert_all::<Base>,
        mid: convert_all::<crate::simd::Mid>,
        top: convert_all::<crate::simd::Top>
}

dispatch! {
    /// Mismatches alone.
    pub(super) fn mismatch(lists: &Lists<'_>, phase: usize, x: &[f32], slope: &[f32], y: &mut [f32]) =
        base: mismatch_all::<Base>,
        mid: mismatch_all::<crate::simd::Mid>,
        top: mismatch_all::<crate::simd::Top>
}

dispatch! {
    /// `y[i] += sigma z[i] slope[i]`.
    pub(super) fn shake(sigma: f32, z: &[f32], slope: &[f32], y: &mut [f32]) =
        base: shake_all::<Base>,
        mid: shake_all::<crate::simd::Mid>,
        top: shake_all::<crate::simd::Top>
}
