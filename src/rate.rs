//! Generations of lanes.

use crate::error::{Error, Result};

/// A generation of lanes; a port is eight of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LaneRate {
    /// 106.25 Gb/s, 53.125 `GBd`; a port carries a nominal 800 Gb/s.
    #[cfg_attr(feature = "serde", serde(rename = "100G"))]
    G100,
    /// 212.5 Gb/s, 106.25 `GBd`; a port carries a nominal 1.6 Tb/s.
    #[cfg_attr(feature = "serde", serde(rename = "200G"))]
    G200,
}

impl LaneRate {
    /// Both, the slower first.
    pub const ALL: [Self; 2] = [Self::G100, Self::G200];

    /// Lanes of a port.
    pub const LANES: f64 = 8.0;

    /// `100G` or `200G`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::G100 => "100G",
            Self::G200 => "200G",
        }
    }

    /// Symbols per second of one lane without an inner code.
    #[must_use]
    pub const fn baud_hz(self) -> f64 {
        match self {
            Self::G100 => 53.125e9,
            Self::G200 => 106.25e9,
        }
    }

    /// Nominal bits per second of an 8-lane port, one way: the denominator of pJ/bit.
    #[must_use]
    pub const fn nominal_rate_bps(self) -> f64 {
        match self {
            Self::G100 => 800e9,
            Self::G200 => 1600e9,
        }
    }
}

impl std::str::FromStr for LaneRate {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|r| r.name().eq_ignore_ascii_case(word))
            .ok_or_else(|| Error::UnknownWord {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_rates_close() {
        for rate in LaneRate::ALL {
            assert_eq!(rate.to_string().parse::<LaneRate>().unwrap(), rate);
            // 2 bits per symbol and 8 lanes carry the nominal rate times 17/16 (KP4 and transcoding).
            let line = 2.0 * rate.baud_hz() * LaneRate::LANES;
            assert!((line / rate.nominal_rate_bps() - 17.0 / 16.0).abs() < 1e-12);
        }
        let text = "400G".parse::<LaneRate>().unwrap_err().to_string();
        assert!(text.contains("400G") && text.contains("200G"), "{text}");
    }
}
