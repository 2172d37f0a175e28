//! Philox over lanes: one counter per lane, even and odd lanes as two halves.
//!
//! The multiplication of the machine takes 32 bits of every second lane and gives 64 bits, so the
//! state is kept that way through all rounds: a half holds its words in the even lanes and never
//! reads what the odd lanes carry. A round is then two products, two moves of the high word and
//! two exclusive ors of three, with no packing; the halves are merged once, at the end.
//!
//! Within a run of groups only the lowest counter word differs between lanes, so the second
//! product of the first round and the first product of the second are the same everywhere:
//! [`Schedule`] holds what they leave.

use super::{MULTIPLIERS, WEYL};
use crate::simd::{Base, F32s, U32s, dispatch};
#[cfg(target_arch = "x86_64")]
use crate::simd::{Mid, Top};

/// What a run of groups shares: the folded first two rounds and the keys of the other eight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    /// Joins the high word of the first product of round 1.
    first: u32,
    /// Joins the high word of the second product of round 2.
    second: u32,
    /// Joins the low word of the first product of round 1 to make word 2 after round 2.
    third: u32,
    /// Word 3 after round 2.
    fourth: u32,
    keys: [[u32; 2]; 8],
}

impl Schedule {
    /// For the blocks whose number has the high word `high`.
    pub(crate) fn new(seed: u64, stream: u64, high: u32) -> Self {
        let key = |round: u32| {
            [
                (seed as u32).wrapping_add(WEYL[0].wrapping_mul(round)),
                ((seed >> 32) as u32).wrapping_add(WEYL[1].wrapping_mul(round)),
            ]
        };
        let q = u64::from(MULTIPLIERS[1]) * u64::from(stream as u32);
        let word0 = (q >> 32) as u32 ^ high ^ key(0)[0];
        let p = u64::from(MULTIPLIERS[0]) * u64::from(word0);
        Self {
            first: (stream >> 32) as u32 ^ key(0)[1],
            second: q as u32 ^ key(1)[0],
            third: (p >> 32) as u32 ^ key(1)[1],
            fourth: p as u32,
            keys: std::array::from_fn(|i| key(i as u32 + 2)),
        }
    }
}

const COUNT: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// One round: the products of words 0 and 2, then the exclusive ors.
#[inline(always)]
fn round<U: U32s>(x: [U; 4], m: [U; 2], key: [U; 2]) -> [U; 4] {
    let (p, q) = (x[0].mul_even(m[0]), x[2].mul_even(m[1]));
    [
        q.odd_to_even() ^ (x[1] ^ key[0]),
        q,
        p.odd_to_even() ^ (x[3] ^ key[1]),
        p,
    ]
}

/// The four words of the blocks `first, first + 1, …`, one block per lane; one vector for each
/// entry of `first`, their rounds side by side.
#[inline(always)]
pub(crate) fn words<U: U32s, const T: usize>(s: &Schedule, first: [u32; T]) -> [[U; 4]; T] {
    let m = [U::splat(MULTIPLIERS[0]), U::splat(MULTIPLIERS[1])];
    let zero = U::splat(0);
    let mut x = [[[zero; 4]; 2]; T];
    for t in 0..T {
        let even = U::load(&COUNT[..U::N]) + U::splat(first[t]);
        for (h, counter) in [even, even + U::splat(1)].into_iter().enumerate() {
            let p = counter.mul_even(m[0]);
            let q = (p.odd_to_even() ^ U::splat(s.first)).mul_even(m[1]);
            x[t][h] = [
                q.odd_to_even() ^ U::splat(s.second),
                q,
                p ^ U::splat(s.third),
                U::splat(s.fourth),
            ];
        }
    }
    for key in &s.keys {
        let key = [U::splat(key[0]), U::splat(key[1])];
        for t in 0..T {
            x[t] = [round(x[t][0], m, key), round(x[t][1], m, key)];
        }
    }
    let mut w = [[zero; 4]; T];
    for t in 0..T {
        for j in 0..4 {
            w[t][j] = x[t][0][j].merge_even(x[t][1][j]);
        }
    }
    w
}

/// Whole groups of 64 words, the first block of the run being `first`.
#[inline(always)]
fn fill_words<V: F32s>(s: &Schedule, first: u32, out: &mut [u32]) {
    let mut block = first;
    for group in out.as_chunks_mut::<64>().0 {
        for i in (0..16).step_by(V::N) {
            let [w] = words::<V::U, 1>(s, [block + i as u32]);
            for (j, w) in w.into_iter().enumerate() {
                w.store(&mut group[16 * j + i..]);
            }
        }
        block = block.wrapping_add(16);
    }
}

/// Whole groups of 1024 symbols, the first block of the run being `first`.
#[inline(always)]
fn fill_symbols<V: F32s>(s: &Schedule, first: u32, out: &mut [u8]) {
    let mut block = first;
    let mask = V::U::splat(0x0303_0303);
    for group in out.as_chunks_mut::<1024>().0 {
        for i in (0..16).step_by(V::N) {
            let [w] = words::<V::U, 1>(s, [block + i as u32]);
            for (j, w) in w.into_iter().enumerate() {
                let at = 4 * (16 * j + i);
                (w & mask).store_bytes(&mut group[at..]);
                (w.shr::<2>() & mask).store_bytes(&mut group[256 + at..]);
                (w.shr::<4>() & mask).store_bytes(&mut group[512 + at..]);
                (w.shr::<6>() & mask).store_bytes(&mut group[768 + at..]);
            }
        }
        block = block.wrapping_add(16);
    }
}

dispatch! {
    /// `out` is a run of whole groups of 64 words.
    pub(super) fn run_words(s: &Schedule, first: u32, out: &mut [u32]) =
        base: fill_words::<Base>, mid: fill_words::<Mid>, top: fill_words::<Top>
}

dispatch! {
    /// `out` is a run of whole groups of 1024 symbols.
    pub(super) fn run_symbols(s: &Schedule, first: u32, out: &mut [u8]) =
        base: fill_symbols::<Base>, mid: fill_symbols::<Mid>, top: fill_symbols::<Top>
}
