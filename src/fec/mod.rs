//! Forward error correction: post-FEC estimates for the Reed-Solomon codes.

pub mod cost;
