//! The small-signal view of a modulator: a straight line.

use num_complex::Complex64;

use super::kernel::{self, Line};
use super::levels::{LevelPowers, OpticalLevels, usable_power};
use crate::error::{Result, in_range, length, positive};
use crate::simd::Level;

/// Settings of a [`Linear`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct LinearConfig {
    /// Power at zero drive, W.
    pub mean_w: f64,
    /// Slope of the power over the drive, W/V.
    pub slope_w_per_v: f64,
    /// Linewidth factor.
    pub chirp: f64,
}

impl LinearConfig {
    /// The line through two outer levels made by a drive of `drive_vppd`, chirp-free.
    #[must_use]
    pub fn through(levels: &OpticalLevels, drive_vppd: f64) -> Self {
        Self {
            mean_w: levels.mean_w,
            slope_w_per_v: levels.slope_w_per_v(drive_vppd),
            chirp: 0.0,
        }
    }
}

/// A modulator whose power follows the drive in a straight line:
/// `P(v) = mean + slope v`, `E(v) = sqrt(P) exp(j (chirp / 2) ln(P / mean))`.
///
/// The power is the line wherever it leads, below zero too; the field takes a power below zero as zero,
/// and there its phase stops. Units, shapes and signs as [`super::Mzm`].
///
/// **Numeric contract.** Power with one rounding at the FMA levels and two at the baseline; field within
/// 1e-6 `sqrt(mean)` for `|chirp| <= 5` and powers of `mean / 1000` to `2 mean`. NaN and infinity give NaN.
#[derive(Debug, Clone)]
pub struct Linear {
    config: LinearConfig,
    level: Level,
    lanes: Line,
}

impl Linear {
    /// A plan at the level of [`Level::best`].
    pub fn new(config: &LinearConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a named level.
    pub fn with_level(config: &LinearConfig, level: Level) -> Result<Self> {
        positive("mean_w", config.mean_w)?;
        usable_power("mean_w", config.mean_w)?;
        in_range("slope_w_per_v", config.slope_w_per_v, -1e6, 1e6)?;
        in_range("chirp", config.chirp, -100.0, 100.0)?;
        Ok(Self {
            config: *config,
            level,
            lanes: Line {
                mean: config.mean_w as f32,
                slope: config.slope_w_per_v as f32,
                per_mean: (1.0 / config.mean_w) as f32,
                turn: (0.5 * config.chirp / std::f64::consts::PI) as f32,
            },
        })
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &LinearConfig {
        &self.config
    }

    /// The level the kernels run at.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Power over drive: `p[i] = mean + slope v[i]`, W.
    pub fn power(&self, v: &[f32], p: &mut [f32]) -> Result<()> {
        length("power", v.len(), p.len())?;
        kernel::line_power(self.level, &self.lanes, v, p);
        Ok(())
    }

    /// Field over drive: `re[i] + j im[i] = E(v[i])`, sqrt(W).
    pub fn field(&self, v: &[f32], re: &mut [f32], im: &mut [f32]) -> Result<()> {
        length("real part", v.len(), re.len())?;
        length("imaginary part", v.len(), im.len())?;
        kernel::line_field(self.level, &self.lanes, v, re, im);
        Ok(())
    }

    /// Power at a drive, W, in `f64`.
    #[must_use]
    pub fn power_at(&self, v: f64) -> f64 {
        self.config.mean_w + self.config.slope_w_per_v * v
    }

    /// Slope of the power, W/V: the same everywhere.
    #[must_use]
    pub fn slope_at(&self, _v: f64) -> f64 {
        self.config.slope_w_per_v
    }

    /// Field at a drive, sqrt(W), in `f64`.
    #[must_use]
    pub fn field_at(&self, v: f64) -> Complex64 {
        let p = self.power_at(v).max(0.0);
        let relative = (p / self.config.mean_w).max(f64::from(f32::MIN_POSITIVE));
        Complex64::from_polar(p.sqrt(), 0.5 * self.config.chirp * relative.ln())
    }

    /// Static powers of the four levels of a drive of `drive_vpp` outer peak to peak.
    #[must_use]
    pub fn levels(&self, drive_vpp: f64) -> LevelPowers {
        LevelPowers::of(drive_vpp, |v| self.power_at(v))
    }
}
