//! The middle stage of an optical field: a complex response on a real or complex waveform.

use num_complex::{Complex32, Complex64};
use rustfft::FftPlanner;

use super::impulse::GridConfig;
use super::kernel::{self, MOST_PLANES, Pass, Shape};
use super::planes::Planes;
use crate::error::{Result, in_range, length};
use crate::signal::Response;
use crate::simd::Level;

/// Real and imaginary part of a field, each laid out as [`Planes`], in one buffer.
#[derive(Debug, Clone)]
pub struct FieldPlanes {
    planes: Planes,
}

impl FieldPlanes {
    /// As [`Planes::new`].
    ///
    /// # Errors
    /// As of [`Planes::new`].
    pub fn new(samples_per_ui: usize, past: usize, block: usize) -> Result<Self> {
        in_range(
            "samples_per_ui",
            samples_per_ui as f64,
            1.0,
            super::MAX_SAMPLES_PER_UI as f64,
        )?;
        Ok(Self {
            planes: Planes::of(2 * samples_per_ui, past, block)?,
        })
    }

    /// Samples per UI.
    #[must_use]
    pub fn samples_per_ui(&self) -> usize {
        self.planes.samples_per_ui() / 2
    }

    /// Old entries that each plane keeps.
    #[must_use]
    pub fn past(&self) -> usize {
        self.planes.past()
    }

    /// The most fresh entries of a plane.
    #[must_use]
    pub fn block(&self) -> usize {
        self.planes.block()
    }

    /// Real and imaginary part of the first `n` fresh samples of plane `p`, to be written.
    ///
    /// # Panics
    /// As [`Planes::fresh_mut`].
    pub fn fresh_mut(&mut self, p: usize, n: usize) -> (&mut [f32], &mut [f32]) {
        let q = self.samples_per_ui() + p;
        self.planes.fresh_pair_mut(p, q, n)
    }

    /// Real and imaginary part of the first `n` fresh samples of plane `p`.
    ///
    /// # Panics
    /// As [`Planes::fresh_mut`].
    #[must_use]
    pub fn fresh(&self, p: usize, n: usize) -> (&[f32], &[f32]) {
        let q = self.samples_per_ui() + p;
        (self.planes.fresh(p, n), self.planes.fresh(q, n))
    }

    /// As [`Planes::advance`].
    ///
    /// # Panics
    /// As [`Planes::advance`].
    pub fn advance(&mut self, n: usize) {
        self.planes.advance(n);
    }

    /// As [`Planes::reset`].
    pub fn reset(&mut self) {
        self.planes.reset();
    }
}

/// A complex response on the grid, about the carrier: tap `i` acts at time `(i - before) / m` UI.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldImpulse {
    /// The taps.
    pub taps: Vec<Complex32>,
    /// Taps before time zero; negative where the first tap comes after it.
    pub before: isize,
    /// Samples per unit interval.
    pub samples_per_ui: usize,
}

impl FieldImpulse {
    /// Taps of a response that is the same on both sides of the carrier, `H(-f) = H(f)`, as chromatic dispersion
    /// about its own wavelength has it.
    ///
    /// # Errors
    /// As of [`FieldImpulse::two_sided`].
    pub fn even(response: &Response, grid: &GridConfig) -> Result<Self> {
        Self::two_sided(response, response, grid)
    }

    /// Taps of a response given above the carrier (`upper`, at `f`) and below it (`lower`, at `-f`), on one grid,
    /// which must reach half the sample rate. Their shortest run that keeps the configured energy.
    ///
    /// The share out of band is not checked: dispersion has magnitude one everywhere, and beyond the signal's band
    /// there is nothing for it to act on.
    ///
    /// # Errors
    /// Those of [`GridConfig::check`]; grids that differ, end below half the sample rate, or do not divide the
    /// sample rate.
    pub fn two_sided(upper: &Response, lower: &Response, grid: &GridConfig) -> Result<Self> {
        grid.check()?;
        length(
            "points of the lower side",
            upper.grid().points(),
            lower.grid().points(),
        )?;
        let rate = grid.sample_rate_hz();
        let step = upper.grid().step_hz();
        let n = super::super::pulse::whole_multiple("sample rate", rate, upper.grid())?;
        in_range(
            "step_hz of the lower side",
            lower.grid().step_hz(),
            step,
            step,
        )?;
        in_range(
            "end of the response in Hz",
            upper.grid().end_hz(),
            0.5 * rate - step,
            f64::MAX,
        )?;
        let mut spectrum = vec![Complex64::default(); n];
        for k in 0..=n / 2 {
            let (Some(&up), Some(&low)) = (upper.values().get(k), lower.values().get(k)) else {
                continue;
            };
            if 2 * k == n {
                spectrum[k] = 0.5 * (up + low);
            } else {
                spectrum[k] = up;
                if k > 0 {
                    spectrum[n - k] = low;
                }
            }
        }
        FftPlanner::new().plan_fft_inverse(n).process(&mut spectrum);
        let magnitude = spectrum.iter().map(|h| h.norm()).collect();
        let (kept, first) = super::impulse::kept(magnitude, grid)?;
        let taps = (0..kept.samples.len() as isize)
            .map(|i| {
                let h = spectrum[(first + i).rem_euclid(n as isize) as usize] / n as f64;
                Complex32::new(h.re as f32, h.im as f32)
            })
            .collect();
        Ok(Self {
            taps,
            before: -first,
            samples_per_ui: grid.samples_per_ui,
        })
    }
}

/// A field through a complex response: `y[g] = sum_i taps[i] x[g + before - i]`, all complex numbers.
///
/// - **Shapes.** `n` fresh entries of each plane make `n` fresh entries of each; [`FieldFilter::past`] old ones are
///   read.
/// - **Cost.** `4 m L` products per symbol, `2 m L` for a real field, at the FMA roof.
///
/// ```
/// use num_complex::Complex32;
/// use pamlink::channel::convolve::{FieldFilter, FieldImpulse, FieldPlanes};
///
/// // A quarter of a turn.
/// let turn = FieldImpulse { taps: vec![Complex32::new(0.0, 1.0)], before: 0, samples_per_ui: 2 };
/// let filter = FieldFilter::new(&turn)?;
/// let (mut x, mut y) = (FieldPlanes::new(2, filter.past(), 1)?, FieldPlanes::new(2, 0, 1)?);
/// let (re, im) = x.fresh_mut(0, 1);
/// (re[0], im[0]) = (2.0, 1.0);
/// filter.process(&mut filter.state(), &x, 1, &mut y)?;
/// assert_eq!(y.fresh(0, 1), (&[-1.0][..], &[2.0][..]));
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FieldFilter {
    samples_per_ui: usize,
    delay: isize,
    past: usize,
    re: Vec<f32>,
    im: Vec<f32>,
    minus_im: Vec<f32>,
    level: Level,
}

/// What a stream of one plan must remember besides the past of the planes it reads: which plan it is.
#[derive(Debug, Clone)]
pub struct FieldFilterState {
    past: usize,
}

impl FieldFilterState {
    /// Back to the start of a stream.
    pub fn reset(&mut self) {}
}

impl FieldFilter {
    /// A plan at the best level of this machine.
    ///
    /// # Errors
    /// As of [`FieldFilter::with_level`].
    pub fn new(response: &FieldImpulse) -> Result<Self> {
        Self::with_level(response, Level::best())
    }

    /// A plan at a level.
    ///
    /// # Errors
    /// No taps, or taps that are not finite.
    pub fn with_level(response: &FieldImpulse, level: Level) -> Result<Self> {
        super::runs::check_place(response.before, response.samples_per_ui)?;
        let part = |of: fn(&Complex32) -> f32| response.taps.iter().map(of).collect::<Vec<f32>>();
        let mut parts = [part(|h| h.re), part(|h| h.im), part(|h| -h.im)];
        super::runs::check("taps (real part)", &parts[0])?;
        super::runs::check("taps (imaginary part)", &parts[1])?;
        for taps in &mut parts {
            taps.resize(taps.len().max(MOST_PLANES), 0.0);
        }
        let [re, im, minus_im] = parts;
        let m = response.samples_per_ui;
        Ok(Self {
            samples_per_ui: m,
            delay: response.before,
            past: (re.len() - 1).div_ceil(m),
            re,
            im,
            minus_im,
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

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> FieldFilterState {
        FieldFilterState { past: self.past }
    }

    /// The `n` fresh samples of a complex field, filtered, become the fresh ones of `to`.
    ///
    /// # Errors
    /// Planes of another number of samples per UI, or with too little past or room; a state of another plan.
    pub fn process(
        &self,
        state: &mut FieldFilterState,
        from: &FieldPlanes,
        n: usize,
        to: &mut FieldPlanes,
    ) -> Result<()> {
        let m = self.samples_per_ui;
        from.planes.serves(2 * m, self.past, n)?;
        self.fits(state, n, to)?;
        let (x, origin, stride) = from.planes.raw();
        let other = origin + m * stride;
        for (part, taps) in [[&self.re, &self.minus_im], [&self.im, &self.re]]
            .into_iter()
            .enumerate()
        {
            let passes =
                [(taps[0], origin), (taps[1], other)].map(|(taps, origin)| Pass { taps, origin });
            self.sum(&passes, x, stride, n, part, to);
        }
        Ok(())
    }

    /// The `n` fresh samples of a real field, filtered, become the fresh ones of `to`.
    ///
    /// # Errors
    /// As of [`FieldFilter::process`].
    pub fn process_real(
        &self,
        state: &mut FieldFilterState,
        from: &Planes,
        n: usize,
        to: &mut FieldPlanes,
    ) -> Result<()> {
        from.serves(self.samples_per_ui, self.past, n)?;
        self.fits(state, n, to)?;
        let (x, origin, stride) = from.raw();
        for (part, taps) in [&self.re, &self.im].into_iter().enumerate() {
            self.sum(&[Pass { taps, origin }], x, stride, n, part, to);
        }
        Ok(())
    }

    fn fits(&self, state: &FieldFilterState, n: usize, to: &FieldPlanes) -> Result<()> {
        to.planes.serves(2 * self.samples_per_ui, 0, n)?;
        length("field filter state", self.past, state.past)
    }

    /// Real (0) or imaginary (1) part of the output.
    fn sum(
        &self,
        passes: &[Pass<'_>],
        x: &[f32],
        stride: usize,
        n: usize,
        part: usize,
        to: &mut FieldPlanes,
    ) {
        let planes = self.samples_per_ui;
        let (y, stride_out) = to.planes.raw_mut(part * planes);
        let shape = Shape {
            planes,
            n,
            stride_in: stride,
            stride_out,
        };
        kernel::polyphase(self.level, shape, passes, x, y);
    }
}
