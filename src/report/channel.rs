//! `channel FILE`: what the file holds, what it loses, what it does to a pulse.

use serde::Serialize;

use crate::channel::{BandUse, ChannelSummary, PulseSummary};
use crate::rate::LaneRate;

use super::json::VERSION;
use super::text::{Align::Right, Section, percent, table, wrap};

/// `channel --json`.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelDocument {
    /// Version of the crate.
    pub version: &'static str,
    /// File and port order.
    pub name: String,
    /// Ports.
    pub ports: usize,
    /// Reference of each port.
    pub port_ohm: f64,
    /// Reference of the differential path in the file.
    pub differential_ohm: f64,
    /// Frequencies.
    pub points: usize,
    /// The first.
    pub start_hz: f64,
    /// The last.
    pub end_hz: f64,
    /// `1-2,3-4` or `1-3,2-4`; `null` for two ports.
    pub port_order: Option<String>,
    /// Whether the order was read off the data.
    pub port_order_detected: bool,
    /// What is doubtful about the file.
    pub warnings: Vec<String>,
    /// Losses at the Nyquist frequencies.
    pub losses: Vec<LossDocument>,
    /// Pulse per lane rate.
    pub pulses: Vec<PulseDocument>,
}

/// Losses at one frequency; `null` above the end of the file.
#[derive(Debug, Clone, Serialize)]
pub struct LossDocument {
    /// The frequency.
    pub f_hz: f64,
    /// Port 1 to 2.
    pub forward_db: Option<f64>,
    /// Port 2 to 1.
    pub reverse_db: Option<f64>,
    /// Return loss of port 1.
    pub return1_db: Option<f64>,
    /// Return loss of port 2.
    pub return2_db: Option<f64>,
}

/// The pulse at a lane rate; `null` fields and a reason where the file ends too early.
#[derive(Debug, Clone, Serialize)]
pub struct PulseDocument {
    /// `100G` or `200G`.
    pub lane_rate: LaneRate,
    /// Symbol rate.
    pub baud_hz: f64,
    /// `measured` or `extrapolated`.
    pub band: Option<&'static str>,
    /// Why there is no pulse.
    pub reason: Option<String>,
    /// Main cursor, V per unit symbol.
    pub cursor: Option<f64>,
    /// 3, 2, 1 UI before it, over the cursor.
    pub pre: Option<[f64; 3]>,
    /// 1 to 8 UI behind it, over the cursor.
    pub post: Option<[f64; 8]>,
    /// Sum of all other magnitudes over the cursor.
    pub isi_over_cursor: Option<f64>,
    /// Share of energy more than 8 UI before the cursor.
    pub precursor_share: Option<f64>,
    /// Share of energy above the end of the file.
    pub extrapolated_share: Option<f64>,
}

fn band(use_: BandUse) -> &'static str {
    match use_ {
        BandUse::Measured => "measured",
        BandUse::Extrapolated => "extrapolated",
    }
}

impl From<&ChannelSummary> for ChannelDocument {
    fn from(s: &ChannelSummary) -> Self {
        let losses = s.losses.iter().map(|&(f_hz, l)| LossDocument {
            f_hz,
            forward_db: l.map(|l| l.forward_db),
            reverse_db: l.map(|l| l.reverse_db),
            return1_db: l.map(|l| l.return1_db),
            return2_db: l.map(|l| l.return2_db),
        });
        let pulses = s.pulses.iter().map(|(rate, pulse)| {
            let p = pulse.as_ref().ok();
            PulseDocument {
                lane_rate: *rate,
                baud_hz: rate.baud_hz(),
                band: p.map(|p| band(p.band)),
                reason: pulse.as_ref().err().cloned(),
                cursor: p.map(|p| p.cursor),
                pre: p.map(|p| p.pre),
                post: p.map(|p| p.post),
                isi_over_cursor: p.map(|p| p.isi_over_cursor),
                precursor_share: p.map(|p| p.precursor_share),
                extrapolated_share: p.map(|p| p.extrapolated_share),
            }
        });
        Self {
            version: VERSION,
            name: s.name.clone(),
            ports: s.ports,
            port_ohm: s.port_ohm,
            differential_ohm: s.differential_ohm,
            points: s.points,
            start_hz: s.start_hz,
            end_hz: s.end_hz,
            port_order: s.order.map(|o| o.to_string()),
            port_order_detected: s.order.is_some() && s.detected,
            warnings: s.warnings.clone(),
            losses: losses.collect(),
            pulses: pulses.collect(),
        }
    }
}

fn ghz(f_hz: f64) -> String {
    // Frequencies of files are decimal; six digits behind the point are a kHz.
    let text = format!("{:.6}", f_hz / 1e9);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Loss or return loss; an exact zero has no decibels, and a through has none to lose.
fn decibels(db: f64) -> String {
    if db > 200.0 {
        return ">200".to_owned();
    }
    let text = format!("{db:.2}");
    if text == "-0.00" {
        "0.00".to_owned()
    } else {
        text
    }
}

/// Tables that fit `width` columns (80 or more).
#[must_use]
pub fn channel_sections(s: &ChannelSummary, width: usize) -> Vec<Section> {
    let order = match (s.order, s.detected) {
        (Some(order), true) => format!("{order} (detected)"),
        (Some(order), false) => format!("{order} (given)"),
        (None, _) => "two ports, one differential path".to_owned(),
    };
    let head = [
        s.name.clone(),
        format!(
            "{} ports at {} ohm, differential path at {} ohm; port order {order}",
            s.ports, s.port_ohm, s.differential_ohm
        ),
        format!(
            "{} points, {} to {} GHz",
            s.points,
            ghz(s.start_hz),
            ghz(s.end_hz)
        ),
    ]
    .into_iter()
    .chain(s.warnings.iter().map(|w| format!("warning: {w}")))
    .map(|line| wrap(&line, width, 2))
    .collect::<Vec<_>>()
    .join("\n");
    let loss_header = [
        ("GHz", Right),
        ("loss 1>2\ndB", Right),
        ("loss 2>1\ndB", Right),
        ("return 1\ndB", Right),
        ("return 2\ndB", Right),
    ];
    let losses = s.losses.iter().map(|(f, l)| {
        let mut row = vec![ghz(*f)];
        if let Some(l) = l {
            let four = [l.forward_db, l.reverse_db, l.return1_db, l.return2_db];
            row.extend(four.map(decibels));
        } else {
            row.push("beyond\nthe file".to_owned());
            row.resize(5, "-".to_owned());
        }
        row
    });
    let mut sections = vec![
        Section::new("", head),
        Section::new(
            "Losses at 100 ohm differential",
            table(width, &loss_header, losses),
        ),
    ];
    for (rate, pulse) in &s.pulses {
        let title = format!(
            "{rate}: pulse of a held symbol at {} GBd, % of the main cursor",
            ghz(rate.baud_hz())
        );
        let body = match pulse {
            Ok(pulse) => pulse_body(pulse, width),
            Err(reason) => format!("no data: {reason}"),
        };
        sections.push(Section::new(title, body));
    }
    sections
}

fn pulse_body(p: &PulseSummary, width: usize) -> String {
    let lags = [
        "-3", "-2", "-1", "main", "1", "2", "3", "4", "5", "6", "7", "8",
    ];
    let header = lags.map(|lag| (lag, Right));
    let of_main = |c: &f64| {
        let text = format!("{:.1}", 100.0 * c);
        if text == "-0.0" {
            "0.0".to_owned()
        } else {
            text
        }
    };
    let mut row: Vec<String> = p.pre.iter().map(of_main).collect();
    row.push("100".to_owned());
    row.extend(p.post.iter().map(of_main));
    let facts = wrap(
        &format!(
            "main cursor {:.3} of the symbol; sum of |ISI| {:.2} of the cursor; energy more than 8 UI \
             before it {}; energy that rests on extrapolation {} (band: {})",
            p.cursor,
            p.isi_over_cursor,
            percent(p.precursor_share),
            percent(p.extrapolated_share),
            match p.band {
                BandUse::Measured => "measured to the symbol rate",
                BandUse::Extrapolated => "the file ends below the symbol rate",
            }
        ),
        width,
        2,
    );
    format!("{}\n{facts}", table(width, &header, [row]))
}
