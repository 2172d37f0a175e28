//! A pulse between its samples.

use crate::error::{Result, in_range};
use crate::signal::Pulse;

/// A pulse at any time: the polynomial of third degree through the four nearest samples; zero where
/// it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    samples: Vec<f64>,
    per_ui: f64,
    cursor: f64,
}

impl Shape {
    /// The shape of a pulse of at least four samples per UI.
    pub fn new(pulse: &Pulse) -> Result<Self> {
        in_range("samples_per_ui", pulse.samples_per_ui as f64, 4.0, 1e6)?;
        // Pulse's fields are public, so its own checks may have been passed by.
        let pulse = Pulse::new(pulse.samples.clone(), pulse.samples_per_ui, pulse.cursor)?;
        Ok(Self {
            per_ui: pulse.samples_per_ui as f64,
            cursor: pulse.cursor as f64,
            samples: pulse.samples,
        })
    }

    /// `h(t)`, `t` in UI after the cursor.
    #[must_use]
    pub fn at(&self, t_ui: f64) -> f64 {
        let mut one = [0.0];
        self.comb(t_ui, &mut one);
        one[0]
    }

    /// `h(t)`, `h(t - 1)`, `h(t - 2)`, ...: the cursors at one phase.
    pub fn comb(&self, t_ui: f64, cursors: &mut [f64]) {
        let place = t_ui * self.per_ui + self.cursor;
        let base = place.floor();
        let x = place - base;
        // Far out of any pulse (NaN included): nothing, and nothing that an index could not hold.
        let holds = base.abs() < 1e15;
        if !holds {
            cursors.fill(0.0);
            return;
        }
        // Lagrange's weights for nodes -1, 0, 1, 2.
        let (p, m, n) = (x + 1.0, x - 1.0, x - 2.0);
        let weights = [
            -x * m * n / 6.0,
            p * m * n / 2.0,
            -p * x * n / 2.0,
            p * x * m / 6.0,
        ];
        let (mut first, step) = (base as isize - 1, self.per_ui as isize);
        for h in cursors {
            let get = |i: usize| {
                let at = usize::try_from(first + i as isize).ok();
                at.and_then(|at| self.samples.get(at))
                    .copied()
                    .unwrap_or(0.0)
            };
            *h = (0..4).map(|i| weights[i] * get(i)).sum();
            first -= step;
        }
    }

    /// First and last time with a sample, UI.
    #[must_use]
    pub fn span_ui(&self) -> (f64, f64) {
        let last = self.samples.len() as f64 - 1.0;
        (
            -self.cursor / self.per_ui,
            (last - self.cursor) / self.per_ui,
        )
    }
}
