//! The integer detector against its definition and against brute force, at every level.

use ndarray::Array2;
use proptest::prelude::*;

use super::{Distance, FixedMlse, FixedMlseConfig, Normalisation};
use crate::equalizer::fixed::{code_range, reference};
use crate::{Error, Level};

/// Noisy symbols through the trellis, or codes that know nothing of it.
fn samples(config: &FixedMlseConfig, seed: u32, n: usize) -> Vec<i16> {
    let (min, max) = code_range(config.sample_bits);
    let expected = reference::expected(config);
    let mut word = seed | 1;
    let mut past = 0;
    (0..n)
        .map(|_| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let symbol = (word >> 30) as usize;
            let ideal = expected[past][symbol];
            past = symbol;
            let span = (max - min) / 8 + 1;
            let y = match (word >> 9) % 8 {
                0 => min,
                1 => max,
                2 => i64::from(word >> 10) % (max - min + 1) + min,
                _ => ideal + i64::from(word >> 12) % (2 * span) - span,
            };
            y.clamp(min, max) as i16
        })
        .collect()
}

fn check(config: &FixedMlseConfig, streams: usize, n: usize, seed: u32, cuts: &[usize]) {
    let rows: Vec<Vec<i16>> = (0..streams)
        .map(|s| samples(config, seed.wrapping_add(77 * s as u32), n))
        .collect();
    let expected: Vec<Vec<u8>> = rows.iter().map(|x| reference::mlse(config, x)).collect();
    let woven: Vec<i16> = (0..n * streams)
        .map(|i| rows[i % streams][i / streams])
        .collect();
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (n + 1) * streams).collect();
    cuts.extend([0, n * streams]);
    cuts.sort_unstable();
    for level in Level::all() {
        let mlse = FixedMlse::with_level(config, level).unwrap();
        assert_eq!(mlse.level(), level);
        let mut state = mlse.state(streams).unwrap();
        let late = mlse.latency() * streams;
        let mut d = vec![9; woven.len() + late];
        for w in cuts.windows(2) {
            mlse.process(&mut state, &woven[w[0]..w[1]], &mut d[w[0]..w[1]])
                .unwrap();
        }
        mlse.flush(&mut state, &mut d[woven.len()..]).unwrap();
        for s in 0..streams {
            let got: Vec<u8> = d[late..].iter().skip(s).step_by(streams).copied().collect();
            assert_eq!(
                got, expected[s],
                "{level} stream {s} of {streams}, {config:?}"
            );
        }
        // The flush has left a state like new; rows give the same.
        assert_eq!(state, mlse.state(streams).unwrap());
        let x = Array2::from_shape_fn((streams, n), |(s, i)| rows[s][i]);
        let mut lanes = Array2::zeros((streams, n));
        mlse.process_lanes(&mut state, x.view(), lanes.view_mut())
            .unwrap();
        for s in 0..streams {
            for i in mlse.latency()..n {
                assert_eq!(
                    lanes[[s, i]],
                    expected[s][i - mlse.latency()],
                    "{level} lanes"
                );
            }
        }
        let mut one = vec![9; n];
        mlse.apply(&rows[0], &mut one).unwrap();
        assert_eq!(one, expected[0], "{level} one stream");
    }
}

proptest! {
    #[test]
    fn every_width_and_mode_equals_the_reference(
        streams in 1usize..=70,
        n in 0usize..=130,
        alpha in -128i16..=128,
        sample_bits in 5u32..=12,
        squared in any::<bool>(),
        metric_bits in 2u32..=12,
        shift in 0.0f64..=1.0,
        extra in 0u32..=6,
        modulo in any::<bool>(),
        depth in 1usize..=30,
        block in 1usize..=40,
        cuts in prop::collection::vec(0usize..200, 0..4),
        seed in any::<u32>(),
    ) {
        let top = (code_range(sample_bits).1 * 2 / 3) as i16;
        let room = if squared { 15 - metric_bits } else { 6 };
        let config = FixedMlseConfig {
            levels: [-top, -top / 3, top / 3 + 1, top],
            alpha,
            sample_bits,
            distance: if squared { Distance::Squared } else { Distance::Absolute },
            metric_shift: (shift * f64::from(room)) as u32,
            metric_bits,
            path_bits: if modulo { (metric_bits + 2 + extra).min(16) } else { (metric_bits + extra).saturating_sub(3).clamp(2, 12) },
            normalisation: if modulo { Normalisation::Modulo } else { Normalisation::SubtractMin },
            depth,
            block,
            ..FixedMlseConfig::default()
        };
        check(&config, streams, n, seed, &cuts);
    }
}

#[test]
fn short_records_equal_brute_force_over_all_sequences() {
    // Four symbols and the one before the first: 1024 sequences. A single one of least metric is
    // what the detector must find.
    let mut unique = 0;
    for distance in [Distance::Absolute, Distance::Squared] {
        let config = FixedMlseConfig {
            distance,
            metric_shift: 0,
            metric_bits: 12,
            path_bits: 14,
            ..FixedMlseConfig::default()
        };
        let expected = reference::expected(&config);
        let mlse = FixedMlse::new(&config).unwrap();
        for seed in 0..200 {
            let x = samples(&config, seed, 4);
            let metric = |code: usize| -> i64 {
                let symbol = |i: usize| code >> (2 * i) & 3;
                (0..4)
                    .map(|i| {
                        let e = expected[symbol(i)][symbol(i + 1)];
                        reference::branch_metric(&config, x[i].into(), e)
                    })
                    .sum()
            };
            let best = (0..1024).map(metric).min().unwrap();
            let winners: Vec<usize> = (0..1024)
                .filter(|&c| metric(c) == best)
                .map(|c| c >> 2)
                .collect();
            let mut d = [9; 4];
            mlse.apply(&x, &mut d).unwrap();
            let found = (0..4).fold(0, |code, i| code | usize::from(d[i]) << (2 * i));
            assert!(winners.contains(&found), "seed {seed}");
            unique += usize::from(winners.len() == 1);
        }
    }
    assert!(unique > 200, "{unique} of 400 records have one answer");
}

#[test]
fn one_bit_less_than_the_bound_would_be_wrong() {
    // Metric bits 2: branch metrics up to 3, sums up to 6 apart. In 3 bits (range of differences
    // -4..=3) a difference of 6 looks like -2.
    let wrapped = reference::fit(6, 3, crate::equalizer::fixed::Overflow::Wrap);
    assert_eq!(wrapped, -2);
    let bits = |metric_bits, path_bits| FixedMlseConfig {
        metric_bits,
        path_bits,
        metric_shift: 0,
        ..FixedMlseConfig::default()
    };
    for b in 2..=12 {
        let error = FixedMlse::new(&bits(b, b + 1)).unwrap_err();
        assert!(
            matches!(&error, Error::OutOfRange { name, min, .. }
            if name == "path_bits" && *min == f64::from(b + 2)),
            "{error}"
        );
        assert!(FixedMlse::new(&bits(b, b + 2)).is_ok());
        // The bound covers the worst sums: twice the largest branch metric.
        let worst = 2 * ((1i64 << b) - 1);
        assert_eq!(
            reference::fit(worst, b + 2, crate::equalizer::fixed::Overflow::Wrap),
            worst
        );
        assert_ne!(
            reference::fit(worst, b + 1, crate::equalizer::fixed::Overflow::Wrap),
            worst
        );
    }
}

#[test]
fn bad_plans_and_calls_are_errors() {
    let default = FixedMlseConfig::default();
    for bad in [
        FixedMlseConfig {
            levels: [-42, -42, 14, 42],
            ..default.clone()
        },
        FixedMlseConfig {
            levels: [-142, -42, 14, 42],
            ..default.clone()
        },
        FixedMlseConfig {
            sample_bits: 13,
            ..default.clone()
        },
        FixedMlseConfig {
            metric_shift: 8,
            ..default.clone()
        },
        FixedMlseConfig {
            metric_bits: 13,
            path_bits: 16,
            ..default.clone()
        },
        FixedMlseConfig {
            path_bits: 17,
            ..default.clone()
        },
        FixedMlseConfig {
            depth: 0,
            ..default.clone()
        },
        FixedMlseConfig {
            block: 0,
            ..default.clone()
        },
        FixedMlseConfig {
            alpha: 32_767,
            alpha_fraction: 0,
            ..default.clone()
        },
        FixedMlseConfig {
            normalisation: Normalisation::SubtractMin,
            path_bits: 13,
            ..default.clone()
        },
    ] {
        assert!(FixedMlse::new(&bad).is_err(), "{bad:?}");
    }
    // 1 048 576 streams of 2 * 2048 + 1024 + 8 bytes.
    let deep = FixedMlse::new(&FixedMlseConfig {
        depth: 1024,
        block: 1024,
        ..default.clone()
    });
    assert_eq!(
        deep.unwrap().state(1_048_576).unwrap_err().to_string(),
        "memory of the state in MiB is 5128, must lie between 0 and 256"
    );
    let mlse = FixedMlse::new(&default).unwrap();
    assert!(mlse.state(0).is_err() && mlse.state(1_048_577).is_err());
    let mut state = mlse.state(2).unwrap();
    let mut d = [7; 4];
    assert!(mlse.process(&mut state, &[1; 3], &mut d).is_err());
    assert!(mlse.process(&mut state, &[1, 128, 0, 0], &mut d).is_err());
    assert!(mlse.flush(&mut state, &mut d).is_err());
    let other = FixedMlse::new(&FixedMlseConfig {
        depth: 7,
        ..default
    })
    .unwrap();
    assert!(other.process(&mut state, &[1; 4], &mut d).is_err());
    assert_eq!(d, [7; 4]);
    assert_eq!(state, mlse.state(2).unwrap());
}
