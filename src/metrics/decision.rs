//! What a slicer makes of levels, interference and noise: the probability of each wrong decision.

use super::statistical::Pdf;
use crate::error::{Error, Result, all_finite, in_range};
use crate::pam4::bit_errors;

/// Decision errors of a PAM4 slicer, symbols equally likely.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SymbolErrors {
    /// Probability that symbol `s` is decided too high (crosses the threshold above it); 0 for 3.
    pub up: [f64; 4],
    /// Probability that symbol `s` is decided too low; 0 for 0.
    pub down: [f64; 4],
    /// `wrong[s][d]`: probability that `s` is decided as `d`; 0 on the diagonal.
    pub wrong: [[f64; 4]; 4],
    /// Symbol error ratio.
    pub ser: f64,
    /// Bit error ratio under the Gray map, decisions two or three levels off included.
    pub ber: f64,
}

/// Probabilities of wrong decisions: symbol `s` gives `levels[s]` plus interference (`pdf`) plus Gaussian
/// noise of `sigma_per_level[s]`, and is decided by the three `thresholds`.
///
/// `P(decided above threshold k) = sum over x of pdf(x) Q((thresholds[k] - levels[s] - x) / sigma[s])`,
/// and likewise below; a decision `d` is the difference of two neighbouring ones. All in one unit (that
/// of the samples); standard deviations not below zero, levels and thresholds strictly rising. The
/// errors are relative 1e-12 down to 1e-300 for what crosses the nearest threshold.
///
/// ```
/// use pamlink::metrics::{Pdf, symbol_error};
/// let levels = [-3.0, -1.0, 1.0, 3.0];
/// let e = symbol_error(levels, [-2.0, 0.0, 2.0], &Pdf::delta(0.01)?, [0.25; 4])?;
/// let q4 = pamlink::units::q_function(4.0);
/// assert!((e.ser / (1.5 * q4) - 1.0).abs() < 1e-12);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn symbol_error(
    levels: [f64; 4],
    thresholds: [f64; 3],
    pdf: &Pdf,
    sigma_per_level: [f64; 4],
) -> Result<SymbolErrors> {
    rising("levels", &levels)?;
    rising("thresholds", &thresholds)?;
    for (s, sigma) in sigma_per_level.into_iter().enumerate() {
        in_range(format!("sigma_per_level[{s}]"), sigma, 0.0, f64::MAX)?;
    }
    let (mut up, mut down, mut wrong) = ([0.0; 4], [0.0; 4], [[0.0; 4]; 4]);
    for s in 0..4 {
        let sigma = sigma_per_level[s];
        // Beyond the threshold above decision d; nothing is beyond the last.
        let above = |d: usize| match thresholds.get(d) {
            Some(t) => pdf.tail_above_gaussian(t - levels[s], sigma),
            None => 0.0,
        };
        let mut beyond = above(s);
        up[s] = beyond;
        for d in s + 1..4 {
            let next = above(d);
            wrong[s][d] = (beyond - next).max(0.0);
            beyond = next;
        }
        let below = |d: usize| match d {
            0 => 0.0,
            _ => pdf.tail_below_gaussian(thresholds[d - 1] - levels[s], sigma),
        };
        let mut beyond = below(s);
        down[s] = beyond;
        for d in (0..s).rev() {
            let next = below(d);
            wrong[s][d] = (beyond - next).max(0.0);
            beyond = next;
        }
    }
    let ser = (up.iter().sum::<f64>() + down.iter().sum::<f64>()) / 4.0;
    let mut ber = 0.0;
    for (s, row) in wrong.iter().enumerate() {
        for (d, p) in row.iter().enumerate() {
            ber += p * f64::from(bit_errors(s as u8, d as u8)) / 8.0;
        }
    }
    Ok(SymbolErrors {
        up,
        down,
        wrong,
        ser,
        ber,
    })
}

/// Checks that values are finite and rise strictly.
fn rising(name: &'static str, values: &[f64]) -> Result<()> {
    all_finite(name, values)?;
    for (i, pair) in values.windows(2).enumerate() {
        if pair[0] >= pair[1] {
            return Err(Error::NotIncreasing {
                name: name.into(),
                index: i + 1,
                previous: pair[0],
                value: pair[1],
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::interference::Interference;
    use super::super::snr::{ber_from_snr_db, ser_from_snr_db, snr_db_from_ber};
    use super::*;
    use crate::pam4::{UNIT_LEVELS, midway};
    use crate::units::{db_to_power, q_function};

    #[test]
    fn noise_alone_gives_the_closed_form_from_1e_2_to_1e_20() {
        let levels = [-3.0, -1.0, 1.0, 3.0];
        for exponent in 2..=20 {
            let snr_db = snr_db_from_ber(10f64.powi(-exponent)).unwrap();
            let sigma = (5.0 / db_to_power(snr_db)).sqrt();
            let pdf = Pdf::delta(0.01).unwrap();
            let e = symbol_error(levels, midway(levels), &pdf, [sigma; 4]).unwrap();
            let (ber, ser) = (ber_from_snr_db(snr_db), ser_from_snr_db(snr_db));
            assert!((e.ber / ber.unwrap() - 1.0).abs() < 1e-10, "{exponent}");
            assert!((e.ser / ser.unwrap() - 1.0).abs() < 1e-10, "{exponent}");
            assert!((e.ber * 10f64.powi(exponent) - 1.0).abs() < 1e-8);
        }
    }

    #[test]
    fn one_interferer_is_the_mean_over_its_four_levels() {
        let levels = UNIT_LEVELS;
        let (c, sigma) = (0.15, 0.05);
        let interference = Interference::new(&[c], levels, 1e-3, 0.0).unwrap();
        let thresholds = midway(levels);
        let e = symbol_error(levels, thresholds, &interference.pdf, [sigma; 4]).unwrap();
        let q = |distance: f64| -> f64 {
            let mean = |l: f64| q_function((distance - c * l) / sigma);
            levels.into_iter().map(mean).sum::<f64>() / 4.0
        };
        // A level is 1/3 from its thresholds; the interference is symmetric.
        let crossing = q(1.0 / 3.0);
        for s in 0..4 {
            let up = if s < 3 { crossing } else { 0.0 };
            let down = if s > 0 { crossing } else { 0.0 };
            assert!((e.up[s] - up).abs() < 1e-12 * crossing);
            assert!((e.down[s] - down).abs() < 1e-12 * crossing);
        }
        assert!((e.ser / (1.5 * crossing) - 1.0).abs() < 1e-12);
        let ber = 0.75 * crossing + 0.5 * q(1.0) - 0.25 * q(5.0 / 3.0);
        assert!((e.ber / ber - 1.0).abs() < 1e-12);
    }

    #[test]
    fn each_level_has_its_own_noise_and_every_row_adds_up() {
        let levels = [-1.0, -0.3, 0.35, 1.0];
        let sigma = [0.02, 0.1, 0.4, 0.8];
        let i = Interference::new(&[0.1, -0.07], levels, 1e-3, 0.0).unwrap();
        let e = symbol_error(levels, [-0.6, 0.0, 0.7], &i.pdf, sigma).unwrap();
        for s in 0..4 {
            let row: f64 = e.wrong[s].iter().sum();
            assert!((row - e.up[s] - e.down[s]).abs() < 1e-12);
            assert_eq!(e.wrong[s][s], 0.0);
        }
        assert!(e.down[3] > e.up[2] && e.up[2] > e.up[1] && e.up[1] > e.up[0]);
        // Without noise and with small interference nothing goes wrong.
        let e = symbol_error(levels, midway(levels), &i.pdf, [0.0; 4]).unwrap();
        assert_eq!((e.ser, e.ber), (0.0, 0.0));
    }

    #[test]
    fn disorder_is_named() {
        let pdf = Pdf::delta(0.01).unwrap();
        let text = |levels, thresholds, sigma| {
            symbol_error(levels, thresholds, &pdf, sigma)
                .unwrap_err()
                .to_string()
        };
        let good = [-3.0, -1.0, 1.0, 3.0];
        assert!(text(good, [-2.0, 0.0, 0.0], [0.1; 4]).starts_with("thresholds does not rise"));
        assert!(text([0.0; 4], midway(good), [0.1; 4]).starts_with("levels does not rise"));
        let bad = [0.1, -0.1, 0.1, 0.1];
        assert!(text(good, midway(good), bad).starts_with("sigma_per_level[1] is -0.1"));
        assert!(text(good, [f64::NAN, 0.0, 1.0], [0.1; 4]).starts_with("thresholds[0] is NaN"));
    }
}
