//! Waveforms through linear systems: polyphase planes, direct and by Fourier transform, sampled at a phase.
//!
//! A link is a chain of linear and memoryless stages in turn. Its waveform is kept at `m` samples per unit
//! interval (UI) in [`Planes`], and only the linear stages are in this room:
//!
//! | stage | from | to | products per symbol |
//! |---|---|---|---|
//! | [`Upsampler`] (first) | symbols | planes | `L` |
//! | [`PlaneFilter`] (between) | planes | planes | `m L` |
//! | [`FieldFilter`] (fiber) | planes of a field | planes of a field | `2 m L` or `4 m L` |
//! | [`Sampler`] (last) | planes | one sample per symbol, at any phase | `L` |
//!
//! with responses of `L` taps on the grid, an [`Impulse`] each. The first stage saves work because most of its
//! input is zero, the last because most of its output is not wanted: with 64 UI at 8 samples per UI each of them
//! takes 512 products per symbol, at more than 90 % of the multiply-adds that a core can do. From
//! [`CROSSOVER_TAPS`] taps on, a [`PlaneFilter`] works by Fourier transform.
//!
//! - **Time.** Grid index `g` is time `g / m` UI; symbol `k` is sent around time `k`. A stream runs causally:
//!   what a stage writes at grid index `g` is its waveform at `g - delay()`. Delays are in samples, may be
//!   negative (a path whose own delay is taken out) and add up along the chain.
//! - **Blocks.** Any split of a stream into blocks gives the same bits at one level. Memory does not grow with the
//!   stream; states and planes can be reset.
//! - **Numbers.** Waveforms and taps are `f32`, taps are made in `f64`. An output of `L` products, each at most
//!   `h x`, is off by at most `L^2 2^-24 h x`, in the mean by about `sqrt(L) 2^-24` of the sum's own size. The two
//!   FMA levels agree to the bit, the baseline differs in the last ones.
//! - **Errors.** Responses are checked where taps are made, lengths and layouts where a stage runs; a call that
//!   fails has written nothing.
//!
//! ```
//! use pamlink::channel::convolve::{GridConfig, Impulse, Planes, Sampler, Upsampler};
//! use pamlink::channel::{gaussian_edge, nrz_hold, pulse_grid};
//!
//! let grid = GridConfig { baud_hz: 53.125e9, ..Default::default() };
//! let f = pulse_grid(grid.baud_hz, 256, 6.0 * grid.baud_hz)?;
//! let edge = gaussian_edge(f, 8e-12)?;
//! let first = Upsampler::new(&Impulse::symbol(&nrz_hold(f, grid.baud_hz)?.then(&edge)?, &grid)?)?;
//! let last = Sampler::new(&edge, &grid)?;
//!
//! let mut planes = Planes::new(grid.samples_per_ui, last.past(), 32)?;
//! let (mut state, mut taps) = (first.state(), last.taps(&planes));
//! let mut sent = [0.0; 32];
//! sent[8] = 1.0;
//! first.process(&mut state, &sent, &mut planes)?;
//! // … memoryless stages work on `planes.fresh_mut(p, 32)` here …
//! let mut y = [0.0; 32];
//! last.sample(&mut taps, &planes, 0, 0.25, &mut y)?;
//!
//! // The symbol comes out after the delay of both stages, in samples.
//! let delay = (first.delay() + last.delay()) as f64 / grid.samples_per_ui as f64;
//! let at = 8.0 + delay;
//! let mut peak = [0.0];
//! last.sample(&mut taps, &planes, at.floor() as isize, at.fract(), &mut peak)?;
//! // A symbol of 18.8 ps behind two edges of 8 ps: erf(T / (2 sqrt(2) s)), s = sqrt(2) 8 ps / 1.6832.
//! assert!((peak[0] - 0.838f32).abs() < 0.01);
//! # Ok::<(), pamlink::Error>(())
//! ```

mod field;
mod filter;
mod impulse;
mod kernel;
mod overlap;
mod planes;
pub mod reference;
mod runs;
mod sampler;
#[cfg(test)]
mod tests;
mod upsampler;

pub use field::{FieldFilter, FieldFilterState, FieldImpulse, FieldPlanes};
pub use filter::{CROSSOVER_TAPS, PlaneFilter, PlaneFilterState};
pub use impulse::{GridConfig, Impulse, MAX_SAMPLES_PER_UI};
pub use planes::Planes;
pub use sampler::{BANK_PHASES, Sampler, SamplerTaps};
pub use upsampler::{Upsampler, UpsamplerState};
