//! Electrical front ends: transmitter, CTLE, driver, converters, jitter, filters.
//!
//! The linear view of a part is a transfer function over frequency or a noise density; [`crate::link`]
//! cascades them in absolute units. The time domain adds what no transfer function shows: compression
//! ([`limiter`]), the grids of converters ([`dac`], [`adc`]) and the displacement of edges ([`jitter`]).

pub mod adc;
pub mod agc;
pub mod cost;
pub mod ctle;
pub mod dac;
pub mod filter;
pub mod jitter;
mod kernel;
pub mod limiter;
pub mod quantizer;
pub mod transmitter;

use crate::error::{Result, length};
use crate::simd::Level;

/// Adds a signal to another: `x[i] += y[i]`, the same bits at every level.
///
/// ```
/// let mut x = [1.0, 2.0];
/// pamlink::frontend::add(&mut x, &[0.5, -0.5], pamlink::Level::best())?;
/// assert_eq!(x, [1.5, 1.5]);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn add(x: &mut [f32], y: &[f32], level: Level) -> Result<()> {
    length("signal to add", x.len(), y.len())?;
    kernel::add(level, x, y);
    Ok(())
}
