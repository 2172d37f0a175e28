//! The solve behind [`super::mmse`], with buffers that a search keeps.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::quadratic::{Constraint, Failure, minimise};
use super::{Design, MmseConfig};
use crate::error::{Error, Result, all_finite, in_range, length};
use crate::signal::Pulse;

/// Designs equalizers of one configuration for many pulses: [`super::mmse`] without its
/// allocations.
///
/// [`MmseSolver::snr`] gives the value that a search compares; [`MmseSolver::design`] the taps too.
#[derive(Debug, Clone)]
pub struct MmseSolver {
    config: MmseConfig,
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

/// Square of the smallest over the largest pivot below which a system counts as singular.
const SINGULAR: f64 = 1e-14;

struct Pieces {
    isi: f64,
    noise: f64,
}

impl MmseSolver {
    /// A solver for a configuration, whose mistakes are reported here.
    pub fn new(config: &MmseConfig) -> Result<Self> {
        config.check()?;
        let (n, d) = (config.ffe_taps, config.dfe.len());
        Ok(Self {
            config: config.clone(),
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
        let cursor = self.prepare(pulse, noise_autocorrelation)?.1;
        self.solve()?;
        let pieces = self.pieces(cursor);
        Ok(1.0 / (pieces.isi + pieces.noise))
    }

    /// The equalizer for a pulse; inputs, errors and contract as for [`super::mmse`].
    pub fn design(&mut self, pulse: &Pulse, noise_autocorrelation: &[f64]) -> Result<Design> {
        let (scale, cursor) = self.prepare(pulse, noise_autocorrelation)?;
        self.solve()?;
        let pieces = self.pieces(cursor);
        let snr = 1.0 / (pieces.isi + pieces.noise);
        Ok(Design {
            ffe: self.taps.iter().map(|w| w / scale).collect(),
            dfe: self.feedback.clone(),
            snr,
            snr_db: 10.0 * snr.log10(),
            isi_variance: pieces.isi * self.config.symbol_variance,
            noise_variance: pieces.noise * self.config.symbol_variance,
            cursor: self.taps.dot(&self.cursors.column(0)),
        })
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
        in_range(
            "pulse cursor",
            pulse.cursor as f64,
            0.0,
            h.len() as f64 - 1.0,
        )?;
        all_finite("pulse samples", h)?;
        if noise.len() < n {
            length("noise_autocorrelation", n, noise.len())?;
        }
        all_finite("noise_autocorrelation", noise)?;
        in_range("noise_autocorrelation[0]", noise[0], 0.0, f64::MAX)?;

        let scale = h.iter().fold(0.0f64, |m, h| m.max(h.abs()));
        crate::error::positive("largest pulse sample", scale)?;
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
    fn solve(&mut self) -> Result<()> {
        self.held.fill(None);
        // The error with the best feedback within its bounds is convex and piecewise quadratic in
        // the taps; the piece that holds its own minimum is the solution.
        for _ in 0..2 * self.config.dfe.len() + 4 {
            self.solve_piece()?;
            if self.settle_feedback() {
                if self.within_limits() {
                    return Ok(());
                }
                break;
            }
        }
        self.solve_bounded()
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

    fn within_limits(&self) -> bool {
        if self.config.ffe_limits.is_empty() {
            return true;
        }
        let main = self.taps[self.config.precursors];
        main > 0.0
            && (0..self.config.ffe_taps).all(|k| {
                self.config
                    .limit(k)
                    .is_none_or(|(min, max)| (min * main..=max * main).contains(&self.taps[k]))
            })
    }

    /// The whole problem in taps and feedback, every bound a linear constraint.
    fn solve_bounded(&mut self) -> Result<()> {
        let (n, d, p) = (
            self.config.ffe_taps,
            self.config.dfe.len(),
            self.config.precursors,
        );
        let mut hessian = DMatrix::zeros(n + d, n + d);
        for i in 0..n {
            for k in 0..n {
                hessian[(i, k)] = self.row[i.abs_diff(k)];
            }
            for j in 0..d {
                hessian[(i, n + j)] = -self.cursors[(i, j + 1)];
                hessian[(n + j, i)] = -self.cursors[(i, j + 1)];
            }
        }
        for j in 0..d {
            hessian[(n + j, n + j)] = 1.0;
        }
        let factor = factor(hessian, "equalizer normal equations")?;
        let mut equality = DVector::zeros(n + d);
        equality.rows_mut(0, n).copy_from(&self.cursors.column(0));
        let mut constraints = Vec::new();
        let mut add = |entries: &[(usize, f64)], bound: f64| {
            let mut normal = DVector::zeros(n + d);
            for &(i, value) in entries {
                normal[i] = value;
            }
            constraints.push(Constraint { normal, bound });
        };
        for (j, &(min, max)) in self.config.dfe.iter().enumerate() {
            if min.is_finite() {
                add(&[(n + j, 1.0)], min);
            }
            if max.is_finite() {
                add(&[(n + j, -1.0)], -max);
            }
        }
        if !self.config.ffe_limits.is_empty() {
            add(&[(p, 1.0)], 0.0);
        }
        for k in 0..n {
            if let Some((min, max)) = self.config.limit(k) {
                if min.is_finite() {
                    add(&[(k, 1.0), (p, -min)], 0.0);
                }
                if max.is_finite() {
                    add(&[(k, -1.0), (p, max)], 0.0);
                }
            }
        }
        let solution =
            minimise(&factor, &equality, &constraints).map_err(|failure| Error::Singular {
                name: match failure {
                    Failure::Infeasible => "the set of taps within the limits is empty: it",
                    Failure::Stalled => "bounded equalizer design",
                }
                .into(),
                rcond: 0.0,
            })?;
        self.taps.copy_from(&solution.rows(0, n));
        let cursor = self.taps.dot(&self.cursors.column(0));
        self.taps.scale_mut(1.0 / cursor);
        for (j, &(min, max)) in self.config.dfe.iter().enumerate() {
            self.feedback[j] = self.taps.dot(&self.cursors.column(j + 1)).clamp(min, max);
        }
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
        let mut beyond = 0.0;
        for (j, b) in self.feedback.iter().enumerate() {
            match self.residual.get_mut(main + 1 + j) {
                Some(q) => *q -= b,
                // A bound can force a tap where there is nothing to take away.
                None => beyond += b * b,
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
        }
    }
}

/// Factor of a symmetric matrix of which the lower triangle counts.
fn factor(matrix: DMatrix<f64>, name: &'static str) -> Result<Cholesky<f64, Dyn>> {
    let singular = |rcond: f64| Error::Singular {
        name: name.into(),
        rcond,
    };
    let n = matrix.nrows();
    let factor = Cholesky::new(matrix).ok_or_else(|| singular(0.0))?;
    let pivots = factor.l_dirty();
    let (mut low, mut high) = (f64::INFINITY, 0.0f64);
    for i in 0..n {
        low = low.min(pivots[(i, i)]);
        high = high.max(pivots[(i, i)]);
    }
    let rcond = (low / high).powi(2);
    if rcond > SINGULAR {
        Ok(factor)
    } else {
        Err(singular(rcond))
    }
}

/// Sum of products over the shorter length, in four partial sums that the compiler can overlap.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sums = [0.0; 4];
    let (fours_a, fours_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let tail: f64 = fours_a
        .remainder()
        .iter()
        .zip(fours_b.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in fours_a.zip(fours_b) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + tail
}
