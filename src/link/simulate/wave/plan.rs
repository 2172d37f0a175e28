//! Everything of a run that its streams share, and how it is made of a chain and its tuning.

use crate::cdr::{Acquisition, AcquisitionConfig, Cdr, CdrConfig, Detector};
use crate::channel::convolve::{Impulse, Sampler};
use crate::equalizer::ffe::{Ffe, FfeConfig};
use crate::error::Result;
use crate::frontend::adc::{self, Adc, AdcConfig, BandwidthMismatch, Mismatch};
use crate::frontend::jitter::JitterConfig;
use crate::frontend::quantizer::QuantizerConfig;
use crate::simd::Level;

use super::super::super::chain::Chain;
use super::super::super::config::{LinkConfig, TimingDetector};
use super::super::crosstalk::Aggressors;
use super::super::receive::Receiver;
use super::front::{Front, path};
use super::noise;
use super::tail;
use super::tuning::Tuning;

/// Symbols of a stream whose waveform is made at once: its planes stay in the second-level cache. The size
/// changes no result.
pub(super) const BLOCK: usize = 512;
/// Samples of a chunk where the phase is fixed.
const FIXED_CHUNK: usize = 512;
/// Symbols by which phases may wander from where they began, and streams from one another.
const WANDER: usize = 64;

/// Everything of a run, shared by all of them.
pub(super) struct Plan {
    pub(super) front: Front,
    pub(super) sampler: Sampler,
    pub(super) noise: Option<Ffe>,
    /// None while the path is measured without noise.
    pub(super) aggressors: Option<Aggressors>,
    pub(super) jitter: JitterConfig,
    pub(super) adc: Option<Adc>,
    pub(super) receiver: Receiver,
    pub(super) cdr: Option<Cdr>,
    pub(super) acquisition: Option<Acquisition>,
    pub(super) detector: Detector,
    pub(super) tuning: Tuning,
    /// Clock of the transmitter over that of the receiver, less one.
    pub(super) ahead: f64,
    pub(super) chunk: usize,
    pub(super) block: usize,
    pub(super) level: Level,
}

impl Plan {
    pub(super) fn new(
        chain: &Chain,
        config: &LinkConfig,
        tuning: &Tuning,
        quiet: bool,
        level: Level,
    ) -> Result<Self> {
        let sections = &path(chain)?.sections;
        let last = sections.len() - 1;
        let front = Front::new(chain, config, tuning, last, quiet, level)?;
        let sampler = front.sampler(&sections[last].response.scaled(tuning.gain[last]))?;
        let timing = &config.simulation.timing;
        let (adc, white) = converter(chain, config, tuning, quiet, level)?;
        let noise = if quiet {
            None
        } else {
            let mut impulses = front.impulses.clone();
            let behind = sections[last].response.scaled(tuning.gain[last]);
            impulses.push(Impulse::transfer(&behind, &front.grid)?);
            let tail = tail::dropped(chain, tuning, &impulses, &front.grid)?;
            let gain = tuning.gain[last];
            noise::at_symbols(&sections[last].noise, gain, white, &tail, chain.baud_hz)?
        };
        let detector = detector(timing.detector);
        let (cdr, acquisition) = if timing.recovered && !quiet {
            let (cdr, acquisition) = clock(chain, config, tuning, level)?;
            (Some(cdr), Some(acquisition))
        } else {
            (None, None)
        };
        Ok(Self {
            receiver: Receiver::new(
                &tuning.equalizer,
                &tuning.slicing,
                front.transmit_delay,
                level,
            )?,
            sampler,
            noise: noise
                .map(|taps| {
                    Ffe::with_level(
                        &FfeConfig {
                            taps: taps.taps,
                            precursors: 0,
                        },
                        level,
                    )
                })
                .transpose()?,
            aggressors: if quiet {
                None
            } else {
                Some(Aggressors::new(chain, level)?)
            },
            jitter: if quiet {
                JitterConfig {
                    random_ui: 0.0,
                    dual_dirac_ui: 0.0,
                }
            } else {
                chain.jitter
            },
            adc,
            chunk: if cdr.is_some() {
                timing.block
            } else {
                FIXED_CHUNK
            },
            cdr,
            acquisition,
            detector,
            ahead: 1e-6 * timing.ppm_offset,
            tuning: tuning.clone(),
            block: BLOCK,
            front,
            level,
        })
    }

    /// Another block size, which must not matter.
    #[cfg(test)]
    pub(super) fn with_block(mut self, block: usize) -> Self {
        self.block = block;
        self
    }

    /// Products of the last stage per sample, in symbols.
    pub(super) fn taps_ui(&self) -> usize {
        self.sampler.past()
    }

    /// Old symbols that the last planes keep.
    pub(super) fn past(&self) -> usize {
        self.sampler.past() + self.chunk + 2 * WANDER
    }

    /// Whole symbols and fraction between sample number `k` of a chunk and the symbol it is taken at, on the
    /// grid of the last planes; the receiver's clock differs by `ahead`, the transmitter's may wander.
    pub(super) fn instant(&self, phase_ui: f64, k: u64) -> (i64, f64) {
        let m = self.front.grid.samples_per_ui as f64;
        let middle = k as f64 + 0.5 * self.chunk as f64;
        let mut at = phase_ui + self.ahead * (middle + phase_ui);
        if let Some((peak, cycles)) = self.front.slow {
            let turns = (cycles * (middle + at)).fract();
            at -= peak * (2.0 * std::f64::consts::PI * turns).sin();
        }
        let at = at + (self.front.delay + self.sampler.delay()) as f64 / m;
        let whole = at.floor();
        (whole as i64, at - whole)
    }
}

/// The converter, none where it does nothing, and what is left of the receiver's noise beside its quantizer.
fn converter(
    chain: &Chain,
    config: &LinkConfig,
    tuning: &Tuning,
    quiet: bool,
    level: Level,
) -> Result<(Option<Adc>, f64)> {
    let receiver = &chain.receiver;
    let full_scale = receiver.adc_loading * tuning.converter_rms;
    let mut white = adc::noise_variance(receiver.enob, receiver.adc_loading, tuning.converter_rms);
    let quantizer = (receiver.adc.bits > 0).then_some(QuantizerConfig {
        bits: receiver.adc.bits,
        full_scale,
    });
    if let Some(quantizer) = &quantizer {
        white = (white - quantizer.noise_variance()).max(0.0);
    }
    let adc = if quiet || (quantizer.is_none() && !receiver.adc.is_mismatched()) {
        None
    } else {
        let of = &receiver.adc;
        let mismatch = |sigma: f64| {
            if sigma > 0.0 {
                Mismatch::Sigma(sigma)
            } else {
                Mismatch::None
            }
        };
        let bandwidth = (of.bandwidth_rms > 0.0).then(|| {
            let corner_hz = config.host.receive_filter_over_baud * chain.baud_hz;
            BandwidthMismatch::new(mismatch(of.bandwidth_rms), corner_hz, chain.baud_hz)
        });
        Some(Adc::with_level(
            &AdcConfig {
                slices: of.slices,
                quantizer,
                offset: mismatch(of.offset_rms * full_scale),
                gain: mismatch(of.gain_rms),
                skew_ui: mismatch(of.skew_rms_ui),
                bandwidth,
                seed: of.seed,
                ..AdcConfig::default()
            },
            level,
        )?)
    };
    Ok((adc, white))
}

fn detector(timing: TimingDetector) -> Detector {
    match timing {
        TimingDetector::MuellerMuller => Detector::MuellerMuller,
        TimingDetector::SignMuellerMuller => Detector::SignMuellerMuller,
        TimingDetector::Alexander => Detector::Alexander,
        TimingDetector::Gardner => Detector::Gardner,
    }
}

/// Clock recovery and its beginning, for samples of the converter's RMS.
fn clock(
    chain: &Chain,
    config: &LinkConfig,
    tuning: &Tuning,
    level: Level,
) -> Result<(Cdr, Acquisition)> {
    let timing = &config.simulation.timing;
    let scale = tuning.converter_rms / crate::pam4::variance(chain.levels).sqrt();
    let of = CdrConfig {
        detector: detector(timing.detector),
        levels: chain.levels.map(|l| (l * scale) as f32),
        baud_hz: chain.baud_hz,
        bandwidth_hz: timing.bandwidth_hz,
        block: timing.block,
        extra_latency_blocks: timing.latency_blocks,
        initial_phase_ui: tuning.phase_ui,
        max_ppm: 500f64.max(1.5 * timing.ppm_offset.abs()),
        phase_steps: None,
        sample_lag: tuning.equalizer.precursors,
        ..CdrConfig::default()
    };
    let how = AcquisitionConfig {
        span_ppm: 250f64.max(1.25 * timing.ppm_offset.abs()),
        // The designed taps are there from the start.
        equalize_blocks: 0,
        ..AcquisitionConfig::default()
    };
    Ok((
        Cdr::with_level(&of, level)?,
        Acquisition::with_level(&of, &how, level)?,
    ))
}
