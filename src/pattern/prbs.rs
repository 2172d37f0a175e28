//! Pseudo-random bit sequences, 64 bits per step.
//!
//! A sequence with feedback polynomial `x^n + x^m + ... + 1` obeys `b[i] = b[i-n] xor b[i-m] xor ...`.
//! Squaring is linear over GF(2), so `p(x)^64 = p(x^64)`: 64-bit *words* of the sequence obey the very
//! recurrence of its bits, `w[i] = w[i-n] xor w[i-m] xor ...`. That is the whole generator.

use crate::error::{Error, Result, in_range};

/// Words made per refill; with the history of at most 31 words the state stays below 1 KiB.
const BLOCK_WORDS: usize = 64;
/// Longest history, in words.
const MAX_ORDER: usize = 31;

/// The sequences of ITU-T O.150 and IEEE 802.3, named by their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prbs {
    /// x^7 + x^6 + 1
    Prbs7,
    /// x^9 + x^5 + 1
    Prbs9,
    /// x^11 + x^9 + 1
    Prbs11,
    /// x^13 + x^12 + x^2 + x + 1
    Prbs13,
    /// x^15 + x^14 + 1
    Prbs15,
    /// x^23 + x^18 + 1
    Prbs23,
    /// x^31 + x^28 + 1
    Prbs31,
}

impl Prbs {
    /// All sequences, by rising order.
    pub const ALL: [Self; 7] = [
        Self::Prbs7,
        Self::Prbs9,
        Self::Prbs11,
        Self::Prbs13,
        Self::Prbs15,
        Self::Prbs23,
        Self::Prbs31,
    ];

    /// The sequence of an order: 7, 9, 11, 13, 15, 23 or 31.
    pub fn from_order(order: u32) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|p| p.order() == order)
            .ok_or_else(|| Error::UnknownWord {
                name: "order".into(),
                value: order.to_string(),
                allowed: "7, 9, 11, 13, 15, 23, 31",
            })
    }

    /// Exponents of the feedback polynomial, falling, without the constant: the delays whose bits
    /// are added.
    #[must_use]
    pub fn taps(self) -> &'static [usize] {
        match self {
            Self::Prbs7 => &[7, 6],          // ITU-T O.150
            Self::Prbs9 => &[9, 5],          // ITU-T O.150; IEEE 802.3 clause 68
            Self::Prbs11 => &[11, 9],        // ITU-T O.150
            Self::Prbs13 => &[13, 12, 2, 1], // IEEE 802.3 clause 94.3.10.8, 120.5.11.2.1
            Self::Prbs15 => &[15, 14],       // ITU-T O.150
            Self::Prbs23 => &[23, 18],       // ITU-T O.150
            Self::Prbs31 => &[31, 28],       // ITU-T O.150; IEEE 802.3 clause 49.2.8
        }
    }

    /// Degree of the polynomial.
    #[must_use]
    pub fn order(self) -> u32 {
        self.taps()[0] as u32
    }

    /// Bits after which the sequence repeats, `2^order - 1`.
    #[must_use]
    pub fn period(self) -> u64 {
        (1 << self.order()) - 1
    }

    /// The seed of all ones.
    #[must_use]
    pub fn ones(self) -> u32 {
        self.period() as u32
    }

    /// A generator that continues `seed`: the `order` bits just before its first output, bit 0 the
    /// newest, bit `order - 1` the oldest.
    ///
    /// A seed of zero (the sequence would stay zero) or one with more than `order` bits is an
    /// [`Error::OutOfRange`].
    pub fn generator(self, seed: u32) -> Result<PrbsGenerator> {
        let max = self.period();
        in_range("seed", f64::from(seed), 1.0, max as f64)?;
        Ok(PrbsGenerator::new(self, seed))
    }
}

/// An endless PRBS with its state; `Iterator` gives bits, [`Self::fill`] blocks of bits.
///
/// Any mixture of single bits and blocks gives the one sequence, bit for bit. Cost: one exclusive-or
/// per tap and 64 bits, plus the unpacking.
///
/// ```
/// use pamlink::pattern::Prbs;
/// let bits: Vec<u8> = Prbs::Prbs7.generator(0x7f)?.take(14).collect();
/// assert_eq!(bits, [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PrbsGenerator {
    prbs: Prbs,
    /// The last words of the block before, then a block; the first bit of a word is its most
    /// significant.
    words: [u64; MAX_ORDER + BLOCK_WORDS],
    /// Bits of the block already given, 0..=64 * `BLOCK_WORDS`.
    position: usize,
}

impl PrbsGenerator {
    fn new(prbs: Prbs, seed: u32) -> Self {
        let mut words = [0; MAX_ORDER + BLOCK_WORDS];
        // The first words bit by bit: as many as the recurrence of words looks back.
        let mut register = u64::from(seed);
        let n = prbs.taps()[0];
        for word in &mut words[MAX_ORDER..MAX_ORDER + n] {
            for _ in 0..64 {
                let bit = prbs
                    .taps()
                    .iter()
                    .fold(0, |b, &tap| b ^ (register >> (tap - 1)))
                    & 1;
                register = (register << 1) | bit;
            }
            // The register keeps the last 64 bits: exactly the word.
            *word = register;
        }
        let mut generator = Self {
            prbs,
            words,
            position: 0,
        };
        generator.extend(MAX_ORDER + n);
        generator
    }

    /// Words from index `from` to the end of the block, by the recurrence.
    fn extend(&mut self, from: usize) {
        match *self.prbs.taps() {
            [n, m] => {
                for i in from..self.words.len() {
                    self.words[i] = self.words[i - n] ^ self.words[i - m];
                }
            }
            ref taps => {
                for i in from..self.words.len() {
                    self.words[i] = taps.iter().fold(0, |w, &tap| w ^ self.words[i - tap]);
                }
            }
        }
    }

    /// The next block of words.
    fn refill(&mut self) {
        self.words.copy_within(BLOCK_WORDS.., 0);
        self.extend(MAX_ORDER);
        self.position = 0;
    }

    /// The sequence it gives.
    #[must_use]
    pub fn prbs(&self) -> Prbs {
        self.prbs
    }

    /// Fills a block of bits, one per byte, 0 or 1.
    pub fn fill(&mut self, bits: &mut [u8]) {
        self.fill_table::<1, 8>(&BITS_OF_BYTE, 0, bits);
    }

    /// Fills a block of Gray-mapped symbols 0..=3, two bits each, the first most significant; every
    /// bit is inverted first if `invert`. An odd number of bits may have been taken before.
    pub fn fill_symbols(&mut self, invert: bool, symbols: &mut [u8]) {
        let flip = if invert { u64::MAX } else { 0 };
        if self.position.is_multiple_of(2) {
            self.fill_table::<2, 4>(&SYMBOLS_OF_BYTE, flip, symbols);
        } else {
            for symbol in symbols {
                let (first, second) = (self.next_bits(1, flip), self.next_bits(1, flip));
                *symbol = 2 * first + (first ^ second);
            }
        }
    }

    /// The next `width` bits (1, 2; not across a word) as a number, flipped by the mask.
    fn next_bits(&mut self, width: usize, flip: u64) -> u8 {
        if self.position == 64 * BLOCK_WORDS {
            self.refill();
        }
        let word = self.words[MAX_ORDER + self.position / 64] ^ flip;
        let shift = 64 - width - self.position % 64;
        self.position += width;
        (word >> shift) as u8 & ((1 << width) - 1)
    }

    /// Unpacks `WIDTH` bits per entry of `out`; a byte of the sequence is `PER_BYTE` entries of the
    /// table.
    fn fill_table<const WIDTH: usize, const PER_BYTE: usize>(
        &mut self,
        table: &[[u8; PER_BYTE]; 256],
        flip: u64,
        out: &mut [u8],
    ) {
        let single = |g: &mut Self, out: &mut [u8]| {
            for o in out {
                let bits = g.next_bits(WIDTH, flip);
                // The last entry of the table's row holds the low bits of the byte.
                *o = table[usize::from(bits)][PER_BYTE - 1];
            }
        };
        let to_word = (64 - self.position % 64) % 64 / WIDTH;
        let (head, rest) = out.split_at_mut(to_word.min(out.len()));
        single(self, head);
        let mut chunks = rest.chunks_exact_mut(8 * PER_BYTE);
        for chunk in &mut chunks {
            if self.position == 64 * BLOCK_WORDS {
                self.refill();
            }
            let word = self.words[MAX_ORDER + self.position / 64] ^ flip;
            for (entries, byte) in chunk.chunks_exact_mut(PER_BYTE).zip(word.to_be_bytes()) {
                entries.copy_from_slice(&table[usize::from(byte)]);
            }
            self.position += 64;
        }
        single(self, chunks.into_remainder());
    }
}

impl Iterator for PrbsGenerator {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        Some(self.next_bits(1, 0))
    }
}

/// The eight bits of a byte, most significant first.
static BITS_OF_BYTE: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut i = 0;
        while i < 8 {
            table[byte][i] = ((byte >> (7 - i)) & 1) as u8;
            i += 1;
        }
        byte += 1;
    }
    table
};

/// The four Gray-mapped symbols of a byte, most significant bits first.
static SYMBOLS_OF_BYTE: [[u8; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut i = 0;
        while i < 4 {
            table[byte][i] = crate::pam4::GRAY_TO_SYMBOL[(byte >> (6 - 2 * i)) & 3];
            i += 1;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, bit by bit over the whole history.
    fn reference(prbs: Prbs, seed: u32, n: usize) -> Vec<u8> {
        let order = prbs.order() as usize;
        let mut b: Vec<u8> = (0..order).rev().map(|i| (seed >> i & 1) as u8).collect();
        for i in order..order + n {
            b.push(prbs.taps().iter().fold(0, |x, t| x ^ b[i - t]));
        }
        b.split_off(order)
    }

    proptest! {
        #[test]
        fn any_split_gives_the_bit_serial_sequence(
            which in 0usize..7,
            seed in 1u32..,
            sizes in prop::collection::vec((0usize..700, any::<bool>()), 1..14),
        ) {
            let prbs = Prbs::ALL[which];
            let seed = (seed & prbs.ones()).max(1);
            let mut generator = prbs.generator(seed).unwrap();
            let mut got = Vec::new();
            for (n, by_block) in sizes {
                if by_block {
                    let mut block = vec![9; n];
                    generator.fill(&mut block);
                    got.extend(block);
                } else {
                    got.extend(generator.by_ref().take(n % 70));
                }
            }
            let want = reference(prbs, seed, got.len());
            prop_assert_eq!(got, want);
        }

        #[test]
        fn symbols_are_the_gray_map_of_the_bits(
            skip in 0usize..130,
            n in 0usize..3000,
            invert in any::<bool>(),
        ) {
            let mut generator = Prbs::Prbs31.generator(0x1234_5678).unwrap();
            let mut bits: Vec<u8> = generator.clone().skip(skip).take(2 * n).collect();
            for b in &mut bits {
                *b ^= u8::from(invert);
            }
            let mut want = vec![9; n];
            super::super::bits_to_symbols(&bits, &mut want).unwrap();
            generator.by_ref().take(skip).for_each(drop);
            let mut got = vec![9; n];
            let cut = n / 3;
            generator.fill_symbols(invert, &mut got[..cut]);
            generator.fill_symbols(invert, &mut got[cut..]);
            prop_assert_eq!(got, want);
        }
    }

    #[test]
    fn periods_are_exact() {
        for prbs in Prbs::ALL {
            if prbs.order() > 23 {
                continue; // 2^31 bits take too long here
            }
            // A full period of a maximal sequence has 2^(n-1) ones, and the register returns to its
            // seed after it and not after any of the period's maximal divisors.
            let period = prbs.period() as usize;
            let order = prbs.order() as usize;
            let mut bits = vec![0; period + order];
            prbs.generator(prbs.ones()).unwrap().fill(&mut bits);
            let ones: usize = bits[..period].iter().map(|&b| usize::from(b)).sum();
            assert_eq!(ones, period.div_ceil(2), "{prbs:?}");
            assert_eq!(bits[period..], bits[..order], "{prbs:?}");
            // The run of `order` ones (the seed) ends the period and is found nowhere before it.
            let (mut run, mut longest_before) = (0, 0);
            for &b in &bits[..period - 1] {
                run = if b == 1 { run + 1 } else { 0 };
                longest_before = longest_before.max(run);
            }
            assert!(longest_before < order, "{prbs:?}");
            assert_eq!(bits[period - 1], 1, "{prbs:?}");
        }
    }

    #[test]
    fn bad_seeds_and_orders_are_errors() {
        let text = Prbs::Prbs7.generator(0).unwrap_err().to_string();
        assert_eq!(text, "seed is 0, must lie between 1 and 127");
        assert!(Prbs::Prbs7.generator(0x80).is_err());
        assert!(Prbs::Prbs31.generator(0x7fff_ffff).is_ok());
        assert_eq!(Prbs::from_order(23).unwrap(), Prbs::Prbs23);
        assert!(Prbs::from_order(8).is_err());
    }
}
