//! Feed-forward equalizers: transversal filters with taps at symbol spacing ([`Ffe`]), at half-symbol
//! spacing ([`half::HalfFfe`]) and with groups of taps at far delays ([`floating::FloatingFfe`]).
//!
//! `y[n] = sum_k taps[k] x[n + p - k]`, `k = 0..taps.len()`, with `p` precursors: tap `p` is the main
//! tap, lower indices weigh later samples (they cancel precursors), higher ones earlier samples.
//!
//! - **Shapes.** One stream `[n]` or several `[lane, n]`, `f32`, any scale. Equalizers have 1 to [`MAX_TAPS`]
//!   taps, for which the kernel is tuned; [`Ffe`] also takes the response of a channel, up to [`MAX_RESPONSE`]
//!   taps (beyond some 150, convolution by Fourier transform is faster).
//! - **Numeric contract.** Each output differs from the exact sum by at most
//!   `(taps.len() + 1) 2^-24 sum_k |taps[k] x[n + p - k]|`. Outputs are the same bits for any split
//!   of a stream into blocks at one level, and the same at all FMA levels.
//! - **Cost.** `taps.len()` multiply-adds per symbol. A streaming call copies `taps.len() - 1` samples
//!   besides, so blocks of a thousand symbols and more are the cheapest.
//! - **Errors.** Empty, too many or non-finite taps, too many precursors, output length other than the
//!   input's, states fewer or other than the lanes; buffers and states are then left as they were.
//!   Non-finite samples spread to the outputs they reach, and to no other lane.

// Views are passed by value, as everywhere in ndarray.
#![allow(clippy::needless_pass_by_value)]

pub mod cost;
pub mod floating;
pub mod half;
mod plan;
pub mod reference;
mod rows;
mod split;

use ndarray::{ArrayView2, ArrayViewMut2};

use self::plan::{History, Sliding, valid_taps};
use crate::error::{Result, in_range, length};
use crate::simd::Level;

/// Taps of one equalizer, at most.
pub const MAX_TAPS: usize = 256;

/// The most taps that an [`Ffe`] takes: the response of a channel is one of its uses.
pub const MAX_RESPONSE: usize = 65_536;

/// Taps of a feed-forward equalizer.
#[derive(Debug, Clone, PartialEq)]
pub struct FfeConfig {
    /// Tap weights, 1 to [`MAX_RESPONSE`] for an [`Ffe`] and 1 to [`MAX_TAPS`] for a
    /// [`half::HalfFfe`] and an [`Adapter`](crate::equalizer::adapt::Adapter); index 0 weighs the
    /// latest sample.
    pub taps: Vec<f32>,
    /// Number of taps before the main one, `0..taps.len()`.
    pub precursors: usize,
}

impl Default for FfeConfig {
    /// One tap of weight one: the output is the input.
    fn default() -> Self {
        Self {
            taps: vec![1.0],
            precursors: 0,
        }
    }
}

/// A feed-forward equalizer, validated and ready to run; immutable and shared between threads.
///
/// ```
/// use pamlink::equalizer::ffe::{Ffe, FfeConfig};
///
/// let ffe = Ffe::new(&FfeConfig { taps: vec![-0.1, 1.0, -0.2], precursors: 1 })?;
/// let mut y = [0.0; 4];
/// ffe.apply(&[0.0, 1.0, 0.0, 0.0], &mut y)?;
/// assert_eq!(y, [-0.1, 1.0, -0.2, 0.0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ffe {
    config: FfeConfig,
    sliding: Sliding,
}

/// The samples a stream must remember between blocks: the last `taps - 1` inputs.
#[derive(Debug, Clone)]
pub struct FfeState(History);

impl FfeState {
    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl Ffe {
    /// A plan at the best level of this machine (see [`Level::best`]).
    pub fn new(config: &FfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &FfeConfig, level: Level) -> Result<Self> {
        let taps = &config.taps;
        valid_taps("ffe taps", taps, MAX_RESPONSE)?;
        in_range(
            "ffe precursors",
            config.precursors as f64,
            0.0,
            (taps.len() - 1) as f64,
        )?;
        Ok(Self {
            sliding: Sliding::new(&[(0, taps)], level),
            config: config.clone(),
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &FfeConfig {
        &self.config
    }

    /// The taps, index 0 on the latest sample.
    #[must_use]
    pub fn taps(&self) -> &[f32] {
        &self.config.taps
    }

    /// Taps before the main one; also the latency of [`Ffe::process`] in symbols.
    #[must_use]
    pub fn precursors(&self) -> usize {
        self.config.precursors
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.sliding.level()
    }

    /// Equalizes a whole record, zeros outside it: `y[n] = sum_k taps[k] x[n + p - k]`.
    pub fn apply(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        length("ffe output", x.len(), y.len())?;
        self.sliding.record(self.config.precursors, x, y);
        Ok(())
    }

    /// [`Ffe::apply`] for each lane of `[lane, n]` arrays whose rows are contiguous.
    pub fn apply_lanes(&self, x: ArrayView2<'_, f32>, y: ArrayViewMut2<'_, f32>) -> Result<()> {
        rows::fit(&x, &y)?;
        length("ffe output", x.ncols(), y.ncols())?;
        rows::each(x, y, |_, x, y| self.apply(x, y))
    }

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> FfeState {
        FfeState(self.sliding.history())
    }

    /// Next block of a stream: output `i` is `sum_k taps[k] x[i - k]`, so it lags [`Ffe::apply`] by
    /// [`Ffe::precursors`] symbols. Any split into blocks gives the same outputs.
    pub fn process(&self, state: &mut FfeState, x: &[f32], y: &mut [f32]) -> Result<()> {
        self.sliding.fits(&state.0, x.len(), y.len())?;
        self.sliding.stream(&mut state.0, x, y);
        Ok(())
    }

    /// [`Ffe::process`] for each lane of `[lane, n]` arrays whose rows are contiguous, one state per
    /// lane.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use pamlink::equalizer::ffe::{Ffe, FfeConfig};
    ///
    /// let ffe = Ffe::new(&FfeConfig { taps: vec![1.0, -0.5], precursors: 0 })?;
    /// let mut states = vec![ffe.state(); 3];
    /// let (x, mut y) = (Array2::ones((3, 8)), Array2::zeros((3, 8)));
    /// ffe.process_lanes(&mut states, x.view(), y.view_mut())?;
    /// ffe.process_lanes(&mut states, x.view(), y.view_mut())?;
    /// assert_eq!(y[[2, 0]], 0.5);
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    pub fn process_lanes(
        &self,
        states: &mut [FfeState],
        x: ArrayView2<'_, f32>,
        y: ArrayViewMut2<'_, f32>,
    ) -> Result<()> {
        rows::fit(&x, &y)?;
        length("ffe states", x.nrows(), states.len())?;
        for state in &*states {
            self.sliding.fits(&state.0, x.ncols(), y.ncols())?;
        }
        rows::each(x, y, |lane, x, y| self.process(&mut states[lane], x, y))
    }

    /// The last [`Ffe::precursors`] outputs of a stream, zeros following it.
    pub fn flush(&self, state: &mut FfeState, y: &mut [f32]) -> Result<()> {
        length("ffe flush output", self.precursors(), y.len())?;
        let zeros = vec![0.0; self.precursors()];
        self.process(state, &zeros, y)
    }
}

#[cfg(test)]
mod tests;
