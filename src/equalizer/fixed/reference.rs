//! The datapath from its definition, one number at a time in `i64`, as an oracle for the kernels.

use super::{Overflow, Rounding, WordLengths, code_range};

/// `value` in a word of `bits` bits.
#[must_use]
pub fn fit(value: i64, bits: u32, overflow: Overflow) -> i64 {
    let (min, max) = code_range(bits);
    match overflow {
        Overflow::Saturate => value.clamp(min, max),
        Overflow::Wrap => (value - min).rem_euclid(max - min + 1) + min,
    }
}

/// `value / 2^shift`, rounded.
#[must_use]
pub fn shift_right(value: i64, shift: u32, rounding: Rounding) -> i64 {
    let step = 1i64 << shift;
    let (below, rest) = (value.div_euclid(step), value.rem_euclid(step));
    let up = match rounding {
        Rounding::Floor => false,
        Rounding::HalfUp => 2 * rest >= step,
        Rounding::HalfEven => 2 * rest > step || (2 * rest == step && below % 2 != 0),
    };
    below + i64::from(up)
}

/// One output of the feed-forward equalizer: the exact sum, fitted to the accumulator, shifted and
/// rounded, fitted to the output.
#[must_use]
pub fn ffe_output(exact_sum: i64, words: &WordLengths) -> i64 {
    let held = fit(
        exact_sum,
        words.accumulator_bits,
        words.accumulator_overflow,
    );
    let rounded = shift_right(held, words.shift, words.rounding);
    fit(rounded, words.output_bits, words.output_overflow)
}

/// The feed-forward equalizer: `sum_k taps[k] x[n + p - k]`, zeros outside `x`, through
/// [`ffe_output`].
#[must_use]
pub fn ffe(taps: &[i16], precursors: usize, words: &WordLengths, x: &[i8]) -> Vec<i16> {
    (0..x.len())
        .map(|n| {
            let products = taps.iter().enumerate().map(|(k, &tap)| {
                let at = (n + precursors).checked_sub(k);
                let sample = at.and_then(|at| x.get(at)).copied().unwrap_or(0);
                i64::from(tap) * i64::from(sample)
            });
            ffe_output(products.sum(), words) as i16
        })
        .collect()
}
