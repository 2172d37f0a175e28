//! Equalizers that see more than one sample per symbol.

use super::bounded::{Limits, bounded};
use super::problem::Problem;
use super::{Design, MmseConfig};
use crate::error::Result;
use crate::signal::Pulse;

/// Designs the unbiased equalizer of least mean square error at `M` samples per symbol (two: T/2
/// spacing), within the bounds of [`super::mmse`].
///
/// `y[n] = sum_k w[k] x[M n + p - k]`, `p` precursors: the equalized pulse, one sample per symbol, is
/// `q[m] = sum_k w[k] h[cursor + M m + p - k]`. Minimised is the error of [`super::mmse`] with this
/// `q`; the feedback stays at symbol spacing. Where the noise is coloured at the sample rate, a
/// fractionally spaced filter is matched filter and equalizer in one, and hardly depends on the
/// phase of the samples.
///
/// # Inputs
/// `pulse` with `M = samples_per_ui` samples per symbol; `noise_autocorrelation` at lags of one
/// *sample*, `T / M`, at least `ffe_taps` of them; in `config` the taps, precursors and limits count
/// samples.
///
/// # Numeric contract
/// Convex with one solution as long as there is noise in all of the sampled band; exact up to
/// rounding, as [`super::mmse`]. With one sample per symbol the two are the same design.
///
/// # Cost
/// About `N^2 (L / M + N / 3)` operations for `N` taps and `L` pulse samples.
///
/// # Errors
/// Those of [`super::mmse`], but for the samples per symbol: [`crate::Error::OutOfRange`] outside
/// 1..=64.
///
/// # Source
/// R. D. Gitlin, S. B. Weinstein, "Fractionally-spaced equalization: an improved digital transversal
/// equalizer", Bell System Technical Journal 60 (1981).
///
/// # Example
/// ```
/// use pamlink::equalizer::design::{MmseConfig, mmse_fractional};
/// use pamlink::signal::Pulse;
///
/// let pulse = Pulse::new(vec![0.0, 0.3, 0.9, 1.0, 0.6, 0.3, 0.1, 0.0], 2, 3)?;
/// let config = MmseConfig { ffe_taps: 10, precursors: 5, ..MmseConfig::default() };
/// let mut noise = vec![0.0; 10];
/// noise[0] = 1e-3;
/// let design = mmse_fractional(&pulse, &noise, &config)?;
/// assert!(design.snr_db > 20.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn mmse_fractional(
    pulse: &Pulse,
    noise_autocorrelation: &[f64],
    config: &MmseConfig,
) -> Result<Design> {
    config.check()?;
    let n = config.ffe_taps;
    let problem = Problem::new(pulse, noise_autocorrelation, config.symbol_variance, n)?;
    let delays: Vec<isize> = (0..n as isize)
        .map(|k| k - config.precursors as isize)
        .collect();
    let fed_back: Vec<usize> = (1..=config.dfe.len()).collect();
    let form = problem.quadratic(&delays, &fed_back);
    let limits = Limits::new(config);
    let (taps, feedback) = bounded(&form, &limits, &[], problem.units.scale)?;
    Ok(problem.design(&delays, taps.as_slice(), &fed_back, feedback))
}
