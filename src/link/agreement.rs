//! The time domain beside the statistics: simulated error ratios, their intervals, and whether the
//! prediction lies inside.

mod rule;

use crate::error::{Error, Result};
use crate::metrics::Interval;
use crate::metrics::snr::snr_db_from_ber;
use crate::optics::modulator::LevelPowers;
use crate::simd::Level;

use super::analyze::{SegmentAnalysis, analyze};
use super::cell::CellResult;
use super::config::LinkConfig;
use super::segment::Segment;
use super::simulate::{CodedCount, Simulation, Watch, WordModels, simulate, simulate_watched};

pub use rule::Rule;

/// Magnitude of `ln(simulated / predicted)` below which two error ratios are taken as the same.
const LN_RATIO: f64 = 0.05;

/// By how many dB the SNR of a simulation lies below its prediction, with the interval of the count: the
/// difference of the SNRs at which PAM4 in Gaussian noise has the one and the other error ratio. Positive where
/// the simulation is worse. `None` where an error ratio has no SNR (none predicted, a half); without
/// errors `value` and `low` are minus infinity.
fn gap_db(simulated: &Interval, predicted: f64) -> Option<Interval> {
    let predicted = snr_db_from_ber(predicted).ok()?;
    let gap = |ber: f64| {
        if ber <= 0.0 {
            return Some(f64::NEG_INFINITY);
        }
        Some(predicted - snr_db_from_ber(ber).ok()?)
    };
    Some(Interval {
        value: gap(simulated.value)?,
        low: gap(simulated.low)?,
        high: gap(simulated.high)?,
    })
}

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
    /// By how many dB the simulation's SNR lies below the prediction's, with the interval of the count: the
    /// difference of the SNRs at which PAM4 in Gaussian noise has the one and the other error ratio; positive where
    /// the simulation is worse. Without errors `value` and `low` are minus infinity; `None` where nothing is
    /// predicted.
    pub gap_db: Option<Interval>,
    /// Ratio of level mismatch at the slicer by the statistical engine.
    pub r_lm: f64,
    /// The same of the levels that the waveform engine measured.
    pub simulated_r_lm: Option<f64>,
    /// By what they are held to agree.
    pub rule: Rule,
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
    /// As [`SegmentAgreement::gap_db`].
    pub gap_db: Option<Interval>,
    /// The loosest rule of the segments.
    pub rule: Rule,
}

impl SegmentAgreement {
    /// Confidence of all intervals.
    pub const CONFIDENCE: f64 = 0.99;

    /// Whether simulation and prediction agree by [`Self::rule`]. Where it has a limit in dB, the interval of the gap
    /// must reach into it.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.rule.agrees(self.ln_ratio, self.inside, self.gap_db)
    }
}

/// Bit error ratio behind segments in a row: an odd number of them flips a bit.
fn combined(ber: impl Iterator<Item = f64>) -> f64 {
    let sum: f64 = ber.map(|b| (-2.0 * b.min(0.5)).ln_1p()).sum();
    -0.5 * sum.exp_m1()
}

fn ln_ratio(simulated: f64, predicted: f64) -> Option<f64> {
    (simulated > 0.0 && predicted > 0.0).then(|| (simulated / predicted).ln())
}

/// Simulates segment `index` of a computed cell, with random numbers of its own (seed plus index).
///
/// `progress` is called with the number of symbols after each run; see [`super::simulate`].
///
/// # Errors
/// An index without a segment; those of [`super::simulate`].
pub fn simulate_segment(
    cell: &CellResult,
    index: usize,
    config: &LinkConfig,
    symbols: u64,
    seed: u64,
    level: Level,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<SegmentAgreement> {
    let watch = Watch {
        progress,
        stop: None,
    };
    simulate_segment_watched(cell, index, config, symbols, seed, level, &watch)
}

/// [`simulate_segment`], with a way to stop it.
///
/// Where nothing was counted (stopped at once, or the clock recovery never locked) the interval of the bit error
/// ratio is all of 0 to 1.
///
/// # Errors
/// As of [`simulate_segment`].
pub fn simulate_segment_watched(
    cell: &CellResult,
    index: usize,
    config: &LinkConfig,
    symbols: u64,
    seed: u64,
    level: Level,
    watch: &Watch<'_>,
) -> Result<SegmentAgreement> {
    let report = cell.segments.get(index).ok_or(Error::OutOfRange {
        name: "segment".into(),
        value: index as f64,
        min: 0.0,
        max: cell.segments.len().saturating_sub(1) as f64,
    })?;
    let seed = seed.wrapping_add(index as u64);
    let simulation = simulate_watched(&report.segment, config, symbols, seed, level, watch)?;
    SegmentAgreement::beside(&report.segment, &report.analysis, config, seed, simulation)
}

impl SegmentAgreement {
    /// Simulates a segment beside its prediction, see [`simulate`].
    ///
    /// The prediction is that of what was simulated: behind the waveform engine at the taps and the phase that it
    /// found at its start, behind the baud-rate engine, which is linear, that of the linear view; where that is the
    /// segment as designed, `analysis` itself.
    ///
    /// # Errors
    /// Those of [`simulate`].
    pub fn of(
        segment: &Segment,
        analysis: &SegmentAnalysis,
        config: &LinkConfig,
        symbols: u64,
        seed: u64,
        level: Level,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self> {
        let simulation = simulate(segment, config, symbols, seed, level, progress)?;
        Self::beside(segment, analysis, config, seed, simulation)
    }

    /// Puts a simulation beside the prediction of what was simulated.
    fn beside(
        segment: &Segment,
        analysis: &SegmentAnalysis,
        config: &LinkConfig,
        seed: u64,
        simulation: Simulation,
    ) -> Result<Self> {
        let simulated = match &simulation.waveform {
            Some(found) => Segment {
                equalizer: found.equalizer.clone(),
                ..segment.clone()
            },
            None if segment.is_nonlinear() => segment.linear_view(),
            None => return Self::new(segment, analysis, simulation),
        };
        let analysis = analyze(&simulated, &config.analysis, seed)?;
        Self::new(&simulated, &analysis, simulation)
    }

    /// Puts a simulation beside a prediction, both of the same segment; where nothing was compared, the interval is
    /// everything.
    ///
    /// # Errors
    /// Counts that are no ratio.
    pub fn new(
        segment: &Segment,
        analysis: &SegmentAnalysis,
        simulation: Simulation,
    ) -> Result<Self> {
        let ber = interval(&simulation, Self::CONFIDENCE)?;
        let (predicted_ber, r_lm) = (analysis.ber, analysis.r_lm);
        Ok(Self {
            ln_ratio: ln_ratio(ber.value, predicted_ber),
            inside: ber.contains(predicted_ber),
            gap_db: gap_db(&ber, predicted_ber),
            r_lm,
            simulated_r_lm: (simulation.waveform.as_ref()).map(|w| LevelPowers(w.levels).r_lm()),
            rule: Rule::of(segment, r_lm),
            simulation,
            ber,
            predicted_ber,
        })
    }
}

/// The interval of a bit error ratio; without a count, everything.
fn interval(simulation: &Simulation, confidence: f64) -> Result<Interval> {
    if simulation.errors.symbols == 0 {
        return Ok(Interval {
            value: 0.0,
            low: 0.0,
            high: 1.0,
        });
    }
    simulation.ber(confidence)
}

impl Agreement {
    /// Magnitude of `ln(simulated / predicted)` below which the two agree whatever the interval: with
    /// enough errors any interval is narrower than what separates two models.
    pub const LN_RATIO: f64 = LN_RATIO;

    /// Whether simulation and prediction agree: [`Self::ln_ratio`] within [`Self::LN_RATIO`], the
    /// prediction in the interval, or the gap within the limit of [`Self::rule`].
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.rule.agrees(self.ln_ratio, self.inside, self.gap_db)
    }

    /// Puts the simulated segments of a cell together.
    ///
    /// A bit is wrong at the end if an odd number of segments flips it,
    /// `(1 - prod(1 - 2 b_i)) / 2`. The interval takes each segment's at 1 - 0.01/n, so that all hold
    /// together with at least 99 %.
    ///
    /// # Errors
    /// No segment.
    pub fn new(cell: &CellResult, segments: &[SegmentAgreement]) -> Result<Self> {
        if segments.is_empty() {
            return Err(Error::Empty {
                name: "segments".into(),
            });
        }
        let confidence = 1.0 - (1.0 - SegmentAgreement::CONFIDENCE) / segments.len() as f64;
        let each = segments
            .iter()
            .map(|s| interval(&s.simulation, confidence))
            .collect::<Result<Vec<_>>>()?;
        let together = |pick: fn(&Interval) -> f64| combined(each.iter().map(pick));
        let ber = Interval {
            value: together(|i| i.value),
            low: together(|i| i.low),
            high: together(|i| i.high),
        };
        // What was simulated is not always the cell as designed.
        let predicted_ber = if segments.iter().any(|s| s.simulated_r_lm.is_some()) {
            combined(segments.iter().map(|s| s.predicted_ber))
        } else {
            cell.pre_fec_ber.value
        };
        Ok(Self {
            ber,
            predicted_ber,
            ln_ratio: ln_ratio(ber.value, predicted_ber),
            inside: ber.contains(predicted_ber),
            gap_db: gap_db(&ber, predicted_ber),
            rule: segments
                .iter()
                .map(|s| s.rule)
                .max()
                .unwrap_or(Rule::Interval),
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
    fn the_gap_is_that_of_gaussian_noise() {
        let ber = |snr_db| crate::metrics::snr::ber_from_snr_db(snr_db).unwrap();
        let simulated = Interval {
            value: ber(17.0),
            low: ber(17.1),
            high: ber(16.8),
        };
        let gap = gap_db(&simulated, ber(17.2)).unwrap();
        for (got, want) in [(gap.value, 0.2), (gap.low, 0.1), (gap.high, 0.4)] {
            assert!((got - want).abs() < 1e-9, "{got} {want}");
        }
        let none = Interval {
            value: 0.0,
            low: 0.0,
            high: ber(17.0),
        };
        let gap = gap_db(&none, ber(17.2)).unwrap();
        assert_eq!(gap.low, f64::NEG_INFINITY);
        assert!((gap.high - 0.2).abs() < 1e-9);
        assert!(gap_db(&simulated, 0.0).is_none());
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
        assert_eq!(
            (all.rule, all.gap_db.unwrap().low),
            (Rule::Interval, f64::NEG_INFINITY)
        );
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
