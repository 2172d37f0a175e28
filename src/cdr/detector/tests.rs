//! S-curves, zeros, gains and noise against closed forms.

use super::{Curve, Shape, gain};
use crate::Error;
use crate::cdr::{CdrConfig, Detector};
use crate::signal::Pulse;

const PER_UI: usize = 32;

/// A pulse from a function of time in UI.
fn pulse(h: impl Fn(f64) -> f64, first: i32, last: i32) -> Pulse {
    let m = PER_UI as i32;
    let samples = (first * m..=last * m)
        .map(|i| h(f64::from(i) / f64::from(m)))
        .collect();
    Pulse::new(samples, PER_UI, (-first * m) as usize).unwrap()
}

/// Symmetric: a Gaussian whose neighbours are 0.2.
fn bell(t: f64) -> f64 {
    0.2f64.powf(t * t)
}

/// Skewed: fast up, slow down, main cursor near 0.3 UI.
fn skewed(t: f64) -> f64 {
    let x = t + 1.5;
    if x <= 0.0 {
        0.0
    } else {
        1.1 * x * x * (-1.3 * x).exp() * 1.2
    }
}

/// Where `f` falls through zero, by bisection.
fn zero(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-0.7, 0.9);
    assert!(f(low) > 0.0 && f(high) < 0.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn config(detector: Detector) -> CdrConfig {
    CdrConfig {
        detector,
        ..CdrConfig::default()
    }
}

#[test]
fn the_shape_is_exact_for_cubics_and_ends_with_the_pulse() {
    let cubic = |t: f64| 0.3 + t * (1.0 - t * (0.5 + 0.2 * t));
    let shape = Shape::new(&pulse(cubic, -2, 3)).unwrap();
    for i in -18..29 {
        let t = 0.1 * f64::from(i);
        assert!((shape.at(t) - cubic(t)).abs() < 1e-12, "{t}");
    }
    let mut comb = [0.0; 4];
    shape.comb(1.73, &mut comb);
    for (j, h) in comb.iter().enumerate() {
        assert!((h - cubic(1.73 - j as f64)).abs() < 1e-12 || j > 3);
    }
    for t in [-2.5, 3.5, 1e9, 1e300, f64::NAN, f64::INFINITY] {
        assert_eq!(shape.at(t), 0.0);
    }
    assert!(Shape::new(&Pulse::new(vec![1.0; 9], 2, 4).unwrap()).is_err());
}

#[test]
fn linear_mueller_muller_locks_where_the_neighbours_are_equal() {
    for noise in [0.0, 0.3] {
        let h = pulse(skewed, -2, 14);
        let found = gain(&config(Detector::MuellerMuller), &h, noise).unwrap();
        let phase = zero(|t| skewed(t + 1.0) - skewed(t - 1.0));
        // Cubic interpolation at 32 samples per UI.
        assert!(
            (found.lock_phase_ui - phase).abs() < 1e-5,
            "{found:?} {phase}"
        );
        let d = 1e-5;
        let slope = |t: f64| (skewed(t + d) - skewed(t - d)) / (2.0 * d);
        let k = slope(phase - 1.0) - slope(phase + 1.0);
        assert!((found.gain_per_ui / k - 1.0).abs() < 1e-3, "{found:?} {k}");
        assert!(phase.abs() > 0.05, "the pulse is not skewed: {phase}");
    }
}

#[test]
fn a_symmetric_pulse_is_sampled_at_its_middle_by_all() {
    for detector in Detector::ALL {
        let found = gain(&config(detector), &pulse(bell, -4, 4), 0.05).unwrap();
        // Counted means carry a statistical error: noise / 256 of the output over its gain, five times.
        let error = if detector.is_signed() {
            5.0 * found.noise_per_symbol.sqrt() / 256.0 / found.gain_per_ui
        } else {
            1e-9
        };
        assert!(found.lock_phase_ui.abs() < error, "{detector:?} {found:?}");
        assert!(found.gain_per_ui > 0.0 && found.noise_per_symbol > 0.0);
    }
}

#[test]
fn signs_have_the_zero_of_the_linear_form() {
    // A small pulse around a main cursor near one, as behind an equalizer, neighbours not equal at zero.
    let h = |t: f64| bell(t) * (1.0 + 0.2 * t) / 1.0;
    let phase = zero(|t| h(t + 1.0) - h(t - 1.0));
    let p = pulse(h, -4, 4);
    let found = gain(&config(Detector::SignMuellerMuller), &p, 0.1).unwrap();
    let error = 5.0 * found.noise_per_symbol.sqrt() / 256.0 / found.gain_per_ui;
    assert!(error < 0.06, "{error}");
    assert!(
        (found.lock_phase_ui - phase).abs() < error,
        "{found:?} {phase} {error}"
    );
    assert!(phase.abs() > 0.06, "{phase}");
}

#[test]
fn closed_forms_equal_counts() {
    let h = pulse(skewed, -2, 14);
    for detector in [Detector::MuellerMuller, Detector::Gardner] {
        let curve = Curve::new(&config(detector), &h, 0.2).unwrap();
        for phase in [-0.4, -0.1, 0.2, 0.45] {
            let e = curve.outputs(phase);
            let count = e.iter().sum::<f64>() / e.len() as f64;
            let error = 5.0 * curve.noise_per_symbol(phase).sqrt() / 256.0;
            assert!(
                (count - curve.mean(phase)).abs() < error,
                "{detector:?} {phase}"
            );
            assert!(error < 0.1);
        }
    }
}

#[test]
fn gardner_repeats_every_symbol() {
    let curve = Curve::new(&config(Detector::Gardner), &pulse(skewed, -2, 14), 0.0).unwrap();
    for phase in [-0.3, 0.1, 0.4] {
        // What the interpolation of the kink at the pulse's start moves.
        assert!((curve.mean(phase) - curve.mean(phase + 1.0)).abs() < 1e-9);
    }
}

#[test]
fn signs_of_three_cursors_in_noise_are_error_functions() {
    // Main cursor one, neighbours u before and v after: the error is a[k-1] v + a[k+1] u + noise.
    let (u, v, s) = (0.05, 0.11, 0.25);
    let mut samples = vec![0.0; 33];
    (samples[12], samples[16], samples[20]) = (u, 1.0, v);
    let p = Pulse::new(samples, 4, 16).unwrap();
    let curve = Curve::new(&config(Detector::SignMuellerMuller), &p, s).unwrap();
    let levels = [-3.0, -1.0, 1.0, 3.0f64];
    // E[sgn(a) sgn(a x + b y + n)] over a, b.
    let one = |x: f64, y: f64| -> f64 {
        let mut sum = 0.0;
        for a in levels {
            for b in levels {
                let m = (a * x + b * y) / (s * std::f64::consts::SQRT_2);
                sum += a.signum() * statrs::function::erf::erf(m) / 16.0;
            }
        }
        sum
    };
    let expected = one(v, u) - one(u, v);
    let error = 5.0 * curve.noise_per_symbol(0.0).sqrt() / 256.0;
    assert!(
        (curve.mean(0.0) - expected).abs() < error,
        "{} {expected}",
        curve.mean(0.0)
    );
    assert!(expected > 2.0 * error, "{expected} {error}");
}

#[test]
fn linear_noise_of_white_samples_has_a_closed_form() {
    // Pulse of one cursor: e = (a[k-1] n[k] - a[k] n[k-1]) / sigma^2, uncorrelated: 2 s^2 / sigma^2.
    let mut samples = vec![0.0; 33];
    samples[16] = 1.0;
    let p = Pulse::new(samples, 4, 16).unwrap();
    let s = 0.3;
    let curve = Curve::new(&config(Detector::MuellerMuller), &p, s).unwrap();
    let expected = 2.0 * s * s / 5.0;
    // 1024 blocks: a variance is good to sqrt(2 / 1024) = 4.4 %, three times.
    assert!((curve.noise_per_symbol(0.0) / expected - 1.0).abs() < 0.13);
}

#[test]
fn a_pulse_without_a_zero_is_an_error() {
    // Rising all the way: nothing comes after.
    let p = pulse(|t| (2.0 + t).max(0.0), -2, 0);
    let flat = Pulse::new(vec![0.0; 64], 16, 32).unwrap();
    for detector in [Detector::MuellerMuller, Detector::Gardner] {
        assert!(matches!(
            gain(&config(detector), &flat, 0.0),
            Err(Error::NoData { .. })
        ));
    }
    let _ = gain(&config(Detector::MuellerMuller), &p, 0.0);
    assert!(Curve::new(&config(Detector::Gardner), &flat, f64::NAN).is_err());
}
