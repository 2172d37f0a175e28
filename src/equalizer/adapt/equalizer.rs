//! What an adapting stream has become, as plans for the kernels that run it frozen.

use crate::equalizer::dfe::DfeConfig;
use crate::equalizer::ffe::FfeConfig;
use crate::error::{Result, finite};
use crate::pam4;

/// Everything that adapts, at one moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Equalizer {
    /// Feed-forward taps, index 0 on the latest sample.
    pub ffe: Vec<f32>,
    /// Taps before the main one.
    pub precursors: usize,
    /// Feedback taps, index 0 on the last decision.
    pub dfe: Vec<f32>,
    /// Gain behind the feed-forward taps.
    pub gain: f32,
    /// Offset at the slicer.
    pub offset: f32,
    /// Levels of the slicer.
    pub levels: [f32; 4],
}

impl Equalizer {
    /// The taps times the gain: plan of an [`crate::equalizer::ffe::Ffe`].
    #[must_use]
    pub fn ffe_config(&self) -> FfeConfig {
        FfeConfig {
            taps: self.ffe.iter().map(|w| w * self.gain).collect(),
            precursors: self.precursors,
        }
    }

    /// The feedback of this equalizer for a [`crate::equalizer::dfe::Dfe`] behind the [`Self::ffe_config`].
    ///
    /// A `Dfe` has no offset: the offset moves its thresholds, and its feedback (which then still
    /// weighs the levels themselves) stays as it is.
    #[must_use]
    pub fn dfe_config(&self) -> DfeConfig {
        let l = self.levels;
        let midway = pam4::midway(l.map(f64::from));
        DfeConfig {
            taps: self.dfe.clone(),
            levels: l,
            thresholds: Some(midway.map(|t| t as f32 - self.offset)),
        }
    }

    /// An error that names the first number that is not finite: the adaptation has diverged.
    pub fn check(&self) -> Result<()> {
        let lists = [("ffe taps", &self.ffe), ("dfe taps", &self.dfe)];
        for (name, list) in lists {
            for (k, &tap) in list.iter().enumerate() {
                finite(format!("{name}[{k}]"), tap.into())?;
            }
        }
        finite("gain", self.gain.into())?;
        finite("offset", self.offset.into())?;
        for (k, &level) in self.levels.iter().enumerate() {
            finite(format!("levels[{k}]"), level.into())?;
        }
        Ok(())
    }
}
