//! The encoder.

use super::code::Planes;
use super::{BLOCK_BITS, BLOCK_SYMBOLS, MESSAGE_BITS};
use crate::error::{Result, length};
use crate::pam4::GRAY_TO_SYMBOL;
use crate::pattern::check_at_most;

/// Encodes messages of 120 bits into blocks of 128 bits: `p = sum_k (m[2k] + m[2k+1]) x^(67+k) mod g(x)`
/// over GF(2), the block is the message followed by `p_0 .. p_7`.
///
/// `messages` is `[block, 120]`, `blocks` `[block, 128]`, one bit per byte, 0 or 1, in the order of
/// transmission. Exact. Cost: 60 pair sums and 8 parity sums of about 30 terms each; here 9 table reads.
/// An error (a length that does not fit, a bit above 1, named with its index) leaves `blocks` as it was.
///
/// Source: IEEE P802.3dj clause 177.5.
///
/// ```
/// use pamlink::fec::inner;
///
/// let mut message = [0; 120];
/// message[1] = 1; // pair 0: row 0x94 of the published table
/// let mut block = [0; 128];
/// inner::encode(&message, &mut block)?;
/// assert_eq!(block[..120], message);
/// assert_eq!(block[120..], [1, 0, 0, 1, 0, 1, 0, 0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn encode(messages: &[u8], blocks: &mut [u8]) -> Result<()> {
    let count = messages.len() / MESSAGE_BITS;
    length("messages", count * MESSAGE_BITS, messages.len())?;
    length("blocks", count * BLOCK_BITS, blocks.len())?;
    check_at_most("messages", messages, 1)?;
    for (m, b) in messages
        .chunks_exact(MESSAGE_BITS)
        .zip(blocks.chunks_exact_mut(BLOCK_BITS))
    {
        let (message, parity) = b.split_at_mut(MESSAGE_BITS);
        message.copy_from_slice(m);
        let p = planes(m).parity();
        for (i, bit) in parity.iter_mut().enumerate() {
            *bit = p >> i & 1;
        }
    }
    Ok(())
}

/// [`encode`] to PAM4 symbols in level order (Gray map), `[block, 64]`.
pub fn encode_symbols(messages: &[u8], symbols: &mut [u8]) -> Result<()> {
    let count = messages.len() / MESSAGE_BITS;
    length("messages", count * MESSAGE_BITS, messages.len())?;
    length("symbols", count * BLOCK_SYMBOLS, symbols.len())?;
    check_at_most("messages", messages, 1)?;
    for (m, s) in messages
        .chunks_exact(MESSAGE_BITS)
        .zip(symbols.chunks_exact_mut(BLOCK_SYMBOLS))
    {
        let Planes { first, second } = planes(m).encoded();
        for (k, s) in s.iter_mut().enumerate() {
            *s = GRAY_TO_SYMBOL[(2 * (first >> k & 1) + (second >> k & 1)) as usize];
        }
    }
    Ok(())
}

/// The block of a message, both with bit `n` of the transmission in bit `n` of the word; bits 120 and up of
/// `message` are not looked at.
#[must_use]
pub fn encode_word(message: u128) -> u128 {
    let message = message & ((1 << MESSAGE_BITS) - 1);
    message | u128::from(Planes::from_word(message).parity()) << MESSAGE_BITS
}

/// The syndrome of a block: zero for a word of the code, a weight that is even for an even number of wrong
/// positions. Bit `i` is the coefficient of `x^i`.
#[must_use]
pub fn syndrome(block: u128) -> u8 {
    Planes::from_word(block).syndrome()
}

/// The planes of a message or a block of bits 0 and 1.
#[inline(always)]
fn planes(bits: &[u8]) -> Planes {
    let mut word = 0;
    for (i, eight) in bits.chunks_exact(8).enumerate() {
        // Eight bytes of 0 or 1, the first lowest, as the eight bits of one byte.
        let bytes = eight.iter().rev().fold(0, |w, &b| w << 8 | u64::from(b));
        let byte = bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= u128::from(byte) << (8 * i);
    }
    Planes::from_word(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::bits_to_symbols;
    use proptest::prelude::*;

    fn bits_of(word: u128, count: usize) -> Vec<u8> {
        (0..count).map(|n| (word >> n & 1) as u8).collect()
    }

    #[test]
    fn the_published_vector() {
        // Bit 0 first, most significant bit of a byte first.
        let bytes = [
            0x58, 0xcc, 0xd6, 0xab, 0x6d, 0xae, 0xbb, 0x37, 0xaa, 0xfb, 0x69, 0x75, 0x82, 0xd4,
            0xb0u8,
        ];
        let message: Vec<u8> = (0..120).map(|n| bytes[n / 8] >> (7 - n % 8) & 1).collect();
        let mut block = [9; 128];
        encode(&message, &mut block).unwrap();
        assert_eq!(block[120..], [0, 1, 0, 1, 0, 0, 0, 1]);
    }

    proptest! {
        #[test]
        fn all_forms_agree_with_the_equation(words in prop::collection::vec(any::<u128>(), 0..5)) {
            let messages: Vec<u8> = words.iter().flat_map(|&w| bits_of(w, 120)).collect();
            let mut blocks = vec![9; words.len() * 128];
            encode(&messages, &mut blocks).unwrap();
            let mut symbols = vec![9; words.len() * 64];
            encode_symbols(&messages, &mut symbols).unwrap();
            for (i, &w) in words.iter().enumerate() {
                let m = &messages[120 * i..][..120];
                let mut want = m.to_vec();
                want.extend(super::super::reference::parity(m));
                prop_assert_eq!(&blocks[128 * i..][..128], &want[..]);
                let block = encode_word(w);
                prop_assert_eq!(&bits_of(block, 128), &want);
                prop_assert_eq!(syndrome(block), 0);
                let mut mapped = [9; 64];
                bits_to_symbols(&want, &mut mapped).unwrap();
                prop_assert_eq!(&symbols[64 * i..][..64], &mapped[..]);
            }
        }
    }

    #[test]
    fn mistakes_are_named_and_leave_the_buffers_alone() {
        let mut blocks = [7; 128];
        let mut message = [0; 120];
        message[17] = 2;
        let e = encode(&message, &mut blocks).unwrap_err();
        assert_eq!(e.to_string(), "messages[17] is 2, must lie between 0 and 1");
        let e = encode(&message[..119], &mut blocks[..0]).unwrap_err();
        assert_eq!(e.to_string(), "messages has length 119, must be 0");
        let e = encode(&[0; 120], &mut blocks[..127]).unwrap_err();
        assert_eq!(e.to_string(), "blocks has length 127, must be 128");
        let e = encode_symbols(&[0; 120], &mut blocks[..63]).unwrap_err();
        assert_eq!(e.to_string(), "symbols has length 63, must be 64");
        assert!(encode_symbols(&message, &mut blocks[..64]).is_err());
        assert!(encode_symbols(&message[..60], &mut blocks[..64]).is_err());
        assert_eq!(blocks, [7; 128]);
    }
}
