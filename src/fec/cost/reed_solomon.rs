//! Encoder and decoder of KP4, per PAM4 symbol (two line bits).

use crate::ops::{Cost, Ops};

/// Symbols of a KP4 word, RS(544, 514) over GF(2^10).
const WORD: f64 = 544.0;
/// Check symbols of a KP4 word, 2t.
const CHECKS: f64 = 30.0;
/// Line bits of one PAM4 symbol.
const BITS: f64 = 2.0;
/// PAM4 symbols per symbol of GF(2^10).
const SYMBOLS: f64 = 5.0;

/// Alignment, interleaving and scrambling around a code, as a factor on its gates (ours: there is
/// no silicon anchor).
pub const PCS_OVERHEAD: f64 = 1.5;

/// Share of words that hold at least one error, `d = 1 - (1 - SER)^544`, from the error rate of the
/// 10-bit symbols. `SER` outside 0..=1 is clamped.
///
/// A decoder runs its key solver on these words only, so a cleaner link costs less: 0.73 at a bit
/// error ratio of 2.4e-4, 0.005 at 1e-6.
#[must_use]
pub fn dirty_share(symbol_error_ratio: f64) -> f64 {
    let ser = symbol_error_ratio.clamp(0.0, 1.0);
    -(WORD * (-ser).ln_1p()).exp_m1()
}

/// A KP4 encoder with its share of the PCS; `symbols_per_cycle` is the parallelism (16 usual).
///
/// Algorithm, per PAM4 symbol: 30 constant products and 30 ten-bit sums per RS symbol of the
/// feedback register. Hardware, per bit: `1.5 (146 + 270/Ps)` gate equivalents.
#[must_use]
pub fn kp4_encoder(symbols_per_cycle: f64) -> Cost {
    Cost {
        algorithm: polynomial_step(),
        hardware: gates_per_bit(146.0 + 270.0 / symbols_per_cycle),
        ..Cost::new(
            "KP4 encoder",
            format!("{symbols_per_cycle} symbols per cycle, PCS x {PCS_OVERHEAD}"),
        )
    }
}

/// A KP4 decoder with its share of the PCS, for a share `dirty` of words with errors
/// ([`dirty_share`]; 1 = key solver always on).
///
/// Algorithm, per PAM4 symbol: the syndromes of every word (30 constant products and sums per RS
/// symbol), and for dirty words the key equation (inversionless Berlekamp-Massey: 30 steps of 46
/// cells with two general products) and the search for roots (30 constant products per symbol).
/// Hardware, per bit: `1.5 (162 syndromes + 120 roots and values + 182 d + 60 FIFO + 540/Ps + 30)`.
///
/// Latency 100 ns: published 100 ns to 198 ns (the latter at 50G lanes).
#[must_use]
pub fn kp4_decoder(dirty: f64, symbols_per_cycle: f64) -> Cost {
    let key = Ops {
        gf_mul: dirty * CHECKS * 46.0 * 2.0 / WORD / SYMBOLS,
        gf_const: dirty * CHECKS / SYMBOLS,
        ..Ops::default()
    };
    Cost {
        algorithm: polynomial_step().plus(&key),
        hardware: gates_per_bit(
            162.0 + 120.0 + 182.0 * dirty + 60.0 + 540.0 / symbols_per_cycle + 30.0,
        ),
        latency_s: 100e-9,
        ..Cost::new(
            "KP4 decoder",
            format!(
                "{symbols_per_cycle} symbols per cycle, key solver on {:.0} % of words, PCS x {PCS_OVERHEAD}",
                100.0 * dirty
            ),
        )
    }
}

/// Soft decoder of the inner Hamming code (Chase with `test_patterns` patterns), with interleaver
/// and PCS share.
///
/// Hardware, per bit: `1.5 * 250 (patterns/32)^0.6` gate equivalents; a rough estimate without
/// silicon anchor. The algorithm layer is left empty: no reference decoder is counted yet.
#[must_use]
pub fn inner_decoder(test_patterns: f64) -> Cost {
    Cost {
        hardware: gates_per_bit(250.0 * (test_patterns / 32.0).powf(0.6)),
        ..Cost::new(
            "inner decoder",
            format!("Chase, {test_patterns} test patterns, PCS x {PCS_OVERHEAD}"),
        )
    }
}

/// 30 constant products and 30 ten-bit sums per RS symbol.
fn polynomial_step() -> Ops {
    Ops {
        gf_const: CHECKS / SYMBOLS,
        xor2: CHECKS * 10.0 / SYMBOLS,
        ..Ops::default()
    }
}

/// Gates per bit with the PCS overhead, as operations per PAM4 symbol.
fn gates_per_bit(gates: f64) -> Ops {
    Ops {
        gates: BITS * PCS_OVERHEAD * gates,
        ..Ops::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dirty_share_holds_the_two_published_points() {
        // BER 2.4e-4 and 1e-6 with independent bits: SER = 1 - (1 - BER)^10. Two digits are given.
        let ser = |ber: f64| 1.0 - (1.0 - ber).powi(10);
        assert!((dirty_share(ser(2.4e-4)) - 0.73).abs() < 0.005);
        assert!((dirty_share(ser(1e-6)) - 0.0054).abs() < 0.0001);
        assert_eq!(dirty_share(0.0), 0.0);
        assert_eq!(dirty_share(1.0), 1.0);
    }
}
