//! Notes below the comparison: what failed and why, and what the columns mean.

use crate::channel::{BandUse, Channel};
use crate::fec::target::KP4_BER_BUDGET;
use crate::link::config::Scenario;
use crate::link::{Cell, CellResult};
use crate::rate::LaneRate;

use super::comparison::{Comparison, name, watts_note};
use super::text::{percent, ratio, wrap};

pub(super) fn notes(answer: &Comparison<'_>, width: usize) -> String {
    let mut notes = Vec::new();
    grouped(&mut notes, answer.cells, Cell::reason);
    let results = |pick: fn(&CellResult) -> bool| {
        let with = |c: &&Cell| c.result.as_ref().is_ok_and(pick);
        let names: Vec<String> = answer.cells.iter().filter(with).map(name).collect();
        names.join(", ")
    };
    let bursts = results(|r| r.bursts);
    if !bursts.is_empty() {
        notes.push(format!(
            "{bursts}: independent-error FEC model; DFE bursts present, which 4-way interleaving \
             spreads but does not remove."
        ));
    }
    for cell in answer.cells {
        if let Ok(result) = &cell.result {
            cell_notes(&mut notes, cell, result);
        }
    }
    extrapolation(&mut notes, answer);
    notes.extend(meanings(answer.scenario, answer.cells));
    notes.push(watts_note());
    notes.push(
        "Fleet: fans, supplies and cooling included; low and high put all factors' ends together."
            .to_owned(),
    );
    let lines: Vec<String> = notes
        .iter()
        .map(|n| wrap(&format!("- {n}"), width, 2))
        .collect();
    lines.join("\n")
}

/// One note per text, with all cells it holds for in front.
fn grouped(notes: &mut Vec<String>, cells: &[Cell], text: impl Fn(&Cell) -> Option<String>) {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for cell in cells {
        if let Some(text) = text(cell) {
            match groups.iter_mut().find(|(t, _)| *t == text) {
                Some((_, names)) => names.push(name(cell)),
                None => groups.push((text, vec![name(cell)])),
            }
        }
    }
    notes.extend(
        groups
            .into_iter()
            .map(|(t, names)| format!("{}: {t}", names.join(", "))),
    );
}

/// What is special about one cell.
fn cell_notes(notes: &mut Vec<String>, cell: &Cell, result: &CellResult) {
    if result.rule_of_thumb_differs {
        notes.push(format!(
            "{}: the rule of thumb (pre-FEC BER at most {}) says {}.",
            name(cell),
            ratio(KP4_BER_BUDGET),
            if result.closes { "no" } else { "yes" }
        ));
    }
    for report in &result.segments {
        for agc in report.segment.chain.agc.iter().filter(|a| a.limited) {
            notes.push(format!(
                "{}: gain control of the {} at its limit in segment \"{}\"; the swing stays below its \
                 target.",
                name(cell),
                agc.name,
                report.segment.name
            ));
        }
    }
}

/// Files that end below the symbol rate of a cell.
fn extrapolation(notes: &mut Vec<String>, answer: &Comparison<'_>) {
    let ends_early = |rate: LaneRate| {
        let baud = answer.scenario.rate(rate).baud_hz;
        let early = |c: &Option<Channel>| {
            c.as_ref()
                .is_some_and(|c| matches!(c.check_band(baud), Ok(BandUse::Extrapolated)))
        };
        early(&answer.files.near) || early(&answer.files.far)
    };
    grouped(notes, answer.cells, |cell| {
        let result = cell.result.as_ref().ok()?;
        if !cell.architecture.uses_host_channel() || !ends_early(cell.lane_rate) {
            return None;
        }
        let shares = result.segments.iter().map(|s| s.segment.extrapolated_share);
        Some(format!(
            "the file ends below the symbol rate; at most {} of a segment's pulse energy rests on \
             extrapolation.",
            percent(shares.fold(0.0, f64::max))
        ))
    });
}

/// What the columns mean.
fn meanings(scenario: &Scenario, cells: &[Cell]) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    let mut spreads: Vec<String> = Vec::new();
    for cell in cells {
        let config = scenario.rate(cell.lane_rate);
        for (list, text) in [
            (&mut targets, format!("{:.2e}", config.fec.target_cer)),
            (&mut spreads, config.analysis.uncertainty_db.to_string()),
        ] {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    vec![
        format!(
            "Closes: KP4 codeword failure ratio (CER) at most {}. BER low..high: all noise {} dB lower \
             and higher.",
            targets.join(" / "),
            spreads.join(" / ")
        ),
        "Margin: dB (20 log10) by which all noise of the weakest segment may grow until the target \
         fails; half of it in OMA. Equalizer: the receiver that decides the weakest segment. Latency: \
         electronics and FEC block, fiber apart."
            .to_owned(),
    ]
}
