//! Single stages at every level.

use super::super::syndrome;
use super::super::transpose::{Rows, to_planes, to_rows};
use super::*;
use crate::fec::gf::planes::{Planes, zero};
use crate::simd::{BaseBits, Bits, dispatch};

/// What [`turn`] is given.
struct Case<'a> {
    symbols: &'a [u16],
    stride: usize,
    count: usize,
    from: usize,
    valid: usize,
}

/// Planes of a tile, checked bit by bit, and the rows made of them again.
#[inline(always)]
fn turn_and_back<V: Bits>(case: &Case) -> Vec<u16> {
    let rows = Rows {
        symbols: case.symbols,
        stride: case.stride,
        count: case.count,
    };
    let mut half = vec![V::zero(); 10 * V::LANES];
    let mut tile: Vec<Planes<V>> = vec![zero(); V::LANES];
    let valid = case.valid.min(V::LANES);
    to_planes(rows, case.from, valid, &mut half, &mut tile);
    for (s, planes) in tile.iter().enumerate() {
        for (b, plane) in planes.iter().enumerate() {
            let mut lanes = [0; 32];
            plane.store(&mut lanes);
            for w in 0..16 * V::LANES {
                let symbol = if w < case.count && s < valid {
                    case.symbols[w * case.stride + case.from + s]
                } else {
                    0
                };
                let bit = lanes[w / 16] >> (w % 16) & 1;
                assert_eq!(bit, symbol >> b & 1, "symbol {s} bit {b} word {w}");
            }
        }
    }
    let mut back = vec![0; 16 * V::LANES * 40];
    to_rows(&tile, &mut half, &mut back, 40, 3);
    back
}

dispatch! {
    fn turn(case: &Case) -> Vec<u16> =
        base: turn_and_back::<BaseBits>, mid: turn_and_back::<crate::simd::MidBits>,
        top: turn_and_back::<crate::simd::TopBits>
}

#[test]
fn rows_become_planes_and_rows_again() {
    let mut numbers = Numbers(3);
    let symbols: Vec<u16> = (0..520 * 70).map(|_| numbers.below(1024) as u16).collect();
    for level in Level::all() {
        for (count, from, valid) in [(512, 0, 32), (512, 37, 32), (100, 5, 32), (37, 64, 6)] {
            let case = Case {
                symbols: &symbols,
                stride: 70,
                count,
                from,
                valid,
            };
            let back = turn(level, &case);
            let group = back.len() / 40;
            let lanes = group / 16;
            for w in 0..group {
                for s in 0..lanes {
                    let expected = if w < count && s < valid {
                        symbols[w * 70 + from + s]
                    } else {
                        0
                    };
                    assert_eq!(
                        back[w * 40 + 3 + s],
                        expected,
                        "word {w} symbol {s} {level}"
                    );
                }
            }
        }
    }
}

#[test]
fn scales_are_products() {
    // The entries that a scale names, added up, are the product.
    for power in [1, 20, 341, 1000] {
        let columns = std::array::from_fn(|q| exp((power + q) % 1023));
        let scale = syndrome::scale_of(columns);
        for a in 0..1024u16 {
            let mut table = [0; 16];
            for p in 0..10 {
                table[p] = a >> p & 1;
            }
            for k in 0..5 {
                table[10 + k] = table[2 * k] ^ table[2 * k + 1];
            }
            let product = scale.iter().enumerate().fold(0, |sum, (p, entries)| {
                let bit = entries.iter().fold(0, |x, &i| x ^ table[usize::from(i)]);
                sum | bit << p
            });
            assert_eq!(product, mul(a, exp(power)));
        }
    }
}
