//! The converter: from samples to codes.

use super::code_range;
use crate::error::{Error, Result, in_range, length, positive};

/// Where the codes of a converter lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum QuantizerKind {
    /// Code `c` is worth `c` steps: zero is a code, thresholds lie at half steps.
    #[default]
    MidTread,
    /// Code `c` is worth `c + 1/2` steps: zero is a threshold, the codes lie symmetrically.
    MidRise,
}

/// Word length and range of a [`Quantizer`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct QuantizerConfig {
    /// Bits of a code, 2..=8.
    pub bits: u32,
    /// Half the range in the unit of the samples, 1e-30..=1e30: `2^bits` steps span
    /// `-full_scale..full_scale`.
    pub full_scale: f32,
    /// Where the codes lie.
    pub kind: QuantizerKind,
}

impl Default for QuantizerConfig {
    /// 7 bits over -1..1, mid-tread.
    fn default() -> Self {
        Self {
            bits: 7,
            full_scale: 1.0,
            kind: QuantizerKind::MidTread,
        }
    }
}

/// An ideal analog-to-digital converter with clipping.
///
/// With the step `D = 2 full_scale / 2^bits`: mid-tread `c = round(x / D)`, halves to the even code;
/// mid-rise `c = floor(x / D)`; then clipped to the codes of the word. `x / D` is the product with
/// `1 / D` rounded to `f32`. NaN becomes the lowest code.
///
/// # Cost
/// A few lane operations per sample; the same codes at every level (plain `f32` operations).
///
/// # Errors
/// [`Error::OutOfRange`] for `bits` and `full_scale`, [`Error::NotFinite`] and
/// [`Error::NotPositive`] for `full_scale`, [`Error::Length`] for outputs of another length.
///
/// # Example
/// ```
/// use pamlink::equalizer::fixed::{Quantizer, QuantizerConfig};
/// let adc = Quantizer::new(QuantizerConfig { bits: 4, ..QuantizerConfig::default() })?;
/// let mut codes = [0; 4];
/// adc.quantize(&[0.06, -0.5, 1.0, -7.0], &mut codes)?;
/// assert_eq!(codes, [0, -4, 7, -8]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantizer {
    config: QuantizerConfig,
    per_step: f32,
    min: f32,
    max: f32,
}

/// Adding and subtracting it rounds an `f32` of at most `2^22` to an integer, halves to even.
const ROUNDER: f32 = 12_582_912.0;

impl Quantizer {
    /// A converter, checked.
    pub fn new(config: QuantizerConfig) -> Result<Self> {
        in_range("bits", f64::from(config.bits), 2.0, 8.0)?;
        let scale = positive("full_scale", f64::from(config.full_scale))?;
        let (min, max) = code_range(config.bits);
        // Beyond 1e-30..1e30 the reciprocal leaves the numbers of full precision. Compared in `f32`,
        // whose 1e30 is a little more.
        if !(1e-30..=1e30).contains(&config.full_scale) {
            return Err(Error::OutOfRange {
                name: "full_scale".into(),
                value: scale,
                min: 1e-30,
                max: 1e30,
            });
        }
        Ok(Self {
            config,
            per_step: (f64::from(config.bits - 1).exp2() / scale) as f32,
            min: min as f32,
            max: max as f32,
        })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &QuantizerConfig {
        &self.config
    }

    /// The step: what one code is worth, in the unit of the samples.
    #[must_use]
    pub fn step(&self) -> f64 {
        2.0 * f64::from(self.config.full_scale) / f64::from(self.config.bits).exp2()
    }

    /// What a code is worth, in the unit of the samples.
    #[must_use]
    pub fn value(&self, code: i8) -> f64 {
        let offset = match self.config.kind {
            QuantizerKind::MidTread => 0.0,
            QuantizerKind::MidRise => 0.5,
        };
        (f64::from(code) + offset) * self.step()
    }

    /// The codes of samples.
    pub fn quantize(&self, x: &[f32], codes: &mut [i8]) -> Result<()> {
        length("codes", x.len(), codes.len())?;
        let rise = self.config.kind == QuantizerKind::MidRise;
        for (&x, code) in x.iter().zip(codes) {
            // Clipping first changes nothing: the limits are codes themselves.
            let steps = (x * self.per_step).max(self.min).min(self.max);
            let nearest = (steps + ROUNDER) - ROUNDER;
            let below = nearest - f32::from(u8::from(nearest > steps));
            *code = if rise { below } else { nearest } as i8;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_are_the_rounded_quotients(
            bits in 2u32..=8,
            scale in 0.01f32..100.0,
            x in prop::collection::vec(-150f32..150.0, 0..80),
            rise in any::<bool>(),
        ) {
            let kind = if rise { QuantizerKind::MidRise } else { QuantizerKind::MidTread };
            let adc = Quantizer::new(QuantizerConfig { bits, full_scale: scale, kind }).unwrap();
            let mut codes = vec![0; x.len()];
            adc.quantize(&x, &mut codes).unwrap();
            let (min, max) = code_range(bits);
            for (&x, &code) in x.iter().zip(&codes) {
                let steps = x * adc.per_step;
                let exact = if rise { steps.floor() } else { steps.round_ties_even() };
                prop_assert_eq!(i64::from(code), (exact as i64).clamp(min, max));
                // Inside the range the code's value is within half a step of the sample; the
                // quotient itself carries two roundings of 2^-24.
                if x.abs() < scale * 0.74 {
                    let error = (adc.value(code) - f64::from(x)).abs() / adc.step();
                    prop_assert!(error <= 0.5 + 1e-5, "{} steps", error);
                }
            }
        }
    }

    #[test]
    fn bad_ranges_are_refused_and_odd_samples_clip() {
        let with = |bits, full_scale| {
            Quantizer::new(QuantizerConfig {
                bits,
                full_scale,
                ..QuantizerConfig::default()
            })
        };
        assert!(with(1, 1.0).is_err() && with(9, 1.0).is_err());
        assert!(with(6, 0.0).is_err() && with(6, f32::NAN).is_err() && with(6, 1e-38).is_err());
        assert!(with(6, 1e30).is_ok() && with(6, 1e-30).is_ok());
        assert!(with(6, 1e30f32.next_up()).is_err() && with(6, 1e-30f32.next_down()).is_err());
        let adc = with(6, 1.0).unwrap();
        let mut codes = [0; 3];
        adc.quantize(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY], &mut codes)
            .unwrap();
        assert_eq!(codes, [-32, 31, -32]);
        assert!(adc.quantize(&[0.0], &mut codes).is_err());
    }
}
