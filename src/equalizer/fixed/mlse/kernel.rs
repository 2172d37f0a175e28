//! Add, compare, select on integers: four states, one lane a stream.
//!
//! Metrics are held four times as large with the number of their state in the two low bits. A
//! candidate for state `s` is the metric of an origin plus a branch metric; the smallest of four
//! then carries in its low bits which origin won, the lowest among equals, and three minima do the
//! whole comparison. Metrics of a modulo register are held less the metric of state 0: the
//! comparisons depend on differences alone.
//!
//! Decisions of a step fill the upper byte of a lane, two bits for each state.

use crate::simd::{BaseI16, I16s, dispatch};

/// What does not change from step to step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trellis {
    /// `expected[from][to]` in the word of the samples.
    pub(super) expected: [[i16; 4]; 4],
    pub(super) shift: u32,
    /// The largest branch metric.
    pub(super) branch_max: i16,
    /// Distances from here on square to at least the largest branch metric; 0: not squared.
    pub(super) clip: i16,
    /// The largest distance that samples within their word can have.
    pub(super) distance_max: i16,
    /// The largest path metric, if metrics saturate; 0: they cannot.
    pub(super) path_max: i16,
}

/// Branch metrics: the distance itself; shifted; squared; squared where every distance is at most
/// 255 and its square shifted by at least 3, which needs no clipping first.
const PLAIN: u8 = 0;
const SHIFTED: u8 = 1;
const SQUARED: u8 = 2;
const SMALL_SQUARED: u8 = 3;

/// Lanes that a state's arrays are padded to.
pub(super) const PAD: usize = 64;

#[derive(Clone, Copy)]
struct Constants<V: I16s> {
    expected: [[V; 4]; 4],
    shift: u32,
    branch_max: V,
    clip: V,
    path_max: V,
}

impl<V: I16s> Constants<V> {
    #[inline(always)]
    fn new<const METRIC: u8>(t: &Trellis) -> Self {
        let scale = if METRIC == PLAIN { 4 } else { 1 };
        Self {
            expected: t.expected.map(|row| row.map(|e| V::splat(e * scale))),
            shift: t.shift,
            branch_max: V::splat(4 * t.branch_max),
            clip: V::splat(t.clip),
            path_max: V::splat(4 * t.path_max),
        }
    }

    /// Four times the metric of a branch.
    #[inline(always)]
    fn branch<const METRIC: u8>(&self, y: V, from: usize, to: usize) -> V {
        let difference = y - self.expected[from][to];
        let metric = match METRIC {
            PLAIN => return difference.abs().min(self.branch_max),
            SHIFTED => difference.abs(),
            SQUARED => {
                let clipped = difference.abs().min(self.clip);
                clipped * clipped
            }
            _ => difference * difference,
        };
        metric.srl(self.shift).shl(2).min(self.branch_max)
    }
}

/// The steps of `V::N` streams: `x` is `[step, stream]` with rows `streams` long, `decisions` is
/// `[step, lane]` with rows `width` long, both from stream `at` on.
#[inline(always)]
fn steps<V: I16s, const METRIC: u8, const SATURATE: bool>(
    c: &Constants<V>,
    x: &[i16],
    streams: usize,
    decisions: &mut [i16],
    width: usize,
    metrics: &mut [i16],
    at: usize,
) {
    let whole = at + V::N <= streams;
    let clean = V::splat(!3);
    let three = V::splat(3);
    let mut path: [V; 4] = std::array::from_fn(|s| V::load(&metrics[s * width + at..]));
    for (x, row) in x
        .chunks_exact(streams)
        .zip(decisions.chunks_exact_mut(width))
    {
        let mut y = if whole {
            V::load(&x[at..])
        } else {
            let mut some = [0; 32];
            some[..streams - at].copy_from_slice(&x[at..]);
            V::load(&some)
        };
        if METRIC == PLAIN {
            y = y.shl(2);
        }
        let mut best = [V::splat(0); 4];
        for to in 0..4 {
            let mut sums = [V::splat(0); 4];
            for from in 0..4 {
                sums[from] = path[from] + c.branch::<METRIC>(y, from, to);
            }
            best[to] = sums[0].min(sums[1]).min(sums[2].min(sums[3]));
        }
        let [a, b, d, e] = best.map(|m| m & three);
        let chosen = (a | b.shl(2)) | (d.shl(4) | e.shl(6));
        chosen.shl(8).store(&mut row[at..]);
        let bare = best.map(|m| m & clean);
        let base = if SATURATE {
            bare[0].min(bare[1]).min(bare[2].min(bare[3]))
        } else {
            bare[0]
        };
        for s in 0..4 {
            let mut left = bare[s] - base;
            if SATURATE {
                left = left.min(c.path_max);
            }
            path[s] = left + V::splat(s as i16);
        }
    }
    for s in 0..4 {
        path[s].store(&mut metrics[s * width + at..]);
    }
}

#[inline(always)]
fn all_steps<V: I16s>(
    t: &Trellis,
    x: &[i16],
    streams: usize,
    decisions: &mut [i16],
    width: usize,
    metrics: &mut [i16],
) {
    macro_rules! run {
        ($metric:expr, $saturate:literal) => {{
            let c = Constants::<V>::new::<$metric>(t);
            for at in (0..streams).step_by(V::N) {
                steps::<V, { $metric }, $saturate>(&c, x, streams, decisions, width, metrics, at);
            }
        }};
    }
    // Metrics that saturate are rare: one form serves all their squares.
    match (t.clip > 0, t.path_max > 0) {
        (true, false) if t.distance_max <= 255 && t.shift >= 3 => run!(SMALL_SQUARED, false),
        (true, false) => run!(SQUARED, false),
        (true, true) => run!(SQUARED, true),
        (false, false) if t.shift == 0 => run!(PLAIN, false),
        (false, false) => run!(SHIFTED, false),
        (false, true) => run!(SHIFTED, true),
    }
}

dispatch! {
    /// Steps of all streams: `x` is `[step, stream]`, `decisions` `[step, width]`, `metrics`
    /// `[state, width]`; `width` is a multiple of [`PAD`].
    pub(super) fn add_compare_select(
        t: &Trellis, x: &[i16], streams: usize, decisions: &mut [i16], width: usize,
        metrics: &mut [i16],
    ) = base: all_steps::<BaseI16>,
        mid: all_steps::<crate::simd::MidI16>,
        top: all_steps::<crate::simd::MidI16>
}

/// Back from the best state after step `last` of a ring; the states met after the first `depth`
/// steps back are the symbols, oldest first in `symbols`.
#[inline(always)]
fn trace_lanes<V: I16s, const G: usize>(
    ring: &[i16],
    last: usize,
    depth: usize,
    width: usize,
    metrics: &[i16],
    symbols: &mut [u8],
    at: usize,
) {
    let steps = ring.len() / width;
    let three = V::splat(3);
    let mut state: [V; G] = std::array::from_fn(|g| {
        let m: [V; 4] = std::array::from_fn(|s| V::load(&metrics[s * width + at + g * V::N..]));
        m[0].min(m[1]).min(m[2].min(m[3])) & three
    });
    let mut step = last;
    let count = symbols.len() / width;
    for back in 0..depth + count {
        if let Some(row) = back.checked_sub(depth) {
            let row = &mut symbols[(count - 1 - row) * width + at..];
            for g in 0..G / 2 {
                let two = [state[2 * g], state[2 * g + 1]];
                V::store_low_bytes(two, &mut row[2 * g * V::N..]);
            }
        }
        let row = &ring[step * width + at..];
        for g in 0..G {
            state[g] = V::load(&row[g * V::N..]).field4(state[g]);
        }
        step = step.checked_sub(1).unwrap_or(steps - 1);
    }
}

#[inline(always)]
fn trace_all<V: I16s>(
    ring: &[i16],
    last: usize,
    depth: usize,
    width: usize,
    metrics: &[i16],
    symbols: &mut [u8],
) {
    for at in (0..width).step_by(4 * V::N) {
        trace_lanes::<V, 4>(ring, last, depth, width, metrics, symbols, at);
    }
}

dispatch! {
    /// The symbols of a block, `[step, width]`, that lies `depth` steps before the end of the ring of
    /// decisions `[step, width]` whose newest row is `last`.
    pub(super) fn trace(
        ring: &[i16], last: usize, depth: usize, width: usize, metrics: &[i16], symbols: &mut [u8],
    ) = base: trace_all::<BaseI16>,
        mid: trace_all::<crate::simd::MidI16>,
        top: trace_all::<crate::simd::MidI16>
}
