//! Signals that the kernels are checked and timed on: the same on every machine.

use crate::random::{Gauss, Philox};
use crate::simd::Level;

/// Random symbols 0..=3.
pub(super) fn symbols(seed: u64, n: usize) -> Vec<u8> {
    let mut d = vec![0; n];
    Philox::new(seed, 1)
        .with_level(Level::BASELINE)
        .fill_symbols(0, &mut d);
    d
}

/// Random PAM4 levels through `response` (one sample per symbol, zeros before the start) with white noise of
/// standard deviation `sigma`; the symbols and the samples.
pub(super) fn received(seed: u64, n: usize, response: &[f32], sigma: f32) -> (Vec<u8>, Vec<f32>) {
    let sent = symbols(seed, n);
    let level = |i: usize| 2.0 * f32::from(sent[i]) - 3.0;
    let mut x: Vec<f32> = (0..n)
        .map(|i| {
            let past = response.iter().enumerate().take(i + 1);
            past.map(|(k, h)| h * level(i - k)).sum()
        })
        .collect();
    Gauss::new(seed, 2)
        .with_level(Level::BASELINE)
        .add_scaled(0, sigma, &mut x);
    (sent, x)
}

/// The first place where two answers differ, as a sentence.
pub(super) fn difference<T: PartialEq + std::fmt::Display>(
    got: &[T],
    want: &[T],
) -> Option<String> {
    if got.len() != want.len() {
        return Some(format!("{} values, must be {}", got.len(), want.len()));
    }
    let at = got.iter().zip(want).position(|(g, w)| g != w)?;
    Some(format!("value {at} is {}, must be {}", got[at], want[at]))
}

/// The first value further from the right one than its own bound.
pub(super) fn beyond(got: &[f32], want: &[f64], bound: &[f64]) -> Option<String> {
    let at = (0..want.len()).find(|&i| {
        let off = (f64::from(got[i]) - want[i]).abs();
        off.is_nan() || off > bound[i]
    })?;
    Some(format!(
        "value {at} is {}, must be {} within {:e}",
        got[at], want[at], bound[at]
    ))
}
