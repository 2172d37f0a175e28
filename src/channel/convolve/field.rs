//! The middle stage of an optical field: a complex response on a real or complex waveform.

use num_complex::{Complex32, Complex64};
use rustfft::FftPlanner;

use super::impulse::GridConfig;
use super::planes::Planes;
use super::runs::{Run, past, run, schedule};
use crate::error::{Result, in_range, length};
use crate::signal::Response;
use crate::simd::Level;
use crate::simd::fir::{self, Schedule};

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

/// A field through a complex response: `y[g] = sum_i taps[i] x[g + before - i]`.
#[derive(Debug, Clone)]
pub struct FieldFilter {
    samples_per_ui: usize,
    delay: isize,
    past: usize,
    /// Output planes, real parts first, of a real input.
    of_real: Vec<Vec<Run>>,
    /// The same of a complex input.
    of_complex: Vec<Vec<Run>>,
    level: Level,
}

/// What a stream of one plan between two layouts needs.
#[derive(Debug, Clone)]
pub struct FieldFilterState {
    stride: usize,
    complex: bool,
    schedules: Vec<Schedule>,
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
        in_range(
            "samples_per_ui",
            response.samples_per_ui as f64,
            1.0,
            super::MAX_SAMPLES_PER_UI as f64,
        )?;
        let re: Vec<f32> = response.taps.iter().map(|h| h.re).collect();
        let im: Vec<f32> = response.taps.iter().map(|h| h.im).collect();
        let minus: Vec<f32> = im.iter().map(|h| -h).collect();
        super::runs::check("taps (real part)", &re)?;
        super::runs::check("taps (imaginary part)", &im)?;
        let m = response.samples_per_ui;
        let runs = |taps: &[f32], p: usize, base: usize| -> Vec<Run> {
            (0..m)
                .filter_map(|q| run(taps, m, p as isize - q as isize, base + q))
                .collect()
        };
        let parts = [&re, &im];
        let of_real: Vec<Vec<Run>> = parts
            .iter()
            .flat_map(|taps| (0..m).map(|p| runs(taps, p, 0)).collect::<Vec<_>>())
            .collect();
        let of_complex = [(&re, &minus), (&im, &re)]
            .iter()
            .flat_map(|(on_re, on_im)| {
                (0..m)
                    .map(|p| [runs(on_re, p, 0), runs(on_im, p, m)].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
        Ok(Self {
            samples_per_ui: m,
            delay: response.before,
            past: of_real.iter().map(|r| past(r)).max().unwrap_or(0),
            of_real,
            of_complex,
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

    fn schedules(&self, runs: &[Vec<Run>], stride: usize) -> Vec<Schedule> {
        runs.iter()
            .map(|runs| schedule(runs, self.past, stride, self.level))
            .collect()
    }

    /// The state of a new stream that reads a field laid out like `from`.
    #[must_use]
    pub fn state(&self, from: &FieldPlanes) -> FieldFilterState {
        let stride = from.planes.stride();
        FieldFilterState {
            stride,
            complex: true,
            schedules: self.schedules(&self.of_complex, stride),
        }
    }

    /// The state of a new stream that reads a real field laid out like `from`.
    #[must_use]
    pub fn state_real(&self, from: &Planes) -> FieldFilterState {
        let stride = from.stride();
        FieldFilterState {
            stride,
            complex: false,
            schedules: self.schedules(&self.of_real, stride),
        }
    }

    /// The `n` fresh samples of a complex field, filtered, become the fresh ones of `to`.
    ///
    /// # Errors
    /// Planes of another number of samples per UI, with too little past or room, or of another layout or kind than
    /// the state was made for.
    pub fn process(
        &self,
        state: &mut FieldFilterState,
        from: &FieldPlanes,
        n: usize,
        to: &mut FieldPlanes,
    ) -> Result<()> {
        from.planes.serves(2 * self.samples_per_ui, self.past, n)?;
        length(
            "field filter state (complex input)",
            1,
            usize::from(state.complex),
        )?;
        self.stream(state, &from.planes, n, to)
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
        length(
            "field filter state (complex input)",
            0,
            usize::from(state.complex),
        )?;
        self.stream(state, from, n, to)
    }

    fn stream(
        &self,
        state: &mut FieldFilterState,
        from: &Planes,
        n: usize,
        to: &mut FieldPlanes,
    ) -> Result<()> {
        to.planes.serves(2 * self.samples_per_ui, 0, n)?;
        length(
            "field filter state",
            2 * self.samples_per_ui,
            state.schedules.len(),
        )?;
        length("field filter state (layout)", from.stride(), state.stride)?;
        let record = from.record(self.past, 0);
        for (p, s) in state.schedules.iter().enumerate() {
            fir::fir(self.level, s, record, to.planes.fresh_mut(p, n));
        }
        Ok(())
    }
}
