//! What clock recovery costs in operations. A short equalizer in the timing path, where there is one,
//! is the caller's, priced as any other feed-forward equalizer.

use super::{CdrConfig, Detector};
use crate::ops::{Cost, Ops};

/// Bits of a PAM4 decision as a factor: ±1 and ±3.
const DECISION_BITS: f64 = 2.0;
/// Bits of a phase and of a frequency accumulator (ours: 1/64 UI of the interpolator, and ten bits below
/// it that the loop needs to move in steps far below its own jitter).
const ACCUMULATOR_BITS: f64 = 24.0;
/// Bits of a loop gain: a power of two times one of a few fractions (ours).
const GAIN_BITS: f64 = 4.0;

/// Cost of the detector and loop of `config` per symbol, samples of `sample_bits` bits.
///
/// Algorithm, per symbol, beside one addition that sums the block:
/// - Mueller-Muller: two products of a decision and a sample, one subtraction;
/// - sign Mueller-Muller: the slicer's error (one subtraction), two exclusive-ors, one subtraction of two
///   one-bit products (two bits);
/// - Alexander: a comparison, and the test for one of four transitions (ten gates, counted by hand);
/// - Gardner: one subtraction, one product of two samples.
///
/// Per block and lane: two products with a gain and three additions, shared by P symbols. An extra
/// sample per symbol (Alexander a comparator's bit, Gardner a full conversion) is a matter of the
/// converter's cost, not of this one.
///
/// Hardware: the same operations, P detectors side by side and one adder tree; the registers of the
/// pipeline hold one word per block and stage of latency. The fixed digital part of the energy model
/// includes clock recovery, so add this one only where that part is replaced.
#[must_use]
pub fn recovery(config: &CdrConfig, sample_bits: f64) -> Cost {
    let p = config.block.max(1) as f64;
    // The output of a detector, and what the tree over a block adds to its width on average.
    let (detector, output_bits) = match config.detector {
        Detector::MuellerMuller => (
            Ops {
                mul: vec![(DECISION_BITS, sample_bits, 2.0)],
                add: vec![(sample_bits + DECISION_BITS, 1.0)],
                ..Ops::default()
            },
            sample_bits + DECISION_BITS + 1.0,
        ),
        Detector::SignMuellerMuller => (
            Ops {
                add: vec![(sample_bits, 1.0), (2.0, 1.0)],
                xor2: 2.0,
                ..Ops::default()
            },
            2.0,
        ),
        Detector::Alexander => (
            Ops {
                cmp: vec![(sample_bits, 1.0)],
                gates: 10.0,
                ..Ops::default()
            },
            2.0,
        ),
        Detector::Gardner => (
            Ops {
                mul: vec![(sample_bits, sample_bits + 1.0, 1.0)],
                add: vec![(sample_bits, 1.0)],
                ..Ops::default()
            },
            2.0 * sample_bits + 1.0,
        ),
    };
    let tree = Ops {
        // Half of the additions are at the leaves, a quarter one bit wider, and so on: one more on average.
        add: vec![(output_bits + 1.0, (p - 1.0) / p)],
        ..Ops::default()
    };
    let filter = Ops {
        mul: vec![(GAIN_BITS, output_bits + p.log2(), 2.0)],
        add: vec![(ACCUMULATOR_BITS, 3.0)],
        ..Ops::default()
    };
    let algorithm = detector.plus(&tree).plus(&filter.times(1.0 / p));
    let stages = config.extra_latency_blocks as f64;
    let registers = Ops {
        ff_bits: (2.0 * ACCUMULATOR_BITS + stages * (output_bits + p.log2())) / p,
        ..Ops::default()
    };
    let name = match config.detector {
        Detector::MuellerMuller => "Mueller-Muller",
        Detector::SignMuellerMuller => "sign Mueller-Muller",
        Detector::Alexander => "Alexander",
        Detector::Gardner => "Gardner",
    };
    Cost {
        hardware: algorithm.clone().plus(&registers),
        algorithm,
        ..Cost::new(
            format!("clock recovery, {name}"),
            format!(
                "{p} detectors in parallel, adder tree, second-order loop, {sample_bits}-bit samples"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_detector_multiplies_and_a_signed_one_does_not() {
        let of = |detector| {
            recovery(
                &CdrConfig {
                    detector,
                    ..CdrConfig::default()
                },
                7.0,
            )
        };
        let linear = of(Detector::MuellerMuller);
        // Two per symbol and two per block of 64.
        assert!((linear.algorithm.multiplications() - 2.0 - 2.0 / 64.0).abs() < 1e-12);
        // A subtraction, 63/64 of the tree, three per block.
        assert!((linear.algorithm.additions() - 1.0 - 66.0 / 64.0).abs() < 1e-12);
        assert!(
            (of(Detector::SignMuellerMuller).algorithm.multiplications() - 2.0 / 64.0).abs()
                < 1e-12
        );
        assert!(
            (of(Detector::Gardner).algorithm.multiplications() - 1.0 - 2.0 / 64.0).abs() < 1e-12
        );
        assert!((of(Detector::Alexander).algorithm.comparisons() - 1.0).abs() < 1e-12);
        assert!(linear.hardware.ff_bits > linear.algorithm.ff_bits);
    }
}
