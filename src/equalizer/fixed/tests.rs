//! The algorithm layer of each cost against a run of the plain loop on a scalar that counts, and the
//! small functions of the room against hand-made values.

use std::cell::Cell;
use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use super::*;
use crate::equalizer::ffe::cost;
use crate::ops::Ops;

thread_local! {
    static COUNT: Cell<[f64; 3]> = const { Cell::new([0.0; 3]) };
}

fn count(kind: usize) {
    COUNT.with(|cell| {
        let mut counts = cell.get();
        counts[kind] += 1.0;
        cell.set(counts);
    });
}

/// An integer that counts its products, its sums and differences, and its comparisons.
#[derive(Clone, Copy, Default)]
struct Counted(i64);

impl Mul for Counted {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        count(0);
        Self(self.0 * other.0)
    }
}

impl Add for Counted {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        count(1);
        Self(self.0 + other.0)
    }
}

impl Sub for Counted {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        count(1);
        Self(self.0 - other.0)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        count(2);
        self.0.partial_cmp(&other.0)
    }
}

/// Operations per symbol of a step that runs on 100 samples, against those declared.
fn counted(ops: &Ops, mut step: impl FnMut(Counted)) {
    COUNT.with(|cell| cell.set([0.0; 3]));
    for n in 0..100 {
        step(Counted((n * 37 + 11) % 101 - 50));
    }
    let found = COUNT.with(|cell| cell.get().map(|n| n / 100.0));
    let declared = [ops.multiplications(), ops.additions(), ops.comparisons()];
    assert_eq!(found, declared);
}

#[test]
fn the_feed_forward_cost_is_what_a_plain_loop_does_at_these_widths() {
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
        let mut window = vec![Counted::default(); n];
        counted(&cost.algorithm, |x| {
            window.rotate_right(1);
            window[0] = x;
            let products = window.iter().map(|&x| x * Counted(3));
            products.reduce(|sum, product| sum + product);
        });
        assert_eq!(cost.algorithm.mul, [(6.0, 9.0, n as f64)]);
        assert_eq!(cost.hardware.add, [(17.0, n as f64)]);
        let plain = cost::direct_form(n, words.into());
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
                .fold(x, |y, (&d, row)| y - Counted(row[d]));
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
            let mut path = [Counted(0); 4];
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
                        let distance = x - Counted(expected[from][to]);
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

#[test]
fn rounding_and_fitting_by_hand() {
    use reference::{fit, shift_right};
    // -6, -5, .. 6 quarters.
    let quarters = |rounding| {
        (-6..=6)
            .map(|v| shift_right(v, 2, rounding))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        quarters(Rounding::Floor),
        [-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1]
    );
    assert_eq!(
        quarters(Rounding::HalfUp),
        [-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2]
    );
    assert_eq!(
        quarters(Rounding::HalfEven),
        [-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2]
    );
    assert_eq!(
        [fit(7, 4, Overflow::Saturate), fit(8, 4, Overflow::Saturate)],
        [7, 7]
    );
    assert_eq!(
        [fit(-8, 4, Overflow::Wrap), fit(8, 4, Overflow::Wrap)],
        [-8, -8]
    );
    assert_eq!(
        [fit(-9, 4, Overflow::Wrap), fit(-9, 4, Overflow::Saturate)],
        [7, -8]
    );
}

#[test]
fn taps_become_codes() {
    let taps = [-0.11, 0.9, 0.3];
    assert_eq!(tap_fraction(&taps, 8), 7);
    assert_eq!(tap_fraction(&[1.0], 8), 6);
    assert_eq!(tap_fraction(&[0.0], 8), 0);
    assert_eq!(tap_fraction(&[], 8), 0);
    // The largest power of two that -32 holds in 8 bits, and the next.
    let most = 38f64.exp2();
    assert_eq!(tap_fraction(&[most], 8), -32);
    assert!(tap_codes(&[most], 8, -32).is_ok());
    // Where no fraction serves, the codes say why.
    let why = |taps: &[f64], bits| {
        let error = tap_codes(taps, bits, tap_fraction(taps, bits)).unwrap_err();
        error.to_string()
    };
    assert!(why(&[1.0, 2.0 * most], 8).starts_with("taps[1] is 5.49755813888e11, must lie"));
    assert!(why(&[1.0, 1e30], 8).starts_with("taps[1] is 1e30, must lie"));
    assert!(why(&[f64::NAN], 8).starts_with("taps[0] is NaN, must be"));
    assert!(why(&[1.0], 17).starts_with("tap_bits is 17, must lie"));
    assert_eq!(tap_codes(&taps, 8, 7).unwrap(), [-14, 115, 38]);
    let error = tap_codes(&[0.0, 1.0], 8, 7).unwrap_err().to_string();
    assert!(
        error.contains("taps[1] is 1") && error.contains("0.9921875"),
        "{error}"
    );
    assert!(tap_codes(&[f64::NAN], 8, 7).is_err());
    assert!(tap_codes(&[0.0], 17, 7).is_err());
}
