//! Adaptive equalizers.

use crate::Level;
use crate::equalizer::adapt::{AdaptConfig, Adapter, Parts, Streams, reference::Reference};
use crate::equalizer::ffe::FfeConfig;
use crate::error::Result;
use crate::pam4;
use crate::simd::Width;
use crate::simd::roof::Roof;

use super::super::data::{beyond, received};
use super::Case;

const TAPS: usize = 21;
const STEP: f32 = 1e-4;
/// Symbols of one stream per call.
const BLOCK: usize = 4096;
/// Symbols of each of many streams per call.
const SHORT: usize = 512;
const STREAMS: usize = 32;
/// Thousands of updates in `f32`, each rounded to some 2^-24 of a tap, leave outputs of up to 4 this far apart.
const TOLERANCE: f64 = 1e-3;

fn config() -> AdaptConfig {
    let mut taps = vec![0.0; TAPS];
    taps[0] = 1.0;
    AdaptConfig {
        ffe: FfeConfig {
            taps,
            precursors: 0,
        },
        steps: Parts {
            ffe: STEP,
            ..Parts::default()
        },
        ..AdaptConfig::default()
    }
}

/// Outputs of the plain algorithm in `f64`.
fn outputs(x: &[f32], symbols: &[u8]) -> Vec<f64> {
    let config = config();
    let levels = pam4::LEVELS.map(f64::from);
    let mut plain = Reference {
        ffe: config.ffe.taps.iter().map(|&t| f64::from(t)).collect(),
        dfe: vec![],
        gain: 1.0,
        offset: 0.0,
        levels,
        thresholds: Reference::midway(&levels),
        ffe_step: f64::from(STEP),
        pinned: None,
        ffe_keep: None,
        minus_dfe_step: 0.0,
        dfe_keep: None,
        gain_step: None,
        offset_step: None,
        level_steps: [None; 4],
        sign_error: false,
        sign_data: false,
    };
    let mut window = vec![0.0; TAPS];
    x.iter()
        .zip(symbols)
        .map(|(&x, &s)| {
            window.rotate_right(1);
            window[0] = f64::from(x);
            plain.step(&window, &[], Some(s)).y
        })
        .collect()
}

/// Filter and update: two products a tap and symbol.
fn uses() -> Vec<(Roof, f64)> {
    vec![(Roof::Fma(Width::Widest), 2.0 * TAPS as f64)]
}

pub(in super::super) fn one_stream(level: Level) -> Result<Case> {
    let adapter = Adapter::with_level(&config(), level)?;
    let (symbols, x) = received(4, BLOCK, &[1.0, 0.3], 0.1);
    let mut state = adapter.state();
    let (mut y, mut d) = (vec![0.0; BLOCK], vec![0; BLOCK]);
    adapter.train(&mut state, &x, &symbols, &mut y, &mut d)?;
    Ok(Case {
        kernel: "LMS",
        size: "21 taps, 1 stream",
        check: "1e-3 of the plain run",
        failure: beyond(&y, &outputs(&x, &symbols), &vec![TOLERANCE; BLOCK]),
        symbols: BLOCK,
        uses: uses(),
        work: Box::new(move || {
            let _ = adapter.train(&mut state, &x, &symbols, &mut y, &mut d);
        }),
    })
}

pub(in super::super) fn streams(level: Level) -> Result<Case> {
    let plan = Streams::with_level(&config(), level)?;
    let n = SHORT * STREAMS;
    let (mut x, mut symbols) = (vec![0.0; n], vec![0; n]);
    let mut want = vec![0.0; n];
    for s in 0..STREAMS {
        let (sent, row) = received(100 + s as u64, SHORT, &[1.0, 0.3], 0.1);
        let answer = outputs(&row, &sent);
        for i in 0..SHORT {
            let at = i * STREAMS + s;
            (x[at], symbols[at], want[at]) = (row[i], sent[i], answer[i]);
        }
    }
    let mut state = plan.state(STREAMS)?;
    let (mut y, mut d) = (vec![0.0; n], vec![0; n]);
    plan.train(&mut state, &x, &symbols, &mut y, &mut d)?;
    Ok(Case {
        kernel: "LMS",
        size: "21 taps, 32 streams",
        check: "1e-3 of the plain run",
        failure: beyond(&y, &want, &vec![TOLERANCE; n]),
        symbols: n,
        uses: uses(),
        work: Box::new(move || {
            let _ = plan.train(&mut state, &x, &symbols, &mut y, &mut d);
        }),
    })
}
