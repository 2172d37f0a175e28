//! From rows of symbols to bit planes and back.
//!
//! A group is `16 LANES` words. A tile is `LANES` consecutive symbols of all of them: symbol `s`,
//! plane `b` is one vector whose bit `w` is bit `b` of that symbol of word `w`. Two turns make it:
//! sixteen words at a time are turned as a 16 x 16 square of bits across sixteen vectors, which
//! leaves, for each plane, a square of lanes (sixteen words) x (symbol) to be turned as well.

use crate::fec::gf::planes::Planes;
use crate::simd::{Bits, prefetch};

/// Exchanges the blocks off the diagonal of the squares of `2 K` bits: `low` marks the lower `K`.
#[inline(always)]
fn exchange<V: Bits, const K: u32>(low: V, a: V, b: V) -> (V, V) {
    (
        V::select(low, a, b.shl::<K>()),
        V::select(low, a.shr::<K>(), b),
    )
}

/// The ten planes of sixteen vectors of symbols below 1024: bit `i` of a lane of plane `b` is bit
/// `b` of that lane of row `i`.
#[inline(always)]
fn planes_of_sixteen<V: Bits>(rows: [V; 16]) -> Planes<V> {
    let zero = V::zero();
    let (mut low, mut high) = ([zero; 8], [zero; 8]);
    let mask = V::splat(0x00ff);
    for i in 0..8 {
        (low[i], high[i]) = exchange::<V, 8>(mask, rows[i], rows[i + 8]);
    }
    let mask = V::splat(0x0f0f);
    for i in 0..4 {
        (low[i], low[i + 4]) = exchange::<V, 4>(mask, low[i], low[i + 4]);
    }
    let mask = V::splat(0x3333);
    for i in [0, 1, 4, 5] {
        (low[i], low[i + 2]) = exchange::<V, 2>(mask, low[i], low[i + 2]);
    }
    let mask = V::splat(0x5555);
    for i in [0, 2, 4, 6] {
        (low[i], low[i + 1]) = exchange::<V, 1>(mask, low[i], low[i + 1]);
    }
    // The upper bytes hold two bits each: nothing leaves the lower blocks before the last round.
    for i in 0..4 {
        high[i] = high[i] | high[i + 4].shl::<4>();
    }
    for i in 0..2 {
        high[i] = high[i] | high[i + 2].shl::<2>();
    }
    let (eight, nine) = exchange::<V, 1>(mask, high[0], high[1]);
    let [b0, b1, b2, b3, b4, b5, b6, b7] = low;
    [b0, b1, b2, b3, b4, b5, b6, b7, eight, nine]
}

/// The inverse of [`planes_of_sixteen`].
#[inline(always)]
fn sixteen_of_planes<V: Bits>(planes: Planes<V>) -> [V; 16] {
    let zero = V::zero();
    let mut rows = [zero; 16];
    for b in 0..10 {
        rows[b] = planes[b];
    }
    let mask = V::splat(0x00ff);
    for i in 0..8 {
        (rows[i], rows[i + 8]) = exchange::<V, 8>(mask, rows[i], rows[i + 8]);
    }
    let mask = V::splat(0x0f0f);
    for i in [0, 1, 2, 3, 8, 9, 10, 11] {
        (rows[i], rows[i + 4]) = exchange::<V, 4>(mask, rows[i], rows[i + 4]);
    }
    let mask = V::splat(0x3333);
    for i in [0, 1, 4, 5, 8, 9, 12, 13] {
        (rows[i], rows[i + 2]) = exchange::<V, 2>(mask, rows[i], rows[i + 2]);
    }
    let mask = V::splat(0x5555);
    for i in [0, 2, 4, 6, 8, 10, 12, 14] {
        (rows[i], rows[i + 1]) = exchange::<V, 1>(mask, rows[i], rows[i + 1]);
    }
    rows
}

/// Turns the square of all lanes: calls `put(j, vector)` with lane `i` of the vector being lane `j`
/// of `rows[i]`.
#[inline(always)]
fn turn_lanes<V: Bits>(rows: &[V], mut put: impl FnMut(usize, V)) {
    let rows = &rows[..V::LANES];
    let parts = V::LANES / 8;
    let mut columns = [[V::zero(); 4]; 8];
    for (part, eight) in rows.as_chunks::<8>().0.iter().enumerate() {
        let turned = V::transpose8(*eight);
        for (column, v) in columns.iter_mut().zip(turned) {
            column[part & 3] = v;
        }
    }
    for (j, column) in columns.iter_mut().enumerate() {
        V::transpose_parts(column);
        for part in 0..parts {
            put(8 * part + j, column[part & 3]);
        }
    }
}

/// Rows of symbols of one group: `count` words, `stride` entries apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) symbols: &'a [u16],
    pub(super) stride: usize,
    pub(super) count: usize,
}

impl Rows<'_> {
    /// `LANES` symbols of word `word` from `from`, of which `valid` exist; zeros elsewhere.
    #[inline(always)]
    fn load<V: Bits>(&self, word: usize, from: usize, valid: usize) -> V {
        if word >= self.count {
            return V::zero();
        }
        let row = &self.symbols[word * self.stride + from..];
        if valid == V::LANES {
            return V::load(row);
        }
        let mut part = [0; 32];
        part[..valid].copy_from_slice(&row[..valid]);
        V::load(&part)
    }
}

/// The planes of `LANES` symbols from `from` of every word of a group, of which `valid` exist, into
/// `tile[symbol]`. `half` is room for `10 LANES` vectors.
#[inline(always)]
pub(super) fn to_planes<V: Bits>(
    rows: Rows,
    from: usize,
    valid: usize,
    half: &mut [V],
    tile: &mut [Planes<V>],
) {
    let (half, tile) = (&mut half[..10 * V::LANES], &mut tile[..V::LANES]);
    for g in 0..V::LANES {
        let mut sixteen = [V::zero(); 16];
        if valid == V::LANES && 16 * g + 16 <= rows.count {
            let first = &rows.symbols[16 * g * rows.stride + from..];
            for i in 0..16 {
                let row = &first[i * rows.stride..];
                sixteen[i] = V::load(row);
                // The next tile: rows lie too far apart for the hardware to see a pattern.
                prefetch(row, V::LANES);
            }
        } else {
            for (i, v) in sixteen.iter_mut().enumerate() {
                *v = rows.load(16 * g + i, from, valid);
            }
        }
        let planes = planes_of_sixteen(sixteen);
        for b in 0..10 {
            half[b * V::LANES + g] = planes[b];
        }
    }
    for (b, square) in half.chunks_exact(V::LANES).enumerate() {
        turn_lanes(square, |s, v| tile[s][b] = v);
    }
}

/// The inverse of [`to_planes`]: `LANES` symbols of all `16 LANES` words to `rows`, `stride` apart,
/// from entry `from` on.
#[inline(always)]
pub(super) fn to_rows<V: Bits>(
    tile: &[Planes<V>],
    half: &mut [V],
    rows: &mut [u16],
    stride: usize,
    from: usize,
) {
    let (half, tile) = (&mut half[..10 * V::LANES], &tile[..V::LANES]);
    let mut column = [V::zero(); 32];
    for b in 0..10 {
        for s in 0..V::LANES {
            column[s] = tile[s][b];
        }
        turn_lanes(&column, |g, v| half[b * V::LANES + g] = v);
    }
    for g in 0..V::LANES {
        let mut planes = [V::zero(); 10];
        for b in 0..10 {
            planes[b] = half[b * V::LANES + g];
        }
        let sixteen = sixteen_of_planes(planes);
        for (i, v) in sixteen.into_iter().enumerate() {
            v.store(&mut rows[(16 * g + i) * stride + from..]);
        }
    }
}
