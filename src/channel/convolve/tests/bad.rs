//! Bad responses, plans and calls.

use super::*;

fn text<T>(result: Result<T>) -> String {
    result.err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn a_grid_too_coarse_names_the_samples_that_would_do() {
    let wide = response(gauss(1.5, 0.0));
    let spectrum = held(gauss(1.5, 0.0));
    for make in [
        |r: &Response, m| text(Impulse::transfer(r, &config(m))),
        |r: &Response, m| text(Impulse::symbol(r, &config(m))),
        |r: &Response, m| text(Sampler::new(r, &config(m))),
        |r: &Response, m| text(Impulse::edge(r, &config(m))),
    ] {
        let of = |m| make(&wide, m).max(make(&spectrum, m));
        let coarse = make(&wide, 2);
        assert!(
            coarse.contains("samples_per_ui") && coarse.contains("is 2"),
            "{coarse}"
        );
        // What it says is the least that does.
        let needed: usize = coarse
            .split("between ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(needed > 2 && needed <= 8, "{coarse}");
        assert_eq!(make(&wide, needed), "");
        assert!(!make(&wide, needed - 1).is_empty());
        assert!(!of(2).is_empty());
    }
    // Closed form for a Gaussian alone: share erfc(sqrt(2) x / 1.5) beyond x; 1e-4 at x = 2.918.
    let alone = text(Impulse::symbol(&wide, &config(5)));
    assert!(alone.contains("between 6 and"), "{alone}");
    assert!(Impulse::symbol(&wide, &config(6)).is_ok());
    let lenient = GridConfig {
        out_of_band: 0.1,
        ..config(5)
    };
    assert!(Impulse::symbol(&wide, &lenient).is_ok());
}

#[test]
fn a_response_without_zero_frequency_is_an_error() {
    let mut values = response(gauss(0.5, 0.0)).values().to_vec();
    values[0] = Complex64::default();
    let no_dc = Response::new(frequencies(), values.clone()).unwrap();
    values[0] = Complex64::new(1.0, 0.3);
    let turned = Response::new(frequencies(), values).unwrap();
    for bad in [no_dc, turned] {
        for got in [
            text(Impulse::transfer(&bad, &config(8))),
            text(Impulse::symbol(&bad, &config(8))),
            text(Sampler::new(&bad, &config(8))),
        ] {
            assert!(got.contains("zero frequency"), "{got}");
        }
    }
    // A path that blocks zero frequency, resolved by the grid, is no such case.
    let high_pass = |x: f64| {
        let s = Complex64::new(0.0, x / 0.1);
        s / (1.0 + s) * gauss(0.5, 0.0)(x)
    };
    assert!(Impulse::transfer(&response(high_pass), &config(8)).is_ok());
}

#[test]
fn bad_grids_are_errors() {
    let r = response(gauss(0.4, 0.0));
    let good = config(8);
    for bad in [
        GridConfig {
            baud_hz: 0.0,
            ..good
        },
        GridConfig {
            baud_hz: f64::NAN,
            ..good
        },
        GridConfig {
            baud_hz: BAUD * 1.0001,
            ..good
        },
        GridConfig {
            samples_per_ui: 0,
            ..good
        },
        GridConfig {
            samples_per_ui: 1,
            ..good
        },
        GridConfig {
            samples_per_ui: usize::MAX,
            ..good
        },
        GridConfig {
            kept_energy: 0.0,
            ..good
        },
        GridConfig {
            kept_energy: 1.1,
            ..good
        },
        GridConfig {
            kept_energy: f64::NAN,
            ..good
        },
        GridConfig {
            out_of_band: -1.0,
            ..good
        },
        GridConfig {
            out_of_band: f64::NAN,
            ..good
        },
    ] {
        assert!(Impulse::transfer(&r, &bad).is_err(), "{bad:?}");
        assert!(Impulse::symbol(&r, &bad).is_err(), "{bad:?}");
        assert!(Impulse::edge(&r, &bad).is_err(), "{bad:?}");
        assert!(Sampler::new(&r, &bad).is_err(), "{bad:?}");
        assert!(FieldImpulse::even(&r, &bad).is_err(), "{bad:?}");
    }
    assert!(GridConfig::default().check().is_err());
    let short = Response::unity(pulse_grid(BAUD, 128, 3.0 * BAUD).unwrap());
    assert!(text(FieldImpulse::even(&short, &good)).contains("end of the response"));
    let other = Response::unity(pulse_grid(BAUD, 64, 40.0 * BAUD).unwrap());
    assert!(FieldImpulse::two_sided(&r, &other, &good).is_err());
}

#[test]
fn bad_impulses_and_planes_are_errors() {
    let impulse = |taps: Vec<f32>, m| Impulse {
        taps,
        before: 0,
        samples_per_ui: m,
    };
    for bad in [
        impulse(vec![], 8),
        impulse(vec![1.0, f32::NAN], 8),
        impulse(vec![f32::INFINITY], 8),
        impulse(vec![1.0], 0),
        impulse(vec![1.0], 65),
    ] {
        assert!(Upsampler::new(&bad).is_err());
        assert!(Upsampler::with_edges(&impulse(vec![1.0], 8), &bad).is_err());
        assert!(PlaneFilter::new(&bad).is_err());
        assert!(PlaneFilter::overlap_save(&bad, Level::best()).is_err());
        let field = FieldImpulse {
            taps: bad
                .taps
                .iter()
                .map(|&h| num_complex::Complex32::new(0.0, h))
                .collect(),
            before: 0,
            samples_per_ui: bad.samples_per_ui,
        };
        assert!(FieldFilter::new(&field).is_err());
    }
    for before in [isize::MIN, isize::MAX] {
        let far = Impulse {
            before,
            ..impulse(vec![1.0], 8)
        };
        assert!(Upsampler::new(&far).is_err() && PlaneFilter::new(&far).is_err());
        assert!(Upsampler::with_edges(&impulse(vec![1.0], 8), &far).is_err());
        let field = FieldImpulse {
            taps: vec![num_complex::Complex32::new(1.0, 0.0)],
            before,
            samples_per_ui: 8,
        };
        assert!(FieldFilter::new(&field).is_err());
    }
    assert!(Planes::new(0, 1, 1).is_err() && Planes::new(65, 1, 1).is_err());
    assert!(Planes::new(8, 1, 0).is_err() && Planes::new(8, usize::MAX, 1).is_err());
    assert!(FieldPlanes::new(0, 1, 1).is_err() && FieldPlanes::new(8, 0, usize::MAX).is_err());
}

fn full(planes: &mut Planes) {
    for p in 0..planes.samples_per_ui() {
        planes.fresh_mut(p, 16).fill(7.0);
    }
}

fn kept(planes: &Planes) -> bool {
    interleaved(planes, 16).iter().all(|x| *x == 7.0)
}

#[test]
fn bad_calls_are_errors_and_leave_the_output() {
    let m = 8;
    let taps = Impulse {
        taps: noise(1, 50),
        before: 0,
        samples_per_ui: m,
    };
    let short = Impulse {
        taps: noise(1, 9),
        before: 0,
        samples_per_ui: m,
    };
    let first = Upsampler::new(&taps).unwrap();
    let mut to = Planes::new(m, 8, 16).unwrap();
    let mut few = Planes::new(4, 8, 16).unwrap();
    full(&mut to);
    full(&mut few);
    let mut state = first.state();
    assert!(first.process(&mut state, &[1.0; 17], &mut to).is_err());
    assert!(first.process(&mut state, &[1.0; 8], &mut few).is_err());
    assert!(
        first
            .process_displaced(&mut state, &[1.0; 8], &[1.0; 8], &mut to)
            .is_err()
    );
    let mut other = Upsampler::new(&short).unwrap().state();
    assert!(first.process(&mut other, &[1.0; 8], &mut to).is_err());
    let edges = Upsampler::with_edges(&taps, &taps).unwrap();
    assert!(
        edges
            .process_displaced(&mut edges.state(), &[1.0; 8], &[1.0; 7], &mut to)
            .is_err()
    );

    let from = Planes::new(m, 7, 32).unwrap();
    let shallow = Planes::new(m, 6, 32).unwrap();
    let level = Level::best();
    let direct = PlaneFilter::direct(&taps, level).unwrap();
    let fast = PlaneFilter::overlap_save(&taps, level).unwrap();
    assert!(
        direct
            .process(&mut direct.state(), &shallow, 8, &mut to)
            .is_err()
    );
    assert!(
        direct
            .process(&mut direct.state(), &from, 17, &mut to)
            .is_err()
    );
    assert!(
        direct
            .process(&mut direct.state(), &from, 8, &mut few)
            .is_err()
    );
    assert!(
        direct
            .process(&mut direct.state(), &few.clone(), 8, &mut to)
            .is_err()
    );
    assert!(
        direct
            .process(&mut fast.state(), &from, 8, &mut to)
            .is_err()
    );
    assert!(
        fast.process(&mut direct.state(), &from, 8, &mut to)
            .is_err()
    );
    let longer = Impulse {
        taps: noise(1, 5000),
        before: 0,
        samples_per_ui: m,
    };
    let mut longer = PlaneFilter::overlap_save(&longer, level).unwrap().state();
    assert!(fast.process(&mut longer, &from, 8, &mut to).is_err());
    assert!(kept(&to) && kept(&few));
    // Nothing to do is no mistake.
    assert!(
        direct
            .process(
                &mut direct.state(),
                &Planes::new(m, 7, 1).unwrap(),
                0,
                &mut to
            )
            .is_ok()
    );
    assert!(first.process(&mut state, &[], &mut to).is_ok());
}

#[test]
fn bad_instants_are_errors_and_leave_the_output() {
    let m = 8;
    let last = Sampler::new(&response(gauss(0.4, 3.0)), &config(m)).unwrap();
    let from = Planes::new(m, last.past() + 2, 32).unwrap();
    let mut taps = last.taps(&from);
    let mut y = [7.0; 16];
    for phase in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(last.sample(&mut taps, &from, 0, phase, &mut y).is_err());
    }
    for at in [-3, 17, isize::MIN, isize::MAX] {
        assert!(last.sample(&mut taps, &from, at, 0.5, &mut y).is_err());
    }
    let mut long = [7.0; 33];
    assert!(last.sample(&mut taps, &from, 0, 0.5, &mut long).is_err());
    assert!(
        last.sample_with_slope(&mut taps, &from, 0, 0.5, &mut y, &mut [0.0; 15])
            .is_err()
    );
    let shallow = Planes::new(m, last.past() - 1, 32).unwrap();
    assert!(
        last.sample(&mut last.taps(&shallow), &shallow, 0, 0.5, &mut y)
            .is_err()
    );
    let other = Planes::new(m, last.past() + 2, 96).unwrap();
    assert!(last.sample(&mut taps, &other, 0, 0.5, &mut y).is_err());
    assert!(y.iter().chain(&long).all(|y| *y == 7.0));
    for at in [-2, 16] {
        assert!(last.sample(&mut taps, &from, at, 1.0, &mut y).is_ok());
    }
    // Nothing to do is no mistake.
    assert!(last.sample(&mut taps, &from, 32, 0.0, &mut []).is_ok());
}
