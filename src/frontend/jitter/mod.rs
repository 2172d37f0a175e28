//! Jitter of sampling instants ([`JitterConfig`], independent from sample to sample) and of transmitted
//! edges ([`EdgeJitter`]: random, bounded, even-odd, sinusoidal, and with the spectrum of a clock).

pub mod edge;
mod kernel;
pub mod phase_noise;
mod pyramid;
pub mod reference;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_spectrum;

pub use edge::{EdgeJitter, EdgeJitterConfig, EdgeJitterState, Sinusoid};
pub use phase_noise::{PhaseNoise, PhaseNoisePoint};

use crate::error::{Result, in_range, length};
use crate::simd::Level;

use super::kernel as samples;

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

/// Moves samples along their slope: `x[i] += (random_ui z[i] +- dual_dirac_ui) slope[i]`.
///
/// `slope` is the derivative of the waveform at the sampling instants per unit interval, `z` standard
/// normal numbers, and bit 0 of `sign[i]` picks the dual-Dirac direction. The same bits at every level.
/// Cost per sample: two products, two additions.
///
/// ```
/// use pamlink::frontend::jitter::{JitterConfig, displace};
///
/// let jitter = JitterConfig { random_ui: 0.0, dual_dirac_ui: 0.5 };
/// let mut x = [1.0, 1.0];
/// displace(&mut x, &[2.0, 2.0], &[0.0, 0.0], &[0, 1], jitter, pamlink::Level::best())?;
/// assert_eq!(x, [0.0, 2.0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn displace(
    x: &mut [f32],
    slope: &[f32],
    z: &[f32],
    sign: &[u8],
    jitter: JitterConfig,
    level: Level,
) -> Result<()> {
    length("slope", x.len(), slope.len())?;
    length("normal numbers", x.len(), z.len())?;
    length("signs", x.len(), sign.len())?;
    let (random, dual) = (jitter.random_ui as f32, jitter.dual_dirac_ui as f32);
    samples::displace(level, x, slope, z, sign, random, dual);
    Ok(())
}
