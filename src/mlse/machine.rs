//! The trellises behind one face: how many vectors they hold, their kernels, and the same steps
//! without lanes.

use super::kernel;
use super::trellis::{Front, Trellis4, product};
use crate::Level;

/// Numbers a stream holds at most: metrics relative to that of state 0.
pub(super) const MOST_METRICS: usize = 15;

/// A trellis and what runs on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Machine {
    Four(Trellis4),
}

impl Machine {
    pub(super) fn front(&self) -> &Front {
        match self {
            Self::Four(t) => &t.front,
        }
    }

    /// One unit of the metrics, in squared units of the samples.
    pub(super) fn unit(&self) -> f64 {
        match self {
            Self::Four(t) => t.unit,
        }
    }

    /// Vectors of metrics.
    pub(super) fn metrics(&self) -> usize {
        match self {
            Self::Four(_) => 3,
        }
    }

    /// Vectors of survivors for two steps.
    pub(super) fn words(&self) -> usize {
        match self {
            Self::Four(_) => 1,
        }
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
        }
    }

    pub(super) fn best_states(&self, level: Level, metrics: &[u32], states: &mut [u32]) {
        match self {
            Self::Four(_) => kernel::best_states(level, metrics, states),
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
            Self::Four(_) => kernel::trace_back(level, survivors, steps, states, symbols),
        }
    }

    /// Steps without lanes: `decisions` takes two bits for each state, the oldest symbol of its origin.
    pub(super) fn forward(
        &self,
        x: &[f32],
        metrics: &mut [i32; MOST_METRICS],
        decisions: &mut [u32],
    ) {
        match self {
            Self::Four(t) => forward4(t, x, metrics, decisions),
        }
    }

    /// The best state, the lowest of equals.
    pub(super) fn best(&self, metrics: &[i32; MOST_METRICS]) -> usize {
        let mut best = (0, 0);
        for (i, &m) in metrics[..self.metrics()].iter().enumerate() {
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
                Self::Four(_) => oldest,
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
