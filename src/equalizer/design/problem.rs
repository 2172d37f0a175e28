//! The equalizer problem with every tap at a delay of its own: what floating taps and more than one
//! sample per symbol need.

use nalgebra::{DMatrix, DVector};

use super::Design;
use super::bounded::Quadratic;
use super::factor::dot;
use crate::error::{Error, Result, all_finite, in_range, length, positive};
use crate::signal::Pulse;

/// What an equalizer leaves over, relative to the variance of the symbols.
pub(super) struct Pieces {
    /// Variance of the interference.
    pub(super) isi: f64,
    /// Variance of the noise.
    pub(super) noise: f64,
    /// Sum of the magnitudes of the cursors left.
    pub(super) peak: f64,
}

/// How a normalised problem goes back to units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    /// Largest magnitude of the pulse; the normalised pulse is the pulse over it.
    pub(super) scale: f64,
    /// Variance of the symbols.
    pub(super) symbol_variance: f64,
    /// Main sample of the normalised pulse.
    pub(super) single: f64,
    /// Variance of the normalised noise before the equalizer.
    pub(super) noise: f64,
}

impl Units {
    /// The design of normalised taps.
    pub(super) fn design(
        &self,
        taps: &[f64],
        feedback: Vec<f64>,
        cursor: f64,
        pieces: &Pieces,
    ) -> Design {
        let snr = 1.0 / (pieces.isi + pieces.noise);
        // Against one tap that makes the main sample a cursor of one.
        let gain = if self.noise > 0.0 {
            pieces.noise / self.noise
        } else {
            dot(taps, taps)
        };
        Design {
            ffe: taps.iter().map(|w| w / self.scale).collect(),
            dfe: feedback,
            snr,
            snr_db: 10.0 * snr.log10(),
            isi_variance: pieces.isi * self.symbol_variance,
            noise_variance: pieces.noise * self.symbol_variance,
            peak_distortion: pieces.peak,
            noise_enhancement: gain * self.single * self.single,
            cursor,
        }
    }
}

/// A pulse and a noise, normalised: pulse over its largest sample, noise over its square and the
/// variance of the symbols.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pulse: Vec<f64>,
    cursor: isize,
    /// Samples per symbol.
    step: isize,
    noise: Vec<f64>,
    pub(super) units: Units,
}

/// Most samples per symbol of a pulse.
const MOST_PER_UI: f64 = 64.0;

/// Share of `r[0]` by which a lag may pass it: rounding of a transform.
const ROUNDING: f64 = 1e-9;

/// The noise relative to the signal, unless zero, lies between this and its reciprocal: its square
/// roots and products are numbers then.
const FAINTEST: f64 = 1e-300;

/// Checks that a noise has `lags` lags, and that they can be an autocorrelation: none above the
/// first. Lags beyond are not looked at, but must be numbers.
pub(crate) fn autocorrelation(noise: &[f64], lags: usize) -> Result<()> {
    if noise.len() < lags {
        length("noise_autocorrelation", lags, noise.len())?;
    }
    all_finite("noise_autocorrelation", noise)?;
    in_range("noise_autocorrelation[0]", noise[0], 0.0, f64::MAX)?;
    let power = noise[0];
    let most = power * (1.0 + ROUNDING);
    if let Some(lag) = noise[..lags].iter().position(|r| r.abs() > most) {
        return Err(Error::OutOfRange {
            name: format!("noise_autocorrelation[{lag}]").into(),
            value: noise[lag],
            min: 0.0 - power,
            max: power,
        });
    }
    Ok(())
}

/// Checks of the inputs that every design makes; returns the largest magnitude of the pulse.
pub(super) fn check(
    pulse: &Pulse,
    noise: &[f64],
    symbol_variance: f64,
    lags: usize,
) -> Result<f64> {
    let h = &pulse.samples;
    if h.is_empty() {
        return Err(Error::Empty {
            name: "pulse samples".into(),
        });
    }
    in_range(
        "pulse cursor",
        pulse.cursor as f64,
        0.0,
        h.len() as f64 - 1.0,
    )?;
    all_finite("pulse samples", h)?;
    autocorrelation(noise, lags)?;
    let scale = h.iter().fold(0.0f64, |m, h| m.max(h.abs()));
    positive("largest pulse sample", scale)?;
    let signal = scale * scale * symbol_variance;
    in_range(
        "power of the largest pulse sample",
        signal,
        f64::MIN_POSITIVE,
        f64::MAX,
    )?;
    if noise[0] > 0.0 {
        let (min, max) = (FAINTEST * signal, signal / FAINTEST);
        let max = max.min(f64::MAX);
        in_range("noise_autocorrelation[0]", noise[0], min, max)?;
    }
    Ok(scale)
}

impl Problem {
    /// A problem whose taps lie within `lags` samples of one another.
    pub(super) fn new(
        pulse: &Pulse,
        noise: &[f64],
        symbol_variance: f64,
        lags: usize,
    ) -> Result<Self> {
        let spacing = pulse.samples_per_ui as f64;
        in_range("pulse samples_per_ui", spacing, 1.0, MOST_PER_UI)?;
        let scale = check(pulse, noise, symbol_variance, lags)?;
        let power = scale * scale * symbol_variance;
        let noise: Vec<f64> = noise[..lags].iter().map(|r| r / power).collect();
        let samples: Vec<f64> = pulse.samples.iter().map(|h| h / scale).collect();
        Ok(Self {
            cursor: pulse.cursor as isize,
            step: pulse.samples_per_ui as isize,
            units: Units {
                scale,
                symbol_variance,
                single: samples[pulse.cursor],
                noise: noise[0],
            },
            noise,
            pulse: samples,
        })
    }

    fn sample(&self, index: isize) -> f64 {
        usize::try_from(index)
            .ok()
            .and_then(|i| self.pulse.get(i))
            .copied()
            .unwrap_or(0.0)
    }

    /// What taps at `delays` add to the cursor `m` symbols after the main one:
    /// `h[cursor + step m - delay]`.
    pub(super) fn column(&self, m: isize, delays: &[isize]) -> DVector<f64> {
        let column = |k: usize, _| self.sample(self.cursor + self.step * m - delays[k]);
        DVector::from_fn(delays.len(), column)
    }

    /// The cursors that taps at `delays` can reach, as a range of `m`.
    pub(super) fn reach(&self, delays: &[isize]) -> std::ops::RangeInclusive<isize> {
        let first = delays.iter().min().copied().unwrap_or(0) - self.cursor;
        let last = delays.iter().max().copied().unwrap_or(0) - self.cursor;
        let end = last + self.pulse.len() as isize - 1;
        -(-first).div_euclid(self.step)..=end.div_euclid(self.step)
    }

    /// Correlation of the noise at the taps.
    pub(super) fn noise_gram(&self, delays: &[isize]) -> DMatrix<f64> {
        let n = delays.len();
        DMatrix::from_fn(n, n, |i, k| self.noise[delays[i].abs_diff(delays[k])])
    }

    /// Correlation of the signal at the taps, main cursor included:
    /// `sum_m h[c + step m - d_i] h[c + step m - d_k]`.
    pub(super) fn signal_gram(&self, delays: &[isize]) -> DMatrix<f64> {
        let n = delays.len();
        let mut gram = DMatrix::zeros(n, n);
        for i in 0..n {
            for k in 0..=i {
                let apart = delays[i] - delays[k];
                // Indices of the pulse at tap `i`: those of one phase, both inside.
                let phase = (self.cursor - delays[i]).rem_euclid(self.step);
                let sum: f64 = (phase..self.pulse.len() as isize)
                    .step_by(self.step as usize)
                    .map(|at| self.pulse[at as usize] * self.sample(at + apart))
                    .sum();
                gram[(i, k)] = sum;
                gram[(k, i)] = sum;
            }
        }
        gram
    }

    /// The whole problem: taps at `delays`, feedback of the cursors in `fed_back`.
    pub(super) fn quadratic(&self, delays: &[isize], fed_back: &[usize]) -> Quadratic {
        let columns: Vec<_> = fed_back
            .iter()
            .map(|&m| self.column(m as isize, delays))
            .collect();
        Quadratic {
            gram: self.noise_gram(delays) + self.signal_gram(delays),
            main: self.column(0, delays),
            feedback: if columns.is_empty() {
                DMatrix::zeros(delays.len(), 0)
            } else {
                DMatrix::from_columns(&columns)
            },
        }
    }

    /// What is left behind taps and feedback, summed cursor by cursor.
    pub(super) fn design(
        &self,
        delays: &[isize],
        taps: &[f64],
        fed_back: &[usize],
        feedback: Vec<f64>,
    ) -> Design {
        let (mut isi, mut peak, mut cursor) = (0.0, 0.0, 0.0);
        let furthest = fed_back.iter().max().map_or(0, |&m| m as isize);
        let reach = self.reach(delays);
        for m in *reach.start()..=(*reach.end()).max(furthest) {
            let mut q = dot(self.column(m, delays).as_slice(), taps);
            if m == 0 {
                cursor = q;
                continue;
            }
            for (&at, b) in fed_back.iter().zip(&feedback) {
                if at as isize == m {
                    q -= b;
                }
            }
            isi += q * q;
            peak += q.abs();
        }
        let w = DVector::from_column_slice(taps);
        let noise = w.dot(&(self.noise_gram(delays) * &w));
        let pieces = Pieces { isi, noise, peak };
        self.units.design(taps, feedback, cursor, &pieces)
    }
}
