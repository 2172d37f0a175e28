//! Parts of an edge's displacement against their equations; splits; spectra.

use super::edge::MAX_SINUSOID_UI;
use super::pyramid::{Pyramid, shape};
use super::*;
use crate::Error;

fn point(offset_hz: f64, dbc_hz: f64) -> PhaseNoisePoint {
    PhaseNoisePoint { offset_hz, dbc_hz }
}

fn tone(amplitude_ui: f64, frequency_hz: f64, phase_rad: f64) -> Sinusoid {
    Sinusoid {
        amplitude_ui,
        frequency_hz,
        phase_rad,
    }
}

/// A synthesizer behind a loop of some MHz: flat, a shoulder, then 20 dB per decade down to a floor.
fn profile() -> PhaseNoise {
    PhaseNoise {
        carrier_hz: 53.125e9,
        points: vec![
            point(1e5, -85.0),
            point(1e6, -88.0),
            point(1e7, -105.0),
            point(1e8, -125.0),
            point(1e9, -138.0),
        ],
    }
}

fn everything() -> EdgeJitterConfig {
    EdgeJitterConfig {
        random_ui: 0.01,
        dual_dirac_ui: 0.02,
        even_odd_ui: 0.03,
        sinusoidal: vec![tone(0.05, 4e6, 0.7), tone(0.02, 1.7e9, -2.0)],
        phase_noise: Some(profile()),
        seed: 9,
        ..EdgeJitterConfig::default()
    }
}

fn fill(config: &EdgeJitterConfig, level: Level, from: u64, n: usize) -> Vec<f32> {
    let jitter = EdgeJitter::with_level(config, level).unwrap();
    assert_eq!(jitter.level(), level);
    let mut tau = vec![f32::NAN; n];
    jitter.fill(from, &mut tau);
    tau
}

#[test]
fn periodic_parts_are_their_equations_at_any_symbol_number() {
    let config = EdgeJitterConfig {
        even_odd_ui: 0.03,
        sinusoidal: vec![
            tone(0.5, 4e6, 0.7),
            tone(0.25, 26e9, -2.0),
            tone(0.1, 0.0, 1.0),
        ],
        ..EdgeJitterConfig::default()
    };
    for level in Level::all() {
        let jitter = EdgeJitter::with_level(&config, level).unwrap();
        for (from, n) in (0..40).map(|n| (3 * n, n as usize)).chain([
            (1, 3000),
            (10_000_000_007, 3000),
            ((1 << 62) + 5, 100),
        ]) {
            let mut tau = vec![f32::NAN; n];
            jitter.fill(from, &mut tau);
            for (i, t) in tau.iter().enumerate() {
                let exact = reference::deterministic(&jitter, from + i as u64);
                // Sines within 8e-7 of their amplitudes (twice the product of two functions within 2e-7 each,
                // and the rounding of the phase to 24 bits), sums within 1e-7.
                assert!((f64::from(*t) - exact).abs() < 1e-6, "{level} {from}+{i}");
            }
        }
    }
}

#[test]
fn a_sinusoid_does_not_drift() {
    // 4 MHz at 53.125 GBd: 13281.25 symbols a cycle. 1e10 symbols on, a whole number of cycles later, the
    // same sine comes again: 53125 symbols are 4 cycles.
    let config = EdgeJitterConfig {
        sinusoidal: vec![tone(1.0, 4e6, 0.3)],
        ..EdgeJitterConfig::default()
    };
    let early = fill(&config, Level::best(), 0, 2000);
    let late = fill(&config, Level::best(), 53125 * 200_000, 2000);
    for (a, b) in early.iter().zip(&late) {
        // Phase within 1e10 2^-65 cycles, amplitudes within 1e-6.
        assert!((a - b).abs() < 2e-6);
    }
}

#[test]
fn any_split_gives_the_same_bits_and_fused_levels_agree() {
    let config = everything();
    let n = 5000;
    for from in [
        0,
        1,
        1023,
        3 * 65_536 - 2000,
        10_000_000_001,
        (1 << 40) - 777,
    ] {
        let mut fused: Option<Vec<f32>> = None;
        for level in Level::all() {
            let whole = fill(&config, level, from, n);
            let mut parts = vec![f32::NAN; n];
            let jitter = EdgeJitter::with_level(&config, level).unwrap();
            let mut at = 0;
            for size in [0, 1, 2, 3, 17, 1000, 1024, 1025, n].into_iter().cycle() {
                let end = (at + size).min(n);
                jitter.fill(from + at as u64, &mut parts[at..end]);
                at = end;
                if at == n {
                    break;
                }
            }
            assert_eq!(whole, parts, "{level} {from}");
            // With a state, forwards over the border of 2^16 symbols and backwards.
            let (mut state, mut kept) = (jitter.state(), vec![f32::NAN; n]);
            for start in (0..n).step_by(700).chain((0..n).step_by(900).rev()) {
                let end = (start + 900).min(n);
                jitter.fill_with(&mut state, from + start as u64, &mut kept[start..end]);
            }
            assert_eq!(whole, kept, "{level} {from}");
            if level.is_fused() {
                assert_eq!(
                    fused.get_or_insert_with(|| whole.clone()),
                    &whole,
                    "{level}"
                );
            }
            let base = fill(&config, Level::BASELINE, from, n);
            let far = base
                .iter()
                .zip(&whole)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            // Normal numbers within 4e-6, sines within 1e-6 of amplitudes below 0.1; phase noise is larger in the
            // sums of its coarse scales but they are f64.
            assert!(far < 5e-6, "{level}: {far:e}");
        }
    }
    // Other seeds are other jitter.
    let other = EdgeJitterConfig {
        seed: 10,
        ..config.clone()
    };
    assert_ne!(
        fill(&config, Level::best(), 0, 100),
        fill(&other, Level::best(), 0, 100)
    );
}

#[test]
fn random_and_bounded_parts_have_their_variances() {
    let n = 1 << 20;
    let five = 5.0 / (n as f64).sqrt();
    for level in Level::all() {
        let config = EdgeJitterConfig {
            random_ui: 0.01,
            ..EdgeJitterConfig::default()
        };
        let tau = fill(&config, level, 5, n);
        let mean = tau.iter().map(|t| f64::from(*t)).sum::<f64>() / n as f64;
        let power = tau.iter().map(|t| f64::from(*t).powi(2)).sum::<f64>() / n as f64;
        assert!(mean.abs() < 0.01 * five && (power / 1e-4 - 1.0).abs() < 2f64.sqrt() * five);
        // Two values, even edges early by 0.0075, and as many on either side.
        let config = EdgeJitterConfig {
            dual_dirac_ui: 0.02,
            even_odd_ui: 0.015,
            ..EdgeJitterConfig::default()
        };
        let tau = fill(&config, level, 5, n);
        let mut late = 0usize;
        for (i, t) in tau.iter().enumerate() {
            let half = if (i + 5) % 2 == 1 { 0.0075 } else { -0.0075 };
            let two = t - half;
            assert!((two.abs() - 0.02).abs() < 1e-8);
            late += usize::from(two > 0.0);
        }
        assert!((late as f64 / n as f64 - 0.5).abs() < 0.5 * five);
        // Neighbours are independent.
        let product: f64 = tau.windows(3).map(|w| f64::from(w[0] * w[2])).sum::<f64>() / n as f64;
        assert!((product - 0.0075f64.powi(2)).abs() < 0.0005 * 5.0 / (n as f64).sqrt());
        let plan = EdgeJitter::with_level(&config, level).unwrap();
        let power = tau.iter().map(|t| f64::from(*t).powi(2)).sum::<f64>() / n as f64;
        assert!((power / plan.variance_ui2() - 1.0).abs() < 2e-3);
    }
}

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
fn senseless_jitter_is_refused() {
    let text = |c: EdgeJitterConfig| EdgeJitter::new(&c).unwrap_err().to_string();
    let base = EdgeJitterConfig::default();
    for bad in [-0.1, 0.6, f64::NAN, f64::INFINITY] {
        assert!(
            text(EdgeJitterConfig {
                random_ui: bad,
                ..base.clone()
            })
            .contains("random_ui")
        );
        assert!(
            text(EdgeJitterConfig {
                dual_dirac_ui: bad,
                ..base.clone()
            })
            .contains("dual_dirac_ui")
        );
        assert!(
            text(EdgeJitterConfig {
                even_odd_ui: bad,
                ..base.clone()
            })
            .contains("even_odd_ui")
        );
    }
    assert!(
        text(EdgeJitterConfig {
            baud_hz: 0.0,
            ..base.clone()
        })
        .contains("baud_hz")
    );
    for bad in [
        tone(-1.0, 1e6, 0.0),
        tone(2.0 * MAX_SINUSOID_UI, 1e6, 0.0),
        tone(0.1, 27e9, 0.0),
        tone(0.1, f64::NAN, 0.0),
        tone(0.1, 1e6, f64::INFINITY),
    ] {
        assert!(
            text(EdgeJitterConfig {
                sinusoidal: vec![bad],
                ..base.clone()
            })
            .contains("sinusoidal[0]")
        );
    }
    let with = |points: Vec<PhaseNoisePoint>| EdgeJitterConfig {
        phase_noise: Some(PhaseNoise {
            carrier_hz: 53e9,
            points,
        }),
        ..base.clone()
    };
    assert!(text(with(vec![])).contains("points"));
    assert!(text(with(vec![point(1e6, -100.0)])).contains("length 1"));
    assert!(matches!(
        EdgeJitter::new(&with(vec![point(1e6, -100.0); 2])).unwrap_err(),
        Error::NotIncreasing { index: 1, .. }
    ));
    assert!(
        text(with(vec![point(0.0, -100.0), point(1e6, -100.0)])).contains("points[0].offset_hz")
    );
    assert!(
        text(with(vec![point(1e6, -100.0), point(1e12, -100.0)])).contains("points[1].offset_hz")
    );
    assert!(text(with(vec![point(1e6, 10.0), point(1e7, -100.0)])).contains("points[0].dbc_hz"));
}
