//! Many words at once: rows of `[word, symbol]` arrays.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::batch::{State, UNCORRECTABLE};
use super::{Outcome, ReedSolomon, Report, check};
use crate::error::{Result, length};
use crate::rows;

/// Words that are copied together where the rows do not follow each other in memory.
pub(super) const CHUNK: usize = 4096;

/// The buffers of the batch decoder; made by [`ReedSolomon::workspace`], reusable from call to call
/// and for any code. They grow once.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    state: State,
    /// Corrected symbols of each word, or [`UNCORRECTABLE`].
    counts: Vec<u16>,
    /// `[word, t]`: the first entries of a row are the corrected positions.
    positions: Vec<u16>,
    /// Words copied from rows that do not follow each other, or unpacked from bytes.
    pub(super) words: Vec<u16>,
}

impl ReedSolomon {
    /// Buffers for [`Self::decode_batch`] and [`Self::decode_packed`].
    #[must_use]
    pub fn workspace(&self) -> Workspace {
        Workspace::default()
    }

    /// Encodes messages `[word, k]` to codewords `[word, n]`, each as [`Self::encode`] does.
    ///
    /// Rows must be contiguous. An error (a shape, a symbol above 1023, named with its word and
    /// index) leaves `words` as they were.
    pub fn encode_batch(
        &self,
        messages: ArrayView2<'_, u16>,
        mut words: ArrayViewMut2<'_, u16>,
    ) -> Result<()> {
        check::columns("messages", self.code.k, messages.ncols())?;
        check::columns("words", self.code.n, words.ncols())?;
        length("words", messages.nrows(), words.nrows())?;
        let messages = rows::slices("messages", &messages)?;
        let mut words = rows::slices_mut("words", &mut words)?;
        for (w, message) in messages.iter().enumerate() {
            check::symbols(|| format!("messages[{w}]").into(), message)?;
        }
        for (message, word) in messages.iter().zip(&mut words) {
            self.encode_checked(message, word);
        }
        Ok(())
    }

    /// Decodes words `[word, n]` in place, any number of them; `report` is filled anew.
    ///
    /// Each word has the result of [`Self::decode`]; uncorrectable words are left as received. Full
    /// groups of 128 (baseline), 256 (AVX2) or 512 words (AVX-512) go through bit planes, a short
    /// rest word by word. Rows must be contiguous; rows that follow each other without a gap are
    /// decoded where they are, others are copied. An error (a shape, a symbol above 1023, named with
    /// its word and index) leaves `words` and `report` as they were.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use pamlink::fec::rs::{ReedSolomon, Report};
    /// let rs = ReedSolomon::kr4();
    /// let mut words = Array2::zeros((1000, 528));
    /// words.column_mut(3).fill(17);
    /// let (mut work, mut report) = (rs.workspace(), Report::new());
    /// rs.decode_batch(&mut work, words.view_mut(), &mut report)?;
    /// assert_eq!(report.histogram()[1], 1000);
    /// assert!(words.iter().all(|&symbol| symbol == 0));
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    pub fn decode_batch(
        &self,
        work: &mut Workspace,
        mut words: ArrayViewMut2<'_, u16>,
        report: &mut Report,
    ) -> Result<()> {
        check::columns("words", self.code.n, words.ncols())?;
        if let Some(words) = words.as_slice_mut() {
            for (w, word) in words.chunks_exact(self.code.n).enumerate() {
                check::symbols(|| format!("words[{w}]").into(), word)?;
            }
            report.clear(self.code.t);
            self.decode_slice(work, words, report);
            return Ok(());
        }
        let mut rows = rows::slices_mut("words", &mut words)?;
        for (w, word) in rows.iter().enumerate() {
            check::symbols(|| format!("words[{w}]").into(), word)?;
        }
        report.clear(self.code.t);
        let mut copy = std::mem::take(&mut work.words);
        for rows in rows.chunks_mut(CHUNK) {
            copy.clear();
            rows.iter().for_each(|row| copy.extend_from_slice(row));
            self.decode_slice(work, &mut copy, report);
            for (row, word) in rows.iter_mut().zip(copy.chunks_exact(self.code.n)) {
                row.copy_from_slice(word);
            }
        }
        work.words = copy;
        Ok(())
    }

    /// Below this number, the rest of a group is sooner done word by word than as a group of its own:
    /// where measured times of KP4 words, clean or with 15 errors, cross.
    fn few_words(&self) -> usize {
        if self.level.has_top() {
            160
        } else if self.level.has_mid() {
            56
        } else {
            16
        }
    }

    /// Decodes checked words that follow each other and adds them to the report.
    pub(super) fn decode_slice(
        &self,
        work: &mut Workspace,
        words: &mut [u16],
        report: &mut Report,
    ) {
        let (n, t) = (self.code.n, self.code.t);
        let number = words.len() / n;
        let rest = number % self.batch.group();
        let batched = if rest < self.few_words() {
            number - rest
        } else {
            number
        };
        let (front, back) = words.split_at_mut(batched * n);
        if batched > 0 {
            work.counts.resize(batched, 0);
            work.positions.resize(batched * t, 0);
            let Workspace {
                state,
                counts,
                positions,
                ..
            } = work;
            self.batch.decode(state, front, counts, positions);
            for (&count, positions) in counts.iter().zip(positions.chunks_exact(t)) {
                if count == UNCORRECTABLE {
                    report.push(Outcome::Uncorrectable, &[]);
                } else {
                    let outcome = Outcome::Corrected {
                        errors: count,
                        erasures: 0,
                    };
                    report.push(outcome, &positions[..usize::from(count)]);
                }
            }
        }
        for word in back.chunks_exact_mut(n) {
            let decoded = self.decode_checked(word);
            report.push(decoded.outcome, decoded.positions());
        }
    }
}
