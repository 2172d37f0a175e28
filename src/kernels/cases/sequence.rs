//! Sequence detection.

use crate::Level;
use crate::error::Result;
use crate::mlse::{Mlse, MlseConfig, reference};
use crate::pam4;
use crate::signal::Llr;
use crate::simd::roof::Roof;

use super::super::data::received;
use super::Case;

/// Symbols per call: all streams stay in the second-level cache.
const SYMBOLS: usize = 1 << 16;
const STREAMS: usize = 64;
const ONE_TAP: [f32; 2] = [1.0, 0.7];
const TWO_TAPS: [f32; 3] = [1.0, 0.6, 0.2];

fn plan(level: Level, response: &[f32]) -> Result<Mlse> {
    let config = MlseConfig {
        response: response.to_vec(),
        ..MlseConfig::default()
    };
    Mlse::with_level(&config, level)
}

/// Sum of squared distances of a path with the best symbols before its start.
fn metric(x: &[f32], d: &[u8], response: &[f32]) -> f64 {
    let memory = response.len() - 1;
    let level = |s: usize| f64::from(pam4::LEVELS[s]);
    let sum = |before: usize, range: std::ops::Range<usize>| -> f64 {
        let symbol = |n: usize, k: usize| match n.checked_sub(k) {
            Some(i) => usize::from(d[i]),
            None => before >> (2 * (k - n - 1)) & 3,
        };
        range
            .map(|n| {
                let expected = response.iter().enumerate();
                let expected: f64 = expected
                    .map(|(k, h)| f64::from(*h) * level(symbol(n, k)))
                    .sum();
                (f64::from(x[n]) - expected).powi(2)
            })
            .sum()
    };
    let start = (0..1 << (2 * memory)).map(|before| sum(before, 0..memory));
    start.fold(f64::INFINITY, f64::min) + sum(0, memory..x.len())
}

/// The path must be as good as the best one but for the rounding of the metrics to integers, 1e-3 of it.
fn compare(x: &[f32], d: &[u8], response: &[f32]) -> Option<String> {
    let best = metric(x, &reference::exact(x, response, &pam4::LEVELS), response);
    let got = metric(x, d, response);
    let right = got <= best * 1.001;
    (!right).then(|| format!("path metric is {got}, must be {best} within 1e-3"))
}

fn woven(
    level: Level,
    response: &'static [f32],
    size: &'static str,
    operations: f64,
) -> Result<Case> {
    let mlse = plan(level, response)?;
    let n = SYMBOLS / STREAMS;
    let rows: Vec<Vec<f32>> = (0..STREAMS)
        .map(|s| received(200 + s as u64, n, response, 0.3).1)
        .collect();
    let x: Vec<f32> = (0..SYMBOLS)
        .map(|i| rows[i % STREAMS][i / STREAMS])
        .collect();
    let mut d = vec![0; SYMBOLS];
    mlse.apply_interleaved(&x, STREAMS, &mut d)?;
    let failure = rows.iter().enumerate().find_map(|(s, row)| {
        let decided: Vec<u8> = d.iter().skip(s).step_by(STREAMS).copied().collect();
        compare(row, &decided, response)
    });
    Ok(Case {
        kernel: "MLSE",
        size,
        check: "best path",
        failure,
        symbols: SYMBOLS,
        uses: vec![(Roof::Logic, operations)],
        work: Box::new(move || {
            let _ = mlse.apply_interleaved(&x, STREAMS, &mut d);
        }),
    })
}

pub(in super::super) fn four_states(level: Level) -> Result<Case> {
    woven(level, &ONE_TAP, "4 states, 64 streams", FOUR)
}

pub(in super::super) fn sixteen_states(level: Level) -> Result<Case> {
    woven(level, &TWO_TAPS, "16 states, 64 streams", SIXTEEN)
}

/// Lane operations per symbol with 16-bit numbers two to a lane: 53 of a step and 4 of the traceback, halved, and
/// 6 that round a sample to an integer; 237, 6 and 6 for sixteen states.
const FOUR: f64 = 34.5;
const SIXTEEN: f64 = 127.5;
/// Two recursions without survivors (46 each), the meeting of the two (13), halved; rounding and scaling (12).
const SOFT: f64 = 64.5;

pub(in super::super) fn one_stream(level: Level) -> Result<Case> {
    let mlse = plan(level, &ONE_TAP)?;
    let (_, x) = received(8, SYMBOLS, &ONE_TAP, 0.3);
    let mut d = vec![0; SYMBOLS];
    mlse.apply(&x, &mut d)?;
    Ok(Case {
        kernel: "MLSE",
        size: "4 states, 1 stream",
        check: "best path",
        failure: compare(&x, &d, &ONE_TAP),
        symbols: SYMBOLS,
        uses: vec![(Roof::Logic, FOUR)],
        work: Box::new(move || {
            let _ = mlse.apply(&x, &mut d);
        }),
    })
}

pub(in super::super) fn soft(level: Level) -> Result<Case> {
    let mlse = plan(level, &ONE_TAP)?;
    let (sent, x) = received(9, SYMBOLS, &ONE_TAP, 0.3);
    let mut llr = vec![[Llr(0.0); 2]; SYMBOLS];
    mlse.soft(&x, 0.3, &mut llr)?;
    // Where the hard path is right, the signs are those of its symbols.
    let mut d = vec![0; SYMBOLS];
    mlse.apply(&x, &mut d)?;
    let bit = |l: Llr| u8::from(l.0 < 0.0);
    let differs = (0..SYMBOLS).find(|&n| {
        let gray = 2 * bit(llr[n][0]) + bit(llr[n][1]);
        pam4::SYMBOL_TO_GRAY[usize::from(d[n])] != gray && d[n] == sent[n]
    });
    Ok(Case {
        kernel: "MLSE",
        size: "4 states, max-log, 1 stream",
        check: "signs of the path",
        failure: differs.map(|n| format!("value {n} has the signs of another symbol")),
        symbols: SYMBOLS,
        uses: vec![(Roof::Logic, SOFT)],
        work: Box::new(move || {
            let _ = mlse.soft(&x, 0.3, &mut llr);
        }),
    })
}
