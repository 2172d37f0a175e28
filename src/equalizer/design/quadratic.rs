//! Strictly convex quadratic programs of a few dozen variables: the dual active-set method.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

/// One linear constraint `normal . x >= bound`.
#[derive(Debug, Clone)]
pub(super) struct Constraint {
    pub(super) normal: DVector<f64>,
    pub(super) bound: f64,
}

/// Why there is no solution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Failure {
    /// No point meets all constraints.
    Infeasible,
    /// Rounding kept the active set from settling.
    Stalled,
}

/// Minimises `x' H x / 2` subject to `equality . x = 1` and the constraints.
///
/// D. Goldfarb, A. Idnani, "A numerically stable dual method for solving strictly convex quadratic
/// programs", Mathematical Programming 27 (1983). Starts at the minimum without inequalities and
/// adds the most violated one at a time; finite, because the value rises with every addition.
pub(super) fn minimise(
    hessian: &Cholesky<f64, Dyn>,
    equality: &DVector<f64>,
    constraints: &[Constraint],
) -> Result<DVector<f64>, Failure> {
    let lower = hessian.l();
    let reduce = |n: &DVector<f64>| lower.solve_lower_triangular(n).ok_or(Failure::Infeasible);
    // Everything in coordinates v = L' x, where the function is |v|^2 / 2.
    let first = reduce(equality)?;
    let square = first.norm_squared();
    if square <= 0.0 {
        return Err(Failure::Infeasible);
    }
    let mut v = &first / square;
    let normals: Vec<DVector<f64>> = constraints
        .iter()
        .map(|c| reduce(&c.normal))
        .collect::<Result<_, _>>()?;
    let slack = |v: &DVector<f64>, i: usize| normals[i].dot(v) - constraints[i].bound;

    let mut active: Vec<usize> = Vec::new();
    let mut multipliers: Vec<f64> = Vec::new();
    let mut steps = 0;
    loop {
        let worst = (0..constraints.len())
            .filter(|i| !active.contains(i))
            .map(|i| (i, slack(&v, i)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((entering, _)) = worst.filter(|w| w.1 < -TOLERANCE) else {
            break;
        };
        let mut gained = 0.0;
        loop {
            steps += 1;
            if steps > 50 * (constraints.len() + 1) {
                return Err(Failure::Stalled);
            }
            // Columns: the equality, then the active constraints.
            let mut columns = vec![first.clone()];
            columns.extend(active.iter().map(|&i| normals[i].clone()));
            let basis = DMatrix::from_columns(&columns);
            let gram = Cholesky::new(basis.transpose() * &basis).ok_or(Failure::Stalled)?;
            let n = &normals[entering];
            let r = gram.solve(&(basis.transpose() * n));
            let direction = n - &basis * &r;
            let power = direction.norm_squared();
            let blocking = (0..active.len())
                .filter(|&j| r[j + 1] > 0.0)
                .map(|j| (j, multipliers[j] / r[j + 1]))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            let dual_step = blocking.map_or(f64::INFINITY, |b| b.1);
            // As many columns as variables span everything: what is left of the normal is rounding.
            let spanned = active.len() + 1 >= n.len();
            let primal_step = if !spanned && power > INDEPENDENT * n.norm_squared() {
                -slack(&v, entering) / power
            } else {
                f64::INFINITY
            };
            let step = dual_step.min(primal_step);
            if step.is_infinite() {
                return Err(Failure::Infeasible);
            }
            for (j, m) in multipliers.iter_mut().enumerate() {
                *m -= step * r[j + 1];
            }
            gained += step;
            if primal_step.is_finite() {
                v += step * direction;
            }
            if primal_step <= dual_step {
                active.push(entering);
                multipliers.push(gained);
                break;
            }
            if let Some((j, _)) = blocking {
                active.remove(j);
                multipliers.remove(j);
            }
        }
    }
    // Constraints that all but contradict one another take the equality with them.
    let held = |i: &usize| slack(&v, *i) >= -HELD;
    if (first.dot(&v) - 1.0).abs() > HELD || !active.iter().all(held) {
        return Err(Failure::Infeasible);
    }
    lower
        .tr_solve_lower_triangular(&v)
        .ok_or(Failure::Infeasible)
}

/// A constraint counts as met this close to its bound. Variables and normals are of order one.
const TOLERANCE: f64 = 1e-11;

/// Constraints in force may have drifted this far from their bounds, a hundredth of what is asked of a design.
const HELD: f64 = 1e-9;

/// Share of a normal's square that must be independent of the active ones.
const INDEPENDENT: f64 = 1e-13;
