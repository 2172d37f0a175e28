//! Stages against the sums on the grid and against Fourier series of periodic sequences.

mod accuracy;
mod against;
mod bad;

use num_complex::Complex64;

use super::reference::{Periodic, convolve, zero_stuffed};
use super::*;
use crate::channel::{nrz_hold, pulse_grid};
use crate::error::Result;
use crate::signal::{FrequencyGrid, Response};
use crate::simd::Level;
use crate::units::sinc;

pub(super) const BAUD: f64 = 53.125e9;

/// Reproducible numbers in -1..1.
pub(super) fn noise(seed: u32, n: usize) -> Vec<f32> {
    let mut s = seed.wrapping_mul(2_654_435_761) | 1;
    (0..n)
        .map(|_| {
            s ^= s << 13;
            s ^= s >> 17;
            s ^= s << 5;
            (s >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

pub(super) fn symbols(seed: u32, n: usize) -> Vec<f32> {
    let level = |x: f32| ((2.0 * x + 2.0) as usize).min(3);
    noise(seed, n)
        .into_iter()
        .map(|x| [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0][level(x)])
        .collect()
}

pub(super) fn config(m: usize) -> GridConfig {
    GridConfig {
        baud_hz: BAUD,
        samples_per_ui: m,
        // So little is dropped that rounding of `f32` is what remains.
        kept_energy: 1.0 - 1e-13,
        ..Default::default()
    }
}

/// A Gaussian of `x` = frequency over symbol rate, -8.7 dB at `corner`, with a delay in UI.
pub(super) fn gauss(corner: f64, delay_ui: f64) -> impl Fn(f64) -> Complex64 + Copy {
    move |x| {
        let turn = -2.0 * std::f64::consts::PI * x * delay_ui;
        Complex64::cis(turn) * (-(x / corner).powi(2)).exp()
    }
}

pub(super) fn frequencies() -> FrequencyGrid {
    pulse_grid(BAUD, 128, 40.0 * BAUD).unwrap()
}

pub(super) fn response(h: impl Fn(f64) -> Complex64) -> Response {
    Response::from_fn(frequencies(), |f| h(f / BAUD))
}

pub(super) fn held(h: impl Fn(f64) -> Complex64) -> Response {
    response(h)
        .then(&nrz_hold(frequencies(), BAUD).unwrap())
        .unwrap()
}

/// The waveform of planes as one list.
pub(super) fn interleaved(planes: &Planes, n: usize) -> Vec<f32> {
    let m = planes.samples_per_ui();
    (0..n * m).map(|g| planes.fresh(g % m, n)[g / m]).collect()
}

/// Lengths of blocks that sum to `n`.
pub(super) fn split(n: usize, seed: u32) -> Vec<usize> {
    let mut left = n;
    let mut blocks = Vec::new();
    for x in noise(seed, 4 * n) {
        let take = (((x + 1.0) * 40.0) as usize).min(left);
        blocks.push(take);
        left -= take;
    }
    blocks.push(left);
    blocks
}

fn close(got: &[f32], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len());
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!(
            (f64::from(*g) - w).abs() <= tolerance,
            "{what}, {i}: {g} for {w}"
        );
    }
}

/// A first stage over a whole stream.
pub(super) fn upsampled(
    first: &Upsampler,
    symbols: &[f32],
    edges: Option<&[f32]>,
    m: usize,
) -> Result<Vec<f32>> {
    let n = symbols.len();
    let mut planes = Planes::new(m, 0, n)?;
    let mut state = first.state();
    match edges {
        Some(e) => first.process_displaced(&mut state, symbols, e, &mut planes)?,
        None => first.process(&mut state, symbols, &mut planes)?,
    }
    Ok(interleaved(&planes, n))
}

#[test]
fn a_symbol_becomes_its_waveform_where_it_was_sent() {
    for m in [2, 3, 4, 5, 8, 16, 32] {
        for delay in [0.0, 3.4, 40.25] {
            let h = gauss(0.35, delay);
            let taps = Impulse::symbol(&held(h), &config(m)).unwrap();
            let first = Upsampler::new(&taps).unwrap();
            let a = symbols(3, 128);
            let oracle = Periodic::new(&a, 2, |x| h(x) * sinc(x));
            // Twice the sequence: the second turn is periodic.
            let twice = [a.clone(), a].concat();
            let got = upsampled(&first, &twice, None, m).unwrap();
            for g in 140 * m..got.len() {
                let t = (g as isize - first.delay()) as f64 / m as f64;
                let want = oracle.at(t);
                // Sums of about 10 m taps below 1, rounded to f32; the energy dropped is 1e-13.
                assert!(
                    (f64::from(got[g]) - want).abs() < 2e-6,
                    "{m} {g}: {} {want}",
                    got[g]
                );
            }
        }
    }
}

#[test]
fn a_whole_chain_gives_the_waveform_at_any_phase() {
    for m in [4, 7, 8] {
        let (h, g, r) = (gauss(0.5, 2.3), gauss(0.5, -0.7), gauss(0.4, 11.9));
        let first = Upsampler::new(&Impulse::symbol(&held(h), &config(m)).unwrap()).unwrap();
        let middle =
            PlaneFilter::new(&Impulse::transfer(&response(g), &config(m)).unwrap()).unwrap();
        let last = Sampler::new(&response(r), &config(m)).unwrap();
        let a = symbols(5, 128);
        let oracle = Periodic::new(&a, 2, |x| h(x) * sinc(x) * g(x) * r(x));
        let twice = [a.clone(), a].concat();
        let mut x = Planes::new(m, middle.past(), 256).unwrap();
        let mut y = Planes::new(m, last.past() + 3, 256).unwrap();
        first.process(&mut first.state(), &twice, &mut x).unwrap();
        middle
            .process(&mut middle.state(), &x, 256, &mut y)
            .unwrap();
        let mut taps = last.taps(&y);
        let delay = (first.delay() + middle.delay() + last.delay()) as f64 / m as f64;
        for step in 0..=256 {
            let phase = f64::from(step) / 256.0;
            let (mut got, mut slope) = ([0.0; 64], [0.0; 64]);
            last.sample_with_slope(&mut taps, &y, 190, phase, &mut got, &mut slope)
                .unwrap();
            for i in 0..64 {
                let t = 190.0 + i as f64 + phase - delay;
                let tolerance = if step % 4 == 0 { 2e-6 } else { 1e-3 };
                assert!(
                    (f64::from(got[i]) - oracle.at(t)).abs() < tolerance,
                    "{m} {step} {i}: {} {}",
                    got[i],
                    oracle.at(t)
                );
                let want = (oracle.at(t + 1e-4) - oracle.at(t - 1e-4)) / 2e-4;
                assert!(
                    (f64::from(slope[i]) - want).abs() < 10.0 * tolerance,
                    "{m} {step} {i}: {} {want}",
                    slope[i]
                );
            }
        }
    }
}
