//! Feed-forward equalizer at half-symbol spacing: two interleaved samples per symbol in, one output per
//! symbol out.
//!
//! `y[n] = sum_k taps[k] x[2 n + p - k]`, `k = 0..taps.len()`, with `p` precursors. Indices and the
//! number of precursors count *half* symbols: sample `x[2 n]` is the one that tap `p` weighs for symbol
//! `n`, `x[2 n + 1]` lies half a symbol later. Such an equalizer works at any sampling phase, since it
//! makes the matched filter and the phase itself.
//!
//! - **Shapes.** Input `[2 n]` or `[lane, 2 n]`, output `[n]` or `[lane, n]`, `f32`.
//!   1 to [`MAX_TAPS`] taps.
//! - **Numeric contract.** As of [`super::Ffe`], with the sum over the taps of this equation.
//! - **Method and cost.** The samples are parted into those at even and those at odd places, a thousand
//!   symbols at a time; each part meets every second tap at symbol spacing, and both sums gather in one
//!   pass. `taps.len()` multiply-adds per symbol, and two loads, shuffles and stores per vector of
//!   symbols.
//! - **Errors.** As of [`super::Ffe`]; the input must be twice as long as the output.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::plan::valid_taps;
use super::{FfeConfig, MAX_TAPS, rows, split};
use crate::error::{Result, in_range, length};
use crate::simd::Level;
use crate::simd::Width;
use crate::simd::fir::{self, Schedule};

/// Symbols parted at a time: both parts and the output stay in a first-level cache.
const BLOCK: usize = 1024;

/// A half-symbol-spaced feed-forward equalizer, validated and ready to run; its [`FfeConfig`] counts
/// taps and precursors in half symbols and holds at most [`MAX_TAPS`] taps, not as many as an
/// [`super::Ffe`] takes.
///
/// ```
/// use pamlink::equalizer::ffe::{FfeConfig, half::HalfFfe};
///
/// let ffe = HalfFfe::new(&FfeConfig { taps: vec![0.25, 1.0, -0.5], precursors: 1 })?;
/// // Sample 2 is symbol 1; sample 3 half a symbol later.
/// let mut y = [0.0; 3];
/// ffe.apply(&[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], &mut y)?;
/// assert_eq!(y, [0.0, 1.0, 0.0]);
/// ffe.apply(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0], &mut y)?;
/// assert_eq!(y, [0.0, 0.25, -0.5]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HalfFfe {
    config: FfeConfig,
    schedule: Schedule,
    past: usize,
    level: Level,
}

/// The samples a stream must remember between blocks, parted, and room for a block of new ones.
#[derive(Debug, Clone)]
pub struct HalfFfeState {
    past: usize,
    parts: Vec<f32>,
}

impl HalfFfeState {
    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        self.parts.fill(0.0);
    }
}

impl HalfFfe {
    /// A plan at the best level of this machine (see [`Level::best`]).
    pub fn new(config: &FfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &FfeConfig, level: Level) -> Result<Self> {
        let (taps, p) = (&config.taps, config.precursors);
        valid_taps("ffe taps", taps, MAX_TAPS)?;
        in_range("ffe precursors", p as f64, 0.0, (taps.len() - 1) as f64)?;
        // With the latency of p / 2 symbols taken off, tap k weighs sample 2 i + (p & 1) - k, which
        // is in the part of its parity at place i - delay.
        let odd = p & 1;
        let mut parts = [Vec::new(), Vec::new()];
        let mut delays = [0; 2];
        for (k, &tap) in taps.iter().enumerate().rev() {
            let part = (odd + k) & 1;
            delays[part] = (k + part - odd) / 2;
            parts[part].push(tap);
        }
        // Taps were taken last to first, so `delays` holds those of the latest samples, 0 or 1.
        let reach = |part: usize| (parts[part].len() + delays[part]).saturating_sub(1);
        let past = reach(0).max(reach(1));
        let mut runs = Vec::new();
        for part in [0, 1] {
            if !parts[part].is_empty() {
                let at = part * (past + BLOCK) + past - reach(part);
                runs.push((at, parts[part].clone()));
            }
        }
        Ok(Self {
            config: config.clone(),
            schedule: Schedule::new(&runs, Width::Sliding.lanes(level)),
            past,
            level,
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &FfeConfig {
        &self.config
    }

    /// The taps, half a symbol apart, index 0 on the latest sample.
    #[must_use]
    pub fn taps(&self) -> &[f32] {
        &self.config.taps
    }

    /// Half symbols before the main tap.
    #[must_use]
    pub fn precursors(&self) -> usize {
        self.config.precursors
    }

    /// Symbols by which [`HalfFfe::process`] lags [`HalfFfe::apply`]: half the precursors, rounded down.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.config.precursors / 2
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Equalizes a whole record, zeros outside it: `y[n] = sum_k taps[k] x[2 n + p - k]`.
    pub fn apply(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        length("ffe input", 2 * y.len(), x.len())?;
        let n = y.len();
        let (latency, mut state) = (self.latency(), self.state());
        // The first `latency` outputs of the stream come before the record.
        let ahead = latency.min(n);
        let mut early = vec![0.0; latency];
        self.stream(&mut state, &x[..2 * ahead], &mut early[..ahead]);
        self.stream(&mut state, &x[2 * ahead..], &mut y[..n - ahead]);
        let zeros = vec![0.0; 2 * latency];
        self.stream(&mut state, &zeros[2 * ahead..], &mut early[ahead..]);
        self.stream(&mut state, &zeros[..2 * ahead], &mut y[n - ahead..]);
        Ok(())
    }

    /// [`HalfFfe::apply`] for each lane of `[lane, 2 n]` and `[lane, n]` arrays whose rows are contiguous.
    pub fn apply_lanes(&self, x: ArrayView2<'_, f32>, y: ArrayViewMut2<'_, f32>) -> Result<()> {
        rows::fit(&x, &y)?;
        length("ffe input", 2 * y.ncols(), x.ncols())?;
        rows::each(x, y, |_, x, y| self.apply(x, y))
    }

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> HalfFfeState {
        HalfFfeState {
            past: self.past,
            parts: vec![0.0; 2 * (self.past + BLOCK)],
        }
    }

    fn fits(&self, state: &HalfFfeState, x: usize, y: usize) -> Result<()> {
        length("ffe input", 2 * y, x)?;
        length("ffe state", self.past, state.past)
    }

    /// Next block of a stream, two samples per output; lags [`HalfFfe::apply`] by [`HalfFfe::latency`]
    /// symbols. Any split into blocks of whole symbols gives the same outputs.
    pub fn process(&self, state: &mut HalfFfeState, x: &[f32], y: &mut [f32]) -> Result<()> {
        self.fits(state, x.len(), y.len())?;
        self.stream(state, x, y);
        Ok(())
    }

    fn stream(&self, state: &mut HalfFfeState, x: &[f32], y: &mut [f32]) {
        let past = self.past;
        for (x, y) in x.chunks(2 * BLOCK).zip(y.chunks_mut(BLOCK)) {
            let n = y.len();
            let (even, odd) = state.parts.split_at_mut(past + BLOCK);
            split::split(self.level, x, &mut even[past..][..n], &mut odd[past..][..n]);
            fir::fir(self.level, &self.schedule, &state.parts, y);
            state.parts.copy_within(n..n + past, 0);
            let from = past + BLOCK;
            state.parts.copy_within(from + n..from + n + past, from);
        }
    }

    /// [`HalfFfe::process`] for each lane of `[lane, 2 n]` and `[lane, n]` arrays whose rows are
    /// contiguous, one state per lane.
    pub fn process_lanes(
        &self,
        states: &mut [HalfFfeState],
        x: ArrayView2<'_, f32>,
        y: ArrayViewMut2<'_, f32>,
    ) -> Result<()> {
        rows::fit(&x, &y)?;
        length("ffe states", x.nrows(), states.len())?;
        for state in &*states {
            self.fits(state, x.ncols(), y.ncols())?;
        }
        rows::each(x, y, |lane, x, y| self.process(&mut states[lane], x, y))
    }

    /// The last [`HalfFfe::latency`] outputs of a stream, zeros following it.
    pub fn flush(&self, state: &mut HalfFfeState, y: &mut [f32]) -> Result<()> {
        length("ffe flush output", self.latency(), y.len())?;
        let zeros = vec![0.0; 2 * self.latency()];
        self.process(state, &zeros, y)
    }
}
