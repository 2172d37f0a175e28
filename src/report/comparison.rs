//! `compare`: the verdict, where the joules go, the fleet.

use crate::channel::Channel;
use crate::energy::fleet::FleetConfig;
use crate::energy::{DRAWS, Kind, Place};
use crate::error::Result;
use crate::link::config::Scenario;
use crate::link::{Cell, CellResult, Equalizer, Files};
use crate::simd::Level;

use super::json::{CellDocument, ChannelsDocument, ComparisonDocument, VERSION};
use super::notes::notes;
use super::text::{
    Align::{Left, Right},
    Section, amount, one_line, ratio, ratio_bounds, table, thousands, two_lines, wrap,
};

/// Columns that the whole verdict table needs.
const WIDE: usize = 100;

/// Everything that an answer of [`crate::link::compare`] is told by.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// What was asked.
    pub scenario: &'a Scenario,
    /// Channels given.
    pub files: &'a Files,
    /// What came out.
    pub cells: &'a [Cell],
    /// The fleet to price.
    pub fleet: FleetConfig,
    /// Instructions the kernels ran with.
    pub level: Level,
}

impl<'a> Comparison<'a> {
    /// The answer at the level of this process.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        files: &'a Files,
        cells: &'a [Cell],
        fleet: FleetConfig,
    ) -> Self {
        Self {
            scenario,
            files,
            cells,
            fleet,
            level: Level::best(),
        }
    }

    /// The JSON document.
    ///
    /// # Errors
    /// A fleet that makes no sense.
    pub fn document(&self) -> Result<ComparisonDocument> {
        let cells = self.cells.iter().map(|cell| {
            let config = self.scenario.rate(cell.lane_rate);
            CellDocument::new(cell, config, &self.fleet)
        });
        let (near, far) = (&self.files.near, &self.files.far);
        let names = |all: &[Channel]| all.iter().map(|c| c.name().to_owned()).collect();
        Ok(ComparisonDocument {
            version: VERSION,
            seed: self.scenario.seed,
            simd_level: self.level.name(),
            channel: ChannelsDocument {
                near: near.as_ref().map(|c| c.name().to_owned()),
                near_end_hz: near.as_ref().and_then(Channel::end_hz),
                far: far.as_ref().map(|c| c.name().to_owned()),
                far_end_hz: far.as_ref().and_then(Channel::end_hz),
                fext: names(&self.files.crosstalk.fext),
                next: names(&self.files.crosstalk.next),
            },
            fleet: self.fleet,
            cells: cells.collect::<Result<_>>()?,
        })
    }
}

/// Version, seed, level: what a result needs to be had again.
pub(super) fn identity(seed: u64, level: Level) -> String {
    format!("pamlink {VERSION}, seed {seed}, SIMD {}", level.name())
}

/// Name of a cell as printed.
pub(super) fn name(cell: &Cell) -> String {
    format!("{} {}", cell.lane_rate, cell.architecture)
}

/// Channels and packages, one line for all lane rates that share them.
pub(super) fn channels(scenario: &Scenario, cells: &[Cell], width: usize) -> String {
    let mut hosts: Vec<(String, Vec<&str>)> = Vec::new();
    let mut short = Vec::new();
    for cell in cells {
        let config = scenario.rate(cell.lane_rate);
        let rate = cell.lane_rate.name();
        if !cell.architecture.uses_host_channel() {
            short.push(format!("{} dB at {rate}", config.channel.cpo_loss_db));
            continue;
        }
        let (paths, crosstalk) = match cell.channel.split_once("; crosstalk: ") {
            Some((paths, names)) => (paths, format!("; crosstalk: {names}")),
            None => (cell.channel.as_str(), String::new()),
        };
        let path = match paths.split_once("; far: ") {
            Some((near, far)) if near == far => format!("both ends {near}"),
            Some((near, far)) if far.strip_suffix(", reversed") == Some(near) => {
                format!("both ends {near}, the far one reversed")
            }
            Some((near, far)) => format!("near {near}, far {far}"),
            None => paths.to_owned(),
        };
        let line = format!("host channels, {}: {path}{crosstalk}", cell.package(config));
        match hosts.iter_mut().find(|(l, _)| *l == line) {
            Some((_, rates)) if rates.contains(&rate) => {}
            Some((_, rates)) => rates.push(rate),
            None => hosts.push((line, vec![rate])),
        }
    }
    let mut lines: Vec<String> = (hosts.into_iter())
        .map(|(line, rates)| format!("{} {line}", rates.join(" and ")))
        .collect();
    if !short.is_empty() {
        let losses = short.join(", ");
        lines.push(format!(
            "cpo: short path of its own, die to engine, {losses}"
        ));
    }
    let wrapped: Vec<String> = lines.iter().map(|l| wrap(l, width, 2)).collect();
    wrapped.join("\n")
}

/// The answer in sections that fit `width` columns (80 or more; below 100 the verdict and
/// the watts are two tables).
///
/// # Errors
/// A fleet that makes no sense.
pub fn comparison_sections(answer: &Comparison<'_>, width: usize) -> Result<Vec<Section>> {
    let head = format!(
        "{}\n{}",
        identity(answer.scenario.seed, answer.level),
        channels(answer.scenario, answer.cells, width)
    );
    let mut sections = vec![Section::new("", head)];
    let ber = format!(
        "pre-FEC BER\nnoise ±{} dB",
        spreads(answer.scenario, answer.cells)
    );
    let link = [
        ("cell", Left),
        ("closes", Left),
        (ber.as_str(), Right),
        ("margin\ndB", Right),
        ("post-FEC\nCER", Right),
        ("equalizer\nper segment", Left),
    ];
    let power = [
        ("module W\nlow-high", Right),
        ("host W\nlow-high", Right),
        ("pJ/bit\nlow-high", Right),
        ("latency\nns", Right),
    ];
    if width >= WIDE {
        let header = [&link[..], &power[..]].concat();
        let rows = answer.cells.iter().map(|cell| {
            let mut row = link_row(cell);
            row.extend(power_row(cell));
            row
        });
        sections.push(Section::new(
            "Does it close, at what cost?",
            table(width, &header, rows),
        ));
    } else {
        sections.push(Section::new(
            "Does it close?",
            table(width, &link, answer.cells.iter().map(link_row)),
        ));
        let header = [&link[..1], &power[..]].concat();
        let rows = answer.cells.iter().map(|cell| {
            let mut row = vec![name(cell)];
            row.extend(power_row(cell));
            row
        });
        sections.push(Section::new("At what cost?", table(width, &header, rows)));
    }
    sections.push(joules(answer.cells, width));
    sections.push(fleet(answer, width)?);
    sections.push(Section::new("Notes", notes(answer, width)));
    Ok(sections)
}

fn link_row(cell: &Cell) -> Vec<String> {
    let Ok(result) = &cell.result else {
        let mut row = vec![name(cell), "no data".to_owned()];
        row.resize(6, "-".to_owned());
        return row;
    };
    let ber = result.pre_fec_ber;
    vec![
        name(cell),
        if result.closes { "yes" } else { "NO" }.to_owned(),
        format!("{}\n{}", ratio(ber.value), ratio_bounds(ber.low, ber.high)),
        margin(result.margin_db),
        ratio(result.post_fec_cer),
        equalizer(result),
    ]
}

/// What the noise may have wrong, dB, as printed; one number unless the lane rates differ.
pub(super) fn spreads(scenario: &Scenario, cells: &[Cell]) -> String {
    let mut spreads: Vec<String> = Vec::new();
    for cell in cells {
        let config = scenario.rate(cell.lane_rate);
        let text = config.analysis.uncertainty_db.to_string();
        if !spreads.contains(&text) {
            spreads.push(text);
        }
    }
    spreads.join("/")
}

/// Where the search for the margin ends: beyond it a margin has a side and no value.
const MARGIN_END_DB: f64 = 20.0;

/// Why a margin has no value; `None` where it has one.
pub(super) fn margin_note(db: f64) -> Option<&'static str> {
    if db <= -MARGIN_END_DB {
        Some(
            "misses the target with all noise 20 dB lower too: interference and jitter alone fail it",
        )
    } else if db >= MARGIN_END_DB {
        Some("meets the target with all noise 20 dB higher too")
    } else {
        None
    }
}

fn margin(db: f64) -> String {
    if margin_note(db).is_some() {
        if db > 0.0 { ">+20" } else { "<-20" }.to_owned()
    } else if db.abs() < 0.05 {
        // One digit would hide on which side of the target it is.
        format!("{db:+.2}")
    } else {
        format!("{db:+.1}")
    }
}

/// The receivers of all segments, `12+16+12 FFE` over `1+1+1 DFE`.
fn equalizer(result: &CellResult) -> String {
    let taps = |count: fn(&Equalizer) -> usize| {
        let counts = result.segments.iter().map(|s| count(&s.segment.equalizer));
        counts.map(|n| n.to_string()).collect::<Vec<_>>().join("+")
    };
    let ffe = taps(|e| e.ffe.len());
    if result
        .segments
        .iter()
        .all(|s| s.segment.equalizer.dfe.is_empty())
    {
        format!("{ffe} FFE")
    } else {
        format!("{ffe} FFE\n{} DFE", taps(|e| e.dfe.len()))
    }
}

fn power_row(cell: &Cell) -> Vec<String> {
    let Ok(result) = &cell.result else {
        return vec!["-".to_owned(); 4];
    };
    let energy = &result.energy;
    vec![
        two_lines(energy.module_w),
        two_lines(energy.host_w),
        two_lines(energy.pj_per_bit),
        format!("{:.0}", result.latency_ns),
    ]
}

/// Headings of the places, short.
fn place_heading(place: Place) -> &'static str {
    match place {
        Place::ModuleHostSide => "module\nhost side",
        Place::ModuleLineSide => "module\nline side",
        Place::ModuleOptics => "module\noptics",
        Place::ModuleSupply => "module\nsupply",
        Place::CoPackagedEngine => "engine",
        Place::Host => "host\nSerDes",
        Place::HostFec => "host\nFEC",
    }
}

fn joules(cells: &[Cell], width: usize) -> Section {
    let zero_is_dash = |pj: f64| {
        if pj == 0.0 {
            "-".to_owned()
        } else {
            format!("{pj:.2}")
        }
    };
    let computed = || {
        cells
            .iter()
            .filter_map(|c| Some((c, c.result.as_ref().ok()?)))
    };
    let place_columns = Place::ALL.map(|p| (place_heading(p), Right));
    let kind_columns = Kind::ALL.map(|k| (k.name(), Right));
    let places = |r: &CellResult| Place::ALL.map(|p| zero_is_dash(r.energy.place_pj_per_bit(p)));
    let kinds = |r: &CellResult| Kind::ALL.map(|k| zero_is_dash(r.energy.kind_pj_per_bit(k)));
    let first = [("cell", Left)];
    let body = if width >= WIDE {
        let header = [&first[..], &place_columns[..], &kind_columns[..]].concat();
        table(
            width,
            &header,
            computed().map(|(c, r)| {
                let mut row = vec![name(c)];
                row.extend(places(r));
                row.extend(kinds(r));
                row
            }),
        )
    } else {
        let place_header = [&first[..], &place_columns[..]].concat();
        let kind_header = [&first[..], &kind_columns[..]].concat();
        let by_place = computed().map(|(c, r)| [&[name(c)][..], &places(r)[..]].concat());
        let by_kind = computed().map(|(c, r)| [&[name(c)][..], &kinds(r)[..]].concat());
        format!(
            "{}\n\n{}",
            table(width, &place_header, by_place),
            table(width, &kind_header, by_kind)
        )
    };
    Section::new(
        "Where the joules go: pJ/bit by place, then by how they are known",
        body,
    )
}

/// Units of a fleet's power, yearly energy and yearly cost, and how many of each make one of the
/// document's (MW, `GWh`, M$): those in which the largest power is one or more.
fn fleet_units(largest_mw: f64) -> (f64, [&'static str; 3]) {
    if largest_mw >= 1.0 {
        (1.0, ["MW", "GWh", "M$"])
    } else if largest_mw >= 1e-3 {
        (1e3, ["kW", "MWh", "k$"])
    } else {
        (1e6, ["W", "kWh", "$"])
    }
}

fn fleet(answer: &Comparison<'_>, width: usize) -> Result<Section> {
    let config = &answer.fleet;
    let mut fleets = Vec::new();
    for cell in answer.cells {
        if let (Ok(result), Some(fleet)) = (&cell.result, cell.fleet(config)?) {
            fleets.push((cell, result, fleet));
        }
    }
    let nominal = fleets.iter().map(|(_, _, f)| f.power_mw.nominal);
    let (factor, [power, energy, cost]) = fleet_units(nominal.fold(0.0, f64::max));
    let rows = fleets.iter().map(|(cell, result, fleet)| {
        vec![
            name(cell),
            one_line(result.energy.port_w()),
            one_line(fleet.power_mw.times(factor)),
            amount(fleet.energy_gwh.nominal * factor),
            amount(fleet.cost_musd.nominal * factor),
        ]
    });
    let headings = [
        format!("{power} at the meter (low-high)"),
        format!("{energy}/year"),
        format!("{cost}/year"),
    ];
    let [power, energy, cost] = headings.each_ref().map(|h| (h.as_str(), Right));
    let header = [
        ("cell", Left),
        ("W per port (low-high)", Right),
        power,
        energy,
        cost,
    ];
    let title = if config.modules == 1.0 {
        "A fleet of 1 module with its host end".to_owned()
    } else {
        format!(
            "A fleet of {} modules, each with its host end",
            thousands(config.modules)
        )
    };
    Ok(Section::new(title, table(width, &header, rows)))
}

/// What the bounds of watts are.
pub(super) fn watts_note() -> String {
    format!(
        "Watts: nominal, low and high = 5th and 95th percentile of {} draws of the prices; errors that \
         move all prices together are not in them. One 8-lane module and one host end, both directions; \
         pJ/bit over the nominal one-way rate (800 or 1600 Gb/s).",
        thousands(DRAWS as f64)
    )
}
