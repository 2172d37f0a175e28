//! The quantizer in `f64`.

/// The code of a sample.
#[must_use]
pub fn code(x: f64, bits: u32, full_scale: f64) -> i32 {
    let half = 2f64.powi(bits as i32 - 1);
    if x.is_nan() {
        return -(half as i32);
    }
    (x * half / full_scale).floor().clamp(-half, half - 1.0) as i32
}

/// The output for a sample.
#[must_use]
pub fn at(x: f64, bits: u32, full_scale: f64) -> f64 {
    let half = 2f64.powi(bits as i32 - 1);
    (f64::from(code(x, bits, full_scale)) + 0.5) * full_scale / half
}
