//! Links: configuration, architectures, the statistical and the time-domain engine, comparison.

mod architecture;
mod chain;
pub mod config;
mod front;
mod spec;

pub use architecture::{Architecture, HostChannels, segments};
pub use chain::{AgcSetting, Amplitude, Chain, Choice, NoiseTerm, OpticalPoint};
pub use spec::{NoiseSource, SegmentSpec, Stage, TxSpec};
