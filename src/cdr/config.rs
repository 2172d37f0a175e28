//! What a clock recovery is made of, in the user's units.

use super::MAX_BLOCK;
use super::lock::LockConfig;
use super::model::LoopModel;
use crate::error::{Error, Name, Result, finite, in_range, positive};
use crate::pam4;

/// The timing error detector. Equations, zeros and gains: [`mod@super::detector`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Detector {
    /// Mueller and Muller, `a[k-1] z[k] - a[k] z[k-1]`: one sample per symbol, decisions.
    #[default]
    MuellerMuller,
    /// The same with the signs of the decisions and of the slicer's errors.
    SignMuellerMuller,
    /// Bang-bang: the sign of the sample between two opposite symbols.
    Alexander,
    /// Gardner: two samples per symbol, no decisions.
    Gardner,
}

impl Detector {
    /// All detectors.
    pub const ALL: [Self; 4] = [
        Self::MuellerMuller,
        Self::SignMuellerMuller,
        Self::Alexander,
        Self::Gardner,
    ];

    /// Whether it needs the samples half a UI before those of the symbols.
    #[must_use]
    pub fn needs_edges(self) -> bool {
        matches!(self, Self::Alexander | Self::Gardner)
    }

    /// Whether it needs decisions.
    #[must_use]
    pub fn needs_decisions(self) -> bool {
        self != Self::Gardner
    }

    /// Whether its output is a number of signs, not one that grows with the samples.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::SignMuellerMuller | Self::Alexander)
    }
}

/// Loop gains in the units of the loop: see [`LoopModel`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct LoopGains {
    /// UI that the phase moves per unit of the mean detector output of a block.
    pub proportional: f64,
    /// UI per symbol that the frequency moves per unit of the mean detector output of a block.
    pub integral: f64,
}

/// Settings of a clock recovery.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct CdrConfig {
    /// The timing error detector. Default [`Detector::MuellerMuller`].
    pub detector: Detector,
    /// Values of the symbols 0..=3 in the unit of the samples, strictly rising. Default
    /// [`pam4::LEVELS`].
    pub levels: [f32; 4],
    /// Symbol rate in Hz. Default 53.125e9.
    pub baud_hz: f64,
    /// -3 dB frequency of the jitter transfer in Hz. Default 4e6, the corner that the clock recovery
    /// of IEEE 802.3 reference receivers has.
    pub bandwidth_hz: f64,
    /// Damping factor of the loop without block and latency, 0.3..=100; unused with
    /// [`CdrConfig::peaking_db`]. Default 4 (ours: 0.1 dB of peaking).
    pub damping: f64,
    /// Peaking of the jitter transfer in dB; chosen by damping if `None`.
    pub peaking_db: Option<f64>,
    /// Loop gains in place of bandwidth, damping and peaking.
    pub gains: Option<LoopGains>,
    /// Mean detector output per UI of phase error, that the gains are designed for: [`detector::gain`]
    /// of a pulse, or what [`LockReport`](super::LockReport) measured. Default 1 (ours, the order of
    /// magnitude of Mueller-Muller on a pulse of main cursor one).
    ///
    /// [`detector::gain`]: super::detector::gain
    pub detector_gain: f64,
    /// Symbols per block, 1..=256: the phase is constant over a block. Default 64.
    pub block: usize,
    /// Blocks between the end of a block and the phase that it moves, beyond the shortest; 0..=64.
    /// Default 1 (ours).
    pub extra_latency_blocks: usize,
    /// Steps per UI of the phase interpolator; none if `None`. Default 64 (ours).
    pub phase_steps: Option<u32>,
    /// Phase of the first block in UI.
    pub initial_phase_ui: f64,
    /// Limit of the frequency estimate in ppm, to both sides. Default 500 (ours; twice the 100 ppm
    /// of an Ethernet clock is 200 between two ends).
    pub max_ppm: f64,
    /// Deflection of the sampling phase, up and down from block to block, that measures the detector's
    /// gain while the loop runs; UI. Zero: never. Default 0.01 (ours).
    pub probe_ui: f64,
    /// Symbols by which the samples given to [`Cdr::update`](super::Cdr::update) are older than its newest ones could
    /// be, because their decisions come from an equalizer that looks ahead. The first of a block were
    /// then taken at the phase before, which the measurement of the gain must know; the linear model
    /// does not include this delay. Not near an odd number of half blocks, where the probe would cancel. Default 0.
    pub sample_lag: usize,
    /// When a lane counts as locked.
    pub lock: LockConfig,
}

impl Default for CdrConfig {
    fn default() -> Self {
        Self {
            detector: Detector::default(),
            levels: pam4::LEVELS,
            baud_hz: 53.125e9,
            bandwidth_hz: 4e6,
            damping: 4.0,
            peaking_db: None,
            gains: None,
            detector_gain: 1.0,
            block: 64,
            extra_latency_blocks: 1,
            phase_steps: Some(64),
            initial_phase_ui: 0.0,
            max_ppm: 500.0,
            probe_ui: 0.01,
            sample_lag: 0,
            lock: LockConfig::default(),
        }
    }
}

impl CdrConfig {
    /// The linear model of the loop, and the check of all numbers.
    pub fn model(&self) -> Result<LoopModel> {
        self.check()?;
        let (p, d, baud) = (self.block, self.extra_latency_blocks, self.baud_hz);
        match (self.gains, self.peaking_db) {
            (Some(gains), _) => {
                positive("gains.proportional", gains.proportional)?;
                in_range("gains.integral", gains.integral, 0.0, f64::MAX)?;
                LoopModel::new(
                    self.detector_gain * gains.proportional,
                    self.detector_gain * gains.integral * p as f64,
                    p,
                    d,
                    baud,
                )
                .map_err(|error| self.in_gains(error))
            }
            (None, Some(peaking)) => {
                LoopModel::design_for_peaking(self.bandwidth_hz, peaking, p, d, baud)
            }
            (None, None) => LoopModel::design(self.bandwidth_hz, self.damping, p, d, baud),
        }
    }

    /// The limit of the loop gain as one of the field that the user wrote.
    fn in_gains(&self, error: Error) -> Error {
        match error {
            Error::OutOfRange {
                name, value, max, ..
            } if name == "proportional" => Error::OutOfRange {
                name: "gains.proportional".into(),
                value: value / self.detector_gain,
                min: 0.0,
                max: max / self.detector_gain,
            },
            other => other,
        }
    }

    fn check(&self) -> Result<()> {
        rising("levels", &self.levels)?;
        in_range("block", self.block as f64, 1.0, MAX_BLOCK as f64)?;
        positive("baud_hz", self.baud_hz)?;
        positive("detector_gain", self.detector_gain)?;
        finite("initial_phase_ui", self.initial_phase_ui)?;
        // 10 000 ppm is a symbol in a hundred: a block would no longer have one phase.
        in_range("max_ppm", self.max_ppm, 0.0, 1e4)?;
        in_range("probe_ui", self.probe_ui, 0.0, 0.25)?;
        if let Some(steps) = self.phase_steps {
            in_range("phase_steps", f64::from(steps), 4.0, 65536.0)?;
        }
        in_range("sample_lag", self.sample_lag as f64, 0.0, 4096.0)?;
        if self.probe_ui > 0.0 && self.probe_share().abs() < 0.25 {
            // Between 3/8 and 5/8 of a block less than a quarter of the deflection is left.
            let (p, block) = (self.block as f64, (self.sample_lag / self.block) as f64);
            return Err(Error::OutOfRange {
                name: "sample_lag".into(),
                value: self.sample_lag as f64,
                min: block * p,
                max: (block + 0.375) * p,
            });
        }
        self.lock.check()
    }

    /// Share of the probe's deflection that is left in a block whose samples lag, with its sign.
    pub(super) fn probe_share(&self) -> f64 {
        let (whole, part) = (self.sample_lag / self.block, self.sample_lag % self.block);
        let left = 1.0 - 2.0 * part as f64 / self.block as f64;
        if whole.is_multiple_of(2) { left } else { -left }
    }

    /// Middle of the levels, and the levels around it.
    pub(super) fn centred(&self) -> (f32, [f32; 4]) {
        let centre = (self.levels.iter().map(|l| f64::from(*l)).sum::<f64>() / 4.0) as f32;
        (centre, self.levels.map(|l| l - centre))
    }

    /// What the detector output is divided by: the variance of the levels where it is a product.
    pub(super) fn unit(&self) -> f64 {
        if self.detector.is_signed() {
            1.0
        } else {
            pam4::variance(self.levels.map(f64::from))
        }
    }
}

/// Checks that levels are finite and rise strictly.
fn rising(name: &'static str, list: &[f32; 4]) -> Result<()> {
    for (i, &value) in list.iter().enumerate() {
        let name: Name = format!("{name}[{i}]").into();
        finite(name, value.into())?;
    }
    match (1..4).find(|&i| list[i] <= list[i - 1]) {
        Some(index) => Err(Error::NotIncreasing {
            name: name.into(),
            index,
            previous: list[index - 1].into(),
            value: list[index].into(),
        }),
        None => Ok(()),
    }
}
