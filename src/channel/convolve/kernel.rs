//! Sums over several planes at once, and taps between two of a bank.
//!
//! A filter on the grid gives `m` output planes, and the same entries of an input plane serve all of them with
//! neighbouring taps: plane `p` takes entry `n - j` of plane `q` with tap `j m - q + p`. So `P` planes and `U`
//! vectors of each stay in registers, and `U` loads and `P` broadcasts serve `U P` multiply-adds, however short
//! the response. Each output gathers its products by rising tap, so neither `P`, `U` nor the place in the block
//! shows in its bits.

use crate::simd::{Base, F32s, dispatch};

/// Outputs formed at once, at most, and so the entries after the fresh ones that may be read.
pub(super) const MOST_AT_ONCE: usize = 32;
/// Planes formed at once, at most; taps must be at least as many.
pub(super) const MOST_PLANES: usize = 4;

/// A waveform and the taps that it meets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a> {
    /// By rising delay, at least [`MOST_PLANES`].
    pub(super) taps: &'a [f32],
    /// Place of the first fresh entry of its plane 0.
    pub(super) origin: usize,
}

/// Sizes of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Samples per UI.
    pub(super) planes: usize,
    /// Fresh entries.
    pub(super) n: usize,
    /// Distance of neighbouring planes of the input.
    pub(super) stride_in: usize,
    /// Distance of neighbouring planes of the output.
    pub(super) stride_out: usize,
}

dispatch! {
    /// `y[g]` of all planes, fresh entry 0 of plane 0 first: the sum of all passes.
    pub(super) fn polyphase(shape: Shape, passes: &[Pass<'_>], x: &[f32], y: &mut [f32]) =
        base: all::<Base, 2>, mid: all::<crate::simd::Mid, 2>, top: all::<crate::simd::Mid, 4>
}

dispatch! {
    /// `out = low + share (high - low)`; all as long as `out`.
    pub(super) fn blend(share: f32, low: &[f32], high: &[f32], out: &mut [f32]) =
        base: between::<Base>, mid: between::<crate::simd::Mid>, top: between::<crate::simd::Mid>
}

#[inline(always)]
fn all<V: F32s, const U: usize>(s: Shape, passes: &[Pass<'_>], x: &[f32], y: &mut [f32]) {
    let mut p = 0;
    let mut groups = s.planes.div_ceil(MOST_PLANES);
    while groups > 0 {
        let size = (s.planes - p).div_ceil(groups);
        match size {
            1 => group::<V, U, 1>(s, passes, p, x, y),
            2 => group::<V, U, 2>(s, passes, p, x, y),
            3 => group::<V, U, 3>(s, passes, p, x, y),
            _ => group::<V, U, 4>(s, passes, p, x, y),
        }
        p += size;
        groups -= 1;
    }
}

/// Planes `first..first + P`.
#[inline(always)]
fn group<V: F32s, const U: usize, const P: usize>(
    s: Shape,
    passes: &[Pass<'_>],
    first: usize,
    x: &[f32],
    y: &mut [f32],
) {
    let size = U * V::N;
    if s.n < size {
        let mut room = [0.0; MOST_PLANES * MOST_AT_ONCE];
        block::<V, U, P>(s, passes, first, 0, x, &mut room, size);
        for k in 0..P {
            let at = (first + k) * s.stride_out;
            y[at..at + s.n].copy_from_slice(&room[k * size..][..s.n]);
        }
        return;
    }
    for from in (0..s.n).step_by(size) {
        // The last block overlaps the one before it: the same outputs twice, the same bits.
        let from = from.min(s.n - size);
        let at = first * s.stride_out + from;
        block::<V, U, P>(s, passes, first, from, x, &mut y[at..], s.stride_out);
    }
}

/// `U` vectors of each of `P` planes, from entry `from` on.
#[inline(always)]
fn block<V: F32s, const U: usize, const P: usize>(
    s: Shape,
    passes: &[Pass<'_>],
    first: usize,
    from: usize,
    x: &[f32],
    y: &mut [f32],
    stride: usize,
) {
    let mut acc = [[V::splat(0.0); U]; P];
    for pass in passes {
        // The latest entries that any of the planes meets, with tap 0: those of the last of them.
        let mut walk = Walk::new(s, *pass, first + P - 1, from);
        for e in 0..P - 1 {
            let w = walk.next::<V, U>(x);
            for k in P - 1 - e..P {
                add(&mut acc[k], w, pass.taps[k + e + 1 - P]);
            }
        }
        for h in pass.taps.windows(P) {
            let w = walk.next::<V, U>(x);
            for k in 0..P {
                add(&mut acc[k], w, h[k]);
            }
        }
        let last = &pass.taps[pass.taps.len() - P..];
        for e in 1..P {
            let w = walk.next::<V, U>(x);
            for k in 0..P - e {
                add(&mut acc[k], w, last[k + e]);
            }
        }
    }
    for (k, acc) in acc.iter().enumerate() {
        let y = &mut y[k * stride..][..U * V::N];
        for (u, a) in acc.iter().enumerate() {
            a.store(&mut y[u * V::N..]);
        }
    }
}

/// From later to earlier entries on the grid: from plane to plane, and from plane 0 to the last of the entry before.
struct Walk {
    plane: usize,
    at: usize,
    stride: usize,
    planes: usize,
}

impl Walk {
    #[inline(always)]
    fn new(s: Shape, pass: Pass<'_>, plane: usize, from: usize) -> Self {
        Self {
            plane,
            at: pass.origin + plane * s.stride_in + from,
            stride: s.stride_in,
            planes: s.planes,
        }
    }

    #[inline(always)]
    fn next<V: F32s, const U: usize>(&mut self, x: &[f32]) -> [V; U] {
        let x = &x[self.at..self.at + U * V::N];
        let mut w = [V::splat(0.0); U];
        for u in 0..U {
            w[u] = V::load(&x[u * V::N..]);
        }
        if self.plane == 0 {
            self.plane = self.planes - 1;
            // After the last tap this may lead before the record, and nothing is read any more.
            self.at = (self.at + self.plane * self.stride).wrapping_sub(1);
        } else {
            self.plane -= 1;
            self.at = self.at.wrapping_sub(self.stride);
        }
        w
    }
}

#[inline(always)]
fn add<V: F32s, const U: usize>(acc: &mut [V; U], w: [V; U], tap: f32) {
    let tap = V::splat(tap);
    for u in 0..U {
        acc[u] = w[u].mul_add(tap, acc[u]);
    }
}

#[inline(always)]
fn between<V: F32s>(share: f32, low: &[f32], high: &[f32], out: &mut [f32]) {
    let n = out.len();
    let step = V::splat(share);
    if n < V::N {
        let (mut a, mut b, mut room) = ([0.0; 16], [0.0; 16], [0.0; 16]);
        a[..n].copy_from_slice(&low[..n]);
        b[..n].copy_from_slice(&high[..n]);
        one(step, &a, &b, &mut room);
        out.copy_from_slice(&room[..n]);
        return;
    }
    for from in (0..n).step_by(V::N) {
        let from = from.min(n - V::N);
        one(step, &low[from..], &high[from..], &mut out[from..]);
    }
}

#[inline(always)]
fn one<V: F32s>(share: V, low: &[f32], high: &[f32], out: &mut [f32]) {
    let a = V::load(low);
    (V::load(high) - a).mul_add(share, a).store(out);
}
