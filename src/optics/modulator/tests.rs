//! Kernels against `f64` at every level, lengths and splits, bad input.

use num_complex::Complex64;

use super::reference::{absorbed, two_arms};
use super::*;

/// Curves of each kind, with the voltage of their largest drive.
fn curves() -> Vec<(ModulatorConfig, f32)> {
    let mut all = Vec::new();
    for (bias_deg, static_extinction_db, chirp) in [
        (90.0, 30.0, 0.0),
        (60.0, 20.0, 0.7),
        (130.0, 100.0, -1.3),
        (5.0, 12.0, 4.0),
    ] {
        let config = MzmConfig {
            v_pi_v: 3.0,
            bias_deg,
            static_extinction_db,
            chirp,
            power: OpticalPower::MaxPowerW(2.7e-3),
        };
        all.push((ModulatorConfig::Mzm(config), 6.0));
    }
    for (order, reverse_bias_v, chirp) in [(1.0, 1.0, 0.0), (2.5, 1.3, 0.5), (6.0, 0.8, -5.0)] {
        let config = EmlConfig {
            order,
            reverse_bias_v,
            chirp,
            ..EmlConfig::default()
        };
        all.push((ModulatorConfig::Eml(config), 3.0));
    }
    for (slope_w_per_v, chirp) in [(1e-3, 0.0), (-0.4e-3, 5.0)] {
        let config = LinearConfig {
            mean_w: 1.2e-3,
            slope_w_per_v,
            chirp,
        };
        all.push((ModulatorConfig::Linear(config), 1.1));
    }
    all
}

fn drive(n: usize, peak: f32) -> Vec<f32> {
    (0..n)
        .map(|i| peak * (i as f32 * 0.618_034 + 0.1).sin())
        .collect()
}

fn field(plan: &Modulator, v: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (mut re, mut im) = (vec![0.0; v.len()], vec![0.0; v.len()]);
    plan.field(v, &mut re, &mut im).unwrap();
    (re, im)
}

fn power(plan: &Modulator, v: &[f32]) -> Vec<f32> {
    let mut p = vec![0.0; v.len()];
    plan.power(v, &mut p).unwrap();
    p
}

/// Allowed error of power and field, over full power and its root: those of the numeric contracts.
fn contract(config: &ModulatorConfig) -> (f64, f64) {
    match config {
        ModulatorConfig::Mzm(_) => (1e-6, 1e-6),
        ModulatorConfig::Eml(_) => (1e-6, 3e-6),
        // One or two roundings of the largest power, twice the mean here.
        ModulatorConfig::Linear(_) => (3e-7, 1e-6),
    }
}

fn full_power(plan: &Modulator) -> f64 {
    match plan {
        Modulator::Linear(l) => l.config().mean_w,
        Modulator::Mzm(m) => m.max_power_w(),
        Modulator::Eml(e) => e.max_power_w(),
    }
}

#[test]
fn kernels_keep_their_contract_at_every_level() {
    for (config, peak) in curves() {
        let (most_power, most_field) = contract(&config);
        for level in Level::all() {
            let plan = Modulator::with_level(&config, level).unwrap();
            assert_eq!(plan.level(), level);
            let v = drive(20_011, peak);
            let (p, (re, im)) = (power(&plan, &v), field(&plan, &v));
            let full = full_power(&plan);
            let mut worst = [0.0f64; 2];
            for i in 0..v.len() {
                let v = f64::from(v[i]);
                let e = Complex64::new(f64::from(re[i]), f64::from(im[i]));
                worst[0] = worst[0].max((f64::from(p[i]) - plan.power_at(v)).abs() / full);
                // The phase of the straight line runs away where its power ends.
                let dark = matches!(plan, Modulator::Linear(_)) && plan.power_at(v) < 1e-3 * full;
                if !dark {
                    worst[1] = worst[1].max((e - plan.field_at(v)).norm() / full.sqrt());
                }
            }
            println!(
                "{level}: {config:?}: power {:.1e}, field {:.1e}",
                worst[0], worst[1]
            );
            assert!(worst[0] <= most_power, "{level} {config:?}: {worst:?}");
            assert!(worst[1] <= most_field, "{level} {config:?}: {worst:?}");
        }
    }
}

#[test]
fn every_length_and_every_split_gives_the_same_bits() {
    for (config, peak) in curves() {
        for level in Level::all() {
            let plan = Modulator::with_level(&config, level).unwrap();
            let v = drive(70, peak);
            let (p, (re, im)) = (power(&plan, &v), field(&plan, &v));
            for n in 0..70 {
                assert_eq!(power(&plan, &v[..n]), p[..n], "{level} {config:?} {n}");
                assert_eq!(power(&plan, &v[n..]), p[n..], "{level} {config:?} {n}");
                let (a, b) = field(&plan, &v[..n]);
                assert_eq!((&a[..], &b[..]), (&re[..n], &im[..n]), "{level} {config:?}");
                let (a, b) = field(&plan, &v[n..]);
                assert_eq!((&a[..], &b[..]), (&re[n..], &im[n..]), "{level} {config:?}");
            }
        }
    }
}

#[test]
fn the_fused_levels_agree_bit_for_bit() {
    for (config, peak) in curves() {
        let v = drive(1000, peak);
        let mut first = None;
        for level in Level::all().into_iter().filter(|l| l.is_fused()) {
            let plan = Modulator::with_level(&config, level).unwrap();
            let now = (power(&plan, &v), field(&plan, &v));
            assert_eq!(
                first.get_or_insert_with(|| now.clone()),
                &now,
                "{level} {config:?}"
            );
        }
    }
}

#[test]
fn the_plan_agrees_with_two_arms_and_with_absorption_along_the_way() {
    for (config, peak) in curves() {
        let plan = Modulator::new(&config).unwrap();
        for v in drive(501, peak) {
            let v = f64::from(v);
            let (e, p) = (plan.field_at(v), plan.power_at(v));
            // f64 throughout: a few roundings.
            assert!((e.norm_sqr() - p.max(0.0)).abs() <= 1e-14 * full_power(&plan));
            match (&config, &plan) {
                (ModulatorConfig::Mzm(c), Modulator::Mzm(mzm)) => {
                    let k = mzm.shared_drive();
                    let arms = two_arms(v, c.v_pi_v, c.bias_deg, c.static_extinction_db, k);
                    let error = e - arms * mzm.max_power_w().sqrt();
                    assert!(error.norm() < 1e-14, "{config:?} {v}: {error}");
                }
                (ModulatorConfig::Eml(c), Modulator::Eml(eml)) => {
                    let u = c.reverse_bias_v - v;
                    let along = absorbed(u, c.v0_v, c.order, c.chirp, 20_000);
                    // The steps of the integration: 20000 of fourth order. Beyond a hundred nepers
                    // (-43 dB per decade of power, dark) they are too coarse.
                    if eml.power_at(v) > 1e-12 * eml.max_power_w() {
                        let error = (e - along * eml.max_power_w().sqrt()).norm();
                        assert!(error < 1e-11, "{config:?} {v}: {error:e}");
                    }
                }
                _ => assert!((p - (1.2e-3 + plan.slope_at(0.0) * v)).abs() < 1e-18),
            }
        }
    }
}

#[test]
fn what_is_no_number_stays_visible_and_what_is_huge_stays_bounded() {
    for (config, _) in curves() {
        for level in Level::all() {
            let plan = Modulator::with_level(&config, level).unwrap();
            let v = [
                f32::NAN,
                f32::INFINITY,
                f32::NEG_INFINITY,
                1e30,
                -1e30,
                f32::MAX,
                0.0,
            ];
            let (p, (re, im)) = (power(&plan, &v), field(&plan, &v));
            assert!(
                p[0].is_nan() && re[0].is_nan() && im[0].is_nan(),
                "{level} {config:?}"
            );
            assert!(
                re[1..3].iter().chain(&im[1..3]).all(|x| x.is_nan()),
                "{level} {config:?}"
            );
            if !matches!(plan, Modulator::Linear(_)) {
                let full = full_power(&plan) as f32 * 1.000_001;
                assert!(p[1].is_nan() && p[2].is_nan());
                for i in 3..7 {
                    assert!((0.0..=full).contains(&p[i]), "{level} {config:?}: {}", p[i]);
                    let e = re[i] * re[i] + im[i] * im[i];
                    assert!((0.0..=full).contains(&e), "{level} {config:?}: {e}");
                }
            }
        }
    }
}

#[test]
fn the_dark_of_an_interferometer_keeps_its_floor() {
    for static_extinction_db in [20.0, 60.0, 100.0] {
        let config = MzmConfig {
            static_extinction_db,
            ..MzmConfig::default()
        };
        for level in Level::all() {
            let plan = Mzm::with_level(&config, level).unwrap();
            let v: Vec<f32> = (-3000..3000).map(|i| -2.0 + i as f32 * 1e-6).collect();
            let mut p = vec![0.0; v.len()];
            plan.power(&v, &mut p).unwrap();
            let floor = (plan.max_power_w() * 10f64.powf(-static_extinction_db / 10.0)) as f32;
            let least = p.iter().copied().fold(f32::INFINITY, f32::min);
            assert!(least >= floor * 0.999_999, "{level}");
            // The drive passes within 1e-6 V of the dark: (pi/2 1e-6 / 4)^2 of full power at most.
            assert!(
                f64::from(least - floor) < 2e-13 * plan.max_power_w() + 1e-6 * f64::from(floor)
            );
        }
    }
}

#[test]
fn wrong_lengths_and_settings_are_errors_and_change_nothing() {
    for (config, _) in curves() {
        let plan = Modulator::new(&config).unwrap();
        let (mut a, mut b) = ([7.0; 3], [7.0; 4]);
        assert!(plan.power(&[0.0; 4], &mut a).is_err());
        assert!(plan.field(&[0.0; 4], &mut b, &mut a).is_err());
        assert!(plan.field(&[0.0; 3], &mut b, &mut a).is_err());
        assert_eq!((a, b), ([7.0; 3], [7.0; 4]));
    }
    let mzm = MzmConfig::default();
    let eml = EmlConfig::default();
    let line = LinearConfig {
        mean_w: 1e-3,
        slope_w_per_v: 1e-3,
        chirp: 0.0,
    };
    for odd in [f64::NAN, f64::INFINITY, -1e300, 1e300, -1.0] {
        for bad in [
            MzmConfig { v_pi_v: odd, ..mzm },
            MzmConfig {
                bias_deg: odd,
                ..mzm
            },
            MzmConfig {
                static_extinction_db: odd,
                ..mzm
            },
            MzmConfig {
                power: OpticalPower::MaxPowerW(odd),
                ..mzm
            },
            MzmConfig {
                power: OpticalPower::OuterOma {
                    oma_w: odd,
                    drive_vpp: 1.0,
                },
                ..mzm
            },
            MzmConfig {
                power: OpticalPower::OuterOma {
                    oma_w: 1.0,
                    drive_vpp: odd,
                },
                ..mzm
            },
        ] {
            // A huge drive wraps around the curve to some amplitude or none: no panic is all it owes.
            let wraps =
                matches!(bad.power, OpticalPower::OuterOma { drive_vpp, .. } if drive_vpp == 1e300);
            assert!(Mzm::new(&bad).is_err() || wraps, "{bad:?}");
        }
        for bad in [
            EmlConfig { v0_v: odd, ..eml },
            EmlConfig { order: odd, ..eml },
            EmlConfig {
                reverse_bias_v: odd,
                ..eml
            },
            EmlConfig {
                power: OpticalPower::MaxPowerW(odd),
                ..eml
            },
        ] {
            assert!(Eml::new(&bad).is_err(), "{bad:?}");
        }
        assert!(
            Linear::new(&LinearConfig {
                mean_w: odd,
                ..line
            })
            .is_err()
        );
        if odd != -1.0 {
            assert!(Mzm::new(&MzmConfig { chirp: odd, ..mzm }).is_err());
            assert!(Eml::new(&EmlConfig { chirp: odd, ..eml }).is_err());
            assert!(Linear::new(&LinearConfig { chirp: odd, ..line }).is_err());
            assert!(
                Linear::new(&LinearConfig {
                    slope_w_per_v: odd,
                    ..line
                })
                .is_err()
            );
        }
        // An infinite ratio or drive has no answer either; a huge ratio is beyond the static one.
        assert!(mzm.v_pi_for_extinction(2.0, odd).is_err(), "{odd}");
        assert!(eml.v0_for_extinction(odd, 4.5).is_err(), "{odd}");
    }
}

#[test]
fn plans_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Modulator>();
    shared::<crate::optics::mpi::Mpi>();
    shared::<crate::optics::detector::Detector>();
    shared::<crate::optics::fiber::Fiber>();
}

#[cfg(feature = "serde")]
#[test]
fn settings_are_read_by_name_and_unknown_names_refused() {
    let read = |text: &str| serde_json::from_str::<ModulatorConfig>(text);
    let config = read(
        r#"{"mzm": {"v_pi_v": 3.5, "power": {"outer_oma": {"oma_w": 1e-3, "drive_vpp": 2.0}}}}"#,
    );
    let ModulatorConfig::Mzm(mzm) = config.unwrap() else {
        panic!("another kind");
    };
    assert_eq!((mzm.v_pi_v, mzm.bias_deg), (3.5, 90.0));
    assert!(read(r#"{"eml": {"power": {"max_power_w": 1e-3}}}"#).is_ok());
    assert!(read(r#"{"eml": {"v_pi_v": 1.0}}"#).is_err());
    assert!(read(r#"{"mzm": {"power": {"outer_oma": {"oma_w": 1e-3, "vpp": 2.0}}}}"#).is_err());
    let text = serde_json::to_string(&ModulatorConfig::Mzm(mzm)).unwrap();
    assert_eq!(read(&text).unwrap(), ModulatorConfig::Mzm(mzm));
}
