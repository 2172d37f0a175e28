//! Floating taps against every placement there is, and the rules of a placement.

use proptest::prelude::*;

use super::super::floating::exhaustive;
use super::super::{FloatingConfig, FloatingTaps, MmseConfig, floating, mmse};
use super::coloured;
use crate::Error;
use crate::signal::Pulse;

/// A decaying pulse with reflections at random delays.
fn reflecting(seed: u32, length: usize) -> Pulse {
    let mut word = seed | 1;
    let mut next = || {
        word = word.wrapping_mul(1664525).wrapping_add(1013904223);
        f64::from(word >> 8) / f64::from(1 << 24)
    };
    let mut samples: Vec<f64> = (0..length)
        .map(|i| match i {
            0 => 0.15,
            1 => 1.0,
            _ => 0.5 * (-0.8 * (i as f64 - 1.0)).exp(),
        })
        .collect();
    for _ in 0..6 {
        let at = 4 + (next() * (length - 5) as f64) as usize;
        samples[at] += 0.16 * (next() - 0.5);
    }
    Pulse::new(samples, 1, 1).unwrap()
}

fn config(ffe: (usize, usize), dfe: (usize, usize), limit: f64) -> FloatingConfig {
    let groups = |(groups, taps_per_group): (usize, usize), furthest| FloatingTaps {
        groups,
        taps_per_group,
        furthest,
        limit,
    };
    FloatingConfig {
        fixed: MmseConfig {
            ffe_taps: 4,
            precursors: 1,
            dfe: vec![(0.0, 0.4)],
            ffe_limits: vec![(-0.6, 0.6)],
            ..MmseConfig::default()
        },
        ffe: groups(ffe, 18),
        dfe: groups(dfe, 15),
    }
}

/// Delays of all taps of a kind, and whether they rise strictly from `first` to `furthest`.
fn apart(groups: &[super::super::TapGroup], first: usize, furthest: usize) -> bool {
    let delays: Vec<usize> = groups
        .iter()
        .flat_map(|g| g.delay..g.delay + g.taps.len())
        .collect();
    delays.windows(2).all(|d| d[0] < d[1]) && delays.iter().all(|d| (first..=furthest).contains(d))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn one_and_two_groups_are_placed_as_well_as_by_exhaustive_search(
        seed in any::<u32>(), power in 1e-5f64..1e-2, limit in 0.01f64..0.2,
        shape in prop::sample::select(vec![
            ((1, 3), (0, 1)), ((2, 2), (0, 1)), ((0, 1), (2, 2)), ((1, 2), (1, 3)), ((2, 5), (0, 1)),
        ]),
    ) {
        let p = reflecting(seed, 24);
        let config = config(shape.0, shape.1, limit);
        let noise = coloured(power, 24);
        let found = floating(&p, &noise, &config).unwrap();
        let best = exhaustive(&p, &noise, &config).unwrap();
        prop_assert!(found.design.snr >= best.design.snr * (1.0 - 1e-8),
            "{} dB for {} dB", found.design.snr_db, best.design.snr_db);
        prop_assert!(apart(&found.ffe_groups, 3, 18) && apart(&found.dfe_groups, 2, 15));
        prop_assert_eq!(found.ffe_groups.len(), shape.0.0);
        prop_assert_eq!(found.dfe_groups.len(), shape.1.0);
        prop_assert!(found.design.snr_db >= found.fixed_snr_db - 1e-9);
        let main = found.design.ffe[1];
        for tap in found.ffe_groups.iter().flat_map(|g| &g.taps) {
            prop_assert!(tap.abs() <= limit * main * (1.0 + 1e-9));
        }
        for tap in found.dfe_groups.iter().flat_map(|g| &g.taps) {
            prop_assert!(tap.abs() <= limit * (1.0 + 1e-9));
        }
    }
}

#[test]
fn three_groups_are_close_to_exhaustive_search() {
    let (mut equal, mut worst) = (0, 0.0f64);
    let cases = 40;
    for seed in 0..cases {
        let p = reflecting(seed * 7919, 24);
        let config = config((3, 2), (0, 1), 0.1);
        let noise = coloured(1e-4, 24);
        let found = floating(&p, &noise, &config).unwrap();
        let best = exhaustive(&p, &noise, &config).unwrap();
        assert!(apart(&found.ffe_groups, 3, 18));
        let gap = best.design.snr_db - found.design.snr_db;
        worst = worst.max(gap);
        equal += u32::from(gap < 1e-6);
    }
    println!("3 groups: {equal} of {cases} equal to exhaustive search, largest gap {worst:.4} dB");
    // Measured: see `docs`; a placement that no change of two groups improves may still be no optimum.
    assert!(equal >= cases - 2 && worst < 0.1);
}

#[test]
fn a_whole_span_of_floating_taps_is_the_long_filter() {
    // Two groups of four on exactly eight places: the same taps as one filter of 12.
    let p = reflecting(5, 24);
    let noise = coloured(1e-3, 24);
    let free = f64::INFINITY;
    let config = FloatingConfig {
        fixed: MmseConfig {
            ffe_taps: 4,
            precursors: 1,
            ..MmseConfig::default()
        },
        ffe: FloatingTaps {
            groups: 2,
            taps_per_group: 4,
            furthest: 10,
            limit: free,
        },
        ..FloatingConfig::default()
    };
    let found = floating(&p, &noise, &config).unwrap();
    let long = MmseConfig {
        ffe_taps: 12,
        precursors: 1,
        ..MmseConfig::default()
    };
    let long = mmse(&p, &noise, &long).unwrap();
    assert!((found.design.snr / long.snr - 1.0).abs() < 1e-10);
    for (a, b) in found.dense_ffe().iter().zip(&long.ffe) {
        assert!((a - b).abs() < 1e-10);
    }
    assert!((found.design.noise_enhancement / long.noise_enhancement - 1.0).abs() < 1e-10);
    assert!((found.design.peak_distortion / long.peak_distortion - 1.0).abs() < 1e-9);
}

#[test]
fn workbook_shapes_find_their_reflections() {
    // 802.3dj: 6 + main + 8 and two groups of 4 to 80 UI; 802.3ck: 12 fixed feedback taps and three
    // groups of 3 to 40 UI.
    let mut samples = vec![0.0; 120];
    samples[..14].copy_from_slice(&[
        0.01, 0.02, 0.05, 0.2, 1.0, 0.4, 0.2, 0.1, 0.06, 0.04, 0.03, 0.02, 0.01, 0.01,
    ]);
    for (at, value) in [(4 + 33, 0.03), (4 + 34, -0.02), (4 + 61, 0.025)] {
        samples[at] = value;
    }
    let p = Pulse::new(samples, 1, 4).unwrap();
    let noise = coloured(1e-5, 96);
    let fixed = MmseConfig {
        ffe_taps: 15,
        precursors: 6,
        ..MmseConfig::default()
    };
    let dj = FloatingConfig {
        fixed: fixed.clone(),
        ffe: FloatingTaps {
            groups: 2,
            ..FloatingTaps::default()
        },
        ..FloatingConfig::default()
    };
    let start = std::time::Instant::now();
    let found = floating(&p, &noise, &dj).unwrap();
    let starts: Vec<_> = found.ffe_groups.iter().map(|g| g.delay).collect();
    println!(
        "802.3dj shape: {:.2} dB, fixed {:.2} dB, groups {starts:?}, {:.0} ms",
        found.design.snr_db,
        found.fixed_snr_db,
        start.elapsed().as_secs_f64() * 1e3
    );
    let covers = |delay: usize| starts.iter().any(|s| (*s..s + 4).contains(&delay));
    assert!(covers(33) && covers(34) && covers(61));
    assert!(found.design.snr_db > found.fixed_snr_db + 3.0);

    let ck = FloatingConfig {
        fixed: MmseConfig {
            dfe: vec![(-0.3, 0.85); 12],
            ..fixed
        },
        dfe: FloatingTaps {
            groups: 3,
            taps_per_group: 3,
            furthest: 40,
            limit: 0.05,
        },
        ..FloatingConfig::default()
    };
    let start = std::time::Instant::now();
    let found = floating(&p, &noise, &ck).unwrap();
    let starts: Vec<_> = found.dfe_groups.iter().map(|g| g.delay).collect();
    println!(
        "802.3ck shape: {:.2} dB, fixed {:.2} dB, groups {starts:?}, {:.0} ms",
        found.design.snr_db,
        found.fixed_snr_db,
        start.elapsed().as_secs_f64() * 1e3
    );
    assert!(starts.iter().any(|s| (*s..s + 3).contains(&33)));
    let dense = found.dense_dfe();
    for group in &found.dfe_groups {
        assert_eq!(dense[group.delay - 1..][..3], group.taps);
    }
}

#[test]
fn mistakes_are_named() {
    let p = reflecting(1, 24);
    let noise = coloured(1e-3, 24);
    let run = |edit: &dyn Fn(&mut FloatingConfig)| {
        let mut config = config((2, 4), (0, 1), 0.1);
        edit(&mut config);
        floating(&p, &noise, &config).unwrap_err()
    };
    for error in [
        run(&|c| c.ffe.furthest = 9),
        run(&|c| c.ffe.taps_per_group = 0),
        run(&|c| c.ffe.groups = 9),
        run(&|c| c.ffe.limit = -0.1),
        run(&|c| c.ffe.limit = f64::NAN),
        run(&|c| {
            c.dfe = FloatingTaps {
                groups: 1,
                taps_per_group: 4,
                furthest: 4,
                ..c.dfe
            }
        }),
    ] {
        let text = error.to_string();
        assert!(matches!(error, Error::OutOfRange { .. }), "{text}");
        assert!(text.starts_with("floating "), "{text}");
    }
    let lags = run(&|c| c.ffe.furthest = 60);
    assert!(matches!(
        lags,
        Error::Length {
            expected: 62,
            got: 24,
            ..
        }
    ));
}
