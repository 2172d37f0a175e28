//! Every form of the integer equalizer against its definition, at every level.

use ndarray::Array2;
use proptest::prelude::*;

use super::{FixedDfe, FixedDfeConfig};
use crate::equalizer::fixed::{Overflow, Rounding, code_range, reference};
use crate::{Error, Level};

fn samples(seed: u32, bits: u32, n: usize) -> Vec<i16> {
    let (min, max) = code_range(bits);
    let mut word = seed | 1;
    (0..n)
        .map(|_| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match (word >> 4) % 16 {
                0 => min as i16,
                1 => max as i16,
                _ => (i64::from(word >> 8) % (max - min + 1) + min) as i16,
            }
        })
        .collect()
}

fn check(config: &FixedDfeConfig, streams: usize, rows: &[i16], cuts: &[usize]) {
    let n = rows.len() / streams;
    let x = Array2::from_shape_vec((streams, n), rows[..streams * n].to_vec()).unwrap();
    let thresholds = FixedDfe::new(config).unwrap().thresholds();
    let (mut d, mut y) = (
        Array2::<u8>::zeros((streams, n)),
        Array2::zeros((streams, n)),
    );
    for s in 0..streams {
        let (ds, ys) = reference::dfe(config, &thresholds, &x.row(s).to_vec());
        d.row_mut(s).assign(&ndarray::aview1(&ds));
        y.row_mut(s).assign(&ndarray::aview1(&ys));
    }
    let woven: Vec<i16> = x.t().iter().copied().collect();
    let d_woven: Vec<u8> = d.t().iter().copied().collect();
    let y_woven: Vec<i16> = y.t().iter().copied().collect();
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (n + 1) * streams).collect();
    cuts.extend([0, n * streams]);
    cuts.sort_unstable();
    for level in Level::all() {
        let dfe = FixedDfe::with_level(config, level).unwrap();
        assert_eq!(dfe.level(), level);
        for soft in [false, true] {
            let mut state = dfe.state(streams).unwrap();
            let (mut dg, mut yg) = (vec![9; woven.len()], vec![9; woven.len()]);
            for w in cuts.windows(2) {
                let yg = &mut yg[w[0]..w[1]];
                dfe.process(
                    &mut state,
                    &woven[w[0]..w[1]],
                    &mut dg[w[0]..w[1]],
                    soft.then_some(yg),
                )
                .unwrap();
            }
            assert_eq!(dg, d_woven, "{level}, soft {soft}");
            assert!(!soft || yg == y_woven, "{level} slicer inputs");
            state.reset();
            let mut dg = Array2::zeros((streams, n));
            dfe.process_lanes(&mut state, x.view(), dg.view_mut())
                .unwrap();
            assert_eq!(dg, d, "{level} lanes");
        }
    }
}

proptest! {
    #[test]
    fn every_form_width_and_mode_equals_the_reference(
        streams in 1usize..=140,
        n in 0usize..=70,
        taps in prop::collection::vec(-120i16..=120, 0..=16),
        tap_fraction in 5u32..=8,
        sample_bits in 6u32..=12,
        slicer_bits in 4u32..=16,
        wrap in any::<bool>(),
        rounding in prop_oneof![
            Just(Rounding::Floor), Just(Rounding::HalfUp), Just(Rounding::HalfEven)
        ],
        cuts in prop::collection::vec(0usize..100, 0..4),
        seed in any::<u32>(),
    ) {
        let top = code_range(sample_bits).1 as i16;
        let config = FixedDfeConfig {
            taps,
            tap_fraction,
            levels: [-top + 1, -top / 3, top / 3 - 1, top],
            rounding,
            sample_bits,
            slicer_bits,
            slicer_overflow: if wrap { Overflow::Wrap } else { Overflow::Saturate },
            ..FixedDfeConfig::default()
        };
        let plan = FixedDfe::new(&config);
        if plan.is_ok() {
            check(&config, streams, &samples(seed, sample_bits, streams * n), &cuts);
        } else {
            let refused = matches!(plan, Err(Error::OutOfRange { .. }));
            prop_assert!(refused);
        }
    }
}

#[test]
fn the_slicer_word_overflows_as_configured() {
    // 127 + 63 = 190 in a word of 8 bits: 127, or 190 - 256 = -66.
    for (slicer_overflow, input, symbol) in [(Overflow::Saturate, 127, 3), (Overflow::Wrap, -66, 0)]
    {
        let config = FixedDfeConfig {
            taps: vec![-96],
            slicer_bits: 8,
            slicer_overflow,
            ..FixedDfeConfig::default()
        };
        for level in Level::all() {
            let dfe = FixedDfe::with_level(&config, level).unwrap();
            for streams in [1, 16, 32, 64, 70] {
                let x = vec![127; 2 * streams];
                let (mut d, mut y) = (vec![9; 2 * streams], vec![9; 2 * streams]);
                let mut state = dfe.state(streams).unwrap();
                dfe.process(&mut state, &x, &mut d, Some(&mut y)).unwrap();
                assert!(y[streams..].iter().all(|&y| y == input), "{level} {y:?}");
                assert!(d[streams..].iter().all(|&d| d == symbol), "{level}");
            }
        }
    }
}

#[test]
fn bad_plans_and_calls_are_errors() {
    let default = FixedDfeConfig::default();
    for bad in [
        FixedDfeConfig {
            taps: vec![0; 17],
            ..default.clone()
        },
        FixedDfeConfig {
            taps: vec![128],
            ..default.clone()
        },
        FixedDfeConfig {
            levels: [-84, 28, 28, 84],
            ..default.clone()
        },
        FixedDfeConfig {
            levels: [-84, -28, 28, 128],
            ..default.clone()
        },
        FixedDfeConfig {
            thresholds: Some([0, 0, 1]),
            ..default.clone()
        },
        FixedDfeConfig {
            sample_bits: 16,
            ..default.clone()
        },
        FixedDfeConfig {
            slicer_bits: 17,
            ..default.clone()
        },
        FixedDfeConfig {
            taps: vec![127; 16],
            tap_fraction: 0,
            ..default.clone()
        },
    ] {
        assert!(FixedDfe::new(&bad).is_err(), "{bad:?}");
    }
    let dfe = FixedDfe::new(&default).unwrap();
    let mut state = dfe.state(2).unwrap();
    let mut d = [7; 3];
    assert!(dfe.process(&mut state, &[1; 3], &mut d, None).is_err());
    assert!(dfe.process(&mut state, &[1; 4], &mut d, None).is_err());
    let error = dfe
        .process(&mut state, &[1, 128, 1, 1], &mut [7; 4], None)
        .unwrap_err();
    assert!(error.to_string().contains("x[1] is 128"), "{error}");
    assert_eq!(state, dfe.state(2).unwrap());
    assert!(dfe.state(0).is_err());
    assert_eq!(d, [7; 3]);
}
