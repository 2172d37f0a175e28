//! A segment with its analog settings chosen: the transfer functions that both engines start from.

use num_complex::Complex64;

use crate::error::{Error, Result};
use crate::frontend::agc::pam4_pp;
use crate::frontend::jitter::JitterConfig;
use crate::frontend::transmitter::symbol_spectrum;
use crate::pam4::variance;
use crate::signal::{FrequencyGrid, Response};
use crate::units::db_to_power;

use super::config::ReceiverConfig;
use super::spec::{NoiseSource, SegmentSpec, Stage};

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
    pub outer_pp: f64,
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
    /// Standard deviation of the transmitter's noise, per symbol, in units of the peak level.
    pub tx_noise: f64,
    /// Stationary noises.
    pub noise: Vec<NoiseTerm>,
    /// The optical part, if the segment has one.
    pub optical: Option<OpticalPoint>,
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

impl SegmentSpec {
    /// Resolves gain controls and noise shapes for a choice of transmit FIR and CTLE settings.
    pub fn resolve(&self, choice: &Choice) -> Result<Chain> {
        crate::error::length("CTLE settings", self.ctles(), choice.ctle.len())?;
        let period = window_ui(self.grid, self.baud_hz);
        let fir_power: Vec<f64> = fir_spectrum(choice, period)
            .iter()
            .map(Complex64::norm_sqr)
            .collect();
        let level_variance = variance(self.tx.levels);
        // Mean power of the modulated waveform: var / T * integral over both halves of |S C|^2 df.
        let rms = |signal: &[Complex64]| {
            let power: f64 = signal
                .iter()
                .enumerate()
                .map(|(n, s)| {
                    let both_halves = if n == 0 { 1.0 } else { 2.0 };
                    both_halves * s.norm_sqr() * fir_power[n % period]
                })
                .sum();
            (level_variance * self.baud_hz * power * self.grid.step_hz()).sqrt()
        };

        let mut signal: Vec<Complex64> = self
            .grid
            .iter()
            .map(|f| self.tx.amplitude_v * symbol_spectrum(f, self.baud_hz, self.tx.edge_s))
            .collect();
        let mut settings = choice.ctle.iter();
        // What each stage multiplies by, for the way back.
        let mut factors: Vec<Factor<'_>> = Vec::with_capacity(self.stages.len());
        let (mut amplitudes, mut agc) = (Vec::new(), Vec::new());
        let mut current = None;
        for stage in &self.stages {
            let factor = match stage {
                Stage::Linear(response) => Factor::Shape(response),
                Stage::Ctle { responses, .. } => {
                    let (i, j) = settings.next().copied().unwrap_or_default();
                    let response = responses.get(i).and_then(|row| row.get(j));
                    Factor::Shape(response.ok_or(Error::OutOfRange {
                        name: "CTLE setting".into(),
                        value: i as f64,
                        min: 0.0,
                        max: responses.len().saturating_sub(1) as f64,
                    })?)
                }
                Stage::Gain(gain) => Factor::Gain(*gain),
                Stage::Agc { name, agc: control } => {
                    let (gain, limited) = control.gain(rms(&signal));
                    agc.push(AgcSetting {
                        name,
                        gain,
                        limited,
                    });
                    Factor::Gain(gain)
                }
                Stage::Photocurrent { .. } => {
                    let rms_a = rms(&signal);
                    current = Some((Response::new(self.grid, signal.clone())?, rms_a));
                    Factor::Gain(1.0)
                }
                Stage::Probe { point, unit } => {
                    let rms = rms(&signal);
                    amplitudes.push(Amplitude {
                        point,
                        unit,
                        rms,
                        outer_pp: pam4_pp(rms),
                    });
                    Factor::Gain(1.0)
                }
                Stage::Noise { .. } => Factor::Gain(1.0),
            };
            factor.apply(&mut signal);
            factors.push(factor);
        }

        let mut after = vec![Complex64::new(1.0, 0.0); self.grid.points()];
        let (mut noise, mut optical) = (Vec::new(), None);
        for (stage, factor) in self.stages.iter().zip(&factors).rev() {
            match stage {
                Stage::Noise { source, density } => noise.push(NoiseTerm {
                    source: *source,
                    density: *density,
                    shape: Response::new(self.grid, after.clone())?,
                }),
                Stage::Photocurrent { mean_a, rin_db_hz } => {
                    if let Some((current, rms_a)) = current.take() {
                        optical = Some(OpticalPoint {
                            current,
                            mean_a: *mean_a,
                            rms_a,
                            rin_per_hz: db_to_power(*rin_db_hz),
                            after: Response::new(self.grid, after.clone())?,
                        });
                    }
                }
                _ => factor.apply(&mut after),
            }
        }
        noise.reverse();
        Ok(Chain {
            baud_hz: self.baud_hz,
            levels: self.tx.levels,
            choice: choice.clone(),
            signal: Response::new(self.grid, signal)?,
            tx_noise: (level_variance / db_to_power(self.tx.snr_db)).sqrt(),
            noise,
            optical,
            receiver: self.receiver.clone(),
            jitter: self.jitter,
            amplitudes,
            agc,
        })
    }
}

/// What a stage multiplies a spectrum by.
enum Factor<'a> {
    Shape(&'a Response),
    Gain(f64),
}

impl Factor<'_> {
    fn apply(&self, values: &mut [Complex64]) {
        match self {
            Self::Shape(response) => {
                for (v, h) in values.iter_mut().zip(response.values()) {
                    *v *= h;
                }
            }
            Self::Gain(gain) if *gain != 1.0 => {
                for v in values.iter_mut() {
                    *v *= gain;
                }
            }
            Self::Gain(_) => {}
        }
    }
}
