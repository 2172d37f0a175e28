//! Linear view of the optics: modulator, fiber, photodiode, transimpedance amplifier, noise.

pub mod cost;
