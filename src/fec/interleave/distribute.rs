//! Symbols of a stream over codewords and over PCS lanes.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::error::{Result, in_range, length};

/// Largest number of codewords and of lanes that a plan takes.
pub(super) const MOST: usize = 64;

/// Which word each symbol of a row belongs to; a row is one symbol of every lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WordOrder {
    /// Symbol `p` of the stream belongs to word `p mod I`, whatever the lanes.
    #[default]
    RoundRobin,
    /// Symbol `r` of lane `l` belongs to word `(r + l) mod I`: neighbouring lanes are out of step, and the
    /// order turns from row to row. With two words this is the checkerboard of Ethernet, word A exactly where
    /// `r + l` is even.
    Rotated,
    /// Symbol `r` of every lane belongs to word `r mod I`: all lanes in step.
    InStep,
}

/// Where the symbols of a group of codewords stand in the stream, and on which lane.
///
/// A stream of 10-bit symbols is dealt to `L` lanes in turn: symbol `p` is symbol `r = p div L` of lane
/// `l = p mod L`. The `I` words of a group (1, 2 and 4 in Ethernet) give their symbols in their own order;
/// which word is next says the [`WordOrder`]. The same rule serves message symbols (`k` per word) and
/// codeword symbols (`n` per word).
///
/// Sources: round robin by symbol over two words and 8 or 16 PCS lanes, IEEE 802.3 clause 119, 200G and 400G
/// (M. Gustlin, "A deep dive into the 802.3bs 200GBASE-R and 400GBASE-R PCS/PMA", Ethernet Alliance, 2018):
/// *documented*. The checkerboard: an open model of the 200GBASE-R PCS with 8 lanes, *documented for 200G*.
/// Four words as two such pairs at 800G (clause 172): *documented*; turning all four, as
/// [`WordOrder::Rotated`] does, is ours: as there, the symbols of a row belong to different words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    words: usize,
    lanes: usize,
    order: WordOrder,
    /// Word and rank of every place of one period, in which each word appears equally often.
    places: Vec<(u16, u16)>,
    /// Place in the period by word and rank.
    inverse: Vec<u16>,
}

impl Distribution {
    /// A plan for groups of `words` codewords (1..=64) on `lanes` lanes (1..=64).
    ///
    /// # Errors
    /// Numbers out of range.
    pub fn new(words: usize, lanes: usize, order: WordOrder) -> Result<Self> {
        in_range("words", words as f64, 1.0, MOST as f64)?;
        in_range("lanes", lanes as f64, 1.0, MOST as f64)?;
        let share = Self::share(lanes, order);
        let mut next = vec![0u16; words];
        let mut inverse = vec![0u16; words * share];
        let places = (0..words * share)
            .map(|p| {
                let (l, r) = (p % lanes, p / lanes);
                let word = match order {
                    WordOrder::RoundRobin => p,
                    WordOrder::Rotated => r + l,
                    WordOrder::InStep => r,
                } % words;
                let rank = next[word];
                next[word] += 1;
                inverse[word * share + usize::from(rank)] = p as u16;
                (word as u16, rank)
            })
            .collect();
        Ok(Self {
            words,
            lanes,
            order,
            places,
            inverse,
        })
    }

    /// Symbols of each word in one period.
    fn share(lanes: usize, order: WordOrder) -> usize {
        match order {
            WordOrder::RoundRobin => 1,
            WordOrder::Rotated | WordOrder::InStep => lanes,
        }
    }

    /// Symbols of a word that make the pattern whole: the length of words must be a multiple of it.
    #[must_use]
    pub fn symbols_per_word(&self) -> usize {
        Self::share(self.lanes, self.order)
    }

    /// Checks that words of `symbols` symbols fill whole periods.
    pub(super) fn check_word(&self, symbols: usize) -> Result<()> {
        let share = self.symbols_per_word();
        length(
            "a word (symbols, a multiple of the lanes)",
            symbols.div_ceil(share) * share,
            symbols,
        )
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
        let (word, rank) = self.places[p % self.places.len()];
        let whole = p / self.places.len() * self.symbols_per_word();
        (word.into(), whole + usize::from(rank))
    }

    /// Place in the stream of entry `index` of `word` (modulo `I`); the inverse of [`Self::word_of`].
    #[must_use]
    #[inline]
    pub fn place_of(&self, word: usize, index: usize) -> usize {
        let share = self.symbols_per_word();
        let place = self.inverse[word % self.words * share + index % share];
        index / share * self.places.len() + usize::from(place)
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
        self.check_word(words.ncols())?;
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
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn collect(&self, words: ArrayView2<'_, u16>, stream: &mut [u16]) -> Result<()> {
        length("words", self.words, words.nrows())?;
        self.check_word(words.ncols())?;
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
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
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
        let plan = Distribution::new(2, 8, WordOrder::Rotated).unwrap();
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
            which in 0usize..3,
            periods in 1usize..5,
        ) {
            let order = [WordOrder::RoundRobin, WordOrder::Rotated, WordOrder::InStep][which];
            let plan = Distribution::new(words, lanes, order).unwrap();
            let per_word = periods * plan.symbols_per_word();
            let stream: Vec<u16> = (0..(words * per_word) as u16).collect();
            let mut there = Array2::from_elem((words, per_word), u16::MAX);
            plan.distribute(&stream, there.view_mut()).unwrap();
            // Every place is filled and tells where it came from.
            for ((w, i), &p) in there.indexed_iter() {
                prop_assert_eq!(plan.word_of(p.into()), (w, i));
                prop_assert_eq!(plan.place_of(w, i), usize::from(p));
                // A word's symbols travel in their own order, and the word is the one the rule names.
                prop_assert!(i == 0 || there[(w, i - 1)] < p);
                let (l, r) = plan.lane_of(p.into());
                let word = [usize::from(p), l + r, r][which] % words;
                prop_assert_eq!(word, w);
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
        assert!(text(Distribution::new(0, 1, WordOrder::RoundRobin)).starts_with("words is 0"));
        assert!(text(Distribution::new(1, 65, WordOrder::InStep)).starts_with("lanes is 65"));
        let plan = Distribution::new(2, 3, WordOrder::Rotated).unwrap();
        let mut words = Array2::from_elem((2, 3), 7);
        assert!(plan.distribute(&[1; 5], words.view_mut()).is_err());
        let mut three = Array2::from_elem((3, 2), 7);
        assert!(plan.distribute(&[1; 6], three.view_mut()).is_err());
        let mut two = Array2::from_elem((2, 4), 7);
        assert!(plan.distribute(&[1; 8], two.view_mut()).is_err());
        assert!(plan.to_lanes(&[1; 8], two.view_mut()).is_err());
        let mut stream = [7; 5];
        assert!(plan.collect(words.view(), &mut stream).is_err());
        assert!(plan.from_lanes(words.view(), &mut stream).is_err());
        assert!(
            words
                .iter()
                .chain(&two)
                .chain(&three)
                .chain(&stream)
                .all(|&x| x == 7)
        );
    }
}
