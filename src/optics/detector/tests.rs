//! Kernels against scalar code at every level, at every length.

use super::*;

fn signal(n: usize, step: f32) -> Vec<f32> {
    (0..n)
        .map(|i| (i as f32 * step + 0.3).sin() * 0.05)
        .collect()
}

#[test]
fn every_level_equals_scalar_code_at_every_length() {
    for level in Level::all() {
        let detector = Detector::with_level(0.75, level).unwrap();
        for n in 0..70 {
            let (re, im) = (signal(n, 0.7), signal(n, 1.9));
            let mut out = vec![f32::NAN; n];
            detector.square_law(&re, &im, &mut out).unwrap();
            let mut place = re.clone();
            detector.square_law_in_place(&mut place, &im).unwrap();
            let mut current = re.clone();
            detector.current(&mut current);
            for i in 0..n {
                assert_eq!(
                    out[i],
                    (re[i] * re[i] + im[i] * im[i]) * 0.75,
                    "{level} {i}/{n}"
                );
                assert_eq!(place[i], out[i], "{level} {i}/{n}");
                assert_eq!(current[i], re[i] * 0.75, "{level} {i}/{n}");
            }
        }
    }
}

#[test]
fn the_current_of_a_field_is_that_of_its_power() {
    // A field of any phase: 2 mW at 0.8 A/W are 1.6 mA.
    let detector = Detector::new(0.8).unwrap();
    let phase = |i: usize| i as f64 * 0.1;
    let part = |f: fn(f64) -> f64| -> Vec<f32> {
        (0..100)
            .map(|i| (2e-3f64.sqrt() * f(phase(i))) as f32)
            .collect()
    };
    let (re, im) = (part(f64::cos), part(f64::sin));
    let mut out = vec![0.0; 100];
    detector.square_law(&re, &im, &mut out).unwrap();
    // Roundings of two squares: a few parts in 1e7.
    assert!(
        out.iter().all(|i| (i / 1.6e-3 - 1.0).abs() < 4e-7),
        "{out:?}"
    );
}

#[test]
fn wrong_lengths_and_responsivities_are_errors() {
    let detector = Detector::new(0.75).unwrap();
    let mut out = [7.0; 3];
    assert!(detector.square_law(&[0.0; 3], &[0.0; 2], &mut out).is_err());
    assert!(detector.square_law(&[0.0; 4], &[0.0; 4], &mut out).is_err());
    assert!(detector.square_law_in_place(&mut out, &[0.0; 4]).is_err());
    assert_eq!(out, [7.0; 3]);
    for bad in [0.0, -0.5, 2.0, f64::NAN, f64::INFINITY] {
        assert!(Detector::new(bad).is_err(), "{bad}");
    }
}
