//! What a feed-forward equalizer costs; its adaptation is priced in [`crate::equalizer::adapt::cost`].

pub use crate::equalizer::adapt::cost::{Update, adaptation};
use crate::ops::{Cost, Ops};

/// Width of the adder tree behind the multipliers, in bits: a 7 x 8 product truncated to the
/// accuracy of the decision.
const TREE_BITS: f64 = 14.0;

/// Word lengths of a feed-forward equalizer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordLengths {
    /// Bits of a sample (what the converter delivers).
    pub sample_bits: f64,
    /// Bits of a tap.
    pub tap_bits: f64,
}

impl Default for WordLengths {
    /// 7-bit samples and 8-bit taps, the widths at which the energy model was calibrated.
    fn default() -> Self {
        Self {
            sample_bits: 7.0,
            tap_bits: 8.0,
        }
    }
}

/// Cost of an FFE of `taps` taps (pre-cursors, main and post-cursors together).
///
/// Algorithm, per symbol: `y[n] = sum_k c[k] x[n+p-k]` is N products and N - 1 additions.
///
/// Hardware, per symbol: P copies of the direct form side by side, each tap one multiplier and one
/// 14-bit share of the adder tree: `N (9.6 bx bc + 7.7 * 14)` gate equivalents, 645.4 per tap at
/// 7 x 8 bits (synthesis of 8 and 16 taps: 650). The degree of parallelism cancels per symbol.
#[must_use]
pub fn direct_form(taps: usize, words: WordLengths) -> Cost {
    let n = taps as f64;
    let (sample, tap) = (words.sample_bits, words.tap_bits);
    Cost {
        algorithm: Ops {
            mul: vec![(sample, tap, n)],
            add: vec![(TREE_BITS, (n - 1.0).max(0.0))],
            ..Ops::default()
        },
        hardware: Ops {
            mul: vec![(sample, tap, n)],
            add: vec![(TREE_BITS, n)],
            ..Ops::default()
        },
        ..Cost::new(
            format!("FFE {taps} taps"),
            format!("parallel direct form, {sample} x {tap} bit, {TREE_BITS}-bit adder tree"),
        )
    }
}

/// Cost of an FFE with floating taps: `taps` taps present, of all groups together, over `span` symbols
/// of delay from the latest sample to the earliest.
///
/// Algorithm, per symbol: as [`direct_form`] of the taps present. Hardware: the same, and the registers
/// of the gap. Neighbouring taps take their samples from the words that the parallel datapath holds
/// anyway, so the gap is what is left of the span, `span + 1 - taps` samples of `sample_bits` bits, each
/// of which passes through one register per symbol whatever the degree of parallelism.
#[must_use]
pub fn floating(taps: usize, span: usize, words: WordLengths) -> Cost {
    let gap = (span + 1).saturating_sub(taps);
    let mut cost = direct_form(taps, words);
    cost.hardware.ff_bits += gap as f64 * words.sample_bits;
    cost.block = format!("FFE {taps} taps, floating").into();
    cost.form = format!("{}, delay line of {gap} samples", cost.form).into();
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_costs_registers_and_no_multipliers() {
        let words = WordLengths::default();
        let (near, far) = (direct_form(25, words), floating(25, 100, words));
        assert_eq!(near.algorithm, far.algorithm);
        assert_eq!(near.hardware.mul, far.hardware.mul);
        // 101 samples seen, 25 of them by taps: 76 samples of 7 bits wait in registers.
        assert_eq!(far.hardware.ff_bits - near.hardware.ff_bits, 532.0);
        assert_eq!(floating(25, 24, words).hardware, near.hardware);
    }
}
