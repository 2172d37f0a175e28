//! The phase noise of a clock as a list of points, and what it means in unit intervals.

use crate::error::{Error, Result, in_range};
use crate::units::db_to_power;

/// One point of a phase-noise plot.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct PhaseNoisePoint {
    /// Offset from the carrier.
    pub offset_hz: f64,
    /// Single-sideband noise in 1 Hz relative to the carrier.
    pub dbc_hz: f64,
}

/// Phase noise of a clock, `L(f)`: straight lines between its points in dB over the logarithm of the
/// offset, nothing outside them.
///
/// A phase of `phi` radians at the carrier `f_c` displaces an edge by `phi / (2 pi f_c)` seconds, later for
/// positive `phi`. `L` is half the one-sided density of the phase (IEEE Std 1139), so the displacement in
/// unit intervals has the one-sided density `2 10^(L/10) (baud / (2 pi f_c))^2` UI^2/Hz.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct PhaseNoise {
    /// The carrier at which the noise is given, Hz; the symbol rate for noise referred to it.
    pub carrier_hz: f64,
    /// Points by rising offset, at least two.
    pub points: Vec<PhaseNoisePoint>,
}

impl PhaseNoise {
    /// Checks carrier and points: offsets positive, rising and below half the symbol rate, levels between
    /// -300 and 0 dBc/Hz.
    pub fn validate(&self, name: &str, baud_hz: f64) -> Result<()> {
        // A clock from a millionth of the symbol rate on; the upper end keeps squares within their range.
        in_range(
            format!("{name}.carrier_hz"),
            self.carrier_hz,
            1e-6 * baud_hz,
            1e6 * baud_hz,
        )?;
        if self.points.len() < 2 {
            return Err(Error::Length {
                name: format!("{name}.points").into(),
                expected: 2,
                got: self.points.len(),
            });
        }
        let mut previous = 0.0;
        for (index, p) in self.points.iter().enumerate() {
            let value = in_range(
                format!("{name}.points[{index}].offset_hz"),
                p.offset_hz,
                // The pyramid of noises ends at 2^40 symbols.
                baud_hz * 1e-11,
                0.5 * baud_hz,
            )?;
            if value <= previous {
                return Err(Error::NotIncreasing {
                    name: format!("{name}.points").into(),
                    index,
                    previous,
                    value,
                });
            }
            previous = value;
            in_range(
                format!("{name}.points[{index}].dbc_hz"),
                p.dbc_hz,
                -300.0,
                0.0,
            )?;
        }
        Ok(())
    }

    /// `L(f)` in dBc/Hz, `None` outside the points.
    #[must_use]
    pub fn dbc_hz(&self, offset_hz: f64) -> Option<f64> {
        let next = self.points.iter().position(|p| p.offset_hz >= offset_hz)?;
        let hi = self.points[next];
        if hi.offset_hz == offset_hz {
            return Some(hi.dbc_hz);
        }
        let lo = self.points[next.checked_sub(1)?];
        let share = (offset_hz / lo.offset_hz).ln() / (hi.offset_hz / lo.offset_hz).ln();
        Some(lo.dbc_hz + share * (hi.dbc_hz - lo.dbc_hz))
    }

    /// UI^2 of displacement per radian^2 of phase.
    fn ui2_per_rad2(&self, baud_hz: f64) -> f64 {
        (baud_hz / (2.0 * std::f64::consts::PI * self.carrier_hz)).powi(2)
    }

    /// One-sided density of the displacement in UI^2/Hz; zero outside the points.
    #[must_use]
    pub fn ui2_hz(&self, offset_hz: f64, baud_hz: f64) -> f64 {
        self.dbc_hz(offset_hz)
            .map_or(0.0, |l| 2.0 * db_to_power(l) * self.ui2_per_rad2(baud_hz))
    }

    /// Variance of the displacement between two offsets, UI^2: the integral of the density, exact for
    /// straight lines.
    #[must_use]
    pub fn variance_ui2(&self, from_hz: f64, to_hz: f64, baud_hz: f64) -> f64 {
        let mut sum = 0.0;
        for pair in self.points.windows(2) {
            let (a, b) = (pair[0].offset_hz.max(from_hz), pair[1].offset_hz.min(to_hz));
            let (Some(la), Some(lb)) = (self.dbc_hz(a), self.dbc_hz(b)) else {
                continue;
            };
            if a >= b {
                continue;
            }
            // S = S_a (f/a)^k
            let ratio = (b / a).ln();
            let k = (lb - la) / 10.0 * std::f64::consts::LN_10 / ratio;
            let x = (k + 1.0) * ratio;
            // (e^x - 1)/x without loss near zero
            let mean = if x.abs() < 1e-12 { 1.0 } else { x.exp_m1() / x };
            sum += db_to_power(la) * a * ratio * mean;
        }
        2.0 * sum * self.ui2_per_rad2(baud_hz)
    }
}
