//! Cholesky factors that notice a singular system, and sums of products.

use nalgebra::{Cholesky, DMatrix, Dyn};

use crate::error::{Error, Result};

/// Square of the smallest over the largest pivot below which a system counts as singular.
const SINGULAR: f64 = 1e-14;

/// Factor of a symmetric matrix of which the lower triangle counts.
pub(super) fn factor(matrix: DMatrix<f64>, name: &'static str) -> Result<Cholesky<f64, Dyn>> {
    let singular = |rcond: f64| Error::Singular {
        name: name.into(),
        rcond,
    };
    let n = matrix.nrows();
    let factor = Cholesky::new(matrix).ok_or_else(|| singular(0.0))?;
    let pivots = factor.l_dirty();
    let (mut low, mut high) = (f64::INFINITY, 0.0f64);
    for i in 0..n {
        low = low.min(pivots[(i, i)]);
        high = high.max(pivots[(i, i)]);
    }
    let rcond = (low / high).powi(2);
    if rcond > SINGULAR {
        Ok(factor)
    } else {
        Err(singular(rcond))
    }
}

/// Sum of products over the shorter length, in four partial sums that the compiler can overlap.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sums = [0.0; 4];
    let (fours_a, fours_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let tail: f64 = fours_a
        .remainder()
        .iter()
        .zip(fours_b.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in fours_a.zip(fours_b) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + tail
}
