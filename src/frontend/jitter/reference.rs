//! Edge displacements in `f64`, part by part from their equations.

use super::edge::EdgeJitter;

/// The even-odd and sinusoidal parts of edge `k`.
#[must_use]
pub fn deterministic(jitter: &EdgeJitter, k: u64) -> f64 {
    let c = jitter.config();
    let half = 0.5 * c.even_odd_ui;
    let mut tau = if k % 2 == 1 { half } else { -half };
    for s in &c.sinusoidal {
        // Whole cycles of the rounded frequency are taken out in integers.
        let cycles = s.frequency_hz / c.baud_hz;
        let step = (cycles * 64f64.exp2()).round() as u128;
        let turns = (u128::from(k) * step % (1 << 64)) as f64 / 64f64.exp2();
        tau += s.amplitude_ui * (2.0 * std::f64::consts::PI * turns + s.phase_rad).sin();
    }
    tau
}

/// Cubic B-spline of knot distance one.
#[must_use]
pub fn b_spline(x: f64) -> f64 {
    let a = x.abs();
    if a < 1.0 {
        2.0 / 3.0 - a * a + 0.5 * a * a * a
    } else if a < 2.0 {
        (2.0 - a).powi(3) / 6.0
    } else {
        0.0
    }
}
