//! How PCS lanes share a physical lane, by rate; and rows of symbols to PAM4 symbols and back.
//!
//! A row is one 10-bit symbol of each PCS lane, `10 m` bits, `5 m` PAM4 symbols. Bit 0 of a symbol goes
//! first; of two bits the first is the more significant of the Gray pair, `symbol = 2 a + (a xor b)`.

use super::super::bound::Multiplex;

/// What a lane rate does by default, with its source.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Multiplexing {
    /// Nominal rate of a physical lane, Gb/s.
    pub lane_gbps: u32,
    /// How PCS lanes share it.
    pub multiplex: Multiplex,
    /// Where that is said, and how sure it is.
    pub source: &'static str,
}

/// The defaults, by rising rate.
pub const MULTIPLEXING: [Multiplexing; 3] = [
    Multiplexing {
        lane_gbps: 50,
        multiplex: Multiplex::Bit { lanes: 2 },
        source: "802.3 clause 120: 16 PCS lanes of 400G bit-multiplexed onto 8 lanes; documented",
    },
    Multiplexing {
        lane_gbps: 100,
        multiplex: Multiplex::Bit { lanes: 4 },
        source: "802.3 clauses 120 and 173: 16 PCS lanes of 400G onto 4 lanes, 32 of 800G onto 8, bit by \
                 bit, both words (of each flow) on every lane; documented, alignment of the lanes assumed",
    },
    Multiplexing {
        lane_gbps: 200,
        multiplex: Multiplex::Symbol,
        source: "802.3dj draft clause 176, symbol-multiplexing PMA (US patent application 2024/0097949: \
                 checkerboard undone, then multiplexed by symbols); documented for drafts",
    },
];

impl Multiplexing {
    /// The default of a nominal lane rate in Gb/s, if the table has one.
    #[must_use]
    pub fn of_lane(lane_gbps: u32) -> Option<&'static Self> {
        MULTIPLEXING.iter().find(|m| m.lane_gbps == lane_gbps)
    }
}

/// Ones in the lowest bit of every byte.
const LOW: u64 = 0x0101_0101_0101_0101;

/// Bits 0..8 of a symbol as eight bytes, 0 or 1, bit 0 in the lowest byte.
#[inline]
fn spread(symbol: u16) -> u64 {
    let bits = (u64::from(symbol & 0xff) * LOW) & 0x8040_2010_0804_0201;
    // A byte is 0 or a power of two up to 128: adding 127 sets its top bit if it is not 0, without carry.
    ((bits + 0x7f7f_7f7f_7f7f_7f7f) >> 7) & LOW
}

/// The lowest bits of eight bytes as one byte; the inverse of [`spread`].
#[inline]
fn gather(bytes: u64) -> u16 {
    ((bytes & LOW).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u16
}

/// One symbol to five PAM4 symbols.
#[inline]
pub(super) fn symbol_to_pam4(symbol: u16, out: &mut [u8; 5]) {
    let x = u64::from(symbol);
    // Bit pairs to bytes, the first bit of each pair lowest.
    let pairs = (x & 3) | (x & 0xc) << 6 | (x & 0x30) << 12 | (x & 0xc0) << 18 | (x & 0x300) << 24;
    let (a, b) = (pairs & LOW, (pairs >> 1) & LOW);
    let bytes = (2 * a + (a ^ b)).to_le_bytes();
    out.copy_from_slice(&bytes[..5]);
}

/// Five PAM4 symbols (0..=3) to one symbol; the inverse of [`symbol_to_pam4`].
#[inline]
pub(super) fn pam4_to_symbol(pam4: [u8; 5]) -> u16 {
    let s = u64::from_le_bytes([pam4[0], pam4[1], pam4[2], pam4[3], pam4[4], 0, 0, 0]);
    let (a, b) = ((s >> 1) & LOW, (s ^ (s >> 1)) & LOW);
    let pairs = a | b << 1;
    ((pairs & 3)
        | (pairs >> 6 & 0xc)
        | (pairs >> 12 & 0x30)
        | (pairs >> 18 & 0xc0)
        | (pairs >> 24 & 0x300)) as u16
}

/// A row of symbols, an even number of them, bit by bit to `5 row.len()` PAM4 symbols.
#[inline]
pub(super) fn row_to_pam4(row: &[u16], out: &mut [u8]) {
    let stride = row.len() / 2;
    for (i, pair) in row.chunks_exact(2).enumerate() {
        let (a, b) = (spread(pair[0]), spread(pair[1]));
        let low = (2 * a + (a ^ b)).to_le_bytes();
        let top = [8, 9].map(|bit| {
            let (a, b) = ((pair[0] >> bit) & 1, (pair[1] >> bit) & 1);
            (2 * a + (a ^ b)) as u8
        });
        for (bit, &s) in low.iter().chain(&top).enumerate() {
            out[bit * stride + i] = s;
        }
    }
}

/// `5 row.len()` PAM4 symbols (0..=3) to a row of symbols; the inverse of [`row_to_pam4`].
#[inline]
pub(super) fn pam4_to_row(pam4: &[u8], row: &mut [u16]) {
    let stride = row.len() / 2;
    for (i, pair) in row.chunks_exact_mut(2).enumerate() {
        let low = u64::from_le_bytes(std::array::from_fn(|bit| pam4[bit * stride + i]));
        let top = [8, 9].map(|bit| u16::from(pam4[bit * stride + i]));
        pair[0] = gather(low >> 1) | (top[0] >> 1) << 8 | (top[1] >> 1) << 9;
        pair[1] = gather(low ^ (low >> 1))
            | ((top[0] ^ (top[0] >> 1)) & 1) << 8
            | ((top[1] ^ (top[1] >> 1)) & 1) << 9;
    }
}
