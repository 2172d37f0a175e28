//! Many words at once: rows of `[word, symbol]` arrays.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::{ReedSolomon, Report, check};
use crate::error::{Result, length};
use crate::rows;

/// The buffers of the batch decoder; made by [`ReedSolomon::workspace`], reusable from call to call.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// One word, for rows of packed bytes.
    pub(super) word: Vec<u16>,
}

impl ReedSolomon {
    /// Buffers for [`Self::decode_batch`] and [`Self::decode_packed`].
    #[must_use]
    pub fn workspace(&self) -> Workspace {
        Workspace {
            word: vec![0; self.code.n],
        }
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
    /// Each word has the result of [`Self::decode`]; uncorrectable words are left as received. Rows
    /// must be contiguous. An error (a shape, a symbol above 1023, named with its word and index)
    /// leaves `words` and `report` as they were.
    pub fn decode_batch(
        &self,
        work: &mut Workspace,
        mut words: ArrayViewMut2<'_, u16>,
        report: &mut Report,
    ) -> Result<()> {
        let _ = work;
        check::columns("words", self.code.n, words.ncols())?;
        let mut words = rows::slices_mut("words", &mut words)?;
        for (w, word) in words.iter().enumerate() {
            check::symbols(|| format!("words[{w}]").into(), word)?;
        }
        report.clear(self.code.t);
        for word in &mut words {
            let decoded = self.decode_checked(word);
            report.push(decoded.outcome, decoded.positions());
        }
        Ok(())
    }
}
