//! S-parameters of any number of ports on a list of frequencies.

use nalgebra::DMatrix;
use num_complex::Complex64;

use crate::error::{Error, Result, length, positive};

/// The S-parameters of an N-port, all ports referenced to one real impedance.
///
/// `s(f, i, j)` is the wave out of port `i` for a unit wave into port `j`, ports counted from 0;
/// the sign convention is the engineer's (a delay turns the phase clockwise).
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    frequencies_hz: Vec<f64>,
    z0_ohm: f64,
    ports: usize,
    s: Vec<Complex64>,
}

impl Network {
    /// A network from its values.
    ///
    /// `frequencies_hz` rise strictly from zero or above; `s` is row-major `[frequency][i][j]` of
    /// length `frequencies * ports^2`.
    ///
    /// # Errors
    /// Empty or falling frequencies, a wrong length, numbers that are not finite, an impedance or
    /// port count that is not positive.
    pub fn new(
        frequencies_hz: Vec<f64>,
        z0_ohm: f64,
        ports: usize,
        s: Vec<Complex64>,
    ) -> Result<Self> {
        check_frequencies(&frequencies_hz)?;
        positive("z0_ohm", z0_ohm)?;
        positive("ports", ports as f64)?;
        length("s", frequencies_hz.len() * ports * ports, s.len())?;
        if let Some(i) = s.iter().position(|v| !v.is_finite()) {
            return Err(Error::NotFinite {
                name: format!("s[{i}]").into(),
                value: s[i].re + s[i].im,
            });
        }
        Ok(Self {
            frequencies_hz,
            z0_ohm,
            ports,
            s,
        })
    }

    /// Frequencies in Hz, rising strictly.
    #[must_use]
    pub fn frequencies_hz(&self) -> &[f64] {
        &self.frequencies_hz
    }

    /// Reference impedance of every port in ohm.
    #[must_use]
    pub fn z0_ohm(&self) -> f64 {
        self.z0_ohm
    }

    /// Number of ports.
    #[must_use]
    pub fn ports(&self) -> usize {
        self.ports
    }

    /// All values, row-major `[frequency][i][j]`.
    #[must_use]
    pub fn values(&self) -> &[Complex64] {
        &self.s
    }

    /// Wave out of port `i` for a unit wave into port `j` at frequency index `f`, ports from 0.
    ///
    /// # Panics
    /// If an index is out of range, as slice indexing does.
    #[must_use]
    pub fn s(&self, f: usize, i: usize, j: usize) -> Complex64 {
        assert!(i < self.ports && j < self.ports, "port out of range");
        self.s[(f * self.ports + i) * self.ports + j]
    }

    /// The same network referenced to `z_ohm` at every port.
    ///
    /// `S' = (S - r I)(I - r S)^-1` with `r = (z - z0)/(z + z0)`.
    ///
    /// # Errors
    /// An impedance that is not positive; [`Error::Singular`] where `I - r S` has no inverse, which
    /// no passive network does.
    pub fn renormalised(&self, z_ohm: f64) -> Result<Self> {
        positive("z_ohm", z_ohm)?;
        if z_ohm == self.z0_ohm {
            return Ok(self.clone());
        }
        let n = self.ports;
        let r = Complex64::from((z_ohm - self.z0_ohm) / (z_ohm + self.z0_ohm));
        let identity = DMatrix::<Complex64>::identity(n, n);
        let mut out = Vec::with_capacity(self.s.len());
        for block in self.s.chunks_exact(n * n) {
            let s = DMatrix::from_row_slice(n, n, block);
            let inverse = (&identity - &s * r)
                .try_inverse()
                .filter(|m| m.iter().all(|v| v.is_finite()))
                .ok_or_else(|| Error::Singular {
                    name: "renormalisation of the network".into(),
                    rcond: 0.0,
                })?;
            let renormalised = (&s - &identity * r) * inverse;
            // Column-major storage, so the transpose runs along the rows.
            out.extend(renormalised.transpose().iter());
        }
        Self::new(self.frequencies_hz.clone(), z_ohm, n, out)
    }
}

/// Frequencies of a network: at least one, finite, not below zero, rising strictly.
pub(super) fn check_frequencies(frequencies_hz: &[f64]) -> Result<()> {
    if frequencies_hz.is_empty() {
        return Err(Error::Empty {
            name: "frequencies_hz".into(),
        });
    }
    crate::error::all_finite("frequencies_hz", frequencies_hz)?;
    crate::error::in_range("frequencies_hz[0]", frequencies_hz[0], 0.0, f64::MAX)?;
    for (i, pair) in frequencies_hz.windows(2).enumerate() {
        if pair[1] <= pair[0] {
            return Err(Error::NotIncreasing {
                name: "frequencies_hz".into(),
                index: i + 1,
                previous: pair[0],
                value: pair[1],
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Network {
        let s = |re, im| Complex64::new(re, im);
        Network::new(
            vec![0.0, 1e9],
            45.0,
            2,
            vec![
                s(0.1, 0.0),
                s(0.9, 0.0),
                s(0.8, 0.0),
                s(-0.2, 0.0),
                s(0.1, 0.3),
                s(0.5, -0.4),
                s(0.4, -0.5),
                s(0.0, 0.2),
            ],
        )
        .unwrap()
    }

    #[test]
    fn renormalising_there_and_back_changes_nothing() {
        let n = sample();
        let back = n.renormalised(50.0).unwrap().renormalised(45.0).unwrap();
        for (a, b) in n.values().iter().zip(back.values()) {
            // Two 2x2 solves of condition near one: some ulps.
            assert!((a - b).norm() < 1e-13);
        }
    }

    #[test]
    fn a_resistor_renormalises_to_its_reflection() {
        let s = (75.0 - 50.0) / (75.0 + 50.0);
        let n = Network::new(vec![1.0], 50.0, 1, vec![s.into()]).unwrap();
        assert!(n.renormalised(75.0).unwrap().s(0, 0, 0).norm() < 1e-15);
        let to_100 = n.renormalised(100.0).unwrap().s(0, 0, 0);
        assert!((to_100 - (75.0 - 100.0) / 175.0).norm() < 1e-15);
    }

    #[test]
    fn wrong_input_names_the_field() {
        let text = |r: Result<Network>| r.unwrap_err().to_string();
        assert_eq!(
            text(Network::new(
                vec![2.0, 1.0],
                50.0,
                1,
                vec![0.0.into(), 0.0.into()]
            )),
            "frequencies_hz does not rise at index 1: 1 follows 2, each entry must be above the \
             one before"
        );
        assert!(text(Network::new(vec![1.0], 50.0, 2, vec![0.0.into()])).contains("must be 4"));
        assert!(text(Network::new(vec![1.0], -1.0, 1, vec![0.0.into()])).contains("z0_ohm"));
        assert!(text(Network::new(vec![], 50.0, 1, vec![])).contains("empty"));
        assert!(text(Network::new(vec![1.0], 50.0, 1, vec![f64::NAN.into()])).contains("s[0]"));
        assert!(sample().renormalised(f64::NAN).is_err());
    }
}
