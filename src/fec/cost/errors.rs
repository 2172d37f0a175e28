//! How many symbols of a word are wrong: what the cost of a decoder depends on.

use crate::error::{Result, in_range, length};
use crate::fec::RsCode;

/// Shares of words by their number of symbol errors.
#[derive(Debug, Clone, PartialEq)]
pub struct WordErrors {
    /// Share of words with `0..=t` errors.
    of: Vec<f64>,
}

impl WordErrors {
    /// Independent symbol errors of probability `symbol_error`: the binomial distribution
    /// `C(n,e) p^e (1-p)^(n-e)`. A probability outside 0..=1 is clamped, one that is no number is 1.
    #[must_use]
    pub fn independent(code: &RsCode, symbol_error: f64) -> Self {
        let n = code.n as f64;
        if !(symbol_error < 1.0) {
            return Self {
                of: vec![0.0; code.t + 1],
            };
        }
        let p = symbol_error.max(0.0);
        let mut share = (n * (-p).ln_1p()).exp();
        let of = (0..=code.t)
            .map(|e| {
                let this = share;
                let e = e as f64;
                share *= (n - e) / (e + 1.0) * p / (1.0 - p);
                this
            })
            .collect();
        Self { of }
    }

    /// Shares of words with `0..=t` errors; the rest of the words cannot be decoded.
    ///
    /// Their number must be `t + 1`, each within 0..=1 and their sum at most 1 (but for rounding).
    pub fn from_shares(code: &RsCode, shares: &[f64]) -> Result<Self> {
        length("shares", code.t + 1, shares.len())?;
        for (e, &share) in shares.iter().enumerate() {
            in_range(format!("shares[{e}]"), share, 0.0, 1.0)?;
        }
        // Sums of rounded shares, such as counts over their total.
        in_range("sum of shares", shares.iter().sum(), 0.0, 1.0 + 1e-9)?;
        Ok(Self {
            of: shares.to_vec(),
        })
    }

    /// Shares of a histogram of decoded words by corrected symbols, `0..=t`, and the number of those
    /// that could not be decoded. Without words all are clean.
    pub fn from_histogram(code: &RsCode, words: &[u64], uncorrectable: u64) -> Result<Self> {
        length("words", code.t + 1, words.len())?;
        let total = words.iter().sum::<u64>() + uncorrectable;
        if total == 0 {
            return Ok(Self::independent(code, 0.0));
        }
        let of = words.iter().map(|&w| w as f64 / total as f64).collect();
        Ok(Self { of })
    }

    /// Share of words with `errors` errors, none beyond `t`.
    #[must_use]
    pub fn share(&self, errors: usize) -> f64 {
        self.of.get(errors).copied().unwrap_or(0.0)
    }

    /// Share of words with any error.
    #[must_use]
    pub fn dirty(&self) -> f64 {
        // Of nearly all clean words the sum keeps the digits that one minus their share would lose.
        let some: f64 = self.of[1..].iter().sum();
        some + self.uncorrectable()
    }

    /// Share of words with more errors than are corrected.
    #[must_use]
    pub fn uncorrectable(&self) -> f64 {
        let rest = 1.0 - self.of.iter().sum::<f64>();
        // Smaller than the rounding of the sum is none.
        if rest < 1e-12 { 0.0 } else { rest }
    }

    /// Corrected symbols per word, those of words that cannot be decoded not counted.
    #[must_use]
    pub fn mean_corrected(&self) -> f64 {
        let terms = self.of.iter().enumerate();
        terms.map(|(e, share)| e as f64 * share).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fec::{KP4, KR4};

    #[test]
    fn independent_errors_are_the_published_shares() {
        // fec.md: mean 1.30 errors, 27, 35, 23, 10 % with 0..3 errors at a bit error ratio of 2.4e-4.
        let p = 1.0 - (1.0 - 2.4e-4f64).powi(10);
        let words = WordErrors::independent(&KP4, p);
        for (e, percent) in [27.0, 35.0, 23.0, 10.0].into_iter().enumerate() {
            assert!((100.0 * words.share(e) - percent).abs() < 0.5);
        }
        assert!((words.mean_corrected() - 1.30).abs() < 0.005);
        assert!((words.dirty() - 0.73).abs() < 0.005);
        let half = WordErrors::independent(&KR4, 0.5);
        assert!((half.uncorrectable() - 1.0).abs() < 1e-12);
        assert_eq!(WordErrors::independent(&KP4, 0.0).dirty(), 0.0);
        assert_eq!(WordErrors::independent(&KP4, f64::NAN).dirty(), 1.0);
    }

    #[test]
    fn histograms_become_shares() {
        let words = WordErrors::from_histogram(&KR4, &[50, 30, 10, 0, 0, 0, 0, 5], 5).unwrap();
        assert_eq!(
            (words.share(0), words.share(7), words.share(8)),
            (0.5, 0.05, 0.0)
        );
        assert!((words.dirty() - 0.5).abs() < 1e-12);
        assert!((words.uncorrectable() - 0.05).abs() < 1e-12);
        assert!((words.mean_corrected() - 0.85).abs() < 1e-12);
        let none = WordErrors::from_histogram(&KR4, &[0; 8], 0).unwrap();
        assert_eq!(none.dirty(), 0.0);
        let shares = [0.5, 0.3, 0.1, 0.0, 0.0, 0.0, 0.0, 0.05];
        assert_eq!(WordErrors::from_shares(&KR4, &shares).unwrap(), words);
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        assert!(WordErrors::from_histogram(&KP4, &[1; 8], 0).is_err());
        for bad in [-0.1, 1.1, f64::NAN] {
            let error = WordErrors::from_shares(&KR4, &[0.0, bad, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
            assert!(error.unwrap_err().to_string().starts_with("shares[1] is"));
        }
        let error = WordErrors::from_shares(&KR4, &[0.3; 8]).unwrap_err();
        assert!(error.to_string().starts_with("sum of shares is"));
    }
}
