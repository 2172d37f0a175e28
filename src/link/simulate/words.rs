//! What became of the codewords of a simulation, beside two models of it.

use crate::error::Result;
use crate::fec::{BurstChain, Histogram, Path, Proportion, RsCode, WordErrors};

/// The highest number of symbol errors of a word with a bin of its own, in units of what the code corrects.
const TOP: usize = 4;

/// Codewords that were sent, received, decoded and compared with what was sent.
///
/// Hard decisions; words that a run did not complete are not in it. The words of a group share their bursts,
/// so their errors are not independent of one another.
#[derive(Debug, Clone, PartialEq)]
pub struct CodedCount {
    /// The code.
    pub code: RsCode,
    /// How words travel.
    pub path: Path,
    /// Decisions compared on the line.
    pub line_symbols: u64,
    /// Wrong ones.
    pub line_errors: u64,
    /// Wrong ones straight behind a wrong one.
    pub line_pairs: u64,
    /// Words decoded.
    pub words: u64,
    /// Words that the decoder gave back, by corrected symbols, `0..=t`.
    pub corrected: Vec<u64>,
    /// Words that it could not decode.
    pub uncorrectable: u64,
    /// Words that it gave back and that are not what was sent; they are in `corrected`, too.
    pub miscorrected: u64,
    /// Words by the symbols that were wrong before decoding, `0..=4 t` and more, known by comparison.
    pub wrong_symbols: Histogram,
    /// Wrong bits of words before decoding, precoding undone.
    pub bit_errors: u64,
    /// Wrong bits of messages after decoding; an undecodable word is passed on as received.
    pub message_bit_errors: u64,
}

/// Symbol errors of a word: counted, by the chain of bursts, and as if PAM4 errors were independent.
#[derive(Debug, Clone, PartialEq)]
pub struct WordModels {
    /// Shares of the measured histogram.
    pub measured: WordErrors,
    /// The chain of [`CodedCount::chain`] along the path.
    pub bursts: WordErrors,
    /// Independent PAM4 errors as many as measured, along the path.
    pub independent: WordErrors,
}

impl CodedCount {
    pub(super) fn new(code: &RsCode, path: Path) -> Result<Self> {
        Ok(Self {
            code: *code,
            path,
            line_symbols: 0,
            line_errors: 0,
            line_pairs: 0,
            words: 0,
            corrected: vec![0; code.t + 1],
            uncorrectable: 0,
            miscorrected: 0,
            wrong_symbols: Histogram::new(TOP * code.t)?,
            bit_errors: 0,
            message_bit_errors: 0,
        })
    }

    /// Compares decisions with what was sent; `wrong` says of the symbol before, then of the last one.
    pub(super) fn compare(&mut self, sent: &[u8], decided: &[u8], wrong: &mut bool) {
        self.line_symbols += sent.len() as u64;
        for (sent, decided) in sent.chunks(64).zip(decided.chunks(64)) {
            if sent == decided {
                *wrong = false;
                continue;
            }
            for (a, b) in sent.iter().zip(decided) {
                let now = a != b;
                self.line_errors += u64::from(now);
                self.line_pairs += u64::from(now && *wrong);
                *wrong = now;
            }
        }
    }

    /// Counts a word before it is decoded.
    pub(super) fn received(&mut self, sent: &[u16], word: &[u16]) {
        let pairs = || sent.iter().zip(word);
        let wrong = pairs().map(|(a, b)| u32::from(a != b)).sum::<u32>();
        self.words += 1;
        self.wrong_symbols.add(wrong as usize);
        if wrong > 0 {
            self.bit_errors += different_bits(sent, word);
        }
    }

    /// Counts a word after decoding: message sent and message out, corrected symbols or none, whether the word
    /// is the one sent.
    pub(super) fn decoded(&mut self, message: (&[u16], &[u16]), errors: Option<u16>, right: bool) {
        match errors {
            Some(errors) => {
                if let Some(bin) = self.corrected.get_mut(usize::from(errors)) {
                    *bin += 1;
                }
                self.miscorrected += u64::from(!right);
            }
            None => self.uncorrectable += 1,
        }
        if !right {
            self.message_bit_errors += different_bits(message.0, message.1);
        }
    }

    /// Adds the count of another run to a sum that may be empty yet.
    pub(super) fn merge(sum: &mut Option<Self>, other: Option<&Self>) -> Result<()> {
        let Some(other) = other else { return Ok(()) };
        let Some(sum) = sum else {
            *sum = Some(other.clone());
            return Ok(());
        };
        sum.line_symbols += other.line_symbols;
        sum.line_errors += other.line_errors;
        sum.line_pairs += other.line_pairs;
        sum.words += other.words;
        for (a, b) in sum.corrected.iter_mut().zip(&other.corrected) {
            *a += b;
        }
        sum.uncorrectable += other.uncorrectable;
        sum.miscorrected += other.miscorrected;
        sum.wrong_symbols.merge(&other.wrong_symbols)?;
        sum.bit_errors += other.bit_errors;
        sum.message_bit_errors += other.message_bit_errors;
        Ok(())
    }

    /// Words that are wrong after the decoder: undecodable or miscorrected.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.uncorrectable + self.miscorrected
    }

    /// Codeword failure ratio with its Clopper-Pearson interval, words taken as independent; without
    /// failures zero and a bound.
    ///
    /// # Errors
    /// No word.
    pub fn failure_ratio(&self, confidence: f64) -> Result<Proportion> {
        Histogram::from_counts(&[self.words - self.failures(), self.failures()])?
            .proportion(1, confidence)
    }

    /// Bit error ratio of the words before decoding, precoding undone; 0 without words.
    #[must_use]
    pub fn pre_fec_ber(&self) -> f64 {
        let bits = self.words as f64 * self.code.codeword_bits() as f64;
        self.bit_errors as f64 / bits.max(1.0)
    }

    /// Bit error ratio of the messages after decoding; 0 without words.
    #[must_use]
    pub fn post_fec_ber(&self) -> f64 {
        let bits = self.words as f64 * self.code.k as f64 * f64::from(self.code.symbol_bits);
        self.message_bit_errors as f64 / bits.max(1.0)
    }

    /// Share of wrong decisions on the line; 0 without decisions.
    #[must_use]
    pub fn line_error_ratio(&self) -> f64 {
        self.line_errors as f64 / (self.line_symbols as f64).max(1.0)
    }

    /// The two-state chain of this run's own errors: the share of wrong decisions, and the share of wrong
    /// ones behind a wrong one as its propagation.
    ///
    /// # Errors
    /// Error ratios beyond what a chain can have (more than one half).
    pub fn chain(&self) -> Result<BurstChain> {
        let propagation = self.line_pairs as f64 / (self.line_errors as f64).max(1.0);
        BurstChain::from_symbol_error_ratio(self.line_error_ratio(), propagation)
    }

    /// Measured distribution and both models.
    ///
    /// # Errors
    /// No word; those of [`Self::chain`].
    pub fn models(&self) -> Result<WordModels> {
        let (path, code) = (&self.path, &self.code);
        let along = |chain: BurstChain| chain.symbol_error_distribution(path, code, code.n);
        Ok(WordModels {
            measured: WordErrors::from_histogram(&self.wrong_symbols, code.n)?,
            bursts: along(self.chain()?)?,
            independent: along(BurstChain::independent(self.line_error_ratio())?)?,
        })
    }
}

impl WordModels {
    /// Each distribution after one more segment.
    ///
    /// # Errors
    /// Words of different lengths.
    pub fn convolve(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            measured: self.measured.convolve(&other.measured)?,
            bursts: self.bursts.convolve(&other.bursts)?,
            independent: self.independent.convolve(&other.independent)?,
        })
    }
}

fn different_bits(a: &[u16], b: &[u16]) -> u64 {
    let different = |(a, b): (&u16, &u16)| u64::from((a ^ b).count_ones());
    a.iter().zip(b).map(different).sum()
}
