//! Analog-to-digital conversion.
//!
//! - The linear view: noise of a converter with a given ENOB ([`noise_variance`], [`sndr_db`]).
//! - [`Adc`]: a time-interleaved converter with mismatched slices, thermal noise, aperture jitter and a
//!   quantizer that clips.
//! - [`enob`]: effective bits by sine fit; [`calibration`]: what takes the mismatches out again.

pub mod calibration;
mod config;
mod convert;
pub mod enob;
mod kernel;
pub mod mismatch;
pub mod reference;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_enob;

pub use config::{AdcConfig, MAX_SLICES};
pub use convert::{Adc, AdcState, Trim};
pub use mismatch::{BandwidthMismatch, Mismatch};

use super::quantizer::QuantizerConfig;
use crate::error::{Error, Result, finite};
use crate::units::db_to_power;

/// Signal-to-noise-and-distortion ratio of an ideal converter of `enob` bits for a full-scale sine:
/// `6.02 ENOB + 1.76` dB (exactly `20 log10(2) ENOB + 10 log10(1.5)`).
#[must_use]
pub fn sndr_db(enob: f64) -> f64 {
    20.0 * 2f64.log10() * enob + 10.0 * 1.5f64.log10()
}

/// Noise variance of a converter whose full scale is `+- loading * rms` of its input.
///
/// A full-scale sine has variance `(loading rms)^2 / 2`; the noise lies [`sndr_db`] below it. ENOB
/// contains quantization, thermal noise, distortion and clock jitter of the converter itself.
#[must_use]
pub fn noise_variance(enob: f64, loading: f64, rms: f64) -> f64 {
    let amplitude = loading * rms;
    amplitude * amplitude / 2.0 / db_to_power(sndr_db(enob))
}

/// Standard deviation of the noise that makes a quantizer into a converter of `enob` effective bits:
/// `sigma^2 = (step^2/12)(4^(bits - enob) - 1)`.
///
/// ENOB counts everything; the quantizer is one part of it and this, as [`AdcConfig::thermal_sigma`], the
/// other. An error where the quantizer alone is worse than the ENOB.
///
/// ```
/// use pamlink::frontend::{adc::noise_beside, quantizer::QuantizerConfig};
///
/// let quantizer = QuantizerConfig { bits: 7, full_scale: 0.5 };
/// let sigma = noise_beside(&quantizer, 5.0)?;
/// assert!((sigma * sigma + quantizer.noise_variance() - (1.0f64 / 32.0).powi(2) / 12.0).abs() < 1e-12);
/// assert!(noise_beside(&quantizer, 7.1).is_err());
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn noise_beside(quantizer: &QuantizerConfig, enob: f64) -> Result<f64> {
    quantizer.validate("quantizer")?;
    let bits = f64::from(quantizer.bits);
    finite("enob", enob)?;
    if !(0.0..=bits).contains(&enob) {
        return Err(Error::OutOfRange {
            name: "enob (the quantizer's own bits bound it)".into(),
            value: enob,
            min: 0.0,
            max: bits,
        });
    }
    Ok((quantizer.noise_variance() * (4f64.powf(bits - enob) - 1.0)).sqrt())
}
