#![doc = include_str!("../README.md")]

pub mod cdr;
pub mod channel;
pub mod energy;
pub mod equalizer;
pub mod error;
pub mod fec;
pub mod frontend;
pub mod kernels;
pub mod link;
pub mod metrics;
pub mod mlse;
pub mod ops;
pub mod optics;
pub mod pam4;
pub mod pattern;
pub mod random;
pub mod rate;
#[cfg(feature = "report")]
pub mod report;
mod rows;
pub mod signal;
pub mod simd;
pub mod units;

pub use error::{Error, Result};
pub use simd::Level;
