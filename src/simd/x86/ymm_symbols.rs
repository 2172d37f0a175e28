//! 32 symbols in two 256-bit vectors: AVX2. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m128i, __m256i, _mm_and_si128, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_packus_epi16,
    _mm_set1_epi16, _mm_srli_epi16, _mm_unpackhi_epi16, _mm_unpacklo_epi16, _mm_xor_si128,
    _mm256_alignr_epi8, _mm256_and_si256, _mm256_blend_epi16, _mm256_broadcastsi128_si256,
    _mm256_castps_si256, _mm256_castsi256_ps, _mm256_castsi256_si128, _mm256_cmpeq_epi16,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_packs_epi16, _mm256_permute2x128_si256,
    _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_shuffle_ps, _mm256_slli_epi16, _mm256_slli_epi32, _mm256_srli_epi16, _mm256_srli_epi32,
    _mm256_storeu_si256, _mm256_unpackhi_epi64, _mm256_unpacklo_epi64, _mm256_xor_si256,
};
use std::ops::BitXor;

use super::super::symbols::Symbols;

/// 32 symbols (AVX2), the lower lanes first.
#[derive(Clone, Copy)]
pub(crate) struct YmmSymbols([__m256i; 2]);

/// Tables of 16 bytes for the bits 0..4, 4..8 and 8..10: of the low byte and of the high byte of
/// the result.
#[derive(Clone, Copy)]
pub(crate) struct YmmMap([[__m256i; 2]; 3]);

impl BitXor for YmmSymbols {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe {
            [
                _mm256_xor_si256(self.0[0], other.0[0]),
                _mm256_xor_si256(self.0[1], other.0[1]),
            ]
        })
    }
}

/// The low bytes and the high bytes of sixteen `u16`, each twice.
#[inline(always)]
fn bytes(front: __m128i, back: __m128i) -> [__m256i; 2] {
    // SAFETY: see the head of the module.
    unsafe {
        let byte = _mm_set1_epi16(255);
        let low = _mm_packus_epi16(_mm_and_si128(front, byte), _mm_and_si128(back, byte));
        let high = _mm_packus_epi16(_mm_srli_epi16::<8>(front), _mm_srli_epi16::<8>(back));
        [
            _mm256_broadcastsi128_si256(low),
            _mm256_broadcastsi128_si256(high),
        ]
    }
}

#[inline(always)]
fn eight(from: &[u16]) -> __m128i {
    let from = &from[..8];
    // SAFETY: eight entries were checked.
    unsafe { _mm_loadu_si128(from.as_ptr().cast()) }
}

#[inline(always)]
fn apply(x: __m256i, map: &YmmMap) -> __m256i {
    let [[low0, high0], [low1, high1], [low2, high2]] = map.0;
    // Entry 0 of each table is zero, so the byte beside an index stays zero.
    // SAFETY: see the head of the module.
    unsafe {
        let nibble = _mm256_set1_epi16(15);
        let index0 = _mm256_and_si256(x, nibble);
        let index1 = _mm256_and_si256(_mm256_srli_epi16::<4>(x), nibble);
        let index2 = _mm256_srli_epi16::<8>(x);
        let part0 = _mm256_xor_si256(
            _mm256_shuffle_epi8(low0, index0),
            _mm256_shuffle_epi8(high0, _mm256_slli_epi16::<8>(index0)),
        );
        let part1 = _mm256_xor_si256(
            _mm256_shuffle_epi8(low1, index1),
            _mm256_shuffle_epi8(high1, _mm256_slli_epi16::<8>(index1)),
        );
        let part2 = _mm256_xor_si256(
            _mm256_shuffle_epi8(low2, index2),
            _mm256_shuffle_epi8(high2, _mm256_slli_epi16::<8>(index2)),
        );
        _mm256_xor_si256(part0, _mm256_xor_si256(part1, part2))
    }
}

/// One of two entries from each 32-bit part of `a` and `b`: the lower or the upper 16 bits.
#[inline(always)]
fn low_words(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: see the head of the module.
    unsafe { _mm256_blend_epi16::<0xaa>(a, _mm256_slli_epi32::<16>(b)) }
}

#[inline(always)]
fn high_words(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: see the head of the module.
    unsafe { _mm256_blend_epi16::<0xaa>(_mm256_srli_epi32::<16>(a), b) }
}

/// The even or, with `0xdd`, the odd 32-bit parts of `a` and `b` within 128 bits.
#[inline(always)]
fn words<const WHICH: i32>(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: see the head of the module.
    unsafe {
        let (a, b) = (_mm256_castsi256_ps(a), _mm256_castsi256_ps(b));
        _mm256_castps_si256(_mm256_shuffle_ps::<WHICH>(a, b))
    }
}

impl Symbols for YmmSymbols {
    type Map = YmmMap;

    #[inline(always)]
    fn zero() -> Self {
        // SAFETY: see the head of the module.
        Self([unsafe { _mm256_setzero_si256() }; 2])
    }
    #[inline(always)]
    fn load(from: &[u16]) -> Self {
        let from = &from[..32];
        // SAFETY: 32 entries were checked.
        Self(unsafe {
            [
                _mm256_loadu_si256(from.as_ptr().cast()),
                _mm256_loadu_si256(from[16..].as_ptr().cast()),
            ]
        })
    }
    #[inline(always)]
    fn load_front(from: &[u16]) -> Self {
        let mut lanes = [0; 32];
        lanes[..from.len()].copy_from_slice(from);
        Self::load(&lanes)
    }
    #[inline(always)]
    fn store(self, to: &mut [u16]) {
        let to = &mut to[..32];
        // SAFETY: 32 entries were checked.
        unsafe {
            _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0[0]);
            _mm256_storeu_si256(to[16..].as_mut_ptr().cast(), self.0[1]);
        }
    }
    #[inline(always)]
    fn map(low: &[u16; 32], high: &[u16; 32]) -> YmmMap {
        // SAFETY: see the head of the module.
        unsafe {
            // Bit 4 is the top bit of the low table, bits 5..8 are the low ones of the high table.
            let even = eight(high);
            let odd = _mm_xor_si128(even, _mm_set1_epi16(low[16] as i16));
            let top = [high[0], high[8], high[16], high[24], 0, 0, 0, 0];
            YmmMap([
                bytes(eight(low), eight(&low[8..])),
                bytes(_mm_unpacklo_epi16(even, odd), _mm_unpackhi_epi16(even, odd)),
                bytes(eight(&top), eight(&[0; 8])),
            ])
        }
    }
    #[inline(always)]
    fn apply(self, map: &YmmMap) -> Self {
        Self([apply(self.0[0], map), apply(self.0[1], map)])
    }
    #[inline(always)]
    fn where_bit(self, bit: u32, add: Self) -> Self {
        // SAFETY: see the head of the module.
        unsafe {
            let one = _mm256_set1_epi16(1 << bit);
            let a = _mm256_cmpeq_epi16(_mm256_and_si256(self.0[0], one), one);
            let b = _mm256_cmpeq_epi16(_mm256_and_si256(self.0[1], one), one);
            Self([_mm256_and_si256(a, add.0[0]), _mm256_and_si256(b, add.0[1])])
        }
    }
    #[inline(always)]
    fn first(self) -> u16 {
        // SAFETY: see the head of the module.
        unsafe { _mm_cvtsi128_si32(_mm256_castsi256_si128(self.0[0])) as u16 }
    }
    #[inline(always)]
    fn down(self) -> Self {
        let [a, b] = self.0;
        // SAFETY: see the head of the module.
        Self(unsafe {
            // The 128-bit parts one further: the upper of `a` and the lower of `b`; of `b`, zero.
            let a_next = _mm256_permute2x128_si256::<0x21>(a, b);
            let b_next = _mm256_permute2x128_si256::<0x81>(b, b);
            [
                _mm256_alignr_epi8::<2>(a_next, a),
                _mm256_alignr_epi8::<2>(b_next, b),
            ]
        })
    }
    #[inline(always)]
    fn up(self) -> Self {
        let [a, b] = self.0;
        // SAFETY: see the head of the module.
        Self(unsafe {
            let a_last = _mm256_permute2x128_si256::<0x08>(a, a);
            let b_last = _mm256_permute2x128_si256::<0x21>(a, b);
            [
                _mm256_alignr_epi8::<14>(a, a_last),
                _mm256_alignr_epi8::<14>(b, b_last),
            ]
        })
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        // SAFETY: see the head of the module.
        unsafe {
            let zero = _mm256_setzero_si256();
            let packed = _mm256_packs_epi16(
                _mm256_cmpeq_epi16(self.0[0], zero),
                _mm256_cmpeq_epi16(self.0[1], zero),
            );
            _mm256_movemask_epi8(_mm256_permute4x64_epi64::<0xd8>(packed)) as u32
        }
    }
    #[inline(always)]
    fn fold<const W: usize>(a: Self, b: Self) -> [Self; 2] {
        let ([a0, a1], [b0, b1]) = (a.0, b.0);
        // SAFETY: see the head of the module.
        let (first, second) = unsafe {
            match W {
                16 => ([a0, b0], [a1, b1]),
                8 => (
                    [
                        _mm256_permute2x128_si256::<0x20>(a0, a1),
                        _mm256_permute2x128_si256::<0x20>(b0, b1),
                    ],
                    [
                        _mm256_permute2x128_si256::<0x31>(a0, a1),
                        _mm256_permute2x128_si256::<0x31>(b0, b1),
                    ],
                ),
                4 => (
                    [_mm256_unpacklo_epi64(a0, b0), _mm256_unpacklo_epi64(a1, b1)],
                    [_mm256_unpackhi_epi64(a0, b0), _mm256_unpackhi_epi64(a1, b1)],
                ),
                2 => (
                    [words::<0x88>(a0, b0), words::<0x88>(a1, b1)],
                    [words::<0xdd>(a0, b0), words::<0xdd>(a1, b1)],
                ),
                _ => (
                    [low_words(a0, b0), low_words(a1, b1)],
                    [high_words(a0, b0), high_words(a1, b1)],
                ),
            }
        };
        [Self(first), Self(second)]
    }
}
