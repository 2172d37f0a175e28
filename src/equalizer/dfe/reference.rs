//! The decision-feedback equalizer from its equation, one symbol at a time.

use std::ops::{Add, Mul, Sub};

use crate::equalizer::slicer::reference::decide;

/// Decides one stream from its start; returns decisions and slicer inputs.
///
/// `y[n] = (x[n] - (c_K-1 + … + c_1)) - c_0` with `c_k = taps[k] * levels[d[n-1-k]]`, zero before
/// the start; the sum runs from the oldest contribution to the second newest. With `f32` every operation
/// is rounded, none is fused; any other arithmetic runs the same algorithm.
#[must_use]
pub fn decide_stream<T>(
    x: &[T],
    taps: &[T],
    levels: &[T; 4],
    thresholds: &[T; 3],
) -> (Vec<u8>, Vec<T>)
where
    T: Copy + Default + PartialOrd + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    let (mut d, mut y) = (Vec::<u8>::new(), Vec::new());
    for (n, &x) in x.iter().enumerate() {
        let contribution = |k: usize| {
            let past = n.checked_sub(1 + k);
            taps[k] * past.map_or(T::default(), |i| levels[usize::from(d[i])])
        };
        let older = (1..taps.len())
            .rev()
            .map(contribution)
            .reduce(|sum, c| sum + c);
        let rest = older.map_or(x, |older| x - older);
        let input = if taps.is_empty() {
            rest
        } else {
            rest - contribution(0)
        };
        d.push(decide(input, thresholds));
        y.push(input);
    }
    (d, y)
}
