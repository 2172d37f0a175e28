//! Clock recovery against its references, its model and its own zeros.

mod acquisition;
mod bad;
mod closed;
mod kernels;
mod lag;
mod model;

use ndarray::Array2;

use super::reference::{Source, Symbol};
use super::{Cdr, CdrConfig, CdrState, Detector};
use crate::random::{Gauss, Philox};
use crate::signal::Pulse;

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

/// A loop of several lanes on sources of their own, decisions known.
pub(super) struct Bench {
    pub(super) cdr: Cdr,
    pub(super) state: CdrState,
    pub(super) sources: Vec<Source>,
    /// Phase of the main cursor after the symbol's instant, UI: which symbol a sample belongs to.
    pub(super) main_ui: f64,
    /// Lanes that decide by their samples, at the nominal thresholds.
    pub(super) sliced: fn(usize) -> bool,
    block: u64,
}

impl Bench {
    pub(super) fn new(config: &CdrConfig, sources: Vec<Source>, main_ui: f64) -> Self {
        let cdr = Cdr::new(config).unwrap();
        Self {
            state: cdr.state(sources.len()).unwrap(),
            cdr,
            sources,
            main_ui,
            sliced: |_| false,
            block: 0,
        }
    }

    /// One block of each lane.
    pub(super) fn step(&mut self) {
        let p = self.cdr.config().block;
        let lanes = self.sources.len();
        let (mut z, mut x) = (Array2::zeros((lanes, p)), Array2::zeros((lanes, p)));
        let mut d = Array2::zeros((lanes, p));
        let edges = self.cdr.config().detector.needs_edges();
        for (lane, source) in self.sources.iter_mut().enumerate() {
            let phase = self.state.phase_ui(lane);
            for k in 0..p {
                let t = (self.block * p as u64 + k as u64) as f64 + phase;
                if edges {
                    x[[lane, k]] = source.sample(t - 0.5) as f32;
                }
                z[[lane, k]] = source.sample(t) as f32;
                let place = t - source.phase_ui(t) - self.main_ui;
                let near = z[[lane, k]] / 2.0 + 1.5;
                d[[lane, k]] = if (self.sliced)(lane) {
                    near.round().clamp(0.0, 3.0) as u8
                } else {
                    source.symbol(place.round() as i64)
                };
            }
        }
        self.cdr
            .update(&mut self.state, z.view(), Some(x.view()), d.view())
            .unwrap();
        self.block += 1;
    }

    /// Phase of the sampler minus phase of the signal in the middle of the next block, UI.
    pub(super) fn error_ui(&self, lane: usize) -> f64 {
        let p = self.cdr.config().block as f64;
        let middle = p * self.block as f64 + 0.5 * (p - 1.0);
        let phase = self.state.loop_phase_ui(lane);
        phase - self.sources[lane].phase_ui(middle + phase)
    }
}

/// A skewed pulse: fast up, slow down, 16 samples per UI, largest at 0.04 UI.
pub(super) fn skewed() -> Pulse {
    let h = |x: f64| 1.56 * x * x * (-1.3 * x).exp();
    let samples = (0..14 * 16).map(|i| h(f64::from(i) / 16.0)).collect();
    Pulse::new(samples, 16, 24).unwrap()
}

/// A symmetric pulse with neighbours of 0.1, as behind an equalizer.
pub(super) fn bell() -> Pulse {
    let samples = (-64..=64)
        .map(|i| 0.1f64.powf((f64::from(i) / 16.0).powi(2)))
        .collect();
    Pulse::new(samples, 16, 64).unwrap()
}
