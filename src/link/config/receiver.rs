//! Receivers: converter, equalizer lengths, tap limits.

use crate::error::{Result, in_range};

use super::LaneRate;

/// What decides behind the feed-forward equalizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum Detector {
    /// A slicer with decision feedback.
    #[default]
    Dfe,
    /// The likeliest sequence behind a partial-response target with one or two coefficients
    /// ([`crate::mlse`]); the feed-forward equalizer is designed for the target.
    Mlse,
}

/// A sampling receiver with a digital equalizer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ReceiverConfig {
    /// FFE taps before the main one.
    pub ffe_precursors: usize,
    /// FFE taps after the main one.
    pub ffe_postcursors: usize,
    /// What decides.
    pub detector: Detector,
    /// DFE taps, or coefficients of a sequence detector's target: one for 4 states, two for 16.
    pub dfe_taps: usize,
    /// Largest DFE tap (coefficient of the target) relative to the cursor; the smallest is 0.
    pub dfe_max: f64,
    /// Largest magnitude of any FFE tap but the main one, relative to it (802.3dj 0.7 (secondary source)).
    pub ffe_limit: f64,
    /// Effective bits of the converter near the Nyquist frequency.
    pub enob: f64,
    /// Full scale of the converter over the RMS of its input (ours: 3.0; equalized PAM4 has a crest
    /// factor of 1.34, an unequalized long channel 2.5 to 3).
    pub adc_loading: f64,
    /// The converter in more detail.
    pub adc: ConverterConfig,
}

/// A time-interleaved converter in the time-domain engine on the waveform; its defaults are the converter of
/// the statistical engine, one noise of [`ReceiverConfig::enob`].
///
/// With `bits` above zero samples are quantized and clipped at full scale; what the rounding itself makes is
/// taken off the noise of [`ReceiverConfig::enob`], so that both together keep the effective bits.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ConverterConfig {
    /// Bits of the quantizer; 0: none.
    pub bits: u32,
    /// Slices that take turns.
    pub slices: usize,
    /// Standard deviation of the slices' offsets over full scale.
    pub offset_rms: f64,
    /// Standard deviation of the slices' gains.
    pub gain_rms: f64,
    /// Standard deviation of the slices' sampling instants, UI.
    pub skew_rms_ui: f64,
    /// Standard deviation of the slices' bandwidths over their mean.
    pub bandwidth_rms: f64,
    /// What draws the slices.
    pub seed: u64,
}

impl Default for ConverterConfig {
    fn default() -> Self {
        Self {
            bits: 0,
            slices: 1,
            offset_rms: 0.0,
            gain_rms: 0.0,
            skew_rms_ui: 0.0,
            bandwidth_rms: 0.0,
            seed: 1,
        }
    }
}

impl ConverterConfig {
    /// Whether slices differ.
    #[must_use]
    pub fn is_mismatched(&self) -> bool {
        self.slices > 1
            && [
                self.offset_rms,
                self.gain_rms,
                self.skew_rms_ui,
                self.bandwidth_rms,
            ]
            .iter()
            .any(|&rms| rms > 0.0)
    }

    fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.bits"), f64::from(self.bits), 0.0, 16.0)?;
        in_range(format!("{name}.slices"), self.slices as f64, 1.0, 256.0)?;
        for (field, value) in [
            ("offset_rms", self.offset_rms),
            ("gain_rms", self.gain_rms),
            ("skew_rms_ui", self.skew_rms_ui),
            ("bandwidth_rms", self.bandwidth_rms),
        ] {
            in_range(format!("{name}.{field}"), value, 0.0, 0.2)?;
        }
        Ok(())
    }
}

impl ReceiverConfig {
    /// FFE taps in all.
    #[must_use]
    pub fn ffe_taps(&self) -> usize {
        self.ffe_precursors + 1 + self.ffe_postcursors
    }

    pub(in super::super) fn validate(&self, name: &str) -> Result<()> {
        in_range(
            format!("{name}.ffe_precursors"),
            self.ffe_precursors as f64,
            0.0,
            64.0,
        )?;
        in_range(
            format!("{name}.ffe_postcursors"),
            self.ffe_postcursors as f64,
            0.0,
            191.0,
        )?;
        let (least, most) = match self.detector {
            Detector::Dfe => (0.0, 16.0),
            Detector::Mlse => (1.0, 2.0),
        };
        let taps = self.dfe_taps as f64;
        in_range(format!("{name}.dfe_taps"), taps, least, most)?;
        in_range(format!("{name}.dfe_max"), self.dfe_max, 0.0, 2.0)?;
        in_range(format!("{name}.ffe_limit"), self.ffe_limit, 0.0, 100.0)?;
        in_range(format!("{name}.enob"), self.enob, 1.0, 24.0)?;
        in_range(format!("{name}.adc_loading"), self.adc_loading, 1.0, 20.0)?;
        self.adc.validate(&format!("{name}.adc"))?;
        Ok(())
    }
}

/// The fixed receivers of the built-in scenario, one per place.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ReceiverTable {
    /// Electrical input of a retimed (or transmit-retimed) module.
    pub module_host_side: ReceiverConfig,
    /// Optical input of a retimed module.
    pub module_line_side: ReceiverConfig,
    /// Host behind a retimed module.
    pub host_retimed: ReceiverConfig,
    /// Host behind a module that does not retime the receive side.
    pub host_linear: ReceiverConfig,
    /// Host behind a co-packaged engine.
    pub host_cpo: ReceiverConfig,
}

impl ReceiverTable {
    /// The table of a lane rate.
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        // Effective bits: energy reference 2.1 (28-35 dB near Nyquist), 4.8 at 53 GBd, 4.7 at 106 GBd.
        let (enob, line_post) = match rate {
            LaneRate::G100 => (4.8, 10),
            LaneRate::G200 => (4.7, 14),
        };
        let c2m = ReceiverConfig {
            ffe_precursors: 3,
            ffe_postcursors: 8,
            detector: Detector::Dfe,
            dfe_taps: 1,
            dfe_max: 0.5,
            ffe_limit: 0.7,
            enob,
            adc_loading: 3.0,
            adc: ConverterConfig::default(),
        };
        Self {
            module_line_side: ReceiverConfig {
                ffe_precursors: 5,
                ffe_postcursors: line_post,
                dfe_max: 0.85,
                ..c2m.clone()
            },
            host_linear: ReceiverConfig {
                ffe_precursors: 6,
                ffe_postcursors: 17,
                dfe_max: 0.85,
                ..c2m.clone()
            },
            // A short path needs neither feedback nor the full converter (ours: 4.3 bits).
            host_cpo: ReceiverConfig {
                ffe_precursors: 1,
                ffe_postcursors: 3,
                dfe_taps: 0,
                enob: 4.3,
                ..c2m.clone()
            },
            host_retimed: c2m.clone(),
            module_host_side: c2m,
        }
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        for (field, receiver) in [
            ("module_host_side", &self.module_host_side),
            ("module_line_side", &self.module_line_side),
            ("host_retimed", &self.host_retimed),
            ("host_linear", &self.host_linear),
            ("host_cpo", &self.host_cpo),
        ] {
            receiver.validate(&format!("{name}.{field}"))?;
        }
        Ok(())
    }
}
