//! One long stream at the speed of many: cut into segments that run side by side as rows, each
//! started on a guess, each seam checked, and what started wrong decided again.
//!
//! Every pending sum is built from the decisions of the last taps in one fixed order, whatever was
//! before them: after as many equal decisions as there are taps, two runs over the same samples
//! hold the same bits and stay together. So a segment may start from any state some symbols early
//! (the warm-up), and if it still starts its counted part in a state other than the end of
//! its predecessor, a second run from there needs to go only as far as that many equal
//! decisions in a row.

#![allow(clippy::too_many_arguments)] // slices of one problem; a struct would only rename them

use super::kernel::{GROUP, Table, pending_len};
use super::rows;
use super::single::{again_any, single_any};
use crate::Level;

/// Segments side by side.
const SEGMENTS: usize = GROUP;

/// Symbols of the longest segment. A turn of all segments (270 kB of samples) stays in the
/// second-level cache; an odd number of lines of 64 bytes, for samples as for decisions,
/// keeps the segments from sharing places in the first level.
const LONGEST: usize = 1088;

/// Lengths of segments are odd multiples of it where they can be: a block of rows at every level.
const UNIT: usize = 64;

/// How a stream is cut. Nothing of it shows in the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Symbols that a segment runs before its counted part, a multiple of 16.
    pub(super) warm_up: usize,
    /// Symbols of the shortest segment, at least one and the warm-up; below it the stream goes
    /// symbol by symbol.
    pub(super) shortest: usize,
    /// Symbols of the longest segment.
    pub(super) longest: usize,
}

impl Cut {
    /// The cut for a number of taps. With taps that carry an error on with probability 3/4 (one
    /// tap as large as the main cursor) one segment in 10^4 has not met the truth after 32 symbols.
    pub(super) const fn of(taps: usize) -> Self {
        let warm_up = if taps <= 5 { 32 } else { 64 };
        Self {
            warm_up,
            shortest: warm_up,
            longest: LONGEST,
        }
    }
}

/// Numbers of the largest state.
const NUMBERS: usize = pending_len(super::MAX_TAPS);

/// How one stream was cut, and how much of it had to be decided twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeamReport {
    /// Symbols decided.
    pub symbols: u64,
    /// Seams between segments that ran side by side.
    pub seams: u64,
    /// Seams at which the warm-up had not reached the true state.
    pub reruns: u64,
    /// Symbols decided a second time, one by one, because of that.
    pub rerun_symbols: u64,
}

/// The stream `x` from the state `pending`; `y` is empty or as long as `x`.
pub(super) fn stream(
    level: Level,
    cut: Cut,
    table: &Table,
    thresholds: &[f32; 3],
    mut x: &[f32],
    mut d: &mut [u8],
    mut y: &mut [f32],
    pending: &mut [f32],
) -> SeamReport {
    let mut report = SeamReport {
        symbols: x.len() as u64,
        ..SeamReport::default()
    };
    if x.len() / SEGMENTS < cut.shortest {
        single_any(table, thresholds, x, d, y, pending);
        return report;
    }
    let soft = !y.is_empty();
    let mut states = [[0.0; NUMBERS * SEGMENTS]; 2];
    while x.len() / SEGMENTS >= cut.shortest {
        let mut length = (x.len() / SEGMENTS).min(cut.longest);
        if length >= UNIT {
            length = ((length / UNIT - 1) / 2 * 2 + 1) * UNIT;
        }
        let turn = length * SEGMENTS;
        let (x_now, x_rest) = x.split_at(turn);
        let (d_now, d_rest) = d.split_at_mut(turn);
        let (y_now, y_rest) = y.split_at_mut(if soft { turn } else { 0 });
        side_by_side(
            level,
            table,
            thresholds,
            x_now,
            d_now,
            y_now,
            pending,
            length,
            cut.warm_up,
            &mut states,
            &mut report,
        );
        (x, d, y) = (x_rest, d_rest, y_rest);
    }
    single_any(table, thresholds, x, d, y, pending);
    report
}

/// [`SEGMENTS`] segments of `length` symbols.
fn side_by_side(
    level: Level,
    table: &Table,
    thresholds: &[f32; 3],
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
    length: usize,
    warm_up: usize,
    states: &mut [[f32; NUMBERS * SEGMENTS]; 2],
    report: &mut SeamReport,
) {
    let numbers = pending_len(table.len());
    let [held, started] = states;
    let held = &mut held[..numbers * SEGMENTS];
    held.fill(0.0);

    // The first segment starts in the true state; what it does here is overwritten.
    let early: [&[f32]; SEGMENTS] =
        std::array::from_fn(|s| &x[(s * length).saturating_sub(warm_up)..][..warm_up]);
    rows::warm(level, table, thresholds, &early, held);
    set_column(held, 0, pending);
    started[..held.len()].copy_from_slice(held);

    let segments: [&[f32]; SEGMENTS] = std::array::from_fn(|s| &x[s * length..][..length]);
    {
        let mut d = d.chunks_exact_mut(length);
        let mut y = y.chunks_exact_mut(length);
        let soft = if y.len() == 0 { 0 } else { SEGMENTS };
        let mut d: [&mut [u8]; SEGMENTS] = std::array::from_fn(|_| d.next().unwrap_or_default());
        let mut y: [&mut [f32]; SEGMENTS] = std::array::from_fn(|_| y.next().unwrap_or_default());
        rows::lanes(
            level,
            table,
            thresholds,
            &segments,
            &mut d,
            &mut y[..soft],
            held,
            SEGMENTS,
            0,
        );
    }

    // In order: what comes before a seam is final when the seam is checked.
    for s in 1..SEGMENTS {
        report.seams += 1;
        let same =
            |k: usize| held[k * SEGMENTS + s - 1].to_bits() == started[k * SEGMENTS + s].to_bits();
        if (0..numbers).all(same) {
            continue;
        }
        let mut state = [0.0; NUMBERS];
        for k in 0..numbers {
            state[k] = held[k * SEGMENTS + s - 1];
        }
        let part = s * length..(s + 1) * length;
        let y = y.get_mut(part.clone()).unwrap_or_default();
        let (x, d, state) = (segments[s], &mut d[part], &mut state[..numbers]);
        let (again, met) = again_any(table, thresholds, x, d, y, state);
        report.reruns += 1;
        report.rerun_symbols += again as u64;
        if !met {
            set_column(held, s, state);
        }
    }
    for (k, pending) in pending.iter_mut().enumerate() {
        *pending = held[k * SEGMENTS + SEGMENTS - 1];
    }
}

/// Puts the state of one stream into the column `s` of `[number, segment]`.
fn set_column(held: &mut [f32], s: usize, state: &[f32]) {
    for (row, &number) in held.chunks_exact_mut(SEGMENTS).zip(state) {
        row[s] = number;
    }
}
