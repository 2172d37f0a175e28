//! Phase noise: profiles, splines, spectra.

use super::edge::SCALES;
use super::pyramid::{Pyramid, shape};
use super::tests::{fill, point, profile};
use super::*;

#[test]
fn a_profile_is_straight_between_its_points_and_integrates_exactly() {
    let p = profile();
    assert_eq!(p.dbc_hz(1e7), Some(-105.0));
    assert!((p.dbc_hz(10f64.powf(7.5)).unwrap() + 115.0).abs() < 1e-9);
    assert_eq!((p.dbc_hz(9e4), p.dbc_hz(1.1e9)), (None, None));
    // -120 dBc/Hz white over 1 GHz: 2 * 1e-12 * 1e9 rad^2 = 2e-3, over (2 pi)^2 in UI^2.
    let white = PhaseNoise {
        carrier_hz: 1e9,
        points: vec![point(1.0, -120.0), point(1e9 + 1.0, -120.0)],
    };
    let var = white.variance_ui2(0.0, 1e12, 1e9);
    assert!((var / (2e-3 / (2.0 * std::f64::consts::PI).powi(2)) - 1.0).abs() < 1e-9);
    // The same clock divided by two has half the phase and the same time: L falls by 6 dB.
    let half = PhaseNoise {
        carrier_hz: 0.5e9,
        points: vec![
            point(1.0, -126.020_599_913_28),
            point(1e9 + 1.0, -126.020_599_913_28),
        ],
    };
    assert!((half.variance_ui2(0.0, 1e12, 1e9) / var - 1.0).abs() < 1e-9);
    // -20 dB per decade from f1: integral S1 f1^2 (1/f1 - 1/f2); -10 dB: S1 f1 ln(f2/f1).
    for (slope, closed) in [(-20.0, 1.0 - 1e-3), (-10.0, 1e3f64.ln())] {
        let line = PhaseNoise {
            carrier_hz: 53.125e9,
            points: vec![point(1e5, -90.0), point(1e8, -90.0 + 3.0 * slope)],
        };
        let unit = 2.0 * 1e-9 * 1e5 / (2.0 * std::f64::consts::PI).powi(2);
        assert!((line.variance_ui2(0.0, 1e12, 53.125e9) / unit / closed - 1.0).abs() < 1e-9);
        // A trapezoid in small steps agrees.
        let steps = 20_000;
        let sum: f64 = (0..steps)
            .map(|i| {
                let f = |i: f64| 1e5 * 1e3f64.powf(i / f64::from(steps));
                let (a, b) = (f(f64::from(i)), f(f64::from(i) + 1.0));
                (b - a) * 0.5 * (line.ui2_hz(a, 53.125e9) + line.ui2_hz(b.min(1e8), 53.125e9))
            })
            .sum();
        assert!((sum / (unit * closed) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn scales_are_the_splines_that_the_pyramid_says() {
    // One scale alone, by B-splines from its white noise: no pyramid.
    let noise = crate::random::Gauss::new(4, 100 + 3);
    let mut w = [0.0f32; 64];
    noise.fill(0, &mut w);
    let c = |m: i64| f64::from(w[(m + 8) as usize + 1]) - f64::from(w[(m + 8) as usize]);
    let pyramid = Pyramid::single(3, 0.7, 4, 100);
    let mut tau = vec![0.0f32; 200];
    pyramid.add(None, 0, &mut tau);
    for (k, t) in tau.iter().enumerate() {
        let x = k as f64 / 8.0;
        let exact: f64 = (-1..=x as i64 + 2)
            .map(|m| 0.7 * c(m) * reference::b_spline(x - m as f64))
            .sum();
        assert!((f64::from(*t) - exact).abs() < 1e-6, "{k}");
    }
}

/// Power densities (one-sided, per cycle per symbol) by Welch's method: Hann windows of `n`, half overlapped.
fn welch(x: &[f32], n: usize) -> Vec<f64> {
    let hann: Vec<f64> = (0..n)
        .map(|i| (std::f64::consts::PI * i as f64 / n as f64).sin().powi(2))
        .collect();
    let power: f64 = hann.iter().map(|h| h * h).sum();
    let plan = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(n);
    let (mut data, mut lines) = (plan.make_input_vec(), plan.make_output_vec());
    let (mut sum, mut count) = (vec![0.0; n / 2 + 1], 0.0);
    for start in (0..=x.len() - n).step_by(n / 2) {
        for (d, (x, h)) in data.iter_mut().zip(x[start..].iter().zip(&hann)) {
            *d = f64::from(*x) * h;
        }
        plan.process(&mut data, &mut lines).unwrap();
        for (s, l) in sum.iter_mut().zip(&lines) {
            *s += l.norm_sqr();
        }
        count += 1.0;
    }
    sum.iter().map(|s| 2.0 * s / (power * count)).collect()
}

#[test]
fn phase_noise_has_the_spectrum_of_its_profile() {
    let config = EdgeJitterConfig {
        phase_noise: Some(profile()),
        ..EdgeJitterConfig::default()
    };
    let jitter = EdgeJitter::new(&config).unwrap();
    let baud = config.baud_hz;
    println!("profile error {:.2} dB", jitter.profile_error_db());
    assert!(jitter.profile_error_db() < 0.6);
    let n = 1 << 23;
    let tau = fill(&config, Level::best(), 1 << 33, n);
    // Decimated by block means for the low end, as they are for the high end.
    for (every, size) in [(1, 1 << 12), (256, 1 << 10)] {
        let slow: Vec<f32> = tau
            .chunks_exact(every)
            .map(|c| c.iter().sum::<f32>() / every as f32)
            .collect();
        let density = welch(&slow, size);
        let rate = baud / every as f64;
        let line = rate / size as f64;
        let mut checked = 0;
        // Third octaves, each line of which is far enough from zero for the window and below the images.
        let mut f = 1.3e5f64.max(6.0 * line);
        while f < 0.8e9f64.min(0.1 * rate) {
            let (lo, hi) = ((f / line) as usize, (f * 1.25 / line).ceil() as usize);
            let found = density[lo..hi].iter().sum::<f64>() / (hi - lo) as f64 / rate;
            let wanted = (lo..hi)
                .map(|i| profile().ui2_hz(i as f64 * line, baud))
                .sum::<f64>()
                / (hi - lo) as f64;
            let db = 10.0 * (found / wanted).log10();
            // Averages of at least 128 windows times lines: four standard errors of a 1/sqrt(128/1.05) are 1.3 dB for the
            // narrowest, and the fit's 0.6 dB.
            let averages = (slow.len() / size) as f64 * (hi - lo) as f64;
            let most = 0.6 + 4.0 * 4.34 * (1.05 / averages).sqrt();
            assert!(db.abs() < most, "{f:e} Hz: {db:.2} dB of {most:.2}");
            checked += 1;
            f *= 1.25;
        }
        assert!(checked > 8, "{checked}");
    }
    // RMS by the integral from the lowest offset that 2^23 symbols show (6 kHz): all of it.
    let mean = tau.iter().map(|t| f64::from(*t)).sum::<f64>() / n as f64;
    let power = tau
        .iter()
        .map(|t| (f64::from(*t) - mean).powi(2))
        .sum::<f64>()
        / n as f64;
    let closed = jitter.variance_ui2();
    println!(
        "rms {:.4} UI, integral {:.4} UI",
        power.sqrt(),
        closed.sqrt()
    );
    // Noise between 1e5 and 1e6 Hz carries most of it: 158 us hold some 150 independent values.
    assert!((power / closed - 1.0).abs() < 0.3);
}

#[test]
fn the_made_density_integrates_to_the_variance_of_the_profile() {
    for points in [
        vec![point(1e4, -80.0), point(1e9, -130.0)],
        vec![point(1e6, -100.0), point(20e9, -100.0)],
        vec![
            point(1e3, -40.0),
            point(1e6, -100.0),
            point(1e8, -130.0),
            point(1e10, -140.0),
        ],
    ] {
        let profile = PhaseNoise {
            carrier_hz: 106.25e9,
            points,
        };
        let config = EdgeJitterConfig {
            baud_hz: 106.25e9,
            phase_noise: Some(profile.clone()),
            ..EdgeJitterConfig::default()
        };
        let jitter = EdgeJitter::new(&config).unwrap();
        let error = jitter.profile_error_db();
        let (first, last) = (
            profile.points[0].offset_hz,
            profile.points[profile.points.len() - 1].offset_hz,
        );
        // Midpoints of small steps of the logarithm.
        let integral = |from: f64, to: f64| {
            let (steps, ratio) = (4000, to / from);
            (0..steps)
                .map(|i| {
                    let f = from * ratio.powf((f64::from(i) + 0.5) / f64::from(steps));
                    jitter.phase_noise_ui2_hz(f) * f * ratio.ln() / f64::from(steps)
                })
                .sum::<f64>()
        };
        let db = |power: f64| 10.0 * (power / jitter.variance_ui2()).log10();
        let (within, all) = (
            db(integral(first, last)),
            db(integral(first / 1e3, 0.5 * config.baud_hz)),
        );
        println!("error {error:.2} dB, power within {within:.2} dB, all {all:.2} dB");
        assert!(error < 0.7, "{error}");
        assert!(within.abs() < 0.3, "{within}");
        // The skirts beyond both ends: as much as the band again where a profile is cut off at its strongest.
        assert!(all < 3.5, "{all}");
    }
}

#[test]
fn the_shape_of_a_scale_has_the_variance_of_its_spline() {
    // Variance of a spline of first differences with white noise one, mean over the knot interval, against
    // the integral of its density.
    for j in [0, 1, 3, 6] {
        let n = 200_000;
        let integral: f64 = (0..n)
            .map(|i| shape(j, (f64::from(i) + 0.5) / f64::from(n) * 0.5))
            .sum::<f64>()
            / f64::from(n);
        let m = 1 << j;
        let mean: f64 = (0..m)
            .map(|i| {
                let x = f64::from(i) / f64::from(m);
                (-3..=3)
                    .map(|k| {
                        (reference::b_spline(x - f64::from(k))
                            - reference::b_spline(x - f64::from(k) - 1.0))
                        .powi(2)
                    })
                    .sum::<f64>()
            })
            .sum::<f64>()
            / f64::from(m);
        assert!(
            (integral / mean - 1.0).abs() < 1e-6,
            "{j}: {integral} {mean}"
        );
    }
}

#[test]
fn scales_add_up() {
    // Refined down the pyramid or each alone: the same sum but for rounding.
    let jitter = EdgeJitter::new(&EdgeJitterConfig {
        phase_noise: Some(profile()),
        seed: 3,
        ..EdgeJitterConfig::default()
    })
    .unwrap();
    let pyramid = jitter.pyramid.as_ref().unwrap();
    let (from, n) = (1_000_003, 1000);
    let mut sum = vec![0.0f64; n];
    for (j, sigma) in pyramid.sigma.iter().enumerate().filter(|(_, s)| **s > 0.0) {
        let mut part = vec![0.0f32; n];
        Pyramid::single(j, *sigma, 3, SCALES).add(None, from, &mut part);
        for (s, p) in sum.iter_mut().zip(&part) {
            *s += f64::from(*p);
        }
    }
    let mut all = vec![0.0f32; n];
    pyramid.add(None, from, &mut all);
    let size = all.iter().map(|t| t.abs()).fold(0.0, f32::max);
    assert!(size > 1e-3);
    for (a, s) in all.iter().zip(&sum) {
        // One rounding to f32 for each of some fifteen scales.
        assert!((f64::from(*a) - s).abs() < 15.0 * 6e-8 * f64::from(size));
    }
}

#[test]
fn the_wildest_profiles_give_numbers() {
    for points in [
        vec![point(1.0, 0.0), point(25e9, -300.0)],
        vec![
            point(1e6, -300.0),
            point(1.0001e6, 0.0),
            point(26.5625e9, 0.0),
        ],
        vec![point(1.0, -300.0), point(1.0 + 1e-9, -300.0)],
    ] {
        for carrier_hz in [1e6, 53.125e9, 1e15] {
            let points = points.clone();
            let config = EdgeJitterConfig {
                phase_noise: Some(PhaseNoise { carrier_hz, points }),
                ..EdgeJitterConfig::default()
            };
            let jitter = EdgeJitter::new(&config).unwrap();
            let mut tau = [f32::NAN; 100];
            jitter.fill(u64::MAX >> 1, &mut tau);
            assert!(tau.iter().all(|t| t.is_finite()), "{carrier_hz}");
            assert!(jitter.profile_error_db() >= 0.0);
        }
    }
}
