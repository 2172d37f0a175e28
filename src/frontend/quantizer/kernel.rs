//! Rounding down over lanes by plain operations: the same bits at every level.

use crate::simd::{Base, F32s, U32s, dispatch};

/// `1.5 * 2^23`: a sum with it has no fraction, and its low bits are the integer.
const ROUND: f32 = 12_582_912.0;

/// The numbers of a quantizer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    step: f32,
    inverse: f32,
    /// The lowest code, and half a code above the highest.
    low: f32,
    high: f32,
}

impl Grid {
    pub(crate) fn new(bits: u32, step: f64) -> Self {
        let half = f64::from(bits - 1).exp2();
        Self {
            step: step as f32,
            inverse: (1.0 / step) as f32,
            low: -half as f32,
            high: (half - 0.5) as f32,
        }
    }

    /// The code of one sample and whether it was clipped.
    #[inline(always)]
    pub(crate) fn code(&self, x: f32) -> (f32, bool) {
        let v = x * self.inverse;
        let inside = v >= self.low && v < -self.low;
        // Not `clamp`: NaN must become the lowest code.
        let v = if v >= self.low { v } else { self.low };
        let v = if v < self.high { v } else { self.high };
        (v.floor(), !inside)
    }

    /// The output of a code.
    #[inline(always)]
    pub(crate) fn value(&self, code: f32) -> f32 {
        (code + 0.5) * self.step
    }
}

/// [`Grid`] over lanes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<V: F32s> {
    step: V,
    inverse: V,
    low: V,
    high: V,
    end: V,
}

impl<V: F32s> Lanes<V> {
    #[inline(always)]
    pub(crate) fn new(grid: &Grid) -> Self {
        Self {
            step: V::splat(grid.step),
            inverse: V::splat(grid.inverse),
            low: V::splat(grid.low),
            high: V::splat(grid.high),
            end: V::splat(-grid.low),
        }
    }

    /// Codes, and minus one in the lanes that were not clipped from below and minus one in those that
    /// were clipped from above.
    #[inline(always)]
    fn code(&self, x: V) -> (V, V::U, V::U) {
        let v = x * self.inverse;
        let above = V::mask_bits(v.simd_ge(self.low));
        let over = V::mask_bits(v.simd_ge(self.end));
        let v = v.clamp_nan_low(self.low, self.high);
        // To the nearest integer, and one down where that is above.
        let near = (v + V::splat(ROUND)) - V::splat(ROUND);
        let floor = V::select(v.simd_ge(near), near, near - V::splat(1.0));
        (floor, above, over)
    }

    /// Outputs; `clipped` grows by one in each lane that was clipped.
    #[inline(always)]
    pub(crate) fn value(&self, x: V, clipped: &mut V::U) -> V {
        let (code, above, over) = self.code(x);
        *clipped = *clipped + above + V::U::splat(1) - over;
        (code + V::splat(0.5)) * self.step
    }
}

/// Samples after which the counters of the lanes are added up, so that none overflows.
pub(crate) const RUN: usize = 1 << 20;

/// The sum of the lanes.
#[inline(always)]
pub(crate) fn total<U: U32s>(counts: U) -> u64 {
    let mut lanes = [0; 16];
    counts.store(&mut lanes);
    lanes.iter().map(|&n| u64::from(n)).sum()
}

#[inline(always)]
fn quantize_all<V: F32s>(grid: &Grid, x: &mut [f32]) -> u64 {
    let lanes = Lanes::<V>::new(grid);
    let mut clipped = 0;
    for run in x.chunks_mut(RUN) {
        let mut counts = V::U::splat(0);
        let whole = run.len() / V::N * V::N;
        let (body, tail) = run.split_at_mut(whole);
        for x in body.chunks_exact_mut(V::N) {
            lanes.value(V::load(x), &mut counts).store(x);
        }
        for x in tail {
            let (code, out) = grid.code(*x);
            *x = grid.value(code);
            clipped += u64::from(out);
        }
        clipped += total(counts);
    }
    clipped
}

#[inline(always)]
fn codes_all<V: F32s>(grid: &Grid, x: &[f32], codes: &mut [i16]) {
    let lanes = Lanes::<V>::new(grid);
    let whole = x.len() / V::N * V::N;
    let mut bits = [0u32; 16];
    for i in (0..whole).step_by(V::N) {
        let (code, _, _) = lanes.code(V::load(&x[i..]));
        (code + V::splat(ROUND)).to_bits().store(&mut bits);
        for (to, from) in codes[i..i + V::N].iter_mut().zip(bits) {
            *to = from as i16;
        }
    }
    for i in whole..x.len() {
        codes[i] = grid.code(x[i]).0 as i16;
    }
}

dispatch! {
    /// In place; the number of samples clipped.
    pub(super) fn quantize(grid: &Grid, x: &mut [f32]) -> u64 =
        base: quantize_all::<Base>,
        mid: quantize_all::<crate::simd::Mid>,
        top: quantize_all::<crate::simd::Top>
}

dispatch! {
    /// The codes of samples.
    pub(super) fn codes(grid: &Grid, x: &[f32], codes: &mut [i16]) =
        base: codes_all::<Base>,
        mid: codes_all::<crate::simd::Mid>,
        top: codes_all::<crate::simd::Top>
}
