//! One description of a link: every parameter, its unit in its name, its default and its source.

mod electrical;
#[cfg(feature = "serde")]
mod load;
mod optical;
mod receiver;
mod run;
mod scenario;

pub use electrical::{ChannelConfig, HostConfig, ModuleConfig, PackageSet};
pub use optical::OpticsConfig;
pub use receiver::{Detector, ReceiverConfig, ReceiverTable};
pub use run::{AnalysisConfig, EnergyConfig, FecConfig, LaneMultiplex, Pattern, SimulationConfig};
pub use scenario::{LinkConfig, Scenario};

pub use crate::rate::LaneRate;
