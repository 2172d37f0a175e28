//! Which instructions the kernels may use: detected once, lowered on request, never raised.

use std::fmt;
use std::sync::OnceLock;

use crate::error::{Error, Result};

/// Name of the environment variable that lowers the level of a process.
pub(crate) const LEVEL_VARIABLE: &str = "PAMLINK_SIMD";

const WORDS: &str = "baseline, avx2, avx512, avx512icl";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Baseline,
    Avx2,
    Avx512,
    Avx512Icl,
}

/// A set of vector instructions that this machine has.
///
/// A value can only come from detection or be lowered from such a value, so holding one proves
/// that its instructions exist. Order: baseline < avx2 < avx512 < avx512icl.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(pub(super) Kind);

impl Level {
    /// The portable level that every machine has.
    pub const BASELINE: Self = Self(Kind::Baseline);

    /// The highest level of this machine, whatever the environment says.
    #[must_use]
    pub fn detected() -> Self {
        static DETECTED: OnceLock<Kind> = OnceLock::new();
        Self(*DETECTED.get_or_init(detect))
    }

    /// The level that plans use when none is named: the detected one, lowered by `PAMLINK_SIMD` =
    /// `baseline`, `avx2`, `avx512` or `avx512icl`.
    ///
    /// A word above the detected level changes nothing; an unknown word is ignored here and
    /// reported by [`Level::from_environment`].
    #[must_use]
    pub fn best() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| Self::from_environment().unwrap_or_else(|_| Self::detected()))
    }

    /// The detected level lowered by the environment, or an error if the variable holds an unknown word.
    pub fn from_environment() -> Result<Self> {
        match std::env::var(LEVEL_VARIABLE) {
            Ok(word) if !word.is_empty() => Self::detected().lowered(&word),
            _ => Ok(Self::detected()),
        }
    }

    /// This level or the one named, whichever is lower.
    pub fn lowered(self, word: &str) -> Result<Self> {
        let kind = match word.to_ascii_lowercase().as_str() {
            "baseline" => Kind::Baseline,
            "avx2" => Kind::Avx2,
            "avx512" => Kind::Avx512,
            "avx512icl" => Kind::Avx512Icl,
            _ => {
                return Err(Error::UnknownWord {
                    name: LEVEL_VARIABLE.into(),
                    value: word.to_owned(),
                    allowed: WORDS,
                });
            }
        };
        Ok(self.min(Self(kind)))
    }

    /// Every level of this machine, lowest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        [Kind::Baseline, Kind::Avx2, Kind::Avx512, Kind::Avx512Icl]
            .into_iter()
            .filter(|k| *k <= Self::detected().0)
            .map(Self)
            .collect()
    }

    /// The word for the level: `baseline`, `avx2`, `avx512` or `avx512icl`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Baseline => "baseline",
            Kind::Avx2 => "avx2",
            Kind::Avx512 => "avx512",
            Kind::Avx512Icl => "avx512icl",
        }
    }

    /// Whether the instances for AVX-512 with GFNI, VBMI and VPCLMULQDQ run.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn has_icl(self) -> bool {
        self.0 >= Kind::Avx512Icl
    }

    /// Whether the instances for AVX-512 run.
    pub(crate) fn has_top(self) -> bool {
        self.0 >= Kind::Avx512
    }

    /// Whether the instances for AVX2 and FMA run.
    pub(crate) fn has_mid(self) -> bool {
        self.0 >= Kind::Avx2
    }

    /// Whether `mul_add` is fused at this level (one rounding instead of two).
    #[must_use]
    pub fn is_fused(self) -> bool {
        self.0 >= Kind::Avx2
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::best()
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Level({})", self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A vector of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// The vector of sliding kernels: 4 lanes at the baseline, 8 above.
    Sliding,
    /// The widest vector of the level: 4, 8 or 16 lanes.
    Widest,
}

impl Width {
    /// Lanes of the vector at a level.
    #[must_use]
    pub fn lanes(self, level: Level) -> usize {
        match (level.has_top(), level.has_mid(), self) {
            (true, _, Self::Widest) => 16,
            (_, true, _) => 8,
            _ => 4,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Kind {
    use std::arch::is_x86_feature_detected as has;
    if !(has!("avx2") && has!("fma")) {
        return Kind::Baseline;
    }
    if !(has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl")) {
        return Kind::Avx2;
    }
    if has!("gfni") && has!("avx512vbmi") && has!("vpclmulqdq") {
        Kind::Avx512Icl
    } else {
        Kind::Avx512
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Kind {
    Kind::Baseline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_lowered_but_never_raised() {
        for level in Level::all() {
            assert_eq!(level.lowered("baseline").unwrap(), Level::BASELINE);
            assert_eq!(level.lowered("avx512icl").unwrap(), level);
        }
        assert_eq!(Level::BASELINE.lowered("avx512").unwrap(), Level::BASELINE);
        let error = Level::detected().lowered("sse9").unwrap_err().to_string();
        assert!(
            error.contains("sse9") && error.contains("avx512icl"),
            "{error}"
        );
        assert!(Level::best() <= Level::detected());
    }
}
