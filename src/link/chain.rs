//! A segment with its analog settings chosen: the transfer functions that both engines start from.

use num_complex::Complex64;

use crate::error::{Error, Result, all_finite, in_range};
use crate::frontend::jitter::JitterConfig;
use crate::signal::{FrequencyGrid, Response};

use super::config::ReceiverConfig;
use super::crosstalk::CrosstalkTerm;
use super::path::Path;
use super::spec::NoiseSource;

/// Settings of a segment's transmitter and CTLEs.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Transmit FIR, the earliest tap first, symbol spacing.
    pub tx_taps: Vec<f64>,
    /// Index of the main tap in `tx_taps`.
    pub tx_main: usize,
    /// Setting `(i, j)` of each CTLE in the order of the chain.
    pub ctle: Vec<(usize, usize)>,
}

impl Choice {
    /// Checks that there is a main tap and all taps are finite.
    pub(super) fn check(&self) -> Result<()> {
        if self.tx_taps.is_empty() {
            return Err(Error::Empty {
                name: "tx_taps".into(),
            });
        }
        all_finite("tx_taps", &self.tx_taps)?;
        let last = (self.tx_taps.len() - 1) as f64;
        in_range("tx_main", self.tx_main as f64, 0.0, last)?;
        Ok(())
    }
}

/// Amplitude of the signal at a test point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amplitude {
    /// TP0 to TP5.
    pub point: &'static str,
    /// V, W or A.
    pub unit: &'static str,
    /// RMS of the signal around its mean.
    pub rms: f64,
    /// Peak-to-peak swing of the ideal PAM4 waveform with that RMS.
    pub pam4_pp: f64,
}

/// A gain control's setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgcSetting {
    /// What it controls.
    pub name: &'static str,
    /// Gain, output unit per input unit.
    pub gain: f64,
    /// Whether the largest gain did not suffice.
    pub limited: bool,
}

/// Stationary white noise and the path from its entry to the sampler.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseTerm {
    /// Its line in the budget.
    pub source: NoiseSource,
    /// One-sided density at its entry.
    pub density: f64,
    /// Transfer function from there to the sampler.
    pub shape: Response,
}

/// The photocurrent of a segment and the path from there to the sampler.
#[derive(Debug, Clone, PartialEq)]
pub struct OpticalPoint {
    /// Spectrum of the current of one unit symbol before the transmit FIR, A/Hz.
    pub current: Response,
    /// Mean current, A.
    pub mean_a: f64,
    /// RMS of the modulated part, A.
    pub rms_a: f64,
    /// Relative intensity noise, 1/Hz.
    pub rin_per_hz: f64,
    /// Transfer function from the current to the sampler, V/A.
    pub after: Response,
}

impl OpticalPoint {
    /// One-sided density of intensity noise averaged over the signal, A^2/Hz.
    #[must_use]
    pub fn mean_rin_density(&self) -> f64 {
        self.rin_per_hz * (self.mean_a * self.mean_a + self.rms_a * self.rms_a)
    }

    /// One-sided density of shot noise averaged over the signal, A^2/Hz.
    #[must_use]
    pub fn mean_shot_density(&self) -> f64 {
        crate::optics::noise::shot_density(self.mean_a)
    }
}

/// Everything of a segment up to its sampler, in absolute units.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// Symbol rate, Hz.
    pub baud_hz: f64,
    /// Levels of the transmitter, peak one.
    pub levels: [f64; 4],
    /// Transmit FIR and CTLE settings.
    pub choice: Choice,
    /// Spectrum of one unit symbol at the sampler before the transmit FIR, V/Hz.
    pub signal: Response,
    /// Standard deviation of the transmitter's noise, per symbol, in units of the outer level.
    pub tx_noise: f64,
    /// Stationary noises.
    pub noise: Vec<NoiseTerm>,
    /// The optical part, if the segment has one.
    pub optical: Option<OpticalPoint>,
    /// Aggressors.
    pub crosstalk: Vec<CrosstalkTerm>,
    /// The same as the waveform meets it; none in chains that are made for the statistics alone.
    pub path: Option<Path>,
    /// Converter and equalizer lengths.
    pub receiver: ReceiverConfig,
    /// Jitter of the sampler.
    pub jitter: JitterConfig,
    /// Amplitudes at the test points passed.
    pub amplitudes: Vec<Amplitude>,
    /// Gain controls passed.
    pub agc: Vec<AgcSetting>,
}

/// `C(f) = sum_i c_i exp(-j 2 pi f (i - main) T)` at each grid point, from its `period` values.
pub(super) fn fir_spectrum(choice: &Choice, period: usize) -> Vec<Complex64> {
    let step = -2.0 * std::f64::consts::PI / period as f64;
    (0..period)
        .map(|n| {
            choice
                .tx_taps
                .iter()
                .enumerate()
                .map(|(i, c)| {
                    let lag = i as f64 - choice.tx_main as f64;
                    c * Complex64::cis(step * n as f64 * lag)
                })
                .sum()
        })
        .collect()
}

/// Grid points per symbol rate: the length of the time window in unit intervals.
pub(super) fn window_ui(grid: FrequencyGrid, baud_hz: f64) -> usize {
    (baud_hz / grid.step_hz()).round() as usize
}
