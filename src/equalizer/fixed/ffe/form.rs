//! Which form of the kernel the words allow, and the constants it needs.

use super::super::{Overflow, Rounding, code_range};
use super::WordLengths;
use super::kernel::{Finish, Stage};
use crate::Level;

/// The forms of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Words with every step of the end.
    General,
    /// Words; the accumulator holds every sum and rounding is one constant.
    Words,
    /// Bytes, on the same condition, and every sum fits 16 bits.
    Bytes,
}

/// The rounding constant: what is added before the shift.
fn bias(words: &WordLengths) -> i64 {
    let half = (1i64 << words.shift) / 2;
    match words.rounding {
        Rounding::Floor => 0,
        Rounding::HalfUp => half,
        Rounding::HalfEven => (half - 1).max(0),
    }
}

/// Whether sums of up to `bound` in magnitude can leave the accumulator.
fn accumulator_can_overflow(words: &WordLengths, bound: i64) -> bool {
    bound > code_range(words.accumulator_bits).1
}

fn output_can_overflow(words: &WordLengths, bound: i64) -> bool {
    let largest = bound.min(-code_range(words.accumulator_bits).0) + bias(words);
    (largest >> words.shift) + 1 > code_range(words.output_bits).1
}

impl Form {
    /// The fastest form for these words and taps whose sums reach `bound`.
    pub(super) fn choose(words: &WordLengths, taps: &[i16], bound: i64, level: Level) -> Self {
        let even = words.rounding == Rounding::HalfEven && words.shift > 0;
        let wraps = words.output_overflow == Overflow::Wrap && output_can_overflow(words, bound);
        if accumulator_can_overflow(words, bound) || even || wraps {
            return Self::General;
        }
        // The pairs that bytes multiply: neighbours from either end, and the ends alone.
        let highest = (1i64 << words.sample_bits) - 1;
        let fits = |a: i16, b: i16| {
            let (a, b) = (i64::from(a), i64::from(b));
            (a.max(0) + b.max(0)) * highest <= 32_767 && (a.min(0) + b.min(0)) * highest >= -32_768
        };
        let pairs = taps.windows(2).all(|w| fits(w[0], w[1])) && taps.iter().all(|&t| fits(t, 0));
        let small = taps.iter().all(|&t| i8::try_from(t).is_ok());
        let sums = bound + bias(words) <= 32_767 && words.shift <= 15;
        // The pairwise product of bytes is an instruction from the AVX2 level on.
        if level.has_mid() && pairs && small && sums {
            Self::Bytes
        } else {
            Self::Words
        }
    }

    pub(super) fn stage(self, past: usize, block: usize, words: &WordLengths) -> Stage {
        match self {
            Self::Bytes => Stage::bytes(past, block, zero_code(words)),
            _ => Stage::words(past, block),
        }
    }

    /// Whether a state was made for this form.
    pub(super) fn serves(self, stage: &Stage, words: &WordLengths) -> bool {
        match stage {
            Stage::Words(_) => self != Self::Bytes,
            Stage::Bytes(_, zero) => self == Self::Bytes && *zero == zero_code(words),
        }
    }

    /// Pairs of the reversed taps, `[(h[2m], h[2m+1]), (h[2m-1], h[2m])]`.
    pub(super) fn pairs(self, taps: &[i16]) -> Vec<[[i16; 8]; 2]> {
        let h = |j: usize| -> i16 {
            // `h[j - 1]`, zero outside.
            let last = taps.len();
            if (1..=last).contains(&j) {
                taps[last - j]
            } else {
                0
            }
        };
        (0..=taps.len() / 2)
            .map(|m| {
                let both = [[h(2 * m + 1), h(2 * m + 2)], [h(2 * m), h(2 * m + 1)]];
                both.map(|[low, high]| {
                    let bytes = i16::from_le_bytes([low as u8, high as u8]);
                    let pair = if self == Self::Bytes {
                        [bytes; 2]
                    } else {
                        [low, high]
                    };
                    std::array::from_fn(|i| pair[i % 2])
                })
            })
            .collect()
    }
}

/// The unsigned byte that stands for a sample of zero.
fn zero_code(words: &WordLengths) -> u8 {
    1 << (words.sample_bits - 1)
}

/// The constants of the end.
pub(super) fn finish(words: &WordLengths, taps: &[i16], bound: i64, form: Form) -> Finish {
    let whole = [i32::MIN, i32::MAX];
    let limits = |bits: u32, overflow: Overflow| {
        let (min, max) = code_range(bits);
        if bits >= 32 {
            (whole, 0)
        } else if overflow == Overflow::Saturate {
            ([min as i32, max as i32], 0)
        } else {
            (whole, 32 - bits)
        }
    };
    let (accumulator, accumulator_wrap) =
        limits(words.accumulator_bits, words.accumulator_overflow);
    let (mut output, output_wrap) = limits(words.output_bits, words.output_overflow);
    if form != Form::General && output == whole {
        // Nothing leaves the output; the end of these forms is 16 bits wide.
        output = [i16::MIN.into(), i16::MAX.into()];
    }
    debug_assert!(form == Form::General || !accumulator_can_overflow(words, bound));
    let sum: i64 = taps.iter().map(|&t| i64::from(t)).sum();
    let start = match form {
        Form::General => 0,
        Form::Words => bias(words) as i32,
        Form::Bytes => (bias(words) - sum * i64::from(zero_code(words))) as i32,
    };
    Finish {
        start,
        shift: words.shift,
        output,
        output_wrap,
        accumulator,
        accumulator_wrap,
        bias: bias(words) as i32,
        even: i32::from(words.rounding == Rounding::HalfEven && words.shift > 0),
    }
}
