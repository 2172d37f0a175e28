//! Noise of a photocurrent: relative intensity noise and shot noise follow the instantaneous power.

use crate::units::{CHARGE_C, db_to_power};

/// One-sided density of the intensity noise of a photocurrent, A^2/Hz: `RIN * I^2`.
#[must_use]
pub fn rin_density(rin_db_hz: f64, mean_square_a2: f64) -> f64 {
    db_to_power(rin_db_hz) * mean_square_a2
}

/// One-sided density of shot noise, A^2/Hz: `2 q I`.
#[must_use]
pub fn shot_density(current_a: f64) -> f64 {
    2.0 * CHARGE_C * current_a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textbook_values() {
        // 1 mA of photocurrent: shot noise 17.9 pA/sqrt(Hz); RIN of -145 dB/Hz: 56.2 pA/sqrt(Hz).
        assert!((shot_density(1e-3).sqrt() / 17.9e-12 - 1.0).abs() < 1e-3);
        assert!((rin_density(-145.0, 1e-6).sqrt() / 56.23e-12 - 1.0).abs() < 1e-3);
    }
}
