//! Known distances of partial responses, COM's sum, dense residuals, and a plain Viterbi run.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::events::Distances;
use super::{LAGS, TargetChoice, TargetConfig, TargetDesign, target};
use crate::Error;
use crate::equalizer::design::MmseConfig;
use crate::pam4::UNIT_LEVELS;
use crate::signal::Pulse;
use crate::units::q_function;

fn white(power: f64, lags: usize) -> Vec<f64> {
    let mut noise = vec![0.0; lags];
    noise[0] = power;
    noise
}

fn config(taps: usize, precursors: usize, memory: usize, choice: TargetChoice) -> TargetConfig {
    TargetConfig {
        equalizer: MmseConfig {
            ffe_taps: taps,
            precursors,
            dfe: vec![(0.0, 1.0); memory],
            ..MmseConfig::default()
        },
        choice,
    }
}

fn lossy() -> Pulse {
    let samples = vec![
        0.01, 0.03, 0.12, 0.55, 1.0, 0.62, 0.3, 0.16, 0.1, 0.06, 0.04, 0.02,
    ];
    Pulse::new(samples, 1, 4).unwrap()
}

#[test]
fn squared_distances_of_known_partial_responses() {
    // 1 + alpha D: the single error, 1 + alpha^2. Duobinary: 2. (1 + D)^2: 4, two below the single error's 6.
    // 1 - D^2: 2. Published for partial-response classes I, II and IV (Kabal and Pasupathy, 1975).
    let residual = white(1.0, LAGS + 1);
    for (response, square) in [
        (vec![1.0, 0.0], 1.0),
        (vec![1.0, 0.5], 1.25),
        (vec![1.0, 1.0], 2.0),
        (vec![1.0, 2.0, 1.0], 4.0),
        (vec![1.0, 0.0, -1.0], 2.0),
    ] {
        let nearest = Distances::new(&response, &residual, 1.0).union().nearest;
        let found = nearest.distance.powi(2);
        assert!((found - square).abs() < 1e-12, "{response:?}: {found}");
    }
}

#[test]
fn white_noise_and_a_fixed_alpha_give_the_sum_of_com() {
    // DER = 2 sum_j j (3/4)^j Q(sqrt(1 + (j-1)(1-alpha)^2 + alpha^2) step / (2 sigma)).
    let step = 2.0 / 3.0;
    for (alpha, sigma) in [(0.3, 0.08), (0.7, 0.09), (0.95, 0.09)] {
        let residual = white(sigma * sigma, LAGS + 1);
        let response = [1.0, alpha];
        let union = Distances::new(&response, &residual, step).union();
        let expected: f64 = (1..=400)
            .map(|j| {
                let j = f64::from(j);
                let square = 1.0 + (j - 1.0) * (1.0 - alpha) * (1.0 - alpha) + alpha * alpha;
                2.0 * j * 0.75f64.powf(j) * q_function(square.sqrt() * step / (2.0 * sigma))
            })
            .sum();
        let ratio = union.symbol_error_ratio / expected;
        println!("alpha {alpha}: SER {expected:.3e}, ratio {ratio:.5}");
        // The sum ends at 32 symbols (0.75^32 32 = 3e-3 of the largest term); events that do not alternate are further.
        assert!((ratio - 1.0).abs() < 0.01);
    }
}

#[test]
fn distance_is_the_quadratic_form() {
    let residual: Vec<f64> = (0..=LAGS)
        .map(|lag| 0.01 * 0.7f64.powi(lag as i32) * (0.9 * lag as f64).cos())
        .collect();
    let response = [1.0, 0.6, 0.2];
    let distances = Distances::new(&response, &residual, 0.5);
    for event in [&[1i8][..], &[1, -1], &[1, 0, -1, 2], &[2, -1, 1, -1, 1, -1]] {
        let n = event.len() + 2;
        let filter = DMatrix::from_fn(n, event.len(), |i, k| {
            i.checked_sub(k)
                .and_then(|d| response.get(d))
                .map_or(0.0, |g| 0.5 * g)
        });
        let s = filter * DVector::from_iterator(event.len(), event.iter().map(|&e| f64::from(e)));
        let p = DMatrix::from_fn(n, n, |i, k| residual[i.abs_diff(k)]);
        let expected = s.norm_squared() / s.dot(&(p * &s)).sqrt();
        assert!((distances.distance(event) / expected - 1.0).abs() < 1e-12);
    }
}

#[test]
fn a_channel_that_is_its_own_target_leaves_white_noise() {
    for alpha in [0.4, 0.8] {
        let pulse = Pulse::new(vec![1.0, alpha], 1, 0).unwrap();
        let power = 3e-3;
        let noise = white(power, 60);
        let design = target(
            &pulse,
            &noise,
            &config(12, 0, 1, TargetChoice::Fixed(vec![alpha])),
        )
        .unwrap();
        assert!((design.ffe[0] - 1.0).abs() < 1e-9);
        assert!((design.sigma / power.sqrt() - 1.0).abs() < 1e-9);
        assert!(design.residual[1..].iter().all(|r| r.abs() < 1e-9 * power));
        // One tap and a slicer would see alpha as noise; decision feedback sees the main cursor alone,
        // sequence detection the energy of both cursors.
        let distance = 2.0 / 3.0 * ((1.0 + alpha * alpha) / power).sqrt();
        assert!((design.nearest.distance / distance - 1.0).abs() < 1e-9);
        let dfe = 10.0 * (5.0 / 9.0 / power).log10();
        assert!((design.dfe_snr_db - dfe).abs() < 0.2); // its taps may do a little better
        let asymptotic = 10.0 * (1.0 + alpha * alpha).log10();
        println!(
            "alpha {alpha}: over ideal feedback {:.2} dB, without multiplicities {asymptotic:.2} dB",
            design.gain_over_dfe_db
        );
        assert!(design.gain_over_dfe_db > 0.0 && design.gain_over_dfe_db <= asymptotic + 1e-9);
    }
}

#[test]
fn residual_is_the_correlation_of_the_error() {
    // E e[n] e[n+l] from matrices: interference rows shifted by l, noise through w' R_l w.
    let pulse = lossy();
    let noise: Vec<f64> = (0..60).map(|l| 2e-3 * 0.6f64.powi(l)).collect();
    let design = target(&pulse, &noise, &config(9, 3, 2, TargetChoice::Whitening)).unwrap();
    let (h, w) = (&pulse.samples, DVector::from_column_slice(&design.ffe));
    let (n, main) = (h.len() + 8, pulse.cursor + 3);
    let mut left = DMatrix::from_fn(n, 9, |i, k| {
        i.checked_sub(k)
            .and_then(|d| h.get(d))
            .copied()
            .unwrap_or(0.0)
    }) * &w;
    for (k, g) in design.response.iter().enumerate() {
        left[main + k] -= g;
    }
    for (lag, &rho) in design.residual.iter().enumerate() {
        let shifted = DVector::from_fn(n, |i, _| if i + lag < n { left[i + lag] } else { 0.0 });
        let l = lag as i64;
        let r = DMatrix::from_fn(9, 9, |i, k| {
            noise[(l + i as i64 - k as i64).unsigned_abs() as usize]
        });
        let expected = 5.0 / 9.0 * left.dot(&shifted) + w.dot(&(r * &w));
        assert!((rho - expected).abs() < 1e-12, "lag {lag}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_search_finds_no_more_errors_than_whitening_or_any_fixed_target(
        power in 1e-4f64..6e-3, first in 0.0f64..1.0, second in 0.0f64..1.0, memory in 1usize..3,
    ) {
        let (pulse, noise) = (lossy(), white(power, 60));
        let run = |choice| target(&pulse, &noise, &config(11, 4, memory, choice)).unwrap();
        let best = run(TargetChoice::FewestErrors);
        let whitening = run(TargetChoice::Whitening);
        prop_assert!(best.predicted_ser <= whitening.predicted_ser * (1.0 + 1e-9));
        let fixed = run(TargetChoice::Fixed(vec![first, second][..memory].to_vec()));
        // The objective is smooth but for the switch of active bounds: 2 % for local minima.
        prop_assert!(best.predicted_ser <= fixed.predicted_ser * 1.02);
        prop_assert!(fixed.sigma >= whitening.sigma * (1.0 - 1e-9));
        for (g, b) in best.response[1..].iter().zip(&whitening.response[1..]) {
            prop_assert!((0.0..=1.0).contains(g) && (0.0..=1.0).contains(b));
        }
    }
}

/// Symbol errors per symbol of a plain Viterbi detector behind the designed taps.
fn simulate(pulse: &Pulse, sigma: f64, design: &TargetDesign, precursors: usize) -> f64 {
    let length = 400_000;
    let mut word = 5u64;
    let mut uniform = || {
        word = word
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((word >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    };
    let sent: Vec<usize> = (0..length).map(|_| (4.0 * uniform()) as usize).collect();
    let noise: Vec<f64> = (0..length)
        .map(|_| sigma * (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos())
        .collect();
    let filter = |x: &[f64], taps: &[f64], ahead: usize| -> Vec<f64> {
        (0..length)
            .map(|n| {
                let at = |k: usize| (n + ahead).checked_sub(k).and_then(|i| x.get(i));
                let taps = taps.iter().enumerate();
                taps.filter_map(|(k, t)| at(k).map(|x| t * x)).sum()
            })
            .collect()
    };
    let levels: Vec<f64> = sent.iter().map(|&s| UNIT_LEVELS[s]).collect();
    let mut x = filter(&levels, &pulse.samples, pulse.cursor);
    for (x, noise) in x.iter_mut().zip(&noise) {
        *x += noise;
    }
    let y = filter(&x, &design.ffe, precursors);
    let alpha = design.response[1];
    let mut metrics = [0.0; 4];
    let mut history: Vec<[u8; 4]> = Vec::with_capacity(length);
    for &y in &y {
        let mut next = [f64::INFINITY; 4];
        let mut from = [0u8; 4];
        for to in 0..4 {
            for (state, metric) in metrics.iter().enumerate() {
                let error = y - UNIT_LEVELS[to] - alpha * UNIT_LEVELS[state];
                let candidate = metric + error * error;
                if candidate < next[to] {
                    (next[to], from[to]) = (candidate, state as u8);
                }
            }
        }
        metrics = next;
        history.push(from);
    }
    let mut state = (0..4)
        .min_by(|&a, &b| metrics[a].total_cmp(&metrics[b]))
        .unwrap();
    let mut errors = 0;
    for (n, from) in history.iter().enumerate().rev() {
        errors += usize::from(state != sent[n]);
        state = usize::from(from[state]);
    }
    errors as f64 / length as f64
}

#[test]
fn prediction_holds_against_a_viterbi_run() {
    let pulse = lossy();
    for (power, choice) in [
        (4e-3, TargetChoice::Whitening),
        (4e-3, TargetChoice::FewestErrors),
        (4e-3, TargetChoice::Fixed(vec![0.6])),
    ] {
        let noise = white(power, 60);
        let design = target(&pulse, &noise, &config(15, 5, 1, choice.clone())).unwrap();
        let ser = simulate(&pulse, power.sqrt(), &design, 5);
        println!(
            "{choice:?}: alpha {:.3}, predicted SER {:.3e}, counted {ser:.3e}; slicer {:.2} dB, feedback \
             {:.2} dB, predicted gain {:.2} dB",
            design.response[1],
            design.predicted_ser,
            design.slicer_snr_db,
            design.dfe_snr_db,
            design.predicted_gain_db
        );
        // The union bound is above the truth by its overlaps; 1000 errors in bursts: 10 % at 99 %.
        let ratio = ser / design.predicted_ser;
        assert!((0.65..1.15).contains(&ratio), "{ratio}");
    }
}

#[test]
fn mistakes_are_named() {
    let pulse = lossy();
    let noise = white(1e-3, 60);
    let run = |memory, choice| target(&pulse, &noise, &config(9, 3, memory, choice)).unwrap_err();
    assert!(matches!(
        run(0, TargetChoice::Whitening),
        Error::OutOfRange { .. }
    ));
    assert!(matches!(
        run(3, TargetChoice::Whitening),
        Error::OutOfRange { .. }
    ));
    assert!(matches!(
        run(2, TargetChoice::Fixed(vec![0.5])),
        Error::Length {
            expected: 2,
            got: 1,
            ..
        }
    ));
    assert!(matches!(
        run(1, TargetChoice::Fixed(vec![f64::NAN])),
        Error::NotFinite { .. }
    ));
    let mut free = config(9, 3, 1, TargetChoice::FewestErrors);
    free.equalizer.dfe = vec![(0.0, f64::INFINITY)];
    let text = target(&pulse, &noise, &free).unwrap_err().to_string();
    assert!(text.contains("target coefficient 1"), "{text}");
    let mut huge = config(9, 3, 1, TargetChoice::Whitening);
    huge.equalizer.ffe_taps = usize::MAX;
    let text = target(&pulse, &noise, &huge).unwrap_err().to_string();
    assert!(text.starts_with("ffe_taps is 1.8"), "{text}");
    let mut loud = noise.clone();
    loud[30] = -2e-3; // a lag that only the residual needs
    let loud = target(&pulse, &loud, &config(9, 3, 1, TargetChoice::Whitening));
    let text = loud.unwrap_err().to_string();
    assert!(text.starts_with("noise_autocorrelation[30] is"), "{text}");
    let short = target(
        &pulse,
        &noise[..40],
        &config(9, 3, 1, TargetChoice::Whitening),
    );
    assert!(matches!(
        short,
        Err(Error::Length {
            expected: 43,
            got: 40,
            ..
        })
    ));
}

#[test]
fn coefficients_and_bounds_lie_within_sixteen() {
    let (pulse, noise) = (lossy(), white(1e-3, 60));
    let run = |bounds: (f64, f64), choice: TargetChoice| {
        let mut config = config(9, 3, 2, choice);
        config.equalizer.dfe[1] = bounds;
        target(&pulse, &noise, &config)
    };
    for value in [1e200, -1e200, 16.1, f64::INFINITY] {
        let fixed = run((0.0, 1.0), TargetChoice::Fixed(vec![0.5, value])).unwrap_err();
        let Error::OutOfRange { name, min, max, .. } = fixed else {
            panic!("{fixed}");
        };
        assert_eq!((min, max), (-16.0, 16.0));
        assert_eq!(name, "target coefficient 2");
    }
    for bounds in [
        (-1e300, 1e300),
        (0.0, 20.0),
        (-17.0, 0.0),
        (f64::NEG_INFINITY, 1.0),
        (0.0, f64::INFINITY),
    ] {
        for choice in [
            TargetChoice::FewestErrors,
            TargetChoice::Whitening,
            TargetChoice::Fixed(vec![0.5, 0.1]),
        ] {
            let text = run(bounds, choice).unwrap_err().to_string();
            assert!(text.starts_with("bound of target coefficient 2"), "{text}");
            assert!(text.ends_with("must lie between -16 and 16"), "{text}");
        }
    }
    for coefficient in [-16.0, 16.0] {
        let choice = TargetChoice::Fixed(vec![0.5, coefficient]);
        let design = run((-16.0, 16.0), choice).unwrap();
        assert_eq!(design.response, [1.0, 0.5, coefficient]);
        assert!(design.sigma.is_finite() && design.nearest.distance.is_finite());
        assert!(design.predicted_ser > 0.0 && design.predicted_gain_db.is_finite());
    }
    let best = run((-16.0, 16.0), TargetChoice::FewestErrors).unwrap();
    assert!(best.response[2].abs() < 1.0, "{:?}", best.response);
}
