//! Aggressors of coupling files.

use crate::error::{Result, in_range};

/// What the aggressors of coupling files send. Far-end ones send what the victim sends there.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct CrosstalkConfig {
    /// Peak differential amplitude of near-end aggressors, V (`A_ne` 0.45 in the C2M parameter set of 802.3ck
    /// and in a 802.3dj configuration, the latter from a secondary source).
    pub near_end_v: f64,
}

impl Default for CrosstalkConfig {
    fn default() -> Self {
        Self { near_end_v: 0.45 }
    }
}

impl CrosstalkConfig {
    pub(super) fn validate(self, name: &str) -> Result<()> {
        in_range(format!("{name}.near_end_v"), self.near_end_v, 0.0, 10.0)?;
        Ok(())
    }
}
