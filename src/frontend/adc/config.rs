//! What a converter is made from.

use crate::error::{Result, in_range};

use super::mismatch::{BandwidthMismatch, Mismatch, Slices};
use crate::frontend::quantizer::QuantizerConfig;

/// Most slices of a converter.
pub const MAX_SLICES: usize = 4096;

/// A time-interleaved converter.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct AdcConfig {
    /// Slices that take turns: slice `n % slices` converts symbol `n`; 1 to [`MAX_SLICES`].
    pub slices: usize,
    /// The quantizer; without one the output is neither rounded nor clipped.
    pub quantizer: Option<QuantizerConfig>,
    /// Offset of each slice, in the unit of the signal.
    pub offset: Mismatch,
    /// Relative gain error of each slice, at most 0.5.
    pub gain: Mismatch,
    /// How late each slice samples, in unit intervals, at most 0.25.
    pub skew_ui: Mismatch,
    /// Deviations of the slices' bandwidths.
    pub bandwidth: Option<BandwidthMismatch>,
    /// Standard deviation of thermal noise at the quantizer, in the unit of the signal.
    pub thermal_sigma: f64,
    /// Standard deviation of the sampling instant from sample to sample (aperture jitter), in unit intervals,
    /// at most 0.25.
    pub aperture_ui: f64,
    /// Seed of the drawn mismatches, the noise and the aperture.
    pub seed: u64,
}

impl Default for AdcConfig {
    /// 32 equal slices (ours), seven bits, no noise.
    fn default() -> Self {
        Self {
            slices: 32,
            quantizer: Some(QuantizerConfig::default()),
            offset: Mismatch::None,
            gain: Mismatch::None,
            skew_ui: Mismatch::None,
            bandwidth: None,
            thermal_sigma: 0.0,
            aperture_ui: 0.0,
            seed: 0,
        }
    }
}

/// Streams under the seed.
pub(super) const STREAM: u64 = 0x6164_6300;

impl AdcConfig {
    /// Checks every part.
    pub fn validate(&self) -> Result<()> {
        in_range("adc slices", self.slices as f64, 1.0, MAX_SLICES as f64)?;
        if let Some(quantizer) = &self.quantizer {
            quantizer.validate("adc quantizer")?;
        }
        self.offset.validate("adc offset", self.slices, 1e15)?;
        self.gain.validate("adc gain", self.slices, 0.5)?;
        self.skew_ui.validate("adc skew_ui", self.slices, 0.25)?;
        if let Some(bandwidth) = &self.bandwidth {
            bandwidth.validate(self.slices)?;
        }
        in_range("adc thermal_sigma", self.thermal_sigma, 0.0, 1e15)?;
        in_range("adc aperture_ui", self.aperture_ui, 0.0, 0.25)?;
        Ok(())
    }

    /// The errors of all slices, given and drawn.
    #[must_use]
    pub fn mismatches(&self) -> Slices {
        let values = |m: &Mismatch, kind: u64| m.values(self.slices, self.seed, STREAM + kind);
        let mut all = Slices {
            offset: values(&self.offset, 0),
            gain: values(&self.gain, 1),
            skew_ui: values(&self.skew_ui, 2),
        };
        if let Some(bandwidth) = &self.bandwidth {
            let deviations = values(&bandwidth.deviation, 3);
            for (s, e) in deviations.into_iter().enumerate() {
                let (gain, skew) = bandwidth.gain_and_skew(e);
                all.gain[s] += gain;
                all.skew_ui[s] += skew;
            }
        }
        all
    }
}
