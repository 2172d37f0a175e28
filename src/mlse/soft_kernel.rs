//! The forward and the backward recursion over lanes, and the metrics of the bits where they meet.
//!
//! The backward recursion of a trellis is the forward recursion of its transpose, run over the samples
//! from the last to the first: the same steps serve both. Layout of [`super::kernel`]; kept metrics are
//! `[step][metric][lane]`, bit metrics `[step][bit][lane]`.

use super::kernel::Step as Step4;
use super::kernel16::Step as Step16;
use super::trellis::{Trellis4, Trellis16};
use crate::simd::{Base, F32s, U32s, dispatch};

/// A trellis in lanes: `M` metrics relative to that of state 0, which is zero.
trait Recursion<U: U32s, const M: usize> {
    fn step(&self, q: U, m: &mut [U; M]);
    /// The metrics of the four symbols from those of the states at both sides.
    fn symbols(forward: &[U; M], backward: &[U; M]) -> [U; 4];
}

impl<U: U32s> Recursion<U, 3> for Step4<U> {
    #[inline(always)]
    fn step(&self, q: U, m: &mut [U; 3]) {
        self.run(q, m);
    }
    #[inline(always)]
    fn symbols(f: &[U; 3], b: &[U; 3]) -> [U; 4] {
        [
            U::splat(0),
            f[0].pair_add(b[0]),
            f[1].pair_add(b[1]),
            f[2].pair_add(b[2]),
        ]
    }
}

impl<U: U32s> Recursion<U, 15> for Step16<U> {
    #[inline(always)]
    fn step(&self, q: U, m: &mut [U; 15]) {
        let mut all = [U::splat(0); 16];
        all[1..].copy_from_slice(m);
        self.run(q, &mut all);
        m.copy_from_slice(&all[1..]);
    }
    #[inline(always)]
    fn symbols(f: &[U; 15], b: &[U; 15]) -> [U; 4] {
        let mut best = [U::splat(0); 4];
        for symbol in 0..4 {
            for older in 0..4 {
                // The states of the transpose have their two symbols the other way round.
                let (i, j) = (4 * older + symbol, 4 * symbol + older);
                let sum = if i == 0 {
                    U::splat(0)
                } else {
                    f[i - 1].pair_add(b[j - 1])
                };
                best[symbol] = if older == 0 {
                    sum
                } else {
                    best[symbol].pair_min(sum)
                };
            }
        }
        best
    }
}

#[inline(always)]
fn load<U: U32s, const M: usize>(from: &[u32]) -> [U; M] {
    let mut m = [U::splat(0); M];
    for i in 0..M {
        m[i] = U::load(&from[i * U::N..]);
    }
    m
}

#[inline(always)]
fn store<U: U32s, const M: usize>(m: &[U; M], to: &mut [u32]) {
    for i in 0..M {
        m[i].store(&mut to[i * U::N..]);
    }
}

/// Forward over `q`; keeps the metrics after each step unless `kept` is empty.
#[inline(always)]
fn forward<U: U32s, R: Recursion<U, M>, const M: usize>(
    step: &R,
    q: &[u32],
    metrics: &mut [u32],
    kept: &mut [u32],
) {
    let mut m = load::<U, M>(metrics);
    let mut kept = kept.chunks_exact_mut(M * U::N);
    for q in q.chunks_exact(U::N) {
        step.step(U::load(q), &mut m);
        if let Some(kept) = kept.next() {
            store(&m, kept);
        }
    }
    store(&m, metrics);
}

/// Backward over `q`; meets the metrics kept and writes the bit metrics unless `kept` is empty.
#[inline(always)]
fn backward<U: U32s, R: Recursion<U, M>, const M: usize>(
    step: &R,
    q: &[u32],
    metrics: &mut [u32],
    kept: &[u32],
    bits: &mut [u32],
) {
    let mut m = load::<U, M>(metrics);
    let mut kept = kept.chunks_exact(M * U::N).rev();
    let mut bits = bits.chunks_exact_mut(2 * U::N).rev();
    for q in q.chunks_exact(U::N).rev() {
        if let (Some(kept), Some(bits)) = (kept.next(), bits.next()) {
            // Gray pairs of the symbols 0..=3: 00, 01, 11, 10.
            let [a, b, c, d] = R::symbols(&load::<U, M>(kept), &m);
            let first = c.pair_min(d).pair_sub(a.pair_min(b));
            let second = b.pair_min(c).pair_sub(a.pair_min(d));
            first.store(bits);
            second.store(&mut bits[U::N..]);
        }
        step.step(U::load(q), &mut m);
    }
    store(&m, metrics);
}

#[inline(always)]
fn forward4<U: U32s>(t: &Trellis4, q: &[u32], metrics: &mut [u32], kept: &mut [u32]) {
    forward::<U, Step4<U>, 3>(&Step4::new(t), q, metrics, kept);
}

#[inline(always)]
fn forward16<U: U32s>(t: &Trellis16, q: &[u32], metrics: &mut [u32], kept: &mut [u32]) {
    forward::<U, Step16<U>, 15>(&Step16::new(t), q, metrics, kept);
}

#[inline(always)]
fn backward4<U: U32s>(
    transpose: &Trellis4,
    q: &[u32],
    metrics: &mut [u32],
    kept: &[u32],
    bits: &mut [u32],
) {
    backward::<U, Step4<U>, 3>(&Step4::new(transpose), q, metrics, kept, bits);
}

#[inline(always)]
fn backward16<U: U32s>(
    transpose: &Trellis16,
    q: &[u32],
    metrics: &mut [u32],
    kept: &[u32],
    bits: &mut [u32],
) {
    backward::<U, Step16<U>, 15>(&Step16::new(transpose), q, metrics, kept, bits);
}

/// Bit metrics times `scale`, `[stream][bit][step]` with `steps` a multiple of the lanes.
#[inline(always)]
fn spread<V: F32s>(bits: &[u32], scale: f32, steps: usize, out: &mut [f32]) {
    // The halves are read in the upper part of a word, 2^16 times too large.
    let scale = V::splat(scale / 65_536.0);
    let upper = V::U::splat(0xffff_0000);
    for (block, bits) in bits.chunks_exact(2 * V::N * V::N).enumerate() {
        for bit in 0..2 {
            let mut squares = [[V::splat(0.0); 16]; 2];
            for i in 0..V::N {
                let word = V::U::load(&bits[(2 * i + bit) * V::N..]);
                squares[0][i] = word.shl::<16>().to_f32_signed() * scale;
                squares[1][i] = (word & upper).to_f32_signed() * scale;
            }
            for half in 0..2 {
                V::transpose(&mut squares[half]);
                for i in 0..V::N {
                    let row = ((half * V::N + i) * 2 + bit) * steps + block * V::N;
                    squares[half][i].store(&mut out[row..]);
                }
            }
        }
    }
}

dispatch! {
    /// Forward, four states.
    pub(super) fn forward_four(t: &Trellis4, q: &[u32], metrics: &mut [u32], kept: &mut [u32]) =
        base: forward4::<<Base as F32s>::U>, mid: forward4::<<crate::simd::Mid as F32s>::U>,
        top: forward4::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Forward, sixteen states.
    pub(super) fn forward_sixteen(t: &Trellis16, q: &[u32], metrics: &mut [u32], kept: &mut [u32]) =
        base: forward16::<<Base as F32s>::U>, mid: forward16::<<crate::simd::Mid as F32s>::U>,
        top: forward16::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Backward, four states.
    pub(super) fn backward_four(transpose: &Trellis4, q: &[u32], metrics: &mut [u32], kept: &[u32], bits: &mut [u32]) =
        base: backward4::<<Base as F32s>::U>, mid: backward4::<<crate::simd::Mid as F32s>::U>,
        top: backward4::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Backward, sixteen states.
    pub(super) fn backward_sixteen(transpose: &Trellis16, q: &[u32], metrics: &mut [u32], kept: &[u32], bits: &mut [u32]) =
        base: backward16::<<Base as F32s>::U>, mid: backward16::<<crate::simd::Mid as F32s>::U>,
        top: backward16::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Bit metrics to rows of floats.
    pub(super) fn to_rows(bits: &[u32], scale: f32, steps: usize, out: &mut [f32]) =
        base: spread::<Base>, mid: spread::<crate::simd::Mid>, top: spread::<crate::simd::Top>
}
