//! What the optical side of a module costs: parts that are priced by kind, not by operations.
//!
//! Blocks of the waveform that have no part of their own:
//!
//! - *Modulator* (Mach-Zehnder or electro-absorption). Its drive is the driver's, its light the laser's. The
//!   control of its bias (heaters, monitor photodiodes, the loop) and the bias of an absorber are within
//!   [`controller`] and the lasers: those two prices are ranges of parts tuned on published totals of whole
//!   modules, which run that control. No source splits it off, so neither does this list; a modulator of lower
//!   half-wave voltage or another kind does not change the price.
//! - *Fiber*, *interference*, *square law* and noise are physics: they cost nothing but the signal they spoil. The
//!   photodiode's current is drawn through the amplifier behind it.

use crate::ops::{AnalogKind, Cost};

/// One analog part of the given kind per lane (or per module, for lasers and controller).
fn part(block: &'static str, form: &'static str, kind: AnalogKind) -> Cost {
    Cost {
        analog: vec![(kind, 1.0)],
        ..Cost::new(block, form)
    }
}

/// Modulator driver of one lane behind a DSP, integrated with it or not.
#[must_use]
pub fn driver_retimed() -> Cost {
    part("driver", "behind a DSP", AnalogKind::DriverRetimed)
}

/// Linear modulator driver of one lane, with its CTLE.
#[must_use]
pub fn driver_linear() -> Cost {
    part("driver", "linear, with CTLE", AnalogKind::DriverLinear)
}

/// Transimpedance amplifier of one lane in front of a DSP.
#[must_use]
pub fn tia_retimed() -> Cost {
    part("TIA", "in front of a DSP", AnalogKind::TiaRetimed)
}

/// Transimpedance amplifier of one lane that drives a host channel linearly.
#[must_use]
pub fn tia_linear() -> Cost {
    part("TIA", "linear, drives the host", AnalogKind::TiaLinear)
}

/// Lasers of one 8-lane module with a DSP; one per module, not per lane.
#[must_use]
pub fn laser_retimed() -> Cost {
    part("laser", "module with a DSP", AnalogKind::LaserRetimed)
}

/// Lasers of one 8-lane linear module; one per module, not per lane.
#[must_use]
pub fn laser_linear() -> Cost {
    part("laser", "linear module", AnalogKind::LaserLinear)
}

/// Controller and monitoring of one module.
#[must_use]
pub fn controller() -> Cost {
    part("controller", "per module", AnalogKind::Controller)
}

/// Co-packaged engine with its laser, one lane, both directions.
#[must_use]
pub fn co_packaged_engine() -> Cost {
    part(
        "co-packaged engine",
        "published engine total, laser included",
        AnalogKind::CoPackagedEngine,
    )
}
