//! The clock recovery of a run: from nothing, or from where it was told to begin.

use ndarray::{Array2, s};

use crate::cdr::{AcquisitionState, Cdr, CdrState, Detector, LockReport, Stage};
use crate::error::Result;

use super::super::receive::Reception;
use super::lane::Lane;
use super::plan::Plan;
use super::run::Extent;

/// The clock recovery of a run.
pub(super) struct Recovery {
    state: Clock,
    /// Whole symbols by which a lane's phase is told lower than it is sampled: an acquisition walks on for
    /// hundreds of symbols and then names a phase near its start.
    walked: Vec<f64>,
    /// `[stream, precursors + chunk]`: samples between the symbols, in step with the decisions.
    edges: Array2<f32>,
}

enum Clock {
    Tracking(Box<CdrState>),
    Acquiring(Box<AcquisitionState>),
}

impl Recovery {
    pub(super) fn new(plan: &Plan, cdr: &Cdr, lanes: &[Lane], extent: &Extent) -> Result<Self> {
        let state = match &plan.acquisition {
            Some(acquisition) if extent.acquire => {
                Clock::Acquiring(Box::new(acquisition.state(lanes.len())?))
            }
            _ => {
                let mut state = cdr.state(lanes.len())?;
                state.set_probing(extent.probed);
                for (s, lane) in lanes.iter().enumerate() {
                    if let Some(gain) = plan.tuning.detector_gain {
                        state.set_detector_gain(s, gain)?;
                    }
                    state.place(s, lane.phase_ui, plan.tuning.frequency_ppm)?;
                }
                Clock::Tracking(Box::new(state))
            }
        };
        // An acquisition begins at one phase; streams that do not are that much further on.
        let walked = match &state {
            Clock::Tracking(_) => vec![0.0; lanes.len()],
            Clock::Acquiring(state) => (lanes.iter().enumerate())
                .map(|(s, lane)| lane.phase_ui - state.phase_ui(s))
                .collect(),
        };
        let precursors = plan.tuning.equalizer.precursors;
        Ok(Self {
            state,
            walked,
            edges: Array2::zeros((lanes.len(), precursors + plan.chunk)),
        })
    }

    pub(super) fn wants_edges(&self, detector: Detector) -> bool {
        match &self.state {
            Clock::Tracking(_) => detector.needs_edges(),
            Clock::Acquiring(state) => state.stage().wants_edges(detector),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        match &self.state {
            Clock::Tracking(_) => false,
            Clock::Acquiring(state) => state.stage() == Stage::Done,
        }
    }

    /// Phases of the next chunk.
    pub(super) fn aim(&mut self, lanes: &mut [Lane]) {
        for (s, lane) in lanes.iter_mut().enumerate() {
            let told = match &self.state {
                Clock::Tracking(state) => state.phase_ui(s),
                Clock::Acquiring(state) => {
                    // Neighbouring chunks are less than half a unit interval apart, or it is a jump.
                    let told = state.phase_ui(s);
                    self.walked[s] += (lane.phase_ui - told - self.walked[s]).round();
                    told
                }
            };
            lane.phase_ui = told + self.walked[s];
        }
    }

    pub(super) fn keep_edges(&mut self, stream: usize, fresh: &[f32]) {
        if let Some(row) = self.edges.row_mut(stream).as_slice_mut() {
            let old = row.len() - fresh.len();
            row.copy_within(fresh.len().., 0);
            row[old..].copy_from_slice(fresh);
        }
    }

    pub(super) fn update(&mut self, plan: &Plan, cdr: &Cdr, reception: &Reception) -> Result<()> {
        let edges = self.wants_edges(plan.detector);
        let (samples, decided) = reception.timing();
        let n = samples.ncols();
        let edges = edges.then(|| self.edges.slice(s![.., ..n]));
        match (&mut self.state, &plan.acquisition) {
            (Clock::Acquiring(state), Some(acquisition)) => {
                acquisition.update(state, samples, edges, decided)
            }
            (Clock::Tracking(state), _) => cdr.update(state, samples, edges, decided),
            (Clock::Acquiring(_), None) => Ok(()),
        }
    }

    pub(super) fn reports(&self) -> Vec<LockReport> {
        (0..self.walked.len())
            .map(|s| match &self.state {
                Clock::Tracking(state) => state.lock(s),
                Clock::Acquiring(state) => state.lock(s),
            })
            .collect()
    }
}
