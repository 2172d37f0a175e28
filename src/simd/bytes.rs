//! The vocabulary of the byte kernels: lanes of `u8`. The x86 levels have it; the baseline, which lacks a
//! table shuffle, does such work without lanes.
//!
//! Every operation is exact and identical at every level. A *part* is sixteen bytes.

use std::ops::{BitAnd, BitXor};

use super::lanes::F32s;

/// A vector of `u8` lanes.
///
/// `load` and `store` take slices of at least [`U8s::N`] entries and use the first `N`.
pub(crate) trait U8s:
    Copy + BitAnd<Output = Self> + BitXor<Output = Self> + 'static
{
    /// Lanes per vector, 32 or 64.
    const N: usize;

    fn splat(x: u8) -> Self;
    fn load(from: &[u8]) -> Self;
    fn store(self, to: &mut [u8]);
    /// [`U8s::load`] of signed bytes.
    fn load_signed(from: &[i8]) -> Self;
    /// Sixteen bytes in every part.
    fn repeat(part: &[u8]) -> Self;
    /// Part `i` from `from[i * stride..]`.
    fn load_parts(from: &[u8], stride: usize) -> Self;
    /// Part `i` to `to[i * stride..]`.
    fn store_parts(self, to: &mut [u8], stride: usize);
    fn min(self, other: Self) -> Self;
    fn add_saturating(self, other: Self) -> Self;
    /// Magnitude of lanes read as `i8`; -128 becomes 128.
    fn abs_signed(self) -> Self;
    /// 255 where the lanes are equal, else 0.
    fn equal(self, other: Self) -> Self;
    /// The top bits of the lanes, lane 0 lowest.
    fn top_bits(self) -> u64;
    /// Bytes at even and at odd places of `self` followed by `next`, each in order.
    fn unzip(self, next: Self) -> (Self, Self);
    /// Within each part: entry `index` of `self`, for lanes of `index` 0..=15.
    fn shuffle(self, index: Self) -> Self;
    /// Entry `self` of a table, for lanes 0..=127.
    fn look_up(self, table: &[u8; 128]) -> Self;
    /// Entry `self` of a table of 80 entries, for lanes 0..=79; lanes up to 127 give anything.
    fn look_up_80(self, table: &[u8]) -> Self;
    /// Transposes the 16 x 16 bytes that part `i` of sixteen vectors make, for each `i`.
    fn transpose_parts(rows: &mut [Self; 16]);

    /// The upper four bits of each lane.
    fn upper_four(self) -> Self;
    /// Flips bit `places[i]` of `to[i]`, nothing where it is 64 or more, for eight entries.
    fn flip_bits(places: &[u8], to: &mut [u64]);

    /// Words of two bytes: `low` and `high` of every lane, in an order that [`U8s::words_split`] undoes.
    fn words(low: Self, high: Self) -> [Self; 2];
    /// The low and the high bytes.
    fn words_split(words: [Self; 2]) -> (Self, Self);
    fn words_min(self, other: Self) -> Self;
    fn words_max(self, other: Self) -> Self;
}

/// A vector of 32 `u8` lanes that finds the least.
pub(crate) trait Least: U8s {
    /// The least lane times 256 plus the lowest index of such a lane.
    fn least(self) -> u16;
}

/// Truth values of lanes as bits.
pub(crate) trait MaskBits: Copy {
    /// Bit `i` is that of lane `i`.
    fn bits(self) -> u32;
}

/// Lanes of `f32` that become bytes.
pub(crate) trait Rounded: F32s<Mask: MaskBits> {
    /// The lanes of four vectors, one after the other, none negative: the lesser of each and `top`, at most 255, rounded
    /// to the nearest integer, ties to even.
    fn store_rounded(four: [Self; 4], top: Self, to: &mut [u8]);
}
