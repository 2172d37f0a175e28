//! One cell of a comparison: does it close, with which equalizer, at how many joules, on which side?

use crate::energy::fleet::{Fleet, FleetConfig, fleet};
use crate::energy::{self, PRICES};
use crate::error::{Error, Result};
use crate::fec::cost::dirty_share;
use crate::fec::{
    BurstChain, KP4, Path, WordErrors, combined_symbol_error_probability, rs_symbol_error_from_pam4,
};
use crate::metrics;
use crate::rate::LaneRate;
use crate::signal::BurstModel;

use super::analyze::{Conditions, SegmentAnalysis, Statistics};
use super::architecture::{Architecture, HostChannels, segments};
use super::config::{LinkConfig, PackageSet};
use super::design::design;
use super::price::{latency_s, node, system};
use super::segment::Segment;

/// Noise may grow or shrink by this much in the search for the margin, dB.
const MARGIN_RANGE_DB: f64 = 20.0;
/// Bursts sampled for each step of that search.
const MARGIN_BURSTS: usize = 2000;
/// The steps of that search, dB.
const MARGIN_STEP_DB: f64 = 1.0;
/// Half the width of its last bracket is 2^-8 of a step: 4 mdB.
const MARGIN_STEPS: usize = 7;

/// A segment with its design and its statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentReport {
    /// Chain and equalizer.
    pub segment: Segment,
    /// Error ratios, SNR, noise budget.
    pub analysis: SegmentAnalysis,
}

/// A cell that could be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct CellResult {
    /// Whether the codeword failure ratio is within its target.
    pub closes: bool,
    /// Bit error ratio at the decoder's input, all segments together; low and high with all noise
    /// `analysis.uncertainty_db` lower and higher.
    pub pre_fec_ber: metrics::Interval,
    /// Codeword failure ratio: segments with bursts by the two-state chain of their error propagation along
    /// the path of `fec` ([`BurstChain::from_model`]), others with independent symbol errors, in series ([`WordErrors::in_series`]).
    pub post_fec_cer: f64,
    /// Whether the rule of thumb (BER at most 2.4e-4) says otherwise than `closes`.
    pub rule_of_thumb_differs: bool,
    /// Whether a feedback equalizer makes bursts, so that the failure ratio is that of the burst chain.
    pub bursts: bool,
    /// How much all noise of the weakest segment may grow, 20 log10, until the target fails; negative
    /// if it fails already. Plus or minus 20 where the target is met, or missed, all the way.
    pub margin_db: f64,
    /// How much optical power the weakest segment may lose, 10 log10 of OMA, until the target fails, the gain
    /// control of the transimpedance amplifier restoring the signal; negative if it fails already, plus or
    /// minus 20 as above. None where the weakest segment has no optics.
    pub margin_optical_db: Option<f64>,
    /// Index of the weakest segment.
    pub weakest: usize,
    /// The segments, transmitting host first.
    pub segments: Vec<SegmentReport>,
    /// Watts, pJ per bit and where they go.
    pub energy: energy::Breakdown,
    /// Electronics and decoding from host to host, ns; fiber apart.
    pub latency_ns: f64,
}

/// One architecture at one lane rate.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Lane rate.
    pub lane_rate: LaneRate,
    /// Architecture.
    pub architecture: Architecture,
    /// The channels that its path uses, in words.
    pub channel: String,
    /// What was computed, or why nothing could be.
    pub result: std::result::Result<CellResult, String>,
}

impl Cell {
    /// Whether the cell closes; `None` where it could not be computed.
    #[must_use]
    pub fn closes(&self) -> Option<bool> {
        self.result.as_ref().ok().map(|r| r.closes)
    }

    /// What a fleet of this cell's ports draws; `None` where the cell could not be computed.
    ///
    /// # Errors
    /// A fleet configuration that makes no sense.
    pub fn fleet(&self, config: &FleetConfig) -> Result<Option<Fleet>> {
        match &self.result {
            Ok(r) => fleet(r.energy.port_w(), config).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Between which points the host channels are taken, `die-to-die` or `ball-to-ball`; a co-packaged
    /// engine stands at the host's die.
    #[must_use]
    pub fn package(&self, config: &LinkConfig) -> &'static str {
        if self.architecture.uses_host_channel() {
            config.channel.package.ends()
        } else {
            PackageSet::Com.ends()
        }
    }

    /// Why it does not close or could not be computed; `None` where it closes.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match &self.result {
            Err(reason) => Some(format!("no data: {reason}")),
            Ok(r) if !r.closes => Some(format!(
                "codeword failure {:.1e} above target, weakest segment {}",
                r.post_fec_cer, r.segments[r.weakest].segment.name
            )),
            Ok(_) => None,
        }
    }
}

/// Bit error ratio of a link from those of its segments: a bit is wrong at the end if an odd number of
/// segments flips it.
fn combined_ber(ber: &[f64]) -> f64 {
    let kept: f64 = ber.iter().map(|b| 1.0 - 2.0 * b).product();
    let small: f64 = ber.iter().sum();
    if small < 1e-6 {
        small
    } else {
        0.5 * (1.0 - kept)
    }
}

/// Mean symbols of an error event above which a segment's errors are taken as bursts.
const BURST: f64 = 1.05;

/// What a segment does to codewords.
#[derive(Debug, Clone)]
enum Words {
    /// Symbols of the code err independently, with this probability.
    Independent(f64),
    /// They do not.
    Bursts(WordErrors),
}

/// The chain of a segment's errors: runs of the mean length that its feedback makes, or none. There is no chain where more
/// symbols err than runs of that length leave room for: no word survives that, whatever the shape of the errors.
fn chain(model: &BurstModel, ser: f64) -> Result<Option<BurstChain>> {
    let epf = if model.symbols_per_event > BURST {
        model.run_propagation().min(0.999)
    } else {
        ser.clamp(0.0, 1.0)
    };
    if ser >= 1.0 / (2.0 - epf) {
        return Ok(None);
    }
    BurstChain::from_symbol_error_ratio(ser, epf).map(Some)
}

impl Words {
    fn new(model: &BurstModel, ser: f64, path: &Path) -> Result<Self> {
        let independent = model.symbols_per_event <= BURST && !path.precoding;
        Ok(match chain(model, ser)? {
            Some(chain) if !independent => {
                Self::Bursts(chain.symbol_error_distribution(path, &KP4, KP4.n)?)
            }
            _ => Self::Independent(rs_symbol_error_from_pam4(ser.clamp(0.0, 1.0))?),
        })
    }
}

/// Bit error ratio that a segment leaves behind the precoder: that of the line without one.
fn decoded_ber(ser: f64, ber: f64, burst: &BurstModel, path: &Path) -> Result<f64> {
    if !path.precoding {
        return Ok(ber);
    }
    Ok(match chain(burst, ser)? {
        Some(chain) => chain.bit_error_ratio(true),
        None => 0.5,
    })
}

/// Share of words with an error and codeword failure ratio behind all segments.
fn combine(segments: &[&Words]) -> Result<(f64, f64)> {
    let mut independent = Vec::new();
    let mut bursts: Option<WordErrors> = None;
    for segment in segments {
        match segment {
            Words::Independent(p) => independent.push(*p),
            Words::Bursts(words) => {
                bursts = Some(match bursts {
                    Some(before) => before.in_series(words)?,
                    None => words.clone(),
                });
            }
        }
    }
    let symbol = combined_symbol_error_probability(&independent)?;
    let Some(bursts) = bursts else {
        return Ok((dirty_share(symbol), KP4.codeword_error_ratio(symbol)?));
    };
    let all = if symbol > 0.0 {
        bursts.in_series(&WordErrors::independent(KP4.n, symbol)?)?
    } else {
        bursts
    };
    Ok((all.at_least(1)?.min(1.0), all.codeword_error_ratio(&KP4)?))
}

/// Computes a cell: designs its segments, analyses them, prices them.
///
/// A channel file that ends below half the symbol rate makes a cell without data, not an error; so does
/// a segment for which no equalizer exists. Invalid configurations are errors.
pub fn cell(
    architecture: Architecture,
    rate: LaneRate,
    config: &LinkConfig,
    channels: &HostChannels,
    seed: u64,
) -> Result<Cell> {
    config.validate()?;
    let module_node = node("energy.module_node_nm", config.energy.module_node_nm)?;
    let host_node = node("energy.host_node_nm", config.energy.host_node_nm)?;
    let prices = PRICES.prices(rate, module_node, host_node)?;
    let computed = compute(architecture, rate, config, channels, &prices, seed);
    let result = match computed {
        Ok(result) => Ok(result),
        Err(e @ (Error::Band { .. } | Error::Singular { .. })) => Err(e.to_string()),
        Err(e) => return Err(e),
    };
    let channel = if architecture.uses_host_channel() {
        let path = format!("{}; far: {}", channels.near.name(), channels.far.name());
        if channels.crosstalk.is_empty() {
            path
        } else {
            format!("{path}; crosstalk: {}", channels.crosstalk.names())
        }
    } else {
        format!("own short path, {} dB", config.channel.cpo_loss_db)
    };
    Ok(Cell {
        lane_rate: rate,
        architecture,
        channel,
        result,
    })
}

fn compute(
    architecture: Architecture,
    rate: LaneRate,
    config: &LinkConfig,
    channels: &HostChannels,
    prices: &energy::Prices,
    seed: u64,
) -> Result<CellResult> {
    let analysis = &config.analysis;
    let designed = segments(architecture, config, channels)?
        .iter()
        .map(|spec| design(spec, analysis))
        .collect::<Result<Vec<_>>>()?;
    let statistics = designed
        .iter()
        .map(|s| Statistics::new(s, analysis))
        .collect::<Result<Vec<_>>>()?;
    let reports = statistics
        .iter()
        .map(|s| s.report(analysis.bursts, seed))
        .collect::<Result<Vec<_>>>()?;
    let ser: Vec<f64> = reports.iter().map(|r| r.ser).collect();
    let path = config.fec.path();
    let words = reports
        .iter()
        .map(|r| Words::new(&r.burst, r.ser, &path))
        .collect::<Result<Vec<_>>>()?;
    let ber = reports
        .iter()
        .map(|r| decoded_ber(r.ser, r.ber, &r.burst, &path))
        .collect::<Result<Vec<_>>>()?;
    let value = combined_ber(&ber);
    let (dirty, post_fec_cer) = combine(&words.iter().collect::<Vec<_>>())?;
    let at = |db: f64| -> Result<f64> {
        let scaled = statistics
            .iter()
            .map(|s| {
                let e = s.errors(Conditions::noise_db(db), MARGIN_BURSTS, seed)?;
                decoded_ber(e.ser, e.ber, &e.burst, &path)
            })
            .collect::<Result<Vec<f64>>>()?;
        Ok(combined_ber(&scaled))
    };
    let pre_fec_ber = metrics::Interval {
        value,
        low: at(-analysis.uncertainty_db)?.min(value),
        high: at(analysis.uncertainty_db)?.max(value),
    };
    let target = config.fec.target_cer;
    let closes = post_fec_cer <= target;
    let weakest = (0..ser.len()).fold(0, |w, i| if ser[i] > ser[w] { i } else { w });
    let margin_of = |conditions| {
        margin(
            &statistics[weakest],
            &words,
            weakest,
            &path,
            target,
            seed,
            conditions,
        )
    };
    // The margin's smaller sample of bursts must not contradict the verdict.
    let signed = |db: f64| if closes { db.max(0.0) } else { db.min(0.0) };
    let margin_db = signed(margin_of(Conditions::noise_db)?);
    let has_optics = designed[weakest].chain.optical.is_some();
    let margin_optical_db = has_optics
        .then(|| margin_of(Conditions::light_down_db))
        .transpose()?
        .map(signed);
    let priced = system(architecture, rate, config, dirty);
    let energy = energy::price(&priced, prices, seed)?;
    Ok(CellResult {
        closes,
        pre_fec_ber,
        post_fec_cer,
        rule_of_thumb_differs: closes != (value <= crate::fec::target::KP4_BER_BUDGET),
        bursts: designed
            .iter()
            .zip(&reports)
            .any(|(s, r)| !s.equalizer.dfe.is_empty() && r.burst.symbols_per_event > BURST),
        margin_db,
        margin_optical_db,
        weakest,
        segments: designed
            .into_iter()
            .zip(reports)
            .map(|(segment, analysis)| SegmentReport { segment, analysis })
            .collect(),
        energy,
        latency_ns: latency_s(architecture) * 1e9,
    })
}

/// The change of one segment, the others unchanged, at which the target begins to fail, nearest to no change: walked
/// to in steps of [`MARGIN_STEP_DB`] and bisected; the end of the range where it fails or holds all the way.
///
/// Nearest, because far from the working point the sampled bursts say little.
fn margin(
    weakest: &Statistics,
    words: &[Words],
    index: usize,
    path: &Path,
    target: f64,
    seed: u64,
    conditions: fn(f64) -> Conditions,
) -> Result<f64> {
    let fails = |db: f64| -> Result<bool> {
        let errors = weakest.errors(conditions(db), MARGIN_BURSTS, seed)?;
        let changed = Words::new(&errors.burst, errors.ser, path)?;
        let mut words: Vec<&Words> = words.iter().collect();
        words[index] = &changed;
        Ok(combine(&words)?.1 > target)
    };
    let step = if fails(0.0)? {
        -MARGIN_STEP_DB
    } else {
        MARGIN_STEP_DB
    };
    // Away from no change until the verdict turns.
    let mut end = 0.0;
    while fails(end + step)? == (step < 0.0) {
        end += step;
        if end.abs() >= MARGIN_RANGE_DB {
            return Ok(end);
        }
    }
    let (mut low, mut high) = (end.min(end + step), end.max(end + step));
    for _ in 0..MARGIN_STEPS {
        let middle = 0.5 * (low + high);
        if fails(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests;
