//! Many streams, an update after every symbol, one stream per lane, in groups of [`WIDTH`].
//!
//! The update of a symbol and the sum over the taps for the next one go through the taps together:
//! each tap is loaded and stored once per symbol, each sample loaded once. Sums run in four partial
//! sums by index modulo four, so they are the plain form of the equations in a stated order.

use super::kernel::{DECIDE, HOLD, LEAD, decide, midway, signed};
use crate::simd::{Base, F32s, U32s, dispatch};

/// Streams of a group.
pub(super) const WIDTH: usize = 16;

/// Rows of [`Group::rest`].
pub(super) const GAIN: usize = 0;
pub(super) const OFFSET: usize = 1;
pub(super) const LEVELS: usize = 2;
pub(super) const MSE: usize = 6;
pub(super) const LEFT_OUT: usize = 8;
pub(super) const ROWS: usize = 9;

/// Numbers that stay over a run of symbols.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    pub(super) ffe: f32,
    pub(super) dfe: f32,
    pub(super) gain: f32,
    pub(super) offset: f32,
    pub(super) levels: [f32; 4],
    pub(super) ffe_keep: f32,
    pub(super) dfe_keep: f32,
    /// Index of the main tap if it is pinned.
    pub(super) pinned: usize,
    pub(super) sign_error: bool,
    pub(super) sign_data: bool,
    pub(super) rho: [f32; 2],
}

/// A group of streams; every row is [`WIDTH`] numbers.
pub(super) struct Group<'a> {
    /// Feed-forward taps, index 0 on the latest sample.
    pub(super) ffe: &'a mut [f32],
    pub(super) dfe: &'a mut [f32],
    /// Gain, offset, levels, running errors, updates left out.
    pub(super) rest: &'a mut [f32],
    /// `taps - 1` rows of the past, the block, one row that is not used.
    pub(super) x: &'a [f32],
    /// Levels fed back: as many rows as feedback taps, the block.
    pub(super) v: &'a mut [f32],
    /// Codes of the block, or nothing if all are [`DECIDE`].
    pub(super) codes: &'a [u8],
    pub(super) y: &'a mut [f32],
    pub(super) d: &'a mut [u8],
}

/// Four partial sums per column of lanes.
type Sums<V, const G: usize> = [[V; G]; 4];

#[inline(always)]
fn total<V: F32s, const G: usize>(a: &Sums<V, G>, g: usize) -> V {
    (a[0][g] + a[1][g]) + (a[2][g] + a[3][g])
}

/// Takes each tap forward by `step` times its regressor in `old` (row of index 0 first, then
/// downwards), and sums the new taps over the window that begins one row higher.
#[allow(clippy::too_many_arguments, clippy::too_many_lines)] // the loop in one piece, its state apart
#[inline(always)]
fn pass<V: F32s, const G: usize, const LEAK: bool, const SIGN: bool>(
    taps: &mut [f32],
    rows: &[f32],
    newest: usize,
    column: usize,
    step: &[V; G],
    keep: &[V; G],
    pinned: usize,
) -> Sums<V, G> {
    // Known to lie in the row, so that fixed chunks need no check of their bounds.
    let column = column.min(WIDTH - G * V::N);
    let mut sums = [[V::splat(0.0); G]; 4];
    let next = &rows[(newest + 1) * WIDTH..][..WIDTH];
    let mut ahead: [V; G] = std::array::from_fn(|g| V::load(&next[column + g * V::N..]));
    let (fours, rest) = taps.as_chunks_mut::<{ 4 * WIDTH }>();
    let (_, windows) = rows[..(newest + 1) * WIDTH].as_rchunks::<{ 4 * WIDTH }>();
    let whole = 4 * fours.len();
    for (k, (four, window)) in fours.iter_mut().zip(windows.iter().rev()).enumerate() {
        for i in 0..4 {
            one_tap::<V, G, LEAK, SIGN>(
                &mut four[i * WIDTH + column..][..G * V::N],
                &window[(3 - i) * WIDTH + column..][..G * V::N],
                4 * k + i == pinned,
                step,
                keep,
                &mut ahead,
                &mut sums[i],
            );
        }
    }
    for (i, tap) in rest.chunks_exact_mut(WIDTH).enumerate() {
        one_tap::<V, G, LEAK, SIGN>(
            &mut tap[column..],
            &rows[(newest - whole - i) * WIDTH + column..],
            whole + i == pinned,
            step,
            keep,
            &mut ahead,
            &mut sums[i & 3],
        );
    }
    sums
}

#[allow(clippy::too_many_arguments, clippy::too_many_lines)] // the loop in one piece, its state apart
#[inline(always)]
fn one_tap<V: F32s, const G: usize, const LEAK: bool, const SIGN: bool>(
    tap: &mut [f32],
    row: &[f32],
    pinned: bool,
    step: &[V; G],
    keep: &[V; G],
    ahead: &mut [V; G],
    sum: &mut [V; G],
) {
    let (tap, row) = (&mut tap[..G * V::N], &row[..G * V::N]);
    for g in 0..G {
        let x = V::load(&row[g * V::N..]);
        let mut w = V::load(&tap[g * V::N..]);
        if !pinned {
            let kept = if LEAK { keep[g] * w } else { w };
            w = signed(SIGN, x).mul_add(step[g], kept);
            w.store(&mut tap[g * V::N..]);
        }
        sum[g] = w.mul_add(ahead[g], sum[g]);
        ahead[g] = x;
    }
}

/// The sum alone, in the same order.
#[inline(always)]
fn sum_only<V: F32s, const G: usize>(
    taps: &[f32],
    rows: &[f32],
    newest: usize,
    column: usize,
) -> Sums<V, G> {
    let mut sums = [[V::splat(0.0); G]; 4];
    for (k, tap) in taps.chunks_exact(WIDTH).enumerate() {
        let row = &rows[(newest - k) * WIDTH + column..];
        for g in 0..G {
            let (w, x) = (
                V::load(&tap[column + g * V::N..]),
                V::load(&row[g * V::N..]),
            );
            sums[k & 3][g] = w.mul_add(x, sums[k & 3][g]);
        }
    }
    sums
}

#[allow(clippy::too_many_arguments, clippy::too_many_lines)] // the loop in one piece, its state apart
#[inline(always)]
fn pass_any<V: F32s, const G: usize>(
    taps: &mut [f32],
    rows: &[f32],
    newest: usize,
    column: usize,
    step: &[V; G],
    keep: Option<&[V; G]>,
    sign: bool,
    pinned: usize,
) -> Sums<V, G> {
    let one = [V::splat(1.0); G];
    match (keep, sign) {
        (None, false) => pass::<V, G, false, false>(taps, rows, newest, column, step, &one, pinned),
        (None, true) => pass::<V, G, false, true>(taps, rows, newest, column, step, &one, pinned),
        (Some(keep), false) => {
            pass::<V, G, true, false>(taps, rows, newest, column, step, keep, pinned)
        }
        (Some(keep), true) => {
            pass::<V, G, true, true>(taps, rows, newest, column, step, keep, pinned)
        }
    }
}

/// Lanes of a code that have a bit.
#[inline(always)]
fn has<V: F32s>(code: V::U, bit: u8) -> V::Mask {
    (code & V::U::splat(bit.into()))
        .to_f32_signed()
        .simd_ge(V::splat(1.0))
}

#[allow(clippy::too_many_arguments, clippy::too_many_lines)] // the loop in one piece, its state apart
#[inline(always)]
fn columns<V: F32s, const G: usize, const CODES: bool, const LEVEL: bool>(
    r: &Rates,
    group: &mut Group<'_>,
    column: usize,
) {
    let Group {
        ffe,
        dfe,
        rest,
        x,
        v,
        codes,
        y,
        d,
    } = group;
    let past = ffe.len() / WIDTH - 1;
    let back = dfe.len() / WIDTH;
    let lane = |g: usize| column + g * V::N;
    let row = |rest: &[f32], k: usize| -> [V; G] {
        std::array::from_fn(|g| V::load(&rest[k * WIDTH + lane(g)..]))
    };
    let mut gain = row(rest, GAIN);
    let mut offset = row(rest, OFFSET);
    let mut levels: [[V; G]; 4] = std::array::from_fn(|s| row(rest, LEVELS + s));
    let mut mse: [[V; G]; 2] = std::array::from_fn(|k| row(rest, MSE + k));
    let mut left_out = row(rest, LEFT_OUT);
    let (zero, one, largest) = (V::splat(0.0), V::splat(1.0), V::splat(f32::MAX));
    let mut thresholds: [[V; 3]; G] =
        std::array::from_fn(|g| midway([0, 1, 2, 3].map(|s: usize| levels[s][g])));
    let rho = r.rho.map(V::splat);
    let (ffe_leaks, dfe_leaks) = (r.ffe_keep != 1.0, r.dfe_keep != 1.0);
    let mut u = sum_only::<V, G>(ffe, x, past, column);
    let mut fed = if back > 0 {
        sum_only::<V, G>(dfe, v, back - 1, column)
    } else {
        [[zero; G]; 4]
    };
    for (i, y) in y.chunks_exact_mut(WIDTH).enumerate() {
        let mut f = [zero; G];
        let (mut ffe_keep, mut dfe_keep) = ([one; G], [one; G]);
        for g in 0..G {
            let l = [levels[0][g], levels[1][g], levels[2][g], levels[3][g]];
            let sum = total(&u, g);
            let out = gain[g].mul_add(sum, offset[g] - total(&fed, g));
            let (symbol, decided) = decide(out, &thresholds[g], &l);
            out.store(&mut y[lane(g)..]);
            symbol.store_u8(&mut d[i * WIDTH + lane(g)..][..V::N]);
            let (mut target, mut sent) = (decided, symbol);
            let mut usable = one;
            let mut fed_back = decided;
            if CODES {
                let code = V::U::load_u8(&codes[i * WIDTH + lane(g)..][..V::N]);
                let (low, high) = (has::<V>(code, 1), has::<V>(code, 2));
                let own = has::<V>(code, DECIDE);
                let known = V::select(high, V::select(low, l[3], l[2]), V::select(low, l[1], l[0]));
                target = V::select(own, decided, known);
                let given = (code & V::U::splat(3)).as_f32();
                sent = V::select(own, symbol.as_f32(), given).to_bits();
                usable = V::select(has::<V>(code, HOLD), zero, one);
                fed_back = V::select(has::<V>(code, LEAD & !DECIDE & !HOLD), zero, target);
            }
            let e = target - out;
            let in_range = V::select(
                e.simd_ge(zero - largest),
                V::select(largest.simd_ge(e), usable, zero),
                zero,
            );
            let counts = in_range.simd_ge(one);
            f[g] = V::select(counts, signed(r.sign_error, e), zero);
            left_out[g] = left_out[g] + (one - in_range);
            for k in 0..2 {
                let moved = rho[k].mul_add(e * e - mse[k][g], mse[k][g]);
                mse[k][g] = V::select(counts, moved, mse[k][g]);
            }
            if ffe_leaks {
                ffe_keep[g] = V::select(counts, V::splat(r.ffe_keep), one);
            }
            if dfe_leaks {
                dfe_keep[g] = V::select(counts, V::splat(r.dfe_keep), one);
            }
            let regressor = V::select(counts, signed(r.sign_data, sum), zero);
            gain[g] = regressor.mul_add(V::splat(r.gain) * f[g], gain[g]);
            offset[g] = offset[g] + V::splat(r.offset) * f[g];
            if LEVEL {
                let number = sent.to_f32_signed();
                for s in 0..4 {
                    let (from, above) = (V::splat(s as f32), V::splat(s as f32 + 1.0));
                    let mine = V::select(
                        number.simd_ge(above),
                        zero,
                        V::select(number.simd_ge(from), f[g], zero),
                    );
                    levels[s][g] = levels[s][g] - V::splat(r.levels[s]) * mine;
                }
                thresholds[g] = midway([levels[0][g], levels[1][g], levels[2][g], levels[3][g]]);
            }
            if back > 0 {
                fed_back.store(&mut v[(back + i) * WIDTH + lane(g)..][..V::N]);
            }
        }
        let mut step = f;
        for g in 0..G {
            step[g] = V::splat(r.ffe) * f[g];
        }
        let keep = if ffe_leaks { Some(&ffe_keep) } else { None };
        u = pass_any(ffe, x, past + i, column, &step, keep, r.sign_data, r.pinned);
        if back > 0 {
            for g in 0..G {
                step[g] = V::splat(-r.dfe) * f[g];
            }
            let keep = if dfe_leaks { Some(&dfe_keep) } else { None };
            let newest = back + i - 1;
            fed = pass_any(dfe, v, newest, column, &step, keep, r.sign_data, usize::MAX);
        }
    }
    for g in 0..G {
        gain[g].store(&mut rest[GAIN * WIDTH + lane(g)..]);
        offset[g].store(&mut rest[OFFSET * WIDTH + lane(g)..]);
        for s in 0..4 {
            levels[s][g].store(&mut rest[(LEVELS + s) * WIDTH + lane(g)..]);
        }
        for k in 0..2 {
            mse[k][g].store(&mut rest[(MSE + k) * WIDTH + lane(g)..]);
        }
        left_out[g].store(&mut rest[LEFT_OUT * WIDTH + lane(g)..]);
    }
}

#[inline(always)]
fn all<V: F32s, const G: usize>(r: &Rates, group: &mut Group<'_>) {
    let level = r.levels != [0.0; 4];
    for column in (0..WIDTH).step_by(G * V::N) {
        match (group.codes.is_empty(), level) {
            (true, false) => columns::<V, G, false, false>(r, group, column),
            (true, true) => columns::<V, G, false, true>(r, group, column),
            (false, false) => columns::<V, G, true, false>(r, group, column),
            (false, true) => columns::<V, G, true, true>(r, group, column),
        }
    }
}

dispatch! {
    /// `y.len() / WIDTH` symbols of each stream of a group.
    pub(super) fn run(r: &Rates, group: &mut Group<'_>) =
        base: all::<Base, 2>, mid: all::<crate::simd::Mid, 2>, top: all::<crate::simd::Top, 1>
}
