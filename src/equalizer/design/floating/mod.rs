//! Floating taps: groups of taps at delays that the design chooses.

mod search;

use super::{Design, MmseConfig};
use crate::error::{Error, Result, in_range};
use crate::signal::Pulse;
use search::Search;

/// Groups of neighbouring taps that may be put anywhere after the fixed ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloatingTaps {
    /// Number of groups, 0..=8; none by default.
    pub groups: usize,
    /// Taps of a group, 1..=32.
    pub taps_per_group: usize,
    /// Largest delay of a tap from the main one, in symbols, up to 512.
    pub furthest: usize,
    /// Most magnitude of a floating tap, relative to the main tap (feed-forward) or to a main cursor
    /// of one (feedback); infinite for none.
    pub limit: f64,
}

impl Default for FloatingTaps {
    fn default() -> Self {
        Self {
            groups: 0,
            taps_per_group: 4,
            furthest: 80,
            limit: 0.05,
        }
    }
}

/// Fixed and floating taps of an equalizer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FloatingConfig {
    /// The fixed taps, their limits, and the variance of the symbols. A single entry of
    /// `ffe_absolute` and `ffe_side_sum` count for the floating taps too.
    pub fixed: MmseConfig,
    /// Feed-forward groups, each beyond the last fixed tap.
    pub ffe: FloatingTaps,
    /// Feedback groups, each beyond the last fixed feedback tap.
    pub dfe: FloatingTaps,
}

/// A group of neighbouring taps.
#[derive(Debug, Clone, PartialEq)]
pub struct TapGroup {
    /// Delay of the first tap from the main one, in symbols.
    pub delay: usize,
    /// The taps: `taps[j]` weighs what lies `delay + j` symbols before the main sample.
    pub taps: Vec<f64>,
}

/// An equalizer with floating taps.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct FloatingDesign {
    /// The fixed taps, and signal-to-noise ratio, interference and noise of the whole.
    pub design: Design,
    /// Taps before the main one, as configured.
    pub precursors: usize,
    /// Feed-forward groups by rising delay: `y[n] += sum_j taps[j] x[n - delay - j]`.
    pub ffe_groups: Vec<TapGroup>,
    /// Feedback groups by rising delay: `y[n] -= sum_j taps[j] a[n - delay - j]`.
    pub dfe_groups: Vec<TapGroup>,
    /// Signal-to-noise ratio of the fixed taps alone, designed for themselves, in dB.
    pub fixed_snr_db: f64,
}

impl FloatingDesign {
    /// All feed-forward taps as one list, zeros in the gaps; `precursors` as before.
    #[must_use]
    pub fn dense_ffe(&self) -> Vec<f64> {
        dense(&self.design.ffe, self.precursors, &self.ffe_groups)
    }

    /// All feedback taps as one list, zeros in the gaps; entry `j` weighs the decision `j + 1`
    /// symbols ago.
    #[must_use]
    pub fn dense_dfe(&self) -> Vec<f64> {
        let groups: Vec<_> = self
            .dfe_groups
            .iter()
            .map(|g| TapGroup {
                delay: g.delay - 1,
                taps: g.taps.clone(),
            })
            .collect();
        dense(&self.design.dfe, 0, &groups)
    }
}

fn dense(fixed: &[f64], main: usize, groups: &[TapGroup]) -> Vec<f64> {
    let mut taps = fixed.to_vec();
    for group in groups {
        let first = main + group.delay;
        taps.resize(taps.len().max(first + group.taps.len()), 0.0);
        taps[first..first + group.taps.len()].copy_from_slice(&group.taps);
    }
    taps
}

impl FloatingTaps {
    /// Checks the groups against the first delay that is free; returns the number of delays.
    fn check(&self, name: &'static str, first: usize) -> Result<usize> {
        in_range(format!("{name} groups"), self.groups as f64, 0.0, 8.0)?;
        if self.groups == 0 {
            return Ok(0);
        }
        let field = |field: &str| format!("{name} {field}");
        let size = self.taps_per_group;
        in_range(field("taps_per_group"), size as f64, 1.0, 32.0)?;
        let least = (first + self.groups * size - 1) as f64;
        in_range(field("furthest"), self.furthest as f64, least, 512.0)?;
        if self.limit.is_nan() || self.limit < 0.0 {
            return Err(Error::OutOfRange {
                name: field("limit").into(),
                value: self.limit,
                min: 0.0,
                max: f64::INFINITY,
            });
        }
        Ok(self.furthest + 1 - first)
    }
}

/// Places groups of floating taps and designs all taps with them, by the error of [`super::mmse`].
///
/// The equalizer is
/// `y[n] = sum_k w[k] x[n+p-k] + sum_g sum_j f_g[j] x[n - delay_g - j] - (feedback)`, the groups
/// anywhere between the last fixed tap and `furthest`, without overlap. For given places the taps are
/// those of least mean square error within all limits, solved anew with all taps together.
///
/// # Search
/// Greedy: one group after the other goes where the error falls most, feed-forward and feedback
/// groups competing. Then exchange: each group, and each pair of groups, is taken out and put back at
/// every place, until nothing lowers the error. With one or two groups of taps the pairs are all
/// there is, so the result is the global optimum; with more it is optimal against every change of two
/// groups. Places are tried in the order of their error without limits, a lower bound of that with
/// limits, and left as soon as the bound is above the best so far.
///
/// # Inputs
/// As [`super::mmse`], with noise autocorrelation at lags from 0 to `precursors` + `furthest` of the
/// feed-forward groups.
///
/// # Cost
/// About `P^2 / 2` solves of `N` taps for two groups with `P` places each: some tens of
/// milliseconds for two groups of 4 within 80 symbols.
///
/// # Errors
/// Those of [`super::mmse`]; [`Error::OutOfRange`] for groups that do not fit before `furthest`.
///
/// # Source
/// Floating taps of IEEE 802.3ck (feedback, 3 groups of 3 to 40 UI) and of the 802.3dj COM workbook
/// (feed-forward, 2 groups of 4 to 80 UI, ±0.05). The search is this library's.
///
/// # Example
/// ```
/// use pamlink::equalizer::design::{FloatingConfig, FloatingTaps, MmseConfig, floating};
/// use pamlink::signal::Pulse;
///
/// // A reflection 31 symbols after the main cursor.
/// let mut samples = vec![0.0; 40];
/// (samples[2], samples[3], samples[33]) = (1.0, 0.3, 0.05);
/// let pulse = Pulse::new(samples, 1, 2)?;
/// let config = FloatingConfig {
///     fixed: MmseConfig { ffe_taps: 6, precursors: 1, ..MmseConfig::default() },
///     ffe: FloatingTaps { groups: 1, furthest: 60, limit: 0.1, ..FloatingTaps::default() },
///     ..FloatingConfig::default()
/// };
/// let mut noise = vec![0.0; 62];
/// noise[0] = 1e-4;
/// let result = floating(&pulse, &noise, &config)?;
/// let group = &result.ffe_groups[0];
/// assert!((group.delay..group.delay + 4).contains(&31));
/// assert!(result.design.snr_db > result.fixed_snr_db + 3.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn floating(
    pulse: &Pulse,
    noise_autocorrelation: &[f64],
    config: &FloatingConfig,
) -> Result<FloatingDesign> {
    let search = Search::new(pulse, noise_autocorrelation, config)?;
    let fixed = search.fixed()?;
    let placement = search.place()?;
    search.finish(&placement, fixed.snr_db)
}

/// Every placement of the groups, for small problems: the least error.
#[cfg(test)]
pub(super) fn exhaustive(
    pulse: &Pulse,
    noise: &[f64],
    config: &FloatingConfig,
) -> Result<FloatingDesign> {
    let search = Search::new(pulse, noise, config)?;
    let placement = search.exhaustive()?;
    search.finish(&placement, f64::NAN)
}
