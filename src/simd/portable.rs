//! The baseline: `wide` vectors of four lanes, which every target has.

use wide::bytemuck::cast;
use wide::{f32x4, i16x8, u32x4};

use super::lanes::{F32s, U32s};
#[cfg(target_arch = "x86_64")]
use super::x86::mul_even_four;

fn first<const N: usize, T: Copy>(from: &[T]) -> [T; N] {
    std::array::from_fn(|i| from[i])
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn mul_even_four(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    let p = u64::from(a[0]) * u64::from(b[0]);
    let q = u64::from(a[2]) * u64::from(b[2]);
    [p as u32, (p >> 32) as u32, q as u32, (q >> 32) as u32]
}

impl F32s for f32x4 {
    const N: usize = 4;
    type Mask = f32x4;
    type U = u32x4;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        f32x4::splat(x)
    }
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        f32x4::new(first(&from[..4]))
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        to[..4].copy_from_slice(&self.to_array());
    }
    #[inline(always)]
    fn mul_add(self, m: Self, a: Self) -> Self {
        self * m + a
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f32x4::sqrt(self)
    }
    #[inline(always)]
    fn simd_ge(self, other: Self) -> Self {
        f32x4::simd_ge(self, other)
    }
    #[inline(always)]
    fn select(mask: Self, t: Self, f: Self) -> Self {
        mask.bitselect(t, f)
    }
    #[inline(always)]
    fn to_bits(self) -> u32x4 {
        u32x4::new(self.to_array().map(f32::to_bits))
    }
    #[inline(always)]
    fn table4_new(table: [f32; 4]) -> Self {
        f32x4::new(table)
    }
    #[inline(always)]
    fn table4(self, index: u32x4) -> Self {
        let [a, b, c, d] = self.to_array().map(f32x4::splat);
        let all = |bit: u32x4| (u32x4::splat(0) - bit).as_f32();
        let (odd, upper) = (all(index & u32x4::splat(1)), all(index >> 1));
        upper.bitselect(odd.bitselect(d, c), odd.bitselect(b, a))
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let turned = f32x4::transpose(first(&rows[..4]));
        rows[..4].copy_from_slice(&turned);
    }
    #[inline(always)]
    fn clamp_nan_low(self, lo: Self, hi: Self) -> Self {
        let raised = Self::select(F32s::simd_ge(self, lo), self, lo);
        Self::select(F32s::simd_ge(hi, raised), raised, hi)
    }
}

impl U32s for u32x4 {
    const N: usize = 4;
    type F = f32x4;

    #[inline(always)]
    fn splat(x: u32) -> Self {
        u32x4::splat(x)
    }
    #[inline(always)]
    fn load(from: &[u32]) -> Self {
        u32x4::new(first(&from[..4]))
    }
    #[inline(always)]
    fn store(self, to: &mut [u32]) {
        to[..4].copy_from_slice(&self.to_array());
    }
    #[inline(always)]
    fn load_u8(from: &[u8]) -> Self {
        u32x4::new(first::<4, u8>(&from[..4]).map(u32::from))
    }
    #[inline(always)]
    fn store_u8(self, to: &mut [u8]) {
        to[..4].copy_from_slice(&self.to_array().map(|x| x as u8));
    }
    #[inline(always)]
    fn store_u8x4(four: [Self; 4], to: &mut [u8]) {
        let to = &mut to[..16];
        for (v, to) in four.into_iter().zip(to.chunks_exact_mut(4)) {
            v.store_u8(to);
        }
    }
    #[inline(always)]
    fn mul_even(self, other: Self) -> Self {
        u32x4::new(mul_even_four(self.to_array(), other.to_array()))
    }
    #[inline(always)]
    fn odd_to_even(self) -> Self {
        let a = self.to_array();
        u32x4::new([a[1], 0, a[3], 0])
    }
    #[inline(always)]
    fn merge_even(self, other: Self) -> Self {
        let (a, b) = (self.to_array(), other.to_array());
        u32x4::new([a[0], b[0], a[2], b[2]])
    }
    #[inline(always)]
    fn store_bytes(self, to: &mut [u8]) {
        let to = &mut to[..16];
        for (four, x) in to.chunks_exact_mut(4).zip(self.to_array()) {
            four.copy_from_slice(&x.to_le_bytes());
        }
    }
    #[inline(always)]
    fn shl<const K: i32>(self) -> Self {
        self << K as u32
    }
    #[inline(always)]
    fn shr<const K: i32>(self) -> Self {
        self >> K as u32
    }
    #[inline(always)]
    fn to_f32_signed(self) -> f32x4 {
        f32x4::new(self.to_array().map(|x| x as i32 as f32))
    }
    #[inline(always)]
    fn as_f32(self) -> f32x4 {
        f32x4::new(self.to_array().map(f32::from_bits))
    }
    #[inline(always)]
    fn pair_add(self, other: Self) -> Self {
        cast(cast::<_, i16x8>(self) + cast::<_, i16x8>(other))
    }
    #[inline(always)]
    fn pair_sub(self, other: Self) -> Self {
        cast(cast::<_, i16x8>(self) - cast::<_, i16x8>(other))
    }
    #[inline(always)]
    fn pair_min(self, other: Self) -> Self {
        cast(cast::<_, i16x8>(self).min(cast(other)))
    }
    #[inline(always)]
    fn pair_mul_round(self, other: Self) -> Self {
        cast(cast::<_, i16x8>(self).mul_scale_round(cast(other)))
    }
    #[inline(always)]
    fn pair_shl<const K: i32>(self) -> Self {
        cast(cast::<_, i16x8>(self) << K as u32)
    }
    #[inline(always)]
    fn pair_sar<const K: i32>(self) -> Self {
        cast(cast::<_, i16x8>(self) >> K as u32)
    }
    #[inline(always)]
    fn pair_shr_by(self, count: Self) -> Self {
        let (a, by) = (cast::<_, [u16; 8]>(self), cast::<_, [u16; 8]>(count));
        cast(std::array::from_fn::<u16, 8, _>(|i| a[i] >> (by[i] & 15)))
    }
    #[inline(always)]
    fn pair_index(self) -> Self {
        self
    }
    #[inline(always)]
    fn pair_table4_new(t: [i16; 4]) -> Self {
        cast([t, t])
    }
    #[inline(always)]
    fn pair_table4(self, index: Self) -> Self {
        let table = cast::<_, i16x8>(self).to_array();
        let entry = |i: usize| i16x8::splat(table[i]);
        let index = cast::<_, i16x8>(index);
        let (odd, upper) = ((index << 15) >> 15, (index << 14) >> 15);
        let pick = |mask: i16x8, t: i16x8, f: i16x8| f ^ ((t ^ f) & mask);
        cast(pick(
            upper,
            pick(odd, entry(3), entry(2)),
            pick(odd, entry(1), entry(0)),
        ))
    }
}
