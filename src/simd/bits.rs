//! The vocabulary of the bitsliced kernels: vectors read as bits, and as lanes of 16 bits where
//! words are turned into bit planes.
//!
//! Every operation is exact and identical at every level.

use std::ops::{BitAnd, BitOr, BitXor};

use wide::u16x8;

/// A vector of `16 * LANES` bits; bit `i` of lane `l` is bit `16 l + i`.
///
/// `load` and `store` take slices of at least [`Bits::LANES`] entries and use the first `LANES`.
///
/// # Safety
/// The type is `2 * LANES` bytes of plain integers without padding, for which any bytes are a value: [`vectors`] reads
/// memory as it.
#[allow(unsafe_code)]
pub(crate) unsafe trait Bits:
    Copy + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + 'static
{
    /// Lanes of 16 bits per vector: 8, 16 or 32.
    const LANES: usize;

    fn splat(x: u16) -> Self;
    fn load(from: &[u16]) -> Self;
    fn store(self, to: &mut [u16]);
    /// `self ^ b ^ c`.
    fn xor3(self, b: Self, c: Self) -> Self;
    /// `self ^ (a & b)`.
    fn xor_and(self, a: Self, b: Self) -> Self;
    /// Bits of `t` where `mask` is one, of `f` where it is zero.
    fn select(mask: Self, t: Self, f: Self) -> Self;
    /// Each lane shifted left.
    fn shl<const K: u32>(self) -> Self;
    /// Each lane shifted right.
    fn shr<const K: u32>(self) -> Self;
    /// Turns the square of eight lanes in each 128-bit part of eight vectors.
    fn transpose8(rows: [Self; 8]) -> [Self; 8];
    /// Turns the square of 128-bit parts of the first `LANES / 8` vectors.
    fn transpose_parts(rows: &mut [Self; 4]);

    /// All bits zero.
    #[inline(always)]
    fn zero() -> Self {
        Self::splat(0)
    }
    /// All bits one.
    #[inline(always)]
    fn ones() -> Self {
        Self::splat(u16::MAX)
    }
}

/// 64 bytes on a boundary of 64: one vector of the widest level, several of the others.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u16; 32]);

impl Line {
    pub(crate) const ZERO: Self = Self([0; 32]);
}

/// Memory of lines as vectors of a level.
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn vectors<V: Bits>(lines: &mut [Line]) -> &mut [V] {
    const { assert!(64 % size_of::<V>() == 0 && align_of::<V>() <= 64 && size_of::<V>() > 0) };
    const { assert!(size_of::<V>() == 2 * V::LANES) };
    let count = size_of_val(lines) / size_of::<V>();
    // SAFETY: the contract of `Bits`; size and alignment were checked above.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), count) }
}

// SAFETY: eight 16-bit integers.
#[allow(unsafe_code)]
unsafe impl Bits for u16x8 {
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(x: u16) -> Self {
        u16x8::splat(x)
    }
    #[inline(always)]
    fn load(from: &[u16]) -> Self {
        let from = &from[..8];
        u16x8::new(std::array::from_fn(|i| from[i]))
    }
    #[inline(always)]
    fn store(self, to: &mut [u16]) {
        to[..8].copy_from_slice(&self.to_array());
    }
    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        self ^ b ^ c
    }
    #[inline(always)]
    fn xor_and(self, a: Self, b: Self) -> Self {
        self ^ (a & b)
    }
    #[inline(always)]
    fn select(mask: Self, t: Self, f: Self) -> Self {
        f ^ (mask & (t ^ f))
    }
    #[inline(always)]
    fn shl<const K: u32>(self) -> Self {
        self << K
    }
    #[inline(always)]
    fn shr<const K: u32>(self) -> Self {
        self >> K
    }
    #[inline(always)]
    fn transpose8(rows: [Self; 8]) -> [Self; 8] {
        u16x8::transpose(rows)
    }
    #[inline(always)]
    fn transpose_parts(_rows: &mut [Self; 4]) {}
}
