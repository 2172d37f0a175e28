//! The x86 levels: newtypes over `core::arch`, one intrinsic per operation. The only `unsafe` of
//! the crate, with the `dispatch!` macro that it serves.
//!
//! Safety, for every block below: the types are crate-private and are named only inside
//! `dispatch!`, whose functions run them under `#[target_feature]` after a [`super::Level`] has
//! proved that the processor has the instructions. Loads and stores go through slices whose length
//! is checked first.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    _MM_HINT_T0, _mm_loadu_si128, _mm_mul_epu32, _mm_prefetch, _mm_storeu_si128,
};

mod ymm;
mod ymm_bits;
mod ymm_bytes;
mod ymm_int;
mod ymm_symbols;
mod zmm;
mod zmm_bits;
mod zmm_bytes;
mod zmm_symbols;

pub(crate) use ymm::Ymm;
pub(crate) use ymm_bits::YmmBits;
pub(crate) use ymm_bytes::YmmU8;
pub(crate) use ymm_int::YmmI16;
pub(crate) use ymm_symbols::YmmSymbols;
pub(crate) use zmm::Zmm;
pub(crate) use zmm_bits::ZmmBits;
pub(crate) use zmm_bytes::ZmmU8;
pub(crate) use zmm_symbols::ZmmSymbols;

/// The 64-bit products of the even lanes of four, for the baseline: a plain build for this
/// architecture always has SSE2, and the compiler does not find the instruction by itself.
#[inline(always)]
pub(super) fn mul_even_four(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    // SAFETY: SSE2 is part of the architecture; both types are 16 plain bytes.
    unsafe {
        let (a, b) = (
            _mm_loadu_si128(a.as_ptr().cast()),
            _mm_loadu_si128(b.as_ptr().cast()),
        );
        let mut product = [0; 4];
        _mm_storeu_si128(product.as_mut_ptr().cast(), _mm_mul_epu32(a, b));
        product
    }
}

/// Asks for the line that holds entry `at`, which may lie beyond the slice.
#[inline(always)]
pub(crate) fn prefetch<T>(from: &[T], at: usize) {
    // SAFETY: SSE is part of the architecture; a prefetch reads nothing and cannot fault.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(from.as_ptr().wrapping_add(at).cast()) }
}

macro_rules! operator {
    ($type:ty, $trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the head of the module.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}

use operator;
