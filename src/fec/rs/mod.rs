//! Reed-Solomon encoding and decoding over GF(2^10): KP4, KR4 and other codes of that field.
//!
//! A codeword is `c(x) = x^(2t) m(x) + (x^(2t) m(x) mod g(x))` with
//! `g(x) = prod_{j=0}^{2t-1} (x - alpha^j)`. The first symbol of a slice is the first one sent, the
//! coefficient of `x^(n-1)`: the message stands in front, the parity behind it, highest power first.
//! Symbols are the elements of [`super::gf`] in `u16`. Reference: IEEE 802.3 clauses 91.5.2.7 and
//! 119.2.4.6.
//!
//! Decoding is bounded-distance: a word is corrected exactly if some codeword differs from it in at
//! most `t` symbols (with `f` erasures: in `e` symbols that are not erased, `2 e + f <= 2 t`). That
//! codeword is unique. All other words are left as received and reported [`Outcome::Uncorrectable`].

mod batch;
mod batch_rows;
mod check;
mod general;
mod generator;
mod outcome;
mod pack;
mod packed;
mod parity;
#[cfg(test)]
mod reference;
mod remainder;
mod single;
#[cfg(test)]
mod tests;

pub use batch_rows::Workspace;
pub use outcome::{Decoded, Outcome, Report};
pub use pack::{BitOrder, pack_symbols, packed_bytes, unpack_symbols};

use crate::Level;
use crate::error::{Result, length};
use crate::fec::{KP4, KR4, RsCode};

use batch::Batch;
use parity::Parity;
use remainder::Divider;

/// The most errors per word that a code may correct.
pub const T_MAX: usize = 16;

/// Encoder and decoder of one code: an immutable plan that threads can share.
///
/// ```
/// use pamlink::fec::rs::ReedSolomon;
/// let rs = ReedSolomon::kp4();
/// let message: Vec<u16> = (0..514).collect();
/// let mut word = [0; 544];
/// rs.encode(&message, &mut word)?;
/// assert_eq!(word[514..517], [76, 598, 13]);
///
/// word[3] ^= 1;
/// word[540] ^= 0x155;
/// let decoded = rs.decode(&mut word)?;
/// assert_eq!(decoded.outcome.errors(), Some(2));
/// assert_eq!(decoded.positions(), [3, 540]);
/// assert_eq!(word[..514], message);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReedSolomon {
    code: RsCode,
    level: Level,
    divider: Divider,
    parity: Parity,
    batch: Batch,
}

impl ReedSolomon {
    /// The plan of a code at the best level of the machine.
    ///
    /// Accepted are codes of ten-bit symbols with `n <= 1023`, `n - k = 2 t` and `t` in 1..=16; an
    /// error names the field that is wrong. Cost: some thousand products.
    pub fn new(code: RsCode) -> Result<Self> {
        Self::with_level(code, Level::best())
    }

    /// [`Self::new`] at a level. Results are identical at all levels.
    pub fn with_level(code: RsCode, level: Level) -> Result<Self> {
        check::code(&code)?;
        Ok(Self::checked(code, level))
    }

    fn checked(code: RsCode, level: Level) -> Self {
        Self {
            code,
            level,
            divider: Divider::new(2 * code.t),
            parity: Parity::new(&code),
            batch: Batch::new(code, level),
        }
    }

    /// The plan of [`KP4`], RS(544,514).
    #[must_use]
    pub fn kp4() -> Self {
        Self::checked(KP4, Level::best())
    }

    /// The plan of [`KR4`], RS(528,514).
    #[must_use]
    pub fn kr4() -> Self {
        Self::checked(KR4, Level::best())
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> RsCode {
        self.code
    }

    /// The level the plan runs at.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Encodes a message of `k` symbols to a codeword of `n`: the message, then the parity.
    ///
    /// Cost: the syndromes of the message and `2t` products of a scalar and a vector; at the baseline
    /// a long division, one step per message symbol. An error (a length, a symbol above 1023, named
    /// with its index) leaves `word` as it was.
    pub fn encode(&self, message: &[u16], word: &mut [u16]) -> Result<()> {
        length("message", self.code.k, message.len())?;
        length("word", self.code.n, word.len())?;
        check::symbols(|| "message".into(), message)?;
        self.encode_checked(message, word);
        Ok(())
    }

    fn encode_checked(&self, message: &[u16], word: &mut [u16]) {
        let (front, parity) = word.split_at_mut(self.code.k);
        front.copy_from_slice(message);
        if self.level.has_mid() {
            parity::parity(self.level, &self.parity, message, parity);
        } else {
            self.divider.remainder(message, parity);
        }
    }

    /// Decodes one word of `n` symbols in place, with low latency.
    ///
    /// An uncorrectable word is a result and stays as received. Cost: a clean word takes its syndromes
    /// alone, a word with `e` errors `2 e` steps of the key equation more, from four errors on an
    /// evaluation of the locator at all positions, and Forney's formula. An error (length, a symbol
    /// above 1023, named with its index) leaves `word` as it was.
    pub fn decode(&self, word: &mut [u16]) -> Result<Decoded> {
        length("word", self.code.n, word.len())?;
        check::symbols(|| "word".into(), word)?;
        Ok(self.decode_checked(word))
    }

    fn decode_checked(&self, word: &mut [u16]) -> Decoded {
        single::decode(self.level, &self.divider, word, 2 * self.code.t)
    }

    /// Decodes one word of which some symbols are known to be unreliable.
    ///
    /// `erasures` are indices of symbols, in any order, no two equal, at most `2 t`. With `f` of them
    /// the word is corrected if at most `(2 t - f) / 2` other symbols are wrong. The values of erased
    /// symbols do not matter, but must lie below 1024.
    ///
    /// ```
    /// use pamlink::fec::rs::{Outcome, ReedSolomon};
    /// let rs = ReedSolomon::kr4();
    /// let mut word = [0; 528];
    /// let erasures: Vec<usize> = (100..112).collect();
    /// for &e in &erasures {
    ///     word[e] = 9;
    /// }
    /// word[7] = 1;
    /// let decoded = rs.decode_with_erasures(&mut word, &erasures)?;
    /// assert_eq!(decoded.outcome, Outcome::Corrected { errors: 1, erasures: 12 });
    /// assert_eq!(word, [0; 528]);
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    ///
    /// An error (length, a symbol above 1023, an erasure out of range or named twice, more than
    /// `2 t` of them) leaves `word` as it was.
    pub fn decode_with_erasures(&self, word: &mut [u16], erasures: &[usize]) -> Result<Decoded> {
        length("word", self.code.n, word.len())?;
        check::symbols(|| "word".into(), word)?;
        check::erasures(&self.code, erasures)?;
        Ok(general::decode(self.level, word, 2 * self.code.t, erasures))
    }
}
