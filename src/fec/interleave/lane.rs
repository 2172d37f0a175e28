//! A group of codewords as the PAM4 symbols of one physical lane, and back.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::super::RsCode;
use super::super::bound::{Multiplex, Path};
use super::distribute::{Distribution, WordOrder};
use super::multiplex::{pam4_to_row, pam4_to_symbol, row_to_pam4, symbol_to_pam4};
use crate::error::{Error, Result, in_range, length};
use crate::pattern::{PrecodeDecoder, PrecodeEncoder, check_at_most};

/// Most PCS lanes that share a physical lane.
const MOST_LANES: usize = 16;

/// Which bit of which symbol of which word a bit of a PAM4 symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BitPlace {
    /// Word of the group, 0..I.
    pub word: usize,
    /// Symbol of the word in sent order, 0..n.
    pub symbol: usize,
    /// Bit of the symbol, 0 the coefficient of `x^0`, which goes first.
    pub bit: usize,
}

/// The map between a group of `I` codewords and the `5 I n` PAM4 symbols of one physical lane.
///
/// The words' symbols form one stream, dealt to the `m` PCS lanes that share the physical lane
/// ([`Distribution`]); the lanes are multiplexed symbol by symbol or bit by bit, bit 0 of a symbol first;
/// bits pair up, the first the more significant, and go through the Gray map; with precoding,
/// `1/(1+D)` modulo 4 follows. [`Self::send`] and [`Self::receive`] are exact inverses. The plan is made
/// from the same [`Path`] as the model of bursts, which describes what it does to errors.
///
/// | [`Multiplex`] | bit `i` of a row of `m` symbols | word of symbol `r` of lane `l` |
/// |---|---|---|
/// | `Symbol` | bit `i mod 10` of symbol `i div 10` | `r mod I` |
/// | `Bit` | bit `i div m` of lane `i mod m` | `(r + l) mod I` |
/// | `BitInStep` | bit `i div m` of lane `i mod m` | `r mod I` |
///
/// All symbols of a word travel on this lane; see the [module](super) for what that means for a port.
///
/// ```
/// use ndarray::Array2;
/// use pamlink::fec::interleave::LanePlan;
/// use pamlink::fec::{KP4, Path};
/// use pamlink::pattern::{PrecodeDecoder, PrecodeEncoder};
///
/// let path = Path { interleave: 4, precoding: true, ..Path::default() };
/// let plan = LanePlan::new(&KP4, &path)?;
/// let words = Array2::from_shape_fn((4, KP4.n), |(w, i)| (256 * w + i % 256) as u16);
/// let mut symbols = vec![0; plan.pam4_symbols()];
/// plan.send(&mut PrecodeEncoder::default(), words.view(), &mut symbols)?;
/// let mut back = Array2::zeros((4, KP4.n));
/// plan.receive(&mut PrecodeDecoder::default(), &mut symbols, back.view_mut())?;
/// assert_eq!(back, words);
/// // Bits 2 and 3 of the second word's first symbol.
/// let [first, second] = plan.source(6);
/// assert_eq!((first.word, first.symbol, first.bit), (1, 0, 2));
/// assert_eq!(second.bit, 3);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LanePlan {
    path: Path,
    n: usize,
    distribution: Distribution,
    /// `word * n + symbol` of every symbol of the stream.
    places: Vec<u32>,
}

impl LanePlan {
    /// The plan of a code and a path.
    ///
    /// # Errors
    /// An interleave outside 1..=64; bits multiplexed of lanes that are not an even number of 2..=16, or
    /// whose number does not divide `n`; symbols of another width than 10 bits.
    pub fn new(code: &RsCode, path: &Path) -> Result<Self> {
        let bits = f64::from(code.symbol_bits);
        in_range("symbol_bits", bits, 10.0, 10.0)?;
        in_range("n", code.n as f64, 1.0, 1023.0)?;
        in_range("interleave", path.interleave as f64, 1.0, 64.0)?;
        let (lanes, order) = match path.multiplex {
            Multiplex::Symbol => (1, WordOrder::RoundRobin),
            Multiplex::Bit { lanes } => (lanes, WordOrder::Rotated),
            Multiplex::BitInStep { lanes } => (lanes, WordOrder::InStep),
        };
        if path.multiplex != Multiplex::Symbol {
            let odd = !lanes.is_multiple_of(2);
            let value = lanes as f64;
            if odd || !(2..=MOST_LANES).contains(&lanes) {
                return Err(Error::OutOfRange {
                    name: "lanes (an even number)".into(),
                    value,
                    min: 2.0,
                    max: MOST_LANES as f64,
                });
            }
        }
        let distribution = Distribution::new(path.interleave, lanes, order)?;
        distribution.check_word(code.n)?;
        let places = (0..path.interleave * code.n)
            .map(|p| {
                let (word, symbol) = distribution.word_of(p);
                (word * code.n + symbol) as u32
            })
            .collect();
        Ok(Self {
            path: *path,
            n: code.n,
            distribution,
            places,
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the symbols are dealt to words and lanes.
    #[must_use]
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// PAM4 symbols of a group, `5 I n`.
    #[must_use]
    pub fn pam4_symbols(&self) -> usize {
        5 * self.places.len()
    }

    /// What the two bits of PAM4 symbol `at` of a group are (before precoding), the more significant first;
    /// `at` counts modulo [`Self::pam4_symbols`].
    #[must_use]
    pub fn source(&self, at: usize) -> [BitPlace; 2] {
        let at = at % self.pam4_symbols();
        let lanes = self.distribution.lanes();
        let row = at / (5 * lanes);
        [0, 1].map(|second| {
            let i = 2 * (at % (5 * lanes)) + second;
            let (lane, bit) = match self.path.multiplex {
                Multiplex::Symbol => (0, i),
                _ => (i % lanes, i / lanes),
            };
            let place = self.places[row * lanes + lane] as usize;
            BitPlace {
                word: place / self.n,
                symbol: place % self.n,
                bit,
            }
        })
    }

    fn check_words(&self, rows: usize, columns: usize) -> Result<()> {
        length("words", self.path.interleave, rows)?;
        length("words[0]", self.n, columns)
    }

    /// Sends a group: `words` `[I, n]`, symbols below 1024, to `symbols` of length
    /// [`Self::pam4_symbols`], 0..=3 in level order.
    ///
    /// `precoder` carries the line's state from group to group and is not touched where the path has no
    /// precoding. Exact. Cost: a few operations per bit, no allocation.
    ///
    /// # Errors
    /// Shapes that do not fit, words that are not one contiguous block, a symbol of 1024 or more (named by word and
    /// index); `symbols` and `precoder` are then as they were.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn send(
        &self,
        precoder: &mut PrecodeEncoder,
        words: ArrayView2<'_, u16>,
        symbols: &mut [u8],
    ) -> Result<()> {
        self.check_words(words.nrows(), words.ncols())?;
        length("symbols", self.pam4_symbols(), symbols.len())?;
        let words = words.as_slice().ok_or(Error::NotContiguous {
            name: "words".into(),
        })?;
        if words.iter().fold(0, |m, &s| m | s) >= 1024 {
            let bad = words.iter().enumerate().find(|&(_, &s)| s >= 1024);
            if let Some((at, &symbol)) = bad {
                return Err(Error::OutOfRange {
                    name: format!("words[{}][{}]", at / self.n, at % self.n).into(),
                    value: f64::from(symbol),
                    min: 0.0,
                    max: 1023.0,
                });
            }
        }
        let symbol = |place: &u32| words[*place as usize];
        if self.path.multiplex == Multiplex::Symbol {
            let (out, _) = symbols.as_chunks_mut::<5>();
            for (place, out) in self.places.iter().zip(out) {
                symbol_to_pam4(symbol(place), out);
            }
        } else {
            let lanes = self.distribution.lanes();
            let mut row = [0u16; MOST_LANES];
            let rows = self.places.chunks_exact(lanes);
            for (places, out) in rows.zip(symbols.chunks_exact_mut(5 * lanes)) {
                for (s, place) in row.iter_mut().zip(places) {
                    *s = symbol(place);
                }
                row_to_pam4(&row[..lanes], out);
            }
        }
        if self.path.precoding {
            precoder.encode_in_place(symbols)?;
        }
        Ok(())
    }

    /// Receives a group: hard decisions `symbols` (0..=3, length [`Self::pam4_symbols`]) to `words`
    /// `[I, n]`; the inverse of [`Self::send`].
    ///
    /// With precoding `symbols` is left as the data behind it, and `precoder` carries the last symbol of
    /// the line. Exact. Cost: a few operations per bit, no allocation.
    ///
    /// # Errors
    /// Shapes that do not fit, words that are not one contiguous block, a symbol above 3 (named by index); all
    /// arguments are then as they were.
    pub fn receive(
        &self,
        precoder: &mut PrecodeDecoder,
        symbols: &mut [u8],
        mut words: ArrayViewMut2<'_, u16>,
    ) -> Result<()> {
        self.check_words(words.nrows(), words.ncols())?;
        length("symbols", self.pam4_symbols(), symbols.len())?;
        let words = words.as_slice_mut().ok_or(Error::NotContiguous {
            name: "words".into(),
        })?;
        check_at_most("symbols", symbols, 3)?;
        if self.path.precoding {
            precoder.decode_in_place(symbols)?;
        }
        if self.path.multiplex == Multiplex::Symbol {
            let (pam4, _) = symbols.as_chunks::<5>();
            for (place, pam4) in self.places.iter().zip(pam4) {
                words[*place as usize] = pam4_to_symbol(*pam4);
            }
        } else {
            let lanes = self.distribution.lanes();
            let mut row = [0u16; MOST_LANES];
            let rows = self.places.chunks_exact(lanes);
            for (places, pam4) in rows.zip(symbols.chunks_exact(5 * lanes)) {
                pam4_to_row(pam4, &mut row[..lanes]);
                for (s, place) in row.iter().zip(places) {
                    words[*place as usize] = *s;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
