//! What the kernels do on this machine: each one checked against its reference, then timed beside the roof that
//! bounds it.
//!
//! [`survey`] runs every kernel at every level asked for. A row holds the rate in symbols per second and the
//! share of the *roof*: the rate that the busiest kind of operation alone would allow
//! ([`crate::simd::roof`]). Kernel and roof take turns, so a neighbour that slows the machine slows both.
//!
//! A kernel whose answer is wrong is reported as such and is not timed.
//!
//! ```
//! use pamlink::kernels::{Effort, survey};
//! use pamlink::Level;
//!
//! let survey = survey(&[Level::BASELINE], Effort::CHECK_ONLY)?;
//! assert!(survey.rows.iter().all(|row| row.failure.is_none()));
//! # Ok::<(), pamlink::Error>(())
//! ```

mod cases;
mod data;
mod timing;

use crate::Level;
use crate::error::{Result, in_range};
use crate::simd::roof::Roof;

/// How long to measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Rounds in which kernel and roof take turns; their medians count. Zero: answers are checked, nothing is
    /// timed.
    pub rounds: usize,
    /// Seconds of one turn.
    pub slice_s: f64,
}

impl Effort {
    /// Answers only.
    pub const CHECK_ONLY: Self = Self {
        rounds: 0,
        slice_s: 0.0,
    };
}

impl Default for Effort {
    /// 7 rounds of 4 ms: about a second a level.
    fn default() -> Self {
        Self {
            rounds: 7,
            slice_s: 4e-3,
        }
    }
}

/// A rate with the range it was seen in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Median over the rounds, per second.
    pub median: f64,
    /// The slowest round.
    pub low: f64,
    /// The fastest round.
    pub high: f64,
}

/// One kernel at one level.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The kernel, in the words of the field.
    pub kernel: &'static str,
    /// Size and layout.
    pub size: &'static str,
    /// The level that ran.
    pub level: Level,
    /// What the answer was held to.
    pub check: &'static str,
    /// Why the answer is wrong, if it is; such a row is not timed.
    pub failure: Option<String>,
    /// Symbols per second, all streams together.
    pub symbols_per_s: Option<Rate>,
    /// The operation that leaves the least room.
    pub roof: Roof,
    /// Lane operations of that kind per symbol.
    pub operations: f64,
    /// Median share of the roof; 1 would be nothing but that operation. Noise of a busy machine can lift it above.
    pub share: Option<f64>,
}

/// A roof at one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoofRow {
    /// The operation.
    pub roof: Roof,
    /// The level.
    pub level: Level,
    /// Lane operations per second.
    pub lanes_per_s: Rate,
}

/// Answer of [`survey`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct Survey {
    /// The highest level of the machine.
    pub detected: Level,
    /// Roofs, level by level; empty where nothing was timed.
    pub roofs: Vec<RoofRow>,
    /// Kernels, level by level.
    pub rows: Vec<Row>,
}

impl Survey {
    /// Whether every answer was right.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.rows.iter().all(|row| row.failure.is_none())
    }
}

/// Checks, and with an [`Effort`] times, every kernel at each of `levels`.
///
/// # Errors
/// [`crate::Error::OutOfRange`] for more than 1000 rounds or turns longer than a second.
pub fn survey(levels: &[Level], effort: Effort) -> Result<Survey> {
    in_range("rounds", effort.rounds as f64, 0.0, 1000.0)?;
    in_range("slice_s", effort.slice_s, 0.0, 1.0)?;
    let mut survey = Survey {
        detected: Level::detected(),
        roofs: Vec::new(),
        rows: Vec::new(),
    };
    for &level in levels {
        let roofs = timing::roofs(level, effort);
        for make in cases::ALL {
            let case = make(level)?;
            survey.rows.push(timing::row(case, level, &roofs, effort));
        }
        survey.roofs.extend(roofs);
    }
    Ok(survey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_passes_its_check_at_every_level() {
        let levels = Level::all();
        let survey = survey(&levels, Effort::CHECK_ONLY).unwrap();
        assert!(survey.passed(), "{survey:?}");
        assert_eq!(survey.rows.len(), levels.len() * cases::ALL.len());
        assert!(survey.roofs.is_empty());
        for row in &survey.rows {
            assert!(row.symbols_per_s.is_none() && row.share.is_none());
        }
    }

    #[test]
    fn timed_rows_hold_a_rate_in_its_range_and_a_share() {
        let effort = Effort {
            rounds: 3,
            slice_s: 1e-4,
        };
        let survey = survey(&[Level::BASELINE], effort).unwrap();
        for row in &survey.rows {
            let rate = row.symbols_per_s.unwrap();
            assert!(rate.low <= rate.median && rate.median <= rate.high);
            // A share far above one would mean that the roof or the count of operations is wrong.
            assert!((0.0..1.5).contains(&row.share.unwrap()), "{row:?}");
        }
        assert!(
            super::survey(
                &[],
                Effort {
                    rounds: 1001,
                    slice_s: 0.0
                }
            )
            .is_err()
        );
    }

    #[test]
    fn a_wrong_answer_is_reported_and_not_timed() {
        let case = cases::Case {
            kernel: "none",
            size: "",
            check: "exact",
            failure: Some("symbol 3 is 1, must be 2".into()),
            symbols: 1,
            uses: vec![(Roof::Add, 1.0)],
            work: Box::new(|| panic!("must not run")),
        };
        let row = timing::row(case, Level::BASELINE, &[], Effort::default());
        assert_eq!(row.failure.as_deref(), Some("symbol 3 is 1, must be 2"));
        assert!(row.symbols_per_s.is_none());
    }
}
