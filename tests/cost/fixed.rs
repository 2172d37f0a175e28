//! The algorithm layer of the integer blocks: the feed-forward sum by its reference, feedback and detector
//! by the plain loop over tables that the reference makes.

use pamlink::equalizer::ffe;
use pamlink::equalizer::fixed::{
    Distance, FixedDfe, FixedDfeConfig, FixedFfe, FixedFfeConfig, FixedMlse, FixedMlseConfig,
    Normalisation, WordLengths, reference,
};
use pamlink::ops::Ops;

use super::counted::{Counted, declared, per_symbol, total};

/// Operations per symbol of a step that runs on 100 samples, against those declared.
fn counted(ops: &Ops, mut step: impl FnMut(Counted)) {
    let found = per_symbol(100, |n| {
        step(Counted((n as f64 * 37.0 + 11.0) % 101.0 - 50.0));
    });
    assert_eq!(found, declared(ops));
}

#[test]
fn the_feed_forward_cost_is_what_the_reference_does_at_these_widths() {
    for n in [1, 5, 21] {
        let words = WordLengths {
            sample_bits: 6,
            tap_bits: 9,
            accumulator_bits: 17,
            ..WordLengths::default()
        };
        let config = FixedFfeConfig {
            taps: vec![3; n],
            precursors: 0,
            words,
        };
        let cost = FixedFfe::new(&config).unwrap().cost();
        // The reference of the datapath sums by this filter.
        let (taps, x) = (vec![Counted(3.0); n], [Counted(5.0); 100]);
        let found = total(|| drop(ffe::reference::filter(&taps, 0, &x)));
        assert_eq!(found.map(|n| n / 100.0), declared(&cost.algorithm));
        assert_eq!(cost.algorithm.mul, [(6.0, 9.0, n as f64)]);
        assert_eq!(cost.hardware.add, [(17.0, n as f64)]);
        let plain = ffe::cost::direct_form(n, words.into());
        assert_eq!(plain.hardware.mul, cost.hardware.mul);
    }
}

#[test]
fn the_feedback_cost_is_what_a_plain_loop_does() {
    for n in [0, 1, 4] {
        let config = FixedDfeConfig {
            taps: vec![10; n],
            ..FixedDfeConfig::default()
        };
        let dfe = FixedDfe::new(&config).unwrap();
        let table = reference::contributions(&config);
        let mut past = vec![0; n];
        counted(&dfe.cost().algorithm, |x| {
            let y = past
                .iter()
                .zip(&table)
                .fold(x, |y, (&d, row)| y - Counted(row[d] as f64));
            let above = dfe.thresholds().map(|t| y >= Counted(t.into()));
            past.insert(0, above.iter().filter(|&&a| a).count());
            past.truncate(n);
        });
    }
}

#[test]
fn the_detector_cost_is_what_a_plain_loop_does() {
    for distance in [Distance::Absolute, Distance::Squared] {
        for normalisation in [Normalisation::Modulo, Normalisation::SubtractMin] {
            let config = FixedMlseConfig {
                distance,
                normalisation,
                ..FixedMlseConfig::default()
            };
            let expected = reference::expected(&config);
            let mut path = [Counted(0.0); 4];
            let least = |of: [Counted; 4]| {
                let mut best = of[0];
                for &next in &of[1..] {
                    if next < best {
                        best = next;
                    }
                }
                best
            };
            let cost = FixedMlse::new(&config).unwrap().cost();
            counted(&cost.algorithm, |x| {
                path = [0, 1, 2, 3].map(|to| {
                    least([0, 1, 2, 3].map(|from| {
                        let distance = x - Counted(expected[from][to] as f64);
                        path[from]
                            + if config.distance == Distance::Squared {
                                distance * distance
                            } else {
                                Counted(distance.0.abs())
                            }
                    }))
                });
                if normalisation == Normalisation::SubtractMin {
                    let least = least(path);
                    path = path.map(|m| m - least);
                }
            });
        }
    }
}
