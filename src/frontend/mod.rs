//! Electrical front ends, linear view: transmitter, CTLE, driver, converters, jitter, filters.
//!
//! Every part is a transfer function over frequency or a noise density; [`crate::link`] cascades them
//! in absolute units.

pub mod adc;
pub mod agc;
pub mod cost;
pub mod ctle;
pub mod filter;
pub mod jitter;
pub mod transmitter;
