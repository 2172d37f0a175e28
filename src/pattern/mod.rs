//! Test patterns, Gray map and precoding.
