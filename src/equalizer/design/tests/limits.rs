//! Absolute limits and the limit on the sum of magnitudes; strongly coloured noise, and what is none.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::super::{
    FloatingConfig, Forcing, MmseConfig, MmseSolver, floating, mmse, mmse_fractional, zero_forcing,
};
use super::oracle::{exhaustive, point, quadratic};
use super::{coloured, lossy, pulse};
use crate::Error;

proptest! {
    #[test]
    fn absolute_limits_equal_the_exhaustive_search(
        seed in any::<u32>(), taps in 2usize..6, pre in 0usize..5, limit in 0.2f64..1.5,
        power in 1e-4f64..3e-2,
    ) {
        let p = lossy(seed, 12, 3);
        let noise = coloured(power, taps);
        let config = MmseConfig {
            ffe_taps: taps,
            precursors: pre % taps,
            ffe_absolute: vec![(-limit, limit)],
            ..MmseConfig::default()
        };
        let (form, main) = quadratic(&p, &noise, &config);
        let list: Vec<_> = (0..taps)
            .flat_map(|k| [1.0, -1.0].map(|sign| {
                let mut normal = DVector::zeros(taps);
                normal[k] = sign;
                (normal, -limit)
            }))
            .collect();
        let best = exhaustive(&form, &main, &list);
        match mmse(&p, &noise, &config) {
            Ok(design) => {
                let error = design.isi_variance + design.noise_variance;
                prop_assert!((error / best - 1.0).abs() < 1e-7, "{error} {best}");
                prop_assert!(design.ffe.iter().all(|w| w.abs() <= limit * (1.0 + 1e-8)));
            }
            Err(Error::Singular { .. }) => prop_assert!(best.is_infinite()),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn the_sum_of_magnitudes_equals_the_search_over_all_sign_patterns(
        seed in any::<u32>(), taps in 2usize..5, pre in 0usize..4, most in 0.0f64..1.0,
        power in 1e-4f64..3e-2,
    ) {
        let p = lossy(seed, 12, 3);
        let noise = coloured(power, taps);
        let pre = pre % taps;
        let config = MmseConfig {
            ffe_taps: taps, precursors: pre, ffe_side_sum: most, ..MmseConfig::default()
        };
        let (form, main) = quadratic(&p, &noise, &config);
        // One constraint for each sign pattern of the side taps.
        let mut list = Vec::new();
        for pattern in 0u32..1 << (taps - 1) {
            let mut normal = DVector::zeros(taps);
            let sides = (0..taps).filter(|&k| k != pre);
            for (bit, k) in sides.enumerate() {
                normal[k] = if pattern >> bit & 1 == 1 { 1.0 } else { -1.0 };
            }
            normal[pre] = most;
            list.push((normal, 0.0));
        }
        let mut positive = DVector::zeros(taps);
        positive[pre] = 1.0;
        list.push((positive, 0.0));
        let best = exhaustive(&form, &main, &list);
        match mmse(&p, &noise, &config) {
            Ok(design) => {
                let error = design.isi_variance + design.noise_variance;
                prop_assert!((error / best - 1.0).abs() < 1e-6, "{error} {best}");
                let x = point(&design);
                let side: f64 = x.iter().map(|w| w.abs()).sum::<f64>() - x[pre].abs();
                prop_assert!(side <= most * x[pre] + 1e-8 * x.norm());
            }
            Err(Error::Singular { .. }) => prop_assert!(best.is_infinite()),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn strongly_coloured_noise_is_met_as_least_squares_on_samples_meets_it() {
    // 400 000 symbols through the pulse, noise through a filter with a resonance; taps by least squares
    // on the samples themselves, their error on the same samples.
    let (n, pre, length) = (9, 3, 400_000usize);
    let p = lossy(7, 20, 3);
    let shape = [1.0, 1.6, 1.2, 0.4, -0.3, -0.2]; // noise filter
    let sigma = 0.08;
    let noise: Vec<f64> = (0..n)
        .map(|lag| {
            let late = shape.get(lag..).unwrap_or(&[]);
            sigma * sigma * shape.iter().zip(late).map(|(a, b)| a * b).sum::<f64>()
        })
        .collect();
    // Only second moments count: a uniform variable of unit variance serves as white noise.
    let mut word = 11u64;
    let mut uniform = || {
        word = word
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (word >> 11) as f64 / (1u64 << 53) as f64
    };
    let sent: Vec<f64> = (0..length)
        .map(|_| crate::pam4::UNIT_LEVELS[(4.0 * uniform()) as usize])
        .collect();
    let white: Vec<f64> = (0..length)
        .map(|_| 12f64.sqrt() * (uniform() - 0.5))
        .collect();
    let x: Vec<f64> = (0..length)
        .map(|i| {
            let past = |list: &dyn Fn(usize) -> f64, taps: &[f64], ahead: usize| -> f64 {
                let mut sum = 0.0;
                for (k, tap) in taps.iter().enumerate() {
                    if let Some(at) = (i + ahead).checked_sub(k).filter(|&at| at < length) {
                        sum += tap * list(at);
                    }
                }
                sum
            };
            past(&|at| sent[at], &p.samples, p.cursor) + sigma * past(&|at| white[at], &shape, 0)
        })
        .collect();
    let mut normal = DMatrix::zeros(n, n);
    let mut rhs = DVector::zeros(n);
    let used = n..length - n;
    for i in used.clone() {
        let window = DVector::from_fn(n, |k, _| x[i + pre - k]);
        normal.syger(1.0, &window, &window, 1.0);
        rhs.axpy(sent[i], &window, 1.0);
    }
    let normal = DMatrix::from_fn(n, n, |i, k| normal[(i.max(k), i.min(k))]);
    let w = normal.lu().solve(&rhs).unwrap();
    let power: f64 = used.clone().map(|i| sent[i] * sent[i]).sum::<f64>();
    let ratio = power / (power - w.dot(&rhs)) - 1.0; // biased less one
    let config = MmseConfig {
        ffe_taps: n,
        precursors: pre,
        ..MmseConfig::default()
    };
    let design = mmse(&p, &noise, &config).unwrap();
    let mut as_white = vec![0.0; n];
    as_white[0] = noise[0];
    let blind = mmse(&p, &as_white, &config).unwrap();
    let gap = 10.0 * (ratio / design.snr).log10();
    println!(
        "coloured noise: designed {:.3} dB, least squares on samples {:+.4} dB from it; a design for \
         white noise of the same power expects {:.3} dB",
        design.snr_db, gap, blind.snr_db
    );
    // An estimate of a mean square from 4e5 samples: 10 lg e sqrt(2 / 4e5) = 0.01 dB, times 3 for the
    // memory of the residual; overfitting by 9 taps is 1e-4 dB.
    assert!(gap.abs() < 0.03);
    let scale = 1.0 - 1.0 / (1.0 + ratio);
    for (a, b) in design.ffe.iter().zip(w.iter()) {
        assert!((a - b / scale).abs() < 0.02, "{a} {}", b / scale);
    }
    // The colour matters here: a design without it would be off by more than the tolerance.
    assert!((blind.snr_db - design.snr_db).abs() > 0.5);
}

#[test]
fn a_lag_above_the_first_is_no_autocorrelation() {
    let p = pulse(&[0.2, 1.0, 0.3], 1);
    let config = MmseConfig {
        ffe_taps: 3,
        precursors: 1,
        ..MmseConfig::default()
    };
    let mut solver = MmseSolver::new(&config).unwrap();
    let floats = FloatingConfig {
        fixed: config.clone(),
        ..FloatingConfig::default()
    };
    let forcing = Forcing::Cursors;
    for (noise, lag) in [
        ([1e-2, -1.0, 0.0], 1),
        ([1e-2, 0.0, 0.011], 2),
        ([0.0, 1e-9, 0.0], 1),
    ] {
        for error in [
            mmse(&p, &noise, &config).unwrap_err(),
            solver.snr(&p, &noise).unwrap_err(),
            mmse_fractional(&p, &noise, &config).unwrap_err(),
            zero_forcing(&p, &noise, &config, forcing).unwrap_err(),
            floating(&p, &noise, &floats).unwrap_err(),
        ] {
            let Error::OutOfRange { name, value, .. } = &error else {
                panic!("{error}");
            };
            assert_eq!(*name, format!("noise_autocorrelation[{lag}]"));
            assert_eq!(*value, noise[lag]);
        }
    }
    // One sinusoid: every lag as large as the first, to rounding. Lags beyond the taps do not count.
    let noise = [1e-2, -1e-2 * (1.0 + 1e-15), 1e-2 * (1.0 + 1e-15), 5.0];
    assert!(mmse(&p, &noise, &config).is_ok());
}
