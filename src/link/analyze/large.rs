//! Large-signal levels and the small-signal slope at each: what limiters and a modulator make of the statistics.
//!
//! At the input of a nonlinear stage `f` stands `x(t) = A(t) a_0 + sum_k p_k(t) a_k`, `A` the pulse of the symbol
//! decided and `p` those of its neighbours, all of the linear view. The slicer sees `sum_t g(t) f(x(-t))`, `g` the linear
//! path behind, equalizer included. Given `a_0`, the interference having the distribution of its symbols, the stage
//! makes, at each instant and, weighted with `g`, at the slicer
//!
//! - a *level* `E[f(x) | a_0]`,
//! - a *slope* `cov(f(x), x | a_0) / var(x | a_0)`, with which interference and noise from before it go on (at
//!   vanishing interference the derivative at the level),
//! - *distortion*, `var(f | a_0)` less what the slope explains, which goes on as noise.
//!
//! Stages in a row pass these on: levels by levels, slopes by their product. A gain control behind a stage
//! restores the RMS of the linear view. Interference that a slope of its own level scales is no longer cancelled
//! by taps that were set for the mean slope: `r_m = k r_m + (k_s - k) g p_m / A` with the mean slope `k`, the
//! cursor `g` behind the equalizer.
//!
//! Left out: what filters between two nonlinear stages make of harmonics; dispersion of the
//! field (its intensity response stands in); interfering copies of the light; the interplay of distortion at
//! neighbouring samples (white here).

mod curve;

use num_complex::Complex64;

use crate::error::Result;
use crate::frontend::limiter::{Limiter, LimiterConfig};
use crate::optics::modulator::Modulator;
use crate::pam4::variance;
use crate::signal::Response;
use crate::simd::Level;
use crate::units::sinc;

use super::super::chain::{Chain, fir_spectrum, window_ui};
use super::super::config::AnalysisConfig;
use super::super::path::{GainControl, Path, SectionEnd};
use super::super::segment::Segment;
use super::super::spec::NoiseSource;
use super::noise::ffe_spectrum;
use super::pulse::fine;
use curve::{Curve, Moments, grid};

/// Instants to a unit interval, and unit intervals to either side, at which a stage's share of the decision is
/// summed.
const INSTANTS: usize = 8;
const REACH_UI: usize = 6;
/// Phases of a unit interval over which the power behind a stage is taken.
const PHASES: usize = 8;
/// Interferers that a stage's slope is followed for.
const FOLLOWED: f64 = 1e-4;

/// A segment's nonlinear stages together.
pub(super) struct Large {
    /// Levels at the slicer over the cursor of the linear view.
    pub levels: [f64; 4],
    /// Levels of the modulated photocurrent likewise, and what the modulator adds to its mean, A.
    pub light: Option<([f64; 4], f64)>,
    /// RMS at the sampler over that of the linear view.
    pub rms: f64,
    stages: Vec<Stage>,
    /// Section that holds a gain control, and what nonlinear stages do to its gain.
    controls: Vec<(usize, f64)>,
    /// Section in which each noise enters, and whether a gain control of that section acts on it.
    sources: Vec<(NoiseSource, usize, bool)>,
}

/// One nonlinear stage.
struct Stage {
    /// The section that it ends.
    section: usize,
    slopes: [f64; 4],
    mean: f64,
    /// Interference at its input over the cursor, by lag.
    pulse: Vec<(i64, f64)>,
    /// Variance of its distortion over the square of the cursor.
    distortion: [f64; 4],
}

impl Large {
    /// The nonlinear stages of a segment; none where all are straight, or the chain has no path.
    pub(super) fn new(segment: &Segment, config: &AnalysisConfig) -> Result<Option<Self>> {
        let chain = &segment.chain;
        match &chain.path {
            Some(path) if segment.is_nonlinear() => {
                Builder::new(segment, path, config).build().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Product of mean slopes and gains from a section on; `controlled` if the gain control of that section acts.
    fn onward(&self, section: usize, controlled: bool) -> f64 {
        let slopes = self.stages.iter().filter(|s| s.section >= section);
        let gains = self.controls.iter();
        let gains = gains.filter(|(at, _)| *at > section || (*at == section && controlled));
        slopes.map(|s| s.mean).product::<f64>() * gains.map(|(_, gain)| gain).product::<f64>()
    }

    /// Mean slope of the whole.
    pub(super) fn slope(&self) -> f64 {
        self.onward(0, true)
    }

    /// Factor on the variance of a noise for each level, `main` the main tap's share of the power of all taps:
    /// samples that other taps weigh have the slopes of other symbols.
    pub(super) fn noise(&self, source: NoiseSource, main: f64) -> [f64; 4] {
        let entry = match source {
            NoiseSource::Transmitter => Some((0, true)),
            NoiseSource::Rin | NoiseSource::Shot => self.light_section().map(|at| (at + 1, true)),
            _ => self
                .sources
                .iter()
                .find(|(s, ..)| *s == source)
                .map(|&(_, section, controlled)| (section, controlled)),
        };
        let Some((section, controlled)) = entry else {
            return [1.0; 4];
        };
        let mean = self.onward(section, controlled).powi(2);
        std::array::from_fn(|s| {
            let own: f64 = (self.stages.iter().filter(|stage| stage.section >= section))
                .map(|stage| (stage.slopes[s] / stage.mean).powi(2))
                .product();
            mean * (1.0 + main * (own - 1.0))
        })
    }

    fn light_section(&self) -> Option<usize> {
        let entry = self.sources.iter().find(|(s, ..)| *s == NoiseSource::Rin);
        entry.map(|&(_, section, _)| section)
    }

    /// What the slopes add to the interference of each level, over the cursor behind the equalizer.
    pub(super) fn interference(&self) -> [Vec<(i64, f64)>; 4] {
        std::array::from_fn(|s| {
            let of = |stage: &Stage| {
                let factor = self.slope() * (stage.slopes[s] / stage.mean - 1.0);
                let terms = stage.pulse.iter();
                terms.map(|&(m, p)| (m, factor * p)).collect::<Vec<_>>()
            };
            self.stages.iter().flat_map(of).collect()
        })
    }

    /// Variance of the distortion at the sampler over the square of its cursor.
    pub(super) fn distortion(&self) -> [f64; 4] {
        std::array::from_fn(|s| {
            let of =
                |stage: &Stage| stage.distortion[s] * self.onward(stage.section + 1, true).powi(2);
            self.stages.iter().map(of).sum()
        })
    }
}

/// Walks along the path.
struct Builder<'a> {
    segment: &'a Segment,
    path: &'a Path,
    config: &'a AnalysisConfig,
    window: usize,
    fir: Vec<Complex64>,
    /// Levels so far over the cursor, slopes so far, RMS over that of the linear view.
    levels: [f64; 4],
    slope: f64,
    rms: f64,
    large: Large,
}

impl<'a> Builder<'a> {
    fn new(segment: &'a Segment, path: &'a Path, config: &'a AnalysisConfig) -> Self {
        let chain = &segment.chain;
        let window = window_ui(chain.signal.grid(), chain.baud_hz);
        Self {
            segment,
            path,
            config,
            window,
            fir: fir_spectrum(&chain.choice, window),
            levels: chain.levels,
            slope: 1.0,
            rms: 1.0,
            large: Large {
                levels: chain.levels,
                light: None,
                rms: 1.0,
                stages: Vec::new(),
                controls: Vec::new(),
                sources: Vec::new(),
            },
        }
    }

    fn chain(&self) -> &'a Chain {
        &self.segment.chain
    }

    fn build(mut self) -> Result<Large> {
        let chain = self.chain();
        let grid = chain.signal.grid();
        let held = |f: f64| sinc(f / chain.baud_hz) / chain.baud_hz;
        let mut signal: Vec<Complex64> = (self.path.transmitter.values().iter())
            .zip(grid.iter())
            .map(|(h, f)| h * held(f))
            .collect();
        for (i, section) in self.path.sections.iter().enumerate() {
            let noise = section.noise.iter();
            let entries = noise.map(|n| (n.source, i, n.controlled));
            self.large.sources.extend(entries);
            if let Some(control) = &section.control {
                self.control(i, control, &signal);
            }
            for (s, h) in signal.iter_mut().zip(section.response.values()) {
                *s *= h;
            }
            match &section.end {
                SectionEnd::Limiter { amplitude, .. } => {
                    let config = LimiterConfig {
                        limit: *amplitude,
                        ..LimiterConfig::default()
                    };
                    let limiter = Limiter::with_level(&config, Level::BASELINE)?;
                    self.stage(i, &signal, &Curve::Limiter(limiter))?;
                }
                SectionEnd::Photocurrent(light) => {
                    self.large.sources.push((NoiseSource::Rin, i, true));
                    if let Some(modulator) = &light.modulator {
                        let modulator = Modulator::with_level(modulator, Level::BASELINE)?;
                        let slope = self.linear_slope(&signal) / light.gain_a_w;
                        let curve = Curve::Modulator { modulator, slope };
                        let mean = self.stage(i, &signal, &curve)?;
                        if let Curve::Modulator { modulator, slope } = &curve {
                            let power = modulator.power_at(0.0) + slope * mean;
                            let shift = light.gain_a_w * power - light.mean_a;
                            self.large.light = Some((self.levels, shift));
                        }
                    } else {
                        self.large.light = Some((self.levels, 0.0));
                    }
                    if let Some(point) = &chain.optical {
                        signal = point.current.values().to_vec();
                    }
                }
                SectionEnd::Sampler => {}
            }
        }
        self.large.levels = self.levels;
        self.large.rms = self.rms;
        Ok(self.large)
    }

    /// Current over drive in the linear view, where both have their power.
    fn linear_slope(&self, drive: &[Complex64]) -> f64 {
        let low = self.window / 16;
        let sum = |values: &[Complex64]| -> f64 {
            values.iter().take(low.max(1)).map(|v| v.norm()).sum()
        };
        let current = self
            .chain()
            .optical
            .as_ref()
            .map_or(0.0, |o| sum(o.current.values()));
        current / sum(drive).max(f64::MIN_POSITIVE)
    }

    fn shaped(&self, signal: &[Complex64]) -> Result<Response> {
        let values = signal.iter().enumerate();
        let values = values.map(|(n, s)| s * self.fir[n % self.window]);
        Response::new(self.chain().signal.grid(), values.collect())
    }

    /// A gain control in front of which the RMS is not that of the linear view.
    fn control(&mut self, section: usize, control: &GainControl, signal: &[Complex64]) {
        let chain = self.chain();
        let step = chain.signal.grid().step_hz();
        let power: f64 = (signal.iter().zip(control.before.values()).enumerate())
            .map(|(n, (s, h))| {
                let both_halves = if n == 0 { 1.0 } else { 2.0 };
                both_halves * (s * h * self.fir[n % self.window]).norm_sqr()
            })
            .sum();
        let rms = (variance(chain.levels) * chain.baud_hz * step * power).sqrt();
        let gain = control.agc.gain(rms * self.rms).0 / control.gain;
        self.rms *= gain;
        self.slope *= gain;
        self.levels = self.levels.map(|l| l * gain);
        self.large.controls.push((section, gain));
    }

    /// From a stage's output to the slicer: impulse, [`AnalysisConfig::samples_per_ui`] samples to the symbol.
    fn onward(&self, signal: &[Complex64]) -> Result<Vec<f64>> {
        let chain = self.chain();
        let equalizer = &self.segment.equalizer;
        let taps: Vec<f64> = equalizer.ffe.iter().map(|&w| f64::from(w)).collect();
        let ffe = ffe_spectrum(&taps, equalizer.precursors, self.window);
        let largest = signal
            .iter()
            .map(num_complex::Complex::norm_sqr)
            .fold(0.0, f64::max);
        let after = (chain.signal.values().iter().zip(signal).enumerate())
            .map(|(n, (all, s))| {
                // Where the stage has no input, nothing of it can be seen either.
                let through = all * s.conj() / (s.norm_sqr() + 1e-6 * largest);
                through * ffe[n % self.window]
            })
            .collect();
        let after = Response::new(chain.signal.grid(), after)?;
        fine(&after, 0.0, chain.baud_hz, self.config.samples_per_ui)
    }

    /// Passes levels, slopes and RMS through a stage; the mean of what it makes.
    fn stage(&mut self, section: usize, signal: &[Complex64], curve: &Curve) -> Result<f64> {
        let chain = self.chain();
        let m = self.config.samples_per_ui;
        let after = self.onward(signal)?;
        let phase_s = self.segment.equalizer.phase_s;
        let samples = fine(&self.shaped(signal)?, phase_s, chain.baud_hz, m)?;
        let n = samples.len();
        // The input `back` samples before the instant of the decision, from the symbol decided on.
        let pulse = |back: isize| -> Vec<f64> {
            let at = |k: usize| (k * m) as isize - back;
            let index = |k: usize| at(k).rem_euclid(n as isize) as usize;
            (0..self.window).map(|k| samples[index(k)]).collect()
        };
        let (slope, levels) = (self.slope, self.levels);
        // Every instant near the decision has its share of what the slicer sees of the symbol.
        let step = (m / INSTANTS).max(1) as isize;
        let reach = (REACH_UI * m) as isize;
        let (mut cursor, mut power, mut best) = (0.0, 0.0, (0.0, 0isize));
        let (mut value, mut slopes, mut distortion) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        // The path behind is late by its delay: around its peak.
        let peak = (0..n).fold(0, |best, i| {
            if after[i].abs() > after[best].abs() {
                i
            } else {
                best
            }
        });
        let centre = peak as isize;
        for back in (centre - reach..=centre + reach).step_by(step as usize) {
            let g = after[back.rem_euclid(n as isize) as usize];
            let own = pulse(back);
            let share = g * own[0];
            if share.abs() > best.0 {
                best = (share.abs(), back);
            }
            cursor += share;
            power += share * share;
            let others: Vec<f64> = own[1..].iter().map(|p| slope * p).collect();
            let interference = grid(&others, chain.levels)?;
            for s in 0..4 {
                let moments = Moments::new(&interference, own[0] * levels[s], curve);
                value[s] += g * moments.mean;
                slopes[s] += share * moments.slope;
                // Over the square of this instant's cursor, by the power of its share.
                distortion[s] += g * g * moments.distortion;
            }
        }
        for s in 0..4 {
            value[s] /= cursor;
            slopes[s] /= cursor;
            distortion[s] /= power.max(f64::MIN_POSITIVE);
        }
        let own = pulse(best.1);
        // Power before and behind over a unit interval, the mean of what comes out.
        let (mut before, mut behind, mut mean) = (0.0, 0.0, 0.0);
        for phase in 0..PHASES {
            let all: Vec<f64> = pulse((phase * m / PHASES) as isize)
                .iter()
                .map(|p| slope * p)
                .collect();
            let whole = Moments::new(&grid(&all, chain.levels)?, 0.0, curve);
            before += whole.input / PHASES as f64;
            behind += whole.output / PHASES as f64;
            mean += whole.mean / PHASES as f64;
        }
        if before > 0.0 {
            self.rms *= (behind / before).sqrt();
        }
        let mean_slope = slopes.iter().sum::<f64>() / 4.0;
        self.levels = value;
        self.slope *= mean_slope;
        let half = self.window / 2;
        let lag = |k: usize| {
            if k > half {
                k as i64 - self.window as i64
            } else {
                k as i64
            }
        };
        self.large.stages.push(Stage {
            section,
            slopes,
            mean: mean_slope,
            pulse: (own.iter().enumerate().skip(1))
                .map(|(k, p)| (lag(k), p / own[0]))
                .filter(|(_, p)| p.abs() > FOLLOWED)
                .collect(),
            distortion,
        });
        Ok(mean)
    }
}

#[cfg(test)]
mod tests;
