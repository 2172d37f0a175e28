//! The last stage: planes to one sample per symbol, at any phase.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::impulse::{GridConfig, band_limited, has_dc, in_band, kept};
use super::kernel;
use super::planes::Planes;
use super::runs::{Run, past, schedule};
use crate::channel::pulse::impulse;
use crate::error::{Result, in_range, length};
use crate::signal::Response;
use crate::simd::Level;
use crate::simd::fir::{self, Schedule};
use crate::units::sinc;

/// Phases of the bank per UI.
pub const BANK_PHASES: usize = 64;

/// A waveform behind a response, at sampling instants alone: `y(t) = sum_g x[g] h(t m - g)`, `t` in UI, `h` the
/// response within half the sample rate as a function of time in samples.
///
/// The taps of [`BANK_PHASES`] phases per UI are made from the response itself, delayed by exactly that phase;
/// those of a phase between two of them are interpolated linearly, into [`SamplerTaps`], whenever the phase changes.
/// For a component of `x` times the symbol rate the error is at most `(2 pi x / 64)^2 / 8` of its
/// amplitude, half way between phases: -70 dB at half the symbol rate, -82 dB at a fourth of it.
///
/// - **Instants.** `at_symbol + phase_ui + i`, `i = 0..out.len()`, in UI from the first fresh entry. A phase that
///   drifts over many UI is the caller's: the integer part goes to `at_symbol`. Planes that keep more than
///   [`Sampler::past`] entries allow instants before their fresh ones. No instant needs entries after its
///   own symbol: whole symbols of the response's own delay are taken out, and [`Sampler::delay`] says how many.
/// - **Cost.** [`Sampler::tap_count`] products per sample, about `L` and one for each plane, at the FMA roof where 64
///   outputs are formed at a time; as many multiply-adds, two loads and a store each, for a change of phase, a tenth
///   of the whole if that comes every 64 symbols.
/// - **Memory.** 65 sets of taps, twice (samples and slopes): 0.27 MB for 64 UI at 8 samples per UI.
#[derive(Debug, Clone)]
pub struct Sampler {
    samples_per_ui: usize,
    delay: isize,
    past: usize,
    /// Runs over the planes; the weights number the taps.
    runs: Vec<Run>,
    taps: usize,
    /// Taps for phases `b / 64`, `b = 0..=64`, in the order of the schedule.
    bank: Vec<f32>,
    /// The same of the derivative per UI.
    slopes: Vec<f32>,
    level: Level,
}

/// Taps for one phase: set by the sampler whenever the phase changes.
#[derive(Debug, Clone)]
pub struct SamplerTaps {
    stride: usize,
    phase_ui: [f64; 2],
    schedule: [Schedule; 2],
}

impl SamplerTaps {
    /// Forgets the phase.
    pub fn reset(&mut self) {
        self.phase_ui = [f64::NAN; 2];
    }
}

impl Sampler {
    /// A plan at the best level of this machine from the response in V/V between waveform and sampler.
    ///
    /// # Errors
    /// As of [`super::Impulse::transfer`].
    pub fn new(response: &Response, grid: &GridConfig) -> Result<Self> {
        Self::with_level(response, grid, Level::best())
    }

    /// A plan at a level.
    ///
    /// # Errors
    /// As of [`super::Impulse::transfer`].
    pub fn with_level(response: &Response, grid: &GridConfig, level: Level) -> Result<Self> {
        grid.check()?;
        has_dc(response)?;
        let t = 1.0 / grid.baud_hz;
        in_band(response, grid, |f| sinc(f * t).powi(2))?;
        let limited = band_limited(response, grid)?;
        let rate = grid.sample_rate_hz();
        let (run, first) = kept(impulse(&limited, rate)?, grid)?;
        let m = grid.samples_per_ui;
        // Whole symbols that are taken out, so that the first tap comes 1 to m samples late.
        let out = (first - 1).div_euclid(m as isize);
        let start = (first - out * m as isize) as usize;
        let end = start + run.samples.len() - 1;

        let mut runs = Vec::new();
        let mut places = Vec::new();
        for q in 0..m {
            // u = j m + phase m - q within start..=end for some phase of 0..=1.
            let low = (start + q).saturating_sub(m).div_ceil(m);
            let high = (end + q) / m;
            let weights = (low..=high)
                .rev()
                .map(|j| {
                    places.push(j as isize * m as isize - q as isize);
                    (places.len() - 1) as f32
                })
                .collect();
            runs.push(Run {
                plane: q,
                back: high,
                weights,
            });
        }
        let past = past(&runs);
        // Taps by number, in the order in which a schedule takes them.
        let order: Vec<isize> = schedule(&runs, past, past + 1, level)
            .weights()
            .iter()
            .map(|&number| places[number as usize])
            .collect();

        // All phases at once: a transform so fine that every one of them falls on a sample.
        let fine = m / gcd(m, BANK_PHASES) * BANK_PHASES;
        let bank = |of: &Response| -> Result<Vec<f32>> {
            let h = impulse(of, grid.baud_hz * fine as f64)?;
            let window = h.len() as isize;
            let taps = (0..=BANK_PHASES).flat_map(|b| {
                let (h, order) = (&h, &order);
                order.iter().map(move |place| {
                    let samples = place + out * m as isize;
                    let at = samples * (fine / m) as isize + (b * (fine / BANK_PHASES)) as isize;
                    (h[at.rem_euclid(window) as usize] / rate) as f32
                })
            });
            Ok(taps.collect())
        };
        let per_ui = limited
            .values()
            .iter()
            .zip(limited.grid().iter())
            .map(|(h, f)| h * Complex64::new(0.0, 2.0 * PI * f * t))
            .collect();
        let slopes = bank(&Response::new(limited.grid(), per_ui)?)?;
        let bank = bank(&limited)?;
        Ok(Self {
            samples_per_ui: m,
            delay: -out * m as isize,
            past,
            runs,
            taps: order.len(),
            bank,
            slopes,
            level,
        })
    }

    /// Samples by which the stream lags the waveform; a multiple of the samples per UI.
    #[must_use]
    pub fn delay(&self) -> isize {
        self.delay
    }

    /// Symbols before an instant's own that it needs.
    #[must_use]
    pub fn past(&self) -> usize {
        self.past
    }

    /// Symbols after an instant's own that it needs: none, the delay sees to that.
    #[must_use]
    pub fn ahead(&self) -> usize {
        0
    }

    /// Products per sample.
    #[must_use]
    pub fn tap_count(&self) -> usize {
        self.taps
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Room for the taps of one phase, for planes laid out like `from`.
    #[must_use]
    pub fn taps(&self, from: &Planes) -> SamplerTaps {
        let schedule = schedule(&self.runs, self.past, from.stride(), self.level);
        SamplerTaps {
            stride: from.stride(),
            phase_ui: [f64::NAN; 2],
            schedule: [schedule.clone(), schedule],
        }
    }

    /// Samples at `at_symbol + i + phase_ui`, `i = 0..out.len()`, relative to the first fresh symbol of `from`.
    ///
    /// # Errors
    /// A phase outside 0..=1; planes of another number of samples per UI, or taps made for another layout; instants
    /// that reach before the past of the planes (`at_symbol` may be as low as `past()` of the sampler less that of
    /// the planes) or after their block.
    pub fn sample(
        &self,
        taps: &mut SamplerTaps,
        from: &Planes,
        at_symbol: isize,
        phase_ui: f64,
        out: &mut [f32],
    ) -> Result<()> {
        self.fits(taps, from, at_symbol, phase_ui, out.len())?;
        self.set(taps, 0, phase_ui);
        let record = from.record(self.past, at_symbol);
        fir::fir_halves(self.level, &taps.schedule[0], record, out);
        Ok(())
    }

    /// [`Sampler::sample`], and the derivative per UI at the same instants.
    ///
    /// # Errors
    /// As of [`Sampler::sample`]; a slope of another length.
    pub fn sample_with_slope(
        &self,
        taps: &mut SamplerTaps,
        from: &Planes,
        at_symbol: isize,
        phase_ui: f64,
        out: &mut [f32],
        slope: &mut [f32],
    ) -> Result<()> {
        length("slope", out.len(), slope.len())?;
        self.sample(taps, from, at_symbol, phase_ui, out)?;
        self.set(taps, 1, phase_ui);
        let record = from.record(self.past, at_symbol);
        fir::fir_halves(self.level, &taps.schedule[1], record, slope);
        Ok(())
    }

    fn fits(
        &self,
        taps: &SamplerTaps,
        from: &Planes,
        at_symbol: isize,
        phase_ui: f64,
        n: usize,
    ) -> Result<()> {
        in_range("phase_ui", phase_ui, 0.0, 1.0)?;
        from.serves(self.samples_per_ui, self.past, 0)?;
        length("sampler taps (layout)", from.stride(), taps.stride)?;
        length("sampler taps", self.taps, taps.schedule[0].weights().len())?;
        in_range(
            "at_symbol",
            at_symbol as f64,
            self.past as f64 - from.past() as f64,
            from.block() as f64 - n as f64,
        )?;
        Ok(())
    }

    /// Taps of a phase, between those of its neighbours in the bank.
    fn set(&self, taps: &mut SamplerTaps, which: usize, phase_ui: f64) {
        if taps.phase_ui[which] == phase_ui {
            return;
        }
        taps.phase_ui[which] = phase_ui;
        let bank = [&self.bank, &self.slopes][which];
        let place = phase_ui * BANK_PHASES as f64;
        let below = (place as usize).min(BANK_PHASES - 1);
        let share = (place - below as f64) as f32;
        let (low, high) = bank[below * self.taps..][..2 * self.taps].split_at(self.taps);
        kernel::blend(
            self.level,
            share,
            low,
            high,
            taps.schedule[which].weights_mut(),
        );
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
