//! A nonlinear stage's curve, and what it makes of a value with interference around it.

use crate::error::Result;
use crate::frontend::limiter::Limiter;
use crate::metrics::Interference;
use crate::optics::modulator::Modulator;
use crate::pam4::variance;

/// Grid of the interference over its RMS, and what is left off the grid: the moments of a smooth curve need
/// no more.
const STEP: f64 = 1.0 / 30.0;
const NEGLIGIBLE: f64 = 0.01;

/// A static curve, small-signal gain of the linear view taken out.
pub(super) enum Curve {
    Limiter(Limiter),
    Modulator { modulator: Modulator, slope: f64 },
}

impl Curve {
    pub(super) fn at(&self, x: f64) -> f64 {
        match self {
            Self::Limiter(limiter) => limiter.at(x),
            Self::Modulator { modulator, slope } => {
                (modulator.power_at(x) - modulator.power_at(0.0)) / slope
            }
        }
    }
}

/// Distribution of a sum over symbols, coarse.
pub(super) fn grid(coefficients: &[f64], levels: [f64; 4]) -> Result<Interference> {
    let rms = (variance(levels) * coefficients.iter().map(|c| c * c).sum::<f64>()).sqrt();
    let rms = rms.max(f64::MIN_POSITIVE.sqrt());
    Interference::new(coefficients, levels, STEP * rms, NEGLIGIBLE * rms)
}

/// What a curve makes of a value and interference around it.
pub(super) struct Moments {
    pub(super) mean: f64,
    pub(super) slope: f64,
    pub(super) distortion: f64,
    pub(super) input: f64,
    pub(super) output: f64,
}

impl Moments {
    pub(super) fn new(interference: &Interference, value: f64, curve: &Curve) -> Self {
        let pdf = &interference.pdf;
        let centre = pdf.mean();
        let (mut mean, mut square, mut product, mut input) = (0.0, 0.0, 0.0, 0.0);
        for (x, p) in pdf.iter() {
            let y = curve.at(value + x);
            mean += p * y;
            square += p * y * y;
            product += p * y * (x - centre);
            input += p * (x - centre) * (x - centre);
        }
        let output = (square - mean * mean).max(0.0);
        // Without interference the derivative, by a small step.
        let slope = if input > 0.0 {
            product / input
        } else {
            let step = 1e-4 * value.abs().max(1e-12);
            (curve.at(value + step) - curve.at(value - step)) / (2.0 * step)
        };
        Self {
            mean,
            slope,
            distortion: (output - slope * slope * input).max(0.0),
            input,
            output,
        }
    }
}
