//! Where plans, states and windows end: limits, foreign states, silence.

use super::super::{Mlse, MlseConfig, reference, smallest_distance};
use super::plans;
use crate::signal::Llr;
use crate::{Error, Level, pam4};

#[test]
fn the_smallest_distance_is_that_of_known_responses() {
    // Level spacing 2. One error costs 4 |h|^2, the least where it is the nearest event; 1 - D has 8 for any run of
    // equal errors; 1 + 2D + D^2 has its nearest event at +e -e, 16 instead of 24.
    for (response, expected) in [
        (&[1.0f32, 0.5][..], 5.0),
        (&[1.0, 1.0], 8.0),
        (&[1.0, -1.0], 8.0),
        (&[0.25, 1.0, 0.25], 4.5),
        (&[1.0, 2.0, 1.0], 16.0),
    ] {
        let d = smallest_distance(response, &pam4::LEVELS);
        assert!((d - expected).abs() < 1e-9, "{response:?}: {d}");
    }
    // Small ends, so that their energy alone would bound it badly.
    let plan = |response: &[f32]| {
        Mlse::new(&MlseConfig {
            response: response.to_vec(),
            ..MlseConfig::default()
        })
    };
    assert!(plan(&[0.2, 1.0, 0.2]).is_ok() && plan(&[0.1, 1.0, 0.1]).is_ok());
}

#[test]
fn a_noise_too_small_for_ratios_and_an_odd_depth_are_errors() {
    let mlse = Mlse::new(&MlseConfig::default()).unwrap();
    let mut llr = [[Llr(7.0); 2]; 2];
    for sigma in [1e-30, 1e-20] {
        let error = mlse.soft(&[0.0, 1.0], sigma, &mut llr).unwrap_err();
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    }
    assert_eq!(llr, [[Llr(7.0); 2]; 2]);
    mlse.soft(&[9e9, -9e9], 1e-17, &mut llr).unwrap();
    assert!(llr.iter().flatten().all(|l| l.0.is_finite()));
    let odd = MlseConfig {
        depth: 3,
        ..MlseConfig::default()
    };
    assert_eq!(
        Mlse::new(&odd).unwrap_err().to_string(),
        "depth is 3, must be an even number from 2 to 128"
    );
}

#[test]
fn soft_output_is_the_same_at_every_level_where_survivors_do_not_merge() {
    // A signal that is lost now and then: on 1 + D the survivors of silence stay apart for ever.
    for n in [4_000, 5_003, 40_003] {
        let x: Vec<f32> = (0..n)
            .map(|i| match i % 3000 {
                0..700 => 0.0,
                k => ((k * k * 7919 + i * 31) % 997) as f32 / 90.0 - 5.5,
            })
            .collect();
        for response in [vec![1.0, 1.0], vec![1.0, -1.0], vec![1.0, 0.0, -1.0]] {
            let config = MlseConfig {
                response,
                ..MlseConfig::default()
            };
            let all: Vec<Vec<[Llr; 2]>> = plans(&config)
                .iter()
                .map(|plan| {
                    let mut llr = vec![[Llr(0.0); 2]; n];
                    plan.soft(&x, 0.7, &mut llr).unwrap();
                    llr
                })
                .collect();
            for (level, llr) in Level::all().iter().zip(&all) {
                assert!(
                    *llr == all[0],
                    "{level}, {n} samples, {:?}",
                    config.response
                );
            }
        }
    }
}

#[test]
fn states_of_other_plans_are_refused_and_short_records_count_their_chunks() {
    let plan = |response: Vec<f32>| {
        Mlse::new(&MlseConfig {
            response,
            ..MlseConfig::default()
        })
        .unwrap()
    };
    let (a, b) = (plan(vec![1.0, 0.5]), plan(vec![1.0, -0.9]));
    let mut state = a.state(1).unwrap();
    let error = b
        .process_interleaved(&mut state, &[1.0], &mut [])
        .unwrap_err();
    assert!(error.to_string().contains("state is one of"), "{error}");
    assert_eq!(state.pending(), 0);
    a.process_interleaved(&mut state, &[1.0], &mut []).unwrap();
    assert_eq!(state.ready(usize::MAX) % 128, 0);
    let seams = a.apply_counting(&[0.5; 300], &mut [0; 300]).unwrap();
    assert_eq!((seams.chunks, seams.seams), (3, 0));
}

#[test]
fn ratios_are_near_those_without_rounding() {
    // Rounding of the metrics, uniform over one unit in each of the branches in which two paths differ. Relative to
    // sigma^2 it is the same for any noise, so the bounds hold for sigma 0.6.
    for (response, bound) in [(vec![1.0f32, 0.5], 0.06), (vec![1.0, 0.6, 0.2], 0.15)] {
        let config = MlseConfig {
            response: response.clone(),
            ..MlseConfig::default()
        };
        let (n, sigma) = (20_000, 0.6f32);
        let mut sent = vec![0; n];
        crate::random::Philox::new(3, 1).fill_symbols(0, &mut sent);
        let level = |i: usize| config.levels[usize::from(sent[i])];
        let mut x: Vec<f32> = (0..n)
            .map(|i| {
                let past = response.iter().enumerate().take(i + 1);
                past.map(|(k, h)| h * level(i - k)).sum()
            })
            .collect();
        crate::random::Gauss::new(3, 2).add_scaled(0, sigma, &mut x);
        let mut llr = vec![[Llr(0.0); 2]; n];
        Mlse::new(&config)
            .unwrap()
            .soft(&x, sigma, &mut llr)
            .unwrap();
        let states = 4usize.pow(response.len() as u32 - 1);
        let exact = reference::max_log(n, states, 0.0, |i, from, symbol| {
            let past = [from % 4, from / 4];
            let expected: f64 = response
                .iter()
                .enumerate()
                .map(|(k, h)| {
                    let s = if k == 0 { symbol } else { past[k - 1] };
                    f64::from(*h) * f64::from(config.levels[s])
                })
                .sum();
            (f64::from(x[i]) - expected).powi(2)
        });
        let scale = 1.0 / (2.0 * f64::from(sigma).powi(2));
        let off = llr.iter().flatten().zip(exact.iter().flatten());
        let squares: f64 = off.map(|(l, e)| (f64::from(l.0) - scale * e).powi(2)).sum();
        let rms = (squares / (2 * n) as f64).sqrt();
        println!("{response:?}: rms {rms:.4}");
        assert!(rms > 0.0 && rms < bound, "{response:?}: {rms}");
    }
}
