//! Ten-bit symbols as packed bits of the line: four symbols in five bytes.

use crate::error::{Result, length};

/// Which bit of a ten-bit symbol goes first on the line.
///
/// Ethernet sends bit 0 (the coefficient of `x^0`) first: as an open model of clauses 91 and 119 has it that was
/// matched to captured bit streams; the examples of Annex 91A were not at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BitOrder {
    /// Bit 0 first, bit 9 last.
    #[default]
    LsbFirst,
    /// Bit 9 first, bit 0 last.
    MsbFirst,
}

/// Bytes that hold `symbols` packed symbols.
#[must_use]
pub fn packed_bytes(symbols: usize) -> usize {
    // Four symbols fill five bytes.
    (symbols / 4)
        .saturating_mul(5)
        .saturating_add((10 * (symbols % 4)).div_ceil(8))
}

fn reversed(s: u16) -> u16 {
    s.reverse_bits() >> 6
}

/// Packs symbols into bytes: line bit `i` is bit `i % 8` of byte `i / 8`, symbol `k` has the line
/// bits `10 k .. 10 k + 10`, its first bit chosen by `order`.
///
/// `bytes` has length [`packed_bytes`]`(symbols.len())`; bits behind the last symbol are zero. An
/// error (length, a symbol above 1023, named with its index) leaves `bytes` as it was.
///
/// ```
/// use pamlink::fec::rs::{BitOrder, pack_symbols, unpack_symbols};
/// let symbols = [1, 2, 3, 1023];
/// let mut bytes = [0; 5];
/// pack_symbols(&symbols, BitOrder::LsbFirst, &mut bytes)?;
/// assert_eq!(bytes, [0x01, 0x08, 0x30, 0xc0, 0xff]);
/// let mut back = [0; 4];
/// unpack_symbols(&bytes, BitOrder::LsbFirst, &mut back)?;
/// assert_eq!(back, symbols);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn pack_symbols(symbols: &[u16], order: BitOrder, bytes: &mut [u8]) -> Result<()> {
    length("bytes", packed_bytes(symbols.len()), bytes.len())?;
    super::check::symbols(|| "symbols".into(), symbols)?;
    pack_checked(symbols, order, bytes);
    Ok(())
}

/// [`pack_symbols`] of what has been checked.
pub(super) fn pack_checked(symbols: &[u16], order: BitOrder, bytes: &mut [u8]) {
    let (groups, rest) = symbols.as_chunks::<4>();
    let (five, last) = bytes.split_at_mut(5 * groups.len());
    for (four, to) in groups.iter().zip(five.as_chunks_mut::<5>().0) {
        let [a, b, c, d, e, ..] = gather(*four, order).to_le_bytes();
        *to = [a, b, c, d, e];
    }
    if !rest.is_empty() {
        let mut four = [0; 4];
        four[..rest.len()].copy_from_slice(rest);
        let bits = gather(four, order).to_le_bytes();
        last.copy_from_slice(&bits[..last.len()]);
    }
}

/// Forty bits of the line, the first one lowest.
#[inline(always)]
fn gather(four: [u16; 4], order: BitOrder) -> u64 {
    let join = |[a, b, c, d]: [u16; 4]| {
        u64::from(a) | u64::from(b) << 10 | u64::from(c) << 20 | u64::from(d) << 30
    };
    match order {
        BitOrder::LsbFirst => join(four),
        // Turned as a whole, the last symbol comes first.
        BitOrder::MsbFirst => {
            let [a, b, c, d] = four;
            join([d, c, b, a]).reverse_bits() >> 24
        }
    }
}

/// Unpacks symbols from bytes, the inverse of [`pack_symbols`].
///
/// `bytes` has length [`packed_bytes`]`(symbols.len())`; bits behind the last symbol are ignored. A
/// wrong length is an error and leaves `symbols` as it was.
pub fn unpack_symbols(bytes: &[u8], order: BitOrder, symbols: &mut [u16]) -> Result<()> {
    length("bytes", packed_bytes(symbols.len()), bytes.len())?;
    unpack_checked(bytes, order, symbols);
    Ok(())
}

/// [`unpack_symbols`] of lengths that have been checked.
pub(super) fn unpack_checked(bytes: &[u8], order: BitOrder, symbols: &mut [u16]) {
    let (groups, rest) = symbols.as_chunks_mut::<4>();
    let (five, last) = bytes.split_at(5 * groups.len());
    for (four, from) in groups.iter_mut().zip(five.as_chunks::<5>().0) {
        let [a, b, c, d, e] = *from;
        *four = spread(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]), order);
    }
    if !rest.is_empty() {
        let mut eight = [0; 8];
        eight[..last.len()].copy_from_slice(last);
        let four = spread(u64::from_le_bytes(eight), order);
        rest.copy_from_slice(&four[..rest.len()]);
    }
}

/// Four symbols from forty bits of the line.
#[inline(always)]
fn spread(bits: u64, order: BitOrder) -> [u16; 4] {
    // The four fields of ten bits to sixteen bits each.
    let part = |x: u64| {
        let lanes =
            x & 0x3ff | (x & 0xf_fc00) << 6 | (x & 0x3ff0_0000) << 12 | (x & 0xff_c000_0000) << 18;
        [0, 16, 32, 48].map(|shift| (lanes >> shift) as u16)
    };
    match order {
        BitOrder::LsbFirst => part(bits),
        BitOrder::MsbFirst => {
            let [a, b, c, d] = part(bits.reverse_bits() >> 24);
            [d, c, b, a]
        }
    }
}

/// Symbol `at` of packed bytes.
pub(super) fn symbol(bytes: &[u8], order: BitOrder, at: usize) -> u16 {
    let from = 10 * at / 8;
    let raw = u16::from_le_bytes([bytes[from], bytes[from + 1]]) >> (10 * at % 8) & 1023;
    match order {
        BitOrder::LsbFirst => raw,
        BitOrder::MsbFirst => reversed(raw),
    }
}

/// Adds `change` to symbol `at` of packed bytes.
pub(super) fn flip(bytes: &mut [u8], order: BitOrder, at: usize, change: u16) {
    let change = match order {
        BitOrder::LsbFirst => change,
        BitOrder::MsbFirst => reversed(change),
    };
    let bits = (change << (10 * at % 8)).to_le_bytes();
    for (byte, b) in bytes[10 * at / 8..].iter_mut().zip(bits) {
        *byte ^= b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line_bit(bytes: &[u8], i: usize) -> u16 {
        u16::from(bytes[i / 8] >> (i % 8) & 1)
    }

    proptest! {
        #[test]
        fn each_line_bit_is_where_the_definition_says(
            symbols in prop::collection::vec(0u16..1024, 0..40),
            change in 0u16..1024,
            at in 0usize..40,
        ) {
            for order in [BitOrder::LsbFirst, BitOrder::MsbFirst] {
                let mut bytes = vec![0xff; packed_bytes(symbols.len())];
                pack_symbols(&symbols, order, &mut bytes).unwrap();
                for (k, &s) in symbols.iter().enumerate() {
                    for b in 0..10 {
                        let place = if order == BitOrder::LsbFirst { b } else { 9 - b };
                        prop_assert_eq!(line_bit(&bytes, 10 * k + b), s >> place & 1);
                    }
                }
                for rest in 10 * symbols.len()..8 * bytes.len() {
                    prop_assert_eq!(line_bit(&bytes, rest), 0);
                }
                let mut expected = symbols.clone();
                for (k, &s) in symbols.iter().enumerate() {
                    prop_assert_eq!(symbol(&bytes, order, k), s);
                }
                if at < symbols.len() {
                    flip(&mut bytes, order, at, change);
                    expected[at] ^= change;
                }
                let mut back = vec![7; symbols.len()];
                unpack_symbols(&bytes, order, &mut back).unwrap();
                prop_assert_eq!(&back, &expected);
            }
        }
    }

    #[test]
    fn mistakes_leave_the_output_alone() {
        let mut bytes = [9; 3];
        let e = pack_symbols(&[1, 1024], BitOrder::LsbFirst, &mut bytes).unwrap_err();
        assert_eq!(
            e.to_string(),
            "symbols[1] is 1024, must lie between 0 and 1023"
        );
        assert!(pack_symbols(&[1], BitOrder::LsbFirst, &mut bytes).is_err());
        assert_eq!(bytes, [9; 3]);
        let mut symbols = [5; 3];
        assert!(unpack_symbols(&bytes, BitOrder::MsbFirst, &mut symbols).is_err());
        assert_eq!(symbols, [5; 3]);
    }
}
