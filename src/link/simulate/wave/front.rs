//! The analog path as plans: from symbols to the planes in front of the sampler.

use crate::channel::convolve::{GridConfig, Impulse, PlaneFilter, Sampler, Upsampler};
use crate::channel::nrz_hold;
use crate::equalizer::ffe::{Ffe, FfeConfig};
use crate::equalizer::slicer::{Slicer, SlicerConfig};
use crate::error::{Error, Result};
use crate::frontend::dac::{Dac, DacConfig};
use crate::frontend::jitter::{EdgeJitterConfig, Sinusoid};
use crate::frontend::limiter::{Limiter, LimiterConfig};
use crate::signal::Response;
use crate::simd::Level;

use super::super::super::chain::Chain;
use super::super::super::config::{LinkConfig, Pattern};
use super::super::super::path::{Path, Section, SectionEnd};
use super::light::LightPlan;
use super::noise;
use super::tuning::Tuning;

/// Jitter slower than this share of the symbol rate moves the whole waveform (ours: a 1024th; over a block of
/// 64 symbols its phase turns by 0.4 rad at most), so that any amplitude is exact.
const SLOW: f64 = 1.0 / 1024.0;

/// Of the share of energy that a whole path may drop, what each of its sections drops: their tails add up (ours:
/// a third; two sections then come to the SNR of the whole within 0.01 dB).
const DROPPED: f64 = 1.0 / 3.0;

/// What stands between two linear stages, on planes.
pub(super) enum End {
    Limiter(Limiter),
    Light(Box<LightPlan>),
    /// Nothing: an electrical path without anything nonlinear.
    Nothing,
}

/// A linear stage and what follows it.
pub(super) struct Stage {
    /// None for the first, which the upsampler makes.
    pub filter: Option<PlaneFilter>,
    /// Filter of the noise that enters before the end.
    pub noise: Option<PlaneFilter>,
    pub end: End,
}

/// From symbols to planes, shared by all streams and runs.
pub(super) struct Front {
    pub level: Level,
    pub grid: GridConfig,
    pub mapper: Slicer,
    /// None where the transmit FIR is a single tap of one.
    pub transmit: Option<Ffe>,
    pub transmit_delay: usize,
    pub dac: Option<Dac>,
    pub tx_noise: f32,
    pub pattern: Pattern,
    pub first: Upsampler,
    /// Edge jitter, seed apart; none without.
    pub edges: Option<EdgeJitterConfig>,
    /// Sinusoidal jitter so slow that it moves the waveform as a whole: peak in UI and cycles per symbol.
    pub slow: Option<(f64, f64)>,
    pub stages: Vec<Stage>,
    /// What the linear stages convolve with, the first stage's first.
    pub impulses: Vec<Impulse>,
    /// Samples by which the last planes lag the waveform.
    pub delay: isize,
}

/// The path of a chain.
pub(super) fn path(chain: &Chain) -> Result<&Path> {
    chain.path.as_ref().ok_or_else(|| Error::Empty {
        name: "path of the chain (chains for the waveform come from SegmentSpec::resolve)".into(),
    })
}

impl Front {
    /// The first `count` sections that do not end at the sampler, at the gains of a tuning; `quiet` without any
    /// noise and jitter.
    pub(super) fn new(
        chain: &Chain,
        config: &LinkConfig,
        tuning: &Tuning,
        count: usize,
        quiet: bool,
        level: Level,
    ) -> Result<Self> {
        let path = path(chain)?;
        let grid = GridConfig {
            baud_hz: chain.baud_hz,
            samples_per_ui: config.simulation.samples_per_ui,
            kept_energy: 1.0 - (1.0 - config.analysis.kept_energy) * DROPPED,
            out_of_band: GridConfig::default().out_of_band,
        };
        let (edges, slow) = if quiet {
            (None, None)
        } else {
            edge_jitter(config)
        };
        let scaled = |i: usize| path.sections[i].response.scaled(tuning.gain[i]);
        let mut behind = path.transmitter.clone();
        if count > 0 {
            behind = behind.then(&scaled(0))?;
        }
        let hold = nrz_hold(behind.grid(), chain.baud_hz)?;
        let symbol = Impulse::symbol(&hold.then(&behind)?, &grid)?;
        let edge = match edges {
            Some(_) => Some(Impulse::edge(&behind, &grid)?),
            None => None,
        };
        let first = Upsampler::with_level(&symbol, edge.as_ref(), level)?;
        let mut delay = first.delay();
        let mut impulses = vec![symbol];
        let mut stages = Vec::new();
        if count == 0 {
            stages.push(Stage {
                filter: None,
                noise: None,
                end: End::Nothing,
            });
        }
        for (i, section) in path.sections[..count].iter().enumerate() {
            let impulse = if i == 0 {
                None
            } else {
                Some(Impulse::transfer(&scaled(i), &grid)?)
            };
            let stage = Stage::new(section, tuning, i, impulse.as_ref(), quiet, &grid, level)?;
            impulses.extend(impulse);
            delay += stage.filter.as_ref().map_or(0, PlaneFilter::delay);
            if let End::Light(light) = &stage.end {
                delay += light.delay();
            }
            stages.push(stage);
        }
        let choice = &chain.choice;
        let taps: Vec<f32> = choice.tx_taps.iter().map(|&c| c as f32).collect();
        let dac_bits = config.host.dac_bits;
        Ok(Self {
            level,
            grid,
            mapper: Slicer::with_level(
                &SlicerConfig {
                    levels: chain.levels.map(|l| l as f32),
                    ..SlicerConfig::default()
                },
                level,
            )?,
            transmit_delay: choice.tx_main,
            transmit: match taps.as_slice() {
                [1.0] => None,
                _ => Some(Ffe::with_level(
                    &FfeConfig {
                        taps,
                        precursors: choice.tx_main,
                    },
                    level,
                )?),
            },
            dac: if dac_bits == 0 {
                None
            } else {
                let steps = f64::from(1u32 << dac_bits);
                Some(Dac::with_level(
                    &DacConfig {
                        bits: dac_bits,
                        // The peak of the FIR, one, is the largest code.
                        full_scale: steps / (steps - 1.0),
                    },
                    level,
                )?)
            },
            tx_noise: if quiet { 0.0 } else { chain.tx_noise as f32 },
            pattern: config.simulation.pattern,
            first,
            edges,
            slow,
            stages,
            impulses,
            delay,
        })
    }

    /// Sampler behind the last planes, from the response of the section in front of it.
    pub(super) fn sampler(&self, response: &Response) -> Result<Sampler> {
        Sampler::with_level(response, &self.grid, self.level)
    }
}

/// Jitter of single edges, and of the waveform as a whole.
fn edge_jitter(config: &LinkConfig) -> (Option<EdgeJitterConfig>, Option<(f64, f64)>) {
    let of = &config.host.edge_jitter;
    let cycles = of.sinusoidal_hz / config.baud_hz;
    let is_slow = cycles < SLOW;
    let (slow, fast) = match (of.sinusoidal_ui > 0.0, is_slow) {
        (false, _) => (None, vec![]),
        (true, true) => (Some((of.sinusoidal_ui, cycles)), vec![]),
        (true, false) => (
            None,
            vec![Sinusoid {
                amplitude_ui: of.sinusoidal_ui,
                frequency_hz: of.sinusoidal_hz,
                phase_rad: 0.0,
            }],
        ),
    };
    let edges = EdgeJitterConfig {
        baud_hz: config.baud_hz,
        random_ui: of.random_ui,
        even_odd_ui: of.even_odd_ui,
        sinusoidal: fast,
        ..EdgeJitterConfig::default()
    };
    let none = edges.random_ui == 0.0 && edges.even_odd_ui == 0.0 && edges.sinusoidal.is_empty();
    ((!none).then_some(edges), slow)
}

impl Stage {
    fn new(
        section: &Section,
        tuning: &Tuning,
        index: usize,
        impulse: Option<&Impulse>,
        quiet: bool,
        grid: &GridConfig,
        level: Level,
    ) -> Result<Self> {
        let filter = impulse
            .map(|impulse| PlaneFilter::with_level(impulse, level))
            .transpose()?;
        let noise = if quiet {
            None
        } else {
            noise::on_grid(&section.noise, tuning.gain[index], grid)?
        };
        let end = match &section.end {
            SectionEnd::Limiter { amplitude, .. } => End::Limiter(Limiter::with_level(
                &LimiterConfig {
                    limit: *amplitude,
                    ..LimiterConfig::default()
                },
                level,
            )?),
            SectionEnd::Photocurrent(light) => {
                let frequencies = section.response.grid();
                let mut plan = LightPlan::new(light, tuning.mean_a, frequencies, grid, level)?;
                if quiet {
                    plan.quiet();
                }
                End::Light(Box::new(plan))
            }
            SectionEnd::Sampler => End::Nothing,
        };
        Ok(Self {
            filter,
            noise: noise
                .map(|impulse| PlaneFilter::with_level(&impulse, level))
                .transpose()?,
            end,
        })
    }
}
