//! Sampling-time jitter: random (Gaussian) and dual-Dirac.

use crate::error::{Result, in_range};

/// Jitter of the sampling instants, independent from symbol to symbol.
///
/// A sample taken `tau` late is `x + tau dx/dt` to first order, so jitter is noise that the slope of
/// the waveform scales. COM lets one displacement act on the equalized pulse; here each sample of the
/// converter has its own, so the equalizer behind it weighs them like any other noise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct JitterConfig {
    /// Standard deviation of the random part, in unit intervals.
    pub random_ui: f64,
    /// The dual-Dirac part displaces by plus or minus this, in unit intervals.
    pub dual_dirac_ui: f64,
}

impl Default for JitterConfig {
    /// `sigma_RJ` 0.01 UI and `A_DD` 0.02 UI: the 802.3ck and 802.3dj parameter sets.
    fn default() -> Self {
        Self {
            random_ui: 0.01,
            dual_dirac_ui: 0.02,
        }
    }
}

impl JitterConfig {
    /// Checks that both parts lie within a quarter interval (the first-order model ends there).
    pub fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.random_ui"), self.random_ui, 0.0, 0.25)?;
        in_range(
            format!("{name}.dual_dirac_ui"),
            self.dual_dirac_ui,
            0.0,
            0.25,
        )?;
        Ok(())
    }

    /// Variance of the displacement in UI^2.
    #[must_use]
    pub fn variance_ui2(&self) -> f64 {
        self.random_ui * self.random_ui + self.dual_dirac_ui * self.dual_dirac_ui
    }
}
