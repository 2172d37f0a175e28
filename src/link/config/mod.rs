//! One description of a link: every parameter, its unit in its name, its default and its source.

mod electrical;
mod optical;
mod receiver;
mod run;
mod scenario;

pub use electrical::{ChannelConfig, HostConfig, ModuleConfig, PackageSet};
pub use optical::OpticsConfig;
pub use receiver::{ReceiverConfig, ReceiverTable};
pub use run::{AnalysisConfig, EnergyConfig, FecConfig, SimulationConfig};
pub use scenario::{LinkConfig, Scenario};

/// Rate of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LaneRate {
    /// 106.25 Gb/s at 53.125 `GBd`.
    #[cfg_attr(feature = "serde", serde(rename = "100G"))]
    G100,
    /// 212.5 Gb/s at 106.25 `GBd`.
    #[cfg_attr(feature = "serde", serde(rename = "200G"))]
    G200,
}

impl LaneRate {
    /// Both rates.
    pub const ALL: [Self; 2] = [Self::G100, Self::G200];

    /// `100G` or `200G`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::G100 => "100G",
            Self::G200 => "200G",
        }
    }

    /// Symbol rate without an inner code, in Hz (26.5625 GHz and 53.125 GHz Nyquist).
    #[must_use]
    pub fn baud_hz(self) -> f64 {
        match self {
            Self::G100 => 53.125e9,
            Self::G200 => 106.25e9,
        }
    }

    /// Nominal rate of a port of eight lanes in bit/s: 800G and 1.6T.
    #[must_use]
    pub fn port_bit_s(self) -> f64 {
        match self {
            Self::G100 => 800e9,
            Self::G200 => 1600e9,
        }
    }
}

impl std::str::FromStr for LaneRate {
    type Err = crate::Error;

    fn from_str(word: &str) -> crate::Result<Self> {
        Self::ALL
            .into_iter()
            .find(|r| r.name().eq_ignore_ascii_case(word))
            .ok_or_else(|| crate::Error::UnknownWord {
                name: "lane rate".into(),
                value: word.to_owned(),
                allowed: "100G, 200G",
            })
    }
}

impl std::fmt::Display for LaneRate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
