//! What a simulation finds out at its start and then holds.

use crate::pam4::midway;

use super::super::super::path::SectionEnd;
use super::super::super::segment::{Equalizer, Segment};
use super::super::receive::Slicing;
use super::front::path;
use crate::error::Result;

/// Gains, phase, taps and levels of a path, found at the start and frozen for all runs.
#[derive(Debug, Clone)]
pub(super) struct Tuning {
    /// Factor on the gain of each section's gain control over the linear view's.
    pub gain: Vec<f64>,
    /// Mean photocurrent, A.
    pub mean_a: f64,
    /// RMS at the converter.
    pub converter_rms: f64,
    /// Levels and thresholds at the slicer.
    pub slicing: Slicing,
    /// Taps.
    pub equalizer: Equalizer,
    /// Sampling phase on the axis of the chain's responses, UI.
    pub phase_ui: f64,
    /// Frequency of the recovered clock against the receiver's own, ppm.
    pub frequency_ppm: f64,
    /// Mean output of the timing detector per UI, where it was measured.
    pub detector_gain: Option<f64>,
}

impl Tuning {
    /// The linear view.
    pub(super) fn linear(segment: &Segment) -> Result<Self> {
        let path = path(&segment.chain)?;
        let mean_a = path.sections.iter().find_map(|s| match &s.end {
            SectionEnd::Photocurrent(light) => Some(light.mean_a),
            _ => None,
        });
        Ok(Self {
            gain: vec![1.0; path.sections.len()],
            mean_a: mean_a.unwrap_or(0.0),
            converter_rms: 1.0,
            slicing: Slicing {
                levels: segment.chain.levels,
                thresholds: midway(segment.chain.levels),
            },
            equalizer: segment.equalizer.clone(),
            phase_ui: segment.equalizer.phase_s * segment.chain.baud_hz,
            frequency_ppm: 0.0,
            detector_gain: None,
        })
    }
}
