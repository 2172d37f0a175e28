//! A measured histogram against a model, and beyond its own end.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::super::RsCode;
use super::histogram::Histogram;
use super::interval::Proportion;
use super::words::WordErrors;
use crate::error::{Error, Result, in_range, positive};
use crate::units::q_inverse;

/// Words at the end of a histogram that a tail is fitted to, at least.
const TAIL_WORDS: u64 = 100;

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

/// A codeword error ratio that was not counted but continued from what was, with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailFit {
    /// The fit counts words with this many errors and more.
    pub first: usize,
    /// How many words those are.
    pub words: u64,
    /// Ratio of neighbouring counts, `P(X > k | X >= k)`, the same for every `k >= first` by assumption.
    pub ratio: f64,
    /// The same ratio, mean over the same stretch, of independent errors with the measured mean.
    pub independent_ratio: f64,
    /// Codeword error ratio and interval: `P(X >= first) ratio^(t + 1 - first)`.
    pub cer: Proportion,
}

/// What a histogram says of the codeword error ratio, by three readings.
#[derive(Debug, Clone, PartialEq)]
pub struct Extrapolation {
    /// Words with more than `t` errors, counted: needs no assumption. `None` if the histogram ends below.
    pub counted: Option<Proportion>,
    /// Assumes that all symbols err independently with the measured mean ratio. The interval is that of
    /// the mean, from the measured variance. Wrong, and far too low, wherever there are bursts.
    pub independent: Proportion,
    /// Assumes that the counts of the last bins fall by one ratio for ever: `None` with too few words.
    ///
    /// Right for the far tail of single bursts of a chain without memory; too high, hence safe, for
    /// independent errors, whose ratio keeps falling. **Too low if another kind of event (longer bursts,
    /// lost lock) lies beyond the last bin**: nothing in the counts can exclude that.
    pub geometric: Option<TailFit>,
    /// Variance of the counts over that of independent errors with the same mean: 1 for independent
    /// errors, above it for bursts.
    pub dispersion: f64,
    /// Standard error of `dispersion` if the errors are independent, at most: `sqrt((2 + 1 / mean) / words)`.
    pub dispersion_error: f64,
}

impl Extrapolation {
    /// Whether the counts contradict independent errors by more than three standard errors: then
    /// `independent` must not be used.
    #[must_use]
    pub fn is_bursty(&self) -> bool {
        self.dispersion > 1.0 + 3.0 * self.dispersion_error
    }
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

    /// The codeword error ratio of `code` by three readings of the counts, two of them extrapolations;
    /// [`Extrapolation`] says what each assumes.
    ///
    /// - counted: Clopper-Pearson of the words with more than `t` errors;
    /// - independent: binomial with the measured mean;
    /// - geometric: the ratio of neighbouring bins from `first` on by maximum likelihood,
    ///   `r = C / (C + S)`, `S` the words that stop in a bin, `C` the steps taken beyond one (words of the
    ///   last bin have taken all steps and stopped nowhere). `first` is the highest number of
    ///   errors, at most `t`, that 100 words reach, and at least two above the mean. The interval
    ///   propagates the two errors in the logarithm.
    ///
    /// [`Error::Empty`] without words; [`Error::OutOfRange`] for the confidence.
    pub fn extrapolate(&self, code: &RsCode, confidence: f64) -> Result<Extrapolation> {
        in_range("confidence", confidence, 0.0, 1.0 - f64::EPSILON)?;
        let words = self.some_words()?;
        let z = q_inverse(0.5 * (1.0 - confidence));
        let n = code.n as f64;
        let fails = code.t + 1;
        let counted = if fails <= self.top() + 1 {
            Some(self.proportion_at_least(fails, confidence)?)
        } else {
            None
        };
        let (mean, variance) = (self.mean().min(n), self.variance());
        let error = (variance / words).sqrt();
        let at = |mean: f64| code.codeword_error_ratio((mean / n).clamp(0.0, 1.0));
        // Without an error counted the mean is bounded by that of the whole words counted.
        let most = if self.at_least(1)? == 0 {
            n * self.proportion(1, confidence)?.high
        } else {
            mean + z * error
        };
        let independent = Proportion {
            value: at(mean)?,
            low: at(mean - z * error)?,
            high: at(most)?,
        };
        let binomial = mean * (1.0 - mean / n);
        Ok(Extrapolation {
            counted,
            independent,
            geometric: self.geometric(code, z)?,
            dispersion: if binomial > 0.0 {
                variance / binomial
            } else {
                1.0
            },
            // That of the variance of a Poisson law, an upper bound: the mean is counted, too.
            dispersion_error: if binomial > 0.0 {
                ((2.0 + 1.0 / binomial) / words).sqrt()
            } else {
                f64::INFINITY
            },
        })
    }

    fn geometric(&self, code: &RsCode, z: f64) -> Result<Option<TailFit>> {
        let lowest = self.mean().ceil() as usize + 2;
        let highest = code.t.min(self.top());
        let Some(first) = (lowest..=highest)
            .rev()
            .find(|&k| self.at_least(k).is_ok_and(|words| words >= TAIL_WORDS))
        else {
            return Ok(None);
        };
        let words = self.at_least(first)?;
        let stops = (words - self.overflow()) as f64;
        let mut steps = 0.0;
        for (above, &count) in (0u32..).zip(&self.counts()[first..]) {
            steps += f64::from(above) * count as f64;
        }
        if steps == 0.0 || stops == 0.0 {
            return Ok(None);
        }
        let ratio = steps / (steps + stops);
        let far = (code.t + 1 - first) as f64;
        let reach = words as f64 / self.words() as f64;
        let value = reach * ratio.powf(far);
        // In the logarithm: of the count (1 - share) / words, of the ratio (1 - r) / (r trials).
        let spread = ((1.0 - reach) / words as f64
            + far * far * (1.0 - ratio) / (ratio * (steps + stops)))
            .sqrt();
        let symbol_error = (self.mean() / code.n as f64).min(1.0);
        let model = WordErrors::independent(code.n, symbol_error)?;
        let independent_ratio =
            (model.at_least(code.t + 1)? / model.at_least(first)?).powf(1.0 / far);
        Ok(Some(TailFit {
            first,
            words,
            ratio,
            independent_ratio,
            cer: Proportion {
                value,
                low: value * (-z * spread).exp(),
                high: (value * (z * spread).exp()).min(1.0),
            },
        }))
    }

    fn some_words(&self) -> Result<f64> {
        match self.words() {
            0 => Err(Error::Empty {
                name: "histogram".into(),
            }),
            words => Ok(words as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::KP4;
    use super::super::burst_tests::Random;
    use super::super::{BurstChain, Path, rs_symbol_error_probability};
    use super::*;

    /// The counts expected of a model, rounded.
    fn expected(model: &WordErrors, words: f64) -> Histogram {
        let mut h = Histogram::default();
        for (errors, p) in model.probabilities().iter().enumerate() {
            h.add_words(errors, (p * words).round() as u64);
        }
        h
    }

    /// Counts drawn from a model.
    fn drawn(model: &WordErrors, words: u64, seed: u64) -> Histogram {
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

    fn independent(ber: f64) -> WordErrors {
        WordErrors::independent(KP4.n, rs_symbol_error_probability(ber).unwrap()).unwrap()
    }

    fn bursts(iep: f64) -> WordErrors {
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
    fn bursts_are_seen_and_their_tail_is_geometric() {
        // One burst at a time: the tail falls by 0.75^5 a symbol.
        let model = bursts(1e-5);
        let truth = model.codeword_error_ratio(&KP4).unwrap();
        let e = expected(&model, 1e8).extrapolate(&KP4, 0.95).unwrap();
        assert!(e.is_bursty() && e.dispersion > 1.2);
        assert!(e.independent.high < 1e-3 * truth);
        let tail = e.geometric.unwrap();
        assert!((tail.ratio - 0.75f64.powi(5)).abs() < 0.02, "{tail:?}");
        assert!(tail.cer.contains(truth), "{truth:e} {tail:?}");
        assert!(tail.independent_ratio < 0.1 * tail.ratio);
        let counted = e.counted.unwrap();
        assert!(counted.value == 0.0 || counted.contains(truth));
        // The interval holds the truth in about 95 of 100 draws; rounded counts are not draws.
        let mut inside = 0;
        for seed in 0..60 {
            let h = drawn(&model, 300_000, 1000 + seed);
            let tail = h.extrapolate(&KP4, 0.95).unwrap().geometric.unwrap();
            inside += u32::from(tail.cer.contains(truth));
        }
        assert!(inside >= 48, "{inside} of 60");
    }

    #[test]
    fn independent_errors_are_seen_as_such() {
        let model = independent(2.4e-4);
        let truth = model.codeword_error_ratio(&KP4).unwrap();
        let e = drawn(&model, 1_000_000, 5).extrapolate(&KP4, 0.99).unwrap();
        assert!(!e.is_bursty(), "{e:?}");
        assert!((e.dispersion - 1.0).abs() < 4.0 * e.dispersion_error);
        assert!(e.independent.contains(truth), "{truth:e} {e:?}");
        // The straight line is on the safe side, by a lot, and shows it.
        let tail = e.geometric.unwrap();
        assert!(tail.cer.low > truth && tail.independent_ratio < tail.ratio);
    }

    #[test]
    fn little_data_say_little() {
        let h = Histogram::from_counts(&[1000, 0, 0]).unwrap();
        let e = h.extrapolate(&KP4, 0.95).unwrap();
        assert!(e.counted.is_none() && e.geometric.is_none() && !e.is_bursty());
        assert_eq!((e.independent.value, e.independent.low), (0.0, 0.0));
        assert!(e.independent.high > 0.0);
        assert!(Histogram::default().extrapolate(&KP4, 0.95).is_err());
        assert!(h.extrapolate(&KP4, 1.0).is_err());
        assert!(
            Histogram::default()
                .compare(&independent(1e-4), 5.0, 0)
                .is_err()
        );
        assert!(h.compare(&independent(1e-4), 0.0, 0).is_err());
        let short = WordErrors::from_parts(544, vec![0.9], 0.1);
        assert!(
            h.compare(&short, 5.0, 0).is_err(),
            "tail below the last bin"
        );
    }
}
