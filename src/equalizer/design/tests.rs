//! Closed forms, an independent dense solve, exhaustive search over active bounds, optimality
//! conditions.

mod floating;
mod fractional;
mod limits;
mod oracle;
mod zero_forcing;

use proptest::prelude::*;

use super::reference::biased;
use oracle::{constraints, exhaustive, kkt_residual, point, quadratic};

use super::{MmseConfig, MmseSolver, mmse};
use crate::Error;
use crate::signal::Pulse;

const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

pub(super) fn pulse(samples: &[f64], cursor: usize) -> Pulse {
    Pulse::new(samples.to_vec(), 1, cursor).unwrap()
}

/// A decaying pulse with precursors, from a seed.
fn lossy(seed: u32, length: usize, cursor: usize) -> Pulse {
    let mut word = seed | 1;
    let samples = (0..length)
        .map(|i| {
            word = word.wrapping_mul(1664525).wrapping_add(1013904223);
            let u = f64::from(word >> 8) / f64::from(1 << 24) - 0.5;
            let distance = i as f64 - cursor as f64;
            let decay = if distance < 0.0 { 1.5 } else { 0.4 };
            (-decay * distance.abs()).exp() * (if i == cursor { 1.0 } else { 0.3 + u })
        })
        .collect();
    Pulse::new(samples, 1, cursor).unwrap()
}

fn coloured(power: f64, lags: usize) -> Vec<f64> {
    (0..lags).map(|m| power * 0.6f64.powi(m as i32)).collect()
}

#[test]
fn an_ideal_channel_with_white_noise_is_left_alone() {
    let (h, variance, power) = (0.25, 5.0 / 9.0, 3e-4);
    let config = MmseConfig {
        ffe_taps: 7,
        precursors: 3,
        dfe: vec![(-0.5, 0.5)],
        ..MmseConfig::default()
    };
    let mut noise = vec![0.0; 7];
    noise[0] = power;
    let design = mmse(&pulse(&[h], 0), &noise, &config).unwrap();
    for (k, w) in design.ffe.iter().enumerate() {
        let expected = if k == 3 { 1.0 / h } else { 0.0 };
        assert!((w - expected).abs() < 1e-12, "tap {k}: {w}");
    }
    let snr = variance * h * h / power;
    assert!((design.snr / snr - 1.0).abs() < 1e-12);
    assert!((design.noise_variance - power / (h * h)).abs() < 1e-15);
    assert!(design.isi_variance < 1e-20 && design.dfe[0].abs() < 1e-12);
}

#[test]
fn two_tap_channel_with_feedback_reaches_the_matched_filter_of_the_main_cursor() {
    // With the post-cursor fed back, a one-tap filter sees h0 alone; more taps reach Salz'
    // limit: log of the biased ratio = mean log of 1 + snr |H|^2, here through 1 + a z^-1 in
    // closed form: the larger root of the spectral factor.
    let (a, power) = (0.5, 0.01);
    let config = |ffe_taps, precursors| MmseConfig {
        ffe_taps,
        precursors,
        dfe: vec![FREE],
        symbol_variance: 1.0,
        ..MmseConfig::default()
    };
    let channel = pulse(&[1.0, a], 0);
    let one = mmse(&channel, &[power], &config(1, 0)).unwrap();
    assert!((one.snr - 1.0 / power).abs() < 1e-9);
    assert!((one.dfe[0] - a).abs() < 1e-12);
    let mut noise = vec![0.0; 40];
    noise[0] = power;
    let many = mmse(&channel, &noise, &config(40, 39)).unwrap();
    let b = 1.0 + (1.0 + a * a) / power;
    let c = a / power;
    let biased = f64::midpoint(b, (b * b - 4.0 * c * c).sqrt());
    assert!(
        (many.snr / (biased - 1.0) - 1.0).abs() < 1e-9,
        "{}",
        many.snr
    );
}

proptest! {
    #[test]
    fn unbiased_ratio_is_the_biased_one_less_one(
        seed in any::<u32>(), taps in 1usize..14, pre in 0usize..14, dfe in 0usize..4,
        power in 1e-5f64..1e-1,
    ) {
        let p = lossy(seed, 40, 6);
        let noise = coloured(power, taps);
        let config = MmseConfig {
            ffe_taps: taps,
            precursors: pre % taps,
            dfe: vec![FREE; dfe],
            ..MmseConfig::default()
        };
        let design = mmse(&p, &noise, &config).unwrap();
        let dense = biased(
            &p.samples, p.cursor, &noise, taps, pre % taps, dfe, config.symbol_variance,
        ).unwrap();
        prop_assert!((design.snr / (dense.snr - 1.0) - 1.0).abs() < 1e-8);
        for (a, b) in design.ffe.iter().zip(&dense.ffe) {
            prop_assert!((a - b / dense.cursor).abs() < 1e-6);
        }
        prop_assert!((design.cursor - 1.0).abs() < 1e-12);
    }

    #[test]
    fn bounded_designs_equal_the_exhaustive_search(
        seed in any::<u32>(), taps in 2usize..5, pre in 0usize..4, dfe in 0usize..3,
        bound in 0.0f64..0.5, limit in 0.01f64..0.6, limited in any::<bool>(),
        power in 1e-4f64..3e-2,
    ) {
        let p = lossy(seed, 12, 3);
        let noise = coloured(power, taps);
        let config = MmseConfig {
            ffe_taps: taps,
            precursors: pre % taps,
            dfe: vec![(-0.5 * bound, bound); dfe],
            ffe_limits: if limited { vec![(-limit, limit)] } else { vec![] },
            ..MmseConfig::default()
        };
        let (form, main) = quadratic(&p, &noise, &config);
        let list = constraints(&config);
        let best = exhaustive(&form, &main, &list);
        let mut solver = MmseSolver::new(&config).unwrap();
        match solver.design(&p, &noise) {
            Ok(design) => {
                let x = point(&design);
                let error = design.isi_variance + design.noise_variance;
                prop_assert!((error / best - 1.0).abs() < 1e-7, "{error} for {best}");
                let value = (x.transpose() * &form * &x)[(0, 0)];
                prop_assert!((error / value - 1.0).abs() < 1e-9);
                for (n, b) in &list {
                    prop_assert!(n.dot(&x) >= b - 1e-8 * x.norm());
                }
                prop_assert!((design.snr / solver.snr(&p, &noise).unwrap() - 1.0).abs() < 1e-14);
            }
            Err(Error::Singular { .. }) => prop_assert!(best.is_infinite()),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn large_bounded_designs_meet_the_optimality_conditions(
        seed in any::<u32>(), bound in 0.02f64..0.3, limit in 0.02f64..0.3, power in 1e-5f64..1e-2,
    ) {
        let p = lossy(seed, 60, 8);
        let noise = coloured(power, 24);
        let config = MmseConfig {
            ffe_taps: 24,
            precursors: 6,
            dfe: vec![(0.0, bound); 3],
            ffe_limits: vec![(-limit, limit)],
            ..MmseConfig::default()
        };
        let design = match mmse(&p, &noise, &config) {
            Err(Error::Singular { .. }) => return Ok(()), // limits that exclude a positive cursor
            other => other.unwrap(),
        };
        let (form, main) = quadratic(&p, &noise, &config);
        let residual = kkt_residual(&form, &main, &constraints(&config), &point(&design));
        prop_assert!(residual < 1e-7, "{residual}");
    }

    #[test]
    fn scaling_pulse_and_noise_together_changes_only_the_taps(
        seed in any::<u32>(), gain in 0.01f64..100.0,
    ) {
        let p = lossy(seed, 30, 4);
        let noise = coloured(1e-3, 9);
        let config = MmseConfig {
            ffe_taps: 9,
            precursors: 3,
            dfe: vec![(-0.1, 0.1)],
            ffe_limits: vec![(-0.3, 0.3)],
            ..MmseConfig::default()
        };
        let louder = pulse(&p.samples.iter().map(|h| h * gain).collect::<Vec<_>>(), 4);
        let more: Vec<f64> = noise.iter().map(|r| r * gain * gain).collect();
        let (a, b) = (mmse(&p, &noise, &config).unwrap(), mmse(&louder, &more, &config).unwrap());
        prop_assert!((a.snr / b.snr - 1.0).abs() < 1e-9);
        for (a, b) in a.ffe.iter().zip(&b.ffe) {
            prop_assert!((a - b * gain).abs() < 1e-8 * (1.0 + a.abs()));
        }
    }
}

#[test]
fn an_active_feedback_bound_is_met_exactly_and_costs_something() {
    let p = pulse(&[0.1, 1.0, 0.7, 0.1], 1);
    let noise = [1e-3, 0.0, 0.0, 0.0, 0.0];
    let config = |bound| MmseConfig {
        ffe_taps: 5,
        precursors: 2,
        dfe: vec![bound],
        ..MmseConfig::default()
    };
    let free = mmse(&p, &noise, &config(FREE)).unwrap();
    let tight = mmse(&p, &noise, &config((0.0, 0.3))).unwrap();
    let none = mmse(&p, &noise, &config((0.0, 0.0))).unwrap();
    assert!(free.dfe[0] > 0.5);
    assert_eq!(tight.dfe[0], 0.3);
    assert!(free.snr > tight.snr && tight.snr > none.snr);
    let without = MmseConfig {
        dfe: vec![],
        ..config(FREE)
    };
    let plain = mmse(&p, &noise, &without).unwrap();
    assert!((plain.snr / none.snr - 1.0).abs() < 1e-12);
}

#[test]
fn mistakes_are_named() {
    let config = MmseConfig {
        ffe_taps: 4,
        precursors: 1,
        ..MmseConfig::default()
    };
    let p = pulse(&[0.2, 1.0, 0.3], 1);
    let new = |c: MmseConfig| MmseSolver::new(&c).unwrap_err();
    assert!(matches!(
        new(MmseConfig {
            ffe_taps: 0,
            ..config.clone()
        }),
        Error::Empty { .. }
    ));
    assert!(matches!(
        new(MmseConfig {
            precursors: 4,
            ..config.clone()
        }),
        Error::OutOfRange { .. }
    ));
    let nan = MmseConfig {
        dfe: vec![(f64::NAN, 0.5)],
        ..config.clone()
    };
    assert!(matches!(new(nan), Error::NotFinite { .. }));
    let crossed = MmseConfig {
        dfe: vec![(0.5, -0.5)],
        ..config.clone()
    };
    assert!(matches!(new(crossed), Error::OutOfRange { .. }));
    let some = MmseConfig {
        ffe_limits: vec![(-1.0, 1.0); 3],
        ..config.clone()
    };
    assert!(matches!(
        new(some),
        Error::Length {
            expected: 4,
            got: 3,
            ..
        }
    ));
    assert!(matches!(
        mmse(&p, &[1e-3; 3], &config),
        Err(Error::Length {
            expected: 4,
            got: 3,
            ..
        })
    ));
    let twice = Pulse::new(vec![0.2, 1.0, 0.3], 2, 1).unwrap();
    assert!(matches!(
        mmse(&twice, &[1e-3; 4], &config),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        mmse(&p, &[f64::NAN; 4], &config),
        Err(Error::NotFinite { .. })
    ));
    // Noise free, and the feedback takes away all that two of the taps see.
    let blind = MmseConfig {
        ffe_taps: 3,
        precursors: 0,
        dfe: vec![FREE; 2],
        ..config.clone()
    };
    let mut solver = MmseSolver::new(&blind).unwrap();
    let ideal = pulse(&[1.0], 0);
    assert!(matches!(
        solver.snr(&ideal, &[0.0; 3]),
        Err(Error::Singular { .. })
    ));
    let snr = solver.snr(&ideal, &[1e-3, 0.0, 0.0]).unwrap();
    assert!((snr / (5.0 / 9.0 / 1e-3) - 1.0).abs() < 1e-12);
    // A pulse that the taps do not reach.
    let early = pulse(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], 5);
    assert!(matches!(
        solver.snr(&early, &[1e-3, 0.0, 0.0]),
        Err(Error::NotPositive { .. })
    ));
    // A negative main cursor cannot be made one by a positive main tap alone.
    let inverted = MmseConfig {
        ffe_taps: 1,
        precursors: 0,
        ffe_limits: vec![(0.0, 0.0)],
        ..config
    };
    let impossible = mmse(&pulse(&[-1.0], 0), &[1e-3], &inverted).unwrap_err();
    assert!(matches!(impossible, Error::Singular { .. }));
    let text = impossible.to_string();
    let start = "equalizer within the limits (no taps meet them all: widen them) is singular";
    assert!(text.starts_with(start), "{text}");
}
