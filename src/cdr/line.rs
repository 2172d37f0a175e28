//! The symbol-rate line: phase and frequency of a signal whose symbols nobody can decide yet.

use std::f64::consts::TAU;

use num_complex::Complex64;

/// UI that the sampling phase walks per block while the line is measured.
///
/// The line then turns by minus a quarter per block and what stands still does not: neither samples and
/// edges of unequal gain nor the image of the line (at plus a quarter) can be taken for it. A quarter is
/// on the grid of every phase interpolator of a power of two of steps.
pub(super) const WALK_UI: f64 = 0.25;

/// What a record of blocks says about the line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Line {
    /// Phase of the signal in block zero, UI: where the energy of its samples is largest.
    pub(super) phase_ui: f64,
    /// UI per block by which that phase grows.
    pub(super) drift_ui: f64,
    /// Amplitude of the line.
    pub(super) amplitude: f64,
    /// Variance of what is left, per block (both quadratures together).
    pub(super) noise: f64,
    /// Power of the line over the noise, all blocks together: of unit mean for noise alone.
    pub(super) strength: f64,
}

impl Line {
    /// Finds the line in the pairs `z^2 - x^2` and `x (z' - z)`, as one complex number per block, that
    /// turn by no more than `span_ui` UI per block either way beside the walk; zero for a bad block.
    ///
    /// The record's spectrum is searched at four points per bin, the best refined: what is found is
    /// the most likely phase and frequency of a turning line in white noise.
    pub(super) fn find(record: &[Complex64], span_ui: f64) -> Self {
        let good = record.iter().filter(|u| **u != Complex64::ZERO).count();
        if good < 2 {
            return Self::default();
        }
        let (n, middle) = (record.len() as f64, 0.5 * (record.len() - 1) as f64);
        // Referred to the middle of the record, where phase and frequency do not depend on each other.
        let at = |drift: f64| -> Complex64 {
            let turn = Complex64::cis(-TAU * ((drift - WALK_UI).rem_euclid(1.0)));
            let mut pointer = Complex64::cis(TAU * ((drift - WALK_UI) * middle).fract());
            let mut sum = Complex64::ZERO;
            for (i, u) in record.iter().enumerate() {
                sum += u * pointer;
                pointer *= turn;
                // Rounding makes the pointer longer or shorter by 1e-16 per step.
                if i % 1024 == 1023 {
                    pointer /= pointer.norm();
                }
            }
            sum
        };
        let steps = (4.0 * span_ui * n).ceil();
        let (mut best, mut drift) = (-1.0, 0.0);
        for i in 0..=2 * steps as usize {
            let here = (i as f64 / steps.max(1.0) - 1.0) * span_ui;
            let power = at(here).norm_sqr();
            if power > best {
                (best, drift) = (power, here);
            }
        }
        let (mut low, mut high) = (drift - 0.25 / n, drift + 0.25 / n);
        for _ in 0..40 {
            let (left, right) = (low + 0.382 * (high - low), low + 0.618 * (high - low));
            if at(left).norm_sqr() > at(right).norm_sqr() {
                high = right;
            } else {
                low = left;
            }
        }
        drift = 0.5 * (low + high);
        let sum = at(drift) / good as f64;
        let power: f64 = record.iter().map(Complex64::norm_sqr).sum::<f64>() / good as f64;
        let noise = (power - sum.norm_sqr()).max(0.0);
        Self {
            phase_ui: sum.arg() / TAU - (drift - WALK_UI) * middle,
            drift_ui: drift,
            amplitude: sum.norm(),
            noise,
            strength: sum.norm_sqr() * good as f64 / noise,
        }
    }

    /// The strength that noise alone reaches in one record of `blocks` in `1 / false_alarm`: each of
    /// the independent points of the spectrum has an exponential power.
    pub(super) fn threshold(blocks: usize, span_ui: f64, false_alarm: f64) -> f64 {
        let points = 2.0 * span_ui * blocks as f64 + 1.0;
        // The maximum over a continuous frequency exceeds that over the bins like e times as many (a
        // bound for a spectrum of unit bins: its level crossings grow with the root of the strength).
        let crossings = |s: f64| points * (1.0 + (std::f64::consts::PI * s / 3.0).sqrt());
        let mut s: f64 = 10.0;
        for _ in 0..50 {
            s = (crossings(s) / false_alarm).ln();
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Gauss;

    fn record(n: usize, amplitude: f64, phase: f64, drift: f64, seed: u64) -> Vec<Complex64> {
        let mut z = vec![0.0; 2 * n];
        Gauss::new(seed, 0).fill(0, &mut z);
        (0..n)
            .map(|i| {
                let turns = phase + (drift - WALK_UI) * i as f64;
                Complex64::from_polar(amplitude, TAU * turns)
                    + Complex64::new(z[2 * i].into(), z[2 * i + 1].into()) * 0.5f64.sqrt()
            })
            .collect()
    }

    #[test]
    fn a_line_is_found_as_well_as_theory_allows() {
        let (n, amplitude) = (1024, 0.3);
        let (mut phases, mut drifts) = (0.0, 0.0);
        let runs = 40;
        for run in 0..runs {
            let (phase, drift) = (0.025 * run as f64, 0.0006 * (run as f64 - 20.0));
            let line = Line::find(&record(n, amplitude, phase, drift, run), 0.016);
            let middle = |p: f64, d: f64| p + d * 0.5 * (n - 1) as f64;
            let off = middle(line.phase_ui, line.drift_ui) - middle(phase, drift);
            phases += (off - off.round()).powi(2) / runs as f64;
            drifts += (line.drift_ui - drift).powi(2) / runs as f64;
            assert!((line.amplitude / amplitude - 1.0).abs() < 0.5);
            assert!((line.noise - 1.0).abs() < 0.2);
        }
        // Cramer-Rao (Rife and Boorstyn 1974) with unit noise: var of the phase in the middle
        // 1 / (2 n A^2) rad^2, of the frequency 6 / (A^2 n^3) (rad per step)^2. Forty runs: a variance is
        // good to 22 %, three times.
        let bound = 1.0 / (2.0 * n as f64 * amplitude * amplitude) / (TAU * TAU);
        assert!(
            phases < 1.7 * bound && phases > 0.3 * bound,
            "{phases} {bound}"
        );
        let bound = 6.0 / (amplitude * amplitude * (n as f64).powi(3)) / (TAU * TAU);
        assert!(
            drifts < 1.7 * bound && drifts > 0.3 * bound,
            "{drifts} {bound}"
        );
    }

    #[test]
    fn noise_crosses_a_threshold_as_often_as_it_says() {
        let (n, span, runs) = (256, 0.016, 400);
        let threshold = Line::threshold(n, span, 0.05);
        let over = (0..runs)
            .filter(|run| {
                Line::find(&record(n, 0.0, 0.0, 0.0, 1000 + run), span).strength > threshold
            })
            .count();
        // Twenty expected if the bound were tight; more than 35 happen once in 1000.
        assert!((1..35).contains(&over), "{over}");
    }

    #[test]
    fn what_stands_still_is_no_line() {
        let still = vec![Complex64::new(3.0, -1.0); 512];
        let line = Line::find(&still, 0.016);
        assert!(line.strength < 1.0, "{line:?}");
        for empty in [vec![], vec![Complex64::ZERO; 9]] {
            assert_eq!(Line::find(&empty, 0.016), Line::default());
        }
    }
}
