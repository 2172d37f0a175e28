//! The sliding sum of products that equalizers and channels share.
//!
//! [`Schedule`] orders the taps, `fir` runs them. A sum may reach into several runs of neighbouring samples of
//! one record: taps at far delays, the two phases of a half-symbol equalizer, the phases of a waveform.

mod few;
mod halves;
mod kernel;
mod schedule;

pub(crate) use halves::{HALVES_AT_ONCE, fir_halves};
pub(crate) use kernel::{ALIGNMENT, fir};
pub(crate) use schedule::Schedule;
