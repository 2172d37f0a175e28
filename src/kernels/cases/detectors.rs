//! Slicer and decision-feedback equalizer.

use crate::Level;
use crate::equalizer::dfe::{Dfe, DfeConfig, reference};
use crate::equalizer::slicer::{self, Slicer, SlicerConfig};
use crate::error::Result;
use crate::simd::roof::Roof;

use super::super::data::{difference, received};
use super::Case;

/// Symbols per call: all streams stay in the second-level cache.
const SYMBOLS: usize = 1 << 16;
/// Streams side by side.
const STREAMS: usize = 64;

pub(in super::super) fn slicer(level: Level) -> Result<Case> {
    let slicer = Slicer::with_level(&SlicerConfig::default(), level)?;
    let (_, x) = received(2, SYMBOLS / 4, &[1.0], 0.3);
    let (mut d, mut want) = (vec![0; x.len()], vec![0; x.len()]);
    slicer.slice(&x, &mut d)?;
    slicer::reference::slice(&x, &slicer.thresholds(), &mut want);
    Ok(Case {
        kernel: "slicer",
        size: "1 stream",
        check: "exact",
        failure: difference(&d, &want),
        symbols: x.len(),
        // Three comparisons; with three selections six operations.
        uses: vec![(Roof::Add, 3.0), (Roof::Logic, 6.0)],
        work: Box::new(move || {
            let _ = slicer.slice(&x, &mut d);
        }),
    })
}

pub(in super::super) fn dfe_1(level: Level) -> Result<Case> {
    // One subtraction, three comparisons, three selections, one table access.
    dfe_streams(level, &[0.6], "1 tap, 64 streams", (4.0, 8.0))
}

pub(in super::super) fn dfe_5(level: Level) -> Result<Case> {
    // Four more table accesses, three additions and a second subtraction.
    let taps = [0.5, -0.2, 0.1, 0.05, -0.03];
    dfe_streams(level, &taps, "5 taps, 64 streams", (8.0, 16.0))
}

/// Samples behind a channel with the postcursors `taps`, an open eye.
fn postcursors(seed: u64, taps: &[f32], n: usize) -> Vec<f32> {
    let response: Vec<f32> = std::iter::once(1.0).chain(taps.iter().copied()).collect();
    received(seed, n, &response, 0.25).1
}

fn dfe_streams(
    level: Level,
    taps: &[f32],
    size: &'static str,
    (adds, all): (f64, f64),
) -> Result<Case> {
    let config = DfeConfig {
        taps: taps.to_vec(),
        ..DfeConfig::default()
    };
    let dfe = Dfe::with_level(&config, level)?;
    let n = SYMBOLS / STREAMS;
    let (mut x, mut want) = (vec![0.0; SYMBOLS], vec![0; SYMBOLS]);
    for s in 0..STREAMS {
        let row = postcursors(10 + s as u64, taps, n);
        let decided = reference::decide_stream(&row, taps, &config.levels, &dfe.thresholds()).0;
        for i in 0..n {
            x[i * STREAMS + s] = row[i];
            want[i * STREAMS + s] = decided[i];
        }
    }
    let mut state = dfe.state(STREAMS)?;
    let mut d = vec![0; SYMBOLS];
    dfe.process_interleaved(&mut state, &x, &mut d)?;
    Ok(Case {
        kernel: "DFE",
        size,
        check: "exact",
        failure: difference(&d, &want),
        symbols: SYMBOLS,
        uses: vec![(Roof::Add, adds), (Roof::Logic, all)],
        work: Box::new(move || {
            let _ = dfe.process_interleaved(&mut state, &x, &mut d);
        }),
    })
}

pub(in super::super) fn dfe_stream(level: Level) -> Result<Case> {
    let config = DfeConfig {
        taps: vec![0.6],
        ..DfeConfig::default()
    };
    let dfe = Dfe::with_level(&config, level)?;
    let x = postcursors(3, &config.taps, SYMBOLS);
    let want = reference::decide_stream(&x, &config.taps, &config.levels, &dfe.thresholds()).0;
    let mut state = dfe.state(1)?;
    let mut d = vec![0; SYMBOLS];
    dfe.process(&mut state, &x, &mut d)?;
    Ok(Case {
        kernel: "DFE",
        size: "1 tap, 1 stream",
        check: "exact",
        failure: difference(&d, &want),
        symbols: SYMBOLS,
        uses: vec![(Roof::Add, 4.0), (Roof::Logic, 8.0)],
        work: Box::new(move || {
            let _ = dfe.process(&mut state, &x, &mut d);
        }),
    })
}
