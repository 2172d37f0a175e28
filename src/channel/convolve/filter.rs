//! The middle stage: planes through a real response to planes.

use super::impulse::Impulse;
use super::planes::Planes;
use super::runs::{Run, past, run, schedule};
use crate::error::{Result, length};
use crate::simd::Level;
use crate::simd::fir::{self, Schedule};

/// Planes to planes: `y[g] = sum_i taps[i] x[g + before - i]`.
#[derive(Debug, Clone)]
pub struct PlaneFilter {
    samples_per_ui: usize,
    delay: isize,
    past: usize,
    runs: Vec<Vec<Run>>,
    level: Level,
}

/// What a stream of one plan between two layouts needs.
#[derive(Debug, Clone)]
pub struct PlaneFilterState {
    stride: usize,
    schedules: Vec<Schedule>,
}

impl PlaneFilterState {
    /// Back to the start of a stream.
    pub fn reset(&mut self) {}
}

impl PlaneFilter {
    /// A plan at the best level of this machine, from [`Impulse::transfer`].
    ///
    /// # Errors
    /// As of [`PlaneFilter::with_level`].
    pub fn new(response: &Impulse) -> Result<Self> {
        Self::with_level(response, Level::best())
    }

    /// A plan at a level.
    ///
    /// # Errors
    /// No taps, or taps that are not finite.
    pub fn with_level(response: &Impulse, level: Level) -> Result<Self> {
        response.check()?;
        let m = response.samples_per_ui;
        let runs: Vec<Vec<Run>> = (0..m)
            .map(|p| {
                (0..m)
                    .filter_map(|q| run(&response.taps, m, p as isize - q as isize, q))
                    .collect()
            })
            .collect();
        Ok(Self {
            samples_per_ui: m,
            delay: response.before,
            past: runs.iter().map(|r| past(r)).max().unwrap_or(0),
            runs,
            level,
        })
    }

    /// Samples by which the stream lags the waveform.
    #[must_use]
    pub fn delay(&self) -> isize {
        self.delay
    }

    /// Old entries that the planes it reads must keep.
    #[must_use]
    pub fn past(&self) -> usize {
        self.past
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The state of a new stream that reads planes laid out like `from`.
    #[must_use]
    pub fn state(&self, from: &Planes) -> PlaneFilterState {
        let stride = from.stride();
        PlaneFilterState {
            stride,
            schedules: self
                .runs
                .iter()
                .map(|runs| schedule(runs, self.past, stride, self.level))
                .collect(),
        }
    }

    /// The `n` fresh samples of each plane of `from`, filtered, become the fresh ones of `to`.
    ///
    /// # Errors
    /// Planes of another number of samples per UI, with too little past or room, or of another layout than the
    /// state was made for.
    pub fn process(
        &self,
        state: &mut PlaneFilterState,
        from: &Planes,
        n: usize,
        to: &mut Planes,
    ) -> Result<()> {
        from.serves(self.samples_per_ui, self.past, n)?;
        to.serves(self.samples_per_ui, 0, n)?;
        length(
            "plane filter state",
            self.samples_per_ui,
            state.schedules.len(),
        )?;
        length("plane filter state (layout)", from.stride(), state.stride)?;
        let record = from.record(self.past, 0);
        for (p, s) in state.schedules.iter().enumerate() {
            fir::fir(self.level, s, record, to.fresh_mut(p, n));
        }
        Ok(())
    }
}
