//! Feed-forward equalizer with floating taps: a main group of taps and a few groups at far delays,
//! where reflections arrive, without the taps between.
//!
//! `y[n] = sum_k taps[k] x[n + p - k] + sum_g sum_k groups[g].taps[k] x[n - groups[g].delay - k]`.
//! The delay of a group counts symbols from the main tap to the first tap of the group. Shapes, numeric
//! contract, streaming and errors are those of [`super::Ffe`], the number of taps being that of the taps
//! present.
//!
//! **Cost.** One multiply-add per symbol and tap present; the gap costs nothing but the samples that a
//! stream remembers, and a copy of as many per streaming call.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::plan::{History, Sliding, valid_taps};
use super::{MAX_TAPS, rows};
use crate::error::{Error, Result, in_range, length};
use crate::simd::Level;

/// The furthest tap lies at most this many symbols after the main tap.
pub const MAX_DELAY: usize = 1024;

/// A group of neighbouring taps away from the main group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FloatingGroup {
    /// Symbols from the main tap to the first tap of the group.
    pub delay: usize,
    /// Tap weights by rising delay.
    pub taps: Vec<f32>,
}

/// Taps of a feed-forward equalizer with floating groups.
#[derive(Debug, Clone, PartialEq)]
pub struct FloatingFfeConfig {
    /// Tap weights of the main group; index 0 weighs the latest sample.
    pub taps: Vec<f32>,
    /// Number of taps before the main one, `0..taps.len()`.
    pub precursors: usize,
    /// Groups by rising delay, after the main group and without overlap; [`MAX_TAPS`] taps in all.
    pub groups: Vec<FloatingGroup>,
}

impl Default for FloatingFfeConfig {
    /// One tap of weight one and no groups: the output is the input.
    fn default() -> Self {
        Self {
            taps: vec![1.0],
            precursors: 0,
            groups: Vec::new(),
        }
    }
}

/// A feed-forward equalizer with floating taps, validated and ready to run.
///
/// ```
/// use pamlink::equalizer::ffe::floating::{FloatingFfe, FloatingFfeConfig, FloatingGroup};
///
/// let ffe = FloatingFfe::new(&FloatingFfeConfig {
///     taps: vec![-0.1, 1.0],
///     precursors: 1,
///     groups: vec![FloatingGroup { delay: 3, taps: vec![0.2] }],
/// })?;
/// let mut y = [0.0; 6];
/// ffe.apply(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0], &mut y)?;
/// assert_eq!(y, [-0.1, 1.0, 0.0, 0.0, 0.2, 0.0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FloatingFfe {
    config: FloatingFfeConfig,
    sliding: Sliding,
}

/// The samples a stream must remember between blocks: as many as the furthest tap reaches back.
#[derive(Debug, Clone)]
pub struct FloatingFfeState(History);

impl FloatingFfeState {
    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl FloatingFfe {
    /// A plan at the best level of this machine (see [`Level::best`]).
    pub fn new(config: &FloatingFfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &FloatingFfeConfig, level: Level) -> Result<Self> {
        valid_taps("ffe taps", &config.taps, MAX_TAPS)?;
        let p = config.precursors;
        let last = config.taps.len() - 1;
        in_range("ffe precursors", p as f64, 0.0, last as f64)?;
        let mut groups: Vec<(usize, &[f32])> = vec![(0, &config.taps)];
        let (mut left, mut end) = (MAX_TAPS - config.taps.len(), config.taps.len() - p);
        for (g, group) in config.groups.iter().enumerate() {
            let taps = &group.taps;
            if left == 0 && !taps.is_empty() {
                return Err(Error::OutOfRange {
                    name: format!("number of taps up to ffe groups[{g}]").into(),
                    value: (MAX_TAPS + taps.len()) as f64,
                    min: 1.0,
                    max: MAX_TAPS as f64,
                });
            }
            valid_taps(&format!("ffe groups[{g}].taps"), taps, left)?;
            in_range(
                format!("ffe groups[{g}].delay"),
                group.delay as f64,
                end as f64,
                (MAX_DELAY + 1 - taps.len()) as f64,
            )?;
            groups.push((group.delay + p, taps));
            left -= taps.len();
            end = group.delay + taps.len();
        }
        Ok(Self {
            sliding: Sliding::new(&groups, level),
            config: config.clone(),
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &FloatingFfeConfig {
        &self.config
    }

    /// Taps present, all groups together.
    #[must_use]
    pub fn tap_count(&self) -> usize {
        let groups = self.config.groups.iter().map(|g| g.taps.len());
        self.config.taps.len() + groups.sum::<usize>()
    }

    /// Symbols from the latest sample that an output sees to the earliest, gaps included.
    #[must_use]
    pub fn span(&self) -> usize {
        self.sliding.past()
    }

    /// Taps before the main one; also the latency of [`FloatingFfe::process`] in symbols.
    #[must_use]
    pub fn precursors(&self) -> usize {
        self.config.precursors
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.sliding.level()
    }

    /// Equalizes a whole record, zeros outside it.
    pub fn apply(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        length("ffe output", x.len(), y.len())?;
        self.sliding.record(self.config.precursors, x, y);
        Ok(())
    }

    /// [`FloatingFfe::apply`] for each lane of `[lane, n]` arrays whose rows are contiguous.
    pub fn apply_lanes(&self, x: ArrayView2<'_, f32>, y: ArrayViewMut2<'_, f32>) -> Result<()> {
        rows::fit(&x, &y)?;
        length("ffe output", x.ncols(), y.ncols())?;
        rows::each(x, y, |_, x, y| self.apply(x, y))
    }

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> FloatingFfeState {
        FloatingFfeState(self.sliding.history())
    }

    /// Next block of a stream; lags [`FloatingFfe::apply`] by [`FloatingFfe::precursors`] symbols. Any
    /// split into blocks gives the same outputs.
    pub fn process(&self, state: &mut FloatingFfeState, x: &[f32], y: &mut [f32]) -> Result<()> {
        self.sliding.fits(&state.0, x.len(), y.len())?;
        self.sliding.stream(&mut state.0, x, y);
        Ok(())
    }

    /// [`FloatingFfe::process`] for each lane of `[lane, n]` arrays whose rows are contiguous, one state
    /// per lane.
    pub fn process_lanes(
        &self,
        states: &mut [FloatingFfeState],
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

    /// The last [`FloatingFfe::precursors`] outputs of a stream, zeros following it.
    pub fn flush(&self, state: &mut FloatingFfeState, y: &mut [f32]) -> Result<()> {
        length("ffe flush output", self.config.precursors, y.len())?;
        let zeros = vec![0.0; self.config.precursors];
        self.process(state, &zeros, y)
    }
}
