//! What changes while a clock recovery runs: one entry per lane of everything.

use super::kernel::PARTS;
use super::lock::{Evidence, LockReport, NotLocked, Window, judge};
use super::{Cdr, CdrConfig};
use crate::error::{Error, Result, finite, in_range, positive};

/// What one block may move the phase by, beside the frequency: more than half a UI is a slip.
pub(super) const MAX_MOVE_UI: f64 = 0.5;

/// The lanes of a [`Cdr`]: phases, frequencies, the pipeline, the evidence of lock.
#[derive(Debug, Clone)]
pub struct CdrState {
    pub(super) config: CdrConfig,
    lanes: usize,
    /// Phase and UI per symbol.
    pub(super) phase: Vec<f64>,
    pub(super) frequency: Vec<f64>,
    /// Factor of the detector output, one unless a gain was set.
    pub(super) scale: Vec<f64>,
    /// Detector outputs under way, `[slot, lane]`, and the slot that is due.
    pub(super) pipeline: Vec<f64>,
    pub(super) due: usize,
    /// The last sample, edge and decision of each lane.
    pub(super) last_sample: Vec<f32>,
    pub(super) last_decided: Vec<u8>,
    /// Blocks since the start.
    pub(super) blocks: u64,
    probing: bool,
    pub(super) windows: Vec<Window>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) probed: Vec<Evidence>,
    expected: Vec<f64>,
    /// Whether the frequency of the last window had settled, so that slips can be told.
    settled: Vec<bool>,
    slips: Vec<u64>,
    /// A row with the entry before it and its filling, see the kernel.
    pub(super) samples: Vec<f32>,
    pub(super) edges: Vec<f32>,
    pub(super) decided: Vec<u8>,
}

impl CdrState {
    pub(super) fn new(config: &CdrConfig, lanes: usize) -> Result<Self> {
        if lanes == 0 {
            return Err(Error::Empty {
                name: "lanes".into(),
            });
        }
        let padded = config.block.next_multiple_of(PARTS);
        let nothing = Evidence {
            gain_per_ui: f64::NAN,
            gain_sigma: f64::NAN,
            ..Evidence::default()
        };
        Ok(Self {
            config: config.clone(),
            lanes,
            phase: vec![config.initial_phase_ui; lanes],
            frequency: vec![0.0; lanes],
            scale: vec![1.0; lanes],
            pipeline: vec![0.0; lanes * (config.extra_latency_blocks + 1)],
            due: 0,
            last_sample: vec![0.0; lanes],
            last_decided: vec![0; lanes],
            blocks: 0,
            probing: config.probe_ui > 0.0,
            windows: vec![Window::default(); lanes],
            evidence: vec![Evidence::default(); lanes],
            probed: vec![nothing; lanes],
            expected: vec![config.initial_phase_ui; lanes],
            settled: vec![false; lanes],
            slips: vec![0; lanes],
            samples: vec![0.0; padded + 1],
            edges: vec![0.0; padded],
            decided: vec![0; padded + 1],
        })
    }

    /// Number of lanes.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Back to the first block: initial phases, no frequency, no evidence. Detector gains stay.
    pub fn reset(&mut self) {
        let scale = std::mem::take(&mut self.scale);
        if let Ok(fresh) = Self::new(&self.config, self.lanes) {
            *self = fresh;
        }
        self.scale = scale;
    }

    /// The sampling phase of the next block in UI: symbol `k` is sampled at `k + phase`. Unwrapped;
    /// on the grid of the phase interpolator, the probe included.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn phase_ui(&self, lane: usize) -> f64 {
        let probe = self.probe_sign() * self.probe_ui();
        match self.config.phase_steps {
            Some(steps) => {
                let steps = f64::from(steps);
                (self.phase[lane] * steps).round() / steps + probe
            }
            None => self.phase[lane] + probe,
        }
    }

    /// The phase that the loop holds, before the interpolator and without the probe, UI.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn loop_phase_ui(&self, lane: usize) -> f64 {
        self.phase[lane]
    }

    /// The frequency estimate of the moment in ppm.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn frequency_ppm(&self, lane: usize) -> f64 {
        1e6 * self.frequency[lane]
    }

    /// Puts a lane at a phase in UI and a frequency in ppm, as after an acquisition. Its evidence and
    /// its count of slips start anew.
    pub fn place(&mut self, lane: usize, phase_ui: f64, frequency_ppm: f64) -> Result<()> {
        self.check_lane(lane)?;
        finite("phase_ui", phase_ui)?;
        let max = self.config.max_ppm;
        in_range("frequency_ppm", frequency_ppm, -max, max)?;
        self.phase[lane] = phase_ui;
        self.frequency[lane] = 1e-6 * frequency_ppm;
        let delay = self.config.extra_latency_blocks + 1;
        for slot in 0..delay {
            self.pipeline[slot * self.lanes + lane] = 0.0;
        }
        self.windows[lane] = Window::default();
        self.evidence[lane] = Evidence::default();
        self.probed[lane].gain_per_ui = f64::NAN;
        self.expected[lane] = phase_ui;
        self.settled[lane] = false;
        self.slips[lane] = 0;
        Ok(())
    }

    /// Tells the loop of a lane the gain of its detector per UI, so that its bandwidth is the
    /// configured one whatever the channel.
    pub fn set_detector_gain(&mut self, lane: usize, gain_per_ui: f64) -> Result<()> {
        self.check_lane(lane)?;
        positive("gain_per_ui", gain_per_ui)?;
        self.scale[lane] = self.config.detector_gain / gain_per_ui;
        // Outputs taken with another factor would make a false variance.
        self.windows[lane] = Window::default();
        Ok(())
    }

    /// Switches the probe of all lanes on or off; on needs a `probe_ui` above zero. What it measured
    /// last stays in force as evidence.
    pub fn set_probing(&mut self, on: bool) {
        self.probing = on && self.config.probe_ui > 0.0;
        self.windows.fill(Window::default());
    }

    /// Starts the counts of slips anew.
    pub fn reset_slips(&mut self) {
        self.slips.fill(0);
        self.expected.copy_from_slice(&self.phase);
    }

    /// Whether a lane is locked, and what is known about it.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn lock(&self, lane: usize) -> LockReport {
        let evidence = self.evidence[lane];
        let needed = self.config.lock.window_blocks;
        let not_locked = if evidence.blocks + evidence.bad_blocks == 0 {
            Some(NotLocked::TooFew {
                blocks: self.windows[lane].seen(),
                needed,
            })
        } else {
            judge(
                &evidence,
                &self.probed[lane],
                &self.config.lock,
                self.config.max_ppm,
            )
        };
        LockReport {
            not_locked,
            frequency_ppm: self.frequency_ppm(lane),
            slips: self.slips[lane],
            evidence,
        }
    }

    fn check_lane(&self, lane: usize) -> Result<()> {
        in_range("lane", lane as f64, 0.0, (self.lanes - 1) as f64)?;
        Ok(())
    }

    /// The deflection in UI: whole steps of the phase interpolator, at least one.
    pub(super) fn probe_ui(&self) -> f64 {
        let probe = self.config.probe_ui;
        match self.config.phase_steps {
            Some(steps) => (probe * f64::from(steps)).round().max(1.0) / f64::from(steps),
            None => probe,
        }
    }

    /// Where the probe is in this block.
    pub(super) fn probe_sign(&self) -> f64 {
        match (self.probing, self.blocks % 2) {
            (false, _) => 0.0,
            (true, 0) => 1.0,
            (true, _) => -1.0,
        }
    }

    /// Moves a lane by the detector output that is due, and keeps the books.
    pub(super) fn advance(&mut self, cdr: &Cdr, lane: usize, output: Option<(f64, f64)>) {
        let slot = self.due * self.lanes + lane;
        let fresh = output.map_or(0.0, |(mean, _)| mean * self.scale[lane]);
        let fresh = if fresh.is_finite() { fresh } else { 0.0 };
        // One slot per block of latency and one more: the fresh output is written first, so that a
        // loop without latency finds it at once.
        self.pipeline[slot] = fresh;
        let slots = self.config.extra_latency_blocks + 1;
        let e = self.pipeline[(self.due + 1) % slots * self.lanes + lane];

        let limit = 1e-6 * self.config.max_ppm;
        let frequency = (self.frequency[lane] + cdr.integral * e).clamp(-limit, limit);
        let stride = self.config.block as f64 * frequency;
        self.frequency[lane] = frequency;
        self.phase[lane] += (cdr.proportional * e).clamp(-MAX_MOVE_UI, MAX_MOVE_UI) + stride;

        self.follow(lane, stride, cdr.slip_share);

        let size = self.config.lock.window_blocks;
        let scaled = output.map(|(mean, power)| (mean * self.scale[lane], power));
        let probe = self.probe_sign();
        self.windows[lane].take(scaled, probe, frequency, size);
        if self.windows[lane].seen() >= size {
            let probe_ui = self.probe_ui() * probe.abs();
            let share = self.config.probe_share();
            let evidence =
                self.windows[lane].evidence(self.scale[lane], probe_ui, share, cdr.alternating);
            self.evidence[lane] = evidence;
            self.settled[lane] = evidence.bad_blocks == 0
                && evidence.drift_ppm.abs() <= self.config.lock.max_drift_ppm
                && evidence.frequency_ppm.abs() < self.config.max_ppm;
            if probe != 0.0 {
                self.probed[lane] = evidence;
            }
            self.windows[lane] = Window::default();
        }
    }

    /// Where the phase would be at the frequency alone, drawn slowly to where it is; a phase that is
    /// elsewhere by more than 5/8 UI has slipped (half of a slip, and room for jitter).
    fn follow(&mut self, lane: usize, stride: f64, share: f64) {
        if !self.settled[lane] {
            self.expected[lane] = self.phase[lane];
            return;
        }
        self.expected[lane] += stride;
        let away = self.phase[lane] - self.expected[lane];
        if away.abs() > 0.625 {
            self.expected[lane] += away.round();
            self.slips[lane] = self.slips[lane].saturating_add(away.abs().round() as u64);
        } else {
            self.expected[lane] += share * away;
        }
    }
}
