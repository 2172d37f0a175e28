//! Electro-absorption modulated laser.

use num_complex::Complex64;

use super::kernel::{self, Absorber};
use super::levels::{LevelPowers, OpticalLevels, OpticalPower, usable_power};
use crate::error::{Error, Result, in_range, length, positive};
use crate::simd::Level;
use crate::units::db_to_power;

/// Settings of an [`Eml`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct EmlConfig {
    /// Reverse voltage `V0` at which the power has fallen to 1/e, V (ours: 1.8).
    pub v0_v: f64,
    /// Order `n` of the absorption, 1 to 6 (ours: 2.5).
    pub order: f64,
    /// Reverse bias at zero drive, V (ours: 1.3).
    pub reverse_bias_v: f64,
    /// Linewidth factor, the same at every voltage (ours: 0.3).
    pub chirp: f64,
    /// Power without absorption (no reverse voltage), or the modulation amplitude to be made.
    pub power: OpticalPower,
}

impl Default for EmlConfig {
    fn default() -> Self {
        Self {
            v0_v: 1.8,
            order: 2.5,
            reverse_bias_v: 1.3,
            chirp: 0.3,
            power: OpticalPower::MaxPowerW(4e-3),
        }
    }
}

/// An electro-absorption modulator behind a laser of constant power, static and large-signal.
///
/// **Equation.** With the reverse voltage `u = max(reverse bias - v, 0)`:
///
/// `P(v) = P_max exp(-(u / V0)^n)`, `E(v) = sqrt(P) exp(j (chirp / 2) ln(P / P_max))`.
///
/// A positive drive takes reverse voltage away, so the power rises with the drive as it does for
/// [`super::Mzm`]; a forward voltage counts as none. The stretched exponential and its default numbers are
/// ours: an empirical curve that starts flat, is steepest at `(u / V0)^n = (n - 1)/n`, and ends flat, as
/// static curves of electro-absorption modulators do. A real chirp factor moves with the voltage; this one
/// is its value around the bias.
///
/// **Units, shapes, signs** as [`super::Mzm`].
///
/// **Numeric contract.** Power within 1e-6 `P_max` and field within 3e-6 `sqrt(P_max)` of the equation for
/// `|chirp| <= 5`, at every level; equal bits at the FMA levels. Powers below e^-87 `P_max` count as that.
/// NaN and infinity give NaN. Any split of a slice gives the same bits.
///
/// **Cost.** About forty lane operations per sample for the power, sixty for the field.
///
/// ```
/// use pamlink::optics::modulator::{Eml, EmlConfig};
///
/// let config = EmlConfig::default();
/// let v0_v = config.v0_for_extinction(1.0, 4.5)?;
/// let eml = Eml::new(&EmlConfig { v0_v, ..config })?;
/// assert!((eml.levels(1.0).extinction_ratio_db() - 4.5).abs() < 1e-9);
/// let mut p = [0.0; 2];
/// eml.power(&[-0.5, 0.5], &mut p)?;
/// assert!((10.0 * (p[1] / p[0]).log10() - 4.5).abs() < 1e-4);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Eml {
    config: EmlConfig,
    level: Level,
    max_w: f64,
    lanes: Absorber,
}

impl EmlConfig {
    fn validate(&self) -> Result<()> {
        in_range("v0_v", self.v0_v, 1e-6, 1e9)?;
        self.validate_shape()?;
        // `f32` resolves the drive to a millionth of V0 or better.
        in_range("reverse_bias_v", self.reverse_bias_v, 0.0, 16.0 * self.v0_v)?;
        in_range("chirp", self.chirp, -100.0, 100.0)?;
        Ok(())
    }

    fn validate_shape(&self) -> Result<()> {
        in_range("order", self.order, 1.0, 6.0)?;
        in_range("reverse_bias_v", self.reverse_bias_v, 0.0, 1e9)?;
        Ok(())
    }

    /// Absorption, nepers of power.
    fn nepers(&self, v: f64) -> f64 {
        ((self.reverse_bias_v - v).max(0.0) / self.v0_v).powf(self.order)
    }

    /// The `V0` at which a drive of `drive_vpp` outer peak to peak makes this outer extinction ratio:
    /// `V0^n = (u0^n - u3^n) / ln R` with the reverse voltages of the outer levels. `v0_v` and `power` of
    /// `self` do not matter.
    pub fn v0_for_extinction(&self, drive_vpp: f64, extinction_ratio_db: f64) -> Result<f64> {
        positive("drive_vpp", drive_vpp)?;
        positive("extinction_ratio_db", extinction_ratio_db)?;
        self.validate_shape()?;
        let [dark, bright] = [-0.5, 0.5].map(|half: f64| {
            let u = (self.reverse_bias_v - half * drive_vpp).max(0.0);
            u.powf(self.order)
        });
        let nepers = db_to_power(extinction_ratio_db).ln();
        let v0 = ((dark - bright) / nepers).powf(1.0 / self.order);
        if v0.is_finite() && v0 > 0.0 {
            Ok(v0)
        } else {
            Err(Error::NotPositive {
                name: "v0_v for this drive_vpp and extinction_ratio_db".into(),
                value: v0,
            })
        }
    }

    /// The reverse bias at which the curve is steepest: `V0 ((n - 1)/n)^(1/n)`.
    #[must_use]
    pub fn steepest_bias_v(&self) -> f64 {
        self.v0_v * ((self.order - 1.0) / self.order).powf(1.0 / self.order)
    }
}

impl EmlConfig {
    /// The same modulator with `V0` and power such that a drive of `drive_vpp` makes these outer levels.
    ///
    /// # Errors
    /// As of [`Self::v0_for_extinction`].
    pub fn making(&self, levels: &OpticalLevels, drive_vpp: f64) -> Result<Self> {
        Ok(Self {
            v0_v: self.v0_for_extinction(drive_vpp, levels.extinction_ratio_db())?,
            power: OpticalPower::OuterOma {
                oma_w: levels.oma_w,
                drive_vpp,
            },
            ..*self
        })
    }
}

impl Eml {
    /// A plan at the level of [`Level::best`].
    pub fn new(config: &EmlConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a named level.
    pub fn with_level(config: &EmlConfig, level: Level) -> Result<Self> {
        config.validate()?;
        let max_w = config.power.max_power_w(|v| (-config.nepers(v)).exp())?;
        usable_power("power without absorption", max_w)?;
        let lanes = Absorber {
            bias: config.reverse_bias_v as f32,
            per_volt: (1.0 / config.v0_v) as f32,
            max: max_w as f32,
            amplitude: max_w.sqrt() as f32,
            order: (config.order * std::f64::consts::LOG2_E) as f32,
            turn: (0.5 * config.chirp / std::f64::consts::PI) as f32,
        };
        Ok(Self {
            config: *config,
            level,
            max_w,
            lanes,
        })
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &EmlConfig {
        &self.config
    }

    /// The level the kernels run at.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Power without absorption, W.
    #[must_use]
    pub fn max_power_w(&self) -> f64 {
        self.max_w
    }

    /// Power over drive: `p[i] = P(v[i])`, W.
    pub fn power(&self, v: &[f32], p: &mut [f32]) -> Result<()> {
        length("power", v.len(), p.len())?;
        kernel::absorber_power(self.level, &self.lanes, v, p);
        Ok(())
    }

    /// Field over drive: `re[i] + j im[i] = E(v[i])`, sqrt(W).
    pub fn field(&self, v: &[f32], re: &mut [f32], im: &mut [f32]) -> Result<()> {
        length("real part", v.len(), re.len())?;
        length("imaginary part", v.len(), im.len())?;
        kernel::absorber_field(self.level, &self.lanes, v, re, im);
        Ok(())
    }

    /// Power at a drive, W, in `f64`.
    #[must_use]
    pub fn power_at(&self, v: f64) -> f64 {
        self.max_w * (-self.config.nepers(v)).exp()
    }

    /// Slope of the power at a drive, W/V: `P n (u / V0)^n / u`; zero where the voltage is forward.
    #[must_use]
    pub fn slope_at(&self, v: f64) -> f64 {
        let u = self.config.reverse_bias_v - v;
        if u > 0.0 {
            let n = self.config.order;
            let rise = n * (u / self.config.v0_v).powf(n - 1.0) / self.config.v0_v;
            self.power_at(v) * rise
        } else {
            0.0
        }
    }

    /// Field at a drive, sqrt(W), in `f64`.
    #[must_use]
    pub fn field_at(&self, v: f64) -> Complex64 {
        let nepers = self.config.nepers(v);
        Complex64::from_polar(
            (self.max_w * (-nepers).exp()).sqrt(),
            -0.5 * self.config.chirp * nepers,
        )
    }

    /// Static powers of the four levels of a drive of `drive_vpp` outer peak to peak.
    #[must_use]
    pub fn levels(&self, drive_vpp: f64) -> LevelPowers {
        LevelPowers::of(drive_vpp, |v| self.power_at(v))
    }
}
