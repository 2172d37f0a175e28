//! One stream cut into segments against the loop that decides symbol by symbol.

use proptest::prelude::*;

use super::stream::{Cut, SeamReport, stream};
use super::{Dfe, DfeConfig, MAX_TAPS, reference, single};
use crate::Level;

fn plan(taps: &[f32], level: Level) -> Dfe {
    let config = DfeConfig {
        taps: taps.to_vec(),
        ..DfeConfig::default()
    };
    Dfe::with_level(&config, level).unwrap()
}

fn bits(y: &[f32]) -> Vec<u32> {
    y.iter()
        .map(|y| if y.is_nan() { u32::MAX } else { y.to_bits() })
        .collect()
}

fn uniform(word: &mut u32) -> f32 {
    *word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*word >> 8) as f32 / (1 << 24) as f32
}

/// PAM4 through the channel that the taps undo, plus the sum of four uniform numbers of this
/// standard deviation.
fn received(n: usize, taps: &[f32], sigma: f32, seed: u32) -> (Vec<u8>, Vec<f32>) {
    let mut word = seed | 1;
    let sent: Vec<u8> = (0..n).map(|_| (4.0 * uniform(&mut word)) as u8).collect();
    let level = |s: u8| 2.0 * f32::from(s) - 3.0;
    let x = (0..n)
        .map(|i| {
            let past = taps.iter().enumerate().filter(|(k, _)| *k < i);
            let past: f32 = past.map(|(k, t)| t * level(sent[i - 1 - k])).sum();
            let noise: f32 = (0..4).map(|_| uniform(&mut word) - 0.5).sum();
            level(sent[i]) + past + sigma * 3f32.sqrt() * noise
        })
        .collect();
    (sent, x)
}

/// Runs a cut over the blocks that end at `ends`, against the loop; returns what the seams did.
fn check(dfe: &Dfe, cut: Cut, x: &[f32], ends: &[usize], soft: bool) -> SeamReport {
    let thresholds = dfe.thresholds();
    let (e, ey) =
        reference::decide_stream(x, &dfe.config().taps, &dfe.config().levels, &thresholds);
    let mut state = dfe.state(1).unwrap().pending;
    let mut held = state.clone();
    let (mut d, mut y) = (vec![9; x.len()], vec![9.0; x.len()]);
    let (mut sequential, mut total) = (vec![9; x.len()], SeamReport::default());
    let mut from = 0;
    for &to in ends.iter().chain([&x.len()]) {
        let part = from..to.clamp(from, x.len());
        from = part.end;
        let y = if soft { &mut y[part.clone()] } else { &mut [] };
        let report = stream(
            dfe.level(),
            cut,
            &dfe.table,
            &thresholds,
            &x[part.clone()],
            &mut d[part.clone()],
            y,
            &mut state,
        );
        assert_eq!(report.symbols, part.len() as u64);
        single::single_any(
            &dfe.table,
            &thresholds,
            &x[part.clone()],
            &mut sequential[part],
            &mut [],
            &mut held,
        );
        assert_eq!(bits(&state), bits(&held), "{}: state", dfe.level());
        total.seams += report.seams;
        total.reruns += report.reruns;
        total.rerun_symbols += report.rerun_symbols;
    }
    assert_eq!(sequential, e);
    assert_eq!(d, e, "{}: decisions", dfe.level());
    if soft {
        assert_eq!(bits(&y), bits(&ey), "{}: slicer inputs", dfe.level());
    }
    assert!(total.reruns <= total.seams && total.rerun_symbols <= x.len() as u64);
    total
}

proptest! {
    #[test]
    fn any_cut_gives_what_the_loop_gives(
        n in 0usize..12_000,
        taps in prop::collection::vec(-0.9f32..0.9, 0..=MAX_TAPS),
        gain in prop::sample::select(vec![0.0f32, 0.3, 1.0, 3.0]),
        sigma in 0.0f32..4.0,
        ends in prop::collection::vec(0usize..12_000, 0..3),
        warm_up in prop::sample::select(vec![0usize, 16, 32, 64]),
        longest in 64usize..400,
        nans in prop::collection::vec(0usize..12_000, 0..4),
        soft in any::<bool>(),
        uneven in any::<bool>(),
        seed in any::<u32>(),
    ) {
        let taps: Vec<f32> = taps.iter().map(|t| t * gain).collect();
        let (_, mut x) = received(n, &taps, sigma, seed);
        for i in nans {
            if let Some(x) = x.get_mut(i) {
                *x = f32::NAN;
            }
        }
        let mut ends = ends;
        ends.sort_unstable();
        let cut = Cut { warm_up, shortest: warm_up.max(1), longest };
        for level in Level::all() {
            let mut config = DfeConfig { taps: taps.clone(), ..DfeConfig::default() };
            if uneven {
                config.levels = [-3.1, -1.0, 0.9, 3.0];
                config.thresholds = Some([-2.0, 0.2, 2.1]);
            }
            let dfe = Dfe::with_level(&config, level).unwrap();
            prop_assert_eq!(dfe.level(), level);
            check(&dfe, cut, &x, &ends, soft);
        }
    }

    /// What the checks rest on: after as many equal decisions as there are taps, all pending sums
    /// are equal, bit for bit, whatever came before.
    #[test]
    fn a_state_is_a_function_of_the_last_decisions(
        taps in prop::collection::vec(-3.0f32..3.0, 0..=MAX_TAPS),
        first in prop::collection::vec(-9.0f32..9.0, 0..40),
        second in prop::collection::vec(-9.0f32..9.0, 0..40),
        symbols in prop::collection::vec(0u8..4, MAX_TAPS),
    ) {
        let dfe = plan(&taps, Level::BASELINE);
        let t = dfe.thresholds();
        let after = |before: &[f32]| {
            let mut pending = dfe.state(1).unwrap().pending;
            let step = |x: f32, pending: &mut [f32]| {
                let mut d = [9];
                single::single_any(&dfe.table, &t, &[x], &mut d, &mut [], pending);
                d[0]
            };
            for &x in before {
                step(x, &mut pending);
            }
            for &symbol in &symbols[..taps.len()] {
                // The sample that is decided so: the level and what will be subtracted.
                let fed_back = pending[0] + if taps.len() > 1 { pending[1] } else { 0.0 };
                let x = 2.0 * f32::from(symbol) - 3.0 + fed_back;
                assert_eq!(step(x, &mut pending), symbol);
            }
            bits(&pending)
        };
        prop_assert_eq!(after(&first), after(&second));
    }
}

/// The number of symbols up to and with the first of `taps` equal decisions in a row.
fn until_equal(a: &[u8], b: &[u8], taps: usize) -> usize {
    let mut equal = 0;
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        equal = if a == b { equal + 1 } else { 0 };
        if equal == taps {
            return i + 1;
        }
    }
    a.len()
}

#[test]
fn a_rerun_stops_where_the_runs_meet() {
    // Without warm-up every segment starts as if nothing had been sent; its first run and the true
    // decisions say how far the second run has to go.
    let (length, segments) = (192, 64);
    for taps in [
        vec![0.6f32],
        vec![0.5, -0.3],
        vec![0.4, 0.2, -0.3, 0.1, 0.2],
    ] {
        for sigma in [0.1, 1.0] {
            let (_, x) = received(length * segments, &taps, sigma, 77);
            let levels = crate::pam4::LEVELS;
            let t = [-2.0, 0.0, 2.0];
            let (truth, _) = reference::decide_stream(&x, &taps, &levels, &t);
            let mut expected = 0;
            for s in 1..segments {
                let part = s * length..(s + 1) * length;
                let (guess, _) = reference::decide_stream(&x[part.clone()], &taps, &levels, &t);
                expected += until_equal(&truth[part], &guess, taps.len());
            }
            let cut = Cut {
                warm_up: 0,
                shortest: 1,
                longest: length,
            };
            for level in Level::all() {
                let report = check(&plan(&taps, level), cut, &x, &[], true);
                assert_eq!((report.seams, report.reruns), (63, 63));
                assert_eq!(report.rerun_symbols, expected as u64, "{level}");
            }
        }
    }
}

#[test]
fn errors_that_never_die_cost_one_more_loop_and_no_more() {
    // A tap of four: every decision is the far side of the last one, so a wrong phase stays wrong.
    // The first sample sets the other phase than a start without past takes.
    let n = 64 * 1088;
    let mut x = vec![0.0; n];
    x[0] = -100.0;
    for level in Level::all() {
        let report = check(&plan(&[4.0], level), Cut::of(1), &x, &[], false);
        let expected = SeamReport {
            symbols: 0,
            seams: 63,
            reruns: 63,
            rerun_symbols: 63 * 1088,
        };
        assert_eq!(report, expected);
    }
}

#[test]
fn the_cut_in_force_rarely_decides_twice() {
    // Symbol errors from none to one in four; what is decided twice stays below one in a thousand.
    let n = 300_000;
    for taps in [vec![0.2f32], vec![0.9], vec![0.5, -0.2, 0.1]] {
        for sigma in [0.1, 0.8] {
            let (sent, x) = received(n, &taps, sigma, 5);
            for level in Level::all() {
                let dfe = plan(&taps, level);
                let mut d = vec![0; n];
                let mut state = dfe.state(1).unwrap();
                let report = dfe.process_counted(&mut state, &x, &mut d, None).unwrap();
                let wrong = d.iter().zip(&sent).filter(|(a, b)| a != b).count();
                assert!(report.seams >= 4 * 63 && report.rerun_symbols * 1000 < n as u64);
                assert_eq!(wrong > n / 10, sigma > 0.5, "{wrong} wrong");
                let e = check(&dfe, Cut::of(dfe.table.len()), &x, &[12_345], false);
                assert!(e.seams >= 4 * 63);
            }
        }
    }
}
