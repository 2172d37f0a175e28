//! The scattering matrix of a two-port at one frequency.

use num_complex::Complex64;

/// The scattering matrix of a two-port at one frequency, both ports with the same reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct S2 {
    /// Reflection at port 1.
    pub s11: Complex64,
    /// Transmission from port 2 to port 1.
    pub s12: Complex64,
    /// Transmission from port 1 to port 2.
    pub s21: Complex64,
    /// Reflection at port 2.
    pub s22: Complex64,
}

impl S2 {
    /// A direct connection.
    pub const THROUGH: Self = Self {
        s11: Complex64::new(0.0, 0.0),
        s12: Complex64::new(1.0, 0.0),
        s21: Complex64::new(1.0, 0.0),
        s22: Complex64::new(0.0, 0.0),
    };

    /// A reciprocal, symmetric two-port from its reflection and its transmission.
    #[must_use]
    pub fn symmetric(reflection: Complex64, transmission: Complex64) -> Self {
        Self {
            s11: reflection,
            s12: transmission,
            s21: transmission,
            s22: reflection,
        }
    }

    /// A series impedance, `z` in units of the reference: `S11 = z/(2 + z)`, `S21 = 2/(2 + z)`.
    #[must_use]
    pub fn series(z: Complex64) -> Self {
        let d = 2.0 + z;
        Self::symmetric(z / d, 2.0 / d)
    }

    /// A shunt admittance, `y` in units of 1/reference: `S11 = -y/(2 + y)`, `S21 = 2/(2 + y)`.
    #[must_use]
    pub fn shunt(y: Complex64) -> Self {
        let d = 2.0 + y;
        Self::symmetric(-y / d, 2.0 / d)
    }

    /// Cascade: port 2 of `self` joined to port 1 of `next`.
    ///
    /// With `d = 1 - S22a S11b`: `S11 = S11a + S12a S21a S11b / d`, `S21 = S21a S21b / d`, and
    /// likewise from the other side.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let d = 1.0 - self.s22 * next.s11;
        Self {
            s11: self.s11 + self.s12 * self.s21 * next.s11 / d,
            s12: self.s12 * next.s12 / d,
            s21: self.s21 * next.s21 / d,
            s22: next.s22 + next.s12 * next.s21 * self.s22 / d,
        }
    }

    /// The two-port seen from the other side: ports 1 and 2 swapped.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            s11: self.s22,
            s12: self.s21,
            s21: self.s12,
            s22: self.s11,
        }
    }

    /// The matrix for another reference impedance, `r = (z_new - z_old)/(z_new + z_old)`:
    /// `S' = (S - r I)(I - r S)^-1`.
    #[must_use]
    pub fn renormalised(&self, r: f64) -> Self {
        let determinant = self.s11 * self.s22 - self.s12 * self.s21;
        let d = 1.0 - r * (self.s11 + self.s22) + r * r * determinant;
        let off = (1.0 - r * r) / d;
        Self {
            s11: (self.s11 - r * (1.0 + determinant) + r * r * self.s22) / d,
            s12: self.s12 * off,
            s21: self.s21 * off,
            s22: (self.s22 - r * (1.0 + determinant) + r * r * self.s11) / d,
        }
    }

    /// Voltage transfer between terminations of reflection `gamma1` (source) and `gamma2` (load),
    /// IEEE 802.3 equation 93A-18:
    ///
    /// `H21 = S21 (1 - g1)(1 + g2) / (1 - S11 g1 - S22 g2 + g1 g2 (S11 S22 - S12 S21))`.
    ///
    /// It is the load voltage over the voltage that the source would give a matched load directly:
    /// `THROUGH` between matched ends is 1.
    #[must_use]
    pub fn voltage_transfer(&self, gamma1: f64, gamma2: f64) -> Complex64 {
        let determinant = self.s11 * self.s22 - self.s12 * self.s21;
        self.s21 * ((1.0 - gamma1) * (1.0 + gamma2))
            / (1.0 - self.s11 * gamma1 - self.s22 * gamma2 + determinant * (gamma1 * gamma2))
    }

    /// Whether all four values are finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.s11.is_finite() && self.s12.is_finite() && self.s21.is_finite() && self.s22.is_finite()
    }

    /// The largest singular value; at most 1 for a passive two-port.
    #[must_use]
    pub fn largest_singular_value(&self) -> f64 {
        let energy =
            self.s11.norm_sqr() + self.s12.norm_sqr() + self.s21.norm_sqr() + self.s22.norm_sqr();
        let det = (self.s11 * self.s22 - self.s12 * self.s21).norm_sqr();
        let root = (energy * energy - 4.0 * det).max(0.0).sqrt();
        (0.5 * (energy + root)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    fn sample() -> S2 {
        S2 {
            s11: c(0.1, -0.2),
            s12: c(0.5, 0.3),
            s21: c(0.4, 0.4),
            s22: c(-0.3, 0.1),
        }
    }

    fn close(a: S2, b: S2) -> bool {
        // A handful of operations on values below one.
        [a.s11 - b.s11, a.s12 - b.s12, a.s21 - b.s21, a.s22 - b.s22]
            .iter()
            .all(|d| d.norm() < 1e-14)
    }

    #[test]
    fn a_through_changes_nothing_and_reversal_swaps_the_order() {
        let (a, b) = (sample(), S2::shunt(c(0.2, 1.0)));
        assert!(close(a.then(&S2::THROUGH), a));
        assert!(close(S2::THROUGH.then(&a), a));
        assert!(close(
            a.then(&b).reversed(),
            b.reversed().then(&a.reversed())
        ));
    }

    #[test]
    fn shunts_in_parallel_and_series_in_line_add() {
        let (y1, y2) = (c(0.3, 0.7), c(0.1, -0.2));
        assert!(close(
            S2::shunt(y1).then(&S2::shunt(y2)),
            S2::shunt(y1 + y2)
        ));
        assert!(close(
            S2::series(y1).then(&S2::series(y2)),
            S2::series(y1 + y2)
        ));
        let l = S2::series(c(0.0, 1.3));
        assert!((l.largest_singular_value() - 1.0).abs() < 1e-12); // lossless
    }

    #[test]
    fn voltage_transfer_equals_cascading_the_terminations() {
        // A source of resistance R instead of R0 is the matched source behind the step R/R0: the
        // transfer of a through is R0/(Rs + Rl) * Rl / R0 * 2, the divider against the matched one.
        let (rs, rl) = (45.0, 60.0);
        let gamma = |r: f64| (r - 50.0) / (r + 50.0);
        let h = S2::THROUGH.voltage_transfer(gamma(rs), gamma(rl));
        assert!((h - 2.0 * rl / (rs + rl)).norm() < 1e-14);
        // Shunt conductance y/50 between them: divider of Rs against Rl parallel to 50/y.
        let y = 0.5;
        let load = 1.0 / (1.0 / rl + y / 50.0);
        let h = S2::shunt(y.into()).voltage_transfer(gamma(rs), gamma(rl));
        assert!((h - 2.0 * load / (rs + load)).norm() < 1e-14);
    }
}
