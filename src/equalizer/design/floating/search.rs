//! Where floating taps go.

use nalgebra::{Cholesky, DMatrix, DVector};

use super::super::Design;
use super::super::bounded::{FREE, Limits, Quadratic, bounded};
use super::super::problem::Problem;
use super::{FloatingConfig, FloatingDesign, FloatingTaps, TapGroup};
use crate::error::{Result, in_range};
use crate::signal::Pulse;

/// First delays of the groups of both kinds, in no order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Placement {
    ffe: Vec<usize>,
    dfe: Vec<usize>,
}

/// Feed-forward or feedback groups.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Ffe,
    Dfe,
}

impl Placement {
    fn of(&self, kind: Kind) -> &Vec<usize> {
        match kind {
            Kind::Ffe => &self.ffe,
            Kind::Dfe => &self.dfe,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut Vec<usize> {
        match kind {
            Kind::Ffe => &mut self.ffe,
            Kind::Dfe => &mut self.dfe,
        }
    }

    fn with(&self, kind: Kind, start: usize) -> Self {
        let mut next = self.clone();
        next.of_mut(kind).push(start);
        next
    }

    fn without(&self, kind: Kind, group: usize) -> Self {
        let mut next = self.clone();
        next.of_mut(kind).remove(group);
        next
    }

    /// Every group: its kind and its index.
    fn slots(&self) -> impl Iterator<Item = (Kind, usize)> + '_ {
        let ffe = (0..self.ffe.len()).map(|i| (Kind::Ffe, i));
        ffe.chain((0..self.dfe.len()).map(|i| (Kind::Dfe, i)))
    }
}

/// The problem over all delays that a tap may have.
pub(super) struct Search<'a> {
    config: &'a FloatingConfig,
    problem: Problem,
    /// Delays of the feed-forward taps: the fixed ones, then every one that a group may take.
    delays: Vec<isize>,
    /// Cursors of the feedback taps, likewise.
    fed_back: Vec<usize>,
    whole: Quadratic,
    limits: Limits,
}

/// Least relative gain that counts as one.
const GAIN: f64 = 1e-10;

impl<'a> Search<'a> {
    pub(super) fn new(pulse: &Pulse, noise: &[f64], config: &'a FloatingConfig) -> Result<Self> {
        let fixed = &config.fixed;
        fixed.check()?;
        let (n, p, d) = (fixed.ffe_taps, fixed.precursors, fixed.dfe.len());
        let spacing = pulse.samples_per_ui as f64;
        in_range("pulse samples_per_ui", spacing, 1.0, 1.0)?;
        let more_ffe = config.ffe.check("floating ffe", n - p)?;
        let more_dfe = config.dfe.check("floating dfe", d + 1)?;
        let problem = Problem::new(pulse, noise, fixed.symbol_variance, n + more_ffe)?;
        let delays: Vec<isize> = (0..(n + more_ffe) as isize)
            .map(|k| k - p as isize)
            .collect();
        let fed_back: Vec<usize> = (1..=d + more_dfe).collect();
        let mut limits = Limits::new(fixed);
        limits.positive_main |= config.ffe.groups > 0 && config.ffe.limit < f64::INFINITY;
        let band = |limit: f64| {
            if limit < f64::INFINITY {
                (-limit, limit)
            } else {
                FREE
            }
        };
        limits.relative.resize(n + more_ffe, band(config.ffe.limit));
        let all = match fixed.ffe_absolute.as_slice() {
            [all] => *all,
            _ => FREE,
        };
        limits.absolute.resize(n + more_ffe, all);
        limits.feedback.resize(d + more_dfe, band(config.dfe.limit));
        Ok(Self {
            whole: problem.quadratic(&delays, &fed_back),
            config,
            problem,
            delays,
            fed_back,
            limits,
        })
    }

    fn groups(&self, kind: Kind) -> (&FloatingTaps, usize) {
        let fixed = &self.config.fixed;
        match kind {
            Kind::Ffe => (&self.config.ffe, fixed.ffe_taps - fixed.precursors),
            Kind::Dfe => (&self.config.dfe, fixed.dfe.len() + 1),
        }
    }

    /// Indices of the taps and of the feedback taps of a placement, by rising delay.
    fn chosen(&self, placement: &Placement) -> (Vec<usize>, Vec<usize>) {
        let fixed = &self.config.fixed;
        let expand = |kind: Kind, offset: usize, fixed: usize| {
            let size = self.groups(kind).0.taps_per_group;
            let mut starts = placement.of(kind).clone();
            starts.sort_unstable();
            let floating = starts.into_iter().flat_map(move |s| s..s + size);
            (0..fixed).chain(floating.map(|s| s + offset)).collect()
        };
        (
            expand(Kind::Ffe, fixed.precursors, fixed.ffe_taps),
            // Feedback tap `j` takes the cursor `j + 1` away.
            expand_back(expand(Kind::Dfe, 0, fixed.dfe.len()), fixed.dfe.len()),
        )
    }

    fn quadratic(&self, taps: &[usize], back: &[usize]) -> Quadratic {
        let whole = &self.whole;
        Quadratic {
            gram: DMatrix::from_fn(taps.len(), taps.len(), |i, k| {
                whole.gram[(taps[i], taps[k])]
            }),
            main: DVector::from_fn(taps.len(), |i, _| whole.main[taps[i]]),
            feedback: DMatrix::from_fn(taps.len(), back.len(), |i, j| {
                whole.feedback[(taps[i], back[j])]
            }),
        }
    }

    /// The error of a placement without limits: never above that with limits.
    fn free_error(&self, placement: &Placement) -> f64 {
        let (taps, back) = self.chosen(placement);
        let form = self.quadratic(&taps, &back);
        let mut matrix = form.gram;
        for column in form.feedback.column_iter() {
            matrix.syger(-1.0, &column, &column, 1.0);
        }
        // Singular: no bound, the exact solve has to say.
        Cholesky::new(matrix).map_or(0.0, |factor| {
            1.0 / form.main.dot(&factor.solve(&form.main)) - 1.0
        })
    }

    fn solve(&self, placement: &Placement) -> Result<(DVector<f64>, Vec<f64>, f64)> {
        let (taps, back) = self.chosen(placement);
        let form = self.quadratic(&taps, &back);
        let pick = |list: &[(f64, f64)], at: &[usize]| at.iter().map(|&i| list[i]).collect();
        let limits = Limits {
            main: self.limits.main,
            relative: pick(&self.limits.relative, &taps),
            absolute: pick(&self.limits.absolute, &taps),
            side_sum: self.limits.side_sum,
            positive_main: self.limits.positive_main,
            feedback: pick(&self.limits.feedback, &back),
        };
        let (w, b) = bounded(&form, &limits, &[], self.problem.units.scale)?;
        let v = DVector::from_column_slice(&b);
        let wanted = form.feedback.tr_mul(&w);
        let error = w.dot(&(&form.gram * &w)) - 2.0 * v.dot(&wanted) + v.norm_squared() - 1.0;
        Ok((w, b, error))
    }

    /// The best of some placements that is better than `error`, with its error.
    fn best(&self, candidates: Vec<Placement>, error: f64) -> Option<(Placement, f64)> {
        let mut bounds: Vec<_> = candidates
            .into_iter()
            .map(|c| (self.free_error(&c), c))
            .collect();
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut best, mut least) = (None, error);
        for (bound, candidate) in bounds {
            if bound >= least {
                break;
            }
            // Limits that no taps meet here may be met elsewhere.
            let Ok((_, _, error)) = self.solve(&candidate) else {
                continue;
            };
            if error < least * (1.0 - GAIN) || least == f64::INFINITY {
                least = error;
                best = Some(candidate);
            }
        }
        best.map(|b| (b, least))
    }

    /// All ways to add a group of a kind that leave room for the groups still to come.
    fn additions(&self, placement: &Placement, kind: Kind) -> Vec<Placement> {
        let (taps, first) = self.groups(kind);
        let placed = placement.of(kind);
        if placed.len() >= taps.groups {
            return Vec::new();
        }
        let size = taps.taps_per_group;
        (first..=taps.furthest + 1 - size)
            .filter(|start| placed.iter().all(|at| at.abs_diff(*start) >= size))
            .map(|start| placement.with(kind, start))
            .filter(|next| {
                let mut starts = next.of(kind).clone();
                starts.sort_unstable();
                let mut room = 0;
                let mut free = first;
                for start in starts.into_iter().chain([taps.furthest + 1]) {
                    room += (start - free) / size;
                    free = start + size;
                }
                room >= taps.groups - next.of(kind).len()
            })
            .collect()
    }

    fn every_addition(&self, placement: &Placement) -> Vec<Placement> {
        let mut all = self.additions(placement, Kind::Ffe);
        all.extend(self.additions(placement, Kind::Dfe));
        all
    }

    /// Greedy, then exchanges of one and of two groups.
    pub(super) fn place(&self) -> Result<Placement> {
        let mut placement = Placement::default();
        let mut error = f64::INFINITY;
        loop {
            let candidates = self.every_addition(&placement);
            if candidates.is_empty() {
                break;
            }
            let any = candidates[0].clone();
            // A group that gains nothing still has to stand somewhere.
            (placement, error) = match self.best(candidates, f64::INFINITY) {
                Some(better) => better,
                None => (any.clone(), self.solve(&any)?.2),
            };
        }
        while let Some(better) = self.exchange(&placement, error) {
            (placement, error) = better;
        }
        Ok(placement)
    }

    /// A better placement that differs in one group, else in two.
    fn exchange(&self, placement: &Placement, error: f64) -> Option<(Placement, f64)> {
        let slots: Vec<_> = placement.slots().collect();
        for &(kind, group) in &slots {
            let candidates = self.additions(&placement.without(kind, group), kind);
            if let Some(better) = self.best(candidates, error) {
                return Some(better);
            }
        }
        for (i, &(kind, group)) in slots.iter().enumerate() {
            for &(other, second) in &slots[i + 1..] {
                // The later index first, so that the earlier one stays valid.
                let rest = placement.without(other, second).without(kind, group);
                let candidates = self
                    .additions(&rest, kind)
                    .iter()
                    .flat_map(|one| self.additions(one, other))
                    .collect();
                if let Some(better) = self.best(candidates, error) {
                    return Some(better);
                }
            }
        }
        None
    }

    /// The fixed taps alone.
    pub(super) fn fixed(&self) -> Result<Design> {
        self.design(&Placement::default()).map(|d| d.0)
    }

    fn design(&self, placement: &Placement) -> Result<(Design, Vec<usize>, Vec<usize>)> {
        let (taps, back) = self.chosen(placement);
        let (w, b, _) = self.solve(placement)?;
        let delays: Vec<isize> = taps.iter().map(|&i| self.delays[i]).collect();
        let fed_back: Vec<usize> = back.iter().map(|&i| self.fed_back[i]).collect();
        let design = self.problem.design(&delays, w.as_slice(), &fed_back, b);
        let late = delays.iter().filter_map(|&d| usize::try_from(d).ok());
        Ok((design, late.collect(), fed_back))
    }

    /// The taps of a placement, fixed and floating apart.
    pub(super) fn finish(
        &self,
        placement: &Placement,
        fixed_snr_db: f64,
    ) -> Result<FloatingDesign> {
        let (mut design, late, fed_back) = self.design(placement)?;
        let fixed = &self.config.fixed;
        let split = |taps: &mut Vec<f64>, keep: usize, delays: &[usize], size: usize| {
            let floating = taps.split_off(keep);
            let delays = &delays[delays.len() - floating.len()..];
            let groups = floating.chunks(size).zip(delays.chunks(size));
            groups
                .map(|(taps, delays)| TapGroup {
                    delay: delays[0],
                    taps: taps.to_vec(),
                })
                .collect()
        };
        let size = |taps: &FloatingTaps| taps.taps_per_group.max(1);
        let (ffe, dfe) = (size(&self.config.ffe), size(&self.config.dfe));
        Ok(FloatingDesign {
            ffe_groups: split(&mut design.ffe, fixed.ffe_taps, &late, ffe),
            dfe_groups: split(&mut design.dfe, fixed.dfe.len(), &fed_back, dfe),
            precursors: fixed.precursors,
            design,
            fixed_snr_db,
        })
    }

    /// Every placement there is.
    #[cfg(test)]
    pub(super) fn exhaustive(&self) -> Result<Placement> {
        let mut all = vec![Placement::default()];
        loop {
            let next: Vec<_> = all.iter().flat_map(|p| self.every_addition(p)).collect();
            if next.is_empty() {
                break;
            }
            all = next;
        }
        let mut best = (f64::INFINITY, Placement::default());
        for placement in all {
            let error = self.solve(&placement)?.2;
            if error < best.0 {
                best = (error, placement);
            }
        }
        Ok(best.1)
    }
}

/// Indices of feedback taps: a group that starts at cursor `m` begins with tap `m - 1`.
fn expand_back(mut list: Vec<usize>, fixed: usize) -> Vec<usize> {
    for at in &mut list[fixed..] {
        *at -= 1;
    }
    list
}
