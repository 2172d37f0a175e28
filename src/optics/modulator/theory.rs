//! Large-signal closed forms, and the small-signal limit.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::reference::{linewidth_factor, two_arms};
use super::*;

fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "{got} for {want}");
}

fn mzm(v_pi_v: f64, bias_deg: f64, static_extinction_db: f64) -> Mzm {
    Mzm::new(&MzmConfig {
        v_pi_v,
        bias_deg,
        static_extinction_db,
        ..MzmConfig::default()
    })
    .unwrap()
}

#[test]
fn static_transfer_of_an_interferometer() {
    let m = mzm(4.0, 90.0, 20.0);
    let full = m.max_power_w();
    // Bright at half a half-wave voltage above quadrature, 20 dB below that at half below, the mean of the
    // two between, a period of two.
    close(m.power_at(2.0), full, 1e-15);
    close(m.power_at(-2.0), 0.01 * full, 1e-15);
    close(m.power_at(0.0), 0.505 * full, 1e-15);
    close(m.power_at(1.3 + 8.0), m.power_at(1.3), 1e-15);
    // The steepest slope of a sine: pi / V_pi times its amplitude.
    close(m.slope_at(0.0), full * 0.99 / 2.0 * PI / 4.0, 1e-15);
    // Bias of 60 degrees is a drive of V_pi / 6 short of quadrature.
    let low = mzm(4.0, 60.0, 20.0);
    close(low.power_at(4.0 / 6.0), m.power_at(0.0), 1e-15);
    close(low.power_at(0.0), full * (0.505 + 0.495 * (-0.5)), 1e-15);
}

#[test]
fn levels_of_a_sine_have_the_closed_forms_of_trigonometry() {
    for (drive, extinction_db) in [(0.4, 30.0), (2.0, 25.0), (3.0, 100.0), (4.0, 20.0)] {
        let v_pi = 4.0;
        let m = mzm(v_pi, 90.0, extinction_db);
        let levels = m.levels(drive);
        let (x, e) = (PI * drive / (2.0 * v_pi), 10f64.powf(-extinction_db / 10.0));
        let (mean, half) = (0.5 + e / 2.0, 0.5 - e / 2.0);
        close(levels.oma_w(), m.max_power_w() * (1.0 - e) * x.sin(), 1e-15);
        close(levels.mean_w(), m.max_power_w() * mean, 1e-15);
        let ratio = (mean + half * x.sin()) / (mean - half * x.sin());
        close(levels.extinction_ratio_db(), 10.0 * ratio.log10(), 1e-9);
        // Inner over outer, by the triple angle: sin(x/3) / sin x = 1 / (3 - 4 sin^2(x/3)), above a third,
        // so that R_LM = 2 - 3 ES.
        let s = (x / 3.0).sin();
        close(levels.r_lm(), 2.0 - 3.0 / (3.0 - 4.0 * s * s), 1e-12);
    }
    // A full swing, V_pi: inner levels at half of the outer ones, R_LM = 2 - 3/2.
    close(mzm(4.0, 90.0, 100.0).levels(4.0).r_lm(), 0.5, 1e-9);
    // R_LM = 0.95 lies at sin^2(x/3) = (3 - 3/1.05)/4: a swing of 36.3 % of V_pi.
    let s = ((3.0 - 3.0 / 1.05) / 4.0f64).sqrt();
    let swing = 6.0 * s.asin() / PI;
    close(swing, 0.363, 5e-4);
    close(mzm(4.0, 90.0, 30.0).levels(4.0 * swing).r_lm(), 0.95, 1e-12);
}

#[test]
fn the_half_wave_voltage_makes_the_extinction_ratio_at_every_bias() {
    for bias_deg in [20.0, 45.0, 70.0, 90.0, 110.0, 150.0] {
        for static_extinction_db in [15.0, 30.0] {
            let config = MzmConfig {
                bias_deg,
                static_extinction_db,
                ..MzmConfig::default()
            };
            let largest = match config.v_pi_for_extinction(2.0, 99.0).unwrap_err() {
                crate::Error::OutOfRange { max, .. } => max,
                other => panic!("{other}"),
            };
            for wanted in [1e-3, 0.5, 3.0, 4.5, largest] {
                if wanted > largest {
                    assert!(config.v_pi_for_extinction(2.0, wanted).is_err());
                    continue;
                }
                let v_pi_v = config.v_pi_for_extinction(2.0, wanted).unwrap();
                let m = Mzm::new(&MzmConfig { v_pi_v, ..config }).unwrap();
                let got = m.levels(2.0).extinction_ratio_db();
                // At the end of the branch the slope vanishes at one level.
                close(got, wanted, 1e-6);
                let rises = (-50..=50).all(|i| m.slope_at(f64::from(i) * 0.02) > -1e-9);
                assert!(rises, "off the rising branch: {bias_deg} {wanted}");
            }
        }
    }
    // At quadrature the largest is the static one, at a drive of V_pi.
    let config = MzmConfig::default();
    close(config.v_pi_for_extinction(2.0, 30.0).unwrap(), 2.0, 1e-3);
}

#[test]
fn the_wanted_amplitude_is_made() {
    let power = OpticalPower::OuterOma {
        oma_w: 1.26e-3,
        drive_vpp: 1.5,
    };
    let m = Mzm::new(&MzmConfig {
        power,
        ..MzmConfig::default()
    });
    close(m.unwrap().levels(1.5).oma_w(), 1.26e-3, 1e-15);
    let e = Eml::new(&EmlConfig {
        power,
        ..EmlConfig::default()
    });
    close(e.unwrap().levels(1.5).oma_w(), 1.26e-3, 1e-15);
}

#[test]
fn every_kind_makes_the_outer_levels_asked_for() {
    let wanted = OpticalLevels::new(1.0, 4.5).unwrap();
    let line = LinearConfig {
        mean_w: 1.0,
        slope_w_per_v: 1.0,
        chirp: 0.2,
    };
    for config in [
        ModulatorConfig::Linear(line),
        ModulatorConfig::Mzm(MzmConfig::default()),
        ModulatorConfig::Mzm(MzmConfig {
            bias_deg: 75.0,
            ..MzmConfig::default()
        }),
        ModulatorConfig::Eml(EmlConfig::default()),
    ] {
        let config = config.making(&wanted, 1.7).unwrap();
        let plan = Modulator::new(&config).unwrap();
        let levels = plan.levels(1.7);
        close(levels.oma_w(), wanted.oma_w, 1e-14);
        close(levels.extinction_ratio_db(), 4.5, 1e-9);
        for (unit, slope) in [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0]
            .into_iter()
            .zip(plan.slopes(1.7))
        {
            assert_eq!(slope, plan.slope_at(0.85 * unit));
        }
        assert!(config.making(&wanted, f64::NAN).is_err());
        assert!(config.making(&wanted, 0.0).is_err());
    }
}

#[test]
fn levels_of_an_absorber_have_the_closed_forms_of_exponentials() {
    // Order one: the levels are a geometric series of ratio exp(drive / (3 V0)).
    let config = EmlConfig {
        order: 1.0,
        v0_v: 2.0,
        reverse_bias_v: 1.0,
        ..EmlConfig::default()
    };
    let e = Eml::new(&config).unwrap();
    let q = (1.2f64 / 6.0).exp();
    let levels = e.levels(1.2);
    for (i, p) in levels.0.iter().enumerate() {
        close(*p, 4e-3 * (-0.8f64).exp() * q.powi(i as i32), 1e-15);
    }
    close(levels.extinction_ratio_db(), 30.0 * q.log10(), 1e-9);
    // P1 lies (q - 1) above P0 of q^3 - 1, so ES1 = 1 - 2/(1 + q + q^2); the inner levels sink.
    let es2 = 2.0 * (q + 1.0) / (1.0 + q + q * q) - 1.0;
    close(levels.r_lm(), 3.0 * es2, 1e-12);
    // Any order: the power is 1/e at V0, and steepest where the closed form says.
    for order in [1.5, 2.5, 4.0] {
        let config = EmlConfig {
            order,
            reverse_bias_v: 1.8,
            ..EmlConfig::default()
        };
        let e = Eml::new(&config).unwrap();
        close(e.power_at(0.0), 4e-3 * (-1f64).exp(), 1e-15);
        let best = config.reverse_bias_v - config.steepest_bias_v();
        for away in [-0.01, 0.01] {
            assert!(e.slope_at(best) > e.slope_at(best + away), "{order}");
        }
        let v0_v = config.v0_for_extinction(1.0, 6.0).unwrap();
        let e = Eml::new(&EmlConfig { v0_v, ..config }).unwrap();
        close(e.levels(1.0).extinction_ratio_db(), 6.0, 1e-9);
    }
}

#[test]
fn slopes_are_the_derivatives_of_the_power() {
    let plans = [
        Modulator::new(&ModulatorConfig::Mzm(MzmConfig {
            bias_deg: 75.0,
            static_extinction_db: 15.0,
            ..MzmConfig::default()
        })),
        Modulator::new(&ModulatorConfig::Eml(EmlConfig::default())),
        Modulator::new(&ModulatorConfig::Linear(LinearConfig {
            mean_w: 1e-3,
            slope_w_per_v: 2e-4,
            chirp: 0.0,
        })),
    ];
    for plan in plans.map(Result::unwrap) {
        for i in -12..=12 {
            let (v, h) = (f64::from(i) * 0.1, 1e-5);
            let difference = (plan.power_at(v + h) - plan.power_at(v - h)) / (2.0 * h);
            // Central differences of step h: h^2 times a third derivative of a few mW/V^3, and 1e-16 / h
            // of rounding.
            close(plan.slope_at(v), difference, 2e-12);
        }
    }
}

#[test]
fn the_linewidth_factor_at_the_bias_is_the_one_asked_for() {
    for chirp in [-2.0, 0.0, 0.7] {
        for bias_deg in [30.0, 90.0, 140.0] {
            for static_extinction_db in [10.0, 30.0, 100.0] {
                let m = Mzm::new(&MzmConfig {
                    bias_deg,
                    static_extinction_db,
                    chirp,
                    ..MzmConfig::default()
                })
                .unwrap();
                // Differences of step 1e-4 V: 1e-8 of second order, times a few.
                let got = linewidth_factor(|v| m.field_at(v), 0.0, 1e-4);
                close(got, chirp, 1e-6 * (1.0 + chirp.abs()));
            }
        }
        let e = Eml::new(&EmlConfig {
            chirp,
            ..EmlConfig::default()
        })
        .unwrap();
        for v in [-0.5, 0.0, 0.4] {
            close(linewidth_factor(|v| e.field_at(v), v, 1e-4), chirp, 1e-9);
        }
    }
    // Unequal arms and nothing else, at quadrature: 2 r / (1 - r^2), r = 0.1 at 20 dB.
    let arms = |v: f64| two_arms(v, 4.0, 90.0, 20.0, 0.0);
    close(linewidth_factor(arms, 0.0, 1e-4), 0.2 / 0.99, 1e-7);
    // Drive in one arm alone: shared = 1, a linewidth factor of one at quadrature (Koyama and Iga).
    let one = |v: f64| two_arms(v, 4.0, 90.0, 200.0, 1.0);
    close(linewidth_factor(one, 0.0, 1e-4), 1.0, 1e-7);
}

#[test]
fn small_drives_see_the_tangent() {
    let configs = [
        ModulatorConfig::Mzm(MzmConfig {
            bias_deg: 80.0,
            chirp: 0.4,
            ..MzmConfig::default()
        }),
        ModulatorConfig::Eml(EmlConfig::default()),
    ];
    for config in configs {
        let plan = Modulator::new(&config).unwrap();
        let line = Modulator::Linear(plan.linearized().unwrap());
        let ratio = |drive: f64| plan.levels(drive).oma_w() / line.levels(drive).oma_w();
        // The difference falls with the square of the drive: within 0.1 dB (2.3 %) at a tenth of V_pi,
        // 1e-4 at hundredths of a volt, 1e-6 at thousandths.
        assert!((ratio(0.4) - 1.0).abs() < 0.023, "{}", ratio(0.4));
        assert!((ratio(0.02) - 1.0).abs() < 1e-4, "{}", ratio(0.02));
        assert!((ratio(0.002) - 1.0).abs() < 1e-6, "{}", ratio(0.002));
        assert!((plan.levels(0.002).r_lm() - 1.0).abs() < 1e-3);
        // The fields too, phase included, to the second order of the drive.
        let turn = (plan.field_at(0.0) / line.field_at(0.0)).arg();
        let still = Complex64::cis(-turn);
        for v in [-1e-3, 1e-3] {
            let difference = plan.field_at(v) * still - line.field_at(v);
            assert!(difference.norm() < 1e-6 * line.field_at(v).norm());
        }
    }
}

/// Bessel function of the first kind, by its power series.
fn bessel(n: i32, x: f64) -> f64 {
    let mut term = (1..=n).fold(1.0, |t, k| t * x / 2.0 / f64::from(k));
    let mut sum = term;
    for k in 1..60 {
        term *= -x * x / 4.0 / (f64::from(k) * f64::from(k + n));
        sum += term;
    }
    sum
}

#[test]
fn harmonics_of_a_sine_drive_are_bessel_functions() {
    // Abramowitz and Stegun, table 9.1: J0(1), J1(1), J2(1).
    close(bessel(0, 1.0), 0.765_197_686_557_966_6, 1e-15);
    close(bessel(1, 1.0), 0.440_050_585_744_933_5, 1e-15);
    close(bessel(2, 1.0), 0.114_903_484_931_900_5, 1e-15);
    let n = 256;
    let (v_pi, extinction_db) = (3.0, 25.0);
    let e = 10f64.powf(-extinction_db / 10.0);
    for bias_deg in [90.0, 60.0] {
        for peak in [0.1, 1.0, 2.5] {
            let config = MzmConfig {
                v_pi_v: v_pi,
                bias_deg,
                static_extinction_db: extinction_db,
                ..MzmConfig::default()
            };
            let angle = |i: usize| 2.0 * PI * i as f64 / n as f64;
            let v: Vec<f32> = (0..n).map(|i| (peak * angle(i).sin()) as f32).collect();
            let (beta, offset) = (PI * peak / v_pi, (bias_deg - 90.0).to_radians());
            for level in Level::all() {
                let m = Mzm::with_level(&config, level).unwrap();
                let mut p = vec![0.0; n];
                m.power(&v, &mut p).unwrap();
                for k in 0..8 {
                    // sin(offset + beta sin t): even harmonics by the sine of the offset, odd ones by
                    // its cosine (Jacobi and Anger).
                    let j = bessel(k, beta) * if k == 0 { 1.0 } else { 2.0 };
                    let sine = if k % 2 == 0 {
                        j * offset.sin()
                    } else {
                        j * offset.cos()
                    };
                    let mut want = m.max_power_w() * (1.0 - e) / 2.0 * sine;
                    if k == 0 {
                        want += m.max_power_w() * (1.0 + e) / 2.0;
                    }
                    let basis = |i: usize| {
                        let t = angle(i) * f64::from(k);
                        if k % 2 == 0 { t.cos() } else { t.sin() }
                    };
                    let sum: f64 = (0..n).map(|i| f64::from(p[i]) * basis(i)).sum();
                    let got = sum / n as f64 * if k == 0 { 1.0 } else { 2.0 };
                    // Lanes are within 1e-6 of full power; the eighth and higher alias below that.
                    close(got, want, 1e-6 * m.max_power_w());
                }
            }
        }
    }
}
