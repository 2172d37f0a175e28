//! What rooms hand each other: frequency responses, pulses, noise densities, burst statistics.

use num_complex::Complex64;

use crate::error::{Error, Result, positive};

/// Uniform frequencies from zero: `f[i] = i * step_hz`, `i = 0..points`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyGrid {
    step_hz: f64,
    points: usize,
}

impl FrequencyGrid {
    /// A grid of `points` frequencies, `step_hz` apart, from zero.
    pub fn new(step_hz: f64, points: usize) -> Result<Self> {
        positive("step_hz", step_hz)?;
        if points == 0 {
            return Err(Error::Empty {
                name: "points".into(),
            });
        }
        Ok(Self { step_hz, points })
    }

    /// Distance between neighbours in Hz.
    #[must_use]
    pub fn step_hz(&self) -> f64 {
        self.step_hz
    }

    /// Number of frequencies, zero included.
    #[must_use]
    pub fn points(&self) -> usize {
        self.points
    }

    /// Frequency of point `i` in Hz.
    #[must_use]
    pub fn at(&self, i: usize) -> f64 {
        i as f64 * self.step_hz
    }

    /// The last frequency in Hz.
    #[must_use]
    pub fn end_hz(&self) -> f64 {
        self.at(self.points - 1)
    }

    /// All frequencies in Hz, rising.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        (0..self.points).map(|i| self.at(i))
    }
}

/// A transfer function on a [`FrequencyGrid`]: the positive half of the spectrum of a real system.
///
/// The sign convention is the engineer's: a delay `t0` is `exp(-j 2 pi f t0)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    grid: FrequencyGrid,
    values: Vec<Complex64>,
}

impl Response {
    /// A response from its values, one per grid point.
    pub fn new(grid: FrequencyGrid, values: Vec<Complex64>) -> Result<Self> {
        crate::error::length("response values", grid.points(), values.len())?;
        for (i, v) in values.iter().enumerate() {
            if !(v.re.is_finite() && v.im.is_finite()) {
                return Err(Error::NotFinite {
                    name: format!("response values[{i}]").into(),
                    value: v.re + v.im,
                });
            }
        }
        Ok(Self { grid, values })
    }

    /// A response from a function of the frequency in Hz; the function must be finite on the grid.
    pub fn from_fn(grid: FrequencyGrid, f: impl FnMut(f64) -> Complex64) -> Self {
        let values = grid.iter().map(f).collect();
        Self { grid, values }
    }

    /// The response that is one everywhere.
    #[must_use]
    pub fn unity(grid: FrequencyGrid) -> Self {
        Self::from_fn(grid, |_| Complex64::new(1.0, 0.0))
    }

    /// The frequencies.
    #[must_use]
    pub fn grid(&self) -> FrequencyGrid {
        self.grid
    }

    /// The values, one per frequency.
    #[must_use]
    pub fn values(&self) -> &[Complex64] {
        &self.values
    }

    /// Cascade with a response on the same grid: the product at each frequency.
    pub fn then(&self, next: &Self) -> Result<Self> {
        if self.grid != next.grid {
            return Err(Error::Length {
                name: "grid of the next response".into(),
                expected: self.grid.points,
                got: next.grid.points,
            });
        }
        let values = self
            .values
            .iter()
            .zip(&next.values)
            .map(|(a, b)| a * b)
            .collect();
        Ok(Self {
            grid: self.grid,
            values,
        })
    }

    /// The response times a real gain.
    #[must_use]
    pub fn scaled(&self, gain: f64) -> Self {
        Self {
            grid: self.grid,
            values: self.values.iter().map(|v| v * gain).collect(),
        }
    }

    /// The response with a delay of `delay_s` added (negative: advanced).
    #[must_use]
    pub fn delayed(&self, delay_s: f64) -> Self {
        let w = -2.0 * std::f64::consts::PI * delay_s;
        Self {
            grid: self.grid,
            values: self
                .values
                .iter()
                .zip(self.grid.iter())
                .map(|(v, f)| v * Complex64::cis(w * f))
                .collect(),
        }
    }

    /// `integral of |H(f)|^2 df` from zero to the end of the grid (trapezoid), Hz times the square
    /// of the response's unit.
    #[must_use]
    pub fn power_bandwidth_hz(&self) -> f64 {
        let n = self.values.len();
        let inner: f64 = self.values.iter().map(Complex64::norm_sqr).sum();
        let ends = self.values[0].norm_sqr() + self.values[n - 1].norm_sqr();
        (inner - 0.5 * ends) * self.grid.step_hz
    }
}

/// A pulse response: what one symbol of amplitude one does to a sampling point.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulse {
    /// Samples, uniform in time.
    pub samples: Vec<f64>,
    /// Samples per unit interval.
    pub samples_per_ui: usize,
    /// Index of the main cursor in `samples`.
    pub cursor: usize,
}

impl Pulse {
    /// A pulse, its cursor inside and its samples finite.
    pub fn new(samples: Vec<f64>, samples_per_ui: usize, cursor: usize) -> Result<Self> {
        if samples.is_empty() {
            return Err(Error::Empty {
                name: "pulse samples".into(),
            });
        }
        crate::error::all_finite("pulse samples", &samples)?;
        positive("samples_per_ui", samples_per_ui as f64)?;
        crate::error::in_range("cursor", cursor as f64, 0.0, (samples.len() - 1) as f64)?;
        Ok(Self {
            samples,
            samples_per_ui,
            cursor,
        })
    }

    /// The samples one UI apart that contain the cursor, as a pulse with `samples_per_ui = 1`.
    #[must_use]
    pub fn at_baud(&self) -> Self {
        let m = self.samples_per_ui;
        let first = self.cursor % m;
        Self {
            samples: self.samples[first..].iter().step_by(m).copied().collect(),
            samples_per_ui: 1,
            cursor: self.cursor / m,
        }
    }

    /// Sum of squares of the samples.
    #[must_use]
    pub fn energy(&self) -> f64 {
        self.samples.iter().map(|s| s * s).sum()
    }

    /// The shortest stretch that contains the cursor and keeps at least `share` (0..=1) of the energy;
    /// of several, the one that starts latest.
    ///
    /// The rule is part of a link's definition: every engine that truncates, truncates by it.
    #[must_use]
    pub fn kept(&self, share: f64) -> Self {
        let n = self.samples.len();
        let want = share.min(1.0) * self.energy();
        let (mut best_lo, mut best_hi) = (0, n);
        let (mut hi, mut sum) = (0, 0.0);
        for lo in 0..=self.cursor {
            while hi < n && (sum < want || hi <= self.cursor) {
                sum += self.samples[hi] * self.samples[hi];
                hi += 1;
            }
            if sum >= want && hi - lo <= best_hi - best_lo {
                (best_lo, best_hi) = (lo, hi);
            }
            sum -= self.samples[lo] * self.samples[lo];
            if hi == n && sum < want {
                break;
            }
        }
        Self {
            samples: self.samples[best_lo..best_hi].to_vec(),
            samples_per_ui: self.samples_per_ui,
            cursor: self.cursor - best_lo,
        }
    }
}

/// A one-sided noise density on a [`FrequencyGrid`], in V^2/Hz (or A^2/Hz).
#[derive(Debug, Clone, PartialEq)]
pub struct NoisePsd {
    /// The frequencies.
    pub grid: FrequencyGrid,
    /// The density, one value per frequency.
    pub density: Vec<f64>,
}

impl NoisePsd {
    /// White noise of one-sided density `density` behind a response: `density * |H(f)|^2`.
    #[must_use]
    pub fn white_through(density: f64, shape: &Response) -> Self {
        Self {
            grid: shape.grid(),
            density: shape
                .values()
                .iter()
                .map(|h| density * h.norm_sqr())
                .collect(),
        }
    }

    /// Autocorrelation at lags `0..lags` of one period `period_s` each:
    /// `R[m] = integral of N(f) cos(2 pi f m T) df` (trapezoid from zero to the end of the grid).
    #[must_use]
    pub fn autocorrelation(&self, period_s: f64, lags: usize) -> Vec<f64> {
        let step = self.grid.step_hz();
        let last = self.density.len() - 1;
        (0..lags)
            .map(|m| {
                let w = 2.0 * std::f64::consts::PI * period_s * m as f64;
                let sum: f64 = self
                    .density
                    .iter()
                    .enumerate()
                    .map(|(i, n)| {
                        let weight = if i == 0 || i == last { 0.5 } else { 1.0 };
                        weight * n * (w * self.grid.at(i)).cos()
                    })
                    .sum();
                sum * step
            })
            .collect()
    }
}

/// A log-likelihood ratio, natural logarithm; positive means bit 0 is the likelier.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Llr(pub f32);

/// How symbol errors cluster: what an equalizer with feedback does to a single wrong decision.
#[derive(Debug, Clone, PartialEq)]
pub struct BurstModel {
    /// Error events per running symbol.
    pub event_rate: f64,
    /// Mean symbol errors of an event.
    pub symbols_per_event: f64,
    /// Mean bit errors of an event.
    pub bits_per_event: f64,
    /// Probability that the symbol after a wrong one is wrong too.
    pub propagation: f64,
}

impl BurstModel {
    /// Propagation of the two-state chain whose runs of errors have the same mean length,
    /// `1 - 1 / symbols_per_event`; zero for a mean of one or less.
    ///
    /// Not the same as [`Self::propagation`], which looks at the first error of an event alone.
    #[must_use]
    pub fn run_propagation(&self) -> f64 {
        1.0 - 1.0 / self.symbols_per_event.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_noise_through_a_brick_wall_has_a_sinc_autocorrelation() {
        let grid = FrequencyGrid::new(1e7, 2001).unwrap(); // to 20 GHz
        let psd = NoisePsd::white_through(2e-9, &Response::unity(grid));
        let t = 1.0 / 40e9; // Nyquist of 20 GHz: lags beyond zero vanish
        let r = psd.autocorrelation(t, 4);
        assert!((r[0] - 2e-9 * 20e9).abs() < 1e-9);
        for m in 1..4 {
            assert!(r[m].abs() < 1e-3 * r[0], "lag {m}: {}", r[m]);
        }
    }

    #[test]
    fn kept_energy_is_the_shortest_run_around_the_cursor() {
        let p = Pulse::new(vec![0.0, 0.1, 0.5, 1.0, 0.4, 0.0, 0.05], 1, 3).unwrap();
        let k = p.kept(0.998);
        assert_eq!(k.samples, vec![0.1, 0.5, 1.0, 0.4]);
        assert_eq!(k.cursor, 2);
        assert_eq!(p.kept(1.0).energy(), p.energy());
    }

    #[test]
    fn baud_samples_contain_the_cursor() {
        let p = Pulse::new((0..10).map(f64::from).collect(), 4, 6).unwrap();
        let b = p.at_baud();
        assert_eq!(b.samples, vec![2.0, 6.0]);
        assert_eq!(b.samples[b.cursor], 6.0);
    }

    #[test]
    fn a_delay_turns_the_phase_clockwise() {
        let grid = FrequencyGrid::new(1e9, 3).unwrap();
        let d = Response::unity(grid).delayed(0.25e-9);
        assert!((d.values()[1] - Complex64::new(0.0, -1.0)).norm() < 1e-12);
        assert!(
            d.then(&Response::unity(FrequencyGrid::new(1e9, 4).unwrap()))
                .is_err()
        );
    }

    #[test]
    fn bad_pulses_and_grids_are_errors() {
        assert!(Pulse::new(vec![], 1, 0).is_err());
        assert!(Pulse::new(vec![1.0], 1, 1).is_err());
        assert!(Pulse::new(vec![f64::NAN], 1, 0).is_err());
        assert!(FrequencyGrid::new(0.0, 4).is_err());
        assert!(FrequencyGrid::new(1.0, 0).is_err());
    }
}
