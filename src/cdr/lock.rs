//! Whether a lane is locked, with the evidence, and cycle slips.

use std::fmt;

use crate::error::{Result, in_range, positive};

/// When a lane counts as locked.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct LockConfig {
    /// Blocks over which evidence is collected, an even number of 16 or more. Default 4096 (ours: a
    /// detector gain of 1.5 per UI, probed with 0.01 UI through a block noise of 0.125, stands out
    /// by 7.7 standard deviations).
    pub window_blocks: usize,
    /// How many standard deviations the measured detector gain must lie above zero. Default 5 (ours:
    /// noise alone does that in one window of 3.5 million).
    pub min_sigmas: f64,
    /// How far the mean detector output, as a phase at the measured gain, may lie off zero, UI. Default
    /// 0.05 (ours).
    pub max_offset_ui: f64,
    /// How far the frequency may move between the halves of the window, ppm. Default 20 (ours:
    /// sinusoidal jitter of 5 UI at 40 kHz moves a 53 `GBd` clock by 12 ppm).
    pub max_drift_ppm: f64,
}

impl Default for LockConfig {
    fn default() -> Self {
        Self {
            window_blocks: 4096,
            min_sigmas: 5.0,
            max_offset_ui: 0.05,
            max_drift_ppm: 20.0,
        }
    }
}

impl LockConfig {
    pub(super) fn check(&self) -> Result<()> {
        // Halves of whole pairs of blocks: the probe alternates.
        in_range(
            "lock.window_blocks",
            self.window_blocks as f64,
            16.0,
            (1u64 << 32) as f64,
        )?;
        in_range(
            "lock.window_blocks modulo 4",
            (self.window_blocks % 4) as f64,
            0.0,
            0.0,
        )?;
        positive("lock.min_sigmas", self.min_sigmas)?;
        positive("lock.max_offset_ui", self.max_offset_ui)?;
        positive("lock.max_drift_ppm", self.max_drift_ppm)?;
        Ok(())
    }
}

/// Why a lane is not locked; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotLocked {
    /// The first window of evidence is not full yet.
    TooFew {
        /// Blocks seen.
        blocks: usize,
        /// Blocks of a window.
        needed: usize,
    },
    /// Samples that are not finite, or so large that their square is not.
    BadSamples {
        /// Blocks with such samples.
        blocks: usize,
        /// Blocks of the window.
        of: usize,
    },
    /// The detector does not answer to a deflection of the phase: no timing in its output.
    NoSlope {
        /// Its measured gain per UI.
        gain_per_ui: f64,
        /// Standard deviation of that measurement.
        sigma: f64,
    },
    /// The phase was never deflected, so that nothing tells timing from noise.
    NotProbed,
    /// The frequency is at its limit.
    FrequencyLimit {
        /// The limit in ppm, with its sign.
        ppm: f64,
    },
    /// The frequency has not settled.
    FrequencyMoves {
        /// Change between the halves of the window in ppm.
        ppm: f64,
    },
    /// The mean of the detector output is not zero.
    Offset {
        /// The mean.
        mean: f64,
        /// The phase it stands for at the measured gain, UI.
        offset_ui: f64,
    },
}

impl fmt::Display for NotLocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooFew { blocks, needed } => {
                write!(f, "{blocks} of the {needed} blocks of a window seen")
            }
            Self::BadSamples { blocks, of } => {
                write!(f, "samples not finite in {blocks} of {of} blocks")
            }
            Self::NoSlope { gain_per_ui, sigma } => write!(
                f,
                "detector gain {gain_per_ui:.3} +- {sigma:.3} per UI is not above noise"
            ),
            Self::NotProbed => write!(f, "the phase was never deflected to measure the detector"),
            Self::FrequencyLimit { ppm } => write!(f, "frequency at its limit of {ppm:.0} ppm"),
            Self::FrequencyMoves { ppm } => {
                write!(f, "frequency moved by {ppm:.1} ppm within a window")
            }
            Self::Offset { mean, offset_ui } => write!(
                f,
                "mean detector output {mean:.3e}, {offset_ui:.3} UI, is not zero"
            ),
        }
    }
}

/// What a window of blocks showed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// Blocks with finite samples.
    pub blocks: usize,
    /// Blocks without.
    pub bad_blocks: usize,
    /// Mean detector output.
    pub mean: f64,
    /// Standard deviation of the mean output of a block.
    pub block_sigma: f64,
    /// Mean square of the detector output of one symbol.
    pub power: f64,
    /// Gain of the detector in output per UI, from the probe; NaN without.
    pub gain_per_ui: f64,
    /// Standard deviation of that measurement.
    pub gain_sigma: f64,
    /// Mean frequency of the second half of the window, ppm.
    pub frequency_ppm: f64,
    /// That minus the mean of the first half.
    pub drift_ppm: f64,
}

impl Evidence {
    /// Standard deviation of one block's phase measurement in UI: what the loop has to average.
    #[must_use]
    pub fn block_phase_sigma_ui(&self) -> f64 {
        self.block_sigma / self.gain_per_ui
    }
}

/// The state of a lane: locked or not, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LockReport {
    /// Why not, if not.
    pub not_locked: Option<NotLocked>,
    /// Frequency of the moment in ppm: symbols of the signal that last longer than the receiver's own
    /// give positive numbers.
    pub frequency_ppm: f64,
    /// UI by which the phase moved faster than the loop's own filtered phase allows, one count each, while
    /// the frequency was settled, since the last reset of the count. Without knowledge of the true phase
    /// this is what can be said; a simulation that has it counts with [`SlipCounter`].
    pub slips: u64,
    /// The last full window; zeros before.
    pub evidence: Evidence,
}

impl LockReport {
    /// Whether the lane is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.not_locked.is_none()
    }
}

/// One lane's sums over the window that fills.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    seen: usize,
    bad: usize,
    sum: f64,
    squares: f64,
    alternating: f64,
    probed: usize,
    power: f64,
    early_frequency: f64,
    late_frequency: f64,
}

impl Window {
    /// Takes in a block: its mean detector output, the mean square of the output of a symbol, both
    /// `None` where not finite, the sign of the probe, and the frequency in UI per symbol.
    pub(super) fn take(
        &mut self,
        output: Option<(f64, f64)>,
        probe: f64,
        frequency: f64,
        size: usize,
    ) {
        if 2 * self.seen < size {
            self.early_frequency += frequency;
        } else {
            self.late_frequency += frequency;
        }
        self.seen += 1;
        match output {
            Some((mean, power)) => {
                self.sum += mean;
                self.squares += mean * mean;
                self.alternating += probe * mean;
                self.probed += usize::from(probe != 0.0);
                self.power += power;
            }
            None => self.bad += 1,
        }
    }

    pub(super) fn seen(&self) -> usize {
        self.seen
    }

    /// The evidence of a full window. `scale` is what the outputs were multiplied by on their way into
    /// the loop, `share` how much of the probe a block of samples shows, `feedback` what the loop
    /// answers to an output that alternates, UI.
    pub(super) fn evidence(
        &self,
        scale: f64,
        probe_ui: f64,
        share: f64,
        feedback: f64,
    ) -> Evidence {
        let good = self.seen - self.bad;
        let n = good.max(1) as f64;
        let mean = self.sum / n;
        let variance = (self.squares / n - mean * mean).max(0.0);
        let half = 0.5 * self.seen.max(1) as f64;
        let (early, late) = (
            1e6 * self.early_frequency / half,
            1e6 * self.late_frequency / half,
        );
        let mut evidence = Evidence {
            blocks: good,
            bad_blocks: self.bad,
            mean: mean / scale,
            block_sigma: variance.sqrt() / scale,
            power: self.power / n,
            gain_per_ui: f64::NAN,
            gain_sigma: f64::NAN,
            frequency_ppm: late,
            drift_ppm: late - early,
        };
        // A loop cannot be probed with a part of a window: the two signs must come equally often.
        if probe_ui > 0.0 && self.probed == good && good > 0 {
            // Output E = -K share (deflection + feedback E), solved for K.
            let output = self.alternating / n;
            let rest = (variance - output * output).max(0.0);
            evidence.gain_per_ui = -output / (probe_ui + feedback * output) / share / scale;
            evidence.gain_sigma = (rest / n).sqrt() / probe_ui / share.abs() / scale;
        }
        evidence
    }
}

/// The first reason against lock in a full window.
pub(super) fn judge(
    evidence: &Evidence,
    probed: &Evidence,
    config: &LockConfig,
    max_ppm: f64,
) -> Option<NotLocked> {
    let e = evidence;
    if e.bad_blocks > 0 {
        return Some(NotLocked::BadSamples {
            blocks: e.bad_blocks,
            of: e.blocks + e.bad_blocks,
        });
    }
    let (gain, gain_sigma) = (probed.gain_per_ui, probed.gain_sigma);
    if gain.is_nan() {
        return Some(NotLocked::NotProbed);
    }
    // A detector that gives nothing at all has neither gain nor noise.
    if gain <= 0.0 || gain < config.min_sigmas * gain_sigma {
        return Some(NotLocked::NoSlope {
            gain_per_ui: gain,
            sigma: gain_sigma,
        });
    }
    if e.frequency_ppm.abs() >= max_ppm {
        return Some(NotLocked::FrequencyLimit {
            ppm: max_ppm.copysign(e.frequency_ppm),
        });
    }
    if e.drift_ppm.abs() > config.max_drift_ppm {
        return Some(NotLocked::FrequencyMoves { ppm: e.drift_ppm });
    }
    let offset_ui = e.mean / gain;
    if offset_ui.abs() > config.max_offset_ui {
        return Some(NotLocked::Offset {
            mean: e.mean,
            offset_ui,
        });
    }
    None
}

/// Counts by how many UI a phase has slipped against one that is known or expected.
///
/// # Example
/// ```
/// use pamlink::cdr::SlipCounter;
///
/// let mut slips = SlipCounter::default();
/// for error in [0.1, 0.4, 0.6, 0.8, 1.1, 1.4, 0.9] {
///     slips.follow(error); // sampling phase minus true phase, UI
/// }
/// assert_eq!(slips.count(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SlipCounter {
    place: Option<f64>,
    count: u64,
}

impl SlipCounter {
    /// The next difference of the phases in UI. The first one sets the place; a slip is a distance of
    /// more than 3/4 UI from it, which moves it by the nearest number of whole UI. NaN is left out.
    pub fn follow(&mut self, difference_ui: f64) {
        if !difference_ui.is_finite() {
            return;
        }
        let place = self.place.get_or_insert(difference_ui);
        let away = difference_ui - *place;
        if away.abs() > 0.75 {
            let whole = away.round();
            *place += whole;
            self.count = self.count.saturating_add(whole.abs() as u64);
        }
    }

    /// Slips so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}
