//! Feed-forward equalizers.

use crate::Level;
use crate::equalizer::ffe::{Ffe, FfeConfig, reference};
use crate::error::Result;
use crate::simd::Width;
use crate::simd::roof::Roof;

use super::super::data::{beyond, received};
use super::Case;

/// Samples per call: input and output stay in the first-level cache.
const BLOCK: usize = 4096;

pub(in super::super) fn ffe_5(level: Level) -> Result<Case> {
    ffe(level, 5, "5 taps")
}

pub(in super::super) fn ffe_21(level: Level) -> Result<Case> {
    ffe(level, 21, "21 taps")
}

pub(in super::super) fn ffe_64(level: Level) -> Result<Case> {
    ffe(level, 64, "64 taps")
}

fn ffe(level: Level, taps: usize, size: &'static str) -> Result<Case> {
    let main = taps / 4;
    let config = FfeConfig {
        taps: (0..taps)
            .map(|k| {
                if k == main {
                    1.0
                } else {
                    -0.3 / (1.0 + k.abs_diff(main) as f32)
                }
            })
            .collect(),
        precursors: main,
    };
    let ffe = Ffe::with_level(&config, level)?;
    let (_, x) = received(1, BLOCK, &[1.0, 0.4, 0.1], 0.1);
    let mut y = vec![0.0; BLOCK];
    ffe.apply(&x, &mut y)?;
    let want = reference::apply(&config.taps, main, &x);
    // The contract of the kernel: (taps + 1) roundings of the sum of magnitudes.
    let unit = (taps + 1) as f64 * 2f64.powi(-24);
    let bound: Vec<f64> = reference::magnitude(&config.taps, main, &x)
        .iter()
        .map(|m| unit * m)
        .collect();
    let mut state = ffe.state();
    Ok(Case {
        kernel: "FFE",
        size,
        check: "rounding bound",
        failure: beyond(&y, &want, &bound),
        symbols: BLOCK,
        uses: vec![(Roof::Fma(Width::Sliding), taps as f64)],
        work: Box::new(move || {
            // Lengths agree, so the call cannot fail.
            let _ = ffe.process(&mut state, &x, &mut y);
        }),
    })
}
