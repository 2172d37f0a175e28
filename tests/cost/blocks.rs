//! The algorithm layer of each block, against a run of the reference (where a block has none: of the
//! plain algorithm) on a scalar that counts.

use pamlink::equalizer::{dfe, ffe, slicer};
use pamlink::frontend::cost::{tx_fir, tx_fir_multipliers};
use pamlink::mlse::cost::{Viterbi, max_log, reduced_state, viterbi};
use pamlink::mlse::reference;

use super::counted::{Counted, declared, per_symbol, total};

fn samples(n: usize) -> Vec<Counted> {
    (0..n)
        .map(|i| Counted(((i * 37 + 11) % 17) as f64 / 8.0 - 1.0))
        .collect()
}

/// Operations per symbol of a call that works on `symbols` symbols.
fn of_call<R>(symbols: usize, call: impl Fn() -> R) -> [f64; 3] {
    per_symbol(1, |_| drop(call())).map(|n| n / symbols as f64)
}

const LEVELS: [Counted; 4] = [Counted(-3.0), Counted(-1.0), Counted(1.0), Counted(3.0)];
const THRESHOLDS: [Counted; 3] = [Counted(-2.0), Counted(0.0), Counted(2.0)];

#[test]
fn fir_filters_declare_what_the_reference_does() {
    let x = samples(256);
    for n in [1, 5, 21] {
        let taps = samples(n);
        let counted = of_call(x.len(), || ffe::reference::filter(&taps, n / 3, &x));
        let words = ffe::cost::WordLengths::default();
        assert_eq!(
            counted,
            declared(&ffe::cost::direct_form(n, words).algorithm)
        );
        assert_eq!(counted, declared(&tx_fir(n).algorithm));
        assert_eq!(counted, declared(&tx_fir_multipliers(n, 8.0).algorithm));
    }
}

#[test]
fn the_counted_reference_is_the_one_that_kernels_are_held_to() {
    let x = samples(64);
    let taps = samples(5);
    let single = |list: &[Counted]| list.iter().map(|v| v.0 as f32).collect::<Vec<_>>();
    let counted = ffe::reference::filter(&taps, 2, &x);
    let plain = ffe::reference::apply(&single(&taps), 2, &single(&x));
    // Eighths and their products are exact in both.
    assert!(counted.iter().zip(&plain).all(|(a, b)| a.0 == *b));
}

#[test]
fn dfe_and_slicer_declare_what_the_reference_does() {
    let x = samples(200);
    for n in [0, 1, 2, 9] {
        let taps = samples(n);
        let counted = of_call(x.len(), || {
            dfe::reference::decide_stream(&x, &taps, &LEVELS, &THRESHOLDS)
        });
        assert_eq!(counted, declared(&dfe::cost::unrolled(n).algorithm));
        let shape = dfe::cost::SlidingBlock::default();
        assert_eq!(
            counted,
            declared(&dfe::cost::sliding_block(n, shape).algorithm)
        );
    }
    // A feedback equalizer without taps is the slicer alone.
    let counted = per_symbol(x.len(), |k| {
        let _ = slicer::reference::decide(x[k], &THRESHOLDS);
    });
    assert_eq!(counted, declared(&dfe::cost::unrolled(0).algorithm));
}

/// Distances of all branches at a time, against tabulated noise-free samples.
fn distance(x: Counted, older: usize, last: usize, symbol: usize) -> Counted {
    let level = |s: usize| 2.0 * s as f64 - 3.0;
    let distance = x - Counted(level(symbol) + 0.5 * level(last) + 0.2 * level(older));
    distance * distance
}

#[test]
fn viterbi_declares_what_its_reference_computes() {
    let x = samples(200);
    for states in [4usize, 16] {
        let counted = total(|| {
            reference::viterbi(x.len(), states, Counted(0.0), |n, from, symbol| {
                distance(x[n], from / 4, from % 4, symbol)
            });
        });
        let shape = Viterbi {
            states,
            ..Viterbi::default()
        };
        let mut expected = declared(&viterbi(shape).algorithm).map(|c| c * 200.0);
        // Once for the record: the choice of the last state.
        expected[2] += (states - 1) as f64;
        assert_eq!(counted, expected);
    }
}

#[test]
fn the_reduced_detector_declares_what_its_reference_computes() {
    let x = samples(200);
    let counted = total(|| {
        reference::per_survivor(x.len(), Counted(0.0), 1, |n, older, last, symbol| {
            distance(x[n], older, last, symbol)
        });
    });
    let cost = reduced_state(Viterbi::default());
    let mut expected = declared(&cost.algorithm).map(|c| c * 200.0);
    // The choice of the last state, written as one comparison with each.
    expected[2] += 4.0;
    assert_eq!(counted, expected);
    // Four states, and the choice of the older symbol.
    let four = viterbi(Viterbi::default());
    assert_eq!(cost.hardware.gates, four.hardware.gates);
    assert_eq!(cost.hardware.mux_bits, 120.0);
}

#[test]
fn the_soft_detector_declares_what_its_reference_computes() {
    let x = samples(200);
    for states in [4usize, 16] {
        let counted = total(|| {
            reference::max_log(x.len(), states, Counted(0.0), |n, from, symbol| {
                distance(x[n], from / 4, from % 4, symbol)
            });
        });
        let cost = max_log(Viterbi {
            states,
            ..Viterbi::default()
        });
        assert_eq!(counted, declared(&cost.algorithm).map(|c| c * 200.0));
        // Two recursions with the overlap of one each.
        assert!((cost.hardware.gates / (states as f64 / 4.0 * 3479.0) - 2.8).abs() < 1e-12);
    }
}

#[test]
fn adaptation_declares_what_an_update_does() {
    let x = samples(64);
    let mut taps = samples(21);
    let error = Counted(0.25);
    let counted = per_symbol(40, |k| {
        for (tap, &sample) in taps.iter_mut().zip(&x[k..]) {
            *tap = *tap - error * sample;
        }
    });
    let cost = ffe::cost::adaptation(21, ffe::cost::Update::Lms, 1.0);
    assert_eq!(counted, declared(&cost.algorithm));
    let signs = ffe::cost::adaptation(21, ffe::cost::Update::SignSign, 1.0 / 64.0);
    assert_eq!(signs.algorithm.additions(), 21.0 / 64.0);
    assert_eq!(signs.hardware.gates, 21.0 / 64.0 * 124.0);
}
