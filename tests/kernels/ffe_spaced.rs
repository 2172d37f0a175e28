//! Feed-forward equalizers at half-symbol spacing, with floating taps, and of several streams at once.

use ndarray::{Array2, s};
use pamlink::Level;
use pamlink::equalizer::ffe::floating::{FloatingFfe, FloatingFfeConfig, FloatingGroup, MAX_DELAY};
use pamlink::equalizer::ffe::half::HalfFfe;
use pamlink::equalizer::ffe::{Ffe, FfeConfig, reference};
use proptest::prelude::*;

use super::ffe::{bound, noise};

/// Each output within the bound of its sum of magnitudes.
fn assert_close(what: &str, taps: usize, y: &[f32], exact: &[f64], scale: &[f64]) {
    assert_eq!(y.len(), exact.len());
    for n in 0..y.len() {
        let error = (f64::from(y[n]) - exact[n]).abs();
        assert!(
            error <= bound(taps) * scale[n] + f64::from(f32::MIN_POSITIVE),
            "{what}, {taps} taps, output {n} of {}: {} for {}",
            y.len(),
            y[n],
            exact[n]
        );
    }
}

fn bits(y: &[f32]) -> Vec<u32> {
    y.iter().map(|v| v.to_bits()).collect()
}

fn abs(x: &[f32]) -> Vec<f32> {
    x.iter().map(|v| v.abs()).collect()
}

/// Record against the reference, and a stream in blocks against the record, at every level.
fn check_half(taps: &[f32], precursors: usize, x: &[f32], blocks: &[usize]) {
    let exact = reference::half(taps, precursors, x);
    let scale = reference::half(&abs(taps), precursors, &abs(x));
    let config = FfeConfig {
        taps: taps.to_vec(),
        precursors,
    };
    let mut fused = Vec::new();
    for level in Level::all() {
        let ffe = HalfFfe::with_level(&config, level).unwrap();
        assert_eq!(ffe.level(), level);
        let mut y = vec![f32::NAN; x.len() / 2];
        ffe.apply(x, &mut y).unwrap();
        assert_close(level.name(), taps.len(), &y, &exact, &scale);
        let (mut state, mut parts, mut from) = (ffe.state(), Vec::new(), 0);
        for &len in blocks.iter().chain([&usize::MAX]) {
            let len = len.min(y.len() - from);
            let mut block = vec![0.0; len];
            let samples = &x[2 * from..2 * (from + len)];
            ffe.process(&mut state, samples, &mut block).unwrap();
            parts.extend(block);
            from += len;
        }
        let mut last = vec![0.0; ffe.latency()];
        ffe.flush(&mut state, &mut last).unwrap();
        parts.extend(last);
        assert_eq!(bits(&parts[ffe.latency()..]), bits(&y), "{level}");
        if level.is_fused() {
            fused.push(bits(&y));
        }
    }
    assert!(fused.windows(2).all(|w| w[0] == w[1]));
}

fn check_floating(config: &FloatingFfeConfig, x: &[f32], blocks: &[usize]) {
    let groups: Vec<(usize, &[f32])> = config
        .groups
        .iter()
        .map(|g| (g.delay, g.taps.as_slice()))
        .collect();
    let dense = reference::dense(&config.taps, config.precursors, &groups);
    let exact = reference::apply(&dense, config.precursors, x);
    let scale = reference::magnitude(&dense, config.precursors, x);
    let mut fused = Vec::new();
    for level in Level::all() {
        let ffe = FloatingFfe::with_level(config, level).unwrap();
        assert_eq!(ffe.level(), level);
        assert_eq!(ffe.span() + 1, dense.len());
        let mut y = vec![f32::NAN; x.len()];
        ffe.apply(x, &mut y).unwrap();
        assert_close(level.name(), ffe.tap_count(), &y, &exact, &scale);
        let (mut state, mut parts, mut from) = (ffe.state(), Vec::new(), 0);
        for &len in blocks.iter().chain([&usize::MAX]) {
            let len = len.min(x.len() - from);
            let mut block = vec![0.0; len];
            ffe.process(&mut state, &x[from..from + len], &mut block)
                .unwrap();
            parts.extend(block);
            from += len;
        }
        let mut last = vec![0.0; config.precursors];
        ffe.flush(&mut state, &mut last).unwrap();
        parts.extend(last);
        assert_eq!(bits(&parts[config.precursors..]), bits(&y), "{level}");
        if level.is_fused() {
            fused.push(bits(&y));
        }
    }
    assert!(fused.windows(2).all(|w| w[0] == w[1]));
}

fn floating(taps: usize, precursors: usize, groups: &[(usize, usize)]) -> FloatingFfeConfig {
    FloatingFfeConfig {
        taps: noise(taps as u32, taps),
        precursors,
        groups: groups
            .iter()
            .map(|&(delay, taps)| FloatingGroup {
                delay,
                taps: noise(delay as u32, taps),
            })
            .collect(),
    }
}

#[test]
fn half_spacing_at_every_count_and_edge() {
    for taps in (1..=70).chain([127, 128, 255, 256]) {
        let n = 2 * (taps * 7 % 131);
        let taps_of = noise(taps as u32, taps);
        for precursors in [0, 1, taps / 3, taps - 1] {
            let precursors = precursors.min(taps - 1);
            check_half(&taps_of, precursors, &noise(9, n), &[1, 0, 7, 33]);
        }
    }
    // Around the vectors and around the thousand symbols that are parted at a time.
    for n in [0, 1, 7, 8, 9, 15, 16, 17, 1023, 1024, 1025, 2048, 2100] {
        check_half(&noise(4, 21), 7, &noise(3, 2 * n), &[5, 1024]);
    }
}

#[test]
fn floating_groups_at_every_distance() {
    for delay in (15..60).chain([100, 511, MAX_DELAY - 7]) {
        let config = floating(21, 6, &[(delay, 8)]);
        for n in [1, 40, 300, 1500] {
            check_floating(&config, &noise(n as u32, n), &[3, 64, 0, 500]);
        }
    }
    let many = floating(24, 6, &[(18, 4), (40, 4), (45, 1), (200, 31)]);
    check_floating(&many, &noise(8, 900), &[250, 250]);
    check_floating(&floating(5, 0, &[]), &noise(8, 900), &[250, 250]);
}

#[test]
fn a_floating_tap_is_what_the_dense_filter_with_zeros_is() {
    // The same filter by both plans; the sums gather in another order, so they agree within rounding.
    let config = floating(12, 3, &[(30, 4)]);
    let groups = [(30, config.groups[0].taps.as_slice())];
    let taps = reference::dense(&config.taps, 3, &groups);
    let dense = Ffe::new(&FfeConfig {
        taps,
        precursors: 3,
    })
    .unwrap();
    let x = noise(5, 500);
    let (mut a, mut b) = (vec![0.0; 500], vec![0.0; 500]);
    FloatingFfe::new(&config)
        .unwrap()
        .apply(&x, &mut a)
        .unwrap();
    dense.apply(&x, &mut b).unwrap();
    // 16 products of numbers below one, 24 bits: 16 * 17 / 2^24 = 1.6e-5 at most.
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1.7e-5));
}

#[test]
fn an_impulse_half_a_symbol_late_meets_every_second_tap() {
    let taps: Vec<f32> = (1..=9).map(|k| k as f32).collect();
    let config = FfeConfig {
        taps,
        precursors: 3,
    };
    for level in Level::all() {
        let ffe = HalfFfe::with_level(&config, level).unwrap();
        let mut y = vec![0.0; 10];
        for at in 0..20 {
            let mut x = vec![0.0; 20];
            x[at] = 1.0;
            ffe.apply(&x, &mut y).unwrap();
            for n in 0..10 {
                // y[n] weighs sample `at` by tap 2 n + 3 - at, whose weight is one more.
                let k = 2 * n as i64 + 3 - at as i64;
                let expected = if (0..9).contains(&k) { k + 1 } else { 0 };
                assert_eq!(y[n], expected as f32, "{level} sample {at} output {n}");
            }
        }
    }
}

#[test]
fn streams_of_lanes_equal_single_streams_and_a_nan_stays_in_its_lane() {
    let config = FfeConfig {
        taps: noise(1, 21),
        precursors: 5,
    };
    let groups = floating(21, 5, &[(60, 4)]);
    for level in Level::all() {
        let symbol = Ffe::with_level(&config, level).unwrap();
        let half = HalfFfe::with_level(&config, level).unwrap();
        let float = FloatingFfe::with_level(&groups, level).unwrap();
        let mut x = Array2::from_shape_vec((3, 400), noise(2, 1200)).unwrap();
        x[[1, 70]] = f32::NAN;
        let mut y = [(); 3].map(|()| Array2::<f32>::zeros((3, 400)));
        let mut z = Array2::<f32>::zeros((3, 200));
        let mut states = (
            vec![symbol.state(); 3],
            vec![half.state(); 3],
            vec![float.state(); 3],
        );
        for (from, to) in [(0, 64), (64, 64), (64, 250), (250, 400)] {
            let block = x.slice(s![.., from..to]);
            let out = y[0].slice_mut(s![.., from..to]);
            symbol.process_lanes(&mut states.0, block, out).unwrap();
            let out = y[1].slice_mut(s![.., from..to]);
            float.process_lanes(&mut states.2, block, out).unwrap();
            let out = z.slice_mut(s![.., from / 2..to / 2]);
            half.process_lanes(&mut states.1, block, out).unwrap();
        }
        float.apply_lanes(x.view(), y[2].view_mut()).unwrap();
        for lane in 0..3 {
            let row = x.row(lane);
            let row = row.as_slice().unwrap();
            let mut single = vec![0.0; 400];
            symbol
                .process(&mut symbol.state(), row, &mut single)
                .unwrap();
            assert_eq!(bits(y[0].row(lane).as_slice().unwrap()), bits(&single));
            float.process(&mut float.state(), row, &mut single).unwrap();
            assert_eq!(bits(y[1].row(lane).as_slice().unwrap()), bits(&single));
            float.apply(row, &mut single).unwrap();
            assert_eq!(bits(y[2].row(lane).as_slice().unwrap()), bits(&single));
            half.process(&mut half.state(), row, &mut single[..200])
                .unwrap();
            assert_eq!(bits(z.row(lane).as_slice().unwrap()), bits(&single[..200]));
            // Outputs 70 to 90 of the causal filter see sample 70.
            let nans = |row: &[f32]| row.iter().filter(|v| v.is_nan()).count();
            let expected = if lane == 1 { [21, 25, 10] } else { [0; 3] };
            assert_eq!(nans(y[0].row(lane).as_slice().unwrap()), expected[0]);
            assert_eq!(nans(y[1].row(lane).as_slice().unwrap()), expected[1]);
            assert_eq!(nans(z.row(lane).as_slice().unwrap()), expected[2]);
        }
        states.0[1].reset();
        states.1[1].reset();
        states.2[1].reset();
        let clean = Array2::<f32>::ones((3, 40));
        let mut out = Array2::<f32>::zeros((3, 40));
        symbol
            .process_lanes(&mut states.0, clean.view(), out.view_mut())
            .unwrap();
        assert!(out.iter().all(|v| v.is_finite()));
    }
}

proptest! {
    #[test]
    fn half_spacing_equals_the_reference_for_any_split(
        taps in prop::collection::vec(-2.0f32..2.0, 1..90),
        at in 0.0f64..1.0,
        blocks in prop::collection::vec(0usize..200, 0..8),
        seed in 1u32..1000,
        more in 0usize..1500,
    ) {
        let precursors = ((taps.len() as f64 * at) as usize).min(taps.len() - 1);
        let n = blocks.iter().sum::<usize>() + more;
        check_half(&taps, precursors, &noise(seed, 2 * n), &blocks);
    }

    #[test]
    fn floating_taps_equal_the_reference_for_any_split(
        taps in prop::collection::vec(-2.0f32..2.0, 1..40),
        at in 0.0f64..1.0,
        gaps in prop::collection::vec((0usize..200, prop::collection::vec(-2.0f32..2.0, 1..20)), 0..5),
        blocks in prop::collection::vec(0usize..200, 0..8),
        seed in 1u32..1000,
        more in 0usize..1500,
    ) {
        let precursors = ((taps.len() as f64 * at) as usize).min(taps.len() - 1);
        let mut end = taps.len() - precursors;
        let mut groups = Vec::new();
        for (gap, taps) in gaps {
            let delay = end + gap;
            end = delay + taps.len();
            groups.push(FloatingGroup { delay, taps });
        }
        let config = FloatingFfeConfig { taps, precursors, groups };
        prop_assume!(end <= MAX_DELAY + 1);
        check_floating(&config, &noise(seed, blocks.iter().sum::<usize>() + more), &blocks);
    }
}
