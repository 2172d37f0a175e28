//! Clock and data recovery: timing error detectors, the loop, its lock and how it gets there.
//!
//! A [`Cdr`] yields phases; the caller samples. Block by block of P symbols it asks
//! [`CdrState::phase_ui`], samples symbol `k` at `k + phase` UI, decides, and hands samples and
//! decisions to [`Cdr::update`]. Lanes run side by side, each with a state of its own.

mod acquisition;
mod config;
pub mod cost;
pub mod detector;
mod kernel;
mod line;
mod lock;
mod model;
pub mod reference;
mod stability;
mod state;
#[cfg(test)]
mod tests;
mod tolerance;
mod transfer;

pub use acquisition::{
    Acquisition, AcquisitionConfig, AcquisitionFailure, AcquisitionState, LineEvidence, Stage,
};
pub use config::{CdrConfig, Detector, LoopGains};
pub use lock::{Evidence, LockConfig, LockReport, NotLocked, SlipCounter};
pub use model::LoopModel;
pub use state::CdrState;
pub use tolerance::{
    JitterMask, JitterTolerance, ToleranceConfig, TolerancePoint, jitter_tolerance,
};
pub use transfer::{JitterTransfer, SinusoidalJitter, TransferPoint, jitter_transfer};

use ndarray::ArrayView2;

use crate::error::{Error, Result, length};
use crate::{Level, rows};

/// Most symbols per block.
pub const MAX_BLOCK: usize = 256;
/// Most blocks of extra latency.
pub const MAX_LATENCY_BLOCKS: usize = 64;

/// A validated clock recovery.
///
/// # Equation
/// Per block of P symbols and lane, with `e[k]` the output of the [`Detector`] and `E = mean(e)`,
///
/// ```text
/// f   <- clamp(f + k_i E)         UI per symbol
/// phi <- phi + clamp(k_p E) + P f UI, clamp to half a UI to both sides
/// ```
///
/// `E` that of D blocks ago ([`CdrConfig::extra_latency_blocks`]); a loop without extra latency moves the phase of the very next
/// block. Positive `E`: the sampler is early and the phase must grow.
///
/// # Shapes and units
/// Samples, edges and decisions are `[lane, P]` with contiguous rows; samples, edges and levels
/// share one unit. `edges[lane, k]` is sampled half a UI *before* `samples[lane, k]`. Phases in UI.
///
/// # Numeric contract
/// The detector sums are `f32` in an order that depends neither on the vector nor on the number of
/// lanes and use no fused operation; the loop is `f64`. The same bits at every SIMD level and for
/// any number of lanes beside. Against [`mod@reference`] in `f64` a mean detector output differs by
/// rounding, at most `P` times 1e-7 of the largest product.
///
/// # Bad samples
/// A block with a sample that is not finite (or whose square is not) moves its lane by the frequency
/// alone; the lane is not locked while such a block is in its window. Other lanes do not notice.
///
/// # Cost
/// Per symbol: 2 products and 2 additions (linear detectors); per block and lane a dozen more. See
/// [`cost`].
///
/// # Errors
/// Of the configuration: see [`CdrConfig::model`]. [`Error::Length`], [`Error::NotContiguous`] for
/// arrays, [`Error::Empty`] for missing edges, [`Error::OutOfRange`] for symbols above 3, and
/// [`Error::WrongType`] for a state of another plan. A call that returns an error has changed nothing.
///
/// # Example
/// ```
/// use ndarray::Array2;
/// use pamlink::cdr::{Cdr, CdrConfig};
///
/// let cdr = Cdr::new(&CdrConfig { bandwidth_hz: 20e6, ..CdrConfig::default() })?;
/// let mut state = cdr.state(2)?;
/// let (mut samples, mut decided) = (Array2::zeros((2, 64)), Array2::zeros((2, 64)));
/// for _ in 0..10 {
///     for lane in 0..2 {
///         let phase = state.phase_ui(lane);
///         // Sample symbol k at k + phase, decide it.
///         samples.row_mut(lane).fill(phase as f32);
///         decided.row_mut(lane).fill(1);
///     }
///     cdr.update(&mut state, samples.view(), None, decided.view())?;
/// }
/// assert!(!state.lock(0).is_locked());
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cdr {
    config: CdrConfig,
    model: LoopModel,
    level: Level,
    /// UI per unit of mean detector output.
    proportional: f64,
    /// UI per symbol per unit of mean detector output.
    integral: f64,
    /// UI by which the loop answers to an output of one that alternates from block to block.
    alternating: f64,
    /// Share of the way to the phase that the expected phase of the slip counter goes per block.
    slip_share: f64,
    centre: f32,
    levels: [f32; 4],
    /// Of a mean of detector outputs from their sum in the unit of the samples.
    mean_factor: f64,
    power_factor: f64,
    weights: Vec<f32>,
    first_weights: Vec<f32>,
}

impl Cdr {
    /// A clock recovery at the best SIMD level of this machine.
    pub fn new(config: &CdrConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A clock recovery at a given SIMD level.
    pub fn with_level(config: &CdrConfig, level: Level) -> Result<Self> {
        let model = config.model()?;
        let p = config.block;
        let (centre, levels) = config.centred();
        let unit = config.unit();
        let mut weights = vec![0.0; p.next_multiple_of(kernel::PARTS)];
        weights[..p].fill(1.0);
        let mut first_weights = weights.clone();
        first_weights[0] = 0.0;
        Ok(Self {
            model,
            level,
            proportional: model.proportional() / config.detector_gain,
            integral: model.integral() / (config.detector_gain * p as f64),
            alternating: model.alternating() / config.detector_gain,
            // Eight times slower than the loop (ours): a slip is over before it is forgotten.
            slip_share: (model.proportional() / 8.0).min(0.5),
            centre,
            levels,
            mean_factor: 1.0 / (unit * p as f64),
            power_factor: 1.0 / (unit * unit * p as f64),
            weights,
            first_weights,
            config: config.clone(),
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &CdrConfig {
        &self.config
    }

    /// The linear model at the configured detector gain.
    #[must_use]
    pub fn model(&self) -> LoopModel {
        self.model
    }

    /// Gains of the loop.
    #[must_use]
    pub fn gains(&self) -> LoopGains {
        LoopGains {
            proportional: self.proportional,
            integral: self.integral,
        }
    }

    /// Lanes at the initial phase.
    pub fn state(&self, lanes: usize) -> Result<CdrState> {
        CdrState::new(&self.config, lanes)
    }

    /// Takes in a block of each lane and moves the phases.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn update(
        &self,
        state: &mut CdrState,
        samples: ArrayView2<'_, f32>,
        edges: Option<ArrayView2<'_, f32>>,
        decided: ArrayView2<'_, u8>,
    ) -> Result<()> {
        self.check(state, &samples, edges.as_ref(), &decided)?;
        let kind = match self.config.detector {
            Detector::MuellerMuller => kernel::MUELLER,
            Detector::SignMuellerMuller => kernel::SIGN_MUELLER,
            Detector::Alexander => kernel::ALEXANDER,
            Detector::Gardner => kernel::GARDNER,
        };
        for lane in 0..state.lanes() {
            let row = samples.row(lane);
            let edge = edges.as_ref().map(|e| e.row(lane));
            let d = decided.row(lane);
            self.fill(
                state,
                lane,
                row.as_slice().unwrap_or(&[]),
                edge.as_ref().and_then(|e| e.as_slice()),
                d.as_slice().unwrap_or(&[]),
            );
            let [sum, squares, power] = self.sums(state, kind);
            let finite = sum.is_finite() && squares.is_finite() && power.is_finite();
            let output = finite.then(|| {
                (
                    f64::from(sum) * self.mean_factor,
                    f64::from(squares) * self.power_factor,
                )
            });
            state.advance(self, lane, output);
        }
        state.due = (state.due + 1) % (self.config.extra_latency_blocks + 1);
        state.blocks += 1;
        Ok(())
    }

    /// Puts the block of a lane behind the entry before it.
    pub(super) fn fill(
        &self,
        state: &mut CdrState,
        lane: usize,
        samples: &[f32],
        edges: Option<&[f32]>,
        decided: &[u8],
    ) {
        let p = self.config.block;
        state.samples[0] = state.last_sample[lane];
        for (to, from) in state.samples[1..=p].iter_mut().zip(samples) {
            *to = from - self.centre;
        }
        state.decided[0] = state.last_decided[lane];
        state.decided[1..=p].copy_from_slice(decided);
        if let Some(edges) = edges {
            for (to, from) in state.edges[..p].iter_mut().zip(edges) {
                *to = from - self.centre;
            }
        }
        // A bad sample spoils its own block only.
        let last = state.samples[p];
        state.last_sample[lane] = if (last * last).is_finite() { last } else { 0.0 };
        state.last_decided[lane] = state.decided[p];
    }

    /// The sums of the row that [`Cdr::fill`] prepared.
    pub(super) fn sums(&self, state: &CdrState, kind: u8) -> kernel::Sums {
        let row = kernel::Row {
            samples: &state.samples,
            edges: &state.edges,
            decided: &state.decided,
            weights: if state.blocks == 0 {
                &self.first_weights
            } else {
                &self.weights
            },
            levels: self.levels,
        };
        kernel::sums(self.level, kind, &row)
    }

    pub(super) fn check(
        &self,
        state: &CdrState,
        samples: &ArrayView2<'_, f32>,
        edges: Option<&ArrayView2<'_, f32>>,
        decided: &ArrayView2<'_, u8>,
    ) -> Result<()> {
        if state.config != self.config {
            return Err(Error::WrongType {
                name: "state".into(),
                value: "of another plan".into(),
                expected: "made by this plan's state()".into(),
            });
        }
        let shape = |name: &str, (lanes, symbols): (usize, usize)| {
            length(format!("{name} (lanes)"), state.lanes(), lanes)?;
            length(format!("{name} (symbols)"), self.config.block, symbols)
        };
        shape("samples", samples.dim())?;
        rows::contiguous("samples", samples)?;
        shape("decided", decided.dim())?;
        rows::contiguous("decided", decided)?;
        match edges {
            Some(edges) => {
                shape("edges", edges.dim())?;
                rows::contiguous("edges", edges)?;
            }
            None if self.config.detector.needs_edges() => {
                return Err(Error::Empty {
                    name: "edges".into(),
                });
            }
            None => {}
        }
        for row in decided.rows() {
            row.as_slice().map_or(Ok(()), check_symbols)?;
        }
        Ok(())
    }
}

/// Checks that symbols are 0..=3: one pass without branches, a second only to name the culprit.
fn check_symbols(symbols: &[u8]) -> Result<()> {
    if symbols.iter().fold(0, |all, &s| all | s) <= 3 {
        return Ok(());
    }
    let index = symbols.iter().position(|&s| s > 3).unwrap_or(0);
    Err(Error::OutOfRange {
        name: format!("decided[{index}]").into(),
        value: symbols[index].into(),
        min: 0.0,
        max: 3.0,
    })
}
