//! SSPRQ: the short stress pattern of 65 535 symbols on which optical transmitters are measured.

use super::prbs::{Prbs, PrbsGenerator};
use crate::error::Result;

/// Symbols of the pattern.
pub const SSPRQ_SYMBOLS: usize = 65_535;

/// Seed and length in bits of the stretches of inverted PRBS31 it is made of (IEEE 802.3 clause
/// 120.5.11.2.3). The seed is the 31 bits before the first one of the stretch, bit 30 the oldest.
const STRETCHES: [(u32, usize); 3] = [
    (0x0000_0002, 10_924),
    (0x3401_3FF7, 10_922),
    (0x0CCC_CCCC, 10_922),
];

/// Symbols that are inverted (3 - s) after the Gray map: every second quarter.
const INVERTED: [std::ops::Range<usize>; 2] = [16_384..32_768, 49_151..65_535];

/// The pattern, 65 535 symbols 0..=3 in level order.
///
/// The three stretches are 32 768 bits `A`; `A`, `A`, `A` without its first bit and `A` without its
/// last bit are Gray mapped in pairs, and every second quarter is inverted. The pattern is one
/// period; it repeats without a gap.
///
/// Reference: IEEE 802.3 clause 120.5.11.2.3; held by the SHA-256 digest of the published sequence.
pub fn ssprq() -> Result<Vec<u8>> {
    let mut a = Vec::with_capacity(32_768);
    for (seed, bits) in STRETCHES {
        let stretch: PrbsGenerator = Prbs::Prbs31.generator(seed)?;
        a.extend(stretch.take(bits).map(|b| b ^ 1));
    }
    let bits = [&a[..], &a[..], &a[1..], &a[..a.len() - 1]].concat();
    let mut symbols = vec![0; SSPRQ_SYMBOLS];
    super::bits_to_symbols(&bits, &mut symbols)?;
    for quarter in INVERTED {
        for s in &mut symbols[quarter] {
            *s = 3 - *s;
        }
    }
    Ok(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::fmt::Write;

    #[test]
    fn digest_and_level_counts_are_the_published_ones() {
        let symbols = ssprq().unwrap();
        assert_eq!(symbols.len(), SSPRQ_SYMBOLS);
        let mut counts = [0; 4];
        for &s in &symbols {
            counts[usize::from(s)] += 1;
        }
        assert_eq!(counts, [15_215, 17_553, 17_552, 15_215]);
        let mut hex = String::new();
        for byte in Sha256::digest(&symbols) {
            write!(hex, "{byte:02x}").unwrap();
        }
        assert_eq!(
            hex,
            "f17f5effb8e68863e5355258186456e1c3b3c48b5519c1a0c46dac855fae3582"
        );
    }
}
