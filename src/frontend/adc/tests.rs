//! Linear view, kernel against reference, splits, bad input.

use super::mismatch::Slices;
use super::*;
use crate::Level;
use crate::frontend::quantizer::QuantizerConfig;

#[test]
fn an_ideal_quantizer_has_its_step_squared_over_twelve() {
    // 6 bits, full scale +-1: step 2/64, variance step^2/12.
    let step: f64 = 2.0 / 64.0;
    let v = noise_variance(6.0, 4.0, 0.25);
    assert!((v / (step * step / 12.0) - 1.0).abs() < 1e-12);
    assert!((sndr_db(6.0) - 37.88).abs() < 0.01);
    assert!((noise_variance(5.0, 4.0, 0.25) / v - 4.0).abs() < 1e-12);
}

pub(super) fn wave(n: usize, f: f64, size: f64) -> Vec<f32> {
    (0..n)
        .map(|i| (size * (i as f64 * f + 0.3).sin()) as f32)
        .collect()
}

pub(super) fn mismatched(slices: usize, quantizer: Option<QuantizerConfig>) -> AdcConfig {
    AdcConfig {
        slices,
        quantizer,
        offset: Mismatch::Sigma(0.02),
        gain: Mismatch::Sigma(0.03),
        skew_ui: Mismatch::Sigma(0.01),
        bandwidth: Some(BandwidthMismatch::new(Mismatch::Sigma(0.03), 40e9, 53e9)),
        seed: 5,
        ..AdcConfig::default()
    }
}

#[test]
fn every_level_equals_the_reference_at_every_length_and_number_of_slices() {
    let quantizer = QuantizerConfig {
        bits: 6,
        full_scale: 0.9,
    };
    for slices in [1, 2, 3, 7, 16, 17, 32, 64, 100] {
        for quantizer in [None, Some(quantizer)] {
            for (n, first) in (0..50)
                .map(|n| (n, 7 * n as u64))
                .chain([(1000, (1 << 40) + 13)])
            {
                let (x, slope) = (wave(n, 0.8, 1.0), wave(n, 1.7, 0.5));
                let mut bits: Option<Vec<f32>> = None;
                for level in Level::all() {
                    let adc = Adc::with_level(&mismatched(slices, quantizer), level).unwrap();
                    assert_eq!(adc.level(), level);
                    let mut state = adc.state();
                    let mut y = vec![0.0; n];
                    adc.process(&mut state, &x, Some(&slope), first, &mut y)
                        .unwrap();
                    for i in 0..n {
                        let at = |q: Option<&QuantizerConfig>| {
                            let (x, s) = (f64::from(x[i]), f64::from(slope[i]));
                            reference::at(x, s, first + i as u64, adc.mismatches(), q)
                        };
                        // Constants, products and sums round at 2^-24 each, below two in size.
                        let near = 5e-7;
                        let exact = at(quantizer.as_ref());
                        let mut error = (f64::from(y[i]) - exact).abs();
                        if let Some(q) = &quantizer {
                            // A sample that close to a threshold may fall to either side of it.
                            let v = at(None) / q.step();
                            if (v - v.round()).abs() * q.step() < near {
                                error = (error - q.step()).abs().min(error);
                            }
                        }
                        assert!(error < near, "{level} {slices} {i}/{n}: {error:e}");
                    }
                    assert_eq!(bits.get_or_insert_with(|| y.clone()), &y, "{level}");
                    let beyond = (0..n).filter(|&i| {
                        let y = reference::at(
                            f64::from(x[i]),
                            f64::from(slope[i]),
                            first + i as u64,
                            adc.mismatches(),
                            None,
                        );
                        y.abs() > 0.9
                    });
                    let expected = if quantizer.is_some() {
                        beyond.count()
                    } else {
                        0
                    };
                    assert_eq!(
                        (state.samples(), state.clipped()),
                        (n as u64, expected as u64)
                    );
                }
            }
        }
    }
}

#[test]
fn any_split_gives_the_same_bits_noise_included() {
    for level in Level::all() {
        for quantizer in [None, Some(QuantizerConfig::default())] {
            let config = AdcConfig {
                thermal_sigma: 0.01,
                aperture_ui: 0.01,
                ..mismatched(12, quantizer)
            };
            let adc = Adc::with_level(&config, level).unwrap();
            let n = 5000;
            let (x, slope) = (wave(n, 0.8, 1.1), wave(n, 1.7, 0.5));
            let first = 12_345_678_901;
            let (mut whole, mut one) = (vec![0.0; n], adc.state());
            adc.process(&mut one, &x, Some(&slope), first, &mut whole)
                .unwrap();
            let (mut parts, mut two, mut at) = (vec![0.0; n], adc.state(), 0);
            for size in [0, 1, 15, 16, 17, 1000, 1024, 63, n].into_iter().cycle() {
                let end = (at + size).min(n);
                adc.process(
                    &mut two,
                    &x[at..end],
                    Some(&slope[at..end]),
                    first + at as u64,
                    &mut parts[at..end],
                )
                .unwrap();
                at = end;
                if at == n {
                    break;
                }
            }
            assert_eq!(whole, parts, "{level}");
            assert_eq!(one.clipped(), two.clipped());
            if quantizer.is_some() {
                assert!(one.clipped() > 0);
            }
        }
    }
}

#[test]
fn thermal_noise_and_aperture_have_their_variances() {
    let n = 1 << 20;
    for (thermal_sigma, aperture_ui) in [(0.02, 0.0), (0.0, 0.05), (0.02, 0.05)] {
        let adc = Adc::new(&AdcConfig {
            quantizer: None,
            thermal_sigma,
            aperture_ui,
            ..AdcConfig::default()
        })
        .unwrap();
        let (x, slope) = (vec![0.0; n], vec![0.3; n]);
        let mut y = vec![0.0; n];
        adc.process(&mut adc.state(), &x, Some(&slope), 0, &mut y)
            .unwrap();
        let power = y.iter().map(|y| f64::from(*y).powi(2)).sum::<f64>() / n as f64;
        let expected = thermal_sigma.powi(2) + (0.3 * aperture_ui).powi(2);
        // Five standard errors, sqrt(2/n) each.
        assert!(
            (power / expected - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt(),
            "{power:e}"
        );
    }
}

#[test]
fn bandwidth_mismatch_is_the_ratio_of_two_poles_at_the_reference() {
    let mismatch = BandwidthMismatch {
        reference_hz: 20e9,
        ..BandwidthMismatch::new(Mismatch::None, 35e9, 53.125e9)
    };
    let e = 1e-4;
    let pole = |corner: f64| 1.0 / num_complex::Complex64::new(1.0, 20e9 / corner);
    let ratio = pole(35e9 * (1.0 + e)) / pole(35e9);
    let (gain, skew) = mismatch.gain_and_skew(e);
    // Second order in e.
    assert!((ratio.norm() - 1.0 - gain).abs() < 1e-8, "{ratio} {gain}");
    let phase = 2.0 * std::f64::consts::PI * 20e9 / 53.125e9 * skew;
    assert!((ratio.arg() - phase).abs() < 1e-8, "{ratio} {phase}");
}

#[test]
fn senseless_converters_are_refused() {
    let text = |c: AdcConfig| Adc::new(&c).unwrap_err().to_string();
    let base = AdcConfig::default();
    let q = |bits, full_scale| Some(QuantizerConfig { bits, full_scale });
    assert_eq!(
        text(AdcConfig {
            slices: 0,
            ..base.clone()
        }),
        "adc slices is 0, must lie between 1 and 4096"
    );
    assert!(
        text(AdcConfig {
            quantizer: q(7, 0.0),
            ..base.clone()
        })
        .starts_with("adc quantizer.full_scale is 0")
    );
    assert!(
        text(AdcConfig {
            quantizer: q(0, 1.0),
            ..base.clone()
        })
        .starts_with("adc quantizer.bits is 0")
    );
    assert!(
        text(AdcConfig {
            quantizer: q(17, 1.0),
            ..base.clone()
        })
        .starts_with("adc quantizer.bits is 17")
    );
    let list = |n| Mismatch::List(vec![0.0; n]);
    assert_eq!(
        text(AdcConfig {
            gain: list(31),
            ..base.clone()
        }),
        "adc gain has length 31, must be 32"
    );
    assert!(
        text(AdcConfig {
            offset: list(33),
            ..base.clone()
        })
        .contains("length 33")
    );
    assert!(
        text(AdcConfig {
            skew_ui: Mismatch::Sigma(f64::NAN),
            ..base.clone()
        })
        .contains("NaN")
    );
    assert!(
        text(AdcConfig {
            skew_ui: Mismatch::List(vec![f64::INFINITY; 32]),
            ..base.clone()
        })
        .contains("skew_ui[0]")
    );
    assert!(
        text(AdcConfig {
            thermal_sigma: -1.0,
            ..base.clone()
        })
        .contains("thermal_sigma")
    );
    assert!(
        text(AdcConfig {
            aperture_ui: 0.3,
            ..base.clone()
        })
        .contains("aperture_ui")
    );
    let bandwidth = Some(BandwidthMismatch::new(Mismatch::None, 0.0, 53e9));
    assert!(
        text(AdcConfig {
            bandwidth,
            ..base.clone()
        })
        .contains("corner_hz")
    );
}

#[test]
fn senseless_calls_change_nothing_and_wild_samples_stay_where_they_are() {
    let adc = Adc::new(&mismatched(8, None)).unwrap();
    let mut state = adc.state();
    let mut y = [7.0; 4];
    let error = adc
        .process(&mut state, &[0.0; 4], None, 0, &mut y)
        .unwrap_err();
    assert_eq!(error.to_string(), "adc slope has length 0, must be 4");
    assert!(adc.process(&mut state, &[0.0; 3], None, 0, &mut y).is_err());
    let other = Adc::new(&mismatched(4, None)).unwrap();
    assert!(
        other
            .process(&mut state, &[0.0; 4], Some(&[0.0; 4]), 0, &mut y)
            .is_err()
    );
    assert!(adc.set_trim(&mut state, &Slices::alike(4)).is_err());
    assert_eq!((y, state.samples()), ([7.0; 4], 0));
    assert!(noise_beside(&QuantizerConfig::default(), f64::NAN).is_err());

    let adc = Adc::new(&AdcConfig::default()).unwrap();
    let mut y = [0.0; 4];
    let x = [f32::NAN, f32::INFINITY, 0.1, f32::NEG_INFINITY];
    adc.process(&mut adc.state(), &x, None, 0, &mut y).unwrap();
    let end = 1.0 - 1.0 / 128.0;
    assert_eq!([y[0], y[1], y[3]], [-end, end, -end]);
}

#[test]
fn counters_hold_more_samples_than_a_run() {
    // All of 2^20 and some samples clipped, in lanes that are added up in between.
    for level in Level::all() {
        let adc = Adc::with_level(&AdcConfig::default(), level).unwrap();
        let n = (1 << 20) + 37;
        let (x, mut y) = (vec![2.0; n], vec![0.0; n]);
        let mut state = adc.state();
        adc.process(&mut state, &x, None, 0, &mut y).unwrap();
        assert_eq!(state.clipped(), n as u64);
        assert_eq!(adc.quantizer().unwrap().apply(&mut x.clone()), n as u64);
        adc.reset(&mut state);
        assert_eq!((state.samples(), state.clipped()), (0, 0));
    }
}
