//! `kernels`: levels, self-check, rates beside their roofs.

use serde::Serialize;

use crate::kernels::{Rate, Row, Survey};
use crate::simd::Level;

use super::json::VERSION;
use super::text::{
    Align::{Left, Right},
    Section, table, wrap,
};

/// `kernels --json`.
#[derive(Debug, Clone, Serialize)]
pub struct KernelsDocument {
    /// Version of the crate.
    pub version: &'static str,
    /// The highest level of the machine.
    pub detected: &'static str,
    /// Levels surveyed, lowest first.
    pub levels: Vec<&'static str>,
    /// Whether every answer was right.
    pub passed: bool,
    /// What the machine can do at most; empty where nothing was timed.
    pub roofs: Vec<RoofDocument>,
    /// Kernels, level by level.
    pub kernels: Vec<KernelDocument>,
}

/// A rate per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RateDocument {
    /// Median over the rounds.
    pub median: f64,
    /// The slowest round.
    pub low: f64,
    /// The fastest round.
    pub high: f64,
}

/// A roof at a level.
#[derive(Debug, Clone, Serialize)]
pub struct RoofDocument {
    /// The level.
    pub level: &'static str,
    /// The operation.
    pub roof: &'static str,
    /// Lane operations per second.
    pub lanes_per_s: RateDocument,
}

/// A kernel at a level; `null` rates where the check failed or nothing was timed.
#[derive(Debug, Clone, Serialize)]
pub struct KernelDocument {
    /// The level.
    pub level: &'static str,
    /// The kernel.
    pub kernel: &'static str,
    /// Size and layout.
    pub size: &'static str,
    /// What the answer is held to.
    pub check: &'static str,
    /// Why the answer is wrong; `null` if it is right.
    pub failure: Option<String>,
    /// Symbols per second, all streams together.
    pub symbols_per_s: Option<RateDocument>,
    /// The operation that leaves the least room.
    pub roof: &'static str,
    /// Lane operations of that kind per symbol.
    pub operations_per_symbol: f64,
    /// Share of the roof.
    pub share: Option<f64>,
}

impl From<Rate> for RateDocument {
    fn from(rate: Rate) -> Self {
        Self {
            median: rate.median,
            low: rate.low,
            high: rate.high,
        }
    }
}

/// The levels of a survey, lowest first.
fn levels(survey: &Survey) -> Vec<Level> {
    let mut levels: Vec<Level> = survey.rows.iter().map(|r| r.level).collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}

impl From<&Survey> for KernelsDocument {
    fn from(survey: &Survey) -> Self {
        let roofs = survey.roofs.iter().map(|r| RoofDocument {
            level: r.level.name(),
            roof: r.roof.name(),
            lanes_per_s: r.lanes_per_s.into(),
        });
        let kernels = survey.rows.iter().map(|r| KernelDocument {
            level: r.level.name(),
            kernel: r.kernel,
            size: r.size,
            check: r.check,
            failure: r.failure.clone(),
            symbols_per_s: r.symbols_per_s.map(RateDocument::from),
            roof: r.roof.name(),
            operations_per_symbol: r.operations,
            share: r.share,
        });
        Self {
            version: VERSION,
            detected: survey.detected.name(),
            levels: levels(survey).into_iter().map(Level::name).collect(),
            passed: survey.passed(),
            roofs: roofs.collect(),
            kernels: kernels.collect(),
        }
    }
}

/// Three digits of a rate in units of 10^9.
fn giga(rate: f64) -> String {
    let g = rate / 1e9;
    let digits = if g < 9.995 { 2 } else { usize::from(g < 99.95) };
    format!("{g:.digits$}")
}

/// Tables that fit `width` columns (80 or more).
#[must_use]
pub fn kernels_sections(survey: &Survey, width: usize) -> Vec<Section> {
    let levels = levels(survey);
    let wrong = survey.rows.iter().filter(|r| r.failure.is_some()).count();
    let names: Vec<&str> = levels.iter().map(|l| l.name()).collect();
    let verdict = match (wrong, survey.rows.len()) {
        (0, all) => format!("all {all} answers right"),
        (wrong, all) => format!("{wrong} of {all} answers WRONG"),
    };
    let head = format!(
        "pamlink {VERSION}, this machine has {}; surveyed {}: {verdict}",
        survey.detected,
        names.join(", ")
    );
    let mut sections = vec![Section::new("", wrap(&head, width, 2))];
    let failures: Vec<String> = survey
        .rows
        .iter()
        .filter_map(|r| {
            let why = r.failure.as_ref()?;
            let line = format!("{} {} at {}: {why}", r.kernel, r.size, r.level);
            Some(wrap(&line, width, 2))
        })
        .collect();
    if !failures.is_empty() {
        sections.push(Section::new("Wrong answers", failures.join("\n")));
    }
    sections.push(if survey.roofs.is_empty() {
        checks(survey, &levels, width)
    } else {
        rates(survey, &levels, width)
    });
    if !survey.roofs.is_empty() {
        sections.push(roofs(survey, &levels, width));
    }
    sections
}

/// The rows of each kernel, one entry per level.
fn grouped<'a>(survey: &'a Survey, levels: &[Level]) -> Vec<(&'a Row, Vec<&'a Row>)> {
    let first = survey
        .rows
        .iter()
        .filter(|r| Some(&r.level) == levels.first());
    first
        .map(|head| {
            let same = |r: &&Row| r.kernel == head.kernel && r.size == head.size;
            (head, survey.rows.iter().filter(same).collect())
        })
        .collect()
}

fn checks(survey: &Survey, levels: &[Level], width: usize) -> Section {
    let mut header = vec![("kernel", Left), ("held to", Left)];
    header.extend(levels.iter().map(|l| (l.name(), Left)));
    let rows = grouped(survey, levels).into_iter().map(|(head, rows)| {
        let mut line = vec![
            format!("{} {}", head.kernel, head.size),
            head.check.to_owned(),
        ];
        line.extend(rows.iter().map(|r| {
            let word = if r.failure.is_none() {
                "right"
            } else {
                "WRONG"
            };
            word.to_owned()
        }));
        line
    });
    Section::new("Answers against the reference", table(width, &header, rows))
}

fn rates(survey: &Survey, levels: &[Level], width: usize) -> Section {
    let mut header = vec![("kernel", Left), ("bound", Left)];
    header.extend(levels.iter().map(|l| (l.name(), Right)));
    let rows = grouped(survey, levels).into_iter().map(|(head, rows)| {
        // The bound of the highest level; the levels differ only where two bounds are close.
        let bound = rows.last().map_or("", |r| r.roof.word());
        let mut line = vec![format!("{} {}", head.kernel, head.size), bound.to_owned()];
        line.extend(rows.iter().map(|r| match (r.symbols_per_s, r.share) {
            (Some(rate), Some(share)) => {
                format!("{} {:3.0}%", giga(rate.median), 100.0 * share)
            }
            _ => "WRONG".to_owned(),
        }));
        line
    });
    let note = "bound: the operation whose roof leaves the kernel the least room (any: operations of every \
                kind); the share is of that roof, measured in turns with the kernel";
    Section::new(
        "GSym/s of one core, all streams together, and the share of the roof",
        format!("{}\n{}", table(width, &header, rows), wrap(note, width, 2)),
    )
}

fn roofs(survey: &Survey, levels: &[Level], width: usize) -> Section {
    let mut header = vec![("operation", Left)];
    header.extend(levels.iter().map(|l| (l.name(), Right)));
    let first = survey
        .roofs
        .iter()
        .filter(|r| Some(&r.level) == levels.first());
    let rows = first.map(|head| {
        let mut line = vec![head.roof.name().to_owned()];
        let same = survey.roofs.iter().filter(|r| r.roof == head.roof);
        line.extend(same.map(|r| giga(r.lanes_per_s.median)));
        line
    });
    Section::new(
        "Roofs of this core, in 10^9 lanes per second",
        table(width, &header, rows),
    )
}
