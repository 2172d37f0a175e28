//! A uniform mid-rise quantizer with clipping: the step of converters in both directions.
//!
//! `code = floor(x / step)` limited to `-2^(bits-1) ..= 2^(bits-1) - 1`, `y = (code + 1/2) step` with
//! `step = 2 full_scale / 2^bits`. Zero is a threshold and no output.
//!
//! - **Numeric contract.** The same bits at every level; thresholds lie within a relative 1.2e-7 of
//!   `k step`. NaN reads as the lowest code.
//! - **Noise.** Between the ends, the error of a busy signal is uniform with variance `step^2/12`; a sine of
//!   full scale keeps a ratio of `6.02 bits + 1.76` dB ([`super::adc::sndr_db`]).
//! - **Cost.** Nine lane operations per sample.

pub(super) mod kernel;
pub mod reference;
#[cfg(test)]
mod tests;

use crate::error::{Result, in_range, length};
use crate::simd::Level;

/// Most bits of a quantizer: its codes are `i16`.
pub const MAX_BITS: u32 = 16;

/// A uniform quantizer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct QuantizerConfig {
    /// Bits, 1 to [`MAX_BITS`].
    pub bits: u32,
    /// Inputs beyond plus or minus this are clipped, in the unit of the signal.
    pub full_scale: f64,
}

impl Default for QuantizerConfig {
    /// Seven bits, as converters of published PAM4 receivers have, over plus or minus one unit.
    fn default() -> Self {
        Self {
            bits: 7,
            full_scale: 1.0,
        }
    }
}

impl QuantizerConfig {
    /// Checks that the bits are 1 to [`MAX_BITS`] and the full scale is positive and within `f32`.
    pub fn validate(&self, name: &str) -> Result<()> {
        in_range(
            format!("{name}.bits"),
            f64::from(self.bits),
            1.0,
            f64::from(MAX_BITS),
        )?;
        in_range(format!("{name}.full_scale"), self.full_scale, 1e-15, 1e15)?;
        Ok(())
    }

    /// Distance of neighbouring outputs, `2 full_scale / 2^bits`.
    #[must_use]
    pub fn step(&self) -> f64 {
        2.0 * self.full_scale / f64::from(self.bits).exp2()
    }

    /// Variance of the rounding error of a busy signal that is not clipped, `step^2/12`.
    #[must_use]
    pub fn noise_variance(&self) -> f64 {
        self.step() * self.step() / 12.0
    }
}

/// A quantizer, validated and ready to run; immutable.
///
/// ```
/// use pamlink::frontend::quantizer::{Quantizer, QuantizerConfig};
///
/// let two_bits = Quantizer::new(&QuantizerConfig { bits: 2, full_scale: 1.0 })?;
/// let mut x = [-9.0, -0.1, 0.0, 0.7];
/// assert_eq!(two_bits.apply(&mut x), 1); // one was clipped
/// assert_eq!(x, [-0.75, -0.25, 0.25, 0.75]);
/// let mut codes = [0; 4];
/// two_bits.codes(&x, &mut codes)?;
/// assert_eq!(codes, [-2, -1, 0, 1]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantizer {
    config: QuantizerConfig,
    grid: kernel::Grid,
    level: Level,
}

impl Quantizer {
    /// A plan at the best level of this machine.
    pub fn new(config: &QuantizerConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &QuantizerConfig, level: Level) -> Result<Self> {
        config.validate("quantizer")?;
        Ok(Self::valid(config, level))
    }

    /// A plan from a configuration that was checked.
    pub(super) fn valid(config: &QuantizerConfig, level: Level) -> Self {
        Self {
            config: *config,
            grid: kernel::Grid::new(config.bits, config.step()),
            level,
        }
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &QuantizerConfig {
        &self.config
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The grid, for kernels that quantize along the way.
    pub(super) fn grid(&self) -> &kernel::Grid {
        &self.grid
    }

    /// Rounds samples in place; the number of samples that were clipped (NaN among them).
    pub fn apply(&self, x: &mut [f32]) -> u64 {
        kernel::quantize(self.level, &self.grid, x)
    }

    /// The code of each sample, `-2^(bits-1) ..= 2^(bits-1) - 1`. Outputs of [`Quantizer::apply`] give the
    /// codes of its inputs.
    pub fn codes(&self, x: &[f32], codes: &mut [i16]) -> Result<()> {
        length("quantizer codes", x.len(), codes.len())?;
        kernel::codes(self.level, &self.grid, x, codes);
        Ok(())
    }

    /// The output of a code, `(code + 1/2) step`; codes beyond the ends are the ends.
    #[must_use]
    pub fn value(&self, code: i16) -> f64 {
        let half = 1i32 << (self.config.bits - 1);
        let code = i32::from(code).clamp(-half, half - 1);
        (f64::from(code) + 0.5) * self.config.step()
    }
}
