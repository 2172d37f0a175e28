//! Taps that follow the signal at the start, then are frozen.
//!
//! The recovered clock keeps tracking while the samples are taken; feed-forward and feedback taps then follow
//! them by least mean squares, known symbols as targets, stream after stream. What is pinned: the levels, and
//! with them the scale. The timing needs no pin: its detector looks at the samples of the converter, in front
//! of all taps, so no tap can push the phase and taps and phase cannot drift together.

use crate::equalizer::adapt::{AdaptConfig, Adapter, Parts, Schedule};
use crate::equalizer::ffe::FfeConfig;
use crate::error::Result;
use crate::pam4::variance;
use crate::simd::Level;

use super::super::super::chain::Chain;
use super::super::super::config::Detector;
use super::super::super::segment::Equalizer;
use super::lane::Record;

/// Step over what would be unstable, of the feed-forward and of the feedback taps (ours: a misadjustment of
/// 1 %, a quarter of it in the second half of a record).
const STEP: f64 = 0.02;

/// The taps of an equalizer after one pass over the records of all streams, at `gear` times the step.
pub(super) fn adapted(
    chain: &Chain,
    start: &Equalizer,
    records: &[Record],
    gear: f64,
    level: Level,
) -> Result<Equalizer> {
    let mut taps = start.clone();
    for record in records {
        let n = record.samples.len();
        let power = record.samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / n.max(1) as f64;
        let of = variance(chain.levels);
        let step = |power: f64, count: usize| {
            if power > 0.0 && count > 0 {
                (gear * STEP / (power * count as f64)) as f32
            } else {
                0.0
            }
        };
        let adapter = Adapter::with_level(
            &AdaptConfig {
                ffe: FfeConfig {
                    taps: taps.ffe.clone(),
                    precursors: taps.precursors,
                },
                dfe: taps.dfe.clone(),
                levels: chain.levels.map(|l| l as f32),
                steps: Parts {
                    ffe: step(power, taps.ffe.len()),
                    // The target of a sequence detector is not the signal's to choose.
                    dfe: match taps.detector {
                        Detector::Dfe => step(of, taps.dfe.len()),
                        Detector::Mlse => 0.0,
                    },
                    ..Parts::default()
                },
                schedule: Schedule::Gears(vec![(n as u64 / 2, 0.25)]),
                ..AdaptConfig::default()
            },
            level,
        )?;
        let mut state = adapter.state();
        let (mut y, mut d) = (vec![0.0; n], vec![0; n]);
        adapter.train(&mut state, &record.samples, &record.symbols, &mut y, &mut d)?;
        let now = state.equalizer();
        if now.check().is_ok() {
            taps.ffe.clone_from(&now.ffe);
            let most = chain.receiver.dfe_max as f32;
            taps.dfe = now.dfe.iter().map(|b| b.clamp(0.0, most)).collect();
        }
    }
    Ok(taps)
}
