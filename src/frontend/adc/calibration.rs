//! Background calibration: estimates of the slices' errors from the stream itself.
//!
//! Per slice and per symbol a few sums; after a window of symbols an [`Estimate`], a share of which moves
//! the converter's trim. Two ways:
//!
//! - **Blind** ([`Calibration::observe`]): every slice sees the same signal on average, so offsets are the
//!   differences of the means from zero and gains the differences of the RMS from the common one. Right for
//!   signals without a mean and without a period that divides by the slices. Standard errors after `N`
//!   samples per slice: offset `rms/sqrt(N)`, gain at most `1/sqrt(2 N)` (a Gaussian signal; PAM4 less).
//! - **By reference** ([`Calibration::observe_with`]): a reference converter that samples beside each slice
//!   in turn, or the waveform rebuilt from decisions, gives `r` and its slope `r'`; least squares of
//!   `y = offset + a r + b r'` per slice gives all three, the skew being `b / a`. Standard errors: offset
//!   `e/sqrt(N)`, gain `e/(rms sqrt(N))`, skew `e/(slope_rms sqrt(N))` unit intervals, `e` the RMS of the noise
//!   of `y - r`: far fewer symbols.
//!   (M. El-Chammas, B. Murmann, "A 12-GS/s 81-mW 5-bit time-interleaved flash ADC with background timing skew
//!   calibration", IEEE JSSC 46 (2011), correlates with such a reference.)
//!
//! Skew is not estimated blindly: at symbol rate the correlation of neighbours does it with a gain that depends
//! on the channel, and badly for errors that change slowly from slice to slice.

use crate::error::{Result, in_range, length, positive};

use super::convert::{Adc, AdcState, Trim};
use super::mismatch::Slices;

/// How the loop runs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct CalibrationConfig {
    /// Samples per slice before an estimate is made.
    pub window: u64,
    /// Share of the estimate by which the trim moves, above 0 to 1: below one it averages over windows.
    pub step: f64,
}

impl Default for CalibrationConfig {
    /// Windows of 2^16 samples per slice, moving all the way (ours): standard error of the gain 0.3 %.
    fn default() -> Self {
        Self {
            window: 1 << 16,
            step: 1.0,
        }
    }
}

impl CalibrationConfig {
    /// Symbols of the stream until a blind estimate of the gains has this standard error:
    /// `slices / (2 error^2)`.
    pub fn blind_symbols(slices: usize, gain_error: f64) -> Result<f64> {
        positive("gain error", gain_error)?;
        Ok(slices as f64 / (2.0 * gain_error * gain_error))
    }

    /// Symbols until an estimate by reference has this standard error in a number whose signal has
    /// `rms` (gain: the reference's; skew: its slope's) under noise of RMS `noise`:
    /// `slices (noise / (rms error))^2`.
    pub fn reference_symbols(slices: usize, noise: f64, rms: f64, error: f64) -> Result<f64> {
        positive("reference rms", rms)?;
        positive("error", error)?;
        Ok(slices as f64 * (noise / (rms * error)).powi(2))
    }
}

/// The background calibration of a converter.
///
/// ```
/// use pamlink::frontend::adc::{Adc, AdcConfig, Mismatch};
/// use pamlink::frontend::adc::calibration::{Calibration, CalibrationConfig};
/// use pamlink::random::Gauss;
///
/// let adc = Adc::new(&AdcConfig { slices: 4, quantizer: None, offset: Mismatch::Sigma(0.1), ..Default::default() })?;
/// let calibration = Calibration::new(&CalibrationConfig::default(), 4)?;
/// let (mut state, mut sums) = (adc.state(), calibration.state());
/// let (mut x, mut y) = (vec![0.0; 1 << 18], vec![0.0; 1 << 18]);
/// Gauss::new(1, 0).fill(0, &mut x);
/// adc.process(&mut state, &x, None, 0, &mut y)?;
/// calibration.observe(&mut sums, &y, 0)?;
/// assert!(calibration.update(&mut sums, &adc, &mut state)?.is_some());
/// assert!(adc.residual(&state).offset.iter().all(|o| o.abs() < 5.0 / 256.0));
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    config: CalibrationConfig,
    slices: usize,
}

/// Sums of one slice over `(1, r, r')` and `y`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    n: u64,
    y: f64,
    yy: f64,
    r: f64,
    s: f64,
    rr: f64,
    rs: f64,
    ss: f64,
    yr: f64,
    ys: f64,
}

/// The sums of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationState {
    sums: Vec<Sums>,
}

impl CalibrationState {
    /// Back to an empty window.
    pub fn reset(&mut self) {
        self.sums.fill(Sums::default());
    }

    /// Samples of the slice that has the fewest.
    #[must_use]
    pub fn filled(&self) -> u64 {
        self.sums.iter().map(|s| s.n).min().unwrap_or(0)
    }
}

/// Errors of the slices as they were seen in the outputs, on top of the trim of that time.
pub type Estimate = Slices;

impl Calibration {
    /// The calibration of a converter of `slices` slices.
    pub fn new(config: &CalibrationConfig, slices: usize) -> Result<Self> {
        in_range("calibration window", config.window as f64, 16.0, 1e15)?;
        positive("calibration step", config.step)?;
        in_range("calibration step", config.step, 0.0, 1.0)?;
        in_range(
            "calibration slices",
            slices as f64,
            1.0,
            super::MAX_SLICES as f64,
        )?;
        Ok(Self {
            config: *config,
            slices,
        })
    }

    /// What it was made from.
    #[must_use]
    pub fn config(&self) -> &CalibrationConfig {
        &self.config
    }

    /// An empty window.
    #[must_use]
    pub fn state(&self) -> CalibrationState {
        CalibrationState {
            sums: vec![Sums::default(); self.slices],
        }
    }

    /// Takes outputs of the converter into the window, `first_symbol` being the number of the first. Samples
    /// that are no finite numbers are left out.
    pub fn observe(
        &self,
        state: &mut CalibrationState,
        y: &[f32],
        first_symbol: u64,
    ) -> Result<()> {
        length("calibration state", self.slices, state.sums.len())?;
        let mut s = (first_symbol % self.slices as u64) as usize;
        for y in y {
            let y = f64::from(*y);
            if y.is_finite() {
                let sums = &mut state.sums[s];
                sums.n += 1;
                sums.y += y;
                sums.yy += y * y;
            }
            s += 1;
            if s == self.slices {
                s = 0;
            }
        }
        Ok(())
    }

    /// Takes outputs of the converter and the reference's samples and slopes at the same nominal instants.
    pub fn observe_with(
        &self,
        state: &mut CalibrationState,
        y: &[f32],
        reference: &[f32],
        slope: &[f32],
        first_symbol: u64,
    ) -> Result<()> {
        length("calibration state", self.slices, state.sums.len())?;
        length("calibration reference", y.len(), reference.len())?;
        length("calibration slope", y.len(), slope.len())?;
        let mut at = (first_symbol % self.slices as u64) as usize;
        for i in 0..y.len() {
            let (y, r, s) = (
                f64::from(y[i]),
                f64::from(reference[i]),
                f64::from(slope[i]),
            );
            if (y + r + s).is_finite() {
                let sums = &mut state.sums[at];
                sums.n += 1;
                sums.y += y;
                sums.yy += y * y;
                sums.r += r;
                sums.s += s;
                sums.rr += r * r;
                sums.rs += r * s;
                sums.ss += s * s;
                sums.yr += y * r;
                sums.ys += y * s;
            }
            at += 1;
            if at == self.slices {
                at = 0;
            }
        }
        Ok(())
    }

    /// The errors seen in a window, whatever its length: by reference for slices that have one, else blind
    /// (and then without skew). A slice without samples, or with a signal that never moves, shows none.
    #[must_use]
    pub fn estimate(&self, state: &CalibrationState) -> Estimate {
        let power = |s: &Sums| {
            let mean = s.y / s.n as f64;
            s.yy / s.n as f64 - mean * mean
        };
        let counted: Vec<f64> = state.sums.iter().filter(|s| s.n > 1).map(power).collect();
        let common = (counted.iter().sum::<f64>() / counted.len().max(1) as f64).sqrt();
        let mut estimate = Slices::alike(self.slices);
        for (i, s) in state.sums.iter().enumerate().filter(|(_, s)| s.n > 1) {
            if let Some([offset, a, b]) = regression(s) {
                estimate.offset[i] = offset;
                estimate.gain[i] = a - 1.0;
                estimate.skew_ui[i] = b / a;
            } else if s.rr == 0.0 {
                estimate.offset[i] = s.y / s.n as f64;
                let rms = power(s).max(0.0).sqrt();
                if rms > 0.0 && common > 0.0 {
                    estimate.gain[i] = rms / common - 1.0;
                }
            }
        }
        estimate
    }

    /// Once the window is full: moves the trim of a converter's state by a share of the estimate, empties the
    /// window and returns the estimate; `None` before. Numbers that would leave the range of a trim stop at
    /// its end.
    pub fn update(
        &self,
        sums: &mut CalibrationState,
        adc: &Adc,
        state: &mut AdcState,
    ) -> Result<Option<Estimate>> {
        length("calibration state", self.slices, sums.sums.len())?;
        length("calibrated slices", self.slices, adc.config().slices)?;
        if sums.filled() < self.config.window {
            return Ok(None);
        }
        let estimate = self.estimate(sums);
        let mu = self.config.step;
        let mut trim: Trim = state.trim().clone();
        for i in 0..self.slices {
            trim.offset[i] += mu * estimate.offset[i];
            trim.gain[i] =
                ((1.0 + trim.gain[i]) * (1.0 + mu * estimate.gain[i]) - 1.0).clamp(-0.9, 0.9);
            trim.skew_ui[i] = (trim.skew_ui[i] + mu * estimate.skew_ui[i]).clamp(-1.0, 1.0);
        }
        adc.set_trim(state, &trim)?;
        sums.reset();
        Ok(Some(estimate))
    }
}

/// `[offset, a, b]` of `y = offset + a r + b r'`; without a slope `b = 0`. `None` without a reference.
fn regression(s: &Sums) -> Option<[f64; 3]> {
    let n = s.n as f64;
    let (y, r, p) = (s.y / n, s.r / n, s.s / n);
    let (rr, rs, ss) = (s.rr / n - r * r, s.rs / n - r * p, s.ss / n - p * p);
    let (yr, ys) = (s.yr / n - y * r, s.ys / n - y * p);
    if rr <= 0.0 {
        return None;
    }
    let determinant = rr * ss - rs * rs;
    let (a, b) = if ss > 0.0 && determinant > 1e-9 * rr * ss {
        (
            (yr * ss - ys * rs) / determinant,
            (ys * rr - yr * rs) / determinant,
        )
    } else {
        (yr / rr, 0.0)
    };
    // A slice that does not follow its reference has no gain to speak of.
    (a > 0.1 && a < 10.0).then_some([y - a * r - b * p, a, b])
}
