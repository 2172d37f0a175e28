//! Continuous-time linear equalizer: the two-stage form of COM.

use num_complex::Complex64;

use crate::error::{Result, finite, positive};

/// Zeros and poles of a CTLE; its gains are chosen from a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct CtleConfig {
    /// Zero of the high-frequency stage.
    pub zero_hz: f64,
    /// First pole.
    pub pole1_hz: f64,
    /// Second pole.
    pub pole2_hz: f64,
    /// Zero and pole of the low-frequency stage.
    pub low_hz: f64,
    /// Smallest DC gain of the high-frequency stage; the largest is 0 dB.
    pub gain_min_db: f64,
    /// Step of that gain.
    pub gain_step_db: f64,
    /// Smallest DC gain of the low-frequency stage; the largest is 0 dB.
    pub gain2_min_db: f64,
    /// Step of that gain.
    pub gain2_step_db: f64,
}

impl CtleConfig {
    /// 802.3ck C2M (120G), 53.125 `GBd`; IEEE workbook of 2022-08-17.
    pub const C2M_100G: Self = Self {
        zero_hz: 12.58e9,
        pole1_hz: 20e9,
        pole2_hz: 28e9,
        low_hz: 1.328125e9,
        gain_min_db: -13.0,
        gain_step_db: 1.0,
        gain2_min_db: -3.0,
        gain2_step_db: 0.5,
    };

    /// 802.3dj 200G per lane, 106.25 `GBd`; secondary source (`PyChOpMarg` configuration). The step of
    /// the first gain is taken as 1 dB, as in 802.3ck.
    pub const DJ_200G: Self = Self {
        zero_hz: 42.5e9,
        pole1_hz: 42.5e9,
        pole2_hz: 106.25e9,
        low_hz: 1.328125e9,
        gain_min_db: -15.0,
        gain_step_db: 1.0,
        gain2_min_db: -5.0,
        gain2_step_db: 0.5,
    };

    /// Checks that poles and zeros are positive and the grid is one.
    pub fn validate(&self, name: &str) -> Result<()> {
        for (field, value) in [
            ("zero_hz", self.zero_hz),
            ("pole1_hz", self.pole1_hz),
            ("pole2_hz", self.pole2_hz),
            ("low_hz", self.low_hz),
            ("gain_step_db", self.gain_step_db),
            ("gain2_step_db", self.gain2_step_db),
        ] {
            positive(format!("{name}.{field}"), value)?;
        }
        for (field, value) in [
            ("gain_min_db", self.gain_min_db),
            ("gain2_min_db", self.gain2_min_db),
        ] {
            finite(format!("{name}.{field}"), value)?;
            crate::error::in_range(format!("{name}.{field}"), value, -60.0, 0.0)?;
        }
        // Each setting is held as a whole response: a finer grid would fill the memory.
        let settings = (self.gain_min_db / self.gain_step_db - 1.0)
            * (self.gain2_min_db / self.gain2_step_db - 1.0);
        crate::error::in_range(
            format!("settings of {name} (gain range over step, both stages)"),
            settings,
            1.0,
            1024.0,
        )?;
        Ok(())
    }

    /// Number of gain settings of the two stages.
    #[must_use]
    pub fn settings(&self) -> (usize, usize) {
        let count = |min: f64, step: f64| {
            // At least the setting of 0 dB, whatever the fields hold.
            let steps = (-min / step + 1e-9).floor();
            if steps.is_finite() {
                steps.clamp(0.0, 1023.0) as usize + 1
            } else {
                1
            }
        };
        (
            count(self.gain_min_db, self.gain_step_db),
            count(self.gain2_min_db, self.gain2_step_db),
        )
    }

    /// The CTLE at setting `(i, j)` of the grid, `(0, 0)` being 0 dB in both stages.
    #[must_use]
    pub fn setting(&self, i: usize, j: usize) -> Ctle {
        Ctle {
            config: *self,
            gain_db: -(i as f64) * self.gain_step_db,
            gain2_db: -(j as f64) * self.gain2_step_db,
        }
    }
}

/// A CTLE with its gains chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ctle {
    config: CtleConfig,
    /// DC gain of the high-frequency stage in dB (0 or below).
    pub gain_db: f64,
    /// DC gain of the low-frequency stage in dB (0 or below).
    pub gain2_db: f64,
}

impl Ctle {
    /// `H(f) = (G + j f/fz)(G2 + j f/fLF) / ((1 + j f/fp1)(1 + j f/fp2)(1 + j f/fLF))`,
    /// `G = 10^(gain_db / 20)` (Annex 93A.1.4.3).
    #[must_use]
    pub fn at(&self, f_hz: f64) -> Complex64 {
        let c = &self.config;
        let j = |corner: f64| Complex64::new(0.0, f_hz / corner);
        let gain = crate::units::db_to_amplitude(self.gain_db);
        let gain2 = crate::units::db_to_amplitude(self.gain2_db);
        (gain + j(c.zero_hz)) * (gain2 + j(c.low_hz))
            / ((1.0 + j(c.pole1_hz)) * (1.0 + j(c.pole2_hz)) * (1.0 + j(c.low_hz)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_without_end_is_refused() {
        for gain_step_db in [1e-300, 1e-6] {
            let fine = CtleConfig {
                gain_step_db,
                ..CtleConfig::C2M_100G
            };
            let text = fine.validate("host.ctle").unwrap_err().to_string();
            assert!(text.contains("settings of host.ctle"), "{text}");
        }
        CtleConfig::DJ_200G.validate("host.ctle").unwrap();
    }

    #[test]
    fn gains_are_the_ones_named_at_zero_frequency() {
        let ctle = CtleConfig::C2M_100G.setting(6, 2);
        assert_eq!((ctle.gain_db, ctle.gain2_db), (-6.0, -1.0));
        let dc = crate::units::amplitude_to_db(ctle.at(0.0).norm());
        assert!((dc + 7.0).abs() < 1e-9);
        // Between the low-frequency corner and the zero the second stage is at 0 dB.
        assert_eq!(CtleConfig::C2M_100G.settings(), (14, 7));
        assert_eq!(CtleConfig::DJ_200G.settings(), (16, 11));
    }

    #[test]
    fn lower_dc_gain_means_more_boost_at_nyquist() {
        let boost = |i| {
            let c = CtleConfig::C2M_100G.setting(i, 0);
            c.at(26.5625e9).norm() / c.at(0.0).norm()
        };
        assert!((1..14).all(|i| boost(i) > boost(i - 1)));
    }

    #[test]
    fn bad_corners_are_named() {
        let bad = CtleConfig {
            pole1_hz: 0.0,
            ..CtleConfig::C2M_100G
        };
        let text = bad.validate("host.ctle").unwrap_err().to_string();
        assert!(text.contains("host.ctle.pole1_hz"), "{text}");
    }
}
