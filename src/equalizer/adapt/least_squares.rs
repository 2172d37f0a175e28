//! The equalizer of least square error over a record of known symbols, in one go.

use nalgebra::{Cholesky, DMatrix, DVector};

use super::equalizer::Equalizer;
use crate::equalizer::dfe::MAX_TAPS;
use crate::equalizer::slicer::SlicerConfig;
use crate::error::{Error, Result, in_range, length};
use crate::pam4;

use super::config::MAX_FFE_TAPS;

/// What to solve for.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquaresConfig {
    /// Feed-forward taps, at least one.
    pub ffe_taps: usize,
    /// Taps before the main one.
    pub precursors: usize,
    /// Feedback taps, at most 16.
    pub dfe_taps: usize,
    /// Whether an offset is fitted as well.
    pub offset: bool,
    /// Levels that the symbols 0..=3 stand for.
    pub levels: [f32; 4],
    /// Ridge: the squares of the taps (not of the offset) are penalised by this share of the mean
    /// square of their regressors. Zero for plain least squares.
    pub ridge: f64,
}

impl Default for LeastSquaresConfig {
    fn default() -> Self {
        Self {
            ffe_taps: 1,
            precursors: 0,
            dfe_taps: 0,
            offset: true,
            levels: pam4::LEVELS,
            ridge: 0.0,
        }
    }
}

/// A fitted equalizer and what it leaves over.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct LeastSquares {
    /// The taps and offset; its gain is one.
    pub equalizer: Equalizer,
    /// Mean of `(level - y)^2` over the symbols that were used.
    pub mse: f64,
    /// Slicer SNR without the bias of the fit, in dB: `10 log10(var(levels) / mse - 1)`, the ratio
    /// that [`crate::equalizer::design::mmse`] states. The record that was fitted flatters it by about
    /// `10 log10(1 + taps / symbols)` against the best taps, and by more against what these taps
    /// reach on other symbols.
    pub snr_db: f64,
    /// Symbols that were used: those whose window lies in the record and holds only finite samples.
    pub symbols: usize,
}

/// Symbols between two additions to the normal equations.
const BATCH: usize = 256;

/// Fits FFE, DFE and offset to a record by least squares.
///
/// Minimises `sum_n (l[s[n]] - y[n])^2 + ridge * sum_i N_ii theta_i^2`, `theta` the taps `w` and `b`,
/// `N_ii` the sum over `n` of the square of what tap `i` multiplies, and `y[n] = sum_k w[k] x[n+p-k] - sum_j b[j] l[s[n-1-j]] + o`,
/// over the symbols whose whole window and feedback lie in the record. The symbols are the known
/// ones, in step with the samples (`symbols[n]` has its main cursor in `x[n]`).
///
/// # Numeric contract
/// Normal equations in `f64`, scaled to a unit diagonal and solved by Cholesky; the relative error of
/// the taps is about `1e-16` times the condition number of the correlation matrix, which is at most
/// the square of the spread of the received spectrum (tests hold it to an orthogonal factorisation).
///
/// # Cost
/// `(ffe + dfe + 1)^2 / 2` multiply-adds per symbol.
///
/// # Errors
/// [`Error::OutOfRange`] for counts, precursors, ridge and symbols above 3, [`Error::Length`] for slices
/// of different lengths or fewer usable symbols than unknowns (name "usable symbols"), [`Error::Singular`]
/// where the record does not determine the taps, [`Error::OutOfRange`] for a solution outside `f32`
/// (name `solution[i]`: FFE taps, then DFE taps, then the offset).
///
/// # Source
/// S. Haykin, "Adaptive Filter Theory", method of least squares; ridge: A. Hoerl, R. Kennard,
/// Technometrics 12 (1970).
///
/// ```
/// use pamlink::equalizer::adapt::{LeastSquaresConfig, least_squares};
///
/// let symbols = [3, 0, 2, 1, 1, 3, 0, 0, 2, 3, 1, 2];
/// let x: Vec<f32> = symbols.iter().map(|&s: &u8| 0.5 * (2.0 * f32::from(s) - 3.0) + 0.1).collect();
/// let fit = least_squares(&x, &symbols, &LeastSquaresConfig::default())?;
/// assert!((fit.equalizer.ffe[0] - 2.0).abs() < 1e-5);
/// assert!((fit.equalizer.offset + 0.2).abs() < 1e-5);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[allow(clippy::too_many_lines)] // checks, sums and result of one formula
pub fn least_squares(
    x: &[f32],
    symbols: &[u8],
    config: &LeastSquaresConfig,
) -> Result<LeastSquares> {
    let c = config;
    in_range("ffe_taps", c.ffe_taps as f64, 1.0, MAX_FFE_TAPS as f64)?;
    in_range(
        "precursors",
        c.precursors as f64,
        0.0,
        (c.ffe_taps - 1) as f64,
    )?;
    in_range("dfe_taps", c.dfe_taps as f64, 0.0, MAX_TAPS as f64)?;
    in_range("ridge", c.ridge, 0.0, f64::MAX)?;
    SlicerConfig {
        levels: c.levels,
        thresholds: None,
    }
    .checked_thresholds()?;
    length("symbols", x.len(), symbols.len())?;
    crate::pattern::check_at_most("symbols", symbols, 3)?;

    let taps = c.ffe_taps + c.dfe_taps;
    let unknowns = taps + usize::from(c.offset);
    let mut normal = DMatrix::<f64>::zeros(unknowns, unknowns);
    let mut rhs = DVector::<f64>::zeros(unknowns);
    let (mut energy, mut used) = (0.0, 0);
    let mut rows = DMatrix::<f64>::zeros(unknowns, BATCH);
    let mut targets = DVector::<f64>::zeros(BATCH);
    let mut filled = 0;
    // Symbol n needs samples n + p - (taps - 1) ..= n + p and symbols n - dfe_taps ..= n.
    let from = (c.ffe_taps - 1 - c.precursors).max(c.dfe_taps);
    let value = |n: usize| f64::from(c.levels[usize::from(symbols[n])]);
    let mut sound = 0;
    let mut seen = 0;
    for n in from..x.len().saturating_sub(c.precursors) {
        // Finite samples in a row up to the newest of this window.
        let newest = n + c.precursors;
        for sample in &x[seen..=newest] {
            sound = if sample.is_finite() { sound + 1 } else { 0 };
        }
        seen = newest + 1;
        if sound < c.ffe_taps {
            continue;
        }
        let mut row = rows.column_mut(filled);
        for k in 0..c.ffe_taps {
            row[k] = x[newest - k].into();
        }
        for j in 0..c.dfe_taps {
            row[c.ffe_taps + j] = -value(n - 1 - j);
        }
        if c.offset {
            row[taps] = 1.0;
        }
        targets[filled] = value(n);
        filled += 1;
        used += 1;
        energy += value(n) * value(n);
        if filled == BATCH {
            normal.gemm(1.0, &rows, &rows.transpose(), 1.0);
            rhs.gemv(1.0, &rows, &targets, 1.0);
            filled = 0;
        }
    }
    if filled > 0 {
        let part = rows.columns(0, filled);
        normal.gemm(1.0, &part, &part.transpose(), 1.0);
        rhs.gemv(1.0, &part, &targets.rows(0, filled), 1.0);
    }
    if used < unknowns {
        return Err(Error::Length {
            name: "usable symbols".into(),
            expected: unknowns,
            got: used,
        });
    }
    let theta = solve(&normal, &rhs, taps, c.ridge)?;
    let largest = f64::from(f32::MAX);
    for (i, &value) in theta.iter().enumerate() {
        in_range(format!("solution[{i}]"), value, -largest, largest)?;
    }
    // Residual of the record: |t|^2 - 2 theta' r + theta' N theta.
    let sum = energy - 2.0 * theta.dot(&rhs) + (&normal * &theta).dot(&theta);
    let mse = (sum / used as f64).max(0.0);
    let variance = pam4::variance(c.levels.map(f64::from));
    let single =
        |range: std::ops::Range<usize>| theta.as_slice()[range].iter().map(|&w| w as f32).collect();
    Ok(LeastSquares {
        equalizer: Equalizer {
            ffe: single(0..c.ffe_taps),
            precursors: c.precursors,
            dfe: single(c.ffe_taps..taps),
            gain: 1.0,
            offset: if c.offset { theta[taps] as f32 } else { 0.0 },
            levels: c.levels,
        },
        mse,
        snr_db: 10.0 * (variance / mse - 1.0).max(0.0).log10(),
        symbols: used,
    })
}

/// Solves the scaled normal equations with the ridge on the first `taps` unknowns.
fn solve(
    normal: &DMatrix<f64>,
    rhs: &DVector<f64>,
    taps: usize,
    ridge: f64,
) -> Result<DVector<f64>> {
    let n = rhs.len();
    let scale = DVector::from_fn(n, |i, _| {
        normal[(i, i)].max(f64::MIN_POSITIVE).sqrt().recip()
    });
    let scaled = DMatrix::from_fn(n, n, |i, j| {
        let penalty = if i == j && i < taps { ridge } else { 0.0 };
        normal[(i, j)] * scale[i] * scale[j] + penalty
    });
    let singular = |rcond: f64| Error::Singular {
        name: "normal equations of the record".into(),
        rcond,
    };
    let factor = Cholesky::new(scaled).ok_or_else(|| singular(0.0))?;
    // The squared ratio of the extreme pivots bounds the reciprocal condition from above.
    let pivots = factor.l_dirty().diagonal();
    let rcond = (pivots.min() / pivots.max()).powi(2);
    if rcond.is_nan() || rcond < 1e-13 {
        return Err(singular(rcond));
    }
    let solution = factor.solve(&rhs.component_mul(&scale));
    Ok(solution.component_mul(&scale))
}
