//! Mixed mode: the differential two-port inside a four-port, and which ports make its ends.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::network::Network;
use super::response::mean_delay_s;
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
/// points. The larger is the through path if it is above 0.5 (-6 dB) and twice the other. A weaker
/// one (a lossy path, a file that starts high) must be three times the other, fall to less than half
/// towards the top fifth of the points, and have the longer delay: coupling within a pair, the
/// strongest path of a crosstalk file, mostly rises and is always the early one.
/// `None` else, and where the network has not four ports: crosstalk files
/// cannot be decided and need the order of their through file.
#[must_use]
pub fn detect_port_order(network: &Network) -> Option<PortOrder> {
    if network.ports() != 4 {
        return None;
    }
    let points = network.frequencies_hz().len();
    let [low, top] = [0..points.div_ceil(50), points - points.div_ceil(5)..points].map(|range| {
        [PortOrder::OneToTwo, PortOrder::OneToThree].map(|o| strength(network, o, &range))
    });
    let delay = [PortOrder::OneToTwo, PortOrder::OneToThree].map(|o| delay_s(network, o));
    let through = |order: usize| {
        let (own, other) = (low[order], low[1 - order]);
        let strong = own > 0.5 && own > 2.0 * other;
        let falls = top[order] < 0.5 * own && delay[order] >= delay[1 - order];
        strong || (own > 3.0 * other && falls)
    };
    match (through(0), through(1)) {
        (true, false) => Some(PortOrder::OneToTwo),
        (false, true) => Some(PortOrder::OneToThree),
        _ => None,
    }
}

/// Mean magnitude over some points of the two lines that `order` says.
fn strength(network: &Network, order: PortOrder, points: &Range<usize>) -> f64 {
    let [(ip, in_), (op, on)] = order.pairs();
    let sum: f64 = points
        .clone()
        .map(|f| network.s(f, op, ip).norm() + network.s(f, on, in_).norm())
        .sum();
    sum / (2 * points.len().max(1)) as f64
}

/// Mean delay of the first line that `order` says.
fn delay_s(network: &Network, order: PortOrder) -> f64 {
    let [(from, _), (to, _)] = order.pairs();
    let points = 0..network.frequencies_hz().len();
    let line: Vec<_> = points.map(|f| network.s(f, to, from)).collect();
    mean_delay_s(network.frequencies_hz(), &line)
}

/// The error for a network whose order [`detect_port_order`] cannot tell.
pub(super) fn undecided(file: &str, network: &Network) -> Error {
    let low = 0..network.frequencies_hz().len().div_ceil(50);
    Error::PortOrder {
        file: file.to_owned(),
        s21: strength(network, PortOrder::OneToTwo, &low),
        s31: strength(network, PortOrder::OneToThree, &low),
        at_ghz: network.frequencies_hz()[0] / 1e9,
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
    fn a_weak_through_path_is_told_by_its_fall_and_coupling_is_not() {
        // From 10 GHz on, where the path along 1-3,2-4 loses 26 dB; x counts 10 GHz.
        let network = |path: fn(f64) -> f64, other: f64, other_delay: f64| {
            let f: Vec<f64> = (0..100).map(|i| 10e9 + 0.4e9 * f64::from(i)).collect();
            let mut s = vec![Complex64::from(0.0); 1600];
            for (block, f) in s.chunks_exact_mut(16).zip(&f) {
                let x = f / 10e9;
                for (pairs, value) in [
                    ([(0, 2), (1, 3)], Complex64::from_polar(path(x), -x)),
                    (
                        [(0, 1), (2, 3)],
                        Complex64::from_polar(other, -x * other_delay),
                    ),
                ] {
                    for (a, b) in pairs {
                        block[a * 4 + b] = value;
                        block[b * 4 + a] = value;
                    }
                }
            }
            Network::new(f, 50.0, 4, s).unwrap()
        };
        let fall = |x: f64| 0.05 * (1.0 - x).exp();
        let order = |n: &Network| detect_port_order(n);
        assert_eq!(
            order(&network(fall, 0.01, 0.1)),
            Some(PortOrder::OneToThree)
        );
        assert_eq!(order(&network(fall, 0.0, 0.0)), Some(PortOrder::OneToThree));
        // Coupling within the pair of a crosstalk file rises, or is earlier than the crosstalk.
        assert_eq!(order(&network(|x| 0.02 * x, 1e-4, 0.1)), None);
        assert_eq!(order(&network(fall, 1e-4, 5.0)), None);
        let near = network(fall, 0.02, 0.1);
        assert_eq!(order(&near), None);
        assert_eq!(
            undecided("a.s4p", &near).to_string(),
            "cannot tell the port order of a.s4p: |S21| = 2.00e-2, |S31| = 4.90e-2 at 10.000 GHz; \
             give --port-order 1-2,3-4 or 1-3,2-4"
        );
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
