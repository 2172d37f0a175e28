//! Shares of words by their number of symbol errors, as a decoder meets them.

use crate::fec::RsCode;
use crate::fec::bound::WordErrors;

/// What the cost of a decoder depends on.
pub(super) struct Shares {
    /// Words with `0..=t` errors.
    of: Vec<f64>,
    /// Words with any error.
    pub(super) dirty: f64,
    /// Corrected symbols per word; words that cannot be decoded have none.
    pub(super) corrected: f64,
}

impl Shares {
    pub(super) fn new(code: &RsCode, errors: &WordErrors) -> Self {
        let p = errors.probabilities();
        let of: Vec<f64> = p.iter().take(code.t + 1).copied().collect();
        Self {
            // Of nearly all clean words this keeps the digits that one minus their share would lose.
            dirty: p.iter().skip(1).sum::<f64>() + errors.tail(),
            corrected: of.iter().enumerate().map(|(e, p)| e as f64 * p).sum(),
            of,
        }
    }

    /// Words that all have more errors than are corrected.
    pub(super) fn hopeless() -> Self {
        Self {
            of: Vec::new(),
            dirty: 1.0,
            corrected: 0.0,
        }
    }

    pub(super) fn with(&self, errors: usize) -> f64 {
        self.of.get(errors).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fec::{Histogram, KP4, KR4};

    #[test]
    fn independent_errors_are_the_published_shares() {
        // Mean 1.30 errors, 27, 35, 23, 10 % with 0..3 errors at a bit error ratio of 2.4e-4.
        let p = 1.0 - (1.0 - 2.4e-4f64).powi(10);
        let shares = Shares::new(&KP4, &WordErrors::independent(KP4.n, p).unwrap());
        for (e, percent) in [27.0, 35.0, 23.0, 10.0].into_iter().enumerate() {
            assert!((100.0 * shares.with(e) - percent).abs() < 0.5);
        }
        assert!((shares.corrected - 1.30).abs() < 0.005);
        assert!((shares.dirty - 0.73).abs() < 0.005);
    }

    #[test]
    fn words_beyond_reach_are_dirty_and_not_corrected() {
        let counts = [50, 30, 10, 0, 0, 0, 0, 5, 2, 3];
        let histogram = Histogram::from_counts(&counts).unwrap();
        let shares = Shares::new(
            &KR4,
            &WordErrors::from_histogram(&histogram, KR4.n).unwrap(),
        );
        assert_eq!((shares.with(7), shares.with(8)), (0.05, 0.0));
        assert!((shares.dirty - 0.5).abs() < 1e-12);
        assert!((shares.corrected - 0.85).abs() < 1e-12);
    }
}
