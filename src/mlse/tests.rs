//! Every form of the detector against the reference, at every level.

mod edges;
mod oracle;

use ndarray::{Array2, s};
use proptest::prelude::*;

use super::machine::Machine;
use super::{Mlse, MlseConfig, reference};
use crate::signal::Llr;
use crate::{Level, pam4};

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
    let q: Vec<i32> = x
        .iter()
        .map(|&x| plan.machine.front().quantise(x))
        .collect();
    match &plan.machine {
        Machine::Four(t) => reference::viterbi(x.len(), 4, 0, |n, from, symbol| {
            t.branch(q[n], symbol, from)
        }),
        Machine::Sixteen(t) => reference::viterbi(x.len(), 16, 0, |n, from, symbol| {
            t.branch(q[n], symbol, from % 4, from / 4)
        }),
        Machine::Reduced(t) => reference::per_survivor(x.len(), 0, 1, |n, older, last, symbol| {
            t.reduced_branch(q[n], symbol, last, older)
        }),
    }
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
    #[test]
    fn streams_equal_the_traceback_over_the_whole_record(
        streams in 1usize..=70,
        n in 0usize..=700,
        alpha in -1.2f32..1.2,
        beta in -1.0f32..1.0,
        memory in 1..=2,
        reduced in any::<bool>(),
        levels in prop::sample::select(vec![
            pam4::LEVELS,
            [0.0, 2.2, 4.0, 6.3],
            [-3.1, -1.0, 0.9, 3.0],
        ]),
        gain in prop::sample::select(vec![1.0f32, -0.01, 40.0]),
        noise in prop::sample::select(vec![0.0f32, 0.5, 2.0, 10.0]),
        cuts in prop::collection::vec(0usize..800, 0..5),
        seed in any::<u32>(),
    ) {
        let mut response = vec![1.0, alpha, beta];
        if memory == 1 {
            response.pop();
        }
        let mut x = samples(seed, streams, n, &response, noise);
        for h in &mut response {
            *h *= gain;
        }
        let config = MlseConfig { response, reduced, levels, ..MlseConfig::default() };
        x *= gain;
        check(&config, &x, &cuts);
    }
}

#[test]
fn one_stream_in_segments_equals_the_traceback_over_the_whole_record() {
    let mut differing = 0;
    for (n, response, reduced, noise) in [
        (0, vec![1.0, 0.5], false, 0.5),
        (100, vec![1.0, 0.5], false, 0.5),
        (4095, vec![1.0, 0.5], false, 0.5),
        (4096, vec![1.0, 0.5], false, 1.0),
        (20_001, vec![1.0, 0.5], false, 1.0),
        (70_000, vec![1.0, 1.0], false, 6.0),
        (65_536, vec![1.0, -0.9], false, 20.0),
        (300_007, vec![1.0, 0.8], false, 3.0),
        (5000, vec![1.0, 0.7, -0.3], false, 1.0),
        (70_001, vec![1.0, 0.9, 0.5], false, 3.0),
        (5000, vec![1.0, 0.7, -0.3], true, 1.0),
        (70_001, vec![1.0, 0.6, 0.4], true, 3.0),
    ] {
        let config = MlseConfig {
            response,
            reduced,
            ..MlseConfig::default()
        };
        let x = samples(n as u32 + 7, 1, n, &config.response, noise);
        let x = x.row(0).to_vec();
        for plan in plans(&config) {
            let mut d = vec![9; n];
            let seams = plan.apply_counting(&x, &mut d).unwrap();
            let e = expected(&plan, &x);
            let wrong = d.iter().zip(&e).position(|(d, e)| d != e);
            assert_eq!(
                wrong,
                None,
                "{} {n} {config:?} {noise} {seams:?}",
                plan.level()
            );
            println!(
                "{} {n} {:?} {noise} {seams:?}",
                plan.level(),
                config.response
            );
            differing += seams.differing;
        }
    }
    println!("{differing} seams differed");
}

/// An idle 1 + D channel: alternating symbols of every level give the same samples, so neither metrics
/// nor survivors ever forget what was before.
#[test]
fn seams_that_differ_are_run_again_until_they_agree() {
    let config = MlseConfig {
        response: vec![1.0, 1.0],
        ..MlseConfig::default()
    };
    let mut x = samples(3, 1, 60_000, &config.response, 1.0).row(0).to_vec();
    x[9_001..40_003].fill(0.0);
    for plan in plans(&config) {
        let mut d = vec![9; x.len()];
        let seams = plan.apply_counting(&x, &mut d).unwrap();
        assert_eq!(d, expected(&plan, &x), "{}", plan.level());
        assert!(seams.differing > 2 && seams.run_again > 100, "{seams:?}");
        assert!(seams.traced_again > 100, "{seams:?}");
        assert!(seams.run_again < 300, "{seams:?}");
    }
}

#[test]
fn soft_output_equals_the_exact_max_log_over_the_record() {
    let mut counted = 0;
    for (n, response, noise) in [
        (0, vec![1.0, 0.5], 1.0),
        (1, vec![1.0, 0.5], 1.0),
        (300, vec![1.0, 0.5], 1.0),
        (4096, vec![1.0, 0.5], 1.0),
        (4223, vec![1.0, -0.7], 4.0),
        (20_000, vec![1.0, 0.9], 3.0),
        (50_001, vec![1.0, 1.0], 1.0),
        (9_999, vec![0.8, 0.9, 0.4], 2.0),
        // Samples at both limits, where metrics are largest.
        (9_999, vec![1.0, -0.9], 60.0),
        (9_999, vec![1.0, 0.9, -0.8], 60.0),
        (300, vec![0.8, 0.9, -0.4], 2.0),
    ] {
        let config = MlseConfig {
            response,
            ..MlseConfig::default()
        };
        let sigma = 0.4;
        let x = samples(n as u32 + 3, 1, n, &config.response, noise);
        let x = x.row(0).to_vec();
        for plan in plans(&config) {
            let mut llr = vec![[Llr(f32::NAN); 2]; n];
            plan.soft(&x, sigma, &mut llr).unwrap();
            let q: Vec<i32> = x
                .iter()
                .map(|&x| plan.machine.front().quantise(x))
                .collect();
            let e = reference::max_log(n, plan.machine.states(), 0, |n, from, symbol| {
                plan.machine.branch(q[n], from, symbol)
            });
            let scale = (plan.machine.unit() / (2.0 * f64::from(sigma).powi(2))) as f32;
            let mut wrong = 0;
            for (llr, e) in llr.iter().zip(&e) {
                // The kernel scales by powers of two on the way, which rounds nothing.
                wrong += usize::from(llr.map(|l| l.0) != e.map(|e| e as f32 * scale));
            }
            // A window sees 64 samples ahead; survivors of 1 + D part for longer now and then.
            let allowed = if config.response[1] == 1.0 {
                n / 1000
            } else {
                0
            };
            assert!(wrong <= allowed, "{} {n} {config:?}: {wrong}", plan.level());
            counted += n - wrong;
        }
    }
    println!("{counted} symbols equal");
}

#[test]
fn one_stream_in_long_blocks_is_decided_as_in_short_ones() {
    for (response, reduced, idle) in [
        (vec![1.0, 1.0], false, true),
        (vec![1.0, 0.6], false, false),
        (vec![1.0, 0.6, 0.3], false, false),
        (vec![1.0, 0.6, 0.3], true, false),
    ] {
        let config = MlseConfig {
            response,
            reduced,
            ..MlseConfig::default()
        };
        let n = 60_000;
        let mut x = samples(21, 1, n, &config.response, 2.0).row(0).to_vec();
        if idle {
            x[9_001..30_003].fill(0.0);
        }
        for plan in plans(&config) {
            let run = |ends: &[usize]| {
                let mut state = plan.state(1).unwrap();
                let (mut d, mut from) = (Vec::new(), 0);
                for &to in ends {
                    let mut part = vec![9; state.ready(to - from)];
                    plan.process_interleaved(&mut state, &x[from..to], &mut part)
                        .unwrap();
                    d.extend(part);
                    from = to;
                }
                let mut part = vec![9; state.pending()];
                plan.flush_interleaved(&mut state, &mut part).unwrap();
                d.extend(part);
                (d, state.unsettled()[0])
            };
            let short: Vec<usize> = (1..=n / 600).map(|i| i * 600).collect();
            let (expected, unsettled) = run(&short);
            assert!(idle || unsettled == 0, "{}", plan.level());
            assert_eq!(run(&[n]), (expected.clone(), unsettled), "{}", plan.level());
            assert_eq!(run(&[77, 20_000, 20_001, 45_000, n]), (expected, unsettled));
        }
    }
}
