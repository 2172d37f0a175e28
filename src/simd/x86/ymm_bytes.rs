//! 256-bit vectors of bytes: AVX2, with table reads of AVX-512 VBMI where `PERMUTE` says so. For the safety
//! of every block see [`super`].

use core::arch::x86_64::{
    __m256i, _CMP_LT_OQ, _mm_cvtsi128_si32, _mm_loadl_epi64, _mm_loadu_si128, _mm_min_epu16,
    _mm_minpos_epu16, _mm_srli_si128, _mm_storeu_si128, _mm256_abs_epi8, _mm256_adds_epu8,
    _mm256_and_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256, _mm256_castps_si256,
    _mm256_castsi128_si256, _mm256_castsi256_si128, _mm256_cmp_ps, _mm256_cmpeq_epi8,
    _mm256_cvtepu8_epi64, _mm256_cvtps_epi32, _mm256_extracti128_si256, _mm256_inserti128_si256,
    _mm256_loadu_si256, _mm256_max_epu16, _mm256_min_epu8, _mm256_min_epu16, _mm256_min_ps,
    _mm256_movemask_epi8, _mm256_movemask_ps, _mm256_packs_epi16, _mm256_packs_epi32,
    _mm256_packus_epi16, _mm256_permute4x64_epi64, _mm256_permutevar8x32_epi32, _mm256_set1_epi8,
    _mm256_set1_epi16, _mm256_set1_epi64x, _mm256_setr_epi8, _mm256_setr_epi32,
    _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_sllv_epi64, _mm256_srli_epi16,
    _mm256_storeu_si256, _mm256_unpackhi_epi8, _mm256_unpacklo_epi8, _mm256_xor_si256,
    _mm512_castsi128_si512, _mm512_castsi256_si512, _mm512_castsi512_si256, _mm512_loadu_si512,
    _mm512_permutex2var_epi8,
};
use std::ops::{BitAnd, BitXor};

use super::super::bytes::{Least, Rounded, U8s};
use super::ymm::Ymm;

/// Thirty-two `u8` lanes (AVX2; with `PERMUTE` also AVX-512 F and VBMI).
#[derive(Clone, Copy)]
pub(crate) struct YmmU8<const PERMUTE: bool>(__m256i);

impl<const PERMUTE: bool> BitAnd for YmmU8<PERMUTE> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }
}

impl<const PERMUTE: bool> BitXor for YmmU8<PERMUTE> {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }
}

impl<const PERMUTE: bool> U8s for YmmU8<PERMUTE> {
    const N: usize = 32;

    #[inline(always)]
    fn splat(x: u8) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_epi8(x as i8) })
    }
    #[inline(always)]
    fn load(from: &[u8]) -> Self {
        let from = &from[..32];
        // SAFETY: 32 bytes were checked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u8]) {
        let to = &mut to[..32];
        // SAFETY: 32 bytes were checked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn load_signed(from: &[i8]) -> Self {
        let from = &from[..32];
        // SAFETY: 32 bytes were checked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn repeat(part: &[u8]) -> Self {
        let part = &part[..16];
        // SAFETY: 16 bytes were checked.
        Self(unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(part.as_ptr().cast())) })
    }
    #[inline(always)]
    fn load_parts(from: &[u8], stride: usize) -> Self {
        let (a, b) = (&from[..16], &from[stride..][..16]);
        // SAFETY: 16 bytes of each were checked.
        Self(unsafe {
            let low = _mm256_castsi128_si256(_mm_loadu_si128(a.as_ptr().cast()));
            _mm256_inserti128_si256::<1>(low, _mm_loadu_si128(b.as_ptr().cast()))
        })
    }
    #[inline(always)]
    fn store_parts(self, to: &mut [u8], stride: usize) {
        let to = &mut to[..stride + 16];
        // SAFETY: 16 bytes from zero and from the stride on were checked.
        unsafe {
            _mm_storeu_si128(to.as_mut_ptr().cast(), _mm256_castsi256_si128(self.0));
            let second = to[stride..].as_mut_ptr();
            _mm_storeu_si128(second.cast(), _mm256_extracti128_si256::<1>(self.0));
        }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_min_epu8(self.0, other.0) })
    }
    #[inline(always)]
    fn add_saturating(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_adds_epu8(self.0, other.0) })
    }
    #[inline(always)]
    fn abs_signed(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_abs_epi8(self.0) })
    }
    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_cmpeq_epi8(self.0, other.0) })
    }
    #[inline(always)]
    fn top_bits(self) -> u64 {
        // SAFETY: see the head of the module.
        u64::from(unsafe { _mm256_movemask_epi8(self.0) } as u32)
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        let (even, odd) = Self::words_split([self, next]);
        // SAFETY: see the head of the module. The pack works within parts.
        unsafe {
            (
                Self(_mm256_permute4x64_epi64::<0b11_01_10_00>(even.0)),
                Self(_mm256_permute4x64_epi64::<0b11_01_10_00>(odd.0)),
            )
        }
    }
    #[inline(always)]
    fn shuffle(self, index: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_shuffle_epi8(self.0, index.0) })
    }
    #[inline(always)]
    fn look_up(self, table: &[u8; 128]) -> Self {
        if PERMUTE {
            // SAFETY: see the head of the module; the table has 128 bytes.
            return Self(unsafe {
                let low = _mm512_loadu_si512(table.as_ptr().cast());
                let high = _mm512_loadu_si512(table[64..].as_ptr().cast());
                let index = _mm512_castsi256_si512(self.0);
                _mm512_castsi512_si256(_mm512_permutex2var_epi8(low, index, high))
            });
        }
        let mut e = [self; 8];
        for i in 0..8 {
            e[i] = Self::repeat(&table[16 * i..]).shuffle(self);
        }
        let (b4, b5, b6) = (self.bit_up::<3>(), self.bit_up::<2>(), self.bit_up::<1>());
        let mut four = [self; 4];
        for i in 0..4 {
            four[i] = b4.choose(e[2 * i + 1], e[2 * i]);
        }
        b6.choose(b5.choose(four[3], four[2]), b5.choose(four[1], four[0]))
    }
    #[inline(always)]
    fn look_up_80(self, table: &[u8]) -> Self {
        let table = &table[..80];
        if PERMUTE {
            // SAFETY: see the head of the module; the table has 80 bytes.
            return Self(unsafe {
                let low = _mm512_loadu_si512(table.as_ptr().cast());
                let high = _mm512_castsi128_si512(_mm_loadu_si128(table[64..].as_ptr().cast()));
                let index = _mm512_castsi256_si512(self.0);
                _mm512_castsi512_si256(_mm512_permutex2var_epi8(low, index, high))
            });
        }
        let mut e = [self; 5];
        for i in 0..5 {
            e[i] = Self::repeat(&table[16 * i..]).shuffle(self);
        }
        let (b4, b5, b6) = (self.bit_up::<3>(), self.bit_up::<2>(), self.bit_up::<1>());
        let low = b5.choose(b4.choose(e[3], e[2]), b4.choose(e[1], e[0]));
        b6.choose(e[4], low)
    }
    #[inline(always)]
    fn transpose_parts(rows: &mut [Self; 16]) {
        // Four rounds of interleaving vector `i` with vector `i + 8`.
        for _ in 0..4 {
            let r = *rows;
            for i in 0..8 {
                let [low, high] = Self::words(r[i], r[i + 8]);
                rows[2 * i] = low;
                rows[2 * i + 1] = high;
            }
        }
    }
    #[inline(always)]
    fn upper_four(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_and_si256(_mm256_srli_epi16::<4>(self.0), _mm256_set1_epi8(15)) })
    }
    #[inline(always)]
    fn flip_bits(places: &[u8], to: &mut [u64]) {
        let (places, to) = (&places[..8], &mut to[..8]);
        // SAFETY: eight entries of both were checked. A shift by 64 or more gives zero.
        unsafe {
            let places = _mm_loadl_epi64(places.as_ptr().cast());
            let one = _mm256_set1_epi64x(1);
            let a = to.as_mut_ptr();
            let b = a.add(4);
            let x = _mm256_sllv_epi64(one, _mm256_cvtepu8_epi64(places));
            let y = _mm256_sllv_epi64(one, _mm256_cvtepu8_epi64(_mm_srli_si128::<4>(places)));
            let (u, v) = (_mm256_loadu_si256(a.cast()), _mm256_loadu_si256(b.cast()));
            _mm256_storeu_si256(a.cast(), _mm256_xor_si256(u, x));
            _mm256_storeu_si256(b.cast(), _mm256_xor_si256(v, y));
        }
    }
    #[inline(always)]
    fn words(low: Self, high: Self) -> [Self; 2] {
        // SAFETY: see the head of the module.
        unsafe {
            [
                Self(_mm256_unpacklo_epi8(low.0, high.0)),
                Self(_mm256_unpackhi_epi8(low.0, high.0)),
            ]
        }
    }
    #[inline(always)]
    fn words_split(words: [Self; 2]) -> (Self, Self) {
        let [a, b] = words;
        // SAFETY: see the head of the module. Neither the mask nor the shift leaves the pack anything to clamp.
        unsafe {
            let mask = _mm256_set1_epi16(0xff);
            let low = _mm256_packus_epi16(_mm256_and_si256(a.0, mask), _mm256_and_si256(b.0, mask));
            let high =
                _mm256_packus_epi16(_mm256_srli_epi16::<8>(a.0), _mm256_srli_epi16::<8>(b.0));
            (Self(low), Self(high))
        }
    }
    #[inline(always)]
    fn words_min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_min_epu16(self.0, other.0) })
    }
    #[inline(always)]
    fn words_max(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_max_epu16(self.0, other.0) })
    }
}

impl<const PERMUTE: bool> Least for YmmU8<PERMUTE> {
    #[inline(always)]
    fn least(self) -> u16 {
        // SAFETY: see the head of the module.
        unsafe {
            let lanes = _mm256_setr_epi8(
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                23, 24, 25, 26, 27, 28, 29, 30, 31,
            );
            let [a, b] = Self::words(Self(lanes), self);
            let m = _mm256_min_epu16(a.0, b.0);
            let m = _mm_min_epu16(_mm256_castsi256_si128(m), _mm256_extracti128_si256::<1>(m));
            _mm_cvtsi128_si32(_mm_minpos_epu16(m)) as u16
        }
    }
}

impl<const PERMUTE: bool> YmmU8<PERMUTE> {
    /// Each byte's bit `7 - UP` moved to its top; the bits below are of no meaning.
    #[inline(always)]
    fn bit_up<const UP: i32>(self) -> Self {
        // SAFETY: see the head of the module. What crosses from the lower byte of a word stays below the top.
        Self(unsafe { _mm256_slli_epi16::<UP>(self.0) })
    }
    /// `yes` where the top bit is set.
    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_blendv_epi8(no.0, yes.0, self.0) })
    }
}

impl Rounded for Ymm {
    #[inline(always)]
    fn less_bits(a: [Self; 4], b: [Self; 4]) -> u64 {
        let mut bits = 0;
        for i in 0..4 {
            // SAFETY: see the head of the module.
            let mask = unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(a[i].0, b[i].0)) };
            bits |= u64::from(mask as u32) << (8 * i);
        }
        bits
    }
    #[inline(always)]
    fn sign_bits(four: [Self; 4]) -> u64 {
        let [a, b, c, d] = four;
        // SAFETY: see the head of the module. Clamping packs keep signs; they work within parts.
        unsafe {
            let ab = _mm256_packs_epi32(_mm256_castps_si256(a.0), _mm256_castps_si256(b.0));
            let cd = _mm256_packs_epi32(_mm256_castps_si256(c.0), _mm256_castps_si256(d.0));
            let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let signs = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(ab, cd), order);
            u64::from(_mm256_movemask_epi8(signs) as u32)
        }
    }
    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn store_rounded(four: [Self; 4], top: Self, to: &mut [u8]) {
        let to = &mut to[..32];
        let [a, b, c, d] = four;
        // SAFETY: 32 bytes were checked. The packs, which find nothing to clamp, work within parts.
        unsafe {
            let a = _mm256_cvtps_epi32(_mm256_min_ps(a.0, top.0));
            let b = _mm256_cvtps_epi32(_mm256_min_ps(b.0, top.0));
            let c = _mm256_cvtps_epi32(_mm256_min_ps(c.0, top.0));
            let d = _mm256_cvtps_epi32(_mm256_min_ps(d.0, top.0));
            let (ab, cd) = (_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
            let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(ab, cd), order);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), bytes);
        }
    }
}
