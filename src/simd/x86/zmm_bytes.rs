//! 512-bit vectors of bytes: AVX-512 F and BW, with table reads of VBMI where `PERMUTE` says so. For the safety
//! of every block see [`super`].

use core::arch::x86_64::{
    __m512i, __mmask16, _mm_loadl_epi64, _mm_loadu_si128, _mm_storeu_si128, _mm512_abs_epi8,
    _mm512_adds_epu8, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_castsi128_si512,
    _mm512_cmpeq_epi8_mask, _mm512_cvtepu8_epi64, _mm512_cvtps_epi32, _mm512_extracti32x4_epi32,
    _mm512_inserti32x4, _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_max_epu16,
    _mm512_min_epu8, _mm512_min_epu16, _mm512_min_ps, _mm512_movepi8_mask, _mm512_movm_epi8,
    _mm512_packs_epi32, _mm512_packus_epi16, _mm512_permutex2var_epi8, _mm512_permutexvar_epi32,
    _mm512_permutexvar_epi64, _mm512_set1_epi8, _mm512_set1_epi16, _mm512_set1_epi64,
    _mm512_setr_epi32, _mm512_setr_epi64, _mm512_shuffle_epi8, _mm512_sllv_epi64,
    _mm512_srli_epi16, _mm512_storeu_si512, _mm512_test_epi8_mask, _mm512_unpackhi_epi8,
    _mm512_unpacklo_epi8, _mm512_xor_si512,
};
use std::ops::{BitAnd, BitXor};

use super::super::bytes::{MaskBits, Rounded, U8s};
use super::zmm::Zmm;

/// Sixty-four `u8` lanes (AVX-512 F and BW; with `PERMUTE` also VBMI).
#[derive(Clone, Copy)]
pub(crate) struct ZmmU8<const PERMUTE: bool>(__m512i);

impl<const PERMUTE: bool> BitAnd for ZmmU8<PERMUTE> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }
}

impl<const PERMUTE: bool> BitXor for ZmmU8<PERMUTE> {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }
}

impl<const PERMUTE: bool> U8s for ZmmU8<PERMUTE> {
    const N: usize = 64;

    #[inline(always)]
    fn splat(x: u8) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_set1_epi8(x as i8) })
    }
    #[inline(always)]
    fn load(from: &[u8]) -> Self {
        let from = &from[..64];
        // SAFETY: 64 bytes were checked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u8]) {
        let to = &mut to[..64];
        // SAFETY: 64 bytes were checked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn load_signed(from: &[i8]) -> Self {
        let from = &from[..64];
        // SAFETY: 64 bytes were checked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn repeat(part: &[u8]) -> Self {
        let part = &part[..16];
        // SAFETY: 16 bytes were checked.
        Self(unsafe { _mm512_broadcast_i32x4(_mm_loadu_si128(part.as_ptr().cast())) })
    }
    #[inline(always)]
    fn load_parts(from: &[u8], stride: usize) -> Self {
        let (a, b) = (&from[..16], &from[stride..][..16]);
        let (c, d) = (&from[2 * stride..][..16], &from[3 * stride..][..16]);
        // SAFETY: 16 bytes of each were checked.
        Self(unsafe {
            let v = _mm512_castsi128_si512(_mm_loadu_si128(a.as_ptr().cast()));
            let v = _mm512_inserti32x4::<1>(v, _mm_loadu_si128(b.as_ptr().cast()));
            let v = _mm512_inserti32x4::<2>(v, _mm_loadu_si128(c.as_ptr().cast()));
            _mm512_inserti32x4::<3>(v, _mm_loadu_si128(d.as_ptr().cast()))
        })
    }
    #[inline(always)]
    fn store_parts(self, to: &mut [u8], stride: usize) {
        // SAFETY: see the head of the module.
        let parts = unsafe {
            [
                _mm512_extracti32x4_epi32::<0>(self.0),
                _mm512_extracti32x4_epi32::<1>(self.0),
                _mm512_extracti32x4_epi32::<2>(self.0),
                _mm512_extracti32x4_epi32::<3>(self.0),
            ]
        };
        for (i, part) in parts.into_iter().enumerate() {
            let to = &mut to[i * stride..][..16];
            // SAFETY: 16 bytes were checked.
            unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), part) }
        }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_min_epu8(self.0, other.0) })
    }
    #[inline(always)]
    fn add_saturating(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_adds_epu8(self.0, other.0) })
    }
    #[inline(always)]
    fn abs_signed(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_abs_epi8(self.0) })
    }
    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(self.0, other.0)) })
    }
    #[inline(always)]
    fn top_bits(self) -> u64 {
        // SAFETY: see the head of the module.
        unsafe { _mm512_movepi8_mask(self.0) }
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        let (even, odd) = Self::words_split([self, next]);
        // SAFETY: see the head of the module. The pack works within parts.
        unsafe {
            let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
            (
                Self(_mm512_permutexvar_epi64(order, even.0)),
                Self(_mm512_permutexvar_epi64(order, odd.0)),
            )
        }
    }
    #[inline(always)]
    fn shuffle(self, index: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_shuffle_epi8(self.0, index.0) })
    }
    #[inline(always)]
    fn look_up(self, table: &[u8; 128]) -> Self {
        if PERMUTE {
            let (low, high) = (Self::load(table), Self::load(&table[64..]));
            // SAFETY: see the head of the module.
            return Self(unsafe { _mm512_permutex2var_epi8(low.0, self.0, high.0) });
        }
        let mut e = [self; 8];
        for i in 0..8 {
            e[i] = Self::repeat(&table[16 * i..]).shuffle(self);
        }
        let mut four = [self; 4];
        for i in 0..4 {
            four[i] = self.choose::<16>(e[2 * i + 1], e[2 * i]);
        }
        let high = self.choose::<32>(four[3], four[2]);
        self.choose::<64>(high, self.choose::<32>(four[1], four[0]))
    }
    #[inline(always)]
    fn look_up_80(self, table: &[u8]) -> Self {
        let table = &table[..80];
        if PERMUTE {
            let (low, high) = (Self::load(table), Self::repeat(&table[64..]));
            // SAFETY: see the head of the module.
            return Self(unsafe { _mm512_permutex2var_epi8(low.0, self.0, high.0) });
        }
        let mut e = [self; 5];
        for i in 0..5 {
            e[i] = Self::repeat(&table[16 * i..]).shuffle(self);
        }
        let high = self.choose::<16>(e[3], e[2]);
        let low = self.choose::<32>(high, self.choose::<16>(e[1], e[0]));
        self.choose::<64>(e[4], low)
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
        Self(unsafe { _mm512_and_si512(_mm512_srli_epi16::<4>(self.0), _mm512_set1_epi8(15)) })
    }
    #[inline(always)]
    fn flip_bits(places: &[u8], to: &mut [u64]) {
        let (places, to) = (&places[..8], &mut to[..8]);
        // SAFETY: eight entries of both were checked. A shift by 64 or more gives zero.
        unsafe {
            let places = _mm512_cvtepu8_epi64(_mm_loadl_epi64(places.as_ptr().cast()));
            let to = to.as_mut_ptr();
            let bits = _mm512_sllv_epi64(_mm512_set1_epi64(1), places);
            _mm512_storeu_si512(
                to.cast(),
                _mm512_xor_si512(_mm512_loadu_si512(to.cast()), bits),
            );
        }
    }
    #[inline(always)]
    fn words(low: Self, high: Self) -> [Self; 2] {
        // SAFETY: see the head of the module.
        unsafe {
            [
                Self(_mm512_unpacklo_epi8(low.0, high.0)),
                Self(_mm512_unpackhi_epi8(low.0, high.0)),
            ]
        }
    }
    #[inline(always)]
    fn words_split(words: [Self; 2]) -> (Self, Self) {
        let [a, b] = words;
        // SAFETY: see the head of the module. Neither the mask nor the shift leaves the pack anything to clamp.
        unsafe {
            let mask = _mm512_set1_epi16(0xff);
            let low = _mm512_packus_epi16(_mm512_and_si512(a.0, mask), _mm512_and_si512(b.0, mask));
            let high =
                _mm512_packus_epi16(_mm512_srli_epi16::<8>(a.0), _mm512_srli_epi16::<8>(b.0));
            (Self(low), Self(high))
        }
    }
    #[inline(always)]
    fn words_min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_min_epu16(self.0, other.0) })
    }
    #[inline(always)]
    fn words_max(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_max_epu16(self.0, other.0) })
    }
}

impl<const PERMUTE: bool> ZmmU8<PERMUTE> {
    /// `yes` where a bit is set.
    #[inline(always)]
    fn choose<const BIT: i8>(self, yes: Self, no: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe {
            let mask = _mm512_test_epi8_mask(self.0, _mm512_set1_epi8(BIT));
            _mm512_mask_blend_epi8(mask, no.0, yes.0)
        })
    }
}

impl MaskBits for __mmask16 {
    #[inline(always)]
    fn bits(self) -> u32 {
        u32::from(self)
    }
}

impl Rounded for Zmm {
    #[inline(always)]
    fn store_rounded(four: [Self; 4], top: Self, to: &mut [u8]) {
        let to = &mut to[..64];
        let [a, b, c, d] = four;
        // SAFETY: 64 bytes were checked. The packs, which find nothing to clamp, work within parts.
        unsafe {
            let a = _mm512_cvtps_epi32(_mm512_min_ps(a.0, top.0));
            let b = _mm512_cvtps_epi32(_mm512_min_ps(b.0, top.0));
            let c = _mm512_cvtps_epi32(_mm512_min_ps(c.0, top.0));
            let d = _mm512_cvtps_epi32(_mm512_min_ps(d.0, top.0));
            let (ab, cd) = (_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
            let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            let bytes = _mm512_permutexvar_epi32(order, _mm512_packus_epi16(ab, cd));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), bytes);
        }
    }
}
