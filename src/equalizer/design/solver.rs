//! The solve behind [`super::mmse`], with buffers that a search keeps.

use nalgebra::{DMatrix, DVector};

use super::bounded::{Limits, Quadratic, bounded};
use super::factor::{dot, factor};
use super::problem::{Pieces, Units, check};
use super::{Design, MmseConfig};
use crate::error::{Error, Result, in_range};
use crate::signal::Pulse;

/// Designs equalizers of one configuration for many pulses: [`super::mmse`] without its
/// allocations.
///
/// [`MmseSolver::snr`] gives the value that a search compares; [`MmseSolver::design`] the taps too.
#[derive(Debug, Clone)]
pub struct MmseSolver {
    config: MmseConfig,
    limits: Limits,
    /// Normalised problem: pulse over its largest sample, noise over its square and the symbol
    /// variance, so that the error is the reciprocal of the ratio.
    pulse: Vec<f64>,
    noise: Vec<f64>,
    /// First row of the Toeplitz matrix: noise and pulse autocorrelation.
    row: Vec<f64>,
    /// Column `j` weighs the taps into cursor `j`; `0..=dfe.len()`.
    cursors: DMatrix<f64>,
    matrix: DMatrix<f64>,
    taps: DVector<f64>,
    linear: DVector<f64>,
    feedback: Vec<f64>,
    /// Which bound each feedback tap sits at.
    held: Vec<Option<f64>>,
    residual: Vec<f64>,
}

impl MmseSolver {
    /// A solver for a configuration, whose mistakes are reported here.
    pub fn new(config: &MmseConfig) -> Result<Self> {
        config.check()?;
        let (n, d) = (config.ffe_taps, config.dfe.len());
        Ok(Self {
            config: config.clone(),
            limits: Limits::new(config),
            pulse: Vec::new(),
            noise: vec![0.0; n],
            row: vec![0.0; n],
            cursors: DMatrix::zeros(n, d + 1),
            matrix: DMatrix::zeros(n, n),
            taps: DVector::zeros(n),
            linear: DVector::zeros(n),
            feedback: vec![0.0; d],
            held: vec![None; d],
            residual: Vec::new(),
        })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &MmseConfig {
        &self.config
    }

    /// The signal-to-noise ratio (linear) that [`MmseSolver::design`] would reach.
    pub fn snr(&mut self, pulse: &Pulse, noise_autocorrelation: &[f64]) -> Result<f64> {
        let (scale, cursor) = self.prepare(pulse, noise_autocorrelation)?;
        self.solve(scale)?;
        let pieces = self.pieces(cursor);
        Ok(1.0 / (pieces.isi + pieces.noise))
    }

    /// The equalizer for a pulse; inputs, errors and contract as for [`super::mmse`].
    pub fn design(&mut self, pulse: &Pulse, noise_autocorrelation: &[f64]) -> Result<Design> {
        let (scale, cursor) = self.prepare(pulse, noise_autocorrelation)?;
        self.solve(scale)?;
        let pieces = self.pieces(cursor);
        let units = Units {
            scale,
            symbol_variance: self.config.symbol_variance,
            single: self.pulse[cursor],
            noise: self.noise[0],
        };
        let main = self.taps.dot(&self.cursors.column(0));
        let feedback = self.feedback.clone();
        Ok(units.design(self.taps.as_slice(), feedback, main, &pieces))
    }

    /// Checks and normalises the inputs; returns the scale of the pulse and its cursor.
    fn prepare(&mut self, pulse: &Pulse, noise: &[f64]) -> Result<(f64, usize)> {
        let (n, p) = (self.config.ffe_taps, self.config.precursors);
        let h = &pulse.samples;
        in_range(
            "pulse samples_per_ui",
            pulse.samples_per_ui as f64,
            1.0,
            1.0,
        )?;
        let scale = check(pulse, noise, self.config.symbol_variance, n)?;
        self.pulse.clear();
        self.pulse.extend(h.iter().map(|h| h / scale));
        let power = scale * scale * self.config.symbol_variance;
        for (lag, (to, r)) in self.noise.iter_mut().zip(noise).enumerate() {
            *to = r / power;
            self.row[lag] = *to + dot(&self.pulse, self.pulse.get(lag..).unwrap_or(&[]));
        }
        for j in 0..self.cursors.ncols() {
            for k in 0..n {
                self.cursors[(k, j)] = (pulse.cursor + j + p)
                    .checked_sub(k)
                    .and_then(|i| self.pulse.get(i))
                    .copied()
                    .unwrap_or(0.0);
            }
        }
        Ok((scale, pulse.cursor))
    }

    /// Taps and feedback of the normalised problem.
    fn solve(&mut self, scale: f64) -> Result<()> {
        self.held.fill(None);
        // The error with the best feedback within its bounds is convex and piecewise quadratic in
        // the taps; the piece that holds its own minimum is the solution.
        for _ in 0..2 * self.config.dfe.len() + 4 {
            self.solve_piece()?;
            if self.settle_feedback() {
                if self.limits.met(&self.taps, scale) {
                    return Ok(());
                }
                break;
            }
        }
        self.solve_bounded(scale)
    }

    /// The minimum where the feedback taps `held` sit at their bounds and the others are free.
    fn solve_piece(&mut self) -> Result<()> {
        let n = self.config.ffe_taps;
        let mut matrix = std::mem::replace(&mut self.matrix, DMatrix::zeros(0, 0));
        if matrix.nrows() != n {
            matrix = DMatrix::zeros(n, n); // a singular system has swallowed the buffer
        }
        for k in 0..n {
            for i in k..n {
                matrix[(i, k)] = self.row[i - k];
            }
        }
        self.linear.fill(0.0);
        for (j, held) in self.held.iter().enumerate() {
            let v = self.cursors.column(j + 1);
            if let Some(bound) = held {
                self.linear.axpy(*bound, &v, 1.0);
            } else {
                for k in 0..n {
                    let vk = v[k];
                    for i in k..n {
                        matrix[(i, k)] -= v[i] * vk;
                    }
                }
            }
        }
        let factor = factor(matrix, "equalizer normal equations")?;
        self.taps.copy_from(&self.cursors.column(0));
        factor.solve_mut(&mut self.taps);
        factor.solve_mut(&mut self.linear);
        self.matrix = factor.unpack_dirty();
        let main = self.cursors.column(0);
        let gain = main.dot(&self.taps);
        if !(gain > 0.0 && gain.is_finite()) {
            return Err(Error::NotPositive {
                name: "pulse within reach of the taps".into(),
                value: gain,
            });
        }
        let share = (1.0 - main.dot(&self.linear)) / gain;
        self.taps.scale_mut(share);
        self.taps += &self.linear;
        Ok(())
    }

    /// Feedback for the taps; true if the same taps sit at the same bounds as were assumed.
    fn settle_feedback(&mut self) -> bool {
        let mut same = true;
        for (j, &(min, max)) in self.config.dfe.iter().enumerate() {
            let wanted = self.taps.dot(&self.cursors.column(j + 1));
            let held = if wanted > max {
                Some(max)
            } else if wanted < min {
                Some(min)
            } else {
                None
            };
            self.feedback[j] = held.unwrap_or(wanted);
            same &= held == self.held[j];
            self.held[j] = held;
        }
        same
    }

    /// The whole problem in taps and feedback, every bound a linear constraint.
    fn solve_bounded(&mut self, scale: f64) -> Result<()> {
        let n = self.config.ffe_taps;
        let form = Quadratic {
            gram: DMatrix::from_fn(n, n, |i, k| self.row[i.abs_diff(k)]),
            main: self.cursors.column(0).into_owned(),
            feedback: self.cursors.columns(1, self.config.dfe.len()).into_owned(),
        };
        let (taps, feedback) = bounded(&form, &self.limits, &[], scale)?;
        self.taps.copy_from(&taps);
        self.feedback = feedback;
        Ok(())
    }

    /// Interference and noise at the slicer, relative to the variance of the symbols.
    fn pieces(&mut self, cursor: usize) -> Pieces {
        let n = self.config.ffe_taps;
        self.residual.clear();
        self.residual.resize(self.pulse.len() + n - 1, 0.0);
        for (k, w) in self.taps.iter().enumerate() {
            for (q, h) in self.residual[k..].iter_mut().zip(&self.pulse) {
                *q += w * h;
            }
        }
        let main = cursor + self.config.precursors;
        self.residual[main] = 0.0;
        let (mut beyond, mut peak) = (0.0, 0.0);
        for (j, b) in self.feedback.iter().enumerate() {
            if let Some(q) = self.residual.get_mut(main + 1 + j) {
                *q -= b;
            } else {
                // A bound can force a tap where there is nothing to take away.
                beyond += b * b;
                peak += b.abs();
            }
        }
        let taps = self.taps.as_slice();
        let mut noise = self.noise[0] * dot(taps, taps);
        for lag in 1..n {
            noise += 2.0 * self.noise[lag] * dot(taps, &taps[lag..]);
        }
        Pieces {
            isi: dot(&self.residual, &self.residual) + beyond,
            noise,
            peak: peak + self.residual.iter().map(|q| q.abs()).sum::<f64>(),
        }
    }
}
