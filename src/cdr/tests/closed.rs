//! The loop closed around a signal: where it locks, how it follows, what it says of itself.

use super::{Bench, bell, plain, skewed};
use crate::cdr::detector::{DetectorGain, gain};
use crate::cdr::reference::{Source, SourceConfig};
use crate::cdr::{CdrConfig, Detector, LockConfig, NotLocked, SlipCounter, jitter_transfer};
use crate::signal::Pulse;

/// The pulse that a detector is tried on, its noise and what it does there.
fn case(detector: Detector) -> (Pulse, f64, DetectorGain) {
    let (pulse, noise) = match detector {
        Detector::SignMuellerMuller => (bell(), 0.15),
        // Noise makes a straight piece of a bang-bang detector's step.
        Detector::Alexander => (bell(), 0.6),
        _ => (skewed(), 0.15),
    };
    let gain = gain(&plain(detector), &pulse, noise).unwrap();
    (pulse, noise, gain)
}

/// A loop with the gain of its case.
fn config(detector: Detector, gain: &DetectorGain) -> CdrConfig {
    CdrConfig {
        detector_gain: gain.gain_per_ui,
        bandwidth_hz: 8e6,
        extra_latency_blocks: 2,
        ..plain(detector)
    }
}

fn source(pulse: &Pulse, noise: f64, lane: u64, change: impl FnOnce(&mut SourceConfig)) -> Source {
    let mut config = SourceConfig {
        noise_sigma: noise,
        seed: (11, lane),
        ..SourceConfig::default()
    };
    change(&mut config);
    Source::new(&config, pulse).unwrap()
}

#[test]
fn the_running_loop_settles_on_the_zero_of_its_detector() {
    for detector in Detector::ALL {
        let (pulse, noise, gain) = case(detector);
        let config = config(detector, &gain);
        let sources = (0..2u32)
            .map(|lane| {
                source(&pulse, noise, lane.into(), |c| {
                    c.phase_ui = 0.1 - 0.2 * f64::from(lane);
                    c.ppm = 100.0 - 200.0 * f64::from(lane);
                })
            })
            .collect();
        let mut bench = Bench::new(&config, sources, gain.lock_phase_ui);
        for lane in 0..2 {
            // Signs saturate: from far off their loop would slip first.
            let near = 90.0 - 180.0 * lane as f64;
            bench.state.place(lane, gain.lock_phase_ui, near).unwrap();
        }
        for _ in 0..4000 {
            bench.step();
        }
        let blocks = 4000;
        let (mut sum, mut squares) = ([0.0; 2], [0.0; 2]);
        for _ in 0..blocks {
            bench.step();
            for lane in 0..2 {
                let e = bench.error_ui(lane) - gain.lock_phase_ui;
                sum[lane] += e;
                squares[lane] += e * e;
            }
        }
        let jitter = gain.block_phase_sigma_ui(64) * bench.cdr.model().noise_gain().sqrt();
        for lane in 0..2 {
            let mean = sum[lane] / f64::from(blocks);
            let sigma = (squares[lane] / f64::from(blocks) - mean * mean).sqrt();
            println!("{detector:?}: {gain:?} mean {mean:.5} sigma {sigma:.5} model {jitter:.5}");
            // The zero of a counted detector is known to its noise over 256; the mean of a loop over n
            // blocks to a block's noise over sqrt(n). Four times both.
            let zero = gain.noise_per_symbol.sqrt() / 256.0 / gain.gain_per_ui;
            let run = gain.block_phase_sigma_ui(64) / f64::from(blocks).sqrt();
            assert!(
                mean.abs() < 4.0 * (run + zero),
                "{detector:?} {mean} {run} {zero}"
            );
            // The jitter is the model's within a third: outputs of neighbouring blocks are not quite
            // independent, and the gain of a signed detector falls with the jitter itself.
            assert!(
                (sigma / jitter - 1.0).abs() < 0.33,
                "{detector:?} {sigma} {jitter}"
            );
            assert!((bench.state.frequency_ppm(lane).abs() - 100.0).abs() < 15.0);
        }
    }
}

#[test]
fn the_measured_transfer_is_that_of_the_model() {
    for detector in Detector::ALL {
        let (pulse, noise, gain) = case(detector);
        let config = config(detector, &gain);
        let mut model = None;
        let shares = [0.3, 0.7, 1.0, 1.4, 3.0];
        let frequencies = shares.map(|s| s * config.bandwidth_hz);
        let designed = config.model().unwrap();
        let transfer = jitter_transfer(&designed, &frequencies, 0.02, |sine| {
            let skip = 2000;
            let start = f64::from(skip * 64);
            let turns = sine.frequency_hz / config.baud_hz;
            let from = source(&pulse, noise, 3, |c| {
                c.jitter = (sine.amplitude_ui, turns);
                // The sine starts with the record.
                c.jitter_start_ui = start;
            });
            let mut bench = Bench::new(&config, vec![from], gain.lock_phase_ui);
            bench.state.place(0, gain.lock_phase_ui, 0.0)?;
            model = Some(bench.cdr.model());
            for _ in 0..skip {
                bench.step();
            }
            Ok((0..6000)
                .map(|_| {
                    let phase = bench.state.phase_ui(0);
                    bench.step();
                    phase
                })
                .collect())
        })
        .unwrap();
        assert_eq!(model, Some(designed));
        for p in &transfer.points {
            println!(
                "{detector:?} {:.1} MHz: {:.4} +- {:.4}, model {:.4}",
                p.frequency_hz / 1e6,
                p.measured.norm(),
                p.sigma,
                p.model.norm()
            );
            let off = (p.measured - p.model).norm();
            assert!(
                off < 0.1 * p.model.norm() + 3.0 * p.sigma,
                "{detector:?} {p:?}"
            );
            // Three of these must not hide the ten percent.
            assert!(p.sigma < 0.05, "{p:?}");
        }
        let bandwidth = transfer.bandwidth_hz.unwrap();
        println!(
            "{detector:?} -3 dB: {bandwidth:.4e} model {:.4e}",
            transfer.model_bandwidth_hz
        );
        assert!((bandwidth / transfer.model_bandwidth_hz - 1.0).abs() < 0.1);
    }
}

/// A loop with a short window of evidence and its probe.
fn watched(detector: Detector, gain: &DetectorGain) -> CdrConfig {
    CdrConfig {
        probe_ui: 1.0 / 64.0,
        phase_steps: Some(64),
        lock: LockConfig {
            window_blocks: 2048,
            ..LockConfig::default()
        },
        ..config(detector, gain)
    }
}

#[test]
fn a_locked_lane_says_so_and_measures_its_detector() {
    for detector in Detector::ALL {
        let (pulse, noise, gain) = case(detector);
        let config = watched(detector, &gain);
        let from = source(&pulse, noise, 5, |c| c.ppm = -150.0);
        let mut bench = Bench::new(&config, vec![from], gain.lock_phase_ui);
        bench.state.place(0, gain.lock_phase_ui, -140.0).unwrap();
        assert!(matches!(
            bench.state.lock(0).not_locked,
            Some(NotLocked::TooFew {
                blocks: 0,
                needed: 2048
            })
        ));
        for _ in 0..3 * 2048 {
            bench.step();
        }
        let report = bench.state.lock(0);
        println!("{detector:?} {gain:?} {report:?}");
        assert!(report.is_locked(), "{report:?}");
        assert_eq!(report.slips, 0);
        let e = report.evidence;
        assert!((e.frequency_ppm + 150.0).abs() < 5.0, "{e:?}");
        // Four standard deviations and a tenth: jitter and quantised phases average the slope of an
        // S-curve that is not straight.
        let off = (e.gain_per_ui - gain.gain_per_ui).abs();
        assert!(
            off < 4.0 * e.gain_sigma + 0.1 * gain.gain_per_ui,
            "{e:?} {gain:?}"
        );
        assert!(e.gain_sigma < 0.2 * gain.gain_per_ui);
    }
}

#[test]
fn noise_alone_never_locks() {
    let mut reasons = Vec::new();
    for detector in Detector::ALL {
        let (pulse, _, gain) = case(detector);
        let config = CdrConfig {
            lock: LockConfig {
                window_blocks: 256,
                ..LockConfig::default()
            },
            ..watched(detector, &gain)
        };
        let sources = (0..8)
            .map(|lane| source(&pulse, 2.0, lane, |c| c.levels = [-0.0, 0.0, 0.0, 0.0]))
            .collect();
        let mut bench = Bench::new(&config, sources, 0.0);
        // Decisions made of the noise itself, and decisions of something else.
        bench.sliced = |lane| lane % 2 == 0;
        for block in 1..=256 * 24 {
            bench.step();
            if block % 256 == 0 {
                for lane in 0..8 {
                    let report = bench.state.lock(lane);
                    assert!(!report.is_locked(), "{detector:?} {report:?}");
                    reasons.push(report.not_locked.unwrap());
                }
            }
        }
    }
    // 768 windows; nearly all fail for want of a slope, the rest for a frequency that wanders.
    let slope = |r: &&NotLocked| matches!(r, NotLocked::NoSlope { .. });
    assert!(reasons.iter().filter(slope).count() > 760);
}

#[test]
fn without_a_probe_nothing_is_locked() {
    let (pulse, noise, gain) = case(Detector::MuellerMuller);
    let config = CdrConfig {
        probe_ui: 0.0,
        ..watched(Detector::MuellerMuller, &gain)
    };
    let mut bench = Bench::new(
        &config,
        vec![source(&pulse, noise, 1, |_| {})],
        gain.lock_phase_ui,
    );
    for _ in 0..2048 {
        bench.step();
    }
    assert_eq!(bench.state.lock(0).not_locked, Some(NotLocked::NotProbed));
}

#[test]
fn a_frequency_out_of_reach_is_named() {
    let (pulse, noise, gain) = case(Detector::MuellerMuller);
    let config = CdrConfig {
        max_ppm: 50.0,
        ..watched(Detector::MuellerMuller, &gain)
    };
    let from = source(&pulse, noise, 1, |c| c.ppm = 120.0);
    let mut bench = Bench::new(&config, vec![from], gain.lock_phase_ui);
    bench.state.place(0, gain.lock_phase_ui, 50.0).unwrap();
    for _ in 0..2 * 2048 {
        bench.step();
    }
    let report = bench.state.lock(0);
    assert!(
        matches!(
            report.not_locked,
            Some(NotLocked::FrequencyLimit { .. } | NotLocked::Offset { .. })
        ),
        "{report:?}"
    );
}

#[test]
fn a_phase_that_jumps_by_a_symbol_is_a_slip() {
    for direction in [1.0, -1.0] {
        let (pulse, noise, gain) = case(Detector::MuellerMuller);
        let config = watched(Detector::MuellerMuller, &gain);
        let mut bench = Bench::new(
            &config,
            vec![source(&pulse, noise, 1, |_| {})],
            gain.lock_phase_ui,
        );
        bench.state.place(0, gain.lock_phase_ui, 0.0).unwrap();
        let mut true_slips = SlipCounter::default();
        for block in 0..3 * 2048 {
            // One UI within 100 blocks, six time constants of this loop.
            if (3000..3100).contains(&block) {
                bench.sources[0].shift(0.01 * direction);
            }
            bench.step();
            // Against a phase that does not know of the shift.
            true_slips.follow(bench.state.loop_phase_ui(0));
        }
        assert_eq!(bench.state.lock(0).slips, 1, "{direction}");
        assert_eq!(true_slips.count(), 1);
        bench.state.reset_slips();
        assert_eq!(bench.state.lock(0).slips, 0);
    }
}
