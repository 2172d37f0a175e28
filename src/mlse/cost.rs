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
    let s = shape.states as f64;
    let (algorithm, hardware) = over_trellis(shape, [8.0 * s, 3.0 * s], 1.0, 2.0);
    Cost {
        algorithm,
        hardware,
        ..Cost::new(
            format!("MLSE {} states", shape.states),
            format!(
                "block Viterbi, overlap {}, survivor depth {}",
                shape.overlap, shape.depth
            ),
        )
    }
}

/// Operations of a detector that weighs `4 S` branches: their squares beside so many additions and
/// comparisons; in hardware so many recursions over the trellis and so many clocked bits of each state
/// for each symbol of the depth.
fn over_trellis(
    shape: Viterbi,
    [additions, comparisons]: [f64; 2],
    recursions: f64,
    bits: f64,
) -> (Ops, Ops) {
    let s = shape.states as f64;
    let algorithm = Ops {
        mul: vec![(10.0, 10.0, 4.0 * s)],
        add: vec![(10.0, additions)],
        cmp: vec![(10.0, comparisons)],
        ..Ops::default()
    };
    let hardware = Ops {
        gates: s / 4.0 * STEP_4 * recursions * (1.0 + shape.overlap),
        ff_bits: bits * s * shape.depth,
        ..Ops::default()
    };
    (algorithm, hardware)
}

/// Cost of the reduced-state detector, per symbol: four states for a response of three entries.
///
/// Algorithm: that of four states; which of 64 noise-free samples a branch expects is looked up by the
/// older symbol of the survivor.
///
/// Hardware: that of four states and, for each state, a choice of one of four words of 10 bits by the
/// older symbol (three two-way selectors a bit). Derived, not synthesised. `shape.states` is not read.
#[must_use]
pub fn reduced_state(shape: Viterbi) -> Cost {
    let four = viterbi(Viterbi { states: 4, ..shape });
    let Viterbi { overlap, depth, .. } = shape;
    Cost {
        algorithm: four.algorithm,
        hardware: Ops {
            mux_bits: 4.0 * 3.0 * 10.0,
            ..four.hardware
        },
        ..Cost::new(
            "MLSE 4 of 16 states",
            format!("reduced-state Viterbi, overlap {overlap}, survivor depth {depth}"),
        )
    }
}

/// Cost of the soft detector, per symbol: max-log forward-backward.
///
/// Algorithm: branch metrics once, `4 S` differences and squares; both recursions add and compare on
/// `4 S` branches; `S` sums where they meet, `2 S - 4` comparisons and 2 differences for the bits:
/// `13 S + 2` additions, `4 S` squares, `8 S - 4` comparisons.
///
/// Hardware: both recursions as add-compare-select steps, each with the overlap of parallel blocks, and the
/// metrics of `S` states kept over a window of `D`: `(S/4) 3479 2 (1 + ov)` gate equivalents and `10 S D`
/// clocked bits. Derived from the step of the hard detector, not synthesised.
#[must_use]
pub fn max_log(shape: Viterbi) -> Cost {
    let s = shape.states as f64;
    let counts = [13.0 * s + 2.0, 8.0 * s - 4.0];
    let (algorithm, hardware) = over_trellis(shape, counts, 2.0, 10.0);
    Cost {
        algorithm,
        hardware,
        ..Cost::new(
            format!("soft MLSE {} states", shape.states),
            format!(
                "max-log in windows, overlap {}, window {}",
                shape.overlap, shape.depth
            ),
        )
    }
}
