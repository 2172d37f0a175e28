//! The sliding sum where few outputs are formed at a time: two halves of it side by side.
//!
//! With 64 outputs there are eight vectors, and each of their sums waits for its last multiply-add: four cycles on
//! a processor that begins two each cycle leave none to spare, and 32 outputs leave half of them unused. So the
//! phases of a schedule go in turns to two sums of each output, added at the end.

use super::kernel::phase;
use super::schedule::Schedule;
use crate::simd::{Base, F32s, dispatch};

/// Outputs formed at a time, at most.
pub(crate) const HALVES_AT_ONCE: usize = 64;

dispatch! {
    /// Writes `y.len()` outputs; `x` holds at least `y.len().max(HALVES_AT_ONCE) + span - 1` samples. The order of the
    /// products is not that of `fir`, and as independent of the block.
    pub(crate) fn fir_halves(s: &Schedule, x: &[f32], y: &mut [f32]) =
        base: all::<Base, 4>, mid: all::<crate::simd::Mid, 4>, top: all::<crate::simd::Mid, 8>
}

#[inline(always)]
fn all<V: F32s, const U: usize>(s: &Schedule, x: &[f32], y: &mut [f32]) {
    let (n, size) = (y.len(), U * V::N);
    debug_assert!(x.len() + 1 >= n.max(size) + s.span);
    if n >= size {
        for from in (0..n).step_by(size) {
            // The last block overlaps the one before it: the same outputs twice, the same bits.
            let from = from.min(n - size);
            block::<V, U>(s, &x[from..], &mut y[from..]);
        }
        return;
    }
    let mut room = [0.0; HALVES_AT_ONCE];
    match n.div_ceil(V::N) {
        0 => {}
        1 => block::<V, 1>(s, x, &mut room),
        2 => block::<V, 2>(s, x, &mut room),
        3 | 4 => block::<V, 4>(s, x, &mut room),
        _ => block::<V, U>(s, x, &mut room),
    }
    y.copy_from_slice(&room[..n]);
}

/// `U` vectors of outputs.
#[inline(always)]
fn block<V: F32s, const U: usize>(s: &Schedule, x: &[f32], y: &mut [f32]) {
    let (x, y) = (&x[..U * V::N + s.span - 1], &mut y[..U * V::N]);
    let mut acc = [[V::splat(0.0); U]; 2];
    let [one, two, three, four] = &s.starts;
    let (h4, h) = s.weights.split_at(4 * four.len());
    let (h3, h) = h.split_at(3 * three.len());
    let (h2, h1) = h.split_at(2 * two.len());
    turns::<V, U, 4>(four, h4, x, &mut acc);
    turns::<V, U, 3>(three, h3, x, &mut acc);
    turns::<V, U, 2>(two, h2, x, &mut acc);
    turns::<V, U, 1>(one, h1, x, &mut acc);
    for u in 0..U {
        (acc[0][u] + acc[1][u]).store(&mut y[u * V::N..]);
    }
}

/// Phases of `J` taps, in turns to either sum.
#[inline(always)]
fn turns<V: F32s, const U: usize, const J: usize>(
    starts: &[usize],
    h: &[f32],
    x: &[f32],
    acc: &mut [[V; U]; 2],
) {
    let pairs = starts.chunks_exact(2);
    let left = pairs.remainder();
    let weights = h.chunks_exact(2 * J);
    let rest = weights.remainder();
    for (at, h) in pairs.zip(weights) {
        phase::<V, U, J>(&h[..J], &x[at[0]..], &mut acc[0]);
        phase::<V, U, J>(&h[J..], &x[at[1]..], &mut acc[1]);
    }
    if let [at] = left {
        phase::<V, U, J>(rest, &x[*at..], &mut acc[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Level, Width};

    #[test]
    fn halves_sum_to_the_whole_wherever_an_output_stands() {
        for level in Level::all() {
            for taps in [1, 2, 7, 8, 9, 17, 40, 65, 300] {
                let h: Vec<f32> = (0..taps).map(|j| ((j * 7 + 3) % 11) as f32 - 5.0).collect();
                // Two runs, a gap between them; whole numbers, whose sums are exact.
                let runs = [(2, h.clone()), (taps + 9, h.clone())];
                let s = Schedule::new(&runs, Width::Sliding.lanes(level));
                let x: Vec<f32> = (0..2 * taps + 400).map(|i| ((i * 5) % 13) as f32).collect();
                for n in [
                    0, 1, 3, 4, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 100, 128, 200,
                ] {
                    let mut y = vec![7.0; n];
                    fir_halves(level, &s, &x, &mut y);
                    for (i, y) in y.iter().enumerate() {
                        let sum = |at: usize| -> f32 {
                            h.iter().enumerate().map(|(j, h)| h * x[i + at + j]).sum()
                        };
                        assert_eq!(*y, sum(2) + sum(taps + 9), "{level} {taps} {n} {i}");
                    }
                }
            }
        }
    }
}
