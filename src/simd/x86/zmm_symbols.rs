//! 32 symbols in one 512-bit vector: AVX-512 F and BW. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m512i, _mm_cvtsi128_si32, _mm512_castps_si512, _mm512_castsi512_ps, _mm512_castsi512_si128,
    _mm512_loadu_si512, _mm512_mask_blend_epi16, _mm512_maskz_loadu_epi16, _mm512_maskz_mov_epi16,
    _mm512_maskz_permutexvar_epi16, _mm512_permutexvar_epi16, _mm512_set1_epi16,
    _mm512_setzero_si512, _mm512_shuffle_i64x2, _mm512_shuffle_ps, _mm512_slli_epi32,
    _mm512_srli_epi16, _mm512_srli_epi32, _mm512_storeu_si512, _mm512_test_epi16_mask,
    _mm512_testn_epi16_mask, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64, _mm512_xor_si512,
};
use std::ops::BitXor;

use super::super::symbols::Symbols;
use super::operator;

/// 32 symbols (AVX-512 F, BW).
#[derive(Clone, Copy)]
pub(crate) struct ZmmSymbols(__m512i);

operator!(ZmmSymbols, BitXor, bitxor, _mm512_xor_si512);

/// `i + 1` and `i - 1` in lane `i`.
const NEXT: [u16; 32] = neighbour(1);
const LAST: [u16; 32] = neighbour(31);

const fn neighbour(step: u16) -> [u16; 32] {
    let mut lanes = [0; 32];
    let mut i = 0;
    while i < 32 {
        lanes[i] = (i as u16 + step) % 32;
        i += 1;
    }
    lanes
}

impl Symbols for ZmmSymbols {
    type Map = [Self; 2];

    #[inline(always)]
    fn zero() -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_setzero_si512() })
    }
    #[inline(always)]
    fn load(from: &[u16]) -> Self {
        let from = &from[..32];
        // SAFETY: 32 entries were checked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn load_front(from: &[u16]) -> Self {
        let mask = if from.len() >= 32 {
            u32::MAX
        } else {
            (1 << from.len()) - 1
        };
        // SAFETY: no more entries are read than the slice has.
        Self(unsafe { _mm512_maskz_loadu_epi16(mask, from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u16]) {
        let to = &mut to[..32];
        // SAFETY: 32 entries were checked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn map(low: &[u16; 32], high: &[u16; 32]) -> Self::Map {
        [Self::load(low), Self::load(high)]
    }
    #[inline(always)]
    fn apply(self, map: &Self::Map) -> Self {
        // The permutation reads five bits of each lane.
        // SAFETY: see the head of the module.
        Self(unsafe {
            _mm512_xor_si512(
                _mm512_permutexvar_epi16(self.0, map[0].0),
                _mm512_permutexvar_epi16(_mm512_srli_epi16::<5>(self.0), map[1].0),
            )
        })
    }
    #[inline(always)]
    fn where_bit(self, bit: u32, add: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe {
            let mask = _mm512_test_epi16_mask(self.0, _mm512_set1_epi16(1 << bit));
            _mm512_maskz_mov_epi16(mask, add.0)
        })
    }
    #[inline(always)]
    fn first(self) -> u16 {
        // SAFETY: see the head of the module.
        unsafe { _mm_cvtsi128_si32(_mm512_castsi512_si128(self.0)) as u16 }
    }
    #[inline(always)]
    fn down(self) -> Self {
        let index = Self::load(&NEXT).0;
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_maskz_permutexvar_epi16(u32::MAX >> 1, index, self.0) })
    }
    #[inline(always)]
    fn up(self) -> Self {
        let index = Self::load(&LAST).0;
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_maskz_permutexvar_epi16(u32::MAX << 1, index, self.0) })
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        // SAFETY: see the head of the module.
        unsafe { _mm512_testn_epi16_mask(self.0, self.0) }
    }
    #[inline(always)]
    fn fold<const W: usize>(a: Self, b: Self) -> [Self; 2] {
        let (a, b) = (a.0, b.0);
        // SAFETY: see the head of the module.
        let (first, second) = unsafe {
            match W {
                16 => (
                    _mm512_shuffle_i64x2::<0x44>(a, b),
                    _mm512_shuffle_i64x2::<0xee>(a, b),
                ),
                8 => (
                    _mm512_shuffle_i64x2::<0x88>(a, b),
                    _mm512_shuffle_i64x2::<0xdd>(a, b),
                ),
                4 => (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)),
                2 => {
                    let (a, b) = (_mm512_castsi512_ps(a), _mm512_castsi512_ps(b));
                    (
                        _mm512_castps_si512(_mm512_shuffle_ps::<0x88>(a, b)),
                        _mm512_castps_si512(_mm512_shuffle_ps::<0xdd>(a, b)),
                    )
                }
                _ => (
                    _mm512_mask_blend_epi16(0xaaaa_aaaa, a, _mm512_slli_epi32::<16>(b)),
                    _mm512_mask_blend_epi16(0xaaaa_aaaa, _mm512_srli_epi32::<16>(a), b),
                ),
            }
        };
        [Self(first), Self(second)]
    }
}
