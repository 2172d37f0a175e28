//! Synthetic lines: the transmission-line formula of COM (IEEE 802.3 Annex 93A.1.2.3).

use num_complex::Complex64;

use super::scatter::S2;
use super::two_port::DIFFERENTIAL_OHM;
use crate::error::{Error, Result, finite, in_range, positive};
use crate::units::amplitude_to_db;

/// A uniform line per mm.
///
/// `gamma(f) = gamma0 + a1 (1 + j) sqrt(f) + a2 (1 - j (2/pi) ln f) f + j 2 pi tau f`, f in GHz,
/// against the reference of 100 ohm differential. At zero frequency `gamma = gamma0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineParameters {
    /// Constant part of the propagation, 1/mm.
    pub gamma0_per_mm: f64,
    /// Skin effect, sqrt(ns)/mm (multiplies sqrt of GHz).
    pub a1: f64,
    /// Dielectric loss, ns/mm (multiplies GHz).
    pub a2: f64,
    /// Delay at 1 GHz apart from the loss terms, ns/mm.
    pub tau_ns_per_mm: f64,
    /// Differential characteristic impedance, ohm.
    pub z_c_ohm: f64,
}

/// Board line of the 100G lanes: IEEE 802.3ck COM sheets (`reference/standards.md` 3.2a, verified).
pub const BOARD_CK: LineParameters = LineParameters {
    gamma0_per_mm: 0.0,
    a1: 3.8206e-4,
    a2: 9.5909e-5,
    tau_ns_per_mm: 5.790e-3,
    z_c_ohm: 100.0,
};

/// Board line of the 200G lanes: 200G study sheet, 802.3df C2M (`reference/standards.md` 3.2a,
/// verified).
pub const BOARD_200G: LineParameters = LineParameters {
    gamma0_per_mm: 0.0,
    a1: 6.44084e-4,
    a2: 3.6036e-5,
    tau_ns_per_mm: 5.790e-3,
    z_c_ohm: 100.0,
};

/// Board line of IEEE 802.3bj (`reference/standards.md` 3.2a, verified).
pub const BOARD_BJ: LineParameters = LineParameters {
    gamma0_per_mm: 0.0,
    a1: 4.114e-4,
    a2: 2.547e-4,
    tau_ns_per_mm: 6.191e-3,
    z_c_ohm: 109.8,
};

impl LineParameters {
    /// Checks that the numbers make a line: finite, nothing negative, an impedance above zero.
    pub fn check(&self) -> Result<()> {
        in_range("gamma0_per_mm", self.gamma0_per_mm, 0.0, f64::MAX)?;
        in_range("a1", self.a1, 0.0, f64::MAX)?;
        in_range("a2", self.a2, 0.0, f64::MAX)?;
        in_range("tau_ns_per_mm", self.tau_ns_per_mm, 0.0, f64::MAX)?;
        positive("z_c_ohm", self.z_c_ohm)?;
        Ok(())
    }

    /// Propagation constant in 1/mm at `f_hz` >= 0.
    #[must_use]
    pub fn gamma_per_mm(&self, f_hz: f64) -> Complex64 {
        let f = f_hz / 1e9;
        // f ln f tends to zero with f.
        let f_ln_f = if f > 0.0 { f * f.ln() } else { 0.0 };
        let pi = std::f64::consts::PI;
        let skin = self.a1 * f.sqrt();
        Complex64::new(
            self.gamma0_per_mm + skin + self.a2 * f,
            skin - self.a2 * (2.0 / pi) * f_ln_f + 2.0 * pi * self.tau_ns_per_mm * f,
        )
    }

    /// The line of `length_mm` at `f_hz`, referenced to 100 ohm differential.
    ///
    /// `S11 = rho (1 - e^(-2 gamma z)) / (1 - rho^2 e^(-2 gamma z))`,
    /// `S21 = (1 - rho^2) e^(-gamma z) / (1 - rho^2 e^(-2 gamma z))`, `rho` the step from 100 ohm
    /// to the line. Symmetric, reciprocal, passive for parameters that pass [`Self::check`].
    #[must_use]
    pub fn at(&self, f_hz: f64, length_mm: f64) -> S2 {
        let rho = (self.z_c_ohm - DIFFERENTIAL_OHM) / (self.z_c_ohm + DIFFERENTIAL_OHM);
        let e = (-length_mm * self.gamma_per_mm(f_hz)).exp();
        let d = 1.0 - rho * rho * e * e;
        S2::symmetric(rho * (1.0 - e * e) / d, (1.0 - rho * rho) * e / d)
    }

    /// Loss `-20 log10 |S21|` of the line in dB.
    #[must_use]
    pub fn loss_db(&self, f_hz: f64, length_mm: f64) -> f64 {
        -amplitude_to_db(self.at(f_hz, length_mm).s21.norm())
    }

    /// The shortest length in mm whose loss is `loss_db` (>= 0) at `at_hz`, reflections included.
    ///
    /// Lengths are walked in steps of a sixteenth of the half-wavelength to the first that loses
    /// enough, then halved down to the last bit.
    ///
    /// # Errors
    /// A negative loss, a frequency that is not positive, a line without loss at that frequency, or
    /// a length beyond a million such steps.
    pub fn length_for_loss(&self, loss_db: f64, at_hz: f64) -> Result<f64> {
        /// Steps walked at most, so that a line almost without loss is an error and not a wait.
        const STEPS: f64 = 1e6;
        self.check()?;
        in_range("loss_db", loss_db, 0.0, f64::MAX)?;
        positive("at_hz", at_hz)?;
        if loss_db == 0.0 {
            return Ok(0.0);
        }
        let alpha_db_per_mm = -amplitude_to_db((-self.gamma_per_mm(at_hz).re).exp());
        positive(
            "line loss in dB/mm",
            finite("line loss in dB/mm", alpha_db_per_mm)?,
        )?;
        let matched_mm = loss_db / alpha_db_per_mm;
        if self.z_c_ohm == DIFFERENTIAL_OHM {
            return finite("length_mm", matched_mm);
        }
        let beta = self.gamma_per_mm(at_hz).im.abs();
        let step = (std::f64::consts::PI / (16.0 * beta)).min(matched_mm / 16.0);
        let mut low = 0.0;
        let mut high = step;
        while self.loss_db(at_hz, high) < loss_db {
            low = high;
            high += step;
            if high > STEPS * step {
                return Err(Error::OutOfRange {
                    name: "loss_db".into(),
                    value: loss_db,
                    min: 0.0,
                    max: self.loss_db(at_hz, low),
                });
            }
        }
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return Ok(high);
            }
            if self.loss_db(at_hz, middle) < loss_db {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matched_lengths_add_in_a_cascade() {
        for line in [BOARD_CK, BOARD_200G] {
            for f in [0.0, 1e7, 26.5625e9, 80e9] {
                let two = line.at(f, 30.0).then(&line.at(f, 50.0));
                let one = line.at(f, 80.0);
                assert!((two.s21 - one.s21).norm() < 1e-14); // rounding of exp
            }
        }
        // The same holds for a line that is not matched: the inner steps cancel.
        let f = 12.3e9;
        let two = BOARD_BJ.at(f, 31.0).then(&BOARD_BJ.at(f, 40.0));
        let one = BOARD_BJ.at(f, 71.0);
        assert!((two.s21 - one.s21).norm() < 1e-14 && (two.s11 - one.s11).norm() < 1e-14);
    }

    #[test]
    fn x_db_at_nyquist_is_x_db() {
        for line in [BOARD_CK, BOARD_200G, BOARD_BJ] {
            for (loss, f) in [(10.0, 26.5625e9), (4.0, 53.125e9), (0.5, 26.5625e9)] {
                let z = line.length_for_loss(loss, f).unwrap();
                // Bisection to the last bit of the length: rounding of log10 remains.
                assert!((line.loss_db(f, z) - loss).abs() < 1e-10, "{line:?} {loss}");
            }
        }
    }

    #[test]
    fn the_sheet_lines_lose_what_the_formula_says_by_hand() {
        // alpha = 3.8206e-4 sqrt(26.5625) + 9.5909e-5 * 26.5625 = 4.51664e-3 /mm; 110.3 mm, 8.686 dB/Np.
        let loss = BOARD_CK.loss_db(26.5625e9, 110.3);
        assert!((loss - 4.3273).abs() < 2e-3, "{loss}");
    }

    #[test]
    fn a_line_is_passive_and_ends_in_the_through() {
        for line in [BOARD_CK, BOARD_200G, BOARD_BJ] {
            for i in 0..200 {
                let s = line.at(f64::from(i) * 0.6e9, 27.0);
                // Equality holds at zero frequency; rounding above one is allowed for.
                assert!(s.largest_singular_value() < 1.0 + 1e-12);
                assert_eq!(s.s21, s.s12);
            }
            assert!((line.at(30e9, 0.0).s21 - 1.0).norm() < 1e-15);
            assert_eq!(line.at(0.0, 100.0).s21.im, 0.0);
        }
    }

    #[test]
    fn wrong_requests_are_errors() {
        assert!(BOARD_CK.length_for_loss(-1.0, 1e9).is_err());
        assert!(BOARD_CK.length_for_loss(10.0, 0.0).is_err());
        assert!(BOARD_CK.length_for_loss(f64::NAN, 1e9).is_err());
        let lossless = LineParameters {
            a1: 0.0,
            a2: 0.0,
            ..BOARD_BJ
        };
        assert!(lossless.length_for_loss(1.0, 1e9).is_err());
        assert!(
            LineParameters {
                a1: f64::NAN,
                ..BOARD_CK
            }
            .check()
            .is_err()
        );
        let almost = LineParameters {
            a1: 1e-30,
            a2: 0.0,
            ..BOARD_BJ
        };
        assert!(almost.length_for_loss(10.0, 10e9).is_err());
    }
}
