//! Zero forcing: closed forms, the equations themselves, the order against least mean square error.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::super::reference::convolution_matrix;
use super::super::{Design, Forcing, MmseConfig, mmse, zero_forcing};
use super::{FREE, coloured, lossy, pulse};
use crate::Error;
use crate::signal::Pulse;

fn white(power: f64, lags: usize) -> Vec<f64> {
    let mut noise = vec![0.0; lags];
    noise[0] = power;
    noise
}

/// The cursors after the taps, and the index of the main one.
fn cursors(p: &Pulse, design: &Design, precursors: usize) -> (Vec<f64>, usize) {
    let (matrix, _) = convolution_matrix(&p.samples, p.cursor, design.ffe.len(), precursors);
    let q = matrix * DVector::from_column_slice(&design.ffe);
    (q.iter().copied().collect(), p.cursor + precursors)
}

#[test]
fn one_pole_is_inverted_in_closed_form() {
    // 1 / (1 + a z^-1) = sum (-a)^k z^-k; cut to N taps its noise gain is (1 - a^2N) / (1 - a^2), and
    // the cursor left is q[N] = -(-a)^N.
    for a in [0.3, 0.5, 0.8] {
        for n in [1, 3, 8, 60] {
            let config = MmseConfig {
                ffe_taps: n,
                ..MmseConfig::default()
            };
            let noise = white(1e-3, n);
            let channel = pulse(&[0.5, 0.5 * a], 0);
            let d = zero_forcing(&channel, &noise, &config, Forcing::Cursors).unwrap();
            for (k, w) in d.ffe.iter().enumerate() {
                assert!((w - 2.0 * (-a).powi(k as i32)).abs() < 1e-12);
            }
            let gain = (1.0 - a.powi(2 * n as i32)) / (1.0 - a * a);
            assert!((d.noise_enhancement / gain - 1.0).abs() < 1e-12);
            assert!((d.noise_variance / (gain * 1e-3 / 0.25) - 1.0).abs() < 1e-12);
            let left = a.powi(n as i32);
            assert!(
                (d.peak_distortion - left).abs() < 1e-13,
                "{}",
                d.peak_distortion
            );
            assert!((d.isi_variance - 5.0 / 9.0 * left * left).abs() < 1e-13);
        }
    }
}

#[test]
fn long_filters_reach_the_noise_of_the_infinite_one() {
    // Infinite zero forcing: 1/2pi integral of 1 / |H|^2, which is 1 / (1 - a^2) for one pole and for
    // (1 + a z^-1)(1 + b z) the value of the numerical integral.
    let (a, b) = (0.5, 0.3);
    let n = 80;
    let channel = pulse(&[b, 1.0 + a * b, a], 1);
    let config = MmseConfig {
        ffe_taps: n,
        precursors: n / 2,
        ..MmseConfig::default()
    };
    let points = 4096;
    let mean: f64 = (0..points)
        .map(|i| {
            let w = 2.0 * std::f64::consts::PI * f64::from(i) / f64::from(points);
            let square = |c: f64| 1.0 + c * c + 2.0 * c * w.cos();
            1.0 / (square(a) * square(b))
        })
        .sum::<f64>()
        / f64::from(points);
    let expected = mean * (1.0 + a * b) * (1.0 + a * b);
    for forcing in [
        Forcing::Cursors,
        Forcing::LeastSquares,
        Forcing::LeastNoise {
            before: 38,
            after: 38,
        },
    ] {
        let d = zero_forcing(&channel, &white(1e-3, n), &config, forcing).unwrap();
        // Truncation at 38 symbols: 0.5^76.
        assert!(
            (d.noise_enhancement / expected - 1.0).abs() < 1e-9,
            "{forcing:?}"
        );
        assert!(d.peak_distortion < 1e-9);
    }
}

#[test]
fn feedback_cursors_are_not_forced() {
    let channel = pulse(&[1.0, 0.5], 0);
    let config = MmseConfig {
        ffe_taps: 6,
        dfe: vec![(0.0, 0.7)],
        ..MmseConfig::default()
    };
    let noise = white(1e-3, 6);
    let d = zero_forcing(&channel, &noise, &config, Forcing::Cursors).unwrap();
    // 1 + z^-1 / 2 needs no taps but the main one: the feedback takes the rest.
    assert!((d.ffe[0] - 1.0).abs() < 1e-12 && d.ffe[1..].iter().all(|w| w.abs() < 1e-12));
    assert!((d.dfe[0] - 0.5).abs() < 1e-12 && d.peak_distortion < 1e-12);
    assert!((d.noise_enhancement - 1.0).abs() < 1e-12);
    // A bound below it: the same cursors in least squares, which is more than clipping would reach.
    let tight = MmseConfig {
        dfe: vec![(0.0, 0.2)],
        ..config
    };
    let bounded = zero_forcing(&channel, &noise, &tight, Forcing::Cursors).unwrap();
    assert_eq!(bounded.dfe[0], 0.2);
    let clipped = 5.0 / 9.0 * 0.3 * 0.3;
    println!(
        "bounded {:.2e}, clipped {clipped:.2e}",
        bounded.isi_variance
    );
    assert!(bounded.isi_variance < 0.5 * clipped);
}

proptest! {
    #[test]
    fn forced_cursors_vanish_and_least_mean_square_error_is_never_worse(
        seed in any::<u32>(), taps in 1usize..16, pre in 0usize..16, dfe in 0usize..3,
        power in 1e-6f64..1e-2,
    ) {
        let p = lossy(seed, 40, 6);
        let noise = coloured(power, taps);
        let pre = pre % taps;
        let config = MmseConfig {
            ffe_taps: taps, precursors: pre, dfe: vec![FREE; dfe], ..MmseConfig::default()
        };
        let best = mmse(&p, &noise, &config).unwrap();
        let after = taps - 1 - pre;
        let fewer = Forcing::LeastNoise { before: pre / 2, after: after / 2 };
        for forcing in [Forcing::Cursors, Forcing::LeastSquares, fewer] {
            let d = match zero_forcing(&p, &noise, &config, forcing) {
                // A random pulse may leave the equations undetermined.
                Err(Error::Singular { .. }) => continue,
                other => other.unwrap(),
            };
            let (before, after) = match forcing {
                Forcing::Cursors => (pre, after),
                Forcing::LeastNoise { before, after } => (before, after),
                Forcing::LeastSquares => (0, 0),
            };
            let (q, main) = cursors(&p, &d, pre);
            prop_assert!((q[main] - 1.0).abs() < 1e-9);
            let scale: f64 = d.ffe.iter().map(|w| w.abs()).sum();
            let late = main + dfe + 1;
            for m in (main - before..main).chain(late..late + after) {
                let value = q.get(m).copied().unwrap_or(0.0);
                prop_assert!(value.abs() < 1e-9 * (1.0 + scale), "{forcing:?} {m}: {value}");
            }
            prop_assert!(d.snr <= best.snr * (1.0 + 1e-9));
            // The report, from the cursors themselves.
            let fed_back = |m: usize| (main + 1..=main + dfe).contains(&m);
            let left = (0..q.len()).filter(|&m| m != main && !fed_back(m));
            let isi: f64 = left.map(|m| q[m] * q[m]).sum::<f64>() * config.symbol_variance;
            prop_assert!((d.isi_variance - isi).abs() < 1e-9 * (1.0 + isi));
        }
    }

    #[test]
    fn least_noise_is_the_minimum_of_its_equations(
        seed in any::<u32>(), taps in 4usize..12, power in 1e-4f64..1e-1,
    ) {
        // min w' R w with A w = e: w = R^-1 A' (A R^-1 A')^-1 e.
        let p = lossy(seed, 30, 5);
        let noise = coloured(power, taps);
        let pre = taps / 2;
        let config = MmseConfig { ffe_taps: taps, precursors: pre, ..MmseConfig::default() };
        let forcing = Forcing::LeastNoise { before: 1, after: 1 };
        let d = zero_forcing(&p, &noise, &config, forcing).unwrap();
        let (matrix, first) = convolution_matrix(&p.samples, p.cursor, taps, pre);
        let rows = matrix.rows((-1 - first) as usize, 3).into_owned();
        let inverse = DMatrix::from_fn(taps, taps, |i, k| noise[i.abs_diff(k)])
            .try_inverse().unwrap();
        let middle = (&rows * &inverse * rows.transpose()).try_inverse().unwrap();
        let w = inverse * rows.transpose() * middle * DVector::from_column_slice(&[0.0, 1.0, 0.0]);
        for (a, b) in d.ffe.iter().zip(w.iter()) {
            prop_assert!((a - b).abs() < 1e-7 * (1.0 + w.norm()), "{a} {b}");
        }
    }
}

#[test]
fn faint_noise_is_refused_or_gives_the_taps_of_any_other() {
    // Without limits the taps of least noise depend on the shape of the noise alone.
    let config = MmseConfig {
        ffe_taps: 5,
        precursors: 2,
        ..MmseConfig::default()
    };
    let p = pulse(&[0.2, 1.0, 0.3], 1);
    let forcing = Forcing::LeastNoise {
        before: 1,
        after: 1,
    };
    let design = |power: f64| zero_forcing(&p, &coloured(power, 5), &config, forcing);
    let usual = design(1e-3).unwrap();
    for power in [1e-299, 1e-200, 1e200, 1e299] {
        let faint = design(power).unwrap();
        for (a, b) in faint.ffe.iter().zip(&usual.ffe) {
            assert!((a - b).abs() < 1e-9, "{power:e}: {a} {b}");
        }
        assert!((faint.noise_enhancement / usual.noise_enhancement - 1.0).abs() < 1e-9);
    }
    for power in [1e-320, 1e-301, 1e301] {
        let text = design(power).unwrap_err().to_string();
        let start = "noise_autocorrelation[0] is 1e";
        assert!(
            text.starts_with(start) && text.contains("between"),
            "{text}"
        );
        assert!(mmse(&p, &coloured(power, 5), &config).is_err());
    }
    // The same where the pulse is so small that its square is no number.
    let small = pulse(&[1e-200], 0);
    let text = zero_forcing(&small, &[0.0; 5], &config, forcing).unwrap_err();
    let text = text.to_string();
    assert!(text.starts_with("power of the largest pulse"), "{text}");
}

#[test]
fn limits_that_no_taps_meet_say_so() {
    // Main tap 1 and side taps 0 do not force the cursors of this pulse.
    let p = pulse(&[0.2, 1.0, 0.3], 1);
    let config = MmseConfig {
        ffe_taps: 5,
        precursors: 2,
        ffe_limits: vec![(0.0, 0.0)],
        ..MmseConfig::default()
    };
    let forcing = Forcing::LeastNoise {
        before: 1,
        after: 1,
    };
    let text = zero_forcing(&p, &coloured(1e-3, 5), &config, forcing).unwrap_err();
    let text = text.to_string();
    let start = "equalizer with forced cursors (no taps meet them within the limits: force fewer)";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn mistakes_are_named() {
    let config = MmseConfig {
        ffe_taps: 4,
        precursors: 1,
        ..MmseConfig::default()
    };
    let p = pulse(&[0.2, 1.0, 0.3], 1);
    let design = |forcing| zero_forcing(&p, &[0.0; 4], &config, forcing);
    let quiet = design(Forcing::Cursors).unwrap();
    assert!(quiet.noise_variance == 0.0 && quiet.noise_enhancement > 1.0);
    let many = Forcing::LeastNoise {
        before: 2,
        after: 2,
    };
    assert!(matches!(design(many), Err(Error::OutOfRange { .. })));
    for (before, after, side) in [
        (usize::MAX, 1, "before"),
        (1, usize::MAX, "after"),
        (usize::MAX, usize::MAX, "before"),
        (0, 1025, "after"),
    ] {
        let text = design(Forcing::LeastNoise { before, after }).unwrap_err();
        let text = text.to_string();
        assert!(text.starts_with(&format!("forcing {side} is ")), "{text}");
        assert!(text.ends_with("must lie between 0 and 1024"), "{text}");
    }
    // The taps see nothing of the cursors to be forced.
    let far = pulse(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], 5);
    let wide = zero_forcing(&far, &[0.0; 4], &config, Forcing::Cursors);
    assert!(matches!(wide, Err(Error::Singular { .. })), "{wide:?}");
    let twice = Pulse::new(vec![0.2, 1.0, 0.3], 2, 1).unwrap();
    let spacing = zero_forcing(&twice, &[0.0; 4], &config, Forcing::Cursors);
    assert!(matches!(spacing, Err(Error::OutOfRange { .. })));
}
