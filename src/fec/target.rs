//! The post-FEC targets of the Ethernet rates, as data with their sources.

/// A target: the codeword error ratio that KP4 must not exceed at an Ethernet rate.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FecTarget {
    /// Nominal Ethernet rate in Gb/s.
    pub rate_gbps: u32,
    /// Codewords interleaved.
    pub interleave: usize,
    /// Frame loss ratio of 64-octet frames at minimum gap.
    pub frame_loss_ratio: f64,
    /// Codeword error ratio.
    pub codeword_error_ratio: f64,
    /// Where the numbers come from.
    pub source: &'static str,
}

/// Bit error ratio before KP4 that IEEE gives a link as its budget: the rule of thumb printed beside
/// the verdict. Source: IEEE 802.3 PHYs with RS(544,514), contributions `gustlin_100GSR_01a_0120` and
/// `wang_b400g_01a_210315`.
pub const KP4_BER_BUDGET: f64 = 2.4e-4;

/// Bit error ratio before the inner code of 802.3dj that leaves [`KP4_BER_BUDGET`] behind it (computed:
/// Chase with six least reliable positions, 42 patterns).
pub const INNER_BER_BUDGET: f64 = 4.8e-3;

/// The targets, by rising rate.
pub const TARGETS: [FecTarget; 5] = [
    FecTarget {
        rate_gbps: 100,
        interleave: 1,
        frame_loss_ratio: 6.2e-10,
        codeword_error_ratio: 5.48e-10,
        source: "802.3 objective for 100G (FLR 6.2e-10); CER by the one-way formula",
    },
    FecTarget {
        rate_gbps: 200,
        interleave: 2,
        frame_loss_ratio: 6.2e-11,
        codeword_error_ratio: 2.91e-11,
        source: "802.3bs objective (FLR 6.2e-11); CER by the two-way formula",
    },
    FecTarget {
        rate_gbps: 400,
        interleave: 2,
        frame_loss_ratio: 6.2e-11,
        codeword_error_ratio: 2.91e-11,
        source: "802.3bs objective (FLR 6.2e-11); CER by the two-way formula",
    },
    FecTarget {
        rate_gbps: 800,
        interleave: 4,
        frame_loss_ratio: 6e-11,
        codeword_error_ratio: 1.45e-11,
        source: "CER of 802.3dj simulations, DesignCon 2025 pp. 955-975; FLR by the four-way formula",
    },
    FecTarget {
        rate_gbps: 1600,
        interleave: 4,
        frame_loss_ratio: 6e-11,
        codeword_error_ratio: 1.45e-11,
        source: "as 800G (ours: four-way interleave assumed for 1.6T)",
    },
];

impl FecTarget {
    /// The target of an Ethernet rate in Gb/s, if the table has one.
    #[must_use]
    pub fn of_rate(rate_gbps: u32) -> Option<&'static Self> {
        TARGETS.iter().find(|t| t.rate_gbps == rate_gbps)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bound::codeword_error_for_frame_loss;
    use super::*;

    #[test]
    fn codeword_and_frame_targets_agree() {
        for target in &TARGETS {
            let cer = codeword_error_for_frame_loss(target.frame_loss_ratio, target.interleave);
            // The table prints three digits.
            let ratio = cer.unwrap() / target.codeword_error_ratio;
            assert!((ratio - 1.0).abs() < 2e-3, "{}G: {ratio}", target.rate_gbps);
        }
        assert_eq!(
            FecTarget::of_rate(800).unwrap().codeword_error_ratio,
            1.45e-11
        );
        assert!(FecTarget::of_rate(25).is_none());
    }
}
