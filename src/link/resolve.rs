//! From a segment and its settings to its chain: amplitudes and gains on the way forward, noise shapes on
//! the way back.

use num_complex::Complex64;

use crate::channel::gaussian_edge;
use crate::error::{Error, Result, in_range, positive};
use crate::frontend::agc::pam4_pp;
use crate::frontend::transmitter::symbol_spectrum;
use crate::pam4::variance;
use crate::signal::Response;
use crate::units::db_to_power;

use super::chain::{
    AgcSetting, Amplitude, Chain, Choice, NoiseTerm, OpticalPoint, fir_spectrum, window_ui,
};
use super::crosstalk::{self, Aggressor};
use super::path::{Path, PathBuilder};
use super::spec::{SegmentSpec, Stage};

/// What the signal meets on its way to the sampler.
struct Forward<'a> {
    signal: Vec<Complex64>,
    /// What each stage multiplies by.
    factors: Vec<Factor<'a>>,
    amplitudes: Vec<Amplitude>,
    agc: Vec<AgcSetting>,
    /// Spectrum and RMS of the photocurrent.
    current: Option<(Response, f64)>,
}

/// RMS of a modulated waveform from the spectrum of its symbol:
/// `sqrt(var / T * integral over both halves of |S C|^2 df)`.
struct Rms {
    fir_power: Vec<f64>,
    scale: f64,
}

impl Rms {
    fn of(&self, signal: &[Complex64]) -> f64 {
        let period = self.fir_power.len();
        let power: f64 = signal
            .iter()
            .enumerate()
            .map(|(n, s)| {
                let both_halves = if n == 0 { 1.0 } else { 2.0 };
                both_halves * s.norm_sqr() * self.fir_power[n % period]
            })
            .sum();
        (self.scale * power).sqrt()
    }
}

impl SegmentSpec {
    /// Resolves gain controls and noise shapes for a choice of transmit FIR and CTLE settings.
    pub fn resolve(&self, choice: &Choice) -> Result<Chain> {
        self.resolved(choice, true)
    }

    /// [`Self::resolve`]; without the path for a search, which looks at the linear view alone.
    pub(super) fn resolved(&self, choice: &Choice, with_path: bool) -> Result<Chain> {
        crate::error::length("CTLE settings", self.ctles(), choice.ctle.len())?;
        choice.check()?;
        self.check_grid()?;
        let mut forward = self.forward(choice)?;
        let crosstalk = crosstalk::terms(
            self.aggressors(&forward.factors),
            self.grid,
            choice,
            window_ui(self.grid, self.baud_hz),
        )?;
        let (noise, optical) = self.backward(&mut forward)?;
        let path = if with_path {
            Some(self.path(&forward)?)
        } else {
            None
        };
        Ok(Chain {
            path,
            baud_hz: self.baud_hz,
            levels: self.tx.levels,
            choice: choice.clone(),
            signal: Response::new(self.grid, forward.signal)?,
            tx_noise: db_to_power(-self.tx.snr_db).sqrt(),
            noise,
            optical,
            crosstalk,
            receiver: self.receiver.clone(),
            jitter: self.jitter,
            amplitudes: forward.amplitudes,
            agc: forward.agc,
        })
    }

    fn path(&self, forward: &Forward<'_>) -> Result<Path> {
        let mut path = PathBuilder::new(self.grid);
        for (stage, factor) in self.stages.iter().zip(&forward.factors) {
            let gain = match factor {
                Factor::Gain(gain) => *gain,
                Factor::Shape(_) => 1.0,
            };
            path.stage(stage, gain, |values| factor.apply(values))?;
        }
        path.finish(gaussian_edge(self.grid, self.tx.edge_s)?.scaled(self.tx.amplitude_v))
    }

    /// Spectrum of one unit symbol, V/Hz.
    fn symbol(&self) -> Vec<Complex64> {
        self.grid
            .iter()
            .map(|f| self.tx.amplitude_v * symbol_spectrum(f, self.baud_hz, self.tx.edge_s))
            .collect()
    }

    /// The symbol rate must be a whole number of grid steps: the time window in unit intervals.
    fn check_grid(&self) -> Result<()> {
        positive("baud_hz", self.baud_hz)?;
        let window = self.baud_hz / self.grid.step_hz();
        in_range("baud_hz over grid step", window, 16.0, 1e8)?;
        let off = (window - window.round()).abs();
        in_range(
            "distance of baud_hz over grid step from a whole number",
            off,
            0.0,
            1e-6 * window,
        )?;
        Ok(())
    }

    fn forward(&self, choice: &Choice) -> Result<Forward<'_>> {
        let period = window_ui(self.grid, self.baud_hz);
        let rms = Rms {
            fir_power: fir_spectrum(choice, period)
                .iter()
                .map(Complex64::norm_sqr)
                .collect(),
            scale: variance(self.tx.levels) * self.baud_hz * self.grid.step_hz(),
        };
        let mut way = Forward {
            signal: self.symbol(),
            factors: Vec::with_capacity(self.stages.len()),
            amplitudes: Vec::new(),
            agc: Vec::new(),
            current: None,
        };
        let mut settings = choice.ctle.iter();
        for stage in &self.stages {
            let factor = match stage {
                Stage::Linear(response)
                | Stage::Fiber {
                    intensity: response,
                    ..
                } => Factor::Shape(response),
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
                Stage::Gain(gain)
                | Stage::Modulator {
                    slope_w_per_v: gain,
                    ..
                } => Factor::Gain(*gain),
                Stage::Agc { name, agc } => {
                    let (gain, limited) = agc.gain(rms.of(&way.signal));
                    way.agc.push(AgcSetting {
                        name,
                        gain,
                        limited,
                    });
                    Factor::Gain(gain)
                }
                Stage::Photocurrent { .. } => {
                    let spectrum = Response::new(self.grid, way.signal.clone())?;
                    way.current = Some((spectrum, rms.of(&way.signal)));
                    Factor::Gain(1.0)
                }
                Stage::Probe { point, unit } => {
                    let rms = rms.of(&way.signal);
                    way.amplitudes.push(Amplitude {
                        point,
                        unit,
                        rms,
                        pam4_pp: pam4_pp(rms),
                    });
                    Factor::Gain(1.0)
                }
                Stage::Noise { .. } | Stage::Limiter { .. } | Stage::Crosstalk(_) => {
                    Factor::Gain(1.0)
                }
            };
            factor.apply(&mut way.signal);
            way.factors.push(factor);
        }
        Ok(way)
    }

    /// Aggressors with the index of their stage and the product of all that follows it, the last first.
    fn aggressors(&self, factors: &[Factor<'_>]) -> Vec<(usize, &[Aggressor], Vec<Complex64>)> {
        let mut found = Vec::new();
        let is_crosstalk = |s: &Stage| matches!(s, Stage::Crosstalk(_));
        let Some(first) = self.stages.iter().position(is_crosstalk) else {
            return found;
        };
        let mut after = vec![Complex64::new(1.0, 0.0); self.grid.points()];
        let behind = self.stages.iter().zip(factors).enumerate().skip(first);
        for (index, (stage, factor)) in behind.rev() {
            if let Stage::Crosstalk(all) = stage {
                found.push((index, all.as_slice(), after.clone()));
            }
            factor.apply(&mut after);
        }
        found
    }

    /// Every noise with the product of all that follows it.
    fn backward(
        &self,
        forward: &mut Forward<'_>,
    ) -> Result<(Vec<NoiseTerm>, Option<OpticalPoint>)> {
        let mut after = vec![Complex64::new(1.0, 0.0); self.grid.points()];
        let (mut noise, mut optical) = (Vec::new(), None);
        for (stage, factor) in self.stages.iter().zip(&forward.factors).rev() {
            match stage {
                Stage::Noise { source, density } => noise.push(NoiseTerm {
                    source: *source,
                    density: *density,
                    shape: Response::new(self.grid, after.clone())?,
                }),
                Stage::Photocurrent {
                    mean_a, rin_db_hz, ..
                } => {
                    if let Some((current, rms_a)) = forward.current.take() {
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
        Ok((noise, optical))
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
