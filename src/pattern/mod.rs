//! Test patterns, Gray map and precoding.
//!
//! Everything that is sent: pseudo-random bit sequences ([`prbs`]), the PAM4 patterns made of them
//! ([`symbols`], [`mod@ssprq`]), the map between bits and symbols ([`gray`]) and the precoder that breaks
//! bursts ([`precode`]). Symbols are `u8` 0..=3 in level order, bits are `u8` 0 or 1, one per byte;
//! of two bits the first is the more significant. Every stream gives the same sequence however it is
//! cut into blocks, and an error leaves the caller's buffers and the stream's state as they were.

pub mod gray;
pub mod prbs;
pub mod precode;
pub mod ssprq;
pub mod symbols;

pub use gray::{bits_to_symbols, symbols_to_bits};
pub use prbs::{Prbs, PrbsGenerator};
pub use precode::{PrecodeDecoder, PrecodeEncoder};
pub use ssprq::ssprq;
pub use symbols::SymbolSource;

use crate::error::{Error, Result};

/// Checks that every entry is at most `max`; the error names the first that is not as `name[index]`.
pub(crate) fn check_at_most(name: &'static str, values: &[u8], max: u8) -> Result<()> {
    // One pass that vectorises; the index is looked for only when there is something to report.
    if values.iter().fold(0, |m, &v| m.max(v)) <= max {
        return Ok(());
    }
    match values.iter().enumerate().find(|&(_, &v)| v > max) {
        Some((index, &value)) => Err(Error::OutOfRange {
            name: format!("{name}[{index}]").into(),
            value: f64::from(value),
            min: 0.0,
            max: f64::from(max),
        }),
        None => Ok(()),
    }
}
