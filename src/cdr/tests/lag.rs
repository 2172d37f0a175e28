//! Samples that wait for their decisions.

use std::collections::VecDeque;

use ndarray::Array2;

use super::{bell, plain};
use crate::cdr::detector::gain;
use crate::cdr::reference::{Source, SourceConfig};
use crate::cdr::{Cdr, CdrConfig, Detector, LockConfig};

#[test]
fn a_lag_of_the_samples_does_not_change_the_measured_gain() {
    let known = gain(&plain(Detector::MuellerMuller), &bell(), 0.1).unwrap();
    for sample_lag in [0, 6, 20, 64, 70, 130] {
        let config = CdrConfig {
            detector_gain: known.gain_per_ui,
            bandwidth_hz: 2e6,
            probe_ui: 1.0 / 32.0,
            sample_lag,
            lock: LockConfig {
                window_blocks: 2048,
                ..LockConfig::default()
            },
            ..plain(Detector::MuellerMuller)
        };
        let cdr = Cdr::new(&config).unwrap();
        let mut state = cdr.state(1).unwrap();
        let from = SourceConfig {
            noise_sigma: 0.1,
            ..SourceConfig::default()
        };
        let mut source = Source::new(&from, &bell()).unwrap();
        let mut waiting = VecDeque::from(vec![(0.0f32, 0u8); sample_lag]);
        for block in 0..2048 {
            let phase = state.phase_ui(0);
            let mut row = (Array2::zeros((1, 64)), Array2::zeros((1, 64)));
            for k in 0..64 {
                let t = f64::from(block * 64 + k as i32) + phase;
                let symbol = source.symbol(t.round() as i64);
                waiting.push_back((source.sample(t) as f32, symbol));
                (row.0[[0, k]], row.1[[0, k]]) = waiting.pop_front().unwrap();
            }
            cdr.update(&mut state, row.0.view(), None, row.1.view())
                .unwrap();
        }
        let e = state.lock(0).evidence;
        let off = e.gain_per_ui - known.gain_per_ui;
        // Five standard deviations and what the curvature of the S-curve takes.
        assert!(
            off.abs() < 5.0 * e.gain_sigma + 0.05 * known.gain_per_ui,
            "{sample_lag} {e:?} {known:?}"
        );
        assert!(e.gain_sigma < 0.1 * known.gain_per_ui);
    }
    let at = |sample_lag| {
        Cdr::new(&CdrConfig {
            sample_lag,
            ..CdrConfig::default()
        })
    };
    assert!(at(24).is_ok() && at(40).is_ok());
    let error = at(32).unwrap_err().to_string();
    assert_eq!(error, "sample_lag is 32, must lie between 0 and 24");
}
