//! The code itself: columns, syndromes, and which position a syndrome names.
//!
//! A syndrome is a polynomial over GF(2) modulo `g(x) = (x + 1)(x^7 + x^3 + 1)`, bit `i` of the byte
//! being the coefficient of `x^i`. Parity bit `i` has the column `x^i`, pair `k` has `x^(67 + k)`: 68 powers
//! of `x`, which has the order 127, all of odd weight. So the weight of a syndrome tells an odd number of
//! errors from an even one, and a syndrome of odd weight is either a column or nothing.

use super::{PAIRS, POSITIONS};

/// `g(x) = x^8 + x^7 + x^4 + x^3 + x + 1` without its leading term.
const GENERATOR: u8 = 0b1001_1011;

/// Power of `x` of the column of the first pair.
const FIRST_PAIR: usize = 67;

/// What stands in [`POSITION`] for a syndrome that is no column.
pub(super) const NO_POSITION: u8 = 127;

const fn times_x(a: u8) -> u8 {
    (a << 1) ^ if a & 0x80 != 0 { GENERATOR } else { 0 }
}

/// Columns of the parity check matrix: pairs 0..60, then the parity bits.
pub(super) const COLUMNS: [u8; POSITIONS] = {
    let mut columns = [0; POSITIONS];
    let mut power = 1;
    let mut log = 0;
    while log < FIRST_PAIR + PAIRS {
        if log < POSITIONS - PAIRS {
            columns[PAIRS + log] = power;
        }
        if log >= FIRST_PAIR {
            columns[log - FIRST_PAIR] = power;
        }
        power = times_x(power);
        log += 1;
    }
    columns
};

/// Position of a syndrome of odd weight, indexed by its low seven bits: the top one follows from them.
pub(super) const POSITION: [u8; 128] = {
    let mut table = [NO_POSITION; 128];
    let mut p = 0;
    while p < POSITIONS {
        table[(COLUMNS[p] & 127) as usize] = p as u8;
        p += 1;
    }
    table
};

/// Syndromes of eight pair sums each, as a byte of them: `BYTES[i][b]` is what pairs `8 i..8 i + 8` give.
pub(super) static BYTES: [[u8; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut k = 0;
    while k < PAIRS {
        let (table, bit) = (&mut tables[k / 8], 1 << (k % 8));
        let mut b = 0;
        while b < 256 {
            if b & bit != 0 {
                table[b] ^= COLUMNS[k];
            }
            b += 1;
        }
        k += 1;
    }
    tables
};

/// What four bits give to a syndrome: entry `i` for pair sums `4 i..4 i + 4`, then for the parity bits in the
/// first plane and for those in the second.
pub(super) static NIBBLES: [[u8; 16]; 17] = {
    let mut tables = [[0; 16]; 17];
    let mut i = 0;
    while i < 17 {
        let mut b = 0;
        while b < 16 {
            let mut bit = 0;
            while bit < 4 {
                let position = if i < 15 {
                    4 * i + bit
                } else {
                    PAIRS + 2 * bit + (i - 15)
                };
                if b >> bit & 1 == 1 {
                    tables[i][b] ^= COLUMNS[position];
                }
                bit += 1;
            }
            b += 1;
        }
        i += 1;
    }
    tables
};

/// Each bit of four moved to twice its place.
const SPREAD: [u8; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        table[i] = (i & 1 | (i & 2) << 1 | (i & 4) << 2 | (i & 8) << 3) as u8;
        i += 1;
    }
    table
};

/// The 128 bits of a block as two planes: bit `k` of each is the first and the second bit of PAM4 symbol
/// `k`. Symbols 0..60 carry the message, 60..64 the parity bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Planes {
    pub(super) first: u64,
    pub(super) second: u64,
}

impl Planes {
    /// The syndrome of the pair sums alone: what the parity bits must be.
    #[inline(always)]
    pub(super) fn parity(self) -> u8 {
        let sums = self.first ^ self.second;
        let mut s = BYTES[7][(sums >> 56 & 0xf) as usize];
        for i in 0..7 {
            s ^= BYTES[i][(sums >> (8 * i) & 0xff) as usize];
        }
        s
    }

    /// The parity bits it carries, bit `i` of the byte being `p_i`.
    #[inline(always)]
    pub(super) fn carried(self) -> u8 {
        SPREAD[(self.first >> PAIRS) as usize] | SPREAD[(self.second >> PAIRS) as usize] << 1
    }

    /// Zero for a word of the code.
    #[inline(always)]
    pub(super) fn syndrome(self) -> u8 {
        self.parity() ^ self.carried()
    }

    /// The message with its parity bits.
    #[inline(always)]
    pub(super) fn encoded(self) -> Self {
        let mask = (1 << PAIRS) - 1;
        let p = self.parity();
        let half = |p: u8| u64::from(p & 1 | (p >> 1) & 2 | (p >> 2) & 4 | (p >> 3) & 8) << PAIRS;
        Self {
            first: self.first & mask | half(p),
            second: self.second & mask | half(p >> 1),
        }
    }

    /// Flips the one bit that stands for a position; of a pair the second one where `second` says so.
    #[inline(always)]
    pub(super) fn flip(&mut self, position: u8, second: u64) {
        self.flip_if(position, second, 1);
    }

    /// [`Planes::flip`] where `flag` is one, nothing where it is zero.
    #[inline(always)]
    pub(super) fn flip_if(&mut self, position: u8, second: u64, flag: u64) {
        let p = u32::from(position);
        let is_pair = p < PAIRS as u32;
        let bit = if is_pair { p } else { (p >> 1) + 30 };
        let plane = if is_pair { second >> bit } else { u64::from(p) } & 1;
        self.first ^= (flag & !plane) << bit;
        self.second ^= (flag & plane) << bit;
    }

    /// From bits in the order of transmission, bit `n` in bit `n` of the word.
    #[inline(always)]
    pub(super) fn from_word(word: u128) -> Self {
        Self {
            first: even_bits(word),
            second: even_bits(word >> 1),
        }
    }

    /// The bits in the order of transmission.
    #[inline(always)]
    pub(super) fn word(self) -> u128 {
        spread(self.first) | spread(self.second) << 1
    }
}

#[inline(always)]
fn even_bits(word: u128) -> u64 {
    let half = |x: u64| {
        let x = x & 0x5555_5555_5555_5555;
        let x = (x | x >> 1) & 0x3333_3333_3333_3333;
        let x = (x | x >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
        let x = (x | x >> 4) & 0x00ff_00ff_00ff_00ff;
        let x = (x | x >> 8) & 0x0000_ffff_0000_ffff;
        (x | x >> 16) & 0xffff_ffff
    };
    half(word as u64) | half((word >> 64) as u64) << 32
}

#[inline(always)]
fn spread(plane: u64) -> u128 {
    let half = |x: u64| {
        let x = (x | x << 16) & 0x0000_ffff_0000_ffff;
        let x = (x | x << 8) & 0x00ff_00ff_00ff_00ff;
        let x = (x | x << 4) & 0x0f0f_0f0f_0f0f_0f0f;
        let x = (x | x << 2) & 0x3333_3333_3333_3333;
        (x | x << 1) & 0x5555_5555_5555_5555
    };
    u128::from(half(plane & 0xffff_ffff)) | u128::from(half(plane >> 32)) << 64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table 177-1 as published, row `k` of pair `k`, `p_0` as the most significant bit.
    const PUBLISHED: [u8; PAIRS] = [
        0x94, 0x4a, 0x25, 0xcb, 0xbc, 0x5e, 0x2f, 0xce, 0x67, 0xea, 0x75, 0xe3, 0xa8, 0x54, 0x2a,
        0x15, 0xd3, 0xb0, 0x58, 0x2c, 0x16, 0x0b, 0xdc, 0x6e, 0x37, 0xc2, 0x61, 0xe9, 0xad, 0x8f,
        0x9e, 0x4f, 0xfe, 0x7f, 0xe6, 0x73, 0xe0, 0x70, 0x38, 0x1c, 0x0e, 0x07, 0xda, 0x6d, 0xef,
        0xae, 0x57, 0xf2, 0x79, 0xe5, 0xab, 0x8c, 0x46, 0x23, 0xc8, 0x64, 0x32, 0x19, 0xd5, 0xb3,
    ];

    #[test]
    fn the_closed_form_gives_the_published_rows() {
        for k in 0..PAIRS {
            assert_eq!(COLUMNS[k].reverse_bits(), PUBLISHED[k], "row {k}");
        }
        for i in 0..8 {
            assert_eq!(COLUMNS[PAIRS + i], 1 << i);
        }
    }

    #[test]
    fn columns_are_68_different_odd_bytes_and_4_is_the_least_weight() {
        let mut seen = [false; 256];
        for c in COLUMNS {
            assert!(c.count_ones() % 2 == 1 && !seen[usize::from(c)]);
            seen[usize::from(c)] = true;
        }
        let named = POSITION.iter().filter(|&&p| p != NO_POSITION).count();
        assert_eq!(named, POSITIONS);
        // 6475 words of weight four, counted as triples whose sum is a later column.
        let (mut four, mut aliases, mut triples) = (0, 0, 0);
        for a in 0..POSITIONS {
            for b in 0..a {
                for c in 0..b {
                    let s = COLUMNS[a] ^ COLUMNS[b] ^ COLUMNS[c];
                    triples += 1;
                    let p = usize::from(POSITION[usize::from(s & 127)]);
                    aliases += usize::from(p < POSITIONS);
                    four += usize::from(p < c);
                }
            }
        }
        assert_eq!(four, 6475);
        assert_eq!(
            (1000.0 * f64::from(aliases as u32) / f64::from(triples)).round(),
            517.0
        );
    }

    #[test]
    fn planes_and_words_hold_the_same_bits() {
        for n in 0..128 {
            let planes = Planes::from_word(1 << n);
            let of = |plane: u64| (plane != 0).then(|| plane.trailing_zeros());
            let at = (of(planes.first), of(planes.second));
            let want = if n % 2 == 0 {
                (Some(n / 2), None)
            } else {
                (None, Some(n / 2))
            };
            assert_eq!(at, want);
            assert_eq!(planes.word(), 1 << n);
        }
    }

    #[test]
    fn each_position_flips_the_bit_that_gives_its_column() {
        for p in 0..POSITIONS as u8 {
            for second in [0, u64::MAX] {
                let mut planes = Planes::default();
                planes.flip(p, second);
                assert_eq!(planes.syndrome(), COLUMNS[usize::from(p)]);
                let bit = planes.word().trailing_zeros();
                let want = if p < 60 {
                    2 * p + u8::from(second != 0)
                } else {
                    60 + p
                };
                assert_eq!((bit, planes.word().count_ones()), (u32::from(want), 1));
                planes.flip_if(p, second, 0);
                planes.flip(p, second);
                assert_eq!(planes, Planes::default());
            }
        }
    }
}
