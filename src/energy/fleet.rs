//! From the power of one port to the power of a fleet.
//!
//! `P_wall = k_sys P`, `k_sys = (1 + k_fan) / eta_psu`; a fleet of N ports draws `N k_sys PUE P`.

use super::interval::Interval;
use crate::error::{Result, positive};

/// Hours of a year.
const HOURS: f64 = 8760.0;

/// What stands between a port's watts and the meter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct FleetConfig {
    /// Ports: modules with their host ends.
    pub modules: f64,
    /// Supply and fans, `(1 + k_fan) / eta_psu`.
    pub k_sys: Interval,
    /// Power usage effectiveness of the hall.
    pub pue: Interval,
    /// Share of the year at this power.
    pub utilisation: f64,
    /// Price of a kWh in dollars.
    pub dollars_per_kwh: Interval,
}

impl Default for FleetConfig {
    /// 300 000 modules (100 000 accelerators with three each); `k_sys` 1.30 (1.10 to 1.50; a measured
    /// switch pair implies 1.37); PUE 1.15 (1.09 to 1.20, hyperscale and liquid-cooled halls; the
    /// mean of all halls surveyed is 1.55 to 1.58); always on; 0.08 (0.06 to 0.12) dollars per kWh.
    fn default() -> Self {
        Self {
            modules: 300_000.0,
            k_sys: Interval::new(1.10, 1.30, 1.50),
            pue: Interval::new(1.09, 1.15, 1.20),
            utilisation: 1.0,
            dollars_per_kwh: Interval::new(0.06, 0.08, 0.12),
        }
    }
}

/// What a fleet draws.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[must_use]
#[non_exhaustive]
pub struct Fleet {
    /// Power at the meter in MW.
    pub power_mw: Interval,
    /// Energy per year in `GWh`.
    pub energy_gwh: Interval,
    /// Cost of that energy per year in millions of dollars.
    pub cost_musd: Interval,
}

/// The fleet of ports that each draw `port_w` (module plus host end, or a difference of two).
///
/// Low and high put all low and all high factors together: corners, wider than 5 % and 95 %.
pub fn fleet(port_w: Interval, config: &FleetConfig) -> Result<Fleet> {
    let modules = positive("modules", config.modules)?;
    let utilisation = positive("utilisation", config.utilisation)?;
    let port_w = port_w.checked("port_w")?;
    let k_sys = config.k_sys.checked("k_sys")?;
    let pue = config.pue.checked("pue")?;
    let dollars = config.dollars_per_kwh.checked("dollars_per_kwh")?;
    let power_mw = port_w.product(k_sys).product(pue).times(modules * 1e-6);
    let energy_gwh = power_mw.times(HOURS * utilisation * 1e-3);
    Ok(Fleet {
        power_mw,
        energy_gwh,
        // 1 GWh = 1e6 kWh, so dollars per kWh are millions per GWh.
        cost_musd: energy_gwh.product(dollars),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_the_fleet_result_of_the_reference() {
        // 800G LPO against retimed: 6.41 W in the module, 0.49 W more in the host; the reference
        // gives 2.7 MW, 23 GWh, 1.9 M$ with two digits each.
        let saved = fleet(Interval::exact(6.41 - 0.49), &FleetConfig::default()).unwrap();
        assert!((saved.power_mw.nominal - 2.7).abs() < 0.05);
        assert!((saved.energy_gwh.nominal - 23.0).abs() < 0.5);
        assert!((saved.cost_musd.nominal - 1.9).abs() < 0.05);
        assert!(saved.power_mw.low < saved.power_mw.nominal);
        assert!(fleet(Interval::exact(f64::NAN), &FleetConfig::default()).is_err());
    }
}
