//! SIMD levels, chosen at run time in a plain build.
//!
//! A kernel is written once, in safe code, generic over the crate-private traits `F32s` and
//! `U32s`, whose methods carry the names of the `wide` crate. `wide` itself implements them for the portable baseline (SSE2, NEON, WASM); newtypes over `core::arch` implement them
//! for the x86 levels. The `dispatch!` macro makes, from one generic kernel, a function that takes
//! a [`Level`] and runs the right instance.
//!
//! Numeric contract: integer operations and the plain float operations (add, subtract, multiply,
//! compare, square root) are identical at every level. `mul_add` is fused at the FMA levels and a
//! multiplication followed by an addition at the baseline, so kernels that use it agree between
//! the FMA levels and differ from the baseline in the last bits; each kernel states its bound.

mod bits;
#[cfg(target_arch = "x86_64")]
mod bytes;
mod dispatch;
pub(crate) mod fir;
mod ints;
mod lanes;
mod level;
pub(crate) mod math;
mod portable;
mod portable_ints;
pub mod roof;
mod symbols;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bits;
#[cfg(test)]
mod tests_ints;
#[cfg(all(test, target_arch = "x86_64"))]
mod tests_symbols;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use bits::{Bits, Line, vectors};
#[cfg(target_arch = "x86_64")]
pub(crate) use bytes::{Least, Rounded, U8s};
pub(crate) use dispatch::dispatch;
pub(crate) use ints::{I16s, I32s};
pub(crate) use lanes::{F32s, U32s};
pub use level::{Level, Width};
pub(crate) use symbols::{PlainSymbols, Symbols};

/// Four lanes, the vector of the baseline.
pub(crate) type Base = wide::f32x4;
/// Eight lanes, the vector of the AVX2 level and of sliding kernels at the AVX-512 level.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::Ymm as Mid;
/// Sixteen lanes, the vector of stream-parallel kernels at the AVX-512 level.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::Zmm as Top;

/// Eight `i16` lanes, the vector of the baseline.
pub(crate) type BaseI16 = wide::i16x8;
/// Sixteen `i16` lanes, the vector of the AVX2 level and of sliding kernels at the AVX-512 level.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::YmmI16 as MidI16;

/// 128 bits, the vector of bits of the baseline.
pub(crate) type BaseBits = wide::u16x8;
/// 256 bits, the vector of bits of the AVX2 level.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::YmmBits as MidBits;
/// 512 bits, the vector of bits of the AVX-512 levels.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::ZmmBits as TopBits;

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::prefetch;

/// Asks for the line that holds entry `at`, which may lie beyond the slice; nothing on other
/// machines.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn prefetch<T>(_from: &[T], _at: usize) {}

/// 32 symbols at the AVX2 level and at the AVX-512 level.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{YmmSymbols as MidSymbols, ZmmSymbols as TopSymbols};
/// Bytes: 32 lanes and 64, with table shuffles within sixteen bytes (AVX2, AVX-512) or with those of AVX-512
/// VBMI.
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{YmmU8, ZmmU8};
