//! The decoders of whole inputs at the levels: lanes where the level has byte shuffles, else block by block.

use super::code::Planes;
use super::front::{self, Eye, Received};
#[cfg(target_arch = "x86_64")]
use super::lanes;
use super::patterns::Patterns;
use super::search::{Reliability, search};
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerReport, MESSAGE_BITS};
use crate::signal::Llr;
use crate::simd::{Base, F32s, dispatch};
#[cfg(target_arch = "x86_64")]
use crate::simd::{Mid, Top, YmmU8, ZmmU8};

/// Without VBMI and with it.
#[cfg(target_arch = "x86_64")]
type Ymm = YmmU8<false>;
#[cfg(target_arch = "x86_64")]
type Zmm = ZmmU8<false>;
#[cfg(target_arch = "x86_64")]
type YmmP = YmmU8<true>;
#[cfg(target_arch = "x86_64")]
type ZmmP = ZmmU8<true>;

impl InnerReport {
    /// Counts a block: flipped bits, or `None` if nothing was found.
    #[inline(always)]
    pub(super) fn count(&mut self, flipped: Option<usize>) -> i8 {
        self.blocks += 1;
        match flipped {
            Some(0) => self.clean += 1,
            Some(n) => {
                self.corrected += 1;
                self.flipped_bits += n as u64;
            }
            None => self.uncorrectable += 1,
        }
        flipped.map_or(-1, |n| n as i8)
    }
}

/// The message bits of a block, one per byte.
#[inline(always)]
pub(super) fn unpack(planes: Planes, message: &mut [u8]) {
    for (k, pair) in message[..MESSAGE_BITS].chunks_exact_mut(2).enumerate() {
        pair[0] = (planes.first >> k & 1) as u8;
        pair[1] = (planes.second >> k & 1) as u8;
    }
}

/// Block by block; `flips` is empty or takes one entry per block.
#[inline(always)]
pub(super) fn each<R: Reliability>(
    read: impl Fn(usize) -> Received<R>,
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let mut report = InnerReport::default();
    for (i, message) in messages.chunks_exact_mut(MESSAGE_BITS).enumerate() {
        let mut received = read(i);
        let s = received.planes.syndrome();
        let flipped = if s == 0 {
            Some(0)
        } else {
            search(&received.weights, s, patterns).map(|flips| {
                for &p in &flips.positions[..flips.count] {
                    received.planes.flip(p, received.second);
                }
                flips.count
            })
        };
        unpack(received.planes, message);
        let n = report.count(flipped);
        if let Some(to) = flips.get_mut(i) {
            *to = n;
        }
    }
    report
}

pub(super) fn bits_row(llr: &[f32], i: usize) -> &[f32] {
    &llr[i * BLOCK_BITS..][..BLOCK_BITS]
}

pub(super) fn samples_row(samples: &[f32], i: usize) -> &[f32] {
    &samples[i * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS]
}

pub(super) fn soft_row(llr: &[[Llr; 2]], i: usize) -> [f32; BLOCK_BITS] {
    let pairs = &llr[i * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
    std::array::from_fn(|n| pairs[n / 2][n % 2].0)
}

fn base_integers(llr: &[i8], p: &Patterns, messages: &mut [u8], flips: &mut [i8]) -> InnerReport {
    let row = |i: usize| front::integers(&llr[i * BLOCK_BITS..][..BLOCK_BITS]);
    each(row, p, messages, flips)
}

fn base_llr(
    llr: &[f32],
    scale: f32,
    top: f32,
    p: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let row = |i| front::llr_quantized(bits_row(llr, i), scale, top);
    each(row, p, messages, flips)
}

fn base_soft(
    llr: &[[Llr; 2]],
    scale: f32,
    top: f32,
    p: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let row = |i| front::llr_quantized(&soft_row(llr, i), scale, top);
    each(row, p, messages, flips)
}

fn base_samples(
    samples: &[f32],
    eye: &Eye,
    scale: f32,
    top: f32,
    p: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let row = |i| eye.samples_quantized(samples_row(samples, i), scale, top);
    each(row, p, messages, flips)
}

dispatch! {
    pub(super) fn integers(
        llr: &[i8],
        patterns: &Patterns,
        messages: &mut [u8],
        flips: &mut [i8],
    ) -> InnerReport =
        base: base_integers,
        mid: lanes::integers::<Ymm, Ymm>,
        top: lanes::integers::<Zmm, Ymm>,
        icl: lanes::integers::<ZmmP, YmmP>
}

dispatch! {
    pub(super) fn llr(
        llr: &[f32],
        scale: f32,
        largest: f32,
        patterns: &Patterns,
        messages: &mut [u8],
        flips: &mut [i8],
    ) -> InnerReport =
        base: base_llr,
        mid: lanes::llr::<Ymm, Ymm, Mid>,
        top: lanes::llr::<Zmm, Ymm, Top>,
        icl: lanes::llr::<ZmmP, YmmP, Top>
}

dispatch! {
    pub(super) fn soft(
        llr: &[[Llr; 2]],
        scale: f32,
        largest: f32,
        patterns: &Patterns,
        messages: &mut [u8],
        flips: &mut [i8],
    ) -> InnerReport =
        base: base_soft,
        mid: lanes::soft::<Ymm, Ymm, Mid>,
        top: lanes::soft::<Zmm, Ymm, Top>,
        icl: lanes::soft::<ZmmP, YmmP, Top>
}

dispatch! {
    pub(super) fn samples(
        samples: &[f32],
        eye: &Eye,
        scale: f32,
        largest: f32,
        patterns: &Patterns,
        messages: &mut [u8],
        flips: &mut [i8],
    ) -> InnerReport =
        base: base_samples,
        mid: lanes::samples::<Ymm, Ymm, Mid>,
        top: lanes::samples::<Zmm, Ymm, Top>,
        icl: lanes::samples::<ZmmP, YmmP, Top>
}

/// Whether every number is finite: zero times it is zero then, and NaN otherwise.
#[inline(always)]
fn finite_lanes<V: F32s>(x: &[f32]) -> bool {
    let zero = V::splat(0.0);
    let mut sums = [zero; 4];
    let (body, tail) = x.split_at(x.len() / (4 * V::N) * (4 * V::N));
    for x in body.chunks_exact(4 * V::N) {
        for (u, sum) in sums.iter_mut().enumerate() {
            *sum = V::load(&x[u * V::N..]).mul_add(zero, *sum);
        }
    }
    let mut last = [0.0; 16];
    ((sums[0] + sums[1]) + (sums[2] + sums[3])).store(&mut last);
    last.iter().chain(tail).fold(0.0, |sum, x| sum + 0.0 * x) == 0.0
}

dispatch! {
    pub(super) fn finite(x: &[f32]) -> bool =
        base: finite_lanes::<Base>, mid: finite_lanes::<Mid>, top: finite_lanes::<Top>
}
