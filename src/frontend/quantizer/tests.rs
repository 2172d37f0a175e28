//! Kernel against reference at every level; edges.

use super::*;

#[test]
fn every_level_equals_the_reference_at_every_length() {
    for bits in 1..=MAX_BITS {
        for full_scale in [1.0, 0.3, 7.7e-4] {
            let config = QuantizerConfig { bits, full_scale };
            for n in (0..70).chain([3000]) {
                let x: Vec<f32> = (0..n)
                    .map(|i| ((f64::from(i) * 0.737).sin() * 1.2 * full_scale) as f32)
                    .collect();
                let mut first: Option<Vec<f32>> = None;
                for level in Level::all() {
                    let plan = Quantizer::with_level(&config, level).unwrap();
                    assert_eq!(plan.level(), level);
                    let mut y = x.clone();
                    let clipped = plan.apply(&mut y);
                    let mut codes = vec![0; x.len()];
                    plan.codes(&x, &mut codes).unwrap();
                    let mut again = vec![0; x.len()];
                    plan.codes(&y, &mut again).unwrap();
                    assert_eq!(codes, again, "codes of the outputs");
                    let beyond = x.iter().filter(|x| f64::from(x.abs()) > full_scale).count();
                    assert_eq!(clipped, beyond as u64);
                    for ((x, y), code) in x.iter().zip(&y).zip(&codes) {
                        let v = f64::from(*x) / config.step();
                        let exact = reference::code(f64::from(*x), bits, full_scale);
                        // A threshold may move by two roundings of the product.
                        let near = (v - v.round()).abs() < 1.5e-7 * v.abs();
                        let off = i32::from(*code) - exact;
                        assert!(off == 0 || (near && off.abs() == 1), "{level} {bits} {x}");
                        let value = plan.value(*code);
                        assert!((f64::from(*y) / value - 1.0).abs() < 1.2e-7);
                        if off == 0 {
                            assert!(
                                (value / reference::at(f64::from(*x), bits, full_scale) - 1.0)
                                    .abs()
                                    < 1e-12
                            );
                        }
                    }
                    assert_eq!(first.get_or_insert_with(|| y.clone()), &y, "{level}");
                }
            }
        }
    }
}

#[test]
fn thresholds_belong_to_the_upper_step_and_nan_is_the_lowest_code() {
    for level in Level::all() {
        let plan = Quantizer::with_level(
            &QuantizerConfig {
                bits: 4,
                full_scale: 8.0,
            },
            level,
        )
        .unwrap();
        let mut x: Vec<f32> = (-8..8).map(|k| k as f32).collect();
        let below: Vec<f32> = x.iter().map(|x| x.next_down()).collect();
        x.extend(below);
        x.extend([8.0, f32::INFINITY, -f32::INFINITY, f32::NAN, -0.0]);
        let mut codes = vec![0; x.len()];
        plan.codes(&x, &mut codes).unwrap();
        let mut expected: Vec<i16> = (-8..8).chain([-8]).chain(-8..7).collect();
        expected.extend([7, 7, -8, -8, 0]);
        assert_eq!(codes, expected, "{level}");
        // One just below -8, then 8, both infinities, NaN.
        assert_eq!(plan.apply(&mut x), 5);
        assert_eq!(x[..16], (-8..8).map(|k| k as f32 + 0.5).collect::<Vec<_>>());
        assert!(plan.codes(&x, &mut [0; 3]).is_err());
    }
}
