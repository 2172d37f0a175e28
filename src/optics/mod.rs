//! The optical half of a link: modulator, fiber, interference, photodiode, noise.
//!
//! Two views of the same parts. *Small signal*: a slope at the modulator, a real response of the fiber
//! ([`fiber::dispersion_response`]), noise around a mean current ([`noise::follow_current`]). *Large signal*, on a
//! waveform: a curve from drive to power or field ([`modulator::Modulator`]), a complex response to the field
//! ([`fiber::Fiber`]), a square law ([`detector::Detector`]), beating with delayed light ([`mpi::Mpi`]), noise of the
//! instantaneous current ([`noise::follow_instant`]). For small drives the second gives the first.

pub mod cost;
pub mod detector;
pub mod fiber;
mod kernel;
pub mod modulator;
pub mod mpi;
pub mod noise;
#[cfg(test)]
mod theory;
