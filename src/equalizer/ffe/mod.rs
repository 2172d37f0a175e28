//! Feed-forward equalizer.

pub mod cost;
