//! From drive to current through all the parts: the small-signal limit.

use std::f64::consts::PI;

use num_complex::Complex64;
use rustfft::FftPlanner;

use super::detector::Detector;
use super::fiber::{Fiber, dispersion_response};
use super::modulator::{
    EmlConfig, LinearConfig, Modulator, ModulatorConfig, MzmConfig, OpticalPower,
};
use crate::simd::Level;

const N: usize = 512;

fn modulators(chirp: f64) -> [ModulatorConfig; 4] {
    let mzm = MzmConfig {
        chirp,
        ..MzmConfig::default()
    };
    [
        ModulatorConfig::Mzm(mzm),
        ModulatorConfig::Mzm(MzmConfig {
            bias_deg: 60.0,
            static_extinction_db: 20.0,
            power: OpticalPower::MaxPowerW(1e-3),
            ..mzm
        }),
        ModulatorConfig::Eml(EmlConfig {
            chirp,
            ..EmlConfig::default()
        }),
        ModulatorConfig::Linear(LinearConfig {
            mean_w: 1e-3,
            slope_w_per_v: 1e-3,
            chirp,
        }),
    ]
}

fn through(fiber: &Fiber, step_hz: f64, field: &mut [Complex64]) {
    let mut planner = FftPlanner::new();
    planner.plan_fft_forward(N).process(field);
    for (e, h) in field.iter_mut().zip(fiber.field_spectrum(step_hz, N)) {
        *e *= h / N as f64;
    }
    planner.plan_fft_inverse(N).process(field);
}

/// The part of a record at its first frequency, by phase against a sine.
fn first(x: impl Iterator<Item = f64>) -> f64 {
    x.enumerate()
        .map(|(i, x)| x * (2.0 * PI * i as f64 / N as f64).sin())
        .sum::<f64>()
        * 2.0
        / N as f64
}

fn drive(peak: f64) -> impl Iterator<Item = f64> {
    (0..N).map(move |i| peak * (2.0 * PI * i as f64 / N as f64).sin())
}

#[test]
fn field_and_square_law_give_the_small_signal_response_with_its_chirp() {
    // 10 km of standard fiber at 1550 nm: the first null of a chirp-free field at 19.2 GHz.
    let (lambda, dispersion) = (1550e-9, 170e-3);
    let fiber = Fiber::new(lambda, dispersion, 3.0).unwrap();
    for chirp in [-2.0, 0.0, 0.8, 3.0] {
        for config in modulators(chirp) {
            let plan = Modulator::new(&config).unwrap();
            for f in [1e9, 8e9, 15e9, 19e9, 24e9, 31e9] {
                let peak = 1e-4;
                let mut field: Vec<Complex64> = drive(peak).map(|v| plan.field_at(v)).collect();
                let sent = first(field.iter().map(Complex64::norm_sqr));
                through(&fiber, f, &mut field);
                let got = first(field.iter().map(Complex64::norm_sqr)) / sent;
                let want = 10f64.powf(-0.3) * dispersion_response(f, lambda, dispersion, chirp);
                // The next order is the square of a modulation index of about 1e-4.
                assert!((got - want).abs() < 1e-6, "{config:?} {f:e}: {got} {want}");
                assert!((fiber.power_at(f, chirp) - want).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn so_do_the_lanes() {
    let (lambda, dispersion) = (1310e-9, 30e-3);
    let fiber = Fiber::new(lambda, dispersion, 0.0).unwrap();
    for level in Level::all() {
        let detector = Detector::with_level(0.75, level).unwrap();
        for chirp in [0.0, 0.8] {
            for config in modulators(chirp) {
                let plan = Modulator::with_level(&config, level).unwrap();
                let v: Vec<f32> = drive(5e-3).map(|v| v as f32).collect();
                let (mut re, mut im) = (vec![0.0; N], vec![0.0; N]);
                plan.field(&v, &mut re, &mut im).unwrap();
                let field: Vec<Complex64> = re
                    .iter()
                    .zip(&im)
                    .map(|(re, im)| Complex64::new(f64::from(*re), f64::from(*im)))
                    .collect();
                for f in [20e9, 60e9] {
                    let mut far = field.clone();
                    through(&fiber, f, &mut far);
                    let re: Vec<f32> = far.iter().map(|e| e.re as f32).collect();
                    let im: Vec<f32> = far.iter().map(|e| e.im as f32).collect();
                    let mut current = vec![0.0; N];
                    detector.square_law(&re, &im, &mut current).unwrap();
                    let sent = 0.75 * plan.slope_at(0.0) * 5e-3;
                    let got = first(current.iter().map(|i| f64::from(*i))) / sent;
                    let want = dispersion_response(f, lambda, dispersion, chirp);
                    // Roundings of 1e-7 of the mean against an amplitude of 0.4 % of it: 0.01 dB is 1.2e-3.
                    assert!(
                        (got - want).abs() < 1e-3,
                        "{level} {config:?} {f:e}: {got} {want}"
                    );
                }
            }
        }
    }
}

#[test]
fn dispersion_keeps_the_energy_of_a_large_field() {
    // No closed form for a large drive behind the square law, but all-pass fiber moves power only in time.
    let fiber = Fiber::new(1550e-9, 170e-3, 0.0).unwrap();
    for config in modulators(1.5) {
        let plan = Modulator::new(&config).unwrap();
        let mut field: Vec<Complex64> = drive(0.9).map(|v| plan.field_at(v)).collect();
        let energy = |field: &[Complex64]| field.iter().map(Complex64::norm_sqr).sum::<f64>();
        let before = energy(&field);
        through(&fiber, 10e9, &mut field);
        assert!((energy(&field) / before - 1.0).abs() < 1e-12);
    }
}
