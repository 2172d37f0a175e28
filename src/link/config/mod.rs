//! One description of a link: every parameter, its unit in its name, its default and its source.

mod crosstalk;
mod electrical;
#[cfg(feature = "serde")]
mod load;
mod optical;
mod receiver;
mod run;
mod scenario;

pub use crosstalk::CrosstalkConfig;
pub use electrical::{ChannelConfig, HostConfig, ModuleConfig, PackageSet, TransmitJitterConfig};
pub use optical::{ModulatorConfig, ModulatorKind, OpticsConfig};
pub use receiver::{ConverterConfig, Detector, ReceiverConfig, ReceiverTable};
pub use run::{
    AnalysisConfig, EnergyConfig, Engine, FecConfig, LaneMultiplex, Pattern, SimulationConfig,
    TimingConfig, TimingDetector,
};
pub use scenario::{LinkConfig, Scenario};

pub use crate::rate::LaneRate;
