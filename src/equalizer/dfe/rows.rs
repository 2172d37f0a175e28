//! The feedback loop over rows: `[lane, n]` arrays, transposed square by square in registers.

#![allow(clippy::too_many_arguments)] // slices of one problem; a struct would only rename them

use super::kernel::{GROUP, Loop, Table, by_taps, load_pending, store_pending, symbols};
use crate::simd::{Base, F32s, U32s, dispatch};

/// Steps that [`rows`] takes at a time: as many as the bytes of a vector, four symbols a lane.
#[inline(always)]
fn rows_block<V: F32s>() -> usize {
    4 * V::N
}

/// [`rows_block`] of the widest vector.
const LONGEST_BLOCK: usize = 64;

/// Up to `G` vectors of streams, one row each. Squares of samples are transposed on the way in;
/// four symbols of a stream are packed into a lane, and squares of those transposed on the way
/// out.
#[inline(always)]
fn rows<V: F32s, const K: usize, const G: usize, const SOFT: bool>(
    l: &Loop<V, K>,
    x: &[&[f32]],
    d: &mut [&mut [u8]],
    y: &mut [&mut [f32]],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    let count = x.len();
    let n = x[0].len();
    let block = rows_block::<V>();
    let mut held = load_pending::<V, K, G>(pending, streams, at, count);
    let mut parts = [[[V::splat(0.0); 16]; G]; 4];
    let mut words = [[V::splat(0.0); 16]; G];
    for start in (0..n / block * block).step_by(block) {
        // All that a block needs of a row at once: rows a power of two apart share few places in
        // the cache and would drive each other out between visits.
        for g in 0..G {
            for i in 0..V::N {
                // Lanes beyond the last stream repeat it; nobody reads what they decide.
                let row = &x[(g * V::N + i).min(count - 1)][start..start + block];
                for part in 0..4 {
                    parts[part][g][i] = V::load(&row[part * V::N..]);
                }
            }
        }
        for part in 0..4 {
            let from = start + part * V::N;
            let squares = &mut parts[part];
            for square in squares.iter_mut() {
                V::transpose(square);
            }
            for q in 0..V::N / 4 {
                let mut packed = [V::U::splat(0); G];
                macro_rules! step {
                    ($r:literal) => {
                        for g in 0..G {
                            let cell = &mut squares[g][q * 4 + $r];
                            let (decided, input) = l.step(*cell, &mut held[g]);
                            packed[g] = packed[g] + decided.shl::<{ 8 * $r }>();
                            if SOFT {
                                *cell = input;
                            }
                        }
                    };
                }
                step!(0);
                step!(1);
                step!(2);
                step!(3);
                for g in 0..G {
                    words[g][part * (V::N / 4) + q] = symbols(packed[g]).as_f32();
                }
            }
            if SOFT {
                for g in 0..G {
                    V::transpose(&mut squares[g]);
                    for i in 0..V::N {
                        if let Some(row) = y.get_mut(g * V::N + i) {
                            squares[g][i].store(&mut row[from..from + V::N]);
                        }
                    }
                }
            }
        }
        for g in 0..G {
            V::transpose(&mut words[g]);
            for i in 0..V::N {
                if let Some(row) = d.get_mut(g * V::N + i) {
                    words[g][i]
                        .to_bits()
                        .store_bytes(&mut row[start..start + block]);
                }
            }
        }
    }
    store_pending(&held, pending, streams, at, count);
}

/// The steps that do not fill a block of [`rows`]: interleaved in a small array, decided there.
#[inline(always)]
fn rows_tail<V: F32s, const K: usize, const G: usize, const SOFT: bool>(
    l: &Loop<V, K>,
    x: &[&[f32]],
    d: &mut [&mut [u8]],
    y: &mut [&mut [f32]],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    let (count, n) = (x.len(), x[0].len());
    let first = n / rows_block::<V>() * rows_block::<V>();
    let left = n - first;
    if left == 0 {
        return;
    }
    let mut held = load_pending::<V, K, G>(pending, streams, at, count);
    // Row by row in and out, so that neither side strides through far memory.
    let mut columns = [[0.0; GROUP]; LONGEST_BLOCK];
    let mut bytes = [[0; GROUP]; LONGEST_BLOCK];
    for (i, row) in x.iter().enumerate() {
        for (column, &x) in columns.iter_mut().zip(&row[first..]) {
            column[i] = x;
        }
    }
    for (column, bytes) in columns.iter_mut().zip(&mut bytes).take(left) {
        for g in 0..G {
            let (decided, input) = l.step(V::load(&column[g * V::N..]), &mut held[g]);
            symbols(decided).store_u8(&mut bytes[g * V::N..]);
            if SOFT {
                input.store(&mut column[g * V::N..]);
            }
        }
    }
    for (i, row) in d.iter_mut().enumerate() {
        for (d, bytes) in row[first..].iter_mut().zip(&bytes) {
            *d = bytes[i];
        }
    }
    if SOFT {
        for (i, row) in y.iter_mut().enumerate() {
            for (y, column) in row[first..].iter_mut().zip(&columns) {
                *y = column[i];
            }
        }
    }
    store_pending(&held, pending, streams, at, count);
}

/// One group of at most `G` vectors of rows, with the fewest vectors that hold it.
#[inline(always)]
fn row_group<V: F32s, const K: usize, const G: usize, const SOFT: bool>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[&[f32]],
    d: &mut [&mut [u8]],
    y: &mut [&mut [f32]],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    let l = Loop::<V, K>::new(table, thresholds);
    let mut done = 0;
    while done < x.len() {
        let left = x.len() - done;
        let width = if left > 2 * V::N {
            G * V::N
        } else if left > V::N {
            2 * V::N
        } else {
            V::N
        };
        let take = left.min(width);
        let x = &x[done..done + take];
        let d = &mut d[done..done + take];
        let y = if SOFT {
            &mut y[done..done + take]
        } else {
            &mut *y
        };
        let at = at + done;
        if width == V::N {
            rows::<V, K, 1, SOFT>(&l, x, d, y, pending, streams, at);
            rows_tail::<V, K, 1, SOFT>(&l, x, d, y, pending, streams, at);
        } else if width == 2 * V::N {
            rows::<V, K, 2, SOFT>(&l, x, d, y, pending, streams, at);
            rows_tail::<V, K, 2, SOFT>(&l, x, d, y, pending, streams, at);
        } else {
            rows::<V, K, G, SOFT>(&l, x, d, y, pending, streams, at);
            rows_tail::<V, K, G, SOFT>(&l, x, d, y, pending, streams, at);
        }
        done += take;
    }
}

#[inline(always)]
fn rows_any<V: F32s, const WIDE: usize>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[&[f32]],
    d: &mut [&mut [u8]],
    y: &mut [&mut [f32]],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    if y.is_empty() {
        by_taps!(
            table,
            row_group::<V, WIDE, 2, false>(table, thresholds, x, d, y, pending, streams, at)
        );
    } else {
        by_taps!(
            table,
            row_group::<V, WIDE, 2, true>(table, thresholds, x, d, y, pending, streams, at)
        );
    }
}

dispatch! {
    /// Rows of one length, at most [`GROUP`], that are streams `at..` of the state.
    pub(super) fn lanes(
        table: &Table, thresholds: &[f32; 3], x: &[&[f32]], d: &mut [&mut [u8]],
        y: &mut [&mut [f32]], pending: &mut [f32], streams: usize, at: usize,
    ) = base: rows_any::<Base, 4>,
        mid: rows_any::<crate::simd::Mid, 4>,
        top: rows_any::<crate::simd::Top, 4>
}

/// Rows whose decisions nobody wants: only the state moves. The length is a multiple of 16, the
/// number of rows one of `G` vectors.
#[inline(always)]
fn warm_group<V: F32s, const K: usize, const G: usize, const SOFT: bool>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[&[f32]],
    pending: &mut [f32],
) {
    let l = Loop::<V, K>::new(table, thresholds);
    let streams = x.len();
    let mut squares = [[V::splat(0.0); 16]; G];
    for at in (0..streams).step_by(G * V::N) {
        let width = G * V::N;
        let mut held = load_pending::<V, K, G>(pending, streams, at, width);
        for from in (0..x[0].len()).step_by(V::N) {
            for g in 0..G {
                for i in 0..V::N {
                    squares[g][i] = V::load(&x[at + g * V::N + i][from..]);
                }
                V::transpose(&mut squares[g]);
            }
            for n in 0..V::N {
                for g in 0..G {
                    l.step(squares[g][n], &mut held[g]);
                }
            }
        }
        store_pending(&held, pending, streams, at, width);
    }
}

#[inline(always)]
fn warm_any<V: F32s, const WIDE: usize>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[&[f32]],
    pending: &mut [f32],
) {
    by_taps!(
        table,
        warm_group::<V, WIDE, 2, false>(table, thresholds, x, pending)
    );
}

dispatch! {
    /// Moves the state over [`GROUP`] rows, a multiple of 16 long, and keeps no decisions.
    pub(super) fn warm(
        table: &Table, thresholds: &[f32; 3], x: &[&[f32]], pending: &mut [f32],
    ) = base: warm_any::<Base, 4>,
        mid: warm_any::<crate::simd::Mid, 4>,
        top: warm_any::<crate::simd::Top, 4>
}
