//! Die and package of a host: the COM two-port between the transistors and the ball.
//!
//! From the die: per die section a shunt capacitor and a series inductor, the bump capacitor, the
//! package lines, the ball capacitor (IEEE 802.3 Annex 93A.1.2, with the three-element die of
//! 802.3ck and the ladder of 802.3dj). Capacitors and inductors are those of one line and normalised
//! to 50 ohm, the lines are differential against 100 ohm: the same two-port either way.

use super::scatter::S2;
use super::trace::LineParameters;
use super::two_port::{DIFFERENTIAL_OHM, TwoPortOnGrid};
use crate::error::{Result, in_range, positive};
use crate::signal::FrequencyGrid;
use num_complex::Complex64;

/// One shunt capacitor and the series inductor behind it, seen from the die.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DieSection {
    /// Capacitance to ground of one line, fF.
    pub capacitance_ff: f64,
    /// Series inductance of one line, pH.
    pub inductance_ph: f64,
}

/// One package line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackageSegment {
    /// Length in mm.
    pub length_mm: f64,
    /// Differential characteristic impedance in ohm.
    pub z_c_ohm: f64,
}

/// Die and package of one host end, in transmit order: die first, ball last.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// Die termination network, from the transistors outwards.
    pub die: Vec<DieSection>,
    /// Bump capacitance of one line, fF.
    pub bump_ff: f64,
    /// Loss and delay of all package lines; its impedance is replaced by that of each segment.
    pub line: LineParameters,
    /// Package lines, die side first.
    pub segments: Vec<PackageSegment>,
    /// Ball capacitance of one line, fF.
    pub ball_ff: f64,
    /// Termination at the die, of one line, in ohm.
    pub termination_ohm: f64,
}

/// Loss and delay of the 802.3ck package line (`reference/standards.md` 3.2, verified).
pub const PACKAGE_LINE_CK: LineParameters = LineParameters {
    gamma0_per_mm: 0.0,
    a1: 9.909e-4,
    a2: 2.772e-4,
    tau_ns_per_mm: 6.141e-3,
    z_c_ohm: 87.5,
};

/// Loss of package A of 802.3dj (`reference/standards.md` 3.3, secondary source), with the delay of
/// the 200G study sheet (3.2a), because 3.3 gives none.
pub const PACKAGE_LINE_DJ: LineParameters = LineParameters {
    gamma0_per_mm: 5e-4,
    a1: 8.9e-4,
    a2: 2e-4,
    tau_ns_per_mm: 6.44805e-3,
    z_c_ohm: 87.5,
};

impl Package {
    /// Host package of a 100G lane, 802.3ck: die 120 fF and 120 pH, bump 30 fF, `length_mm` at
    /// 87.5 ohm (sheets: 12, 15, 30 or 31 mm transmit, 12 or 29 mm receive) and 1.8 mm at 92.5 ohm,
    /// ball 87 fF, 50 ohm termination (`reference/standards.md` 3.2, verified).
    #[must_use]
    pub fn ck(length_mm: f64) -> Self {
        Self {
            die: vec![DieSection {
                capacitance_ff: 120.0,
                inductance_ph: 120.0,
            }],
            bump_ff: 30.0,
            line: PACKAGE_LINE_CK,
            segments: host_segments(length_mm),
            ball_ff: 87.0,
            termination_ohm: 50.0,
        }
    }

    /// Host package of a 200G lane, 802.3dj package A: die ladder 40/90/110 fF with 130/150/140 pH,
    /// bump 30 fF, `length_mm` (about 33 mm) at 87.5 ohm and 1.8 mm at 92.5 ohm, ball 40 fF
    /// (`reference/standards.md` 3.3, secondary source), termination 46.25 ohm (workbook June 2025).
    #[must_use]
    pub fn dj(length_mm: f64) -> Self {
        let section = |capacitance_ff, inductance_ph| DieSection {
            capacitance_ff,
            inductance_ph,
        };
        Self {
            die: vec![
                section(40.0, 130.0),
                section(90.0, 150.0),
                section(110.0, 140.0),
            ],
            bump_ff: 30.0,
            line: PACKAGE_LINE_DJ,
            segments: host_segments(length_mm),
            ball_ff: 40.0,
            termination_ohm: 46.25,
        }
    }

    /// Checks that every number is finite and not negative, impedances above zero.
    pub fn check(&self) -> Result<()> {
        for (i, section) in self.die.iter().enumerate() {
            let name = |field: &str| format!("die[{i}].{field}");
            in_range(name("capacitance_ff"), section.capacitance_ff, 0.0, 1e6)?;
            in_range(name("inductance_ph"), section.inductance_ph, 0.0, 1e6)?;
        }
        in_range("bump_ff", self.bump_ff, 0.0, 1e6)?;
        in_range("ball_ff", self.ball_ff, 0.0, 1e6)?;
        self.line.check()?;
        for (i, segment) in self.segments.iter().enumerate() {
            in_range(
                format!("segments[{i}].length_mm"),
                segment.length_mm,
                0.0,
                1e4,
            )?;
            positive(format!("segments[{i}].z_c_ohm"), segment.z_c_ohm)?;
        }
        positive("termination_ohm", self.termination_ohm)?;
        Ok(())
    }

    /// Reflection of the die termination, `(R_d - 50)/(R_d + 50)`, for
    /// [`TwoPortOnGrid::voltage_transfer`].
    #[must_use]
    pub fn reflection(&self) -> f64 {
        let line_ohm = 0.5 * DIFFERENTIAL_OHM;
        (self.termination_ohm - line_ohm) / (self.termination_ohm + line_ohm)
    }

    /// The two-port at `f_hz`, port 1 at the die; referenced to 100 ohm differential.
    #[must_use]
    pub fn at(&self, f_hz: f64) -> S2 {
        let line_ohm = 0.5 * DIFFERENTIAL_OHM;
        let w = 2.0 * std::f64::consts::PI * f_hz;
        let shunt = |ff: f64| S2::shunt(Complex64::new(0.0, w * ff * 1e-15 * line_ohm));
        let mut s = S2::THROUGH;
        for section in &self.die {
            let z = Complex64::new(0.0, w * section.inductance_ph * 1e-12 / line_ohm);
            s = s.then(&shunt(section.capacitance_ff)).then(&S2::series(z));
        }
        s = s.then(&shunt(self.bump_ff));
        for segment in &self.segments {
            let line = LineParameters {
                z_c_ohm: segment.z_c_ohm,
                ..self.line
            };
            s = s.then(&line.at(f_hz, segment.length_mm));
        }
        s.then(&shunt(self.ball_ff))
    }

    /// The transmit package on a grid: port 1 at the die, port 2 at the ball. The receive package is
    /// its [`TwoPortOnGrid::reversed`], segment order included.
    ///
    /// # Errors
    /// Numbers that [`Self::check`] refuses.
    pub fn two_port_on(&self, grid: FrequencyGrid) -> Result<TwoPortOnGrid> {
        self.check()?;
        TwoPortOnGrid::new(grid, grid.iter().map(|f| self.at(f)).collect(), None)
    }
}

fn host_segments(length_mm: f64) -> Vec<PackageSegment> {
    let segment = |length_mm, z_c_ohm| PackageSegment { length_mm, z_c_ohm };
    vec![segment(length_mm, 87.5), segment(1.8, 92.5)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_reciprocal_passive_and_transparent_at_dc() {
        for package in [Package::ck(15.0), Package::ck(30.0), Package::dj(33.0)] {
            for i in 0..100 {
                let s = package.at(f64::from(i) * 1e9);
                // A dozen cascades: rounding only.
                assert!((s.s21 - s.s12).norm() < 1e-13);
                assert!(s.largest_singular_value() < 1.0 + 1e-12, "{i} GHz");
            }
        }
        assert!((Package::ck(30.0).at(0.0).s21 - 1.0).norm() < 1e-14);
    }

    #[test]
    fn a_lumped_package_equals_nodal_analysis() {
        // Lines of no length leave the ladder C_d, L_s, C_b + C_p between 50 ohm and 50 ohm.
        let p = Package::ck(0.0);
        let p = Package {
            segments: vec![],
            ..p
        };
        let f = 30e9;
        let w = 2.0 * std::f64::consts::PI * f;
        let j = Complex64::i();
        let (y1, z, y2) = (j * w * 120e-15, j * w * 120e-12, j * w * 117e-15);
        let right = 1.0 / (y2 + 1.0 / 50.0);
        let middle = 1.0 / (y1 + 1.0 / (z + right));
        let h = 2.0 * middle / (middle + 50.0) * right / (z + right);
        assert!((p.at(f).s21 - h).norm() < 1e-14); // same numbers in another order
    }

    #[test]
    fn wrong_numbers_name_the_field() {
        let grid = FrequencyGrid::new(1e9, 3).unwrap();
        let mut p = Package::dj(33.0);
        p.die[1].inductance_ph = -1.0;
        let text = p.two_port_on(grid).unwrap_err().to_string();
        assert!(text.starts_with("die[1].inductance_ph is -1"), "{text}");
        assert!(Package::ck(f64::NAN).two_port_on(grid).is_err());
        assert!((Package::dj(33.0).reflection() - (46.25 - 50.0) / 96.25).abs() < 1e-15);
        assert_eq!(Package::ck(30.0).reflection(), 0.0);
    }
}
