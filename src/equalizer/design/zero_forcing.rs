//! Equalizers that force cursors to zero without regard to the noise.

use nalgebra::{DMatrix, DVector};

use super::bounded::{Limits, Quadratic, bounded};
use super::problem::Problem;
use super::{Design, MmseConfig};
use crate::error::{Error, Result, in_range};
use crate::signal::Pulse;

/// Which cursors a zero-forcing equalizer takes away. `N` taps, `p` of them precursors, `D` feedback
/// taps, whose cursors `1..=D` are left to the feedback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forcing {
    /// As many as the taps allow, `N` equations for `N` taps: `q[0] = 1`, and `q[m] = 0` for the `p`
    /// cursors before the main one and the `N - 1 - p` that follow the feedback's. Where the taps
    /// that solve them break a limit, the sum of squares of the same cursors (of the feedback's: what
    /// the feedback leaves) is minimised within the limits.
    #[default]
    Cursors,
    /// Fewer: `before` cursors and the `after` that follow the feedback's are zero, exactly; what
    /// freedom is left goes into the least noise at the slicer, `w' R w` (the least norm if there is
    /// no noise). Limits hold, or there is no solution; the feedback takes what its bounds allow.
    LeastNoise {
        /// Cursors forced before the main one, 0..=1024.
        before: usize,
        /// Cursors forced after those of the feedback, 0..=1024; with `before` fewer than the taps.
        after: usize,
    },
    /// All cursors of the pulse in the sense of least squares: the error of [`super::mmse`] without
    /// its noise term.
    LeastSquares,
}

/// Designs a zero-forcing equalizer: the interference decides the taps, the noise is reported.
///
/// With the equalized pulse `q[m] = sum_k w[k] h[cursor + m + p - k]` and `q[0] = 1`, the cursors of
/// `forcing` are made zero or small; feedback tap `j` takes `q[j + 1]` away, within its bounds. While
/// the eye of the raw pulse is open and there is no feedback, [`Forcing::Cursors`] is the filter of least peak
/// distortion `sum_{m != 0} |q[m]|` (Lucky). With feedback taps the taps are spent on the cursors behind them
/// and may be large: look at [`Design::peak_distortion`]. [`Design::noise_enhancement`] says what it costs, [`Design::snr`]
/// counts residual interference and noise as [`super::mmse`] does, which it can never exceed.
///
/// # Inputs
/// As [`super::mmse`]: symbol-spaced pulse, noise autocorrelation at `ffe_taps` lags or more, which
/// may be zero.
///
/// # Numeric contract
/// [`Forcing::Cursors`] without active limits solves the equations by QR: forced cursors vanish to
/// rounding. The other forms go through normal equations and lose half of the digits that the
/// pulse's condition takes.
///
/// # Errors
/// Those of [`super::mmse`]; [`Error::OutOfRange`] for as many forced cursors as taps, or more;
/// [`Error::Singular`] where the taps are not determined (cursors that the pulse cannot reach) or no
/// taps meet the limits.
///
/// # Source
/// R. W. Lucky, "Automatic equalization for digital communication", Bell System Technical Journal 44
/// (1965).
///
/// # Example
/// ```
/// use pamlink::equalizer::design::{Forcing, MmseConfig, zero_forcing};
/// use pamlink::signal::Pulse;
///
/// // 1 + z^-1 / 2: the inverse is 1, -1/2, 1/4, …; white noise grows by 1 / (1 - 1/4).
/// let pulse = Pulse::new(vec![1.0, 0.5], 1, 0)?;
/// let config = MmseConfig { ffe_taps: 12, ..MmseConfig::default() };
/// let mut noise = vec![0.0; 12];
/// noise[0] = 1e-3;
/// let design = zero_forcing(&pulse, &noise, &config, Forcing::Cursors)?;
/// assert!((design.ffe[2] - 0.25).abs() < 1e-12);
/// assert!((design.noise_enhancement - 4.0 / 3.0).abs() < 1e-6);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn zero_forcing(
    pulse: &Pulse,
    noise_autocorrelation: &[f64],
    config: &MmseConfig,
    forcing: Forcing,
) -> Result<Design> {
    config.check()?;
    let (n, p, d) = (config.ffe_taps, config.precursors, config.dfe.len());
    let spacing = pulse.samples_per_ui as f64;
    in_range("pulse samples_per_ui", spacing, 1.0, 1.0)?;
    let problem = Problem::new(pulse, noise_autocorrelation, config.symbol_variance, n)?;
    let delays: Vec<isize> = (0..n as isize).map(|k| k - p as isize).collect();
    let fed_back: Vec<usize> = (1..=d).collect();
    let scale = problem.units.scale;
    let limits = Limits::new(config);
    let mut form = problem.quadratic(&delays, &fed_back);
    let columns = |before: usize, after: usize| -> Vec<DVector<f64>> {
        let (before, d) = (before as isize, d as isize);
        let late = d + 1..=d + after as isize;
        (-before..0)
            .chain(late)
            .map(|m| problem.column(m, &delays))
            .collect()
    };
    let clamped = |taps: &DVector<f64>, form: &Quadratic| -> Vec<f64> {
        let wanted = form.feedback.tr_mul(taps);
        let bounds = config.dfe.iter();
        bounds
            .zip(wanted.iter())
            .map(|(r, b)| b.clamp(r.0, r.1))
            .collect()
    };
    let (taps, feedback) = match forcing {
        Forcing::Cursors => {
            let mut rows = columns(p, n - 1 - p);
            rows.push(form.main.clone());
            let taps = solved(&rows)?;
            let feedback = clamped(&taps, &form);
            let wanted = form.feedback.tr_mul(&taps);
            if limits.met(&taps, scale) && feedback == wanted.as_slice() {
                (taps, feedback)
            } else {
                rows.extend((0..d).map(|j| form.feedback.column(j).into_owned()));
                let rows = DMatrix::from_columns(&rows);
                form.gram = &rows * rows.transpose();
                bounded(&form, &limits, &[], scale)?
            }
        }
        Forcing::LeastNoise { before, after } => {
            // Each alone first: their sum may be more than a word holds.
            in_range("forcing before", before as f64, 0.0, MOST_FORCED)?;
            in_range("forcing after", after as f64, 0.0, MOST_FORCED)?;
            let forced = (before + after) as f64;
            in_range("forced cursors", forced, 0.0, (n - 1) as f64)?;
            let power = problem.units.noise;
            let alone = Quadratic {
                gram: if power == 0.0 {
                    DMatrix::identity(n, n)
                } else {
                    problem.noise_gram(&delays) / power
                },
                main: form.main.clone(),
                feedback: DMatrix::zeros(n, 0),
            };
            let limits = Limits {
                feedback: Vec::new(),
                ..limits
            };
            let taps = bounded(&alone, &limits, &columns(before, after), scale)?.0;
            let feedback = clamped(&taps, &form);
            (taps, feedback)
        }
        Forcing::LeastSquares => {
            form.gram = problem.signal_gram(&delays);
            bounded(&form, &limits, &[], scale)?
        }
    };
    Ok(problem.design(&delays, taps.as_slice(), &fed_back, feedback))
}

/// Most cursors forced on either side: the most taps there are.
const MOST_FORCED: f64 = 1024.0;

/// The taps for which every row but the last gives zero and the last one.
fn solved(rows: &[DVector<f64>]) -> Result<DVector<f64>> {
    let n = rows.len();
    let qr = DMatrix::from_columns(rows).transpose().col_piv_qr();
    let triangle = qr.r();
    let pivots = (0..n).map(|i| triangle[(i, i)].abs());
    let (low, high) = pivots.fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
    let singular = Error::Singular {
        name: "zero-forcing equations".into(),
        rcond: low / high,
    };
    if low.is_nan() || low <= 1e-12 * high {
        return Err(singular);
    }
    let mut wanted = DVector::zeros(n);
    wanted[n - 1] = 1.0;
    qr.solve(&wanted).ok_or(singular)
}
