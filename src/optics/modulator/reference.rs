//! The modulators as the physics writes them, in `f64`: two arms added, an absorption integrated.

use std::f64::consts::PI;

use num_complex::Complex64;

/// Field of a Mach-Zehnder modulator of unit full transmission: the sum of two arms that are `psi` apart,
/// each carrying half the drive and the drive they share.
///
/// `shared` is the drive common to both arms over the drive between them. Arms of `(1 + r)/2` and
/// `(1 - r)/2` leave `r^2` of the power in the dark.
#[must_use]
pub fn two_arms(
    v: f64,
    v_pi_v: f64,
    bias_deg: f64,
    static_extinction_db: f64,
    shared: f64,
) -> Complex64 {
    let psi = PI * v / v_pi_v + (bias_deg - 180.0).to_radians();
    let common = shared * PI * v / (2.0 * v_pi_v);
    let r = 10f64.powf(-static_extinction_db / 20.0);
    Complex64::from_polar(0.5 + 0.5 * r, common + psi / 2.0)
        + Complex64::from_polar(0.5 - 0.5 * r, common - psi / 2.0)
}

/// Linewidth factor of a field over drive: `(d arg E / dv) / (d ln |E| / dv)`, by central differences.
#[must_use]
pub fn linewidth_factor(field: impl Fn(f64) -> Complex64, v: f64, step: f64) -> f64 {
    let change = (field(v + step) / field(v - step)).ln();
    change.im / change.re
}

/// Transmission of an absorber along its length: the differential equation `dP/dz = -a P` in `slices`
/// steps, `a = (u / v0)^order` over unit length, with the phase that a linewidth factor couples to it.
#[must_use]
pub fn absorbed(u: f64, v0_v: f64, order: f64, chirp: f64, slices: u32) -> Complex64 {
    let a = if u > 0.0 {
        (order * (u / v0_v).ln()).exp()
    } else {
        0.0
    };
    let dz = 1.0 / f64::from(slices);
    // The field loses half of it, and turns by chirp times as much.
    let rate = Complex64::new(-a / 2.0, -a * chirp / 2.0);
    let mut field = Complex64::new(1.0, 0.0);
    for _ in 0..slices {
        // Fourth-order Runge-Kutta of a linear equation.
        let x = rate * dz;
        field *= 1.0 + x + x * x / 2.0 + x * x * x / 6.0 + x * x * x * x / 24.0;
    }
    field
}
