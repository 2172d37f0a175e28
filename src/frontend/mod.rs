//! Electrical front ends: transmitter, CTLE, driver, converters, jitter, filters.

pub mod cost;
