//! The linear model against closed forms, a step-by-step loop and its own limits.

use crate::Error;
use crate::cdr::{CdrConfig, LoopGains, LoopModel};

const BAUD: f64 = 53.125e9;

/// One step of the equations of a loop with detector gain one: input phase of the block to output phase.
struct Plain {
    a: f64,
    b: f64,
    phase: f64,
    /// UI per block.
    stride: f64,
    line: Vec<f64>,
}

impl Plain {
    fn new(a: f64, b: f64, latency: usize) -> Self {
        Self {
            a,
            b,
            phase: 0.0,
            stride: 0.0,
            line: vec![0.0; latency],
        }
    }

    fn step(&mut self, theta: f64) -> f64 {
        let before = self.phase;
        self.line.push(theta - before);
        let e = self.line.remove(0);
        self.stride += self.b * e;
        self.phase += self.a * e + self.stride;
        before
    }
}

#[test]
fn first_order_limits_have_a_closed_form() {
    // z^D (z - 1) + a leaves the unit circle at a = 2 sin(pi / (2 (2 D + 1))).
    for latency in 0..8 {
        let n = 2.0 * (2.0 * latency as f64 + 1.0);
        let limit = 2.0 * (std::f64::consts::PI / n).sin();
        assert!(LoopModel::new(limit * 0.9999, 0.0, 64, latency, BAUD).is_ok());
        match LoopModel::new(limit * 1.0001, 0.0, 64, latency, BAUD) {
            Err(Error::OutOfRange { name, max, .. }) => {
                assert_eq!(name, "proportional");
                assert!((max - limit).abs() < 1e-9, "{latency}: {max} {limit}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_stability_limit_is_where_a_loop_that_runs_starts_to_grow() {
    for latency in [0, 1, 2, 5, 16] {
        for damping in [0.5, 1.0, 4.0] {
            let ratio = 0.25 / (damping * damping);
            let Err(Error::OutOfRange { max, .. }) =
                LoopModel::new(3.0, 9.0 * ratio, 64, latency, BAUD)
            else {
                panic!("a gain of three is stable?");
            };
            for (share, grows) in [(0.97, false), (1.03, true)] {
                let a = share * max;
                let mut real = Plain::new(a, ratio * a * a, latency);
                let early = (0..400)
                    .map(|_| real.step(1.0))
                    .fold(0.0, |m: f64, x| m.max((x - 1.0).abs()));
                for _ in 0..20_000 {
                    real.step(1.0);
                    if real.phase.abs() > 1e30 {
                        break;
                    }
                }
                let late = (0..400)
                    .map(|_| real.step(1.0))
                    .fold(0.0, |m: f64, x| m.max((x - 1.0).abs()));
                assert_eq!(
                    late > early,
                    grows,
                    "{latency} {damping} {share}: {early} {late}"
                );
                if !grows {
                    let model = LoopModel::new(a, ratio * a * a, 64, latency, BAUD).unwrap();
                    assert!(model.pole_radius() < 1.0);
                }
            }
        }
    }
}

#[test]
fn the_transfer_is_that_of_a_loop_that_runs() {
    for (latency, damping, bandwidth) in
        [(0, 1.0, 4e6), (1, 4.0, 4e6), (4, 2.0, 10e6), (8, 6.0, 1e6)]
    {
        let model = LoopModel::design(bandwidth, damping, 64, latency, BAUD).unwrap();
        for share in [0.1, 0.5, 1.0, 3.0] {
            let f = share * bandwidth;
            let w = std::f64::consts::TAU * f * 64.0 / BAUD;
            let mut real = Plain::new(model.proportional(), model.integral(), latency);
            // Ring-down first, then whole periods as near as blocks allow, fitted by least squares.
            let settle = (40.0 / model.integral().sqrt().min(model.proportional())) as usize;
            let (mut cc, mut ss, mut cs, mut yc, mut ys) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for n in 0..settle + (40.0 * std::f64::consts::TAU / w) as usize {
                let (s, c) = (w * n as f64).sin_cos();
                let y = real.step(s);
                if n >= settle {
                    cc += c * c;
                    ss += s * s;
                    cs += c * s;
                    yc += y * c;
                    ys += y * s;
                }
            }
            let det = cc * ss - cs * cs;
            let (in_phase, quadrature) = ((ys * cc - yc * cs) / det, (yc * ss - ys * cs) / det);
            let h = model.transfer(f) / model.block_average(f).powi(2);
            // The fit is exact but for what is left of the start, e^-40 of it.
            assert!(
                (h.re - in_phase).abs() < 1e-6,
                "{latency} {share}: {h} {in_phase}"
            );
            assert!(
                (h.im - quadrature).abs() < 1e-6,
                "{latency} {share}: {h} {quadrature}"
            );
        }
    }
}

#[test]
fn a_design_has_the_bandwidth_and_peaking_it_was_asked_for() {
    for block in [1, 16, 64, 256] {
        for latency in [0, 1, 4] {
            for bandwidth in [1e5, 1e6, 4e6] {
                for damping in [0.5, 1.0, 5.0] {
                    let model =
                        LoopModel::design(bandwidth, damping, block, latency, BAUD).unwrap();
                    // Bisection to the last digits.
                    assert!((model.bandwidth_hz() / bandwidth - 1.0).abs() < 1e-9);
                    assert!((model.damping() / damping - 1.0).abs() < 1e-9);
                    // -3 dB is where the power is one half.
                    assert!((model.transfer(bandwidth).norm_sqr() - 0.5).abs() < 1e-9);
                }
                for peaking in [0.1, 0.5, 2.0] {
                    let model =
                        LoopModel::design_for_peaking(bandwidth, peaking, block, latency, BAUD)
                            .unwrap();
                    assert!((model.bandwidth_hz() / bandwidth - 1.0).abs() < 1e-9);
                    // The golden section is good to 1e-4 dB on a flat peak.
                    assert!(
                        (model.peaking_db() - peaking).abs() < 1e-3,
                        "{}",
                        model.peaking_db()
                    );
                }
            }
        }
    }
}

#[test]
fn a_slow_loop_is_the_textbook_loop() {
    // s^2 + 2 zeta w s + w^2: w_3dB = w sqrt(1 + 2 zeta^2 + sqrt((1 + 2 zeta^2)^2 + 1)), and
    // noise gain (zeta + 1 / (4 zeta)) w T.
    for damping in [0.7, 1.0, 4.0] {
        let model = LoopModel::design(1e4, damping, 16, 0, BAUD).unwrap();
        let w = model.integral().sqrt() * BAUD / 16.0;
        let m = 1.0 + 2.0 * damping * damping;
        let corner = w * (m + (m * m + 1.0).sqrt()).sqrt() / std::f64::consts::TAU;
        // The block rate is 3e5 times the bandwidth.
        assert!((corner / 1e4 - 1.0).abs() < 1e-4, "{damping}: {corner}");
        let noise = (damping + 0.25 / damping) * model.integral().sqrt();
        // The trapezoid on a grid of 3 % steps.
        assert!((model.noise_gain() / noise - 1.0).abs() < 2e-3, "{damping}");
    }
}

#[test]
fn the_noise_gain_is_the_sum_of_the_squared_step_by_step_response() {
    let model = LoopModel::design(20e6, 2.0, 64, 2, BAUD).unwrap();
    let mut real = Plain::new(model.proportional(), model.integral(), 2);
    let sum: f64 = (0..100_000)
        .map(|n| real.step(if n == 0 { 1.0 } else { 0.0 }).powi(2))
        .sum();
    // The trapezoid on a grid of 3 % steps.
    assert!(
        (model.noise_gain() / sum - 1.0).abs() < 2e-3,
        "{} {sum}",
        model.noise_gain()
    );
}

#[test]
fn errors_name_the_field_and_what_would_be_right() {
    let text = |config: CdrConfig| config.model().unwrap_err().to_string();
    let base = CdrConfig::default;
    let fast = text(CdrConfig {
        bandwidth_hz: 1e9,
        ..base()
    });
    assert!(
        fast.starts_with("bandwidth_hz is 1e9, must lie between 0 and"),
        "{fast}"
    );
    // The bandwidth it names works, a hundredth more does not.
    let Err(Error::OutOfRange { max, .. }) = (CdrConfig {
        bandwidth_hz: 1e9,
        ..base()
    })
    .model() else {
        panic!("no limit");
    };
    assert!(
        CdrConfig {
            bandwidth_hz: max,
            ..base()
        }
        .model()
        .is_ok()
    );
    assert!(
        CdrConfig {
            bandwidth_hz: 1.01 * max,
            ..base()
        }
        .model()
        .is_err()
    );
    let gains = Some(LoopGains {
        proportional: 5.0,
        integral: 1e-9,
    });
    let high = text(CdrConfig { gains, ..base() });
    assert!(
        high.starts_with("gains.proportional is 5, must lie between 0 and 0."),
        "{high}"
    );
}

#[test]
fn errors_of_single_numbers_name_the_field() {
    let text = |config: CdrConfig| config.model().unwrap_err().to_string();
    let base = CdrConfig::default;
    assert!(
        text(CdrConfig {
            damping: 0.0,
            ..base()
        })
        .starts_with("damping is 0")
    );
    assert!(
        text(CdrConfig {
            peaking_db: Some(1e-9),
            ..base()
        })
        .starts_with("peaking_db is 1e-9")
    );
    assert!(text(CdrConfig { block: 0, ..base() }).starts_with("block is 0"));
    assert!(
        text(CdrConfig {
            block: 257,
            ..base()
        })
        .starts_with("block is 257")
    );
    assert!(
        text(CdrConfig {
            bandwidth_hz: f64::NAN,
            ..base()
        })
        .starts_with("bandwidth_hz is NaN")
    );
    assert!(
        text(CdrConfig {
            detector_gain: 0.0,
            ..base()
        })
        .starts_with("detector_gain is 0")
    );
    assert!(
        text(CdrConfig {
            levels: [0.0, 1.0, 1.0, 2.0],
            ..base()
        })
        .starts_with("levels does not rise at index 2")
    );
    assert!(
        text(CdrConfig {
            phase_steps: Some(0),
            ..base()
        })
        .starts_with("phase_steps is 0")
    );
    assert!(
        text(CdrConfig {
            probe_ui: -1.0,
            ..base()
        })
        .starts_with("probe_ui is -1")
    );
    assert!(
        text(CdrConfig {
            max_ppm: f64::INFINITY,
            ..base()
        })
        .starts_with("max_ppm is inf")
    );
}
