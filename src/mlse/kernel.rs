//! Add-compare-select and traceback over lanes: one lane is one stream.
//!
//! A tile is two vectors' worth of streams: stream `i` and stream `N + i` are the halves of
//! lane `i`, so all that a step holds is one vector per metric, as two `i16` a lane. Metrics
//! are relative to that of state 0, which is therefore no variable. The candidates of a state carry
//! the old symbol in their two low bits: the minimum is the comparison, the tie rule and
//! the decision at once.
//!
//! Buffers are `[step][lane]`; survivors and symbols hold two steps in the bytes of a half,
//! the even step in the low one.

use super::trellis::{FULL_SCALE, Front, Trellis4};
use crate::simd::{Base, F32s, U32s, dispatch};

/// Steps of the squares that are transposed at a time: any multiple of this fits every level.
pub(super) const STEPS: usize = 64;

/// Both halves of each lane.
#[inline(always)]
pub(super) fn pair<U: U32s>(x: i32) -> U {
    let half = u32::from(x as i16 as u16);
    U::splat(half | (half << 16))
}

/// `a` where `mask` has ones, else `b`.
#[inline(always)]
pub(super) fn pick<U: U32s>(mask: U, a: U, b: U) -> U {
    b ^ ((a ^ b) & mask)
}

/// From samples to the bits of `q`, in the low half.
#[derive(Clone, Copy)]
struct Quantiser<V: F32s> {
    centre: V,
    scale: V,
    limits: [V; 2],
    magic: V,
}

impl<V: F32s> Quantiser<V> {
    #[inline(always)]
    fn new(front: Front) -> Self {
        let limit = FULL_SCALE as f32;
        Self {
            centre: V::splat(front.centre),
            scale: V::splat(front.scale),
            limits: [V::splat(-limit), V::splat(limit)],
            // Adding 3 * 2^22 rounds to an integer, ties to even, which then stands in the low bits.
            magic: V::splat(12_582_912.0),
        }
    }

    #[inline(always)]
    fn bits(&self, x: V) -> V::U {
        let v = (x - self.centre) * self.scale;
        (v.clamp_nan_low(self.limits[0], self.limits[1]) + self.magic).to_bits()
    }
}

/// `steps` columns `at..` of `streams` interleaved streams, `count` of them present.
#[inline(always)]
fn quantise_woven<V: F32s>(
    front: Front,
    x: &[f32],
    streams: usize,
    at: usize,
    count: usize,
    q: &mut [u32],
) {
    let k = Quantiser::<V>::new(front);
    let low = V::U::splat(0xffff);
    for (x, q) in x.chunks_exact(streams).zip(q.chunks_exact_mut(V::N)) {
        let x = &x[at..at + count];
        let (a, b) = if count == 2 * V::N {
            (V::load(x), V::load(&x[V::N..]))
        } else {
            let mut all = [0.0; 32];
            all[..count].copy_from_slice(x);
            (V::load(&all), V::load(&all[V::N..]))
        };
        pick(low, k.bits(a), k.bits(b).shl::<16>()).store(q);
    }
}

/// `q.len() / V::N` samples, a multiple of `2 * V::N`, from `at` on of each row; lanes beyond the last
/// row repeat it.
#[inline(always)]
fn quantise_rows<V: F32s>(front: Front, x: &[&[f32]], at: usize, q: &mut [u32]) {
    let k = Quantiser::<V>::new(front);
    let low = V::U::splat(0xffff);
    let last = x.len() - 1;
    for (block, q) in q.chunks_exact_mut(2 * V::N * V::N).enumerate() {
        let at = at + block * 2 * V::N;
        let mut squares = [[V::splat(0.0); 16]; 2];
        for half in 0..2 {
            for i in 0..V::N {
                let row = &x[(half * V::N + i).min(last)][at..at + 2 * V::N];
                let (early, late) = (V::load(row), V::load(&row[V::N..]));
                squares[half][i] = pick(low, k.bits(early), k.bits(late).shl::<16>()).as_f32();
            }
            V::transpose(&mut squares[half]);
        }
        for i in 0..V::N {
            let (a, b) = (squares[0][i].to_bits(), squares[1][i].to_bits());
            pick(low, a, b.shl::<16>()).store(&mut q[i * V::N..]);
            pick(low, a.shr::<16>(), b).store(&mut q[(V::N + i) * V::N..]);
        }
    }
}

/// The constants of a step.
#[derive(Clone, Copy)]
pub(super) struct Step<U: U32s> {
    new: [U; 3],
    old: [U; 3],
    w: [[U; 4]; 4],
    masks: [U; 2],
}

impl<U: U32s> Step<U> {
    #[inline(always)]
    pub(super) fn new(t: &Trellis4) -> Self {
        let mut w = [[U::splat(0); 4]; 4];
        for i in 0..4 {
            for j in 0..4 {
                w[i][j] = pair(4 * t.w[i][j] + j as i32);
            }
        }
        Self {
            new: [pair(t.new[1]), pair(t.new[2]), pair(t.new[3])],
            old: [pair(t.old[1]), pair(t.old[2]), pair(t.old[3])],
            w,
            masks: [pair(3), pair(15)],
        }
    }

    /// One sample of each stream: moves the metrics and returns the four old symbols, two bits
    /// each, in the low byte of each half (the upper byte is not cleared).
    #[inline(always)]
    pub(super) fn run(&self, q: U, m: &mut [U; 3]) -> U {
        let mut c = [U::splat(0); 3];
        for j in 0..3 {
            c[j] = m[j].pair_add(q.pair_mul_round(self.old[j])).pair_shl::<2>();
        }
        let mut t = [U::splat(0); 4];
        for i in 0..4 {
            let w = &self.w[i];
            let left = w[0].pair_min(c[0].pair_add(w[1]));
            let right = c[1].pair_add(w[2]).pair_min(c[2].pair_add(w[3]));
            t[i] = left.pair_min(right);
        }
        let first = t[0].pair_sar::<2>();
        for i in 0..3 {
            let moved = q.pair_mul_round(self.new[i]).pair_sub(first);
            m[i] = t[i + 1].pair_sar::<2>().pair_add(moved);
        }
        let lower = pick(self.masks[0], t[0], t[1].pair_shl::<2>());
        let upper = pick(self.masks[0], t[2], t[3].pair_shl::<2>());
        pick(self.masks[1], lower, upper.pair_shl::<4>())
    }
}

#[inline(always)]
fn load3<U: U32s>(from: &[u32]) -> [U; 3] {
    [
        U::load(from),
        U::load(&from[U::N..]),
        U::load(&from[2 * U::N..]),
    ]
}

/// As many steps as `q` holds. `survivors` takes one vector for two steps, the last half empty if
/// their number is odd.
#[inline(always)]
fn forward<U: U32s>(t: &Trellis4, q: &[u32], metrics: &mut [u32], survivors: &mut [u32]) {
    let step = Step::<U>::new(t);
    let mut m = load3::<U>(metrics);
    let bytes = pair::<U>(0xff);
    let mut two = q.chunks_exact(2 * U::N);
    let mut out = survivors.chunks_exact_mut(U::N);
    for (q, s) in (&mut two).zip(&mut out) {
        let early = step.run(U::load(q), &mut m);
        let late = step.run(U::load(&q[U::N..]), &mut m);
        pick(bytes, early, late.pair_shl::<8>()).store(s);
    }
    if let (false, Some(s)) = (two.remainder().is_empty(), out.next()) {
        step.run(U::load(two.remainder()), &mut m).store(s);
    }
    for (m, to) in m.into_iter().zip(metrics.chunks_exact_mut(U::N)) {
        m.store(to);
    }
}

/// The best state of each stream, the lowest of equals.
#[inline(always)]
fn best<U: U32s>(metrics: &[u32], states: &mut [u32]) {
    let m = load3::<U>(metrics);
    let mut t = pair::<U>(0);
    for i in 0..3 {
        t = t.pair_min(m[i].pair_shl::<2>().pair_add(pair(i as i32 + 1)));
    }
    (t & pair(3)).store(states);
}

/// Follows the survivors of `steps` steps backwards from `states`, which it replaces by the states
/// before the first of them; writes the symbols unless `symbols` is empty.
#[inline(always)]
fn trace<U: U32s>(survivors: &[u32], steps: usize, states: &mut [u32], symbols: &mut [u32]) {
    let three = pair::<U>(3);
    let eight = pair::<U>(8);
    let mut s = U::load(states);
    let whole = steps / 2;
    if steps % 2 == 1 {
        let word = U::load(&survivors[whole * U::N..]);
        if !symbols.is_empty() {
            s.store(&mut symbols[whole * U::N..]);
        }
        s = word.pair_shr_by(s + s) & three;
    }
    let survivors = survivors[..whole * U::N].chunks_exact(U::N).rev();
    if symbols.is_empty() {
        for word in survivors {
            let word = U::load(word);
            s = word.pair_shr_by(s + s + eight) & three;
            s = word.pair_shr_by(s + s) & three;
        }
    } else {
        let out = symbols[..whole * U::N].chunks_exact_mut(U::N).rev();
        for (word, out) in survivors.zip(out) {
            let word = U::load(word);
            let early = word.pair_shr_by(s + s + eight) & three;
            (early | s.shl::<8>()).store(out);
            s = word.pair_shr_by(early + early) & three;
        }
    }
    s.store(states);
}

/// Symbols of a tile to interleaved streams.
#[inline(always)]
fn store_woven<U: U32s>(symbols: &[u32], d: &mut [u8], streams: usize, at: usize, count: usize) {
    for (s, d) in symbols.chunks_exact(U::N).zip(d.chunks_mut(2 * streams)) {
        let s = U::load(s);
        if count == 2 * U::N {
            s.store_u8(&mut d[at..]);
            s.shr::<16>().store_u8(&mut d[at + U::N..]);
            if d.len() > streams {
                let d = &mut d[streams..];
                s.shr::<8>().store_u8(&mut d[at..]);
                s.shr::<24>().store_u8(&mut d[at + U::N..]);
            }
        } else {
            let mut bytes = [[0; 32]; 2];
            s.store_u8(&mut bytes[0]);
            s.shr::<16>().store_u8(&mut bytes[0][U::N..]);
            s.shr::<8>().store_u8(&mut bytes[1]);
            s.shr::<24>().store_u8(&mut bytes[1][U::N..]);
            for (d, bytes) in d.chunks_exact_mut(streams).zip(&bytes) {
                d[at..at + count].copy_from_slice(&bytes[..count]);
            }
        }
    }
}

/// Symbols of a tile to rows from `at` on; a row takes what it has room for.
#[inline(always)]
fn store_rows<U: U32s>(symbols: &[u32], steps: usize, d: &mut [&mut [u8]], at: usize) {
    let low = U::splat(0xffff);
    // Four steps a lane, `N` lanes after the transposition.
    for (block, s) in symbols.chunks(2 * U::N * U::N).enumerate() {
        let at = at + block * 4 * U::N;
        let left = (steps - block * 4 * U::N).min(4 * U::N);
        let mut squares = [[U::F::splat(0.0); 16]; 2];
        for (i, four) in s.chunks(2 * U::N).enumerate() {
            let early = U::load(four);
            let late = if four.len() > U::N {
                U::load(&four[U::N..])
            } else {
                early
            };
            squares[0][i] = pick(low, early, late.shl::<16>()).as_f32();
            squares[1][i] = pick(low, early.shr::<16>(), late).as_f32();
        }
        for half in 0..2 {
            U::F::transpose(&mut squares[half]);
            for i in 0..U::N {
                let Some(row) = d.get_mut(half * U::N + i) else {
                    continue;
                };
                let Some(row) = row.get_mut(at..) else {
                    continue;
                };
                let bits = squares[half][i].to_bits();
                if left == 4 * U::N && row.len() >= left {
                    bits.store_bytes(row);
                } else {
                    let mut bytes = [0; 64];
                    bits.store_bytes(&mut bytes);
                    let n = left.min(row.len());
                    row[..n].copy_from_slice(&bytes[..n]);
                }
            }
        }
    }
}

dispatch! {
    /// Samples of interleaved streams to integers.
    pub(super) fn read_woven(front: Front, x: &[f32], streams: usize, at: usize, count: usize, q: &mut [u32]) =
        base: quantise_woven::<Base>, mid: quantise_woven::<crate::simd::Mid>,
        top: quantise_woven::<crate::simd::Top>
}

dispatch! {
    /// Samples of rows to integers; a multiple of [`STEPS`] of them.
    pub(super) fn read_rows(front: Front, x: &[&[f32]], at: usize, q: &mut [u32]) =
        base: quantise_rows::<Base>, mid: quantise_rows::<crate::simd::Mid>,
        top: quantise_rows::<crate::simd::Top>
}

dispatch! {
    /// Add, compare, select.
    pub(super) fn advance(t: &Trellis4, q: &[u32], metrics: &mut [u32], survivors: &mut [u32]) =
        base: forward::<<Base as F32s>::U>, mid: forward::<<crate::simd::Mid as F32s>::U>,
        top: forward::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// The best states.
    pub(super) fn best_states(metrics: &[u32], states: &mut [u32]) =
        base: best::<<Base as F32s>::U>, mid: best::<<crate::simd::Mid as F32s>::U>,
        top: best::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Traceback.
    pub(super) fn trace_back(survivors: &[u32], steps: usize, states: &mut [u32], symbols: &mut [u32]) =
        base: trace::<<Base as F32s>::U>, mid: trace::<<crate::simd::Mid as F32s>::U>,
        top: trace::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Symbols to interleaved streams.
    pub(super) fn write_woven(symbols: &[u32], d: &mut [u8], streams: usize, at: usize, count: usize) =
        base: store_woven::<<Base as F32s>::U>, mid: store_woven::<<crate::simd::Mid as F32s>::U>,
        top: store_woven::<<crate::simd::Top as F32s>::U>
}

dispatch! {
    /// Symbols to rows.
    pub(super) fn write_rows(symbols: &[u32], steps: usize, d: &mut [&mut [u8]], at: usize) =
        base: store_rows::<<Base as F32s>::U>, mid: store_rows::<<crate::simd::Mid as F32s>::U>,
        top: store_rows::<<crate::simd::Top as F32s>::U>
}
