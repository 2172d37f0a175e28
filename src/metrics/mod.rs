//! Measures: error counts with intervals ([`ber`], [`interval`]), signal-to-noise ratios ([`snr`]),
//! statistical eyes ([`statistical`], [`decision`]).

pub mod ber;
pub mod decision;
pub mod interval;
pub mod snr;
pub mod statistical;

pub use ber::{ErrorCount, EventCounter};
pub use decision::{SymbolErrors, symbol_error};
pub use interval::{Interval, clopper_pearson};
pub use snr::SnrEstimator;
pub use statistical::{Interference, Pdf};
