//! The detectors and the loop, one symbol at a time in `f64`, as their equations stand; and a
//! signal to try them on.

use super::detector::Shape;
use super::{CdrConfig, Detector, LoopGains};
use crate::error::Result;
use crate::random::{Gauss, Philox};
use crate::signal::Pulse;

/// What a detector sees of a symbol; samples around the centre of the levels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Symbol {
    /// The sample `z[k]`.
    pub sample: f64,
    /// The sample `x[k]` half a UI before it.
    pub edge: f64,
    /// The decision, 0..=3.
    pub decided: u8,
}

fn sgn(x: f64) -> f64 {
    if x >= 0.0 { 1.0 } else { -1.0 }
}

/// Output of a detector for two symbols that follow each other, in the unit of `levels`.
#[must_use]
pub fn output(detector: Detector, levels: &[f64; 4], before: Symbol, here: Symbol) -> f64 {
    let level = |s: Symbol| levels[usize::from(s.decided & 3)];
    match detector {
        Detector::MuellerMuller => level(before) * here.sample - level(here) * before.sample,
        Detector::SignMuellerMuller => {
            let upper = |s: Symbol| if s.decided >= 2 { 1.0 } else { -1.0 };
            upper(before) * sgn(here.sample - level(here))
                - upper(here) * sgn(before.sample - level(before))
        }
        Detector::Alexander => match (before.decided, here.decided) {
            (0, 3) | (1, 2) => -sgn(here.edge),
            (3, 0) | (2, 1) => sgn(here.edge),
            _ => 0.0,
        },
        Detector::Gardner => here.edge * (before.sample - here.sample),
    }
}

/// Mean detector output of each block of `block` symbols of a record, in the unit that the loop
/// sees; the first symbol of the record has no output.
#[must_use]
pub fn block_means(config: &CdrConfig, record: &[Symbol]) -> Vec<f64> {
    let levels = config.centred().1.map(f64::from);
    let e: Vec<f64> = (0..record.len())
        .map(|k| {
            if k == 0 {
                0.0
            } else {
                output(config.detector, &levels, record[k - 1], record[k])
            }
        })
        .collect();
    let p = config.block.max(1);
    e.chunks_exact(p)
        .map(|block| block.iter().sum::<f64>() / (p as f64 * config.unit()))
        .collect()
}

/// Phases of a loop driven by given block means: entry `n` is the phase after block `n`.
#[must_use]
pub fn phases(config: &CdrConfig, gains: LoopGains, means: &[f64]) -> Vec<f64> {
    let (mut phase, mut frequency) = (config.initial_phase_ui, 0.0);
    let limit = 1e-6 * config.max_ppm;
    (0..means.len())
        .map(|n| {
            let e = n
                .checked_sub(config.extra_latency_blocks)
                .map_or(0.0, |n| means[n]);
            frequency = (frequency + gains.integral * e).clamp(-limit, limit);
            phase += (gains.proportional * e).clamp(-0.5, 0.5) + config.block as f64 * frequency;
            phase
        })
        .collect()
}

/// Settings of a [`Source`].
#[derive(Debug, Clone, PartialEq)]
pub struct SourceConfig {
    /// Levels of the symbols before the pulse.
    pub levels: [f64; 4],
    /// Phase of the signal at symbol zero, UI.
    pub phase_ui: f64,
    /// How much longer than the receiver's a symbol lasts, ppm.
    pub ppm: f64,
    /// Amplitude (zero to peak, UI) and frequency (periods per symbol) of a sinusoidal jitter.
    pub jitter: (f64, f64),
    /// When the sine goes through zero, UI.
    pub jitter_start_ui: f64,
    /// Standard deviation of white noise on each sample.
    pub noise_sigma: f64,
    /// Seed, and stream of it.
    pub seed: (u64, u64),
}

impl Default for SourceConfig {
    fn default() -> Self {
        Self {
            levels: crate::pam4::LEVELS.map(f64::from),
            phase_ui: 0.0,
            ppm: 0.0,
            jitter: (0.0, 0.0),
            jitter_start_ui: 0.0,
            noise_sigma: 0.0,
            seed: (1, 0),
        }
    }
}

/// Random PAM4 symbols through a pulse, sampled at any instant.
///
/// The signal's phase at receiver time `t` UI is
/// `theta(t) = phase + 1e-6 ppm t + A sin(2 pi f (t - start))`; the sample at `t` is
/// `sum_j a[j] h(t - theta(t) - j)`.
#[derive(Debug, Clone)]
pub struct Source {
    config: SourceConfig,
    shape: Shape,
    reach: (i64, i64),
    symbols: Philox,
    noise: Gauss,
    /// Symbols around the last instant: the number of the first and the symbols.
    held: (i64, Vec<u8>),
    taken: u64,
    /// Gaussian numbers around number `taken`, and room for the cursors of a sample.
    numbers: Vec<f32>,
    cursors: Vec<f64>,
}

/// Symbols that a source makes at a time.
const HELD: usize = 4096;
/// Number of symbol zero, so that none before it is missing.
const OFFSET: i64 = 1 << 40;

impl Source {
    /// A signal of this pulse.
    pub fn new(config: &SourceConfig, pulse: &Pulse) -> Result<Self> {
        let shape = Shape::new(pulse)?;
        let (first, last) = shape.span_ui();
        Ok(Self {
            config: config.clone(),
            cursors: vec![0.0; (last.ceil() - first.floor()) as usize + 3],
            reach: (first.floor() as i64 - 1, last.ceil() as i64 + 1),
            numbers: Vec::new(),
            shape,
            symbols: Philox::new(config.seed.0, 2 * config.seed.1),
            noise: Gauss::new(config.seed.0, 2 * config.seed.1 + 1),
            held: (i64::MIN, Vec::new()),
            taken: 0,
        })
    }

    /// The phase of the signal at time `t` UI.
    #[must_use]
    pub fn phase_ui(&self, t_ui: f64) -> f64 {
        let (amplitude, frequency) = self.config.jitter;
        self.config.phase_ui
            + 1e-6 * self.config.ppm * t_ui
            + amplitude
                * (std::f64::consts::TAU
                    * (frequency * (t_ui - self.config.jitter_start_ui)).fract())
                .sin()
    }

    /// Moves the phase of the signal.
    pub fn shift(&mut self, by_ui: f64) {
        self.config.phase_ui += by_ui;
    }

    /// The symbol of a number.
    pub fn symbol(&mut self, number: i64) -> u8 {
        let inside = |held: &(i64, Vec<u8>)| {
            usize::try_from(number.wrapping_sub(held.0))
                .ok()
                .filter(|i| *i < held.1.len())
        };
        if let Some(i) = inside(&self.held) {
            return self.held.1[i];
        }
        let first = number - HELD as i64 / 4;
        self.held.0 = first;
        self.held.1.resize(HELD, 0);
        self.symbols
            .fill_symbols((first + OFFSET) as u64, &mut self.held.1);
        self.held.1[HELD / 4]
    }

    /// The sample at time `t` UI, without noise, and the number of the symbol whose instant is
    /// nearest to `t` less `main_ui`.
    pub fn clean(&mut self, t_ui: f64, main_ui: f64) -> (f64, i64) {
        let place = t_ui - self.phase_ui(t_ui);
        let first = place.floor() as i64 - self.reach.1;
        let mut cursors = std::mem::take(&mut self.cursors);
        self.shape.comb(place - first as f64, &mut cursors);
        let sum = cursors
            .iter()
            .zip(first..)
            .map(|(h, number)| self.config.levels[usize::from(self.symbol(number))] * h)
            .sum();
        self.cursors = cursors;
        (sum, (place - main_ui).round() as i64)
    }

    /// The sample at time `t` UI with noise, a fresh number each time.
    pub fn sample(&mut self, t_ui: f64) -> f64 {
        let clean = self.clean(t_ui, 0.0).0;
        if self.config.noise_sigma == 0.0 {
            return clean;
        }
        let within = (self.taken % HELD as u64) as usize;
        if within == 0 {
            self.numbers.resize(HELD, 0.0);
            self.noise.fill(self.taken, &mut self.numbers);
        }
        self.taken += 1;
        clean + self.config.noise_sigma * f64::from(self.numbers[within])
    }
}
