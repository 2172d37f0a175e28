//! Links: configuration, architectures, the statistical and the time-domain engine, comparison.
//!
//! The way through: a [`config::LinkConfig`] and [`HostChannels`] make the [`segments`] of an
//! [`Architecture`]; [`design`] chooses the settings of each; [`analyze`] and [`simulate`] judge it, and
//! share its responses, taps and phase and nothing else; [`cell()`] puts it together with the price,
//! [`compare`] puts cells side by side.
//!
//! ```
//! use pamlink::link::config::{LaneRate, LinkConfig};
//! use pamlink::link::{Architecture, HostChannels, cell};
//!
//! let config = LinkConfig::for_rate(LaneRate::G100);
//! let channels = HostChannels::built_in(&config)?;
//! let lpo = cell(Architecture::Lpo, LaneRate::G100, &config, &channels, 1)?;
//! let result = lpo.result.expect("built-in lines have no end");
//! assert!(result.closes && result.energy.module_w.nominal < 8.0);
//! # Ok::<(), pamlink::Error>(())
//! ```

mod agreement;
mod analyze;
mod architecture;
mod cell;
mod chain;
mod compare;
pub mod config;
mod crosstalk;
mod design;
mod front;
mod path;
mod price;
mod resolve;
mod segment;
mod simulate;
mod spec;

pub use agreement::{
    Agreement, Rule, SegmentAgreement, coded_end_to_end, simulate_segment, simulate_segment_watched,
};
pub use analyze::{NoiseShare, SegmentAnalysis, analyze};
pub use architecture::{Architecture, HostChannels, segments};
pub use cell::{Cell, CellResult, SegmentReport, cell};
pub use chain::{AgcSetting, Amplitude, Chain, Choice, NoiseTerm, OpticalPoint};
pub use compare::{FilePaths, Files, compare};
pub use crosstalk::{Aggressor, CrosstalkChannels, CrosstalkKind, CrosstalkTerm};
pub use design::{design, design_with};
pub use path::{GainControl, Light, Path, Section, SectionEnd, SectionNoise};
pub use price::{latency_s, system};
pub use segment::{Equalizer, Segment};
pub use simulate::{
    CodedCount, Simulation, Watch, Waveform, WordModels, simulate, simulate_watched,
};
pub use spec::{NoiseSource, SegmentSpec, Stage, TxSpec};
