//! 256-bit integer vectors: AVX2. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m256i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_abs_epi16, _mm256_add_epi8,
    _mm256_add_epi16, _mm256_add_epi32, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpgt_epi16, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16,
    _mm256_max_epi16, _mm256_max_epi32, _mm256_min_epi16, _mm256_min_epi32, _mm256_mullo_epi16,
    _mm256_or_si256, _mm256_packs_epi32, _mm256_packus_epi16, _mm256_permute2x128_si256,
    _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setr_epi8,
    _mm256_shuffle_epi8, _mm256_sll_epi16, _mm256_sll_epi32, _mm256_sra_epi16, _mm256_sra_epi32,
    _mm256_srl_epi16, _mm256_srli_epi16, _mm256_storeu_si256, _mm256_sub_epi16,
    _mm256_unpackhi_epi16, _mm256_unpacklo_epi16,
};
use std::ops::{Add, BitAnd, BitOr, Mul, Sub};

use super::super::ints::{I16s, I32s};
use super::operator;

/// Sixteen `i16` lanes (AVX2).
#[derive(Clone, Copy)]
pub(crate) struct YmmI16(__m256i);
/// Eight `i32` lanes.
#[derive(Clone, Copy)]
pub(crate) struct YmmI32(__m256i);

operator!(YmmI16, Add, add, _mm256_add_epi16);
operator!(YmmI16, Sub, sub, _mm256_sub_epi16);
operator!(YmmI16, Mul, mul, _mm256_mullo_epi16);
operator!(YmmI16, BitAnd, bitand, _mm256_and_si256);
operator!(YmmI16, BitOr, bitor, _mm256_or_si256);
operator!(YmmI32, Add, add, _mm256_add_epi32);
operator!(YmmI32, BitAnd, bitand, _mm256_and_si256);

impl I16s for YmmI16 {
    const N: usize = 16;
    type Wide = YmmI32;

    #[inline(always)]
    fn splat(x: i16) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_epi16(x) })
    }
    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        let from = &from[..16];
        // SAFETY: sixteen entries were checked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        let to = &mut to[..16];
        // SAFETY: sixteen entries were checked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let from = &from[..32];
        // SAFETY: 32 bytes were checked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn repeat(eight: &[i16; 8]) -> Self {
        // SAFETY: eight entries are 16 bytes.
        Self(unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(eight.as_ptr().cast())) })
    }
    #[inline(always)]
    fn store_low_bytes(two: [Self; 2], to: &mut [u8]) {
        let to = &mut to[..32];
        let [a, b] = two;
        // SAFETY: 32 bytes were checked. The mask keeps the saturating pack from clamping; the pack
        // works within 128-bit parts, the permutation puts them in order.
        unsafe {
            let low = _mm256_set1_epi16(0xff);
            let packed =
                _mm256_packus_epi16(_mm256_and_si256(a.0, low), _mm256_and_si256(b.0, low));
            let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), ordered);
        }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_min_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_max_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_abs_epi16(self.0) })
    }
    #[inline(always)]
    fn shl(self, count: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sll_epi16(self.0, _mm_cvtsi32_si128(count as i32)) })
    }
    #[inline(always)]
    fn sra(self, count: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sra_epi16(self.0, _mm_cvtsi32_si128(count as i32)) })
    }
    #[inline(always)]
    fn srl(self, count: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_srl_epi16(self.0, _mm_cvtsi32_si128(count as i32)) })
    }
    #[inline(always)]
    fn dot(self, other: Self) -> YmmI32 {
        // SAFETY: see the head of the module.
        YmmI32(unsafe { _mm256_madd_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn dot_bytes(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_maddubs_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn interleave(even: Self, odd: Self) -> [Self; 2] {
        // SAFETY: see the head of the module. The unpacking works within 128-bit parts.
        unsafe {
            let low = _mm256_unpacklo_epi16(even.0, odd.0);
            let high = _mm256_unpackhi_epi16(even.0, odd.0);
            [
                Self(_mm256_permute2x128_si256::<0x20>(low, high)),
                Self(_mm256_permute2x128_si256::<0x31>(low, high)),
            ]
        }
    }
    #[inline(always)]
    fn table4_new(table: [i16; 4]) -> Self {
        // Low bytes at 0..=3, high bytes at 4..=7 of each 128-bit part.
        let [a, b, c, d] = table.map(i16::to_le_bytes).map(|[l, h]| [l as i8, h as i8]);
        // SAFETY: see the head of the module.
        Self(unsafe {
            _mm256_setr_epi8(
                a[0], b[0], c[0], d[0], a[1], b[1], c[1], d[1], 0, 0, 0, 0, 0, 0, 0, 0, //
                a[0], b[0], c[0], d[0], a[1], b[1], c[1], d[1], 0, 0, 0, 0, 0, 0, 0, 0,
            )
        })
    }
    #[inline(always)]
    fn count4(self, from: &[Self; 3]) -> Self {
        let [a, b, c] = from;
        // SAFETY: see the head of the module. A true mask is -1 in both bytes; three minus the
        // thresholds above the lane is the count.
        Self(unsafe {
            let (a, b, c) = (
                _mm256_cmpgt_epi16(a.0, self.0),
                _mm256_cmpgt_epi16(b.0, self.0),
                _mm256_cmpgt_epi16(c.0, self.0),
            );
            let start = _mm256_set1_epi16(0x0703);
            _mm256_add_epi8(_mm256_add_epi8(start, a), _mm256_add_epi8(b, c))
        })
    }
    #[inline(always)]
    fn table4(self, index: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_shuffle_epi8(self.0, index.0) })
    }
    #[inline(always)]
    fn field4(self, which: Self) -> Self {
        // SAFETY: see the head of the module. The field moves to the top by a product with 64, 16,
        // 4 or 1; what the table puts into the high byte of that factor (64 again) moves the upper
        // byte of `self` out of the lane.
        Self(unsafe {
            let factors = _mm256_setr_epi8(
                64, 16, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
                64, 16, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            );
            let factor = _mm256_shuffle_epi8(factors, which.0);
            _mm256_srli_epi16::<14>(_mm256_mullo_epi16(self.0, factor))
        })
    }
}

impl I32s for YmmI32 {
    type Narrow = YmmI16;

    #[inline(always)]
    fn splat(x: i32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_epi32(x) })
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_min_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_max_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn shl(self, count: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(count as i32)) })
    }
    #[inline(always)]
    fn sra(self, count: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sra_epi32(self.0, _mm_cvtsi32_si128(count as i32)) })
    }
    #[inline(always)]
    fn interleave_saturated(even: Self, odd: Self) -> YmmI16 {
        // SAFETY: see the head of the module. Pack and shuffle work within 128-bit parts.
        YmmI16(unsafe {
            let order = _mm256_setr_epi8(
                0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15, //
                0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15,
            );
            _mm256_shuffle_epi8(_mm256_packs_epi32(even.0, odd.0), order)
        })
    }
}
