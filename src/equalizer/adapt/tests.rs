//! Every form against [`mod@super::reference`], and what the theory of LMS says.

mod block;
mod edges;
mod exact;
mod least_squares;
mod streams;
mod theory;

use proptest::prelude::*;

use super::reference::{Number, Reference};
use super::*;
use crate::equalizer::ffe::FfeConfig;
use crate::random::{Gauss, Philox};

/// Symbols of a stream and the samples of a short channel with noise.
pub(super) fn record(seed: u64, n: usize, channel: &[f32], sigma: f32) -> (Vec<u8>, Vec<f32>) {
    let mut symbols = vec![0; n];
    Philox::new(seed, 0).fill_symbols(0, &mut symbols);
    let level = |i: usize| pam4(symbols[i]);
    let mut x: Vec<f32> = (0..n)
        .map(|i| {
            let sent = channel.iter().enumerate();
            sent.map(|(k, h)| if k <= i { h * level(i - k) } else { 0.0 })
                .sum()
        })
        .collect();
    Gauss::new(seed, 1).add_scaled(0, sigma, &mut x);
    (symbols, x)
}

pub(super) fn pam4(s: u8) -> f32 {
    2.0 * f32::from(s) - 3.0
}

/// The reference with the numbers of a configuration, nothing frozen.
pub(super) fn reference<T: Number>(config: &AdaptConfig, factor: f32) -> Reference<T> {
    let steps = state::scaled_steps(config, factor, Parts::default());
    let c = T::constant;
    let list = |x: &[f32]| x.iter().map(|&x| c(x)).collect::<Vec<T>>();
    let part = |step: f32| (step > 0.0).then(|| c(step));
    let mut level_steps = [part(steps.levels); 4];
    if config.outer_levels_pinned {
        (level_steps[0], level_steps[3]) = (None, None);
    }
    let keep = |step: f32, leak: f32| (leak > 0.0).then(|| c(1.0 - step * leak));
    let levels = config.levels.map(c);
    Reference {
        ffe: list(&config.ffe.taps),
        dfe: list(&config.dfe),
        gain: c(config.gain),
        offset: c(config.offset),
        levels,
        thresholds: Reference::midway(&levels),
        ffe_step: c(steps.ffe),
        pinned: config.main_pinned().then_some(config.ffe.precursors),
        ffe_keep: keep(steps.ffe, config.ffe_leakage),
        minus_dfe_step: c(-steps.dfe),
        dfe_keep: keep(steps.dfe, config.dfe_leakage),
        gain_step: part(steps.gain),
        offset_step: part(steps.offset),
        level_steps,
        sign_error: config.rule.sign_error(),
        sign_data: config.rule.sign_data(),
    }
}

/// A configuration of any shape whose steps are small enough to stay stable.
pub(super) fn configs() -> impl Strategy<Value = AdaptConfig> {
    let rules = prop_oneof![
        Just(Rule::Lms),
        Just(Rule::SignError),
        Just(Rule::SignData),
        Just(Rule::SignSign)
    ];
    let counts = (
        prop_oneof![1usize..=34, Just(47usize), Just(64)],
        0usize..=16,
        0usize..64,
    );
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (rules, counts, flags, 0.2f32..1.0).prop_map(|(rule, (taps, dfe, p), flags, scale)| {
        let step = scale * 2e-3 / (taps + dfe) as f32;
        let p = p % taps;
        AdaptConfig {
            ffe: FfeConfig {
                taps: (0..taps)
                    .map(|k| {
                        if k == p {
                            0.9
                        } else {
                            0.02 * (k as f32 + 1.0).sin()
                        }
                    })
                    .collect(),
                precursors: p,
            },
            dfe: (0..dfe).map(|k| 0.1 * (k as f32 + 2.0).cos()).collect(),
            gain: 1.1,
            offset: 0.05,
            rule,
            steps: Parts {
                ffe: step,
                dfe: step,
                gain: if flags.0 { step } else { 0.0 },
                offset: if flags.1 { step } else { 0.0 },
                levels: if flags.2 { step } else { 0.0 },
            },
            ffe_leakage: if flags.3 { 0.3 } else { 0.0 },
            dfe_leakage: if flags.3 { 0.2 } else { 0.0 },
            ..AdaptConfig::default()
        }
    })
}
