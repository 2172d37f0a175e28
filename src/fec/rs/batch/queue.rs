//! Words that wait for the error stage, with their syndromes.

/// Symbols of a row of syndromes, slots or values: up to `2 t <= 32`.
pub(super) const ROW: usize = 32;

/// At most two groups of words.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// Which word of the call.
    pub(super) words: Vec<usize>,
    /// Its syndromes, [`ROW`] entries each.
    pub(super) rows: Vec<u16>,
}

impl Queue {
    /// Empties the queue and makes room for two groups.
    pub(super) fn prepare(&mut self, group: usize) {
        self.words.clear();
        self.words.reserve(2 * group);
        self.rows.resize(2 * group * ROW, 0);
    }

    /// Appends a word; fewer than two groups of words wait.
    #[inline(always)]
    pub(super) fn push(&mut self, word: usize, row: &[u16]) {
        let at = self.words.len() * ROW;
        self.rows[at..at + ROW].copy_from_slice(&row[..ROW]);
        self.words.push(word);
    }

    /// Removes the first words.
    pub(super) fn drop_front(&mut self, count: usize) {
        let left = self.words.len() - count;
        self.rows.copy_within(count * ROW..(count + left) * ROW, 0);
        self.words.drain(..count);
    }
}
