//! What sequence detection costs.

use crate::ops::{Cost, Ops};

/// Gate equivalents of one step of a 4-state PAM4 trellis: 16 branch metrics and four four-way
/// add-compare-select units at 10 bits (synthesis).
const STEP_4: f64 = 3479.0;

/// Shape of a block Viterbi decoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viterbi {
    /// States of the trellis: 4 for one remembered symbol, 16 for two.
    pub states: usize,
    /// Share of steps computed twice where parallel blocks overlap.
    pub overlap: f64,
    /// Depth of the survivor memory in symbols.
    pub depth: f64,
}

impl Default for Viterbi {
    /// 4 states, overlap 0.4, 20 survivors.
    fn default() -> Self {
        Self {
            states: 4,
            overlap: 0.4,
            depth: 20.0,
        }
    }
}

/// Cost of the detector, per symbol.
///
/// Algorithm: each of the `4 S` branches subtracts its expected level, squares, and adds the metric
/// of its origin; each state keeps the smallest of four: `8 S` additions, `4 S` squares, `3 S`
/// comparisons.
///
/// Hardware: `(S/4) [3479 (1 + ov) + 8 D 9]` gate equivalents, 6311 for 4 states: metrics by
/// table in place of squares, survivors in `2 S D` clocked bits (9 each). The least certain
/// digital block: silicon anchors lie a factor 0.5 to 6 around it.
#[must_use]
pub fn viterbi(shape: Viterbi) -> Cost {
    let Viterbi {
        states,
        overlap,
        depth,
    } = shape;
    let s = states as f64;
    Cost {
        algorithm: Ops {
            mul: vec![(10.0, 10.0, 4.0 * s)],
            add: vec![(10.0, 8.0 * s)],
            cmp: vec![(10.0, 3.0 * s)],
            ..Ops::default()
        },
        hardware: Ops {
            gates: s / 4.0 * STEP_4 * (1.0 + overlap),
            ff_bits: 2.0 * s * depth,
            ..Ops::default()
        },
        ..Cost::new(
            format!("MLSE {states} states"),
            format!("block Viterbi, overlap {overlap}, survivor depth {depth}"),
        )
    }
}
