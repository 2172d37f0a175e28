//! By what the engines are held to agree.

use crate::metrics::Interval;

use super::super::config::Detector;
use super::super::segment::Segment;
#[cfg(doc)]
use super::Agreement;
use super::LN_RATIO;

/// By what simulation and prediction are held to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// A linear path and a slicer: the prediction lies in the interval, or the ratio is small
    /// ([`Agreement::LN_RATIO`]).
    Interval,
    /// A sequence detector: within [`Rule::SEQUENCE_DB`], because a bound over error events is no equality.
    Sequence,
    /// A path that is not linear, levels still nearly even ([`Rule::EVEN`]): within [`Rule::NONLINEAR_DB`].
    Nonlinear,
    /// Levels less even than that: the gap is told, and held to nothing.
    Told,
}

impl Rule {
    /// Largest gap behind a sequence detector, dB of SNR.
    pub const SEQUENCE_DB: f64 = 0.15;
    /// Largest gap behind a path that is not linear, dB of SNR.
    pub const NONLINEAR_DB: f64 = 0.3;
    /// Ratio of level mismatch from which on [`Rule::NONLINEAR_DB`] holds.
    pub const EVEN: f64 = 0.95;

    /// The rule for a segment whose levels at the slicer have this ratio of mismatch.
    #[must_use]
    pub fn of(segment: &Segment, r_lm: f64) -> Self {
        match (segment.is_nonlinear(), segment.equalizer.detector) {
            (true, _) if r_lm >= Self::EVEN - 1e-9 => Self::Nonlinear,
            (true, _) => Self::Told,
            (false, Detector::Mlse) => Self::Sequence,
            (false, Detector::Dfe) => Self::Interval,
        }
    }

    /// Largest gap, dB; none for a rule without one.
    #[must_use]
    pub fn limit_db(self) -> Option<f64> {
        match self {
            Self::Sequence => Some(Self::SEQUENCE_DB),
            Self::Nonlinear => Some(Self::NONLINEAR_DB),
            Self::Interval | Self::Told => None,
        }
    }

    /// In words, for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interval => "in the interval",
            Self::Sequence => "MLSE, within 0.15 dB",
            Self::Nonlinear => "nonlinear, within 0.3 dB",
            Self::Told => "nonlinear, R_LM below 0.95: no limit",
        }
    }

    /// Whether a count and a prediction agree.
    pub(super) fn agrees(
        self,
        ln_ratio: Option<f64>,
        inside: bool,
        gap_db: Option<Interval>,
    ) -> bool {
        let small = ln_ratio.is_some_and(|ln| ln.abs() < LN_RATIO);
        let near = |limit: f64| gap_db.is_some_and(|gap| gap.low <= limit && gap.high >= -limit);
        match self.limit_db() {
            None => inside || small || self == Self::Told,
            Some(limit) => inside || small || near(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_holds_what_it_says() {
        let (linear, mlse, bent) = (Rule::Interval, Rule::Sequence, Rule::Nonlinear);
        for rule in [linear, mlse, bent] {
            assert!(
                rule.agrees(Some(0.049), false, None) && rule.agrees(Some(-0.049), false, None)
            );
            assert!(!rule.agrees(Some(0.05), false, None) && !rule.agrees(None, false, None));
            assert!(rule.agrees(Some(-0.3), true, None) && rule.agrees(None, true, None));
        }
        let gap = |low: f64, high: f64| {
            Some(Interval {
                value: f64::midpoint(low, high),
                low,
                high,
            })
        };
        assert!(mlse.agrees(Some(0.3), false, gap(0.14, 0.18)));
        assert!(!mlse.agrees(Some(0.3), false, gap(0.16, 0.18)));
        assert!(!mlse.agrees(Some(-0.3), false, gap(-0.18, -0.16)));
        assert!(bent.agrees(Some(0.3), false, gap(0.16, 0.18)));
        assert!(!bent.agrees(Some(0.9), false, gap(0.31, 0.38)));
        assert!(!linear.agrees(Some(0.3), false, gap(0.0, 0.1)));
        assert!(Rule::Told.agrees(Some(3.0), false, gap(2.0, 2.1)));
    }
}
