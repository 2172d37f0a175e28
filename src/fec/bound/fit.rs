//! A measured histogram against a model: bin by bin, and by one number.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::histogram::Histogram;
use super::words::WordErrors;
use crate::error::{Error, Result, positive};

/// Bins of a histogram with enough words expected, and how far off the counts are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinFit {
    /// The lowest number of symbol errors in the pool.
    pub first: usize,
    /// The highest; `None` if the pool has no end.
    pub last: Option<usize>,
    /// Words counted.
    pub observed: u64,
    /// Words the model expects.
    pub expected: f64,
    /// `(observed - expected) / sqrt(expected (1 - share))`: one standard deviation is one.
    pub residual: f64,
}

/// How a histogram and a model agree.
///
/// All of it holds for words that are independent of one another. Words interleaved with each other
/// share bursts: counts then scatter more than the test allows for, and a model that is right is
/// refused too often. Count one word of a group, or divide `chi_square` by the dispersion seen between
/// independent runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The pooled bins.
    pub bins: Vec<BinFit>,
    /// Pearson's `sum (observed - expected)^2 / expected`.
    pub chi_square: f64,
    /// `2 sum observed ln(observed / expected)`, the likelihood ratio.
    pub g: f64,
    /// Degrees of freedom: pooled bins less one less the parameters fitted.
    pub degrees: usize,
    /// Probability of a `chi_square` as large or larger if the model is right; 1 without a degree of
    /// freedom.
    pub p_value: f64,
}

impl Histogram {
    /// Compares the counts with a model, bins pooled from both ends until each has `fewest` expected words
    /// (5 is the rule of thumb), `fitted` parameters of the model having been taken from these counts.
    ///
    /// Bins above the model's last entry are expected empty. [`Error::Empty`] without words,
    /// [`Error::OutOfRange`] if the model's tail begins below the last bin, [`Error::NotPositive`] for `fewest`.
    pub fn compare(&self, model: &WordErrors, fewest: f64, fitted: usize) -> Result<Fit> {
        positive("fewest", fewest)?;
        let words = self.some_words()?;
        let last = self.top() + 1;
        let beyond = model.at_least(last)?;
        let share = |bin: usize| {
            if bin == last {
                beyond
            } else {
                model.probabilities().get(bin).copied().unwrap_or(0.0)
            }
        };
        // Greedy from the bottom; what is left over at the top joins the pool below.
        let mut pools: Vec<(usize, usize, u64, f64)> = Vec::new();
        let mut open = (0, 0u64, 0.0);
        for bin in 0..=last {
            open.1 += self.counts()[bin];
            open.2 += share(bin) * words;
            if open.2 >= fewest {
                pools.push((open.0, bin, open.1, open.2));
                open = (bin + 1, 0, 0.0);
            }
        }
        if open.0 <= last {
            if let Some(pool) = pools.last_mut() {
                *pool = (pool.0, last, pool.2 + open.1, pool.3 + open.2);
            } else {
                pools.push((0, last, open.1, open.2));
            }
        }
        let (mut chi_square, mut g) = (0.0, 0.0);
        let mut bins = Vec::with_capacity(pools.len());
        for (first, end, observed, expected) in pools {
            let off = observed as f64 - expected;
            chi_square += off * off / expected;
            if observed > 0 {
                g += 2.0 * observed as f64 * (observed as f64 / expected).ln();
            }
            let spread = (expected * (1.0 - expected / words)).max(0.0).sqrt();
            bins.push(BinFit {
                first,
                last: (end < last).then_some(end),
                observed,
                expected,
                residual: if spread > 0.0 { off / spread } else { 0.0 },
            });
        }
        let degrees = bins.len().saturating_sub(1 + fitted);
        let p_value = match ChiSquared::new(degrees as f64) {
            Ok(law) if degrees > 0 => law.sf(chi_square),
            _ => 1.0,
        };
        Ok(Fit {
            bins,
            chi_square,
            g,
            degrees,
            p_value,
        })
    }

    pub(super) fn some_words(&self) -> Result<f64> {
        match self.words() {
            0 => Err(Error::Empty {
                name: "histogram".into(),
            }),
            words => Ok(words as f64),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::super::KP4;
    use super::super::simulation_tests::Random;
    use super::super::{BurstChain, Path};
    use super::*;

    /// Counts drawn from a model.
    pub(in super::super) fn drawn(model: &WordErrors, words: u64, seed: u64) -> Histogram {
        let mut random = Random(seed);
        let mut h = Histogram::default();
        for _ in 0..words {
            let mut u = random.uniform();
            let errors = model.probabilities().iter().position(|p| {
                u -= p;
                u < 0.0
            });
            h.add(errors.unwrap_or(0));
        }
        h
    }

    pub(in super::super) fn bursts(iep: f64) -> WordErrors {
        BurstChain::new(iep, 0.75)
            .unwrap()
            .symbol_error_distribution(&Path::default(), &KP4, KP4.n)
            .unwrap()
    }

    #[test]
    fn the_right_model_is_kept_and_the_wrong_one_refused() {
        // 300 draws of the right model: the p-value is uniform, so 30 +- 5 lie below 0.1.
        let model = bursts(2e-4);
        let mut below = 0;
        for seed in 0..300 {
            let fit = drawn(&model, 2000, seed).compare(&model, 5.0, 0).unwrap();
            assert!(fit.degrees >= 4 && fit.bins.len() == fit.degrees + 1);
            below += u32::from(fit.p_value < 0.1);
            assert!((fit.g / fit.chi_square - 1.0).abs() < 1.5);
        }
        assert!((12..=50).contains(&below), "{below}");
        // Independent errors with the same mean: refused, and the far bins say why.
        let wrong = WordErrors::independent(KP4.n, model.symbol_error_ratio()).unwrap();
        let fit = drawn(&model, 20_000, 1).compare(&wrong, 5.0, 1).unwrap();
        assert!(fit.p_value < 1e-12);
        let last = fit.bins[fit.bins.len() - 1];
        assert!(last.last.is_none() && last.residual > 10.0);
        let words: u64 = fit.bins.iter().map(|bin| bin.observed).sum();
        assert_eq!(words, 20_000);
    }

    #[test]
    fn a_chi_square_by_hand() {
        let h = Histogram::from_counts(&[60, 30, 10]).unwrap();
        let model = WordErrors::from_parts(544, vec![0.5, 0.4, 0.1], 0.0);
        let fit = h.compare(&model, 5.0, 0).unwrap();
        assert!((fit.chi_square - (100.0 / 50.0 + 100.0 / 40.0)).abs() < 1e-12);
        let g: f64 = 2.0 * (60.0 * 1.2f64.ln() + 30.0 * 0.75f64.ln());
        assert!((fit.g - g).abs() < 1e-12);
        // Two degrees: exp(-x/2).
        assert_eq!(fit.degrees, 2);
        assert!((fit.p_value - (-2.25f64).exp()).abs() < 1e-12);
        assert!((fit.bins[0].residual - 10.0 / 5.0).abs() < 1e-12);
        // Pooled to one bin nothing is left to compare.
        let fit = h.compare(&model, 1e3, 0).unwrap();
        assert_eq!((fit.bins.len(), fit.degrees, fit.p_value), (1, 0, 1.0));
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        let h = Histogram::from_counts(&[1000, 0, 0]).unwrap();
        let model = WordErrors::independent(544, 1e-3).unwrap();
        assert!(Histogram::default().compare(&model, 5.0, 0).is_err());
        assert!(h.compare(&model, 0.0, 0).is_err());
        let short = WordErrors::from_parts(544, vec![0.9], 0.1);
        assert!(
            h.compare(&short, 5.0, 0).is_err(),
            "tail below the last bin"
        );
    }
}
