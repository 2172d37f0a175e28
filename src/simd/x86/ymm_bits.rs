//! 256-bit vectors of bits: AVX2. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m256i, _mm_cvtsi32_si128, _mm256_and_si256, _mm256_loadu_si256, _mm256_or_si256,
    _mm256_permute2x128_si256, _mm256_set1_epi16, _mm256_sll_epi16, _mm256_srl_epi16,
    _mm256_storeu_si256, _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64,
    _mm256_unpacklo_epi16, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64, _mm256_xor_si256,
};
use std::ops::{BitAnd, BitOr, BitXor};

use super::super::bits::Bits;
use super::operator;

/// 256 bits (AVX2).
#[derive(Clone, Copy)]
pub(crate) struct YmmBits(__m256i);

operator!(YmmBits, BitAnd, bitand, _mm256_and_si256);
operator!(YmmBits, BitOr, bitor, _mm256_or_si256);
operator!(YmmBits, BitXor, bitxor, _mm256_xor_si256);

/// Two rounds of interleaving four vectors: pairs of lanes, then fours. (A function, since a closure
/// may stay a call and lose the instructions.)
#[inline(always)]
fn interleave_pairs_and_fours(a: __m256i, b: __m256i, c: __m256i, d: __m256i) -> [YmmBits; 4] {
    // SAFETY: see the head of the module.
    unsafe {
        let (ab, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (cd, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        [
            YmmBits(_mm256_unpacklo_epi64(ab, cd)),
            YmmBits(_mm256_unpackhi_epi64(ab, cd)),
            YmmBits(_mm256_unpacklo_epi64(ab_high, cd_high)),
            YmmBits(_mm256_unpackhi_epi64(ab_high, cd_high)),
        ]
    }
}

// SAFETY: one register of plain bits.
unsafe impl Bits for YmmBits {
    const LANES: usize = 16;

    #[inline(always)]
    fn splat(x: u16) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_epi16(x as i16) })
    }
    #[inline(always)]
    fn load(from: &[u16]) -> Self {
        let from = &from[..16];
        // SAFETY: sixteen entries were checked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u16]) {
        let to = &mut to[..16];
        // SAFETY: sixteen entries were checked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
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
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sll_epi16(self.0, _mm_cvtsi32_si128(K as i32)) })
    }
    #[inline(always)]
    fn shr<const K: u32>(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_srl_epi16(self.0, _mm_cvtsi32_si128(K as i32)) })
    }
    #[inline(always)]
    fn transpose8(r: [Self; 8]) -> [Self; 8] {
        // SAFETY: see the head of the module. Three rounds of interleaving: lanes, pairs, fours.
        unsafe {
            let r = [
                r[0].0, r[1].0, r[2].0, r[3].0, r[4].0, r[5].0, r[6].0, r[7].0,
            ];
            let (a0, a1, a2, a3) = (
                _mm256_unpacklo_epi16(r[0], r[1]),
                _mm256_unpacklo_epi16(r[2], r[3]),
                _mm256_unpacklo_epi16(r[4], r[5]),
                _mm256_unpacklo_epi16(r[6], r[7]),
            );
            let (b0, b1, b2, b3) = (
                _mm256_unpackhi_epi16(r[0], r[1]),
                _mm256_unpackhi_epi16(r[2], r[3]),
                _mm256_unpackhi_epi16(r[4], r[5]),
                _mm256_unpackhi_epi16(r[6], r[7]),
            );
            let [c0, c1, c2, c3] = interleave_pairs_and_fours(a0, a1, a2, a3);
            let [c4, c5, c6, c7] = interleave_pairs_and_fours(b0, b1, b2, b3);
            [c0, c1, c2, c3, c4, c5, c6, c7]
        }
    }
    #[inline(always)]
    fn transpose_parts(rows: &mut [Self; 4]) {
        let (a, b) = (rows[0].0, rows[1].0);
        // SAFETY: see the head of the module.
        unsafe {
            rows[0] = Self(_mm256_permute2x128_si256::<0x20>(a, b));
            rows[1] = Self(_mm256_permute2x128_si256::<0x31>(a, b));
        }
    }
}
