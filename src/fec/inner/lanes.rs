//! From what a receiver gives to rows of reliabilities in lanes; the same numbers as [`super::front`] gives.

use std::marker::PhantomData;

use super::code::Planes;
use super::front::{Eye, ROUND, quantized};
use super::kernel::{ROW, Read, decode};
use super::patterns::Patterns;
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerReport, MESSAGE_BITS, PAIRS, POSITIONS};
use crate::signal::Llr;
use crate::simd::{F32s, Least, MaskBits, U8s, U32s};

/// Integer ratios.
struct Integers<'a, V>(&'a [i8], PhantomData<V>);

impl<V: U8s> Read for Integers<'_, V> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (Planes, u64) {
        let soft = &self.0[at * BLOCK_BITS..][..BLOCK_BITS];
        let mut planes = Planes::default();
        let mut second = 0;
        for k in (0..BLOCK_SYMBOLS).step_by(V::N) {
            let pair = V::load_signed(&soft[2 * k..]);
            let (a, b) = pair.unzip(V::load_signed(&soft[2 * k + V::N..]));
            planes.first |= a.top_bits() << k;
            planes.second |= b.top_bits() << k;
            let (a, b) = (a.abs_signed(), b.abs_signed());
            let least = a.min(b);
            second |= (a.equal(least) ^ V::splat(255)).top_bits() << k;
            least.store(&mut row[k..]);
        }
        let parity: [u8; 8] = std::array::from_fn(|i| soft[MESSAGE_BITS + i].unsigned_abs());
        row[PAIRS..POSITIONS].copy_from_slice(&parity);
        (planes, second)
    }
}

/// Ratios in `f32`.
struct Ratios<'a, W> {
    soft: &'a [f32],
    scale: f32,
    top: f32,
    lanes: PhantomData<W>,
}

impl<W: F32s<Mask: MaskBits>> Read for Ratios<'_, W> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (Planes, u64) {
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

impl<W: F32s<Mask: MaskBits>> Read for Pairs<'_, W> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (Planes, u64) {
        let pairs = &self.soft[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let mut soft = [0.0; BLOCK_BITS];
        for (to, pair) in soft.chunks_exact_mut(2).zip(pairs) {
            (to[0], to[1]) = (pair[0].0, pair[1].0);
        }
        ratios::<W>(&soft, self.scale, self.top, row)
    }
}

/// Numbers 0..=255 as lanes, from what [`rounded`] gives.
#[inline(always)]
fn rounded<W: F32s>(scaled: W, top: W) -> W::U {
    (scaled.clamp_nan_low(W::splat(0.0), top) + W::splat(ROUND)).to_bits()
        ^ W::U::splat(ROUND.to_bits())
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
fn ratios<W: F32s<Mask: MaskBits>>(
    soft: &[f32],
    scale: f32,
    top: f32,
    row: &mut [u8; ROW],
) -> (Planes, u64) {
    let soft = &soft[..BLOCK_BITS];
    let (mut first, mut other, mut not_second) = (0, 0, 0);
    let (zero, scales, tops) = (W::splat(0.0), W::splat(scale), W::splat(top));
    for from in (0..BLOCK_SYMBOLS).step_by(4 * W::N) {
        let four = std::array::from_fn(|u| {
            let k = from + u * W::N;
            let (a, b) = W::load(&soft[2 * k..]).unzip(W::load(&soft[2 * k + W::N..]));
            first |= bits(a.simd_ge(zero), k);
            other |= bits(b.simd_ge(zero), k);
            let (a, b) = (magnitude(a), magnitude(b));
            let keep = b.simd_ge(a);
            not_second |= bits(keep, k);
            rounded(W::select(keep, a, b) * scales, tops)
        });
        W::U::store_u8x4(four, &mut row[from..]);
    }
    let parity: [u8; 8] =
        std::array::from_fn(|i| quantized(soft[MESSAGE_BITS + i].abs() * scale, top));
    row[PAIRS..POSITIONS].copy_from_slice(&parity);
    let planes = Planes {
        first: !first,
        second: !other,
    };
    (planes, !not_second)
}

/// Samples.
struct Samples<'a, W> {
    samples: &'a [f32],
    eye: &'a Eye,
    top: f32,
    lanes: PhantomData<W>,
}

impl<W: F32s<Mask: MaskBits>> Read for Samples<'_, W> {
    #[inline(always)]
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (Planes, u64) {
        let x = &self.samples[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let thresholds = self.eye.thresholds.map(W::splat);
        let slopes = self.eye.slopes.map(W::splat);
        let top = W::splat(self.top);
        let mut above = [0; 3];
        let mut not_second = 0;
        for from in (0..BLOCK_SYMBOLS).step_by(4 * W::N) {
            let four = std::array::from_fn(|u| {
                let k = from + u * W::N;
                let x = W::load(&x[k..]);
                for i in 0..3 {
                    above[i] |= bits(x.simd_ge(thresholds[i]), k);
                }
                let d: [W; 3] = std::array::from_fn(|i| magnitude(x - thresholds[i]) * slopes[i]);
                let outer = W::select(d[2].simd_ge(d[0]), d[0], d[2]);
                let inner = outer.simd_ge(d[1]);
                not_second |= bits(inner, k);
                rounded(W::select(inner, d[1], outer), top)
            });
            W::U::store_u8x4(four, &mut row[from..]);
        }
        let mut parity = [0; 8];
        for (two, &x) in parity.chunks_exact_mut(2).zip(&x[PAIRS..]) {
            two.copy_from_slice(&self.eye.both(x).map(|r| quantized(r, self.top)));
        }
        row[PAIRS..POSITIONS].copy_from_slice(&parity);
        let planes = Planes {
            first: above[1],
            second: above[0] & !above[2],
        };
        (planes, !not_second)
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
pub(super) fn llr<V: U8s, H: Least, W: F32s<Mask: MaskBits>>(
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
pub(super) fn soft<V: U8s, H: Least, W: F32s<Mask: MaskBits>>(
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
pub(super) fn samples<V: U8s, H: Least, W: F32s<Mask: MaskBits>>(
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
