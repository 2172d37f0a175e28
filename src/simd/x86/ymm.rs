//! 256-bit vectors: AVX2 and FMA. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m256, __m256i, _CMP_GE_OQ, _mm_loadl_epi64, _mm_packus_epi16, _mm_packus_epi32,
    _mm_storel_epi64, _mm256_add_epi16, _mm256_add_epi32, _mm256_add_ps, _mm256_alignr_epi8,
    _mm256_and_si256, _mm256_blend_epi16, _mm256_blend_epi32, _mm256_blendv_ps,
    _mm256_castps_si256, _mm256_castsi256_ps, _mm256_castsi256_si128, _mm256_cmp_ps,
    _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32, _mm256_extracti128_si256, _mm256_fmadd_ps,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_max_ps, _mm256_min_epi16, _mm256_min_ps,
    _mm256_mul_epu32, _mm256_mul_ps, _mm256_mulhrs_epi16, _mm256_mullo_epi16, _mm256_or_si256,
    _mm256_packs_epi16, _mm256_packs_epi32, _mm256_packus_epi16, _mm256_packus_epi32,
    _mm256_permute_ps, _mm256_permute2f128_ps, _mm256_permute2x128_si256, _mm256_permutevar_ps,
    _mm256_permutevar8x32_epi32, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_epi64x,
    _mm256_set1_ps, _mm256_setr_epi32, _mm256_setr_ps, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_shuffle_ps, _mm256_slli_epi16, _mm256_slli_epi32, _mm256_slli_epi64, _mm256_sqrt_ps,
    _mm256_srai_epi16, _mm256_srli_epi32, _mm256_srli_epi64, _mm256_srlv_epi32, _mm256_storeu_ps,
    _mm256_storeu_si256, _mm256_sub_epi8, _mm256_sub_epi16, _mm256_sub_epi32, _mm256_sub_ps,
    _mm256_unpackhi_ps, _mm256_unpacklo_ps, _mm256_xor_si256,
};
use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Sub};

use super::super::lanes::{F32s, U32s};
use super::operator;

/// Eight `f32` lanes (AVX2 and FMA).
#[derive(Clone, Copy)]
pub(crate) struct Ymm(pub(super) __m256);
/// Eight `u32` lanes.
#[derive(Clone, Copy)]
pub(crate) struct YmmU(__m256i);

operator!(Ymm, Add, add, _mm256_add_ps);
operator!(Ymm, Sub, sub, _mm256_sub_ps);
operator!(Ymm, Mul, mul, _mm256_mul_ps);
operator!(YmmU, Add, add, _mm256_add_epi32);
operator!(YmmU, Sub, sub, _mm256_sub_epi32);
operator!(YmmU, BitAnd, bitand, _mm256_and_si256);
operator!(YmmU, BitOr, bitor, _mm256_or_si256);
operator!(YmmU, BitXor, bitxor, _mm256_xor_si256);

impl F32s for Ymm {
    const N: usize = 8;
    type Mask = __m256;
    type U = YmmU;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..8];
        // SAFETY: eight entries were checked.
        Self(unsafe { _mm256_loadu_ps(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let to = &mut to[..8];
        // SAFETY: eight entries were checked.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn mul_add(self, m: Self, a: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_fmadd_ps(self.0, m.0, a.0) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn simd_ge(self, other: Self) -> __m256 {
        // SAFETY: see the head of the module.
        unsafe { _mm256_cmp_ps::<_CMP_GE_OQ>(self.0, other.0) }
    }
    #[inline(always)]
    fn select(mask: __m256, t: Self, f: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_blendv_ps(f.0, t.0, mask) })
    }
    #[inline(always)]
    fn to_bits(self) -> YmmU {
        // SAFETY: see the head of the module.
        YmmU(unsafe { _mm256_castps_si256(self.0) })
    }
    #[inline(always)]
    fn table4_new(t: [f32; 4]) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_setr_ps(t[0], t[1], t[2], t[3], t[0], t[1], t[2], t[3]) })
    }
    #[inline(always)]
    fn table4(self, index: YmmU) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_permutevar_ps(self.0, index.0) })
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let to = &mut rows[..8];
        let mut rows: [Self; 8] = std::array::from_fn(|i| to[i]);
        // SAFETY: see the head of the module.
        unsafe {
            for r in rows.chunks_exact_mut(4) {
                // Two rounds of interleaving turn the 4 x 4 square of each 128-bit part.
                let (a, b) = (
                    _mm256_unpacklo_ps(r[0].0, r[1].0),
                    _mm256_unpackhi_ps(r[0].0, r[1].0),
                );
                let (c, d) = (
                    _mm256_unpacklo_ps(r[2].0, r[3].0),
                    _mm256_unpackhi_ps(r[2].0, r[3].0),
                );
                r[0] = Self(_mm256_shuffle_ps::<0x44>(a, c));
                r[1] = Self(_mm256_shuffle_ps::<0xee>(a, c));
                r[2] = Self(_mm256_shuffle_ps::<0x44>(b, d));
                r[3] = Self(_mm256_shuffle_ps::<0xee>(b, d));
            }
            for i in 0..4 {
                let (a, b) = (rows[i].0, rows[i + 4].0);
                rows[i] = Self(_mm256_permute2f128_ps::<0x20>(a, b));
                rows[i + 4] = Self(_mm256_permute2f128_ps::<0x31>(a, b));
            }
        }
        to.copy_from_slice(&rows);
    }
    #[inline(always)]
    fn slide<const K: usize>(self, later: Self) -> Self {
        use core::arch::x86_64::_mm256_alignr_epi8;
        // SAFETY: see the head of the module. The shift works within 128-bit parts, and so do windows
        // that start four entries apart.
        unsafe {
            let (a, b) = (_mm256_castps_si256(self.0), _mm256_castps_si256(later.0));
            Self(_mm256_castsi256_ps(match K {
                1 => _mm256_alignr_epi8::<4>(b, a),
                2 => _mm256_alignr_epi8::<8>(b, a),
                _ => _mm256_alignr_epi8::<12>(b, a),
            }))
        }
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        // SAFETY: see the head of the module. With the 128-bit parts crossed first, the shuffles within
        // them leave the lanes in order.
        unsafe {
            let low = _mm256_permute2f128_ps::<0x20>(self.0, next.0);
            let high = _mm256_permute2f128_ps::<0x31>(self.0, next.0);
            (
                Self(_mm256_shuffle_ps::<0x88>(low, high)),
                Self(_mm256_shuffle_ps::<0xdd>(low, high)),
            )
        }
    }
    #[inline(always)]
    fn mask_bits(mask: __m256) -> YmmU {
        // SAFETY: see the head of the module.
        YmmU(unsafe { _mm256_castps_si256(mask) })
    }
    #[inline(always)]
    fn clamp_nan_low(self, lo: Self, hi: Self) -> Self {
        // SAFETY: see the head of the module. Where one operand is NaN the second is the result.
        Self(unsafe { _mm256_min_ps(_mm256_max_ps(self.0, lo.0), hi.0) })
    }
    #[inline(always)]
    fn sum8(self, _: Self) -> Self {
        // SAFETY: see the head of the module.
        unsafe {
            let halves = _mm256_add_ps(self.0, _mm256_permute2f128_ps::<0x01>(self.0, self.0));
            let pairs = _mm256_add_ps(halves, _mm256_permute_ps::<0b10_11_00_01>(halves));
            Self(_mm256_add_ps(
                pairs,
                _mm256_permute_ps::<0b01_00_11_10>(pairs),
            ))
        }
    }
    #[inline(always)]
    fn shift_in(self, from: Self) -> Self {
        // SAFETY: see the head of the module. `below` holds, for each 128-bit part, the part under it.
        unsafe {
            let this = _mm256_castps_si256(self.0);
            let below = _mm256_permute2x128_si256::<0x21>(_mm256_castps_si256(from.0), this);
            Self(_mm256_castsi256_ps(_mm256_alignr_epi8::<12>(this, below)))
        }
    }
}

impl U32s for YmmU {
    const N: usize = 8;
    type F = Ymm;

    #[inline(always)]
    fn splat(x: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_epi32(x as i32) })
    }
    #[inline(always)]
    fn load(from: &[u32]) -> Self {
        let from = &from[..8];
        // SAFETY: eight entries were checked.
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u32]) {
        let to = &mut to[..8];
        // SAFETY: eight entries were checked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn load_u8(from: &[u8]) -> Self {
        let from = &from[..8];
        // SAFETY: eight bytes were checked.
        Self(unsafe { _mm256_cvtepu8_epi32(_mm_loadl_epi64(from.as_ptr().cast())) })
    }
    #[inline(always)]
    fn store_u8(self, to: &mut [u8]) {
        let to = &mut to[..8];
        // SAFETY: eight bytes were checked. The mask keeps the saturating packs from clamping.
        unsafe {
            let low = _mm256_and_si256(self.0, _mm256_set1_epi32(0xff));
            let words = _mm_packus_epi32(
                _mm256_castsi256_si128(low),
                _mm256_extracti128_si256::<1>(low),
            );
            _mm_storel_epi64(to.as_mut_ptr().cast(), _mm_packus_epi16(words, words));
        }
    }
    #[inline(always)]
    fn store_u8x4(four: [Self; 4], to: &mut [u8]) {
        let to = &mut to[..32];
        let [a, b, c, d] = four;
        // SAFETY: 32 bytes were checked. The packs work within 128-bit parts; the permutation puts
        // the fours of bytes in order.
        unsafe {
            let (low, high) = (_mm256_packus_epi32(a.0, b.0), _mm256_packus_epi32(c.0, d.0));
            let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let all = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), all);
        }
    }
    #[inline(always)]
    fn mul_even(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_mul_epu32(self.0, other.0) })
    }
    #[inline(always)]
    fn odd_to_even(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_srli_epi64::<32>(self.0) })
    }
    #[inline(always)]
    fn merge_even(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_blend_epi32::<0b1010_1010>(self.0, _mm256_slli_epi64::<32>(other.0)) })
    }
    #[inline(always)]
    fn store_bytes(self, to: &mut [u8]) {
        let to = &mut to[..32];
        // SAFETY: 32 bytes were checked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn shl<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_slli_epi32::<K>(self.0) })
    }
    #[inline(always)]
    fn shr<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_srli_epi32::<K>(self.0) })
    }
    #[inline(always)]
    fn to_f32_signed(self) -> Ymm {
        // SAFETY: see the head of the module.
        Ymm(unsafe { _mm256_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn as_f32(self) -> Ymm {
        // SAFETY: see the head of the module.
        Ymm(unsafe { _mm256_castsi256_ps(self.0) })
    }
    #[inline(always)]
    fn store_minus_u8x4(four: [Self; 4], to: &mut [u8]) {
        let to = &mut to[..32];
        let [a, b, c, d] = four;
        // SAFETY: 32 bytes were checked. The order of the packs is that of `store_u8x4`.
        unsafe {
            let (low, high) = (_mm256_packs_epi32(a.0, b.0), _mm256_packs_epi32(c.0, d.0));
            let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let all = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order);
            let minus = _mm256_sub_epi8(_mm256_setzero_si256(), all);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), minus);
        }
    }
    #[inline(always)]
    fn pair_add(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_add_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_sub(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_sub_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_min_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_mul_round(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_mulhrs_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_shl<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module. The count is below 16.
        Self(unsafe { _mm256_slli_epi16::<K>(self.0) })
    }
    #[inline(always)]
    fn pair_sar<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module. The count is below 16.
        Self(unsafe { _mm256_srai_epi16::<K>(self.0) })
    }
    #[inline(always)]
    fn pair_shr_by(self, count: Self) -> Self {
        // SAFETY: see the head of the module. The halves are shifted as numbers of 32 bits.
        Self(unsafe {
            let low = _mm256_set1_epi32(0xffff);
            let lower = _mm256_srlv_epi32(
                _mm256_and_si256(self.0, low),
                _mm256_and_si256(count.0, low),
            );
            let upper = _mm256_srlv_epi32(self.0, _mm256_srli_epi32::<16>(count.0));
            _mm256_blend_epi16::<0b1010_1010>(lower, upper)
        })
    }
    #[inline(always)]
    fn pair_index(self) -> Self {
        // SAFETY: see the head of the module. Bytes `2 i` and `2 i + 1` make up entry `i`.
        Self(unsafe {
            let twice = _mm256_mullo_epi16(self.0, _mm256_set1_epi16(0x0202));
            _mm256_add_epi16(twice, _mm256_set1_epi16(0x0100))
        })
    }
    #[inline(always)]
    fn pair_table4_new(t: [i16; 4]) -> Self {
        let [a, b, c, d] = t.map(|t| u64::from(t as u16));
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_set1_epi64x((a | (b << 16) | (c << 32) | (d << 48)) as i64) })
    }
    #[inline(always)]
    fn pair_table4(self, index: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm256_shuffle_epi8(self.0, index.0) })
    }
}
