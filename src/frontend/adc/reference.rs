//! One conversion in `f64`, noise left out.

use super::mismatch::Slices;
use crate::frontend::quantizer::{self, QuantizerConfig};

/// What slice `symbol % slices` makes of a sample with a slope per unit interval.
#[must_use]
pub fn at(
    x: f64,
    slope: f64,
    symbol: u64,
    slices: &Slices,
    quantizer: Option<&QuantizerConfig>,
) -> f64 {
    let s = (symbol % slices.gain.len() as u64) as usize;
    let y = (1.0 + slices.gain[s]) * (x + slices.skew_ui[s] * slope) + slices.offset[s];
    quantizer.map_or(y, |q| quantizer::reference::at(y, q.bits, q.full_scale))
}
