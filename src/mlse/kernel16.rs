//! Sixteen states: the last two symbols, `4 * older + newer`. Layout and method of [`super::kernel`];
//! a step leaves two vectors of survivors, states 0..=7 and 8..=15, two bits each.

use super::kernel::{pair, pick};
use super::trellis::Trellis16;
use crate::simd::{Base, F32s, U32s, dispatch};

/// The constants of a step.
pub(super) struct Step<U: U32s> {
    new: [U; 4],
    middle: [U; 4],
    old: [U; 4],
    w: [[[U; 4]; 4]; 4],
    masks: [U; 3],
}

impl<U: U32s> Step<U> {
    #[inline(always)]
    pub(super) fn new(t: &Trellis16) -> Self {
        let mut w = [[[U::splat(0); 4]; 4]; 4];
        for n in 0..4 {
            for m in 0..4 {
                for o in 0..4 {
                    w[n][m][o] = pair(4 * t.w[n][m][o] + o as i32);
                }
            }
        }
        Self {
            new: [
                pair(t.new[0]),
                pair(t.new[1]),
                pair(t.new[2]),
                pair(t.new[3]),
            ],
            middle: [
                pair(t.middle[0]),
                pair(t.middle[1]),
                pair(t.middle[2]),
                pair(t.middle[3]),
            ],
            old: [
                pair(t.old[0]),
                pair(t.old[1]),
                pair(t.old[2]),
                pair(t.old[3]),
            ],
            w,
            masks: [pair(3), pair(15), pair(255)],
        }
    }

    /// One sample of each stream; `m[0]` is zero before and after.
    #[inline(always)]
    pub(super) fn run(&self, q: U, m: &mut [U; 16]) -> [U; 2] {
        let mut gain = [U::splat(0); 4];
        let mut by_new = [U::splat(0); 4];
        for k in 0..4 {
            gain[k] = q.pair_mul_round(self.old[k]);
            by_new[k] = q.pair_mul_round(self.new[k]);
        }
        let mut next = [U::splat(0); 16];
        let mut bytes = [U::splat(0); 4];
        let mut first = U::splat(0);
        for p in 0..4 {
            let mut c = [U::splat(0); 4];
            for o in 0..4 {
                c[o] = m[4 * o + p].pair_add(gain[o]).pair_shl::<2>();
            }
            let mut t = [U::splat(0); 4];
            for n in 0..4 {
                let w = &self.w[n][p];
                let left = c[0].pair_add(w[0]).pair_min(c[1].pair_add(w[1]));
                let right = c[2].pair_add(w[2]).pair_min(c[3].pair_add(w[3]));
                t[n] = left.pair_min(right);
            }
            if p == 0 {
                first = t[0].pair_sar::<2>();
            }
            let shared = q.pair_mul_round(self.middle[p]).pair_sub(first);
            for n in 0..4 {
                next[4 * p + n] = t[n].pair_sar::<2>().pair_add(by_new[n]).pair_add(shared);
            }
            let lower = pick(self.masks[0], t[0], t[1].pair_shl::<2>());
            let upper = pick(self.masks[0], t[2], t[3].pair_shl::<2>());
            bytes[p] = pick(self.masks[1], lower, upper.pair_shl::<4>());
        }
        *m = next;
        [
            pick(self.masks[2], bytes[0], bytes[1].pair_shl::<8>()),
            pick(self.masks[2], bytes[2], bytes[3].pair_shl::<8>()),
        ]
    }
}

#[inline(always)]
fn load16<U: U32s>(from: &[u32]) -> [U; 16] {
    let mut m = [U::splat(0); 16];
    for (m, from) in m[1..].iter_mut().zip(from.chunks_exact(U::N)) {
        *m = U::load(from);
    }
    m
}

#[inline(always)]
fn forward<U: U32s>(t: &Trellis16, q: &[u32], metrics: &mut [u32], survivors: &mut [u32]) {
    let step = Step::<U>::new(t);
    let mut m = load16::<U>(metrics);
    for (q, s) in q
        .chunks_exact(U::N)
        .zip(survivors.chunks_exact_mut(2 * U::N))
    {
        let [low, high] = step.run(U::load(q), &mut m);
        low.store(s);
        high.store(&mut s[U::N..]);
    }
    for (m, to) in m[1..].iter().zip(metrics.chunks_exact_mut(U::N)) {
        m.store(to);
    }
}

/// The best state of each stream, the lowest of equals.
#[inline(always)]
fn best<U: U32s>(metrics: &[u32], states: &mut [u32]) {
    let m = load16::<U>(metrics);
    let mut least = m[0];
    for m in &m[1..] {
        least = least.pair_min(*m);
    }
    // A metric less the least is below 2^14, so twice its negative is negative unless it is zero.
    let mut state = pair::<U>(15);
    for i in (0..15).rev() {
        let above = least.pair_sub(m[i]).pair_sar::<15>();
        state = pick(above, state, pair(i as i32));
    }
    state.store(states);
}

/// Like the traceback of four states; `survivors` holds two vectors a step.
#[inline(always)]
fn trace<U: U32s>(survivors: &[u32], steps: usize, states: &mut [u32], symbols: &mut [u32]) {
    let three = pair::<U>(3);
    let mut s = U::load(states);
    let mut late = U::splat(0);
    for n in (0..steps).rev() {
        let words = &survivors[2 * n * U::N..][..2 * U::N];
        if !symbols.is_empty() {
            let symbol = s & three;
            if n % 2 == 1 {
                late = symbol.shl::<8>();
            } else {
                (symbol | late).store(&mut symbols[n / 2 * U::N..]);
            }
        }
        let upper = s.pair_shl::<12>().pair_sar::<15>();
        let word = pick(upper, U::load(&words[U::N..]), U::load(words));
        let index = s & pair(7);
        let oldest = word.pair_shr_by(index + index) & three;
        s = oldest.shl::<2>() | (s.shr::<2>() & three);
    }
    s.store(states);
}

dispatch! {
    /// Add, compare, select.
    pub(super) fn advance(t: &Trellis16, q: &[u32], metrics: &mut [u32], survivors: &mut [u32]) =
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
