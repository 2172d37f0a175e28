//! 512-bit vectors of bits: AVX-512 F and BW. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi16,
    _mm512_shuffle_i64x2, _mm512_slli_epi16, _mm512_srli_epi16, _mm512_storeu_si512,
    _mm512_ternarylogic_epi64, _mm512_unpackhi_epi16, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi16, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64, _mm512_xor_si512,
};
use std::ops::{BitAnd, BitOr, BitXor};

use super::super::bits::Bits;
use super::operator;

/// 512 bits (AVX-512 F, BW).
#[derive(Clone, Copy)]
pub(crate) struct ZmmBits(__m512i);

operator!(ZmmBits, BitAnd, bitand, _mm512_and_si512);
operator!(ZmmBits, BitOr, bitor, _mm512_or_si512);
operator!(ZmmBits, BitXor, bitxor, _mm512_xor_si512);

/// Two rounds of interleaving four vectors: pairs of lanes, then fours. (A function, since a closure
/// may stay a call and lose the instructions.)
#[inline(always)]
fn interleave_pairs_and_fours(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> [ZmmBits; 4] {
    // SAFETY: see the head of the module.
    unsafe {
        let (ab, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let (cd, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        [
            ZmmBits(_mm512_unpacklo_epi64(ab, cd)),
            ZmmBits(_mm512_unpackhi_epi64(ab, cd)),
            ZmmBits(_mm512_unpacklo_epi64(ab_high, cd_high)),
            ZmmBits(_mm512_unpackhi_epi64(ab_high, cd_high)),
        ]
    }
}

// SAFETY: one register of plain bits.
unsafe impl Bits for ZmmBits {
    const LANES: usize = 32;

    #[inline(always)]
    fn splat(x: u16) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_set1_epi16(x as i16) })
    }
    #[inline(always)]
    fn load(from: &[u16]) -> Self {
        let from = &from[..32];
        // SAFETY: 32 entries were checked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u16]) {
        let to = &mut to[..32];
        // SAFETY: 32 entries were checked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        // SAFETY: see the head of the module. The constant is the truth table.
        Self(unsafe { _mm512_ternarylogic_epi64::<0x96>(self.0, b.0, c.0) })
    }
    #[inline(always)]
    fn xor_and(self, a: Self, b: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_ternarylogic_epi64::<0x78>(self.0, a.0, b.0) })
    }
    #[inline(always)]
    fn select(mask: Self, t: Self, f: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_ternarylogic_epi64::<0xca>(mask.0, t.0, f.0) })
    }
    #[inline(always)]
    fn shl<const K: u32>(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_slli_epi16::<K>(self.0) })
    }
    #[inline(always)]
    fn shr<const K: u32>(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_srli_epi16::<K>(self.0) })
    }
    #[inline(always)]
    fn transpose8(r: [Self; 8]) -> [Self; 8] {
        // SAFETY: see the head of the module. Three rounds of interleaving: lanes, pairs, fours.
        unsafe {
            let r = [
                r[0].0, r[1].0, r[2].0, r[3].0, r[4].0, r[5].0, r[6].0, r[7].0,
            ];
            let (a0, a1, a2, a3) = (
                _mm512_unpacklo_epi16(r[0], r[1]),
                _mm512_unpacklo_epi16(r[2], r[3]),
                _mm512_unpacklo_epi16(r[4], r[5]),
                _mm512_unpacklo_epi16(r[6], r[7]),
            );
            let (b0, b1, b2, b3) = (
                _mm512_unpackhi_epi16(r[0], r[1]),
                _mm512_unpackhi_epi16(r[2], r[3]),
                _mm512_unpackhi_epi16(r[4], r[5]),
                _mm512_unpackhi_epi16(r[6], r[7]),
            );
            let [c0, c1, c2, c3] = interleave_pairs_and_fours(a0, a1, a2, a3);
            let [c4, c5, c6, c7] = interleave_pairs_and_fours(b0, b1, b2, b3);
            [c0, c1, c2, c3, c4, c5, c6, c7]
        }
    }
    #[inline(always)]
    fn transpose_parts(rows: &mut [Self; 4]) {
        let (a, b, c, d) = (rows[0].0, rows[1].0, rows[2].0, rows[3].0);
        // SAFETY: see the head of the module. Two rounds: even and odd parts of two pairs, then
        // of the results.
        unsafe {
            let (ab, ab_high) = (
                _mm512_shuffle_i64x2::<0x88>(a, b),
                _mm512_shuffle_i64x2::<0xdd>(a, b),
            );
            let (cd, cd_high) = (
                _mm512_shuffle_i64x2::<0x88>(c, d),
                _mm512_shuffle_i64x2::<0xdd>(c, d),
            );
            rows[0] = Self(_mm512_shuffle_i64x2::<0x88>(ab, cd));
            rows[2] = Self(_mm512_shuffle_i64x2::<0xdd>(ab, cd));
            rows[1] = Self(_mm512_shuffle_i64x2::<0x88>(ab_high, cd_high));
            rows[3] = Self(_mm512_shuffle_i64x2::<0xdd>(ab_high, cd_high));
        }
    }
}
