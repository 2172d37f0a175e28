//! Rapp's curve in `f64`, and what it does to a sine.

use super::Smoothness;

/// `x / (1 + |x/limit|^(2p))^(1/(2p))`; NaN stays NaN, infinite inputs give `+-limit`.
#[must_use]
pub fn at(x: f64, limit: f64, smoothness: Smoothness) -> f64 {
    let two_p = 2.0 * smoothness.p();
    let u = (x / limit).abs();
    // Beyond one, the same curve divided through by u: no overflow.
    let size = if u > 1.0 {
        (1.0 + u.powf(-two_p)).powf(-1.0 / two_p)
    } else {
        u * (1.0 + u.powf(two_p)).powf(-1.0 / two_p)
    };
    (limit * size).copysign(x)
}

/// The derivative of [`at`].
#[must_use]
pub fn slope_at(x: f64, limit: f64, smoothness: Smoothness) -> f64 {
    let two_p = 2.0 * smoothness.p();
    (1.0 + (x / limit).abs().powf(two_p)).powf(-1.0 - 1.0 / two_p)
}

/// The inverse of [`at`]; infinite where `|y| >= limit`.
#[must_use]
pub fn inverse(y: f64, limit: f64, smoothness: Smoothness) -> f64 {
    let two_p = 2.0 * smoothness.p();
    let v = (y / limit).abs();
    if v >= 1.0 {
        return f64::INFINITY.copysign(y);
    }
    y * (1.0 - v.powf(two_p)).powf(-1.0 / two_p)
}

/// Nodes per quarter period: the sums converge like `exp(-4 N asinh(limit/peak))`, so to the last digit
/// for peaks up to a hundred times the limit.
const QUARTER: usize = 1024;

/// Gain of the fundamental and total harmonic distortion of a sine of peak `u` times the limit.
#[must_use]
pub fn sine(u: f64, smoothness: Smoothness) -> (f64, f64) {
    let wave = || {
        (0..QUARTER).map(|i| {
            let s = ((i as f64 + 0.5) * std::f64::consts::FRAC_PI_2 / QUARTER as f64).sin();
            (s, at(u * s, 1.0, smoothness))
        })
    };
    let fundamental = 2.0 * wave().map(|(s, y)| s * y).sum::<f64>() / QUARTER as f64;
    // What is left of the wave without its fundamental: no difference of large numbers.
    let rest = wave()
        .map(|(s, y)| (y - fundamental * s).powi(2))
        .sum::<f64>()
        / QUARTER as f64;
    (fundamental / u, (2.0 * rest).sqrt() / fundamental)
}

/// The `u` in 1e-4..=1e3 where a rising function has a value, by halving the logarithm.
pub(super) fn rising_root(f: impl Fn(f64) -> f64, value: f64) -> f64 {
    let (mut lo, mut hi) = (1e-4f64.ln(), 1e3f64.ln());
    for _ in 0..60 {
        let mid = 0.5 * (lo + hi);
        if f(mid.exp()) < value {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    (0.5 * (lo + hi)).exp()
}
