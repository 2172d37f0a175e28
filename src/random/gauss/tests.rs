//! Normal numbers at every level against the reference; splits; moments.

use proptest::prelude::*;

use super::*;

fn samples(level: Level, seed: u64, stream: u64, first: u64, n: usize) -> Vec<f32> {
    let noise = Gauss::new(seed, stream).with_level(level);
    assert_eq!(noise.level(), level);
    let mut out = vec![f32::NAN; n];
    noise.fill(first, &mut out);
    out
}

#[test]
fn samples_are_within_the_stated_error_of_the_reference() {
    for level in Level::all() {
        for (seed, first) in [(0, 0), (42, 3), (7, (1 << 34) - 1000)] {
            let mut worst = 0.0f64;
            for (i, z) in samples(level, seed, 5, first, 300_000)
                .into_iter()
                .enumerate()
            {
                let (exact, radius) = reference::sample(seed, 5, first + i as u64);
                worst = worst.max((f64::from(z) - exact).abs() / radius);
            }
            println!("{level}: largest error over radius {worst:.2e}");
            // Radius 2e-7, sine or cosine 2e-7, product 6e-8.
            assert!(worst < 5e-7, "{level}: {worst:e}");
        }
    }
}

#[test]
fn the_fma_levels_are_identical() {
    let fused: Vec<_> = Level::all().into_iter().filter(|l| l.is_fused()).collect();
    for level in &fused {
        let bits = |l: Level| -> Vec<u32> {
            let mut x = samples(l, 9, 1, 17, 1 << 20);
            Gauss::new(9, 2).with_level(l).add_scaled(5, 0.3, &mut x);
            x.into_iter().map(f32::to_bits).collect()
        };
        assert!(bits(*level) == bits(fused[0]), "{level}");
    }
}

#[test]
fn moments_are_those_of_the_normal_distribution() {
    let n = 1 << 22;
    for level in Level::all() {
        let z = samples(level, 11, 0, 0, n);
        let moment = |k: i32| {
            let sum: f64 = z.iter().map(|z| f64::from(*z).powi(k)).sum();
            sum / n as f64
        };
        let root = (n as f64).sqrt();
        // Five standard errors: Var(z) = 1, Var(z^2) = 2, Var(z^3) = 15, Var(z^4) = 96.
        for (k, expected, variance) in
            [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
        {
            let bound = 5.0 * f64::sqrt(variance) / root;
            let got = moment(k);
            assert!((got - expected).abs() < bound, "{level} moment {k}: {got}");
        }
    }
}

#[test]
fn streams_seeds_and_neighbours_are_uncorrelated() {
    let n = 1 << 20;
    let level = Level::best();
    let z = samples(level, 1, 0, 0, n + 64);
    let others = [
        samples(level, 1, 1, 0, n),
        samples(level, 2, 0, 0, n),
        samples(level, 1 << 32, 0, 0, n),
        samples(level, 1, 1 << 32, 0, n),
        z[1..].to_vec(),
        z[16..].to_vec(),
        z[64..].to_vec(),
    ];
    let bound = 5.0 / (n as f64).sqrt();
    for (k, other) in others.iter().enumerate() {
        let (mut plain, mut squares) = (0.0, 0.0);
        for (a, b) in z[..n].iter().zip(other) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            plain += a * b;
            squares += (a * a - 1.0) * (b * b - 1.0) / 2.0;
        }
        // Both products have variance 1 for independent normal numbers.
        let (plain, squares) = (plain / n as f64, squares / n as f64);
        assert!(
            plain.abs() < bound && squares.abs() < bound,
            "{k}: {plain} {squares}"
        );
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_samples(
        first in prop_oneof![0u64..200, (1u64 << 34) - 300..(1 << 34), u64::MAX - 200..=u64::MAX],
        cuts in prop::collection::vec(0usize..200, 0..8),
        sigma in 0.0f32..2.0,
    ) {
        for level in Level::all() {
            let noise = Gauss::new(3, 4).with_level(level);
            let n: usize = cuts.iter().sum();
            let start: Vec<f32> = (0..n).map(|i| (i as f32 * 0.1).sin()).collect();
            let (mut whole, mut parts) = (vec![0.0; n], vec![0.0; n]);
            let (mut added, mut added_parts) = (start.clone(), start);
            noise.fill(first, &mut whole);
            noise.add_scaled(first, sigma, &mut added);
            let mut at = 0;
            for cut in &cuts {
                let index = first.wrapping_add(at as u64);
                noise.fill(index, &mut parts[at..at + cut]);
                noise.add_scaled(index, sigma, &mut added_parts[at..at + cut]);
                at += cut;
            }
            prop_assert_eq!(&whole, &parts);
            prop_assert_eq!(&added, &added_parts);
            for (i, (z, y)) in whole.iter().zip(&added).enumerate() {
                let x = (i as f32 * 0.1).sin();
                let y_expected = if level.is_fused() { z.mul_add(sigma, x) } else { z * sigma + x };
                prop_assert_eq!(*y, y_expected);
            }
        }
    }
}
