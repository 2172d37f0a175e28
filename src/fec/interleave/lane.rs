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
mod tests {
    use super::super::super::KP4;
    use super::*;
    use crate::pattern::bits_to_symbols;
    use ndarray::Array2;
    use proptest::prelude::*;

    /// The words of a group bit by bit, as told in prose: lanes filled with symbols, lanes read in turn.
    fn reference(words: &Array2<u16>, path: &Path) -> Vec<u8> {
        let n = words.ncols();
        let (lanes, whole) = match path.multiplex {
            Multiplex::Symbol => (1, true),
            Multiplex::Bit { lanes } | Multiplex::BitInStep { lanes } => (lanes, false),
        };
        let rows = path.interleave * n / lanes;
        let mut next = vec![0; path.interleave];
        let mut bits = Vec::new();
        for r in 0..rows {
            let row: Vec<u16> = (0..lanes)
                .map(|l| {
                    let word = match path.multiplex {
                        Multiplex::Bit { .. } => r + l,
                        _ => r,
                    } % path.interleave;
                    next[word] += 1;
                    words[(word, next[word] - 1)]
                })
                .collect();
            if whole {
                bits.extend((0..10).map(|b| ((row[0] >> b) & 1) as u8));
            } else {
                for b in 0..10 {
                    bits.extend(row.iter().map(|s| ((s >> b) & 1) as u8));
                }
            }
        }
        let mut symbols = vec![0; bits.len() / 2];
        bits_to_symbols(&bits, &mut symbols).unwrap();
        if path.precoding {
            let mut last = 0;
            for s in &mut symbols {
                *s = (*s + 4 - last) % 4;
                last = *s;
            }
        }
        symbols
    }

    fn any_path() -> impl Strategy<Value = Path> {
        (1usize..7, 0usize..3, 1usize..9, any::<bool>()).prop_map(|(interleave, which, half, p)| {
            let lanes = 2 * half;
            Path {
                interleave,
                multiplex: [
                    Multiplex::Symbol,
                    Multiplex::Bit { lanes },
                    Multiplex::BitInStep { lanes },
                ][which],
                precoding: p,
            }
        })
    }

    fn code_of(n: usize) -> RsCode {
        RsCode {
            n,
            k: n - 2,
            t: 1,
            ..KP4
        }
    }

    proptest! {
        #[test]
        fn groups_survive_and_agree_with_the_prose(
            path in any_path(),
            blocks in 1usize..4,
            seed: u64,
        ) {
            let n = blocks * path.multiplex.lanes() * 3;
            let plan = LanePlan::new(&code_of(n), &path).unwrap();
            let random = crate::random::Philox::new(seed, 1);
            let mut draws = vec![0.0; path.interleave * n];
            random.fill_uniform(0, &mut draws);
            let words = Array2::from_shape_vec(
                (path.interleave, n),
                draws.iter().map(|u| (u * 1024.0) as u16).collect(),
            ).unwrap();
            let mut symbols = vec![9; plan.pam4_symbols()];
            plan.send(&mut PrecodeEncoder::default(), words.view(), &mut symbols).unwrap();
            prop_assert_eq!(&symbols, &reference(&words, &path));
            let mut back = Array2::zeros(words.raw_dim());
            let mut line = symbols.clone();
            plan.receive(&mut PrecodeDecoder::default(), &mut line, back.view_mut()).unwrap();
            prop_assert_eq!(&back, &words);
            // The index map names the bits that a flipped bit of the data behind the precoder changes.
            let at = (seed % plan.pam4_symbols() as u64) as usize;
            for (which, place) in plan.source(at).into_iter().enumerate() {
                // In level order 00 01 11 10: the other half for the first bit, the neighbour in the half for the second.
                line[at] ^= [3, 1][which];
                let bare = LanePlan::new(&code_of(n), &Path { precoding: false, ..path }).unwrap();
                bare.receive(&mut PrecodeDecoder::default(), &mut line.clone(), back.view_mut()).unwrap();
                back[(place.word, place.symbol)] ^= 1 << place.bit;
                prop_assert_eq!(&back, &words);
                line[at] ^= [3, 1][which];
            }
        }
    }

    #[test]
    fn groups_follow_one_another_through_the_precoder() {
        let path = Path {
            interleave: 2,
            precoding: true,
            ..Path::default()
        };
        let plan = LanePlan::new(&KP4, &path).unwrap();
        let words = Array2::from_shape_fn((2, KP4.n), |(w, i)| ((w * 371 + i * 97) % 1024) as u16);
        let (mut sender, mut receiver) = (PrecodeEncoder::default(), PrecodeDecoder::default());
        for _ in 0..3 {
            let mut symbols = vec![0; plan.pam4_symbols()];
            plan.send(&mut sender, words.view(), &mut symbols).unwrap();
            let mut back = Array2::zeros((2, KP4.n));
            plan.receive(&mut receiver, &mut symbols, back.view_mut())
                .unwrap();
            assert_eq!(back, words);
        }
    }

    #[test]
    fn mistakes_are_named_and_leave_everything_alone() {
        let text = |multiplex, interleave| {
            let path = Path {
                interleave,
                multiplex,
                ..Path::default()
            };
            LanePlan::new(&KP4, &path).unwrap_err().to_string()
        };
        assert!(text(Multiplex::Bit { lanes: 3 }, 2).contains("even number"));
        assert!(text(Multiplex::Bit { lanes: 6 }, 2).contains("a multiple of the lanes"));
        assert!(text(Multiplex::Symbol, 0).contains("interleave"));
        let path = Path {
            interleave: 2,
            ..Path::default()
        };
        assert!(
            LanePlan::new(
                &RsCode {
                    symbol_bits: 8,
                    ..KP4
                },
                &path
            )
            .is_err()
        );
        let plan = LanePlan::new(&KP4, &path).unwrap();
        let mut words = Array2::<u16>::zeros((2, KP4.n));
        words[(1, 7)] = 1024;
        let mut symbols = vec![7; plan.pam4_symbols()];
        let mut sender = PrecodeEncoder::default();
        let e = plan
            .send(&mut sender, words.view(), &mut symbols)
            .unwrap_err();
        assert_eq!(
            e.to_string(),
            "words[1][7] is 1024, must lie between 0 and 1023"
        );
        assert!(plan.send(&mut sender, words.t(), &mut symbols).is_err());
        assert!(
            plan.send(&mut sender, words.view(), &mut symbols[1..])
                .is_err()
        );
        let mut receiver = PrecodeDecoder::default();
        let before = words.clone();
        let e = plan
            .receive(&mut receiver, &mut symbols, words.view_mut())
            .unwrap_err();
        assert_eq!(e.to_string(), "symbols[0] is 7, must lie between 0 and 3");
        assert!(symbols.iter().all(|&s| s == 7));
        assert_eq!(words, before);
    }

    /// `cargo test --release -- --ignored --nocapture speed_of_lanes` on a quiet machine.
    #[test]
    #[ignore = "measures time"]
    fn speed_of_lanes() {
        for (multiplex, precoding) in [
            (Multiplex::Symbol, false),
            (Multiplex::Symbol, true),
            (Multiplex::Bit { lanes: 2 }, false),
            (Multiplex::Bit { lanes: 4 }, false),
        ] {
            let path = Path {
                interleave: 4,
                multiplex,
                precoding,
            };
            let plan = LanePlan::new(&KP4, &path).unwrap();
            let mut words = Array2::from_shape_fn((4, KP4.n), |(w, i)| (w * 200 + i) as u16 % 1024);
            let mut symbols = vec![0; plan.pam4_symbols()];
            let mut sender = PrecodeEncoder::default();
            let mut receiver = PrecodeDecoder::default();
            let mut seconds = [0.0; 2];
            for _ in 0..2000 {
                let start = std::time::Instant::now();
                plan.send(
                    &mut sender,
                    std::hint::black_box(words.view()),
                    &mut symbols,
                )
                .unwrap();
                seconds[0] += start.elapsed().as_secs_f64();
                let start = std::time::Instant::now();
                plan.receive(
                    &mut receiver,
                    std::hint::black_box(&mut symbols),
                    words.view_mut(),
                )
                .unwrap();
                seconds[1] += start.elapsed().as_secs_f64();
            }
            let gbps = seconds.map(|s| 2000.0 * 10.0 * (4 * KP4.n) as f64 / s * 1e-9);
            println!(
                "{multiplex:?}, precoding {precoding}: send {:.2}, receive {:.2} Gb/s",
                gbps[0], gbps[1]
            );
            assert!(gbps[0] > 0.3 && gbps[1] > 0.3);
        }
    }
}
