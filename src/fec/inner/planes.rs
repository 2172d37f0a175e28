//! Planes of many blocks in byte lanes: their syndromes, and their messages bit by bit.

use super::MESSAGE_BITS;
use super::code::NIBBLES;
use super::kernel::LANES;
use super::run::PlaneBytes;
use crate::simd::U8s;

/// Planes as [`super::code::Planes`] has them, in bytes.
#[inline(always)]
pub(super) fn plane_bytes(first: u64, second: u64) -> PlaneBytes {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&first.to_le_bytes());
    bytes[8..].copy_from_slice(&second.to_le_bytes());
    bytes
}

/// The syndromes of as many blocks as there are lanes; gives bits for those that are not zero.
#[inline(always)]
pub(super) fn syndromes<V: U8s>(planes: &[u8], to: &mut [u8; LANES]) -> u64 {
    let mut bytes = [V::splat(0); 16];
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = V::load_parts(&planes[16 * i..], 16 * 16);
    }
    V::transpose_parts(&mut bytes);
    // Of the last byte of each plane the upper half are parity bits.
    let (first, second) = (bytes[7].upper_four(), bytes[15].upper_four());
    let mut s = V::repeat(&NIBBLES[16]).shuffle(second) ^ V::repeat(&NIBBLES[15]).shuffle(first);
    for i in 0..8 {
        let sums = bytes[i] ^ bytes[8 + i];
        s = s ^ V::repeat(&NIBBLES[2 * i]).shuffle(sums & V::splat(15));
        if i < 7 {
            s = s ^ V::repeat(&NIBBLES[2 * i + 1]).shuffle(sums.upper_four());
        }
    }
    s.store(to);
    (s.equal(V::splat(0)) ^ V::splat(255)).top_bits()
}

/// Where each bit of a message lies in the bytes of both planes, and which bit of the byte it is.
static PLACES: ([u8; MESSAGE_BITS], [u8; MESSAGE_BITS]) = {
    let (mut byte, mut bit) = ([0; MESSAGE_BITS], [0; MESSAGE_BITS]);
    let mut n = 0;
    while n < MESSAGE_BITS {
        let (k, plane) = (n / 2, n % 2);
        byte[n] = (8 * plane + k / 8) as u8;
        bit[n] = 1 << (k % 8);
        n += 1;
    }
    (byte, bit)
};

/// The message bits of a block, one per byte. The last vector ends with the message.
#[inline(always)]
pub(super) fn unpack<V: U8s>(planes: &PlaneBytes, message: &mut [u8]) {
    let message = &mut message[..MESSAGE_BITS];
    let both = V::repeat(planes);
    for first in (0..MESSAGE_BITS).step_by(V::N) {
        let first = first.min(MESSAGE_BITS - V::N);
        let (byte, bit) = (V::load(&PLACES.0[first..]), V::load(&PLACES.1[first..]));
        (both.shuffle(byte) & bit)
            .min(V::splat(1))
            .store(&mut message[first..]);
    }
}
