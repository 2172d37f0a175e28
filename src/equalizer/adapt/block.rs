//! One stream in blocks: the taps stay put over a block and move once at its end.
//!
//! With constant taps the outputs of a block are a filter with vectors across the outputs, and what
//! moves the taps is a sum over the block with vectors across the taps: no sum waits for an update.
//! The feedback of decisions remains symbol by symbol, in scalars.

use super::kernel::{
    Carried, Constants, DECIDE, HOLD, LARGEST_SQUARE, LEAD, decide, midway, signed,
};
use super::state::Sums;
use crate::simd::{Base, F32s, U32s, dispatch};

/// Outputs of a call at most.
pub(super) const LONGEST: usize = 64;

/// `u[i] = sum_k w[k] x[i + 1 + k]` from the tap `from` on, in the order of `k`.
#[inline(always)]
fn filter<V: F32s, const U: usize>(w: &[f32], from: usize, x: &[f32], u: &mut [f32]) {
    let mut sums = [V::splat(0.0); U];
    for (k, w) in w.iter().enumerate().skip(from) {
        let w = V::splat(*w);
        let x = &x[1 + k..][..U * V::N];
        for j in 0..U {
            sums[j] = V::load(&x[j * V::N..]).mul_add(w, sums[j]);
        }
    }
    for j in 0..U {
        sums[j].store(&mut u[j * V::N..]);
    }
}

#[inline(always)]
fn add<V: F32s, const T: usize>(acc: &mut [V; T], f: f32, x: &[f32], sign: bool) {
    let (e, x) = (V::splat(f), &x[..T * V::N]);
    for t in 0..T {
        acc[t] = signed(sign, V::load(&x[t * V::N..])).mul_add(e, acc[t]);
    }
}

/// `sum[parity][k] += f[i] x[i + 1 + k]`, parity that of the symbol `i` in its block.
#[inline(always)]
fn gather<V: F32s, const T: usize>(
    sum: &mut [Vec<f32>; 2],
    at: usize,
    f: &[f32],
    x: &[f32],
    parity: usize,
    sign: bool,
) {
    let [even, odd] = sum;
    let mut acc: [[V; T]; 2] = [
        std::array::from_fn(|t| V::load(&even[at + t * V::N..])),
        std::array::from_fn(|t| V::load(&odd[at + t * V::N..])),
    ];
    // The first symbol of an odd start alone, then pairs.
    let mut i = 0;
    if parity == 1 && !f.is_empty() {
        add(&mut acc[1], f[0], &x[1 + at..], sign);
        i = 1;
    }
    while i + 1 < f.len() {
        add(&mut acc[0], f[i], &x[i + 1 + at..], sign);
        add(&mut acc[1], f[i + 1], &x[i + 2 + at..], sign);
        i += 2;
    }
    if i < f.len() {
        add(&mut acc[0], f[i], &x[i + 1 + at..], sign);
    }
    for t in 0..T {
        acc[0][t].store(&mut even[at + t * V::N..]);
        acc[1][t].store(&mut odd[at + t * V::N..]);
    }
}

/// The next `codes.len()` outputs, all of one block; `x`, `y` and `d` as in [`super::kernel::run`], with room
/// for [`LONGEST`] more outputs. Returns the updates left out.
// A part of a block is one thought, and its numbers come from several places.
#[allow(clippy::too_many_arguments, clippy::too_many_lines)]
#[inline(always)]
fn part<V: F32s>(
    c: &Constants,
    w: &[f32],
    s: &mut Carried,
    sums: &mut Sums,
    front: usize,
    back: usize,
    x: &[f32],
    codes: &[u8],
    y: &mut [f32],
    d: &mut [u32],
) -> u64 {
    let (n, past) = (codes.len(), w.len());
    let mut u = [0.0; LONGEST + 64];
    let mut at = 0;
    while at + V::N < n {
        filter::<V, 4>(w, front, &x[at..], &mut u[at..]);
        at += 4 * V::N;
    }
    if at < n {
        filter::<V, 1>(w, front, &x[at..], &mut u[at..]);
    }
    let (gain, offset) = (V::splat(s.gain), V::splat(s.offset));
    let thresholds = midway(s.levels.map(V::splat));
    let levels = s.levels.map(V::splat);
    // Values fed back: the past, oldest first, then the block.
    let mut fed = [0.0; 16 + LONGEST];
    let mut target = [0.0; LONGEST + 16];
    for (to, v) in fed[..16].iter_mut().zip(s.v[..16].iter().rev()) {
        *to = *v;
    }
    if back == 0 {
        for i in (0..n).step_by(V::N) {
            let out = gain.mul_add(V::load(&u[i..]), offset);
            let (symbol, decided) = decide(out, &thresholds, &levels);
            out.store(&mut y[i..]);
            symbol.store(&mut d[i..]);
            decided.store(&mut target[i..]);
        }
        for (to, code) in target.iter_mut().zip(codes) {
            if code & DECIDE == 0 {
                *to = s.levels[usize::from(code & 3)];
            }
        }
        fed[16..16 + n].copy_from_slice(&target[..n]);
    } else {
        let mut b = [0.0; 16];
        b[0] = s.b0;
        b[1..].copy_from_slice(&s.bk[..15]);
        let t = [0, 1, 2].map(|i| 0.5 * s.levels[i] + 0.5 * s.levels[i + 1]);
        for (i, code) in codes.iter().enumerate() {
            // From the oldest on, so that the newest decision is waited for last.
            let mut feedback = 0.0;
            for j in (0..back).rev() {
                feedback += b[j] * fed[15 + i - j];
            }
            let out = (s.gain * u[i] + s.offset) - feedback;
            let symbol =
                usize::from(out >= t[0]) + usize::from(out >= t[1]) + usize::from(out >= t[2]);
            (y[i], d[i]) = (out, symbol as u32);
            let at = if code & DECIDE == 0 {
                usize::from(code & 3)
            } else {
                symbol
            };
            target[i] = s.levels[at];
            fed[16 + i] = if code & LEAD == LEAD { 0.0 } else { target[i] };
        }
    }
    let mut left_out = 0;
    let mut f = [0.0; LONGEST];
    let (sign_error, sign_data) = (c.sign_error, c.sign_data);
    for (i, code) in codes.iter().enumerate() {
        let e = target[i] - y[i];
        let usable = code & HOLD == 0 && e.abs() <= f32::MAX;
        left_out += u64::from(!usable && code & LEAD != LEAD);
        let e = if usable { e } else { 0.0 };
        f[i] = if sign_error { sign(e) } else { e };
        sums.square += (e * e).min(LARGEST_SQUARE);
        sums.used += usize::from(usable);
        sums.offset += f[i];
    }
    let f = &f[..n];
    let parity = sums.symbols & 1;
    let mut at = 0;
    while at + 4 * V::N <= past {
        gather::<V, 4>(&mut sums.ffe, at, f, x, parity, sign_data);
        at += 4 * V::N;
    }
    match (past - at) / V::N {
        3 => gather::<V, 3>(&mut sums.ffe, at, f, x, parity, sign_data),
        2 => gather::<V, 2>(&mut sums.ffe, at, f, x, parity, sign_data),
        1 => gather::<V, 1>(&mut sums.ffe, at, f, x, parity, sign_data),
        _ => {}
    }
    if back > 0 {
        // Tap 15 - k of the row: regressor of output i is fed[i + k].
        for (i, f) in f.iter().enumerate() {
            let sum = &mut sums.dfe[(parity + i) & 1];
            for at in (0..16).step_by(V::N) {
                let v = signed(sign_data, V::load(&fed[i + at..]));
                v.mul_add(V::splat(*f), V::load(&sum[at..]))
                    .store(&mut sum[at..]);
            }
        }
    }
    if c.mu_gain != 0.0 {
        for (f, u) in f.iter().zip(&u) {
            // A sum that is not finite goes with an error of zero: leave it out as well.
            let u = if u.is_finite() { *u } else { 0.0 };
            sums.gain += f * if sign_data { sign(u) } else { u };
        }
    }
    if c.mu_levels != [0.0; 4] {
        for ((f, code), d) in f.iter().zip(codes).zip(d.iter()) {
            let own = code & DECIDE != 0;
            let at = if own {
                *d as usize & 3
            } else {
                usize::from(code & 3)
            };
            sums.levels[at] += f;
        }
    }
    for (v, from) in s.v[..16].iter_mut().zip(fed[n..n + 16].iter().rev()) {
        *v = *from;
    }
    sums.symbols += n;
    left_out
}

fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// The end of a block: everything that adapts moves by its sum, once.
pub(super) fn finish(c: &Constants, w: &mut [f32], s: &mut Carried, sums: &mut Sums) {
    let [even, odd] = &sums.ffe;
    let sum = even.iter().zip(odd).map(|(even, odd)| even + odd);
    for (((w, mu), keep), sum) in w.iter_mut().zip(&c.mu).zip(&c.keep).zip(sum) {
        // A part that is frozen keeps its bits whatever the sum.
        let moved = *w * keep + mu * sum;
        *w = if *mu == 0.0 { *w } else { moved };
    }
    for j in 0..16 {
        let sum = sums.dfe[0][15 - j] + sums.dfe[1][15 - j];
        let tap = if j == 0 { &mut s.b0 } else { &mut s.bk[j - 1] };
        if c.mu_b[j] != 0.0 {
            *tap = *tap * c.keep_b[j] - c.mu_b[j] * sum;
        }
    }
    s.gain += c.mu_gain * sums.gain;
    s.offset += c.mu_offset * sums.offset;
    for i in 0..4 {
        s.levels[i] -= c.mu_levels[i] * sums.levels[i];
    }
    if sums.used > 0 {
        let mean = sums.square / sums.used as f32;
        for k in 0..2 {
            // In double precision, so that a long window gives no weight of zero.
            let weight = 1.0 - (1.0 - f64::from(c.rho[k])).powi(sums.used as i32);
            s.mse[k] += weight as f32 * (mean - s.mse[k]);
        }
        sums.gathered += sums.used as u64;
    }
    sums.clear();
}

dispatch! {
    /// A part of a block; see `part`.
    pub(super) fn run(
        c: &Constants, w: &[f32], s: &mut Carried, sums: &mut Sums, front: usize, back: usize,
        x: &[f32], codes: &[u8], y: &mut [f32], d: &mut [u32],
    ) -> u64 = base: part::<Base>, mid: part::<crate::simd::Mid>, top: part::<crate::simd::Mid>
}
