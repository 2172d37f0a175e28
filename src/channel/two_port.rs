//! Two-ports on a list of frequencies and on a [`FrequencyGrid`].

use super::network::check_frequencies;
use super::scatter::S2;
use crate::error::{Error, Result, length, positive};
use crate::signal::{FrequencyGrid, Response};

/// Reference of differential two-ports throughout the crate: 50 ohm on each line.
pub const DIFFERENTIAL_OHM: f64 = 100.0;

/// A differential two-port on a list of frequencies, as a file or a measurement gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoPort {
    frequencies_hz: Vec<f64>,
    z0_ohm: f64,
    s: Vec<S2>,
}

impl TwoPort {
    /// A two-port from its matrices, one per frequency; frequencies rise strictly from >= 0, both
    /// ports are referenced to `z0_ohm` (differential).
    ///
    /// # Errors
    /// Empty, falling or non-finite frequencies, a wrong length, values that are not finite, an
    /// impedance that is not positive.
    pub fn new(frequencies_hz: Vec<f64>, z0_ohm: f64, s: Vec<S2>) -> Result<Self> {
        check_frequencies(&frequencies_hz)?;
        positive("z0_ohm", z0_ohm)?;
        length("s", frequencies_hz.len(), s.len())?;
        check_finite(&s)?;
        Ok(Self {
            frequencies_hz,
            z0_ohm,
            s,
        })
    }

    /// Frequencies in Hz, rising strictly.
    #[must_use]
    pub fn frequencies_hz(&self) -> &[f64] {
        &self.frequencies_hz
    }

    /// The last frequency in Hz.
    #[must_use]
    pub fn end_hz(&self) -> f64 {
        self.frequencies_hz[self.frequencies_hz.len() - 1]
    }

    /// Reference impedance of both ports in ohm, differential.
    #[must_use]
    pub fn z0_ohm(&self) -> f64 {
        self.z0_ohm
    }

    /// The matrices, one per frequency.
    #[must_use]
    pub fn s(&self) -> &[S2] {
        &self.s
    }

    /// The path in the other direction.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            frequencies_hz: self.frequencies_hz.clone(),
            z0_ohm: self.z0_ohm,
            s: self.s.iter().map(S2::reversed).collect(),
        }
    }

    /// The same two-port referenced to `z_ohm`.
    ///
    /// # Errors
    /// An impedance that is not positive, or a network so far from passive that the result is not
    /// finite.
    pub fn renormalised(&self, z_ohm: f64) -> Result<Self> {
        positive("z_ohm", z_ohm)?;
        let r = (z_ohm - self.z0_ohm) / (z_ohm + self.z0_ohm);
        let s = self.s.iter().map(|s| s.renormalised(r)).collect();
        Self::new(self.frequencies_hz.clone(), z_ohm, s)
    }

    /// Cascade with a two-port on the same frequencies and reference.
    ///
    /// # Errors
    /// [`Error::Length`] where the frequencies differ, [`Error::OutOfRange`] where the references
    /// do.
    pub fn then(&self, next: &Self) -> Result<Self> {
        if self.frequencies_hz != next.frequencies_hz {
            return Err(Error::Length {
                name: "frequencies of the next two-port (same list needed)".into(),
                expected: self.frequencies_hz.len(),
                got: next.frequencies_hz.len(),
            });
        }
        crate::error::in_range("z0_ohm of the next", next.z0_ohm, self.z0_ohm, self.z0_ohm)?;
        let s = self.s.iter().zip(&next.s).map(|(a, b)| a.then(b)).collect();
        Self::new(self.frequencies_hz.clone(), self.z0_ohm, s)
    }
}

/// A differential two-port on a [`FrequencyGrid`], referenced to [`DIFFERENTIAL_OHM`].
///
/// The values at zero frequency are real.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoPortOnGrid {
    grid: FrequencyGrid,
    s: Vec<S2>,
    measured_end_hz: Option<f64>,
}

impl TwoPortOnGrid {
    /// From one matrix per grid point; `measured_end_hz` is the frequency above which the values
    /// are a continuation, `None` for an analytic two-port.
    ///
    /// # Errors
    /// A wrong length or values that are not finite.
    pub fn new(grid: FrequencyGrid, s: Vec<S2>, measured_end_hz: Option<f64>) -> Result<Self> {
        length("s", grid.points(), s.len())?;
        check_finite(&s)?;
        Ok(Self {
            grid,
            s,
            measured_end_hz,
        })
    }

    /// A direct connection.
    #[must_use]
    pub fn through(grid: FrequencyGrid) -> Self {
        Self {
            grid,
            s: vec![S2::THROUGH; grid.points()],
            measured_end_hz: None,
        }
    }

    /// The frequencies.
    #[must_use]
    pub fn grid(&self) -> FrequencyGrid {
        self.grid
    }

    /// The matrices, one per grid point.
    #[must_use]
    pub fn s(&self) -> &[S2] {
        &self.s
    }

    /// The lowest end of measured data in the cascade, in Hz; `None` if all of it is analytic.
    #[must_use]
    pub fn measured_end_hz(&self) -> Option<f64> {
        self.measured_end_hz
    }

    /// Cascade: port 2 of `self` joined to port 1 of `next`.
    ///
    /// # Errors
    /// [`Error::Length`] where the grids differ; [`Error::NotFinite`] for a resonance between two
    /// networks that are not passive.
    pub fn then(&self, next: &Self) -> Result<Self> {
        if self.grid != next.grid {
            return Err(Error::Length {
                name: "grid of the next two-port (same grid needed)".into(),
                expected: self.grid.points(),
                got: next.grid.points(),
            });
        }
        let end = match (self.measured_end_hz, next.measured_end_hz) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let s = self.s.iter().zip(&next.s).map(|(a, b)| a.then(b)).collect();
        Self::new(self.grid, s, end)
    }

    /// The path in the other direction.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            grid: self.grid,
            s: self.s.iter().map(S2::reversed).collect(),
            measured_end_hz: self.measured_end_hz,
        }
    }

    /// The voltage transfer between real terminations; see [`S2::voltage_transfer`].
    ///
    /// # Errors
    /// A reflection outside -1..=1, or a result that is not finite.
    pub fn voltage_transfer(&self, gamma1: f64, gamma2: f64) -> Result<Response> {
        crate::error::in_range("gamma1", gamma1, -1.0, 1.0)?;
        crate::error::in_range("gamma2", gamma2, -1.0, 1.0)?;
        let h = |s: &S2| s.voltage_transfer(gamma1, gamma2);
        Response::new(self.grid, self.s.iter().map(h).collect())
    }

    /// `S21` alone: the voltage transfer between matched ends.
    #[must_use]
    pub fn s21(&self) -> Response {
        let mut values = self.s.iter().map(|s| s.s21);
        Response::from_fn(self.grid, |_| values.next().unwrap_or_default())
    }
}

fn check_finite(s: &[S2]) -> Result<()> {
    match s.iter().position(|s| !s.is_finite()) {
        None => Ok(()),
        Some(i) => Err(Error::NotFinite {
            name: format!("s[{i}]").into(),
            value: f64::NAN,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> S2 {
        let c = num_complex::Complex64::new;
        S2 {
            s11: c(0.1, -0.2),
            s12: c(0.5, 0.3),
            s21: c(0.4, 0.4),
            s22: c(-0.3, 0.1),
        }
    }

    #[test]
    fn renormalisation_agrees_with_the_network_of_any_size() {
        let s = sample();
        let n = super::super::network::Network::new(
            vec![0.0],
            90.0,
            2,
            vec![s.s11, s.s12, s.s21, s.s22],
        )
        .unwrap()
        .renormalised(100.0)
        .unwrap();
        let two = TwoPort::new(vec![0.0], 90.0, vec![s]).unwrap();
        let r = two.renormalised(100.0).unwrap().s()[0];
        let v = n.values();
        for (a, b) in [(r.s11, v[0]), (r.s12, v[1]), (r.s21, v[2]), (r.s22, v[3])] {
            assert!((a - b).norm() < 1e-14); // a handful of operations on values below one
        }
    }

    #[test]
    fn cascades_need_one_grid_and_one_reference() {
        let g = FrequencyGrid::new(1e9, 3).unwrap();
        let other = TwoPortOnGrid::through(FrequencyGrid::new(1e9, 4).unwrap());
        let t = TwoPortOnGrid::through(g);
        assert!(t.then(&other).is_err());
        assert!(t.voltage_transfer(f64::NAN, 0.0).is_err());
        assert_eq!(t.voltage_transfer(0.0, 0.0).unwrap(), Response::unity(g));
        assert_eq!(t.s21(), Response::unity(g));
        let a = TwoPort::new(vec![0.0], 100.0, vec![sample()]).unwrap();
        assert!(a.then(&a.renormalised(90.0).unwrap()).is_err());
        let b = TwoPort::new(vec![1.0], 100.0, vec![sample()]).unwrap();
        assert!(a.then(&b).is_err());
        assert!(TwoPort::new(vec![1.0], 0.0, vec![sample()]).is_err());
    }
}
