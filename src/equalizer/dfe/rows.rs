//! The feedback loop over rows: `[lane, n]` arrays, transposed square by square in registers.

#![allow(clippy::too_many_arguments)] // slices of one problem; a struct would only rename them

use super::kernel::{GROUP, Loop, Table, by_taps, load_pending, store_pending, symbols};
use crate::simd::{Base, F32s, U32s, dispatch, prefetch};

/// Steps that [`rows`] takes at a time: four lines of 64 bytes of a row, one of its symbols.
const BLOCK: usize = 64;

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
    let mut held = load_pending::<V, K, G>(pending, streams, at, count);
    // Vector `i` of a square is lane `i`, all its samples of one part; once turned, it is step
    // `i` of all lanes.
    let mut cells = [[V::splat(0.0); BLOCK]; G];
    let mut words = [[V::splat(0.0); BLOCK / 4]; G];
    // Hidden from the optimiser, which would write all steps out and fill the instruction cache.
    let (parts, quarters) = std::hint::black_box((BLOCK / V::N, V::N / 4));
    for start in (0..n / BLOCK * BLOCK).step_by(BLOCK) {
        // All that a block needs of a row at once: rows a power of two apart share few places in
        // the cache and would drive each other out between visits.
        for g in 0..G {
            for i in 0..V::N {
                // Lanes beyond the last stream repeat it; nobody reads what they decide.
                let row = x[(g * V::N + i).min(count - 1)];
                for line in 0..BLOCK / 16 {
                    prefetch(row, start + BLOCK + 16 * line);
                }
                let row = &row[start..start + BLOCK];
                for part in 0..BLOCK / V::N {
                    cells[g][part * V::N + i] = V::load(&row[part * V::N..]);
                }
            }
        }
        for part in 0..parts {
            let first = part * V::N;
            assert!(first <= BLOCK - V::N);
            for g in 0..G {
                V::transpose(&mut cells[g][first..first + V::N]);
            }
            for q in 0..quarters {
                let four = first + 4 * q;
                assert!(four <= BLOCK - 4);
                let mut packed = [V::U::splat(0); G];
                macro_rules! step {
                    ($r:literal) => {
                        for g in 0..G {
                            let cell = &mut cells[g][four + $r];
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
                    words[g][four / 4] = symbols(packed[g]).as_f32();
                }
            }
            if SOFT {
                let from = start + first;
                for g in 0..G {
                    let square = &mut cells[g][first..first + V::N];
                    V::transpose(square);
                    for i in 0..V::N {
                        if let Some(row) = y.get_mut(g * V::N + i) {
                            square[i].store(&mut row[from..from + V::N]);
                        }
                    }
                }
            }
        }
        for g in 0..G {
            for (j, square) in words[g].chunks_exact_mut(V::N).enumerate() {
                V::transpose(square);
                let to = start + 4 * V::N * j;
                for i in 0..V::N {
                    if let Some(row) = d.get_mut(g * V::N + i) {
                        square[i].to_bits().store_bytes(&mut row[to..to + 4 * V::N]);
                    }
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
    let first = n / BLOCK * BLOCK;
    let left = n - first;
    if left == 0 {
        return;
    }
    let mut held = load_pending::<V, K, G>(pending, streams, at, count);
    // Row by row in and out, so that neither side strides through far memory.
    let mut columns = [[0.0; GROUP]; BLOCK];
    let mut bytes = [[0; GROUP]; BLOCK];
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

/// The widest level: two vectors of eight lanes take fewer clocks than one of sixteen while the
/// state is small.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn rows_top(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[&[f32]],
    d: &mut [&mut [u8]],
    y: &mut [&mut [f32]],
    pending: &mut [f32],
    streams: usize,
    at: usize,
) {
    use crate::simd::{Mid, Top};
    if table.len() > 1 {
        rows_any::<Top, 4>(table, thresholds, x, d, y, pending, streams, at);
    } else if y.is_empty() {
        row_group::<Mid, 1, 4, false>(table, thresholds, x, d, y, pending, streams, at);
    } else {
        row_group::<Mid, 1, 4, true>(table, thresholds, x, d, y, pending, streams, at);
    }
}

dispatch! {
    /// Rows of one length, at most [`GROUP`], that are streams `at..` of the state.
    pub(super) fn lanes(
        table: &Table, thresholds: &[f32; 3], x: &[&[f32]], d: &mut [&mut [u8]],
        y: &mut [&mut [f32]], pending: &mut [f32], streams: usize, at: usize,
    ) = base: rows_any::<Base, 4>,
        mid: rows_any::<crate::simd::Mid, 4>,
        top: rows_top
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
    // As in `rows`: not written out.
    let steps = std::hint::black_box(V::N);
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
            assert!(steps <= 16);
            for n in 0..steps {
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
