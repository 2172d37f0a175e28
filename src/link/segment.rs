//! A segment ready to run: its chain and the equalizer that was designed for it.

use crate::error::{Error, Result, finite, in_range};

use super::chain::Chain;
use super::config::Detector;
use super::path::SectionEnd;

/// Taps and phase of a segment's receiver: with the chain's responses, all that the engines share.
#[derive(Debug, Clone, PartialEq)]
pub struct Equalizer {
    /// Sampling time of the main cursor on the axis of the chain's responses, s.
    pub phase_s: f64,
    /// FFE taps, index 0 on the latest sample, scaled so that levels of peak one come out.
    pub ffe: Vec<f32>,
    /// FFE taps before the main one.
    pub precursors: usize,
    /// DFE taps in units of the symbol levels (peak one), or what the target of a sequence detector has behind
    /// its one.
    pub dfe: Vec<f32>,
    /// What decides.
    pub detector: Detector,
}

/// A designed segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Name, for reports.
    pub name: &'static str,
    /// The analog chain at its chosen settings.
    pub chain: Chain,
    /// The equalizer.
    pub equalizer: Equalizer,
    /// Gains of the CTLEs in dB, two stages each, in the order of the chain.
    pub ctle_db: Vec<[f64; 2]>,
    /// Slicer SNR that the design predicts, dB.
    pub design_snr_db: f64,
    /// Share of the pulse's energy that rests on frequencies beyond the end of a channel file.
    pub extrapolated_share: f64,
}

impl Segment {
    /// Checks that the equalizer is one: taps finite, precursors among them, at most 16 feedback taps.
    pub(super) fn check(&self) -> Result<()> {
        let Equalizer {
            phase_s,
            ffe,
            precursors,
            dfe,
            detector,
        } = &self.equalizer;
        finite("equalizer.phase_s", *phase_s)?;
        if ffe.is_empty() {
            return Err(Error::Empty {
                name: "equalizer.ffe".into(),
            });
        }
        let last = (ffe.len() - 1) as f64;
        in_range("equalizer.precursors", *precursors as f64, 0.0, last)?;
        let (least, most) = match detector {
            Detector::Dfe => (0.0, 16.0),
            Detector::Mlse => (1.0, 2.0),
        };
        in_range("equalizer.dfe taps", dfe.len() as f64, least, most)?;
        for (name, taps) in [("ffe", ffe), ("dfe", dfe)] {
            for (k, tap) in taps.iter().enumerate() {
                finite(format!("equalizer.{name}[{k}]"), f64::from(*tap))?;
            }
        }
        self.chain.choice.check()
    }

    /// Whether something in the path is not linear: a limiter, a modulator's curve.
    #[must_use]
    pub fn is_nonlinear(&self) -> bool {
        let sections = self.chain.path.iter().flat_map(|path| &path.sections);
        let mut ends = sections.map(|section| &section.end);
        ends.any(|end| match end {
            SectionEnd::Limiter { .. } => true,
            SectionEnd::Photocurrent(light) => light.modulator.is_some(),
            SectionEnd::Sampler => false,
        })
    }

    /// The segment as its small signals see it: without its path, so that both engines take everything as linear.
    #[must_use]
    pub fn linear_view(&self) -> Self {
        let mut linear = self.clone();
        linear.chain.path = None;
        linear
    }

    /// The segment sampled at another phase (s, on the axis of the chain's responses), taps as they are: that of a
    /// clock recovery.
    #[must_use]
    pub fn at_phase(&self, phase_s: f64) -> Self {
        let mut moved = self.clone();
        moved.equalizer.phase_s = phase_s;
        moved
    }

    /// Decision thresholds: midway between the levels.
    #[must_use]
    pub fn thresholds(&self) -> [f64; 3] {
        crate::pam4::midway(self.chain.levels)
    }
}
