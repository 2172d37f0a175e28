//! One stream, an update after every symbol, vectors across the taps.
//!
//! Taken literally, the loop waits for a sum over the taps, the error, the update of the taps and the
//! next sum. Here the sum looks one update ahead: with `w[n] = keep w[n-1] + f m` (`f` the error of
//! symbol `n - 1` as the rule takes it, `m` step times regressor of that symbol),
//! `w[n] . x[n] = (keep w[n-1]) . x[n] + f (m . x[n])`, where both sums on the right are there before
//! `f` is. The feedback taps but the first do the same. It is the same algorithm in exact
//! arithmetic; sums run in eight partial sums at every level.

use crate::simd::{Base, F32s, U32s, dispatch};

/// Bit of a code: no symbol is known, the decision is the target.
pub(super) const DECIDE: u8 = 0x80;
/// Bit of a code: the window holds an erased sample, nothing is updated.
pub(super) const HOLD: u8 = 0x40;
/// Code of an output before the first symbol: nothing is updated, nothing is fed back.
pub(super) const LEAD: u8 = 0x20 | DECIDE | HOLD;

/// Numbers that stay over a run of symbols.
#[derive(Debug, Clone, Default)]
pub(super) struct Constants {
    /// Step and share kept per tap, oldest sample first, padded in front.
    pub(super) mu: Vec<f32>,
    pub(super) keep: Vec<f32>,
    /// The same of the feedback taps, newest decision first.
    pub(super) mu_b: [f32; 17],
    pub(super) keep_b: [f32; 17],
    pub(super) mu_gain: f32,
    pub(super) mu_offset: f32,
    pub(super) mu_levels: [f32; 4],
    pub(super) sign_error: bool,
    pub(super) sign_data: bool,
    /// Reciprocal time constants of the two running mean square errors.
    pub(super) rho: [f32; 2],
}

/// What the loop carries besides the feed-forward taps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Carried {
    /// First feedback tap, up to date.
    pub(super) b0: f32,
    /// The other feedback taps times their share kept, and what the pending error multiplies.
    pub(super) bk: [f32; 16],
    pub(super) mb: [f32; 16],
    /// Levels fed back, newest first.
    pub(super) v: [f32; 17],
    /// The pending error.
    pub(super) f: f32,
    pub(super) gain: f32,
    pub(super) offset: f32,
    pub(super) levels: [f32; 4],
    pub(super) mse: [f32; 2],
}

/// The largest square that enters the running errors, 2^120: the sum over a block stays finite.
pub(super) const LARGEST_SQUARE: f32 = f32::from_bits((127 + 120) << 23);

/// A square as the running errors take it.
#[inline(always)]
pub(super) fn capped<V: F32s>(square: V) -> V {
    let most = V::splat(LARGEST_SQUARE);
    V::select(most.simd_ge(square), square, most)
}

/// `x`, or its sign.
#[inline(always)]
pub(super) fn signed<V: F32s>(sign: bool, x: V) -> V {
    if sign { sgn(x) } else { x }
}

/// The sign of each lane, zero for zero.
#[inline(always)]
pub(super) fn sgn<V: F32s>(x: V) -> V {
    let zero = V::splat(0.0);
    let one = V::splat(1.0);
    let not_negative = V::select(zero.simd_ge(x), zero, one);
    V::select(x.simd_ge(zero), not_negative, V::splat(-1.0))
}

/// Vectors that make eight lanes.
#[inline(always)]
const fn halves<V: F32s>() -> usize {
    if V::N >= 8 { 1 } else { 8 / V::N }
}

#[inline(always)]
fn sum8<V: F32s>(a: [V; 2]) -> V {
    a[0].sum8(a[1])
}

/// `T` times eight taps in registers: taps, taps times share kept, and step times regressor.
struct Registers<V: F32s, const T: usize> {
    w: [[V; 2]; T],
    wk: [[V; 2]; T],
    m: [[V; 2]; T],
}

#[inline(always)]
fn load8<V: F32s>(from: &[f32]) -> [V; 2] {
    let last = halves::<V>() - 1;
    [V::load(from), V::load(&from[last * V::N..])]
}

#[inline(always)]
fn store8<V: F32s>(v: [V; 2], to: &mut [f32]) {
    for q in 0..halves::<V>() {
        v[q].store(&mut to[q * V::N..]);
    }
}

impl<V: F32s, const T: usize> Registers<V, T> {
    #[inline(always)]
    fn new(wk: &[f32], m: &[f32]) -> Self {
        let all = |from: &[f32]| std::array::from_fn(|t| load8(&from[8 * t..]));
        let wk: [[V; 2]; T] = all(wk);
        Self {
            w: wk,
            wk,
            m: all(m),
        }
    }

    /// The two sums over the window `x`, the pending update with `f`, and the next one prepared.
    #[inline(always)]
    fn pass(&mut self, x: &[f32], f: V, c: &Constants) -> (V, V) {
        let x = &x[..8 * T];
        let (mu, keep) = (&c.mu[..8 * T], &c.keep[..8 * T]);
        let zero = V::splat(0.0);
        let (mut a, mut look) = ([zero; 2], [zero; 2]);
        for t in 0..T {
            for q in 0..halves::<V>() {
                let at = 8 * t + q * V::N;
                let x = V::load(&x[at..]);
                a[q] = self.wk[t][q].mul_add(x, a[q]);
                look[q] = self.m[t][q].mul_add(x, look[q]);
                let w = self.m[t][q].mul_add(f, self.wk[t][q]);
                self.w[t][q] = w;
                self.wk[t][q] = w * V::load(&keep[at..]);
                self.m[t][q] = signed(c.sign_data, x) * V::load(&mu[at..]);
            }
        }
        (sum8(a), sum8(look))
    }

    #[inline(always)]
    fn store(&self, w: &mut [f32], wk: &mut [f32], m: &mut [f32]) {
        for t in 0..T {
            store8(self.w[t], &mut w[8 * t..]);
            store8(self.wk[t], &mut wk[8 * t..]);
            store8(self.m[t], &mut m[8 * t..]);
        }
    }
}

/// [`Registers::pass`] over any number of taps in memory.
#[inline(always)]
fn pass_memory<V: F32s>(
    w: &mut [f32],
    wk: &mut [f32],
    m: &mut [f32],
    x: &[f32],
    f: V,
    c: &Constants,
) -> (V, V) {
    let n = wk.len();
    let (w, m, x) = (&mut w[..n], &mut m[..n], &x[..n]);
    let (mu, keep) = (&c.mu[..n], &c.keep[..n]);
    let zero = V::splat(0.0);
    let (mut a, mut look) = ([zero; 2], [zero; 2]);
    for t in (0..n / 8 * 8).step_by(8) {
        for q in 0..halves::<V>() {
            let at = t + q * V::N;
            let (x, kept, step) = (V::load(&x[at..]), V::load(&wk[at..]), V::load(&m[at..]));
            a[q] = kept.mul_add(x, a[q]);
            look[q] = step.mul_add(x, look[q]);
            let tap = step.mul_add(f, kept);
            tap.store(&mut w[at..]);
            (tap * V::load(&keep[at..])).store(&mut wk[at..]);
            (signed(c.sign_data, x) * V::load(&mu[at..])).store(&mut m[at..]);
        }
    }
    (sum8(a), sum8(look))
}

/// Feedback taps 1 to 16 in `D` times eight lanes.
struct Feedback<V: F32s, const D: usize> {
    b: [[V; 2]; D],
    bk: [[V; 2]; D],
    mb: [[V; 2]; D],
    v: [[V; 2]; D],
}

impl<V: F32s, const D: usize> Feedback<V, D> {
    #[inline(always)]
    fn new(s: &Carried) -> Self {
        let bk: [[V; 2]; D] = std::array::from_fn(|t| load8(&s.bk[8 * t..]));
        Self {
            b: bk,
            bk,
            mb: std::array::from_fn(|t| load8(&s.mb[8 * t..])),
            v: std::array::from_fn(|t| load8(&s.v[1 + 8 * t..])),
        }
    }

    #[inline(always)]
    fn pass(&mut self, f: V, c: &Constants) -> V {
        let zero = V::splat(0.0);
        let (mut a, mut look) = ([zero; 2], [zero; 2]);
        for t in 0..D {
            for q in 0..halves::<V>() {
                let at = 1 + 8 * t + q * V::N;
                let v = self.v[t][q];
                a[q] = self.bk[t][q].mul_add(v, a[q]);
                look[q] = self.mb[t][q].mul_add(v, look[q]);
                let b = self.mb[t][q].mul_add(f, self.bk[t][q]);
                self.b[t][q] = b;
                self.bk[t][q] = b * V::load(&c.keep_b[at..]);
                self.mb[t][q] = zero - signed(c.sign_data, v) * V::load(&c.mu_b[at..]);
            }
        }
        if D == 0 {
            return zero;
        }
        f.mul_add(sum8(look), sum8(a))
    }

    /// Takes in the value of the decision before the last.
    #[inline(always)]
    fn shift(&mut self, mut from: V) {
        for t in 0..D {
            for q in 0..halves::<V>() {
                let old = self.v[t][q];
                self.v[t][q] = old.shift_in(from);
                from = old;
            }
        }
    }
}

/// `y.len()` outputs. `x` holds the last `wk.len()` samples before the block, then the block;
/// `codes` one code per output; `y` and `d` have room for sixteen more. Returns the updates left out
/// because of an erased sample or an error that is not finite.
#[allow(clippy::too_many_arguments, clippy::too_many_lines)] // the loop in one piece, its state apart
#[inline(always)]
fn one<V: F32s, const T: usize, const D: usize>(
    c: &Constants,
    w: &mut [f32],
    wk: &mut [f32],
    m: &mut [f32],
    s: &mut Carried,
    x: &[f32],
    codes: &[u8],
    y: &mut [f32],
    d: &mut [u32],
) -> u64 {
    let past = wk.len();
    let mut taps = Registers::<V, T>::new(wk, m);
    let mut feedback = Feedback::<V, D>::new(s);
    let mut f = V::splat(s.f);
    let (mut gain, mut offset) = (V::splat(s.gain), V::splat(s.offset));
    let (mut b0, mut newest) = (V::splat(s.b0), V::splat(s.v[0]));
    let (mu_b0, keep_b0) = (V::splat(c.mu_b[0]), V::splat(c.keep_b[0]));
    let (mu_gain, mu_offset) = (V::splat(c.mu_gain), V::splat(c.mu_offset));
    let adapt_levels = c.mu_levels != [0.0; 4];
    let mut levels = s.levels.map(V::splat);
    let mut thresholds = midway(levels);
    let mut mse = s.mse.map(V::splat);
    let rho = c.rho.map(V::splat);
    let zero = V::splat(0.0);
    let mut left_out = 0;
    for (i, &code) in codes.iter().enumerate() {
        let window = &x[i + 1..][..past];
        let (a, look) = if T > 0 {
            taps.pass(window, f, c)
        } else {
            pass_memory(w, wk, m, window, f, c)
        };
        let u = f.mul_add(look, a);
        let past_decisions = newest.mul_add(b0, feedback.pass(f, c));
        let out = gain.mul_add(u, offset - past_decisions);
        let (symbol, decided) = decide(out, &thresholds, &levels);
        out.store(&mut y[i..]);
        symbol.store(&mut d[i..]);
        let known = usize::from(code & 3);
        let target = if code & DECIDE == 0 {
            V::splat(s.levels[known])
        } else {
            decided
        };
        let e = target - out;
        feedback.shift(newest);
        let fed_before = newest;
        newest = if code & LEAD == LEAD { zero } else { target };
        let finite = first(e).abs() <= f32::MAX;
        if code & HOLD != 0 || !finite {
            if code & LEAD != LEAD {
                left_out += 1;
            }
            // The taps as they are, without what they would have leaked.
            f = zero;
            if T > 0 {
                taps.wk = taps.w;
            } else {
                wk.copy_from_slice(w);
            }
            feedback.bk = feedback.b;
            continue;
        }
        f = signed(c.sign_error, e);
        gain = (mu_gain * signed(c.sign_data, u)).mul_add(f, gain);
        offset = mu_offset.mul_add(f, offset);
        b0 = (zero - mu_b0 * signed(c.sign_data, fed_before)).mul_add(f, keep_b0 * b0);
        let square = capped(e * e);
        for k in 0..2 {
            mse[k] = rho[k].mul_add(square - mse[k], mse[k]);
        }
        if adapt_levels {
            let at = if code & DECIDE == 0 {
                known
            } else {
                d[i] as usize & 3
            };
            let step = V::splat(-c.mu_levels[at]);
            let level = step.mul_add(f, V::splat(s.levels[at]));
            s.levels[at] = first(level);
            for k in 0..4 {
                levels[k] = V::splat(s.levels[k]);
            }
            thresholds = midway(levels);
        }
    }
    if T > 0 {
        taps.store(w, wk, m);
    }
    for t in 0..D {
        store8(feedback.bk[t], &mut s.bk[8 * t..]);
        store8(feedback.mb[t], &mut s.mb[8 * t..]);
        store8(feedback.v[t], &mut s.v[1 + 8 * t..]);
    }
    s.v[0] = first(newest);
    (s.b0, s.f) = (first(b0), first(f));
    (s.gain, s.offset) = (first(gain), first(offset));
    s.mse = mse.map(first);
    left_out
}

/// Thresholds between levels. Halves first: halving is exact, and the sum cannot overflow.
#[inline(always)]
pub(super) fn midway<V: F32s>(levels: [V; 4]) -> [V; 3] {
    let half = V::splat(0.5);
    let [a, b, c, d] = levels;
    let [a, b, c, d] = [half * a, half * b, half * c, half * d];
    [a + b, b + c, c + d]
}

/// Symbol and level of each lane.
#[inline(always)]
pub(super) fn decide<V: F32s>(y: V, thresholds: &[V; 3], levels: &[V; 4]) -> (V::U, V) {
    let m0 = y.simd_ge(thresholds[0]);
    let m1 = y.simd_ge(thresholds[1]);
    let m2 = y.simd_ge(thresholds[2]);
    let low = V::select(m0, levels[1], levels[0]);
    let level = V::select(m2, levels[3], V::select(m1, levels[2], low));
    let (one, two) = (V::U::splat(1).as_f32(), V::U::splat(2).as_f32());
    let low = V::select(m0, one, V::U::splat(0).as_f32());
    let symbol = V::select(m2, V::U::splat(3).as_f32(), V::select(m1, two, low));
    (symbol.to_bits(), level)
}

#[inline(always)]
pub(super) fn first<V: F32s>(v: V) -> f32 {
    let mut lanes = [0.0; 16];
    v.store(&mut lanes);
    lanes[0]
}

/// The instance for the numbers of taps.
#[allow(clippy::too_many_arguments, clippy::too_many_lines)] // the loop in one piece, its state apart
#[inline(always)]
fn any<V: F32s>(
    c: &Constants,
    w: &mut [f32],
    wk: &mut [f32],
    m: &mut [f32],
    s: &mut Carried,
    feedback_taps: usize,
    x: &[f32],
    codes: &[u8],
    y: &mut [f32],
    d: &mut [u32],
) -> u64 {
    macro_rules! by_feedback {
        ($t:literal) => {
            match feedback_taps {
                0 | 1 => one::<V, $t, 0>(c, w, wk, m, s, x, codes, y, d),
                2..=9 => one::<V, $t, 1>(c, w, wk, m, s, x, codes, y, d),
                _ => one::<V, $t, 2>(c, w, wk, m, s, x, codes, y, d),
            }
        };
    }
    match wk.len() {
        16 => by_feedback!(2),
        24 => by_feedback!(3),
        _ => by_feedback!(0),
    }
}

dispatch! {
    /// The next `codes.len()` symbols of a stream; see `one`.
    pub(super) fn run(
        c: &Constants, w: &mut [f32], wk: &mut [f32], m: &mut [f32], s: &mut Carried,
        feedback_taps: usize, x: &[f32], codes: &[u8], y: &mut [f32], d: &mut [u32],
    ) -> u64 = base: any::<Base>, mid: any::<crate::simd::Mid>, top: any::<crate::simd::Mid>
}
