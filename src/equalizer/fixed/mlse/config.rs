//! Trellis and words of the integer sequence detector.

use crate::equalizer::fixed::Rounding;
use crate::equalizer::fixed::dfe::within;
use crate::equalizer::slicer::rising;
use crate::error::{Result, in_range};

/// How far a sample lies from what a branch expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Distance {
    /// `|y - e|`: no multiplier; the metric of Laplacian noise.
    Absolute,
    /// `(y - e)^2`: the metric of Gaussian noise.
    #[default]
    Squared,
}

/// How path metrics stay in their register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Normalisation {
    /// They wrap modulo `2^path_bits` and are compared by the sign of their difference in that
    /// register. Right as long as no two sums lie `2^(path_bits - 1)` apart, which the plan checks.
    #[default]
    Modulo,
    /// The smallest of the four is subtracted after each step; what then does not fit the unsigned
    /// register saturates.
    SubtractMin,
}

/// Trellis and words of a [`super::FixedMlse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FixedMlseConfig {
    /// Codes of the symbols 0..=3 in the word of the samples, strictly rising.
    pub levels: [i16; 4],
    /// Code of the second coefficient, worth `alpha * 2^-alpha_fraction`, 16 bits.
    pub alpha: i16,
    /// Position of the point of `alpha`, 0..=15.
    pub alpha_fraction: u32,
    /// How `alpha` times a level comes to the grid of the samples.
    pub rounding: Rounding,
    /// Bits of a sample, 2..=12.
    pub sample_bits: u32,
    /// Branch metric before it is shortened.
    pub distance: Distance,
    /// Bits dropped from the distance or its square (by truncation), 0..=15.
    pub metric_shift: u32,
    /// Bits of a branch metric (unsigned, saturating), 2..=12. With [`Distance::Squared`]
    /// `metric_shift + metric_bits` is at most 15.
    pub metric_bits: u32,
    /// Bits of a path metric: `metric_bits + 2` to 16 for [`Normalisation::Modulo`], 2..=12 for
    /// [`Normalisation::SubtractMin`].
    pub path_bits: u32,
    /// How path metrics stay in their register.
    pub normalisation: Normalisation,
    /// Steps back from the best state before a decision counts, 1..=1024.
    pub depth: usize,
    /// Symbols that one trace back decides, 1..=1024.
    pub block: usize,
}

impl Default for FixedMlseConfig {
    /// Levels -42, -14, 14, 42 with `alpha` 0.5 in 8-bit samples; squared distance in 8 bits after
    /// 3 dropped ones; 10-bit modulo path metrics; 20 steps back, blocks of 44.
    fn default() -> Self {
        Self {
            levels: [-42, -14, 14, 42],
            alpha: 64,
            alpha_fraction: 7,
            rounding: Rounding::HalfUp,
            sample_bits: 8,
            distance: Distance::Squared,
            metric_shift: 3,
            metric_bits: 8,
            path_bits: 10,
            normalisation: Normalisation::Modulo,
            depth: 20,
            block: 44,
        }
    }
}

impl FixedMlseConfig {
    pub(super) fn check(&self) -> Result<()> {
        in_range("sample_bits", self.sample_bits.into(), 2.0, 12.0)?;
        in_range("alpha_fraction", self.alpha_fraction.into(), 0.0, 15.0)?;
        in_range("metric_bits", self.metric_bits.into(), 2.0, 12.0)?;
        let room = match self.distance {
            Distance::Absolute => 15,
            Distance::Squared => 15 - self.metric_bits,
        };
        in_range("metric_shift", self.metric_shift.into(), 0.0, room.into())?;
        let (least, most) = match self.normalisation {
            Normalisation::Modulo => (self.metric_bits + 2, 16),
            Normalisation::SubtractMin => (2, 12),
        };
        in_range(
            "path_bits",
            self.path_bits.into(),
            least.into(),
            most.into(),
        )?;
        in_range("depth", self.depth as f64, 1.0, 1024.0)?;
        in_range("block", self.block as f64, 1.0, 1024.0)?;
        within("levels", &self.levels, self.sample_bits)?;
        rising("levels", &self.levels)
    }
}
