//! Jitter transfer, measured: a sine on the phase of the signal, and what is left of it on the
//! phase of the sampler.

use std::f64::consts::TAU;

use nalgebra::{Matrix4, Vector4};
use num_complex::Complex64;

use super::LoopModel;
use crate::error::{Error, Result, positive};

/// A sinusoidal jitter: the signal's phase is `amplitude sin(2 pi f t)`, `t` from the first symbol of
/// the first block that is recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SinusoidalJitter {
    /// Zero to peak, UI.
    pub amplitude_ui: f64,
    /// Frequency in Hz.
    pub frequency_hz: f64,
}

/// One frequency of a measured jitter transfer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransferPoint {
    /// Frequency in Hz.
    pub frequency_hz: f64,
    /// Phase of the sampler over phase of the signal.
    pub measured: Complex64,
    /// Standard deviation of either part of it, from what the sine leaves unexplained.
    pub sigma: f64,
    /// The linear model's.
    pub model: Complex64,
}

/// A measured jitter transfer beside the linear model.
#[derive(Debug, Clone, PartialEq)]
pub struct JitterTransfer {
    /// The frequencies, as they were asked for.
    pub points: Vec<TransferPoint>,
    /// -3 dB frequency between the measured points, straight in decibels over the logarithm of the
    /// frequency; `None` if the points do not reach across it.
    pub bandwidth_hz: Option<f64>,
    /// -3 dB frequency of the model.
    pub model_bandwidth_hz: f64,
    /// Highest measured gain in dB, no less than zero.
    pub peaking_db: f64,
}

/// Measures the jitter transfer of a loop at rising `frequencies_hz`.
///
/// `record` runs the loop under the jitter it is given and returns the phase of the sampler in every
/// block, in UI ([`CdrState::phase_ui`](super::CdrState::phase_ui) before the block), after the loop has settled; constant phase and constant frequency
/// are fitted out. 0.02 UI is a usual amplitude: small against the range of a detector, large against what a
/// measurement of some periods resolves.
///
/// The model is the one to print beside: [`Cdr::model`](super::Cdr::model), or that
/// [`scaled`](LoopModel::scaled) to the detector gain that was measured.
///
/// # Errors
/// [`Error::NotIncreasing`] for the frequencies, [`Error::Empty`] for none or for a record of
/// less than eight blocks, [`Error::Singular`] for a record too short to tell a sine from a slope, and what `record` returns.
pub fn jitter_transfer(
    model: &LoopModel,
    frequencies_hz: &[f64],
    amplitude_ui: f64,
    mut record: impl FnMut(SinusoidalJitter) -> Result<Vec<f64>>,
) -> Result<JitterTransfer> {
    positive("amplitude_ui", amplitude_ui)?;
    if frequencies_hz.is_empty() {
        return Err(Error::Empty {
            name: "frequencies_hz".into(),
        });
    }
    for (index, &value) in frequencies_hz.iter().enumerate() {
        positive(format!("frequencies_hz[{index}]"), value)?;
        let previous = index.checked_sub(1).map_or(0.0, |i| frequencies_hz[i]);
        if value <= previous {
            return Err(Error::NotIncreasing {
                name: "frequencies_hz".into(),
                index,
                previous,
                value,
            });
        }
    }
    let mut points = Vec::with_capacity(frequencies_hz.len());
    for &frequency_hz in frequencies_hz {
        let phases = record(SinusoidalJitter {
            amplitude_ui,
            frequency_hz,
        })?;
        let (sine, sigma) = fit(model, &phases, frequency_hz)?;
        // The hold over a block: what the sequence of phases is to a sampler that keeps each.
        let hold = model.block_average(frequency_hz) / amplitude_ui;
        points.push(TransferPoint {
            frequency_hz,
            measured: sine * hold,
            sigma: sigma * hold.abs(),
            model: model.transfer(frequency_hz),
        });
    }
    let db = |p: &TransferPoint| 20.0 * p.measured.norm().log10();
    let half = 10.0 * 0.5f64.log10();
    let bandwidth_hz = points
        .windows(2)
        .find(|w| db(&w[0]) >= half && db(&w[1]) < half)
        .map(|w| {
            let share = (db(&w[0]) - half) / (db(&w[0]) - db(&w[1]));
            w[0].frequency_hz * (w[1].frequency_hz / w[0].frequency_hz).powf(share)
        });
    Ok(JitterTransfer {
        peaking_db: points.iter().map(db).fold(0.0, f64::max),
        points,
        bandwidth_hz,
        model_bandwidth_hz: model.bandwidth_hz(),
    })
}

/// Amplitude of the sine in the phases of the blocks, referred to `sin(2 pi f t)` at their middles, and
/// its standard deviation: least squares with a constant and a slope beside.
fn fit(model: &LoopModel, phases: &[f64], frequency_hz: f64) -> Result<(Complex64, f64)> {
    if phases.len() < 8 {
        return Err(Error::Empty {
            name: "phases after the eighth block".into(),
        });
    }
    crate::error::all_finite("phases", phases)?;
    let n = phases.len() as f64;
    let basis = |i: usize| {
        let t = model.middle_ui(i);
        let (s, c) = (TAU * (frequency_hz / model.baud_hz() * t).fract()).sin_cos();
        Vector4::new(s, c, 1.0, 2.0 * i as f64 / n - 1.0)
    };
    let (mut normal, mut right) = (Matrix4::zeros(), Vector4::zeros());
    for (i, phase) in phases.iter().enumerate() {
        let b = basis(i);
        normal += b * b.transpose();
        right += b * *phase;
    }
    let singular = || Error::Singular {
        name: "fit of the jitter".into(),
        rcond: 0.0,
    };
    let inverse = normal.try_inverse().ok_or_else(singular)?;
    let x = inverse * right;
    // A sine, its quadrature, a constant and a line that cannot be told apart have a huge inverse.
    if !x.iter().all(|v| v.is_finite()) || inverse[(0, 0)] * n > 1e6 {
        return Err(singular());
    }
    let rest: f64 = phases
        .iter()
        .enumerate()
        .map(|(i, phase)| (phase - basis(i).dot(&x)).powi(2))
        .sum();
    let variance = rest / (n - 4.0);
    Ok((
        Complex64::new(x[0], x[1]),
        (variance * inverse[(0, 0)].max(inverse[(1, 1)])).sqrt(),
    ))
}
