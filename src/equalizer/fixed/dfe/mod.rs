//! Decision-feedback equalizer on codes.

mod kernel;
#[cfg(test)]
mod tests;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::lanes::by_tiles;
use super::{Overflow, Rounding, code_range, reference};
#[cfg(doc)]
use crate::Error;
use crate::Level;
use crate::equalizer::slicer::rising;
use crate::error::{Result, in_range, length};
use crate::ops::{Cost, Ops};

/// The most taps that a [`FixedDfe`] takes.
const MAX_TAPS: f64 = 16.0;
const MAX_STREAMS: f64 = 1_048_576.0;
/// Samples of a block over which several groups of interleaved streams take turns.
const BLOCK: usize = 16_384;
/// Symbols decided twice for 64 in parallel in a sliding block: `1 + 16/64`.
const OVERLAP: f64 = 1.25;

/// What a [`FixedDfe`] subtracts, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FixedDfeConfig {
    /// Tap codes within `tap_bits` bits, worth `code * 2^-tap_fraction`; `taps[k]` weighs the
    /// decision `k + 1` symbols ago. At most 16; none is a plain slicer.
    pub taps: Vec<i16>,
    /// Bits of a tap, 2..=16.
    pub tap_bits: u32,
    /// Position of the point of a tap, 0..=15.
    pub tap_fraction: u32,
    /// Codes of the symbols 0..=3 in the word of the samples, strictly rising.
    pub levels: [i16; 4],
    /// A sample is at or above a threshold or below it; strictly rising. If `None`: midway between
    /// the levels, halves upwards.
    pub thresholds: Option<[i16; 3]>,
    /// How the products of taps and levels come to the grid of the samples.
    pub rounding: Rounding,
    /// Bits of a sample, 2..=15.
    pub sample_bits: u32,
    /// Bits of the slicer input, 2..=16.
    pub slicer_bits: u32,
    /// What happens when sample less feedback does not fit the slicer input.
    pub slicer_overflow: Overflow,
}

impl Default for FixedDfeConfig {
    /// No taps; 8-bit samples with the levels -84, -28, 28, 84; 8-bit taps of 7 binary places.
    fn default() -> Self {
        Self {
            taps: Vec::new(),
            tap_bits: 8,
            tap_fraction: 7,
            levels: [-84, -28, 28, 84],
            thresholds: None,
            rounding: Rounding::HalfUp,
            sample_bits: 8,
            slicer_bits: 9,
            slicer_overflow: Overflow::Saturate,
        }
    }
}

/// Decides symbols on integers with feedback of past decisions.
///
/// `y[n] = fit(x[n] - sum_k c[k][d[n-1-k]])`, `d[n]` the number of thresholds at or below `y[n]`.
///
/// # Datapath
/// The contributions `c[k][s] = round(taps[k] levels[s] / 2^tap_fraction)` are a table made once;
/// decisions before the start contribute nothing. Their sum and the difference are exact (the plan
/// checks that they fit 16 bits). `fit` brings the difference to `slicer_bits` once, saturated or
/// wrapped. The slicer and the soft output see `y`.
///
/// # Shapes
/// Samples `i16`, symbols `u8` 0..=3 in level order, slicer inputs `i16`. Interleaved
/// `[n, stream]` slices (fastest, best in multiples of 64 streams) or `[lane, n]` views with
/// contiguous rows. All forms continue from the [`FixedDfeState`].
///
/// # Numeric contract
/// Bit-identical to [`reference::dfe`] at every SIMD level, in every form, for any split.
///
/// # Cost
/// Per symbol and tap a table access and an addition; 3 comparisons; see [`FixedDfe::cost`].
///
/// # Errors
/// [`Error::OutOfRange`] for widths, counts, codes beyond their word and feedback that could leave
/// 16 bits, and for samples beyond their word; [`Error::NotIncreasing`] for levels and thresholds; [`Error::Length`] and
/// [`Error::NotContiguous`] for arrays or a state that does not fit. Nothing is touched then.
///
/// # Example
/// ```
/// use pamlink::equalizer::fixed::{FixedDfe, FixedDfeConfig};
///
/// // Symbols 3, 0, 2 through 1 + 0.5 z^-1, levels -84, -28, 28, 84.
/// let dfe = FixedDfe::new(&FixedDfeConfig { taps: vec![64], ..FixedDfeConfig::default() })?;
/// let mut d = [0; 3];
/// dfe.process(&mut dfe.state(1)?, &[84, -84 + 42, 28 - 42], &mut d, None)?;
/// assert_eq!(d, [3, 0, 2]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FixedDfe {
    config: FixedDfeConfig,
    table: Vec<[i16; 4]>,
    slicing: kernel::Slicing,
    level: Level,
}

/// Where the streams of a [`FixedDfe`] stand: contributions of past decisions to samples to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedDfeState {
    streams: usize,
    pending: Vec<i16>,
}

impl FixedDfeState {
    /// Number of streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// Back to the start: no decision made yet.
    pub fn reset(&mut self) {
        self.pending.fill(0);
    }
}

/// Checks that each code fits its word.
pub(super) fn within(name: &str, codes: &[i16], bits: u32) -> Result<()> {
    let (min, max) = code_range(bits);
    for (i, &code) in codes.iter().enumerate() {
        in_range(format!("{name}[{i}]"), code.into(), min as f64, max as f64)?;
    }
    Ok(())
}

/// Checks that every sample fits its word.
pub(super) fn check_samples(level: Level, x: &[i16], bits: u32) -> Result<()> {
    if kernel::any_outside(level, x, 1 << (bits - 1)) {
        within("x", x, bits)?;
    }
    Ok(())
}

impl FixedDfe {
    /// An equalizer at the best SIMD level of this machine.
    pub fn new(config: &FixedDfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// An equalizer at a given SIMD level.
    pub fn with_level(config: &FixedDfeConfig, level: Level) -> Result<Self> {
        in_range("taps (count)", config.taps.len() as f64, 0.0, MAX_TAPS)?;
        in_range("tap_bits", config.tap_bits.into(), 2.0, 16.0)?;
        in_range("tap_fraction", config.tap_fraction.into(), 0.0, 15.0)?;
        in_range("sample_bits", config.sample_bits.into(), 2.0, 15.0)?;
        in_range("slicer_bits", config.slicer_bits.into(), 2.0, 16.0)?;
        within("taps", &config.taps, config.tap_bits)?;
        within("levels", &config.levels, config.sample_bits)?;
        rising("levels", &config.levels)?;
        let l = config.levels.map(i32::from);
        let thresholds = config
            .thresholds
            .unwrap_or_else(|| [0, 1, 2].map(|i| ((l[i] + l[i + 1] + 1) >> 1) as i16));
        rising("thresholds", &thresholds)?;
        let contributions: Vec<[i64; 4]> = reference::contributions(config);
        let feedback: i64 = contributions
            .iter()
            .map(|c| c.iter().map(|c| c.abs()).max().unwrap_or(0))
            .sum();
        let largest = feedback - code_range(config.sample_bits).0;
        in_range(
            "largest sample plus feedback",
            largest as f64,
            0.0,
            32_767.0,
        )?;
        let count = config.taps.len();
        let padded = kernel::INSTANCES
            .into_iter()
            .find(|&k| k >= count)
            .unwrap_or(16);
        let table = (0..padded)
            .map(|k| contributions.get(k).map_or([0; 4], |c| c.map(|c| c as i16)))
            .collect();
        let (min, max) = code_range(config.slicer_bits);
        let saturates = config.slicer_overflow == Overflow::Saturate;
        Ok(Self {
            table,
            slicing: kernel::Slicing {
                thresholds,
                acts: largest > max,
                limits: if saturates {
                    [min as i16, max as i16]
                } else {
                    [i16::MIN, i16::MAX]
                },
                wrap: if saturates {
                    0
                } else {
                    16 - config.slicer_bits
                },
            },
            level,
            config: config.clone(),
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &FixedDfeConfig {
        &self.config
    }

    /// The thresholds in force.
    #[must_use]
    pub fn thresholds(&self) -> [i16; 3] {
        self.slicing.thresholds
    }

    /// A state for `streams` independent streams at their start.
    pub fn state(&self, streams: usize) -> Result<FixedDfeState> {
        in_range("streams", streams as f64, 1.0, MAX_STREAMS)?;
        Ok(FixedDfeState {
            streams,
            pending: vec![0; (self.table.len() + 1) * streams],
        })
    }

    /// Streams interleaved sample by sample: `x[n * streams + s]` is sample `n` of stream `s`. With
    /// a state of one stream this is one stream. `y`, if given, takes the slicer inputs.
    pub fn process(
        &self,
        state: &mut FixedDfeState,
        x: &[i16],
        d: &mut [u8],
        y: Option<&mut [i16]>,
    ) -> Result<()> {
        let streams = state.streams;
        length(
            "state",
            (self.table.len() + 1) * streams,
            state.pending.len(),
        )?;
        length("x", x.len() / streams * streams, x.len())?;
        length("d", x.len(), d.len())?;
        let y = match y {
            Some(y) => {
                length("y", x.len(), y.len())?;
                y
            }
            None => &mut [],
        };
        check_samples(self.level, x, self.config.sample_bits)?;
        let steps = if streams > kernel::GROUP {
            (BLOCK / streams).max(16)
        } else {
            usize::MAX / streams
        };
        let block = steps * streams;
        let mut soft = y.chunks_mut(block);
        for (x, d) in x.chunks(block).zip(d.chunks_mut(block)) {
            kernel::interleaved(
                self.level,
                &self.table,
                &self.slicing,
                x,
                d,
                soft.next().unwrap_or(&mut []),
                &mut state.pending,
                streams,
            );
        }
        Ok(())
    }

    /// Streams as rows: `x` and `d` are `[lane, n]` with contiguous rows, one lane per stream of the
    /// state. Turned through small tiles; [`FixedDfe::process`] is the faster form.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn process_lanes(
        &self,
        state: &mut FixedDfeState,
        x: ArrayView2<'_, i16>,
        mut d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        length("x (lanes)", state.streams, x.nrows())?;
        length(
            "state",
            (self.table.len() + 1) * state.streams,
            state.pending.len(),
        )?;
        crate::rows::same("x", &x, "d", &d)?;
        for row in x.rows() {
            check_samples(
                self.level,
                row.to_slice().unwrap_or(&[]),
                self.config.sample_bits,
            )?;
        }
        by_tiles(&x, &mut d, |woven, symbols| {
            self.process(state, woven, symbols, None)
        })
    }

    /// What the equalizer costs.
    ///
    /// Algorithm, per symbol: one addition of `slicer_bits` per tap and three comparisons of that
    /// width; the products are a table. Hardware: a sliding block, 16 symbols of history for 64 in
    /// parallel (times 1.25): the same, and per tap a selector of four contributions.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let taps = self.config.taps.len() as f64;
        let bits = f64::from(self.config.slicer_bits);
        let loops = Ops {
            add: vec![(bits, taps)],
            cmp: vec![(bits, 3.0)],
            ..Ops::default()
        };
        Cost {
            algorithm: loops.clone(),
            hardware: Ops {
                mux_bits: 3.0 * f64::from(self.config.sample_bits) * taps,
                ..loops
            }
            .times(OVERLAP),
            ..Cost::new(
                format!("DFE {taps} taps"),
                format!("sliding block 16 + 64, contributions by table, {bits}-bit slicer"),
            )
        }
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<FixedDfe>();
};
