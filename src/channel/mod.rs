//! Electrical channels: Touchstone files, networks, synthetic traces, packages, responses.
//!
//! A [`Channel`] is a differential path between two balls, from a file or from the COM line formula;
//! link code treats both alike. The way through this room:
//!
//! 1. [`read_touchstone`] gives a [`Network`], [`Network::differential`] the [`TwoPort`] in it.
//! 2. [`Channel::two_port_on`] puts all four S-parameters on a [`FrequencyGrid`], continued above the
//!    end of a file; [`Package::two_port_on`] does so for die and package; they cascade with
//!    [`TwoPortOnGrid::then`].
//! 3. [`TwoPortOnGrid::voltage_transfer`] makes a `Response` of them, [`pulse()`] a `Pulse`.
//!
//! ```
//! use pamlink::channel::{BOARD_CK, Channel, Package, nrz_hold, pulse, pulse_grid};
//!
//! let baud_hz = 53.125e9;
//! let channel = Channel::trace(10.0, 0.5 * baud_hz, &BOARD_CK)?;
//! let grid = pulse_grid(baud_hz, 1024, 2.0 * baud_hz)?;
//! let package = Package::ck(30.0);
//! let path = package.two_port_on(grid)?.then(&channel.two_port_on(grid)?)?;
//! let spectrum = path
//!     .voltage_transfer(package.reflection(), 0.0)?
//!     .then(&nrz_hold(grid, baud_hz)?)?;
//! let pulse = pulse(&spectrum, baud_hz, 8)?.kept(0.9999);
//! assert!(pulse.samples[pulse.cursor] > 0.3);
//! # Ok::<(), pamlink::Error>(())
//! ```

mod band;
pub mod convolve;
mod doubts;
mod mixed;
mod network;
mod package;
mod pulse;
mod response;
mod scatter;
mod summary;
mod touchstone;
mod trace;
mod two_port;

use std::path::Path;

use crate::error::{Result, in_range, positive};
use crate::signal::{FrequencyGrid, Pulse};

pub use band::{BandUse, check_band, extrapolated_energy_share};
pub use mixed::{PortOrder, detect_port_order};
pub use network::Network;
pub use package::{DieSection, PACKAGE_LINE_CK, PACKAGE_LINE_DJ, Package, PackageSegment};
pub use pulse::{gaussian_edge, impulse, nrz_hold, precursor_energy_share, pulse, pulse_grid};
pub use scatter::S2;
pub use summary::{ChannelSummary, Losses, PulseSummary};
pub use touchstone::{MAX_PORTS, parse_touchstone, read_touchstone};
pub use trace::{BOARD_200G, BOARD_BJ, BOARD_CK, LineParameters};
pub use two_port::{DIFFERENTIAL_OHM, TwoPort, TwoPortOnGrid};

/// A differential path between two ends, measured or synthetic.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    name: String,
    path: Source,
    warnings: Vec<String>,
}

/// Where the S-parameters come from.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    /// A list of frequencies.
    Measured(TwoPort),
    /// The line formula, evaluated wherever it is asked; symmetric, so both directions are one.
    Line {
        parameters: LineParameters,
        length_mm: f64,
    },
}

impl Channel {
    /// The differential path of a two- or four-port file.
    ///
    /// `order` says which ports of a four-port belong together; `None` detects it
    /// ([`detect_port_order`]). What was taken stands in [`Self::name`].
    ///
    /// # Errors
    /// Those of [`read_touchstone`] and [`Self::from_two_port`]; a file of another port count;
    /// [`crate::Error::PortOrder`] where the order cannot be detected (crosstalk files: give the order
    /// of their through file).
    pub fn from_file(path: &Path, order: Option<PortOrder>) -> Result<Self> {
        let network = read_touchstone(path)?;
        let file = path.file_name().unwrap_or(path.as_os_str());
        Self::from_network(&file.to_string_lossy(), &network, order)
    }

    /// The differential path of a two- or four-port network; see [`Self::from_file`].
    ///
    /// # Errors
    /// Another port count; a port order that cannot be detected.
    pub fn from_network(name: &str, network: &Network, order: Option<PortOrder>) -> Result<Self> {
        if network.ports() == 2 {
            return Self::from_two_port(name, network.two_port()?);
        }
        crate::error::length(format!("ports of {name}"), 4, network.ports())?;
        let (order, how) = match order.or_else(|| detect_port_order(network)) {
            Some(found) if order.is_none() => (found, "detected"),
            Some(given) => (given, "given"),
            None => return Err(mixed::undecided(name, network)),
        };
        let name = format!("{name} (ports {order}, {how})");
        Self::from_two_port(&name, network.differential(order)?)
    }

    /// A path from a differential two-port of any reference.
    ///
    /// # Errors
    /// [`crate::Error::NotAChannel`] for fewer than 16 frequencies, for a path that amplifies (largest
    /// singular value above 1.5), and for one that does not renormalise to 100 ohm.
    pub fn from_two_port(name: &str, two_port: TwoPort) -> Result<Self> {
        doubts::refuse(name, &two_port)?;
        let two_port = if two_port.z0_ohm() == DIFFERENTIAL_OHM {
            two_port
        } else {
            let from = two_port.z0_ohm();
            let renormalised = two_port.renormalised(DIFFERENTIAL_OHM);
            renormalised.map_err(|_| crate::Error::NotAChannel {
                file: name.to_owned(),
                reason: format!(
                    "has gain and no finite S at 100 ohm (its reference is {from}), must be passive"
                ),
            })?
        };
        Ok(Self {
            name: name.to_owned(),
            warnings: doubts::warnings(&two_port),
            path: Source::Measured(two_port),
        })
    }

    /// A synthetic line that loses `loss_db` at `at_hz`, reflections included.
    ///
    /// # Errors
    /// Those of [`LineParameters::length_for_loss`].
    pub fn trace(loss_db: f64, at_hz: f64, parameters: &LineParameters) -> Result<Self> {
        let length_mm = parameters.length_for_loss(loss_db, at_hz)?;
        let name = format!(
            "COM line, {loss_db} dB at {} GHz ({length_mm:.1} mm)",
            at_hz / 1e9
        );
        Ok(Self {
            name,
            path: Source::Line {
                parameters: *parameters,
                length_mm,
            },
            warnings: Vec::new(),
        })
    }

    /// A synthetic line of `length_mm`.
    ///
    /// # Errors
    /// A negative or non-finite length, parameters that make no line.
    pub fn line(length_mm: f64, parameters: &LineParameters) -> Result<Self> {
        parameters.check()?;
        in_range("length_mm", length_mm, 0.0, f64::MAX)?;
        Ok(Self {
            name: format!("COM line, {length_mm} mm"),
            path: Source::Line {
                parameters: *parameters,
                length_mm,
            },
            warnings: Vec::new(),
        })
    }

    /// What the channel is, for reports: file name with port order and how it was found, or the line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is doubtful about a file that was taken all the same, one sentence each: gain, a high
    /// first frequency, points too far apart for its delay, a zero-frequency point that does not
    /// fit. Empty for a sound file and for a line; reversal keeps them.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The measured two-port, at 100 ohm differential; `None` for a synthetic line.
    #[must_use]
    pub fn thru(&self) -> Option<&TwoPort> {
        match &self.path {
            Source::Measured(two_port) => Some(two_port),
            Source::Line { .. } => None,
        }
    }

    /// The same path in the other direction.
    #[must_use]
    pub fn reversed(&self) -> Self {
        match &self.path {
            Source::Measured(two_port) => Self {
                name: match self.name.strip_suffix(", reversed") {
                    Some(forward) => forward.to_owned(),
                    None => format!("{}, reversed", self.name),
                },
                path: Source::Measured(two_port.reversed()),
                warnings: self.warnings.clone(),
            },
            Source::Line { .. } => self.clone(),
        }
    }

    /// The last measured frequency in Hz; `None` for a synthetic line, which has no end.
    #[must_use]
    pub fn end_hz(&self) -> Option<f64> {
        self.thru().map(TwoPort::end_hz)
    }

    /// Whether the channel serves a lane of `baud_hz`; see [`check_band`]. A synthetic line always
    /// does, as [`BandUse::Measured`].
    ///
    /// # Errors
    /// [`crate::Error::Band`], or a symbol rate that is not positive.
    pub fn check_band(&self, baud_hz: f64) -> Result<BandUse> {
        positive("baud_hz", baud_hz)?;
        self.end_hz()
            .map_or(Ok(BandUse::Measured), |end| check_band(end, baud_hz))
    }

    /// Loss `-20 log10 |S21|` in dB at `f_hz`, interpolated in a file.
    ///
    /// # Errors
    /// A frequency below zero or above the end of the file.
    pub fn loss_db(&self, f_hz: f64) -> Result<f64> {
        match &self.path {
            Source::Measured(two_port) => two_port.loss_db_at(f_hz),
            Source::Line {
                parameters,
                length_mm,
            } => {
                in_range("f_hz", f_hz, 0.0, f64::MAX)?;
                Ok(parameters.loss_db(f_hz, *length_mm))
            }
        }
    }

    /// All four S-parameters on a grid: a file interpolated and continued ([`TwoPort::on_grid`]), a
    /// line evaluated exactly.
    ///
    /// # Errors
    /// A file that holds zero frequency alone.
    pub fn two_port_on(&self, grid: FrequencyGrid) -> Result<TwoPortOnGrid> {
        match &self.path {
            Source::Measured(two_port) => two_port.on_grid(grid),
            Source::Line {
                parameters,
                length_mm,
            } => {
                let s = grid.iter().map(|f| parameters.at(f, *length_mm)).collect();
                TwoPortOnGrid::new(grid, s, None)
            }
        }
    }

    /// The pulse of a held symbol between matched ends, nothing else in the path; 4096 UI long, its
    /// spectrum taken to half the sample rate, at least to the symbol rate.
    ///
    /// # Errors
    /// [`crate::Error::Band`] for a file that ends too early; those of [`pulse()`].
    pub fn pulse(&self, baud_hz: f64, samples_per_ui: usize) -> Result<Pulse> {
        self.check_band(baud_hz)?;
        in_range("samples_per_ui", samples_per_ui as f64, 1.0, 1024.0)?;
        let end_hz = baud_hz * (0.5 * samples_per_ui as f64).max(1.0);
        let grid = pulse_grid(baud_hz, 4096, end_hz)?;
        let path = self.two_port_on(grid)?.s21();
        pulse(
            &path.then(&nrz_hold(grid, baud_hz)?)?,
            baud_hz,
            samples_per_ui,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_has_its_loss_and_no_end() {
        let c = Channel::trace(10.0, 26.5625e9, &BOARD_CK).unwrap();
        assert!((c.loss_db(26.5625e9).unwrap() - 10.0).abs() < 1e-10);
        assert_eq!((c.end_hz(), c.reversed()), (None, c.clone()));
        assert_eq!(c.check_band(106.25e9).unwrap(), BandUse::Measured);
        assert!(c.name().starts_with("COM line, 10 dB at 26.5625 GHz"));
        assert!(c.loss_db(f64::NAN).is_err());
        assert!(Channel::line(-1.0, &BOARD_CK).is_err());
    }

    #[test]
    fn a_file_is_its_line_and_reverses() {
        let line = Channel::line(100.0, &BOARD_BJ).unwrap();
        let grid = FrequencyGrid::new(10e6, 6001).unwrap();
        let on = line.two_port_on(grid).unwrap();
        let two = TwoPort::new(grid.iter().collect(), 100.0, on.s().to_vec()).unwrap();
        let file = Channel::from_two_port("x", two).unwrap();
        assert_eq!(file.end_hz(), Some(60e9));
        let back = file.reversed();
        assert_eq!(back.name(), "x, reversed");
        assert_eq!(back.reversed(), file);
        let (a, b) = (
            line.pulse(53.125e9, 4).unwrap(),
            file.pulse(53.125e9, 4).unwrap(),
        );
        for (a, b) in a.samples.iter().zip(&b.samples) {
            // The file ends at 60 GHz, the line does not: 106 GHz of sinc tails at > 9 dB loss.
            assert!((a - b).abs() < 2e-2, "{a} {b}");
        }
        assert!(file.check_band(130e9).is_err());
        assert!(file.pulse(130e9, 4).is_err() && line.pulse(0.0, 4).is_err());
    }
}
