//! Which of the least reliable positions a decoder tries to flip.

use crate::error::{Error, Result, in_range};

/// The most least-reliable positions.
pub const MAX_POSITIONS: usize = 6;

/// The most patterns of one parity.
pub(super) const MAX_LIST: usize = 32;

/// The test patterns of a decoder: all sets of at most so many of the least reliable positions.
///
/// A pattern is a number whose bit `j` flips the `j`-th least reliable position. Columns have odd weight, so
/// a block whose syndrome is odd is completed by one further flip only after an even pattern, and one whose
/// syndrome is even only after an odd pattern. A pattern that needs no completion is a smaller pattern with
/// one, so the list of the other parity is all there is to try: 16 or 26 of 42.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patterns {
    /// By parity of the syndrome, by weight, then by number.
    lists: [[u8; MAX_LIST]; 2],
    counts: [usize; 2],
    /// For lanes: of each entry of a list the low three bits, 8 plus the upper three, and 255 where the list
    /// has ended.
    lanes: [[[u8; MAX_LIST]; 3]; 2],
    /// Both lists, one after the other, as a table for lanes.
    table: [u8; 128],
}

/// Numbers of patterns that are all sets of at most some size, of `positions`.
fn totals(positions: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut sum = 0;
    let mut choose = 1;
    (0..=positions).map(move |weight| {
        sum += choose;
        choose = choose * (positions - weight) / (weight + 1);
        (weight, sum)
    })
}

impl Patterns {
    pub(super) fn new(positions: usize, patterns: usize) -> Result<Self> {
        in_range("positions", positions as f64, 0.0, MAX_POSITIONS as f64)?;
        let Some((most, _)) = totals(positions).find(|&(_, total)| total == patterns) else {
            let all: Vec<String> = totals(positions).map(|(_, t)| t.to_string()).collect();
            return Err(Error::WrongType {
                name: "patterns".into(),
                value: patterns.to_string(),
                expected: format!("one of {} for {positions} positions", all.join(", ")),
            });
        };
        let mut made = Self {
            lists: [[0; MAX_LIST]; 2],
            counts: [0; 2],
            lanes: [[[0; MAX_LIST], [8; MAX_LIST], [255; MAX_LIST]]; 2],
            table: [0; 128],
        };
        for weight in 0..=most as u32 {
            for pattern in (0..1u8 << positions).filter(|p| p.count_ones() == weight) {
                let list = usize::from(weight % 2 == 0);
                let at = made.counts[list];
                made.lists[list][at] = pattern;
                made.counts[list] += 1;
                let [low, high, end] = &mut made.lanes[list];
                (low[at], high[at], end[at]) = (pattern & 7, 8 + (pattern >> 3), 0);
            }
        }
        made.table[..2 * MAX_LIST].copy_from_slice(made.lists.as_flattened());
        Ok(made)
    }

    /// [`Patterns::of`] for lanes, and where the list starts in [`Patterns::table`].
    #[inline(always)]
    pub(super) fn lanes(&self, syndrome: u8) -> (u8, &[[u8; MAX_LIST]; 3]) {
        let list = syndrome.count_ones() % 2;
        (MAX_LIST as u8 * list as u8, &self.lanes[list as usize])
    }

    /// Both lists, one after the other.
    pub(super) fn table(&self) -> &[u8; 128] {
        &self.table
    }

    /// What is tried on a syndrome that is not zero.
    #[inline(always)]
    pub(super) fn of(&self, syndrome: u8) -> &[u8] {
        let list = (syndrome.count_ones() % 2) as usize;
        &self.lists[list][..self.counts[list]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_every_set_once_by_weight() {
        for (positions, patterns, even, odd) in [
            (0, 1, 1, 0),
            (2, 4, 2, 2),
            (3, 8, 4, 4),
            (4, 16, 8, 8),
            (5, 32, 16, 16),
            (6, 7, 1, 6),
            (6, 42, 16, 26),
            (6, 64, 32, 32),
        ] {
            let p = Patterns::new(positions, patterns).unwrap();
            let (odd_syndrome, even_syndrome) = (p.of(1), p.of(3));
            assert_eq!((odd_syndrome.len(), even_syndrome.len()), (even, odd));
            for (list, parity) in [(odd_syndrome, 0), (even_syndrome, 1)] {
                assert!(list.iter().all(|p| p.count_ones() % 2 == parity));
                let key = |p: &u8| (p.count_ones(), *p);
                assert!(list.windows(2).all(|w| key(&w[0]) < key(&w[1])));
            }
        }
    }

    #[test]
    fn other_numbers_are_errors() {
        let e = Patterns::new(6, 40).unwrap_err().to_string();
        assert_eq!(
            e,
            "patterns is 40, must be one of 1, 7, 22, 42, 57, 63, 64 for 6 positions"
        );
        let e = Patterns::new(7, 128).unwrap_err().to_string();
        assert_eq!(e, "positions is 7, must lie between 0 and 6");
        assert!(Patterns::new(0, 0).is_err());
    }
}
