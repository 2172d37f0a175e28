//! Every form of the detector against the reference, at every level.

use ndarray::{Array2, s};
use proptest::prelude::*;

use super::{Mlse, MlseConfig, reference};
use crate::Level;

fn plans(config: &MlseConfig) -> Vec<Mlse> {
    let plans: Vec<Mlse> = Level::all()
        .into_iter()
        .map(|level| {
            let mlse = Mlse::with_level(config, level).unwrap();
            assert_eq!(mlse.level(), level);
            mlse
        })
        .collect();
    assert_eq!(plans.last().unwrap().level(), Level::detected());
    plans
}

/// The whole record traced back over integer branch metrics.
fn expected(plan: &Mlse, x: &[f32]) -> Vec<u8> {
    let t = &plan.trellis;
    let q: Vec<i32> = x.iter().map(|&x| t.front.quantise(x)).collect();
    reference::viterbi(x.len(), 4, 0, |n, from, symbol| {
        t.branch(q[n], symbol, from)
    })
}

fn samples(seed: u32, streams: usize, n: usize, response: &[f32], noise: f32) -> Array2<f32> {
    let mut word = seed | 1;
    let mut next = move || {
        word ^= word << 13;
        word ^= word >> 17;
        word ^= word << 5;
        (word >> 8) as f32 / (1 << 24) as f32
    };
    let mut x = Array2::zeros((streams, n));
    for mut row in x.rows_mut() {
        let mut past = [0.0; 2];
        for x in &mut row {
            let level = 2.0 * (next() * 4.0).floor() - 3.0;
            let isi: f32 = response[1..].iter().zip(past).map(|(h, p)| h * p).sum();
            *x = response[0] * level + isi + noise * (next() + next() + next() - 1.5);
            past = [level, past[0]];
        }
    }
    x
}

/// Checks both layouts over the blocks that end at `cuts`.
fn check(config: &MlseConfig, x: &Array2<f32>, cuts: &[usize]) {
    let (streams, n) = x.dim();
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (n + 1)).collect();
    cuts.extend([0, n]);
    cuts.sort_unstable();
    for plan in plans(config) {
        let level = plan.level();
        let mut state = plan.state(streams).unwrap();
        let mut woven_state = plan.state(streams).unwrap();
        let mut d = Array2::from_elem((streams, n), 9u8);
        let mut woven_d: Vec<u8> = Vec::new();
        let mut done = 0;
        for w in cuts.windows(2) {
            let block = x.slice(s![.., w[0]..w[1]]);
            let ready = state.ready(w[1] - w[0]);
            let part = d.slice_mut(s![.., done..done + ready]);
            plan.process_lanes(&mut state, block, part).unwrap();
            let woven: Vec<f32> = block.t().iter().copied().collect();
            let mut out = vec![9; ready * streams];
            plan.process_interleaved(&mut woven_state, &woven, &mut out)
                .unwrap();
            woven_d.extend(out);
            done += ready;
            assert_eq!(state.pending(), w[1] - done);
        }
        plan.flush_lanes(&mut state, d.slice_mut(s![.., done..]))
            .unwrap();
        let mut out = vec![9; woven_state.pending() * streams];
        plan.flush_interleaved(&mut woven_state, &mut out).unwrap();
        woven_d.extend(out);
        assert_eq!(
            woven_d,
            d.t().iter().copied().collect::<Vec<u8>>(),
            "{level}"
        );
        assert_eq!(state.unsettled(), woven_state.unsettled());
        for (s, x) in x.rows().into_iter().enumerate() {
            let e = expected(&plan, &x.to_vec());
            let d = d.row(s).to_vec();
            if state.unsettled()[s] == 0 {
                assert_eq!(d, e, "{level} stream {s}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn streams_equal_the_traceback_over_the_whole_record(
        streams in 1usize..=70,
        n in 0usize..=700,
        alpha in -1.2f32..1.2,
        gain in prop::sample::select(vec![1.0f32, -0.01, 40.0]),
        noise in prop::sample::select(vec![0.0f32, 0.5, 2.0, 10.0]),
        cuts in prop::collection::vec(0usize..800, 0..5),
        seed in any::<u32>(),
    ) {
        let config = MlseConfig { response: vec![gain, gain * alpha], ..MlseConfig::default() };
        let mut x = samples(seed, streams, n, &[1.0, alpha], noise);
        x *= gain;
        check(&config, &x, &cuts);
    }
}
