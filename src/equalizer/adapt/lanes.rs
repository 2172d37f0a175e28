//! Many streams, an update after every symbol, one stream per lane, in groups of [`WIDTH`].
//!
//! The update of a symbol and the sum over the taps for the next one go through the taps together:
//! each tap is loaded and stored once per symbol, each sample loaded once. Sums run in four partial
//! sums by index modulo four, so they are the plain form of the equations in a stated order.

use super::group::{Codes, GAIN, Group, LEFT_OUT, LEVELS, MSE, OFFSET, ROWS, Rates, Row, WIDTH};
use super::kernel::{DECIDE, HOLD, LEAD, capped, decide, midway, sgn, signed};
use crate::simd::{Base, F32s, U32s, dispatch};

/// Four partial sums per column of lanes.
type Sums<V, const G: usize> = [[V; G]; 4];

#[inline(always)]
fn total<V: F32s, const G: usize>(a: &Sums<V, G>) -> [V; G] {
    let mut sum = [V::splat(0.0); G];
    for g in 0..G {
        sum[g] = (a[0][g] + a[1][g]) + (a[2][g] + a[3][g]);
    }
    sum
}

#[inline(always)]
fn load<V: F32s, const G: usize>(row: &Row, column: usize) -> [V; G] {
    let row = &row.0[column..][..G * V::N];
    let mut v = [V::splat(0.0); G];
    for g in 0..G {
        v[g] = V::load(&row[g * V::N..]);
    }
    v
}

#[inline(always)]
fn store<V: F32s, const G: usize>(v: [V; G], row: &mut Row, column: usize) {
    let row = &mut row.0[column..][..G * V::N];
    for g in 0..G {
        v[g].store(&mut row[g * V::N..]);
    }
}

/// How a pass moves the taps.
#[derive(Clone, Copy)]
struct Move<V, const G: usize> {
    step: [V; G],
    keep: [V; G],
    sign: bool,
}

/// Takes a tap forward by step times its sample and adds its product with the sample ahead.
#[inline(always)]
fn one_tap<V: F32s, const G: usize, const PLAIN: bool>(
    tap: &mut Row,
    row: &Row,
    column: usize,
    by: Option<&Move<V, G>>,
    ahead: &mut [V; G],
    sum: &mut [V; G],
) {
    let mut w: [V; G] = load(tap, column);
    let x: [V; G] = load(row, column);
    if let Some(by) = by {
        for g in 0..G {
            w[g] = if PLAIN {
                x[g].mul_add(by.step[g], w[g])
            } else {
                signed(by.sign, x[g]).mul_add(by.step[g], by.keep[g] * w[g])
            };
        }
        store(w, tap, column);
    }
    for g in 0..G {
        sum[g] = w[g].mul_add(ahead[g], sum[g]);
    }
    *ahead = x;
}

/// Takes each tap forward by the regressor of the symbol whose newest row is `newest` (tap 0 on that
/// row, then downwards), and sums the new taps over the window that begins one row higher.
#[inline(always)]
fn pass<V: F32s, const G: usize, const PLAIN: bool>(
    taps: &mut [Row],
    rows: &[Row],
    newest: usize,
    column: usize,
    by: &Move<V, G>,
    pinned: Option<usize>,
    mut ahead: [V; G],
) -> [V; G] {
    // Known to lie in the row, so that loads need no check of their bounds.
    let column = column.min(WIDTH - G * V::N);
    let mut sums: Sums<V, G> = [[V::splat(0.0); G]; 4];
    let window = &rows[newest + 1 - taps.len()..][..taps.len()];
    let (fours, rest) = taps.as_chunks_mut::<4>();
    let (last, windows) = window.as_rchunks::<4>();
    let whole = 4 * fours.len();
    for (k, four) in fours.iter_mut().enumerate() {
        let rows = &windows[windows.len() - 1 - k];
        for i in 0..4 {
            let by = (PLAIN || pinned != Some(4 * k + i)).then_some(by);
            one_tap::<V, G, PLAIN>(
                &mut four[i],
                &rows[3 - i],
                column,
                by,
                &mut ahead,
                &mut sums[i],
            );
        }
    }
    for i in 0..3 {
        if i < rest.len() && i < last.len() {
            let by = (PLAIN || pinned != Some(whole + i)).then_some(by);
            let row = &last[last.len() - 1 - i];
            one_tap::<V, G, PLAIN>(&mut rest[i], row, column, by, &mut ahead, &mut sums[i]);
        }
    }
    total(&sums)
}

/// The sum alone, in the same order.
#[inline(always)]
fn sum_only<V: F32s, const G: usize>(taps: &[Row], rows: &[Row], column: usize) -> [V; G] {
    let mut sums: Sums<V, G> = [[V::splat(0.0); G]; 4];
    let rows = &rows[..taps.len()];
    for i in 0..4 {
        for k in (i..taps.len()).step_by(4) {
            let w: [V; G] = load(&taps[k], column);
            let x: [V; G] = load(&rows[rows.len() - 1 - k], column);
            for g in 0..G {
                sums[i][g] = w[g].mul_add(x[g], sums[i][g]);
            }
        }
    }
    total(&sums)
}

/// What a group carries from symbol to symbol besides the taps.
struct Carried<V: F32s, const G: usize> {
    gain: [V; G],
    offset: [V; G],
    levels: [[V; G]; 4],
    thresholds: [[V; 3]; G],
    mse: [[V; G]; 2],
    left_out: [V; G],
    /// Sums over the windows of the symbol to come.
    u: [V; G],
    fed: [V; G],
}

impl<V: F32s, const G: usize> Carried<V, G> {
    #[inline(always)]
    fn new(group: &Group<'_>, column: usize) -> Self {
        let rest = &group.rest[..ROWS];
        let mut new = Self {
            gain: load(&rest[GAIN], column),
            offset: load(&rest[OFFSET], column),
            levels: [[V::splat(0.0); G]; 4],
            thresholds: [[V::splat(0.0); 3]; G],
            mse: [load(&rest[MSE], column), load(&rest[MSE + 1], column)],
            left_out: load(&rest[LEFT_OUT], column),
            u: sum_only(group.ffe, group.x, column),
            fed: sum_only(group.dfe, group.v, column),
        };
        for s in 0..4 {
            new.levels[s] = load(&rest[LEVELS + s], column);
        }
        for g in 0..G {
            new.thresholds[g] = midway(new.levels_of(g));
        }
        new
    }

    #[inline(always)]
    fn levels_of(&self, g: usize) -> [V; 4] {
        let l = &self.levels;
        [l[0][g], l[1][g], l[2][g], l[3][g]]
    }

    #[inline(always)]
    fn store(self, rest: &mut [Row], column: usize) {
        let rest = &mut rest[..ROWS];
        store(self.gain, &mut rest[GAIN], column);
        store(self.offset, &mut rest[OFFSET], column);
        for s in 0..4 {
            store(self.levels[s], &mut rest[LEVELS + s], column);
        }
        for k in 0..2 {
            store(self.mse[k], &mut rest[MSE + k], column);
        }
        store(self.left_out, &mut rest[LEFT_OUT], column);
    }
}

/// Lanes of a code that have a bit.
#[inline(always)]
fn has<V: F32s>(code: V::U, bit: u8) -> V::Mask {
    (code & V::U::splat(bit.into()))
        .to_f32_signed()
        .simd_ge(V::splat(1.0))
}

/// Symbol `i` of a group.
#[allow(clippy::too_many_lines)] // one symbol in one piece
#[inline(always)]
fn symbol<V: F32s, const G: usize, const CODES: u8>(
    r: &Rates,
    group: &mut Group<'_>,
    c: &mut Carried<V, G>,
    i: usize,
    column: usize,
) {
    let plain = CODES != ANY;
    let column = column.min(WIDTH - G * V::N);
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let (mut f, mut out, mut fed_back) = ([zero; G], [zero; G], [zero; G]);
    let mut ffe_keep = [one; G];
    let mut dfe_keep = [one; G];
    let d = &mut group.d[i][column..][..G * V::N];
    let level_steps = r.levels != [0.0; 4];
    for g in 0..G {
        let l = c.levels_of(g);
        let sum = c.u[g];
        let y = c.gain[g].mul_add(sum, c.offset[g] - c.fed[g]);
        let (decision, decided) = decide(y, &c.thresholds[g], &l);
        decision.store_u8(&mut d[g * V::N..]);
        out[g] = y;
        let (mut target, mut sent) = (decided, decision);
        fed_back[g] = decided;
        let mut held = zero;
        if CODES != DECIDED {
            let code = V::U::load_u8(&group.codes[i][column + g * V::N..]);
            if CODES == KNOWN {
                let number = code.to_f32_signed();
                target = V::select(number.simd_ge(one), l[1], l[0]);
                target = V::select(number.simd_ge(V::splat(2.0)), l[2], target);
                target = V::select(number.simd_ge(V::splat(3.0)), l[3], target);
                (sent, fed_back[g]) = (code, target);
            } else {
                let (low, high) = (has::<V>(code, 1), has::<V>(code, 2));
                let own = has::<V>(code, DECIDE);
                let known = V::select(high, V::select(low, l[3], l[2]), V::select(low, l[1], l[0]));
                target = V::select(own, decided, known);
                let given = (code & V::U::splat(3)).as_f32();
                sent = V::select(own, decision.as_f32(), given).to_bits();
                held = V::select(has::<V>(code, HOLD), V::splat(f32::INFINITY), zero);
                fed_back[g] = V::select(has::<V>(code, LEAD & !DECIDE & !HOLD), zero, target);
            }
        }
        let e = target - y;
        // Not a number, so not above, for an error that is not finite and where updates are held.
        let probe = if CODES == ANY { e + held } else { e };
        let counts = (probe * zero).simd_ge(zero);
        f[g] = V::select(counts, e, zero);
        if r.sign_error {
            f[g] = sgn(f[g]);
        }
        c.left_out[g] = c.left_out[g] + V::select(counts, zero, one);
        let square = capped(e * e);
        for k in 0..2 {
            // Not a choice between old and new: that would become a store under a mask, slow to
            // read back.
            let change = V::select(counts, square - c.mse[k][g], zero);
            c.mse[k][g] = V::splat(r.rho[k]).mul_add(change, c.mse[k][g]);
        }
        if !plain {
            ffe_keep[g] = V::select(counts, V::splat(r.ffe_keep), one);
            dfe_keep[g] = V::select(counts, V::splat(r.dfe_keep), one);
        }
        if r.gain != 0.0 {
            let regressor = V::select(counts, signed(r.sign_data, sum), zero);
            c.gain[g] = regressor.mul_add(V::splat(r.gain) * f[g], c.gain[g]);
        }
        if r.offset != 0.0 {
            c.offset[g] = c.offset[g] + V::splat(r.offset) * f[g];
        }
        if level_steps {
            let number = sent.to_f32_signed();
            for s in 0..4 {
                let (from, above) = (V::splat(s as f32), V::splat(s as f32 + 1.0));
                let mine = V::select(number.simd_ge(from), f[g], zero);
                let mine = V::select(number.simd_ge(above), zero, mine);
                c.levels[s][g] = c.levels[s][g] - V::splat(r.levels[s]) * mine;
            }
            c.thresholds[g] = midway(c.levels_of(g));
        }
    }
    store(out, &mut group.y[i], column);
    let mut by = Move {
        step: f,
        keep: dfe_keep,
        sign: r.sign_data,
    };
    let back = group.dfe.len();
    if back > 0 {
        store(fed_back, &mut group.v[back + i], column);
        for g in 0..G {
            by.step[g] = V::splat(-r.dfe) * f[g];
        }
        let (taps, rows, newest) = (&mut *group.dfe, &*group.v, back + i - 1);
        c.fed = if plain {
            pass::<V, G, true>(taps, rows, newest, column, &by, None, fed_back)
        } else {
            pass::<V, G, false>(taps, rows, newest, column, &by, None, fed_back)
        };
    }
    by.keep = ffe_keep;
    for g in 0..G {
        by.step[g] = V::splat(r.ffe) * f[g];
    }
    let newest = group.ffe.len() - 1 + i;
    let (taps, rows) = (&mut *group.ffe, group.x);
    let next: [V; G] = load(&rows[newest + 1], column);
    c.u = if plain {
        pass::<V, G, true>(taps, rows, newest, column, &by, None, next)
    } else {
        pass::<V, G, false>(taps, rows, newest, column, &by, r.pinned, next)
    };
}

const DECIDED: u8 = Codes::Decided as u8;
const KNOWN: u8 = Codes::Known as u8;
const ANY: u8 = Codes::Any as u8;

/// One group, or two in turn: while one waits for its decision, the other's taps run.
#[inline(always)]
fn columns<V: F32s, const G: usize, const CODES: u8>(
    r: &Rates,
    groups: &mut [Group<'_>],
    column: usize,
) {
    match groups {
        [a, b] => {
            let mut of_a = Carried::<V, G>::new(a, column);
            let mut of_b = Carried::<V, G>::new(b, column);
            for i in 0..a.y.len() {
                symbol::<V, G, CODES>(r, a, &mut of_a, i, column);
                symbol::<V, G, CODES>(r, b, &mut of_b, i, column);
            }
            of_a.store(a.rest, column);
            of_b.store(b.rest, column);
        }
        [a] => {
            let mut of_a = Carried::<V, G>::new(a, column);
            for i in 0..a.y.len() {
                symbol::<V, G, CODES>(r, a, &mut of_a, i, column);
            }
            of_a.store(a.rest, column);
        }
        _ => {}
    }
}

#[inline(always)]
fn all<V: F32s, const G: usize>(r: &Rates, codes: Codes, groups: &mut [Group<'_>]) {
    for column in (0..WIDTH).step_by(G * V::N) {
        match codes {
            Codes::Decided => columns::<V, G, DECIDED>(r, groups, column),
            Codes::Known => columns::<V, G, KNOWN>(r, groups, column),
            Codes::Any => columns::<V, G, ANY>(r, groups, column),
        }
    }
}

/// Eight lanes twice where there are feedback taps, whose rows are read back soon after they were
/// written: with sixteen lanes that was measured to be slower.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn widest(r: &Rates, codes: Codes, groups: &mut [Group<'_>]) {
    if groups.iter().all(|group| group.dfe.is_empty()) {
        all::<crate::simd::Top, 1>(r, codes, groups);
    } else {
        all::<crate::simd::Mid, 2>(r, codes, groups);
    }
}

dispatch! {
    /// `y.len()` symbols of each stream of one group or two.
    pub(super) fn run(r: &Rates, codes: Codes, groups: &mut [Group<'_>]) =
        base: all::<Base, 2>, mid: all::<crate::simd::Mid, 2>, top: widest
}
