//! The order in which a sliding sum takes its taps: which of them share loads.

/// Taps that share their loads, at most: with more, sixteen registers no longer hold ten sums.
const MOST: usize = 4;
/// Up to here a sum of neighbouring taps has a kernel of its own.
pub(super) const FEW: usize = 12;

/// A sliding sum `y[i] = sum_j h_j x[i + o_j]` over runs of neighbouring offsets.
///
/// A *phase* is up to four taps `o, o + N, o + 2 N, …` whose loads coincide for neighbouring vectors of
/// `N` outputs. The schedule depends on the taps' places and on `N` alone, and so does the order in
/// which each output gathers its products.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// First offsets of the phases of one, two, three and four taps.
    pub(super) starts: [Vec<usize>; MOST],
    /// Tap weights: phases of four taps first, phases of one last.
    pub(super) weights: Vec<f32>,
    /// Weights by offset if there is a single run of at most [`FEW`] from offset 0 on, else empty.
    pub(super) few: Vec<f32>,
    /// Samples that one output sees, gaps included.
    pub(crate) span: usize,
}

impl Schedule {
    /// For runs of weights by rising offset, and vectors of `lanes` outputs.
    pub(crate) fn new(runs: &[(usize, Vec<f32>)], lanes: usize) -> Self {
        let mut phases = Vec::new();
        for (at, run) in runs {
            // As few groups of at most four vectors of taps as will do, none much larger than another.
            let vectors = run.len().div_ceil(lanes);
            let groups = vectors.div_ceil(MOST);
            let mut from = 0;
            for left in (1..=groups).rev() {
                let taps = run.len() - from;
                let group = (taps.div_ceil(lanes).div_ceil(left) * lanes).min(taps);
                for p in 0..lanes.min(group) {
                    let weights: Vec<f32> = run[from..from + group]
                        .iter()
                        .skip(p)
                        .step_by(lanes)
                        .copied()
                        .collect();
                    phases.push((at + from + p, weights));
                }
                from += group;
            }
        }
        phases.sort_by_key(|(_, weights)| MOST - weights.len());
        let mut starts: [Vec<usize>; MOST] = std::array::from_fn(|_| Vec::new());
        for (at, weights) in &phases {
            starts[weights.len() - 1].push(*at);
        }
        let few = match runs {
            [(0, run)] if run.len() <= FEW => run.clone(),
            _ => Vec::new(),
        };
        Self {
            starts,
            weights: phases.into_iter().flat_map(|(_, w)| w).collect(),
            few,
            span: runs
                .iter()
                .map(|(at, run)| at + run.len())
                .max()
                .unwrap_or(1),
        }
    }

    /// Weights in the order in which they are taken.
    pub(crate) fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The same, to be replaced: a bank of responses of one shape shares a schedule. Not for a sum that has the
    /// kernel of few taps, whose weights are kept twice.
    pub(crate) fn weights_mut(&mut self) -> &mut [f32] {
        debug_assert!(self.few.is_empty());
        &mut self.weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tap_is_taken_once_and_loads_are_shared_evenly() {
        for lanes in [4, 8] {
            for taps in 1..=256 {
                let run: Vec<f32> = (0..taps).map(|j| j as f32).collect();
                let s = Schedule::new(&[(3, run)], lanes);
                let mut seen = Vec::new();
                let mut weights = s.weights.iter();
                for size in (1..=MOST).rev() {
                    for &at in &s.starts[size - 1] {
                        for j in 0..size {
                            let weight = *weights.next().unwrap();
                            assert_eq!(weight as usize + 3, at + j * lanes);
                            seen.push(weight as usize);
                        }
                    }
                }
                assert!(weights.next().is_none());
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..taps), "{taps} taps");
                assert_eq!(s.span, taps + 3);
            }
        }
        // 32 taps of 8 lanes: eight phases of four, not eight of three and eight of one.
        let s = Schedule::new(&[(0, vec![1.0; 32])], 8);
        assert_eq!(s.starts.map(|p| p.len()), [0, 0, 0, 8]);
        // 40 taps: three and two vectors, not four and one.
        let s = Schedule::new(&[(0, vec![1.0; 40])], 8);
        assert_eq!(s.starts.map(|p| p.len()), [0, 8, 8, 0]);
    }
}
