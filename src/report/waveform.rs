//! What the waveform engine finds: lock, phase, levels; and by which rule a simulation is judged.

use serde::Serialize;

use crate::link::{Rule, SegmentAgreement, SegmentReport, Simulation};
use crate::optics::modulator::LevelPowers;

use super::simulation::{SimulatedSegment, agrees};
use super::text::{
    Align::{Left, Right},
    Section, table, wrap,
};

/// The waveform engine's part of a simulated segment.
#[derive(Debug, Clone, Serialize)]
pub struct WaveformDocument {
    /// Levels measured at the slicer, in the unit of the peak level.
    pub levels: [f64; 4],
    /// Their ratio of mismatch.
    pub r_lm: f64,
    /// Sampling phase found, less the designed one, unit intervals.
    pub phase_off_ui: f64,
    /// Clock recovery; `null` with a fixed phase.
    pub lock: Option<LockDocument>,
}

/// Lock of the clock recovery at the end of the start, of the worst stream.
#[derive(Debug, Clone, Serialize)]
pub struct LockDocument {
    /// Whether every stream was locked.
    pub locked: bool,
    /// Streams that were.
    pub streams_locked: usize,
    /// Streams in all.
    pub streams: usize,
    /// Why not, of a stream that was not.
    pub reason: Option<String>,
    /// Frequency estimate, ppm: positive where the signal's symbols last longer than the receiver's own, the opposite
    /// of `--ppm`.
    pub frequency_ppm: f64,
    /// Cycle slips.
    pub slips: u64,
    /// Gain of the detector per unit interval, as its probe measured it; `null` before.
    pub gain_per_ui: Option<f64>,
}

impl WaveformDocument {
    pub(super) fn new(simulation: &Simulation, report: &SegmentReport) -> Option<Self> {
        let found = simulation.waveform.as_ref()?;
        let designed = report.segment.equalizer.phase_s;
        let off_s = found.equalizer.phase_s - designed;
        Some(Self {
            levels: found.levels,
            r_lm: LevelPowers(found.levels).r_lm(),
            phase_off_ui: off_s * report.segment.chain.baud_hz,
            lock: found.lock.map(|lock| LockDocument {
                locked: simulation.is_locked(),
                streams_locked: found.locked[0],
                streams: found.locked[1],
                reason: lock.not_locked.map(|r| r.to_string()),
                frequency_ppm: lock.frequency_ppm,
                slips: lock.slips,
                gain_per_ui: Some(lock.evidence.gain_per_ui).filter(|g| g.is_finite()),
            }),
        })
    }
}

/// The pairs of a segment's report and its simulation.
type Pair<'a> = (&'a SegmentReport, &'a SimulatedSegment);

/// What the waveform engine found; nothing without it.
pub(super) fn waveform_section(pairs: &[Pair<'_>], width: usize) -> Option<Section> {
    let columns = [
        ("segment", Left),
        ("streams\nlocked", Right),
        ("phase UI\noff design", Right),
        ("ppm", Right),
        ("slips", Right),
        ("R_LM", Right),
        ("levels at the slicer", Left),
    ];
    let mut notes = Vec::new();
    let rows: Vec<Vec<String>> = pairs
        .iter()
        .filter_map(|(report, s)| {
            let name = report.segment.name;
            let found = WaveformDocument::new(&s.agreement.simulation, report)?;
            let lock = found.lock.as_ref();
            if let Some(reason) = lock.and_then(|l| l.reason.as_ref()) {
                notes.push(format!("{name}: not locked: {reason}."));
            }
            let of = |text: fn(&LockDocument) -> String| lock.map_or_else(|| "-".to_owned(), text);
            let levels = found.levels.map(|l| format!("{l:+.3}"));
            Some(vec![
                name.to_owned(),
                of(|l| format!("{}/{}", l.streams_locked, l.streams)),
                format!("{:+.3}", found.phase_off_ui),
                of(|l| format!("{:+.1}", l.frequency_ppm)),
                of(|l| l.slips.to_string()),
                format!("{:.3}", found.r_lm),
                levels.join(" "),
            ])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mut body = table(width, &columns, rows);
    for note in notes {
        body = format!("{}\n{}", body.trim_end(), wrap(&note, width, 2));
    }
    Some(Section::new("On the waveform", body))
}

/// Gaps and rules, where a segment is not judged by its interval.
pub(super) fn rules_section(pairs: &[Pair<'_>], width: usize) -> Option<Section> {
    if pairs
        .iter()
        .all(|(_, s)| s.agreement.rule == Rule::Interval)
    {
        return None;
    }
    let columns = [
        ("segment", Left),
        ("gap dB", Right),
        ("99 % interval", Right),
        ("R_LM", Right),
        ("rule", Left),
        ("agrees", Right),
    ];
    let rows = pairs.iter().map(|(report, s)| {
        let SegmentAgreement {
            gap_db, r_lm, rule, ..
        } = &s.agreement;
        let [gap, interval] = match gap_db {
            Some(g) if g.value.is_finite() => {
                let bounds = format!("{:+.2}..{:+.2}", g.low, g.high);
                [format!("{:+.2}", g.value), bounds]
            }
            Some(g) => [format!("<{:+.2}", g.high), "no errors".to_owned()],
            None => ["-".to_owned(), "-".to_owned()],
        };
        vec![
            report.segment.name.to_owned(),
            gap,
            interval,
            format!("{r_lm:.3}"),
            rule.name().to_owned(),
            agrees(s.agreement.agrees()),
        ]
    });
    let mut body = table(width, &columns, rows);
    let note = "Gap: by how many dB of slicer SNR the simulation lies below the prediction. R_LM as predicted at \
                the slicer.";
    body = format!("{}\n{}", body.trim_end(), wrap(note, width, 0));
    Some(Section::new("By which rule", body))
}
