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

/// `y[n] = sum_k taps[k] x[2 n + p - k]`, two samples per symbol, zeros outside `x`; half as long as `x`.
#[must_use]
pub fn half(taps: &[f32], precursors: usize, x: &[f32]) -> Vec<f64> {
    // Every half symbol at symbol spacing, then every second of them.
    apply(taps, precursors, x).into_iter().step_by(2).collect()
}

/// The taps of an equalizer with floating groups, given by delay from the main tap, as one list with
/// zeros in the gaps.
#[must_use]
pub fn dense(taps: &[f32], precursors: usize, groups: &[(usize, &[f32])]) -> Vec<f32> {
    let mut all = taps.to_vec();
    for (delay, group) in groups {
        all.resize(precursors + delay, 0.0);
        all.extend_from_slice(group);
    }
    all
}
