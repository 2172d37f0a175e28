//! The integer vectors of the baseline: `wide`, eight and four lanes.

use wide::{i16x8, i32x4, i32x8};

use super::ints::{I16s, I32s};

fn first<const N: usize, T: Copy>(from: &[T]) -> [T; N] {
    std::array::from_fn(|i| from[i])
}

impl I16s for i16x8 {
    const N: usize = 8;
    type Wide = i32x4;

    #[inline(always)]
    fn splat(x: i16) -> Self {
        i16x8::splat(x)
    }
    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        i16x8::new(first(&from[..8]))
    }
    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        to[..8].copy_from_slice(&self.to_array());
    }
    #[inline(always)]
    fn load_bytes(from: &[u8]) -> Self {
        let from = &from[..16];
        i16x8::new(std::array::from_fn(|i| {
            i16::from_le_bytes([from[2 * i], from[2 * i + 1]])
        }))
    }
    #[inline(always)]
    fn repeat(eight: &[i16; 8]) -> Self {
        i16x8::new(*eight)
    }
    #[inline(always)]
    fn store_low_bytes(two: [Self; 2], to: &mut [u8]) {
        let to = &mut to[..16];
        for (v, to) in two.into_iter().zip(to.chunks_exact_mut(8)) {
            to.copy_from_slice(&v.to_array().map(|x| x as u8));
        }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        i16x8::min(self, other)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        i16x8::max(self, other)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        i16x8::max(self, i16x8::splat(0) - self)
    }
    #[inline(always)]
    fn shl(self, count: u32) -> Self {
        self << count
    }
    #[inline(always)]
    fn sra(self, count: u32) -> Self {
        self >> count
    }
    #[inline(always)]
    fn srl(self, count: u32) -> Self {
        (self >> count) & i16x8::splat((u16::MAX >> count) as i16)
    }
    #[inline(always)]
    fn dot(self, other: Self) -> i32x4 {
        i16x8::dot(self, other)
    }
    #[inline(always)]
    fn dot_bytes(self, other: Self) -> Self {
        let even = (self & i16x8::splat(0xff)) * ((other << 8) >> 8);
        even + self.srl(8) * (other >> 8)
    }
    #[inline(always)]
    fn interleave(even: Self, odd: Self) -> [Self; 2] {
        let (e, o) = (even.to_array(), odd.to_array());
        [0, 4].map(|at| {
            i16x8::new(std::array::from_fn(|i| {
                if i % 2 == 0 {
                    e[at + i / 2]
                } else {
                    o[at + i / 2]
                }
            }))
        })
    }
    #[inline(always)]
    fn table4_new(table: [i16; 4]) -> Self {
        let [a, b, c, d] = table;
        i16x8::new([a, b, c, d, a, b, c, d])
    }
    #[inline(always)]
    fn count4(self, from: &[Self; 3]) -> Self {
        let below = |t: Self| self.simd_lt(t);
        let [a, b, c] = *from;
        (i16x8::splat(3) + below(a)) + (below(b) + below(c))
    }
    #[inline(always)]
    fn table4(self, index: Self) -> Self {
        let table = self.to_array();
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| i16x8::splat(table[i]));
        let at_least = |n: i16| index.simd_gt(i16x8::splat(n - 1));
        let low = at_least(1).bitselect(b, a);
        at_least(3).bitselect(d, at_least(2).bitselect(c, low))
    }
    #[inline(always)]
    fn field4(self, which: Self) -> Self {
        let one = i16x8::splat(1);
        let odd: Self = i16x8::splat(0) - (which & one);
        let upper: Self = i16x8::splat(0) - ((which >> 1) & one);
        let fields = upper.bitselect(self, self << 4);
        odd.bitselect(fields, fields << 2).srl(14)
    }
}

impl I32s for i32x4 {
    type Narrow = i16x8;

    #[inline(always)]
    fn splat(x: i32) -> Self {
        i32x4::splat(x)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        i32x4::min(self, other)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        i32x4::max(self, other)
    }
    #[inline(always)]
    fn shl(self, count: u32) -> Self {
        self << count
    }
    #[inline(always)]
    fn sra(self, count: u32) -> Self {
        self >> count
    }
    #[inline(always)]
    fn interleave_saturated(even: Self, odd: Self) -> i16x8 {
        let (e, o) = (even.to_array(), odd.to_array());
        i16x8::from_i32x8_saturate(i32x8::new([e[0], o[0], e[1], o[1], e[2], o[2], e[3], o[3]]))
    }
}
