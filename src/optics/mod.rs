//! The optical half of a link, linear view: modulator, fiber, photodiode, transimpedance amplifier,
//! noise.

pub mod cost;
pub mod fiber;
pub mod modulator;
pub mod noise;
