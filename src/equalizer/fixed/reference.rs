//! The datapath from its definition, one number at a time in `i64`, as an oracle for the kernels.

use crate::equalizer::ffe::reference::filter;

use super::{
    Distance, FixedDfeConfig, FixedMlseConfig, Normalisation, Overflow, Rounding, WordLengths,
    code_range,
};

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

/// The feed-forward equalizer: the sums of [`filter`] through [`ffe_output`].
#[must_use]
pub fn ffe(taps: &[i16], precursors: usize, words: &WordLengths, x: &[i8]) -> Vec<i16> {
    let taps: Vec<i64> = taps.iter().map(|&tap| tap.into()).collect();
    let x: Vec<i64> = x.iter().map(|&x| x.into()).collect();
    let sums = filter(&taps, precursors, &x).into_iter();
    sums.map(|sum| ffe_output(sum, words) as i16).collect()
}

/// Contributions by tap and symbol: `round(taps[k] levels[s] / 2^tap_fraction)`.
#[must_use]
pub fn contributions(config: &FixedDfeConfig) -> Vec<[i64; 4]> {
    let grid = |tap: i16, level: i16| {
        let product = i64::from(tap) * i64::from(level);
        shift_right(product, config.tap_fraction, config.rounding)
    };
    let taps = config.taps.iter();
    taps.map(|&tap| config.levels.map(|level| grid(tap, level)))
        .collect()
}

/// The decision-feedback equalizer: symbols and slicer inputs of one stream from its start.
#[must_use]
pub fn dfe(config: &FixedDfeConfig, thresholds: &[i16; 3], x: &[i16]) -> (Vec<u8>, Vec<i16>) {
    let table = contributions(config);
    let (mut d, mut y) = (Vec::<u8>::new(), Vec::new());
    for (n, &x) in x.iter().enumerate() {
        let feedback: i64 = (0..table.len().min(n))
            .map(|k| table[k][usize::from(d[n - 1 - k])])
            .sum();
        let difference = fit(i64::from(x) - feedback, 16, Overflow::Wrap);
        let input = fit(difference, config.slicer_bits, config.slicer_overflow);
        d.push(
            thresholds
                .iter()
                .filter(|&&t| input >= i64::from(t))
                .count() as u8,
        );
        y.push(input as i16);
    }
    (d, y)
}

/// What a branch expects, `[from][to]`.
#[must_use]
pub fn expected(config: &FixedMlseConfig) -> [[i64; 4]; 4] {
    config.levels.map(|from| {
        let product = i64::from(config.alpha) * i64::from(from);
        let past = shift_right(product, config.alpha_fraction, config.rounding);
        config.levels.map(|to| i64::from(to) + past)
    })
}

/// The metric of a branch that expects `e` for the sample `y`.
#[must_use]
pub fn branch_metric(config: &FixedMlseConfig, y: i64, e: i64) -> i64 {
    let distance = match config.distance {
        Distance::Absolute => (y - e).abs(),
        Distance::Squared => (y - e) * (y - e),
    };
    (distance >> config.metric_shift).min((1 << config.metric_bits) - 1)
}

/// Index of the smallest of four metrics, the lowest among equals.
fn smallest(config: &FixedMlseConfig, metrics: [i64; 4]) -> usize {
    (1..4).fold(0, |best, i| {
        let difference = metrics[i] - metrics[best];
        let difference = match config.normalisation {
            Normalisation::Modulo => fit(difference, config.path_bits, Overflow::Wrap),
            Normalisation::SubtractMin => difference,
        };
        if difference < 0 { i } else { best }
    })
}

/// The sequence detector on one whole stream: its symbols.
#[must_use]
pub fn mlse(config: &FixedMlseConfig, x: &[i16]) -> Vec<u8> {
    let expected = expected(config);
    let mut path = [0i64; 4];
    let mut origins: Vec<[usize; 4]> = Vec::new();
    let mut symbols = Vec::new();
    let back = |origins: &[[usize; 4]], path: [i64; 4], skip: usize, take: usize| {
        let mut state = smallest(config, path);
        let mut met = Vec::new();
        for chosen in origins.iter().rev().take(skip + take) {
            met.push(state as u8);
            state = chosen[state];
        }
        met[skip..].iter().rev().copied().collect::<Vec<u8>>()
    };
    for &y in x {
        let mut chosen = [0; 4];
        let mut next = [0; 4];
        for to in 0..4 {
            let sums = [0, 1, 2, 3]
                .map(|from| path[from] + branch_metric(config, y.into(), expected[from][to]));
            chosen[to] = smallest(config, sums);
            next[to] = sums[chosen[to]];
        }
        path = match config.normalisation {
            Normalisation::Modulo => next.map(|m| m.rem_euclid(1 << config.path_bits)),
            Normalisation::SubtractMin => {
                let least = next.into_iter().fold(i64::MAX, i64::min);
                next.map(|m| (m - least).min((1 << config.path_bits) - 1))
            }
        };
        origins.push(chosen);
        let seen = origins.len();
        if seen >= config.depth + config.block && (seen - config.depth).is_multiple_of(config.block)
        {
            symbols.extend(back(&origins, path, config.depth, config.block));
        }
    }
    let left = x.len() - symbols.len();
    symbols.extend(back(&origins, path, 0, left));
    symbols
}
