//! Feed-forward equalizer.

use ndarray::{Array2, s};
use pamlink::Level;
use pamlink::equalizer::ffe::{Ffe, FfeConfig, reference};
use proptest::prelude::*;

/// Rounding of a sum of `k` products in `f32`: each product and each addition adds at most half an ulp
/// of a partial sum that the sum of magnitudes bounds.
pub(super) fn bound(taps: usize) -> f64 {
    (taps + 1) as f64 * 2f64.powi(-24)
}

fn check(taps: &[f32], precursors: usize, x: &[f32]) {
    let exact = reference::apply(taps, precursors, x);
    let scale = reference::magnitude(taps, precursors, x);
    let config = FfeConfig {
        taps: taps.to_vec(),
        precursors,
    };
    for level in Level::all() {
        let ffe = Ffe::with_level(&config, level).unwrap();
        assert_eq!(ffe.level(), level);
        let mut y = vec![f32::NAN; x.len()];
        ffe.apply(x, &mut y).unwrap();
        for n in 0..x.len() {
            let error = (f64::from(y[n]) - exact[n]).abs();
            assert!(
                error <= bound(taps.len()) * scale[n] + f64::from(f32::MIN_POSITIVE),
                "{level}, {} taps, {precursors} precursors, sample {n} of {}: {} for {}",
                taps.len(),
                x.len(),
                y[n],
                exact[n]
            );
        }
    }
}

pub(super) fn noise(seed: u32, n: usize) -> Vec<f32> {
    let mut s = seed.wrapping_mul(2_654_435_761) | 1;
    (0..n)
        .map(|_| {
            s ^= s << 13;
            s ^= s >> 17;
            s ^= s << 5;
            s as f32 / u32::MAX as f32 * 2.0 - 1.0
        })
        .collect()
}

#[test]
fn lengths_around_every_lane_and_block_edge() {
    for taps in [1, 2, 7, 8, 9, 15, 16, 17, 21, 23, 24, 25, 48, 49, 64, 256] {
        for n in [
            0, 1, 3, 4, 5, 7, 8, 9, 31, 32, 33, 79, 80, 81, 95, 96, 97, 200, 300,
        ] {
            check(
                &noise(taps as u32, taps),
                taps / 3,
                &noise(n as u32 + 77, n),
            );
        }
    }
}

#[test]
fn every_tap_count_to_70_at_any_alignment_of_the_output() {
    // The kernel starts its blocks at an aligned output; the bits must not depend on where that is.
    let x = noise(11, 700);
    for taps in (1..=70).chain([100, 128, 129, 200, 255, 256]) {
        let config = FfeConfig {
            taps: noise(taps as u32, taps),
            precursors: taps / 4,
        };
        check(&config.taps, config.precursors, &x[..(taps * 29) % 400]);
        let mut fused: Vec<Vec<f32>> = Vec::new();
        for level in Level::all() {
            let ffe = Ffe::with_level(&config, level).unwrap();
            let mut first = vec![0.0; 301];
            ffe.apply(&x[..301], &mut first).unwrap();
            let mut room = vec![0.0; 320];
            for shift in 0..9 {
                let y = &mut room[shift..shift + 301];
                ffe.apply(&x[..301], y).unwrap();
                assert_eq!(y, first, "{level}, {taps} taps, {shift} entries on");
            }
            if level.is_fused() {
                fused.push(first);
            }
        }
        assert!(fused.windows(2).all(|w| w[0] == w[1]), "{taps} taps");
    }
}

proptest! {
    #[test]
    fn equals_the_reference(
        taps in prop::collection::vec(-2.0f32..2.0, 1..90),
        at in 0.0f64..1.0,
        x in prop::collection::vec(-100.0f32..100.0, 0..400),
    ) {
        let precursors = ((taps.len() as f64 * at) as usize).min(taps.len() - 1);
        check(&taps, precursors, &x);
    }

    #[test]
    fn any_split_of_a_stream_gives_the_same_bits_as_the_whole(
        taps in prop::collection::vec(-2.0f32..2.0, 1..140),
        at in 0.0f64..1.0,
        blocks in prop::collection::vec(0usize..150, 0..8),
        seed in 1u32..1000,
    ) {
        let precursors = ((taps.len() as f64 * at) as usize).min(taps.len() - 1);
        let x = noise(seed, blocks.iter().sum());
        for level in Level::all() {
            let ffe = Ffe::with_level(&FfeConfig { taps: taps.clone(), precursors }, level).unwrap();
            let mut whole = vec![0.0; x.len()];
            ffe.apply(&x, &mut whole).unwrap();
            let (mut state, mut parts, mut from) = (ffe.state(), Vec::new(), 0);
            for &len in &blocks {
                let mut y = vec![0.0; len];
                ffe.process(&mut state, &x[from..from + len], &mut y).unwrap();
                parts.extend(y);
                from += len;
            }
            let mut last = vec![0.0; precursors];
            ffe.flush(&mut state, &mut last).unwrap();
            parts.extend(last);
            let streamed: Vec<u32> = parts[precursors..].iter().map(|v| v.to_bits()).collect();
            let at_once: Vec<u32> = whole.iter().map(|v| v.to_bits()).collect();
            prop_assert_eq!(streamed, at_once, "{}", level);
        }
    }
}

#[test]
fn the_fma_levels_agree_bit_for_bit() {
    let (taps, x) = (noise(5, 37), noise(6, 1000));
    let outputs: Vec<Vec<u32>> = Level::all()
        .into_iter()
        .filter(|l| l.is_fused())
        .map(|level| {
            let config = FfeConfig {
                taps: taps.clone(),
                precursors: 9,
            };
            let ffe = Ffe::with_level(&config, level).unwrap();
            let mut y = vec![0.0; x.len()];
            ffe.apply(&x, &mut y).unwrap();
            y.into_iter().map(f32::to_bits).collect()
        })
        .collect();
    assert!(outputs.windows(2).all(|w| w[0] == w[1]));
}

#[test]
fn lanes_are_independent_and_a_nan_stays_in_its_lane() {
    let config = FfeConfig {
        taps: noise(1, 21),
        precursors: 5,
    };
    let ffe = Ffe::new(&config).unwrap();
    let mut x = Array2::from_shape_vec((3, 150), noise(2, 450)).unwrap();
    x[[1, 70]] = f32::NAN;
    let mut y = Array2::zeros((3, 150));
    ffe.apply_lanes(x.view(), y.view_mut()).unwrap();
    for lane in [0, 2] {
        let mut row = vec![0.0; 150];
        ffe.apply(x.row(lane).as_slice().unwrap(), &mut row)
            .unwrap();
        assert_eq!(y.row(lane).as_slice().unwrap(), &row);
    }
    // Output n sees inputs n - 15 ..= n + 5.
    assert!(y.slice(s![1, 65..86]).iter().all(|v| v.is_nan()));
    assert!(
        y.slice(s![1, ..65])
            .iter()
            .chain(y.slice(s![1, 86..]))
            .all(|v| v.is_finite())
    );
}
