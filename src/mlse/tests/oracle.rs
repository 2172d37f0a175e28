//! The detector against all sequences, on ties, on NaN, and on mistakes.

use ndarray::{Array2, Axis};
use proptest::prelude::*;

use super::{expected, plans, samples};
use crate::mlse::{Mlse, MlseConfig};
use crate::signal::Llr;
use crate::{Error, Level};

/// Squared distance of a sequence, the best over the symbols before its start.
fn distance(x: &[f32], h: &[f32], levels: &[f32; 4], d: &[usize]) -> f64 {
    let memory = h.len() - 1;
    (0..4usize.pow(memory as u32))
        .map(|past| {
            let symbol = |n: usize| {
                if n >= memory {
                    d[n - memory]
                } else {
                    past / 4usize.pow(n as u32) % 4
                }
            };
            (0..d.len())
                .map(|n| {
                    let part =
                        |k: usize| f64::from(h[k]) * f64::from(levels[symbol(n + memory - k)]);
                    let expected: f64 = (0..=memory).map(part).sum();
                    (f64::from(x[n]) - expected).powi(2)
                })
                .sum()
        })
        .fold(f64::INFINITY, f64::min)
}

proptest! {
    #[test]
    fn no_sequence_is_better(
        n in 1usize..=6,
        alpha in -1.2f32..1.2,
        beta in prop::option::of(-0.6f32..0.6),
        x in prop::collection::vec(-6.0f32..6.0, 6),
    ) {
        let mut response = vec![1.0, alpha];
        response.extend(beta);
        let config = MlseConfig { response, ..MlseConfig::default() };
        let x = &x[..n];
        // What the detector hears: samples are limited to 1.5 times the range of the noise-free ones.
        let reach = 1.5 * config.levels[3] * config.response.iter().map(|h| h.abs()).sum::<f32>();
        let heard: Vec<f32> = x.iter().map(|x| x.clamp(-reach, reach)).collect();
        let of = |d: &[usize]| distance(&heard, &config.response, &config.levels, d);
        let best = (0..4usize.pow(n as u32))
            .map(|number| {
                let d: Vec<usize> = (0..n).map(|i| number / 4usize.pow(i as u32) % 4).collect();
                of(&d)
            })
            .fold(f64::INFINITY, f64::min);
        for plan in plans(&config) {
            let mut d = vec![9; n];
            plan.apply(x, &mut d).unwrap();
            let d: Vec<usize> = d.into_iter().map(usize::from).collect();
            // Three integers make a branch, each rounded by half a unit: two paths of n branches may
            // be told apart wrongly by 3 n units; samples are rounded to 1/7000 of a level.
            let slack = 3.0 * n as f64 * plan.metric_unit() + 0.02;
            prop_assert!(of(&d) <= best + slack, "{} {best} {}", plan.level(), of(&d));
        }
    }
}

#[test]
fn ties_go_to_the_lowest() {
    // Halfway between all levels, without memory: symbols 1 and 2 tie.
    let config = MlseConfig {
        response: vec![1.0, 0.0],
        ..MlseConfig::default()
    };
    for plan in plans(&config) {
        let mut d = [9; 5];
        plan.apply(&[0.0, 2.0, -2.0, 1.0, 0.0], &mut d).unwrap();
        assert_eq!(d, [1, 2, 0, 2, 1]);
    }
}

#[test]
fn whole_records_of_many_streams_are_exact_even_where_survivors_never_merge() {
    let config = MlseConfig {
        response: vec![1.0, 1.0],
        ..MlseConfig::default()
    };
    let mut x = samples(8, 35, 1000, &config.response, 1.0);
    x.row_mut(3).fill(0.0);
    let mut row = x.row_mut(34);
    row.slice_mut(ndarray::s![100..900]).fill(0.0);
    for plan in plans(&config) {
        let mut d = Array2::from_elem(x.dim(), 9);
        plan.apply_lanes(x.view(), d.view_mut()).unwrap();
        let woven: Vec<f32> = x.t().iter().copied().collect();
        let mut woven_d = vec![9; woven.len()];
        plan.apply_interleaved(&woven, 35, &mut woven_d).unwrap();
        assert_eq!(woven_d, d.t().iter().copied().collect::<Vec<u8>>());
        for (x, d) in x.rows().into_iter().zip(d.rows()) {
            assert_eq!(d.to_vec(), expected(&plan, &x.to_vec()), "{}", plan.level());
        }
        // The stream that idles late is one that blocks decide otherwise.
        let mut state = plan.state(35).unwrap();
        let mut early = Array2::zeros((35, state.ready(1000)));
        plan.process_lanes(&mut state, x.view(), early.view_mut())
            .unwrap();
        let mut late = Array2::zeros((35, state.pending()));
        plan.flush_lanes(&mut state, late.view_mut()).unwrap();
        assert!(state.unsettled()[34] > 0);
        assert_eq!(state.unsettled()[5], 0);
        state.reset();
        assert!(state.unsettled().iter().all(|&u| u == 0));
    }
}

#[test]
fn nan_is_the_lowest_sample_and_touches_no_other_stream() {
    for (response, reduced) in [
        (vec![1.0, 0.5], false),
        (vec![1.0, 0.5, 0.2], false),
        (vec![1.0, 0.5, 0.2], true),
    ] {
        let config = MlseConfig {
            response,
            reduced,
            ..MlseConfig::default()
        };
        let clean = samples(5, 40, 700, &config.response, 0.5);
        let mut x = clean.clone();
        x.row_mut(7).fill(f32::NAN);
        x[(9, 300)] = f32::NAN;
        x[(11, 300)] = f32::INFINITY;
        let mut low = clean.clone();
        low[(9, 300)] = -1e30;
        low[(11, 300)] = 1e30;
        for plan in plans(&config) {
            let run = |x: &Array2<f32>| {
                let mut d = Array2::from_elem(x.dim(), 9);
                plan.apply_lanes(x.view(), d.view_mut()).unwrap();
                d
            };
            let (with, without, limited) = (run(&x), run(&clean), run(&low));
            for (s, d) in with.axis_iter(Axis(0)).enumerate() {
                match s {
                    7 => assert!(d.iter().all(|&d| d == 0)),
                    9 | 11 => assert_eq!(d, limited.row(s)),
                    _ => assert_eq!(d, without.row(s)),
                }
            }
            if !reduced {
                let mut llr = Array2::from_elem(x.dim(), [Llr(0.0); 2]);
                plan.soft_lanes(x.view(), 0.3, llr.view_mut()).unwrap();
                assert!(llr.iter().flatten().all(|l| l.0.is_finite()));
            }
        }
    }
}

fn with(response: &[f32]) -> crate::Result<Mlse> {
    Mlse::new(&MlseConfig {
        response: response.to_vec(),
        ..MlseConfig::default()
    })
}

#[test]
fn mistakes_of_a_configuration_are_named() {
    assert!(matches!(with(&[]), Err(Error::Empty { .. })));
    assert!(matches!(with(&[1.0]), Err(Error::OutOfRange { .. })));
    assert!(matches!(with(&[1.0; 4]), Err(Error::OutOfRange { .. })));
    assert_eq!(
        with(&[1.0, f32::NAN]).unwrap_err().to_string(),
        "response[1] is NaN, must be a finite number"
    );
    assert!(matches!(with(&[0.0, 1.0]), Err(Error::NotPositive { .. })));
    // Two levels that the metrics could not tell apart.
    let close = MlseConfig {
        levels: [-3.0, -2.99, 1.0, 3.0],
        ..MlseConfig::default()
    };
    assert!(matches!(Mlse::new(&close), Err(Error::OutOfRange { .. })));
    assert!(matches!(
        with(&[f32::MAX, 1.0]),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(with(&[1e-38, 0.0]), Err(Error::OutOfRange { .. })));
    let levels = |levels| {
        Mlse::new(&MlseConfig {
            levels,
            ..MlseConfig::default()
        })
    };
    assert!(matches!(
        levels([-3.0, 1.0, 1.0, 3.0]),
        Err(Error::NotIncreasing { index: 2, .. })
    ));
    assert!(matches!(
        levels([-3.0, -1.0, f32::INFINITY, 3.0]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        levels([-3.0, -1.0, 2.99, 3.0]),
        Err(Error::OutOfRange { .. })
    ));
    for depth in [0, 1, 130] {
        let config = MlseConfig {
            depth,
            ..MlseConfig::default()
        };
        assert!(matches!(Mlse::new(&config), Err(Error::OutOfRange { .. })));
    }
}

#[test]
fn mistakes_of_a_call_touch_nothing() {
    let plan = with(&[1.0, 0.5]).unwrap();
    assert!(plan.state(0).is_err());
    let mut d = [9; 8];
    assert!(plan.apply(&[0.0; 7], &mut d).is_err());
    assert!(plan.apply_interleaved(&[0.0; 8], 3, &mut d).is_err());
    assert!(plan.apply_interleaved(&[0.0; 8], 0, &mut d).is_err());
    let mut llr = [[Llr(9.0); 2]; 8];
    assert!(plan.soft(&[0.0; 7], 0.1, &mut llr).is_err());
    for sigma in [0.0, -1.0, f32::NAN] {
        assert!(plan.soft(&[0.0; 8], sigma, &mut llr).is_err());
    }
    let reduced = Mlse::new(&MlseConfig {
        response: vec![1.0, 0.5, 0.1],
        reduced: true,
        ..MlseConfig::default()
    })
    .unwrap();
    assert!(matches!(
        reduced.soft(&[0.0; 8], 0.1, &mut llr),
        Err(Error::UnknownWord { .. })
    ));
    let mut state = plan.state(2).unwrap();
    let before = state.clone();
    assert!(
        plan.process_interleaved(&mut state, &[0.0; 7], &mut [])
            .is_err()
    );
    assert!(
        plan.process_interleaved(&mut state, &[0.0; 8], &mut d)
            .is_err()
    );
    assert!(plan.flush_interleaved(&mut state, &mut d).is_err());
    assert!(
        reduced
            .process_interleaved(&mut state, &[0.0; 8], &mut [])
            .is_err()
    );
    let x = Array2::<f32>::zeros((4, 2));
    let mut out = Array2::from_elem((2, 4), 9);
    assert!(matches!(
        plan.apply_lanes(x.t(), out.view_mut()),
        Err(Error::NotContiguous { .. })
    ));
    assert!(plan.apply_lanes(x.view(), out.view_mut()).is_err());
    assert_eq!(format!("{state:?}"), format!("{before:?}"));
    assert!(out.iter().chain(&d).all(|&d| d == 9));
    assert!(llr.iter().flatten().all(|l| l.0 == 9.0));
    let baseline = Mlse::with_level(plan.config(), Level::BASELINE).unwrap();
    if plan.level() > Level::BASELINE {
        assert!(
            baseline
                .process_interleaved(&mut state, &[0.0; 8], &mut [])
                .is_err()
        );
    }
}
