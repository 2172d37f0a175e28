//! Sine fits against closed forms of quantizers and interleaving; calibration.

use super::enob::{SineTest, measure};
use super::mismatch::Slices;
use super::tests::{mismatched, wave};
use super::*;
use crate::frontend::quantizer::QuantizerConfig;

/// Signal over the spurs of interleaving, as measured near Nyquist without a quantizer.
fn sinad(config: AdcConfig) -> (f64, Slices, SineTest) {
    let adc = Adc::new(&AdcConfig {
        quantizer: None,
        ..config
    })
    .unwrap();
    let test = SineTest::near_nyquist(1 << 15, 0.8);
    let report = measure(&adc, &adc.state(), &test).unwrap();
    // A slice alone has nothing to be out of step with.
    assert!(report.slices.iter().all(|s| s.sinad_db() > 120.0));
    (report.all.sinad_db(), adc.mismatches().clone(), test)
}

/// Variance around the mean.
fn spread(list: &[f64]) -> f64 {
    let mean = list.iter().sum::<f64>() / list.len() as f64;
    list.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / list.len() as f64
}

/// Known formulas: N. Kurosawa et al., "Explicit analysis of channel mismatch effects in time-interleaved ADC
/// systems", IEEE Trans. Circuits Syst. I 48 (2001); C. Vogel, IEEE Trans. Instrum. Meas. 54 (2005). They are
/// exact in the spread of the slices at hand; second order in the mismatch is 1 % of it here, 0.1 dB.
#[test]
fn mismatches_cost_the_signal_to_noise_ratio_of_the_closed_forms() {
    for slices in [8, 32] {
        let base = AdcConfig {
            slices,
            seed: 3,
            ..AdcConfig::default()
        };
        let (db, own, _) = sinad(AdcConfig {
            gain: Mismatch::Sigma(0.01),
            ..base.clone()
        });
        let closed = -10.0 * spread(&own.gain).log10();
        assert!((db - closed).abs() < 0.1, "gain {slices}: {db} {closed}");
        // About the nominal sigma as well, 32 draws are within 2.5 dB of it.
        assert!((closed - 40.0).abs() < 5.0, "{closed}");

        let (db, own, test) = sinad(AdcConfig {
            offset: Mismatch::Sigma(0.01),
            ..base.clone()
        });
        let closed = 10.0 * (test.amplitude.powi(2) / 2.0 / spread(&own.offset)).log10();
        assert!((db - closed).abs() < 0.01, "offset {slices}: {db} {closed}");

        let (db, own, test) = sinad(AdcConfig {
            skew_ui: Mismatch::Sigma(0.003),
            ..base
        });
        let w = 2.0 * std::f64::consts::PI * test.cycles as f64 / test.record as f64;
        let closed = -20.0 * (w * spread(&own.skew_ui).sqrt()).log10();
        assert!((db - closed).abs() < 0.1, "skew {slices}: {db} {closed}");
    }
}

/// RMS of what a sine fit leaves of an ideal mid-rise quantizer that is not clipped. Its error is
/// `(step/pi) sum_k sin(2 pi k x/step)/k`, so for a sine the mean square is
/// `step^2/12 (1 + 12/pi^2 sum_k J0(z_k)/k^2)`, `z_k = 2 pi k amplitude/step`; the fit takes half the square of its
/// fundamental `(2 step/pi) sum_k J1(z_k)/k`.
fn residual_of_sine(amplitude: f64, step: f64) -> f64 {
    let pi = std::f64::consts::PI;
    let bessel = |order: f64, z: f64| {
        let n = 2 * (z as usize + 40);
        let angle = |i: usize| (i as f64 + 0.5) * pi / n as f64;
        (0..n)
            .map(|i| (order * angle(i) - z * angle(i).sin()).cos())
            .sum::<f64>()
            / n as f64
    };
    let (mut zero, mut one) = (0.0, 0.0);
    for k in 1..=60 {
        let k = f64::from(k);
        let z = 2.0 * pi * k * amplitude / step;
        zero += bessel(0.0, z) / (k * k);
        one += bessel(1.0, z) / k;
    }
    let square = step * step / 12.0 * (1.0 + 12.0 / (pi * pi) * zero);
    (square - 0.5 * (2.0 * step / pi * one).powi(2)).sqrt()
}

#[test]
fn an_ideal_quantizer_has_its_bits_and_noise_takes_them() {
    for bits in [4, 6, 7, 8] {
        let quantizer = QuantizerConfig {
            bits,
            full_scale: 0.5,
        };
        let config = AdcConfig {
            quantizer: Some(quantizer),
            ..AdcConfig::default()
        };
        let adc = Adc::new(&config).unwrap();
        // An amplitude an eighth of a step inside the ends, where the largest ripple of the error of a sine is
        // zero. Every phase once.
        let amplitude = 0.5 - quantizer.step() / 8.0;
        let test = SineTest::near_nyquist((1 << 16) - 1, amplitude);
        let report = measure(&adc, &adc.state(), &test).unwrap();
        println!(
            "{bits} bits: {:.4}, {:.2} dB, sfdr {:.1} dB",
            report.enob,
            report.all.sinad_db(),
            report.sfdr_db
        );
        assert_eq!(report.clipped, 0);
        assert!(
            bits < 6 || (report.enob - f64::from(bits)).abs() < 0.02,
            "{bits}: {}",
            report.enob
        );
        let closed = residual_of_sine(amplitude, quantizer.step());
        // Terms beyond the sixtieth, and 2^16 phases instead of all: some 1e-4.
        let ratio = report.all.residual_rms / closed;
        assert!((ratio - 1.0).abs() < 1e-3, "{bits}: {ratio}");
        // 0.1 dB is what ripple leaves at six bits.
        let sinad = sndr_db(f64::from(bits)) + 20.0 * (2.0 * amplitude).log10();
        assert!(bits < 6 || (report.all.sinad_db() - sinad).abs() < 0.1);
        let enob = f64::from(bits) - 1.3;
        let noisy = AdcConfig {
            thermal_sigma: noise_beside(&quantizer, enob).unwrap(),
            ..config
        };
        let adc = Adc::new(&noisy).unwrap();
        // A little smaller, so that noise is not clipped away at the ends.
        let test = SineTest::near_nyquist((1 << 16) - 1, 0.4);
        let report = measure(&adc, &adc.state(), &test).unwrap();
        // The standard error of a variance of 2^16 samples is 0.004 bits; the quantizer's share is 1/6.
        assert!(
            (report.enob - enob).abs() < 0.02,
            "{bits}: {} {enob}",
            report.enob
        );
        let mean = report.slice_enob.iter().sum::<f64>() / 32.0;
        assert!((mean - enob).abs() < 0.03, "{mean}");
    }
}

#[test]
fn sine_fits_find_a_sine_and_refuse_what_is_none() {
    let record = 1000;
    let sine =
        |k: u64| 0.1 + 0.7 * (2.0 * std::f64::consts::PI * 37.0 * k as f64 / 1000.0 + 0.4).sin();
    let fit = enob::fit((0..record).map(|k| (k, sine(k))), 37, record).unwrap();
    assert!((fit.amplitude - 0.7).abs() < 1e-12 && (fit.phase_rad - 0.4).abs() < 1e-12);
    assert!((fit.offset - 0.1).abs() < 1e-12 && fit.residual_rms < 1e-12);
    // Zero frequency, as many slices as make the sine stand still, too few samples.
    assert!(enob::fit((0..record).map(|k| (k, sine(k))), 0, record).is_err());
    assert!(enob::fit((0..record).step_by(100).map(|k| (k, sine(k))), 10, record).is_err());
    assert!(enob::fit((0..3).map(|k| (k, sine(k))), 37, record).is_err());
    let mut x = [0.0; 2];
    let bad = SineTest {
        record: 0,
        cycles: 0,
        amplitude: 1.0,
    };
    assert!(bad.fill(0, &mut x, &mut [0.0; 2]).is_err());
}

/// PAM4 symbols through a pulse of a few unit intervals: samples and slopes at symbol rate.
fn pam4_stream(first: u64, n: usize) -> (Vec<f32>, Vec<f32>) {
    // A Gaussian pulse of sigma 0.55 UI, late by 0.1 UI: smooth, with precursor and postcursor.
    let tap = |k: i32| {
        let t = f64::from(k) + 0.1;
        let p = (-t * t / (2.0 * 0.55f64.powi(2))).exp();
        (p as f32, (-t / 0.55f64.powi(2) * p) as f32)
    };
    let mut symbols = vec![0; n + 4];
    crate::random::Philox::new(77, 0).fill_symbols(first, &mut symbols);
    let level = |s: u8| (f32::from(s) * 2.0 - 3.0) / 3.0 * 0.5;
    let sum = |i: usize, pick: fn((f32, f32)) -> f32| {
        (0..5)
            .map(|j| level(symbols[i + j]) * pick(tap(2 - j as i32)))
            .sum::<f32>()
    };
    (0..n).map(|i| (sum(i, |t| t.0), sum(i, |t| t.1))).unzip()
}

fn rms(list: &[f64]) -> f64 {
    (list.iter().map(|v| v * v).sum::<f64>() / list.len() as f64).sqrt()
}

#[test]
fn calibration_by_reference_restores_the_effective_bits() {
    let slices = 32;
    let config = AdcConfig {
        bandwidth: None,
        skew_ui: Mismatch::Sigma(0.005),
        thermal_sigma: 0.005,
        ..mismatched(
            slices,
            Some(QuantizerConfig {
                bits: 7,
                full_scale: 1.0,
            }),
        )
    };
    let adc = Adc::new(&config).unwrap();
    let clean = Adc::new(&AdcConfig {
        offset: Mismatch::None,
        gain: Mismatch::None,
        skew_ui: Mismatch::None,
        ..config
    })
    .unwrap();
    let window = 1 << 12;
    let calibration = calibration::Calibration::new(
        &calibration::CalibrationConfig { window, step: 1.0 },
        slices,
    )
    .unwrap();
    let (mut state, mut sums) = (adc.state(), calibration.state());
    let test = SineTest::near_nyquist(1 << 15, 0.9);
    let before = measure(&adc, &state, &test).unwrap();
    let mut at = 0u64;
    for _ in 0..3 {
        let n = window as usize * slices;
        let (x, slope) = pam4_stream(at, n);
        let mut y = vec![0.0; n];
        adc.process(&mut state, &x, Some(&slope), at, &mut y)
            .unwrap();
        calibration
            .observe_with(&mut sums, &y, &x, &slope, at)
            .unwrap();
        assert!(
            calibration
                .update(&mut sums, &adc, &mut state)
                .unwrap()
                .is_some()
        );
        at += n as u64;
    }
    let after = measure(&adc, &state, &test).unwrap();
    let ideal = measure(&clean, &clean.state(), &test).unwrap();
    println!(
        "bits: {:.2} mismatched, {:.3} calibrated, {:.3} ideal",
        before.enob, after.enob, ideal.enob
    );
    assert!(before.enob < 4.7 && ideal.enob > 6.0);
    assert!(ideal.enob - after.enob < 0.05);
    // Errors of regression from noise e = sqrt(0.005^2 + step^2/12) over sqrt(window), and over the RMS of signal
    // or slope; thrice that.
    let e = (0.005f64.powi(2) + (2.0f64 / 128.0).powi(2) / 12.0).sqrt() / (window as f64).sqrt();
    let (x, slope) = pam4_stream(0, 10_000);
    let size = |v: &[f32]| rms(&v.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
    let left = adc.residual(&state);
    println!(
        "left: {:e} {:e} {:e}, e {e:e}",
        rms(&left.offset),
        rms(&left.gain),
        rms(&left.skew_ui)
    );
    assert!(rms(&left.offset) < 3.0 * e);
    assert!(rms(&left.gain) < 3.0 * e / size(&x));
    assert!(rms(&left.skew_ui) < 3.0 * e / size(&slope));
}

#[test]
fn blind_calibration_equalizes_offset_and_gain_in_the_symbols_it_asks_for() {
    let slices = 8;
    let adc = Adc::new(&AdcConfig {
        skew_ui: Mismatch::None,
        bandwidth: None,
        ..mismatched(slices, None)
    })
    .unwrap();
    let wanted = 0.003;
    let symbols = calibration::CalibrationConfig::blind_symbols(slices, wanted).unwrap();
    let window = (symbols / slices as f64).ceil() as u64;
    let calibration = calibration::Calibration::new(
        &calibration::CalibrationConfig { window, step: 0.5 },
        slices,
    )
    .unwrap();
    let (mut state, mut sums) = (adc.state(), calibration.state());
    let n = window as usize * slices;
    for round in 0..8u64 {
        let at = round * n as u64;
        let (x, slope) = pam4_stream(at, n);
        let mut y = vec![0.0; n];
        adc.process(&mut state, &x, Some(&slope), at, &mut y)
            .unwrap();
        // In two pieces; before the second the window is not full.
        calibration.observe(&mut sums, &y[..n - 5], at).unwrap();
        assert!(
            calibration
                .update(&mut sums, &adc, &mut state)
                .unwrap()
                .is_none()
        );
        calibration
            .observe(&mut sums, &y[n - 5..], at + n as u64 - 5)
            .unwrap();
        assert!(
            calibration
                .update(&mut sums, &adc, &mut state)
                .unwrap()
                .is_some()
        );
    }
    let left = adc.residual(&state);
    let before = spread(&adc.mismatches().gain).sqrt();
    let (after, offset) = (spread(&left.gain).sqrt(), rms(&left.offset));
    println!("gain {before:e} -> {after:e}, offset {offset:e}");
    assert!(before > 5.0 * wanted);
    // Half steps average over windows: below the standard error of one.
    assert!(after < wanted, "{after:e}");
    // RMS of the signal 0.4 at most, over the root of the window, which is 1/(sqrt 2 wanted).
    assert!(offset < 0.4 * 2f64.sqrt() * wanted, "{offset:e}");
}

#[test]
fn calibration_survives_bad_streams_and_refuses_bad_calls() {
    use calibration::{Calibration, CalibrationConfig};
    for (window, step) in [(0, 1.0), (100, 0.0), (100, 1.5), (100, f64::NAN)] {
        assert!(Calibration::new(&CalibrationConfig { window, step }, 4).is_err());
    }
    assert!(Calibration::new(&CalibrationConfig::default(), 0).is_err());
    let plan = Calibration::new(
        &CalibrationConfig {
            window: 16,
            step: 1.0,
        },
        2,
    )
    .unwrap();
    let mut sums = plan.state();
    assert!(
        plan.observe_with(&mut sums, &[0.0; 3], &[0.0; 2], &[0.0; 3], 0)
            .is_err()
    );
    assert_eq!(sums, plan.state());
    // Nothing but NaN counts nothing; a dead signal and a reference that is not followed show no error.
    plan.observe(&mut sums, &[f32::NAN; 100], 0).unwrap();
    assert_eq!(sums.filled(), 0);
    plan.observe(&mut sums, &[0.0; 100], 0).unwrap();
    assert_eq!(plan.estimate(&sums), Slices::alike(2));
    sums.reset();
    let r: Vec<f32> = wave(100, 0.9, 1.0);
    plan.observe_with(&mut sums, &[0.0; 100], &r, &r, 0)
        .unwrap();
    assert_eq!(plan.estimate(&sums), Slices::alike(2));
    let adc = Adc::new(&AdcConfig {
        slices: 3,
        ..AdcConfig::default()
    })
    .unwrap();
    assert!(plan.update(&mut sums, &adc, &mut adc.state()).is_err());
    assert!(CalibrationConfig::blind_symbols(4, 0.0).is_err());
}

#[test]
fn two_slices_of_unequal_gain_leave_one_image() {
    // Gains 1 + g and 1 - g: the sine, and g of it mirrored at half the Nyquist frequency.
    let g = 0.004;
    let adc = Adc::new(&AdcConfig {
        slices: 2,
        quantizer: None,
        gain: Mismatch::List(vec![g, -g]),
        ..AdcConfig::default()
    })
    .unwrap();
    let test = SineTest::near_nyquist(1 << 12, 0.5);
    let report = measure(&adc, &adc.state(), &test).unwrap();
    // Limited by the rounding of f32 samples far below.
    assert!(
        (report.sfdr_db + 20.0 * f64::log10(g)).abs() < 1e-3,
        "{}",
        report.sfdr_db
    );
    let gains: Vec<f64> = report
        .slices
        .iter()
        .map(|s| s.amplitude / 0.5 - 1.0)
        .collect();
    assert!((gains[0] - g).abs() < 1e-6 && (gains[1] + g).abs() < 1e-6);
}
