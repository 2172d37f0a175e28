//! The design without bounds from its definition: full convolution matrix, dense normal equations
//! of the *biased* problem, no Toeplitz structure, no elimination.

use nalgebra::{DMatrix, DVector};

/// Taps and signal-to-noise ratios of an unbounded design.
#[derive(Debug, Clone)]
pub struct Biased {
    /// Feed-forward taps of the biased minimum: the cursor is below one.
    pub ffe: Vec<f64>,
    /// Cursor after the equalizer.
    pub cursor: f64,
    /// `symbol_variance / E|y - a|^2`.
    pub snr: f64,
}

/// Rows `m = first..` of the convolution: `H[m][k] = h[cursor + m + precursors - k]`.
#[must_use]
pub fn convolution_matrix(
    h: &[f64],
    cursor: usize,
    taps: usize,
    precursors: usize,
) -> (DMatrix<f64>, isize) {
    let first = -((cursor + precursors) as isize);
    let rows = h.len() + taps - 1;
    let matrix = DMatrix::from_fn(rows, taps, |row, k| {
        row.checked_sub(k)
            .and_then(|i| h.get(i))
            .copied()
            .unwrap_or(0.0)
    });
    (matrix, first)
}

/// Minimises `E|sum_k w[k] x[n+p-k] - sum_j b[j] a[n-1-j] - a[n]|^2` over all `w` and `b`; `None`
/// if the normal equations are singular.
#[must_use]
pub fn biased(
    h: &[f64],
    cursor: usize,
    noise: &[f64],
    taps: usize,
    precursors: usize,
    dfe_taps: usize,
    symbol_variance: f64,
) -> Option<Biased> {
    let (matrix, first) = convolution_matrix(h, cursor, taps, precursors);
    let mut normal = DMatrix::from_fn(taps, taps, |i, k| noise[i.abs_diff(k)]);
    let mut rhs = DVector::zeros(taps);
    for row in 0..matrix.nrows() {
        let m = first + row as isize;
        if m >= 1 && m <= dfe_taps as isize {
            continue; // the feedback takes this one away, whatever it is
        }
        let v = matrix.row(row).transpose();
        normal += symbol_variance * &v * v.transpose();
        if m == 0 {
            rhs = symbol_variance * v;
        }
    }
    let w = normal.clone().lu().solve(&rhs)?;
    let error = symbol_variance - 2.0 * w.dot(&rhs) + (w.transpose() * normal * &w)[(0, 0)];
    Some(Biased {
        cursor: w.dot(&rhs) / symbol_variance,
        ffe: w.iter().copied().collect(),
        snr: symbol_variance / error,
    })
}
