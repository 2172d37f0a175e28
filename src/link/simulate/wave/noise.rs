//! Filters of stationary noise, from densities and responses alone.

use num_complex::Complex64;
use rustfft::FftPlanner;

use crate::channel::convolve::{GridConfig, Impulse};
use crate::error::Result;
use crate::signal::{FrequencyGrid, Response};

use super::super::super::path::SectionNoise;
use super::super::filters::{Taps, add_density, noise_filter, symbol_samples};

/// Share of a noise filter's energy that is kept; the kept taps are scaled so that the variance is whole.
const NOISE_KEPT: f64 = 1.0 - 3e-4;

/// What a section's gain control makes of a noise in it: the factor of its density.
fn power(noise: &SectionNoise, correction: f64) -> f64 {
    if noise.controlled {
        noise.density * correction * correction
    } else {
        noise.density
    }
}

/// Zero-phase taps on the waveform's grid that give white noise of variance one the density of a section's
/// noises at its end; none without noise.
pub(super) fn on_grid(
    noises: &[SectionNoise],
    correction: f64,
    grid: &GridConfig,
) -> Result<Option<Impulse>> {
    let Some(first) = noises.first() else {
        return Ok(None);
    };
    let frequencies: FrequencyGrid = first.shape.grid();
    let rate = grid.sample_rate_hz();
    // Density in both halves of the spectrum times the sample rate: variance per sample, were it white.
    let mut values = vec![0.0; frequencies.points()];
    for noise in noises {
        for (v, g) in values.iter_mut().zip(noise.shape.values()) {
            *v += 0.5 * power(noise, correction) * rate * g.norm_sqr();
        }
    }
    let step = frequencies.step_hz();
    let variance: f64 = values
        .iter()
        .enumerate()
        .filter(|(i, _)| *i as f64 * step <= 0.5 * rate)
        .map(|(i, v)| if i == 0 { *v } else { 2.0 * v })
        .sum::<f64>()
        * step
        / rate;
    if variance <= 0.0 {
        return Ok(None);
    }
    let shape = Response::new(
        frequencies,
        values
            .iter()
            .map(|v| Complex64::new(v.sqrt(), 0.0))
            .collect(),
    )?;
    let mut impulse = Impulse::transfer(
        &shape,
        &GridConfig {
            kept_energy: NOISE_KEPT,
            out_of_band: 1.0,
            ..*grid
        },
    )?;
    let kept: f64 = impulse.taps.iter().map(|t| f64::from(*t).powi(2)).sum();
    let scale = (variance / kept).sqrt() as f32;
    for tap in &mut impulse.taps {
        *tap *= scale;
    }
    Ok(Some(impulse))
}

/// Zero-phase taps at symbol spacing that give white noise of variance one the density of a section's noises,
/// of white noise of variance `white` and of a tail of interference, `tail` of it per symbol-rate frequency;
/// none without noise.
pub(super) fn at_symbols(
    noises: &[SectionNoise],
    correction: f64,
    white: f64,
    tail: &[f64],
    baud_hz: f64,
) -> Result<Option<Taps>> {
    let window = tail.len();
    let mut density = vec![0.0; window];
    for noise in noises {
        add_density(&mut density, power(noise, correction), &noise.shape);
    }
    let amplitude: Vec<Complex64> = density
        .iter()
        .zip(tail)
        .map(|(d, t)| Complex64::new((d * baud_hz + white + t).sqrt() / window as f64, 0.0))
        .collect();
    if amplitude.iter().all(|a| a.re == 0.0) {
        return Ok(None);
    }
    let shape = noise_filter(symbol_samples(&amplitude, &mut FftPlanner::new()))?;
    Ok(Some(Taps::new(&shape)))
}
