//! Counts of codewords by their number of symbol errors, as a decoder reports them.

use super::interval::{Proportion, proportion};
use crate::error::{Error, Result, in_range, length};

/// The highest bin that stands alone in the block error histogram of 802.3dj annex 174A.
pub const TOP_174A: usize = 15;

/// Counts of words with 0, 1, ... `top` symbol errors and, in the last bin, with more.
///
/// Bins 0..=15 and "16 and more" ([`Histogram::default`]) are the block error histogram of IEEE 802.3dj
/// annex 174A. A word that a decoder could not correct belongs to the last bin.
///
/// ```
/// use pamlink::fec::Histogram;
/// let mut h = Histogram::default();
/// for errors in [0, 0, 3, 1, 0, 400] {
///     h.add(errors);
/// }
/// assert_eq!((h.words(), h.counts()[0], h.overflow()), (6, 3, 1));
/// let failed = h.proportion_at_least(16, 0.95)?;
/// assert!(failed.low < 1.0 / 6.0 && failed.high > 1.0 / 6.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; TOP_174A + 2],
        }
    }
}

impl Histogram {
    /// An empty histogram with bins 0..=`top` and one for more; `top` at most 65535.
    pub fn new(top: usize) -> Result<Self> {
        in_range("top", top as f64, 0.0, 65535.0)?;
        Ok(Self {
            counts: vec![0; top + 2],
        })
    }

    /// The histogram of counts that exist: bins 0, 1 ..., the last one "and more". Two bins at least.
    pub fn from_counts(counts: &[u64]) -> Result<Self> {
        in_range("counts.len()", counts.len() as f64, 2.0, 65537.0)?;
        let total = counts.iter().try_fold(0u64, |sum, &c| sum.checked_add(c));
        if total.is_none() {
            return Err(Error::OutOfRange {
                name: "sum of counts".into(),
                value: counts.iter().map(|&c| c as f64).sum(),
                min: 0.0,
                max: u64::MAX as f64,
            });
        }
        Ok(Self {
            counts: counts.to_vec(),
        })
    }

    /// Counts a word with `errors` symbol errors.
    pub fn add(&mut self, errors: usize) {
        self.add_words(errors, 1);
    }

    /// Counts `words` words with `errors` symbol errors each. Counts stop at the largest number.
    pub fn add_words(&mut self, errors: usize, words: u64) {
        let bin = errors.min(self.counts.len() - 1);
        self.counts[bin] = self.counts[bin].saturating_add(words);
    }

    /// Adds the counts of another histogram; [`Error::Length`] if its bins differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        length("counts of other", self.counts.len(), other.counts.len())?;
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a = a.saturating_add(*b);
        }
        Ok(())
    }

    /// The counts, bin by bin; the last is that of more than [`Self::top`] errors.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The highest number of errors with a bin of its own.
    #[must_use]
    pub fn top(&self) -> usize {
        self.counts.len() - 2
    }

    /// Words with more than [`Self::top`] errors.
    #[must_use]
    pub fn overflow(&self) -> u64 {
        self.counts[self.counts.len() - 1]
    }

    /// All words.
    #[must_use]
    pub fn words(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// Words with `errors` errors or more; [`Error::OutOfRange`] above `top + 1`.
    pub fn at_least(&self, errors: usize) -> Result<u64> {
        in_range("errors", errors as f64, 0.0, self.top() as f64 + 1.0)?;
        Ok(self.counts[errors..]
            .iter()
            .fold(0, |sum, &count| sum.saturating_add(count)))
    }

    /// Mean symbol errors of a word; words beyond the top count as `top + 1`, so that it is a lower
    /// bound if there are any. Zero without words.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.moment(|errors| errors)
    }

    /// Variance of the symbol errors of a word, words beyond the top counting as `top + 1`.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.moment(|errors| (errors - mean).powi(2))
    }

    fn moment(&self, value: impl Fn(f64) -> f64) -> f64 {
        let sum: f64 = (0u32..)
            .zip(&self.counts)
            .map(|(errors, &count)| value(f64::from(errors)) * count as f64)
            .sum();
        sum / (self.words() as f64).max(1.0)
    }

    /// Share of words in a bin (`top + 1` is the last) with its Clopper-Pearson interval.
    ///
    /// A count of zero gives `low = 0` and the bound `high = 1 - (a/2)^(1/words)`, `a = 1 - confidence`.
    /// Words are taken as independent; words interleaved with one another share bursts and are not.
    pub fn proportion(&self, bin: usize, confidence: f64) -> Result<Proportion> {
        in_range("bin", bin as f64, 0.0, self.top() as f64 + 1.0)?;
        proportion(self.counts[bin], self.words(), confidence)
    }

    /// Share of words with `errors` errors or more, with its Clopper-Pearson interval; at `t + 1` the
    /// measured codeword error ratio.
    pub fn proportion_at_least(&self, errors: usize, confidence: f64) -> Result<Proportion> {
        proportion(self.at_least(errors)?, self.words(), confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_where_they_belong() {
        let mut h = Histogram::new(3).unwrap();
        for errors in [0, 1, 1, 3, 4, 9] {
            h.add(errors);
        }
        assert_eq!(h.counts(), [1, 2, 0, 1, 2]);
        assert_eq!((h.top(), h.overflow(), h.words()), (3, 2, 6));
        assert_eq!(h.at_least(0).unwrap(), 6);
        assert_eq!(h.at_least(3).unwrap(), 3);
        assert_eq!(h.at_least(4).unwrap(), 2);
        assert!((h.mean() - 13.0 / 6.0).abs() < 1e-15);
        assert!((h.variance() - (43.0 / 6.0 - (13.0f64 / 6.0).powi(2))).abs() < 1e-14);
        let mut sum = Histogram::from_counts(&[1, 0, 0, 0, 5]).unwrap();
        sum.merge(&h).unwrap();
        assert_eq!(sum.counts(), [2, 2, 0, 1, 7]);
        assert_eq!(Histogram::default().counts().len(), 17);
        assert_eq!(Histogram::default().mean(), 0.0);
    }

    #[test]
    fn zero_counts_give_a_bound() {
        let h = Histogram::from_counts(&[900, 100, 0, 0]).unwrap();
        let p = h.proportion(2, 0.95).unwrap();
        assert_eq!((p.value, p.low), (0.0, 0.0));
        assert!((p.high / (1.0 - 0.025f64.powf(1e-3)) - 1.0).abs() < 1e-12);
        let p = h.proportion_at_least(1, 0.95).unwrap();
        assert!(p.low < 0.1 && p.high > 0.1 && p.value == 0.1);
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        let mut h = Histogram::default();
        assert!(h.proportion(0, 0.95).is_err(), "no words");
        h.add(0);
        assert!(h.proportion(17, 0.95).is_err());
        assert!(h.proportion_at_least(17, 0.95).is_err());
        assert!(h.proportion(0, 1.0).is_err());
        assert!(h.merge(&Histogram::new(3).unwrap()).is_err());
        assert_eq!(h.counts()[0], 1);
        assert!(Histogram::from_counts(&[1]).is_err());
        assert!(Histogram::from_counts(&[u64::MAX, 1]).is_err());
        assert!(Histogram::new(1 << 20).is_err());
        h.add_words(0, u64::MAX);
        assert_eq!(h.words(), u64::MAX);
    }
}
