//! S-curve, gain and self-noise of a detector, by its equation where there is one and by counting
//! over fixed random symbols where not.

use super::super::reference::{self, Symbol};
use super::super::{CdrConfig, Detector};
use super::shape::Shape;
use crate::error::{Error, Result, in_range};
use crate::random::{Gauss, Philox};
use crate::signal::Pulse;

/// Symbols over which is counted.
const SYMBOLS: usize = 1 << 16;
/// Seed of the fixed symbols.
const SEED: u64 = 0x5eed;

/// A detector on a pulse: mean output and noise as functions of the sampling phase.
///
/// Symbols are independent and equally likely, decisions right. The signed detectors and all noise
/// are counted over 65 536 fixed symbols with white noise of `noise_sigma` at the samples, so that curves are smooth and reproducible;
/// a mean then has a statistical error of about `sigma / 256`.
#[derive(Debug, Clone)]
pub struct Curve {
    detector: Detector,
    levels: [f64; 4],
    unit: f64,
    shape: Shape,
    noise_sigma: f64,
}

/// What a loop must know of its detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectorGain {
    /// Zero of the mean output nearest to the pulse's cursor at which the loop is stable, UI.
    pub lock_phase_ui: f64,
    /// `K_d`: what the mean output falls by per UI there.
    pub gain_per_ui: f64,
    /// Variance of the mean over a block of P symbols there, times P, in the limit of a long block:
    /// outputs of neighbouring symbols are not independent. Counted over blocks of 64.
    pub noise_per_symbol: f64,
}

impl DetectorGain {
    /// Standard deviation of the phase measured by one block of `block` symbols, UI.
    #[must_use]
    pub fn block_phase_sigma_ui(&self, block: usize) -> f64 {
        (self.noise_per_symbol / block.max(1) as f64).sqrt() / self.gain_per_ui
    }
}

impl Curve {
    /// The detector and levels of `config` on a pulse: `h` in the unit of samples per unit of level,
    /// so that a main cursor of one brings the levels as they are configured.
    pub fn new(config: &CdrConfig, pulse: &Pulse, noise_sigma: f64) -> Result<Self> {
        config.model()?;
        in_range("noise_sigma", noise_sigma, 0.0, f64::MAX)?;
        let (_, levels) = config.centred();
        Ok(Self {
            detector: config.detector,
            levels: levels.map(f64::from),
            unit: config.unit(),
            shape: Shape::new(pulse)?,
            noise_sigma,
        })
    }

    /// The mean output at a phase, UI after the cursor.
    #[must_use]
    pub fn mean(&self, phase_ui: f64) -> f64 {
        let h = |t: f64| self.shape.at(t + phase_ui);
        match self.detector {
            Detector::MuellerMuller => h(1.0) - h(-1.0),
            Detector::Gardner => self
                .cursors()
                .map(|j| h(j - 0.5) * (h(j - 1.0) - h(j)))
                .sum(),
            _ => {
                let e = self.outputs(phase_ui);
                e.iter().sum::<f64>() / e.len() as f64
            }
        }
    }

    /// Variance of the mean over a block, times its symbols.
    #[must_use]
    pub fn noise_per_symbol(&self, phase_ui: f64) -> f64 {
        let e = self.outputs(phase_ui);
        let mean = e.iter().sum::<f64>() / e.len() as f64;
        let blocks = e.chunks_exact(64);
        let n = blocks.len() as f64;
        blocks
            .map(|b| (b.iter().sum::<f64>() - 64.0 * mean).powi(2) / 64.0)
            .sum::<f64>()
            / n
    }

    /// The stable zero nearest to the cursor, gain and noise there.
    ///
    /// # Errors
    /// [`Error::NoData`] where the mean output has no falling zero within half a UI (Gardner) or 3/4 UI.
    pub fn gain(&self) -> Result<DetectorGain> {
        const STEP: f64 = 1.0 / 32.0;
        let falls = |low: f64, high: f64| self.mean(low) > 0.0 && self.mean(high) <= 0.0;
        // Gardner repeats every UI: half a UI to each side holds one stable zero.
        let reach = if self.detector == Detector::Gardner {
            16
        } else {
            24
        };
        let found = (0..reach)
            .flat_map(|i| [f64::from(i), f64::from(-1 - i)])
            .map(|i| (i * STEP, (i + 1.0) * STEP))
            .find(|(low, high)| falls(*low, *high));
        let Some((mut low, mut high)) = found else {
            return Err(Error::NoData {
                cell: "detector gain".into(),
                reason: format!(
                    "the mean output of {:?} has no falling zero near the cursor of this pulse",
                    self.detector
                ),
            });
        };
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if self.mean(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let lock_phase_ui = 0.5 * (low + high);
        // Over 1/16 UI for the counted ones, whose means move in steps; over 1/256 for the others.
        let half = if self.detector.is_signed() {
            1.0 / 32.0
        } else {
            1.0 / 512.0
        };
        let fall = self.mean(lock_phase_ui - half) - self.mean(lock_phase_ui + half);
        Ok(DetectorGain {
            lock_phase_ui,
            gain_per_ui: fall / (2.0 * half),
            noise_per_symbol: self.noise_per_symbol(lock_phase_ui),
        })
    }

    fn cursors(&self) -> impl Iterator<Item = f64> + use<> {
        let (first, last) = self.shape.span_ui();
        (first.floor() as i64 - 2..=last.ceil() as i64 + 2).map(|j| j as f64)
    }

    /// Detector outputs over the fixed symbols at a phase.
    pub(super) fn outputs(&self, phase_ui: f64) -> Vec<f64> {
        let mut symbols = vec![0; SYMBOLS];
        Philox::new(SEED, 0).fill_symbols(0, &mut symbols);
        let mut noise = vec![0.0; 2 * SYMBOLS];
        if self.noise_sigma > 0.0 {
            Gauss::new(SEED, 1).fill(0, &mut noise);
        }
        let taps = |shift: f64| -> Vec<(isize, f64)> {
            self.cursors()
                .map(|j| (j as isize, self.shape.at(j + phase_ui + shift)))
                .filter(|(_, h)| *h != 0.0)
                .collect()
        };
        let through = |taps: &[(isize, f64)], k: usize| -> f64 {
            taps.iter()
                .map(|(j, h)| {
                    let from = (k as isize - j).rem_euclid(SYMBOLS as isize);
                    h * self.levels[usize::from(symbols[from as usize])]
                })
                .sum()
        };
        let (main, half) = (taps(0.0), taps(-0.5));
        let edges = self.detector.needs_edges();
        let record: Vec<Symbol> = (0..SYMBOLS)
            .map(|k| Symbol {
                sample: through(&main, k) + self.noise_sigma * f64::from(noise[2 * k]),
                edge: if edges {
                    through(&half, k) + self.noise_sigma * f64::from(noise[2 * k + 1])
                } else {
                    0.0
                },
                decided: symbols[k],
            })
            .collect();
        record
            .windows(2)
            .map(|pair| {
                reference::output(self.detector, &self.levels, pair[0], pair[1]) / self.unit
            })
            .collect()
    }
}

/// Lock phase, gain and self-noise of the detector of `config` on a pulse, with white noise of
/// `noise_sigma` at the samples: see [`Curve`].
///
/// # Example
/// ```
/// use pamlink::cdr::{CdrConfig, detector};
/// use pamlink::signal::Pulse;
///
/// // A raised-cosine bump of +-2 UI, 16 samples per UI, cursor in its middle: h'(1) = -pi/4.
/// let h = (0..=64).map(|i| 0.5 - 0.5 * (f64::from(i) * std::f64::consts::PI / 32.0).cos());
/// let pulse = Pulse::new(h.collect(), 16, 32)?;
/// let gain = detector::gain(&CdrConfig::default(), &pulse, 0.0)?;
/// assert!(gain.lock_phase_ui.abs() < 1e-9);
/// assert!((gain.gain_per_ui - std::f64::consts::FRAC_PI_2).abs() < 1e-3);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn gain(config: &CdrConfig, pulse: &Pulse, noise_sigma: f64) -> Result<DetectorGain> {
    Curve::new(config, pulse, noise_sigma)?.gain()
}
