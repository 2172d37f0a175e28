//! The integer datapath of a receiver as silicon builds it, bit for bit: [`FixedFfe`],
//! [`FixedDfe`], [`FixedMlse`] over `i16` and `i32` lanes, and the [`Quantizer`] before them.
//!
//! All numbers are two's complement *codes*. A code of `b` bits lies in `-2^(b-1) ..= 2^(b-1) - 1`;
//! what one code is worth is the user's scale and never enters the datapath.
//!
//! Where a word becomes narrower exactly two things happen, in the order each block states:
//! [`Rounding`] drops low bits, [`Overflow`] says what becomes of a number that the word cannot
//! hold. Everything between is exact. The kernels return what the plain integer references return,
//! bit for bit, at every SIMD level and for any split of a stream into blocks.

mod dfe;
mod ffe;
mod lanes;
mod mlse;
mod quantizer;
pub mod reference;
#[cfg(test)]
mod tests;

pub use dfe::{FixedDfe, FixedDfeConfig, FixedDfeState};
pub use ffe::{FixedFfe, FixedFfeConfig, FixedFfeState, WordLengths};
pub use mlse::{Distance, FixedMlse, FixedMlseConfig, FixedMlseState, Normalisation};
pub use quantizer::{Quantizer, QuantizerConfig, QuantizerKind};

use crate::error::{Error, Result, finite, in_range};

/// How the low bits go when a code is shifted right by `s` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Rounding {
    /// Dropped: `floor(v / 2^s)`, a bias of half a step. No adder.
    Floor,
    /// To the nearest, halves upwards: `floor((v + 2^(s-1)) / 2^s)`. A bias of `2^-(s+1)` steps for
    /// evenly spread low bits. One adder, or a constant in the tree.
    #[default]
    HalfUp,
    /// To the nearest, halves to the even code: no bias.
    HalfEven,
}

/// What becomes of a number that its word cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Overflow {
    /// The nearest code of the word.
    #[default]
    Saturate,
    /// The low bits of the number: modulo `2^b`.
    Wrap,
}

/// The lowest and the highest code of a word of `bits` bits; fewer than 1 count as 1, more than 62
/// as 62.
///
/// ```
/// use pamlink::equalizer::fixed::code_range;
/// assert_eq!(code_range(8), (-128, 127));
/// assert_eq!((code_range(0), code_range(64)), (code_range(1), code_range(62)));
/// ```
#[must_use]
pub fn code_range(bits: u32) -> (i64, i64) {
    let half = 1i64 << (bits.clamp(1, 62) - 1);
    (-half, half - 1)
}

/// Real taps as codes of `bits` bits with the value `code * 2^-fraction`, each rounded to the
/// nearest (halves to even).
///
/// # Errors
/// [`Error::NotFinite`] for a tap, [`Error::OutOfRange`] for a tap that the word cannot hold or for
/// `bits` outside 2..=16 or `fraction` outside -32..=32.
///
/// ```
/// use pamlink::equalizer::fixed::tap_codes;
/// assert_eq!(tap_codes(&[-0.11, 0.9, 0.3], 8, 7)?, [-14, 115, 38]);
/// assert!(tap_codes(&[1.2], 8, 7).is_err()); // 128/128 is already too much
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn tap_codes(taps: &[f64], bits: u32, fraction: i32) -> Result<Vec<i16>> {
    in_range("tap_bits", f64::from(bits), 2.0, 16.0)?;
    in_range("tap_fraction", f64::from(fraction), -32.0, 32.0)?;
    let (min, max) = code_range(bits);
    let scale = f64::from(fraction).exp2();
    taps.iter()
        .enumerate()
        .map(|(k, &tap)| {
            let code = (finite(format!("taps[{k}]"), tap)? * scale).round_ties_even();
            if code < min as f64 || code > max as f64 {
                return Err(Error::OutOfRange {
                    name: format!("taps[{k}]").into(),
                    value: tap,
                    min: min as f64 / scale,
                    max: max as f64 / scale,
                });
            }
            Ok(code as i16)
        })
        .collect()
}

/// The largest fraction at which [`tap_codes`] can hold all taps in `bits` bits; 0 for taps that
/// are all zero.
///
/// Where no fraction serves (a tap beyond the word even at -32, one that is not finite, `bits` outside
/// 2..=16) this is -32, at which [`tap_codes`] says what is wrong.
///
/// ```
/// use pamlink::equalizer::fixed::{tap_codes, tap_fraction};
/// assert_eq!(tap_fraction(&[-0.11, 0.9, 0.3], 8), 7);
/// let taps = [0.5, 1e30];
/// assert!(tap_codes(&taps, 8, tap_fraction(&taps, 8)).is_err()); // names taps[1]
/// ```
#[must_use]
pub fn tap_fraction(taps: &[f64], bits: u32) -> i32 {
    if taps.iter().all(|&t| t == 0.0) {
        return 0;
    }
    (-32..=32)
        .rev()
        .find(|&fraction| tap_codes(taps, bits, fraction).is_ok())
        .unwrap_or(-32)
}
