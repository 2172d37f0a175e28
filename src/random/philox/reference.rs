//! Philox 4x32-10 as the paper writes it: one counter, ten rounds.

use super::{MULTIPLIERS, WEYL};

/// The four words of one counter under a key.
pub(crate) fn block(mut c: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let p = u64::from(MULTIPLIERS[0]) * u64::from(c[0]);
        let q = u64::from(MULTIPLIERS[1]) * u64::from(c[2]);
        c = [
            (q >> 32) as u32 ^ c[1] ^ key[0],
            q as u32,
            (p >> 32) as u32 ^ c[3] ^ key[1],
            p as u32,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    c
}

/// The four words of a block number.
pub(crate) fn words(seed: u64, stream: u64, number: u64) -> [u32; 4] {
    let halves = |x: u64| [x as u32, (x >> 32) as u32];
    let ([c0, c1], [c2, c3]) = (halves(number), halves(stream));
    block([c0, c1, c2, c3], halves(seed))
}

/// Word `s` of the sequence, in the order of [`super::Philox::fill_u32`].
#[cfg(test)]
pub(crate) fn word(seed: u64, stream: u64, s: u64) -> u32 {
    words(seed, stream, 16 * (s / 64) + s % 16)[(s % 64 / 16) as usize]
}

/// Symbol `n` of the sequence, in the order of [`super::Philox::fill_symbols`].
#[cfg(test)]
pub(crate) fn symbol(seed: u64, stream: u64, n: u64) -> u8 {
    let (group, plane, byte) = (n / 1024, n % 1024 / 256, n % 256);
    let w = word(seed, stream, 64 * group + byte / 4);
    (w >> (8 * (byte % 4) + 2 * plane)) as u8 & 3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Random123 (`kat_vectors`, `philox4x32 10`), Salmon et al.
    #[test]
    fn known_answers() {
        let cases = [
            (
                [0; 4],
                [0; 2],
                [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
            ),
            (
                [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
                [0xa4093822, 0x299f31d0],
                [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(block(counter, key), expected);
        }
    }
}
