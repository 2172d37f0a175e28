//! Interference as the sum of two fields, in `f64`.

use num_complex::Complex64;

/// Power of a field of power `p` and one of power `ratio * delayed` that is `phase_rad` ahead.
#[must_use]
pub fn two_fields(p: f64, delayed: f64, ratio: f64, phase_rad: f64) -> f64 {
    let direct = Complex64::new(p.sqrt(), 0.0);
    (direct + Complex64::from_polar((ratio * delayed).sqrt(), phase_rad)).norm_sqr()
}
