//! Every form of the equalizer against the reference, at every level.

use ndarray::{Array2, Axis, s};
use proptest::prelude::*;

use super::{Dfe, DfeConfig, MAX_TAPS, reference};
use crate::{Error, Level};

fn plans(config: &DfeConfig) -> Vec<Dfe> {
    let plans: Vec<Dfe> = Level::all()
        .into_iter()
        .map(|level| {
            let dfe = Dfe::with_level(config, level).unwrap();
            assert_eq!(dfe.level(), level);
            dfe
        })
        .collect();
    assert_eq!(plans.last().unwrap().level(), Level::detected());
    plans
}

fn bits(y: &[f32]) -> Vec<u32> {
    y.iter()
        .map(|y| if y.is_nan() { u32::MAX } else { y.to_bits() })
        .collect()
}

/// Checks every form, with and without soft output, over the blocks that end at `cuts`.
fn check(config: &DfeConfig, x: &Array2<f32>, cuts: &[usize]) {
    let (streams, n) = x.dim();
    let mut expected = Array2::<u8>::zeros((streams, n));
    let mut inputs = Array2::<f32>::zeros((streams, n));
    let thresholds = Dfe::new(config).unwrap().thresholds();
    for s in 0..streams {
        let row = x.row(s).to_vec();
        let (d, y) = reference::decide_stream(&row, &config.taps, &config.levels, &thresholds);
        expected.row_mut(s).assign(&ndarray::aview1(&d));
        inputs.row_mut(s).assign(&ndarray::aview1(&y));
    }
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (n + 1)).collect();
    cuts.extend([0, n]);
    cuts.sort_unstable();
    for dfe in plans(config) {
        let level = dfe.level();
        for soft in [false, true] {
            let mut state = dfe.state(streams).unwrap();
            let mut woven_state = dfe.state(streams).unwrap();
            let mut single_state = dfe.state(1).unwrap();
            let mut d = Array2::from_elem((streams, n), 9u8);
            let mut y = Array2::from_elem((streams, n), 9f32);
            for w in cuts.windows(2) {
                let (from, to) = (w[0], w[1]);
                let block = x.slice(s![.., from..to]);
                let part = d.slice_mut(s![.., from..to]);
                let woven: Vec<f32> = block.t().iter().copied().collect();
                let mut woven_d = vec![9; woven.len()];
                let mut woven_y = vec![9.0; woven.len()];
                if soft {
                    let y = y.slice_mut(s![.., from..to]);
                    dfe.process_lanes_soft(&mut state, block, part, y).unwrap();
                    dfe.process_interleaved_soft(
                        &mut woven_state,
                        &woven,
                        &mut woven_d,
                        &mut woven_y,
                    )
                    .unwrap();
                    let e: Vec<f32> = inputs.slice(s![.., from..to]).t().iter().copied().collect();
                    assert_eq!(bits(&woven_y), bits(&e), "{level} interleaved soft");
                } else {
                    dfe.process_lanes(&mut state, block, part).unwrap();
                    dfe.process_interleaved(&mut woven_state, &woven, &mut woven_d)
                        .unwrap();
                }
                let e: Vec<u8> = expected
                    .slice(s![.., from..to])
                    .t()
                    .iter()
                    .copied()
                    .collect();
                assert_eq!(woven_d, e, "{level} interleaved, soft {soft}");
                assert_eq!(state, woven_state, "{level}");
                let first = block.row(0).to_vec();
                let (mut d1, mut y1) = (vec![9; first.len()], vec![9.0; first.len()]);
                if soft {
                    dfe.process_soft(&mut single_state, &first, &mut d1, &mut y1)
                        .unwrap();
                    let e = inputs.slice(s![0, from..to]).to_vec();
                    assert_eq!(bits(&y1), bits(&e), "{level} one stream, soft");
                } else {
                    dfe.process(&mut single_state, &first, &mut d1).unwrap();
                }
                assert_eq!(
                    d1,
                    expected.slice(s![0, from..to]).to_vec(),
                    "{level} one stream"
                );
            }
            assert_eq!(d, expected, "{level} lanes, soft {soft}");
            if soft {
                let (got, e): (Vec<f32>, Vec<f32>) = (
                    y.iter().copied().collect(),
                    inputs.iter().copied().collect(),
                );
                assert_eq!(bits(&got), bits(&e), "{level} lanes soft");
            }
        }
    }
}

proptest! {
    #[test]
    fn every_form_equals_the_reference(
        streams in 1usize..=70,
        n in 0usize..=70,
        taps in prop::collection::vec(-0.9f32..0.9, 0..=MAX_TAPS),
        cuts in prop::collection::vec(0usize..100, 0..4),
        seed in any::<u32>(),
        nan in prop::option::of((0usize..70, 0usize..70)),
    ) {
        // Closed eyes: samples know nothing of the levels.
        let mut word = seed | 1;
        let mut x = Array2::from_shape_simple_fn((streams, n), || {
            word = word.wrapping_mul(1664525).wrapping_add(1013904223);
            (word >> 8) as f32 / (1 << 20) as f32 - 8.0
        });
        if let Some((s, i)) = nan && let Some(cell) = x.get_mut((s, i)) {
            *cell = f32::NAN;
        }
        check(&DfeConfig { taps, ..DfeConfig::default() }, &x, &cuts);
    }
}

#[test]
fn long_streams_cross_blocks_and_tiles() {
    for (streams, n) in [(64, 500), (130, 300), (16, 129), (33, 200), (1, 9000)] {
        let x = Array2::from_shape_fn((streams, n), |(s, i)| {
            ((s * 7919 + i * 104_729) % 1009) as f32 / 100.0 - 5.0
        });
        for taps in [vec![0.6], vec![0.5, -0.2, 0.1, 0.05, -0.03]] {
            let config = DfeConfig {
                taps,
                levels: [-0.31, -0.1, 0.09, 0.3],
                thresholds: Some([-0.2, 0.01, 0.21]),
            };
            check(&config, &x, &[7, 111]);
        }
    }
}

#[test]
fn a_channel_without_noise_is_undone_and_a_state_starts_again() {
    let taps = vec![0.7f32, -0.3, 0.25];
    let n = 400;
    let sent = Array2::from_shape_fn((48, n), |(s, i)| ((s * 31 + i * i * 17 + i / 3) % 4) as u8);
    let level = |s: u8| 2.0 * f32::from(s) - 3.0;
    let x = Array2::from_shape_fn((48, n), |(s, i)| {
        let past = (1..=3)
            .filter(|k| *k <= i)
            .map(|k| taps[k - 1] * level(sent[(s, i - k)]));
        level(sent[(s, i)]) + past.sum::<f32>()
    });
    let dfe = Dfe::new(&DfeConfig {
        taps: taps.clone(),
        ..DfeConfig::default()
    })
    .unwrap();
    let mut state = dfe.state(48).unwrap();
    for _ in 0..2 {
        let mut d = Array2::zeros((48, n));
        dfe.process_lanes(&mut state, x.view(), d.view_mut())
            .unwrap();
        assert_eq!(d, sent);
        state.reset();
    }
}

#[test]
fn nan_in_one_stream_leaves_the_others_alone() {
    let n = 90;
    let mut x = Array2::from_shape_fn((32, n), |(s, i)| ((s * 13 + i * 29) % 17) as f32 - 8.0);
    let config = DfeConfig {
        taps: vec![0.8, 0.4],
        ..DfeConfig::default()
    };
    for dfe in plans(&config) {
        let mut clean = Array2::zeros((32, n));
        dfe.process_lanes(&mut dfe.state(32).unwrap(), x.view(), clean.view_mut())
            .unwrap();
        x.row_mut(5).fill(f32::NAN);
        let mut d = Array2::zeros((32, n));
        dfe.process_lanes(&mut dfe.state(32).unwrap(), x.view(), d.view_mut())
            .unwrap();
        for (s, (a, b)) in clean
            .axis_iter(Axis(0))
            .zip(d.axis_iter(Axis(0)))
            .enumerate()
        {
            if s == 5 {
                assert!(b.iter().all(|&d| d == 0));
            } else {
                assert_eq!(a, b);
            }
        }
        x.row_mut(5).fill(0.3);
    }
}

#[test]
fn mistakes_are_named_and_touch_nothing() {
    let config = |taps: Vec<f32>| DfeConfig {
        taps,
        ..DfeConfig::default()
    };
    assert!(matches!(
        Dfe::new(&config(vec![0.1; 17])),
        Err(Error::OutOfRange { .. })
    ));
    let error = Dfe::new(&config(vec![0.1, f32::NAN]))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "taps[1] is NaN, must be a finite number");
    assert!(matches!(
        Dfe::new(&config(vec![2e38; 3])),
        Err(Error::NotFinite { .. })
    ));
    let unordered = DfeConfig {
        levels: [-3.0, 1.0, -1.0, 3.0],
        ..DfeConfig::default()
    };
    assert!(matches!(
        Dfe::new(&unordered),
        Err(Error::NotIncreasing { index: 2, .. })
    ));

    let dfe = Dfe::new(&config(vec![0.5])).unwrap();
    assert!(dfe.state(0).is_err());
    let mut state = dfe.state(4).unwrap();
    let before = state.clone();
    let mut d = [9; 8];
    assert!(dfe.process(&mut state, &[1.0; 8], &mut d).is_err());
    assert!(
        dfe.process_interleaved(&mut state, &[1.0; 7], &mut d[..7])
            .is_err()
    );
    assert!(
        dfe.process_interleaved(&mut state, &[1.0; 8], &mut d[..4])
            .is_err()
    );
    assert!(
        dfe.process_interleaved_soft(&mut state, &[1.0; 8], &mut d, &mut [0.0; 4])
            .is_err()
    );
    let x = Array2::<f32>::zeros((2, 4));
    let mut out = Array2::from_elem((4, 2), 9u8);
    assert!(matches!(
        dfe.process_lanes(&mut state, x.t(), out.view_mut()),
        Err(Error::NotContiguous { .. })
    ));
    assert!(d.iter().chain(&out).all(|&d| d == 9));
    assert_eq!(state, before);
    let longer = Dfe::new(&config(vec![0.5; 3])).unwrap();
    assert!(
        longer
            .process_interleaved(&mut state, &[1.0; 8], &mut d)
            .is_err()
    );
}
