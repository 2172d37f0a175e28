//! The integer equalizer against its definition, at every level, for every mode.

use proptest::prelude::*;

use super::{FixedFfe, FixedFfeConfig, WordLengths};
use crate::Level;
use crate::equalizer::ffe::{Ffe, FfeConfig};
use crate::equalizer::fixed::{Overflow, Rounding, code_range, reference};

fn overflow() -> impl Strategy<Value = Overflow> {
    prop_oneof![Just(Overflow::Saturate), Just(Overflow::Wrap)]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![
        Just(Rounding::Floor),
        Just(Rounding::HalfUp),
        Just(Rounding::HalfEven)
    ]
}

prop_compose! {
    fn words()(
        sample_bits in 2u32..=8,
        tap_bits in 2u32..=16,
        accumulator_bits in 2u32..=32,
        accumulator_overflow in overflow(),
        shift in prop_oneof![0u32..=12, 0u32..=30],
        rounding in rounding(),
        output_bits in 2u32..=16,
        output_overflow in overflow(),
    ) -> WordLengths {
        WordLengths {
            sample_bits, tap_bits, accumulator_bits, accumulator_overflow,
            shift, rounding, output_bits, output_overflow,
        }
    }
}

/// Codes of a word; every fifth is an end of it.
fn codes(seed: u32, bits: u32, n: usize) -> Vec<i16> {
    let (min, max) = code_range(bits);
    let mut word = seed | 1;
    (0..n)
        .map(|_| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let span = (max - min + 1) as u32;
            match (word >> 3) % 10 {
                0 => min as i16,
                1 => max as i16,
                _ => (i64::from((word >> 8) % span) + min) as i16,
            }
        })
        .collect()
}

fn samples(seed: u32, bits: u32, n: usize) -> Vec<i8> {
    codes(seed, bits, n).into_iter().map(|c| c as i8).collect()
}

fn config(taps: Vec<i16>, precursors: usize, words: WordLengths) -> FixedFfeConfig {
    FixedFfeConfig {
        taps,
        precursors,
        words,
    }
}

/// Whole record and blocks that end at the cuts, at every level; returns whether bytes ran.
fn check(config: &FixedFfeConfig, x: &[i8], cuts: &[usize]) -> bool {
    let expected = reference::ffe(&config.taps, config.precursors, &config.words, x);
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (x.len() + 1)).collect();
    cuts.extend([0, x.len()]);
    cuts.sort_unstable();
    let mut bytes = false;
    for level in Level::all() {
        let ffe = FixedFfe::with_level(config, level).unwrap();
        assert_eq!(ffe.level(), level);
        bytes = ffe.runs_on_bytes();
        let mut y = vec![99; x.len()];
        ffe.apply(x, &mut y).unwrap();
        assert_eq!(y, expected, "{level}, bytes {bytes}");
        let (mut state, mut parts) = (ffe.state(), Vec::new());
        for w in cuts.windows(2) {
            let mut y = vec![99; w[1] - w[0]];
            ffe.process(&mut state, &x[w[0]..w[1]], &mut y).unwrap();
            parts.extend(y);
        }
        let mut last = vec![99; config.precursors];
        ffe.flush(&mut state, &mut last).unwrap();
        parts.extend(last);
        assert_eq!(parts[config.precursors..], expected, "{level} streamed");
        // A state that was reset is a new one.
        state.reset();
        let mut again = vec![99; x.len()];
        ffe.process(&mut state, x, &mut again).unwrap();
        let p = config.precursors.min(x.len());
        assert_eq!(again[p..], expected[..x.len() - p], "{level} after a reset");
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_width_and_mode_equals_the_reference(
        words in words(),
        taps in 1usize..=70,
        at in 0.0f64..1.0,
        n in 0usize..300,
        cuts in prop::collection::vec(0usize..300, 0..4),
        seed in any::<u32>(),
    ) {
        let precursors = (taps as f64 * at) as usize;
        let config = config(codes(seed, words.tap_bits, taps), precursors, words);
        check(&config, &samples(seed ^ 7, words.sample_bits, n), &cuts);
    }

    #[test]
    fn words_that_fit_bytes_equal_the_reference(
        sample_bits in 4u32..=8,
        main in 20i16..=127,
        taps in 1usize..=40,
        shift in 0u32..=9,
        floor in any::<bool>(),
        output_bits in 4u32..=16,
        n in 0usize..300,
        seed in any::<u32>(),
    ) {
        // A main tap and small ones, as equalizers have.
        let mut weights: Vec<i16> = codes(seed, 4, taps);
        weights[taps / 3] = main;
        let rounding = if floor { Rounding::Floor } else { Rounding::HalfUp };
        let words = WordLengths {
            sample_bits, shift, rounding, output_bits, accumulator_bits: 20, ..WordLengths::default()
        };
        let config = config(weights, taps / 3, words);
        check(&config, &samples(seed ^ 7, sample_bits, n), &[n / 2, n / 3]);
    }
}

#[test]
fn lengths_around_every_lane_and_block_edge_in_every_form() {
    let default = WordLengths::default();
    let general = WordLengths {
        rounding: Rounding::HalfEven,
        ..default
    };
    let wide = WordLengths {
        tap_bits: 12,
        ..default
    };
    for n in [
        0, 1, 15, 16, 17, 31, 32, 33, 95, 96, 97, 191, 192, 193, 255, 256, 257, 4095, 4096, 4097,
        8300,
    ] {
        for taps in [1, 2, 16, 17, 33] {
            let mut small = codes(n as u32 + 5, 3, taps);
            small[taps / 2] = 100;
            let x = samples(n as u32, 7, n);
            let bytes = check(
                &config(small.clone(), taps / 2, default),
                &x,
                &[5, 33, 4097],
            );
            assert_eq!(bytes, Level::detected().name() != "baseline");
            assert!(!check(&config(small, taps / 2, general), &x, &[1]));
            assert!(!check(
                &config(codes(9, 12, taps), taps / 2, wide),
                &x,
                &[64]
            ));
        }
    }
}

#[test]
fn overflow_does_what_is_configured() {
    use Overflow::{Saturate, Wrap};
    // Four taps of 127 on samples of -64: -32512, by hand.
    let words =
        |accumulator_bits, accumulator_overflow, output_bits, output_overflow| WordLengths {
            accumulator_bits,
            accumulator_overflow,
            output_bits,
            output_overflow,
            shift: 4,
            rounding: Rounding::Floor,
            ..WordLengths::default()
        };
    let cases = [
        (words(16, Saturate, 12, Saturate), -32_512 >> 4),
        (words(15, Saturate, 12, Saturate), -16_384 >> 4),
        // -32512 + 32768 = 256.
        (words(15, Wrap, 12, Saturate), 256 >> 4),
        (words(16, Saturate, 8, Saturate), -128),
        // -2032 + 8 * 256 = 16.
        (words(16, Saturate, 8, Wrap), 16),
        // -16384 / 16 = -1024 is a multiple of 256.
        (words(15, Saturate, 8, Wrap), 0),
    ];
    for (words, last) in cases {
        for level in Level::all() {
            let ffe = FixedFfe::with_level(&config(vec![127; 4], 0, words), level).unwrap();
            let mut y = [0; 40];
            ffe.apply(&[-64; 40], &mut y).unwrap();
            assert_eq!(i32::from(y[39]), last, "{level} {words:?}");
        }
        check(&config(vec![127; 4], 0, words), &[-64; 40], &[]);
    }
    // The ends of every word: 256 taps of -2^15 on samples of -2^7 are 2^30 exactly.
    for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven] {
        let extreme = WordLengths {
            sample_bits: 8,
            tap_bits: 16,
            accumulator_bits: 32,
            shift: 30,
            rounding,
            output_bits: 2,
            ..WordLengths::default()
        };
        for (tap, sample) in [(-32_768, -128), (-32_768, 127), (32_767, -128)] {
            check(&config(vec![tap; 256], 0, extreme), &[sample; 300], &[]);
        }
    }
}

#[test]
fn sums_below_2_to_the_24_equal_the_float_kernel() {
    // There `f32` is exact, in any order of operations.
    let taps = codes(3, 9, 21);
    let x = samples(4, 8, 1000);
    let float = FfeConfig {
        taps: taps.iter().map(|&t| f32::from(t)).collect(),
        precursors: 6,
    };
    let exact = WordLengths {
        sample_bits: 8,
        tap_bits: 9,
        accumulator_bits: 32,
        shift: 5,
        rounding: Rounding::HalfEven,
        output_bits: 16,
        ..WordLengths::default()
    };
    let mut y = vec![0; x.len()];
    FixedFfe::new(&config(taps, 6, exact))
        .unwrap()
        .apply(&x, &mut y)
        .unwrap();
    let x: Vec<f32> = x.iter().map(|&x| f32::from(x)).collect();
    let mut sums = vec![0.0; x.len()];
    Ffe::new(&float).unwrap().apply(&x, &mut sums).unwrap();
    for (y, sum) in y.iter().zip(sums) {
        assert_eq!(f32::from(*y), (sum / 32.0).round_ties_even());
    }
}

#[test]
fn bad_plans_and_calls_are_errors_and_leave_all_as_it_was() {
    let default = WordLengths::default();
    let plan = |taps: Vec<i16>, precursors, words| FixedFfe::new(&config(taps, precursors, words));
    assert!(plan(vec![], 0, default).is_err());
    assert!(plan(vec![1; 257], 0, default).is_err());
    assert!(plan(vec![1], 1, default).is_err());
    let error = plan(vec![1, 128], 0, default).unwrap_err().to_string();
    assert!(
        error.contains("taps[1] is 128") && error.contains("127"),
        "{error}"
    );
    for bad in [
        WordLengths {
            sample_bits: 9,
            ..default
        },
        WordLengths {
            tap_bits: 17,
            ..default
        },
        WordLengths {
            accumulator_bits: 33,
            ..default
        },
        WordLengths {
            shift: 31,
            ..default
        },
        WordLengths {
            output_bits: 1,
            ..default
        },
    ] {
        assert!(plan(vec![1], 0, bad).is_err(), "{bad:?}");
    }
    let ffe = plan(vec![64, 3], 0, default).unwrap();
    let mut state = ffe.state();
    let mut y = [7; 3];
    assert!(ffe.process(&mut state, &[1; 4], &mut y).is_err());
    let error = ffe
        .process(&mut state, &[1, 64, 1], &mut y)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("x[1] is 64") && error.contains("-64 and 63"),
        "{error}"
    );
    assert!(ffe.apply(&[1, -65, 1], &mut y).is_err());
    assert_eq!(y, [7; 3]);
    let other = plan(
        vec![64, 3],
        0,
        WordLengths {
            rounding: Rounding::HalfEven,
            ..default
        },
    )
    .unwrap();
    if ffe.runs_on_bytes() {
        assert!(other.process(&mut state, &[1; 3], &mut y).is_err());
    }
    ffe.process(&mut state, &[1; 3], &mut y).unwrap();
    assert_eq!(y, [1, 1, 1]); // 64/128 rounds up, 67/128 too
}
