//! The slicer and the level look-up, one symbol at a time.

/// `(x >= t0) + (x >= t1) + (x >= t2)`; 0 for NaN.
#[must_use]
pub fn decide<T: PartialOrd + Copy>(x: T, thresholds: &[T; 3]) -> u8 {
    thresholds.iter().map(|&t| u8::from(x >= t)).sum()
}

/// Decisions of a stream; `x` and `d` have the same length.
pub fn slice(x: &[f32], thresholds: &[f32; 3], d: &mut [u8]) {
    for (d, &x) in d.iter_mut().zip(x) {
        *d = decide(x, thresholds);
    }
}

/// `levels[symbol]` of a stream; the symbols are 0..=3.
pub fn values(symbols: &[u8], levels: &[f32; 4], y: &mut [f32]) {
    for (y, &s) in y.iter_mut().zip(symbols) {
        *y = levels[usize::from(s)];
    }
}
