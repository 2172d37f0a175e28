//! What the soft decoder of the inner code leaves of a bit error ratio, as a measured table.

use crate::error::{Result, in_range};

/// A point of the table [`INNER_POINTS`], or between its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InnerPoint {
    /// Bit error ratio in front of the inner decoder.
    pub pre_inner_ber: f64,
    /// Bit error ratio behind it.
    pub post_inner_ber: f64,
    /// Share of wrong 10-bit RS symbols behind it.
    pub rs_symbol_error_ratio: f64,
    /// Share of wrong blocks of 120 bits behind it.
    pub block_error_ratio: f64,
    /// The ratios are upper bounds: `pre_inner_ber` lies below the table, they are its first row's.
    pub is_bound: bool,
}

/// The inner code of 802.3dj (clause 177) in front of its soft decoder and behind it, by rising ratio.
///
/// Computed by Monte Carlo, not from a formula: PAM4 in white Gaussian noise, reliability the distance
/// to the nearest threshold in floating point, Chase decoding with the 6 least reliable positions and 42
/// patterns, 1e6 to 4e6 blocks a row (a statistical error of about 1 % of the ratios, 5 % in the first
/// row). Valid for that decoder, that noise and the range of the rows alone: noise with bursts in front
/// of the inner decoder does not obey it.
pub const INNER_POINTS: [InnerPoint; 9] = [
    row(2.0e-3, 1.00e-5, 9.05e-5, 3.12e-4),
    row(3.0e-3, 4.37e-5, 3.94e-4, 1.34e-3),
    row(4.0e-3, 1.28e-4, 1.15e-3, 3.86e-3),
    row(4.5e-3, 1.95e-4, 1.75e-3, 5.82e-3),
    row(4.8e-3, 2.44e-4, 2.187e-3, 7.26e-3),
    row(5.0e-3, 2.81e-4, 2.52e-3, 8.35e-3),
    row(6.0e-3, 5.24e-4, 4.68e-3, 1.53e-2),
    row(7.0e-3, 8.81e-4, 7.84e-3, 2.54e-2),
    row(1.0e-2, 2.69e-3, 2.38e-2, 7.47e-2),
];

const fn row(pre: f64, post: f64, symbol: f64, block: f64) -> InnerPoint {
    InnerPoint {
        pre_inner_ber: pre,
        post_inner_ber: post,
        rs_symbol_error_ratio: symbol,
        block_error_ratio: block,
        is_bound: false,
    }
}

/// The ratios behind the inner decoder at a bit error ratio in front of it, by [`INNER_POINTS`].
///
/// Between rows the logarithms of the ratios follow the parabola through the three nearest rows in the
/// logarithm of the ratio in front; a row left out comes back within 1 % from 4.5e-3 to 7e-3, 2 % at 4e-3
/// and 3 % at 3e-3. Below the first row (2e-3) its ratios are returned as upper bounds
/// and marked so; above the last (1e-2) there is no answer, [`crate::Error::OutOfRange`].
pub fn after_inner(pre_inner_ber: f64) -> Result<InnerPoint> {
    let rows = &INNER_POINTS;
    let (first, last) = (rows[0], rows[rows.len() - 1]);
    in_range("pre_inner_ber", pre_inner_ber, 0.0, last.pre_inner_ber)?;
    if pre_inner_ber < first.pre_inner_ber {
        return Ok(InnerPoint {
            pre_inner_ber,
            is_bound: true,
            ..first
        });
    }
    let x = pre_inner_ber.ln();
    let distance = |k: usize| (rows[k].pre_inner_ber.ln() - x).abs();
    let mut start = 0;
    while start + 3 < rows.len() && distance(start + 3) < distance(start) {
        start += 1;
    }
    let three = &rows[start..start + 3];
    let between = |value: fn(&InnerPoint) -> f64| {
        let mut ln = 0.0;
        for (k, row) in three.iter().enumerate() {
            let mut weight = 1.0;
            for (other, _) in three.iter().enumerate().filter(|(other, _)| *other != k) {
                let at = three[other].pre_inner_ber.ln();
                weight *= (x - at) / (row.pre_inner_ber.ln() - at);
            }
            ln += weight * value(row).ln();
        }
        ln.exp()
    };
    Ok(InnerPoint {
        pre_inner_ber,
        post_inner_ber: between(|p| p.post_inner_ber),
        rs_symbol_error_ratio: between(|p| p.rs_symbol_error_ratio),
        block_error_ratio: between(|p| p.block_error_ratio),
        is_bound: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{KP4, RsCode};
    use super::super::WordErrors;
    use super::*;

    #[test]
    fn rows_come_back_and_the_rest_lies_between() {
        for row in INNER_POINTS {
            let p = after_inner(row.pre_inner_ber).unwrap();
            assert!((p.post_inner_ber / row.post_inner_ber - 1.0).abs() < 1e-12);
            assert!((p.rs_symbol_error_ratio / row.rs_symbol_error_ratio - 1.0).abs() < 1e-12);
            assert!((p.block_error_ratio / row.block_error_ratio - 1.0).abs() < 1e-12);
            assert!(!p.is_bound);
        }
        let mut before = 0.0;
        for k in 0..=400 {
            let p = after_inner(2e-3 + 8e-3 * f64::from(k) / 400.0).unwrap();
            assert!(p.rs_symbol_error_ratio > before);
            before = p.rs_symbol_error_ratio;
        }
        // The decoder that needs 4.78e-3 for 2.4e-4, and the rule of thumb 4.8e-3 <-> 2.4e-4.
        let p = after_inner(4.78e-3).unwrap();
        assert!((p.post_inner_ber / 2.4e-4 - 1.0).abs() < 0.01);
    }

    #[test]
    fn outside_the_rows_is_a_bound_or_an_error() {
        let p = after_inner(1e-4).unwrap();
        assert!(p.is_bound && p.pre_inner_ber == 1e-4);
        assert_eq!(p.rs_symbol_error_ratio, 9.05e-5);
        assert!(after_inner(0.0).unwrap().is_bound);
        assert_eq!(
            after_inner(0.02).unwrap_err().to_string(),
            "pre_inner_ber is 0.02, must lie between 0 and 0.01"
        );
        assert!(after_inner(f64::NAN).is_err());
    }

    #[test]
    fn codewords_behind_the_inner_decoder() {
        // The last column of the published table, printed to one or two digits.
        let cer = |code: &RsCode, pre: f64| {
            let p = after_inner(pre).unwrap().rs_symbol_error_ratio;
            let words = WordErrors::from_inner_decoder(code.n, p).unwrap();
            words.codeword_error_ratio(code).unwrap()
        };
        for (pre, want, tolerance) in [
            (1.0e-2, 0.23, 0.03),
            (7.0e-3, 9.5e-6, 0.02),
            (6.0e-3, 1.2e-8, 0.05),
            (5.0e-3, 1.7e-12, 0.05),
            (4.8e-3, 2.1e-13, 0.05),
            (4.5e-3, 7e-15, 0.1),
            (4.0e-3, 1e-17, 0.5),
        ] {
            let got = cer(&KP4, pre);
            assert!((got / want - 1.0).abs() < tolerance, "{pre}: {got:e}");
        }
    }
}
