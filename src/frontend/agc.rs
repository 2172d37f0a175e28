//! Automatic gain control in front of a stage that wants a fixed swing.

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
        if wanted > self.gain_max {
            (self.gain_max, true)
        } else {
            (wanted, false)
        }
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
}
