//! Decoding of many words at once on bit planes.
//!
//! A group of words, one bit of a vector each (128, 256 or 512), goes through every stage together:
//! every operation of the field becomes a few plain logic instructions on whole vectors, twice as
//! fast on the machines at hand as any table or shuffle.
//!
//! 1. [`transpose`]: rows of symbols become bit planes.
//! 2. [`syndrome`]: all syndromes of the group. A group without errors ends here.
//! 3. [`queue`]: words with errors wait, with their syndromes, until a group of them is there.
//! 4. [`key`], [`search`], [`values`]: locator, positions, values, first under the assumption of few
//!    errors, then, for the words where it fails, of up to `t`.
//!
//! A word is corrected exactly when an error pattern of at most `t` symbols within its `n` positions
//! explains its syndromes (bounded distance); otherwise it stays as it was received.

mod kernel;
mod key;
mod queue;
mod search;
mod syndrome;
#[cfg(test)]
mod tests;
mod transpose;
mod values;

use self::kernel::{Buffers, Job, vectors_needed};
use self::queue::{Queue, ROW};
use crate::fec::RsCode;
use crate::fec::gf::{ORDER, exp};
use crate::simd::{Level, Line};

/// The count of a word that cannot be decoded.
pub(super) const UNCORRECTABLE: u16 = u16::MAX;

/// Errors that the first pass over the words with errors allows for: almost all words at the error
/// ratios of a working link, and a pass several times shorter than the full one.
const LIGHT: usize = 3;

/// Constants of a code.
#[derive(Debug, Clone)]
struct Plan {
    n: usize,
    t: usize,
    /// Number of syndromes, `2 t`.
    roots: usize,
    /// Errors that the first pass allows for.
    light: usize,
    /// `alpha^-u`, `u = 0..n`.
    inverses: Vec<u16>,
}

impl Plan {
    fn new(code: RsCode) -> Self {
        let (n, t) = (code.n, code.t);
        let roots = 2 * t;
        let inverses = (0..n).map(|u| exp((ORDER - u) % ORDER)).collect();
        Self {
            n,
            t,
            roots,
            light: LIGHT.min(t),
            inverses,
        }
    }
}

/// The batch decoder of a code: `n <= 1023`, `t <= 16`, symbols of ten bits, roots `alpha^0` to
/// `alpha^(2t-1)`.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    plan: Plan,
    level: Level,
}

/// Buffers of [`Batch::decode`], for one call at a time; they grow once.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    lines: Vec<Line>,
    rows: Vec<u16>,
    found: Vec<u16>,
    light: Queue,
    heavy: Queue,
}

impl Batch {
    /// A plan for the code at a level.
    pub(super) fn new(code: RsCode, level: Level) -> Self {
        Self {
            plan: Plan::new(code),
            level,
        }
    }

    /// Words that go through the stages together: 128, 256 or 512.
    pub(super) fn group(&self) -> usize {
        if self.level.has_top() {
            512
        } else if self.level.has_mid() {
            256
        } else {
            128
        }
    }

    /// Corrects words in place.
    ///
    /// `words` is `[word, n]`, every symbol below 1024 in the order of sending; any number of words,
    /// the last group is filled up with zero words. `counts[word]` becomes the number of corrected
    /// symbols or [`UNCORRECTABLE`]; `positions` is `[word, t]`, of which the first `counts[word]`
    /// entries become the corrected positions, rising. Words that cannot be decoded stay as they
    /// are. Words beyond the shortest of the three slices are left alone.
    pub(super) fn decode(
        &self,
        state: &mut State,
        words: &mut [u16],
        counts: &mut [u16],
        positions: &mut [u16],
    ) {
        let (n, t) = (self.plan.n, self.plan.t);
        let number = (words.len() / n).min(counts.len()).min(positions.len() / t);
        let group = self.group();
        let lines = vectors_needed(group / 16, n).div_ceil(512 / group);
        state.lines.resize(lines, Line::ZERO);
        state.rows.resize(group * ROW, 0);
        state.found.resize(group, 0);
        state.light.prepare(group);
        state.heavy.prepare(group);
        kernel::decode(
            self.level,
            &mut Job {
                plan: &self.plan,
                words: &mut words[..number * n],
                counts: &mut counts[..number],
                positions,
            },
            &mut Buffers {
                rows: &mut state.rows,
                found: &mut state.found,
                light: &mut state.light,
                heavy: &mut state.heavy,
            },
            &mut state.lines,
        );
    }
}
