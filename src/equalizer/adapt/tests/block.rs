//! The block form: its own equations, and what it has in common with the exact one.

use super::*;

/// Outputs by the equations of the block form in `f64`, up to where rounding may decide otherwise.
fn by_reference(config: &AdaptConfig, x: &[f32], known: Option<&[u8]>, block: usize) -> Vec<f64> {
    let (n, p, b) = (
        config.ffe.taps.len(),
        config.ffe.precursors,
        config.dfe.len(),
    );
    let mut r = reference::<f64>(config, 1.0);
    let per_block = |keep: Option<f64>| keep.map_or(1.0, |keep| 1.0 - block as f64 * (1.0 - keep));
    let (ffe_keep, dfe_keep) = (per_block(r.ffe_keep), per_block(r.dfe_keep));
    let sgn = |flag: bool, x: f64| if flag && x != 0.0 { x.signum() } else { x };
    let (mut ffe, mut dfe) = (vec![0.0; n], vec![0.0; b]);
    let (mut gain, mut offset, mut levels) = (0.0, 0.0, [0.0; 4]);
    let mut past = vec![0.0; 16];
    let mut ys = vec![0.0; p];
    for i in p..x.len() {
        let window: Vec<f64> = (0..n)
            .map(|k| if k <= i { x[i - k].into() } else { 0.0 })
            .collect();
        let (u, step) = r.output(&window, &past, known.map(|s| s[i - p]));
        let near = (0..3).any(|t| (step.y - 0.5 * (r.levels[t] + r.levels[t + 1])).abs() < 1e-4);
        let sign_near = r.sign_error && step.error.abs() < 1e-4;
        if near || sign_near {
            return ys;
        }
        ys.push(step.y);
        let e = sgn(r.sign_error, step.error);
        for k in 0..n {
            ffe[k] += e * sgn(r.sign_data, window[k]);
        }
        for j in 0..b {
            dfe[j] += e * sgn(r.sign_data, past[j]);
        }
        gain += e * sgn(r.sign_data, u);
        offset += e;
        levels[usize::from(step.target)] += e;
        past.rotate_right(1);
        past[0] = step.fed_back;
        if (i - p + 1) % block == 0 {
            for k in (0..n).filter(|k| r.pinned != Some(*k)) {
                r.ffe[k] = ffe_keep * r.ffe[k] + r.ffe_step * ffe[k];
            }
            for j in 0..b {
                r.dfe[j] = dfe_keep * r.dfe[j] + r.minus_dfe_step * dfe[j];
            }
            r.gain += r.gain_step.unwrap_or(0.0) * gain;
            r.offset += r.offset_step.unwrap_or(0.0) * offset;
            for s in 0..4 {
                r.levels[s] -= r.level_steps[s].unwrap_or(0.0) * levels[s];
            }
            r.thresholds = Reference::midway(&r.levels);
            ffe.fill(0.0);
            dfe.fill(0.0);
            (gain, offset, levels) = (0.0, 0.0, [0.0; 4]);
        }
    }
    ys
}

fn outputs(
    config: &AdaptConfig,
    level: Level,
    x: &[f32],
    known: Option<&[u8]>,
) -> (Vec<f32>, Equalizer) {
    let adapter = Adapter::with_level(config, level).unwrap();
    let mut state = adapter.state();
    let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
    match known {
        Some(s) => adapter.train(&mut state, x, s, &mut y, &mut d).unwrap(),
        None => adapter.track(&mut state, x, &mut y, &mut d).unwrap(),
    }
    (y, state.equalizer())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn blocks_follow_their_equations_at_every_level(
        config in configs(),
        block in 1usize..=64,
        trained: bool,
    ) {
        let config = AdaptConfig { update: Update::Block(block), ..config };
        let (symbols, x) = record(11, 400, &[1.0, 0.2, -0.1], 0.2);
        let known = trained.then_some(&symbols[..]);
        let exact = by_reference(&config, &x, known, block);
        let mut fused: Option<Vec<f32>> = None;
        for level in Level::all() {
            let (y, _) = outputs(&config, level, &x, known);
            let p = config.ffe.precursors;
            for i in p..exact.len() {
                // As for the exact form: rounding in a loop that forgets.
                prop_assert!((f64::from(y[i]) - exact[i]).abs() < 2e-5 * exact[i].abs().max(10.0), "{} {}", y[i], exact[i]);
            }
            if level.is_fused() {
                prop_assert_eq!(fused.get_or_insert_with(|| y.clone()), &y);
            }
        }
    }

    #[test]
    fn blocks_of_one_are_the_exact_form(config in configs()) {
        let (symbols, x) = record(12, 200, &[1.0, 0.2, -0.1], 0.2);
        let lms = AdaptConfig { rule: Rule::Lms, ..config };
        let one = AdaptConfig { update: Update::Block(1), ..lms.clone() };
        let a = outputs(&lms, Level::best(), &x, Some(&symbols)).1;
        let b = outputs(&one, Level::best(), &x, Some(&symbols)).1;
        for (a, b) in a.ffe.iter().zip(&b.ffe).chain(a.dfe.iter().zip(&b.dfe)) {
            prop_assert!((a - b).abs() < 2e-5, "{} {}", a, b);
        }
    }
}
