//! Sums of the detector outputs of one block of one lane.
//!
//! Sixteen partial sums, entry `k` into sum `k mod 16`, whatever the vector holds, and no fused
//! operation: the same bits at every level.

use crate::simd::{Base, F32s, U32s, dispatch};

/// Partial sums of a block.
pub(super) const PARTS: usize = 16;

/// The four detectors, as numbers the compiler can specialise on.
pub(super) const MUELLER: u8 = 0;
/// Signs in place of numbers.
pub(super) const SIGN_MUELLER: u8 = 1;
/// Bang-bang on symmetrical transitions.
pub(super) const ALEXANDER: u8 = 2;
/// Half-symbol samples alone.
pub(super) const GARDNER: u8 = 3;
/// Not an error but the other quadrature of the symbol-rate line.
pub(super) const ENERGY: u8 = 4;

/// One lane's block, each slice with the entry before the block in front and, at the end, filled up
/// to whole groups of [`PARTS`].
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// Samples around the centre of the levels.
    pub(super) samples: &'a [f32],
    /// Samples half a UI before them; entry `i` belongs to sample `i + 1`.
    pub(super) edges: &'a [f32],
    /// Decisions 0..=3.
    pub(super) decided: &'a [u8],
    /// One for the symbols that count, zero for the filling; entry `i` belongs to sample `i + 1`.
    pub(super) weights: &'a [f32],
    /// Levels around their centre.
    pub(super) levels: [f32; 4],
}

/// Sum of the outputs, of their squares, and of the squares of the samples.
pub(super) type Sums = [f32; 3];

#[inline(always)]
fn sign<V: F32s>(x: V) -> V {
    V::select(x.simd_ge(V::splat(0.0)), V::splat(1.0), V::splat(-1.0))
}

#[inline(always)]
fn one<V: F32s, const KIND: u8>(row: &Row<'_>, at: usize, table: V, signs: V) -> (V, V) {
    let (before, here) = (V::load(&row.samples[at..]), V::load(&row.samples[at + 1..]));
    let zero = V::splat(0.0);
    let e = match KIND {
        MUELLER => {
            let a = table.table4(V::U::load_u8(&row.decided[at..]));
            let b = table.table4(V::U::load_u8(&row.decided[at + 1..]));
            a * here - b * before
        }
        SIGN_MUELLER => {
            let (d, f) = (
                V::U::load_u8(&row.decided[at..]),
                V::U::load_u8(&row.decided[at + 1..]),
            );
            let late = sign(here - table.table4(f));
            let early = sign(before - table.table4(d));
            signs.table4(d) * late - signs.table4(f) * early
        }
        ALEXANDER => {
            let d = V::U::load_u8(&row.decided[at..]).to_f32_signed();
            let f = V::U::load_u8(&row.decided[at + 1..]).to_f32_signed();
            let sum = d + f;
            let up = V::select(f.simd_ge(d), V::splat(-1.0), V::splat(1.0));
            let crossing = V::select(sum.simd_ge(V::splat(4.0)), zero, up);
            let crossing = V::select(sum.simd_ge(V::splat(3.0)), crossing, zero);
            // The second term is zero, or NaN where no sign would show that the sample is not finite.
            let x = V::load(&row.edges[at..]);
            crossing * sign(x) + x * zero
        }
        GARDNER => V::load(&row.edges[at..]) * (before - here),
        _ => {
            let x = V::load(&row.edges[at..]);
            here * here - x * x
        }
    };
    (e * V::load(&row.weights[at..]), here)
}

#[inline(always)]
fn sums_of<V: F32s, const KIND: u8>(row: &Row<'_>) -> Sums {
    let groups = row.weights.len() / PARTS;
    let per_group = PARTS / V::N;
    let table = V::table4_new(row.levels);
    let signs = V::table4_new([-1.0, -1.0, 1.0, 1.0]);
    let zero = V::splat(0.0);
    // Four vectors hold the partial sums at the baseline; fewer are used above it.
    let mut sums = [[zero; 4]; 3];
    for group in 0..groups {
        for part in 0..per_group {
            let at = group * PARTS + part * V::N;
            let (e, z) = one::<V, KIND>(row, at, table, signs);
            sums[0][part] = sums[0][part] + e;
            sums[1][part] = sums[1][part] + e * e;
            sums[2][part] = sums[2][part] + z * z * V::load(&row.weights[at..]);
        }
    }
    sums.map(|of| {
        let mut parts = [0.0; PARTS];
        for part in 0..per_group {
            of[part].store(&mut parts[part * V::N..]);
        }
        fold(parts)
    })
}

/// The sum of the partial sums, halves onto halves.
#[inline(always)]
fn fold(mut parts: [f32; PARTS]) -> f32 {
    let mut half = PARTS / 2;
    while half > 0 {
        for i in 0..half {
            parts[i] += parts[i + half];
        }
        half /= 2;
    }
    parts[0]
}

#[inline(always)]
fn any<V: F32s>(kind: u8, row: &Row<'_>) -> Sums {
    match kind {
        MUELLER => sums_of::<V, MUELLER>(row),
        SIGN_MUELLER => sums_of::<V, SIGN_MUELLER>(row),
        ALEXANDER => sums_of::<V, ALEXANDER>(row),
        GARDNER => sums_of::<V, GARDNER>(row),
        _ => sums_of::<V, ENERGY>(row),
    }
}

dispatch! {
    /// The sums of one block of one lane.
    pub(super) fn sums(kind: u8, row: &Row<'_>) -> Sums =
        base: any::<Base>, mid: any::<crate::simd::Mid>, top: any::<crate::simd::Top>
}
