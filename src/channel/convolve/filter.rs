//! The middle stage: planes through a real response to planes.

use super::impulse::Impulse;
use super::kernel::{self, MOST_PLANES, Pass, Shape};
use super::overlap::{Overlap, OverlapState};
use super::planes::Planes;
use crate::error::{Result, length};
use crate::simd::Level;

/// Taps from which on the Fourier transform is faster than the direct sum.
pub const CROSSOVER_TAPS: usize = 256;

/// Planes to planes: `y[g] = sum_i taps[i] x[g + before - i]`.
#[derive(Debug, Clone)]
pub struct PlaneFilter {
    samples_per_ui: usize,
    delay: isize,
    past: usize,
    method: Method,
    level: Level,
}

#[derive(Debug, Clone)]
enum Method {
    /// Taps, at least [`MOST_PLANES`].
    Direct(Vec<f32>),
    OverlapSave(Overlap),
}

/// What a stream of one plan must remember besides the past of the planes it reads.
#[derive(Debug, Clone)]
pub struct PlaneFilterState {
    past: usize,
    block: Option<OverlapState>,
}

impl PlaneFilterState {
    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        if let Some(block) = &mut self.block {
            block.reset();
        }
    }
}

impl PlaneFilter {
    /// A plan at the best level of this machine, from [`Impulse::transfer`].
    ///
    /// # Errors
    /// As of [`PlaneFilter::with_level`].
    pub fn new(response: &Impulse) -> Result<Self> {
        Self::with_level(response, Level::best())
    }

    /// A plan at a level: direct below [`CROSSOVER_TAPS`] taps, by Fourier transform from there on.
    ///
    /// # Errors
    /// No taps, or taps that are not finite.
    pub fn with_level(response: &Impulse, level: Level) -> Result<Self> {
        if response.taps.len() < CROSSOVER_TAPS {
            Self::direct(response, level)
        } else {
            Self::overlap_save(response, level)
        }
    }

    /// A plan that forms the sums directly, however long.
    ///
    /// # Errors
    /// As of [`PlaneFilter::with_level`].
    pub fn direct(response: &Impulse, level: Level) -> Result<Self> {
        response.check()?;
        let m = response.samples_per_ui;
        let mut taps = response.taps.clone();
        taps.resize(taps.len().max(MOST_PLANES), 0.0);
        Ok(Self {
            samples_per_ui: m,
            delay: response.before,
            past: (taps.len() - 1).div_ceil(m),
            method: Method::Direct(taps),
            level,
        })
    }

    /// A plan that works by Fourier transform, however short.
    ///
    /// # Errors
    /// As of [`PlaneFilter::with_level`].
    pub fn overlap_save(response: &Impulse, level: Level) -> Result<Self> {
        response.check()?;
        let plan = Overlap::new(&response.taps, response.samples_per_ui);
        Ok(Self {
            samples_per_ui: response.samples_per_ui,
            delay: response.before + plan.hop() as isize,
            past: 0,
            method: Method::OverlapSave(plan),
            level,
        })
    }

    /// Whether the plan works by Fourier transform.
    #[must_use]
    pub fn is_overlap_save(&self) -> bool {
        matches!(self.method, Method::OverlapSave(_))
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

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> PlaneFilterState {
        PlaneFilterState {
            past: self.past,
            block: match &self.method {
                Method::Direct(_) => None,
                Method::OverlapSave(plan) => Some(plan.state()),
            },
        }
    }

    /// The `n` fresh samples of each plane of `from`, filtered, become the fresh ones of `to`.
    ///
    /// # Errors
    /// Planes of another number of samples per UI, or with too little past or room; a state of another plan.
    pub fn process(
        &self,
        state: &mut PlaneFilterState,
        from: &Planes,
        n: usize,
        to: &mut Planes,
    ) -> Result<()> {
        let planes = self.samples_per_ui;
        from.serves(planes, self.past, n)?;
        to.serves(planes, 0, n)?;
        length("plane filter state", self.past, state.past)?;
        match (&self.method, &mut state.block) {
            (Method::Direct(taps), None) => {
                let (x, origin, stride_in) = from.raw();
                let (y, stride_out) = to.raw_mut(0);
                let shape = Shape {
                    planes,
                    n,
                    stride_in,
                    stride_out,
                };
                kernel::polyphase(self.level, shape, &[Pass { taps, origin }], x, y);
            }
            (Method::OverlapSave(plan), Some(block)) if plan.fits(block) => {
                plan.process(block, from, n, to);
            }
            (Method::OverlapSave(plan), _) => {
                return length("block of the plane filter state", plan.hop(), 0);
            }
            (Method::Direct(_), Some(_)) => {
                return length("block of the plane filter state", 0, 1);
            }
        }
        Ok(())
    }
}
