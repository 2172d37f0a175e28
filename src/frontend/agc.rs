//! Automatic gain control in front of a stage that wants a fixed swing, by a known or a measured RMS.

use crate::pam4::{UNIT_LEVELS, variance};

/// Gain control that holds the RMS of a signal at that of an ideal PAM4 waveform of a given
/// peak-to-peak swing, up to a largest gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agc {
    /// Peak-to-peak swing of the ideal PAM4 waveform with the wanted RMS.
    pub target_pp: f64,
    /// Largest gain available (output unit per input unit).
    pub gain_max: f64,
}

/// RMS of an ideal PAM4 waveform of peak-to-peak swing `pp`: `pp / 2 * sqrt(5) / 3`.
#[must_use]
pub fn pam4_rms(pp: f64) -> f64 {
    pp / 2.0 * variance(UNIT_LEVELS).sqrt()
}

/// Peak-to-peak swing of the ideal PAM4 waveform with this RMS: the inverse of [`pam4_rms`].
#[must_use]
pub fn pam4_pp(rms: f64) -> f64 {
    2.0 * rms / variance(UNIT_LEVELS).sqrt()
}

impl Agc {
    /// The gain for an input of this RMS, and whether the limit was hit.
    #[must_use]
    pub fn gain(&self, rms_in: f64) -> (f64, bool) {
        let wanted = pam4_rms(self.target_pp) / rms_in;
        // Without an input there is no gain that would do: NaN is the largest one too.
        if wanted <= self.gain_max {
            (wanted, false)
        } else {
            (self.gain_max, true)
        }
    }
}

/// Running RMS of a stream, for gains that are set by measurement at start-up.
///
/// Sums in `f64`, four of them side by side in an order that depends on the number of samples since the
/// start alone: any split into blocks gives the same bits. Samples that are no finite numbers are left
/// out. One product and two additions per sample.
///
/// ```
/// use pamlink::frontend::agc::{Agc, RmsMeter};
///
/// let mut meter = RmsMeter::default();
/// meter.add(&[0.1, -0.1]);
/// meter.add(&[0.1, -0.1]);
/// let vga = Agc { target_pp: 0.6, gain_max: 8.0 };
/// let (gain, limited) = vga.gain(meter.rms().unwrap_or(0.0));
/// assert!((gain - 0.05f64.sqrt() / 0.1).abs() < 1e-6 && !limited);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RmsMeter {
    sums: [f64; 4],
    squares: [f64; 4],
    /// Samples seen, those left out included: the place of the next one.
    seen: u64,
    counted: u64,
}

impl RmsMeter {
    /// Takes a block of the stream in.
    pub fn add(&mut self, x: &[f32]) {
        for (i, x) in x.iter().enumerate() {
            if x.is_finite() {
                let at = ((self.seen + i as u64) % 4) as usize;
                let x = f64::from(*x);
                self.sums[at] += x;
                self.squares[at] += x * x;
                self.counted += 1;
            }
        }
        self.seen += x.len() as u64;
    }

    /// Samples counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counted
    }

    /// Mean of the samples; `None` before the first.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.counted > 0).then(|| self.sums.iter().sum::<f64>() / self.counted as f64)
    }

    /// RMS around zero; `None` before the first sample.
    #[must_use]
    pub fn rms(&self) -> Option<f64> {
        (self.counted > 0).then(|| (self.squares.iter().sum::<f64>() / self.counted as f64).sqrt())
    }

    /// RMS around the mean; `None` before the first sample.
    #[must_use]
    pub fn rms_around_mean(&self) -> Option<f64> {
        let (mean, rms) = (self.mean()?, self.rms()?);
        Some((rms * rms - mean * mean).max(0.0).sqrt())
    }

    /// Back to the start.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_swing_is_held_until_the_gain_runs_out() {
        let agc = Agc {
            target_pp: 0.6,
            gain_max: 10.0,
        };
        let (gain, limited) = agc.gain(0.1);
        assert!((gain * 0.1 - pam4_rms(0.6)).abs() < 1e-12 && !limited);
        assert_eq!(agc.gain(0.001), (10.0, true));
        assert!((pam4_pp(pam4_rms(0.6)) - 0.6).abs() < 1e-12);
        // levels +-0.3 and +-0.1: RMS sqrt((0.09 + 0.01) / 2)
        assert!((pam4_rms(0.6) - 0.05f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_measured_rms_is_that_of_the_samples_for_any_split() {
        let x: Vec<f32> = (0..1000).map(|i| 0.3 + (i as f32 * 0.7).sin()).collect();
        let mut whole = RmsMeter::default();
        whole.add(&x);
        let mut split = RmsMeter::default();
        let mut rest = &x[..];
        for n in [0, 1, 2, 3, 500, 494] {
            split.add(&rest[..n]);
            rest = &rest[n..];
        }
        assert_eq!(whole, split);
        let square: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
        assert!((whole.rms().unwrap() - (square / 1000.0).sqrt()).abs() < 1e-12);
        // A sine of amplitude one: sums over its remainder of a cycle are at most 1/sin(0.35) = 2.9.
        assert!((whole.rms_around_mean().unwrap() - 0.5f64.sqrt()).abs() < 1e-3);
        assert!((whole.mean().unwrap() - 0.3).abs() < 2.9e-3);
        whole.add(&[f32::NAN, f32::INFINITY]);
        assert_eq!(whole.rms(), split.rms());
        whole.reset();
        assert_eq!(
            (whole.rms(), whole.mean(), whole.rms_around_mean()),
            (None, None, None)
        );
        // No signal: the gain is the largest there is.
        let agc = Agc {
            target_pp: 1.0,
            gain_max: 4.0,
        };
        assert_eq!(agc.gain(0.0), (4.0, true));
        assert_eq!(agc.gain(f64::NAN), (4.0, true));
    }
}
