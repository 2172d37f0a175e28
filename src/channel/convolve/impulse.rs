//! From a frequency response to taps on the waveform's grid.

use num_complex::Complex64;

use super::runs;
use crate::channel::pulse::impulse;
use crate::error::{Error, Result, in_range, positive};
use crate::signal::{FrequencyGrid, Pulse, Response};
use crate::units::sinc;

/// The most samples per UI of a waveform.
pub const MAX_SAMPLES_PER_UI: usize = 64;

/// The waveform's grid, and how a response is cut to it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct GridConfig {
    /// Symbol rate in Hz; no default fits.
    pub baud_hz: f64,
    /// Samples per unit interval, 2 to [`MAX_SAMPLES_PER_UI`].
    pub samples_per_ui: usize,
    /// Share of a response's energy that its taps keep, above 0, at most 1.
    pub kept_energy: f64,
    /// The largest share of energy that may lie beyond half the sample rate.
    pub out_of_band: f64,
}

impl Default for GridConfig {
    /// 8 samples per UI, 99.99 % of the energy kept, at most 1e-4 of it out of band: what is lost either way is
    /// 40 dB below the signal.
    fn default() -> Self {
        Self {
            baud_hz: 0.0,
            samples_per_ui: 8,
            kept_energy: 0.9999,
            out_of_band: 1e-4,
        }
    }
}

impl GridConfig {
    /// Checks the numbers.
    ///
    /// # Errors
    /// A symbol rate that is not positive; samples per UI outside 2..=[`MAX_SAMPLES_PER_UI`]; shares outside
    /// 0..=1.
    pub fn check(&self) -> Result<()> {
        positive("baud_hz", self.baud_hz)?;
        in_range(
            "samples_per_ui",
            self.samples_per_ui as f64,
            2.0,
            MAX_SAMPLES_PER_UI as f64,
        )?;
        positive("kept_energy", self.kept_energy)?;
        in_range("kept_energy", self.kept_energy, 0.0, 1.0)?;
        in_range("out_of_band", self.out_of_band, 0.0, 1.0)?;
        Ok(())
    }

    /// Samples per second.
    #[must_use]
    pub fn sample_rate_hz(&self) -> f64 {
        self.baud_hz * self.samples_per_ui as f64
    }
}

/// A real response on the grid: tap `i` acts at time `(i - before) / m` UI.
#[derive(Debug, Clone, PartialEq)]
pub struct Impulse {
    /// The taps.
    pub taps: Vec<f32>,
    /// Taps before time zero; negative where the first tap comes after it (the delay of a path).
    pub before: isize,
    /// Samples per unit interval.
    pub samples_per_ui: usize,
}

impl Impulse {
    /// Taps of a transfer function in V/V (or W/V, A/W, …): `y[g] = sum_i taps[i] x[g + before - i]`.
    ///
    /// Within half the sample rate the taps have the response itself; what is beyond is left out, since a waveform
    /// on the grid holds nothing there. All taps of the window sum to `H(0)`; the shortest run that keeps the
    /// configured energy is taken ([`Pulse::kept`]).
    ///
    /// # Errors
    /// Those of [`GridConfig::check`]; a symbol rate that is no whole multiple of the grid's step
    /// ([`crate::channel::pulse_grid`]); [`Error::OutOfRange`] naming `samples_per_ui` and the smallest that
    /// would do, where of the energy that the response passes of a held symbol, `|H(f)|^2 sinc^2(f T)`, more than
    /// the allowed share is beyond half the sample rate; a response without its point at zero frequency (see
    /// [`Impulse::symbol`]).
    pub fn transfer(response: &Response, grid: &GridConfig) -> Result<Self> {
        grid.check()?;
        has_dc(response)?;
        let t = 1.0 / grid.baud_hz;
        in_band(response, grid, |f| sinc(f * t).powi(2))?;
        Self::cut(
            &band_limited(response, grid)?,
            1.0 / grid.sample_rate_hz(),
            grid,
        )
    }

    /// Taps that are the waveform of one unit symbol sent at time zero, from its spectrum in V/Hz
    /// ([`crate::channel::nrz_hold`] and what follows it): samples of `p(t) = integral of P(f) e^(j 2 pi f t) df`.
    ///
    /// # Errors
    /// As of [`Impulse::transfer`], with the share of `|P(f)|^2`, which would fold.
    /// [`Error::OutOfRange`] where `P(0)` is not real, or further from `P` at the grid's next point than half the
    /// largest magnitude: the point at zero frequency is missing.
    pub fn symbol(spectrum: &Response, grid: &GridConfig) -> Result<Self> {
        grid.check()?;
        has_dc(spectrum)?;
        in_band(spectrum, grid, |_| 1.0)?;
        Self::cut(spectrum, 1.0, grid)
    }

    /// Taps of the change of the waveform where the edge between symbols -1 and 0, at time -1/2 UI and one unit
    /// high, comes later: per UI of displacement, to first order. `path` is the response in V/V behind the held
    /// symbol, the hold itself left out.
    ///
    /// The edge is a step at `-T/2`; displaced by `tau` UI it is less by `tau T g(t + T/2)`, where `g` is
    /// the impulse response of the path, the derivative of its step response. So the spectrum of these taps is
    /// `-T H(f) e^(j pi f T)`, in V/Hz.
    ///
    /// # Errors
    /// As of [`Impulse::symbol`].
    pub fn edge(path: &Response, grid: &GridConfig) -> Result<Self> {
        grid.check()?;
        let t = 1.0 / grid.baud_hz;
        Self::symbol(&path.delayed(-0.5 * t).scaled(-t), grid)
    }

    /// Whether a plan can be made of it.
    pub(super) fn check(&self) -> Result<()> {
        runs::check("taps", &self.taps)?;
        runs::check_place(self.before, self.samples_per_ui)
    }

    /// The run of the inverse transform, times `scale`, that keeps the energy.
    fn cut(response: &Response, scale: f64, grid: &GridConfig) -> Result<Self> {
        let samples = impulse(response, grid.sample_rate_hz())?;
        let (kept, first) = kept(samples, grid)?;
        Ok(Self {
            taps: kept.samples.iter().map(|h| (h * scale) as f32).collect(),
            before: -first,
            samples_per_ui: grid.samples_per_ui,
        })
    }
}

/// The run of one period of a response that keeps the configured energy, and the time of its first sample: those
/// up to a quarter of the window before the largest magnitude come before it.
pub(super) fn kept(mut samples: Vec<f64>, grid: &GridConfig) -> Result<(Pulse, isize)> {
    let n = samples.len();
    let mut peak = 0;
    for (i, s) in samples.iter().enumerate() {
        if s.abs() > samples[peak].abs() {
            peak = i;
        }
    }
    let cursor = n / 4;
    samples.rotate_left((peak + n - cursor) % n);
    let kept = Pulse::new(samples, grid.samples_per_ui, cursor)?.kept(grid.kept_energy);
    // A peak in the last quarter of the window lies before time zero.
    let time = peak as isize - if 4 * peak > 3 * n { n as isize } else { 0 };
    let first = time - kept.cursor as isize;
    Ok((kept, first))
}

/// The response within half the sample rate, nothing beyond.
pub(super) fn band_limited(response: &Response, grid: &GridConfig) -> Result<Response> {
    let half = 0.5 * grid.sample_rate_hz();
    // Grid points that mean half the sample rate miss it by rounding.
    let near = 1e-6 * response.grid().step_hz();
    let values = response
        .values()
        .iter()
        .zip(response.grid().iter())
        .map(|(v, f)| {
            if f > half + near {
                Complex64::default()
            } else if f > half - near {
                // Shared with the negative half, which the transform folds onto it.
                0.5 * v
            } else {
                *v
            }
        })
        .collect();
    Response::new(response.grid(), values)
}

/// Whether the energy beyond half the sample rate is small enough; else how many samples per UI would do.
pub(super) fn in_band(
    response: &Response,
    grid: &GridConfig,
    weight: impl Fn(f64) -> f64,
) -> Result<()> {
    let frequencies: FrequencyGrid = response.grid();
    let energy: Vec<f64> = response
        .values()
        .iter()
        .zip(frequencies.iter())
        .map(|(v, f)| v.norm_sqr() * weight(f))
        .collect();
    // From the end down to the frequency beyond which the allowed share lies.
    let allowed = grid.out_of_band * energy.iter().sum::<f64>();
    let mut beyond = 0.0;
    let mut i = energy.len();
    while i > 0 && beyond + energy[i - 1] <= allowed {
        i -= 1;
        beyond += energy[i];
    }
    let needed = 2.0 * frequencies.at(i.saturating_sub(1)) / grid.baud_hz;
    // Half the sample rate may fall on a point.
    let m = grid.samples_per_ui as f64;
    if needed <= m * (1.0 + 1e-9) {
        return Ok(());
    }
    Err(Error::OutOfRange {
        name:
            "samples_per_ui (energy beyond half the sample rate: oversampling too low for the band)"
                .into(),
        value: m,
        min: (needed * (1.0 - 1e-9)).ceil(),
        max: (MAX_SAMPLES_PER_UI as f64).max(needed.ceil()),
    })
}

/// Whether zero frequency fits what is next to it.
pub(super) fn has_dc(response: &Response) -> Result<()> {
    let values = response.values();
    let most = values.iter().map(|v| v.norm()).fold(0.0, f64::max);
    let dc = values[0];
    in_range(
        "imaginary part of the response at zero frequency",
        dc.im,
        -1e-6 * most,
        1e-6 * most,
    )?;
    if let Some(next) = values.get(1) {
        in_range(
            "magnitude of the response at zero frequency (its point there is missing)",
            dc.norm(),
            next.norm() - 0.5 * most,
            next.norm() + 0.5 * most,
        )?;
    }
    Ok(())
}
