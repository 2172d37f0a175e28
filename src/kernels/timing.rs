//! Kernel and roof in turns; medians and ranges.

use std::time::Instant;

use crate::Level;
use crate::simd::roof::Roof;

use super::cases::Case;
use super::{Effort, Rate, RoofRow, Row};

/// Steps of a roof loop per call: some ten microseconds.
const STEPS: usize = 2000;

/// Calls that fill a turn of `slice_s` seconds.
fn calls(slice_s: f64, mut work: impl FnMut()) -> usize {
    work();
    let start = Instant::now();
    work();
    let once = start.elapsed().as_secs_f64().max(1e-8);
    ((slice_s / once) as usize).max(1)
}

/// Calls per second over one turn.
fn turn(calls: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        work();
    }
    calls as f64 / start.elapsed().as_secs_f64().max(1e-9)
}

fn rate(mut per_second: Vec<f64>) -> Rate {
    per_second.sort_by(f64::total_cmp);
    Rate {
        median: per_second[per_second.len() / 2],
        low: per_second[0],
        high: per_second[per_second.len() - 1],
    }
}

/// Lane operations of one call of a roof loop.
fn one_roof(roof: Roof, level: Level) -> f64 {
    let (operations, sum) = roof.run(level, STEPS);
    std::hint::black_box(sum);
    operations as f64
}

/// Every roof at one level; none where nothing is to be timed.
pub(super) fn roofs(level: Level, effort: Effort) -> Vec<RoofRow> {
    if effort.rounds == 0 {
        return Vec::new();
    }
    Roof::ALL
        .into_iter()
        .map(|roof| {
            let work = || {
                one_roof(roof, level);
            };
            let n = calls(effort.slice_s, work);
            let operations = one_roof(roof, level);
            let rates = (0..effort.rounds)
                .map(|_| operations * turn(n, work))
                .collect();
            RoofRow {
                roof,
                level,
                lanes_per_s: rate(rates),
            }
        })
        .collect()
}

/// The row of a case: of the operations it uses, the one that its roof leaves the least room for.
pub(super) fn row(mut case: Case, level: Level, roofs: &[RoofRow], effort: Effort) -> Row {
    let seconds = |&(roof, operations): &(Roof, f64)| {
        let measured = roofs.iter().find(|r| r.roof == roof);
        measured.map_or(0.0, |r| operations / r.lanes_per_s.median)
    };
    let (roof, operations) = case
        .uses
        .iter()
        .copied()
        .max_by(|a, b| seconds(a).total_cmp(&seconds(b)))
        .unwrap_or((Roof::Add, 0.0));
    let mut row = Row {
        kernel: case.kernel,
        size: case.size,
        level,
        check: case.check,
        failure: case.failure.take(),
        symbols_per_s: None,
        roof,
        operations,
        share: None,
    };
    if row.failure.is_some() || effort.rounds == 0 {
        return row;
    }
    let n = calls(effort.slice_s, &mut case.work);
    let bound = || {
        one_roof(roof, level);
    };
    let (m, per_call) = (calls(effort.slice_s / 2.0, bound), one_roof(roof, level));
    let (mut rates, mut shares) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let symbols = case.symbols as f64 * turn(n, &mut case.work);
        let limit = per_call * turn(m, bound) / operations;
        rates.push(symbols);
        shares.push(symbols / limit);
    }
    row.symbols_per_s = Some(rate(rates));
    row.share = Some(rate(shares).median);
    row
}
