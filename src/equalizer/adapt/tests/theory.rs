//! Closed forms of LMS, and what must not happen.

use super::*;

fn plain(taps: usize, precursors: usize, step: f32) -> AdaptConfig {
    let mut start = vec![0.0; taps];
    start[precursors] = 1.0;
    AdaptConfig {
        ffe: FfeConfig {
            taps: start,
            precursors,
        },
        steps: Parts {
            ffe: step,
            ..Parts::default()
        },
        ..AdaptConfig::default()
    }
}

fn train(config: &AdaptConfig, x: &[f32], symbols: &[u8]) -> (AdaptState, Vec<f32>) {
    let adapter = Adapter::new(config).unwrap();
    let mut state = adapter.state();
    let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
    adapter
        .train(&mut state, x, symbols, &mut y, &mut d)
        .unwrap();
    (state, y)
}

#[test]
fn without_input_taps_leak_as_a_power() {
    let (n, step, leak) = (1280, 1e-3, 2.0);
    let symbols = vec![3; n];
    let x = vec![0.0; n];
    for (update, base, power) in [
        (Update::EverySymbol, 1.0 - 2e-3f64, n as i32),
        (Update::Block(32), 1.0 - 32.0 * 2e-3, n as i32 / 32),
    ] {
        let config = AdaptConfig {
            ffe_leakage: leak,
            update,
            ..plain(3, 0, step)
        };
        let tap = f64::from(train(&config, &x, &symbols).0.equalizer().ffe[0]);
        let want = base.powi(power);
        println!("{update:?}: {tap:.6} for {want:.6}");
        // One rounding of 2^-24 per update, and that of the factor: 1280 * 2^-23 at most.
        assert!((tap / want - 1.0).abs() < 1.6e-4, "{tap} {want}");
    }
    let streams = Streams::new(&AdaptConfig {
        ffe_leakage: leak,
        ..plain(3, 0, step)
    })
    .unwrap();
    let mut state = streams.state(1).unwrap();
    streams
        .train(&mut state, &x, &symbols, &mut vec![0.0; n], &mut vec![0; n])
        .unwrap();
    let tap = f64::from(state.equalizer(0).unwrap().ffe[0]);
    assert!((tap / 0.998f64.powi(n as i32) - 1.0).abs() < 1.6e-4);
}

#[test]
fn one_tap_converges_exactly_below_two_over_the_power() {
    // Symbols 3 and 0 alone: x^2 = 9 at each symbol, so the tap error goes as (1 - 9 mu)^n.
    let symbols: Vec<u8> = (0..40).map(|i| if i % 3 == 0 { 3 } else { 0 }).collect();
    let x: Vec<f32> = symbols.iter().map(|&s| pam4(s)).collect();
    for (ratio, falls) in [(0.5, true), (1.9, true), (2.1, false)] {
        let mut config = plain(1, 0, ratio / 9.0);
        config.ffe.taps[0] = 0.5;
        let error = f64::from(train(&config, &x, &symbols).0.equalizer().ffe[0]) - 1.0;
        let want = -0.5 * (1.0 - f64::from(ratio)).powi(40);
        println!("mu = {ratio}/lambda: error {error:.3e} for {want:.3e}");
        assert_eq!(error.abs() < 0.5, falls);
        // Near zero what is left is rounding of taps of about one.
        assert!(
            (error - want).abs() < 2e-3 * want.abs() + 1e-6,
            "{error} {want}"
        );
    }
}

#[test]
fn the_mean_of_many_streams_converges_as_the_eigenvalue_says() {
    let (streams, n, step) = (2048, 60, 4e-3f32);
    let mut config = plain(1, 0, step);
    config.ffe.taps[0] = 0.0;
    let plan = Streams::new(&config).unwrap();
    let mut state = plan.state(streams).unwrap();
    let mut symbols = vec![0; streams * n];
    Philox::new(3, 9).fill_symbols(0, &mut symbols);
    let x: Vec<f32> = symbols.iter().map(|&s| pam4(s)).collect();
    let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
    plan.train(&mut state, &x, &symbols, &mut y, &mut d)
        .unwrap();
    let errors: Vec<f64> = (0..streams)
        .map(|s| 1.0 - f64::from(state.equalizer(s).unwrap().ffe[0]))
        .collect();
    let mean = errors.iter().sum::<f64>() / streams as f64;
    let spread = errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / streams as f64;
    let want = (1.0 - f64::from(step) * 5.0).powi(n as i32);
    let standard_error = (spread / streams as f64).sqrt();
    println!("mean {mean:.4} for {want:.4}, standard error {standard_error:.4}");
    // Independent symbols: the mean is exact; four standard errors.
    assert!((mean - want).abs() < 4.0 * standard_error);
}

#[test]
fn misadjustment_is_half_the_step_times_the_power() {
    let (n, taps, sigma) = (400_000, 8, 0.3f32);
    let (symbols, x) = record(21, n, &[1.0], sigma);
    let power = 5.0 + f64::from(sigma * sigma);
    let want = 0.05;
    let step = (2.0 * want / (taps as f64 * power)) as f32;
    let mut config = plain(taps, 3, step);
    config.ffe.taps[3] = (5.0 / power) as f32; // the Wiener solution
    let error = |config: &AdaptConfig| {
        let (_, y) = train(config, &x, &symbols);
        let squares = y[3..]
            .iter()
            .zip(&symbols)
            .map(|(y, &s)| f64::from(pam4(s) - y).powi(2));
        squares.sum::<f64>() / (n - 3) as f64
    };
    let adapting = error(&config);
    let least = error(&AdaptConfig {
        steps: Parts::default(),
        ..config
    });
    let got = adapting / least - 1.0;
    println!("misadjustment {got:.4} for {want}");
    // First order in the step (the next term is 5 % of it), 8 modes over 400 000 symbols.
    assert!((got / want - 1.0).abs() < 0.15, "{got}");
}

#[test]
fn frozen_parts_keep_their_bits_and_the_others_move() {
    let (symbols, x) = record(4, 500, &[0.9, 0.3], 0.2);
    for update in [Update::EverySymbol, Update::Block(16)] {
        let config = AdaptConfig {
            ffe: FfeConfig {
                taps: vec![-0.0, 1.0, 0.1, -0.0],
                precursors: 1,
            },
            dfe: vec![0.1, -0.05, 0.0],
            steps: Parts {
                ffe: 1e-3,
                dfe: 1e-3,
                gain: 1e-3,
                offset: 1e-3,
                levels: 1e-3,
            },
            ffe_leakage: 0.5,
            dfe_leakage: 0.5,
            main_tap: MainTap::Free,
            outer_levels_pinned: false,
            update,
            ..AdaptConfig::default()
        };
        let adapter = Adapter::new(&config).unwrap();
        for part in 0..5 {
            let f = |k: usize| k == part;
            let frozen = Parts {
                ffe: f(0),
                dfe: f(1),
                gain: f(2),
                offset: f(3),
                levels: f(4),
            };
            let mut state = adapter.state();
            let (mut y, mut d) = (vec![0.0; 250], vec![0; 250]);
            adapter
                .train(&mut state, &x[..250], &symbols[..250], &mut y, &mut d)
                .unwrap();
            state.freeze(frozen);
            assert_eq!(state.frozen(), frozen);
            let before = state.equalizer();
            adapter
                .track(&mut state, &x[250..], &mut y, &mut d)
                .unwrap();
            let after = state.equalizer();
            let bits = |e: &Equalizer| {
                let one = |x: f32| vec![x.to_bits()];
                let all = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                [
                    all(&e.ffe),
                    all(&e.dfe),
                    one(e.gain),
                    one(e.offset),
                    all(&e.levels),
                ]
            };
            for (k, (a, b)) in bits(&before).iter().zip(&bits(&after)).enumerate() {
                assert_eq!(a == b, k == part, "{update:?} part {k}, frozen {part}");
            }
        }
    }
}

#[test]
fn bad_samples_are_left_out_and_harm_nothing() {
    let (symbols, clean) = record(6, 4000, &[1.0, 0.3], 0.1);
    for update in [Update::EverySymbol, Update::Block(8)] {
        let config = AdaptConfig {
            update,
            ..plain(9, 2, 1e-3)
        };
        let adapter = Adapter::new(&config).unwrap();
        let mut x = clean.clone();
        (x[800], x[803], x[2000]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
        let mut state = adapter.state();
        let (mut y, mut d) = (vec![0.0; 4000], vec![0; 4000]);
        let mut go = |state: &mut AdaptState, r: std::ops::Range<usize>| {
            let (y, d) = (&mut y[r.clone()], &mut d[r.clone()]);
            adapter
                .train(state, &x[r.clone()], &symbols[r], y, d)
                .unwrap();
        };
        // 802 outputs are 800 symbols, so a block has just ended (and symbol 798 is the first hit).
        go(&mut state, 0..800);
        let before = state.equalizer();
        go(&mut state, 800..812);
        if update == Update::EverySymbol {
            assert_eq!(state.equalizer(), before);
        }
        assert_eq!(state.left_out(), 12);
        go(&mut state, 812..4000);
        assert_eq!(state.left_out(), 12 + 9);
        state.equalizer().check().unwrap();
        assert!(y.iter().all(|y| y.is_finite()));
        assert!(state.mse() < 0.1, "{}", state.mse());
    }
}

#[test]
fn divergence_is_an_error_that_names_the_tap() {
    let (symbols, x) = record(8, 4000, &[1.0, 0.3], 0.1);
    let (state, _) = train(&plain(9, 2, 1.0), &x, &symbols);
    println!("{:?}", state.equalizer().check());
    assert!(!state.has_converged(1.0));
    let (state, _) = train(&plain(9, 2, 1e-3), &x, &symbols);
    state.equalizer().check().unwrap();
}

#[test]
fn gain_offset_and_levels_find_their_values() {
    let n = 60_000;
    let mut symbols = vec![0; n];
    Philox::new(2, 0).fill_symbols(0, &mut symbols);
    // Compressed inner levels, half the amplitude, shifted.
    let sent = [-3.0, -0.8, 0.8, 3.0];
    let mut x: Vec<f32> = symbols
        .iter()
        .map(|&s| 0.5 * sent[usize::from(s)] + 0.1)
        .collect();
    Gauss::new(2, 1).add_scaled(0, 0.02, &mut x);
    let config = AdaptConfig {
        steps: Parts {
            ffe: 1e-3,
            dfe: 0.0,
            gain: 1e-3,
            offset: 1e-3,
            levels: 1e-3,
        },
        mse_window_symbols: 200.0,
        ..plain(3, 1, 0.0)
    };
    for update in [Update::EverySymbol, Update::Block(32)] {
        let (state, _) = train(
            &AdaptConfig {
                update,
                ..config.clone()
            },
            &x,
            &symbols,
        );
        let e = state.equalizer();
        println!("{update:?}: {e:?}, mse {:.5}", state.mse());
        assert_eq!(e.ffe[1], 1.0); // pinned, because the gain adapts
        assert_eq!((e.levels[0], e.levels[3]), (-3.0, 3.0));
        // Noise of 0.04 at the slicer in loops of step 1e-3: about 0.04 sqrt(1e-3 / 2) = 0.001.
        for (got, want) in [
            (e.gain, 2.0),
            (e.offset, -0.2),
            (e.levels[1], -0.8),
            (e.levels[2], 0.8),
        ] {
            assert!((got - want).abs() < 0.01, "{got} {want}");
        }
        assert!((state.mse() / 0.0016 - 1.0).abs() < 0.3 && state.has_converged(1.0));
    }
}

#[test]
fn schedules_are_functions_of_the_symbol() {
    let gears = Schedule::Gears(vec![(10, 0.5), (20, 0.0)]);
    let at = [0, 9, 10, 19, 20, 1 << 40].map(|n| gears.factor(n));
    assert_eq!(at, [1.0, 1.0, 0.5, 0.5, 0.0, 0.0]);
    assert_eq!(
        (
            gears.next_change(3),
            gears.next_change(10),
            gears.next_change(20)
        ),
        (10, 20, u64::MAX)
    );
    let decay = Schedule::Decay {
        half_life_symbols: 640.0,
        floor: 0.25,
    };
    assert_eq!(
        [0, 63, 640, 1280, 9999].map(|n| decay.factor(n)),
        [1.0, 1.0, 0.5, 0.25, 0.25]
    );
    assert_eq!(
        (decay.next_change(70), decay.next_change(5000)),
        (128, u64::MAX)
    );
}

#[test]
fn bad_configurations_and_slices_are_errors() {
    let good = plain(3, 1, 1e-3);
    let bad = |change: &dyn Fn(&mut AdaptConfig)| {
        let mut config = good.clone();
        change(&mut config);
        Adapter::new(&config).unwrap_err().to_string()
    };
    assert!(bad(&|c| c.ffe.taps.clear()).contains("ffe taps"));
    assert!(bad(&|c| c.ffe.taps[2] = f32::NAN).contains("ffe taps[2]"));
    assert!(bad(&|c| c.ffe.precursors = 3).contains("precursors"));
    assert!(bad(&|c| c.dfe = vec![0.0; 17]).contains("dfe taps"));
    assert!(bad(&|c| c.steps.gain = -1.0).contains("steps.gain"));
    assert!(bad(&|c| c.ffe_leakage = 2000.0).contains("ffe_leakage"));
    assert!(bad(&|c| c.levels[1] = 2.0).contains("levels"));
    assert!(bad(&|c| c.schedule = Schedule::Gears(vec![(5, 1.0), (5, 0.5)])).contains("schedule"));
    assert!(bad(&|c| c.update = Update::Block(65)).contains("block"));
    assert!(bad(&|c| c.mse_window_symbols = 0.0).contains("mse_window"));
    let block = AdaptConfig {
        update: Update::Block(8),
        ..good.clone()
    };
    assert!(Streams::new(&block).is_err());

    let adapter = Adapter::new(&good).unwrap();
    let mut state = adapter.state();
    let (mut y, mut d) = ([7.0; 4], [9; 4]);
    assert!(
        adapter
            .train(&mut state, &[1.0; 4], &[0, 1, 2, 4], &mut y, &mut d)
            .is_err()
    );
    assert!(
        adapter
            .track(&mut state, &[1.0; 4], &mut y[..3], &mut d)
            .is_err()
    );
    let other = Adapter::new(&plain(30, 1, 1e-3)).unwrap();
    assert!(other.track(&mut state, &[1.0; 4], &mut y, &mut d).is_err());
    assert_eq!((y, d, state.symbols()), ([7.0; 4], [9; 4], 0));
    let streams = Streams::new(&good).unwrap();
    assert!(streams.state(0).is_err());
    let mut two = streams.state(2).unwrap();
    assert!(
        streams
            .track(&mut two, &[1.0; 3], &mut y[..3], &mut d[..3])
            .is_err()
    );
}
