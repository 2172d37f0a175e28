//! Distributions of interference on a grid, precise far into their tails.
//!
//! A [`Pdf`] holds probabilities at the points `k * step`. Interferers are convolved in one by one,
//! directly: every term is positive, so a tail of 1e-25 is as precise as the middle, which a Fourier
//! transform (with an error of 1e-16 of the *peak* everywhere) cannot give. Gaussian noise never goes on
//! the grid: its tail is applied to every point in closed form.

use crate::error::{Error, Result, in_range, positive};
use crate::units::q_function;

/// More bins than any sensible grid has; reached only by a step far too small.
const MAX_BINS: f64 = 4_194_304.0;
/// Edge bins below this are cut off: far below what is asked of a tail, far above denormal numbers.
const CUT: f64 = 1e-40;
/// A value this close to a grid point (in steps) is on it.
const SNAP: f64 = 1e-9;

/// Probabilities on a uniform grid that contains zero.
///
/// A value between two grid points is split between them in proportion to its distances: the mean is
/// kept exactly, and a share `f` of a step beyond the lower point adds a variance of
/// `f (1 - f) step^2 <= step^2 / 4`, which every operation returns so that it can be taken out of a
/// Gaussian noise (as [`Interference::sigma`](super::Interference::sigma) does). The grid grows as far as the values reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Pdf {
    step: f64,
    /// Grid index of the first bin.
    first: i64,
    mass: Vec<f64>,
}

impl Pdf {
    /// Certainty of zero, on a grid of the given step (unit of the signal).
    pub fn delta(step: f64) -> Result<Self> {
        positive("step", step)?;
        Ok(Self {
            step,
            first: 0,
            mass: vec![1.0],
        })
    }

    /// Distance of grid points.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Points `(value, probability)`, values rising.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.mass.iter().enumerate().map(|(i, &m)| (self.at(i), m))
    }

    fn at(&self, i: usize) -> f64 {
        (self.first + i as i64) as f64 * self.step
    }

    /// Number of grid points held.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.mass.len()
    }

    /// Sum of all probabilities: 1 but for rounding and edges cut below 1e-40.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.mass.iter().sum()
    }

    /// Mean value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.iter().map(|(x, p)| x * p).sum()
    }

    /// Variance around the mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.iter().map(|(x, p)| (x - mean).powi(2) * p).sum()
    }

    /// Adds an independent variable with the given values and probabilities (not negative, sum 1).
    ///
    /// Returns the variance that splitting between grid points added. Cost: two multiply-adds per value
    /// and bin.
    pub fn convolve(&mut self, impulses: &[(f64, f64)]) -> Result<f64> {
        let mut sum = 0.0;
        for &(x, p) in impulses {
            in_range("value in steps", x / self.step, -MAX_BINS, MAX_BINS)?;
            in_range("probability", p, 0.0, 1.0)?;
            sum += p;
        }
        in_range("sum of probabilities", sum, 1.0 - 1e-9, 1.0 + 1e-9)?;
        self.fits(impulses)?;
        Ok(self.convolve_unchecked(impulses))
    }

    /// Adds an independent symbol whose four equally likely levels contribute the four values.
    ///
    /// For an interferer of coefficient `c` the values are `c * levels[i]`. Returns the variance that
    /// splitting added.
    pub fn convolve_levels(&mut self, values: [f64; 4]) -> Result<f64> {
        self.convolve(&values.map(|x| (x, 0.25)))
    }

    /// Adds an independent variable given on a grid of the same step. Nothing is split.
    pub fn convolve_pdf(&mut self, other: &Self) -> Result<()> {
        if self.step != other.step {
            return Err(Error::OutOfRange {
                name: "step of the other distribution".into(),
                value: other.step,
                min: self.step,
                max: self.step,
            });
        }
        let bins = (self.mass.len() + other.mass.len()) as f64;
        in_range("bins of the distribution", bins, 0.0, MAX_BINS)?;
        let mut out = vec![0.0; self.mass.len() + other.mass.len() - 1];
        for (k, &weight) in other.mass.iter().enumerate() {
            accumulate(&mut out[k..], &self.mass, weight);
        }
        self.first += other.first;
        self.mass = out;
        self.trim();
        Ok(())
    }

    /// Whether the grid stays within bounds when these values are added.
    fn fits(&self, impulses: &[(f64, f64)]) -> Result<()> {
        let (low, high) = impulses
            .iter()
            .fold((0.0f64, 0.0f64), |(l, h), &(x, _)| (l.min(x), h.max(x)));
        let bins = self.mass.len() as f64 + (high - low) / self.step + 2.0;
        in_range("bins of the distribution", bins, 0.0, MAX_BINS)?;
        Ok(())
    }

    fn convolve_unchecked(&mut self, impulses: &[(f64, f64)]) -> f64 {
        let mut added = 0.0;
        let split: Vec<(i64, f64, f64)> = impulses
            .iter()
            .map(|&(x, p)| {
                let u = x / self.step;
                let floor = u.floor();
                let share = u - floor;
                if share < SNAP {
                    return (floor as i64, p, 0.0);
                }
                if share > 1.0 - SNAP {
                    return (floor as i64 + 1, p, 0.0);
                }
                added += p * share * (1.0 - share) * self.step * self.step;
                (floor as i64, p * (1.0 - share), p * share)
            })
            .collect();
        let low = split.iter().map(|s| s.0).min().unwrap_or(0);
        let high = split.iter().map(|s| s.0 + 1).max().unwrap_or(0);
        let mut out = vec![0.0; self.mass.len() + (high - low) as usize];
        for (k, near, far) in split {
            let at = (k - low) as usize;
            accumulate(&mut out[at..], &self.mass, near);
            if far > 0.0 {
                accumulate(&mut out[at + 1..], &self.mass, far);
            }
        }
        self.first += low;
        self.mass = out;
        self.trim();
        added
    }

    /// Cuts the edges that hold less than [`CUT`] per bin.
    fn trim(&mut self) {
        let keep = |m: &f64| *m >= CUT;
        if let (Some(a), Some(b)) = (
            self.mass.iter().position(keep),
            self.mass.iter().rposition(keep),
        ) {
            self.mass.truncate(b + 1);
            self.mass.drain(..a);
            self.first += a as i64;
        }
    }

    /// Probability that the variable plus Gaussian noise exceeds a threshold:
    /// `sum over k of p(k) Q((threshold - k step) / sigma)`.
    ///
    /// `sigma >= 0`; at zero it is the probability above the threshold plus half of that on it. Relative
    /// error 1e-12 however small the result, down to 1e-300.
    #[must_use]
    pub fn tail_above_gaussian(&self, threshold: f64, sigma: f64) -> f64 {
        // From the highest value down: the Gaussian tail falls all the way.
        tail(self.iter().rev().map(|(x, p)| (threshold - x, p)), sigma)
    }

    /// Probability that the variable plus Gaussian noise stays below a threshold:
    /// `sum over k of p(k) Q((k step - threshold) / sigma)`. As [`Self::tail_above_gaussian`].
    #[must_use]
    pub fn tail_below_gaussian(&self, threshold: f64, sigma: f64) -> f64 {
        tail(self.iter().map(|(x, p)| (x - threshold, p)), sigma)
    }
}

/// `out[i] += weight * mass[i]`.
fn accumulate(out: &mut [f64], mass: &[f64], weight: f64) {
    for (o, m) in out.iter_mut().zip(mass) {
        *o += weight * m;
    }
}

/// `sum of p Q(d / sigma)` over distances `d` that rise.
fn tail(points: impl Iterator<Item = (f64, f64)>, sigma: f64) -> f64 {
    let mut sum = 0.0;
    for (d, p) in points {
        let q = if sigma > 0.0 {
            let z = d / sigma;
            if z < -9.0 { 1.0 } else { q_function(z) } // 1 - Q(9) is 1 in f64
        } else if d < 0.0 {
            1.0
        } else if d > 0.0 {
            0.0
        } else {
            0.5
        };
        // All that follows has a smaller q, and its probabilities add up to one at most.
        if q <= 1e-17 * sum || (q == 0.0 && d > 0.0) {
            break;
        }
        sum += p * q;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_interference_the_tail_is_that_of_the_noise() {
        let pdf = Pdf::delta(1e-3).unwrap();
        for exponent in 2..=25 {
            let p = 10f64.powi(-exponent);
            let sigma = 0.3 / crate::units::q_inverse(p);
            assert!((pdf.tail_above_gaussian(0.3, sigma) / p - 1.0).abs() < 1e-8);
            assert!((pdf.tail_below_gaussian(-0.3, sigma) / p - 1.0).abs() < 1e-8);
        }
        assert_eq!(pdf.tail_above_gaussian(0.0, 0.0), 0.5);
        assert_eq!(pdf.tail_above_gaussian(-1e-9, 0.0), 1.0);
        assert_eq!(pdf.tail_below_gaussian(-1e-9, 0.0), 0.0);
    }

    #[test]
    fn splitting_keeps_the_mean_and_says_what_it_adds() {
        let mut pdf = Pdf::delta(0.5).unwrap();
        // A quarter step above zero: three quarters stay, the mean is kept.
        let added = pdf.convolve(&[(0.125, 1.0)]).unwrap();
        assert_eq!(pdf.iter().collect::<Vec<_>>(), [(0.0, 0.75), (0.5, 0.25)]);
        assert_eq!(added, 0.25 * 0.75 * 0.25);
        assert_eq!(pdf.variance(), added);
    }

    #[test]
    fn impossible_grids_are_errors() {
        assert!(Pdf::delta(0.0).is_err());
        let mut pdf = Pdf::delta(0.1).unwrap();
        assert!(pdf.convolve(&[(1.0, 0.6)]).is_err());
        assert!(pdf.convolve(&[(1.0, -0.5), (0.0, 1.5)]).is_err());
        assert!(pdf.convolve_pdf(&Pdf::delta(0.2).unwrap()).is_err());
        assert_eq!(pdf, Pdf::delta(0.1).unwrap());
    }
}
