//! One stream, exact form.

use super::*;

/// Window of output `i` (latest first), zeros before the start.
fn window(x: &[f32], i: usize, taps: usize) -> Vec<f64> {
    (0..taps)
        .map(|k| if k <= i { x[i - k].into() } else { 0.0 })
        .collect()
}

/// Runs the reference beside the outputs of a kernel; stops where rounding may decide otherwise.
/// Returns the number of outputs compared.
fn compare(
    config: &AdaptConfig,
    x: &[f32],
    known: Option<&[u8]>,
    y: &[f32],
    d: &[u8],
) -> (usize, Reference<f64>) {
    let mut r = reference::<f64>(config, 1.0);
    let p = config.ffe.precursors;
    let mut past = vec![0.0; 16];
    for i in p..x.len() {
        let w = window(x, i, config.ffe.taps.len());
        let symbol = known.map(|s| s[i - p]);
        let (_, ahead) = r.output(&w, &past, symbol);
        let near = (0..3).any(|t| {
            let threshold = 0.5 * (r.levels[t] + r.levels[t + 1]);
            (ahead.y - threshold).abs() < 1e-4
        });
        let sign_near = r.sign_error && ahead.error.abs() < 1e-4
            || r.sign_data && w.iter().any(|x| *x != 0.0 && x.abs() < 1e-4);
        if near || sign_near {
            return (i, r);
        }
        let step = r.step(&w, &past, symbol);
        // Rounding of some 2 * 80 operations on numbers up to 10, 2^-24 each, in a loop that
        // forgets: 2e-5 of the largest.
        let tolerance = 2e-5 * step.y.abs().max(10.0);
        assert!(
            (f64::from(y[i]) - step.y).abs() < tolerance,
            "{i}: {} {}",
            y[i],
            step.y
        );
        assert_eq!(d[i], step.decision, "{i}");
        past.rotate_right(1);
        past[0] = step.fed_back;
    }
    (x.len(), r)
}

proptest! {
    #[test]
    fn one_stream_is_the_reference_at_every_level(config in configs(), seed in 0u64..1000, trained: bool) {
        let (symbols, x) = record(seed, 300, &[1.0, 0.2, -0.1], 0.2);
        let mut fused_bits: Option<Vec<u32>> = None;
        for level in Level::all() {
            let adapter = Adapter::with_level(&config, level).unwrap();
            prop_assert_eq!(adapter.level(), level);
            let mut state = adapter.state();
            let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
            let known = trained.then_some(&symbols[..]);
            match known {
                Some(s) => adapter.train(&mut state, &x, s, &mut y, &mut d).unwrap(),
                None => adapter.track(&mut state, &x, &mut y, &mut d).unwrap(),
            }
            let (compared, r) = compare(&config, &x, known, &y, &d);
            if compared == x.len() {
                let now = state.equalizer();
                for (a, b) in now.ffe.iter().zip(&r.ffe).chain(now.dfe.iter().zip(&r.dfe)) {
                    prop_assert!((f64::from(*a) - b).abs() < 2e-5, "{} {}", a, b);
                }
                for (a, b) in now.levels.iter().zip(&r.levels) {
                    prop_assert!((f64::from(*a) - b).abs() < 2e-5, "{} {}", a, b);
                }
                prop_assert!((f64::from(now.gain) - r.gain).abs() < 2e-5);
                prop_assert!((f64::from(now.offset) - r.offset).abs() < 2e-5);
            }
            if level.is_fused() {
                let bits: Vec<u32> = y.iter().map(|y| y.to_bits()).collect();
                prop_assert_eq!(fused_bits.get_or_insert_with(|| bits.clone()), &bits);
            }
        }
    }

    #[test]
    fn any_split_into_calls_gives_the_same_bits(
        config in configs(),
        cuts in prop::collection::vec(0usize..700, 0..6),
        decay: bool,
        block in prop_oneof![Just(0usize), 1usize..=64],
    ) {
        let mut config = config;
        if block > 0 {
            config.update = Update::Block(block);
        }
        if decay {
            config.schedule = Schedule::Decay { half_life_symbols: 200.0, floor: 0.2 };
        } else {
            config.schedule = Schedule::Gears(vec![(100, 0.5), (333, 0.0), (500, 2.0)]);
        }
        let (symbols, mut x) = record(5, 700, &[1.0, 0.2, -0.1], 0.2);
        x[450] = f32::NAN;
        let mut cuts = cuts;
        cuts.extend([0, 400, 700]); // from 400 on without training
        cuts.sort_unstable();
        for level in Level::all() {
            let adapter = Adapter::with_level(&config, level).unwrap();
            let run = |cuts: &[usize]| {
                let mut state = adapter.state();
                let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
                for c in cuts.windows(2) {
                    let r = c[0]..c[1];
                    let (y, d) = (&mut y[r.clone()], &mut d[r.clone()]);
                    if c[0] < 400 {
                        adapter.train(&mut state, &x[r.clone()], &symbols[r], y, d).unwrap();
                    } else {
                        adapter.track(&mut state, &x[r], y, d).unwrap();
                    }
                }
                let bits: Vec<u32> = y.iter().map(|y| y.to_bits()).collect();
                (bits, d, state.equalizer(), state.left_out(), state.mse())
            };
            prop_assert_eq!(run(&[0, 400, 700]), run(&cuts));
        }
    }
}
