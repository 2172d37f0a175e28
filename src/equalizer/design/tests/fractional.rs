//! More than one sample per symbol: dense normal equations, the symbol-spaced design, the order.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::super::{MmseConfig, mmse, mmse_fractional};
use super::{FREE, coloured, lossy};
use crate::Error;
use crate::signal::Pulse;

/// The biased dense problem: `w = (R + s^2 sum_m c_m c_m')^-1 s^2 c_0`, no structure used; its ratio
/// less one is the unbiased one.
fn dense(p: &Pulse, noise: &[f64], config: &MmseConfig) -> (Vec<f64>, f64) {
    let (n, pre) = (config.ffe_taps, config.precursors as i64);
    let (step, variance) = (p.samples_per_ui as i64, config.symbol_variance);
    let column = |m: i64| {
        DVector::from_fn(n, |k, _| {
            let at = p.cursor as i64 + step * m + pre - k as i64;
            usize::try_from(at)
                .ok()
                .and_then(|i| p.samples.get(i))
                .copied()
                .unwrap_or(0.0)
        })
    };
    let mut normal = DMatrix::from_fn(n, n, |i, k| noise[i.abs_diff(k)]);
    for m in -200..200 {
        if !(1..=config.dfe.len() as i64).contains(&m) {
            let c = column(m);
            normal += variance * &c * c.transpose();
        }
    }
    let rhs = variance * column(0);
    let w = normal.lu().solve(&rhs).unwrap();
    let cursor = w.dot(&column(0));
    let ratio = 1.0 / (1.0 - cursor) - 1.0;
    (w.iter().map(|w| w / cursor).collect(), ratio)
}

proptest! {
    #[test]
    fn designs_equal_the_dense_normal_equations(
        seed in any::<u32>(), taps in 2usize..20, pre in 0usize..20, dfe in 0usize..3,
        spacing in 1usize..4, power in 1e-4f64..1e-1,
    ) {
        let p = lossy(seed, 60, 8);
        let p = Pulse::new(p.samples, spacing, 8).unwrap();
        let config = MmseConfig {
            ffe_taps: taps, precursors: pre % taps, dfe: vec![FREE; dfe], ..MmseConfig::default()
        };
        let noise = coloured(power, taps);
        let design = mmse_fractional(&p, &noise, &config).unwrap();
        let (ffe, snr) = dense(&p, &noise, &config);
        prop_assert!((design.snr / snr - 1.0).abs() < 1e-7, "{} {snr}", design.snr);
        let scale: f64 = ffe.iter().map(|w| w.abs()).sum();
        for (a, b) in design.ffe.iter().zip(&ffe) {
            prop_assert!((a - b).abs() < 1e-7 * (1.0 + scale), "{a} {b}");
        }
        prop_assert!((design.cursor - 1.0).abs() < 1e-10);
    }

    #[test]
    fn one_sample_per_symbol_is_the_symbol_spaced_design(
        seed in any::<u32>(), limit in 0.05f64..0.5, bound in 0.0f64..0.5, power in 1e-4f64..1e-2,
    ) {
        let p = lossy(seed, 40, 6);
        let noise = coloured(power, 9);
        let config = MmseConfig {
            ffe_taps: 9,
            precursors: 3,
            dfe: vec![(0.0, bound)],
            ffe_limits: vec![(-limit, limit)],
            ..MmseConfig::default()
        };
        match (mmse(&p, &noise, &config), mmse_fractional(&p, &noise, &config)) {
            (Ok(a), Ok(b)) => {
                prop_assert!((a.snr / b.snr - 1.0).abs() < 1e-9);
                prop_assert!((a.noise_enhancement / b.noise_enhancement - 1.0).abs() < 1e-7);
                prop_assert!((a.peak_distortion - b.peak_distortion).abs() < 1e-7);
                for (a, b) in a.ffe.iter().zip(&b.ffe) {
                    prop_assert!((a - b).abs() < 1e-7);
                }
            }
            (Err(Error::Singular { .. }), Err(Error::Singular { .. })) => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn half_spacing_is_never_worse_than_symbol_spacing_at_either_phase(
        seed in any::<u32>(), taps in 1usize..9, pre in 0usize..9, power in 1e-4f64..1e-1,
    ) {
        let samples = lossy(seed, 60, 9).samples;
        let pre = pre % taps;
        // Noise with memory at half a symbol; every second lag is what symbol spacing sees.
        let noise = coloured(power, 2 * taps);
        let slow: Vec<f64> = noise.iter().step_by(2).copied().collect();
        let config = MmseConfig { ffe_taps: taps, precursors: pre, ..MmseConfig::default() };
        let half = MmseConfig {
            ffe_taps: 2 * taps, precursors: 2 * pre + 1, ..MmseConfig::default()
        };
        let p = Pulse::new(samples.clone(), 2, 9).unwrap();
        let twice = mmse_fractional(&p, &noise, &half).unwrap();
        for phase in [9, 10] {
            let once = mmse(&Pulse::new(samples.clone(), 2, phase).unwrap().at_baud(), &slow, &config);
            // A phase with no signal in reach is an error, and no better.
            if let Ok(once) = once {
                prop_assert!(once.snr <= twice.snr * (1.0 + 1e-8), "{} {}", once.snr, twice.snr);
            }
        }
    }
}

#[test]
fn mistakes_are_named() {
    let p = Pulse::new(vec![0.2, 1.0, 0.3], 2, 1).unwrap();
    let config = MmseConfig {
        ffe_taps: 4,
        precursors: 1,
        ..MmseConfig::default()
    };
    let short = mmse_fractional(&p, &[1e-3; 3], &config);
    assert!(matches!(short, Err(Error::Length { expected: 4, .. })));
    // Without noise, a band that no symbol fills leaves the taps open.
    let quiet = mmse_fractional(&p, &[0.0; 4], &config);
    assert!(matches!(quiet, Err(Error::Singular { .. })), "{quiet:?}");
    for spacing in [0, 65, isize::MAX as usize, usize::MAX] {
        let wide = Pulse {
            samples_per_ui: spacing,
            ..p.clone()
        };
        let text = mmse_fractional(&wide, &coloured(1e-3, 4), &config).unwrap_err();
        let text = text.to_string();
        let right = text.starts_with("pulse samples_per_ui is ") && text.ends_with("1 and 64");
        assert!(right, "{text}");
    }
    let most = Pulse {
        samples_per_ui: 64,
        ..p
    };
    let design = mmse_fractional(&most, &coloured(1e-3, 4), &config).unwrap();
    assert!((design.cursor - 1.0).abs() < 1e-12);
}
