//! The equation of the feed-forward equalizer, in `f64`, as an oracle for the kernel.

use std::ops::{Add, Mul};

/// The algorithm in any arithmetic: `y[n] = sum_k taps[k] x[n + p - k]`, `p` precursors, zeros outside
/// `x`; as long as `x`.
#[must_use]
pub fn filter<T>(taps: &[T], precursors: usize, x: &[T]) -> Vec<T>
where
    T: Copy + Default + Add<Output = T> + Mul<Output = T>,
{
    let sample = |i: i64| -> T {
        usize::try_from(i)
            .ok()
            .and_then(|i| x.get(i))
            .copied()
            .unwrap_or_default()
    };
    (0..x.len() as i64)
        .map(|n| {
            taps.iter()
                .enumerate()
                .map(|(k, &t)| t * sample(n + precursors as i64 - k as i64))
                .reduce(|sum, product| sum + product)
                .unwrap_or_default()
        })
        .collect()
}

/// [`filter`] in `f64`.
#[must_use]
pub fn apply(taps: &[f32], precursors: usize, x: &[f32]) -> Vec<f64> {
    let wide = |list: &[f32]| list.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    filter(&wide(taps), precursors, &wide(x))
}

/// `sum_k |taps[k] x[n + p - k]|`: the scale of the rounding error of each output.
#[must_use]
pub fn magnitude(taps: &[f32], precursors: usize, x: &[f32]) -> Vec<f64> {
    let taps: Vec<f32> = taps.iter().map(|t| t.abs()).collect();
    let x: Vec<f32> = x.iter().map(|v| v.abs()).collect();
    apply(&taps, precursors, &x)
}
