//! Partial-response targets for sequence detection: feed-forward taps and target response designed
//! together, and what the detector gains by them.
//!
//! A sequence detector behind an equalizer `y[n] = sum_k w[k] x[n+p-k]` expects
//! `y[n] = sum_k g[k] a[n-k] + e[n]` with a short monic target `g` (`g[0] = 1`), and decides for the
//! symbols whose expected sequence lies nearest to `y`. Taps and target together minimise
//! `E|e|^2 = E|sum_k w[k] x[n+p-k] - sum_k g[k] a[n-k]|^2`, which is the problem of an equalizer with
//! decision feedback ([`crate::equalizer::design::mmse`]): the feedback taps *are* the target. For
//! many taps `w` becomes the noise-whitening filter; with the few coefficients of a target it whitens
//! as far as they can.
//!
//! # What the detector gains
//! An error event replaces the symbols `a` by `a + step * epsilon`, `epsilon` a short sequence of
//! whole numbers that begins with `±1`, `±2`, …; `step` is the distance of the levels. It moves the expected
//! sequence by `s = step * (g * epsilon)`. The detector prefers the wrong sequence when the residual
//! `e`, taken as Gaussian with autocorrelation `rho`, satisfies `sum e s > |s|^2 / 2`, so the
//! event has the probability
//!
//! `Q(d / 2)`, `d = |s|^2 / sqrt(s' P s)`, `P[i][k] = rho[|i - k|]`
//!
//! among the symbols that allow it, a share of `prod_i (4 - |epsilon_i|) / 4`. For white residual
//! `d = |s| / sigma`. The sum over the events ([`TargetDesign::predicted_ser`]) is the union bound.
//! A slicer is the same with the one event of length one: `d = step / sigma`.
//!
//! # How far to trust it
//! Three things make the prediction differ from a run: residual interference is not Gaussian (bounded,
//! so fewer errors than predicted far out), the union bound counts overlapping events twice (more
//! than happen, visible above a symbol error ratio of 1e-2), and the noise outside the model (jitter,
//! nonlinearity, quantization) is not in `rho`. A formula that keeps only the alternating events and white
//! noise, as COM's estimate of the gain of sequence detection does
//! (`DER = 2 sum_j j (3/4)^j Q(sqrt(1 + (j-1)(1-alpha)^2 + alpha^2) step / (2 sigma))`), is known to be optimistic
//! against simulation of the symbols: the residual of a real target is coloured so
//! that it helps the very events that are nearest. `rho` is kept here for that reason.

mod events;
#[cfg(test)]
mod tests;

pub use events::ErrorEvent;
pub(crate) use events::{LONGEST, each_event};

use crate::equalizer::design::{Design, MmseConfig, MmseSolver, autocorrelation};
use crate::error::{Error, Result, in_range, length};
use crate::signal::Pulse;
use crate::units::{power_to_db, q_inverse};
use events::Distances;

/// Lags of the residual beyond zero that the longest error event needs.
const LAGS: usize = LONGEST + 2;

/// How the target is chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum TargetChoice {
    /// Least residual: the target that whitens noise and interference.
    #[default]
    Whitening,
    /// The coefficients `g[1..]` as given, each within -16..=16.
    Fixed(Vec<f64>),
    /// The coefficients within their bounds for which the fewest symbol errors are predicted.
    FewestErrors,
}

/// Equalizer and target to design.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetConfig {
    /// The feed-forward taps, their limits and the variance of the symbols; `dfe` holds the bounds of
    /// the target's coefficients `g[1]` and, if there are two, `g[2]`, each within -16..=16.
    pub equalizer: MmseConfig,
    /// How the target is chosen.
    pub choice: TargetChoice,
}

impl Default for TargetConfig {
    /// A target `1 + alpha D`, `alpha` in 0..=1, by whitening, behind a single tap.
    fn default() -> Self {
        Self {
            equalizer: MmseConfig {
                dfe: vec![(0.0, 1.0)],
                ..MmseConfig::default()
            },
            choice: TargetChoice::Whitening,
        }
    }
}

/// Feed-forward taps, target, and what sequence detection is expected to gain.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct TargetDesign {
    /// Feed-forward taps `w`: `y[n] = sum_k w[k] x[n+p-k]`.
    pub ffe: Vec<f64>,
    /// The target `g`, `g[0] = 1`: what the detector is told.
    pub response: Vec<f64>,
    /// Autocorrelation of the residual `e`, noise and interference, at lags of 0, 1, … symbols.
    pub residual: Vec<f64>,
    /// Standard deviation of the residual: `sqrt(residual[0])`.
    pub sigma: f64,
    /// Signal-to-noise ratio, in dB, of a slicer behind feed-forward taps designed for it alone.
    pub slicer_snr_db: f64,
    /// Signal-to-noise ratio, in dB, of decision feedback with as many taps as the target has and the
    /// same bounds, its decisions right.
    pub dfe_snr_db: f64,
    /// The error event at the smallest distance.
    pub nearest: ErrorEvent,
    /// `20 log10` of the distance of the nearest event over that of the slicer: the gain at
    /// vanishing error ratio.
    pub distance_gain_db: f64,
    /// Symbol error ratio by the union bound over the error events, at most 3/4.
    pub predicted_ser: f64,
    /// Bit error ratio, Gray mapped, by the same bound, at most 1/2.
    pub predicted_ber: f64,
    /// By how much the slicer's signal-to-noise ratio would have to rise to reach
    /// [`TargetDesign::predicted_ser`].
    pub predicted_gain_db: f64,
    /// The same for decision feedback whose decisions are right: what is left when error propagation
    /// is not counted against it.
    pub gain_over_dfe_db: f64,
}

impl TargetDesign {
    /// Lags of the noise autocorrelation that [`target`] needs beyond those of the feed-forward taps.
    pub const LAGS: usize = LAGS;
}

/// Designs feed-forward taps and partial-response target, see the [module](self).
///
/// Target and taps minimise `E|e|^2` subject to `g[0] = 1`, to a main cursor of one (so that the
/// residual does not depend on the symbol it is sampled with), and to all bounds. With
/// [`TargetChoice::FewestErrors`] the minimum is taken for every target of a grid within the bounds,
/// the best refined by a pattern search to 1e-4, and the target with the smallest predicted symbol
/// error ratio stays.
///
/// # Inputs
/// Pulse with one sample per symbol; noise autocorrelation at lags of 0, 1, … symbols, at least
/// `ffe_taps + 34` of them.
///
/// # Numeric contract
/// [`TargetChoice::Whitening`] and `Fixed` are exact up to rounding. Events are listed to 9 symbols
/// with differences up to one level, to 5 with differences of two, alternating ones to 32; the rest
/// of the bound is left out.
///
/// # Cost
/// One design of [`crate::equalizer::design::mmse`] and some thousand distances (a millisecond); for
/// `FewestErrors` some hundred times that.
///
/// # Errors
/// Those of [`crate::equalizer::design::mmse`]; [`Error::OutOfRange`] for a target of other than one
/// or two coefficients, and for bounds or fixed coefficients outside -16..=16, infinite ones included;
/// [`Error::Length`] for fixed coefficients of another number.
///
/// # Source
/// G. D. Forney, "Maximum-likelihood sequence estimation of digital sequences in the presence of
/// intersymbol interference", IEEE Trans. Inf. Theory 18 (1972), for the error events; J. Moon,
/// W. Zeng, "Equalization for maximum likelihood detectors", IEEE Trans. Magn. 31 (1995), for the monic
/// target and the distance in coloured noise.
///
/// # Example
/// ```
/// use pamlink::equalizer::design::MmseConfig;
/// use pamlink::mlse::design::{TargetConfig, target};
/// use pamlink::signal::Pulse;
///
/// let pulse = Pulse::new(vec![0.02, 0.2, 1.0, 0.8, 0.3, 0.1], 1, 2)?;
/// let mut noise = vec![0.0; 60];
/// noise[0] = 2e-3;
/// let config = TargetConfig {
///     equalizer: MmseConfig {
///         ffe_taps: 16,
///         precursors: 5,
///         dfe: vec![(0.0, 1.0)],
///         ..MmseConfig::default()
///     },
///     ..TargetConfig::default()
/// };
/// let design = target(&pulse, &noise, &config)?;
/// assert!(design.response[1] > 0.5 && design.predicted_gain_db > 1.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn target(
    pulse: &Pulse,
    noise_autocorrelation: &[f64],
    config: &TargetConfig,
) -> Result<TargetDesign> {
    let equalizer = &config.equalizer;
    let memory = equalizer.dfe.len();
    in_range("target coefficients", memory as f64, 1.0, 2.0)?;
    equalizer.check()?;
    for (i, &(min, max)) in equalizer.dfe.iter().enumerate() {
        for edge in [min, max] {
            coefficient(format!("bound of target coefficient {}", i + 1), edge)?;
        }
    }
    autocorrelation(noise_autocorrelation, equalizer.ffe_taps + LAGS)?;
    let problem = Target {
        pulse,
        noise: noise_autocorrelation,
        equalizer,
        step: (0.8 * equalizer.symbol_variance).sqrt(),
        slicer_snr: problem_snr(pulse, noise_autocorrelation, equalizer, Vec::new())?,
        dfe_snr: problem_snr(
            pulse,
            noise_autocorrelation,
            equalizer,
            equalizer.dfe.clone(),
        )?,
    };
    match &config.choice {
        TargetChoice::Whitening => problem.design(equalizer.dfe.clone()),
        TargetChoice::Fixed(coefficients) => {
            length("fixed target coefficients", memory, coefficients.len())?;
            problem.fixed(coefficients)
        }
        TargetChoice::FewestErrors => problem.fewest_errors(),
    }
}

/// Largest magnitude of a coefficient of the target, whose main one is one.
const LARGEST: f64 = 16.0;

/// Checks a coefficient of the target or a bound of one.
fn coefficient(name: String, value: f64) -> Result<()> {
    if value.is_infinite() {
        return Err(Error::OutOfRange {
            name: name.into(),
            value,
            min: -LARGEST,
            max: LARGEST,
        });
    }
    in_range(name, value, -LARGEST, LARGEST)?;
    Ok(())
}

fn problem_snr(
    pulse: &Pulse,
    noise: &[f64],
    equalizer: &MmseConfig,
    dfe: Vec<(f64, f64)>,
) -> Result<f64> {
    let config = MmseConfig {
        dfe,
        ..equalizer.clone()
    };
    MmseSolver::new(&config)?.snr(pulse, noise)
}

struct Target<'a> {
    pulse: &'a Pulse,
    noise: &'a [f64],
    equalizer: &'a MmseConfig,
    /// Distance of neighbouring levels; four of them have a variance of `5/4 step^2`.
    step: f64,
    slicer_snr: f64,
    dfe_snr: f64,
}

impl Target<'_> {
    fn fixed(&self, coefficients: &[f64]) -> Result<TargetDesign> {
        for (i, &c) in coefficients.iter().enumerate() {
            coefficient(format!("target coefficient {}", i + 1), c)?;
        }
        self.design(coefficients.iter().map(|&c| (c, c)).collect())
    }

    /// The design with the target's coefficients within `bounds`.
    fn design(&self, bounds: Vec<(f64, f64)>) -> Result<TargetDesign> {
        let config = MmseConfig {
            dfe: bounds,
            ..self.equalizer.clone()
        };
        let design = MmseSolver::new(&config)?.design(self.pulse, self.noise)?;
        let mut response = vec![1.0];
        response.extend(&design.dfe);
        let residual = self.residual(&design, &response);
        let distances = Distances::new(&response, &residual, self.step);
        let errors = distances.union();
        let ser = errors.symbol_error_ratio.min(0.75);
        // A distance of zero or below would be no signal at all.
        let reached = q_inverse(ser.max(1e-300) / 1.5).max(f64::MIN_POSITIVE);
        let gain = |snr: f64| power_to_db(5.0 * reached * reached / snr);
        let slicer_distance = 2.0 * (self.slicer_snr / 5.0).sqrt();
        Ok(TargetDesign {
            sigma: residual[0].max(0.0).sqrt(),
            slicer_snr_db: power_to_db(self.slicer_snr),
            dfe_snr_db: power_to_db(self.dfe_snr),
            distance_gain_db: power_to_db((errors.nearest.distance / slicer_distance).powi(2)),
            nearest: errors.nearest,
            predicted_ser: ser,
            predicted_ber: errors.bit_error_ratio.min(0.5),
            predicted_gain_db: gain(self.slicer_snr),
            gain_over_dfe_db: gain(self.dfe_snr),
            ffe: design.ffe,
            response,
            residual,
        })
    }

    /// `rho[l] = s^2 sum_m r[m] r[m+l] + sum_ik w_i w_k R[|l + i - k|]`, `r = q - g`.
    fn residual(&self, design: &Design, response: &[f64]) -> Vec<f64> {
        let (w, h) = (&design.ffe, &self.pulse.samples);
        let mut left = vec![0.0; (h.len() + w.len() - 1).max(response.len())];
        for (k, w) in w.iter().enumerate() {
            for (q, h) in left[k..].iter_mut().zip(h) {
                *q += w * h;
            }
        }
        let main = self.pulse.cursor + self.equalizer.precursors;
        left.resize(left.len().max(main + response.len()), 0.0);
        for (q, g) in left[main..].iter_mut().zip(response) {
            *q -= g;
        }
        let correlation = |list: &[f64], lag: usize| -> f64 {
            let late = list.get(lag..).unwrap_or(&[]);
            list.iter().zip(late).map(|(a, b)| a * b).sum()
        };
        let taps: Vec<f64> = (0..w.len()).map(|lag| correlation(w, lag)).collect();
        (0..=LAGS)
            .map(|lag| {
                let interference = self.equalizer.symbol_variance * correlation(&left, lag);
                let noise: f64 = (0..taps.len())
                    .map(|d| {
                        let at = |lag: usize| self.noise[lag];
                        let both = if d == 0 {
                            at(lag)
                        } else {
                            at(lag + d) + at(lag.abs_diff(d))
                        };
                        taps[d] * both
                    })
                    .sum();
                interference + noise
            })
            .collect()
    }

    /// Grid over the bounds, then steps that halve.
    fn fewest_errors(&self) -> Result<TargetDesign> {
        let bounds = &self.equalizer.dfe;
        let points = if bounds.len() == 1 { GRID_1 } else { GRID_2 };
        let whole = self.design(bounds.clone())?;
        let mut best = (whole.response[1..].to_vec(), whole);
        let mut attempt = |coefficients: Vec<f64>| -> bool {
            let Ok(design) = self.fixed(&coefficients) else {
                return false; // feed-forward limits that this target cannot meet
            };
            let better = design.predicted_ser < best.1.predicted_ser;
            if better {
                best = (coefficients, design);
            }
            better
        };
        let grid = |i: usize, at: usize| {
            let (min, max) = bounds[i];
            min + (max - min) * at as f64 / (points - 1) as f64
        };
        for first in 0..points {
            if bounds.len() == 1 {
                attempt(vec![grid(0, first)]);
            } else {
                for second in 0..points {
                    attempt(vec![grid(0, first), grid(1, second)]);
                }
            }
        }
        Ok(self.refined(best, 1.0 / (points - 1) as f64))
    }

    /// Steps along each coefficient, halved where none helps, down to [`STEP`] of the bounds' width.
    fn refined(&self, mut best: (Vec<f64>, TargetDesign), mut share: f64) -> TargetDesign {
        let bounds = &self.equalizer.dfe;
        while share > STEP {
            let mut moved = false;
            for (i, &(min, max)) in bounds.iter().enumerate() {
                for sign in [-1.0, 1.0] {
                    let mut next = best.0.clone();
                    next[i] = (next[i] + sign * share * (max - min)).clamp(min, max);
                    if let Ok(design) = self.fixed(&next)
                        && design.predicted_ser < best.1.predicted_ser
                    {
                        best = (next, design);
                        moved = true;
                    }
                }
            }
            if !moved {
                share *= 0.5;
            }
        }
        best.1
    }
}

/// Points of the grid over one coefficient, and over each of two.
const GRID_1: usize = 33;
const GRID_2: usize = 11;
/// Smallest step of the refinement, of the width of the bounds.
const STEP: f64 = 1e-4;
