//! The four levels, the Gray map and the thresholds: the only place that says which bits a level
//! carries.
//!
//! Symbols are `u8` 0..=3 in *level order* (0 lowest). Gray map: bits 00, 01, 11, 10 are levels
//! 0, 1, 2, 3; the first bit of a pair is the most significant.

/// Nominal levels in units of half the spacing.
pub const LEVELS: [f32; 4] = [-3.0, -1.0, 1.0, 3.0];

/// Levels normalised to a peak of one: `LEVELS / 3`.
pub const UNIT_LEVELS: [f64; 4] = [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0];

/// Symbol of a Gray-coded bit pair, indexed by `2 * first + second`.
pub const GRAY_TO_SYMBOL: [u8; 4] = [0, 1, 3, 2];

/// Bit pair (`2 * first + second`) of a symbol.
pub const SYMBOL_TO_GRAY: [u8; 4] = [0, 1, 3, 2];

/// Bits that differ between two symbols under the Gray map.
#[must_use]
pub fn bit_errors(a: u8, b: u8) -> u32 {
    (SYMBOL_TO_GRAY[usize::from(a & 3)] ^ SYMBOL_TO_GRAY[usize::from(b & 3)]).count_ones()
}

/// Thresholds midway between neighbouring levels.
#[must_use]
pub fn midway(levels: [f64; 4]) -> [f64; 3] {
    [0, 1, 2].map(|i| 0.5 * (levels[i] + levels[i + 1]))
}

/// Mean square of equally likely levels around their mean.
#[must_use]
pub fn variance(levels: [f64; 4]) -> f64 {
    let mean = levels.iter().sum::<f64>() / 4.0;
    levels.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / 4.0
}

/// Levels of peak one whose separation ratio is `r_lm`.
///
/// `R_LM = min(3 ES1, 3 ES2, 2 - 3 ES1, 2 - 3 ES2)` (clause 120D.3.1.2) with both effective
/// symbol levels pulled towards the middle: `ES1 = ES2 = r_lm / 3`, so the inner eye shrinks.
#[must_use]
pub fn levels_with_rlm(r_lm: f64) -> [f64; 4] {
    [-1.0, -r_lm / 3.0, r_lm / 3.0, 1.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_neighbours_differ_in_one_bit() {
        for s in 0..3u8 {
            assert_eq!(bit_errors(s, s + 1), 1);
        }
        assert_eq!(bit_errors(0, 3), 1); // 00 and 10
        assert_eq!(bit_errors(0, 2), 2);
        for s in 0..4u8 {
            assert_eq!(
                GRAY_TO_SYMBOL[usize::from(SYMBOL_TO_GRAY[usize::from(s)])],
                s
            );
        }
    }

    #[test]
    fn level_statistics() {
        assert!((variance(UNIT_LEVELS) - 5.0 / 9.0).abs() < 1e-15);
        assert_eq!(midway([-3.0, -1.0, 1.0, 3.0]), [-2.0, 0.0, 2.0]);
        assert_eq!(levels_with_rlm(1.0), UNIT_LEVELS);
    }
}
