//! Parts of an edge's displacement against their equations; splits; bad input.

use super::edge::MAX_SINUSOID_UI;
use super::*;
use crate::Error;

pub(super) fn point(offset_hz: f64, dbc_hz: f64) -> PhaseNoisePoint {
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
pub(super) fn profile() -> PhaseNoise {
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

pub(super) fn fill(config: &EdgeJitterConfig, level: Level, from: u64, n: usize) -> Vec<f32> {
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
