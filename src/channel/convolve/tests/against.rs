//! Every stage at every level against the sums on the grid: all lengths of response and block, any split.

use num_complex::Complex32;

use super::*;
use crate::channel::convolve::kernel;

const SAMPLES_PER_UI: [usize; 8] = [2, 3, 4, 5, 7, 8, 9, 16];

fn lengths(m: usize) -> [usize; 8] {
    [1, 2, m, m + 1, 3 * m + 2, 8 * m, 9 * m - 1, 40 * m + 3]
}

fn impulse(seed: u32, taps: usize, m: usize, before: isize) -> Impulse {
    Impulse {
        taps: noise(seed, taps),
        before,
        samples_per_ui: m,
    }
}

/// Sums of `taps` products of numbers up to 1, each rounded to `f32`: half an ulp of the running sum each time.
fn tolerance(taps: usize) -> f64 {
    let n = taps as f64;
    6e-8 * n * n.sqrt() + 1e-6
}

/// A waveform on the grid into the fresh samples.
fn fill(planes: &mut Planes, x: &[f32], from: usize, n: usize) {
    let m = planes.samples_per_ui();
    for p in 0..m {
        for (i, to) in planes.fresh_mut(p, n).iter_mut().enumerate() {
            *to = x[(from + i) * m + p];
        }
    }
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

/// A stream through a middle stage in the blocks given.
fn filtered(plan: &PlaneFilter, x: &[f32], m: usize, blocks: &[usize], extra: usize) -> Vec<f32> {
    let most = *blocks.iter().max().unwrap();
    let mut from = Planes::new(m, plan.past() + extra, most.max(1)).unwrap();
    let mut to = Planes::new(m, extra, most.max(1)).unwrap();
    let mut state = plan.state();
    let (mut at, mut all) = (0, Vec::new());
    for &n in blocks {
        fill(&mut from, x, at, n);
        plan.process(&mut state, &from, n, &mut to).unwrap();
        all.extend(interleaved(&to, n));
        from.advance(n);
        to.advance(n);
        at += n;
    }
    all
}

#[test]
fn the_first_stage_is_the_sum_at_every_level() {
    for level in Level::all() {
        for m in SAMPLES_PER_UI {
            for taps in lengths(m) {
                let symbol = impulse(1, taps, m, 5);
                let edge = impulse(2, taps / 2 + 1, m, 5 + m as isize);
                let plain = Upsampler::with_level(&symbol, None, level).unwrap();
                let both = Upsampler::with_level(&symbol, Some(&edge), level).unwrap();
                assert_eq!((plain.level(), both.level()), (level, level));
                assert_eq!((plain.delay(), both.delay()), (5, 5 + m as isize));
                for n in [1, 3, 7, 8, 9, 31, 33, 70] {
                    let (a, e) = (noise(3, n), noise(4, n));
                    let want = convolve(&symbol.taps, &zero_stuffed(&a, m));
                    let got = upsampled(&plain, &a, None, m).unwrap();
                    close(&got, &want, tolerance(taps), "plain");
                    // The symbols wait until the edges' response starts.
                    let mut waiting = vec![0.0; m];
                    waiting.extend(&symbol.taps);
                    let want: Vec<f64> = convolve(&waiting, &zero_stuffed(&a, m))
                        .into_iter()
                        .zip(convolve(&edge.taps, &zero_stuffed(&e, m)))
                        .map(|(x, d)| x + d)
                        .collect();
                    let got = upsampled(&both, &a, Some(&e), m).unwrap();
                    close(&got, &want, tolerance(2 * taps), "displaced");
                }
            }
        }
    }
}

#[test]
fn the_middle_stage_is_the_sum_at_every_level_by_both_methods() {
    for level in Level::all() {
        for m in SAMPLES_PER_UI {
            for taps in lengths(m) {
                let response = impulse(5, taps, m, -3);
                let direct = PlaneFilter::direct(&response, level).unwrap();
                let fast = PlaneFilter::overlap_save(&response, level).unwrap();
                assert_eq!((direct.level(), fast.level()), (level, level));
                assert!(fast.is_overlap_save() && !direct.is_overlap_save());
                let x = noise(6, 100 * m);
                let want = convolve(&response.taps, &wide(&x));
                for n in [1, 5, 8, 16, 23, 24, 25, 31, 33, 64, 100] {
                    let got = filtered(&direct, &x, m, &[n], 0);
                    close(&got, &want[..n * m], tolerance(taps), "direct");
                }
                // The same sums, later by the block of the transform.
                let late = (fast.delay() - direct.delay()) as usize;
                assert!(late > 0 && late.is_multiple_of(m) && direct.delay() == -3);
                let rest = late / m + 1;
                let mut longer = x.clone();
                longer.resize(longer.len() + rest * m, 0.0);
                let got = filtered(&fast, &longer, m, &[100 + rest], 0);
                assert!(got[..late].iter().all(|y| *y == 0.0));
                // A transform of f32 rounds each of its log2 N <= 16 stages to the scale of all products.
                let scale = (taps as f64).sqrt();
                close(
                    &got[late..late + 100 * m],
                    &want,
                    2e-6 * scale + 1e-6,
                    "overlap-save",
                );
            }
        }
    }
}

#[test]
fn a_field_is_filtered_as_complex_numbers_are_at_every_level() {
    for level in Level::all() {
        for m in [2, 3, 5, 8, 9] {
            for taps in lengths(m) {
                let (re, im) = (noise(7, taps), noise(8, taps));
                let response = FieldImpulse {
                    taps: re
                        .iter()
                        .zip(&im)
                        .map(|(&a, &b)| Complex32::new(a, b))
                        .collect(),
                    before: 1,
                    samples_per_ui: m,
                };
                let plan = FieldFilter::with_level(&response, level).unwrap();
                assert_eq!((plan.level(), plan.delay()), (level, 1));
                for n in [1, 24, 40] {
                    let (xr, xi) = (noise(9, n * m), noise(10, n * m));
                    let mut from = FieldPlanes::new(m, plan.past(), n).unwrap();
                    let mut real = Planes::new(m, plan.past(), n).unwrap();
                    let mut to = FieldPlanes::new(m, 0, n).unwrap();
                    fill(&mut real, &xr, 0, n);
                    for p in 0..m {
                        let (a, b) = from.fresh_mut(p, n);
                        for i in 0..n {
                            (a[i], b[i]) = (xr[i * m + p], xi[i * m + p]);
                        }
                    }
                    let parts = |to: &FieldPlanes| {
                        let all = (0..n * m).map(|g| {
                            let (a, b) = to.fresh(g % m, n);
                            (a[g / m], b[g / m])
                        });
                        all.unzip::<f32, f32, Vec<_>, Vec<_>>()
                    };
                    let sum = |h: &[f32], x: &[f32]| convolve(h, &wide(x));
                    let combined = |a: Vec<f64>, b: Vec<f64>, sign: f64| -> Vec<f64> {
                        a.iter().zip(&b).map(|(a, b)| a + sign * b).collect()
                    };
                    plan.process(&mut plan.state(), &from, n, &mut to).unwrap();
                    let (a, b) = parts(&to);
                    let t = tolerance(2 * taps);
                    close(&a, &combined(sum(&re, &xr), sum(&im, &xi), -1.0), t, "re");
                    close(&b, &combined(sum(&re, &xi), sum(&im, &xr), 1.0), t, "im");
                    plan.process_real(&mut plan.state(), &real, n, &mut to)
                        .unwrap();
                    let (a, b) = parts(&to);
                    close(&a, &sum(&re, &xr), t, "re of real");
                    close(&b, &sum(&im, &xr), t, "im of real");
                }
            }
        }
    }
}

#[test]
fn taps_between_two_phases_are_between_them_at_every_level() {
    for level in Level::all() {
        for n in 1..40 {
            let (low, high, mut out) = (noise(1, n), noise(2, n), vec![0.0; n]);
            for share in [0.0, 0.3, 1.0] {
                kernel::blend(level, share, &low, &high, &mut out);
                for i in 0..n {
                    let (a, b) = (f64::from(low[i]), f64::from(high[i]));
                    let want = a + f64::from(share) * (b - a);
                    // Three roundings of numbers up to 2.
                    assert!((f64::from(out[i]) - want).abs() < 4e-7, "{level} {n} {i}");
                }
            }
        }
    }
}

#[test]
fn any_split_gives_the_same_bits_and_a_reset_starts_anew() {
    let total = 1500;
    for level in Level::all() {
        for (m, taps) in [(8, 530), (8, 20), (5, 77), (3, 1)] {
            let symbol = impulse(1, taps, m, 0);
            let edge = impulse(2, taps, m, 3);
            let first = Upsampler::with_level(&symbol, Some(&edge), level).unwrap();
            let (a, e) = (noise(3, total), noise(4, total));
            let stream = |blocks: &[usize], state: &mut UpsamplerState| {
                let (mut at, mut all) = (0, Vec::new());
                for &n in blocks {
                    let mut to = Planes::new(m, 2, n.max(1)).unwrap();
                    let part = at..at + n;
                    first
                        .process_displaced(state, &a[part.clone()], &e[part], &mut to)
                        .unwrap();
                    all.extend(interleaved(&to, n));
                    at += n;
                }
                all
            };
            let mut state = first.state();
            let whole = stream(&[total], &mut state);
            for seed in 1..4 {
                state.reset();
                assert_eq!(
                    stream(&split(total, seed), &mut state),
                    whole,
                    "{level} {m} {taps}"
                );
            }

            let x = noise(6, total * m);
            for plan in [
                PlaneFilter::direct(&symbol, level).unwrap(),
                PlaneFilter::overlap_save(&symbol, level).unwrap(),
            ] {
                let whole = filtered(&plan, &x, m, &[total], 0);
                for seed in 1..4 {
                    let blocks = split(total, seed);
                    let extra = seed as usize - 1;
                    assert_eq!(
                        filtered(&plan, &x, m, &blocks, extra),
                        whole,
                        "{level} {m} {taps}"
                    );
                }
                let mut state = plan.state();
                let mut from = Planes::new(m, plan.past(), total).unwrap();
                let mut to = Planes::new(m, 0, total).unwrap();
                for _ in 0..2 {
                    fill(&mut from, &x, 0, total);
                    plan.process(&mut state, &from, total, &mut to).unwrap();
                    assert_eq!(interleaved(&to, total), whole);
                    from.advance(total);
                    from.reset();
                    state.reset();
                }
            }
        }
    }
}

#[test]
fn samples_do_not_depend_on_where_a_block_or_a_chunk_starts() {
    let (m, total) = (8, 700);
    let x = noise(6, total * m);
    for level in Level::all() {
        let last = Sampler::with_level(&response(gauss(0.4, 9.6)), &config(m), level).unwrap();
        assert_eq!((last.level(), last.ahead()), (level, 0));
        let sampled = |blocks: &[usize], chunk: usize| {
            let mut from = Planes::new(m, last.past(), total).unwrap();
            let mut taps = last.taps(&from);
            let (mut at, mut all) = (0, Vec::new());
            for &n in blocks {
                fill(&mut from, &x, at, n);
                for start in (0..n).step_by(chunk) {
                    let len = chunk.min(n - start);
                    let (mut y, mut slope, mut again) =
                        (vec![0.0; len], vec![0.0; len], vec![0.0; len]);
                    last.sample_with_slope(
                        &mut taps,
                        &from,
                        start as isize,
                        0.3,
                        &mut y,
                        &mut slope,
                    )
                    .unwrap();
                    last.sample(&mut taps, &from, start as isize, 0.3, &mut again)
                        .unwrap();
                    assert_eq!(y, again);
                    all.extend(y.iter().zip(&slope).map(|(y, s)| (*y, *s)));
                }
                from.advance(n);
                at += n;
            }
            all
        };
        let whole = sampled(&[total], total);
        for (seed, chunk) in [(1, 64), (2, 1), (3, 13), (4, 33)] {
            assert_eq!(
                sampled(&split(total, seed), chunk),
                whole,
                "{level} {chunk}"
            );
        }
    }
}
