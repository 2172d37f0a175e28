//! Mach-Zehnder modulator, push-pull.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::kernel::{self, Interferometer};
use super::levels::{LevelPowers, OpticalLevels, OpticalPower, usable_power};
use crate::error::{Error, Result, in_range, length, positive};
use crate::simd::Level;
use crate::units::{db_to_power, power_to_db};

/// Settings of an [`Mzm`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct MzmConfig {
    /// Half-wave voltage: the change of the differential drive between dark and bright, V (ours: 4.0).
    pub v_pi_v: f64,
    /// Bias phase at zero drive, degrees: 0 is dark, 90 quadrature, 180 bright. Within 1 to 179: the slope
    /// over the drive is positive.
    pub bias_deg: f64,
    /// Static extinction ratio, brightest over darkest, dB (ours: 30); what unequal arms leave.
    pub static_extinction_db: f64,
    /// Linewidth factor of the whole modulator at its bias point (0: chirp-free for small drives).
    pub chirp: f64,
    /// Power at full transmission, or the modulation amplitude to be made.
    pub power: OpticalPower,
}

impl Default for MzmConfig {
    fn default() -> Self {
        Self {
            v_pi_v: 4.0,
            bias_deg: 90.0,
            static_extinction_db: 30.0,
            chirp: 0.0,
            power: OpticalPower::MaxPowerW(4e-3),
        }
    }
}

/// A push-pull Mach-Zehnder modulator, static and large-signal.
///
/// **Equation.** With `psi = pi v / V_pi + bias - 180 deg`, the difference of phase of the two arms,
///
/// `P(v) = P_max ((1 + e) + (1 - e) cos psi) / 2`, `e = 1 / static extinction`:
///
/// at quadrature `P_max ((1 + e) + (1 - e) sin(pi v / V_pi)) / 2`. The field is the sum of two arms of
/// amplitudes `(1 + r)/2` and `(1 - r)/2`, `r = sqrt(e)`, so that field and power agree:
///
/// `E(v) = sqrt(P_max) (cos(psi/2) + j r sin(psi/2)) exp(j k pi v / (2 V_pi))`.
///
/// The last factor is drive that both arms share. `k` is set so that the *whole* linewidth factor at the
/// bias point, `(d arg E / dv) / (d ln P / dv / 2)`, is [`MzmConfig::chirp`]; the unequal arms alone would
/// make `2 r / (1 - r^2)` at quadrature. Signs: time runs as `exp(+j 2 pi f t)`, so a positive chirp raises
/// the optical frequency while the power rises; see [`crate::optics::fiber`].
///
/// **Units and shapes.** Drive in V, differential, around the bias; power in W; field in sqrt(W); slices of
/// one length, any length.
///
/// **Numeric contract.** For `|v| <= 2 V_pi` power within 1e-6 `P_max` and field within 1e-6 `sqrt(P_max)`
/// of the equation, at every level; the power is never below `e P_max (1 - 1e-6)`. Equal bits at the FMA
/// levels. A drive beyond a million half-wave voltages counts as that; NaN and infinity give NaN. Any
/// split of a slice gives the same bits.
///
/// **Cost.** About fourteen lane operations per sample for the power, forty for the field.
///
/// **Reference.** F. Koyama, K. Iga, "Frequency chirping in external modulators", JLT 6 (1988) 87.
///
/// ```
/// use pamlink::optics::modulator::{Mzm, MzmConfig, OpticalLevels};
///
/// // A drive of 2 Vppd that makes an outer OMA of +1 dBm at an extinction ratio of 4.5 dB.
/// let wanted = OpticalLevels::new(1.0, 4.5)?;
/// let mzm = Mzm::new(&MzmConfig::default().making(&wanted, 2.0)?)?;
/// let levels = mzm.levels(2.0);
/// assert!((levels.extinction_ratio_db() - 4.5).abs() < 1e-9);
/// assert!((levels.oma_w() - wanted.oma_w).abs() < 1e-12);
/// assert!(levels.r_lm() > 0.96); // the sine compresses the outer levels
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mzm {
    config: MzmConfig,
    level: Level,
    shape: Shape,
    max_w: f64,
    /// `k` of the equation.
    shared: f64,
    lanes: Interferometer,
}

/// The transmission, without power.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Half turns of `psi / 2` per volt.
    per_volt: f64,
    /// `bias / 360 deg`: `psi / 2 = pi (h - 1/2)`, `h = per_volt v + start`.
    start: f64,
    /// `1 / static extinction`.
    floor: f64,
}

impl Shape {
    fn turns(self, v: f64) -> f64 {
        self.per_volt * v + self.start
    }

    fn at(self, v: f64) -> f64 {
        let s = (PI * self.turns(v)).sin();
        self.floor + (1.0 - self.floor) * s * s
    }

    fn slope_at(self, v: f64) -> f64 {
        (1.0 - self.floor) * PI * self.per_volt * (2.0 * PI * self.turns(v)).sin()
    }
}

impl MzmConfig {
    fn shape(&self) -> Result<Shape> {
        // Keeps every product within `f32`.
        in_range("v_pi_v", self.v_pi_v, 1e-6, 1e9)?;
        self.bias_and_floor().map(|(start, floor)| Shape {
            per_volt: 0.5 / self.v_pi_v,
            start,
            floor,
        })
    }

    fn bias_and_floor(&self) -> Result<(f64, f64)> {
        in_range("bias_deg", self.bias_deg, 1.0, 179.0)?;
        in_range(
            "static_extinction_db",
            self.static_extinction_db,
            3.0,
            100.0,
        )?;
        let floor = db_to_power(-self.static_extinction_db);
        Ok((self.bias_deg / 360.0, floor))
    }

    /// The half-wave voltage at which a drive of `drive_vpp` outer peak to peak makes this outer extinction
    /// ratio `P3 / P0`; `v_pi_v` and `power` of `self` do not matter.
    ///
    /// With `x = pi drive / (2 V_pi)` and `b = bias - 90 deg`, the ratio `R` asks for
    /// `A sin x + B cos x = C`, `A = (R + 1)(1 - e) cos b`, `B = (1 - R)(1 - e) sin b`,
    /// `C = (R - 1)(1 + e)`: closed form at every bias. At quadrature
    /// `sin x = (1 + e)/(1 - e) (R - 1)/(R + 1)`.
    ///
    /// # Errors
    /// A ratio that no drive on the rising branch of the curve makes; the error carries the largest.
    pub fn v_pi_for_extinction(&self, drive_vpp: f64, extinction_ratio_db: f64) -> Result<f64> {
        positive("drive_vpp", drive_vpp)?;
        positive("extinction_ratio_db", extinction_ratio_db)?;
        let (start, floor) = self.bias_and_floor()?;
        let ratio = db_to_power(extinction_ratio_db);
        let bias = 2.0 * PI * start - PI / 2.0;
        let (a, b) = (
            (ratio + 1.0) * (1.0 - floor) * bias.cos(),
            (1.0 - ratio) * (1.0 - floor) * bias.sin(),
        );
        let c = (ratio - 1.0) * (1.0 + floor);
        let x = (c / a.hypot(b)).asin() - b.atan2(a);
        // Beyond this the drive leaves the rising branch at one end.
        let most = PI / 2.0 - bias.abs();
        // NaN where no angle makes the ratio. The last digits of an angle at the end may lie beyond it.
        if x.is_nan() || x > most * (1.0 + 1e-9) {
            let power = |x: f64| 1.0 + floor + (1.0 - floor) * (bias + x).sin();
            return Err(Error::OutOfRange {
                name: "extinction_ratio_db".into(),
                value: extinction_ratio_db,
                min: 0.0,
                max: power_to_db(power(most) / power(-most)),
            });
        }
        Ok(PI * drive_vpp / (2.0 * x))
    }
}

impl MzmConfig {
    /// The same modulator with half-wave voltage and power such that a drive of `drive_vpp` makes these
    /// outer levels.
    ///
    /// # Errors
    /// As of [`Self::v_pi_for_extinction`].
    pub fn making(&self, levels: &OpticalLevels, drive_vpp: f64) -> Result<Self> {
        Ok(Self {
            v_pi_v: self.v_pi_for_extinction(drive_vpp, levels.extinction_ratio_db())?,
            power: OpticalPower::OuterOma {
                oma_w: levels.oma_w,
                drive_vpp,
            },
            ..*self
        })
    }
}

impl Mzm {
    /// A plan at the level of [`Level::best`].
    pub fn new(config: &MzmConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a named level.
    pub fn with_level(config: &MzmConfig, level: Level) -> Result<Self> {
        let shape = config.shape()?;
        in_range("chirp", config.chirp, -100.0, 100.0)?;
        let max_w = config.power.max_power_w(|v| shape.at(v))?;
        usable_power("power at full transmission", max_w)?;
        let (s, c) = (PI * shape.start).sin_cos();
        let imbalance = shape.floor.sqrt();
        // d arg / dh of the shared drive, pi k, makes up what chirp asks for beyond the arms, over
        // |E|^2 / P_max: chirp (1 - e) s c - r.
        let shared = (config.chirp * (1.0 - shape.floor) * s * c - imbalance)
            / (s * s + shape.floor * c * c);
        let twist = shared * shape.per_volt;
        let fastest = shape.per_volt.max(twist.abs());
        let lanes = Interferometer {
            per_volt: shape.per_volt as f32,
            start: shape.start as f32,
            floor: (max_w * shape.floor) as f32,
            span: (max_w * (1.0 - shape.floor)) as f32,
            amplitude: max_w.sqrt() as f32,
            imbalance: (max_w.sqrt() * imbalance) as f32,
            twist: twist as f32,
            most: (1_048_576.0 / fastest) as f32,
        };
        Ok(Self {
            config: *config,
            level,
            shape,
            max_w,
            shared,
            lanes,
        })
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &MzmConfig {
        &self.config
    }

    /// The level the kernels run at.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Power at full transmission, W.
    #[must_use]
    pub fn max_power_w(&self) -> f64 {
        self.max_w
    }

    /// Drive that both arms share over the drive between them, `k` of the equation.
    #[must_use]
    pub fn shared_drive(&self) -> f64 {
        self.shared
    }

    /// Power over drive: `p[i] = P(v[i])`, W.
    pub fn power(&self, v: &[f32], p: &mut [f32]) -> Result<()> {
        length("power", v.len(), p.len())?;
        kernel::interferometer_power(self.level, &self.lanes, v, p);
        Ok(())
    }

    /// Field over drive: `re[i] + j im[i] = E(v[i])`, sqrt(W).
    pub fn field(&self, v: &[f32], re: &mut [f32], im: &mut [f32]) -> Result<()> {
        length("real part", v.len(), re.len())?;
        length("imaginary part", v.len(), im.len())?;
        kernel::interferometer_field(self.level, &self.lanes, v, re, im);
        Ok(())
    }

    /// Power at a drive, W, in `f64`.
    #[must_use]
    pub fn power_at(&self, v: f64) -> f64 {
        self.max_w * self.shape.at(v)
    }

    /// Slope of the power at a drive, W/V.
    #[must_use]
    pub fn slope_at(&self, v: f64) -> f64 {
        self.max_w * self.shape.slope_at(v)
    }

    /// Field at a drive, sqrt(W), in `f64`.
    #[must_use]
    pub fn field_at(&self, v: f64) -> Complex64 {
        let (s, c) = (PI * self.shape.turns(v)).sin_cos();
        let imbalance = self.shape.floor.sqrt();
        let shared = Complex64::cis(PI * self.shared * self.shape.per_volt * v);
        self.max_w.sqrt() * Complex64::new(s, -imbalance * c) * shared
    }

    /// Static powers of the four levels of a drive of `drive_vpp` outer peak to peak.
    #[must_use]
    pub fn levels(&self, drive_vpp: f64) -> LevelPowers {
        LevelPowers::of(drive_vpp, |v| self.power_at(v))
    }
}
