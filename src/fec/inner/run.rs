//! The decoders of whole inputs at the levels: lanes where the level has byte shuffles, else block by block.

use super::code::Planes;
use super::front::{self, Eye, Received};
#[cfg(target_arch = "x86_64")]
use super::lanes;
use super::patterns::Patterns;
use super::search::{Reliability, search};
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerReport, MESSAGE_BITS};
use crate::Level;
use crate::signal::Llr;
use crate::simd::dispatch;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Mid, Top, YmmU8, ZmmU8};

/// The bytes of both planes of a block.
pub(super) type PlaneBytes = [u8; 16];

/// Where a decoder writes, and where it works until it knows that its input was finite.
pub(super) struct Output<'a> {
    /// One per block, if the level has lanes.
    pub(super) planes: Vec<PlaneBytes>,
    pub(super) messages: &'a mut [u8],
    pub(super) flips: &'a mut [i8],
    /// As long as `flips`: empty or one per block.
    pub(super) counts: Vec<i8>,
}

impl<'a> Output<'a> {
    pub(super) fn new(level: Level, messages: &'a mut [u8], flips: Option<&'a mut [i8]>) -> Self {
        let blocks = if level.has_mid() {
            messages.len() / MESSAGE_BITS
        } else {
            0
        };
        let flips = flips.unwrap_or_default();
        Self {
            planes: vec![[0; 16]; blocks],
            counts: vec![0; flips.len()],
            messages,
            flips,
        }
    }
}

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
    fn count(&mut self, flipped: Option<usize>) -> i8 {
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
fn unpack(planes: Planes, message: &mut [u8]) {
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

pub(super) fn samples_row<T>(samples: &[T], i: usize) -> &[T] {
    &samples[i * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS]
}

pub(super) fn soft_row(llr: &[[Llr; 2]], i: usize) -> [f32; BLOCK_BITS] {
    let pairs = &llr[i * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
    std::array::from_fn(|n| pairs[n / 2][n % 2].0)
}

fn base_symbols(symbols: &[u8], p: &Patterns, out: &mut Output<'_>) -> InnerReport {
    let row = |i| front::symbols(samples_row(symbols, i));
    each(row, p, out.messages, out.flips)
}

fn base_integers(llr: &[i8], p: &Patterns, out: &mut Output<'_>) -> InnerReport {
    let row = |i: usize| front::integers(&llr[i * BLOCK_BITS..][..BLOCK_BITS]);
    each(row, p, out.messages, out.flips)
}

fn base_llr(
    llr: &[f32],
    scale: f32,
    top: f32,
    p: &Patterns,
    out: &mut Output<'_>,
) -> Option<InnerReport> {
    let row = |i| front::llr_quantized(bits_row(llr, i), scale, top);
    finite(llr).then(|| each(row, p, out.messages, out.flips))
}

fn base_soft(
    llr: &[[Llr; 2]],
    scale: f32,
    top: f32,
    p: &Patterns,
    out: &mut Output<'_>,
) -> Option<InnerReport> {
    let row = |i| front::llr_quantized(&soft_row(llr, i), scale, top);
    finite_pairs(llr).then(|| each(row, p, out.messages, out.flips))
}

fn base_samples(
    samples: &[f32],
    eye: &Eye,
    scale: f32,
    top: f32,
    p: &Patterns,
    out: &mut Output<'_>,
) -> Option<InnerReport> {
    let row = |i| eye.samples_quantized(samples_row(samples, i), scale, top);
    finite(samples).then(|| each(row, p, out.messages, out.flips))
}

dispatch! {
    pub(super) fn symbols(
        symbols: &[u8],
        patterns: &Patterns,
        output: &mut Output<'_>,
    ) -> InnerReport =
        base: base_symbols,
        mid: lanes::symbols::<Ymm, Ymm>,
        top: lanes::symbols::<Zmm, Ymm>,
        icl: lanes::symbols::<ZmmP, YmmP>
}

dispatch! {
    pub(super) fn integers(
        llr: &[i8],
        patterns: &Patterns,
        output: &mut Output<'_>,
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
        output: &mut Output<'_>,
    ) -> Option<InnerReport> =
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
        output: &mut Output<'_>,
    ) -> Option<InnerReport> =
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
        output: &mut Output<'_>,
    ) -> Option<InnerReport> =
        base: base_samples,
        mid: lanes::samples::<Ymm, Ymm, Mid>,
        top: lanes::samples::<Zmm, Ymm, Top>,
        icl: lanes::samples::<ZmmP, YmmP, Top>
}

/// Whether every number is finite: as integers the others are the largest magnitudes.
pub(super) fn finite(x: &[f32]) -> bool {
    let magnitude = |x: &f32| x.to_bits() & 0x7fff_ffff;
    x.iter().map(magnitude).fold(0, u32::max) < f32::INFINITY.to_bits()
}

/// [`finite`] for pairs.
pub(super) fn finite_pairs(x: &[[Llr; 2]]) -> bool {
    let largest = x.iter().fold(0, |m, pair| {
        let [a, b] = pair.map(|l| l.0.to_bits() & 0x7fff_ffff);
        a.max(b).max(m)
    });
    largest < f32::INFINITY.to_bits()
}
