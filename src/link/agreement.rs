//! The time domain beside the statistics: simulated error ratios, their intervals, and whether the
//! prediction lies inside.

use crate::error::{Error, Result};
use crate::metrics::Interval;
use crate::simd::Level;

use super::cell::CellResult;
use super::config::LinkConfig;
use super::simulate::{CodedCount, Simulation, WordModels, simulate};

/// A simulated segment beside its prediction.
#[derive(Debug, Clone)]
pub struct SegmentAgreement {
    /// What was counted.
    pub simulation: Simulation,
    /// Bit error ratio with its 99 % interval over error events; without errors zero and an upper
    /// bound.
    pub ber: Interval,
    /// Bit error ratio that the statistical engine gives.
    pub predicted_ber: f64,
    /// Natural logarithm of simulated over predicted; `None` without errors.
    pub ln_ratio: Option<f64>,
    /// Whether the prediction lies in the interval.
    pub inside: bool,
}

/// A simulated cell: its segments together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Bit error ratio of all segments with a 99 % interval; without errors zero and an upper bound.
    pub ber: Interval,
    /// What the statistical engine gives, [`CellResult::pre_fec_ber`].
    pub predicted_ber: f64,
    /// Natural logarithm of simulated over predicted; `None` without errors.
    pub ln_ratio: Option<f64>,
    /// Whether the prediction lies in the interval.
    pub inside: bool,
}

impl SegmentAgreement {
    /// Confidence of all intervals.
    pub const CONFIDENCE: f64 = 0.99;

    /// Whether simulation and prediction agree, by the rule of [`Agreement::agrees`].
    #[must_use]
    pub fn agrees(&self) -> bool {
        agrees(self.ln_ratio, self.inside)
    }
}

fn agrees(ln_ratio: Option<f64>, inside: bool) -> bool {
    inside || ln_ratio.is_some_and(|ln| ln.abs() < Agreement::LN_RATIO)
}

fn ln_ratio(simulated: f64, predicted: f64) -> Option<f64> {
    (simulated > 0.0 && predicted > 0.0).then(|| (simulated / predicted).ln())
}

/// Simulates segment `index` of a computed cell, with random numbers of its own (seed plus index).
///
/// `progress` is called with the number of symbols after each run; see [`simulate`].
///
/// # Errors
/// An index without a segment; those of [`simulate`].
pub fn simulate_segment(
    cell: &CellResult,
    index: usize,
    config: &LinkConfig,
    symbols: u64,
    seed: u64,
    level: Level,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<SegmentAgreement> {
    let report = cell.segments.get(index).ok_or(Error::OutOfRange {
        name: "segment".into(),
        value: index as f64,
        min: 0.0,
        max: cell.segments.len().saturating_sub(1) as f64,
    })?;
    let seed = seed.wrapping_add(index as u64);
    let simulation = simulate(&report.segment, config, symbols, seed, level, progress)?;
    let ber = simulation.ber(SegmentAgreement::CONFIDENCE)?;
    let predicted_ber = report.analysis.ber;
    Ok(SegmentAgreement {
        ln_ratio: ln_ratio(ber.value, predicted_ber),
        inside: ber.contains(predicted_ber),
        simulation,
        ber,
        predicted_ber,
    })
}

impl Agreement {
    /// Magnitude of `ln(simulated / predicted)` below which the two agree whatever the interval: with
    /// enough errors any interval is narrower than what separates two models.
    pub const LN_RATIO: f64 = 0.05;

    /// Whether simulation and prediction agree: [`Self::ln_ratio`] within [`Self::LN_RATIO`], or the
    /// prediction in the interval.
    #[must_use]
    pub fn agrees(&self) -> bool {
        agrees(self.ln_ratio, self.inside)
    }

    /// Puts the simulated segments of a cell together.
    ///
    /// A bit is wrong at the end if an odd number of segments flips it,
    /// `(1 - prod(1 - 2 b_i)) / 2`. The interval takes each segment's at 1 - 0.01/n, so that all hold
    /// together with at least 99 %.
    ///
    /// # Errors
    /// No segment, or one in which nothing was compared.
    pub fn new(cell: &CellResult, segments: &[SegmentAgreement]) -> Result<Self> {
        if segments.is_empty() {
            return Err(Error::Empty {
                name: "segments".into(),
            });
        }
        let confidence = 1.0 - (1.0 - SegmentAgreement::CONFIDENCE) / segments.len() as f64;
        let each = segments
            .iter()
            .map(|s| s.simulation.ber(confidence))
            .collect::<Result<Vec<_>>>()?;
        let together = |pick: fn(&Interval) -> f64| {
            let sum: f64 = each.iter().map(|i| (-2.0 * pick(i).min(0.5)).ln_1p()).sum();
            -0.5 * sum.exp_m1()
        };
        let ber = Interval {
            value: together(|i| i.value),
            low: together(|i| i.low),
            high: together(|i| i.high),
        };
        let predicted_ber = cell.pre_fec_ber.value;
        Ok(Self {
            ber,
            predicted_ber,
            ln_ratio: ln_ratio(ber.value, predicted_ber),
            inside: ber.contains(predicted_ber),
        })
    }
}

/// Symbol errors of codewords behind all simulated segments, each segment's own distribution convolved (802.3dj
/// annex 174A); `None` where no codewords were sent.
///
/// # Errors
/// Those of [`CodedCount::models`].
pub fn coded_end_to_end(segments: &[SegmentAgreement]) -> Result<Option<WordModels>> {
    let mut all: Option<WordModels> = None;
    for coded in segments.iter().filter_map(|s| s.simulation.coded.as_ref()) {
        let models = CodedCount::models(coded)?;
        all = Some(match all {
            Some(before) => before.convolve(&models)?,
            None => models,
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::super::architecture::{Architecture, HostChannels};
    use super::super::cell::cell;
    use super::*;
    use crate::rate::LaneRate;

    #[test]
    fn agreement_is_a_small_ratio_or_the_interval() {
        assert!(agrees(Some(0.049), false) && agrees(Some(-0.049), false));
        assert!(!agrees(Some(0.05), false) && !agrees(None, false));
        assert!(agrees(Some(-0.3), true) && agrees(None, true));
    }

    #[test]
    fn three_short_runs_without_errors_bound_the_sum() {
        let mut config = LinkConfig::for_rate(LaneRate::G100);
        config.analysis.bursts = 200;
        let channels = HostChannels::built_in(&config).unwrap();
        let cell = cell(Architecture::Retimed, LaneRate::G100, &config, &channels, 1).unwrap();
        let result = cell.result.unwrap();
        let level = Level::best();
        let segments: Vec<_> = (0..result.segments.len())
            .map(|i| simulate_segment(&result, i, &config, 1 << 14, 1, level, &|_| {}).unwrap())
            .collect();
        let all = Agreement::new(&result, &segments).unwrap();
        // BER around 1e-8 on 3 x 2^14 symbols: no error is expected (1e-3), and the bound is that of
        // 2^15 bits at 1 - 0.01/6 each: ln(600) / 2^15, three times.
        assert_eq!((all.ber.value, all.ber.low, all.ln_ratio), (0.0, 0.0, None));
        let bound = 3.0 * 600f64.ln() / f64::from(1 << 15);
        assert!(
            (all.ber.high / bound - 1.0).abs() < 1e-3,
            "{:?} {bound}",
            all.ber
        );
        assert!(all.inside && segments.iter().all(|s| s.inside));
        assert!(Agreement::new(&result, &[]).is_err());
        assert!(simulate_segment(&result, 3, &config, 1024, 1, level, &|_| {}).is_err());
    }
}
