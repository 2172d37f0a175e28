//! Bounds of taps as linear constraints, and the design under them.

use nalgebra::{DMatrix, DVector};

use super::MmseConfig;
use super::factor::factor;
use super::quadratic::{Constraint, Failure, minimise};
use crate::error::{Error, Result, positive};

/// The error `w' G w - 2 b' C' w + b' b` of taps `w` and feedback `b`, less the constant of the
/// main cursor `c' w = 1`, all relative to the variance of the symbols.
#[derive(Debug, Clone)]
pub(super) struct Quadratic {
    /// `G`: noise and all of the signal.
    pub(super) gram: DMatrix<f64>,
    /// `c`: what each tap adds to the main cursor.
    pub(super) main: DVector<f64>,
    /// `C`: column `j` is what each tap adds to the cursor that feedback tap `j` takes away.
    pub(super) feedback: DMatrix<f64>,
}

/// Bounds of the taps; none where infinite.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// Index of the main tap.
    pub(super) main: usize,
    /// `(min, max)` of each tap relative to the main one, whose own entry is ignored.
    pub(super) relative: Vec<(f64, f64)>,
    /// `(min, max)` of each tap in the reciprocal unit of the pulse.
    pub(super) absolute: Vec<(f64, f64)>,
    /// Most that the magnitudes of all side taps may add up to, relative to the main tap.
    pub(super) side_sum: f64,
    /// Whether the main tap must be positive: bounds relative to it have no other meaning.
    pub(super) positive_main: bool,
    /// `(min, max)` of each feedback tap.
    pub(super) feedback: Vec<(f64, f64)>,
}

pub(super) const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// Most cuts that the limit on the sum of magnitudes may take: each is a sign pattern.
const MOST_CUTS: usize = 500;

/// Share of the main tap by which the sum of magnitudes may pass its limit: rounding.
const SUM_TOLERANCE: f64 = 1e-10;

impl Limits {
    pub(super) fn new(config: &MmseConfig) -> Self {
        let each = |list: &[(f64, f64)]| match list {
            [] => vec![FREE; config.ffe_taps],
            [all] => vec![*all; config.ffe_taps],
            each => each.to_vec(),
        };
        Self {
            main: config.precursors,
            relative: each(&config.ffe_limits),
            absolute: each(&config.ffe_absolute),
            side_sum: config.ffe_side_sum,
            positive_main: !config.ffe_limits.is_empty() || config.ffe_side_sum.is_finite(),
            feedback: config.dfe.clone(),
        }
    }

    /// The relative bounds that count: index and bounds.
    fn relative(&self) -> impl Iterator<Item = (usize, (f64, f64))> + '_ {
        let main = self.main;
        let list = self.relative.iter().copied().enumerate();
        list.filter(move |&(k, bounds)| k != main && bounds != FREE)
    }

    /// Sum of the magnitudes of the side taps.
    fn side(&self, taps: &DVector<f64>) -> f64 {
        let all: f64 = taps.iter().map(|w| w.abs()).sum();
        all - taps[self.main].abs()
    }

    fn sum_met(&self, taps: &DVector<f64>, tolerance: f64) -> bool {
        let most = (self.side_sum + tolerance) * taps[self.main].max(0.0);
        self.side_sum == f64::INFINITY || self.side(taps) <= most
    }

    /// Whether normalised taps (those of the pulse times `scale`) meet the bounds of the feed-forward part.
    pub(super) fn met(&self, taps: &DVector<f64>, scale: f64) -> bool {
        let main = taps[self.main];
        (!self.positive_main || main > 0.0)
            && self
                .relative()
                .all(|(k, (min, max))| (min * main..=max * main).contains(&taps[k]))
            && self
                .absolute
                .iter()
                .zip(taps.iter())
                .all(|(&(min, max), w)| (min * scale..=max * scale).contains(w))
            && self.sum_met(taps, 0.0)
    }

    /// Every bound of a problem in `(taps, feedback)` as a linear constraint, but for the sum.
    fn constraints(&self, scale: f64) -> Vec<Constraint> {
        let (n, p) = (self.relative.len(), self.main);
        let mut list = List {
            size: n + self.feedback.len(),
            constraints: Vec::new(),
        };
        for (j, &(min, max)) in self.feedback.iter().enumerate() {
            list.add(&[(n + j, 1.0)], min);
            list.add(&[(n + j, -1.0)], -max);
        }
        if self.positive_main {
            list.add(&[(p, 1.0)], 0.0);
        }
        for (k, (min, max)) in self.relative() {
            if min.is_finite() {
                list.add(&[(k, 1.0), (p, -min)], 0.0);
            }
            if max.is_finite() {
                list.add(&[(k, -1.0), (p, max)], 0.0);
            }
        }
        for (k, &(min, max)) in self.absolute.iter().enumerate() {
            list.add(&[(k, 1.0)], min * scale);
            list.add(&[(k, -1.0)], -max * scale);
        }
        list.constraints
    }
}

struct List {
    size: usize,
    constraints: Vec<Constraint>,
}

impl List {
    /// Adds `sum of entries >= bound` where the bound is finite.
    fn add(&mut self, entries: &[(usize, f64)], bound: f64) {
        if bound.is_finite() {
            let mut normal = DVector::zeros(self.size);
            for &(i, value) in entries {
                normal[i] = value;
            }
            self.constraints.push(Constraint { normal, bound });
        }
    }
}

/// The taps of least error within limits, main cursor one, with the columns of `zero` forced to
/// zero; and the feedback that goes with them.
///
/// The sum of magnitudes is not linear; it is the maximum of `2^N` linear forms, one per sign
/// pattern. The pattern of each solution that exceeds it becomes a constraint of the next solve:
/// every intermediate problem is a relaxation, so the first solution that meets the sum is the
/// solution.
pub(super) fn bounded(
    form: &Quadratic,
    limits: &Limits,
    zero: &[DVector<f64>],
    scale: f64,
) -> Result<(DVector<f64>, Vec<f64>)> {
    let (n, d) = (form.gram.nrows(), form.feedback.ncols());
    let reached = form.main.norm_squared();
    positive("pulse within reach of the taps", reached)?;
    let mut hessian = DMatrix::identity(n + d, n + d);
    hessian.view_mut((0, 0), (n, n)).copy_from(&form.gram);
    let cross = -&form.feedback;
    hessian.view_mut((0, n), (n, d)).copy_from(&cross);
    hessian
        .view_mut((n, 0), (d, n))
        .copy_from(&cross.transpose());
    let factor = factor(hessian, "equalizer normal equations")?;
    let mut equality = DVector::zeros(n + d);
    equality.rows_mut(0, n).copy_from(&form.main);

    let mut constraints = limits.constraints(scale);
    for column in zero {
        for sign in [1.0, -1.0] {
            let mut normal = DVector::zeros(n + d);
            normal.rows_mut(0, n).axpy(sign, column, 0.0);
            constraints.push(Constraint { normal, bound: 0.0 });
        }
    }
    for _ in 0..MOST_CUTS {
        let x = minimise(&factor, &equality, &constraints).map_err(|f| failed(f, zero))?;
        let mut taps = x.rows(0, n).into_owned();
        if !taps.iter().all(|w| w.is_finite()) {
            return Err(failed(Failure::Stalled, zero));
        }
        if limits.sum_met(&taps, SUM_TOLERANCE) {
            taps.scale_mut(1.0 / taps.dot(&form.main));
            let wanted = form.feedback.tr_mul(&taps);
            let bounds = &limits.feedback;
            let feedback = wanted.iter().zip(bounds).map(|(b, r)| b.clamp(r.0, r.1));
            let feedback = feedback.collect();
            return Ok((taps, feedback));
        }
        let mut normal = DVector::zeros(n + d);
        for k in (0..n).filter(|&k| k != limits.main) {
            normal[k] = if taps[k] < 0.0 { 1.0 } else { -1.0 };
        }
        normal[limits.main] = limits.side_sum;
        constraints.push(Constraint { normal, bound: 0.0 });
    }
    Err(failed(Failure::Stalled, zero))
}

/// A problem without a solution counts as a singular one: no equalizer exists for this pulse.
fn failed(failure: Failure, zero: &[DVector<f64>]) -> Error {
    let name = match failure {
        Failure::Infeasible if zero.is_empty() => {
            "equalizer within the limits (no taps meet them all: widen them)"
        }
        Failure::Infeasible => {
            "equalizer with forced cursors (no taps meet them within the limits: force fewer)"
        }
        Failure::Stalled => "bounded equalizer design",
    };
    Error::Singular {
        name: name.into(),
        rcond: 0.0,
    }
}
