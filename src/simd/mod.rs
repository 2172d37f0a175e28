//! SIMD levels.
