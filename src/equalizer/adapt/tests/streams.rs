//! Many streams: the same numbers as the reference, bit for bit.

use std::ops::{Add, Mul, Sub};

use super::*;

/// `f32` whose `mul_add` rounds once, as the FMA levels do.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Fused(f32);

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait for Fused {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self(self.0 $op other.0)
            }
        }
    };
}
operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);

impl Number for Fused {
    fn constant(x: f32) -> Self {
        Self(x)
    }
    fn at_least(self, other: Self) -> bool {
        self.0 >= other.0
    }
    fn mul_add(self, m: Self, a: Self) -> Self {
        Self(self.0.mul_add(m.0, a.0))
    }
}

/// Outputs, decisions and final feed-forward taps of one stream by the reference. A sample that is
/// not finite counts as zero and stops the updates while the taps see it.
fn by_reference<T: Number>(
    config: &AdaptConfig,
    x: &[f32],
    known: Option<&[u8]>,
) -> (Vec<T>, Vec<u8>, Reference<T>, u64) {
    let (n, p) = (config.ffe.taps.len(), config.ffe.precursors);
    let mut r = reference::<T>(config, 1.0);
    let clean = |i: usize| if x[i].is_finite() { x[i] } else { 0.0 };
    let mut past = vec![T::constant(0.0); 16];
    let (mut ys, mut ds, mut left_out) = (Vec::new(), Vec::new(), 0);
    for i in 0..x.len() {
        let window: Vec<T> = (0..n)
            .map(|k| T::constant(if k <= i { clean(i - k) } else { 0.0 }))
            .collect();
        let bad = (0..n).any(|k| k <= i && !x[i - k].is_finite());
        let symbol = if i < p { None } else { known.map(|s| s[i - p]) };
        let step = if i < p || bad {
            left_out += u64::from(i >= p);
            r.output(&window, &past, symbol).1
        } else {
            r.step(&window, &past, symbol)
        };
        ys.push(step.y);
        ds.push(step.decision);
        past.rotate_right(1);
        past[0] = if i < p {
            T::constant(0.0)
        } else {
            step.fed_back
        };
    }
    (ys, ds, r, left_out)
}

/// Interleaves the records of streams.
fn interleave<T: Copy>(rows: &[Vec<T>]) -> Vec<T> {
    (0..rows[0].len())
        .flat_map(|n| rows.iter().map(move |row| row[n]))
        .collect()
}

fn check<T: Number>(
    config: &AdaptConfig,
    streams: usize,
    trained: bool,
    level: Level,
    value: fn(T) -> f32,
) {
    let n = 120;
    let mut records: Vec<(Vec<u8>, Vec<f32>)> = (0..streams as u64)
        .map(|s| record(s, n, &[1.0, 0.25, -0.1], 0.2))
        .collect();
    records[streams / 2].1[33] = f32::NAN;
    records[0].1[90] = f32::NEG_INFINITY;
    let plan = Streams::with_level(config, level).unwrap();
    assert_eq!(plan.level(), level);
    let mut state = plan.state(streams).unwrap();
    let x = interleave(&records.iter().map(|r| r.1.clone()).collect::<Vec<_>>());
    let symbols = interleave(&records.iter().map(|r| r.0.clone()).collect::<Vec<_>>());
    let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
    // Cuts that lie within a window, with a stretch free of bad samples between them.
    for r in [0..47, 47..62, 62..88, 88..n].map(|r| r.start * streams..r.end * streams) {
        let (y, d) = (&mut y[r.clone()], &mut d[r.clone()]);
        if trained {
            plan.train(&mut state, &x[r.clone()], &symbols[r], y, d)
                .unwrap();
        } else {
            plan.track(&mut state, &x[r], y, d).unwrap();
        }
    }
    for (s, (sent, x)) in records.iter().enumerate() {
        let (ys, ds, r, left_out) = by_reference::<T>(config, x, trained.then_some(&sent[..]));
        for i in 0..n {
            assert_eq!(
                y[i * streams + s],
                value(ys[i]),
                "{level} stream {s} output {i}"
            );
            assert_eq!(d[i * streams + s], ds[i], "{level} stream {s} decision {i}");
        }
        let now = state.equalizer(s).unwrap();
        let all = |taps: &[T]| taps.iter().map(|&w| value(w)).collect::<Vec<_>>();
        assert_eq!(
            (now.ffe, now.dfe),
            (all(&r.ffe), all(&r.dfe)),
            "{level} stream {s}"
        );
        assert_eq!((now.gain, now.offset), (value(r.gain), value(r.offset)));
        assert_eq!(now.levels, r.levels.map(value));
        assert_eq!(state.left_out(s).unwrap(), left_out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_stream_is_the_reference_bit_for_bit(
        config in configs(),
        streams in prop_oneof![1usize..=18, Just(31usize), Just(32), Just(33)],
        trained: bool,
    ) {
        for level in Level::all() {
            if level.is_fused() {
                check::<Fused>(&config, streams, trained, level, |x| x.0);
            } else {
                check::<f32>(&config, streams, trained, level, |x| x);
            }
        }
    }
}

#[test]
fn lanes_and_interleaved_streams_are_the_same() {
    let config = AdaptConfig {
        ffe: FfeConfig {
            taps: vec![0.0, 1.0, 0.0, 0.0, 0.0],
            precursors: 1,
        },
        dfe: vec![0.0; 2],
        steps: Parts {
            ffe: 1e-3,
            dfe: 1e-3,
            levels: 1e-3,
            ..Parts::default()
        },
        ..AdaptConfig::default()
    };
    let (streams, n) = (19, 600);
    let records: Vec<_> = (0..streams as u64)
        .map(|s| record(s, n, &[1.0, 0.3], 0.1))
        .collect();
    let x = ndarray::Array2::from_shape_fn((streams, n), |(s, i)| records[s].1[i]);
    let symbols = ndarray::Array2::from_shape_fn((streams, n), |(s, i)| records[s].0[i]);
    let plan = Streams::new(&config).unwrap();
    let (mut a, mut b) = (plan.state(streams).unwrap(), plan.state(streams).unwrap());
    let (mut y, mut d) = (
        ndarray::Array2::zeros((streams, n)),
        ndarray::Array2::zeros((streams, n)),
    );
    plan.train_lanes(&mut a, x.view(), symbols.view(), y.view_mut(), d.view_mut())
        .unwrap();
    let flat = |v: &ndarray::Array2<f32>| v.t().iter().copied().collect::<Vec<_>>();
    let sent: Vec<u8> = symbols.t().iter().copied().collect();
    let (mut fy, mut fd) = (vec![0.0; n * streams], vec![0; n * streams]);
    plan.train(&mut b, &flat(&x), &sent, &mut fy, &mut fd)
        .unwrap();
    assert_eq!(fy, flat(&y));
    assert_eq!(fd, d.t().iter().copied().collect::<Vec<u8>>());
    for s in 0..streams {
        assert_eq!(a.equalizer(s).unwrap(), b.equalizer(s).unwrap());
        assert_eq!(a.mse(s).unwrap(), b.mse(s).unwrap());
    }
    plan.reset(&mut a).unwrap();
    assert_eq!(a.equalizer(3).unwrap().ffe, config.ffe.taps);
    assert!(a.equalizer(19).is_err() && a.mse(19).is_err());
    assert!(
        plan.track_lanes(
            &mut a,
            x.view(),
            y.slice_mut(ndarray::s![1.., ..]),
            d.view_mut()
        )
        .is_err()
    );
}
