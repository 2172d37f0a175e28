//! Electrical front ends: transmitter, CTLE, driver, converters, jitter, filters.
