//! Notes below the comparison: what failed and why, and what the columns mean.

use crate::channel::{BandUse, Channel};
use crate::fec::target::KP4_BER_BUDGET;
use crate::link::config::Scenario;
use crate::link::{Cell, CellResult};
use crate::rate::LaneRate;

use super::comparison::{Comparison, margin_note, name, spreads, watts_note};
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
            "{bursts}: errors come in bursts (DFE); the failure ratio is that of a two-state chain along \
             interleave and multiplexing of the FEC."
        ));
    }
    let given = [&answer.files.near, &answer.files.far];
    for channel in given.into_iter().flatten() {
        for warning in channel.warnings() {
            notes.push(format!("Warning: {}: {warning}", channel.name()));
        }
    }
    for cell in answer.cells {
        if let Ok(result) = &cell.result {
            cell_notes(&mut notes, cell, result);
        }
    }
    notes.extend(limits(answer.cells));
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
    if let Some(note) = margin_note(result.margin_db) {
        notes.push(format!("{}: {note}.", name(cell)));
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

/// The largest line of each weakest segment's noise budget.
fn limits(cells: &[Cell]) -> Option<String> {
    let largest = |cell: &Cell| {
        let result = cell.result.as_ref().ok()?;
        let budget = &result.segments.get(result.weakest)?.analysis.budget;
        let line = budget.iter().max_by(|a, b| a.share.total_cmp(&b.share))?;
        let share = percent(line.share);
        Some(format!("{} {} {share}", name(cell), line.source.name()))
    };
    let list: Vec<String> = cells.iter().filter_map(largest).collect();
    let list = list.join(", ");
    (!list.is_empty()).then(|| format!("Largest noise at the weakest slicer: {list}."))
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
    for cell in cells {
        let config = scenario.rate(cell.lane_rate);
        let text = format!("{:.2e}", config.fec.target_cer);
        if !targets.contains(&text) {
            targets.push(text);
        }
    }
    vec![
        format!(
            "Closes: KP4 codeword failure ratio (CER) at most {}. Second line of the BER: with all \
             noise {} dB lower and higher; no confidence interval.",
            targets.join(" / "),
            spreads(scenario, cells)
        ),
        "Margin: dB (20 log10) by which all noise of the weakest segment may grow until the target \
         fails. Equalizer: taps of the receivers of all segments, the transmitting host's first. \
         Latency: electronics and FEC block, fiber apart."
            .to_owned(),
        "Drivers and modulators saturate where the configuration says so; crosstalk is that of the \
         coupling files given."
            .to_owned(),
    ]
}
