//! Mixed mode: the differential two-port inside a four-port, and which ports make its ends.

use std::fmt;
use std::str::FromStr;

use super::network::Network;
use super::scatter::S2;
use super::two_port::TwoPort;
use crate::error::{Error, Result, length};

/// Which ports of a four-port belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortOrder {
    /// Lines 1→2 and 3→4: input pair (1, 3), output pair (2, 4).
    OneToTwo,
    /// Lines 1→3 and 2→4: input pair (1, 2), output pair (3, 4).
    OneToThree,
}

impl PortOrder {
    /// Port indices from 0 of the two ends, each as (positive, negative): input first.
    #[must_use]
    pub fn pairs(self) -> [(usize, usize); 2] {
        match self {
            Self::OneToTwo => [(0, 2), (1, 3)],
            Self::OneToThree => [(0, 1), (2, 3)],
        }
    }
}

impl fmt::Display for PortOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneToTwo => "1-2,3-4",
            Self::OneToThree => "1-3,2-4",
        })
    }
}

impl FromStr for PortOrder {
    type Err = Error;

    /// Reads `1-2,3-4` (or `12`) and `1-3,2-4` (or `13`).
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "12" | "1-2" | "1-2,3-4" => Ok(Self::OneToTwo),
            "13" | "1-3" | "1-3,2-4" => Ok(Self::OneToThree),
            _ => Err(Error::UnknownWord {
                name: "port_order".into(),
                value: text.to_owned(),
                allowed: "1-2,3-4, 1-3,2-4",
            }),
        }
    }
}

/// The port order of a four-port with a through path, read off its lowest frequencies.
///
/// Compares the mean of `|S21|, |S43|` with that of `|S31|, |S42|` over the lowest fiftieth of the
/// points and takes the larger. `None` where the network has not four ports, where neither exceeds
/// 0.5 (-6 dB), or where they differ by less than a factor of two: crosstalk files, in which the
/// strongest path runs within a pair, cannot be decided and need the order of their through file.
#[must_use]
pub fn detect_port_order(network: &Network) -> Option<PortOrder> {
    if network.ports() != 4 {
        return None;
    }
    let points = network.frequencies_hz().len().div_ceil(50);
    let mean = |a: (usize, usize), b: (usize, usize)| {
        let sum: f64 = (0..points)
            .map(|f| network.s(f, a.0, a.1).norm() + network.s(f, b.0, b.1).norm())
            .sum();
        sum / (2 * points) as f64
    };
    let one_to_two = mean((1, 0), (3, 2));
    let one_to_three = mean((2, 0), (3, 1));
    if one_to_two > 0.5 && one_to_two > 2.0 * one_to_three {
        Some(PortOrder::OneToTwo)
    } else if one_to_three > 0.5 && one_to_three > 2.0 * one_to_two {
        Some(PortOrder::OneToThree)
    } else {
        None
    }
}

impl Network {
    /// The differential two-port `Sdd` of a four-port.
    ///
    /// `Sdd[a][b] = (S[a+][b+] - S[a+][b-] - S[a-][b+] + S[a-][b-]) / 2`, `a, b` the input and the
    /// output pair of `order`. The reference of the result is `2 z0` (100 ohm for a file at 50).
    ///
    /// # Errors
    /// A network that has not four ports.
    pub fn differential(&self, order: PortOrder) -> Result<TwoPort> {
        length("ports of the network", 4, self.ports())?;
        let ends = order.pairs();
        let s = (0..self.frequencies_hz().len())
            .map(|f| {
                let dd = |a: usize, b: usize| {
                    let ((ap, an), (bp, bn)) = (ends[a], ends[b]);
                    0.5 * (self.s(f, ap, bp) - self.s(f, ap, bn) - self.s(f, an, bp)
                        + self.s(f, an, bn))
                };
                S2 {
                    s11: dd(0, 0),
                    s12: dd(0, 1),
                    s21: dd(1, 0),
                    s22: dd(1, 1),
                }
            })
            .collect();
        TwoPort::new(self.frequencies_hz().to_vec(), 2.0 * self.z0_ohm(), s)
    }

    /// A two-port network taken as a differential path as it stands.
    ///
    /// Two-port files come in two habits, told apart by their reference: up to 75 ohm it is taken
    /// as one line of an uncoupled pair (the differential path has the same S at twice the
    /// reference), above as the differential port itself.
    ///
    /// # Errors
    /// A network that has not two ports.
    pub fn two_port(&self) -> Result<TwoPort> {
        length("ports of the network", 2, self.ports())?;
        let z0 = self.z0_ohm();
        let differential = if z0 <= 75.0 { 2.0 * z0 } else { z0 };
        let s = self
            .values()
            .chunks_exact(4)
            .map(|v| S2 {
                s11: v[0],
                s12: v[1],
                s21: v[2],
                s22: v[3],
            })
            .collect();
        TwoPort::new(self.frequencies_hz().to_vec(), differential, s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    /// Two uncoupled lines of transmission `t`, written in `order`.
    fn uncoupled(order: PortOrder, t: f64) -> Network {
        let mut s = vec![Complex64::from(0.0); 16];
        let [(ip, in_), (op, on)] = order.pairs();
        for (a, b) in [(ip, op), (in_, on)] {
            s[a * 4 + b] = t.into();
            s[b * 4 + a] = t.into();
        }
        Network::new(vec![0.0], 50.0, 4, s).unwrap()
    }

    #[test]
    fn uncoupled_lines_are_their_own_differential_path_in_either_order() {
        for order in [PortOrder::OneToTwo, PortOrder::OneToThree] {
            let n = uncoupled(order, 0.9);
            assert_eq!(detect_port_order(&n), Some(order));
            let d = n.differential(order).unwrap();
            assert_eq!(d.s()[0].s21, 0.9.into());
            assert_eq!(d.s()[0].s11, 0.0.into());
            assert_eq!(d.z0_ohm(), 100.0);
            assert_eq!(order.to_string().parse::<PortOrder>().unwrap(), order);
        }
        assert_eq!(
            detect_port_order(&uncoupled(PortOrder::OneToTwo, 0.3)),
            None
        );
        assert!("1-4".parse::<PortOrder>().is_err());
    }

    #[test]
    fn two_port_references_follow_the_stated_rule() {
        let at = |z| Network::new(vec![0.0], z, 2, vec![0.5.into(); 4]).unwrap();
        assert_eq!(at(50.0).two_port().unwrap().z0_ohm(), 100.0);
        assert_eq!(at(92.5).two_port().unwrap().z0_ohm(), 92.5);
        assert!(at(50.0).differential(PortOrder::OneToTwo).is_err());
        assert!(uncoupled(PortOrder::OneToTwo, 0.9).two_port().is_err());
    }
}
