//! The sliding sum of products: `y[i] = sum_j h_j x[i + o_j]` over the runs of a [`Schedule`].
//!
//! A naive vector loop needs one unaligned load for each multiply-add and is bound by the load
//! ports. Taps `o`, `o + N`, `o + 2 N`, `o + 3 N` of neighbouring output vectors need the same input
//! vector, so here one load feeds up to four multiply-adds (`phase`), and `U` output vectors stay
//! in registers over all taps. Up to 12 taps there is too little to share: `few` makes most of its
//! windows by shuffles of the others, which run beside the multiply-adds.
//!
//! The order in which one output gathers its products is the schedule's: it does not depend on the
//! position in the block, nor on `U`. So any split of a stream gives the same bits at one level, and
//! the two FMA levels, both with eight lanes, agree.

use std::array::from_fn;

use super::few::few;
use super::schedule::Schedule;
use crate::simd::{Base, F32s, dispatch};

/// Bytes of the alignment of stores: a store across two cache lines takes the time of two.
pub(crate) const ALIGNMENT: usize = 32;

dispatch! {
    /// Writes `y.len()` outputs; `x` holds at least `y.len() + span - 1` samples.
    pub(crate) fn fir(s: &Schedule, x: &[f32], y: &mut [f32]) =
        base: fir_all::<Base, 12>,
        mid: fir_all::<crate::simd::Mid, 10>,
        top: fir_all::<crate::simd::Mid, 12>
}

/// Blocks of `U` vectors, if more than one, from the first aligned output on; a vector before them and a block of fitting
/// size at the end overlap them (the same outputs twice, the same bits).
#[inline(always)]
fn fir_all<V: F32s, const U: usize>(s: &Schedule, x: &[f32], y: &mut [f32]) {
    debug_assert!(x.len() + 1 >= y.len() + s.span);
    let n = y.len();
    if n < 4 * V::N && x.len() + 1 >= 4 * V::N + s.span {
        return padded::<V>(s, x, y);
    }
    if n < V::N {
        return short::<V>(s, x, y);
    }
    let mut done = y.as_ptr().align_offset(ALIGNMENT);
    // A single block of vectors costs more twice than its stores across lines.
    if done >= V::N || n <= U * V::N {
        done = 0;
    }
    if done > 0 {
        block::<V, 1>(s, x, y);
    }
    done += if s.few.is_empty() || V::N != 8 {
        let whole = (n - done) / (U * V::N) * (U * V::N);
        for i in (done..done + whole).step_by(U * V::N) {
            block::<V, U>(s, &x[i..], &mut y[i..]);
        }
        whole
    } else {
        few::<V>(&s.few, &x[done..], &mut y[done..])
    };
    while done < n {
        let left = (n - done).div_ceil(V::N);
        // The smallest block that reaches the end, or the largest that fits the record.
        let (size, from) = if left > 8 && n >= U * V::N {
            (U, n - U * V::N)
        } else if left > 4 && n >= 8 * V::N {
            (8, done.min(n - 8 * V::N))
        } else if left > 1 && n >= 4 * V::N {
            (4, done.min(n - 4 * V::N))
        } else {
            (1, done.min(n - V::N))
        };
        let (x, y) = (&x[from..], &mut y[from..]);
        match size {
            8 => block::<V, 8>(s, x, y),
            4 => block::<V, 4>(s, x, y),
            1 => block::<V, 1>(s, x, y),
            _ => block::<V, U>(s, x, y),
        }
        done = from + size * V::N;
    }
}

/// Fewer than four vectors of outputs, with samples enough for four.
#[inline(always)]
fn padded<V: F32s>(s: &Schedule, x: &[f32], y: &mut [f32]) {
    let (n, mut room) = (y.len(), [0.0; 64]);
    if n <= V::N {
        block::<V, 1>(s, x, &mut room);
    } else {
        block::<V, 4>(s, x, &mut room);
    }
    y.copy_from_slice(&room[..n]);
}

/// Fewer outputs than a vector, and samples for no more, through the same order of operations.
#[inline(always)]
fn short<V: F32s>(s: &Schedule, x: &[f32], y: &mut [f32]) {
    let (n, mut lanes) = (y.len(), [0.0; 16]);
    let (mut acc, mut weights) = (V::splat(0.0), s.weights.iter());
    for (size, starts) in s.starts.iter().enumerate().rev() {
        for at in starts {
            for j in 0..=size {
                let mut window = [0.0; 16];
                window[..n].copy_from_slice(&x[at + j * V::N..][..n]);
                let weight = weights.next().map_or(0.0, |w| *w);
                acc = V::load(&window).mul_add(V::splat(weight), acc);
            }
        }
    }
    acc.store(&mut lanes);
    y.copy_from_slice(&lanes[..n]);
}

/// `U` vectors of outputs.
#[inline(always)]
fn block<V: F32s, const U: usize>(s: &Schedule, x: &[f32], y: &mut [f32]) {
    let (x, y) = (&x[..U * V::N + s.span - 1], &mut y[..U * V::N]);
    let mut acc = [V::splat(0.0); U];
    let [one, two, three, four] = &s.starts;
    let (h4, h) = s.weights.split_at(4 * four.len());
    let (h3, h) = h.split_at(3 * three.len());
    let (h2, h1) = h.split_at(2 * two.len());
    for (&at, h) in four.iter().zip(h4.chunks_exact(4)) {
        phase::<V, U, 4>(h, &x[at..], &mut acc);
    }
    for (&at, h) in three.iter().zip(h3.chunks_exact(3)) {
        phase::<V, U, 3>(h, &x[at..], &mut acc);
    }
    for (&at, h) in two.iter().zip(h2.chunks_exact(2)) {
        phase::<V, U, 2>(h, &x[at..], &mut acc);
    }
    for (&at, h) in one.iter().zip(h1.chunks_exact(1)) {
        phase::<V, U, 1>(h, &x[at..], &mut acc);
    }
    for (u, a) in acc.iter().enumerate() {
        a.store(&mut y[u * V::N..]);
    }
}

/// Taps `0, N, ..(J - 1) N` for `U` output vectors; each of the `U + J - 1` loads serves all the
/// products that need it. Loops of constant length only: they unroll, and the accumulators stay in
/// registers.
#[inline(always)]
pub(super) fn phase<V: F32s, const U: usize, const J: usize>(
    h: &[f32],
    x: &[f32],
    acc: &mut [V; U],
) {
    let h = &h[..J];
    let h: [V; J] = from_fn(|j| V::splat(h[j]));
    let x = &x[..(U + J - 1) * V::N];
    for v in 0..U {
        let w = V::load(&x[v * V::N..]);
        for j in 0..J {
            if j <= v {
                acc[v - j] = w.mul_add(h[j], acc[v - j]);
            }
        }
    }
    for e in 0..J - 1 {
        let w = V::load(&x[(U + e) * V::N..]);
        for j in e + 1..J {
            if U + e >= j {
                acc[U + e - j] = w.mul_add(h[j], acc[U + e - j]);
            }
        }
    }
}
