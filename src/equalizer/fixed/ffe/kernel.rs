//! The sliding sum of products on integers, two taps an operation.
//!
//! With the taps reversed, `y[i] = sum_j h[j] x[i + j]`. A pairwise product of the window that
//! starts at sample `2m` gives each *even* output two of its products if it meets the taps
//! `(h[2m], h[2m+1])`, and each *odd* output two if it meets `(h[2m-1], h[2m])`. So every load
//! feeds two products, all windows start at even samples, and `U` pairs of accumulators stay in
//! registers over all taps.
//!
//! Two forms: *words* (`i16` samples, `i32` sums) and *bytes* (samples moved up to unsigned bytes,
//! `i16` sums that wrap on the way and are right at the end).

use crate::simd::{BaseI16, I16s, I32s, dispatch};

/// Samples beyond the last that a window may read; they meet no output.
const SLACK: usize = 128;

/// Pairs of taps for the even and for the odd outputs, each pair four times in a row.
pub(super) type Pairs = [[[i16; 8]; 2]];

/// How sums become outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finish {
    /// What the sums start at: the rounding constant, and in bytes what takes off the move.
    pub(super) start: i32,
    pub(super) shift: u32,
    pub(super) output: [i32; 2],
    pub(super) output_wrap: u32,
    /// The rest is for the general form alone.
    pub(super) accumulator: [i32; 2],
    pub(super) accumulator_wrap: u32,
    pub(super) bias: i32,
    /// One if halves go to the even code.
    pub(super) even: i32,
}

/// The samples of a block behind those remembered from before.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// As they are.
    Words(Vec<i16>),
    /// With the code of zero added.
    Bytes(Vec<u8>, u8),
}

impl Stage {
    pub(super) fn words(past: usize, block: usize) -> Self {
        Self::Words(vec![0; past + block + SLACK])
    }

    pub(super) fn bytes(past: usize, block: usize, zero: u8) -> Self {
        Self::Bytes(vec![zero; past + block + SLACK], zero)
    }

    /// Zeros in place of the past.
    pub(super) fn clear(&mut self, past: usize) {
        match self {
            Self::Words(stage) => stage[..past].fill(0),
            Self::Bytes(stage, zero) => stage[..past].fill(*zero),
        }
    }

    /// Writes the samples of a block.
    pub(super) fn fill(&mut self, level: crate::Level, past: usize, x: &[i8]) {
        match self {
            Self::Words(stage) => widen(level, x, &mut stage[past..][..x.len()]),
            Self::Bytes(stage, zero) => moved(level, x, *zero, &mut stage[past..][..x.len()]),
        }
    }

    /// Keeps the end of a block of `n` samples as the past of the next.
    pub(super) fn keep(&mut self, past: usize, n: usize) {
        match self {
            Self::Words(stage) => stage.copy_within(n..n + past, 0),
            Self::Bytes(stage, _) => stage.copy_within(n..n + past, 0),
        }
    }
}

dispatch! {
    fn widen(x: &[i8], to: &mut [i16]) = base: widen_all, mid: widen_all, top: widen_all
}

#[inline(always)]
fn widen_all(x: &[i8], to: &mut [i16]) {
    for (&x, to) in x.iter().zip(to) {
        *to = i16::from(x);
    }
}

dispatch! {
    fn moved(x: &[i8], zero: u8, to: &mut [u8]) = base: moved_all, mid: moved_all, top: moved_all
}

#[inline(always)]
fn moved_all(x: &[i8], zero: u8, to: &mut [u8]) {
    for (&x, to) in x.iter().zip(to) {
        *to = (x as u8).wrapping_add(zero);
    }
}

dispatch! {
    /// Whether some code lies outside `-half..half`, `half` a power of two.
    pub(super) fn any_outside(x: &[i8], half: u8) -> bool =
        base: any_outside_all, mid: any_outside_all, top: any_outside_all
}

#[inline(always)]
fn any_outside_all(x: &[i8], half: u8) -> bool {
    let seen = x
        .iter()
        .fold(0, |seen, &x| seen | (x as u8).wrapping_add(half));
    // Of numbers below a power of two no union reaches it.
    u32::from(seen) >= 2 * u32::from(half)
}

/// How one form loads, multiplies and ends.
trait Path<V: I16s> {
    type Sample: Copy;
    type Sum: Copy;
    /// Outputs per vector of samples.
    const OUTPUTS: usize;
    fn load(x: &[Self::Sample]) -> V;
    fn start(f: &Finish) -> Self::Sum;
    fn add(sum: Self::Sum, window: V, taps: V) -> Self::Sum;
    fn store(even: Self::Sum, odd: Self::Sum, f: &Finish, y: &mut [i16]);
}

struct Words<const GENERAL: bool>;

impl<V: I16s, const GENERAL: bool> Path<V> for Words<GENERAL> {
    type Sample = i16;
    type Sum = V::Wide;
    const OUTPUTS: usize = V::N;

    #[inline(always)]
    fn load(x: &[i16]) -> V {
        V::load(x)
    }
    #[inline(always)]
    fn start(f: &Finish) -> V::Wide {
        V::Wide::splat(f.start)
    }
    #[inline(always)]
    fn add(sum: V::Wide, window: V, taps: V) -> V::Wide {
        sum + window.dot(taps)
    }
    #[inline(always)]
    fn store(even: V::Wide, odd: V::Wide, f: &Finish, y: &mut [i16]) {
        if GENERAL {
            let (even, odd) = (general(even, f), general(odd, f));
            V::Wide::interleave_saturated(even, odd).store(y);
        } else {
            let (even, odd) = (even.sra(f.shift), odd.sra(f.shift));
            let both = V::Wide::interleave_saturated(even, odd);
            let [low, high] = f.output.map(|x| V::splat(x as i16));
            both.max(low).min(high).store(y);
        }
    }
}

/// Every step in its order, those that are off with parameters that change nothing.
#[inline(always)]
fn general<W: I32s>(sum: W, f: &Finish) -> W {
    let clamp = |x: W, [low, high]: [i32; 2]| x.max(W::splat(low)).min(W::splat(high));
    let wrap = |x: W, by: u32| x.shl(by).sra(by);
    let held = wrap(clamp(sum, f.accumulator), f.accumulator_wrap);
    let odd = held.sra(f.shift) & W::splat(f.even);
    let rounded = (held + W::splat(f.bias) + odd).sra(f.shift);
    wrap(clamp(rounded, f.output), f.output_wrap)
}

struct Bytes;

impl<V: I16s> Path<V> for Bytes {
    type Sample = u8;
    type Sum = V;
    const OUTPUTS: usize = 2 * V::N;

    #[inline(always)]
    fn load(x: &[u8]) -> V {
        V::load_bytes(x)
    }
    #[inline(always)]
    fn start(f: &Finish) -> V {
        V::splat(f.start as i16)
    }
    #[inline(always)]
    fn add(sum: V, window: V, taps: V) -> V {
        sum + window.dot_bytes(taps)
    }
    #[inline(always)]
    fn store(even: V, odd: V, f: &Finish, y: &mut [i16]) {
        let [low, high] = f.output.map(|x| V::splat(x as i16));
        let end = |sum: V| sum.sra(f.shift).max(low).min(high);
        let [front, back] = V::interleave(end(even), end(odd));
        front.store(y);
        back.store(&mut y[V::N..]);
    }
}

#[inline(always)]
fn blocks<V: I16s, P: Path<V>, const U: usize>(
    pairs: &Pairs,
    taps: usize,
    x: &[P::Sample],
    y: &mut [i16],
    f: &Finish,
) {
    let width = U * P::OUTPUTS;
    let full = taps.div_ceil(2);
    for (i, y) in y.chunks_exact_mut(width).enumerate() {
        let x = &x[i * width..];
        let (mut even, mut odd) = ([P::start(f); U], [P::start(f); U]);
        for (m, [for_even, for_odd]) in pairs[..full].iter().enumerate() {
            let (e, o) = (V::repeat(for_even), V::repeat(for_odd));
            let x = &x[2 * m..][..width];
            for u in 0..U {
                let window = P::load(&x[u * P::OUTPUTS..]);
                even[u] = P::add(even[u], window, e);
                odd[u] = P::add(odd[u], window, o);
            }
        }
        if taps.is_multiple_of(2) {
            // The last tap alone, for the odd outputs.
            let o = V::repeat(&pairs[full][1]);
            let x = &x[2 * full..][..width];
            for u in 0..U {
                odd[u] = P::add(odd[u], P::load(&x[u * P::OUTPUTS..]), o);
            }
        }
        for u in 0..U {
            P::store(even[u], odd[u], f, &mut y[u * P::OUTPUTS..]);
        }
    }
}

/// Blocks of `U` vectors, then of one, then a padded one.
#[inline(always)]
fn all<V: I16s, P: Path<V>, const U: usize>(
    pairs: &Pairs,
    taps: usize,
    x: &[P::Sample],
    y: &mut [i16],
    f: &Finish,
) {
    let (wide, narrow) = (U * P::OUTPUTS, P::OUTPUTS);
    let front = y.len() / wide * wide;
    blocks::<V, P, U>(pairs, taps, x, &mut y[..front], f);
    let body = y.len() / narrow * narrow;
    blocks::<V, P, 1>(pairs, taps, &x[front..], &mut y[front..body], f);
    if body < y.len() {
        let mut last = [0; 64];
        blocks::<V, P, 1>(pairs, taps, &x[body..], &mut last[..narrow], f);
        let rest = y.len() - body;
        y[body..].copy_from_slice(&last[..rest]);
    }
}

dispatch! {
    /// `y.len()` outputs of words: products into 32 bits, accumulator that cannot overflow.
    pub(super) fn words(pairs: &Pairs, taps: usize, x: &[i16], y: &mut [i16], f: &Finish) =
        base: all::<BaseI16, Words<false>, 6>,
        mid: all::<crate::simd::MidI16, Words<false>, 6>,
        top: all::<crate::simd::MidI16, Words<false>, 8>
}

dispatch! {
    /// [`words`] with every step of the end.
    pub(super) fn words_general(pairs: &Pairs, taps: usize, x: &[i16], y: &mut [i16], f: &Finish) =
        base: all::<BaseI16, Words<true>, 6>,
        mid: all::<crate::simd::MidI16, Words<true>, 6>,
        top: all::<crate::simd::MidI16, Words<true>, 8>
}

dispatch! {
    /// `y.len()` outputs of bytes.
    pub(super) fn bytes(pairs: &Pairs, taps: usize, x: &[u8], y: &mut [i16], f: &Finish) =
        base: all::<BaseI16, Bytes, 4>,
        mid: all::<crate::simd::MidI16, Bytes, 6>,
        top: all::<crate::simd::MidI16, Bytes, 8>
}
