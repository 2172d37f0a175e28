//! `simulate`: the time domain beside its prediction.

use std::time::Duration;

use serde::Serialize;

use crate::link::config::{Engine, LinkConfig, Scenario};
use crate::link::{Agreement, Cell, CellResult, SegmentAgreement, SegmentReport, WordModels};
use crate::metrics::Interval;
use crate::rate::LaneRate;

use super::codewords::{CodedDocument, EndToEndDocument, coded_sections};
use super::comparison::{channels, identity, name};
use super::json::{RatioDocument, VERSION};
use super::text::{
    Align::{Left, Right},
    Section, amount, ratio, table, thousands, wrap,
};
use super::waveform::{WaveformDocument, rules_section, waveform_section};

/// A simulated segment and how long that took.
#[derive(Debug, Clone)]
pub struct SimulatedSegment {
    /// What was counted, and its prediction.
    pub agreement: SegmentAgreement,
    /// Time taken, s.
    pub seconds: f64,
    /// Symbols simulated per second and 10^6.
    pub msym_per_s: f64,
}

impl SimulatedSegment {
    /// A segment that took so long.
    #[must_use]
    pub fn new(agreement: SegmentAgreement, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        Self {
            msym_per_s: agreement.simulation.errors.symbols as f64 / seconds * 1e-6,
            agreement,
            seconds,
        }
    }
}

/// Everything that an answer of `simulate` is told by.
#[derive(Debug, Clone)]
pub struct SimulationAnswer<'a> {
    /// What was asked.
    pub scenario: &'a Scenario,
    /// The cell.
    pub cell: &'a Cell,
    /// Its statistics.
    pub result: &'a CellResult,
    /// Its segments in the time domain, all of them unless it was interrupted.
    pub segments: &'a [SimulatedSegment],
    /// All of them together; none where some are missing.
    pub total: Option<Agreement>,
    /// Symbol errors of codewords behind all segments, where codewords were sent.
    pub coded: Option<WordModels>,
    /// Symbols asked for in each segment.
    pub asked: u64,
}

/// `simulate --json`.
#[derive(Debug, Clone, Serialize)]
pub struct SimulationDocument {
    /// Version of the crate.
    pub version: &'static str,
    /// Seed of every random number.
    pub seed: u64,
    /// Instructions the kernels ran with.
    pub simd_level: &'static str,
    /// `100G` or `200G`.
    pub lane_rate: LaneRate,
    /// `retimed`, `lro`, `lpo` or `cpo`.
    pub architecture: &'static str,
    /// The channels in the path.
    pub channel: String,
    /// `die-to-die` or `ball-to-ball`.
    pub package: &'static str,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// `baud` or `waveform`.
    pub engine: Engine,
    /// Samples to a symbol.
    pub samples_per_ui: usize,
    /// Whether everything asked for was simulated.
    pub whole: bool,
    /// The segments, transmitting host first.
    pub segments: Vec<SimulatedSegmentDocument>,
    /// Bit error ratio of all segments; `null`, like what follows, where some are missing.
    pub ber: Option<RatioDocument>,
    /// What the statistical engine gives.
    pub predicted_ber: f64,
    /// Logarithm of simulated over predicted; `null` without errors.
    pub ln_ratio: Option<f64>,
    /// Whether the prediction lies in the interval.
    pub inside: Option<bool>,
    /// Whether they agree by the rule of the segments.
    pub agrees: Option<bool>,
    /// By how many dB of SNR the simulation lies below the prediction; `null` without errors.
    pub gap_db: Option<f64>,
    /// Codewords behind all segments; `null` without `--fec`.
    pub fec: Option<EndToEndDocument>,
}

/// One simulated segment.
#[derive(Debug, Clone, Serialize)]
pub struct SimulatedSegmentDocument {
    /// Name.
    pub name: &'static str,
    /// Symbols compared.
    pub symbols: u64,
    /// Independent runs.
    pub runs: u64,
    /// Symbols wrong.
    pub symbol_errors: u64,
    /// Bits wrong.
    pub bit_errors: u64,
    /// Error events, 32 right symbols apart.
    pub events: u64,
    /// Bit error ratio; without errors value and low are 0 and high is the bound.
    pub ber: RatioDocument,
    /// What the statistical engine gives.
    pub predicted_ber: f64,
    /// Logarithm of simulated over predicted; `null` without errors.
    pub ln_ratio: Option<f64>,
    /// Whether the prediction lies in the interval.
    pub inside: bool,
    /// Whether they agree by `rule`.
    pub agrees: bool,
    /// By how many dB of SNR the simulation lies below the prediction; `null` without errors.
    pub gap_db: Option<f64>,
    /// Interval of the gap; `null` where an end has no number.
    pub gap_interval_db: [Option<f64>; 2],
    /// By what they are held to agree.
    pub rule: &'static str,
    /// Ratio of level mismatch at the slicer that the statistical engine gives.
    pub predicted_r_lm: f64,
    /// Slicer SNR measured.
    pub snr_db: Option<f64>,
    /// Slicer SNR of the statistical engine.
    pub predicted_snr_db: f64,
    /// Taps of the channel's impulse.
    pub channel_taps: usize,
    /// Symbols per second and 10^6.
    pub msym_per_s: f64,
    /// What the waveform engine found; `null` at one sample to a symbol.
    pub waveform: Option<WaveformDocument>,
    /// Codewords of this segment; `null` without `--fec`.
    pub fec: Option<CodedDocument>,
}

impl SimulationAnswer<'_> {
    fn config(&self) -> &LinkConfig {
        self.scenario.rate(self.cell.lane_rate)
    }

    fn pairs(&self) -> impl Iterator<Item = (&SegmentReport, &SimulatedSegment)> {
        self.result.segments.iter().zip(self.segments)
    }

    /// The JSON document.
    #[must_use]
    pub fn document(&self) -> SimulationDocument {
        let segment = |(report, simulated): (&SegmentReport, &SimulatedSegment)| {
            let SegmentAgreement {
                simulation,
                ber,
                predicted_ber,
                ln_ratio,
                inside,
                gap_db,
                r_lm,
                rule,
                ..
            } = &simulated.agreement;
            let errors = simulation.errors;
            SimulatedSegmentDocument {
                name: report.segment.name,
                symbols: errors.symbols,
                runs: simulation.runs,
                symbol_errors: errors.symbol_errors,
                bit_errors: errors.bit_errors,
                events: errors.events,
                ber: (*ber).into(),
                predicted_ber: *predicted_ber,
                ln_ratio: *ln_ratio,
                inside: *inside,
                agrees: simulated.agreement.agrees(),
                gap_db: gap_db.and_then(|g| finite(g.value)),
                gap_interval_db: gap_db.map_or([None; 2], |g| [finite(g.low), finite(g.high)]),
                rule: rule.name(),
                predicted_r_lm: *r_lm,
                waveform: WaveformDocument::new(simulation, report),
                snr_db: simulation.snr_db,
                predicted_snr_db: report.analysis.snr_db,
                channel_taps: simulation.channel_taps,
                msym_per_s: simulated.msym_per_s,
                fec: simulation.coded.as_ref().map(CodedDocument::from),
            }
        };
        SimulationDocument {
            version: VERSION,
            seed: self.scenario.seed,
            simd_level: self.level(),
            lane_rate: self.cell.lane_rate,
            architecture: self.cell.architecture.name(),
            channel: self.cell.channel.clone(),
            package: self.cell.package(self.config()),
            confidence: SegmentAgreement::CONFIDENCE,
            segments: self.pairs().map(segment).collect(),
            engine: self.config().simulation.engine,
            samples_per_ui: self.samples_per_ui(),
            whole: self.is_whole(),
            ber: self.total.map(|t| t.ber.into()),
            predicted_ber: (self.total).map_or(self.result.pre_fec_ber.value, |t| t.predicted_ber),
            ln_ratio: self.total.and_then(|t| t.ln_ratio),
            inside: self.total.map(|t| t.inside),
            agrees: self.total.map(|t| t.agrees()),
            gap_db: self
                .total
                .and_then(|t| t.gap_db)
                .and_then(|g| finite(g.value)),
            fec: self.coded.as_ref().map(EndToEndDocument::from),
        }
    }

    /// Whether all that was asked for was simulated.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.total.is_some() && self.segments.iter().all(|s| s.agreement.simulation.whole)
    }

    /// Symbols simulated, and asked for, of all segments.
    #[must_use]
    pub fn symbols(&self) -> [u64; 2] {
        let done = self
            .segments
            .iter()
            .map(|s| s.agreement.simulation.errors.symbols);
        [done.sum(), self.asked * self.result.segments.len() as u64]
    }

    fn samples_per_ui(&self) -> usize {
        match self.config().simulation.engine {
            Engine::Baud => 1,
            Engine::Waveform => self.config().simulation.samples_per_ui,
        }
    }

    fn level(&self) -> &'static str {
        let first = self.segments.first();
        first.map_or("", |s| s.agreement.simulation.level.name())
    }
}

/// A simulated ratio; without errors the bound.
fn simulated(ber: Interval) -> [String; 2] {
    if ber.value > 0.0 {
        [
            format!("{:.2e}", ber.value),
            format!("{:.2e}..{:.2e}", ber.low, ber.high),
        ]
    } else {
        [format!("<{:.1e}", ber.high), "no errors".to_owned()]
    }
}

pub(super) fn agrees(agrees: bool) -> String {
    if agrees { "yes" } else { "NO" }.to_owned()
}

fn finite(x: f64) -> Option<f64> {
    Some(x).filter(|x| x.is_finite())
}

fn ln(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |r| format!("{r:+.3}"))
}

/// Tables that fit `width` columns (80 or more).
#[must_use]
// One table after the other.
#[allow(clippy::too_many_lines)]
pub fn simulation_sections(answer: &SimulationAnswer<'_>, width: usize) -> Vec<Section> {
    let cell = answer.cell;
    let level = answer
        .segments
        .first()
        .map_or_else(crate::Level::best, |s| s.agreement.simulation.level);
    let head = format!(
        "{}\n{}",
        identity(answer.scenario.seed, level),
        channels(answer.scenario, std::slice::from_ref(cell), width)
    );
    let counts = [
        ("segment", Left),
        ("symbols", Right),
        ("events", Right),
        ("bit\nerrors", Right),
        ("SNR dB\nsimulated", Right),
        ("SNR dB\npredicted", Right),
        ("MSym/s", Right),
    ];
    let count_rows = answer.pairs().map(|(report, s)| {
        let simulation = &s.agreement.simulation;
        vec![
            report.segment.name.to_owned(),
            thousands(simulation.errors.symbols as f64),
            thousands(simulation.errors.events as f64),
            thousands(simulation.errors.bit_errors as f64),
            (simulation.snr_db).map_or_else(|| "-".to_owned(), |x| format!("{x:.2}")),
            format!("{:.2}", report.analysis.snr_db),
            amount(s.msym_per_s),
        ]
    });
    let ratios = [
        ("segment", Left),
        ("BER\nsimulated", Right),
        ("99 % interval", Right),
        ("BER\npredicted", Right),
        ("ln(sim/pred)", Right),
        ("agrees", Right),
    ];
    let mut ratio_rows: Vec<Vec<String>> = answer
        .pairs()
        .map(|(report, s)| {
            let [value, bounds] = simulated(s.agreement.ber);
            vec![
                report.segment.name.to_owned(),
                value,
                bounds,
                ratio(s.agreement.predicted_ber),
                ln(s.agreement.ln_ratio),
                agrees(s.agreement.agrees()),
            ]
        })
        .collect();
    if let Some(total) = &answer.total {
        let [value, bounds] = simulated(total.ber);
        ratio_rows.push(vec![
            "whole cell".to_owned(),
            value,
            bounds,
            ratio(total.predicted_ber),
            ln(total.ln_ratio),
            agrees(total.agrees()),
        ]);
    }
    let note = format!(
        "Agrees: |ln(sim/pred)| below {}, or the prediction inside the {:.0} % interval. Intervals are \
         taken over error events (bursts apart by 32 right symbols or more). The prediction is the \
         statistical engine's, which shares responses, taps and phase with the simulation and nothing \
         else. The simulated SNR has wrong decisions fed back, the predicted one right ones only. Each \
         segment is simulated on its own; the whole cell is their sum.",
        Agreement::LN_RATIO,
        100.0 * SegmentAgreement::CONFIDENCE
    );
    let mut sections = vec![
        Section::new("", head),
        Section::new(
            match answer.config().simulation.engine {
                Engine::Baud => format!("{} in the time domain", name(cell)),
                Engine::Waveform => format!(
                    "{} in the time domain, {} samples to a symbol",
                    name(cell),
                    answer.samples_per_ui()
                ),
            },
            table(width, &counts, count_rows),
        ),
        Section::new("Beside its prediction", table(width, &ratios, ratio_rows)),
    ];
    let pairs: Vec<_> = answer.pairs().collect();
    sections.extend(waveform_section(&pairs, width));
    sections.extend(rules_section(&pairs, width));
    let coded = |(report, s): (_, &SimulatedSegment)| {
        let report: &SegmentReport = report;
        s.agreement
            .simulation
            .coded
            .clone()
            .map(|c| (report.segment.name, c))
    };
    let coded: Vec<_> = answer.pairs().filter_map(coded).collect();
    sections.extend(coded_sections(&coded, answer.coded.as_ref(), width));
    sections.push(Section::new("", wrap(&note, width, 0)));
    sections
}
