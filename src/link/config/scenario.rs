//! A lane rate's parameters together, and both rates as one scenario.

use crate::error::{Result, in_range, positive};
use crate::frontend::jitter::JitterConfig;

use super::{
    AnalysisConfig, ChannelConfig, CrosstalkConfig, EnergyConfig, FecConfig, HostConfig, LaneRate,
    ModuleConfig, OpticsConfig, ReceiverTable, SimulationConfig,
};

/// Every parameter of the links of one lane rate.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct LinkConfig {
    /// Symbol rate, Hz.
    pub baud_hz: f64,
    /// Lanes of a port.
    pub lanes: usize,
    /// Nominal one-way rate of a port, bit/s: what energy per bit is divided by.
    pub port_bit_s: f64,
    /// Hosts, and the electrical transmitter and receive front end of a retimed module.
    pub host: HostConfig,
    /// Linear electrical side of a module.
    pub module: ModuleConfig,
    /// Electrical channels.
    pub channel: ChannelConfig,
    /// Aggressors of coupling files.
    pub crosstalk: CrosstalkConfig,
    /// Optics.
    pub optics: OpticsConfig,
    /// Receivers.
    pub receiver: ReceiverTable,
    /// Jitter of every sampler.
    pub jitter: JitterConfig,
    /// Outer code.
    pub fec: FecConfig,
    /// Statistical engine.
    pub analysis: AnalysisConfig,
    /// Time-domain engine.
    pub simulation: SimulationConfig,
    /// Technology.
    pub energy: EnergyConfig,
}

impl LinkConfig {
    /// The defaults of a lane rate.
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        Self {
            baud_hz: rate.baud_hz(),
            lanes: 8,
            port_bit_s: rate.nominal_rate_bps(),
            host: HostConfig::for_rate(rate),
            module: ModuleConfig::for_rate(rate),
            channel: ChannelConfig::for_rate(rate),
            crosstalk: CrosstalkConfig::default(),
            optics: OpticsConfig::for_rate(rate),
            receiver: ReceiverTable::for_rate(rate),
            jitter: JitterConfig::default(),
            fec: FecConfig::for_rate(rate),
            analysis: AnalysisConfig::default(),
            simulation: SimulationConfig::default(),
            energy: EnergyConfig::default(),
        }
    }

    /// Line rate of a lane, bit/s: two bits per symbol.
    #[must_use]
    pub fn lane_bit_s(&self) -> f64 {
        2.0 * self.baud_hz
    }

    /// Checks every field; the error names it by its path.
    pub fn validate(&self) -> Result<()> {
        positive("baud_hz", self.baud_hz)?;
        in_range("baud_hz", self.baud_hz, 1e9, 1e12)?;
        in_range("lanes", self.lanes as f64, 1.0, 1024.0)?;
        positive("port_bit_s", self.port_bit_s)?;
        // The line carries the port's nominal rate and 17/16 to 1.14 times as much with its codes.
        let line_bit_s = self.lanes as f64 * self.lane_bit_s();
        in_range(
            "port_bit_s (nominal rate of lanes times two bits per symbol)",
            self.port_bit_s,
            line_bit_s / 1.2,
            line_bit_s,
        )?;
        self.host.validate("host")?;
        self.module.validate("module")?;
        self.channel.validate("channel")?;
        self.crosstalk.validate("crosstalk")?;
        self.optics.validate("optics")?;
        self.receiver.validate("receiver")?;
        self.jitter.validate("jitter")?;
        self.fec.validate("fec")?;
        self.analysis.validate("analysis")?;
        self.simulation.validate("simulation")
    }
}

/// Both lane rates and the seed: what `compare` computes.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Scenario {
    /// Seed of every random number.
    pub seed: u64,
    /// 100G lanes.
    pub rate_100g: LinkConfig,
    /// 200G lanes.
    pub rate_200g: LinkConfig,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: 1,
            rate_100g: LinkConfig::for_rate(LaneRate::G100),
            rate_200g: LinkConfig::for_rate(LaneRate::G200),
        }
    }
}

impl Scenario {
    /// The parameters of a lane rate.
    #[must_use]
    pub fn rate(&self, rate: LaneRate) -> &LinkConfig {
        match rate {
            LaneRate::G100 => &self.rate_100g,
            LaneRate::G200 => &self.rate_200g,
        }
    }

    /// The parameters of a lane rate, to change.
    pub fn rate_mut(&mut self, rate: LaneRate) -> &mut LinkConfig {
        match rate {
            LaneRate::G100 => &mut self.rate_100g,
            LaneRate::G200 => &mut self.rate_200g,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_bad_fields_are_named_by_path() {
        for rate in LaneRate::ALL {
            LinkConfig::for_rate(rate).validate().unwrap();
        }
        let mut bad = LinkConfig::for_rate(LaneRate::G100);
        bad.optics.responsivity_a_w = f64::NAN;
        let text = bad.validate().unwrap_err().to_string();
        assert!(text.contains("optics.responsivity_a_w"), "{text}");
        let mut bad = LinkConfig::for_rate(LaneRate::G200);
        bad.baud_hz = -1.0;
        assert!(bad.validate().unwrap_err().to_string().contains("baud_hz"));
        bad = LinkConfig::for_rate(LaneRate::G200);
        bad.receiver.host_linear.enob = 0.0;
        let text = bad.validate().unwrap_err().to_string();
        assert!(text.contains("receiver.host_linear.enob"), "{text}");
    }
}
