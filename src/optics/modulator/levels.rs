//! Powers of the four levels of an optical PAM4 signal, and what follows from them.

use crate::error::{Error, Result, finite, positive};
use crate::pam4::UNIT_LEVELS;
use crate::units::{db_to_power, dbm_to_w, power_to_db};

/// Outer levels of an optical PAM4 signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpticalLevels {
    /// `P3 - P0`, W.
    pub oma_w: f64,
    /// `(P3 + P0) / 2`, W.
    pub mean_w: f64,
}

impl OpticalLevels {
    /// From outer OMA in dBm and extinction ratio `P3 / P0` in dB:
    /// `mean = OMA / 2 * (ER + 1) / (ER - 1)`.
    pub fn new(oma_dbm: f64, extinction_ratio_db: f64) -> Result<Self> {
        finite("oma_dbm", oma_dbm)?;
        positive("extinction_ratio_db", extinction_ratio_db)?;
        let (oma_w, ratio) = (dbm_to_w(oma_dbm), db_to_power(extinction_ratio_db));
        Ok(Self {
            oma_w,
            mean_w: oma_w / 2.0 * (ratio + 1.0) / (ratio - 1.0),
        })
    }

    /// Extinction ratio `P3 / P0`, dB.
    #[must_use]
    pub fn extinction_ratio_db(&self) -> f64 {
        let half = self.oma_w / 2.0;
        power_to_db((self.mean_w + half) / (self.mean_w - half))
    }

    /// Slope of power over drive voltage for a drive of `drive_vppd` that makes the outer levels, W/V.
    #[must_use]
    pub fn slope_w_per_v(&self, drive_vppd: f64) -> f64 {
        self.oma_w / drive_vppd
    }
}

/// Powers of the four levels, W, in level order.
///
/// Static: what a drive that rests on each level makes, without the bandwidth of any part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelPowers(pub [f64; 4]);

impl LevelPowers {
    /// The levels of a transfer curve under a drive of four equally spaced voltages,
    /// `drive_vpp / 2 * (-1, -1/3, 1/3, 1)`.
    pub(super) fn of(drive_vpp: f64, power_at: impl Fn(f64) -> f64) -> Self {
        Self(UNIT_LEVELS.map(|unit| power_at(drive_vpp / 2.0 * unit)))
    }

    /// Outer optical modulation amplitude `P3 - P0`, W.
    #[must_use]
    pub fn oma_w(&self) -> f64 {
        self.0[3] - self.0[0]
    }

    /// Outer extinction ratio `P3 / P0`, dB; infinite where the lowest level is dark.
    #[must_use]
    pub fn extinction_ratio_db(&self) -> f64 {
        power_to_db(self.0[3] / self.0[0])
    }

    /// Average power of equally likely levels, W.
    #[must_use]
    pub fn mean_w(&self) -> f64 {
        self.0.iter().sum::<f64>() / 4.0
    }

    /// Ratio of level mismatch: `min(3 ES1, 3 ES2, 2 - 3 ES1, 2 - 3 ES2)` with
    /// `ES1 = (P1 - Pmid)/(P0 - Pmid)`, `ES2 = (P2 - Pmid)/(P3 - Pmid)`, `Pmid = (P0 + P3)/2`
    /// (clause 120D.3.1.2). One for equally spaced levels; NaN where the outer levels are equal.
    #[must_use]
    pub fn r_lm(&self) -> f64 {
        let [p0, p1, p2, p3] = self.0;
        let mid = f64::midpoint(p0, p3);
        let (es1, es2) = ((p1 - mid) / (p0 - mid), (p2 - mid) / (p3 - mid));
        // `min` would drop a NaN.
        if (es1 + es2).is_nan() {
            return f64::NAN;
        }
        let low = (3.0 * es1).min(3.0 * es2);
        low.min(2.0 - 3.0 * es1).min(2.0 - 3.0 * es2)
    }
}

/// What fixes the power of a modulator: the laser behind it, or the amplitude it has to make.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum OpticalPower {
    /// Power where the modulator transmits most, W: behind its insertion loss.
    MaxPowerW(f64),
    /// Outer modulation amplitude under a drive of four equally spaced levels.
    OuterOma {
        /// `P3 - P0`, W.
        oma_w: f64,
        /// Outer peak to peak of the drive, V.
        drive_vpp: f64,
    },
}

impl OpticalPower {
    /// The power of full transmission, given the transmission over voltage.
    pub(super) fn max_power_w(self, transmission: impl Fn(f64) -> f64) -> Result<f64> {
        match self {
            Self::MaxPowerW(w) => positive("power.max_power_w", w),
            Self::OuterOma { oma_w, drive_vpp } => {
                positive("power.oma_w", oma_w)?;
                positive("power.drive_vpp", drive_vpp)?;
                let span = LevelPowers::of(drive_vpp, transmission).oma_w();
                let max = oma_w / span;
                // A drive that wraps around the curve, or so small that it leaves no amplitude.
                if span > 0.0 && max.is_finite() {
                    Ok(max)
                } else {
                    Err(Error::NotPositive {
                        name: "outer OMA over full power of this power.drive_vpp".into(),
                        value: span,
                    })
                }
            }
        }
    }
}

/// Largest power that the lanes of the kernels take, W: far above any laser, far below the end of `f32`.
const MOST_W: f64 = 1e6;

/// Checks a power for use in `f32`.
pub(super) fn usable_power(name: &'static str, w: f64) -> Result<f64> {
    // Below a femtowatt nothing is seen and `f32` squares run out.
    crate::error::in_range(name, w, 1e-15, MOST_W)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_give_back_oma_and_extinction_ratio() {
        let l = OpticalLevels::new(1.0, 4.5).unwrap();
        let (p3, p0) = (l.mean_w + l.oma_w / 2.0, l.mean_w - l.oma_w / 2.0);
        assert!((10.0 * (p3 / p0).log10() - 4.5).abs() < 1e-9);
        assert!((crate::units::w_to_dbm(p3 - p0) - 1.0).abs() < 1e-9);
        assert!((l.extinction_ratio_db() - 4.5).abs() < 1e-12);
        assert!(OpticalLevels::new(1.0, 0.0).is_err());
        assert!(OpticalLevels::new(f64::NAN, 4.0).is_err());
    }

    #[test]
    fn level_mismatch_by_hand() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(LevelPowers([1.0, 2.0, 3.0, 4.0]).r_lm(), 1.0);
        // Inner levels pulled to the middle by a tenth: 3 ES = 0.9; pushed outwards: 2 - 1.1.
        close(LevelPowers([-3.0, -0.9, 1.0, 3.0]).r_lm(), 0.9);
        close(LevelPowers([-3.0, -1.0, 1.1, 3.0]).r_lm(), 0.9);
        assert!(LevelPowers([1.0; 4]).r_lm().is_nan());
        let l = LevelPowers([0.25, 0.5, 0.75, 1.0]);
        close(l.extinction_ratio_db(), 10.0 * 4f64.log10());
        close(l.oma_w(), 0.75);
        close(l.mean_w(), 0.625);
    }

    #[test]
    fn a_drive_that_leaves_no_amplitude_is_an_error() {
        let scale = OpticalPower::OuterOma {
            oma_w: 1e-3,
            drive_vpp: 1.0,
        };
        assert_eq!(scale.max_power_w(|v| v).unwrap(), 1e-3);
        assert!(scale.max_power_w(|v| -v).is_err());
        assert!(scale.max_power_w(|_| 0.5).is_err());
        assert!(scale.max_power_w(|_| f64::NAN).is_err());
        assert!(OpticalPower::MaxPowerW(0.0).max_power_w(|v| v).is_err());
    }
}
