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
        let place = t_ui * self.per_ui + self.cursor;
        let base = place.floor();
        let x = place - base;
        // Beyond the ends (NaN included) there is nothing.
        if !(base > -3.0 && base < self.samples.len() as f64 + 2.0) {
            return 0.0;
        }
        let base = base as isize;
        let get = |i: isize| {
            usize::try_from(base + i)
                .ok()
                .and_then(|i| self.samples.get(i))
                .copied()
                .unwrap_or(0.0)
        };
        let (a, b, c, d) = (get(-1), get(0), get(1), get(2));
        // Lagrange's weights for nodes -1, 0, 1, 2.
        let (p, m, n) = (x + 1.0, x - 1.0, x - 2.0);
        -a * x * m * n / 6.0 + b * p * m * n / 2.0 - c * p * x * n / 2.0 + d * p * x * m / 6.0
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
