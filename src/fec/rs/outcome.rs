//! What decoding found: one word's outcome and positions, and the report of many words.

/// Most symbols that one word can have corrected: `2 t` erasures at the largest `t`.
const MOST: usize = 2 * super::T_MAX;

/// What became of a received word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The word is a codeword now; a word that was one already has both counts zero.
    Corrected {
        /// Symbols that were changed and not declared erased.
        errors: u16,
        /// Symbols declared erased whose value changed.
        erasures: u16,
    },
    /// No codeword lies within reach; the word is left as received.
    Uncorrectable,
}

impl Outcome {
    /// The outcome of a word that was a codeword as received.
    pub const CLEAN: Self = Self::Corrected {
        errors: 0,
        erasures: 0,
    };

    /// Whether the word is a codeword now.
    #[must_use]
    pub fn is_decoded(self) -> bool {
        self != Self::Uncorrectable
    }

    /// Corrected symbols that were not declared erased; none for an uncorrectable word.
    #[must_use]
    pub fn errors(self) -> Option<u16> {
        match self {
            Self::Corrected { errors, .. } => Some(errors),
            Self::Uncorrectable => None,
        }
    }
}

/// The outcome of one word, with the positions that were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// What became of the word.
    pub outcome: Outcome,
    count: u8,
    positions: [u16; MOST],
}

impl Decoded {
    /// An outcome with no position.
    pub(super) const fn without_positions(outcome: Outcome) -> Self {
        Self {
            outcome,
            count: 0,
            positions: [0; MOST],
        }
    }

    /// Corrected positions, at most `2 t` of them, in any order.
    pub(super) fn corrected(errors: u16, erasures: u16, positions: &[u16]) -> Self {
        let mut decoded = Self::without_positions(Outcome::Corrected { errors, erasures });
        let count = positions.len().min(MOST);
        decoded.count = count as u8;
        decoded.positions[..count].copy_from_slice(&positions[..count]);
        decoded.positions[..count].sort_unstable();
        decoded
    }

    /// Indices of the symbols that were changed, rising, in the order sent.
    #[must_use]
    pub fn positions(&self) -> &[u16] {
        &self.positions[..usize::from(self.count)]
    }
}

/// The outcomes of a batch of words; reusable, and without allocation once it has grown.
///
/// ```
/// use ndarray::Array2;
/// use pamlink::fec::rs::{ReedSolomon, Report};
/// let rs = ReedSolomon::kp4();
/// let mut words = Array2::zeros((3, 544));
/// words[[1, 7]] = 5;
/// let mut report = Report::new();
/// rs.decode_batch(&mut rs.workspace(), words.view_mut(), &mut report)?;
/// assert_eq!((report.corrected_symbols(), report.positions(1)), (1, &[7][..]));
/// assert_eq!(report.histogram()[..3], [2, 1, 0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    outcomes: Vec<Outcome>,
    positions: Vec<u16>,
    /// Where each word's positions end.
    ends: Vec<usize>,
    histogram: Vec<u64>,
    uncorrectable: usize,
}

impl Report {
    /// A report of no words.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What became of each word.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Indices of the symbols that were changed in a word, rising, in the order sent; empty for a
    /// word that was not in the batch.
    #[must_use]
    pub fn positions(&self, word: usize) -> &[u16] {
        let Some(&end) = self.ends.get(word) else {
            return &[];
        };
        let start = if word == 0 { 0 } else { self.ends[word - 1] };
        &self.positions[start..end]
    }

    /// Corrected symbols of all words.
    #[must_use]
    pub fn corrected_symbols(&self) -> u64 {
        self.positions.len() as u64
    }

    /// Number of words that could not be decoded.
    #[must_use]
    pub fn uncorrectable(&self) -> usize {
        self.uncorrectable
    }

    /// Decoded words by their number of corrected symbols, `0..=t`.
    #[must_use]
    pub fn histogram(&self) -> &[u64] {
        &self.histogram
    }

    /// Empties the report for words with at most `t` corrected symbols; keeps its memory.
    pub(super) fn clear(&mut self, t: usize) {
        self.outcomes.clear();
        self.positions.clear();
        self.ends.clear();
        self.histogram.clear();
        self.histogram.resize(t + 1, 0);
        self.uncorrectable = 0;
    }

    /// The next word: its outcome and rising positions.
    pub(super) fn push(&mut self, outcome: Outcome, positions: &[u16]) {
        self.outcomes.push(outcome);
        self.positions.extend_from_slice(positions);
        self.ends.push(self.positions.len());
        match (outcome, self.histogram.get_mut(positions.len())) {
            (Outcome::Corrected { .. }, Some(count)) => *count += 1,
            (Outcome::Corrected { .. }, None) => {}
            (Outcome::Uncorrectable, _) => self.uncorrectable += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_words_and_symbols() {
        let mut report = Report::new();
        for _ in 0..2 {
            report.clear(3);
            report.push(Outcome::CLEAN, &[]);
            let two = Decoded::corrected(2, 0, &[9, 4]);
            report.push(two.outcome, two.positions());
            report.push(Outcome::Uncorrectable, &[]);
        }
        assert_eq!(report.outcomes().len(), 3);
        assert_eq!(report.positions(1), [4, 9]);
        assert!([0, 2, 3].iter().all(|&w| report.positions(w).is_empty()));
        assert_eq!((report.corrected_symbols(), report.uncorrectable()), (2, 1));
        assert_eq!(report.histogram(), [1, 0, 1, 0]);
        assert_eq!(report.outcomes()[1].errors(), Some(2));
        assert_eq!(report.outcomes()[2].errors(), None);
        assert!(!report.outcomes()[2].is_decoded());
    }
}
