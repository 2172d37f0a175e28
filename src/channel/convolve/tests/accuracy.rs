//! What truncation, displacement to first order and taps between two phases cost.

use super::*;

#[test]
fn taps_are_the_response_and_keep_the_energy_asked_for() {
    for (m, delay) in [(2, 0.0), (8, 0.0), (8, 33.3), (7, -2.2), (32, 5.0)] {
        let h = gauss(0.3, delay);
        let all = Impulse::transfer(&response(h), &config(m)).unwrap();
        // At any frequency x of the band: sum_i h[i] e^(-j 2 pi x (i - before) / m) = H(x).
        for x in [0.0, 0.1, 0.25, 0.6] {
            let got: Complex64 = (all.taps.iter().zip(0..))
                .map(|(&h, i)| {
                    let t = (i - all.before) as f64 / m as f64;
                    f64::from(h) * Complex64::cis(-2.0 * std::f64::consts::PI * x * t)
                })
                .sum();
            // Energy dropped 1e-13: amplitudes of 3e-7 in each of a few taps.
            assert!(
                (got - h(x)).norm() < 3e-6,
                "{m} {delay} {x}: {got} {}",
                h(x)
            );
        }
        let energy = |taps: &[f32]| taps.iter().map(|h| f64::from(*h).powi(2)).sum::<f64>();
        let grid = GridConfig {
            kept_energy: 0.999,
            ..config(m)
        };
        let cut = Impulse::transfer(&response(h), &grid).unwrap();
        let share = energy(&cut.taps) / energy(&all.taps);
        assert!((0.999..0.9999).contains(&share) || m == 2, "{m}: {share}");
        assert!(cut.taps.len() < all.taps.len());
        // The same taps at the same times.
        let shift = (all.before - cut.before) as usize;
        assert_eq!(cut.taps[..], all.taps[shift..shift + cut.taps.len()]);
    }
}

#[test]
fn an_edge_bank_is_the_slope_of_the_step() {
    // Edges of all symbols equal: the waveform moves as a whole, x(t - tau), so the sum over the symbols of
    // jumps times the edge response is minus the slope. Here one edge, of a step: the response of the path itself.
    let m = 8;
    let edge = Impulse::edge(&response(gauss(0.5, 0.0)), &config(m)).unwrap();
    // exp(-(x / c)^2) has the impulse c sqrt(pi) exp(-(pi c t)^2).
    for (i, h) in edge.taps.iter().enumerate() {
        let t = (i as isize - edge.before) as f64 / m as f64 + 0.5;
        let pi = std::f64::consts::PI;
        let want = -0.5 * pi.sqrt() * (-(pi * 0.5 * t).powi(2)).exp();
        // Rounding to f32.
        assert!((f64::from(*h) - want).abs() < 1e-7, "{i}: {h} {want}");
    }
}

/// Root mean square and largest error of edges displaced to first order, against the exact waveform.
fn displacement_error(m: usize, scale: f64) -> (f64, f64) {
    let h = gauss(0.5, 1.5);
    let symbol = Impulse::symbol(&held(h), &config(m)).unwrap();
    let edge = Impulse::edge(&response(h), &config(m)).unwrap();
    let first = Upsampler::with_edges(&symbol, &edge).unwrap();
    let a = symbols(7, 128);
    let tau: Vec<f64> = noise(9, 128)
        .iter()
        .map(|x| scale * f64::from(*x))
        .collect();
    let oracle = Periodic::displaced(&a, &tau, 3, h);
    let edges: Vec<f32> = (0..256)
        .map(|k| {
            let jump = f64::from(a[k % 128]) - f64::from(a[(k + 127) % 128]);
            (jump * tau[k % 128]) as f32
        })
        .collect();
    let twice = [a.clone(), a].concat();
    let got = upsampled(&first, &twice, Some(&edges), m).unwrap();
    let (mut worst, mut square) = (0.0f64, 0.0);
    let late = &got[140 * m..];
    for (g, y) in late.iter().enumerate() {
        let t = (140 * m + g) as isize - first.delay();
        let e = f64::from(*y) - oracle.at(t as f64 / m as f64);
        worst = worst.max(e.abs());
        square += e * e;
    }
    ((square / late.len() as f64).sqrt(), worst)
}

#[test]
fn displaced_edges_follow_the_exact_waveform_to_first_order() {
    for m in [4, 8] {
        // The rounding of f32 is all that remains without displacement.
        let (_, worst) = displacement_error(m, 0.0);
        assert!(worst < 1e-6, "{worst}");
        let mut before = displacement_error(m, 0.005);
        for scale in [0.01, 0.02, 0.04] {
            let (rms, worst) = displacement_error(m, scale);
            // The next term of the series: d tau^2 / 2 g'(t), with g' <= pi^2 c^2 sqrt(2 / e) c / sqrt(pi) = 1.07
            // for c = 0.5 and jumps up to 2, two edges in reach of one another: at most 2.2 tau^2.
            assert!(worst < 2.2 * scale * scale, "{scale}: {worst}");
            // Second order: four times the error at twice the displacement.
            let growth = worst / before.1;
            assert!((3.9..4.1).contains(&growth), "{scale}: {growth}");
            assert!(rms < 0.35 * scale * scale, "{scale}: {rms}");
            before = (rms, worst);
        }
        // And the first order is needed: 0.01 UI without it would be off by its slope times tau.
        let bound = 0.01 * 0.01 * 2.2;
        assert!(bound < 0.05 * 0.01);
    }
}

/// Largest error of a sampled sine of frequency `x` over the symbol rate, between bank phases and on them, over
/// its amplitude.
fn interpolation_error(x: f64, steps: u32) -> (f64, f64) {
    let m = 8;
    let last = Sampler::new(&response(gauss(1.0, 0.0)), &config(m)).unwrap();
    let gain = gauss(1.0, 0.0)(x).re;
    let mut from = Planes::new(m, last.past(), 64).unwrap();
    let turn = 2.0 * std::f64::consts::PI * x;
    let n = last.past();
    // The past first, so that all that the sampler sees is the sine.
    for p in 0..m {
        for (i, s) in from.fresh_mut(p, 64).iter_mut().enumerate() {
            *s = (turn * (i as f64 - n as f64 + p as f64 / m as f64)).sin() as f32;
        }
    }
    assert!(n <= 32);
    let mut taps = last.taps(&from);
    let (mut on, mut between) = (0.0f64, 0.0f64);
    for step in 0..steps {
        let phase = f64::from(step) / f64::from(steps);
        let mut y = [0.0; 16];
        last.sample(&mut taps, &from, 48, phase, &mut y).unwrap();
        for (i, y) in y.iter().enumerate() {
            let t = 48.0 + i as f64 + phase - n as f64 - last.delay() as f64 / m as f64;
            let e = (f64::from(*y) / gain - (turn * t).sin()).abs();
            if (step * BANK_PHASES as u32).is_multiple_of(steps) {
                on = on.max(e);
            } else {
                between = between.max(e);
            }
        }
    }
    (on, between)
}

#[test]
fn taps_between_two_phases_err_by_their_bound() {
    for x in [0.1, 0.25, 0.5, 0.75, 1.0] {
        let (on, between) = interpolation_error(x, 256);
        // Linear interpolation in steps of 1/64 UI: (2 pi x / 64)^2 / 8 of the amplitude, half way.
        let bound = (2.0 * std::f64::consts::PI * x / 64.0).powi(2) / 8.0;
        // Rounding: sums of about 60 taps, some negative.
        assert!(on < 2e-6, "{x}: {on}");
        assert!(between < bound + 2e-6, "{x}: {between} {bound}");
        assert!(between > 0.8 * bound - 2e-6, "{x}: {between} {bound}");
    }
}

#[test]
fn a_phase_may_drift_over_many_symbols() {
    let m = 8;
    let (h, r) = (gauss(0.5, 2.3), gauss(0.4, 6.1));
    let first = Upsampler::new(&Impulse::symbol(&held(h), &config(m)).unwrap()).unwrap();
    let last = Sampler::new(&response(r), &config(m)).unwrap();
    let a = symbols(5, 128);
    let oracle = Periodic::new(&a, 2, |x| h(x) * sinc(x) * r(x));
    let mut planes = Planes::new(m, last.past() + 4, 128).unwrap();
    let (mut state, mut taps) = (first.state(), last.taps(&planes));
    let delay = (first.delay() + last.delay()) as f64 / m as f64;
    // Early by 0.7 % of a UI per symbol: the instants slip back over the block's start again and again.
    let (mut at, mut block_start) = (2.0f64, 0.0f64);
    let mut seen = 0;
    for block in 0..24 {
        first.process(&mut state, &a, &mut planes).unwrap();
        // As long as the instants of a chunk are in reach.
        while at + 16.0 < block_start + 128.0 {
            let relative = at - block_start;
            let (whole, phase) = (relative.floor(), relative - relative.floor());
            let mut y = [0.0; 16];
            last.sample(&mut taps, &planes, whole as isize, phase, &mut y)
                .unwrap();
            if block > 0 {
                for (i, y) in y.iter().enumerate() {
                    let t = at + i as f64 - delay;
                    // The bound of the interpolation at the top of the band, on a fraction of the signal.
                    assert!(
                        (f64::from(*y) - oracle.at(t)).abs() < 1e-3,
                        "{block} {at} {i}"
                    );
                    seen += 1;
                }
            }
            at += 16.0 * (1.0 - 0.007);
        }
        planes.advance(128);
        block_start += 128.0;
        assert!(at - block_start > -18.0);
        // What slipped behind the block is still in the past of the planes.
        at = at.max(block_start - 4.0);
    }
    assert!(seen > 2900, "{seen}");
}

#[test]
fn dispersion_delays_each_frequency_by_its_own_and_keeps_the_power() {
    let m = 8;
    // exp(j b x^2): delay of -b x / pi UI at x.
    let b = 1.1;
    let h = move |x: f64| Complex64::cis(b * x * x);
    let taps = FieldImpulse::even(&response(h), &config(m)).unwrap();
    let power: f64 = taps.taps.iter().map(|h| f64::from(h.norm_sqr())).sum();
    assert!((power - 1.0).abs() < 1e-5, "{power}");
    for x in [-1.3, -0.4, 0.0, 0.2, 0.9] {
        let got: Complex64 = (taps.taps.iter().zip(0..))
            .map(|(h, i)| {
                let t = (i - taps.before) as f64 / m as f64;
                Complex64::new(h.re.into(), h.im.into())
                    * Complex64::cis(-2.0 * std::f64::consts::PI * x * t)
            })
            .sum();
        // The band ends abruptly, so taps fall with 1/n: rounding of all 1024, and 1e-13 of the energy.
        assert!((got - h(x)).norm() < 1e-4, "{x}: {got} {}", h(x));
    }
    // One side alone is another response.
    let one = FieldImpulse::two_sided(
        &response(h),
        &response(|_| Complex64::new(1.0, 0.0)),
        &config(m),
    )
    .unwrap();
    let at = |x: f64| -> Complex64 {
        (one.taps.iter().zip(0..))
            .map(|(h, i)| {
                let t = (i - one.before) as f64 / m as f64;
                Complex64::new(h.re.into(), h.im.into())
                    * Complex64::cis(-2.0 * std::f64::consts::PI * x * t)
            })
            .sum()
    };
    // On points of the grid, where a window of a response that does not end is exact.
    assert!((at(0.875) - h(0.875)).norm() < 1e-5 && (at(-0.875) - 1.0).norm() < 1e-5);
}
