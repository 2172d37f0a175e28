//! Acquisition from anywhere, with nothing known.

use ndarray::Array2;

use super::{bell, skewed};
use crate::cdr::reference::{Source, SourceConfig};
use crate::cdr::{
    Acquisition, AcquisitionConfig, AcquisitionFailure, CdrConfig, LockConfig, Stage,
};
use crate::signal::Pulse;

/// Runs to the end; the equalizer of this caller is the knowledge of the symbol nearest to the sample
/// less `main_ui`, as good as one that works. Returns the state and the sources.
fn acquire(
    config: &CdrConfig,
    times: &AcquisitionConfig,
    mut sources: Vec<Source>,
    main_ui: f64,
) -> (crate::cdr::AcquisitionState, Vec<Source>, u64) {
    let acquisition = Acquisition::new(config, times).unwrap();
    let lanes = sources.len();
    let mut state = acquisition.state(lanes).unwrap();
    let p = config.block;
    let mut block = 0u64;
    let (mut z, mut x) = (Array2::zeros((lanes, p)), Array2::zeros((lanes, p)));
    let mut d = Array2::zeros((lanes, p));
    while state.stage() != Stage::Done {
        let stage = state.stage();
        for (lane, source) in sources.iter_mut().enumerate() {
            let phase = state.phase_ui(lane);
            for k in 0..p {
                let t = (block * p as u64 + k as u64) as f64 + phase;
                if stage.wants_edges(config.detector) {
                    x[[lane, k]] = source.sample(t - 0.5) as f32;
                }
                z[[lane, k]] = source.sample(t) as f32;
                if stage.wants_decisions(config.detector) {
                    let place = t - source.phase_ui(t) - main_ui;
                    d[[lane, k]] = source.symbol(place.round() as i64);
                }
            }
        }
        let edges = stage.wants_edges(config.detector).then(|| x.view());
        acquisition
            .update(&mut state, z.view(), edges, d.view())
            .unwrap();
        block += 1;
    }
    (state, sources, block * p as u64)
}

fn short() -> (CdrConfig, AcquisitionConfig) {
    let config = CdrConfig {
        lock: LockConfig {
            window_blocks: 1024,
            ..LockConfig::default()
        },
        probe_ui: 1.0 / 64.0,
        ..CdrConfig::default()
    };
    let times = AcquisitionConfig {
        line_blocks: 512,
        settle_blocks: 256,
        equalize_blocks: 512,
        ..AcquisitionConfig::default()
    };
    (config, times)
}

fn sources(pulse: &Pulse, lanes: u64, noise: f64) -> Vec<Source> {
    (0..lanes)
        .map(|lane| {
            let config = SourceConfig {
                // Every phase, and frequencies from one end of the span to the other.
                phase_ui: lane as f64 / lanes as f64 - 0.5,
                ppm: -200.0 + 400.0 * lane as f64 / (lanes.max(2) - 1) as f64,
                noise_sigma: noise,
                seed: (77, lane),
                ..SourceConfig::default()
            };
            Source::new(&config, pulse).unwrap()
        })
        .collect()
}

#[test]
fn sixteen_lanes_lock_from_anywhere() {
    for (pulse, noise, zero) in [(skewed(), 0.15, 0.249), (bell(), 0.3, 0.0)] {
        let (config, times) = short();
        let (state, sources, at) = acquire(&config, &times, sources(&pulse, 16, noise), zero);
        for (lane, source) in sources.iter().enumerate() {
            let report = state.lock(lane);
            let line = state.line(lane);
            assert_eq!(state.failure(lane), None, "{lane} {line:?} {report:?}");
            assert!(report.is_locked(), "{lane} {report:?}");
            let ppm = -200.0 + 400.0 * lane as f64 / 15.0;
            // The line's own error: sqrt(6 / strength) / (2 pi n) UI per block at n blocks, five times.
            let bound = 5.0 * (6.0 / line.strength).sqrt()
                / (std::f64::consts::TAU * line.blocks as f64)
                / 64e-6;
            assert!(
                (line.frequency_ppm - ppm).abs() < bound,
                "{lane} {line:?} {ppm} {bound}"
            );
            assert!(
                (report.evidence.frequency_ppm - ppm).abs() < 5.0,
                "{report:?} {ppm}"
            );
            // At the detector's own zero, whichever symbol it is of.
            let t = at as f64 + 31.5;
            let phase = state.phase_ui(lane);
            let off = phase - source.phase_ui(t + phase) - zero;
            assert!((off - off.round()).abs() < 0.08, "{lane} {off}");
            if lane % 5 == 0 {
                println!("{lane}: {line:?} {:?} at {at}", report.evidence);
            }
        }
    }
}

#[test]
fn noise_and_silence_and_garbage_fail_with_evidence() {
    let (config, times) = short();
    let times = AcquisitionConfig {
        max_line_blocks: 1024,
        ..times
    };
    let mut lanes = sources(&skewed(), 4, 0.15);
    let quiet = |noise_sigma, seed| {
        let config = SourceConfig {
            levels: [0.0; 4],
            noise_sigma,
            seed: (seed, 0),
            ..SourceConfig::default()
        };
        Source::new(&config, &bell()).unwrap()
    };
    lanes[1] = quiet(2.0, 5);
    lanes[2] = quiet(0.0, 6);
    lanes[3] = quiet(f64::NAN, 7);
    let (state, _, _) = acquire(&config, &times, lanes, 0.249);
    assert_eq!(state.failure(0), None);
    assert!(state.lock(0).is_locked());
    match state.failure(1) {
        Some(AcquisitionFailure::NoLine { strength, needed }) => {
            assert!(strength < needed && needed > 20.0, "{strength} {needed}");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        state.failure(2),
        Some(AcquisitionFailure::NoLine { .. })
    ));
    assert!(matches!(
        state.failure(3),
        Some(AcquisitionFailure::BadSamples {
            blocks: 1024,
            of: 1024
        })
    ));
    for lane in 1..4 {
        assert!(!state.lock(lane).is_locked());
        assert!(state.phase_ui(lane).is_finite());
    }
}

#[test]
fn bad_settings_are_errors() {
    let (config, times) = short();
    let text =
        |c: &CdrConfig, t: AcquisitionConfig| Acquisition::new(c, &t).unwrap_err().to_string();
    assert!(
        text(
            &config,
            AcquisitionConfig {
                line_blocks: 3,
                ..times
            }
        )
        .starts_with("line_blocks is 3")
    );
    assert!(
        text(
            &config,
            AcquisitionConfig {
                span_ppm: 600.0,
                ..times
            }
        )
        .starts_with("span_ppm is 600")
    );
    assert!(
        text(
            &config,
            AcquisitionConfig {
                bandwidth_hz: 1e12,
                ..times
            }
        )
        .starts_with("bandwidth_hz is 1e12")
    );
    let blind = CdrConfig {
        probe_ui: 0.0,
        ..config.clone()
    };
    assert!(text(&blind, times).starts_with("probe_ui is 0"));
    let wide = CdrConfig {
        max_ppm: 5000.0,
        ..config
    };
    assert!(
        text(
            &wide,
            AcquisitionConfig {
                span_ppm: 4000.0,
                ..times
            }
        )
        .starts_with("span_ppm * block / 1e6")
    );
}
