//! The vocabulary of the integer kernels: lanes of `i16` and `i32`, with the names of `wide`.
//!
//! Every operation is exact and identical at every level; sums, differences and products wrap.

use std::ops::{Add, BitAnd, BitOr, Mul, Sub};

/// A vector of `i16` lanes; `Mul` keeps the low half of each product.
///
/// `load` and `store` take slices of at least [`I16s::N`] entries and use the first `N`.
pub(crate) trait I16s:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + 'static
{
    /// Lanes per vector; a power of two, at most 32.
    const N: usize;
    /// The vector of `i32` lanes of the same width, half as many.
    type Wide: I32s<Narrow = Self>;

    fn splat(x: i16) -> Self;
    fn load(from: &[i16]) -> Self;
    fn store(self, to: &mut [i16]);
    /// `2 N` bytes, two to a lane, the first in the low half.
    fn load_bytes(from: &[u8]) -> Self;
    /// Eight numbers, repeated over the lanes.
    fn repeat(eight: &[i16; 8]) -> Self;
    /// The low bytes of the lanes of two vectors, one vector after the other.
    fn store_low_bytes(two: [Self; 2], to: &mut [u8]);
    fn min(self, other: Self) -> Self;
    fn max(self, other: Self) -> Self;
    /// Magnitude; `-32768` stays.
    fn abs(self) -> Self;
    fn shl(self, count: u32) -> Self;
    /// Arithmetic shift to the right.
    fn sra(self, count: u32) -> Self;
    /// Logical shift to the right.
    fn srl(self, count: u32) -> Self;
    /// `a[2i] b[2i] + a[2i+1] b[2i+1]`, exact unless all four are `-32768`.
    fn dot(self, other: Self) -> Self::Wide;
    /// Within each lane: unsigned bytes of `self` times signed bytes of `other`, added; both
    /// products together must fit the lane.
    fn dot_bytes(self, other: Self) -> Self;
    /// Even lanes from `even`, odd ones from `odd`, alternating, the front half and the back half.
    fn interleave(even: Self, odd: Self) -> [Self; 2];
    /// A table of four numbers for [`I16s::table4`].
    fn table4_new(table: [i16; 4]) -> Self;
    /// How many of three numbers lie at or below each lane, in the low byte; the high byte is what
    /// [`I16s::table4`] wants beside it.
    fn count4(self, from: &[Self; 3]) -> Self;
    /// Entry of the table (`self`, from [`I16s::table4_new`]) that each lane of `index`, from
    /// [`I16s::count4`], names.
    fn table4(self, index: Self) -> Self;
    /// The upper byte of each lane holds four fields of two bits, field 0 lowest, the lower byte is
    /// zero: the field that the lane of `which`, 0..=3, names.
    fn field4(self, which: Self) -> Self;
}

/// A vector of `i32` lanes.
pub(crate) trait I32s: Copy + Add<Output = Self> + BitAnd<Output = Self> + 'static {
    /// The vector of `i16` lanes of the same width, twice as many.
    type Narrow: I16s<Wide = Self>;

    fn splat(x: i32) -> Self;
    fn min(self, other: Self) -> Self;
    fn max(self, other: Self) -> Self;
    fn shl(self, count: u32) -> Self;
    /// Arithmetic shift to the right.
    fn sra(self, count: u32) -> Self;
    /// Even lanes from `even`, odd ones from `odd`, alternating, each brought into the range of
    /// `i16`.
    fn interleave_saturated(even: Self, odd: Self) -> Self::Narrow;
}
