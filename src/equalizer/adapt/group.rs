//! What the kernel of many streams works on: rows of one number per stream, a group of sixteen.

/// Streams of a group.
pub(super) const WIDTH: usize = 16;

/// One number per stream of a group, in a cache line of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(super) struct Row(pub(super) [f32; WIDTH]);

impl Row {
    pub(super) const ZERO: Self = Self([0.0; WIDTH]);
}

/// Rows of [`Group::rest`].
pub(super) const GAIN: usize = 0;
pub(super) const OFFSET: usize = 1;
pub(super) const LEVELS: usize = 2;
pub(super) const MSE: usize = 6;
pub(super) const LEFT_OUT: usize = 8;
pub(super) const ROWS: usize = 9;

/// Numbers that stay over a run of symbols.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    pub(super) ffe: f32,
    pub(super) dfe: f32,
    pub(super) gain: f32,
    pub(super) offset: f32,
    pub(super) levels: [f32; 4],
    pub(super) ffe_keep: f32,
    pub(super) dfe_keep: f32,
    /// Index of the main tap if it is pinned.
    pub(super) pinned: Option<usize>,
    pub(super) sign_error: bool,
    pub(super) sign_data: bool,
    pub(super) rho: [f32; 2],
}

impl Rates {
    /// Whether every tap moves by step times sample and nothing else.
    pub(super) fn plain(&self) -> bool {
        self.ffe_keep == 1.0 && self.dfe_keep == 1.0 && self.pinned.is_none() && !self.sign_data
    }
}

/// What the codes of a run hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codes {
    /// Nothing to look at: all decided, plain rates.
    Decided,
    /// Symbols alone, plain rates.
    Known,
    /// Anything.
    Any,
}

/// A group of streams.
pub(super) struct Group<'a> {
    /// Feed-forward taps, index 0 on the latest sample.
    pub(super) ffe: &'a mut [Row],
    pub(super) dfe: &'a mut [Row],
    /// Gain, offset, levels, running errors, updates left out.
    pub(super) rest: &'a mut [Row],
    /// `taps - 1` rows of the past, the block, one row that is not used.
    pub(super) x: &'a [Row],
    /// Levels fed back: as many rows as feedback taps, the block.
    pub(super) v: &'a mut [Row],
    /// Codes of the block; not read for [`Codes::Decided`].
    pub(super) codes: &'a [[u8; WIDTH]],
    pub(super) y: &'a mut [Row],
    pub(super) d: &'a mut [[u8; WIDTH]],
}
