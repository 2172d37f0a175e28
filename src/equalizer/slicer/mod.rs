//! From samples to symbols and back: the three-threshold slicer and the level look-up.

mod kernel;
pub mod reference;
#[cfg(test)]
mod tests;

use ndarray::{ArrayView2, ArrayViewMut2};

pub(super) use kernel::Decider;

use crate::error::{Error, Result, finite, length};
use crate::{Level, pam4, rows};

/// Which levels a slicer tells apart.
#[derive(Debug, Clone, PartialEq)]
pub struct SlicerConfig {
    /// Values of the symbols 0..=3 in the unit of the samples, strictly rising. Default
    /// [`pam4::LEVELS`].
    pub levels: [f32; 4],
    /// Decision thresholds, strictly rising; midway between the levels if `None`.
    pub thresholds: Option<[f32; 3]>,
}

impl Default for SlicerConfig {
    fn default() -> Self {
        Self {
            levels: pam4::LEVELS,
            thresholds: None,
        }
    }
}

impl SlicerConfig {
    /// The thresholds in force: the given ones or those midway between the levels, all checked.
    pub(super) fn checked_thresholds(&self) -> Result<[f32; 3]> {
        rising("levels", &self.levels)?;
        let thresholds = self
            .thresholds
            .unwrap_or_else(|| pam4::midway(self.levels.map(f64::from)).map(|t| t as f32));
        rising("thresholds", &thresholds)?;
        Ok(thresholds)
    }
}

/// Checks that numbers are finite and rise strictly.
pub(super) fn rising<T>(name: &'static str, list: &[T]) -> Result<()>
where
    T: Copy + PartialOrd + Into<f64>,
{
    for (i, &value) in list.iter().enumerate() {
        finite(format!("{name}[{i}]"), value.into())?;
    }
    match (1..list.len()).find(|&i| list[i] <= list[i - 1]) {
        Some(index) => Err(Error::NotIncreasing {
            name: name.into(),
            index,
            previous: list[index - 1].into(),
            value: list[index].into(),
        }),
        None => Ok(()),
    }
}

/// Decides symbols: `s = (x >= t0) + (x >= t1) + (x >= t2)`, and looks up the level of a symbol.
///
/// # Shapes and units
/// Samples, levels and thresholds share one unit (volts, or half spacings with the default levels
/// -3, -1, 1, 3). Symbols are `u8` 0..=3 in level order. Streams are slices of equal length, lanes
/// are `[lane, n]` views with contiguous rows.
///
/// # Numeric contract
/// A sample on a threshold belongs to the upper symbol, NaN is symbol 0. Bit-exact at every SIMD
/// level, and equal to [`mod@reference`].
///
/// # Cost
/// 3 comparisons per symbol for a decision, one table access for a level.
///
/// # Errors
/// [`Error::NotFinite`] and [`Error::NotIncreasing`] for levels and thresholds, [`Error::Length`]
/// and [`Error::NotContiguous`] for arrays, [`Error::OutOfRange`] for symbols above 3. A call that
/// returns an error has not touched its output.
///
/// # Example
/// ```
/// use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
///
/// let slicer = Slicer::new(&SlicerConfig::default())?;
/// let mut symbols = [0; 4];
/// slicer.slice(&[-2.7, -2.0, 0.3, 9.0], &mut symbols)?;
/// assert_eq!(symbols, [0, 1, 2, 3]);
/// let mut values = [0.0; 4];
/// slicer.values(&symbols, &mut values)?;
/// assert_eq!(values, [-3.0, -1.0, 1.0, 3.0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Slicer {
    levels: [f32; 4],
    thresholds: [f32; 3],
    level: Level,
}

impl Slicer {
    /// A slicer at the best SIMD level of this machine.
    pub fn new(config: &SlicerConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A slicer at a given SIMD level.
    pub fn with_level(config: &SlicerConfig, level: Level) -> Result<Self> {
        Ok(Self {
            levels: config.levels,
            thresholds: config.checked_thresholds()?,
            level,
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Values of the symbols 0..=3.
    #[must_use]
    pub fn levels(&self) -> [f32; 4] {
        self.levels
    }

    /// The thresholds in force.
    #[must_use]
    pub fn thresholds(&self) -> [f32; 3] {
        self.thresholds
    }

    /// Decides each sample of a stream.
    pub fn slice(&self, x: &[f32], d: &mut [u8]) -> Result<()> {
        length("d", x.len(), d.len())?;
        kernel::slice(self.level, x, &self.thresholds, d);
        Ok(())
    }

    /// Decides each sample of several lanes, `[lane, n]`.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn slice_lanes(&self, x: ArrayView2<'_, f32>, mut d: ArrayViewMut2<'_, u8>) -> Result<()> {
        rows::same("x", &x, "d", &d)?;
        for (x, mut d) in x.rows().into_iter().zip(d.rows_mut()) {
            if let (Some(x), Some(d)) = (x.as_slice(), d.as_slice_mut()) {
                kernel::slice(self.level, x, &self.thresholds, d);
            }
        }
        Ok(())
    }

    /// Looks up the level of each symbol of a stream: `y[n] = levels[symbols[n]]`.
    pub fn values(&self, symbols: &[u8], y: &mut [f32]) -> Result<()> {
        length("y", symbols.len(), y.len())?;
        check_symbols(symbols)?;
        kernel::values(self.level, symbols, &self.levels, y);
        Ok(())
    }

    /// Looks up the level of each symbol of several lanes, `[lane, n]`.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn values_lanes(
        &self,
        symbols: ArrayView2<'_, u8>,
        mut y: ArrayViewMut2<'_, f32>,
    ) -> Result<()> {
        rows::same("symbols", &symbols, "y", &y)?;
        for row in symbols.rows() {
            row.as_slice().map_or(Ok(()), check_symbols)?;
        }
        for (s, mut y) in symbols.rows().into_iter().zip(y.rows_mut()) {
            if let (Some(s), Some(y)) = (s.as_slice(), y.as_slice_mut()) {
                kernel::values(self.level, s, &self.levels, y);
            }
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
        name: format!("symbols[{index}]").into(),
        value: symbols[index].into(),
        min: 0.0,
        max: 3.0,
    })
}
