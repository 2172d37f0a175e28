//! From what a receiver gives to rows of reliabilities in lanes; the same numbers as [`super::front`] gives.

use std::marker::PhantomData;

use super::front::{Eye, quantized};
use super::kernel::{PlaneBytes, ROW, Read, decode, plane_bytes};
use super::patterns::Patterns;
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerReport, MESSAGE_BITS, PAIRS, POSITIONS};
use crate::signal::Llr;
use crate::simd::{F32s, Least, MaskBits, Rounded, U8s, U32s};

/// Integer ratios.
struct Integers<'a, V>(&'a [i8], PhantomData<V>);

impl<V: U8s> Read for Integers<'_, V> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let soft = &self.0[at * BLOCK_BITS..][..BLOCK_BITS];
        let (mut first, mut other) = (0, 0);
        let mut second = 0;
        for k in (0..BLOCK_SYMBOLS).step_by(V::N) {
            let pair = V::load_signed(&soft[2 * k..]);
            let (a, b) = pair.unzip(V::load_signed(&soft[2 * k + V::N..]));
            first |= a.top_bits() << k;
            other |= b.top_bits() << k;
            let (a, b) = (a.abs_signed(), b.abs_signed());
            let least = a.min(b);
            second |= (a.equal(least) ^ V::splat(255)).top_bits() << k;
            least.store(&mut row[k..]);
        }
        for (to, r) in row[PAIRS..POSITIONS].iter_mut().zip(&soft[MESSAGE_BITS..]) {
            *to = r.unsigned_abs();
        }
        (plane_bytes(first, other), second)
    }
}

/// Ratios in `f32`.
struct Ratios<'a, W> {
    soft: &'a [f32],
    scale: f32,
    top: f32,
    lanes: PhantomData<W>,
}

impl<W: Rounded> Read for Ratios<'_, W> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let soft = &self.soft[at * BLOCK_BITS..][..BLOCK_BITS];
        ratios::<W>(soft, self.scale, self.top, row)
    }
}

/// Ratios in pairs.
struct Pairs<'a, W> {
    soft: &'a [[Llr; 2]],
    scale: f32,
    top: f32,
    lanes: PhantomData<W>,
}

impl<W: Rounded> Read for Pairs<'_, W> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let pairs = &self.soft[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let mut soft = [0.0; BLOCK_BITS];
        for (to, pair) in soft.chunks_exact_mut(2).zip(pairs) {
            (to[0], to[1]) = (pair[0].0, pair[1].0);
        }
        ratios::<W>(&soft, self.scale, self.top, row)
    }
}

#[inline(always)]
fn magnitude<W: F32s>(x: W) -> W {
    (x.to_bits() & W::U::splat(0x7fff_ffff)).as_f32()
}

#[inline(always)]
fn bits(mask: impl MaskBits, at: usize) -> u64 {
    u64::from(mask.bits()) << at
}

#[inline(always)]
fn ratios<W: Rounded>(
    soft: &[f32],
    scale: f32,
    top: f32,
    row: &mut [u8; ROW],
) -> (PlaneBytes, u64) {
    let soft = &soft[..BLOCK_BITS];
    let (mut first, mut other, mut not_second) = (0, 0, 0);
    let (zero, scales, tops) = (W::splat(0.0), W::splat(scale), W::splat(top));
    for from in (0..BLOCK_SYMBOLS).step_by(4 * W::N) {
        let mut four = [W::splat(0.0); 4];
        for (u, to) in four.iter_mut().enumerate() {
            let k = from + u * W::N;
            let (a, b) = W::load(&soft[2 * k..]).unzip(W::load(&soft[2 * k + W::N..]));
            first |= bits(a.simd_ge(zero), k);
            other |= bits(b.simd_ge(zero), k);
            let (a, b) = (magnitude(a), magnitude(b));
            let keep = b.simd_ge(a);
            not_second |= bits(keep, k);
            *to = W::select(keep, a, b) * scales;
        }
        W::store_rounded(four, tops, &mut row[from..]);
    }
    for (to, r) in row[PAIRS..POSITIONS].iter_mut().zip(&soft[MESSAGE_BITS..]) {
        *to = quantized(r.abs() * scale, top);
    }
    (plane_bytes(!first, !other), !not_second)
}

/// Samples.
struct Samples<'a, W> {
    samples: &'a [f32],
    eye: &'a Eye,
    top: f32,
    lanes: PhantomData<W>,
}

impl<W: Rounded> Read for Samples<'_, W> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let x = &self.samples[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let [t0, t1, t2] = self.eye.thresholds;
        let thresholds = [W::splat(t0), W::splat(t1), W::splat(t2)];
        let [s0, s1, s2] = self.eye.slopes;
        let slopes = [W::splat(s0), W::splat(s1), W::splat(s2)];
        let tops = W::splat(self.top);
        let mut above = [0; 3];
        let mut not_second = 0;
        for from in (0..BLOCK_SYMBOLS).step_by(4 * W::N) {
            let mut four = [W::splat(0.0); 4];
            for (u, to) in four.iter_mut().enumerate() {
                let k = from + u * W::N;
                let x = W::load(&x[k..]);
                for i in 0..3 {
                    above[i] |= bits(x.simd_ge(thresholds[i]), k);
                }
                let mut d = slopes;
                for i in 0..3 {
                    d[i] = magnitude(x - thresholds[i]) * slopes[i];
                }
                let outer = W::select(d[2].simd_ge(d[0]), d[0], d[2]);
                let inner = outer.simd_ge(d[1]);
                not_second |= bits(inner, k);
                *to = W::select(inner, d[1], outer);
            }
            W::store_rounded(four, tops, &mut row[from..]);
        }
        for (two, &x) in row[PAIRS..POSITIONS].chunks_exact_mut(2).zip(&x[PAIRS..]) {
            let [a, b] = self.eye.both(x);
            (two[0], two[1]) = (quantized(a, self.top), quantized(b, self.top));
        }
        (plane_bytes(above[1], above[0] & !above[2]), !not_second)
    }
}

#[inline(always)]
pub(super) fn integers<V: U8s, H: Least>(
    llr: &[i8],
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    decode::<V, H>(&Integers::<V>(llr, PhantomData), patterns, messages, flips)
}

#[inline(always)]
pub(super) fn llr<V: U8s, H: Least, W: Rounded>(
    soft: &[f32],
    scale: f32,
    top: f32,
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let input = Ratios::<W> {
        soft,
        scale,
        top,
        lanes: PhantomData,
    };
    decode::<V, H>(&input, patterns, messages, flips)
}

#[inline(always)]
pub(super) fn soft<V: U8s, H: Least, W: Rounded>(
    soft: &[[Llr; 2]],
    scale: f32,
    top: f32,
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let input = Pairs::<W> {
        soft,
        scale,
        top,
        lanes: PhantomData,
    };
    decode::<V, H>(&input, patterns, messages, flips)
}

#[inline(always)]
pub(super) fn samples<V: U8s, H: Least, W: Rounded>(
    samples: &[f32],
    eye: &Eye,
    top: f32,
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let input = Samples::<W> {
        samples,
        eye,
        top,
        lanes: PhantomData,
    };
    decode::<V, H>(&input, patterns, messages, flips)
}
