//! States of other plans, and what the running error says at the edges.

use super::*;
use crate::Error;

fn config(taps: usize, back: usize, update: Update) -> AdaptConfig {
    let mut start = vec![0.0; taps];
    start[0] = 1.0;
    AdaptConfig {
        ffe: FfeConfig {
            taps: start,
            precursors: 0,
        },
        dfe: vec![0.0; back],
        update,
        ..AdaptConfig::default()
    }
}

/// Feeds `n` samples of which each makes the error 1: the level -3 is sent, the output is -4.
fn feed(adapter: &Adapter, state: &mut AdaptState, n: usize) {
    let (mut y, mut d) = (vec![0.0; n], vec![0; n]);
    adapter
        .train(state, &vec![-4.0; n], &vec![0; n], &mut y, &mut d)
        .unwrap();
}

#[test]
fn states_of_other_plans_are_errors_that_name_the_thing() {
    let exact = Update::EverySymbol;
    let base = config(16, 0, exact);
    let moved = AdaptConfig {
        ffe: FfeConfig {
            precursors: 1,
            ..base.ffe.clone()
        },
        ..base.clone()
    };
    let steps = AdaptConfig {
        mse_window_symbols: 100.0,
        ..base.clone()
    };
    let block = |symbols| config(16, 0, Update::Block(symbols));
    for (a, b, name) in [
        (&config(1, 0, exact), &base, "taps of the state"),
        (&base, &config(1, 0, exact), "taps of the state"),
        (&base, &config(16, 16, exact), "feedback taps of the state"),
        (&config(16, 16, exact), &base, "feedback taps of the state"),
        (&moved, &base, "precursors of the state"),
        (&block(64), &block(8), "symbols per update of the state"),
        (&block(64), &base, "symbols per update of the state"),
        (&base, &block(8), "symbols per update of the state"),
        (&block(1), &base, "state"),
        (&steps, &base, "state"),
    ] {
        let (a, b) = (Adapter::new(a).unwrap(), Adapter::new(b).unwrap());
        let mut state = a.state();
        feed(&a, &mut state, 50);
        let before = (state.equalizer(), state.mse(), state.symbols());
        let (mut y, mut d) = ([7.0; 4], [9; 4]);
        let track = b.track(&mut state, &[1.0; 4], &mut y, &mut d).unwrap_err();
        let reset = b.reset(&mut state).unwrap_err();
        for e in [track, reset] {
            let named = match e {
                Error::Length { name, .. }
                | Error::OutOfRange { name, .. }
                | Error::WrongType { name, .. } => name,
                e => panic!("{e}"),
            };
            assert_eq!(named, name);
        }
        assert_eq!((y, d), ([7.0; 4], [9; 4]));
        let after = (state.equalizer(), state.mse(), state.symbols());
        assert_eq!(after, before);
    }
    // A plan of the same configuration is no other plan.
    let mut state = Adapter::new(&base).unwrap().state();
    feed(&Adapter::new(&base).unwrap(), &mut state, 3);
    assert_eq!(state.symbols(), 3);
}

#[test]
fn states_of_another_arithmetic_are_errors() {
    let config = config(2, 1, Update::EverySymbol);
    let other = AdaptConfig {
        mse_window_symbols: 100.0,
        ..config.clone()
    };
    for made in Level::all() {
        for level in Level::all() {
            let (a, b) = (
                Adapter::with_level(&config, made).unwrap(),
                Adapter::with_level(&config, level).unwrap(),
            );
            let done = b.reset(&mut a.state());
            let (a, b) = (
                Streams::with_level(&config, made).unwrap(),
                Streams::with_level(&config, level).unwrap(),
            );
            let (mut y, mut d) = ([7.0; 2], [9; 2]);
            let many = b.track(&mut a.state(1).unwrap(), &[1.0; 2], &mut y, &mut d);
            let fits = made.is_fused() == level.is_fused();
            assert_eq!((done.is_ok(), many.is_ok()), (fits, fits));
            for e in [done.err(), many.err()].into_iter().flatten() {
                assert!(e.to_string().contains("SIMD level of the state"), "{e}");
            }
            assert_eq!(y == [7.0; 2], !fits);
            let b = Streams::with_level(&other, made).unwrap();
            assert!(b.reset(&mut a.state(1).unwrap()).is_err());
        }
    }
}

#[test]
fn one_huge_sample_does_not_spoil_the_running_error_for_good() {
    for level in Level::all() {
        for update in [Update::EverySymbol, Update::Block(64)] {
            let adapter = Adapter::with_level(&config(1, 0, update), level).unwrap();
            let mut state = adapter.state();
            let n = 64 * 1000;
            let (mut x, mut y, mut d) = (vec![-4.0; n], vec![0.0; n], vec![0; n]);
            for big in &mut x[100..110] {
                *big = 1e20;
            }
            adapter
                .train(&mut state, &x, &vec![0; n], &mut y, &mut d)
                .unwrap();
            // 2^120 e^(-125) has died away, rounding of 1/512 in f32 steps has not.
            assert!((state.mse() - 1.0).abs() < 1e-3, "{}", state.mse());
            assert!(state.mse_slow().is_finite());
        }
        let streams = Streams::with_level(&config(1, 0, Update::EverySymbol), level).unwrap();
        let (mut state, n) = (streams.state(2).unwrap(), 64_000);
        let (mut x, mut y, mut d) = (vec![-4.0; 2 * n], vec![0.0; 2 * n], vec![0; 2 * n]);
        x[200] = 1e20;
        streams
            .train(&mut state, &x, &vec![0; 2 * n], &mut y, &mut d)
            .unwrap();
        for s in 0..2 {
            assert!((state.mse(s).unwrap() - 1.0).abs() < 1e-3);
        }
    }
}

#[test]
fn no_error_at_all_has_converged() {
    for update in [Update::EverySymbol, Update::Block(64)] {
        let adapter = Adapter::new(&config(1, 0, update)).unwrap();
        for disturbed in [0, 512] {
            let mut state = adapter.state();
            feed(&adapter, &mut state, disturbed);
            let run = |state: &mut AdaptState, x: f32, n: usize| {
                let (mut y, mut d) = (vec![0.0; n], vec![0; n]);
                adapter
                    .train(state, &vec![x; n], &vec![0; n], &mut y, &mut d)
                    .unwrap();
            };
            run(&mut state, -3.0, 15 * 512);
            assert!(!state.has_converged(1.0));
            run(&mut state, -3.0, 30 * 512);
            assert!(state.has_converged(1.0), "{update:?} {disturbed}");
        }
        // Nothing counted is not convergence.
        let mut state = adapter.state();
        let (mut y, mut d) = (vec![0.0; 20_000], vec![0; 20_000]);
        adapter
            .track(&mut state, &vec![f32::NAN; 20_000], &mut y, &mut d)
            .unwrap();
        assert!(!state.has_converged(1.0));
    }
}

#[test]
fn the_running_error_of_blocks_weighs_finished_blocks() {
    let adapter = Adapter::new(&config(1, 0, Update::Block(64))).unwrap();
    let mut state = adapter.state();
    feed(&adapter, &mut state, 63);
    assert_eq!((state.mse(), state.mse_slow()), (0.0, 0.0));
    for n in [1, 63, 1, 40, 500] {
        feed(&adapter, &mut state, n);
        // One rounding in f32 per block and that of the time constant.
        assert!((state.mse() - 1.0).abs() < 1e-5, "{}", state.mse());
        assert!((state.mse_slow() - 1.0).abs() < 1e-5);
    }
    adapter.reset(&mut state).unwrap();
    feed(&adapter, &mut state, 63);
    assert_eq!(state.mse(), 0.0);
}

#[test]
fn levels_at_the_end_of_the_range_have_thresholds_between_them() {
    let config = AdaptConfig {
        levels: [-3e38, -1e38, 3e38, 3.3e38],
        ..config(1, 0, Update::EverySymbol)
    };
    let x = [3.1e38, 3.2e38, 0.9e38, 1.1e38, -2.1e38];
    let want = [2, 3, 1, 2, 0];
    for level in Level::all() {
        for (update, back) in [
            (Update::EverySymbol, 0),
            (Update::Block(2), 0),
            (Update::Block(2), 1),
        ] {
            let config = AdaptConfig {
                update,
                dfe: vec![0.0; back],
                ..config.clone()
            };
            let adapter = Adapter::with_level(&config, level).unwrap();
            let mut state = adapter.state();
            let (mut y, mut d) = ([0.0; 5], [0; 5]);
            adapter.track(&mut state, &x, &mut y, &mut d).unwrap();
            assert_eq!(d, want, "{level} {update:?} {back}");
            let dfe = state.equalizer().dfe_config();
            let exact = crate::pam4::midway(config.levels.map(f64::from)).map(|t| t as f32);
            assert_eq!(dfe.thresholds, Some(exact));
            assert_eq!(Reference::midway(&config.levels), exact);
        }
        let streams = Streams::with_level(&config, level).unwrap();
        let (mut y, mut d) = ([0.0; 5], [0; 5]);
        let mut state = streams.state(1).unwrap();
        streams.track(&mut state, &x, &mut y, &mut d).unwrap();
        assert_eq!(d, want);
    }
}

#[test]
fn leakage_of_a_whole_update_is_at_most_one() {
    let leaking = |leak: f32, update| AdaptConfig {
        ffe_leakage: leak,
        steps: Parts {
            ffe: 1.0 / 64.0,
            ..Parts::default()
        },
        ..config(1, 0, update)
    };
    assert!(Adapter::new(&leaking(64.0, Update::EverySymbol)).is_ok());
    assert!(Adapter::new(&leaking(1.0, Update::Block(64))).is_ok());
    for (leak, update) in [(65.0, Update::EverySymbol), (1.5, Update::Block(64))] {
        let e = Adapter::new(&leaking(leak, update)).unwrap_err();
        assert!(matches!(e, Error::OutOfRange { .. }), "{e}");
        assert!(e.to_string().contains("ffe_leakage"), "{e}");
    }
}
