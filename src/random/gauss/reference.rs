//! Box-Muller in `f64` on the same words, and the order of the samples.

use std::f64::consts::PI;

use crate::random::philox::reference::words;

/// The 40-bit uniform of two words, rounded to the 24 significant bits that define the generator.
pub(super) fn uniform(w0: u32, w1: u32) -> f64 {
    let v = (u64::from(w0) << 8) | u64::from(w1 >> 24);
    f64::from((2 * v + 1) as f32) / 41f64.exp2()
}

/// The two normal numbers of two words, each with its radius.
fn pair(w0: u32, w1: u32) -> [(f64, f64); 2] {
    let r = (-2.0 * uniform(w0, w1).ln()).sqrt();
    let k = f64::from(w1 & 0x007f_ffff);
    let (sin, cos) = (PI * ((k + 0.5) / 23f64.exp2() - 0.5)).sin_cos();
    let sign = if w1 & 0x0080_0000 == 0 { 1.0 } else { -1.0 };
    [(sign * r * cos, r), (r * sin, r)]
}

/// Sample `s` of the sequence of a seed and a stream, and its radius, which scales the error bound.
#[must_use]
pub fn sample(seed: u64, stream: u64, s: u64) -> (f64, f64) {
    let w = words(seed, stream, 16 * (s / 64) + s % 16);
    match s % 64 / 16 {
        0 => pair(w[0], w[1])[0],
        1 => pair(w[0], w[1])[1],
        2 => pair(w[2], w[3])[0],
        _ => pair(w[2], w[3])[1],
    }
}
