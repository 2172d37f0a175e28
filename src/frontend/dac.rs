//! Digital-to-analog conversion of the transmit FIR's outputs.

use crate::error::Result;
use crate::simd::Level;

use super::quantizer::{Quantizer, QuantizerConfig};

/// A transmit converter, on one value per symbol.
///
/// The converter is ideal but for its grid and its ends: its output levels are
/// `(code + 1/2) step`, `step = 2 full_scale / 2^bits` ([`super::quantizer`]). Its hold and bandwidth are
/// the transmitter's pulse ([`super::transmitter`]), its noise is in `SNR_TX`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct DacConfig {
    /// Bits, 1 to [`super::quantizer::MAX_BITS`].
    pub bits: u32,
    /// Values beyond plus or minus this are clipped, in the unit of the symbols.
    pub full_scale: f64,
}

impl Default for DacConfig {
    /// Seven bits, as transmitters of published PAM4 transceivers have, over the unit levels of PAM4:
    /// a transmit FIR with `sum |c| = 1` never leaves them.
    fn default() -> Self {
        Self {
            bits: 7,
            full_scale: 1.0,
        }
    }
}

impl DacConfig {
    /// The quantizer that the converter is.
    #[must_use]
    pub fn quantizer(&self) -> QuantizerConfig {
        QuantizerConfig {
            bits: self.bits,
            full_scale: self.full_scale,
        }
    }

    /// Checks bits and full scale.
    pub fn validate(&self, name: &str) -> Result<()> {
        self.quantizer().validate(name)
    }
}

/// A transmit converter, validated and ready to run; immutable. Numeric contract and cost are those of
/// [`Quantizer`].
///
/// ```
/// use pamlink::frontend::dac::{Dac, DacConfig};
///
/// let dac = Dac::new(&DacConfig { bits: 3, full_scale: 1.0 })?;
/// let mut x = [-1.0, 0.3, 1.0];
/// let clipped = dac.apply(&mut x);
/// assert_eq!(x, [-0.875, 0.375, 0.875]);
/// assert_eq!(clipped, 1); // full scale itself lies beyond the last threshold
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dac {
    config: DacConfig,
    quantizer: Quantizer,
}

impl Dac {
    /// A plan at the best level of this machine.
    pub fn new(config: &DacConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &DacConfig, level: Level) -> Result<Self> {
        config.validate("dac")?;
        Ok(Self {
            config: *config,
            quantizer: Quantizer::valid(&config.quantizer(), level),
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &DacConfig {
        &self.config
    }

    /// The quantizer inside.
    #[must_use]
    pub fn quantizer(&self) -> &Quantizer {
        &self.quantizer
    }

    /// Converts values in place; the number of values that were clipped.
    ///
    /// Where the last output, half a step below full scale, is less than half a step away, nothing is
    /// lost by clipping: a value of exactly full scale counts as clipped all the same.
    pub fn apply(&self, x: &mut [f32]) -> u64 {
        self.quantizer.apply(x)
    }

    /// Signal over quantization noise for a busy signal of this RMS that is not clipped,
    /// `10 log10(12 rms^2 / step^2)` in dB.
    #[must_use]
    pub fn sqnr_db(&self, rms: f64) -> f64 {
        crate::units::power_to_db(rms * rms / self.config.quantizer().noise_variance())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_keeps_the_ratio_of_the_closed_form() {
        for bits in [3, 6, 8] {
            let dac = Dac::new(&DacConfig {
                bits,
                full_scale: 0.8,
            })
            .unwrap();
            // A ramp over the whole scale, many samples per step: RMS 0.8/sqrt 3, ratio 2^(2 bits).
            let n = 1 << 20;
            let x: Vec<f32> = (0..n)
                .map(|i| ((f64::from(i) + 0.5) / f64::from(n) * 1.6 - 0.8) as f32)
                .collect();
            let mut y = x.clone();
            assert_eq!(dac.apply(&mut y), 0);
            let power: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
            let noise: f64 = x
                .iter()
                .zip(&y)
                .map(|(x, y)| f64::from(y - x).powi(2))
                .sum();
            let ratio_db = 10.0 * (power / noise).log10();
            let closed = dac.sqnr_db(0.8 / 3f64.sqrt());
            assert!((closed - 20.0 * f64::from(bits) * 2f64.log10()).abs() < 1e-9);
            // 4096 samples a step at 8 bits: the sum is the integral within 1e-6; f32 adds 1e-5.
            assert!(
                (ratio_db - closed).abs() < 1e-3,
                "{bits}: {ratio_db} {closed}"
            );
        }
    }

    #[test]
    fn bits_and_full_scale_are_checked() {
        for (bits, full_scale) in [(0, 1.0), (17, 1.0), (7, 0.0), (7, -1.0), (7, f64::NAN)] {
            assert!(Dac::new(&DacConfig { bits, full_scale }).is_err());
        }
        let text = DacConfig {
            bits: 17,
            full_scale: 1.0,
        }
        .validate("host.dac")
        .unwrap_err()
        .to_string();
        assert_eq!(text, "host.dac.bits is 17, must lie between 1 and 16");
    }
}
