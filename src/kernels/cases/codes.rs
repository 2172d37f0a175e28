//! The integer datapath.

use crate::Level;
use crate::equalizer::fixed::{
    FixedDfe, FixedDfeConfig, FixedFfe, FixedFfeConfig, FixedMlse, FixedMlseConfig, reference,
};
use crate::error::Result;
use crate::simd::roof::Roof;

use super::super::data::{difference, received};
use super::Case;

/// Samples of a feed-forward call.
const BLOCK: usize = 4096;
/// Samples of all streams per call: they stay in the second-level cache.
const SYMBOLS: usize = 1 << 16;
const STREAMS: usize = 64;

/// Samples of PAM4 levels `2 scale` apart with noise.
fn samples(seed: u64, n: usize, response: &[f32], scale: f32) -> Vec<i16> {
    let (_, x) = received(seed, n, response, 0.2);
    x.iter()
        .map(|x| (scale * x).round().clamp(-128.0, 127.0) as i16)
        .collect()
}

/// The rows of interleaved streams and the streams interleaved.
fn woven(seed: u64, response: &[f32], scale: f32) -> (Vec<Vec<i16>>, Vec<i16>) {
    let n = SYMBOLS / STREAMS;
    let rows: Vec<Vec<i16>> = (0..STREAMS as u64)
        .map(|s| samples(seed + s, n, response, scale))
        .collect();
    let x = (0..SYMBOLS)
        .map(|i| rows[i % STREAMS][i / STREAMS])
        .collect();
    (rows, x)
}

pub(in super::super) fn ffe(level: Level) -> Result<Case> {
    let mut taps: Vec<i16> = (0..21).map(|k| 9 - 5 * (k % 4)).collect();
    taps[5] = 110;
    let config = FixedFfeConfig {
        taps,
        precursors: 5,
        ..FixedFfeConfig::default()
    };
    let ffe = FixedFfe::with_level(&config, level)?;
    let x: Vec<i8> = samples(5, BLOCK, &[1.0, 0.4], 12.0)
        .iter()
        .map(|&x| x.clamp(-64, 63) as i8)
        .collect();
    let mut y = vec![0; BLOCK];
    ffe.apply(&x, &mut y)?;
    let want = reference::ffe(&config.taps, config.precursors, &config.words, &x);
    let mut state = ffe.state();
    Ok(Case {
        kernel: "fixed FFE",
        size: "21 taps, 7 x 8 bit",
        check: "exact",
        failure: difference(&y, &want),
        symbols: BLOCK,
        // On 16-bit lanes, so half each: a product and an addition for each of 11 pairs of taps, 4 at the end.
        uses: vec![(Roof::Logic, 13.0)],
        work: Box::new(move || {
            let _ = ffe.process(&mut state, &x, &mut y);
        }),
    })
}

pub(in super::super) fn dfe(level: Level) -> Result<Case> {
    let config = FixedDfeConfig {
        taps: vec![77],
        levels: [-48, -16, 16, 48],
        ..FixedDfeConfig::default()
    };
    let dfe = FixedDfe::with_level(&config, level)?;
    let (rows, x) = woven(300, &[1.0, 0.6], 16.0);
    let mut state = dfe.state(STREAMS)?;
    let mut d = vec![0; SYMBOLS];
    dfe.process(&mut state, &x, &mut d, None)?;
    let failure = rows.iter().enumerate().find_map(|(s, row)| {
        let decided: Vec<u8> = d.iter().skip(s).step_by(STREAMS).copied().collect();
        difference(&decided, &reference::dfe(&config, &dfe.thresholds(), row).0)
    });
    Ok(Case {
        kernel: "fixed DFE",
        size: "1 tap, 64 streams",
        check: "exact",
        failure,
        symbols: SYMBOLS,
        // As for the float form, two streams to a 32-bit lane.
        uses: vec![(Roof::Logic, 4.0)],
        work: Box::new(move || {
            let _ = dfe.process(&mut state, &x, &mut d, None);
        }),
    })
}

pub(in super::super) fn mlse(level: Level) -> Result<Case> {
    let config = FixedMlseConfig::default();
    let mlse = FixedMlse::with_level(&config, level)?;
    let (rows, x) = woven(400, &[1.0, 0.5], 14.0);
    let mut state = mlse.state(STREAMS)?;
    let mut d = vec![0; SYMBOLS];
    mlse.process(&mut state, &x, &mut d)?;
    let late = mlse.latency();
    let failure = rows.iter().enumerate().find_map(|(s, row)| {
        let decided: Vec<u8> = d.iter().skip(s).step_by(STREAMS).copied().collect();
        let want = reference::mlse(&config, row);
        difference(&decided[late..], &want[..want.len() - late])
    });
    Ok(Case {
        kernel: "fixed MLSE",
        size: "4 states, 64 streams",
        check: "exact",
        failure,
        symbols: SYMBOLS,
        // 16 branches and 12 minima a step, each once, two streams to a 32-bit lane: the least it can do.
        uses: vec![(Roof::Logic, 14.0)],
        work: Box::new(move || {
            let _ = mlse.process(&mut state, &x, &mut d);
        }),
    })
}
