//! What truncation drops: long faint tails of the responses, which come back as noise of their own spectrum.

use num_complex::Complex64;
use rustfft::FftPlanner;

use crate::channel::convolve::{GridConfig, Impulse};
use crate::error::Result;
use crate::optics::fiber::dispersion_response;
use crate::optics::modulator::Modulator;
use crate::pam4::variance;
use crate::signal::{FrequencyGrid, Response};

use super::super::super::chain::{Chain, fir_spectrum, window_ui};
use super::super::super::path::SectionEnd;
use super::super::filters::advanced_fold;
use super::front::path;
use super::tuning::Tuning;

/// Interference that the taps leave out, per frequency of the symbol rate: the variance of white noise that
/// would have as much there. The first impulse is that of a symbol, the others are transfers; between them the
/// linear view of what is nonlinear.
pub(super) fn dropped(
    chain: &Chain,
    tuning: &Tuning,
    impulses: &[Impulse],
    grid: &GridConfig,
) -> Result<Vec<f64>> {
    let window = window_ui(chain.signal.grid(), chain.baud_hz);
    let m = grid.samples_per_ui;
    let n = window * m;
    let points = chain.signal.grid().points().min(n / 2 + 1);
    let frequencies = FrequencyGrid::new(chain.signal.grid().step_hz(), points)?;
    let mut planner = FftPlanner::<f64>::new();
    let forward = planner.plan_fft_forward(n);
    let mut kept = vec![Complex64::new(1.0 / grid.sample_rate_hz(), 0.0); points];
    for impulse in impulses {
        let mut work = vec![Complex64::default(); n];
        for (i, tap) in impulse.taps.iter().enumerate() {
            let at = (i as isize - impulse.before).rem_euclid(n as isize) as usize;
            work[at] += f64::from(*tap);
        }
        forward.process(&mut work);
        for (k, w) in kept.iter_mut().zip(&work) {
            *k *= w;
        }
    }
    let gain: f64 = tuning.gain.iter().product();
    for section in &path(chain)?.sections {
        if let SectionEnd::Photocurrent(light) = &section.end
            && let Some(config) = &light.modulator
        {
            let modulator = Modulator::new(config)?;
            let slope = light.slope_w_per_v * light.gain_a_w;
            let (lambda, d) = (light.wavelength_m, light.dispersion_s_m);
            for (k, f) in kept.iter_mut().zip(frequencies.iter()) {
                *k *= slope * dispersion_response(f, lambda, d, modulator.chirp());
            }
        }
    }
    let difference = Response::new(
        frequencies,
        chain
            .signal
            .values()
            .iter()
            .zip(&kept)
            .map(|(all, kept)| all * gain - kept)
            .collect(),
    )?;
    let phase_s = tuning.phase_ui / chain.baud_hz;
    let folded = advanced_fold(&difference, phase_s, window);
    let fir = fir_spectrum(&chain.choice, window);
    let of = variance(chain.levels);
    Ok(folded
        .iter()
        .zip(&fir)
        .map(|(d, c)| of * (d * c * window as f64).norm_sqr())
        .collect())
}
