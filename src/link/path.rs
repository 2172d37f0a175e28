//! The chain of a segment as a waveform meets it: linear sections, and what stands between them.

use num_complex::Complex64;

use crate::error::{Error, Result};
use crate::frontend::agc::Agc;
use crate::optics::modulator::ModulatorConfig;
use crate::signal::{FrequencyGrid, Response};
use crate::units::db_to_power;

use super::spec::{NoiseSource, Stage};

/// The way of a waveform: a transmitter, then sections in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// What the transmitter does to a symbol held for one unit interval around its time, V/V: amplitude and
    /// edges; the transmit FIR is not in it.
    pub transmitter: Response,
    /// At least one; the last ends at the sampler.
    pub sections: Vec<Section>,
}

/// A linear stretch of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its transfer function, gain controls at the gain of the linear view.
    pub response: Response,
    /// What enters in it.
    pub noise: Vec<SectionNoise>,
    /// A gain control behind something nonlinear: its gain depends on what that makes.
    pub control: Option<GainControl>,
    /// What follows.
    pub end: SectionEnd,
}

/// White noise that enters in a section.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionNoise {
    /// Its line in the budget.
    pub source: NoiseSource,
    /// One-sided density at its entry.
    pub density: f64,
    /// Transfer function from there to the end of the section.
    pub shape: Response,
    /// Whether the section's gain control acts on it.
    pub controlled: bool,
}

/// A gain control of a section.
#[derive(Debug, Clone, PartialEq)]
pub struct GainControl {
    /// What it controls.
    pub name: &'static str,
    /// Its rule.
    pub agc: Agc,
    /// The gain of the linear view, which is in the section's response.
    pub gain: f64,
    /// Transfer function from the start of the section to its input.
    pub before: Response,
}

/// What stands at the end of a section.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SectionEnd {
    /// A soft limiter of small-signal gain one.
    Limiter {
        /// Which amplifier's.
        name: &'static str,
        /// Amplitude at which it saturates.
        amplitude: f64,
    },
    /// The photocurrent, and all optics in front of it that the section's response does not hold.
    Photocurrent(Light),
    /// The sampler of the receiver.
    Sampler,
}

/// From the drive of a modulator, or from the modulated part of the current, to the photocurrent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// The large-signal modulator; none where the section's response gives the current already.
    pub modulator: Option<ModulatorConfig>,
    /// Its gain in the linear view, W/V; one without it.
    pub slope_w_per_v: f64,
    /// Dispersion on the field, `D L` in s/m, behind a large-signal modulator.
    pub dispersion_s_m: f64,
    /// Wavelength, m.
    pub wavelength_m: f64,
    /// Current over the power at the modulator, A/W.
    pub gain_a_w: f64,
    /// Mean current of the linear view, A.
    pub mean_a: f64,
    /// Relative intensity noise, 1/Hz.
    pub rin_per_hz: f64,
    /// Power of an interfering copy over that of the signal; 0: none.
    pub interference: f64,
}

/// A path while it is being put together, stage by stage.
pub(super) struct PathBuilder {
    grid: FrequencyGrid,
    sections: Vec<Section>,
    response: Vec<Complex64>,
    noise: Vec<(NoiseSource, f64, Vec<Complex64>, bool)>,
    control: Option<GainControl>,
    light: Option<Light>,
}

impl PathBuilder {
    pub(super) fn new(grid: FrequencyGrid) -> Self {
        Self {
            grid,
            sections: Vec::new(),
            response: vec![Complex64::new(1.0, 0.0); grid.points()],
            noise: Vec::new(),
            control: None,
            light: None,
        }
    }

    fn close(&mut self, end: SectionEnd) -> Result<()> {
        let ones = vec![Complex64::new(1.0, 0.0); self.grid.points()];
        let response = Response::new(self.grid, std::mem::replace(&mut self.response, ones))?;
        let noise = std::mem::take(&mut self.noise)
            .into_iter()
            .map(|(source, density, shape, controlled)| {
                Ok(SectionNoise {
                    source,
                    density,
                    shape: Response::new(self.grid, shape)?,
                    controlled,
                })
            })
            .collect::<Result<_>>()?;
        self.sections.push(Section {
            response,
            noise,
            control: self.control.take(),
            end,
        });
        Ok(())
    }

    /// The next stage; `apply` multiplies a spectrum by what the stage does in the linear view, of which
    /// `gain` is a gain control's.
    pub(super) fn stage(
        &mut self,
        stage: &Stage,
        gain: f64,
        apply: impl Fn(&mut [Complex64]),
    ) -> Result<()> {
        if let Some(light) = &mut self.light {
            match stage {
                Stage::Gain(gain) => light.gain_a_w *= gain,
                Stage::Fiber {
                    dispersion_s_m,
                    wavelength_m,
                    ..
                } => {
                    light.dispersion_s_m += dispersion_s_m;
                    light.wavelength_m = *wavelength_m;
                }
                Stage::Probe { .. } => {}
                Stage::Photocurrent { .. } => return self.photocurrent(stage),
                _ => {
                    return Err(Error::WrongType {
                        name: "stages".into(),
                        value: "another stage between modulator and photocurrent".into(),
                        expected: "gains, fiber and probes there".into(),
                    });
                }
            }
            return Ok(());
        }
        match stage {
            Stage::Noise { source, density } => {
                if *density > 0.0 {
                    let ones = vec![Complex64::new(1.0, 0.0); self.grid.points()];
                    self.noise.push((*source, *density, ones, false));
                }
            }
            Stage::Photocurrent { .. } => self.photocurrent(stage)?,
            Stage::Limiter { name, amplitude } => self.close(SectionEnd::Limiter {
                name,
                amplitude: *amplitude,
            })?,
            Stage::Modulator {
                modulator,
                slope_w_per_v,
            } => {
                self.light = Some(Light {
                    modulator: Some(*modulator),
                    slope_w_per_v: *slope_w_per_v,
                    dispersion_s_m: 0.0,
                    wavelength_m: 1.0,
                    gain_a_w: 1.0,
                    mean_a: 0.0,
                    rin_per_hz: 0.0,
                    interference: 0.0,
                });
            }
            Stage::Probe { .. } => {}
            _ => {
                if let Stage::Agc { name, agc } = stage
                    && !self.sections.is_empty()
                {
                    self.control = Some(GainControl {
                        name,
                        agc: *agc,
                        gain,
                        before: Response::new(self.grid, self.response.clone())?,
                    });
                    for (.., controlled) in &mut self.noise {
                        *controlled = true;
                    }
                }
                apply(&mut self.response);
                for (_, _, shape, _) in &mut self.noise {
                    apply(shape);
                }
            }
        }
        Ok(())
    }

    fn photocurrent(&mut self, stage: &Stage) -> Result<()> {
        let Stage::Photocurrent {
            mean_a,
            rin_db_hz,
            interference_db,
        } = stage
        else {
            return Ok(());
        };
        let light = self.light.take().unwrap_or(Light {
            modulator: None,
            slope_w_per_v: 1.0,
            dispersion_s_m: 0.0,
            wavelength_m: 1.0,
            gain_a_w: 1.0,
            mean_a: 0.0,
            rin_per_hz: 0.0,
            interference: 0.0,
        });
        self.close(SectionEnd::Photocurrent(Light {
            mean_a: *mean_a,
            rin_per_hz: db_to_power(*rin_db_hz),
            interference: interference_db.map_or(0.0, db_to_power),
            ..light
        }))
    }

    pub(super) fn finish(mut self, transmitter: Response) -> Result<Path> {
        if self.light.is_some() {
            return Err(Error::WrongType {
                name: "stages".into(),
                value: "a modulator without a photocurrent behind it".into(),
                expected: "a photocurrent behind every modulator".into(),
            });
        }
        self.close(SectionEnd::Sampler)?;
        Ok(Path {
            transmitter,
            sections: self.sections,
        })
    }
}
