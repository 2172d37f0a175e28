//! The feedback loop over lanes: one lane is one stream.
//!
//! For each stream, `newest` is the contribution of the last decision to the next sample, and
//! `older[j]` the sum of the other contributions, oldest first, that the decisions made so far
//! have in the sample `j` steps after the next one. A decision adds its own contributions to all of
//! them while they move up, so no history is kept. The newest is subtracted last, which
//! leaves one subtraction, one comparison, the selections and one table access between two
//! decisions.

use crate::equalizer::slicer::Decider;
use crate::simd::{Base, F32s, U32s, dispatch};

/// Contributions `taps[k] * levels[symbol]`, padded with zero taps to a count that has an instance.
pub(super) type Table = [[f32; 4]];

/// Tap counts that have an instance of their own.
pub(super) const INSTANCES: [usize; 7] = [1, 2, 3, 4, 5, 8, 16];

/// Streams of the widest group: four vectors of sixteen lanes or eight of eight.
pub(super) const GROUP: usize = 64;

/// How a vector names what it has decided, and finds the contributions of it. Each is what takes the
/// fewest operations on the ports of vectors of this width.
enum Form {
    /// Four lanes, without a table in a register: the three comparisons, each all ones or zero,
    /// summed are *minus* the symbol, and pick the steps between the entries of the table, which
    /// exclusive-or puts together (the bits of an entry are exact).
    Steps,
    /// Eight lanes: the same sum, whose two low bits name an entry of a table in reversed order.
    Sum,
    /// Sixteen lanes, whose comparisons give bits of a mask register: three selections of the
    /// symbol.
    Selection,
}

const fn form<V: F32s>() -> Form {
    match V::N {
        4 => Form::Steps,
        8 => Form::Sum,
        _ => Form::Selection,
    }
}

/// What does not change from sample to sample.
#[derive(Clone, Copy)]
pub(super) struct Loop<V: F32s, const K: usize> {
    decider: Decider<V>,
    thresholds: [V; 3],
    /// Entries of a table in one vector, or the first entry and the three steps.
    tables: [[V; 4]; K],
}

impl<V: F32s, const K: usize> Loop<V, K> {
    #[inline(always)]
    pub(super) fn new(table: &Table, thresholds: &[f32; 3]) -> Self {
        let spread = |row: [f32; 4]| match form::<V>() {
            Form::Steps => {
                let step =
                    |i: usize| V::splat(f32::from_bits(row[i].to_bits() ^ row[i + 1].to_bits()));
                [V::splat(row[0]), step(0), step(1), step(2)]
            }
            Form::Sum => [V::table4_new([row[0], row[3], row[2], row[1]]); 4],
            Form::Selection => [V::table4_new(row); 4],
        };
        Self {
            decider: Decider::new(thresholds),
            thresholds: thresholds.map(V::splat),
            tables: std::array::from_fn(|k| spread(table[k])),
        }
    }

    /// One sample of each lane: what was decided, as [`symbols`] and [`store_four`] take it, and
    /// the slicer input.
    #[inline(always)]
    pub(super) fn step(&self, x: V, held: &mut Pending<V, K>) -> (V::U, V) {
        let y = if K > 1 {
            (x - held.older[0]) - held.newest
        } else {
            x - held.newest
        };
        let [t0, t1, t2] = self.thresholds;
        let masks = [y.simd_ge(t0), y.simd_ge(t1), y.simd_ge(t2)].map(V::mask_bits);
        let d = match form::<V>() {
            Form::Selection => self.decider.decide(y),
            _ => (masks[0] + masks[1]) + masks[2],
        };
        held.newest = self.contribution(0, d, &masks);
        if K > 1 {
            held.older[0] = held.older[1 % K];
            for k in 1..K - 1 {
                held.older[k] = held.older[k + 1] + self.contribution(k, d, &masks);
            }
            held.older[K - 1] = self.contribution(K - 1, d, &masks);
        }
        (d, y)
    }

    #[inline(always)]
    fn contribution(&self, k: usize, d: V::U, masks: &[V::U; 3]) -> V {
        let table = &self.tables[k];
        match form::<V>() {
            Form::Steps => {
                let [first, a, b, c] = table.map(V::to_bits);
                let low = first ^ (masks[0] & a);
                let high = (masks[1] & b) ^ (masks[2] & c);
                (low ^ high).as_f32()
            }
            _ => table[0].table4(d),
        }
    }
}

/// The symbols of what [`Loop::step`] decided, or of a sum of shifted such numbers.
#[inline(always)]
pub(super) fn symbols<U: U32s>(decided: U) -> U {
    match form::<U::F>() {
        Form::Selection => decided,
        _ => U::splat(0) - decided,
    }
}

/// What [`Loop::step`] decided, of four vectors, as bytes.
#[inline(always)]
pub(super) fn store_four<U: U32s>(decided: [U; 4], to: &mut [u8]) {
    match form::<U::F>() {
        Form::Selection => U::store_u8x4(decided, to),
        _ => U::store_minus_u8x4(decided, to),
    }
}

/// Contributions to the samples to come; with one tap `older` is not used.
#[derive(Clone, Copy)]
pub(super) struct Pending<T, const K: usize> {
    newest: T,
    older: [T; K],
}

/// Numbers per stream that a state of `taps` (one of [`INSTANCES`]) holds.
pub(super) const fn pending_len(taps: usize) -> usize {
    taps + 1
}

/// Loads what is there of a vector, zero elsewhere.
#[inline(always)]
fn load_some<V: F32s>(from: &[f32]) -> V {
    let mut all = [0.0; 16];
    let n = from.len().min(V::N);
    all[..n].copy_from_slice(&from[..n]);
    V::load(&all)
}

#[inline(always)]
fn store_some<V: F32s>(v: V, to: &mut [f32]) {
    let mut all = [0.0; 16];
    v.store(&mut all);
    let n = to.len().min(V::N);
    to[..n].copy_from_slice(&all[..n]);
}

/// `pending` is `[number, stream]`, `streams` wide: the newest, then the older ones.
/// `at..at + count` are the streams of the group.
#[inline(always)]
pub(super) fn load_pending<V: F32s, const K: usize, const G: usize>(
    pending: &[f32],
    streams: usize,
    at: usize,
    count: usize,
) -> [Pending<V, K>; G] {
    std::array::from_fn(|g| {
        let row = |k: usize| {
            let row = &pending[k * streams + at..][..count];
            load_some(row.get(g * V::N..).unwrap_or(&[]))
        };
        Pending {
            newest: row(0),
            older: std::array::from_fn(|k| row(1 + k)),
        }
    })
}

#[inline(always)]
pub(super) fn store_pending<V: F32s, const K: usize, const G: usize>(
    held: &[Pending<V, K>; G],
    pending: &mut [f32],
    streams: usize,
    at: usize,
    count: usize,
) {
    for g in 0..G {
        for k in 0..=K {
            let v = if k == 0 {
                held[g].newest
            } else {
                held[g].older[k - 1]
            };
            let row = &mut pending[k * streams + at..][..count];
            store_some(v, row.get_mut(g * V::N..).unwrap_or(&mut []));
        }
    }
}

/// `G` full vectors of streams, interleaved `[n, stream]`.
#[inline(always)]
fn group<V: F32s, const K: usize, const G: usize, const SOFT: bool>(
    l: &Loop<V, K>,
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    let width = G * V::N;
    let mut held = load_pending::<V, K, G>(pending, streams, at, width);
    let mut soft = y.chunks_exact_mut(streams);
    for (x, d) in x.chunks_exact(streams).zip(d.chunks_exact_mut(streams)) {
        let (x, d) = (&x[at..at + width], &mut d[at..at + width]);
        let mut inputs = [V::splat(0.0); G];
        let mut decided = [V::U::splat(0); G];
        for g in 0..G {
            (decided[g], inputs[g]) = l.step(V::load(&x[g * V::N..]), &mut held[g]);
        }
        if G.is_multiple_of(4) {
            for q in 0..G / 4 {
                let four = std::array::from_fn(|i| decided[(4 * q + i) % G]);
                store_four(four, &mut d[4 * q * V::N..]);
            }
        } else {
            for g in 0..G {
                symbols(decided[g]).store_u8(&mut d[g * V::N..]);
            }
        }
        if SOFT && let Some(y) = soft.next() {
            let y = &mut y[at..at + width];
            for g in 0..G {
                inputs[g].store(&mut y[g * V::N..]);
            }
        }
    }
    store_pending(&held, pending, streams, at, width);
}

/// The last streams, fewer than a vector.
#[inline(always)]
fn remainder<V: F32s, const K: usize, const SOFT: bool>(
    l: &Loop<V, K>,
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    let count = streams - at;
    let mut held = load_pending::<V, K, 1>(pending, streams, at, count);
    let mut soft = y.chunks_exact_mut(streams);
    for (x, d) in x.chunks_exact(streams).zip(d.chunks_exact_mut(streams)) {
        let (decided, input) = l.step(load_some(&x[at..]), &mut held[0]);
        let mut bytes = [0; 16];
        symbols(decided).store_u8(&mut bytes);
        d[at..].copy_from_slice(&bytes[..count]);
        if SOFT && let Some(y) = soft.next() {
            store_some(input, &mut y[at..]);
        }
    }
    store_pending(&held, pending, streams, at, count);
}

/// All streams, in groups of `G`, two and one vectors.
#[inline(always)]
fn groups<V: F32s, const K: usize, const G: usize, const SOFT: bool>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
    streams: usize,
) {
    let l = Loop::<V, K>::new(table, thresholds);
    let mut at = 0;
    while at + G * V::N <= streams {
        group::<V, K, G, SOFT>(&l, x, d, y, pending, streams, at);
        at += G * V::N;
    }
    while at + 2 * V::N <= streams {
        group::<V, K, 2, SOFT>(&l, x, d, y, pending, streams, at);
        at += 2 * V::N;
    }
    if at + V::N <= streams {
        group::<V, K, 1, SOFT>(&l, x, d, y, pending, streams, at);
        at += V::N;
    }
    if at < streams {
        remainder::<V, K, SOFT>(&l, x, d, y, pending, streams, at);
    }
}

/// Runs the instance for the number of taps: wide groups while the state fits the registers.
macro_rules! by_taps {
    ($table:expr, $f:ident::<$v:ty, $wide:tt, $narrow:tt, $soft:tt>($($arg:expr),*)) => {
        match $table.len() {
            0 | 1 => $f::<$v, 1, $wide, $soft>($($arg),*),
            2 => $f::<$v, 2, $wide, $soft>($($arg),*),
            3 => $f::<$v, 3, $narrow, $soft>($($arg),*),
            4 => $f::<$v, 4, $narrow, $soft>($($arg),*),
            5 => $f::<$v, 5, $narrow, $soft>($($arg),*),
            6..=8 => $f::<$v, 8, $narrow, $soft>($($arg),*),
            _ => $f::<$v, 16, $narrow, $soft>($($arg),*),
        }
    };
}

pub(super) use by_taps;

#[inline(always)]
fn interleaved_any<V: F32s, const WIDE: usize>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
    streams: usize,
) {
    if y.is_empty() {
        by_taps!(
            table,
            groups::<V, WIDE, 2, false>(table, thresholds, x, d, y, pending, streams)
        );
    } else {
        by_taps!(
            table,
            groups::<V, WIDE, 2, true>(table, thresholds, x, d, y, pending, streams)
        );
    }
}

/// The widest level: two vectors of eight lanes take fewer clocks than one of sixteen while the
/// state is small.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn interleaved_top(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
    streams: usize,
) {
    use crate::simd::{Mid, Top};
    if table.len() > 1 {
        interleaved_any::<Top, 4>(table, thresholds, x, d, y, pending, streams);
    } else if y.is_empty() {
        groups::<Mid, 1, 8, false>(table, thresholds, x, d, y, pending, streams);
    } else {
        groups::<Mid, 1, 8, true>(table, thresholds, x, d, y, pending, streams);
    }
}

dispatch! {
    /// Interleaved streams `[n, stream]`; `y` is empty or as long as `x`, `table` has a length of
    /// [`INSTANCES`], `pending` is `[number, stream]` with [`pending_len`] numbers.
    pub(super) fn interleaved(
        table: &Table, thresholds: &[f32; 3], x: &[f32], d: &mut [u8], y: &mut [f32],
        pending: &mut [f32], streams: usize,
    ) = base: interleaved_any::<Base, 4>,
        mid: interleaved_any::<crate::simd::Mid, 8>,
        top: interleaved_top
}
