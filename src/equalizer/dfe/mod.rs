//! Decision-feedback equalizer.

pub mod cost;
