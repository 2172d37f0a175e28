//! Intensity modulators: from drive voltage to optical power and field, static and large-signal.
//!
//! Three curves behind one face, [`Modulator`]: the straight line of the small-signal view
//! ([`Linear`]), a Mach-Zehnder interferometer ([`Mzm`]) and an electro-absorption modulator ([`Eml`]).
//! All are memoryless: bandwidth belongs to the linear stages around them. In all of them the power rises
//! with the drive.
//!
//! What a design asks of a curve is closed form: [`Modulator::levels`] gives the powers of the four levels
//! of a drive and, from them, OMA, extinction ratio and `R_LM` ([`LevelPowers`]); [`Modulator::slope_at`] the
//! small-signal slope at each level.

mod eml;
mod kernel;
mod levels;
mod linear;
mod mzm;
pub mod reference;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod theory;

pub use eml::{Eml, EmlConfig};
pub use levels::{LevelPowers, OpticalLevels, OpticalPower};
pub use linear::{Linear, LinearConfig};
pub use mzm::{Mzm, MzmConfig};

use num_complex::Complex64;

use crate::error::Result;
use crate::pam4::UNIT_LEVELS;
use crate::simd::Level;

/// Settings of a [`Modulator`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum ModulatorConfig {
    /// The small-signal view.
    Linear(LinearConfig),
    /// Mach-Zehnder.
    Mzm(MzmConfig),
    /// Electro-absorption.
    Eml(EmlConfig),
}

/// A modulator of any kind, ready to run.
#[derive(Debug, Clone)]
pub enum Modulator {
    /// The small-signal view.
    Linear(Linear),
    /// Mach-Zehnder.
    Mzm(Mzm),
    /// Electro-absorption.
    Eml(Eml),
}

/// The same call on whichever plan there is.
macro_rules! each {
    ($self:ident, $plan:ident => $call:expr) => {
        match $self {
            Self::Linear($plan) => $call,
            Self::Mzm($plan) => $call,
            Self::Eml($plan) => $call,
        }
    };
}

impl ModulatorConfig {
    /// The same kind of modulator, set so that a drive of `drive_vpp` makes these outer levels. The straight
    /// line goes through them; the others get half-wave voltage or absorption and power.
    ///
    /// ```
    /// use pamlink::optics::modulator::{Modulator, ModulatorConfig, MzmConfig, OpticalLevels};
    ///
    /// let wanted = OpticalLevels::new(2.5, 4.5)?;
    /// let config = ModulatorConfig::Mzm(MzmConfig::default()).making(&wanted, 1.6)?;
    /// let modulator = Modulator::new(&config)?;
    /// assert!((modulator.levels(1.6).oma_w() - wanted.oma_w).abs() < 1e-12);
    /// // The outer levels are steered less than the inner ones: the sine flattens.
    /// let [s0, s1, ..] = modulator.slopes(1.6);
    /// assert!(s0 < s1);
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    ///
    /// # Errors
    /// Levels that this kind of modulator cannot make with such a drive.
    pub fn making(&self, levels: &OpticalLevels, drive_vpp: f64) -> Result<Self> {
        Ok(match self {
            Self::Linear(c) => {
                crate::error::positive("drive_vpp", drive_vpp)?;
                let line = LinearConfig::through(levels, drive_vpp);
                Self::Linear(LinearConfig {
                    chirp: c.chirp,
                    ..line
                })
            }
            Self::Mzm(c) => Self::Mzm(c.making(levels, drive_vpp)?),
            Self::Eml(c) => Self::Eml(c.making(levels, drive_vpp)?),
        })
    }
}

impl Modulator {
    /// A plan at the level of [`Level::best`].
    pub fn new(config: &ModulatorConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a named level.
    pub fn with_level(config: &ModulatorConfig, level: Level) -> Result<Self> {
        Ok(match config {
            ModulatorConfig::Linear(c) => Self::Linear(Linear::with_level(c, level)?),
            ModulatorConfig::Mzm(c) => Self::Mzm(Mzm::with_level(c, level)?),
            ModulatorConfig::Eml(c) => Self::Eml(Eml::with_level(c, level)?),
        })
    }

    /// The level the kernels run at.
    #[must_use]
    pub fn level(&self) -> Level {
        each!(self, plan => plan.level())
    }

    /// Power over drive: `p[i] = P(v[i])`, V to W.
    pub fn power(&self, v: &[f32], p: &mut [f32]) -> Result<()> {
        each!(self, plan => plan.power(v, p))
    }

    /// Field over drive: `re[i] + j im[i] = E(v[i])`, V to sqrt(W), chirp as phase.
    pub fn field(&self, v: &[f32], re: &mut [f32], im: &mut [f32]) -> Result<()> {
        each!(self, plan => plan.field(v, re, im))
    }

    /// Power at a drive, W, in `f64`.
    #[must_use]
    pub fn power_at(&self, v: f64) -> f64 {
        each!(self, plan => plan.power_at(v))
    }

    /// Slope of the power at a drive, W/V.
    #[must_use]
    pub fn slope_at(&self, v: f64) -> f64 {
        each!(self, plan => plan.slope_at(v))
    }

    /// Field at a drive, sqrt(W), in `f64`.
    #[must_use]
    pub fn field_at(&self, v: f64) -> Complex64 {
        each!(self, plan => plan.field_at(v))
    }

    /// Static powers of the four levels of a drive of `drive_vpp` outer peak to peak.
    #[must_use]
    pub fn levels(&self, drive_vpp: f64) -> LevelPowers {
        each!(self, plan => plan.levels(drive_vpp))
    }

    /// Slopes of the power at the four levels of such a drive, W/V: what a small disturbance of each level
    /// is worth.
    #[must_use]
    pub fn slopes(&self, drive_vpp: f64) -> [f64; 4] {
        UNIT_LEVELS.map(|unit| self.slope_at(drive_vpp / 2.0 * unit))
    }

    /// Linewidth factor at zero drive.
    #[must_use]
    pub fn chirp(&self) -> f64 {
        each!(self, plan => plan.config().chirp)
    }

    /// The small-signal view: the tangent at zero drive, with the same chirp.
    pub fn linearized(&self) -> Result<Linear> {
        let config = LinearConfig {
            mean_w: self.power_at(0.0),
            slope_w_per_v: self.slope_at(0.0),
            chirp: self.chirp(),
        };
        Linear::with_level(&config, self.level())
    }
}
