//! 512-bit vectors: AVX-512 F, BW, DQ and VL. For the safety of every block see [`super`].

use core::arch::x86_64::{
    __m512, __m512i, __mmask16, _CMP_GE_OQ, _mm_loadu_si128, _mm_storeu_si128, _mm512_add_epi16,
    _mm512_add_epi32, _mm512_add_ps, _mm512_alignr_epi32, _mm512_and_si512, _mm512_castps_si512,
    _mm512_castsi512_ps, _mm512_cmp_ps_mask, _mm512_cvtepi32_epi8, _mm512_cvtepi32_ps,
    _mm512_cvtepu8_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_mask_blend_ps, _mm512_mask_shuffle_epi32, _mm512_max_ps, _mm512_min_epi16,
    _mm512_min_ps, _mm512_movm_epi32, _mm512_mul_epu32, _mm512_mul_ps, _mm512_mulhrs_epi16,
    _mm512_or_si512, _mm512_packs_epi16, _mm512_packs_epi32, _mm512_packus_epi16,
    _mm512_packus_epi32, _mm512_permute_ps, _mm512_permutevar_ps, _mm512_permutexvar_epi16,
    _mm512_permutexvar_epi32, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_set1_epi64,
    _mm512_set1_ps, _mm512_setr_epi32, _mm512_setr4_ps, _mm512_setzero_si512, _mm512_shuffle_f32x4,
    _mm512_shuffle_ps, _mm512_sllv_epi16, _mm512_sllv_epi32, _mm512_sqrt_ps, _mm512_srav_epi16,
    _mm512_srli_epi64, _mm512_srlv_epi16, _mm512_srlv_epi32, _mm512_storeu_ps, _mm512_storeu_si512,
    _mm512_sub_epi8, _mm512_sub_epi16, _mm512_sub_epi32, _mm512_sub_ps, _mm512_unpackhi_ps,
    _mm512_unpacklo_ps, _mm512_xor_si512,
};
use std::ops::{Add, BitAnd, BitOr, BitXor, Mul, Sub};

use super::super::lanes::{F32s, U32s};
use super::operator;

/// Sixteen `f32` lanes (AVX-512 F, BW, DQ, VL).
#[derive(Clone, Copy)]
pub(crate) struct Zmm(pub(super) __m512);
/// Sixteen `u32` lanes.
#[derive(Clone, Copy)]
pub(crate) struct ZmmU(__m512i);

operator!(Zmm, Add, add, _mm512_add_ps);
operator!(Zmm, Sub, sub, _mm512_sub_ps);
operator!(Zmm, Mul, mul, _mm512_mul_ps);
operator!(ZmmU, Add, add, _mm512_add_epi32);
operator!(ZmmU, Sub, sub, _mm512_sub_epi32);
operator!(ZmmU, BitAnd, bitand, _mm512_and_si512);
operator!(ZmmU, BitOr, bitor, _mm512_or_si512);
operator!(ZmmU, BitXor, bitxor, _mm512_xor_si512);

impl F32s for Zmm {
    const N: usize = 16;
    type Mask = __mmask16;
    type U = ZmmU;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..16];
        // SAFETY: sixteen entries were checked.
        Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let to = &mut to[..16];
        // SAFETY: sixteen entries were checked.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn mul_add(self, m: Self, a: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_fmadd_ps(self.0, m.0, a.0) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn simd_ge(self, other: Self) -> __mmask16 {
        // SAFETY: see the head of the module.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, other.0) }
    }
    #[inline(always)]
    fn select(mask: __mmask16, t: Self, f: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_mask_blend_ps(mask, f.0, t.0) })
    }
    #[inline(always)]
    fn to_bits(self) -> ZmmU {
        // SAFETY: see the head of the module.
        ZmmU(unsafe { _mm512_castps_si512(self.0) })
    }
    #[inline(always)]
    fn table4_new(t: [f32; 4]) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_setr4_ps(t[0], t[1], t[2], t[3]) })
    }
    #[inline(always)]
    fn table4(self, index: ZmmU) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_permutevar_ps(self.0, index.0) })
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let to = &mut rows[..16];
        let mut rows: [Self; 16] = std::array::from_fn(|i| to[i]);
        // SAFETY: see the head of the module.
        unsafe {
            for r in rows.chunks_exact_mut(4) {
                // Two rounds of interleaving turn the 4 x 4 square of each 128-bit part.
                let (a, b) = (
                    _mm512_unpacklo_ps(r[0].0, r[1].0),
                    _mm512_unpackhi_ps(r[0].0, r[1].0),
                );
                let (c, d) = (
                    _mm512_unpacklo_ps(r[2].0, r[3].0),
                    _mm512_unpackhi_ps(r[2].0, r[3].0),
                );
                r[0] = Self(_mm512_shuffle_ps::<0x44>(a, c));
                r[1] = Self(_mm512_shuffle_ps::<0xee>(a, c));
                r[2] = Self(_mm512_shuffle_ps::<0x44>(b, d));
                r[3] = Self(_mm512_shuffle_ps::<0xee>(b, d));
            }
            for i in 0..4 {
                // Two more turn the 4 x 4 square of 128-bit parts.
                let (r0, r1, r2, r3) = (rows[i].0, rows[i + 4].0, rows[i + 8].0, rows[i + 12].0);
                let (a, b) = (
                    _mm512_shuffle_f32x4::<0x88>(r0, r1),
                    _mm512_shuffle_f32x4::<0xdd>(r0, r1),
                );
                let (c, d) = (
                    _mm512_shuffle_f32x4::<0x88>(r2, r3),
                    _mm512_shuffle_f32x4::<0xdd>(r2, r3),
                );
                rows[i] = Self(_mm512_shuffle_f32x4::<0x88>(a, c));
                rows[i + 4] = Self(_mm512_shuffle_f32x4::<0x88>(b, d));
                rows[i + 8] = Self(_mm512_shuffle_f32x4::<0xdd>(a, c));
                rows[i + 12] = Self(_mm512_shuffle_f32x4::<0xdd>(b, d));
            }
        }
        to.copy_from_slice(&rows);
    }
    #[inline(always)]
    fn slide<const K: usize>(self, later: Self) -> Self {
        use core::arch::x86_64::_mm512_alignr_epi8;
        // SAFETY: see the head of the module. The shift works within 128-bit parts, and so do windows
        // that start four entries apart.
        unsafe {
            let (a, b) = (_mm512_castps_si512(self.0), _mm512_castps_si512(later.0));
            Self(_mm512_castsi512_ps(match K {
                1 => _mm512_alignr_epi8::<4>(b, a),
                2 => _mm512_alignr_epi8::<8>(b, a),
                _ => _mm512_alignr_epi8::<12>(b, a),
            }))
        }
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        use core::arch::x86_64::_mm512_permutex2var_ps;
        // SAFETY: see the head of the module.
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            (
                Self(_mm512_permutex2var_ps(self.0, even, next.0)),
                Self(_mm512_permutex2var_ps(self.0, odd, next.0)),
            )
        }
    }
    #[inline(always)]
    fn mask_bits(mask: __mmask16) -> ZmmU {
        // SAFETY: see the head of the module.
        ZmmU(unsafe { _mm512_movm_epi32(mask) })
    }
    #[inline(always)]
    fn clamp_nan_low(self, lo: Self, hi: Self) -> Self {
        // SAFETY: see the head of the module. Where one operand is NaN the second is the result.
        Self(unsafe { _mm512_min_ps(_mm512_max_ps(self.0, lo.0), hi.0) })
    }
    #[inline(always)]
    fn sum8(self, _: Self) -> Self {
        // SAFETY: see the head of the module.
        unsafe {
            let halves = _mm512_add_ps(
                self.0,
                _mm512_shuffle_f32x4::<0b01_00_00_01>(self.0, self.0),
            );
            let pairs = _mm512_add_ps(halves, _mm512_permute_ps::<0b10_11_00_01>(halves));
            let all = _mm512_add_ps(pairs, _mm512_permute_ps::<0b01_00_11_10>(pairs));
            Self(_mm512_shuffle_f32x4::<0>(all, all))
        }
    }
    #[inline(always)]
    fn shift_in(self, from: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe {
            _mm512_castsi512_ps(_mm512_alignr_epi32::<15>(
                _mm512_castps_si512(self.0),
                _mm512_castps_si512(from.0),
            ))
        })
    }
}

impl U32s for ZmmU {
    const N: usize = 16;
    type F = Zmm;

    #[inline(always)]
    fn splat(x: u32) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_set1_epi32(x as i32) })
    }
    #[inline(always)]
    fn load(from: &[u32]) -> Self {
        let from = &from[..16];
        // SAFETY: sixteen entries were checked.
        Self(unsafe { _mm512_loadu_si512(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u32]) {
        let to = &mut to[..16];
        // SAFETY: sixteen entries were checked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn load_u8(from: &[u8]) -> Self {
        let from = &from[..16];
        // SAFETY: sixteen bytes were checked.
        Self(unsafe { _mm512_cvtepu8_epi32(_mm_loadu_si128(from.as_ptr().cast())) })
    }
    #[inline(always)]
    fn store_u8(self, to: &mut [u8]) {
        let to = &mut to[..16];
        // SAFETY: sixteen bytes were checked.
        unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(self.0)) }
    }
    #[inline(always)]
    fn store_u8x4(four: [Self; 4], to: &mut [u8]) {
        let to = &mut to[..64];
        let [a, b, c, d] = four;
        // SAFETY: 64 bytes were checked. The packs work within 128-bit parts; the permutation puts
        // the fours of bytes in order.
        unsafe {
            let (low, high) = (_mm512_packus_epi32(a.0, b.0), _mm512_packus_epi32(c.0, d.0));
            let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            let all = _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), all);
        }
    }
    #[inline(always)]
    fn mul_even(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_mul_epu32(self.0, other.0) })
    }
    #[inline(always)]
    fn odd_to_even(self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_srli_epi64::<32>(self.0) })
    }
    #[inline(always)]
    fn merge_even(self, other: Self) -> Self {
        // SAFETY: see the head of the module. The shuffle copies each even lane to the odd one above.
        Self(unsafe {
            _mm512_mask_shuffle_epi32::<0b10_10_00_00>(self.0, 0b1010_1010_1010_1010, other.0)
        })
    }
    #[inline(always)]
    fn store_bytes(self, to: &mut [u8]) {
        let to = &mut to[..64];
        // SAFETY: 64 bytes were checked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn shl<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module. The count is below 32.
        Self(unsafe { _mm512_sllv_epi32(self.0, _mm512_set1_epi32(K)) })
    }
    #[inline(always)]
    fn shr<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module. The count is below 32.
        Self(unsafe { _mm512_srlv_epi32(self.0, _mm512_set1_epi32(K)) })
    }
    #[inline(always)]
    fn to_f32_signed(self) -> Zmm {
        // SAFETY: see the head of the module.
        Zmm(unsafe { _mm512_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn as_f32(self) -> Zmm {
        // SAFETY: see the head of the module.
        Zmm(unsafe { _mm512_castsi512_ps(self.0) })
    }
    #[inline(always)]
    fn store_minus_u8x4(four: [Self; 4], to: &mut [u8]) {
        let to = &mut to[..64];
        let [a, b, c, d] = four;
        // SAFETY: 64 bytes were checked. The order of the packs is that of `store_u8x4`.
        unsafe {
            let (low, high) = (_mm512_packs_epi32(a.0, b.0), _mm512_packs_epi32(c.0, d.0));
            let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            let all = _mm512_permutexvar_epi32(order, _mm512_packs_epi16(low, high));
            let minus = _mm512_sub_epi8(_mm512_setzero_si512(), all);
            _mm512_storeu_si512(to.as_mut_ptr().cast(), minus);
        }
    }
    #[inline(always)]
    fn pair_add(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_add_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_sub(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_sub_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_min(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_min_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_mul_round(self, other: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_mulhrs_epi16(self.0, other.0) })
    }
    #[inline(always)]
    fn pair_shl<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module. The count is below 16.
        Self(unsafe { _mm512_sllv_epi16(self.0, _mm512_set1_epi16(K as i16)) })
    }
    #[inline(always)]
    fn pair_sar<const K: i32>(self) -> Self {
        // SAFETY: see the head of the module. The count is below 16.
        Self(unsafe { _mm512_srav_epi16(self.0, _mm512_set1_epi16(K as i16)) })
    }
    #[inline(always)]
    fn pair_shr_by(self, count: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_srlv_epi16(self.0, count.0) })
    }
    #[inline(always)]
    fn pair_index(self) -> Self {
        self
    }
    #[inline(always)]
    fn pair_table4_new(t: [i16; 4]) -> Self {
        let [a, b, c, d] = t.map(|t| u64::from(t as u16));
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_set1_epi64((a | (b << 16) | (c << 32) | (d << 48)) as i64) })
    }
    #[inline(always)]
    fn pair_table4(self, index: Self) -> Self {
        // SAFETY: see the head of the module.
        Self(unsafe { _mm512_permutexvar_epi16(index.0, self.0) })
    }
}
