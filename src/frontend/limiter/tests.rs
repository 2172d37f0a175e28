//! Kernel against reference; closed forms of Rapp's curve.

use super::*;

const BOTH: [Smoothness; 2] = [Smoothness::One, Smoothness::Two];

fn limiter(limit: f64, smoothness: Smoothness, level: Level) -> Limiter {
    Limiter::with_level(&LimiterConfig { limit, smoothness }, level).unwrap()
}

#[test]
fn every_level_gives_the_reference_and_the_same_bits_at_every_length() {
    for smoothness in BOTH {
        for limit in [1e-4, 0.37, 1.0, 250.0] {
            for n in (0..70).chain([1000]) {
                let x: Vec<f32> = (0..n)
                    .map(|i| {
                        let size = 10f64.powf((f64::from(i) * 0.77).sin() * 4.0);
                        ((f64::from(i) * 2.1).cos() * limit * size) as f32
                    })
                    .collect();
                let mut first: Option<Vec<u32>> = None;
                for level in Level::all() {
                    let plan = limiter(limit, smoothness, level);
                    assert_eq!(plan.level(), level);
                    let mut y = x.clone();
                    plan.apply(&mut y);
                    for (x, y) in x.iter().zip(&y) {
                        let exact =
                            reference::at(f64::from(*x), f64::from(limit as f32), smoothness);
                        // Nine roundings of 6e-8 on the way (inverse, product, root, three in the last
                        // step of Newton, two products), not all in one direction.
                        let error = (f64::from(*y) / exact - 1.0).abs();
                        assert!(*x == 0.0 || error < 5e-7, "{level} {x} {y} {error:e}");
                    }
                    let bits: Vec<u32> = y.iter().map(|y| y.to_bits()).collect();
                    assert_eq!(first.get_or_insert_with(|| bits.clone()), &bits, "{level}");
                }
            }
        }
    }
}

#[test]
fn odd_bounded_monotonic_and_safe() {
    for smoothness in BOTH {
        for level in Level::all() {
            let plan = limiter(0.5, smoothness, level);
            let up: Vec<f32> = (0..40_000).map(|i| 1e-3 * 1.0005f32.powi(i)).collect();
            let (mut y, mut down) = (up.clone(), up.iter().map(|x| -x).collect::<Vec<_>>());
            plan.apply(&mut y);
            plan.apply(&mut down);
            let mut largest = 0.0f32;
            for (a, b) in y.iter().zip(&down) {
                assert_eq!(a.to_bits(), (-b).to_bits());
                // Monotonic within the stated error, bounded within it.
                assert!(
                    *a >= largest * (1.0 - 5e-7) && *a <= 0.5 * (1.0 + 5e-7),
                    "{a}"
                );
                largest = largest.max(*a);
            }
            let mut odd = [
                f32::NAN,
                f32::INFINITY,
                -f32::INFINITY,
                f32::MAX,
                0.0,
                -0.0,
                1e-40,
            ];
            plan.apply(&mut odd);
            assert!(odd[0].is_nan());
            for (y, limit) in odd[1..4].iter().zip([0.5f32, -0.5, 0.5]) {
                assert!((y / limit - 1.0).abs() < 5e-7, "{odd:?}");
            }
            assert_eq!(odd[4].to_bits(), 0.0f32.to_bits());
            assert_eq!(odd[5].to_bits(), (-0.0f32).to_bits());
        }
    }
}

#[test]
fn compression_point_is_its_closed_form() {
    // p = 1: 1/sqrt(1 + u^2) = 10^(-1/20), u = sqrt(10^0.1 - 1) = 0.50885; p = 2: (10^0.2 - 1)^(1/4) = 0.87452.
    for (smoothness, ratio) in [(Smoothness::One, 0.50885), (Smoothness::Two, 0.87452)] {
        let plan = limiter(2.0, smoothness, Level::best());
        assert!((plan.p1db() / 2.0 - ratio).abs() < 1e-5, "{}", plan.p1db());
        let gain_db = 20.0 * (plan.at(plan.p1db()) / plan.p1db()).log10();
        assert!((gain_db + 1.0).abs() < 1e-12);
        let back = LimiterConfig::from_p1db(plan.p1db(), smoothness).unwrap();
        assert!((back.limit - 2.0).abs() < 1e-12);
        let sine = LimiterConfig::from_sine_p1db(0.7, smoothness).unwrap();
        let (gain, _) = Limiter::new(&sine).unwrap().sine(0.7);
        assert!((20.0 * gain.log10() + 1.0).abs() < 1e-9);
        assert!(
            sine.limit < 0.7 / ratio,
            "a sine is compressed less than its peak"
        );
    }
}

#[test]
fn slope_and_inverse_belong_to_the_curve() {
    for smoothness in BOTH {
        let plan = limiter(0.3, smoothness, Level::best());
        assert_eq!(plan.slope_at(0.0), 1.0);
        for x in [-1.0, -0.2, 0.01, 0.15, 0.3, 0.9] {
            // Central difference: third derivative over limit^2 times h^2/6 is below 1e-8.
            let h = 1e-5;
            let difference = (plan.at(x + h) - plan.at(x - h)) / (2.0 * h);
            assert!((plan.slope_at(x) - difference).abs() < 1e-7, "{x}");
            assert!((plan.inverse(plan.at(x)) / x - 1.0).abs() < 1e-9, "{x}");
        }
        assert_eq!(plan.inverse(0.3), f64::INFINITY);
        assert_eq!(plan.inverse(-4.0), -f64::INFINITY);
    }
}

#[test]
fn small_swings_have_the_harmonics_of_the_power_series() {
    // p = 1: y = x - x^3/2, so HD3 = u^2/8. p = 2: y = x - x^5/4: the third harmonic has 5/64 u^4, the fifth
    // 1/64 u^4, together sqrt(26)/64 u^4. The next terms are larger by u^2 and u^4.
    let u: f64 = 0.02;
    let (_, one) = limiter(1.0, Smoothness::One, Level::best()).sine(u);
    assert!((one / (u * u / 8.0) - 1.0).abs() < 2.0 * u * u, "{one:e}");
    let u = 0.1;
    let (_, two) = limiter(1.0, Smoothness::Two, Level::best()).sine(u);
    let series = 26f64.sqrt() / 64.0 * u.powi(4);
    assert!((two / series - 1.0).abs() < 2.0 * u.powi(4), "{two:e}");
}

#[test]
fn gain_of_a_large_sine_is_the_elliptic_integral() {
    // p = 1: fundamental = 4/(pi u) (E(-u^2) - K(-u^2)) / 1, gain = that over u; K and E by the mean of
    // Gauss, with sqrt(1 + u^2) as first second mean.
    for u in [0.1f64, 0.5, 1.0, 3.0] {
        let (mut a, mut b, mut sum, mut power) = (1.0, (1.0 + u * u).sqrt(), -0.5 * u * u, 0.5);
        for _ in 0..8 {
            let c: f64 = 0.5 * (a - b);
            (a, b) = (0.5 * (a + b), (a * b).sqrt());
            power *= 2.0;
            sum += power * c * c;
        }
        let k = std::f64::consts::FRAC_PI_2 / a;
        let e = k * (1.0 - sum);
        let gain = 4.0 / std::f64::consts::PI * (e - k) / (u * u);
        let (found, _) = limiter(1.0, Smoothness::One, Level::best()).sine(u);
        assert!((found / gain - 1.0).abs() < 1e-12, "{u}: {found} {gain}");
    }
}

#[test]
fn a_limit_from_distortion_gives_that_distortion() {
    for smoothness in BOTH {
        for thd in [1e-6, 0.001, 0.05, MAX_THD] {
            let config = LimiterConfig::from_thd(thd, 0.25, smoothness).unwrap();
            let (_, found) = Limiter::new(&config).unwrap().sine(0.25);
            assert!((found / thd - 1.0).abs() < 1e-6, "{thd} {found}");
        }
    }
    let text = LimiterConfig::from_thd(0.6, 1.0, Smoothness::One).unwrap_err();
    assert_eq!(
        text.to_string(),
        "limiter thd is 0.6, must lie between 1e-6 and 0.4"
    );
}

#[test]
fn senseless_limits_are_refused() {
    for limit in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e30] {
        let config = LimiterConfig {
            limit,
            ..LimiterConfig::default()
        };
        assert!(Limiter::new(&config).is_err(), "{limit}");
    }
    for amplitude in [0.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX] {
        for smoothness in BOTH {
            assert!(LimiterConfig::from_p1db(amplitude, smoothness).is_err());
            assert!(LimiterConfig::from_sine_p1db(amplitude, smoothness).is_err());
            assert!(LimiterConfig::from_thd(0.01, amplitude, smoothness).is_err());
        }
    }
}
