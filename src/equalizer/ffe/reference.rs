//! The equation of the feed-forward equalizer, in `f64`, as an oracle for the kernel.

/// `y[n] = sum_k taps[k] x[n + p - k]`, `p` precursors, zeros outside `x`; as long as `x`.
#[must_use]
pub fn apply(taps: &[f32], precursors: usize, x: &[f32]) -> Vec<f64> {
    let sample = |i: i64| -> f64 {
        usize::try_from(i)
            .ok()
            .and_then(|i| x.get(i))
            .map_or(0.0, |&v| f64::from(v))
    };
    (0..x.len() as i64)
        .map(|n| {
            taps.iter()
                .enumerate()
                .map(|(k, &t)| f64::from(t) * sample(n + precursors as i64 - k as i64))
                .sum()
        })
        .collect()
}

/// `sum_k |taps[k] x[n + p - k]|`: the scale of the rounding error of each output.
#[must_use]
pub fn magnitude(taps: &[f32], precursors: usize, x: &[f32]) -> Vec<f64> {
    let taps: Vec<f32> = taps.iter().map(|t| t.abs()).collect();
    let x: Vec<f32> = x.iter().map(|v| v.abs()).collect();
    apply(&taps, precursors, &x)
}
