//! What a decision-feedback equalizer costs.

use crate::ops::{Cost, Ops};

/// Gate equivalents of the 12-bit addition of one unrolled branch (synthesis).
const ADD_12: f64 = 91.0;
/// Gate equivalents of three 12-bit threshold comparisons, one PAM4 decision (synthesis).
const SLICER: f64 = 132.0;
/// Gate equivalents of a tap that multiplies a PAM4 decision by 8 bits and adds 12 bits (synthesis).
const TAP: f64 = 215.0;
/// What look-ahead adds to a 1-tap unrolled loop.
const LOOK_AHEAD: f64 = 1.3;

/// Operations of the plain loop per symbol: `d[n] = slice(x[n] - sum_k t[k] level(d[n-1-k]))`,
/// that is L products of a 3-bit level with an 8-bit tap, L subtractions, three comparisons.
fn algorithm(taps: usize) -> Ops {
    let taps = taps as f64;
    Ops {
        mul: vec![(3.0, 8.0, taps)],
        add: vec![(12.0, taps)],
        cmp: vec![(12.0, 3.0)],
        ..Ops::default()
    }
}

/// Cost of a fully unrolled DFE of `taps` taps, per symbol.
///
/// Hardware: every one of the `4^L` possible pasts gets its own subtraction and slicer, a selector
/// picks one: `4^L (91 + 132)` gate equivalents; one tap uses look-ahead selection over the
/// parallel symbols, times 1.3 (1160). Zero taps leave the slicer alone (132). Exponential in L:
/// above two taps [`sliding_block`] is what silicon uses.
#[must_use]
pub fn unrolled(taps: usize) -> Cost {
    let branches = 4f64.powf(taps as f64) * (ADD_12 + SLICER);
    let (gates, form) = match taps {
        0 => (SLICER, "slicer only"),
        1 => (branches * LOOK_AHEAD, "unrolled with look-ahead"),
        _ => (branches, "fully unrolled"),
    };
    let block = if taps == 0 {
        "slicer".to_owned()
    } else {
        format!("DFE {taps} taps")
    };
    Cost {
        algorithm: algorithm(taps),
        hardware: Ops {
            gates,
            ..Ops::default()
        },
        ..Cost::new(block, form)
    }
}

/// Shape of a sliding-block DFE.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlidingBlock {
    /// Symbols decided twice, before each block, until the decisions have settled.
    pub history: f64,
    /// Symbols per block.
    pub parallel: f64,
}

impl Default for SlidingBlock {
    /// 16 symbols of history for 64 in parallel.
    fn default() -> Self {
        Self {
            history: 16.0,
            parallel: 64.0,
        }
    }
}

/// Cost of a sliding-block DFE of `taps` taps, per symbol: linear in the taps, paid with overlap.
///
/// Hardware: `(1 + h/P) (215 N + 132)` gate equivalents, 1.25 (215 N + 132) by default.
#[must_use]
pub fn sliding_block(taps: usize, shape: SlidingBlock) -> Cost {
    let overlap = 1.0 + shape.history / shape.parallel;
    Cost {
        algorithm: algorithm(taps),
        hardware: Ops {
            gates: overlap * (TAP * taps as f64 + SLICER),
            ..Ops::default()
        },
        ..Cost::new(
            format!("DFE {taps} taps"),
            format!("sliding block, {} + {}", shape.history, shape.parallel),
        )
    }
}
