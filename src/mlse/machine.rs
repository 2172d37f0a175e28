//! The trellises behind one face: how many vectors they hold, their kernels, and the same steps
//! without lanes.

use super::trellis::{Front, Trellis4, Trellis16, product};
use super::{kernel, kernel16, reduced};
use crate::Level;

/// Numbers a stream holds at most: 15 metrics relative to that of state 0, or 3 of them and the
/// older symbols of four states.
pub(super) const MOST_METRICS: usize = 15;

/// The older symbol of every state before the start, in the reduced form.
const FIRST_OLDER: u32 = 1;

/// A trellis and what runs on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Machine {
    Four(Trellis4),
    Sixteen(Trellis16),
    Reduced(Trellis16),
}

impl Machine {
    pub(super) fn front(&self) -> Front {
        match self {
            Self::Four(t) => t.front,
            Self::Sixteen(t) | Self::Reduced(t) => t.front,
        }
    }

    /// One unit of the metrics, in squared units of the samples.
    pub(super) fn unit(&self) -> f64 {
        match self {
            Self::Four(t) => t.unit,
            Self::Sixteen(t) | Self::Reduced(t) => t.unit,
        }
    }

    pub(super) fn states(&self) -> usize {
        match self {
            Self::Four(_) | Self::Reduced(_) => 4,
            Self::Sixteen(_) => 16,
        }
    }

    /// Vectors of what a stream holds between two steps.
    pub(super) fn metrics(&self) -> usize {
        match self {
            Self::Four(_) => 3,
            Self::Sixteen(_) => 15,
            Self::Reduced(_) => 7,
        }
    }

    /// Vectors of survivors for two steps.
    pub(super) fn words(&self) -> usize {
        match self {
            Self::Four(_) | Self::Reduced(_) => 1,
            Self::Sixteen(_) => 4,
        }
    }

    /// What the streams hold before the first sample.
    pub(super) fn start(&self, metrics: &mut [u32]) {
        metrics.fill(0);
        if let Self::Reduced(_) = self {
            let past = metrics.len() / 7 * 3;
            metrics[past..].fill(FIRST_OLDER | (FIRST_OLDER << 16));
        }
    }

    /// The same without lanes.
    pub(super) fn first(&self) -> [i32; MOST_METRICS] {
        let mut all = [0; MOST_METRICS];
        if let Self::Reduced(_) = self {
            all[3..7].fill(FIRST_OLDER as i32);
        }
        all
    }

    pub(super) fn advance(
        &self,
        level: Level,
        q: &[u32],
        metrics: &mut [u32],
        survivors: &mut [u32],
    ) {
        match self {
            Self::Four(t) => kernel::advance(level, t, q, metrics, survivors),
            Self::Sixteen(t) => kernel16::advance(level, t, q, metrics, survivors),
            Self::Reduced(t) => reduced::advance(level, t, q, metrics, survivors),
        }
    }

    pub(super) fn best_states(&self, level: Level, metrics: &[u32], states: &mut [u32]) {
        match self {
            Self::Four(_) | Self::Reduced(_) => kernel::best_states(level, metrics, states),
            Self::Sixteen(_) => kernel16::best_states(level, metrics, states),
        }
    }

    pub(super) fn trace_back(
        &self,
        level: Level,
        survivors: &[u32],
        steps: usize,
        states: &mut [u32],
        symbols: &mut [u32],
    ) {
        match self {
            Self::Four(_) | Self::Reduced(_) => {
                kernel::trace_back(level, survivors, steps, states, symbols);
            }
            Self::Sixteen(_) => kernel16::trace_back(level, survivors, steps, states, symbols),
        }
    }

    /// Steps without lanes: `decisions` takes two bits for each state, the oldest symbol of its
    /// origin (full states) or its origin (reduced).
    pub(super) fn forward(
        &self,
        x: &[f32],
        metrics: &mut [i32; MOST_METRICS],
        decisions: &mut [u32],
    ) {
        match self {
            Self::Four(t) => forward4(t, x, metrics, decisions),
            Self::Sixteen(t) => forward16(t, x, metrics, decisions),
            Self::Reduced(t) => forward_reduced(t, x, metrics, decisions),
        }
    }

    /// Metric of the branch from a state to a symbol; the reduced form has none without a survivor and
    /// takes the oldest symbol to be that of the start.
    pub(super) fn branch(&self, q: i32, from: usize, symbol: usize) -> i32 {
        match self {
            Self::Four(t) => t.branch(q, symbol, from),
            Self::Sixteen(t) => t.branch(q, symbol, from % 4, from / 4),
            Self::Reduced(t) => t.reduced_branch(q, symbol, from, FIRST_OLDER as usize),
        }
    }

    /// The best state, the lowest of equals.
    pub(super) fn best(&self, metrics: &[i32; MOST_METRICS]) -> usize {
        let mut best = (0, 0);
        for (i, &m) in metrics[..self.states() - 1].iter().enumerate() {
            if m < best.0 {
                best = (m, i + 1);
            }
        }
        best.1
    }

    /// Follows decisions backwards from a state; returns the state before the first of them.
    pub(super) fn trace(&self, decisions: &[u32], mut state: usize, d: &mut [u8]) -> usize {
        for (d, &decision) in d.iter_mut().zip(decisions).rev() {
            *d = (state % 4) as u8;
            let oldest = (decision >> (2 * state) & 3) as usize;
            state = match self {
                Self::Four(_) | Self::Reduced(_) => oldest,
                Self::Sixteen(_) => 4 * oldest + state / 4,
            };
        }
        state
    }
}

fn forward4(t: &Trellis4, x: &[f32], metrics: &mut [i32; MOST_METRICS], decisions: &mut [u32]) {
    let mut m = [0, metrics[0], metrics[1], metrics[2]];
    for (&x, decision) in x.iter().zip(decisions) {
        let q = t.front.quantise(x);
        let mut c = [0; 4];
        for j in 1..4 {
            c[j] = 4 * (m[j] + product(q, t.old[j])) + j as i32;
        }
        let mut best = [0; 4];
        for i in 0..4 {
            let w = &t.w[i];
            let left = (c[0] + 4 * w[0]).min(c[1] + 4 * w[1]);
            best[i] = left.min((c[2] + 4 * w[2]).min(c[3] + 4 * w[3]));
        }
        *decision = 0;
        for i in 0..4 {
            m[i] = (best[i] >> 2) - (best[0] >> 2) + product(q, t.new[i]);
            *decision |= ((best[i] & 3) as u32) << (2 * i);
        }
    }
    metrics[..3].copy_from_slice(&m[1..]);
}

fn forward16(t: &Trellis16, x: &[f32], metrics: &mut [i32; MOST_METRICS], decisions: &mut [u32]) {
    let mut m = [0; 16];
    m[1..].copy_from_slice(metrics);
    for (&x, decision) in x.iter().zip(decisions) {
        let q = t.front.quantise(x);
        let mut next = [0; 16];
        *decision = 0;
        for p in 0..4 {
            for n in 0..4 {
                let candidate = |o: usize| 4 * (m[4 * o + p] + t.branch(q, n, p, o)) + o as i32;
                let left = candidate(0).min(candidate(1));
                let best = left.min(candidate(2).min(candidate(3)));
                next[4 * p + n] = best >> 2;
                *decision |= ((best & 3) as u32) << (2 * (4 * p + n));
            }
        }
        m = next.map(|m| m - next[0]);
    }
    metrics.copy_from_slice(&m[1..]);
}

fn forward_reduced(
    t: &Trellis16,
    x: &[f32],
    metrics: &mut [i32; MOST_METRICS],
    decisions: &mut [u32],
) {
    let mut m = [0, metrics[0], metrics[1], metrics[2]];
    let mut older: [usize; 4] = std::array::from_fn(|j| metrics[3 + j] as usize);
    for (&x, decision) in x.iter().zip(decisions) {
        let q = t.front.quantise(x);
        let mut next = [0; 4];
        let mut from = [0; 4];
        for n in 0..4 {
            let candidate = |j: usize| 4 * (m[j] + t.reduced_branch(q, n, j, older[j])) + j as i32;
            let left = candidate(0).min(candidate(1));
            let best = left.min(candidate(2).min(candidate(3)));
            (next[n], from[n]) = (best >> 2, (best & 3) as usize);
        }
        older = from;
        m = next.map(|m| m - next[0]);
        *decision = (0..4).map(|n| (from[n] as u32) << (2 * n)).sum();
    }
    metrics[..3].copy_from_slice(&m[1..]);
    for j in 0..4 {
        metrics[3 + j] = older[j] as i32;
    }
}
