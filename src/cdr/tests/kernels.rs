//! Kernel and loop against the scalar reference at every level, for odd blocks and lanes.

use ndarray::Array2;

use super::{plain, record};
use crate::Level;
use crate::cdr::{Cdr, CdrConfig, Detector, reference};

/// Phases after each block of each lane, `[lane][block]`.
fn run(
    config: &CdrConfig,
    level: Level,
    lanes: usize,
    blocks: usize,
    first_lane: u64,
) -> Vec<Vec<f64>> {
    let cdr = Cdr::with_level(config, level).unwrap();
    assert_eq!(cdr.level(), level);
    let mut state = cdr.state(lanes).unwrap();
    let p = config.block;
    let records: Vec<_> = (0..lanes)
        .map(|lane| record(first_lane + lane as u64, p * blocks))
        .collect();
    let mut phases = vec![Vec::new(); lanes];
    for block in 0..blocks {
        let at = |lane: usize, k: usize| records[lane][block * p + k];
        let z = Array2::from_shape_fn((lanes, p), |(l, k)| at(l, k).sample as f32);
        let x = Array2::from_shape_fn((lanes, p), |(l, k)| at(l, k).edge as f32);
        let d = Array2::from_shape_fn((lanes, p), |(l, k)| at(l, k).decided);
        cdr.update(&mut state, z.view(), Some(x.view()), d.view())
            .unwrap();
        for lane in 0..lanes {
            phases[lane].push(state.phase_ui(lane));
        }
    }
    phases
}

#[test]
fn the_loop_equals_the_reference_at_every_level() {
    let mut levels_run = Vec::new();
    for detector in Detector::ALL {
        for block in [1, 2, 15, 16, 17, 33, 64, 100, 256] {
            for latency in [0, 1, 3] {
                let config = CdrConfig {
                    block,
                    extra_latency_blocks: latency,
                    // Wide enough for the phase to move visibly within a few blocks.
                    bandwidth_hz: 4e6 * 64.0 / block as f64,
                    ..plain(detector)
                };
                let blocks = 12;
                let data = record(7, block * blocks);
                let means = reference::block_means(&config, &data);
                let cdr = Cdr::new(&config).unwrap();
                let expected = reference::phases(&config, cdr.gains(), &means);
                let largest = expected.iter().fold(0.0f64, |m, x| m.max(x.abs()));
                assert!(
                    largest > 1e-4 || block == 1,
                    "{detector:?} {block}: {largest}"
                );
                let mut first: Option<Vec<f64>> = None;
                for level in Level::all() {
                    let got = run(&config, level, 1, blocks, 7).remove(0);
                    for (g, e) in got.iter().zip(&expected) {
                        // Single precision: 256 products of up to 30 rounded to 2^-24 each, times the
                        // loop's gain of less than one.
                        assert!(
                            (g - e).abs() < 1e-5 * largest.max(1e-3),
                            "{detector:?} {block} {level}: {g} {e}"
                        );
                    }
                    // The same bits everywhere.
                    assert_eq!(*first.get_or_insert_with(|| got.clone()), got);
                    levels_run.push(level);
                }
            }
        }
    }
    assert!(levels_run.contains(&Level::detected()));
}

#[test]
fn a_lane_does_not_know_how_many_are_beside_it() {
    for detector in Detector::ALL {
        let config = plain(detector);
        for level in Level::all() {
            let many = run(&config, level, 17, 9, 100);
            for lane in [0, 5, 16] {
                let alone = run(&config, level, 1, 9, 100 + lane as u64).remove(0);
                assert_eq!(many[lane], alone);
            }
        }
    }
}

#[test]
fn levels_with_an_offset_and_another_scale_change_nothing_but_the_unit() {
    for detector in Detector::ALL {
        let config = plain(detector);
        let data = record(3, 640);
        // Powers of two and an offset that `f32` holds, so that rounding does not differ much.
        let moved = CdrConfig {
            levels: [-2.5, -0.5, 1.5, 3.5],
            ..config.clone()
        };
        let through = |config: &CdrConfig, offset: f32| {
            let cdr = Cdr::new(config).unwrap();
            let mut state = cdr.state(1).unwrap();
            for block in data.chunks_exact(64) {
                let z = Array2::from_shape_fn((1, 64), |(_, k)| block[k].sample as f32 + offset);
                let x = Array2::from_shape_fn((1, 64), |(_, k)| block[k].edge as f32 + offset);
                let d = Array2::from_shape_fn((1, 64), |(_, k)| block[k].decided);
                cdr.update(&mut state, z.view(), Some(x.view()), d.view())
                    .unwrap();
            }
            state.phase_ui(0)
        };
        let (plain, offset) = (through(&config, 0.0), through(&moved, 0.5));
        // An offset costs a rounding of 2^-24 of a sample.
        assert!(
            (plain - offset).abs() < 1e-6,
            "{detector:?} {plain} {offset}"
        );
        assert!(plain != 0.0);
    }
}
