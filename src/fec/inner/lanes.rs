//! From what a receiver gives to rows of reliabilities in lanes; the same numbers as [`super::front`] gives.

use std::marker::PhantomData;

use super::front::{Eye, quantized};
use super::kernel::{ROW, Read, decode};
use super::patterns::Patterns;
use super::planes::plane_bytes;
use super::run::{Output, PlaneBytes};
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerReport, MESSAGE_BITS, PAIRS, POSITIONS};
use crate::signal::Llr;
use crate::simd::{Least, Rounded, U8s, U32s};

/// Symbols without reliabilities.
struct Symbols<'a, V>(&'a [u8], PhantomData<V>);

impl<V: U8s> Read for Symbols<'_, V> {
    #[inline(always)]
    fn read(&mut self, at: usize, _row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let symbols = &self.0[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let (mut first, mut other) = (0, 0);
        for k in (0..BLOCK_SYMBOLS).step_by(V::N) {
            let s = V::load(&symbols[k..]);
            let two = s.equal(V::splat(2));
            first |= (two ^ s.equal(V::splat(3))).top_bits() << k;
            other |= (two ^ s.equal(V::splat(1))).top_bits() << k;
        }
        (plane_bytes(first, other), u64::MAX)
    }

    #[inline(always)]
    fn is_finite(&self) -> bool {
        true
    }
}

/// Integer ratios.
struct Integers<'a, V>(&'a [i8], PhantomData<V>);

impl<V: U8s> Read for Integers<'_, V> {
    #[inline(always)]
    fn read(&mut self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
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

    #[inline(always)]
    fn is_finite(&self) -> bool {
        true
    }
}

/// Whether the lanes, sums of zero times numbers, tell that all of these were finite: else they hold a NaN.
#[inline(always)]
fn is_finite<W: Rounded>(sums: W) -> bool {
    W::less_bits([sums; 4], [W::splat(1.0); 4]).trailing_ones() as usize == 4 * W::N
}

/// Ratios in `f32`.
struct Ratios<'a, W> {
    soft: &'a [f32],
    scale: f32,
    top: f32,
    sums: W,
}

impl<W: Rounded> Read for Ratios<'_, W> {
    #[inline(always)]
    fn read(&mut self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let soft = &self.soft[at * BLOCK_BITS..][..BLOCK_BITS];
        ratios(soft, self.scale, self.top, row, &mut self.sums)
    }

    #[inline(always)]
    fn is_finite(&self) -> bool {
        is_finite(self.sums)
    }
}

/// Ratios in pairs.
struct Pairs<'a, W> {
    soft: &'a [[Llr; 2]],
    scale: f32,
    top: f32,
    sums: W,
}

impl<W: Rounded> Read for Pairs<'_, W> {
    #[inline(always)]
    fn read(&mut self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let pairs = &self.soft[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let mut soft = [0.0; BLOCK_BITS];
        for (to, pair) in soft.chunks_exact_mut(2).zip(pairs) {
            (to[0], to[1]) = (pair[0].0, pair[1].0);
        }
        ratios(&soft, self.scale, self.top, row, &mut self.sums)
    }

    #[inline(always)]
    fn is_finite(&self) -> bool {
        is_finite(self.sums)
    }
}

#[inline(always)]
fn magnitude<W: Rounded>(x: W) -> W {
    (x.to_bits() & W::U::splat(0x7fff_ffff)).as_f32()
}

#[inline(always)]
fn ratios<W: Rounded>(
    soft: &[f32],
    scale: f32,
    top: f32,
    row: &mut [u8; ROW],
    sums: &mut W,
) -> (PlaneBytes, u64) {
    let soft = &soft[..BLOCK_BITS];
    let (mut first, mut other, mut second) = (0, 0, 0);
    let (zero, scales, tops) = (W::splat(0.0), W::splat(scale), W::splat(top));
    for from in (0..BLOCK_SYMBOLS).step_by(4 * W::N) {
        let (mut a, mut b) = ([zero; 4], [zero; 4]);
        let (mut one, mut two, mut weight) = ([zero; 4], [zero; 4], [zero; 4]);
        for u in 0..4 {
            let at = 2 * (from + u * W::N);
            let (low, high) = (W::load(&soft[at..]), W::load(&soft[at + W::N..]));
            *sums = high.mul_add(zero, low.mul_add(zero, *sums));
            (a[u], b[u]) = low.unzip(high);
            (one[u], two[u]) = (magnitude(a[u]), magnitude(b[u]));
            weight[u] = one[u].lesser(two[u]) * scales;
        }
        first |= W::sign_bits(a) << from;
        other |= W::sign_bits(b) << from;
        second |= W::less_bits(two, one) << from;
        W::store_rounded(weight, tops, &mut row[from..]);
    }
    for (to, r) in row[PAIRS..POSITIONS].iter_mut().zip(&soft[MESSAGE_BITS..]) {
        *to = quantized(r.abs() * scale, top);
    }
    (plane_bytes(first, other), second)
}

/// Samples; with `EVEN` of levels whose spacings are equal.
struct Samples<'a, W, const EVEN: bool> {
    x: &'a [f32],
    eye: &'a Eye,
    scale: f32,
    top: f32,
    sums: W,
}

impl<W: Rounded, const EVEN: bool> Read for Samples<'_, W, EVEN> {
    #[inline(always)]
    fn read(&mut self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64) {
        let x = &self.x[at * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        let [t0, t1, t2] = self.eye.thresholds;
        let thresholds = [W::splat(t0), W::splat(t1), W::splat(t2)];
        let [s0, s1, s2] = self.eye.slopes;
        let slopes = [W::splat(s0), W::splat(s1), W::splat(s2)];
        let (zero, scales, tops) = (W::splat(0.0), W::splat(self.scale), W::splat(self.top));
        let flip = W::U::splat(1 << 31);
        let (mut first, mut other, mut second) = (0, 0, 0);
        let mut parity = [zero; 4];
        for from in (0..BLOCK_SYMBOLS).step_by(4 * W::N) {
            let (mut below, mut outside) = ([zero; 4], [zero; 4]);
            let (mut inner, mut outer, mut weight) = ([zero; 4], [zero; 4], [zero; 4]);
            for u in 0..4 {
                let k = from + u * W::N;
                let x = W::load(&x[k..]);
                self.sums = x.mul_add(zero, self.sums);
                // Signs say on which side of a threshold a sample is.
                let side = [x - thresholds[0], x - thresholds[1], x - thresholds[2]];
                let mut d = slopes;
                for i in 0..3 {
                    d[i] = magnitude(side[i]);
                    if !EVEN {
                        d[i] = d[i] * slopes[i];
                    }
                }
                (inner[u], outer[u]) = (d[1], d[0].lesser(d[2]));
                below[u] = side[1];
                // Negative below the lowest threshold, and from the highest on.
                outside[u] = (side[0].to_bits() | (side[2].to_bits() ^ flip)).as_f32();
                weight[u] = outer[u].lesser(d[1]) * scales;
                if k + W::N == BLOCK_SYMBOLS {
                    // As `Eye::both` has it.
                    let beyond = W::select(
                        side[2].simd_ge(zero),
                        d[2],
                        W::select(side[0].simd_ge(zero), zero, d[0]),
                    );
                    parity = [(d[1] + beyond) * scales, outer[u] * scales, zero, zero];
                }
            }
            first |= W::sign_bits(below) << from;
            other |= W::sign_bits(outside) << from;
            second |= W::less_bits(outer, inner) << from;
            W::store_rounded(weight, tops, &mut row[from..]);
        }
        let mut both = [0; 64];
        W::store_rounded(parity, tops, &mut both);
        for i in 0..4 {
            row[PAIRS + 2 * i] = both[W::N - 4 + i];
            row[PAIRS + 2 * i + 1] = both[2 * W::N - 4 + i];
        }
        (plane_bytes(!first, !other), second)
    }

    #[inline(always)]
    fn is_finite(&self) -> bool {
        is_finite(self.sums)
    }
}

#[inline(always)]
pub(super) fn symbols<V: U8s, H: Least>(
    symbols: &[u8],
    patterns: &Patterns,
    output: &mut Output<'_>,
) -> InnerReport {
    // There is always a report: nothing could be infinite.
    decode::<V, H>(Symbols::<V>(symbols, PhantomData), patterns, output).unwrap_or_default()
}

#[inline(always)]
pub(super) fn integers<V: U8s, H: Least>(
    llr: &[i8],
    patterns: &Patterns,
    output: &mut Output<'_>,
) -> InnerReport {
    // There is always a report: nothing could be infinite.
    decode::<V, H>(Integers::<V>(llr, PhantomData), patterns, output).unwrap_or_default()
}

#[inline(always)]
pub(super) fn llr<V: U8s, H: Least, W: Rounded>(
    soft: &[f32],
    scale: f32,
    top: f32,
    patterns: &Patterns,
    output: &mut Output<'_>,
) -> Option<InnerReport> {
    let input = Ratios::<W> {
        soft,
        scale,
        top,
        sums: W::splat(0.0),
    };
    decode::<V, H>(input, patterns, output)
}

#[inline(always)]
pub(super) fn soft<V: U8s, H: Least, W: Rounded>(
    soft: &[[Llr; 2]],
    scale: f32,
    top: f32,
    patterns: &Patterns,
    output: &mut Output<'_>,
) -> Option<InnerReport> {
    let input = Pairs::<W> {
        soft,
        scale,
        top,
        sums: W::splat(0.0),
    };
    decode::<V, H>(input, patterns, output)
}

#[inline(always)]
pub(super) fn samples<V: U8s, H: Least, W: Rounded>(
    samples: &[f32],
    eye: &Eye,
    scale: f32,
    top: f32,
    patterns: &Patterns,
    output: &mut Output<'_>,
) -> Option<InnerReport> {
    let sums = W::splat(0.0);
    if eye.is_even() {
        let input = Samples::<W, true> {
            x: samples,
            eye,
            scale,
            top,
            sums,
        };
        decode::<V, H>(input, patterns, output)
    } else {
        let input = Samples::<W, false> {
            x: samples,
            eye,
            scale,
            top,
            sums,
        };
        decode::<V, H>(input, patterns, output)
    }
}
