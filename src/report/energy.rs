//! `energy`: the breakdown of a cell, the validation table, the prices.

use serde::Serialize;

use crate::energy::validation::{Role, Rule, ValidationRow, Verdict};
use crate::energy::{Breakdown, ListedPrice};
use crate::link::Cell;
use crate::link::config::Scenario;
use crate::simd::Level;

use super::comparison::{identity, name, watts_note};
use super::json::VERSION;
use super::text::{
    Align::{Left, Right},
    Section, amount, one_line, table, wrap,
};

/// `energy --validate --json`.
#[derive(Debug, Clone, Serialize)]
pub struct ValidationDocument<'a> {
    /// Version of the crate.
    pub version: &'static str,
    /// The table.
    pub rows: &'a [ValidationRow],
}

/// `energy --prices --json`.
#[derive(Debug, Clone, Serialize)]
pub struct PricesDocument<'a> {
    /// Version of the crate.
    pub version: &'static str,
    /// Version of the numbers.
    pub table_version: &'a str,
    /// Every constant.
    pub prices: &'a [ListedPrice],
}

impl<'a> ValidationDocument<'a> {
    /// The document of a table.
    #[must_use]
    pub fn new(rows: &'a [ValidationRow]) -> Self {
        Self {
            version: VERSION,
            rows,
        }
    }
}

impl<'a> PricesDocument<'a> {
    /// The document of a list.
    #[must_use]
    pub fn new(table_version: &'a str, prices: &'a [ListedPrice]) -> Self {
        Self {
            version: VERSION,
            table_version,
            prices,
        }
    }
}

/// One table per cell, fit for `width` columns (80 or more).
#[must_use]
pub fn energy_sections(
    scenario: &Scenario,
    cells: &[Cell],
    level: Level,
    width: usize,
) -> Vec<Section> {
    let mut sections = vec![Section::new("", identity(scenario.seed, level))];
    for cell in cells {
        sections.push(match &cell.result {
            Ok(result) => {
                let nodes = &scenario.rate(cell.lane_rate).energy;
                let title = format!(
                    "{}, module at {} nm, host at {} nm",
                    name(cell),
                    nodes.module_node_nm,
                    nodes.host_node_nm
                );
                Section::new(title, breakdown(&result.energy, width))
            }
            Err(reason) => Section::new(name(cell), format!("no data: {reason}")),
        });
    }
    let note = format!(
        "Counted: operations that the block declares, at the energy of a gate. Converter: figure of merit \
         of a survey. Fitted: set to published silicon or modules; no count explains it. {}",
        watts_note()
    );
    sections.push(Section::new("", wrap(&note, width, 0)));
    sections
}

fn breakdown(energy: &Breakdown, width: usize) -> String {
    let header = [
        ("where", Left),
        ("block", Left),
        ("form", Left),
        ("kind", Left),
        ("W", Right),
        ("pJ/bit", Right),
    ];
    let rows = energy.rows.iter().map(|row| {
        vec![
            row.place.name().to_owned(),
            row.block.to_string(),
            row.form.to_string(),
            row.kind.name().to_owned(),
            format!("{:.3}", row.w),
            format!("{:.3}", row.pj_per_bit),
        ]
    });
    let body = table(width, &header, rows);
    let totals = wrap(
        &format!(
            "total: module {} W, host {} W, {} pJ/bit",
            one_line(energy.module_w),
            one_line(energy.host_w),
            one_line(energy.pj_per_bit)
        ),
        width,
        2,
    );
    format!("{body}\n\n{totals}")
}

/// The validation table, fit for `width` columns (80 or more).
#[must_use]
pub fn validation_sections(rows: &[ValidationRow], width: usize) -> Vec<Section> {
    let header = [
        ("case", Left),
        ("published", Right),
        ("model", Right),
        ("error", Right),
        ("role", Left),
        ("must pass", Left),
        ("verdict", Left),
    ];
    let body = table(
        width,
        &header,
        rows.iter().map(|row| {
            let published: Vec<String> = row.published.iter().map(|&p| amount(p)).collect();
            vec![
                format!("{}, {}", row.case, row.unit),
                published.join("\n"),
                if row.model.low < row.model.high {
                    one_line(row.model).replace(" (", "\n(")
                } else {
                    amount(row.model.nominal)
                },
                format!("{:+.0} %", 100.0 * row.error).replace("-0 %", "+0 %"),
                match row.role {
                    Role::Calibrated => "calibrated",
                    Role::Held => "held",
                }
                .to_owned(),
                rule(row.rule),
                match row.verdict {
                    Verdict::Pass => "pass",
                    Verdict::KnownMiss => "KNOWN MISS",
                    Verdict::Fail => "FAIL",
                }
                .to_owned(),
            ]
        }),
    );
    let mut notes: Vec<String> = rows
        .iter()
        .map(|row| {
            let note = if row.note.is_empty() {
                String::new()
            } else {
                format!("; {}", row.note)
            };
            wrap(&format!("- {}: {}{note}", row.case, row.source), width, 2)
        })
        .collect();
    notes.push(wrap(
        "- Calibrated: a constant was set to hit the row. Held: none was adjusted to it, though every \
         published value was known; these rows check consistency, they are no blind test.",
        width,
        2,
    ));
    vec![
        Section::new(
            "The energy model against published silicon and modules",
            body,
        ),
        Section::new("Sources and notes", notes.join("\n")),
    ]
}

fn rule(rule: Rule) -> String {
    match rule {
        Rule::Each(t) => format!("within {:.0} %", 100.0 * t),
        Rule::Range(t) => format!("in range ±{:.0} %", 100.0 * t),
        Rule::InInterval => "in interval".to_owned(),
        Rule::Report => "no".to_owned(),
    }
}

/// The table of prices, fit for `width` columns (80 or more).
#[must_use]
pub fn prices_sections(version: &str, prices: &[ListedPrice], width: usize) -> Vec<Section> {
    let header = [
        ("price", Left),
        ("unit", Left),
        ("low", Right),
        ("nominal", Right),
        ("high", Right),
        ("confidence", Left),
        ("source", Left),
    ];
    let rows = prices.iter().map(|p| {
        vec![
            p.name.clone(),
            p.unit.to_owned(),
            p.low.map_or_else(|| "-".to_owned(), |x| x.to_string()),
            p.nominal.to_string(),
            p.high.map_or_else(|| "-".to_owned(), |x| x.to_string()),
            p.mark.name().to_owned(),
            p.source.clone(),
        ]
    });
    vec![Section::new(
        format!("Prices, table version {version}"),
        table(width, &header, rows),
    )]
}
