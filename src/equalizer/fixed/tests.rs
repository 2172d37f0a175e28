//! The small functions of the room against hand-made values.

use super::*;

#[test]
fn rounding_and_fitting_by_hand() {
    use reference::{fit, shift_right};
    // -6, -5, .. 6 quarters.
    let quarters = |rounding| {
        (-6..=6)
            .map(|v| shift_right(v, 2, rounding))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        quarters(Rounding::Floor),
        [-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1]
    );
    assert_eq!(
        quarters(Rounding::HalfUp),
        [-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2]
    );
    assert_eq!(
        quarters(Rounding::HalfEven),
        [-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2]
    );
    assert_eq!(
        [fit(7, 4, Overflow::Saturate), fit(8, 4, Overflow::Saturate)],
        [7, 7]
    );
    assert_eq!(
        [fit(-8, 4, Overflow::Wrap), fit(8, 4, Overflow::Wrap)],
        [-8, -8]
    );
    assert_eq!(
        [fit(-9, 4, Overflow::Wrap), fit(-9, 4, Overflow::Saturate)],
        [7, -8]
    );
}

#[test]
fn taps_become_codes() {
    let taps = [-0.11, 0.9, 0.3];
    assert_eq!(tap_fraction(&taps, 8), 7);
    assert_eq!(tap_fraction(&[1.0], 8), 6);
    assert_eq!(tap_fraction(&[0.0], 8), 0);
    assert_eq!(tap_fraction(&[], 8), 0);
    // The largest power of two that -32 holds in 8 bits, and the next.
    let most = 38f64.exp2();
    assert_eq!(tap_fraction(&[most], 8), -32);
    assert!(tap_codes(&[most], 8, -32).is_ok());
    // Where no fraction serves, the codes say why.
    let why = |taps: &[f64], bits| {
        let error = tap_codes(taps, bits, tap_fraction(taps, bits)).unwrap_err();
        error.to_string()
    };
    assert!(why(&[1.0, 2.0 * most], 8).starts_with("taps[1] is 5.49755813888e11, must lie"));
    assert!(why(&[1.0, 1e30], 8).starts_with("taps[1] is 1e30, must lie"));
    assert!(why(&[f64::NAN], 8).starts_with("taps[0] is NaN, must be"));
    assert!(why(&[1.0], 17).starts_with("tap_bits is 17, must lie"));
    assert_eq!(tap_codes(&taps, 8, 7).unwrap(), [-14, 115, 38]);
    let error = tap_codes(&[0.0, 1.0], 8, 7).unwrap_err().to_string();
    assert!(
        error.contains("taps[1] is 1") && error.contains("0.9921875"),
        "{error}"
    );
    assert!(tap_codes(&[f64::NAN], 8, 7).is_err());
    assert!(tap_codes(&[0.0], 17, 7).is_err());
}
