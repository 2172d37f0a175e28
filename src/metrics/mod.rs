//! Measures: error counts with intervals ([`ber`], [`interval`]), signal-to-noise ratios ([`snr`]),
//! statistical eyes ([`statistical`], [`interference`], [`decision`]).

pub mod ber;
pub mod decision;
pub mod interference;
pub mod interval;
pub mod snr;
pub mod statistical;

pub use ber::{ErrorCount, EventCounter};
pub use decision::{SymbolErrors, symbol_error};
pub use interference::Interference;
pub use interval::{Interval, clopper_pearson};
pub use snr::SnrEstimator;
pub use statistical::Pdf;
