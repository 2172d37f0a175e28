//! Single-mode fiber in front of a square-law detector, small signal.

use std::f64::consts::PI;

use crate::units::LIGHT_M_S;

/// Intensity response of dispersive fiber: `sqrt(1 + a^2) cos(theta + atan a)`, normalised to one at
/// zero frequency, `theta = pi lambda^2 D f^2 / c`.
///
/// `dispersion_s_m` is the accumulated dispersion `D L` in s/m (1 ps/nm = 1e-3 s/m), `chirp` the
/// linewidth factor `a` of the modulator (0 for a push-pull Mach-Zehnder). Source: small-signal
/// theory of intensity modulation and direct detection, e.g. Wang and Petermann, JLT 10 (1992) 96.
#[must_use]
pub fn dispersion_response(f_hz: f64, wavelength_m: f64, dispersion_s_m: f64, chirp: f64) -> f64 {
    let theta = PI * wavelength_m * wavelength_m * dispersion_s_m * f_hz * f_hz / LIGHT_M_S;
    theta.cos() - chirp * theta.sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_null_is_where_the_closed_form_puts_it() {
        // Chirp-free: theta = pi/2 at f = sqrt(c / (2 lambda^2 D L)). 17 ps/nm/km, 10 km, 1550 nm: 19.1 GHz.
        let (lambda, d): (f64, f64) = (1550e-9, 170e-3);
        let null = (LIGHT_M_S / (2.0 * lambda * lambda * d)).sqrt();
        assert!((null / 19.16e9 - 1.0).abs() < 0.01, "{null}");
        assert!(dispersion_response(null, lambda, d, 0.0).abs() < 1e-9);
        assert_eq!(dispersion_response(0.0, lambda, d, 0.7), 1.0);
        // Positive chirp with positive dispersion brings the null nearer.
        assert!(dispersion_response(0.9 * null, lambda, d, 0.7) < 0.0);
    }
}
