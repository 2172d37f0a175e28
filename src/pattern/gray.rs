//! The Gray map over slices: two bits per symbol, first bit most significant.
//!
//! The map itself is data in [`crate::pam4`]; in closed form `symbol = 2 b0 + (b0 xor b1)` and
//! `pair = s xor (s >> 1)`.

use super::check_at_most;
use crate::error::{Result, length};

/// Maps bit pairs to symbols: 00, 01, 11, 10 become 0, 1, 2, 3.
///
/// `bits` holds `2 n` bits (one per byte, 0 or 1), `symbols` takes `n` symbols in level order; bits
/// `2 k` (most significant) and `2 k + 1` make symbol `k`. Exact. An error (a length that does not
/// fit, a bit above 1, named with its index) leaves `symbols` as it was.
///
/// Reference: IEEE 802.3 clause 120.5.7.1.
///
/// ```
/// let mut symbols = [0u8; 4];
/// pamlink::pattern::bits_to_symbols(&[0, 0, 0, 1, 1, 1, 1, 0], &mut symbols)?;
/// assert_eq!(symbols, [0, 1, 2, 3]);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn bits_to_symbols(bits: &[u8], symbols: &mut [u8]) -> Result<()> {
    length("bits", 2 * symbols.len(), bits.len())?;
    check_at_most("bits", bits, 1)?;
    for (symbol, pair) in symbols.iter_mut().zip(bits.chunks_exact(2)) {
        *symbol = 2 * pair[0] + (pair[0] ^ pair[1]);
    }
    Ok(())
}

/// Maps symbols to bit pairs: 0, 1, 2, 3 become 00, 01, 11, 10; the inverse of [`bits_to_symbols`].
///
/// `symbols` holds `n` symbols 0..=3, `bits` takes `2 n` bits, the most significant of a pair first.
/// An error (a length that does not fit, a symbol above 3, named with its index) leaves `bits` as it
/// was.
pub fn symbols_to_bits(symbols: &[u8], bits: &mut [u8]) -> Result<()> {
    length("bits", 2 * symbols.len(), bits.len())?;
    check_at_most("symbols", symbols, 3)?;
    for (pair, &s) in bits.chunks_exact_mut(2).zip(symbols) {
        pair[0] = s >> 1;
        pair[1] = (s ^ (s >> 1)) & 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pam4::GRAY_TO_SYMBOL;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_survive_and_agree_with_the_table(mut bits in prop::collection::vec(0u8..2, 0..300)) {
            bits.truncate(bits.len() & !1);
            let mut symbols = vec![9; bits.len() / 2];
            bits_to_symbols(&bits, &mut symbols).unwrap();
            for (s, pair) in symbols.iter().zip(bits.chunks_exact(2)) {
                prop_assert_eq!(*s, GRAY_TO_SYMBOL[usize::from(2 * pair[0] + pair[1])]);
            }
            let mut back = vec![9; bits.len()];
            symbols_to_bits(&symbols, &mut back).unwrap();
            prop_assert_eq!(back, bits);
        }
    }

    #[test]
    fn mistakes_are_named_and_leave_the_buffers_alone() {
        let mut symbols = [7u8; 2];
        let e = bits_to_symbols(&[0, 1, 2, 0], &mut symbols).unwrap_err();
        assert_eq!(e.to_string(), "bits[2] is 2, must lie between 0 and 1");
        let e = bits_to_symbols(&[0, 1, 1], &mut symbols).unwrap_err();
        assert_eq!(e.to_string(), "bits has length 3, must be 4");
        assert_eq!(symbols, [7, 7]);
        let mut bits = [7u8; 4];
        let e = symbols_to_bits(&[3, 4], &mut bits).unwrap_err();
        assert_eq!(e.to_string(), "symbols[1] is 4, must lie between 0 and 3");
        assert!(symbols_to_bits(&[3], &mut bits).is_err());
        assert_eq!(bits, [7; 4]);
    }
}
