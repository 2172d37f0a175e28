//! The feedback loop on integers: one lane is one stream.
//!
//! As in the float loop, a decision adds its contributions to sums that move up by one sample, so
//! no history is kept: `newest` belongs to the next sample alone, `older[j]` holds what all older
//! decisions have in the sample `j` steps after it. The count of thresholds reached is at once the
//! symbol and the index of a table that lies in a register.

use crate::simd::{BaseI16, I16s, dispatch};

/// Contributions by tap and symbol, zero taps up to a count of [`INSTANCES`].
pub(super) type Table = [[i16; 4]];

/// Tap counts that have an instance of their own.
pub(super) const INSTANCES: [usize; 4] = [1, 2, 5, 16];

/// Streams that a wide group holds.
pub(super) const GROUP: usize = 64;

/// How the slicer input is fitted to its word, and what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slicing {
    pub(super) thresholds: [i16; 3],
    /// False if nothing can leave the word.
    pub(super) acts: bool,
    pub(super) limits: [i16; 2],
    pub(super) wrap: u32,
}

#[derive(Clone, Copy)]
struct Loop<V: I16s, const K: usize> {
    thresholds: [V; 3],
    tables: [V; K],
    limits: [V; 2],
    wrap: u32,
}

#[derive(Clone, Copy)]
struct Pending<V, const K: usize> {
    newest: V,
    older: [V; K],
}

impl<V: I16s, const K: usize> Loop<V, K> {
    #[inline(always)]
    fn new(table: &Table, slicing: &Slicing) -> Self {
        Self {
            thresholds: slicing.thresholds.map(V::splat),
            tables: std::array::from_fn(|k| V::table4_new(table[k])),
            limits: slicing.limits.map(V::splat),
            wrap: slicing.wrap,
        }
    }

    /// One sample of each lane: the symbols in the low bytes and the slicer input.
    #[inline(always)]
    fn step<const FIT: bool>(&self, x: V, held: &mut Pending<V, K>) -> (V, V) {
        let mut y = if K > 1 {
            (x - held.older[0]) - held.newest
        } else {
            x - held.newest
        };
        if FIT {
            y = y.max(self.limits[0]).min(self.limits[1]);
            y = y.shl(self.wrap).sra(self.wrap);
        }
        let d = y.count4(&self.thresholds);
        held.newest = self.tables[0].table4(d);
        if K > 1 {
            held.older[0] = held.older[1 % K];
            for k in 1..K - 1 {
                held.older[k] = held.older[k + 1] + self.tables[k].table4(d);
            }
            held.older[K - 1] = self.tables[K - 1].table4(d);
        }
        (d, y)
    }
}

#[inline(always)]
fn load_some<V: I16s>(from: &[i16]) -> V {
    let mut all = [0; 32];
    let n = from.len().min(V::N);
    all[..n].copy_from_slice(&from[..n]);
    V::load(&all)
}

#[inline(always)]
fn store_some<V: I16s>(v: V, to: &mut [i16]) {
    let mut all = [0; 32];
    v.store(&mut all);
    let n = to.len().min(V::N);
    to[..n].copy_from_slice(&all[..n]);
}

/// Streams from `at` on of interleaved samples, in `G` vectors: full ones if `WHOLE`, else all that
/// are left.
#[inline(always)]
fn group<
    V: I16s,
    const K: usize,
    const G: usize,
    const SOFT: bool,
    const FIT: bool,
    const WHOLE: bool,
>(
    l: &Loop<V, K>,
    x: &[i16],
    d: &mut [u8],
    y: &mut [i16],
    pending: &mut [i16],
    streams: usize,
    at: usize,
) {
    let count = if WHOLE { G * V::N } else { streams - at };
    let mut held: [Pending<V, K>; G] = std::array::from_fn(|g| {
        let row = |k: usize| {
            let row = &pending[k * streams + at..][..count];
            load_some(row.get(g * V::N..).unwrap_or(&[]))
        };
        Pending {
            newest: row(0),
            older: std::array::from_fn(|k| row(1 + k)),
        }
    });
    let mut soft = y.chunks_exact_mut(streams);
    for (x, d) in x.chunks_exact(streams).zip(d.chunks_exact_mut(streams)) {
        let (x, d) = (&x[at..at + count], &mut d[at..at + count]);
        let mut symbols = [V::splat(0); G];
        let mut inputs = [V::splat(0); G];
        for g in 0..G {
            let sample = if WHOLE {
                V::load(&x[g * V::N..])
            } else {
                load_some(x.get(g * V::N..).unwrap_or(&[]))
            };
            (symbols[g], inputs[g]) = l.step::<FIT>(sample, &mut held[g]);
        }
        if WHOLE && G > 1 {
            for g in 0..G / 2 {
                let two = [symbols[2 * g], symbols[2 * g + 1]];
                V::store_low_bytes(two, &mut d[2 * g * V::N..]);
            }
        } else {
            let mut bytes = [0; 64];
            V::store_low_bytes([symbols[0], symbols[G - 1]], &mut bytes);
            d.copy_from_slice(&bytes[..count]);
        }
        if SOFT && let Some(y) = soft.next() {
            let y = &mut y[at..at + count];
            for g in 0..G {
                if WHOLE {
                    inputs[g].store(&mut y[g * V::N..]);
                } else {
                    store_some(inputs[g], y.get_mut(g * V::N..).unwrap_or(&mut []));
                }
            }
        }
    }
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

/// All streams: groups of `G` vectors, of two, of one, and the rest.
#[inline(always)]
fn groups<V: I16s, const K: usize, const G: usize, const SOFT: bool, const FIT: bool>(
    table: &Table,
    slicing: &Slicing,
    x: &[i16],
    d: &mut [u8],
    y: &mut [i16],
    pending: &mut [i16],
    streams: usize,
) {
    let l = Loop::<V, K>::new(table, slicing);
    let mut at = 0;
    while at + G * V::N <= streams {
        group::<V, K, G, SOFT, FIT, true>(&l, x, d, y, pending, streams, at);
        at += G * V::N;
    }
    while at + 2 * V::N <= streams {
        group::<V, K, 2, SOFT, FIT, true>(&l, x, d, y, pending, streams, at);
        at += 2 * V::N;
    }
    if at + V::N <= streams {
        group::<V, K, 1, SOFT, FIT, true>(&l, x, d, y, pending, streams, at);
        at += V::N;
    }
    if at < streams {
        group::<V, K, 1, SOFT, FIT, false>(&l, x, d, y, pending, streams, at);
    }
}

#[inline(always)]
fn any<V: I16s, const WIDE: usize>(
    table: &Table,
    slicing: &Slicing,
    x: &[i16],
    d: &mut [u8],
    y: &mut [i16],
    pending: &mut [i16],
    streams: usize,
) {
    macro_rules! taps {
        ($soft:literal, $fit:literal) => {
            match table.len() {
                0 | 1 => {
                    groups::<V, 1, WIDE, $soft, $fit>(table, slicing, x, d, y, pending, streams)
                }
                2 => groups::<V, 2, WIDE, $soft, $fit>(table, slicing, x, d, y, pending, streams),
                3..=5 => groups::<V, 5, 2, $soft, $fit>(table, slicing, x, d, y, pending, streams),
                _ => groups::<V, 16, 2, $soft, $fit>(table, slicing, x, d, y, pending, streams),
            }
        };
    }
    match (y.is_empty(), slicing.acts) {
        (true, false) => taps!(false, false),
        (true, true) => taps!(false, true),
        (false, false) => taps!(true, false),
        (false, true) => taps!(true, true),
    }
}

dispatch! {
    /// Interleaved streams `[n, stream]`; `y` is empty or as long as `x`; `pending` is
    /// `[number, stream]` with one number more than the table has taps.
    pub(super) fn interleaved(
        table: &Table, slicing: &Slicing, x: &[i16], d: &mut [u8], y: &mut [i16],
        pending: &mut [i16], streams: usize,
    ) = base: any::<BaseI16, 4>,
        mid: any::<crate::simd::MidI16, 4>,
        top: any::<crate::simd::MidI16, 4>
}

dispatch! {
    /// Whether some code lies outside `-half..half`, `half` a power of two up to `2^14`.
    pub(in super::super) fn any_outside(x: &[i16], half: u16) -> bool =
        base: any_outside_all, mid: any_outside_all, top: any_outside_all
}

#[inline(always)]
fn any_outside_all(x: &[i16], half: u16) -> bool {
    let seen = x
        .iter()
        .fold(0, |seen, &x| seen | (x as u16).wrapping_add(half));
    // Of numbers below a power of two no union reaches it.
    seen >= 2 * half
}
