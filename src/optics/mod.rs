//! The optical half of a link, linear view: modulator, fiber, photodiode, transimpedance amplifier,
//! noise.

pub mod cost;
pub mod detector;
pub mod fiber;
mod kernel;
pub mod modulator;
pub mod mpi;
pub mod noise;
