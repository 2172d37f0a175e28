//! Conversions between units; everywhere else the unit stands in the name of the number.

/// Speed of light in vacuum, m/s (exact by definition of the metre).
pub const LIGHT_M_S: f64 = 299_792_458.0;
/// Elementary charge, C (exact by definition of the ampere).
pub const CHARGE_C: f64 = 1.602_176_634e-19;

/// `10^(db/20)`: a ratio of amplitudes.
#[must_use]
pub fn db_to_amplitude(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// `20 log10(ratio)` of amplitudes; minus infinity at zero.
#[must_use]
pub fn amplitude_to_db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

/// `10^(db/10)`: a ratio of powers.
#[must_use]
pub fn db_to_power(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// `10 log10(ratio)` of powers; minus infinity at zero.
#[must_use]
pub fn power_to_db(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

/// Optical power in W from dBm.
#[must_use]
pub fn dbm_to_w(dbm: f64) -> f64 {
    1e-3 * db_to_power(dbm)
}

/// Optical power in dBm from W.
#[must_use]
pub fn w_to_dbm(w: f64) -> f64 {
    power_to_db(w / 1e-3)
}

/// `sinc(x) = sin(pi x) / (pi x)`, 1 at zero.
#[must_use]
pub fn sinc(x: f64) -> f64 {
    let y = std::f64::consts::PI * x;
    if y.abs() < 1e-8 { 1.0 } else { y.sin() / y }
}

/// Upper tail of the standard normal distribution, `Q(x) = erfc(x / sqrt 2) / 2`.
///
/// Accurate to a relative 1e-13 or better down to the smallest normal `f64` (x ~ 37).
#[must_use]
pub fn q_function(x: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Inverse of [`q_function`]: the x with `Q(x) = p`, `0 < p < 1`.
#[must_use]
pub fn q_inverse(p: f64) -> f64 {
    std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_function_holds_published_values() {
        // Abramowitz & Stegun table 26.1 and, for the far tail, mpmath at 40 digits.
        for (x, q) in [
            (0.0, 0.5),
            (1.0, 1.586_552_539_314_570_5e-1),
            (3.0, 1.349_898_031_630_094_5e-3),
            (6.0, 9.865_876_450_376_98e-10),
            (9.0, 1.128_588_405_953_84e-19),
        ] {
            assert!(
                (q_function(x) / q - 1.0).abs() < 1e-6,
                "Q({x}) = {:e}",
                q_function(x)
            );
        }
        for p in [0.4, 1e-3, 1e-9, 1e-18] {
            assert!((q_function(q_inverse(p)) / p - 1.0).abs() < 1e-9, "{p}");
        }
    }

    #[test]
    fn decibels_round_trip() {
        assert!((dbm_to_w(0.0) - 1e-3).abs() < 1e-18);
        assert!((w_to_dbm(dbm_to_w(-3.1)) + 3.1).abs() < 1e-12);
        assert!((amplitude_to_db(db_to_amplitude(7.0)) - 7.0).abs() < 1e-12);
        assert!((power_to_db(2.0) - 3.010_299_956_6).abs() < 1e-9);
    }
}
