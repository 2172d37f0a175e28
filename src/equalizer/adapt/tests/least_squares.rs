//! Block least squares against an orthogonal factorisation of the same record.

use nalgebra::{DMatrix, DVector};

use super::*;

#[test]
fn normal_equations_give_the_orthogonal_solution() {
    let (symbols, x) = record(31, 900, &[0.2, 1.0, 0.5, -0.1], 0.1);
    for (ffe_taps, precursors, dfe_taps, offset) in [
        (1, 0, 0, false),
        (7, 3, 0, true),
        (9, 2, 3, true),
        (5, 4, 2, false),
    ] {
        let config = LeastSquaresConfig {
            ffe_taps,
            precursors,
            dfe_taps,
            offset,
            ..LeastSquaresConfig::default()
        };
        let fit = least_squares(&x, &symbols, &config).unwrap();
        let from = (ffe_taps - 1 - precursors).max(dfe_taps);
        let rows = x.len() - precursors - from;
        let unknowns = ffe_taps + dfe_taps + usize::from(offset);
        let a = DMatrix::from_fn(rows, unknowns, |i, k| {
            let n = from + i;
            if k < ffe_taps {
                f64::from(x[n + precursors - k])
            } else if k < ffe_taps + dfe_taps {
                -f64::from(pam4(symbols[n - 1 - (k - ffe_taps)]))
            } else {
                1.0
            }
        });
        let t = DVector::from_fn(rows, |i, _| f64::from(pam4(symbols[from + i])));
        let qr = a.clone().qr();
        let theta = qr
            .r()
            .solve_upper_triangular(&(qr.q().transpose() * &t))
            .unwrap();
        let mse = (&a * &theta - &t).norm_squared() / rows as f64;
        assert_eq!(fit.symbols, rows);
        let all = fit.equalizer.ffe.iter().chain(&fit.equalizer.dfe);
        for (got, want) in all.zip(theta.iter()) {
            // Taps are rounded to f32; the correlation matrix is well conditioned.
            assert!((f64::from(*got) - want).abs() < 1e-6, "{got} {want}");
        }
        assert!((fit.mse / mse - 1.0).abs() < 1e-9, "{} {mse}", fit.mse);
        assert!((fit.snr_db - 10.0 * (5.0 / mse - 1.0).log10()).abs() < 1e-8);
    }
}

#[test]
fn a_ridge_shrinks_a_single_tap_as_computed() {
    let (symbols, x) = record(32, 500, &[1.0], 0.1);
    let fit = |ridge: f64| {
        let config = LeastSquaresConfig {
            ridge,
            offset: false,
            ..LeastSquaresConfig::default()
        };
        least_squares(&x, &symbols, &config).unwrap().equalizer.ffe[0]
    };
    // r / (R + ridge R) = w / (1 + ridge).
    assert!((fit(0.25) - fit(0.0) / 1.25).abs() < 1e-6);
}

#[test]
fn bad_samples_are_left_out_and_bad_records_are_errors() {
    let (symbols, mut x) = record(33, 500, &[1.0, 0.2], 0.1);
    let config = LeastSquaresConfig {
        ffe_taps: 5,
        precursors: 2,
        dfe_taps: 1,
        ..LeastSquaresConfig::default()
    };
    let clean = least_squares(&x, &symbols, &config).unwrap();
    x[200] = f32::NAN;
    let fit = least_squares(&x, &symbols, &config).unwrap();
    assert_eq!(fit.symbols, clean.symbols - 5);
    assert!((fit.snr_db - clean.snr_db).abs() < 0.1);
    assert!(
        least_squares(&x[..9], &symbols[..9], &config)
            .unwrap_err()
            .to_string()
            .contains("usable")
    );
    assert!(least_squares(&x[..9], &symbols, &config).is_err());
    let flat = vec![1.0; 500];
    let error = least_squares(&flat, &symbols, &config)
        .unwrap_err()
        .to_string();
    assert!(error.contains("singular"), "{error}");
    let many = LeastSquaresConfig {
        dfe_taps: 17,
        ..config
    };
    assert!(least_squares(&flat, &symbols, &many).is_err());
}

#[test]
fn taps_beyond_single_precision_are_errors() {
    let (symbols, x) = record(34, 500, &[1.0], 0.0);
    let tiny: Vec<f32> = x.iter().map(|x| x * 1e-42).collect();
    let error = least_squares(&tiny, &symbols, &LeastSquaresConfig::default()).unwrap_err();
    assert!(
        matches!(&error, crate::Error::OutOfRange { name, .. } if name == "solution[0]"),
        "{error}"
    );
}
