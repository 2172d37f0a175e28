//! The JSON documents; their field names are the keys, and numbers that are not finite become `null`.

use serde::Serialize;

use crate::energy::fleet::{Fleet, FleetConfig};
use crate::energy::{Interval, Kind, Place};
use crate::error::Result;
use crate::link::config::LinkConfig;
use crate::link::{Architecture, Cell, CellResult, SegmentReport};
use crate::metrics;
use crate::rate::LaneRate;

use super::comparison::margin_note;

/// Version of the crate that made a document.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `compare --json`.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonDocument {
    /// Version of the crate.
    pub version: &'static str,
    /// Seed of every random number.
    pub seed: u64,
    /// Instructions the kernels ran with.
    pub simd_level: &'static str,
    /// Files of the host channels; `null` where the built-in lines stand in.
    pub channel: ChannelsDocument,
    /// What stands between ports and the meter.
    pub fleet: FleetConfig,
    /// Lane rates outside, architectures inside.
    pub cells: Vec<CellDocument>,
}

/// The host channels of a comparison.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChannelsDocument {
    /// Near file with its port order.
    pub near: Option<String>,
    /// Where its data end.
    pub near_end_hz: Option<f64>,
    /// Far file.
    pub far: Option<String>,
    /// Where its data end.
    pub far_end_hz: Option<f64>,
    /// Files of far-end aggressors.
    pub fext: Vec<String>,
    /// Files of near-end aggressors.
    pub next: Vec<String>,
}

/// One cell. Without data `closes` and all results are `null` and the lists empty.
#[derive(Debug, Clone, Serialize)]
pub struct CellDocument {
    /// `100G` or `200G`.
    pub lane_rate: LaneRate,
    /// `retimed`, `lro`, `lpo` or `cpo`.
    pub architecture: Architecture,
    /// The channels in its path.
    pub channel: String,
    /// `die-to-die` or `ball-to-ball`.
    pub package: &'static str,
    /// Whether the codeword failure ratio is within its target.
    pub closes: Option<bool>,
    /// Why not.
    pub reason: Option<String>,
    /// Bit error ratio at the decoder's input.
    pub pre_fec_ber: Option<RatioDocument>,
    /// Electrical margin of the weakest segment, 20 log10; `null` beyond the range searched.
    pub margin_db: Option<f64>,
    /// Why a computed cell has no value for its margin.
    pub margin_note: Option<&'static str>,
    /// OMA that the weakest segment may lose, 10 log10; `null` where it has no optics and beyond the range
    /// searched.
    pub margin_optical_db: Option<f64>,
    /// Codeword failure ratio.
    pub post_fec_cer: Option<f64>,
    /// Its target.
    pub target_cer: f64,
    /// Whether 2.4e-4 as a rule of thumb says otherwise.
    pub rule_of_thumb_differs: Option<bool>,
    /// Whether a feedback equalizer makes bursts; the failure ratio is then that of the burst chain.
    pub bursts: Option<bool>,
    /// Name of the weakest segment.
    pub weakest_segment: Option<&'static str>,
    /// The segments, transmitting host first.
    pub segments: Vec<SegmentDocument>,
    /// The module, W.
    pub module_w: Option<Interval>,
    /// The host end, W.
    pub host_w: Option<Interval>,
    /// Module and host end per nominal bit.
    pub pj_per_bit: Option<Interval>,
    /// Electronics and FEC, fiber apart.
    pub latency_ns: Option<f64>,
    /// Where the joules go.
    pub energy: Vec<EnergyDocument>,
    /// What a fleet of these ports draws.
    pub fleet: Option<Fleet>,
}

/// A ratio with its bounds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RatioDocument {
    /// Best value.
    pub value: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl From<metrics::Interval> for RatioDocument {
    fn from(i: metrics::Interval) -> Self {
        Self {
            value: i.value,
            low: i.low,
            high: i.high,
        }
    }
}

/// One segment.
#[derive(Debug, Clone, Serialize)]
pub struct SegmentDocument {
    /// Name.
    pub name: &'static str,
    /// Symbol rate.
    pub baud_hz: f64,
    /// Bit error ratio, error propagation included.
    pub ber: f64,
    /// Symbol error ratio.
    pub ser: f64,
    /// Slicer SNR.
    pub snr_db: f64,
    /// Signal at the test points passed.
    pub amplitudes: Vec<AmplitudeDocument>,
    /// Error variance at the slicer by source.
    pub noise_budget: Vec<NoiseDocument>,
    /// Receiver.
    pub equalizer: EqualizerDocument,
    /// Gains of the CTLEs, two stages each.
    pub ctle_db: Vec<[f64; 2]>,
    /// Transmit FIR, the earliest tap first.
    pub tx_fir: Vec<f64>,
    /// Gain controls.
    pub agc: Vec<AgcDocument>,
    /// How errors cluster.
    pub burst: BurstDocument,
    /// Share of the pulse's energy beyond the end of a channel file.
    pub extrapolated_share: f64,
}

/// Signal at a test point.
#[derive(Debug, Clone, Serialize)]
pub struct AmplitudeDocument {
    /// TP0 to TP5.
    pub point: &'static str,
    /// V, W or A.
    pub unit: &'static str,
    /// RMS around the mean.
    pub rms: f64,
    /// Swing of the ideal PAM4 waveform with that RMS.
    pub pam4_pp: f64,
}

/// One line of a noise budget.
#[derive(Debug, Clone, Serialize)]
pub struct NoiseDocument {
    /// Where it comes from.
    pub source: &'static str,
    /// Variance in units of the level peak.
    pub variance: f64,
    /// Share of the whole, 0 to 1.
    pub share: f64,
}

/// A segment's receiver.
#[derive(Debug, Clone, Serialize)]
pub struct EqualizerDocument {
    /// Number of FFE taps.
    pub ffe_taps: usize,
    /// Of them before the main one.
    pub ffe_precursors: usize,
    /// Number of DFE taps.
    pub dfe_taps: usize,
    /// FFE taps, index 0 on the latest sample.
    pub ffe: Vec<f32>,
    /// DFE taps in units of the levels.
    pub dfe: Vec<f32>,
    /// Effective bits of the converter.
    pub enob: f64,
    /// Sampling time on the axis of the responses.
    pub phase_s: f64,
}

/// A gain control.
#[derive(Debug, Clone, Serialize)]
pub struct AgcDocument {
    /// What it controls.
    pub name: &'static str,
    /// Output unit per input unit.
    pub gain: f64,
    /// Whether the largest gain did not suffice.
    pub limited: bool,
}

/// How errors cluster.
#[derive(Debug, Clone, Serialize)]
pub struct BurstDocument {
    /// Error events per symbol.
    pub event_rate: f64,
    /// Symbol errors of one.
    pub symbols_per_event: f64,
    /// Bit errors of one.
    pub bits_per_event: f64,
    /// Probability that an error causes the next.
    pub propagation: f64,
}

/// One row of an energy breakdown.
#[derive(Debug, Clone, Serialize)]
pub struct EnergyDocument {
    /// The block.
    pub block: String,
    /// The hardware form priced.
    pub form: String,
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: Place,
    /// How its joules are known.
    pub kind: Kind,
    /// Power.
    pub w: f64,
    /// Per nominal bit.
    pub pj_per_bit: f64,
}

impl CellDocument {
    /// The document of a cell that was computed under `config`.
    pub fn new(cell: &Cell, config: &LinkConfig, fleet: &FleetConfig) -> Result<Self> {
        let result = cell.result.as_ref().ok();
        let of = |pick: fn(&CellResult) -> f64| result.map(pick);
        let margin = result.filter(|r| margin_note(r.margin_db).is_none());
        Ok(Self {
            lane_rate: cell.lane_rate,
            architecture: cell.architecture,
            channel: cell.channel.clone(),
            package: cell.package(config),
            closes: cell.closes(),
            reason: cell.reason(),
            pre_fec_ber: result.map(|r| r.pre_fec_ber.into()),
            margin_db: margin.map(|r| r.margin_db),
            margin_note: result.and_then(|r| margin_note(r.margin_db)),
            margin_optical_db: result
                .and_then(|r| r.margin_optical_db)
                .filter(|&db| margin_note(db).is_none()),
            post_fec_cer: of(|r| r.post_fec_cer),
            target_cer: config.fec.target_cer,
            rule_of_thumb_differs: result.map(|r| r.rule_of_thumb_differs),
            bursts: result.map(|r| r.bursts),
            weakest_segment: result
                .and_then(|r| r.segments.get(r.weakest))
                .map(|s| s.segment.name),
            segments: result
                .map(|r| r.segments.iter().map(SegmentDocument::from).collect())
                .unwrap_or_default(),
            module_w: result.map(|r| r.energy.module_w),
            host_w: result.map(|r| r.energy.host_w),
            pj_per_bit: result.map(|r| r.energy.pj_per_bit),
            latency_ns: of(|r| r.latency_ns),
            energy: result
                .map(|r| r.energy.rows.iter().map(EnergyDocument::from).collect())
                .unwrap_or_default(),
            fleet: cell.fleet(fleet)?,
        })
    }
}

impl From<&SegmentReport> for SegmentDocument {
    fn from(report: &SegmentReport) -> Self {
        let (segment, analysis) = (&report.segment, &report.analysis);
        let (chain, equalizer) = (&segment.chain, &segment.equalizer);
        Self {
            name: segment.name,
            baud_hz: chain.baud_hz,
            ber: analysis.ber,
            ser: analysis.ser,
            snr_db: analysis.snr_db,
            amplitudes: (chain.amplitudes.iter())
                .map(|a| AmplitudeDocument {
                    point: a.point,
                    unit: a.unit,
                    rms: a.rms,
                    pam4_pp: a.pam4_pp,
                })
                .collect(),
            noise_budget: (analysis.budget.iter())
                .map(|n| NoiseDocument {
                    source: n.source.name(),
                    variance: n.variance,
                    share: n.share,
                })
                .collect(),
            equalizer: EqualizerDocument {
                ffe_taps: equalizer.ffe.len(),
                ffe_precursors: equalizer.precursors,
                dfe_taps: equalizer.dfe.len(),
                ffe: equalizer.ffe.clone(),
                dfe: equalizer.dfe.clone(),
                enob: chain.receiver.enob,
                phase_s: equalizer.phase_s,
            },
            ctle_db: segment.ctle_db.clone(),
            tx_fir: chain.choice.tx_taps.clone(),
            agc: (chain.agc.iter())
                .map(|a| AgcDocument {
                    name: a.name,
                    gain: a.gain,
                    limited: a.limited,
                })
                .collect(),
            burst: BurstDocument {
                event_rate: analysis.burst.event_rate,
                symbols_per_event: analysis.burst.symbols_per_event,
                bits_per_event: analysis.burst.bits_per_event,
                propagation: analysis.burst.propagation,
            },
            extrapolated_share: segment.extrapolated_share,
        }
    }
}

impl From<&crate::energy::Row> for EnergyDocument {
    fn from(row: &crate::energy::Row) -> Self {
        Self {
            block: row.block.to_string(),
            form: row.form.to_string(),
            place: row.place,
            kind: row.kind,
            w: row.w,
            pj_per_bit: row.pj_per_bit,
        }
    }
}
