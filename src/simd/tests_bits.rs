//! Every operation on vectors of bits, at every level of the machine, against plain scalar code.

use super::{BaseBits, Bits, Level, Line, dispatch, vectors};

/// Runs each operation over the vectors of `lines`; results go to rows of `out`.
#[inline(always)]
fn all_operations<V: Bits>(lines: &mut [Line], out: &mut Vec<Vec<u16>>) -> usize {
    let v = vectors::<V>(lines);
    let (a, b, c) = (v[0], v[1], v[2]);
    let mut results = vec![
        a & b,
        a | b,
        a ^ b,
        a.xor3(b, c),
        a.xor_and(b, c),
        V::select(a, b, c),
        a.shl::<1>(),
        a.shl::<8>(),
        a.shr::<2>(),
        a.shr::<4>(),
        V::zero(),
        V::ones(),
    ];
    results.extend(V::transpose8(std::array::from_fn(|i| v[i])));
    let mut four = [v[0], v[1], v[2], v[3]];
    V::transpose_parts(&mut four);
    results.extend(four);
    for r in results {
        let mut row = vec![0; V::LANES];
        r.store(&mut row);
        let mut again = vec![0; V::LANES];
        V::load(&row).store(&mut again);
        assert_eq!(row, again);
        out.push(row);
    }
    V::LANES
}

dispatch! {
    fn run(lines: &mut [Line], out: &mut Vec<Vec<u16>>) -> usize =
        base: all_operations::<BaseBits>, mid: all_operations::<super::MidBits>,
        top: all_operations::<super::TopBits>
}

#[test]
fn bit_operations_match_scalar_code_at_every_level() {
    for level in Level::all() {
        let mut x = 1u32;
        let mut lines = [Line::ZERO; 8];
        for entry in lines.iter_mut().flat_map(|l| l.0.iter_mut()) {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            *entry = (x >> 16) as u16;
        }
        let flat: Vec<u16> = lines.iter().flat_map(|l| l.0).collect();
        let mut out = Vec::new();
        let lanes = run(level, &mut lines, &mut out);
        let expected = match (level.has_top(), level.has_mid()) {
            (true, _) => 32,
            (_, true) => 16,
            _ => 8,
        };
        assert_eq!(lanes, expected);
        let row = |i: usize| &flat[i * lanes..][..lanes];
        for l in 0..lanes {
            let (a, b, c) = (row(0)[l], row(1)[l], row(2)[l]);
            let plain = [
                a & b,
                a | b,
                a ^ b,
                a ^ b ^ c,
                a ^ (b & c),
                (a & b) | (!a & c),
                a << 1,
                a << 8,
                a >> 2,
                a >> 4,
                0,
                u16::MAX,
            ];
            for (i, p) in plain.into_iter().enumerate() {
                assert_eq!(out[i][l], p, "operation {i}, lane {l}, {level}");
            }
            for i in 0..8 {
                assert_eq!(out[12 + i][l], row(l % 8)[l - l % 8 + i], "{level}");
            }
            for i in 0..lanes / 8 {
                assert_eq!(out[20 + i][l], row(l / 8)[8 * i + l % 8], "{level}");
            }
        }
    }
}
