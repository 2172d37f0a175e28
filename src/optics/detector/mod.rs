//! Square-law detection: from an optical field or power to a photocurrent.

pub(super) mod kernel;
#[cfg(test)]
mod tests;

use crate::error::{Result, in_range, length};
use crate::simd::Level;

/// A photodiode without memory: current = responsivity times power.
///
/// **Equation.** `i = R |E|^2` of a field in sqrt(W), `i = R P` of a power in W; A. Bandwidth, noise and
/// saturation are stages of their own.
///
/// **Numeric contract.** The same bits at every level (plain products and sums, three roundings).
///
/// **Cost.** Four lane operations per sample, one for a power.
///
/// ```
/// use pamlink::optics::detector::Detector;
///
/// let mut current = [0.0; 2];
/// Detector::new(0.75)?.square_law(&[0.03, 0.0], &[0.04, 0.02], &mut current)?;
/// assert!((current[0] - 0.75 * 0.0025).abs() < 1e-9);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detector {
    responsivity_a_w: f64,
    level: Level,
}

impl Detector {
    /// A photodiode at the level of [`Level::best`]. The responsivity, A/W, is at most 1.4: more than an
    /// electron per photon at 1700 nm.
    pub fn new(responsivity_a_w: f64) -> Result<Self> {
        Self::with_level(responsivity_a_w, Level::best())
    }

    /// The same at a named level.
    pub fn with_level(responsivity_a_w: f64, level: Level) -> Result<Self> {
        in_range("responsivity_a_w", responsivity_a_w, 1e-6, 1.4)?;
        Ok(Self {
            responsivity_a_w,
            level,
        })
    }

    /// Current per power, A/W.
    #[must_use]
    pub fn responsivity_a_w(&self) -> f64 {
        self.responsivity_a_w
    }

    /// `out[n] = R (re[n]^2 + im[n]^2)`.
    pub fn square_law(&self, re: &[f32], im: &[f32], out: &mut [f32]) -> Result<()> {
        length("imaginary part", re.len(), im.len())?;
        length("current", re.len(), out.len())?;
        kernel::square(self.level, re, im, self.responsivity_a_w as f32, out);
        Ok(())
    }

    /// `re[n] = R (re[n]^2 + im[n]^2)`: the current in place of the real part.
    pub fn square_law_in_place(&self, re: &mut [f32], im: &[f32]) -> Result<()> {
        length("imaginary part", re.len(), im.len())?;
        kernel::square_in_place(self.level, re, im, self.responsivity_a_w as f32);
        Ok(())
    }

    /// `p[n] = R p[n]`: from power to current in place.
    pub fn current(&self, p: &mut [f32]) {
        kernel::scale(self.level, p, self.responsivity_a_w as f32);
    }
}
