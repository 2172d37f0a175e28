//! What the designs are judged by: the problem as a dense quadratic form, exhaustive search over active
//! bounds, optimality conditions.

use nalgebra::{DMatrix, DVector};

use super::super::reference::convolution_matrix;
use super::super::{Design, MmseConfig};
use crate::signal::Pulse;

/// The quadratic form of the error in `(w, b)`, built from the convolution matrix.
pub(super) fn quadratic(p: &Pulse, noise: &[f64], c: &MmseConfig) -> (DMatrix<f64>, DVector<f64>) {
    let (n, d) = (c.ffe_taps, c.dfe.len());
    let (matrix, first) = convolution_matrix(&p.samples, p.cursor, n, c.precursors);
    let mut form = DMatrix::zeros(n + d, n + d);
    for i in 0..n {
        for k in 0..n {
            form[(i, k)] = noise[i.abs_diff(k)];
        }
    }
    let mut main = DVector::zeros(n + d);
    let rows = matrix.nrows() as isize;
    for m in first..(first + rows).max(d as isize + 1) {
        let mut v = DVector::zeros(n + d);
        if m - first < rows {
            v.rows_mut(0, n)
                .copy_from(&matrix.row((m - first) as usize).transpose());
        }
        if m == 0 {
            main = v;
            continue;
        }
        if (1..=d as isize).contains(&m) {
            v[n + m as usize - 1] = -1.0;
        }
        form += c.symbol_variance * &v * v.transpose();
    }
    (form, main)
}

pub(super) fn point(design: &Design) -> DVector<f64> {
    DVector::from_iterator(
        design.ffe.len() + design.dfe.len(),
        design.ffe.iter().chain(&design.dfe).copied(),
    )
}

/// Constraints `normal . x >= bound` of a configuration.
pub(super) fn constraints(c: &MmseConfig) -> Vec<(DVector<f64>, f64)> {
    let (n, d, p) = (c.ffe_taps, c.dfe.len(), c.precursors);
    let mut list = Vec::new();
    let mut add = |entries: &[(usize, f64)], bound: f64| {
        let mut normal = DVector::zeros(n + d);
        for &(i, v) in entries {
            normal[i] += v;
        }
        list.push((normal, bound));
    };
    for (j, &(min, max)) in c.dfe.iter().enumerate() {
        if min.is_finite() {
            add(&[(n + j, 1.0)], min);
        }
        if max.is_finite() {
            add(&[(n + j, -1.0)], -max);
        }
    }
    for k in (0..n).filter(|&k| k != p && !c.ffe_limits.is_empty()) {
        let (min, max) = c.ffe_limits[if c.ffe_limits.len() == 1 { 0 } else { k }];
        add(&[(k, 1.0), (p, -min)], 0.0);
        add(&[(k, -1.0), (p, max)], 0.0);
    }
    list
}

/// The least error over every set of active constraints.
pub(super) fn exhaustive(
    form: &DMatrix<f64>,
    main: &DVector<f64>,
    list: &[(DVector<f64>, f64)],
) -> f64 {
    let size = main.len();
    let mut best = f64::INFINITY;
    for mask in 0u32..1 << list.len() {
        let active: Vec<_> = (0..list.len()).filter(|i| mask >> i & 1 == 1).collect();
        if active.len() >= size {
            continue;
        }
        let total = size + 1 + active.len();
        let mut kkt = DMatrix::zeros(total, total);
        let mut rhs = DVector::zeros(total);
        kkt.view_mut((0, 0), (size, size)).copy_from(form);
        let rows = active.iter().map(|&i| (&list[i].0, list[i].1));
        for (r, (normal, bound)) in std::iter::once((main, 1.0)).chain(rows).enumerate() {
            for i in 0..size {
                kkt[(size + r, i)] = normal[i];
                kkt[(i, size + r)] = normal[i];
            }
            rhs[size + r] = bound;
        }
        let Some(x) = kkt.lu().solve(&rhs) else {
            continue;
        };
        let x = x.rows(0, size).into_owned();
        let meets = list.iter().all(|(n, b)| n.dot(&x) >= b - 1e-9);
        if meets && (main.dot(&x) - 1.0).abs() < 1e-9 {
            best = best.min((x.transpose() * form * &x)[(0, 0)]);
        }
    }
    best
}

/// Norm of the gradient that multipliers of the right sign cannot balance, relative to it.
pub(super) fn kkt_residual(
    form: &DMatrix<f64>,
    main: &DVector<f64>,
    list: &[(DVector<f64>, f64)],
    x: &DVector<f64>,
) -> f64 {
    let gradient = form * x;
    let active: Vec<_> = list
        .iter()
        .filter(|(n, b)| (n.dot(x) - b).abs() < 1e-7)
        .collect();
    let mut columns = vec![main.clone()];
    columns.extend(active.iter().map(|(n, _)| n.clone()));
    let basis = DMatrix::from_columns(&columns);
    let multipliers = basis
        .clone()
        .svd(true, true)
        .solve(&gradient, 1e-12)
        .unwrap();
    for m in multipliers.iter().skip(1) {
        assert!(
            *m > -1e-8 * gradient.norm(),
            "multiplier {m} pulls the wrong way"
        );
    }
    (gradient.clone() - basis * multipliers).norm() / gradient.norm()
}
