//! From nothing to lock, without knowledge of the channel.

use ndarray::ArrayView2;
use num_complex::Complex64;

use super::line::{Line, WALK_UI};
use super::{Cdr, CdrConfig, CdrState, Detector, LockReport, LoopModel, NotLocked, kernel};
use crate::Level;
use crate::error::{Error, Result, in_range, length, positive};

/// Lengths and criteria of an acquisition.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct AcquisitionConfig {
    /// Blocks after which the symbol-rate line is looked for the first time; twice as many the next time.
    /// Default 2048 (ours).
    pub line_blocks: usize,
    /// Blocks after which the line is given up. Default 65 536 (ours: 4.2e6 symbols of 64 to a block).
    pub max_line_blocks: usize,
    /// Frequencies searched, ppm to both sides. Default 250 (twice 100 ppm, and a quarter).
    pub span_ppm: f64,
    /// Probability that noise alone passes for a line, per look. Default 1e-9 (ours).
    pub false_alarm: f64,
    /// Blocks on which Gardner's detector settles before the equalizer starts. Default 1024 (ours).
    pub settle_blocks: usize,
    /// Blocks that the equalizer is given. Default 16 384 (ours: a million symbols).
    pub equalize_blocks: usize,
    /// Highest bandwidth of the loop around Gardner's detector, Hz. Default 1e6 (ours).
    pub bandwidth_hz: f64,
    /// Jitter of that loop from its detector's noise, UI: where the noise is stronger, the loop is made
    /// slower. Default 0.02 (ours).
    pub max_jitter_ui: f64,
    /// Windows of evidence after which a lane must be locked on the configured detector. Default 6 (ours).
    pub confirm_windows: usize,
}

impl Default for AcquisitionConfig {
    fn default() -> Self {
        Self {
            line_blocks: 2048,
            max_line_blocks: 65_536,
            span_ppm: 250.0,
            false_alarm: 1e-9,
            settle_blocks: 1024,
            equalize_blocks: 16_384,
            bandwidth_hz: 1e6,
            max_jitter_ui: 0.02,
            confirm_windows: 6,
        }
    }
}

/// Where an acquisition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The sampler walks; the line is measured. Wants edges; decisions are not looked at.
    Line,
    /// Gardner's detector tracks. Wants edges.
    Settle,
    /// The same, and the caller's equalizer starts: blind, then on its own decisions. Wants edges.
    Equalize,
    /// The configured detector has taken over. Wants decisions; the equalizer may go on adapting with its
    /// taps pinned as [`mod@super::detector`] says.
    Confirm,
    /// Done: every lane is locked or has failed.
    Done,
}

impl Stage {
    /// Whether the caller must sample half a UI before each symbol as well, for a given detector.
    #[must_use]
    pub fn wants_edges(self, detector: Detector) -> bool {
        matches!(self, Self::Line | Self::Settle | Self::Equalize) || detector.needs_edges()
    }

    /// Whether the caller must have decisions.
    #[must_use]
    pub fn wants_decisions(self, detector: Detector) -> bool {
        matches!(self, Self::Confirm | Self::Done) && detector.needs_decisions()
    }

    /// Whether the caller's equalizer should adapt.
    #[must_use]
    pub fn wants_equalizer(self) -> bool {
        matches!(self, Self::Equalize | Self::Confirm)
    }
}

/// Why a lane was not acquired.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AcquisitionFailure {
    /// No line at the symbol rate stands out of the noise: no signal, no bandwidth beyond half the
    /// symbol rate, or a frequency outside the span.
    NoLine {
        /// Power of the strongest line over noise.
        strength: f64,
        /// What it would have to be.
        needed: f64,
    },
    /// Samples that are not finite.
    BadSamples {
        /// Blocks with such samples.
        blocks: usize,
        /// Blocks looked at.
        of: usize,
    },
    /// The configured detector did not lock.
    NotLocked(NotLocked),
}

/// What the line showed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LineEvidence {
    /// Blocks looked at.
    pub blocks: usize,
    /// Power of the line over noise; one on average for noise alone.
    pub strength: f64,
    /// The strength that noise reaches as rarely as was asked.
    pub needed: f64,
    /// Frequency in ppm.
    pub frequency_ppm: f64,
    /// Gain of Gardner's detector that the line's amplitude stands for, output per UI.
    pub gain_per_ui: f64,
    /// Standard deviation of that detector's phase over one block, UI.
    pub block_phase_sigma_ui: f64,
    /// Bandwidth of the loop around it, Hz.
    pub bandwidth_hz: f64,
}

/// Brings a [`Cdr`] to lock from any phase and any frequency within a span, with nothing known of the channel.
///
/// Decisions of a closed eye carry no timing: with `d = f(z)` the output of Mueller-Muller is
/// antisymmetric in two samples whose statistics are symmetric, so its mean is zero at every phase. So:
///
/// 1. **Gain.** The caller has brought samples to about the unit of the levels (an AGC).
/// 2. **Line.** The sampler walks a quarter UI per block, and the blocks' `z^2 - x^2` and
///    `x (z' - z)`, the two quadratures of the line that squaring makes at the symbol rate, give phase, frequency and the gain of
///    Gardner's detector in one go. No loop, so no hang-up and no pull-in; a line is one if noise makes such a line
///    less than once in 1e9 looks.
/// 3. **Settle.** Gardner's detector tracks, as slowly as its noise demands.
/// 4. **Equalize.** At that phase, where the band edges add up, the caller's equalizer starts: blind
///    (Sato, or on two levels), then decision-directed.
/// 5. **Confirm.** Phase and frequency go over to the configured detector, whose gain the probe measures
///    and sets, until the lock report says so.
///
/// Lanes go through the stages together, each with its own result.
///
/// # Source
/// M. Oerder, H. Meyr, "Digital filter and square timing recovery", IEEE Trans.
/// Communications 36 (1988), for the line; S. J. Lee, "A new non-data-aided feedforward symbol timing estimator using two samples per
/// symbol", IEEE Communications Letters 6 (2002), for two samples per symbol.
///
/// # Errors
/// As [`Cdr`]; a state that has come to [`Stage::Done`] takes further blocks and tracks on.
#[derive(Debug, Clone)]
pub struct Acquisition {
    config: AcquisitionConfig,
    cdr: Cdr,
    gardner: Cdr,
    span_ui: f64,
}

/// The lanes of an [`Acquisition`].
#[derive(Debug, Clone)]
pub struct AcquisitionState {
    stage: Stage,
    /// Blocks in this stage.
    blocks: usize,
    walked: usize,
    next_look: usize,
    records: Vec<Vec<Complex64>>,
    bad: Vec<usize>,
    lines: Vec<LineEvidence>,
    failures: Vec<Option<AcquisitionFailure>>,
    gained: Vec<bool>,
    tracker: CdrState,
    main: CdrState,
}

impl Acquisition {
    /// The acquisition of a clock recovery, at the best SIMD level of this machine.
    pub fn new(cdr: &CdrConfig, config: &AcquisitionConfig) -> Result<Self> {
        Self::with_level(cdr, config, Level::best())
    }

    /// The acquisition of a clock recovery, at a given SIMD level.
    pub fn with_level(cdr: &CdrConfig, config: &AcquisitionConfig, level: Level) -> Result<Self> {
        let c = config;
        let count = |name: &'static str, value: usize, min: f64| {
            in_range(name, value as f64, min, (1u64 << 24) as f64).map(|_| ())
        };
        count("line_blocks", c.line_blocks, 64.0)?;
        count("max_line_blocks", c.max_line_blocks, c.line_blocks as f64)?;
        count("settle_blocks", c.settle_blocks, 0.0)?;
        count("equalize_blocks", c.equalize_blocks, 0.0)?;
        count("confirm_windows", c.confirm_windows, 1.0)?;
        in_range("span_ppm", c.span_ppm, 0.0, cdr.max_ppm)?;
        in_range("false_alarm", c.false_alarm, 1e-300, 0.5)?;
        positive("max_jitter_ui", c.max_jitter_ui)?;
        let span_ui = 1e-6 * c.span_ppm * cdr.block as f64;
        // A line that turns by an eighth more or less than the walk would meet its image half way.
        in_range("span_ppm * block / 1e6", span_ui, 0.0, 0.1)?;
        let plan = Cdr::with_level(cdr, level)?;
        if cdr.probe_ui == 0.0 {
            // Without it the last stage can never say that a lane is locked.
            positive("probe_ui", cdr.probe_ui)?;
        }
        let gardner = Cdr::with_level(
            &CdrConfig {
                detector: Detector::Gardner,
                bandwidth_hz: c.bandwidth_hz,
                // Room for a lane's gain to fall and its damping with it.
                damping: 8.0,
                peaking_db: None,
                gains: None,
                detector_gain: 1.0,
                probe_ui: 0.0,
                ..cdr.clone()
            },
            level,
        )?;
        Ok(Self {
            config: *config,
            cdr: plan,
            gardner,
            span_ui,
        })
    }

    /// The clock recovery that takes over.
    #[must_use]
    pub fn cdr(&self) -> &Cdr {
        &self.cdr
    }

    /// Lanes at the beginning.
    pub fn state(&self, lanes: usize) -> Result<AcquisitionState> {
        Ok(AcquisitionState {
            stage: Stage::Line,
            blocks: 0,
            walked: 0,
            next_look: self.config.line_blocks,
            records: vec![Vec::with_capacity(self.config.line_blocks); lanes],
            bad: vec![0; lanes],
            lines: vec![LineEvidence::default(); lanes],
            failures: vec![None; lanes],
            gained: vec![false; lanes],
            tracker: self.gardner.state(lanes)?,
            main: self.cdr.state(lanes)?,
        })
    }

    /// Takes in a block of each lane; arguments as in [`Cdr::update`], with what the stage wants.
    /// `decided` is looked at in the last two stages only.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn update(
        &self,
        state: &mut AcquisitionState,
        samples: ArrayView2<'_, f32>,
        edges: Option<ArrayView2<'_, f32>>,
        decided: ArrayView2<'_, u8>,
    ) -> Result<()> {
        match state.stage {
            Stage::Line => self.line(state, &samples, edges.as_ref(), &decided)?,
            Stage::Settle | Stage::Equalize => {
                self.gardner
                    .update(&mut state.tracker, samples, edges, decided)?;
            }
            Stage::Confirm | Stage::Done => {
                self.cdr.update(&mut state.main, samples, edges, decided)?;
            }
        }
        state.blocks += 1;
        self.next_stage(state)
    }

    /// Quadratures of the line of a block.
    fn line(
        &self,
        state: &mut AcquisitionState,
        samples: &ArrayView2<'_, f32>,
        edges: Option<&ArrayView2<'_, f32>>,
        decided: &ArrayView2<'_, u8>,
    ) -> Result<()> {
        self.gardner
            .check(&state.tracker, samples, edges, decided)?;
        let Some(edges) = edges else {
            return Err(Error::Empty {
                name: "edges".into(),
            });
        };
        length("lanes", state.records.len(), samples.nrows())?;
        for lane in 0..state.records.len() {
            let (z, x, d) = (samples.row(lane), edges.row(lane), decided.row(lane));
            let tracker = &mut state.tracker;
            self.gardner.fill(
                tracker,
                lane,
                z.as_slice().unwrap_or(&[]),
                x.as_slice(),
                d.as_slice().unwrap_or(&[]),
            );
            // `blocks` of the tracker stays zero: the sample before a block was taken at another phase.
            let [energy, squares, _] = self.gardner.sums(tracker, kernel::ENERGY);
            let [gardner, others, _] = self.gardner.sums(tracker, kernel::GARDNER);
            let good = [energy, squares, gardner, others]
                .iter()
                .all(|x| x.is_finite());
            let u = Complex64::new(energy.into(), gardner.into()) * self.gardner.mean_factor;
            state.bad[lane] += usize::from(!good);
            state.records[lane].push(if good { u } else { Complex64::ZERO });
        }
        state.walked += 1;
        Ok(())
    }

    fn next_stage(&self, state: &mut AcquisitionState) -> Result<()> {
        let c = &self.config;
        let next = match state.stage {
            Stage::Line if state.blocks >= state.next_look => {
                let all = (0..state.records.len()).all(|lane| self.look(state, lane));
                let last = 2 * state.next_look > c.max_line_blocks;
                if !all && !last {
                    state.next_look *= 2;
                    return Ok(());
                }
                for lane in 0..state.records.len() {
                    self.start_tracking(state, lane)?;
                }
                state.records.fill(Vec::new());
                Stage::Settle
            }
            Stage::Settle if state.blocks >= c.settle_blocks => Stage::Equalize,
            Stage::Equalize if state.blocks >= c.equalize_blocks => {
                for lane in 0..state.records.len() {
                    let phase = state.tracker.loop_phase_ui(lane);
                    let max = self.cdr.config().max_ppm;
                    let ppm = state.tracker.frequency_ppm(lane).clamp(-max, max);
                    state.main.place(lane, phase, ppm)?;
                }
                Stage::Confirm
            }
            Stage::Confirm => {
                let size = self.cdr.config().lock.window_blocks;
                if !state.blocks.is_multiple_of(size) {
                    return Ok(());
                }
                if !self.confirm(state)? && state.blocks < size * c.confirm_windows {
                    return Ok(());
                }
                for lane in 0..state.records.len() {
                    let report = state.main.lock(lane);
                    if let (Some(reason), None) = (report.not_locked, state.failures[lane]) {
                        state.failures[lane] = Some(AcquisitionFailure::NotLocked(reason));
                    }
                }
                Stage::Done
            }
            _ => return Ok(()),
        };
        (state.stage, state.blocks) = (next, 0);
        Ok(())
    }

    /// Looks for the line of a lane; true if it is there. The lanes before it were looked at too.
    fn look(&self, state: &mut AcquisitionState, lane: usize) -> bool {
        let record = &state.records[lane];
        let line = Line::find(record, self.span_ui);
        let needed = Line::threshold(record.len(), self.span_ui, self.config.false_alarm);
        state.lines[lane] = LineEvidence {
            blocks: record.len(),
            strength: line.strength,
            needed,
            ..LineEvidence::default()
        };
        line.strength > needed
    }

    /// Puts the tracker of a lane where its line is, its gain what the line's amplitude says.
    fn start_tracking(&self, state: &mut AcquisitionState, lane: usize) -> Result<()> {
        let record = &state.records[lane];
        let blocks = record.len();
        let line = Line::find(record, self.span_ui);
        let needed = Line::threshold(blocks, self.span_ui, self.config.false_alarm);
        let found = line.strength > needed;
        if !found {
            state.failures[lane] = Some(if state.bad[lane] > blocks / 2 {
                AcquisitionFailure::BadSamples {
                    blocks: state.bad[lane],
                    of: blocks,
                }
            } else {
                AcquisitionFailure::NoLine {
                    strength: line.strength,
                    needed,
                }
            });
        }
        // The output of Gardner's detector is the line's imaginary part, a sine of 2 pi times the phase.
        let gain = std::f64::consts::TAU * line.amplitude;
        // Half of the noise is in its quadrature.
        let sigma = (0.5 * line.noise).sqrt() / gain;
        // A block of the walk lasts as much longer as the phase walked.
        let lasts = self.cdr.config().block as f64 + WALK_UI;
        let drift_ppm = 1e6 * line.drift_ui / lasts;
        state.lines[lane] = LineEvidence {
            blocks,
            strength: line.strength,
            needed,
            frequency_ppm: drift_ppm,
            gain_per_ui: gain,
            block_phase_sigma_ui: sigma,
            bandwidth_hz: 0.0,
        };
        if !found {
            return Ok(());
        }
        let (share, model) = self.slowed(sigma);
        state.lines[lane].bandwidth_hz = model.bandwidth_hz();
        let max = self.cdr.config().max_ppm;
        let ppm = drift_ppm.clamp(-max, max);
        // Phase where the signal is now, kept near where the sampler has walked to so that no symbol is
        // skipped.
        let initial = self.cdr.config().initial_phase_ui;
        let now = initial + line.phase_ui + line.drift_ui * blocks as f64;
        let here = initial + WALK_UI * blocks as f64;
        let phase = now + (here - now).round();
        state.tracker.place(lane, phase, ppm)?;
        state.tracker.set_detector_gain(lane, gain / share)
    }

    /// The share of the configured gain at which a detector of this phase noise per block gives no more
    /// than the jitter allowed, by halves down to 1/256, and the loop with it.
    fn slowed(&self, sigma_ui: f64) -> (f64, LoopModel) {
        let model = self.gardner.model();
        let mut share = 1.0;
        loop {
            // A smaller gain keeps a stable loop stable at this damping; if not, the loop stays as it was.
            let slower = model.scaled(share).unwrap_or(model);
            let jitter = sigma_ui * slower.noise_gain().sqrt();
            if jitter <= self.config.max_jitter_ui || share < 1.0 / 200.0 {
                return (share, slower);
            }
            share *= 0.5;
        }
    }

    /// At the end of a window: sets gains that were measured for the first time; true if every lane that
    /// can be is locked.
    fn confirm(&self, state: &mut AcquisitionState) -> Result<bool> {
        let mut all = true;
        for lane in 0..state.records.len() {
            if state.failures[lane].is_some() {
                continue;
            }
            let report = state.main.lock(lane);
            let e = report.evidence;
            let sure = e.gain_per_ui > self.cdr.config().lock.min_sigmas * e.gain_sigma;
            if !state.gained[lane] && sure && e.gain_per_ui > 0.0 {
                state.main.set_detector_gain(lane, e.gain_per_ui)?;
                state.gained[lane] = true;
                all = false;
            }
            all &= report.is_locked();
        }
        Ok(all)
    }
}

impl AcquisitionState {
    /// Where it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The sampling phase of the next block in UI, as [`CdrState::phase_ui`].
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn phase_ui(&self, lane: usize) -> f64 {
        match self.stage {
            Stage::Line => self.tracker.phase_ui(lane) + WALK_UI * self.walked as f64,
            Stage::Settle | Stage::Equalize => self.tracker.phase_ui(lane),
            Stage::Confirm | Stage::Done => self.main.phase_ui(lane),
        }
    }

    /// What the line of a lane showed; complete once the first stage is over.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn line(&self, lane: usize) -> LineEvidence {
        self.lines[lane]
    }

    /// The lock of a lane on the configured detector.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn lock(&self, lane: usize) -> LockReport {
        self.main.lock(lane)
    }

    /// Why a lane failed, if it did.
    ///
    /// # Panics
    /// If there is no such lane.
    #[must_use]
    pub fn failure(&self, lane: usize) -> Option<AcquisitionFailure> {
        self.failures[lane]
    }

    /// The lanes of the configured clock recovery, for [`Cdr::update`] from here on.
    #[must_use]
    pub fn into_cdr_state(self) -> CdrState {
        self.main
    }
}
