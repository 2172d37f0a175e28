//! Decision-feedback equalizer: past decisions, weighted, are taken off the sample before the next
//! decision.

mod burst;
pub mod cost;
mod kernel;
mod lanes;
pub mod reference;
mod rows;
mod single;
mod stream;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;

use super::slicer::SlicerConfig;
#[cfg(doc)]
use crate::Error;
use crate::error::{Result, finite, in_range, length};
use crate::{Level, pam4};

pub use burst::{ErrorBursts, MAX_BURST_TAPS, error_bursts};
pub use stream::SeamReport;

/// The most taps that a [`Dfe`] takes.
pub const MAX_TAPS: usize = 16;

/// The most streams that one state serves.
const MAX_STREAMS: f64 = 1_048_576.0;

/// What a [`Dfe`] subtracts and which levels it tells apart.
#[derive(Debug, Clone, PartialEq)]
pub struct DfeConfig {
    /// Feedback taps: `taps[k]` weighs the decision `k + 1` symbols ago. At most [`MAX_TAPS`]; none
    /// is a plain slicer. Relative to the levels, hence without unit.
    pub taps: Vec<f32>,
    /// Values of the symbols 0..=3 in the unit of the samples, strictly rising.
    pub levels: [f32; 4],
    /// Decision thresholds, strictly rising; midway between the levels if `None`.
    pub thresholds: Option<[f32; 3]>,
}

impl Default for DfeConfig {
    fn default() -> Self {
        Self {
            taps: Vec::new(),
            levels: pam4::LEVELS,
            thresholds: None,
        }
    }
}

/// Decides symbols with feedback of past decisions.
///
/// `d[n] = slice(y[n])`, `y[n] = x[n] - sum_k taps[k] * level(d[n-1-k])`, where decisions before
/// the start contribute nothing. `y`, the slicer input, is available as the soft output.
///
/// # Shapes and units
/// Samples and levels share one unit. Symbols are `u8` 0..=3 in level order. Many independent
/// streams run side by side: interleaved `[n, stream]` slices or `[lane, n]` views with contiguous
/// rows; any number of streams, best in multiples of 16 and at least 32. All forms continue from
/// the [`DfeState`], so a cut into blocks changes nothing.
///
/// # Numeric contract
/// With `c_k = taps[k] * level(d[n-1-k])` rounded once,
/// `y = (x - (((c_last + …) + c_2) + c_1)) - c_0`: the older contributions are summed from the
/// oldest on, the newest is subtracted last. No operation is fused. Decisions and soft output
/// are bit-identical at every SIMD level, in every form, and to [`reference::decide_stream`]. NaN
/// samples are decided as symbol 0 and touch no other stream.
///
/// # Cost
/// Per symbol and tap one table access and one addition; 3 comparisons for the decision.
///
/// # Errors
/// [`Error::OutOfRange`] for more than [`MAX_TAPS`] taps, [`Error::NotFinite`] for taps, levels and
/// sums of contributions, [`Error::NotIncreasing`] for levels and thresholds, [`Error::Length`] and
/// [`Error::NotContiguous`] for arrays or a state that does not fit. A call that returns an error
/// has touched neither output nor state.
///
/// # Source
/// M. Austin, "Decision-feedback equalization for digital communication over dispersive channels",
/// MIT Lincoln Laboratory Technical Report 437, 1967.
///
/// # Example
/// ```
/// use pamlink::equalizer::dfe::{Dfe, DfeConfig};
///
/// // Symbols 3, 0, 2 through the channel 1 + 0.5 z^-1.
/// let x = [3.0, -3.0 + 0.5 * 3.0, 1.0 + 0.5 * -3.0];
/// let dfe = Dfe::new(&DfeConfig { taps: vec![0.5], ..DfeConfig::default() })?;
/// let mut d = [0; 3];
/// dfe.process(&mut dfe.state(1)?, &x, &mut d)?;
/// assert_eq!(d, [3, 0, 2]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dfe {
    config: DfeConfig,
    thresholds: [f32; 3],
    /// Contributions by tap and symbol, zero taps added up to a length of [`kernel::INSTANCES`]
    /// (exact: the sum starts at zero).
    table: Vec<[f32; 4]>,
    level: Level,
}

/// Where the streams of a [`Dfe`] stand: for each stream the contributions of past decisions to
/// the samples to come. Belongs to the plan that made it and to plans with the same taps.
#[derive(Debug, Clone, PartialEq)]
pub struct DfeState {
    streams: usize,
    /// `[number, stream]`, as [`kernel`] defines it.
    pending: Vec<f32>,
}

impl DfeState {
    /// Number of streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// Back to the start: no decision made yet.
    pub fn reset(&mut self) {
        self.pending.fill(0.0);
    }
}

impl Dfe {
    /// An equalizer at the best SIMD level of this machine.
    pub fn new(config: &DfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// An equalizer at a given SIMD level.
    pub fn with_level(config: &DfeConfig, level: Level) -> Result<Self> {
        let count = config.taps.len();
        in_range("taps (count)", count as f64, 0.0, MAX_TAPS as f64)?;
        for (k, &tap) in config.taps.iter().enumerate() {
            finite(format!("taps[{k}]"), f64::from(tap))?;
        }
        let thresholds = SlicerConfig {
            levels: config.levels,
            thresholds: config.thresholds,
        }
        .checked_thresholds()?;
        let padded = kernel::INSTANCES
            .into_iter()
            .find(|&k| k >= count)
            .unwrap_or(MAX_TAPS);
        let table: Vec<[f32; 4]> = (0..padded)
            .map(|k| {
                let tap = config.taps.get(k).copied().unwrap_or(0.0);
                // Adding zero turns -0.0 into 0.0, so that padding cannot show in a sign of zero.
                config.levels.map(|l| tap * l + 0.0)
            })
            .collect();
        let largest: f32 = table
            .iter()
            .map(|c| c.iter().fold(0.0f32, |m, c| m.max(c.abs())))
            .sum();
        finite("sum of taps times the largest level", f64::from(largest))?;
        Ok(Self {
            config: config.clone(),
            thresholds,
            table,
            level,
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &DfeConfig {
        &self.config
    }

    /// The thresholds in force.
    #[must_use]
    pub fn thresholds(&self) -> [f32; 3] {
        self.thresholds
    }

    /// A state for `streams` independent streams at their start.
    pub fn state(&self, streams: usize) -> Result<DfeState> {
        in_range("streams", streams as f64, 1.0, MAX_STREAMS)?;
        Ok(DfeState {
            streams,
            pending: vec![0.0; kernel::pending_len(self.table.len()) * streams],
        })
    }

    fn check_state(&self, state: &DfeState, streams: usize) -> Result<()> {
        length("streams of the state", streams, state.streams)?;
        let numbers = kernel::pending_len(self.table.len()) * streams;
        length("state", numbers, state.pending.len())
    }

    /// One stream, with a state of one stream. Long calls (from some thousand symbols) run as
    /// segments side by side, see [`Dfe::process_counted`]; short ones go symbol by symbol.
    pub fn process(&self, state: &mut DfeState, x: &[f32], d: &mut [u8]) -> Result<()> {
        self.process_counted(state, x, d, None).map(drop)
    }

    /// [`Dfe::process`] that also writes the slicer inputs `y`.
    pub fn process_soft(
        &self,
        state: &mut DfeState,
        x: &[f32],
        d: &mut [u8],
        y: &mut [f32],
    ) -> Result<()> {
        self.process_counted(state, x, d, Some(y)).map(drop)
    }

    /// [`Dfe::process`], with the slicer inputs if `y` is there, that also tells how the stream was
    /// cut and what was decided twice.
    ///
    /// The stream is cut into segments that run side by side, each from some symbols early on. At
    /// every seam all pending sums of the segment are compared, bit for bit, with those at the end
    /// of the segment before; where they differ the segment is decided again from the true state,
    /// symbol by symbol, until as many decisions in a row as there are taps repeat: from there on
    /// both runs hold the same bits. So the answer is that of the sequential loop, whatever
    /// the cut, the taps and the eye. Each symbol is decided at most twice; the worst case
    /// (taps beyond the main cursor, whose errors may never die) costs the sequential loop
    /// and a tenth. Allocates nothing.
    ///
    /// # Example
    /// ```
    /// use pamlink::equalizer::dfe::{Dfe, DfeConfig};
    ///
    /// let dfe = Dfe::new(&DfeConfig { taps: vec![0.5], ..DfeConfig::default() })?;
    /// let x: Vec<f32> = (0..100_000u32).map(|n| (n % 4001 * 7919 % 89) as f32 / 10.0 - 4.4).collect();
    /// let mut d = vec![0; x.len()];
    /// let report = dfe.process_counted(&mut dfe.state(1)?, &x, &mut d, None)?;
    /// assert_eq!(report.symbols, 100_000);
    /// assert!(report.seams > 0 && report.rerun_symbols < 1000);
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    pub fn process_counted(
        &self,
        state: &mut DfeState,
        x: &[f32],
        d: &mut [u8],
        y: Option<&mut [f32]>,
    ) -> Result<SeamReport> {
        self.check_state(state, 1)?;
        length("d", x.len(), d.len())?;
        if let Some(y) = &y {
            length("y", x.len(), y.len())?;
        }
        Ok(self.one(state, x, d, y.unwrap_or_default()))
    }

    /// The one stream of a state; `y` is empty or as long as `x`.
    fn one(&self, state: &mut DfeState, x: &[f32], d: &mut [u8], y: &mut [f32]) -> SeamReport {
        stream::stream(
            self.level,
            stream::Cut::of(self.table.len()),
            &self.table,
            &self.thresholds,
            x,
            d,
            y,
            &mut state.pending,
        )
    }

    /// Streams interleaved sample by sample: `x[n * streams + s]` is sample `n` of stream `s`. The
    /// fastest form for many streams. The length must be a multiple of the streams of the state.
    pub fn process_interleaved(&self, state: &mut DfeState, x: &[f32], d: &mut [u8]) -> Result<()> {
        self.interleaved(state, x, d, &mut [])
    }

    /// [`Dfe::process_interleaved`] that also writes the slicer inputs `y`.
    pub fn process_interleaved_soft(
        &self,
        state: &mut DfeState,
        x: &[f32],
        d: &mut [u8],
        y: &mut [f32],
    ) -> Result<()> {
        length("y", x.len(), y.len())?;
        self.interleaved(state, x, d, y)
    }

    fn interleaved(
        &self,
        state: &mut DfeState,
        x: &[f32],
        d: &mut [u8],
        y: &mut [f32],
    ) -> Result<()> {
        let streams = state.streams;
        self.check_state(state, streams)?;
        length("x", x.len() / streams * streams, x.len())?;
        length("d", x.len(), d.len())?;
        if streams == 1 {
            self.one(state, x, d, y);
            return Ok(());
        }
        // Several groups pass over the same cache lines: they do so while the lines are near.
        let steps = if streams > kernel::GROUP {
            (BLOCK / streams).max(16)
        } else {
            usize::MAX / streams
        };
        let block = steps * streams;
        let mut soft = y.chunks_mut(block);
        for (x, d) in x.chunks(block).zip(d.chunks_mut(block)) {
            let y = soft.next().unwrap_or(&mut []);
            let pending = &mut state.pending;
            kernel::interleaved(
                self.level,
                &self.table,
                &self.thresholds,
                x,
                d,
                y,
                pending,
                streams,
            );
        }
        Ok(())
    }
}

/// Samples of a block over which several groups of interleaved streams take turns.
const BLOCK: usize = 8192;

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Dfe>();
};
