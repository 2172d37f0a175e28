//! Maximum-likelihood sequence estimation: the Viterbi algorithm on the trellis of a short
//! partial response, hard and soft.

pub mod cost;
pub mod design;
mod engine;
mod kernel;
mod kernel16;
mod long;
mod machine;
mod reduced;
pub mod reference;
mod single;
mod soft;
mod soft_kernel;
mod streams;
#[cfg(test)]
mod tests;
mod trellis;

pub use engine::MlseState;
pub use single::Seams;

use engine::CHUNK;
use machine::Machine;
use trellis::{Trellis4, Trellis16};

use crate::error::{Error, Result, finite, in_range, positive};
use crate::{Level, pam4};

/// The largest unit of the metrics, relative to the smallest squared distance that an error can have.
const COARSEST_UNIT: f64 = 0.05;

/// What a [`Mlse`] takes the channel to be.
#[derive(Debug, Clone, PartialEq)]
pub struct MlseConfig {
    /// Response `h` of the channel at baud: `h[0]` weighs the newest symbol and is not zero, `h[k]`
    /// the symbol `k` before it. Two entries make a trellis of 4 states, three one of 16.
    pub response: Vec<f32>,
    /// Four states for a response of three: the state is the last symbol, and the symbol before it is
    /// taken from the survivor of the state (delayed decision-feedback sequence estimation). No effect
    /// on a response of two.
    pub reduced: bool,
    /// Values of the symbols 0..=3, strictly rising.
    pub levels: [f32; 4],
    /// How many samples beyond a block of 128 symbols are heard before the block is decided or
    /// weighed; even, 2..=128.
    pub depth: usize,
}

impl Default for MlseConfig {
    /// `1 + 0.5 D`, all states, levels -3, -1, 1, 3, depth 64.
    fn default() -> Self {
        Self {
            response: vec![1.0, 0.5],
            reduced: false,
            levels: pam4::LEVELS,
            depth: 64,
        }
    }
}

/// Finds the likeliest sequence of symbols behind samples of a short response in white noise.
///
/// The model is `x[n] = sum_k h[k] level(d[n-k]) + w[n]` with white Gaussian `w`; the symbols before
/// the first sample are unknown and all equally likely. The detector minimises
/// `sum_n (x[n] - sum_k h[k] level(d[n-k]))^2` over all sequences `d` (for the reduced form, over those
/// that its survivors leave; there the symbol two before the first sample is taken to be 1).
///
/// # Shapes and units
/// Samples and levels (times response) share one unit. Symbols are `u8` 0..=3 in level order, `d[n]` is
/// the symbol that `h[0]` weighs in `x[n]`. One record: [`Mlse::apply`]; many records side by side:
/// [`Mlse::apply_lanes`], [`Mlse::apply_interleaved`]; streams in blocks of any size:
/// [`Mlse::process_lanes`], [`Mlse::process_interleaved`] and their flushes; log-likelihood ratios:
/// [`Mlse::soft`], [`Mlse::soft_lanes`]. Best with at least 32 streams.
///
/// # Numeric contract
/// Samples are rounded to 16 bits over 1.5 times the range of the noise-free samples around its middle and
/// limited there; NaN is read as the lowest sample. Branch metrics (less what all branches of a step
/// share) are rounded to integers of which 2^14 span the spread of all metrics; sums are exact from
/// there on. So metrics relative to that of state 0 depend on the survivors alone, and everything is
/// bit-identical at every SIMD level, for every split into blocks and segments, and to
/// [`reference::viterbi`] over the integer branches: of two origins with one metric the lower state wins,
/// and the traceback starts at the lowest of the best states. The rounding costs less than
/// 0.01 dB of SNR against [`reference::exact`] on `1 + alpha D` and less than 0.02 dB on 1, 0.7, -0.3 (held by
/// tests); it grows with the square of [`Mlse::metric_unit`], by estimate to 0.1 dB at the coarsest unit that a plan takes.
///
/// `apply` in all its forms equals the traceback over the whole record, always. `process` decides
/// blocks of 128 symbols from the best state [`MlseConfig::depth`] samples after them; it equals the
/// traceback over the whole record too unless [`MlseState::unsettled`] says otherwise.
///
/// # Cost
/// See [`cost`]. Per symbol and state four additions, three comparisons, and few products.
///
/// # Errors
/// [`Error::Empty`], [`Error::OutOfRange`], [`Error::NotFinite`] and [`Error::NotPositive`] for the
/// response, [`Error::NotIncreasing`] and [`Error::NotFinite`] for levels, [`Error::OutOfRange`] for
/// a response or levels too uneven for 14-bit metrics and for the depth, [`Error::Length`] and [`Error::NotContiguous`]
/// for arrays or a state that does not fit. A call that returns an error has touched neither output
/// nor state.
///
/// # Source
/// G. D. Forney, "Maximum-likelihood sequence estimation of digital sequences in the presence of intersymbol
/// interference", IEEE Trans. Inf. Theory 18 (1972); A. Duel-Hallen, C. Heegard, "Delayed
/// decision-feedback sequence estimation", IEEE Trans. Commun. 37 (1989).
///
/// # Example
/// ```
/// use pamlink::mlse::{Mlse, MlseConfig};
///
/// // Symbols 3, 0, 2 after a 1 through 1 + D: no slicer could tell the last from its neighbours.
/// let x = [3.0 - 1.0, -3.0 + 3.0, 1.0 - 3.0];
/// let mlse = Mlse::new(&MlseConfig { response: vec![1.0, 1.0], ..MlseConfig::default() })?;
/// let mut d = [0; 3];
/// mlse.apply(&x, &mut d)?;
/// let error: f32 = (1..3)
///     .map(|n| {
///         let level = |s: u8| 2.0 * f32::from(s) - 3.0;
///         (x[n] - level(d[n]) - level(d[n - 1])).powi(2)
///     })
///     .sum();
/// assert_eq!(error, 0.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mlse {
    config: MlseConfig,
    machine: Machine,
    level: Level,
}

impl Mlse {
    /// A detector at the best SIMD level of this machine.
    pub fn new(config: &MlseConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A detector at a given SIMD level.
    pub fn with_level(config: &MlseConfig, level: Level) -> Result<Self> {
        check(config)?;
        let (response, levels) = (&config.response, &config.levels);
        let machine = match (response.len(), config.reduced) {
            (3, false) => Machine::Sixteen(Trellis16::new(response, levels, false)),
            (3, true) => Machine::Reduced(Trellis16::new(response, levels, true)),
            _ => Machine::Four(Trellis4::new(response, levels)),
        };
        in_range(
            "unit of the metrics over the smallest squared distance",
            machine.unit() / smallest_distance(response, levels),
            0.0,
            COARSEST_UNIT,
        )?;
        Ok(Self {
            machine,
            config: config.clone(),
            level,
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &MlseConfig {
        &self.config
    }

    /// States of the trellis: 4 or 16.
    #[must_use]
    pub fn states(&self) -> usize {
        self.machine.states()
    }

    /// One unit of the integer metrics, in squared units of the samples.
    #[must_use]
    pub fn metric_unit(&self) -> f64 {
        self.machine.unit()
    }
}

/// Smallest squared distance between two sequences that differ first in one symbol and in up to three more
/// behind it, to the end of the response: `min |h * e|^2` over the differences `e` of levels.
fn smallest_distance(response: &[f32], levels: &[f32; 4]) -> f64 {
    const LENGTH: usize = 4;
    let mut differences: Vec<f64> = Vec::new();
    for a in levels {
        for b in levels {
            differences.push(f64::from(*a) - f64::from(*b));
        }
    }
    differences.sort_by(f64::total_cmp);
    differences.dedup();
    // Depth first: samples behind the newest difference are complete, so a sum that is too large ends a branch.
    let mut smallest = f64::INFINITY;
    let mut stack = vec![(Vec::new(), 0.0)];
    while let Some((errors, sum)) = stack.pop() {
        let sample = |errors: &[f64], n: usize| -> f64 {
            let taps = response.iter().enumerate().take(n + 1);
            taps.map(|(k, h)| f64::from(*h) * errors.get(n - k).copied().unwrap_or(0.0))
                .sum()
        };
        if !errors.is_empty() {
            let tail = errors.len()..errors.len() + response.len() - 1;
            let rest: f64 = tail.map(|n| sample(&errors, n).powi(2)).sum();
            smallest = smallest.min(sum + rest);
        }
        if errors.len() == LENGTH || sum >= smallest {
            continue;
        }
        for &e in differences
            .iter()
            .filter(|e| !errors.is_empty() || **e > 0.0)
        {
            let mut longer = errors.clone();
            longer.push(e);
            let more = sample(&longer, longer.len() - 1).powi(2);
            stack.push((longer, sum + more));
        }
    }
    smallest
}

fn check(config: &MlseConfig) -> Result<()> {
    let (response, levels) = (&config.response, &config.levels);
    if response.is_empty() {
        return Err(Error::Empty {
            name: "response".into(),
        });
    }
    in_range("response (entries)", response.len() as f64, 2.0, 3.0)?;
    for (k, &h) in response.iter().enumerate() {
        finite(format!("response[{k}]"), f64::from(h))?;
    }
    positive("magnitude of response[0]", f64::from(response[0].abs()))?;
    for (i, &level) in levels.iter().enumerate() {
        finite(format!("levels[{i}]"), f64::from(level))?;
    }
    if let Some(index) = (1..4).find(|&i| levels[i] <= levels[i - 1]) {
        return Err(Error::NotIncreasing {
            name: "levels".into(),
            index,
            previous: levels[index - 1].into(),
            value: levels[index].into(),
        });
    }
    let reach: f64 = response.iter().map(|&h| f64::from(h).abs()).sum();
    let span = reach * (f64::from(levels[3]) - f64::from(levels[0]));
    let (least, most) = (f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX));
    in_range("range of the samples", span, least * 1e6, most / 1e6)?;
    in_range("depth", config.depth as f64, 2.0, CHUNK as f64)?;
    if !config.depth.is_multiple_of(2) {
        return Err(Error::WrongType {
            name: "depth".into(),
            value: config.depth.to_string(),
            expected: format!("an even number from 2 to {CHUNK}"),
        });
    }
    Ok(())
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Mlse>();
};
