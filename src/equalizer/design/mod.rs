//! Equalizer taps from a pulse response and a noise autocorrelation.

mod bounded;
mod factor;
mod floating;
mod fractional;
mod problem;
mod quadratic;
pub mod reference;
mod solver;
#[cfg(test)]
mod tests;
mod zero_forcing;

pub use floating::{FloatingConfig, FloatingDesign, FloatingTaps, TapGroup, floating};
pub use fractional::mmse_fractional;
pub(crate) use problem::autocorrelation;
pub use solver::MmseSolver;
pub use zero_forcing::{Forcing, zero_forcing};

use crate::error::{Error, Result, in_range, positive};
use crate::pam4;
use crate::signal::Pulse;

/// What an equalizer may be: counts, bounds, and the variance of the symbols it equalizes.
#[derive(Debug, Clone, PartialEq)]
pub struct MmseConfig {
    /// Number of feed-forward taps, at least one.
    pub ffe_taps: usize,
    /// Taps before the main one, below `ffe_taps`; the main tap has this index.
    pub precursors: usize,
    /// Bounds `(min, max)` of each feedback tap relative to a main cursor of one; infinite where
    /// there is none. Its length is the number of feedback taps.
    pub dfe: Vec<(f64, f64)>,
    /// Bounds `(min, max)` of the feed-forward taps relative to the main tap, which is then
    /// positive: empty for none, one entry for all taps, or one per tap (the entry of the main tap
    /// is ignored). Infinite where there is none.
    pub ffe_limits: Vec<(f64, f64)>,
    /// Bounds `(min, max)` of the feed-forward taps themselves, the main one included, in the
    /// reciprocal of the pulse's unit; empty, one entry or one per tap, as `ffe_limits`.
    pub ffe_absolute: Vec<(f64, f64)>,
    /// Most that the magnitudes of all side taps may add up to, relative to the main tap, which is
    /// then positive: the head-room of a word that holds the sum. Infinite for none. Where it is
    /// active the design goes by cutting planes, one quadratic program per sign pattern on the
    /// way, and takes far longer than any other limit: seconds at 200 taps.
    pub ffe_side_sum: f64,
    /// Variance of the symbols, in the square of the unit that the pulse answers to. Default:
    /// [`pam4::UNIT_LEVELS`], 5/9.
    pub symbol_variance: f64,
}

impl Default for MmseConfig {
    fn default() -> Self {
        Self {
            ffe_taps: 1,
            precursors: 0,
            dfe: Vec::new(),
            ffe_limits: Vec::new(),
            ffe_absolute: Vec::new(),
            ffe_side_sum: f64::INFINITY,
            symbol_variance: pam4::variance(pam4::UNIT_LEVELS),
        }
    }
}

impl MmseConfig {
    /// Counts, bounds and variance; every design begins with it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.ffe_taps == 0 {
            return Err(Error::Empty {
                name: "ffe_taps".into(),
            });
        }
        in_range("ffe_taps", self.ffe_taps as f64, 1.0, 1024.0)?;
        in_range("dfe taps", self.dfe.len() as f64, 0.0, 64.0)?;
        let last = (self.ffe_taps - 1) as f64;
        in_range("precursors", self.precursors as f64, 0.0, last)?;
        positive("symbol_variance", self.symbol_variance)?;
        let per_tap = [
            ("ffe_limits", &self.ffe_limits),
            ("ffe_absolute", &self.ffe_absolute),
        ];
        for (name, list) in per_tap {
            if list.len() > 1 {
                crate::error::length(name, self.ffe_taps, list.len())?;
            }
        }
        if self.ffe_side_sum != f64::INFINITY {
            in_range("ffe_side_sum", self.ffe_side_sum, 0.0, f64::MAX)?;
        }
        for (name, list) in per_tap.into_iter().chain([("dfe", &self.dfe)]) {
            for (i, &(min, max)) in list.iter().enumerate() {
                if min.is_nan() || max.is_nan() {
                    return Err(Error::NotFinite {
                        name: format!("{name}[{i}]").into(),
                        value: f64::NAN,
                    });
                }
                if min > max || min == f64::INFINITY || max == f64::NEG_INFINITY {
                    return Err(Error::OutOfRange {
                        name: format!("{name}[{i}].min").into(),
                        value: min,
                        min: f64::NEG_INFINITY,
                        max,
                    });
                }
            }
        }
        Ok(())
    }
}

/// A designed equalizer and what it leaves over.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct Design {
    /// Feed-forward taps `w`: `y[n] = sum_k w[k] x[n+p-k]`; index 0 weighs the newest sample.
    pub ffe: Vec<f64>,
    /// Feedback taps: `dfe[j]` weighs the decision `j + 1` symbols ago.
    pub dfe: Vec<f64>,
    /// `symbol_variance / (isi_variance + noise_variance)`, linear.
    pub snr: f64,
    /// [`Design::snr`] in dB.
    pub snr_db: f64,
    /// Variance of the intersymbol interference left at the slicer.
    pub isi_variance: f64,
    /// Variance of the noise at the slicer.
    pub noise_variance: f64,
    /// `sum |q[m]|` over the cursors left, feedback taken away: the most that interference can move
    /// a symbol of level one. Below `1 / 3` the PAM4 eye of the noise-free signal is open.
    pub peak_distortion: f64,
    /// Variance of the noise at the slicer over what a single tap on the main sample would leave,
    /// both at a cursor of one: `noise_variance h[cursor]^2 / r[0]`. Of white noise if there is none.
    pub noise_enhancement: f64,
    /// The main cursor at the slicer: one, to rounding.
    pub cursor: f64,
}

/// Designs the unbiased equalizer of least mean square error within bounds.
///
/// Minimises, over the feed-forward taps `w` and the feedback taps `b`,
/// `E = w' R w + s^2 * sum_{m != 0} (q[m] - b[m-1])^2` (`b` zero outside its indices) subject to
/// `q[0] = 1`, to the bounds of `b`, to `min_i w_main <= w[i] <= max_i w_main`, to the absolute
/// bounds of `w` and to `sum_{i != main} |w[i]| <= side_sum w_main`, where
/// `q[m] = sum_k w[k] h[cursor + m + p - k]` is the equalized pulse, `R` the Toeplitz matrix of the
/// noise autocorrelation and `s^2` the variance of the symbols.
///
/// # Inputs
/// `pulse` one sample per symbol; `noise_autocorrelation` at lags of 0, 1, … symbols, at least
/// `ffe_taps` of them, in the square of the pulse's unit (see
/// [`crate::signal::NoisePsd::autocorrelation`]).
///
/// # Numeric contract
/// Convex with one solution. Free of active bounds it is one Cholesky solve; active bounds go
/// through an active-set method that is exact up to rounding, not iterative. Scaling
/// the pulse and the noise together changes only the scale of `w`.
///
/// # Cost
/// About `L N + N^3 / 3 + N^2 D` operations for `L` pulse samples, `N` and `D` taps. For a search
/// over many pulses keep a [`MmseSolver`].
///
/// # Errors
/// [`Error::Empty`], [`Error::OutOfRange`], [`Error::NotPositive`], [`Error::NotFinite`] for the
/// configuration; [`Error::OutOfRange`] for a pulse with more than one sample per symbol, for a
/// lag that correlates more than the noise with itself (`|r[k]| > r[0]`: no autocorrelation) and for
/// a noise below 1e-300 or above 1e300 times the power of the largest pulse sample (its square times
/// the variance), zero excepted;
/// [`Error::Length`] for too few lags, [`Error::Singular`] where the taps are not determined (no
/// noise and more taps than the pulse needs) or no taps meet the limits.
///
/// # Source
/// J. Cioffi, G. Dudevoir, M. Eyuboglu, G. D. Forney, "MMSE decision-feedback equalizers and
/// coding", IEEE Trans. Commun. 43 (1995): the unbiased error ratio is the biased one minus one.
///
/// # Example
/// ```
/// use pamlink::equalizer::design::{MmseConfig, mmse};
/// use pamlink::signal::Pulse;
///
/// let pulse = Pulse::new(vec![0.1, 1.0, 0.4], 1, 1)?;
/// let config = MmseConfig {
///     ffe_taps: 3,
///     precursors: 1,
///     dfe: vec![(-0.5, 0.5)],
///     ..MmseConfig::default()
/// };
/// let design = mmse(&pulse, &[1e-3, 0.0, 0.0], &config)?;
/// assert!(design.snr_db > 24.0 && (design.cursor - 1.0).abs() < 1e-12);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn mmse(pulse: &Pulse, noise_autocorrelation: &[f64], config: &MmseConfig) -> Result<Design> {
    MmseSolver::new(config)?.design(pulse, noise_autocorrelation)
}
