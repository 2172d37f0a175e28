//! Words as rows of packed bytes.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::batch_rows::CHUNK;
use super::pack::{flip, pack_checked, symbol, unpack_checked};
use super::{BitOrder, ReedSolomon, Report, Workspace, packed_bytes};
use crate::error::{Result, length};
use crate::rows;

impl ReedSolomon {
    /// Encodes rows of packed messages `[word, bytes]` to rows of packed codewords.
    ///
    /// A row has [`packed_bytes`]`(k)` or `(n)` bytes in the bit order of
    /// [`pack_symbols`](super::pack_symbols): for [`KP4`](crate::fec::KP4) 643 (the upper four bits
    /// of the last one are ignored) and 680. Rows must be contiguous. An error (a shape) leaves
    /// `words` as they were.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn encode_packed(
        &self,
        order: BitOrder,
        messages: ArrayView2<'_, u8>,
        mut words: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        let (n, k) = (self.code.n, self.code.k);
        length("messages (bytes)", packed_bytes(k), messages.ncols())?;
        length("words (bytes)", packed_bytes(n), words.ncols())?;
        length("words", messages.nrows(), words.nrows())?;
        let messages = rows::slices("messages", &messages)?;
        let mut words = rows::slices_mut("words", &mut words)?;
        let mut message = vec![0; k];
        let mut word = vec![0; n];
        for (from, to) in messages.iter().zip(&mut words) {
            unpack_checked(from, order, &mut message);
            self.encode_checked(&message, &mut word);
            pack_checked(&word, order, to);
        }
        Ok(())
    }

    /// Decodes rows of packed codewords `[word, bytes]` in place, each as [`Self::decode`] does;
    /// `report` is filled anew.
    ///
    /// A row has [`packed_bytes`]`(n)` bytes in the bit order of
    /// [`pack_symbols`](super::pack_symbols). Only the bits of corrected symbols change. Rows must
    /// be contiguous. An error (a shape) leaves `words` and `report` as they were.
    pub fn decode_packed(
        &self,
        work: &mut Workspace,
        order: BitOrder,
        mut words: ArrayViewMut2<'_, u8>,
        report: &mut Report,
    ) -> Result<()> {
        length("words (bytes)", packed_bytes(self.code.n), words.ncols())?;
        let mut rows = rows::slices_mut("words", &mut words)?;
        report.clear(self.code.t);
        let n = self.code.n;
        let mut words = std::mem::take(&mut work.words);
        let mut done = 0;
        for rows in rows.chunks_mut(CHUNK) {
            words.resize(rows.len() * n, 0);
            for (row, word) in rows.iter().zip(words.chunks_exact_mut(n)) {
                unpack_checked(row, order, word);
            }
            self.decode_slice(work, &mut words, report);
            for (row, word) in rows.iter_mut().zip(words.chunks_exact(n)) {
                for &at in report.positions(done) {
                    let at = usize::from(at);
                    flip(row, order, at, word[at] ^ symbol(row, order, at));
                }
                done += 1;
            }
        }
        work.words = words;
        Ok(())
    }
}
