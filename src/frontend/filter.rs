//! Low-pass prototypes: Butterworth and Bessel-Thomson.

use num_complex::Complex64;

use crate::error::{Result, positive};

/// Shape of a low-pass filter, gain one at zero frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Shape {
    /// Fourth-order Butterworth: the receiver filter of COM (Annex 93A.1.4.1).
    Butterworth4,
    /// Fourth-order Bessel-Thomson: flat group delay, the reference receiver of optical clauses.
    #[default]
    Bessel4,
}

/// A low-pass filter by shape and -3 dB frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowPass {
    shape: Shape,
    corner_hz: f64,
}

/// Frequency at which the fourth-order Bessel prototype with unit group delay has fallen by 3 dB, rad/s:
/// the root of `|B4(0)/B4(jw)|^2 = 1/2`.
const BESSEL4_CORNER: f64 = 2.113_917_674_904_215_4;

impl LowPass {
    /// A filter whose power gain is one half at `corner_hz`.
    pub fn new(shape: Shape, corner_hz: f64) -> Result<Self> {
        positive("filter corner_hz", corner_hz)?;
        Ok(Self { shape, corner_hz })
    }

    /// Transfer function at `f_hz`.
    ///
    /// Butterworth: `1 / (1 - 3.414214 x^2 + x^4 + j 2.613126 (x - x^3))`, `x = f / corner`.
    /// Bessel: `105 / (105 + 105 s + 45 s^2 + 10 s^3 + s^4)`, `s = j 2.1139 x`.
    #[must_use]
    pub fn at(&self, f_hz: f64) -> Complex64 {
        let x = f_hz / self.corner_hz;
        match self.shape {
            Shape::Butterworth4 => {
                // Products of the two conjugate pole pairs at 67.5 and 22.5 degrees.
                let pair = |angle_deg: f64| {
                    let twice_cos = 2.0 * angle_deg.to_radians().cos();
                    Complex64::new(1.0 - x * x, twice_cos * x)
                };
                1.0 / (pair(67.5) * pair(22.5))
            }
            Shape::Bessel4 => {
                let s = Complex64::new(0.0, BESSEL4_CORNER * x);
                105.0 / (((s + 10.0) * s + 45.0) * s * s + 105.0 * s + 105.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_power_at_the_corner_and_one_at_zero() {
        for shape in [Shape::Butterworth4, Shape::Bessel4] {
            let f = LowPass::new(shape, 20e9).unwrap();
            assert!((f.at(0.0) - 1.0).norm() < 1e-12);
            assert!((f.at(20e9).norm_sqr() - 0.5).abs() < 1e-9, "{shape:?}");
        }
        assert!(LowPass::new(Shape::Bessel4, 0.0).is_err());
    }

    #[test]
    fn butterworth_is_maximally_flat_and_equals_the_form_com_prints() {
        let f = LowPass::new(Shape::Butterworth4, 1.0).unwrap();
        for x in [0.3, 0.9, 1.7, 3.0f64] {
            assert!((f.at(x).norm_sqr() - 1.0 / (1.0 + x.powi(8))).abs() < 1e-12);
            let com = 1.0
                / Complex64::new(
                    1.0 - 3.414_214 * x * x + x.powi(4),
                    2.613_126 * (x - x.powi(3)),
                );
            // COM prints seven digits.
            assert!((f.at(x) - com).norm() < 1e-6);
        }
    }

    #[test]
    fn bessel_group_delay_is_flat_to_the_corner() {
        let f = LowPass::new(Shape::Bessel4, 1.0).unwrap();
        let delay = |x: f64| (f.at(x - 1e-4) / f.at(x + 1e-4)).arg() / (2e-4);
        // Order 4 keeps its delay within 1 % to half the corner and within 10 % to the corner.
        assert!((delay(0.5) / delay(0.01) - 1.0).abs() < 0.01);
        assert!((delay(1.0) / delay(0.01) - 1.0).abs() < 0.10);
    }
}
