//! A measured histogram beyond its own end: what each reading of the tail assumes.

use super::super::RsCode;
use super::histogram::Histogram;
use super::interval::Proportion;
use super::words::WordErrors;
use crate::error::{Result, in_range};
use crate::units::q_inverse;

/// Words at the end of a histogram that a tail is fitted to, at least.
const TAIL_WORDS: u64 = 100;

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
}

#[cfg(test)]
mod tests {
    use super::super::super::KP4;
    use super::super::fit::tests::{bursts, drawn};
    use super::super::rs_symbol_error_probability;
    use super::*;

    /// The counts expected of a model, rounded.
    fn expected(model: &WordErrors, words: f64) -> Histogram {
        let mut h = Histogram::default();
        for (errors, p) in model.probabilities().iter().enumerate() {
            h.add_words(errors, (p * words).round() as u64);
        }
        h
    }

    fn independent(ber: f64) -> WordErrors {
        WordErrors::independent(KP4.n, rs_symbol_error_probability(ber).unwrap()).unwrap()
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
    }
}
