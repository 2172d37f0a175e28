//! The vocabulary of the Reed-Solomon decoder of one word: 32 lanes of ten-bit symbols.
//!
//! Every operation is exact and identical at every level.

use std::ops::BitXor;

/// 32 lanes of `u16` that hold symbols of ten bits; the sum is `^`.
pub(crate) trait Symbols: Copy + BitXor<Output = Self> + 'static {
    /// A linear map of ten bits to ten bits, the same for every lane.
    type Map: Copy;

    fn zero() -> Self;
    /// The first 32 entries of at least as many.
    fn load(from: &[u16]) -> Self;
    /// All entries, at most 32, then zeros.
    fn load_front(from: &[u16]) -> Self;
    /// To the first 32 entries of at least as many.
    fn store(self, to: &mut [u16]);
    /// The map that takes `v` to `low[v]` and `32 v` to `high[v]`, `v` below 32.
    fn map(low: &[u16; 32], high: &[u16; 32]) -> Self::Map;
    fn apply(self, map: &Self::Map) -> Self;
    /// `add` in the lanes whose bit `bit` is set, zero elsewhere.
    fn where_bit(self, bit: u32, add: Self) -> Self;
    /// Lane 0.
    fn first(self) -> u16;
    /// Each lane from the next higher one, zero to the last.
    fn down(self) -> Self;
    /// Each lane from the next lower one, zero to the first.
    fn up(self) -> Self;
    /// Bit `i` says that lane `i` is zero.
    fn zeros(self) -> u32;
    /// Groups of `2 W` lanes cut in halves, the first halves of both vectors and the second halves,
    /// `W` a power of two up to 16. Blocks of eight lanes (or more) of `a` stand before those of
    /// `b`; smaller parts alternate within blocks of eight lanes as [`source`] says.
    fn fold<const W: usize>(a: Self, b: Self) -> [Self; 2];
}

/// Where a lane of the first halves comes from: `(from b, lane)`; the second half lies `W` above.
pub(super) const fn source<const W: usize>(lane: usize) -> (bool, usize) {
    // Of `a` and `b` alternately, or one after the other: within what, and in parts of how many.
    let (within, part) = match W {
        8 | 16 => (32, 16),
        2 | 4 => (8, 4),
        _ => (2, 1),
    };
    let inner = lane % within;
    let start = lane - inner;
    let at = inner % part;
    (inner >= part, start + at / W * 2 * W + at % W)
}

/// The portable form.
#[derive(Clone, Copy)]
pub(crate) struct PlainSymbols([u16; 32]);

/// Two tables of 32 entries.
#[derive(Clone, Copy)]
pub(crate) struct PlainMap {
    low: [u16; 32],
    high: [u16; 32],
}

impl BitXor for PlainSymbols {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] ^ other.0[i]))
    }
}

impl Symbols for PlainSymbols {
    type Map = PlainMap;

    #[inline(always)]
    fn zero() -> Self {
        Self([0; 32])
    }
    #[inline(always)]
    fn load(from: &[u16]) -> Self {
        let from = &from[..32];
        Self(std::array::from_fn(|i| from[i]))
    }
    #[inline(always)]
    fn load_front(from: &[u16]) -> Self {
        let mut lanes = [0; 32];
        lanes[..from.len()].copy_from_slice(from);
        Self(lanes)
    }
    #[inline(always)]
    fn store(self, to: &mut [u16]) {
        to[..32].copy_from_slice(&self.0);
    }
    #[inline(always)]
    fn map(low: &[u16; 32], high: &[u16; 32]) -> PlainMap {
        PlainMap {
            low: *low,
            high: *high,
        }
    }
    #[inline(always)]
    fn apply(self, map: &PlainMap) -> Self {
        Self(
            self.0
                .map(|x| map.low[usize::from(x & 31)] ^ map.high[usize::from(x >> 5 & 31)]),
        )
    }
    #[inline(always)]
    fn where_bit(self, bit: u32, add: Self) -> Self {
        Self(std::array::from_fn(|i| {
            0u16.wrapping_sub(self.0[i] >> bit & 1) & add.0[i]
        }))
    }
    #[inline(always)]
    fn first(self) -> u16 {
        self.0[0]
    }
    #[inline(always)]
    fn down(self) -> Self {
        Self(std::array::from_fn(
            |i| if i < 31 { self.0[i + 1] } else { 0 },
        ))
    }
    #[inline(always)]
    fn up(self) -> Self {
        Self(std::array::from_fn(
            |i| if i > 0 { self.0[i - 1] } else { 0 },
        ))
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        (0..32).fold(0, |mask, i| mask | u32::from(self.0[i] == 0) << i)
    }
    #[inline(always)]
    fn fold<const W: usize>(a: Self, b: Self) -> [Self; 2] {
        [0, W].map(|half| {
            Self(std::array::from_fn(|i| {
                let (from_b, lane) = source::<W>(i);
                if from_b {
                    b.0[lane + half]
                } else {
                    a.0[lane + half]
                }
            }))
        })
    }
}
