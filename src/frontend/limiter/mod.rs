//! Soft compression of an amplifier: Rapp's curve, with a small-signal gain of one.
//!
//! `y = x / (1 + |x/limit|^(2p))^(1/(2p))`: drivers, host drivers and transimpedance amplifiers follow it
//! from their linear range into saturation at `+-limit`.
//!
//! - **Units.** `limit`, input and output are in one unit, the stage's own (V, A); gain stands elsewhere.
//! - **Numeric contract.** The kernel uses plain products, sums and square roots only: the same bits at
//!   every level, within a relative 5e-7 of [`mod@reference`]. Odd to the bit; monotonic within that bound.
//!   Infinite samples give `+-limit`, NaN gives NaN and touches no other sample.
//! - **Cost.** About 18 lane operations per sample; in silicon nothing: it is what the analog stage does.
//! - **Source.** C. Rapp, "Effects of HPA-nonlinearity on a 4-DPSK/OFDM-signal for a digital sound
//!   broadcasting system", Second European Conference on Satellite Communications, 1991. The curve was made
//!   for amplitudes of carriers; here it acts on the instantaneous value.

mod kernel;
pub mod reference;
#[cfg(test)]
mod tests;

use crate::error::{Result, in_range, positive};
use crate::simd::Level;
use crate::units::db_to_amplitude;

/// How sharply the curve bends: Rapp's smoothness factor `p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Smoothness {
    /// `p = 1`, a gentle bend: third-order distortion from the smallest swing on, as of a differential pair.
    #[default]
    One,
    /// `p = 2`, a sharper bend: fifth order is the lowest; a linearised stage.
    Two,
}

impl Smoothness {
    /// The factor `p`.
    #[must_use]
    pub fn p(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 2.0,
        }
    }
}

/// A soft limiter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct LimiterConfig {
    /// The output that is approached and never passed, in the unit of the signal.
    pub limit: f64,
    /// The sharpness of the bend.
    pub smoothness: Smoothness,
}

impl Default for LimiterConfig {
    /// Saturation at one unit, `p = 1`.
    fn default() -> Self {
        Self {
            limit: 1.0,
            smoothness: Smoothness::One,
        }
    }
}

/// Largest distortion that [`LimiterConfig::from_thd`] takes; a square wave, which no limiter passes, has
/// `sqrt(pi^2/8 - 1)` = 0.483.
pub const MAX_THD: f64 = 0.4;

impl LimiterConfig {
    /// The limiter whose instantaneous gain is 1 dB down at an input of `amplitude`:
    /// `limit = amplitude / (10^(p/10) - 1)^(1/(2p))`.
    ///
    /// An amplifier's data sheet counts the gain of the *fundamental* of a sine, which is 1 dB down at a
    /// larger peak; see [`LimiterConfig::from_sine_p1db`].
    pub fn from_p1db(amplitude: f64, smoothness: Smoothness) -> Result<Self> {
        positive("limiter p1db amplitude", amplitude)?;
        Self::at_ratio(amplitude, p1db_ratio(smoothness), smoothness)
    }

    /// The limiter that takes 1 dB from the fundamental of a sine of input peak `amplitude`.
    pub fn from_sine_p1db(amplitude: f64, smoothness: Smoothness) -> Result<Self> {
        positive("limiter p1db amplitude", amplitude)?;
        let wanted = db_to_amplitude(-1.0);
        // The gain falls with the ratio.
        let u = reference::rising_root(|u| -reference::sine(u, smoothness).0, -wanted);
        Self::at_ratio(amplitude, u, smoothness)
    }

    /// The limiter that gives a sine of input peak `amplitude` a total harmonic distortion of `thd`, a ratio
    /// of amplitudes (0.05 is 5 %), 1e-6 to [`MAX_THD`].
    pub fn from_thd(thd: f64, amplitude: f64, smoothness: Smoothness) -> Result<Self> {
        positive("limiter amplitude", amplitude)?;
        in_range("limiter thd", thd, 1e-6, MAX_THD)?;
        let u = reference::rising_root(|u| reference::sine(u, smoothness).1, thd);
        Self::at_ratio(amplitude, u, smoothness)
    }

    /// The limiter for which `amplitude` is `ratio * limit`.
    fn at_ratio(amplitude: f64, ratio: f64, smoothness: Smoothness) -> Result<Self> {
        let config = Self {
            limit: amplitude / ratio,
            smoothness,
        };
        config.validate("limiter")?;
        Ok(config)
    }

    /// Checks that the limit is positive and within what `f32` samples can hold.
    pub fn validate(&self, name: &str) -> Result<()> {
        // Squares of samples and their inverses must stay within f32.
        in_range(format!("{name}.limit"), self.limit, 1e-15, 1e15)?;
        Ok(())
    }
}

/// Input over limit where the instantaneous gain is 1 dB down.
fn p1db_ratio(smoothness: Smoothness) -> f64 {
    let two_p = 2.0 * smoothness.p();
    (10f64.powf(two_p / 20.0) - 1.0).powf(1.0 / two_p)
}

/// A soft limiter, validated and ready to run; immutable.
///
/// ```
/// use pamlink::frontend::limiter::{Limiter, LimiterConfig, Smoothness};
///
/// // 2 % distortion at 300 mV peak
/// let config = LimiterConfig::from_thd(0.02, 0.3, Smoothness::One)?;
/// let stage = Limiter::new(&config)?;
/// let mut x = [0.001, 0.3, 30.0];
/// stage.apply(&mut x);
/// assert!((x[0] - 0.001).abs() < 1e-6);
/// assert!(x[1] < 0.3 && (f64::from(x[2]) / config.limit - 1.0).abs() < 1e-3);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limiter {
    config: LimiterConfig,
    level: Level,
}

impl Limiter {
    /// A plan at the best level of this machine.
    pub fn new(config: &LimiterConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &LimiterConfig, level: Level) -> Result<Self> {
        config.validate("limiter")?;
        Ok(Self {
            config: *config,
            level,
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &LimiterConfig {
        &self.config
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Compresses samples in place.
    pub fn apply(&self, x: &mut [f32]) {
        let limit = self.config.limit as f32;
        match self.config.smoothness {
            Smoothness::One => kernel::one(self.level, limit, x),
            Smoothness::Two => kernel::two(self.level, limit, x),
        }
    }

    /// The output for one input, in `f64`.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        reference::at(x, self.config.limit, self.config.smoothness)
    }

    /// The small-signal gain around an input, `dy/dx = (1 + |x/limit|^(2p))^(-1 - 1/(2p))`.
    #[must_use]
    pub fn slope_at(&self, x: f64) -> f64 {
        reference::slope_at(x, self.config.limit, self.config.smoothness)
    }

    /// The input that gives an output; infinite at and beyond the limit.
    #[must_use]
    pub fn inverse(&self, y: f64) -> f64 {
        reference::inverse(y, self.config.limit, self.config.smoothness)
    }

    /// Input at which the instantaneous gain is 1 dB down: `limit (10^(p/10) - 1)^(1/(2p))`.
    #[must_use]
    pub fn p1db(&self) -> f64 {
        self.config.limit * p1db_ratio(self.config.smoothness)
    }

    /// Gain of the fundamental and total harmonic distortion (ratio of amplitudes) of a sine of this input
    /// peak, by Fourier sums over one period.
    ///
    /// For small peaks the third harmonic is `(peak/limit)^2 / 8` of the fundamental for `p = 1` and
    /// `5/64 (peak/limit)^4` for `p = 2`.
    #[must_use]
    pub fn sine(&self, peak: f64) -> (f64, f64) {
        reference::sine(peak / self.config.limit, self.config.smoothness)
    }
}
