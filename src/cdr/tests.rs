//! Clock recovery against its references, its model and its own zeros.

mod bad;
mod kernels;
mod model;

use super::reference::Symbol;
use super::{CdrConfig, Detector};
use crate::random::{Gauss, Philox};

/// Random symbols and samples near their levels, with edges in between.
pub(super) fn record(seed: u64, n: usize) -> Vec<Symbol> {
    let mut decided = vec![0; n];
    Philox::new(seed, 0).fill_symbols(0, &mut decided);
    let mut noise = vec![0.0f32; 2 * n];
    Gauss::new(seed, 1).fill(0, &mut noise);
    (0..n)
        .map(|k| Symbol {
            // Through `f32`, as the kernel sees them.
            sample: f64::from(2.0 * f32::from(decided[k]) - 3.0 + 0.8 * noise[2 * k]),
            edge: f64::from(2.0 * noise[2 * k + 1]),
            decided: decided[k],
        })
        .collect()
}

/// A configuration of a detector with default levels and no probe.
pub(super) fn plain(detector: Detector) -> CdrConfig {
    CdrConfig {
        detector,
        probe_ui: 0.0,
        phase_steps: None,
        ..CdrConfig::default()
    }
}
