//! Syndromes of a whole group on bit planes: Horner's rule, one root after the other.
//!
//! `S_j = sum over i of r_i alpha^(j (n-1-i))`: the state of root `j` is multiplied by `alpha^j` and
//! the symbol added, 10 operations while `j <= 7` and 11 to 25 for the upper roots of KP4, which start
//! from the two-term powers `alpha^10` and `alpha^20`. Symbols scaled by a power of alpha would
//! make all exponents small, but the scaling costs more than it saves.

use crate::fec::gf::planes::{Planes, times_alpha};
use crate::simd::Bits;

/// Two roots over the symbols of a tile.
#[inline(always)]
fn pair<V: Bits, const J: i32, const K: i32>(tile: &[Planes<V>], state: &mut [Planes<V>; 2]) {
    if V::LANES < 32 {
        // Sixteen registers hold one state.
        single::<V, J>(tile, &mut state[0]);
        single::<V, K>(tile, &mut state[1]);
        return;
    }
    let [mut x, mut y] = *state;
    for r in tile {
        (x, y) = (times_alpha::<V, J>(x), times_alpha::<V, K>(y));
        // Plane by plane, each loaded once: with all ten loaded first, 32 registers would not hold
        // the states.
        for p in 0..10 {
            let r = r[p];
            x[p] = x[p] ^ r;
            y[p] = y[p] ^ r;
        }
    }
    *state = [x, y];
}

/// One root over the symbols of a tile.
#[inline(always)]
fn single<V: Bits, const J: i32>(tile: &[Planes<V>], state: &mut Planes<V>) {
    let mut x = *state;
    for r in tile {
        x = times_alpha::<V, J>(x);
        for p in 0..10 {
            x[p] = x[p] ^ r[p];
        }
    }
    *state = x;
}

/// Adds the symbols of a tile to the syndromes, two to 32 of them.
#[inline(always)]
pub(super) fn advance<V: Bits>(tile: &[Planes<V>], syndromes: &mut [Planes<V>]) {
    for (k, state) in syndromes.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        match k {
            0 => pair::<V, 0, 1>(tile, state),
            1 => pair::<V, 2, 3>(tile, state),
            2 => pair::<V, 4, 5>(tile, state),
            3 => pair::<V, 6, 7>(tile, state),
            4 => pair::<V, 8, 9>(tile, state),
            5 => pair::<V, 10, 11>(tile, state),
            6 => pair::<V, 12, 13>(tile, state),
            7 => pair::<V, 14, 15>(tile, state),
            8 => pair::<V, 16, 17>(tile, state),
            9 => pair::<V, 18, 19>(tile, state),
            10 => pair::<V, 20, 21>(tile, state),
            11 => pair::<V, 22, 23>(tile, state),
            12 => pair::<V, 24, 25>(tile, state),
            13 => pair::<V, 26, 27>(tile, state),
            14 => pair::<V, 28, 29>(tile, state),
            _ => pair::<V, 30, 31>(tile, state),
        }
    }
}
