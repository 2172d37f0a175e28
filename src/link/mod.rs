//! Links: configuration, architectures, the statistical and the time-domain engine, comparison.

mod analyze;
mod architecture;
mod chain;
pub mod config;
mod design;
mod front;
mod segment;
mod spec;

pub use analyze::{NoiseShare, SegmentAnalysis, analyze};
pub use architecture::{Architecture, HostChannels, segments};
pub use chain::{AgcSetting, Amplitude, Chain, Choice, NoiseTerm, OpticalPoint};
pub use design::{design, design_with};
pub use segment::{Equalizer, Segment};
pub use spec::{NoiseSource, SegmentSpec, Stage, TxSpec};
