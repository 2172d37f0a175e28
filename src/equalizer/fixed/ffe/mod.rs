//! Feed-forward equalizer on codes.

mod form;
mod kernel;
#[cfg(test)]
mod tests;

use super::{Overflow, Rounding, code_range};
use crate::Level;
use crate::equalizer::ffe::cost;
use crate::error::{Error, Result, in_range, length};
use crate::ops::{Cost, Ops};
use form::Form;
use kernel::{Finish, Stage};

/// The most taps of a [`FixedFfe`].
const MAX_TAPS: f64 = 256.0;
/// The exact sum of products stays within `+-2^30`, so that the bias of a rounding fits beside it.
const LARGEST_SUM: f64 = 1_073_741_824.0;
/// Samples that one pass of the kernel takes: in the first-level cache with their outputs.
const BLOCK: usize = 4096;

/// Every word length of a [`FixedFfe`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct WordLengths {
    /// Bits of a sample, 2..=8: what the converter delivers.
    pub sample_bits: u32,
    /// Bits of a tap, 2..=16.
    pub tap_bits: u32,
    /// Bits of the accumulator behind the adder tree, 2..=32.
    pub accumulator_bits: u32,
    /// What happens when the exact sum does not fit the accumulator.
    pub accumulator_overflow: Overflow,
    /// Bits dropped between accumulator and output, 0..=30.
    pub shift: u32,
    /// How they are dropped.
    pub rounding: Rounding,
    /// Bits of the output, 2..=16.
    pub output_bits: u32,
    /// What happens when the rounded number does not fit the output.
    pub output_overflow: Overflow,
}

impl Default for WordLengths {
    /// 7-bit samples, 8-bit taps, 18-bit accumulator, 8-bit output 7 bits down; all saturating.
    fn default() -> Self {
        Self {
            sample_bits: 7,
            tap_bits: 8,
            accumulator_bits: 18,
            accumulator_overflow: Overflow::Saturate,
            shift: 7,
            rounding: Rounding::HalfUp,
            output_bits: 8,
            output_overflow: Overflow::Saturate,
        }
    }
}

impl WordLengths {
    fn check(&self) -> Result<()> {
        in_range("sample_bits", self.sample_bits.into(), 2.0, 8.0)?;
        in_range("tap_bits", self.tap_bits.into(), 2.0, 16.0)?;
        in_range("accumulator_bits", self.accumulator_bits.into(), 2.0, 32.0)?;
        in_range("shift", self.shift.into(), 0.0, 30.0)?;
        in_range("output_bits", self.output_bits.into(), 2.0, 16.0)?;
        Ok(())
    }
}

impl From<WordLengths> for cost::WordLengths {
    /// The widths of the multipliers.
    fn from(words: WordLengths) -> Self {
        Self {
            sample_bits: words.sample_bits.into(),
            tap_bits: words.tap_bits.into(),
        }
    }
}

/// Taps and words of a [`FixedFfe`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FixedFfeConfig {
    /// Tap codes within `tap_bits` bits; index 0 weighs the latest sample. 1 to 256 of them. From
    /// real taps by [`super::tap_codes`].
    pub taps: Vec<i16>,
    /// Number of taps before the main one, below the number of taps.
    pub precursors: usize,
    /// The word lengths.
    pub words: WordLengths,
}

/// A feed-forward equalizer as a parallel direct form in integers.
///
/// `s[n] = sum_k taps[k] x[n + p - k]`, then
/// `y[n] = out(round(acc(s[n]) / 2^shift))`.
///
/// # Datapath
/// Products and the adder tree keep full precision. The root of the tree is the accumulator: `acc`
/// fits the exact sum to `accumulator_bits` (saturated once, or wrapped; wrapping at every adder
/// of the tree gives the same). `round` drops `shift` bits; its own carry is kept. `out` fits to
/// `output_bits`.
///
/// # Shapes and units
/// Samples are `i8` codes of `sample_bits` bits in two's complement (the sign filled up to eight);
/// outputs are `i16` codes. If a sample is worth `q` and a tap code `2^-f`, an output code is worth
/// `q 2^(shift - f)`. One stream per [`FixedFfeState`].
///
/// # Numeric contract
/// Bit-identical to [`super::reference::ffe`] at every SIMD level and for any split of a stream.
///
/// # Cost
/// `taps` products and `taps - 1` additions per symbol; see [`FixedFfe::cost`].
///
/// # Errors
/// [`Error::Empty`] without taps; [`Error::OutOfRange`] for widths, taps beyond their word, too many
/// taps or precursors, sums that could leave `+-2^30`, and samples beyond their word (the call then
/// changes nothing); [`Error::Length`] for outputs or states that do not fit.
///
/// # Example
/// ```
/// use pamlink::equalizer::fixed::{FixedFfe, FixedFfeConfig, WordLengths};
///
/// let words = WordLengths { shift: 6, ..WordLengths::default() };
/// let ffe = FixedFfe::new(&FixedFfeConfig { taps: vec![-6, 64, -13], precursors: 1, words })?;
/// let mut y = [0; 4];
/// ffe.apply(&[0, 50, 0, 0], &mut y)?;
/// assert_eq!(y, [-5, 50, -10, 0]); // -300/64, 3200/64, -650/64
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FixedFfe {
    config: FixedFfeConfig,
    level: Level,
    form: Form,
    finish: Finish,
    /// Pairs of reversed taps for even and odd outputs.
    pairs: Vec<[[i16; 8]; 2]>,
    bound: i64,
}

/// The samples that a stream remembers between blocks: the last `taps - 1`.
#[derive(Debug, Clone)]
pub struct FixedFfeState {
    stage: Stage,
    past: usize,
}

impl FixedFfeState {
    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        self.stage.clear(self.past);
    }
}

impl FixedFfe {
    /// A plan at the best level of this machine (see [`Level::best`]).
    pub fn new(config: &FixedFfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &FixedFfeConfig, level: Level) -> Result<Self> {
        let (taps, words) = (&config.taps, &config.words);
        words.check()?;
        if taps.is_empty() {
            return Err(Error::Empty {
                name: "taps".into(),
            });
        }
        in_range("taps (count)", taps.len() as f64, 1.0, MAX_TAPS)?;
        let last = (taps.len() - 1) as f64;
        in_range("precursors", config.precursors as f64, 0.0, last)?;
        let (min, max) = code_range(words.tap_bits);
        for (k, &tap) in taps.iter().enumerate() {
            in_range(format!("taps[{k}]"), tap.into(), min as f64, max as f64)?;
        }
        let weight: i64 = taps.iter().map(|&t| i64::from(t).abs()).sum();
        let bound = weight << (words.sample_bits - 1);
        in_range("largest sum of products", bound as f64, 0.0, LARGEST_SUM)?;
        let form = Form::choose(words, taps, bound, level);
        Ok(Self {
            level,
            form,
            finish: form::finish(words, taps, bound, form),
            pairs: form.pairs(taps),
            bound,
            config: config.clone(),
        })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &FixedFfeConfig {
        &self.config
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Taps before the main one; also the latency of [`FixedFfe::process`] in symbols.
    #[must_use]
    pub fn precursors(&self) -> usize {
        self.config.precursors
    }

    /// The largest magnitude that the sum of products can reach.
    #[must_use]
    pub fn largest_sum(&self) -> i64 {
        self.bound
    }

    /// Whether bytes run (32 products an operation) instead of `i16` (16): possible where every pair
    /// of products and the whole sum fit 16 bits and the accumulator cannot overflow.
    #[must_use]
    pub fn runs_on_bytes(&self) -> bool {
        self.form == Form::Bytes
    }

    /// Equalizes a whole record, zeros outside it.
    pub fn apply(&self, x: &[i8], y: &mut [i16]) -> Result<()> {
        length("y", x.len(), y.len())?;
        self.check_samples(x)?;
        let mut state = self.state();
        let p = self.precursors().min(x.len());
        // Outputs lag by the precursors: the first are dropped, the last come out of zeros.
        let mut lead = vec![0; p];
        self.run(&mut state, &x[..p], &mut lead);
        let late = self.precursors() - p;
        self.run(&mut state, &vec![0; late], &mut vec![0; late]);
        let body = y.len() - p;
        self.run(&mut state, &x[p..], &mut y[..body]);
        self.run(&mut state, &vec![0; p], &mut y[body..]);
        Ok(())
    }

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> FixedFfeState {
        let past = self.config.taps.len() - 1;
        FixedFfeState {
            stage: self.form.stage(past, BLOCK, &self.config.words),
            past,
        }
    }

    /// Next block of a stream: output `i` is that of `sum_k taps[k] x[i - k]`, so it lags
    /// [`FixedFfe::apply`] by [`FixedFfe::precursors`] symbols. Any split into blocks gives the same.
    pub fn process(&self, state: &mut FixedFfeState, x: &[i8], y: &mut [i16]) -> Result<()> {
        length("y", x.len(), y.len())?;
        length("state", self.config.taps.len() - 1, state.past)?;
        if !self.form.serves(&state.stage, &self.config.words) {
            return Err(Error::WrongType {
                name: "state".into(),
                value: "the state of a plan with other words".into(),
                expected: "made by this plan".into(),
            });
        }
        self.check_samples(x)?;
        self.run(state, x, y);
        Ok(())
    }

    /// The last [`FixedFfe::precursors`] outputs of a stream, zeros following it.
    pub fn flush(&self, state: &mut FixedFfeState, y: &mut [i16]) -> Result<()> {
        length("y", self.precursors(), y.len())?;
        self.process(state, &vec![0; self.precursors()], y)
    }

    fn check_samples(&self, x: &[i8]) -> Result<()> {
        let bits = self.config.words.sample_bits;
        if bits == 8 {
            return Ok(());
        }
        let (min, max) = code_range(bits);
        if kernel::any_outside(self.level, x, 1 << (bits - 1)) {
            for (i, &code) in x.iter().enumerate() {
                in_range(format!("x[{i}]"), code.into(), min as f64, max as f64)?;
            }
        }
        Ok(())
    }

    fn run(&self, state: &mut FixedFfeState, x: &[i8], y: &mut [i16]) {
        let taps = self.config.taps.len();
        for (x, y) in x.chunks(BLOCK).zip(y.chunks_mut(BLOCK)) {
            state.stage.fill(self.level, state.past, x);
            match &state.stage {
                Stage::Words(stage) if self.form == Form::General => {
                    kernel::words_general(self.level, &self.pairs, taps, stage, y, &self.finish);
                }
                Stage::Words(stage) => {
                    kernel::words(self.level, &self.pairs, taps, stage, y, &self.finish);
                }
                Stage::Bytes(stage, _) => {
                    kernel::bytes(self.level, &self.pairs, taps, stage, y, &self.finish);
                }
            }
            state.stage.keep(state.past, x.len());
        }
    }

    /// What the equalizer costs: [`cost::direct_form`] with these words, the adder tree as wide as
    /// the accumulator.
    ///
    /// Algorithm, per symbol: N products of `sample_bits` x `tap_bits`, N - 1 additions of
    /// `accumulator_bits`. Hardware: the same with N additions (the carry-save share of each tap).
    #[must_use]
    pub fn cost(&self) -> Cost {
        let words = &self.config.words;
        let n = self.config.taps.len();
        let tree = f64::from(words.accumulator_bits);
        let plain = cost::direct_form(n, (*words).into());
        Cost {
            algorithm: Ops {
                add: vec![(tree, n as f64 - 1.0)],
                ..plain.algorithm
            },
            hardware: Ops {
                add: vec![(tree, n as f64)],
                ..plain.hardware
            },
            form: format!(
                "parallel direct form, {} x {} bit, {tree}-bit adder tree",
                words.sample_bits, words.tap_bits
            )
            .into(),
            block: plain.block,
            ..Cost::default()
        }
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<FixedFfe>();
};
