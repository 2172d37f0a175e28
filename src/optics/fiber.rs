//! Single-mode fiber: its response to the optical field, and the small-signal one behind a square law.

use std::f64::consts::PI;

use num_complex::Complex64;

use crate::error::{Result, in_range};
use crate::signal::{FrequencyGrid, Response};
use crate::units::{LIGHT_M_S, db_to_amplitude, db_to_power};

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

/// A piece of single-mode fiber with its connectors: loss and accumulated chromatic dispersion.
///
/// **Equation.** Field around the carrier, `f` on both sides of it:
///
/// `H(f) = 10^(-loss/20) exp(+j pi lambda^2 D L f^2 / c)`.
///
/// The engineer's sign, as in [`Response`]: time runs as `exp(+j 2 pi f t)`. Positive dispersion delays long
/// waves, so the group delay `-(1 / 2 pi) d arg H / df = -lambda^2 D L f / c` falls with the optical
/// frequency. With this sign a field of linewidth factor `a`, `E = sqrt(P) exp(j (a / 2) ln P)`, gives behind
/// a square law the small-signal [`dispersion_response`] of the same `a`.
///
/// `H(-f) = H(f)`: the response is *not* conjugate symmetric, its impulse response is complex. The bulk delay
/// is left out, and so is the slope of the dispersion: over 10 km at 100 GHz from the carrier it turns the
/// field by 0.03 rad.
///
/// **Reference.** G. P. Agrawal, "Fiber-Optic Communication Systems", chapter on dispersion; the small-signal
/// limit as of [`dispersion_response`].
///
/// ```
/// use pamlink::optics::fiber::Fiber;
///
/// // 2 km of 802.3 worst case around 1310 nm: 3.2 ps/nm.
/// let fiber = Fiber::new(1310e-9, 3.2e-3, 4.0)?;
/// let h = fiber.field_at(-53e9);
/// assert_eq!(h, fiber.field_at(53e9));
/// assert!((h.norm_sqr() - 10f64.powf(-0.4)).abs() < 1e-12);
/// assert!(h.arg() > 0.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fiber {
    wavelength_m: f64,
    dispersion_s_m: f64,
    loss_db: f64,
}

impl Fiber {
    /// Fiber of accumulated dispersion `D L` in s/m (1 ps/nm = 1e-3 s/m) and a loss in dB of power.
    pub fn new(wavelength_m: f64, dispersion_s_m: f64, loss_db: f64) -> Result<Self> {
        Ok(Self {
            // Nanometres typed for metres are caught.
            wavelength_m: in_range("wavelength_m", wavelength_m, 0.8e-6, 1.7e-6)?,
            // Six hundred kilometres of standard fiber.
            dispersion_s_m: in_range("dispersion_s_m", dispersion_s_m, -10.0, 10.0)?,
            loss_db: in_range("loss_db", loss_db, 0.0, 60.0)?,
        })
    }

    /// Phase of the dispersion at a distance from the carrier, rad.
    fn phase(&self, f_hz: f64) -> f64 {
        PI * self.wavelength_m * self.wavelength_m * self.dispersion_s_m * f_hz * f_hz / LIGHT_M_S
    }

    /// Response to the field at a distance from the carrier, Hz, of either sign.
    #[must_use]
    pub fn field_at(&self, f_hz: f64) -> Complex64 {
        Complex64::from_polar(db_to_amplitude(-self.loss_db), self.phase(f_hz))
    }

    /// Response to the field above the carrier on a grid; below it, at `-f`, the same values (not their
    /// conjugates).
    #[must_use]
    pub fn field_response(&self, grid: FrequencyGrid) -> Response {
        Response::from_fn(grid, |f| self.field_at(f))
    }

    /// The same on both sides in the order of a Fourier transform of `points` samples: `0, step, 2 step, …`,
    /// then the negative frequencies, rising to `-step`. Entry `points / 2` of an even count is the negative
    /// end.
    #[must_use]
    pub fn field_spectrum(&self, step_hz: f64, points: usize) -> Vec<Complex64> {
        (0..points)
            .map(|k| {
                let signed = if 2 * k < points {
                    k as f64
                } else {
                    k as f64 - points as f64
                };
                self.field_at(signed * step_hz)
            })
            .collect()
    }

    /// Small-signal response from power to power of a modulator with this linewidth factor: loss times
    /// [`dispersion_response`].
    #[must_use]
    pub fn power_at(&self, f_hz: f64, chirp: f64) -> f64 {
        db_to_power(-self.loss_db)
            * dispersion_response(f_hz, self.wavelength_m, self.dispersion_s_m, chirp)
    }

    /// Spread of the group delay over a field that reaches `bandwidth_hz` to both sides of its carrier, s:
    /// `2 lambda^2 |D L| B / c`. How long a filter for it must be.
    #[must_use]
    pub fn delay_spread_s(&self, bandwidth_hz: f64) -> f64 {
        let square = self.wavelength_m * self.wavelength_m;
        2.0 * square * self.dispersion_s_m.abs() * bandwidth_hz / LIGHT_M_S
    }
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

    #[test]
    fn the_field_response_is_even_lossy_and_delays_low_frequencies() {
        let fiber = Fiber::new(1550e-9, 17e-3, 3.0).unwrap();
        let grid = FrequencyGrid::new(1e9, 101).unwrap();
        let above = fiber.field_response(grid);
        let both = fiber.field_spectrum(1e9, 200);
        for (i, f) in grid.iter().enumerate() {
            let h = fiber.field_at(-f);
            assert_eq!(h, above.values()[i]);
            assert_eq!(h, both[(200 - i) % 200]);
            assert_eq!(h, both[i]);
            assert!((h.norm_sqr() - 10f64.powf(-0.3)).abs() < 1e-12);
        }
        // Group delay by differences: 17 ps/nm, and 1 nm is c / lambda^2 * 1 nm = 124.8 GHz.
        let nm = LIGHT_M_S / (1550e-9 * 1550e-9) * 1e-9;
        let df = 1e6;
        let delay = |f: f64| {
            -(fiber.field_at(f + df) / fiber.field_at(f - df)).arg() / (2.0 * PI * 2.0 * df)
        };
        let later = delay(-nm / 2.0) - delay(nm / 2.0);
        assert!((later - 17e-12).abs() < 1e-17, "{later:e}");
        assert!((fiber.delay_spread_s(nm / 2.0) - 17e-12).abs() < 1e-20);
        for bad in [
            Fiber::new(1310.0, 0.0, 0.0),
            Fiber::new(1310e-9, f64::NAN, 0.0),
            Fiber::new(1310e-9, 0.0, -1.0),
        ] {
            assert!(bad.is_err());
        }
    }
}
