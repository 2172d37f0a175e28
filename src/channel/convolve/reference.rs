//! The equations of this room in `f64`: sums over the grid with zeros between the symbols, and the Fourier series
//! of periodic sequences, which knows neither taps nor grid.

use std::f64::consts::PI;

use num_complex::Complex64;

/// Symbols on the grid: symbol `k` at index `k m`, zeros between.
#[must_use]
pub fn zero_stuffed(symbols: &[f32], samples_per_ui: usize) -> Vec<f64> {
    let mut x = vec![0.0; symbols.len() * samples_per_ui];
    for (to, &a) in x.iter_mut().step_by(samples_per_ui).zip(symbols) {
        *to = f64::from(a);
    }
    x
}

/// `y[g] = sum_i taps[i] x[g - i]`, zeros before the start; as long as `x`.
#[must_use]
pub fn convolve(taps: &[f32], x: &[f64]) -> Vec<f64> {
    (0..x.len())
        .map(|g| {
            let reach = taps.len().min(g + 1);
            (0..reach).map(|i| f64::from(taps[i]) * x[g - i]).sum()
        })
        .collect()
}

/// A periodic sequence of symbols behind a response, at any time.
#[derive(Debug, Clone)]
pub struct Periodic {
    /// Coefficients of harmonics `0..`, of the waveform's Fourier series.
    harmonics: Vec<Complex64>,
    period_ui: f64,
}

impl Periodic {
    /// The waveform `sum_k a[k] p(t - k)` of symbols that repeat, from the spectrum of `p` in V/Hz, as a function
    /// of the frequency over the symbol rate, up to `bands` times the symbol rate: coefficient
    /// `A[l] P(l / N) / N` with the discrete transform `A`.
    pub fn new(
        symbols: &[f32],
        bands: usize,
        spectrum_times_baud: impl Fn(f64) -> Complex64,
    ) -> Self {
        let n = symbols.len();
        let harmonics = (0..n * bands)
            .map(|l| {
                let a: Complex64 = (0..n)
                    .map(|k| {
                        let turn = (k * l % n) as f64 / n as f64;
                        f64::from(symbols[k]) * Complex64::cis(-2.0 * PI * turn)
                    })
                    .sum();
                a * spectrum_times_baud(l as f64 / n as f64) / n as f64
            })
            .collect();
        Self {
            harmonics,
            period_ui: n as f64,
        }
    }

    /// The waveform of a held sequence whose edge `k`, at `k - 1/2`, comes `tau[k]` UI late, behind a response in
    /// V/V: every edge of the staircase at its own place, no approximation. An edge `d u(t - t0)` of a periodic
    /// staircase contributes `d e^(-j 2 pi l t0 / N) / (j 2 pi l)` to harmonic `l`.
    pub fn displaced(
        symbols: &[f32],
        tau: &[f64],
        bands: usize,
        response: impl Fn(f64) -> Complex64,
    ) -> Self {
        let n = symbols.len();
        let a = |k: usize| f64::from(symbols[k % n]);
        let harmonics = (0..n * bands)
            .map(|l| {
                let staircase: Complex64 = if l == 0 {
                    (0..n)
                        .map(|k| a(k) * (1.0 + tau[(k + 1) % n] - tau[k]) / n as f64)
                        .sum::<f64>()
                        .into()
                } else {
                    (0..n)
                        .map(|k| {
                            let at = k as f64 - 0.5 + tau[k];
                            let turn = l as f64 * at / n as f64;
                            (a(k) - a(k + n - 1)) * Complex64::cis(-2.0 * PI * turn)
                        })
                        .sum::<Complex64>()
                        / Complex64::new(0.0, 2.0 * PI * l as f64)
                };
                staircase * response(l as f64 / n as f64)
            })
            .collect();
        Self {
            harmonics,
            period_ui: n as f64,
        }
    }

    /// The waveform behind another response, a function of the frequency over the symbol rate.
    #[must_use]
    pub fn then(&self, response: impl Fn(f64) -> Complex64) -> Self {
        let harmonics = self
            .harmonics
            .iter()
            .enumerate()
            .map(|(l, c)| c * response(l as f64 / self.period_ui))
            .collect();
        Self {
            harmonics,
            period_ui: self.period_ui,
        }
    }

    /// The waveform at a time in UI.
    #[must_use]
    pub fn at(&self, time_ui: f64) -> f64 {
        let turn = 2.0 * PI * time_ui / self.period_ui;
        self.harmonics
            .iter()
            .enumerate()
            .map(|(l, c)| {
                let both = if l == 0 { 1.0 } else { 2.0 };
                both * (c * Complex64::cis(turn * l as f64)).re
            })
            .sum()
    }
}
