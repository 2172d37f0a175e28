//! The inner code of 200G lanes: pair sums and an extended Hamming code (68, 60).
//!
//! IEEE P802.3dj clause 177: 120 message bits, two per PAM4 symbol, and 8 parity bits make a block of 128
//! bits or 64 symbols. The parity bits protect the *sums* of the pairs: a decision for a neighbouring level
//! changes one bit of a Gray pair and so its sum. The 60 sums and the parity bits are the 68 *positions* of an
//! extended Hamming code of distance 4; both bits of one pair flipped together are invisible to it.
//!
//! - [`encode`], [`encode_symbols`], [`encode_word`]: the encoder; [`syndrome`].
//! - [`InnerDecoder::decode_symbols`]: hard decisions; corrects one wrong position.
//! - [`InnerDecoder::decode_samples`], [`InnerDecoder::decode_llr`], [`InnerDecoder::decode_soft`],
//!   [`InnerDecoder::decode_integers`]: the Chase decoder on soft decisions.
//! - [`mod@reference`]: the same by the plain equations, and maximum likelihood.
//!
//! The convolutional interleaver in front of the encoder is in [`super::interleave`].

mod code;
mod decode;
mod encode;
mod front;
#[cfg(target_arch = "x86_64")]
mod kernel;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod patterns;
#[cfg(target_arch = "x86_64")]
mod planes;
pub mod reference;
mod run;
mod search;
#[cfg(test)]
mod tests;

use crate::Level;
use crate::error::{Error, Result, finite, in_range, positive};
use crate::pam4;

use front::Eye;
use patterns::Patterns;

pub use encode::{encode, encode_symbols, encode_word, syndrome};
pub use patterns::MAX_POSITIONS;

/// Message bits of a block.
pub const MESSAGE_BITS: usize = 120;
/// Bits of a block.
pub const BLOCK_BITS: usize = 128;
/// PAM4 symbols of a block.
pub const BLOCK_SYMBOLS: usize = 64;
/// Pairs of message bits of a block.
pub const PAIRS: usize = 60;
/// Positions of the extended Hamming code: the pairs, then the parity bits.
pub const POSITIONS: usize = 68;

/// How an [`InnerDecoder`] searches and what its inputs mean.
#[derive(Debug, Clone, PartialEq)]
pub struct InnerConfig {
    /// Least reliable positions that are tried, at most [`MAX_POSITIONS`]; none corrects one wrong position
    /// where the syndrome says so.
    pub positions: usize,
    /// Test patterns: all sets of at most so many of these positions that there are this many of them. For
    /// 6 positions 1, 7, 22, 42, 57, 63 or 64 (42: up to three), for fewer the like; usual are 2/4, 3/8, 4/16,
    /// 5/32, 6/42, 6/64.
    pub patterns: usize,
    /// Bits of a reliability, 5 to 8, to which `f32` inputs are rounded; `None` takes them as they are, which
    /// is slower. The sign is not counted.
    pub bits: Option<u32>,
    /// The log-likelihood ratio that the greatest integer stands for; what lies above is limited to it. Natural
    /// units, best in proportion to the inverse of the noise's variance: a distance `d` of
    /// [`InnerConfig::full_scale_distance`] is a ratio of `2 d / sigma^2`, `sigma` in half spacings too. Above zero, but
    /// without meaning, where `bits` is `None`.
    pub full_scale_llr: f32,
    /// The distance of a sample from its threshold that the greatest integer stands for, in half mean spacings
    /// of the levels. Above zero, but without meaning, where `bits` is `None`.
    pub full_scale_distance: f32,
    /// Values of the symbols 0..=3 in the unit of the samples, strictly rising.
    pub levels: [f32; 4],
}

impl Default for InnerConfig {
    fn default() -> Self {
        Self {
            positions: 6,
            patterns: 42,
            bits: Some(8),
            full_scale_llr: 16.0,
            full_scale_distance: 1.25,
            levels: pam4::LEVELS,
        }
    }
}

/// What a decoder did to some blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct InnerReport {
    /// Blocks.
    pub blocks: u64,
    /// Blocks whose syndrome was zero: left as they were.
    pub clean: u64,
    /// Blocks in which positions were flipped to reach a word of the code.
    pub corrected: u64,
    /// Blocks for which no candidate was found: left as received.
    pub uncorrectable: u64,
    /// Flipped bits (parity bits included) of all corrected blocks: one per flipped position.
    pub flipped_bits: u64,
}

/// Decodes blocks of the inner code.
///
/// # Equation
/// The positions `i` of a block have hard decisions and reliabilities `r_i`; the reliability of a pair is that of
/// its less reliable bit (the first of equals), which is the bit that a flip of the pair flips. A block whose
/// syndrome is zero is left alone: it is the likeliest word. For others each test pattern flips some of the least
/// reliable positions (of equal ones the first in the block); where the syndrome is then the column of a position,
/// that one is flipped as well and a candidate is found. The candidate of the least sum of flipped `r_i` wins; of
/// equals the one whose pattern has fewer positions, then the smaller number with bit `j` for the `j`-th least
/// reliable position. A block without a candidate is *uncorrectable* and left as received: with six positions next to
/// never, with fewer often, without any wherever the syndrome is even (but not zero) or no column.
///
/// # Shapes and units
/// Bits are one per byte in the order of transmission, of a PAM4 symbol the most significant first. Inputs are
/// `[block, 128]` soft bits or `[block, 64]` samples or symbols, outputs `[block, 120]` message bits. `flips`, if
/// there, takes the number of flipped bits of each block (0 for a clean one), -1 for an uncorrectable one.
///
/// # Numeric contract
/// Without `bits` sums are formed in `f64`. With it a reliability is the nearest integer (ties to even) of
/// `r * (2^bits - 1) / full_scale`, the factor rounded to `f32`, at most `2^bits - 1`; sums of flipped ones
/// stop at 254. Which bit of a pair is the less reliable is told before rounding. All is bit-identical at every SIMD
/// level and equal to [`reference::chase`] on the same numbers.
///
/// # What it corrects
/// Every single wrong position and, where enough of the wrong ones are among the least reliable, up to one more than
/// its patterns flip (four for 6/42). Behind PAM4 with Gaussian noise at a pre-inner bit error ratio of 4.8e-3 the message bits have
/// 2.42e-4 (6/42 on `f32`; 8 bits at a full scale of 1.25 half spacings the same, 7, 6 and 5 bits at one 0.3, 0 and
/// 1.2 % more),
/// 2.38e-4 (6/64), 2.52e-4 (5/32), 3.0e-4 (4/16), 6.9e-4 (2/4), 2.33e-4 with maximum likelihood (measured over some million blocks each).
///
/// # Cost
/// Per block 60 pair sums and as many xors of a byte for the syndrome; where it is not zero (46 % of blocks at
/// 4.8e-3) 60 comparisons for the pairs, 306 for the six least of 68 positions, and per pattern tried (16 of 42 where the
/// syndrome is odd, 26 where it is even) up to three xors of a byte, a table read for the completion, one for its
/// reliability, up to three additions and a comparison. Works in 17 bytes of heap per block of a call, and in
/// 16 kB of stack that a call clears: best for 256 blocks or more at once. Without `bits`, and at the baseline, block by
/// block without lanes.
///
/// # Errors
/// [`Error::OutOfRange`], [`Error::WrongType`], [`Error::NotPositive`], [`Error::NotFinite`] and
/// [`Error::NotIncreasing`] for the configuration; [`Error::Length`] for arrays, [`Error::NotFinite`] for a soft
/// bit or sample, [`Error::OutOfRange`] for a symbol above 3, with its index. A call that returns an error has
/// touched neither output.
///
/// # Source
/// D. Chase, "A class of algorithms for decoding block codes with channel measurement information", IEEE
/// Trans. Inf. Theory 18 (1972); IEEE P802.3dj clause 177.
///
/// # Example
/// ```
/// use pamlink::fec::inner::{InnerConfig, InnerDecoder, encode};
///
/// let mut block = [0; 128];
/// encode(&[1; 120], &mut block)?;
/// // Positive means 0. Three wrong bits, all of them doubtful.
/// let mut llr = block.map(|b| if b == 0 { 8.0 } else { -8.0f32 });
/// for (n, l) in [(7, 0.5), (40, 0.3), (121, -0.2)] {
///     llr[n] = l;
/// }
/// let decoder = InnerDecoder::new(&InnerConfig::default())?;
/// let mut message = [0; 120];
/// let mut flips = [0];
/// decoder.decode_llr(&llr, &mut message, Some(&mut flips))?;
/// assert_eq!((message, flips), ([1; 120], [3]));
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct InnerDecoder {
    config: InnerConfig,
    patterns: Patterns,
    /// No positions: one flip where the syndrome names one.
    none: Patterns,
    eye: Eye,
    /// The greatest integer of a reliability.
    top: f32,
    /// Integers per unit of a ratio.
    llr_scale: f32,
    /// Integers per distance.
    distance_scale: f32,
    level: Level,
}

impl InnerDecoder {
    /// A decoder at the best SIMD level of this machine.
    pub fn new(config: &InnerConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A decoder at a given SIMD level.
    pub fn with_level(config: &InnerConfig, level: Level) -> Result<Self> {
        let patterns = Patterns::new(config.positions, config.patterns)?;
        let bits = config.bits.unwrap_or(8);
        in_range("bits", f64::from(bits), 5.0, 8.0)?;
        let top = ((1u32 << bits) - 1) as f32;
        let scale = |name: &'static str, full_scale: f32| {
            positive(name, f64::from(full_scale))?;
            positive(name, f64::from(top / full_scale)).map(|scale| scale as f32)
        };
        let llr_scale = scale("full_scale_llr", config.full_scale_llr)?;
        let distance_scale = scale("full_scale_distance", config.full_scale_distance)?;
        let l = config.levels;
        for (i, &value) in l.iter().enumerate() {
            finite(format!("levels[{i}]"), f64::from(value))?;
        }
        if let Some(index) = (1..4).find(|&i| l[i] <= l[i - 1]) {
            return Err(Error::NotIncreasing {
                name: "levels".into(),
                index,
                previous: l[index - 1].into(),
                value: l[index].into(),
            });
        }
        let eye = Eye::new(l);
        let distance_scale = distance_scale / eye.unit;
        positive("integers per distance", f64::from(distance_scale))?;
        for slope in eye.slopes {
            positive("spacing of levels over the mean one", f64::from(slope))?;
        }
        Ok(Self {
            config: config.clone(),
            patterns,
            none: Patterns::new(0, 1)?,
            eye,
            top,
            llr_scale,
            distance_scale,
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
    pub fn config(&self) -> &InnerConfig {
        &self.config
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<InnerDecoder>();
};
