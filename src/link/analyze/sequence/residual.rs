//! Interference that a target does not explain, as an error event weighs it.

use crate::pam4::variance;

use super::super::pulse::Pulses;

/// What the equalizer leaves, by lag.
pub(super) struct Residual {
    /// Lag of the first entry.
    first: i64,
    samples: Vec<f64>,
    /// Levels of the symbols that interfere.
    pub(super) levels: [f64; 4],
}

impl Residual {
    pub(super) fn new(pulses: &Pulses, levels: [f64; 4], slope: f64) -> Self {
        let mut all: Vec<(i64, f64)> = Vec::with_capacity(pulses.residual.len() + 1);
        all.extend(pulses.residual.iter().map(|&(m, r)| (m, slope * r)));
        // The detector expects a cursor of one.
        all.push((0, pulses.gain - 1.0));
        Self::of(all, levels)
    }

    pub(super) fn of(all: Vec<(i64, f64)>, levels: [f64; 4]) -> Self {
        let first = all.iter().map(|&(m, _)| m).min().unwrap_or(0);
        let last = all.iter().map(|&(m, _)| m).max().unwrap_or(0);
        let mut samples = vec![0.0; (last - first) as usize + 1];
        for (m, r) in all {
            samples[(m - first) as usize] += r;
        }
        Self {
            first,
            samples,
            levels,
        }
    }

    /// Weights of the symbols in `sum_n s[n] sum_m r_m a[n-m]`: of those of the event (`0..length`), and of all
    /// others.
    pub(super) fn coefficients(&self, s: &[f64], length: usize) -> (Vec<f64>, Vec<f64>) {
        let mut inside = vec![0.0; length];
        let mut outside = Vec::new();
        let last = self.first + self.samples.len() as i64 - 1;
        // Symbol k meets sample n at the lag m = n - k.
        for k in -last..s.len() as i64 - self.first {
            let sum: f64 = s
                .iter()
                .enumerate()
                .filter_map(|(n, x)| {
                    let at = usize::try_from(n as i64 - k - self.first).ok()?;
                    Some(x * self.samples.get(at)?)
                })
                .sum();
            match usize::try_from(k).ok().and_then(|k| inside.get_mut(k)) {
                Some(c) => *c = sum,
                None if sum != 0.0 => outside.push(sum),
                None => {}
            }
        }
        (inside, outside)
    }

    /// Variance of that sum, all symbols free.
    pub(super) fn variance(&self, s: &[f64]) -> f64 {
        let (inside, outside) = self.coefficients(s, 0);
        let power = |c: &[f64]| c.iter().map(|c| c * c).sum::<f64>();
        variance(self.levels) * (power(&inside) + power(&outside))
    }
}
