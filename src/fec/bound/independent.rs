//! What a Reed-Solomon code makes of independent symbol errors, from certainty down to 1e-300.
//!
//! With symbol error probability `p`, independent, a word of `n` symbols fails with
//! `CER = sum over i > t of C(n, i) p^i (1-p)^(n-i)`. All terms are positive and are added relative to
//! the largest one in the log domain, so nothing cancels and nothing underflows before the result
//! does; the relative error is below 1e-11 (that of the logarithms of the factorials).
//!
//! Bursts are not independent: what a decision feedback equalizer does to its own errors is beyond
//! these formulas.
//!
//! Reference: the definition; the tests hold it to values of 40-digit and of exact rational arithmetic.

use statrs::function::gamma::ln_gamma;

use super::super::RsCode;
use crate::error::{Result, in_range};

/// 64-octet frames (with preamble and minimum gap, 84 octets) per codeword of 640 octets.
const FRAMES_PER_WORD: f64 = 640.0 / 84.0;

/// Probability that a symbol of 10 bits has an error, from the bit error ratio of independent errors:
/// `p = 1 - (1 - ber)^10`, free of cancellation.
pub fn rs_symbol_error_probability(ber: f64) -> Result<f64> {
    in_range("ber", ber, 0.0, 1.0)?;
    Ok(any_of(10.0, ber))
}

/// Probability that a symbol of 10 bits has an error, from the symbol error ratio of the five PAM4
/// symbols that carry it: `p = 1 - (1 - ser)^5`. Exact for independent PAM4 symbol errors, whatever
/// their bits.
pub fn rs_symbol_error_from_pam4(ser: f64) -> Result<f64> {
    in_range("ser", ser, 0.0, 1.0)?;
    Ok(any_of(5.0, ser))
}

/// Probability that a symbol is wrong after several segments in a row: `p = 1 - prod(1 - p_l)`.
///
/// Two errors that undo each other count as an error (their probability is of second order). An empty
/// list gives 0.
pub fn combined_symbol_error_probability(per_segment: &[f64]) -> Result<f64> {
    let mut ln_right = 0.0;
    for (l, &p) in per_segment.iter().enumerate() {
        in_range(format!("per_segment[{l}]"), p, 0.0, 1.0)?;
        ln_right += (-p).ln_1p();
    }
    Ok(-f64::exp_m1(ln_right))
}

/// `1 - (1 - p)^n`.
fn any_of(n: f64, p: f64) -> f64 {
    if p == 0.0 {
        return 0.0;
    }
    -f64::exp_m1(n * (-p).ln_1p())
}

/// Bit error ratio after decoding from the symbol error ratio after it: `SER * ber / p`, the wrong bits
/// of a wrong symbol being as many as before the decoder.
pub fn post_fec_ber(post_fec_ser: f64, ber: f64) -> Result<f64> {
    in_range("post_fec_ser", post_fec_ser, 0.0, 1.0)?;
    let p = rs_symbol_error_probability(ber)?;
    Ok(if p == 0.0 {
        0.0
    } else {
        post_fec_ser * ber / p
    })
}

/// Frame loss ratio of 64-octet frames at minimum gap from the codeword error ratio, words interleaved
/// `interleave` ways: `FLR = CER (1 + I M) / M`, `M = 640 / 84` frames per word; every frame that touches
/// a group of words with a bad one is lost. Capped at 1.
pub fn frame_loss_ratio(cer: f64, interleave: usize) -> Result<f64> {
    in_range("cer", cer, 0.0, 1.0)?;
    Ok((cer * frame_loss_factor(interleave)?).min(1.0))
}

/// Codeword error ratio that gives a frame loss ratio; the inverse of [`frame_loss_ratio`].
pub fn codeword_error_for_frame_loss(flr: f64, interleave: usize) -> Result<f64> {
    in_range("flr", flr, 0.0, 1.0)?;
    Ok(flr / frame_loss_factor(interleave)?)
}

fn frame_loss_factor(interleave: usize) -> Result<f64> {
    in_range("interleave", interleave as f64, 1.0, 1e6)?;
    Ok((1.0 + interleave as f64 * FRAMES_PER_WORD) / FRAMES_PER_WORD)
}

impl RsCode {
    /// Codeword error ratio from the symbol error probability (0..=1), independent errors.
    pub fn codeword_error_ratio(&self, symbol_error: f64) -> Result<f64> {
        Ok(self.ln_codeword_error_ratio(symbol_error)?.exp())
    }

    /// Natural logarithm of [`Self::codeword_error_ratio`], for what lies below 1e-300; minus infinity
    /// at a symbol error probability of zero.
    pub fn ln_codeword_error_ratio(&self, symbol_error: f64) -> Result<f64> {
        in_range("symbol_error", symbol_error, 0.0, 1.0)?;
        Ok(self.ln_tail(symbol_error, |_| 1.0))
    }

    /// Codeword error ratio from the bit error ratio before decoding, independent errors.
    pub fn codeword_error_ratio_from_ber(&self, ber: f64) -> Result<f64> {
        in_range("ber", ber, 0.0, 1.0)?;
        self.codeword_error_ratio(any_of(f64::from(self.symbol_bits), ber))
    }

    /// Symbol error ratio after decoding, from the symbol error probability before it:
    /// `sum over i > t of (i/n) C(n, i) p^i (1-p)^(n-i)` (a word that cannot be decoded is passed on).
    pub fn post_fec_ser(&self, symbol_error: f64) -> Result<f64> {
        in_range("symbol_error", symbol_error, 0.0, 1.0)?;
        let n = self.n as f64;
        Ok(self.ln_tail(symbol_error, |i| i / n).exp())
    }

    /// The symbol error probability at which the codeword error ratio is `cer` (0 < cer < 1).
    ///
    /// Bisected in the logarithm to 1e-14; valid for targets down to 1e-300.
    pub fn symbol_error_limit(&self, cer: f64) -> Result<f64> {
        in_range("cer", cer, 1e-300, 1.0 - f64::EPSILON)?;
        let want = cer.ln();
        // CER >= C(n, t+1) p^(t+1) (1-p)^n: below e^-100 no word of t >= 7 fails 1e-300 of the time.
        let (mut lo, mut hi) = (-800.0f64, 0.0f64);
        for _ in 0..64 {
            let mid = 0.5 * (lo + hi);
            if self.ln_tail(mid.exp(), |_| 1.0) < want {
                lo = mid;
            } else {
                hi = mid;
            }
        }
        Ok((0.5 * (lo + hi)).exp())
    }

    /// The bit error ratio before decoding at which the codeword error ratio is `cer`, independent errors.
    pub fn ber_limit(&self, cer: f64) -> Result<f64> {
        let p = self.symbol_error_limit(cer)?;
        Ok(-f64::exp_m1((-p).ln_1p() / f64::from(self.symbol_bits)))
    }

    /// `ln sum over i > t of weight(i) C(n, i) p^i (1-p)^(n-i)` for `p` in 0..=1.
    fn ln_tail(&self, p: f64, weight: impl Fn(f64) -> f64) -> f64 {
        let n = self.n as f64;
        if p <= 0.0 {
            return f64::NEG_INFINITY;
        }
        if p >= 1.0 {
            return weight(n).ln();
        }
        let (ln_p, ln_q) = (p.ln(), (-p).ln_1p());
        let ln_n_factorial = ln_gamma(n + 1.0);
        let ln_term = |i: f64| {
            ln_n_factorial - ln_gamma(i + 1.0) - ln_gamma(n - i + 1.0) + i * ln_p + (n - i) * ln_q
        };
        // The terms rise to the mode of the binomial and fall after it.
        let first = (self.t + 1) as f64;
        let mode = ((n + 1.0) * p).floor().clamp(first, n);
        let scale = ln_term(mode);
        let sum: f64 = (self.t + 1..=self.n)
            .map(|i| weight(i as f64) * (ln_term(i as f64) - scale).exp())
            .sum();
        // Rounding may carry a certain failure past one.
        (scale + sum.ln()).min(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{KP4, KR4};
    use super::*;

    /// Equal to the digits printed: within half a unit of the last one.
    fn agrees(got: f64, printed: &str) {
        let want: f64 = printed.parse().unwrap();
        let mantissa = printed.split('e').next().unwrap();
        let decimals = mantissa.split('.').nth(1).map_or(0, str::len);
        let exponent: i32 = printed.split('e').nth(1).map_or(0, |e| e.parse().unwrap());
        let half_unit = 0.5000001 * 10f64.powi(exponent - decimals as i32);
        assert!((got - want).abs() <= half_unit, "{got:e}, not {printed}");
    }

    #[test]
    fn independent_errors_give_the_reference_points() {
        // 40-digit arithmetic: BER, KP4 CER, KP4 SER out, KR4 CER. (SER out at 4e-4
        // and 2.4e-4 by exact rational arithmetic: 3.84448e-11, 2.40949e-14.)
        for (ber, kp4, ser, kr4) in [
            (1e-3, "1.5303e-4", "4.620e-6", "0.16047"),
            (4e-4, "1.2958e-9", "3.844e-11", "1.479e-3"),
            (3e-4, "2.1432e-11", "6.344e-13", "2.334e-4"),
            (2.4e-4, "8.1516e-13", "2.409e-14", "5.154e-5"),
            (2e-4, "5.3899e-14", "1.592e-15", "1.440e-5"),
            (1e-4, "1.3598e-18", "4.007e-20", "8.927e-8"),
        ] {
            agrees(KP4.codeword_error_ratio_from_ber(ber).unwrap(), kp4);
            let p = rs_symbol_error_probability(ber).unwrap();
            agrees(KP4.post_fec_ser(p).unwrap(), ser);
            agrees(KR4.codeword_error_ratio_from_ber(ber).unwrap(), kr4);
        }
        // Exact rational arithmetic, all digits of an f64.
        let cer = KP4.codeword_error_ratio_from_ber(4e-4).unwrap();
        assert!((cer / 1.2958084991246446e-9 - 1.0).abs() < 1e-11);
        agrees(
            KP4.codeword_error_ratio_from_ber(1e-5).unwrap(),
            "2.1397e-34",
        );
        agrees(
            KR4.codeword_error_ratio_from_ber(1e-5).unwrap(),
            "1.3558e-15",
        );
    }

    #[test]
    fn limits_give_the_reference_points() {
        for (cer, kp4, kr4) in [
            (1.45e-11, "2.920e-4", "3.231e-5"),
            (1e-12, "2.433e-4", "2.300e-5"),
            (1e-13, "2.084e-4", "1.719e-5"),
            (1e-15, "1.536e-4", "9.625e-6"),
        ] {
            agrees(KP4.ber_limit(cer).unwrap(), kp4);
            agrees(KR4.ber_limit(cer).unwrap(), kr4);
        }
        for cer in [0.9, 1e-3, 1e-40, 1e-290] {
            let back = KP4.codeword_error_ratio_from_ber(KP4.ber_limit(cer).unwrap());
            assert!((back.unwrap() / cer - 1.0).abs() < 1e-10, "{cer}");
        }
        // Independent PAM4 symbol errors, four-way table of burst points, EPF 0: 5.84e-4.
        let p = KP4.symbol_error_limit(1.45e-11).unwrap();
        let ser = -f64::exp_m1((-p).ln_1p() / 5.0);
        agrees(ser, "5.84e-4");
        assert!((rs_symbol_error_from_pam4(ser).unwrap() / p - 1.0).abs() < 1e-13);
    }

    #[test]
    fn the_tail_is_sound_at_both_ends() {
        // Deep tail: the first term alone, C(544, 16) p^16, to a relative n p.
        let p = 1e-19;
        let ln_c = ln_gamma(545.0) - ln_gamma(17.0) - ln_gamma(529.0);
        let got = KP4.ln_codeword_error_ratio(p).unwrap();
        assert!((got - (ln_c + 16.0 * p.ln())).abs() < 1e-10);
        let cer = KP4.codeword_error_ratio(p).unwrap();
        assert!(cer > 0.0 && cer < 1e-270);
        assert_eq!(KP4.codeword_error_ratio(0.0).unwrap(), 0.0);
        assert_eq!(KP4.codeword_error_ratio(1.0).unwrap(), 1.0);
        assert_eq!(KP4.post_fec_ser(1.0).unwrap(), 1.0);
        assert!((KP4.codeword_error_ratio(0.5).unwrap() - 1.0).abs() < 1e-11);
        // The complement, summed apart, where both halves matter.
        let p: f64 = 0.028;
        let head: f64 = (0..=15)
            .map(|i| {
                let i = f64::from(i);
                (ln_gamma(545.0) - ln_gamma(i + 1.0) - ln_gamma(545.0 - i)
                    + i * p.ln()
                    + (544.0 - i) * (-p).ln_1p())
                .exp()
            })
            .sum();
        assert!((KP4.codeword_error_ratio(p).unwrap() + head - 1.0).abs() < 1e-11);
    }

    #[test]
    fn small_probabilities_do_not_cancel() {
        let p = rs_symbol_error_probability(1e-20).unwrap();
        assert!((p / 1e-19 - 1.0).abs() < 1e-14);
        let p = combined_symbol_error_probability(&[1e-18, 2e-18, 0.0]).unwrap();
        assert!((p / 3e-18 - 1.0).abs() < 1e-14);
        let p = combined_symbol_error_probability(&[0.1, 0.2]).unwrap();
        assert!((p - 0.28).abs() < 1e-15);
        assert_eq!(combined_symbol_error_probability(&[0.1, 1.0]).unwrap(), 1.0);
        assert_eq!(combined_symbol_error_probability(&[]).unwrap(), 0.0);
        // Each wrong symbol passes on ber / p of its bits: one in ten where errors are rare.
        let ber = post_fec_ber(1e-10, 1e-6).unwrap();
        assert!((ber / 1e-11 - 1.0).abs() < 1e-5);
        assert_eq!(post_fec_ber(0.0, 0.0).unwrap(), 0.0);
    }

    #[test]
    fn frame_loss_factors() {
        for (ways, factor) in [(1, "1.131"), (2, "2.131"), (4, "4.131")] {
            agrees(frame_loss_ratio(1e-6, ways).unwrap() * 1e6, factor);
        }
        agrees(
            codeword_error_for_frame_loss(6e-11, 4).unwrap(),
            "1.452e-11",
        );
        assert_eq!(frame_loss_ratio(0.9, 4).unwrap(), 1.0);
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        let text = |e: crate::Error| e.to_string();
        assert_eq!(
            text(KP4.codeword_error_ratio(1.5).unwrap_err()),
            "symbol_error is 1.5, must lie between 0 and 1"
        );
        assert_eq!(
            text(combined_symbol_error_probability(&[0.0, -0.1]).unwrap_err()),
            "per_segment[1] is -0.1, must lie between 0 and 1"
        );
        assert!(rs_symbol_error_probability(f64::NAN).is_err());
        assert!(rs_symbol_error_from_pam4(-1.0).is_err());
        assert!(KP4.ber_limit(0.0).is_err());
        assert!(KP4.ber_limit(1.0).is_err());
        assert!(frame_loss_ratio(0.1, 0).is_err());
        assert!(codeword_error_for_frame_loss(2.0, 1).is_err());
        assert!(post_fec_ber(0.1, 2.0).is_err());
    }
}
