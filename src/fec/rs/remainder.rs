//! Division by the generator polynomial, a symbol at a time: the systematic encoder of the
//! baseline.
//!
//! The remainder, up to 32 symbols of ten bits, is one number of 320 bits in five words with the
//! coefficient of the highest power on top. A step takes the top symbol plus the next message symbol
//! as the quotient `q`, moves the number up by ten bits and adds `q g`, from two tables of 32 rows
//! (the low and the high five bits of `q`). The steps wait for each other, about a dozen cycles each.

use super::T_MAX;
use super::generator::generator;
use crate::fec::gf;

type Row = [u64; 5];

const SYMBOLS: usize = 2 * T_MAX;

/// The tables of a generator polynomial.
#[derive(Debug, Clone)]
pub(super) struct Divider {
    /// Words of the number that are in use, from the top.
    words: usize,
    low: [Row; 32],
    high: [Row; 32],
}

/// Symbol `i`, 0 the highest power, of the number.
fn symbol(row: &Row, i: usize) -> u16 {
    let bit = 10 * (SYMBOLS - 1 - i);
    let (word, shift) = (bit / 64, bit % 64);
    let mut value = row[word] >> shift;
    if shift > 54 {
        value |= row[word + 1] << (64 - shift);
    }
    (value & 1023) as u16
}

fn place(symbols: &[u16]) -> Row {
    let mut row = [0; 5];
    for (i, &s) in symbols.iter().enumerate() {
        let bit = 10 * (SYMBOLS - 1 - i);
        let (word, shift) = (bit / 64, bit % 64);
        row[word] |= u64::from(s) << shift;
        if shift > 54 {
            row[word + 1] |= u64::from(s) >> (64 - shift);
        }
    }
    row
}

impl Divider {
    pub(super) fn new(roots: usize) -> Self {
        let g = generator(roots);
        let row = |q: u16| {
            let products: Vec<u16> = g[1..].iter().map(|&c| gf::mul(q, c)).collect();
            place(&products)
        };
        Self {
            words: (10 * roots).div_ceil(64),
            low: std::array::from_fn(|q| row(q as u16)),
            high: std::array::from_fn(|q| row((q as u16) << 5)),
        }
    }

    /// The remainder of `x^(2t) m(x)`, highest power first; `message` holds the coefficients of `m`
    /// in the same order.
    pub(super) fn remainder(&self, message: &[u16], parity: &mut [u16]) {
        let number = if self.words <= 3 {
            self.run::<3>(message)
        } else {
            self.run::<5>(message)
        };
        for (i, p) in parity.iter_mut().enumerate() {
            *p = symbol(&number, i);
        }
    }

    /// With the `W` upper words in use.
    #[inline(always)]
    fn run<const W: usize>(&self, message: &[u16]) -> Row {
        let unused = 5 - W;
        let mut r = [0; W];
        for &m in message {
            let q = (r[W - 1] >> 54) as usize ^ usize::from(m);
            let (low, high) = (&self.low[q & 31], &self.high[q >> 5 & 31]);
            for w in (1..W).rev() {
                let moved = r[w] << 10 | r[w - 1] >> 54;
                r[w] = moved ^ (low[unused + w] ^ high[unused + w]);
            }
            r[0] = r[0] << 10 ^ (low[unused] ^ high[unused]);
        }
        let mut row = [0; 5];
        row[unused..].copy_from_slice(&r);
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gives_back_its_symbols() {
        let symbols: Vec<u16> = (0..32).map(|i| (i * 331 + 7) % 1024).collect();
        let row = place(&symbols);
        for (i, &s) in symbols.iter().enumerate() {
            assert_eq!(symbol(&row, i), s);
        }
    }

    #[test]
    fn the_remainder_is_that_of_long_division() {
        for roots in [2, 6, 14, 30, 32] {
            let g = generator(roots);
            let message: Vec<u16> = (0..57).map(|i| (i * i * 7 + 11 * i) % 1024).collect();
            let mut long = [message.clone(), vec![0; roots]].concat();
            for i in 0..message.len() {
                let q = long[i];
                for (l, &c) in long[i..].iter_mut().zip(&g) {
                    *l ^= gf::mul(q, c);
                }
            }
            let mut parity = vec![0; roots];
            Divider::new(roots).remainder(&message, &mut parity);
            assert_eq!(parity, long[message.len()..]);
        }
    }
}
