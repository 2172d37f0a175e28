//! Analog-to-digital conversion, linear view: noise of a converter with a given ENOB.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ideal_quantizer_has_its_step_squared_over_twelve() {
        // 6 bits, full scale +-1: step 2/64, variance step^2/12.
        let step: f64 = 2.0 / 64.0;
        let v = noise_variance(6.0, 4.0, 0.25);
        assert!((v / (step * step / 12.0) - 1.0).abs() < 1e-12);
        assert!((sndr_db(6.0) - 37.88).abs() < 0.01);
        assert!((noise_variance(5.0, 4.0, 0.25) / v - 4.0).abs() < 1e-12);
    }
}
