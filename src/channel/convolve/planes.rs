//! The layout of a waveform: one plane per sample of a unit interval.

use super::impulse::MAX_SAMPLES_PER_UI;
use super::kernel::MOST_AT_ONCE;
use crate::error::{Error, Result, in_range, length};
use crate::simd::fir::HALVES_AT_ONCE;

/// Entries of a cache line.
const LINE: usize = 16;
/// Entries behind the last plane, so that sums of a whole block of vectors may be formed where fewer are wanted.
const PADDING: usize = HALVES_AT_ONCE + MOST_AT_ONCE;
/// The most samples a waveform buffer may hold.
const MOST_SAMPLES: f64 = (1u64 << 31) as f64;

/// A waveform at `m` samples per UI in `m` planes: plane `p`, entry `n` is the sample at `n + p / m` UI.
///
/// Each plane holds `past` samples that were, then room for up to `block` fresh ones. A stage writes the fresh
/// samples, memoryless stages change them in place, the next linear stage reads them together with the past, and
/// [`Planes::advance`] makes them the past.
///
/// ```
/// use pamlink::channel::convolve::Planes;
///
/// let mut planes = Planes::new(4, 10, 64)?;
/// for p in 0..4 {
///     planes.fresh_mut(p, 64).fill(p as f32);
/// }
/// planes.advance(64);
/// assert_eq!(planes.past(), 10);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Planes {
    count: usize,
    past: usize,
    block: usize,
    stride: usize,
    /// Entry of the first fresh sample of plane 0.
    origin: usize,
    data: Vec<f32>,
}

impl Planes {
    /// Zeros before the start: `samples_per_ui` planes of `past` old entries and room for `block` fresh ones.
    ///
    /// # Errors
    /// Fewer than 1 or more than [`MAX_SAMPLES_PER_UI`] samples per UI; a block of none; more than 2^31 samples.
    pub fn new(samples_per_ui: usize, past: usize, block: usize) -> Result<Self> {
        in_range(
            "samples_per_ui",
            samples_per_ui as f64,
            1.0,
            MAX_SAMPLES_PER_UI as f64,
        )?;
        Self::of(samples_per_ui, past, block)
    }

    /// `count` planes, whatever they stand for.
    pub(super) fn of(count: usize, past: usize, block: usize) -> Result<Self> {
        if block == 0 {
            return Err(Error::Empty {
                name: "block of the planes".into(),
            });
        }
        let all = (past as f64 + block as f64) * count as f64;
        in_range("samples of the planes", all, 0.0, MOST_SAMPLES)?;
        // An odd number of lines: planes do not compete for the same sets of the cache.
        let lines = (past + block).div_ceil(LINE) + 1;
        let stride = (lines | 1) * LINE;
        let data = vec![0.0f32; count * stride + past + LINE + PADDING];
        // Fresh samples start with a line. A copy may lie elsewhere, which costs time and nothing else.
        let shift = data[past..].as_ptr().align_offset(LINE * size_of::<f32>());
        Ok(Self {
            count,
            past,
            block,
            stride,
            origin: past + if shift < LINE { shift } else { 0 },
            data,
        })
    }

    /// Number of planes, samples per UI.
    #[must_use]
    pub fn samples_per_ui(&self) -> usize {
        self.count
    }

    /// Old entries that each plane keeps.
    #[must_use]
    pub fn past(&self) -> usize {
        self.past
    }

    /// The most fresh entries of a plane.
    #[must_use]
    pub fn block(&self) -> usize {
        self.block
    }

    /// The first `n` fresh samples of plane `p`, to be written.
    ///
    /// # Panics
    /// Where there is no such plane, or `n` is above [`Planes::block`].
    pub fn fresh_mut(&mut self, p: usize, n: usize) -> &mut [f32] {
        let at = self.at(p, n);
        &mut self.data[at..at + n]
    }

    /// The first `n` fresh samples of plane `p`.
    ///
    /// # Panics
    /// As [`Planes::fresh_mut`].
    #[must_use]
    pub fn fresh(&self, p: usize, n: usize) -> &[f32] {
        let at = self.at(p, n);
        &self.data[at..at + n]
    }

    fn at(&self, p: usize, n: usize) -> usize {
        assert!(
            p < self.count && n <= self.block,
            "plane {p} of {}, {n} fresh samples of at most {}",
            self.count,
            self.block
        );
        self.origin + p * self.stride
    }

    /// The buffer, the place of fresh entry 0 of plane 0 in it, and the distance of neighbouring planes.
    pub(super) fn raw(&self) -> (&[f32], usize, usize) {
        (&self.data, self.origin, self.stride)
    }

    /// From fresh entry 0 of plane `p` on, and the distance of neighbouring planes.
    pub(super) fn raw_mut(&mut self, p: usize) -> (&mut [f32], usize) {
        let at = self.origin + p * self.stride;
        (&mut self.data[at..], self.stride)
    }

    /// Two planes at once, `p` before `q`.
    pub(super) fn fresh_pair_mut(
        &mut self,
        p: usize,
        q: usize,
        n: usize,
    ) -> (&mut [f32], &mut [f32]) {
        let (p, q) = (self.at(p, n), self.at(q, n));
        let (low, high) = self.data.split_at_mut(q);
        (&mut low[p..p + n], &mut high[..n])
    }

    /// The first `n` fresh samples of all planes become the past.
    ///
    /// # Panics
    /// Where `n` is above [`Planes::block`].
    pub fn advance(&mut self, n: usize) {
        for p in 0..self.count {
            let from = self.at(p, n) - self.past + n;
            self.data.copy_within(from..from + self.past, from - n);
        }
    }

    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        self.data.fill(0.0);
    }

    /// Distance between the same entries of neighbouring planes in a [`Planes::record`].
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Everything from `back` entries before fresh entry `at` of plane 0 on; both checked by the caller.
    pub(super) fn record(&self, back: usize, at: isize) -> &[f32] {
        let from = self.origin - back;
        &self.data[from.wrapping_add_signed(at)..]
    }

    /// Whether a stage that needs `past` old entries and writes `n` fresh ones can use these planes.
    pub(super) fn serves(&self, count: usize, past: usize, n: usize) -> Result<()> {
        length("planes (samples per UI)", count, self.count)?;
        in_range(
            "past of the planes",
            self.past as f64,
            past as f64,
            f64::MAX,
        )?;
        in_range("fresh samples", n as f64, 0.0, self.block as f64)?;
        Ok(())
    }
}
