//! Linear view, kernel against reference, splits, bad input.

use super::*;

#[test]
fn an_ideal_quantizer_has_its_step_squared_over_twelve() {
    // 6 bits, full scale +-1: step 2/64, variance step^2/12.
    let step: f64 = 2.0 / 64.0;
    let v = noise_variance(6.0, 4.0, 0.25);
    assert!((v / (step * step / 12.0) - 1.0).abs() < 1e-12);
    assert!((sndr_db(6.0) - 37.88).abs() < 0.01);
    assert!((noise_variance(5.0, 4.0, 0.25) / v - 4.0).abs() < 1e-12);
}
