//! The vocabulary of the kernels: two traits with the names of `wide`.

use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Sub};

/// A vector of `f32` lanes.
///
/// `load` and `store` take slices of at least [`F32s::N`] entries and use the first `N`.
pub(crate) trait F32s:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + 'static
{
    /// Lanes per vector; a power of two, at most 16.
    const N: usize;
    /// One truth value per lane.
    type Mask: Copy;
    /// The vector of `u32` lanes of the same count.
    type U: U32s<F = Self>;

    fn splat(x: f32) -> Self;
    fn load(from: &[f32]) -> Self;
    fn store(self, to: &mut [f32]);
    /// `self * m + a`, fused at the FMA levels.
    fn mul_add(self, m: Self, a: Self) -> Self;
    fn sqrt(self) -> Self;
    /// Lanes where `self >= other`; false where either is NaN.
    fn simd_ge(self, other: Self) -> Self::Mask;
    /// `t` where the mask is true, else `f`.
    fn select(mask: Self::Mask, t: Self, f: Self) -> Self;
    /// The bits of the lanes.
    fn to_bits(self) -> Self::U;
    /// A table of four numbers for [`F32s::table4`].
    fn table4_new(table: [f32; 4]) -> Self;
    /// Entry of the table (`self`, from [`F32s::table4_new`]) that the two low bits of each lane of
    /// `index` name; the higher bits must be zero.
    fn table4(self, index: Self::U) -> Self;
    /// Transposes the square of the first [`F32s::N`] vectors: lane `j` of vector `i` becomes lane
    /// `i` of vector `j`.
    fn transpose(rows: &mut [Self]);
    /// `self` limited to `lo..=hi`; NaN becomes `lo`.
    fn clamp_nan_low(self, lo: Self, hi: Self) -> Self;
}

/// A vector of `u32` lanes.
pub(crate) trait U32s:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + 'static
{
    /// Lanes per vector.
    const N: usize;
    /// The vector of `f32` lanes of the same count.
    type F: F32s<U = Self>;

    fn splat(x: u32) -> Self;
    fn load(from: &[u32]) -> Self;
    fn store(self, to: &mut [u32]);
    /// The first `N` bytes, each widened to a lane.
    fn load_u8(from: &[u8]) -> Self;
    /// The low byte of each lane.
    fn store_u8(self, to: &mut [u8]);
    /// The lanes of four vectors, one after the other, as bytes; every lane must be at most 255.
    fn store_u8x4(four: [Self; 4], to: &mut [u8]);
    /// The 64-bit products of the even lanes: the low half in that lane, the high half in the odd
    /// lane above it.
    fn mul_even(self, other: Self) -> Self;
    /// Each odd lane moved to the even lane below it; the odd lanes become zero.
    fn odd_to_even(self) -> Self;
    /// The even lanes of `self` at the even places, the even lanes of `other` at the odd places.
    fn merge_even(self, other: Self) -> Self;
    /// All bytes of all lanes, the low byte of a lane first: `4 * N` bytes.
    fn store_bytes(self, to: &mut [u8]);
    fn shl<const K: i32>(self) -> Self;
    fn shr<const K: i32>(self) -> Self;
    /// The lanes read as `i32`, converted to `f32` (exact below 2^24).
    fn to_f32_signed(self) -> Self::F;
    /// The lanes read as the bits of `f32`.
    fn as_f32(self) -> Self::F;

    // Lanes read as two `i16` each. Sums wrap.
    fn pair_add(self, other: Self) -> Self;
    fn pair_sub(self, other: Self) -> Self;
    fn pair_min(self, other: Self) -> Self;
    /// `(a * b + 2^14) >> 15`; not both may be -2^15.
    fn pair_mul_round(self, other: Self) -> Self;
    fn pair_shl<const K: i32>(self) -> Self;
    /// Arithmetic shift to the right.
    fn pair_sar<const K: i32>(self) -> Self;
    /// Logical shift of each half to the right by the number in the same half of `count`, below 16.
    fn pair_shr_by(self, count: Self) -> Self;
    /// Halves 0..=3 as an index for [`U32s::pair_table4`].
    fn pair_index(self) -> Self;
    /// A table of four numbers for [`U32s::pair_table4`].
    fn pair_table4_new(table: [i16; 4]) -> Self;
    /// Entry of the table (`self`) that each half of `index` names, from [`U32s::pair_index`].
    fn pair_table4(self, index: Self) -> Self;
}
