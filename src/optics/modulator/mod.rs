//! Intensity modulator around its bias point: levels of power from OMA and extinction ratio.

use crate::error::{Result, positive};
use crate::units::{db_to_power, dbm_to_w};

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
        crate::error::finite("oma_dbm", oma_dbm)?;
        positive("extinction_ratio_db", extinction_ratio_db)?;
        let (oma_w, ratio) = (dbm_to_w(oma_dbm), db_to_power(extinction_ratio_db));
        Ok(Self {
            oma_w,
            mean_w: oma_w / 2.0 * (ratio + 1.0) / (ratio - 1.0),
        })
    }

    /// Slope of power over drive voltage for a drive of `drive_vppd` that makes the outer levels, W/V.
    #[must_use]
    pub fn slope_w_per_v(&self, drive_vppd: f64) -> f64 {
        self.oma_w / drive_vppd
    }
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
        assert!(OpticalLevels::new(1.0, 0.0).is_err());
        assert!(OpticalLevels::new(f64::NAN, 4.0).is_err());
    }
}
