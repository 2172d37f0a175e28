//! Signal-to-noise ratio at the slicer, and what it means in errors.
//!
//! `snr = var(levels) / E[(y - level)^2]` as a ratio of powers, `snr_db = 10 log10(snr)`. For equally
//! spaced, equally likely levels in Gaussian noise the distance from a level to its threshold is
//! `x = sqrt(snr / 5)` standard deviations; then
//! `SER = 3/2 Q(x)` and, Gray mapped, `BER = 3/4 Q(x) + 1/2 Q(3x) - 1/4 Q(5x)`, both exact.

use crate::error::{Error, Result, in_range, length};
use crate::pam4;
use crate::units::{db_to_power, power_to_db, q_function, q_inverse};

/// Distance from level to threshold in standard deviations, `sqrt(snr / 5)`.
fn distance(snr_db: f64) -> Result<f64> {
    crate::error::finite("snr_db", snr_db)?;
    Ok((db_to_power(snr_db) / 5.0).sqrt())
}

/// The SNR in dB of a distance from level to threshold.
fn snr_db_of(x: f64) -> f64 {
    power_to_db(5.0 * x * x)
}

/// Symbol error ratio of PAM4 in Gaussian noise: `3/2 Q(sqrt(snr / 5))`.
pub fn ser_from_snr_db(snr_db: f64) -> Result<f64> {
    Ok(1.5 * q_function(distance(snr_db)?))
}

/// Bit error ratio of Gray-mapped PAM4 in Gaussian noise:
/// `3/4 Q(x) + 1/2 Q(3x) - 1/4 Q(5x)`, `x = sqrt(snr / 5)`.
pub fn ber_from_snr_db(snr_db: f64) -> Result<f64> {
    Ok(gray_ber(distance(snr_db)?))
}

fn gray_ber(x: f64) -> f64 {
    0.75 * q_function(x) + 0.5 * q_function(3.0 * x) - 0.25 * q_function(5.0 * x)
}

/// The SNR in dB at which the symbol error ratio is `ser` (1e-300 to below 3/4).
pub fn snr_db_from_ser(ser: f64) -> Result<f64> {
    in_range("ser", ser, 1e-300, 0.75 - 1e-9)?;
    Ok(snr_db_of(q_inverse(ser / 1.5)))
}

/// The SNR in dB at which the bit error ratio is `ber` (1e-300 to below 1/2).
pub fn snr_db_from_ber(ber: f64) -> Result<f64> {
    in_range("ber", ber, 1e-300, 0.5 - 1e-9)?;
    // Falls with x; Q(38) is below 1e-300.
    let (mut lo, mut hi) = (0.0, 40.0);
    for _ in 0..60 {
        let mid = 0.5 * (lo + hi);
        if gray_ber(mid) > ber {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    Ok(snr_db_of(0.5 * (lo + hi)))
}

/// The definition: slicer SNR in dB from the levels and the mean square error around them.
pub fn snr_db_from_error(levels: [f64; 4], mean_square_error: f64) -> Result<f64> {
    crate::error::all_finite("levels", &levels)?;
    crate::error::positive("mean_square_error", mean_square_error)?;
    Ok(power_to_db(pam4::variance(levels) / mean_square_error))
}

/// Measures the SNR from slicer samples and the symbols that were sent, in blocks of any size.
///
/// It keeps count, mean and spread of the samples of each symbol. The line `y = gain * level + bias`
/// through all samples by least squares takes the equalizer's gain and bias out; what remains, noise,
/// interference and unequal level spacing alike, is error. State: a few sums in `f64`; counts of runs
/// merge with [`Self::merge`].
///
/// ```
/// use pamlink::metrics::SnrEstimator;
/// let mut estimator = SnrEstimator::default();
/// let symbols = [0, 1, 2, 3, 0, 1, 2, 3];
/// let samples = [-3.1, -0.9, 1.1, 2.9, -2.9, -1.1, 0.9, 3.1];
/// estimator.add(&samples, &symbols)?;
/// assert!((estimator.snr_db()? - 26.99).abs() < 0.01); // 10 log10(5 / 0.01)
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SnrEstimator {
    per_symbol: [Sums; 4],
}

/// Sets of sums that take turns in [`SnrEstimator::add`].
const SETS: usize = 8;

/// Sums of the samples of one symbol.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    square: f64,
}

impl SnrEstimator {
    /// Takes a block of samples (any unit) and the symbols 0..=3 they stand for.
    ///
    /// Cost: about 2 ns per sample; where that matters, a part of the blocks is enough for an SNR.
    /// Lengths that differ, or a symbol above 3, are errors that leave the state as it was.
    pub fn add(&mut self, samples: &[f32], symbols: &[u8]) -> Result<()> {
        length("symbols", samples.len(), symbols.len())?;
        crate::pattern::check_at_most("symbols", symbols, 3)?;
        // Several sets of sums in turn, so that a symbol that repeats does not wait for itself.
        let mut counts = [[0u64; 4]; SETS];
        let mut sums = [[[0.0f64; 2]; 4]; SETS];
        for (y, s) in samples.chunks(SETS).zip(symbols.chunks(SETS)) {
            for (i, (&y, &s)) in y.iter().zip(s).enumerate() {
                let (y, s) = (f64::from(y), usize::from(s & 3));
                counts[i][s] += 1;
                let [sum, square] = &mut sums[i][s];
                *sum += y;
                *square += y * y;
            }
        }
        for (s, total) in self.per_symbol.iter_mut().enumerate() {
            for i in 0..SETS {
                total.count += counts[i][s] as f64;
                total.sum += sums[i][s][0];
                total.square += sums[i][s][1];
            }
        }
        Ok(())
    }

    /// Adds what another estimator has seen.
    pub fn merge(&mut self, other: &Self) {
        for (total, part) in self.per_symbol.iter_mut().zip(other.per_symbol) {
            total.count += part.count;
            total.sum += part.sum;
            total.square += part.square;
        }
    }

    /// Samples taken.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.per_symbol.iter().map(|s| s.count).sum::<f64>() as u64
    }

    /// Mean sample of each symbol: the levels as the slicer sees them. `None` until all four occurred.
    #[must_use]
    pub fn levels(&self) -> Option<[f64; 4]> {
        self.per_symbol
            .iter()
            .all(|s| s.count > 0.0)
            .then(|| self.per_symbol.map(|s| s.sum / s.count))
    }

    /// Gain and bias of the least-squares line `y = gain * level + bias`, levels -3, -1, 1, 3.
    pub fn gain_and_bias(&self) -> Result<(f64, f64)> {
        let (mut n, mut l, mut ll, mut y, mut ly) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (s, level) in self.per_symbol.iter().zip(pam4::LEVELS) {
            let level = f64::from(level);
            n += s.count;
            l += level * s.count;
            ll += level * level * s.count;
            y += s.sum;
            ly += level * s.sum;
        }
        let determinant = n * ll - l * l;
        if determinant <= 0.0 {
            return Err(Error::Singular {
                name: "line through the samples (needs two different symbols)".into(),
                rcond: 0.0,
            });
        }
        let gain = (n * ly - l * y) / determinant;
        Ok((gain, (y - gain * l) / n))
    }

    /// The slicer SNR in dB: `10 log10(gain^2 * 5 / E[(y - gain level - bias)^2])`, 5 the variance of the
    /// levels when equally likely. Infinite if nothing is left.
    ///
    /// [`Error::Singular`] before two different symbols have been seen, [`Error::NotFinite`] if a
    /// sample was not finite.
    pub fn snr_db(&self) -> Result<f64> {
        let (gain, bias) = self.gain_and_bias()?;
        crate::error::finite("gain of the samples", gain)?;
        let (mut n, mut error) = (0.0, 0.0);
        for (s, level) in self.per_symbol.iter().zip(pam4::LEVELS) {
            let centre = gain * f64::from(level) + bias;
            n += s.count;
            error += s.square - 2.0 * centre * s.sum + centre * centre * s.count;
        }
        let error = (error / n).max(0.0);
        Ok(power_to_db(5.0 * gain * gain / error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_design() {
        assert!((snr_db_from_ber(2.4e-4).unwrap() - 17.66).abs() < 0.005);
        assert!((snr_db_from_ber(4.8e-3).unwrap() - 14.91).abs() < 0.005);
        for db in [3.0, 12.0, 17.66, 25.0, 30.0] {
            let ber = ber_from_snr_db(db).unwrap();
            assert!((snr_db_from_ber(ber).unwrap() - db).abs() < 1e-9, "{db}");
            let ser = ser_from_snr_db(db).unwrap();
            assert!((snr_db_from_ser(ser).unwrap() - db).abs() < 1e-6, "{db}");
        }
        // Where errors are rare each wrong symbol has one wrong bit of two.
        let ratio = ber_from_snr_db(18.0).unwrap() / ser_from_snr_db(18.0).unwrap();
        assert!((ratio - 0.5).abs() < 1e-6);
        assert!(snr_db_from_ber(0.0).is_err());
        assert!(snr_db_from_ser(0.8).is_err());
        assert!(ber_from_snr_db(f64::NAN).is_err());
        assert!((snr_db_from_error([-3.0, -1.0, 1.0, 3.0], 0.05).unwrap() - 20.0).abs() < 1e-12);
        assert!(snr_db_from_error([-3.0, -1.0, 1.0, 3.0], 0.0).is_err());
    }

    #[test]
    fn the_gray_formula_is_the_sum_over_all_decisions() {
        for x in [0.3, 1.0, 2.489, 3.414] {
            let mut ber = 0.0;
            for sent in 0..4u8 {
                for decided in 0..4u8 {
                    // Decision region of `decided` seen from `sent`, in standard deviations.
                    let low = f64::from(2 * (i32::from(decided) - i32::from(sent)) - 1) * x;
                    let above = |edge: f64, k: u8| match k {
                        0 => 1.0,
                        4 => 0.0,
                        _ => q_function(edge),
                    };
                    let p = above(low, decided) - above(low + 2.0 * x, decided + 1);
                    ber += p * f64::from(pam4::bit_errors(sent, decided)) / 8.0;
                }
            }
            assert!((gray_ber(x) / ber - 1.0).abs() < 1e-10, "{x}");
        }
    }

    #[test]
    fn gain_and_bias_do_not_matter() {
        let n = 40_000u32;
        let symbols: Vec<u8> = (0..n).map(|k| (k % 4) as u8).collect();
        // Noise of plus or minus 0.1 at each symbol: mean square 0.01 of levels +-1, +-3.
        let samples: Vec<f32> = (0..n)
            .map(|k| {
                let noise = if k / 4 % 2 == 0 { 0.1 } else { -0.1 };
                0.7 * (pam4::LEVELS[(k % 4) as usize] + noise) + 5.0
            })
            .collect();
        let mut whole = SnrEstimator::default();
        whole.add(&samples, &symbols).unwrap();
        assert!((whole.snr_db().unwrap() - 10.0 * 500f64.log10()).abs() < 1e-4);
        let (gain, bias) = whole.gain_and_bias().unwrap();
        assert!((gain - 0.7).abs() < 1e-6 && (bias - 5.0).abs() < 1e-6);
        let levels = whole.levels().unwrap();
        assert!((levels[3] - 7.1).abs() < 1e-5);
        let (mut a, mut b) = (SnrEstimator::default(), SnrEstimator::default());
        a.add(&samples[..777], &symbols[..777]).unwrap();
        b.add(&samples[777..], &symbols[777..]).unwrap();
        a.merge(&b);
        assert_eq!(a.samples(), u64::from(n));
        assert!((a.snr_db().unwrap() - whole.snr_db().unwrap()).abs() < 1e-9);
    }

    #[test]
    fn too_little_or_wrong_input_is_an_error() {
        let mut e = SnrEstimator::default();
        assert!(e.snr_db().is_err());
        e.add(&[1.0, 1.1], &[2, 2]).unwrap();
        assert!(matches!(e.snr_db(), Err(Error::Singular { .. })));
        assert!(e.levels().is_none());
        assert!(e.add(&[1.0], &[4]).is_err());
        assert!(e.add(&[1.0], &[]).is_err());
        assert_eq!(e.samples(), 2);
        e.add(&[f32::NAN], &[0]).unwrap();
        assert!(matches!(e.snr_db(), Err(Error::NotFinite { .. })));
    }

    /// `cargo test --release -- --ignored --nocapture speed_of` on a quiet machine.
    #[test]
    #[ignore = "measures time"]
    fn speed_of_snr() {
        let n = 1u32 << 15;
        let symbols: Vec<u8> = (0..n)
            .map(|k| (k.wrapping_mul(2_654_435_761) >> 30) as u8)
            .collect();
        let samples: Vec<f32> = symbols
            .iter()
            .map(|&s| pam4::LEVELS[usize::from(s)])
            .collect();
        let mut e = SnrEstimator::default();
        let start = std::time::Instant::now();
        for _ in 0..5000 {
            e.add(std::hint::black_box(&samples), &symbols).unwrap();
            std::hint::black_box(&mut e);
        }
        let rate = 5000.0 * f64::from(n) / start.elapsed().as_secs_f64();
        println!("snr {:.2} GSym/s", rate * 1e-9);
        assert!(rate > 2e8);
    }
}
