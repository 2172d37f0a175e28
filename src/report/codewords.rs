//! The codewords of a simulation: what the decoder did, and the measured counts beside their models.

use serde::Serialize;

use crate::fec::{KP4, Multiplex, Path, Proportion, WordErrors};
use crate::link::{CodedCount, SegmentAgreement, WordModels};

use super::json::RatioDocument;
use super::text::{
    Align::{Left, Right},
    SMALLEST, Section, ratio, table, thousands, wrap,
};

/// Codewords of one simulated segment.
#[derive(Debug, Clone, Serialize)]
pub struct CodedDocument {
    /// The code.
    pub code: &'static str,
    /// Codewords interleaved.
    pub interleave: usize,
    /// `symbol`, `bit` or `bit_in_step`.
    pub multiplex: &'static str,
    /// PCS lanes that share the lane; 1 for whole symbols.
    pub pcs_lanes: usize,
    /// Whether the segment precodes.
    pub precoding: bool,
    /// Words decoded.
    pub words: u64,
    /// Words decoded, by corrected symbols 0 to t.
    pub corrected: Vec<u64>,
    /// Words that could not be decoded.
    pub uncorrectable: u64,
    /// Words decoded to something that was not sent.
    pub miscorrected: u64,
    /// Failed words over all; without any, value and low are 0 and high is the bound.
    pub cer: Option<RatioDocument>,
    /// Bit error ratio of words before decoding.
    pub pre_fec_ber: f64,
    /// Bit error ratio of messages after decoding.
    pub post_fec_ber: f64,
    /// The chain fitted to the errors of this run: probability of an error after a right symbol.
    pub chain_iep: Option<f64>,
    /// And after a wrong one.
    pub chain_epf: Option<f64>,
    /// Words by symbol errors; the last entry counts that many and more.
    pub words_by_errors: Vec<u64>,
    /// Shares and failure ratios of the models.
    pub models: Option<EndToEndDocument>,
}

/// Symbol errors of codewords: measured and by two models.
#[derive(Debug, Clone, Serialize)]
pub struct EndToEndDocument {
    /// Share of words by symbol errors, measured; all three lists go from 0 to 60 errors.
    pub measured: Vec<f64>,
    /// The same by the chain of bursts.
    pub bursts: Vec<f64>,
    /// The same with independent errors.
    pub independent: Vec<f64>,
    /// Codeword failure ratio by the measured shares; 0 where none failed.
    pub measured_cer: Option<f64>,
    /// By the chain of bursts.
    pub bursts_cer: Option<f64>,
    /// With independent errors.
    pub independent_cer: Option<f64>,
}

/// Numbers of errors that are listed.
const LISTED: usize = 61;

impl From<&WordModels> for EndToEndDocument {
    fn from(models: &WordModels) -> Self {
        let shares = |w: &WordErrors| {
            let all = w.probabilities().iter().copied();
            all.chain(std::iter::repeat(0.0)).take(LISTED).collect()
        };
        let cer = |w: &WordErrors| w.codeword_error_ratio(&KP4).ok();
        Self {
            measured: shares(&models.measured),
            bursts: shares(&models.bursts),
            independent: shares(&models.independent),
            measured_cer: cer(&models.measured),
            bursts_cer: cer(&models.bursts),
            independent_cer: cer(&models.independent),
        }
    }
}

impl From<&CodedCount> for CodedDocument {
    fn from(count: &CodedCount) -> Self {
        let ratio = |p: Proportion| RatioDocument {
            value: p.value,
            low: p.low,
            high: p.high,
        };
        let chain = count.chain().ok();
        Self {
            code: count.code.name,
            interleave: count.path.interleave,
            multiplex: match count.path.multiplex {
                Multiplex::Symbol => "symbol",
                Multiplex::Bit { .. } => "bit",
                Multiplex::BitInStep { .. } => "bit_in_step",
            },
            pcs_lanes: count.path.multiplex.lanes(),
            precoding: count.path.precoding,
            words: count.words,
            corrected: count.corrected.clone(),
            uncorrectable: count.uncorrectable,
            miscorrected: count.miscorrected,
            cer: (count.failure_ratio(SegmentAgreement::CONFIDENCE).ok()).map(ratio),
            pre_fec_ber: count.pre_fec_ber(),
            post_fec_ber: count.post_fec_ber(),
            chain_iep: chain.map(|c| c.iep()),
            chain_epf: chain.map(|c| c.epf()),
            words_by_errors: count.wrong_symbols.counts().to_vec(),
            models: count.models().ok().as_ref().map(EndToEndDocument::from),
        }
    }
}

fn path_words(path: &Path) -> String {
    let multiplex = match path.multiplex {
        Multiplex::Symbol => "multiplexed by symbols".to_owned(),
        Multiplex::Bit { lanes } => format!("{lanes} PCS lanes multiplexed by bits"),
        Multiplex::BitInStep { lanes } => format!("{lanes} PCS lanes in step multiplexed by bits"),
    };
    let precoding = if path.precoding { ", precoded" } else { "" };
    format!(
        "{} words interleaved, {multiplex}{precoding}",
        path.interleave
    )
}

/// A bound with two digits, never below itself.
fn rounded_up(x: f64) -> String {
    let text = format!("{x:.1e}");
    let unit = 10f64.powi(x.log10().floor() as i32 - 1);
    if text.parse().is_ok_and(|shown: f64| shown < x) {
        format!("{:.1e}", x + 0.5 * unit)
    } else {
        text
    }
}

/// A failure ratio, or its bound.
fn failure(p: Option<Proportion>) -> [String; 2] {
    match p {
        Some(p) if p.value > 0.0 => [
            format!("{:.2e}", p.value),
            format!("{:.1e}..{:.1e}", p.low, p.high),
        ],
        Some(p) => [format!("<{}", rounded_up(p.high)), "no failures".to_owned()],
        None => ["-".to_owned(), "no words".to_owned()],
    }
}

/// Tables of what the decoder did and of the errors per word; none without codewords.
pub(super) fn coded_sections(
    segments: &[(&'static str, CodedCount)],
    whole: Option<&WordModels>,
    width: usize,
) -> Vec<Section> {
    let Some((_, first)) = segments.first() else {
        return Vec::new();
    };
    let decoder = [
        ("segment", Left),
        ("words", Right),
        ("corrected\nsymbols", Right),
        ("undecod-\nable", Right),
        ("miscor-\nrected", Right),
        ("CER\nmeasured", Right),
        ("99 % interval", Right),
        ("BER\nafter", Right),
    ];
    let rows = segments.iter().map(|(name, c)| {
        let [cer, bounds] = failure(c.failure_ratio(SegmentAgreement::CONFIDENCE).ok());
        let corrected: u64 = (0u64..).zip(&c.corrected).map(|(e, &n)| e * n).sum();
        vec![
            (*name).to_owned(),
            thousands(c.words as f64),
            thousands(corrected as f64),
            thousands(c.uncorrectable as f64),
            thousands(c.miscorrected as f64),
            cer,
            bounds,
            if c.message_bit_errors == 0 {
                "0".to_owned()
            } else {
                format!("{:.1e}", c.post_fec_ber())
            },
        ]
    });
    let mut sections = vec![Section::new(
        format!("KP4 codewords: {}", path_words(&first.path)),
        table(width, &decoder, rows),
    )];
    for (name, count) in segments {
        if count.line_errors == 0 {
            continue;
        }
        if let Ok(models) = count.models() {
            sections.push(Section::new(
                format!("Symbol errors per word: {name}"),
                errors_per_word(&models, Some(count), width),
            ));
        }
    }
    if let (Some(models), true) = (whole, segments.len() > 1) {
        sections.push(Section::new(
            "Symbol errors per word: all segments convolved",
            errors_per_word(models, None, width),
        ));
    }
    let chains: Vec<String> = segments
        .iter()
        .filter_map(|(name, c)| {
            let chain = c.chain().ok()?;
            Some(if c.line_errors == 0 {
                format!("{name}: none, no errors")
            } else {
                format!(
                    "{name}: {} after a right symbol, {:.3} after a wrong one",
                    ratio(chain.iep()),
                    chain.epf()
                )
            })
        })
        .collect();
    let note = format!(
        "Bursts: two-state chain fitted to the errors of the run (probability of an error: {}). Independent: \
         as many PAM4 errors without memory; bursts hit fewer symbols of a word and some words harder, so the \
         two cross, and where words fail often the independent one may lie above. Shares below one word of those \
         simulated are the models' alone. With bits multiplexed and strong feedback the chain has been seen 2 to 4 % \
         off in the mean (it takes the wrong bit of a symbol as drawn anew). All words of a group travel on the one lane simulated; words \
         that a run does not complete are dropped. Intervals take words as independent: up \
         to 1.5 times too narrow where more than a percent of them fails.",
        chains.join("; ")
    );
    sections.push(Section::new("", wrap(&note, width, 0)));
    sections
}

fn errors_per_word(models: &WordModels, count: Option<&CodedCount>, width: usize) -> String {
    let t = KP4.t;
    let columns = [
        ("errors", Left),
        ("words", Right),
        ("measured", Right),
        ("bursts", Right),
        ("independent", Right),
    ];
    let share = |x: f64| match x {
        0.0 => "0".to_owned(),
        x if x < SMALLEST => ratio(x),
        x => format!("{x:.2e}"),
    };
    let mut rows: Vec<Vec<String>> = (0..=t)
        .map(|errors| {
            let of = |w: &WordErrors| w.probabilities().get(errors).copied().unwrap_or(0.0);
            let words = count.and_then(|c| c.wrong_symbols.counts().get(errors).copied());
            vec![
                errors.to_string(),
                words.map_or_else(|| "-".to_owned(), |n| thousands(n as f64)),
                share(of(&models.measured)),
                share(of(&models.bursts)),
                share(of(&models.independent)),
            ]
        })
        .collect();
    let more = |w: &WordErrors| {
        w.codeword_error_ratio(&KP4)
            .map_or_else(|_| "-".to_owned(), share)
    };
    let words = count.and_then(|c| c.wrong_symbols.at_least(t + 1).ok());
    rows.push(vec![
        format!("> {t}: fails"),
        words.map_or_else(|| "-".to_owned(), |n| thousands(n as f64)),
        more(&models.measured),
        more(&models.bursts),
        more(&models.independent),
    ]);
    table(width, &columns, rows)
}
