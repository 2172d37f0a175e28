//! The multiples of every element by the polynomials below `x^5`: products with a vector of lanes.
//!
//! A product `c v` is linear in the bits of `v`, so it is the sum of two table reads, for the lower
//! and the upper five bits of `v`. The tables are [`ROWS`]`[c]` and `ROWS[32 c]`.

use super::reference;
use crate::simd::Symbols;

/// Rows on cache lines of their own.
#[repr(align(64))]
pub(crate) struct Rows([[u16; 32]; 1024]);

/// `ROWS[c][v] = c v`: 64 KiB.
static ROWS: Rows = Rows(make_rows());

// A constant: no array on the stack of a running program.
#[allow(clippy::large_stack_arrays)]
const fn make_rows() -> [[u16; 32]; 1024] {
    let mut rows = [[0; 32]; 1024];
    let mut c = 0;
    while c < 1024 {
        let mut bit = 0;
        while bit < 5 {
            let product = reference::mul(c as u16, 1 << bit);
            let mut v = 0;
            while v < 1 << bit {
                rows[c][(1 << bit) + v] = rows[c][v] ^ product;
                v += 1;
            }
            bit += 1;
        }
        c += 1;
    }
    rows
}

/// `32 c`, by `x^10 = x^3 + 1`.
#[inline(always)]
fn times_32(c: u16) -> u16 {
    let over = c >> 5 & 31;
    (c & 31) << 5 ^ over ^ over << 3
}

/// The product with `c`, as a map of lanes.
#[inline(always)]
pub(crate) fn product_with<V: Symbols>(c: u16) -> V::Map {
    let (low, high) = (usize::from(c & 1023), usize::from(times_32(c) & 1023));
    V::map(&ROWS.0[low], &ROWS.0[high])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::PlainSymbols;

    #[test]
    fn every_product_is_that_of_the_definition() {
        for c in 0..1024 {
            let map = product_with::<PlainSymbols>(c);
            for block in 0..32 {
                let mut lanes: [u16; 32] = std::array::from_fn(|i| 32 * block + i as u16);
                PlainSymbols::load(&lanes).apply(&map).store(&mut lanes);
                for (i, &product) in lanes.iter().enumerate() {
                    assert_eq!(product, reference::mul(c, 32 * block + i as u16));
                }
            }
        }
    }
}
