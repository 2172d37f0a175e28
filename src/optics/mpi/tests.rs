//! Interference against the sum of two fields, its walk, its penalty.

use super::reference::two_fields;
use super::*;
use crate::optics::detector::Detector;
use crate::optics::modulator::LevelPowers;

const SMALL: MpiConfig = MpiConfig {
    ratio_db: -26.0,
    start_rad: 0.8,
    step_rad: 0.5,
    interval_symbols: 10,
    seed: 5,
    stream: 77,
};

fn powers(n: usize, step: f32) -> Vec<f32> {
    (0..n)
        .map(|i| ((i as f32 * step).sin() + 1.1) * 1e-3)
        .collect()
}

#[test]
fn every_level_equals_the_sum_of_two_fields() {
    let mut first: Option<Vec<f32>> = None;
    for level in Level::all() {
        let mpi = Mpi::with_level(&SMALL, level).unwrap();
        let state = mpi.state();
        for n in [0, 1, 3, 4, 5, 15, 16, 17, 40, 333] {
            let (p, d) = (powers(n, 0.7), powers(n, 0.31));
            let (mut got, mut mean) = (p.clone(), p.clone());
            mpi.apply(&state, 3, &mut got, &d).unwrap();
            mpi.apply_mean(&state, 3, &mut mean, 1.1e-3).unwrap();
            for i in 0..n {
                let phase = mpi.phase_rad(&state, 3 + i as u64);
                let ratio = 10f64.powf(-2.6);
                let (x, y) = (f64::from(p[i]), f64::from(d[i]));
                // Roundings of f32: a few parts in 1e7 of the sum.
                let most = 5e-7 * (x + y);
                let want = two_fields(x, y, ratio, phase);
                assert!((f64::from(got[i]) - want).abs() < most, "{level} {i}/{n}");
                let want = two_fields(x, 1.1e-3, ratio, phase);
                assert!((f64::from(mean[i]) - want).abs() < most, "{level} {i}/{n}");
            }
            if n == 333 && level.is_fused() {
                // The normal numbers of the walk are equal at the FMA levels.
                assert_eq!(first.get_or_insert_with(|| got.clone()), &got, "{level}");
            }
        }
    }
}

#[test]
fn fields_interfere_as_their_powers_do() {
    for level in Level::all() {
        let mpi = Mpi::with_level(&SMALL, level).unwrap();
        let state = mpi.state();
        let detector = Detector::with_level(1.0, level).unwrap();
        let (p, d) = (powers(100, 0.7), powers(100, 0.31));
        // Both fields turned by one phase: it drops out of the power.
        let turned = |p: &[f32], f: fn(f32) -> f32| -> Vec<f32> {
            p.iter()
                .enumerate()
                .map(|(i, p)| p.sqrt() * f(i as f32 * 0.2))
                .collect()
        };
        let (mut re, mut im) = (turned(&p, f32::cos), turned(&p, f32::sin));
        let (dre, dim) = (turned(&d, f32::cos), turned(&d, f32::sin));
        mpi.apply_field(&state, 7, (&mut re, &mut im), (&dre, &dim))
            .unwrap();
        detector.square_law_in_place(&mut re, &im).unwrap();
        let mut power = p.clone();
        mpi.apply(&state, 7, &mut power, &d).unwrap();
        for i in 0..100 {
            // Roundings of both ways: a few parts in 1e7 of the sum.
            assert!(
                (re[i] - power[i]).abs() < 1e-6 * (p[i] + d[i]),
                "{level} {i}"
            );
        }
    }
}

#[test]
fn splits_of_a_stream_give_the_same_bits() {
    let mpi = Mpi::new(&SMALL).unwrap();
    let (p, d) = (powers(500, 0.7), powers(500, 0.31));
    let mut whole = p.clone();
    mpi.apply(&mpi.state(), 0, &mut whole, &d).unwrap();
    for size in [1, 7, 10, 64, 499] {
        let (mut state, mut split) = (mpi.state(), p.clone());
        let mut at = 0;
        while at < 500 {
            let end = (at + size).min(500);
            mpi.advance(&mut state, at as u64);
            mpi.apply(&state, at as u64, &mut split[at..end], &d[at..end])
                .unwrap();
            at = end;
        }
        assert_eq!(split, whole, "blocks of {size}");
    }
}

#[test]
fn the_phase_walks_with_the_step_it_was_given() {
    // Over 300 intervals: variance 300 step^2, seen over 2000 streams with a relative error of
    // sqrt(2 / 2000) = 3.2 %; four of these.
    let mut square = 0.0;
    for stream in 0..2000 {
        let mpi = Mpi::new(&MpiConfig { stream, ..SMALL }).unwrap();
        let state = mpi.state();
        assert_eq!(mpi.phase_rad(&state, 9), 0.8);
        assert!(mpi.phase_rad(&state, 10) != 0.8);
        square += (mpi.phase_rad(&state, 3000) - 0.8).powi(2);
    }
    let variance = square / 2000.0 / 300.0 / 0.25;
    assert!((variance - 1.0).abs() < 0.13, "{variance}");
    // A linewidth of 1 MHz has walked one radian after 1 / (2 pi 1 MHz).
    let one = 1.0 / (2.0 * std::f64::consts::PI * 1e6);
    assert!((walk_step_rad(1e6, one) - 1.0).abs() < 1e-12);
}

#[test]
fn the_published_upper_bound_is_met() {
    // Four connectors of -25 dB, two module ends of -35 dB, extinction ratio 6 dB: 2.5 dB, given to one
    // decimal.
    let reflections = [-25.0, -25.0, -25.0, -25.0, -35.0, -35.0];
    let amplitude = amplitude_of_reflections(&reflections);
    // By pairs: six of -25 dB each, eight of -30 dB, one of -35 dB.
    let pairs = 6.0 * 10f64.powf(-2.5) + 8.0 * 10f64.powf(-3.0) + 10f64.powf(-3.5);
    assert!((amplitude - pairs).abs() < 1e-12);
    let penalty = upper_bound_penalty_db(amplitude, 6.0).unwrap();
    assert!((penalty - 2.5).abs() < 0.05, "{penalty}");
    assert_eq!(upper_bound_penalty_db(0.1, 6.0).unwrap(), f64::INFINITY);
    assert!(upper_bound_penalty_db(0.1, 0.0).is_err());
    assert!(upper_bound_penalty_db(f64::NAN, 6.0).is_err());
}

#[test]
fn the_worst_case_is_the_worst_over_all_levels_and_phases() {
    for levels in [
        [0.4e-3, 0.6e-3, 0.8e-3, 1.0e-3],
        [0.2e-3, 0.4e-3, 0.7e-3, 0.9e-3],
        [0.1e-3, 0.4e-3, 0.5e-3, 0.9e-3],
    ] {
        for ratio_db in [-50.0, -36.0] {
            let closed = worst_case_penalty_db(&LevelPowers(levels), ratio_db).unwrap();
            let mut worst = [[f32::INFINITY, 0.0]; 4];
            for start_rad in (0..=64).map(|k| f64::from(k) * std::f64::consts::PI / 32.0) {
                let config = MpiConfig {
                    ratio_db,
                    start_rad,
                    ..SMALL
                };
                let mpi = Mpi::new(&config).unwrap();
                for (p, worst) in levels.iter().zip(&mut worst) {
                    let mut got = [*p as f32; 4];
                    mpi.apply(&mpi.state(), 0, &mut got, &levels.map(|d| d as f32))
                        .unwrap();
                    for g in got {
                        *worst = [worst[0].min(g), worst[1].max(g)];
                    }
                }
            }
            let open = (0..3)
                .map(|k| f64::from(worst[k + 1][0] - worst[k][1]) / (levels[k + 1] - levels[k]))
                .fold(f64::INFINITY, f64::min);
            // f32 levels within an eye of a tenth of them: 1e-5 of it.
            assert!(
                (-10.0 * open.log10() - closed).abs() < 1e-4,
                "{closed} {open}"
            );
            // The bound takes every level at the top one, so it is never below.
            let p = LevelPowers(levels);
            if (p.r_lm() - 1.0).abs() < 1e-9 {
                let amplitude = 10f64.powf(ratio_db / 20.0);
                let bound = upper_bound_penalty_db(amplitude, p.extinction_ratio_db()).unwrap();
                assert!(bound > closed, "{bound} {closed}");
            }
        }
    }
    assert!(worst_case_penalty_db(&LevelPowers([1.0; 4]), -30.0).is_err());
    let dim = LevelPowers([0.0, 1.0, 2.0, 3.0]);
    assert_eq!(worst_case_penalty_db(&dim, -10.0).unwrap(), f64::INFINITY);
}

#[test]
fn nonsense_is_refused_and_nothing_changed() {
    for bad in [
        MpiConfig {
            ratio_db: 1.0,
            ..SMALL
        },
        MpiConfig {
            ratio_db: f64::NAN,
            ..SMALL
        },
        MpiConfig {
            start_rad: f64::INFINITY,
            ..SMALL
        },
        MpiConfig {
            step_rad: -0.1,
            ..SMALL
        },
        MpiConfig {
            interval_symbols: 0,
            ..SMALL
        },
    ] {
        assert!(Mpi::new(&bad).is_err(), "{bad:?}");
    }
    let mpi = Mpi::new(&SMALL).unwrap();
    let mut state = mpi.state();
    let (mut p, mut q) = ([7.0; 4], [7.0; 3]);
    assert!(mpi.apply(&state, 0, &mut p, &[0.0; 3]).is_err());
    assert!(mpi.apply_mean(&state, 0, &mut p, f64::NAN).is_err());
    assert!(mpi.apply_mean(&state, 0, &mut p, -1.0).is_err());
    let d = ([0.0; 4], [0.0; 4]);
    assert!(
        mpi.apply_field(&state, 0, (&mut p, &mut q), (&d.0, &d.1))
            .is_err()
    );
    mpi.advance(&mut state, 100);
    assert!(
        mpi.apply(&state, 99, &mut p, &d.0).is_err(),
        "the walk does not go back"
    );
    assert_eq!((p, q), ([7.0; 4], [7.0; 3]));
    // Dark, negative and absent numbers.
    let mut odd = [0.0, -1e-3, f32::NAN];
    mpi.apply(&state, 100, &mut odd, &[1e-3; 3]).unwrap();
    assert!(odd[0] > 0.0 && odd[1] < 0.0 && odd[2].is_nan());
}
