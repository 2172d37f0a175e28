//! Symbols of a stream over codewords and over PCS lanes.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::error::{Error, Result, in_range, length};

/// Largest number of codewords and of lanes that a plan takes.
pub(super) const MOST: usize = 64;

/// In which order the words of a group follow one another in a row of lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum WordOrder {
    /// Word `p mod I` at every place.
    #[default]
    Fixed,
    /// The two words of every pair swap places from one row of lanes to the next, so that a lane carries
    /// both of them in turn: symbol `k` of lane `l` is of word A exactly where `k + l` is even.
    Swapped,
}

/// Where the symbols of a group of codewords stand in the stream, and on which lane.
///
/// A stream of 10-bit symbols is shared out one symbol at a time. Symbol `p` of a group is
///
/// - entry `p / I` of word `p mod I` ([`WordOrder::Fixed`]), or of the other word of its pair,
///   `(p mod I) xor 1`, in every second row ([`WordOrder::Swapped`]);
/// - entry `p / L` of lane `p mod L`; these `L` symbols are one row.
///
/// `I` codewords of one group (1, 2 and 4 in Ethernet) and `L` lanes. The same rule serves message
/// symbols (`k` per word) and codeword symbols (`n` per word). Sources: round robin by symbol over two
/// words and 8 or 16 PCS lanes, IEEE 802.3 clause 119 (200G and 400G; M. Gustlin, Ethernet Alliance,
/// 28 March 2018), four words in two pairs at 800G (clause 172): *documented*. The swap from row to row:
/// an open model of 200GBASE-R (8 lanes): *documented for 200G*, taken over for the other rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distribution {
    words: usize,
    lanes: usize,
    order: WordOrder,
}

impl Distribution {
    /// A plan for groups of `words` codewords (1..=64) on `lanes` lanes (1..=64).
    ///
    /// # Errors
    /// Numbers out of range; [`WordOrder::Swapped`] with an odd number of words or lanes, whose pairs
    /// would break.
    pub fn new(words: usize, lanes: usize, order: WordOrder) -> Result<Self> {
        in_range("words", words as f64, 1.0, MOST as f64)?;
        in_range("lanes", lanes as f64, 1.0, MOST as f64)?;
        if order == WordOrder::Swapped {
            for (name, value) in [
                ("words (even where pairs swap)", words),
                ("lanes (even where pairs swap)", lanes),
            ] {
                if !value.is_multiple_of(2) {
                    return Err(Error::OutOfRange {
                        name: name.into(),
                        value: value as f64,
                        min: 2.0,
                        max: MOST as f64,
                    });
                }
            }
        }
        Ok(Self {
            words,
            lanes,
            order,
        })
    }

    /// Codewords of a group.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words
    }

    /// Lanes.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Order of the words.
    #[must_use]
    pub fn order(&self) -> WordOrder {
        self.order
    }

    /// Word and entry of symbol `p` of the stream.
    #[must_use]
    #[inline]
    pub fn word_of(&self, p: usize) -> (usize, usize) {
        let swap = usize::from(self.order == WordOrder::Swapped) & (p / self.lanes);
        ((p % self.words) ^ swap, p / self.words)
    }

    /// Place in the stream of entry `index` of `word`; the inverse of [`Self::word_of`].
    #[must_use]
    #[inline]
    pub fn place_of(&self, word: usize, index: usize) -> usize {
        let p = index * self.words + word;
        // Both words of a pair stand in the same row, so either place tells whether it is swapped.
        p ^ (usize::from(self.order == WordOrder::Swapped) & (p / self.lanes) & 1)
    }

    /// Lane and row of symbol `p` of the stream.
    #[must_use]
    #[inline]
    pub fn lane_of(&self, p: usize) -> (usize, usize) {
        (p % self.lanes, p / self.lanes)
    }

    /// Shares a stream of `I m` symbols out over `words` `[I, m]`.
    ///
    /// # Errors
    /// Shapes that do not fit; `words` is then as it was.
    pub fn distribute(&self, stream: &[u16], mut words: ArrayViewMut2<'_, u16>) -> Result<()> {
        length("words", self.words, words.nrows())?;
        length("stream", words.len(), stream.len())?;
        for (p, &symbol) in stream.iter().enumerate() {
            words[self.word_of(p)] = symbol;
        }
        Ok(())
    }

    /// Puts words `[I, m]` back into a stream of `I m` symbols; the inverse of [`Self::distribute`].
    ///
    /// # Errors
    /// Shapes that do not fit; `stream` is then as it was.
    pub fn collect(&self, words: ArrayView2<'_, u16>, stream: &mut [u16]) -> Result<()> {
        length("words", self.words, words.nrows())?;
        length("stream", words.len(), stream.len())?;
        for (p, symbol) in stream.iter_mut().enumerate() {
            *symbol = words[self.word_of(p)];
        }
        Ok(())
    }

    /// Shares a stream of `L r` symbols out over `lanes` `[L, r]`, one symbol per lane and row.
    ///
    /// # Errors
    /// Shapes that do not fit; `lanes` is then as it was.
    pub fn to_lanes(&self, stream: &[u16], mut lanes: ArrayViewMut2<'_, u16>) -> Result<()> {
        length("lanes", self.lanes, lanes.nrows())?;
        length("stream", lanes.len(), stream.len())?;
        for (p, &symbol) in stream.iter().enumerate() {
            lanes[self.lane_of(p)] = symbol;
        }
        Ok(())
    }

    /// Puts lanes `[L, r]` back into a stream; the inverse of [`Self::to_lanes`].
    ///
    /// # Errors
    /// Shapes that do not fit; `stream` is then as it was.
    pub fn from_lanes(&self, lanes: ArrayView2<'_, u16>, stream: &mut [u16]) -> Result<()> {
        length("lanes", self.lanes, lanes.nrows())?;
        length("stream", lanes.len(), stream.len())?;
        for (p, symbol) in stream.iter_mut().enumerate() {
            *symbol = lanes[self.lane_of(p)];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    /// The 200GBASE-R rule as told lane by lane: fill row after row, A and B in turn, B first in odd rows.
    #[test]
    fn two_words_on_eight_lanes_make_the_checkerboard() {
        let plan = Distribution::new(2, 8, WordOrder::Swapped).unwrap();
        let mut next = [0usize; 2];
        for row in 0..136 {
            for lane in 0..8 {
                let word = (row + lane) % 2;
                let p = row * 8 + lane;
                assert_eq!(plan.word_of(p), (word, next[word]));
                assert_eq!(plan.lane_of(p), (lane, row));
                next[word] += 1;
            }
        }
        assert_eq!(next, [544, 544]);
    }

    proptest! {
        #[test]
        fn streams_survive(
            words in 1usize..9,
            lanes in 1usize..17,
            swapped: bool,
            per_word in 1usize..40,
        ) {
            let order = if swapped { WordOrder::Swapped } else { WordOrder::Fixed };
            let plan = Distribution::new(words, lanes, order);
            prop_assert_eq!(plan.is_err(), swapped && (words % 2 == 1 || lanes % 2 == 1));
            let Ok(plan) = plan else { return Ok(()) };
            let stream: Vec<u16> = (0..(words * per_word) as u16).collect();
            let mut there = Array2::from_elem((words, per_word), u16::MAX);
            plan.distribute(&stream, there.view_mut()).unwrap();
            // Every place is filled and tells where it came from.
            for ((w, i), &p) in there.indexed_iter() {
                prop_assert_eq!(plan.word_of(p.into()), (w, i));
                prop_assert_eq!(plan.place_of(w, i), usize::from(p));
            }
            let mut back = vec![0; stream.len()];
            plan.collect(there.view(), &mut back).unwrap();
            prop_assert_eq!(&back, &stream);
            let rows = stream.len() / lanes;
            let mut rows_of = Array2::from_elem((lanes, rows), u16::MAX);
            plan.to_lanes(&stream[..rows * lanes], rows_of.view_mut()).unwrap();
            back.fill(0);
            plan.from_lanes(rows_of.view(), &mut back[..rows * lanes]).unwrap();
            prop_assert_eq!(&back[..rows * lanes], &stream[..rows * lanes]);
        }
    }

    #[test]
    fn mistakes_are_named_and_leave_the_buffers_alone() {
        let text = |r: Result<Distribution>| r.unwrap_err().to_string();
        assert!(text(Distribution::new(0, 1, WordOrder::Fixed)).starts_with("words is 0"));
        assert!(text(Distribution::new(1, 65, WordOrder::Fixed)).starts_with("lanes is 65"));
        assert!(text(Distribution::new(3, 4, WordOrder::Swapped)).contains("even"));
        let plan = Distribution::new(2, 4, WordOrder::Fixed).unwrap();
        let mut words = Array2::from_elem((2, 3), 7);
        assert!(plan.distribute(&[1; 5], words.view_mut()).is_err());
        let mut three = Array2::from_elem((3, 2), 7);
        assert!(plan.distribute(&[1; 6], three.view_mut()).is_err());
        assert!(plan.to_lanes(&[1; 6], three.view_mut()).is_err());
        let mut stream = [7; 5];
        assert!(plan.collect(words.view(), &mut stream).is_err());
        assert!(plan.from_lanes(words.view(), &mut stream).is_err());
        assert!(words.iter().chain(&three).chain(&stream).all(|&x| x == 7));
    }
}
