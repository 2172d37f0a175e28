//! The middle stage: planes through a real response to planes.

use super::impulse::Impulse;
use super::kernel::{self, MOST_PLANES, Pass, Shape};
use super::overlap::{Overlap, OverlapState};
use super::planes::Planes;
use crate::error::{Result, length};
use crate::simd::Level;

/// Taps from which on the Fourier transform is faster than the direct sum.
///
/// Ours, measured with AVX-512 on Zen 4 (`benches/wave.rs` measures it again): per sample the direct
/// sum takes 0.0172 ns for each tap, the transform 3.3 to 3.4 ns for 190 to 400 taps. At every level the same, so that
/// the delay is, too.
pub const CROSSOVER_TAPS: usize = 208;

/// Planes to planes through a real response: `y[g] = sum_i taps[i] x[g + before - i]`.
///
/// - **Shapes.** `n` fresh entries of each plane of one waveform make `n` fresh entries of another. The direct sum
///   reads [`PlaneFilter::past`] old entries from the planes; the transform keeps what it needs in the state.
/// - **Method and cost.** Direct: `m L` products per symbol, at the FMA roof from 3 UI on. From
///   [`CROSSOVER_TAPS`] taps on overlap-save: real transforms of a power of two, the output later by one block of
///   them, which [`PlaneFilter::delay`] includes. Blocks of the transform start at fixed places of the stream,
///   whatever the blocks of the caller.
/// - **Numbers.** The transform is that of `rustfft`, which takes the machine's own instructions at every
///   [`Level`]; its error is about 3e-7 of the largest output.
///
/// ```
/// use pamlink::channel::convolve::{Impulse, PlaneFilter, Planes};
///
/// // The mean of a sample and the one before it, half of it each.
/// let mean = Impulse { taps: vec![0.5, 0.5], before: 0, samples_per_ui: 2 };
/// let filter = PlaneFilter::new(&mean)?;
/// let (mut x, mut y) = (Planes::new(2, filter.past(), 2)?, Planes::new(2, 0, 2)?);
/// x.fresh_mut(0, 2).copy_from_slice(&[1.0, 5.0]);
/// x.fresh_mut(1, 2).copy_from_slice(&[3.0, 7.0]);
/// filter.process(&mut filter.state(), &x, 2, &mut y)?;
/// assert_eq!((y.fresh(0, 2), y.fresh(1, 2)), (&[0.5, 4.0][..], &[2.0, 6.0][..]));
/// # Ok::<(), pamlink::Error>(())
/// ```
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
