//! A segment before its equalizers are chosen: what lies between two retimers, as a list of stages.

use crate::error::Result;
use crate::frontend::agc::Agc;
use crate::frontend::ctle::CtleConfig;
use crate::frontend::jitter::JitterConfig;
use crate::frontend::transmitter::TxFirConfig;
use crate::optics::modulator::ModulatorConfig;
use crate::signal::{FrequencyGrid, Response};

use super::config::ReceiverConfig;
use super::crosstalk::Aggressor;

/// Where a noise enters; the name of its line in the noise budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NoiseSource {
    /// Noise and distortion of the transmitter, `SNR_TX`.
    Transmitter,
    /// Electrical input of a linear module.
    ModuleInput,
    /// Relative intensity noise of the laser.
    Rin,
    /// Shot noise of the photocurrent.
    Shot,
    /// Transimpedance amplifier.
    Tia,
    /// Electrical input of the receiver.
    ReceiverInput,
    /// Converter.
    Quantization,
    /// Jitter of the sampling instants.
    Jitter,
    /// Symbols of other transmitters.
    Crosstalk,
    /// Interference that the equalizer leaves.
    ResidualIsi,
    /// What nonlinear stages make of the signal beyond levels and slopes.
    Distortion,
}

impl NoiseSource {
    /// Name as printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transmitter => "transmitter",
            Self::ModuleInput => "module input",
            Self::Rin => "RIN",
            Self::Shot => "shot",
            Self::Tia => "TIA",
            Self::ReceiverInput => "receiver input",
            Self::Quantization => "quantization",
            Self::Jitter => "jitter",
            Self::Crosstalk => "crosstalk",
            Self::ResidualIsi => "residual ISI",
            Self::Distortion => "distortion",
        }
    }
}

/// Transmitter of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct TxSpec {
    /// Peak amplitude at the first stage, V.
    pub amplitude_v: f64,
    /// 20-80 % transition time, s.
    pub edge_s: f64,
    /// Grid of the FIR.
    pub fir: TxFirConfig,
    /// Outer level to RMS noise, dB.
    pub snr_db: f64,
    /// Levels, peak one.
    pub levels: [f64; 4],
}

/// One step of the analog chain. Unit conversions are gains.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// A fixed transfer function.
    Linear(Response),
    /// A CTLE whose setting the design chooses; settings are `responses[i][j]`.
    Ctle {
        /// Its grid.
        config: CtleConfig,
        /// Its response at every setting.
        responses: Vec<Vec<Response>>,
    },
    /// A constant gain.
    Gain(f64),
    /// A gain control.
    Agc {
        /// What it controls, for reports.
        name: &'static str,
        /// Its rule.
        agc: Agc,
    },
    /// White noise at this point, one-sided density in the square of the local unit per Hz.
    Noise {
        /// Its line in the budget.
        source: NoiseSource,
        /// One-sided density.
        density: f64,
    },
    /// The photocurrent: noise that follows the instantaneous level enters here.
    Photocurrent {
        /// Mean current, A.
        mean_a: f64,
        /// Relative intensity noise, dB/Hz.
        rin_db_hz: f64,
        /// Power of a delayed copy that interferes with the signal over that of the signal, dB; none in the
        /// linear view.
        interference_db: Option<f64>,
    },
    /// A soft limiter; in the linear view a gain of one.
    Limiter {
        /// Which amplifier's, for reports.
        name: &'static str,
        /// Amplitude at which it saturates, local unit.
        amplitude: f64,
    },
    /// A large-signal modulator; in the linear view a gain. Only gains, fiber and probes may stand between
    /// it and the photocurrent.
    Modulator {
        /// What it is.
        modulator: ModulatorConfig,
        /// The gain of the linear view, W/V.
        slope_w_per_v: f64,
    },
    /// Dispersive fiber; in the linear view the response of the intensity.
    Fiber {
        /// That response.
        intensity: Response,
        /// Accumulated dispersion, s/m.
        dispersion_s_m: f64,
        /// Wavelength, m.
        wavelength_m: f64,
    },
    /// Other transmitters' symbols are added here.
    Crosstalk(Vec<Aggressor>),
    /// A test point whose amplitude is reported.
    Probe {
        /// TP0 to TP5.
        point: &'static str,
        /// Unit of the local signal.
        unit: &'static str,
    },
}

/// A segment: transmitter, analog chain, receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentSpec {
    /// Name, for reports.
    pub name: &'static str,
    /// Symbol rate, Hz.
    pub baud_hz: f64,
    /// Frequencies of every response.
    pub grid: FrequencyGrid,
    /// Transmitter.
    pub tx: TxSpec,
    /// The analog chain, in order.
    pub stages: Vec<Stage>,
    /// Converter and equalizer.
    pub receiver: ReceiverConfig,
    /// Jitter of the sampler.
    pub jitter: JitterConfig,
    /// Where measured channel data end, if the segment uses a file.
    pub measured_end_hz: Option<f64>,
}

impl Stage {
    /// A CTLE stage with its responses at all settings.
    #[must_use]
    pub fn ctle(config: CtleConfig, grid: FrequencyGrid) -> Self {
        let (rows, columns) = config.settings();
        let responses = (0..rows)
            .map(|i| {
                (0..columns)
                    .map(|j| {
                        let ctle = config.setting(i, j);
                        Response::from_fn(grid, |f| ctle.at(f))
                    })
                    .collect()
            })
            .collect();
        Self::Ctle { config, responses }
    }
}

impl SegmentSpec {
    /// The same segment on every `stride`-th frequency up to `end_hz`: a shorter time window, for the
    /// search.
    pub(super) fn coarse(&self, stride: usize, end_hz: f64) -> Result<Self> {
        let points = ((end_hz / self.grid.step_hz()) as usize).min(self.grid.points() - 1) / stride;
        let grid = FrequencyGrid::new(self.grid.step_hz() * stride as f64, points + 1)?;
        let thin = |r: &Response| {
            Response::new(
                grid,
                r.values()
                    .iter()
                    .step_by(stride)
                    .take(points + 1)
                    .copied()
                    .collect(),
            )
        };
        let stages = self
            .stages
            .iter()
            .map(|stage| {
                Ok(match stage {
                    Stage::Linear(r) => Stage::Linear(thin(r)?),
                    Stage::Fiber {
                        intensity,
                        dispersion_s_m,
                        wavelength_m,
                    } => Stage::Fiber {
                        intensity: thin(intensity)?,
                        dispersion_s_m: *dispersion_s_m,
                        wavelength_m: *wavelength_m,
                    },
                    Stage::Ctle { config, responses } => Stage::Ctle {
                        config: *config,
                        responses: responses
                            .iter()
                            .map(|row| row.iter().map(thin).collect::<Result<_>>())
                            .collect::<Result<_>>()?,
                    },
                    Stage::Crosstalk(all) => Stage::Crosstalk(
                        all.iter().map(|a| a.thinned(thin)).collect::<Result<_>>()?,
                    ),
                    other => other.clone(),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            grid,
            stages,
            ..self.clone()
        })
    }

    /// How many CTLEs the design has to set.
    pub(super) fn ctles(&self) -> usize {
        self.stages
            .iter()
            .filter(|s| matches!(s, Stage::Ctle { .. }))
            .count()
    }
}
