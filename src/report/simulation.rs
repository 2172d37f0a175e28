//! `simulate`: the time domain beside its prediction.

use serde::Serialize;

use crate::link::config::{LinkConfig, Scenario};
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

/// Everything that an answer of `simulate` is told by.
#[derive(Debug, Clone)]
pub struct SimulationAnswer<'a> {
    /// What was asked.
    pub scenario: &'a Scenario,
    /// The cell.
    pub cell: &'a Cell,
    /// Its statistics.
    pub result: &'a CellResult,
    /// Its segments in the time domain.
    pub segments: &'a [SimulatedSegment],
    /// All of them together.
    pub total: Agreement,
    /// Symbol errors of codewords behind all segments, where codewords were sent.
    pub coded: Option<WordModels>,
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
    /// The segments, transmitting host first.
    pub segments: Vec<SimulatedSegmentDocument>,
    /// Bit error ratio of all segments.
    pub ber: RatioDocument,
    /// What the statistical engine gives.
    pub predicted_ber: f64,
    /// Logarithm of simulated over predicted; `null` without errors.
    pub ln_ratio: Option<f64>,
    /// Whether the prediction lies in the interval.
    pub inside: bool,
    /// Whether it does, or `ln_ratio` is within 0.05.
    pub agrees: bool,
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
    /// Whether it does, or `ln_ratio` is within 0.05.
    pub agrees: bool,
    /// Slicer SNR measured.
    pub snr_db: Option<f64>,
    /// Slicer SNR of the statistical engine.
    pub predicted_snr_db: f64,
    /// Taps of the channel's impulse.
    pub channel_taps: usize,
    /// Symbols per second and 10^6.
    pub msym_per_s: f64,
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
            ber: self.total.ber.into(),
            predicted_ber: self.total.predicted_ber,
            ln_ratio: self.total.ln_ratio,
            inside: self.total.inside,
            agrees: self.total.agrees(),
            fec: self.coded.as_ref().map(EndToEndDocument::from),
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

fn agrees(agrees: bool) -> String {
    if agrees { "yes" } else { "NO" }.to_owned()
}

fn ln(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |r| format!("{r:+.3}"))
}

/// Tables that fit `width` columns (80 or more).
#[must_use]
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
    let [value, bounds] = simulated(answer.total.ber);
    ratio_rows.push(vec![
        "whole cell".to_owned(),
        value,
        bounds,
        ratio(answer.total.predicted_ber),
        ln(answer.total.ln_ratio),
        agrees(answer.total.agrees()),
    ]);
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
            format!("{} in the time domain", name(cell)),
            table(width, &counts, count_rows),
        ),
        Section::new("Beside its prediction", table(width, &ratios, ratio_rows)),
    ];
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
