//! Forward error correction: the Reed-Solomon codes of Ethernet and what they leave of an error rate.

pub mod bound;
pub mod cost;
pub mod gf;
pub mod inner;
pub mod interleave;
pub mod rs;
pub mod target;

pub use bound::{BurstChain, Histogram, Multiplex, Path, Proportion, WordErrors};
pub use bound::{
    combined_symbol_error_probability, rs_symbol_error_from_pam4, rs_symbol_error_probability,
};
pub use inner::{InnerConfig, InnerDecoder, InnerReport};
pub use rs::{BitOrder, Decoded, Outcome, ReedSolomon, Report};
pub use target::{FecTarget, TARGETS};

use crate::error::{Error, Result};

/// A Reed-Solomon code: its lengths in symbols, what it corrects, and the width of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RsCode {
    /// Name in messages and tables.
    pub name: &'static str,
    /// Symbols of a codeword.
    pub n: usize,
    /// Message symbols of a codeword.
    pub k: usize,
    /// Symbol errors it corrects, `(n - k) / 2`.
    pub t: usize,
    /// Bits of a symbol.
    pub symbol_bits: u32,
}

/// RS(544,514) over GF(2^10), "KP4" (IEEE 802.3 clauses 91, 119).
pub const KP4: RsCode = RsCode {
    name: "kp4",
    n: 544,
    k: 514,
    t: 15,
    symbol_bits: 10,
};

/// RS(528,514) over GF(2^10), "KR4" (IEEE 802.3 clause 91).
pub const KR4: RsCode = RsCode {
    name: "kr4",
    n: 528,
    k: 514,
    t: 7,
    symbol_bits: 10,
};

impl RsCode {
    /// The code of a name: `kp4` or `kr4`.
    pub fn from_name(name: &str) -> Result<Self> {
        [KP4, KR4]
            .into_iter()
            .find(|code| code.name == name)
            .ok_or_else(|| Error::UnknownWord {
                name: "code".into(),
                value: name.to_owned(),
                allowed: "kp4, kr4",
            })
    }

    /// Message share of a codeword, `k / n`.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.k as f64 / self.n as f64
    }

    /// Bits of a codeword.
    #[must_use]
    pub fn codeword_bits(&self) -> usize {
        self.n * self.symbol_bits as usize
    }

    /// PAM4 symbols of a codeword.
    #[must_use]
    pub fn codeword_pam4_symbols(&self) -> usize {
        self.codeword_bits() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_close() {
        for code in [KP4, KR4] {
            assert_eq!(code.t, (code.n - code.k) / 2);
            assert_eq!(RsCode::from_name(code.name).unwrap(), code);
        }
        assert_eq!(KP4.codeword_bits(), 5440);
        assert_eq!(KP4.codeword_pam4_symbols(), 2720);
        assert!((KP4.rate() - 514.0 / 544.0).abs() < 1e-15);
        assert!(RsCode::from_name("kp5").is_err());
    }
}
