//! The model against published silicon and modules: data, verdicts, and the misses.
//!
//! Every published value was known while the constants were chosen, so "held" rows are checks of
//! consistency, not blind tests. Two rows are known misses and stay in the table.

use std::borrow::Cow;

use super::Interval;
use crate::error::Result;

mod rows;

/// What the row says about the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Role {
    /// A constant was set to hit this row.
    Calibrated,
    /// No constant was adjusted to this row.
    Held,
}

/// What a row must pass.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Rule {
    /// The model lies within this relative distance of every published value.
    Each(f64),
    /// The model lies between the smallest and largest published value, or within this relative
    /// distance of the nearer one.
    Range(f64),
    /// The model's own interval holds every published value.
    InInterval,
    /// Reported, not required.
    Report,
}

/// How a row came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Verdict {
    /// The rule holds.
    Pass,
    /// The rule holds, but the nominal value misses by far; known and not tuned away.
    KnownMiss,
    /// The rule fails.
    Fail,
}

/// One row of the validation table.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ValidationRow {
    /// The part or module.
    pub case: &'static str,
    /// Unit of the values.
    pub unit: &'static str,
    /// Published values.
    pub published: Vec<f64>,
    /// What they are.
    pub source: &'static str,
    /// The model, with its interval where the rule uses one (else without width).
    pub model: Interval,
    /// Relative distance of the nominal value from the published value farthest from it; for
    /// [`Rule::Range`] from the nearer end, 0 inside.
    pub error: f64,
    /// Calibrated or held.
    pub role: Role,
    /// What must hold.
    pub rule: Rule,
    /// What came out.
    pub verdict: Verdict,
    /// What to know about the row.
    pub note: Cow<'static, str>,
}

/// Nominal misses above this are called known misses even where a wide rule holds.
const FAR: f64 = 0.25;

impl ValidationRow {
    fn new(
        case: &'static str,
        unit: &'static str,
        (published, source): (&[f64], &'static str),
        model: Interval,
        role: Role,
        rule: Rule,
    ) -> Self {
        let nominal = model.nominal;
        let distance = |value: f64| nominal / value - 1.0;
        let farthest = published
            .iter()
            .map(|&value| distance(value))
            .max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let low = published.iter().copied().fold(f64::INFINITY, f64::min);
        let high = published.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let error = match rule {
            Rule::Range(_) if nominal < low => distance(low),
            Rule::Range(_) if nominal > high => distance(high),
            Rule::Range(_) => 0.0,
            _ => farthest.unwrap_or(0.0),
        };
        let holds = match rule {
            Rule::Each(tolerance) | Rule::Range(tolerance) => error.abs() <= tolerance,
            Rule::InInterval => published.iter().all(|&value| model.contains(value)),
            Rule::Report => true,
        };
        let verdict = match (holds, rule) {
            (false, _) => Verdict::Fail,
            (true, Rule::InInterval | Rule::Report) if error.abs() > FAR => Verdict::KnownMiss,
            (true, _) => Verdict::Pass,
        };
        Self {
            case,
            unit,
            published: published.to_vec(),
            source,
            model,
            error,
            role,
            rule,
            verdict,
            note: Cow::Borrowed(""),
        }
    }

    fn note(mut self, note: impl Into<Cow<'static, str>>) -> Self {
        self.note = note.into();
        self
    }
}

/// The table, computed: silicon first, then modules, then the one known system comparison.
///
/// Takes about 0.1 s (nine priced systems).
pub fn validation_table() -> Result<Vec<ValidationRow>> {
    let mut table = rows::silicon()?;
    table.extend(rows::blocks()?);
    table.extend(rows::modules()?);
    table.extend(rows::boxes()?);
    Ok(table)
}
