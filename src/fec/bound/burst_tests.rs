//! The chain held to 90-digit arithmetic and to the independent formula.

use super::super::{KP4, KR4, RsCode};
use super::*;
use crate::Result;

/// Equal to the digits printed: within half a unit of the last one.
fn agrees(got: f64, printed: &str) {
    let want: f64 = printed.parse().unwrap();
    let mantissa = printed.split('e').next().unwrap();
    let decimals = mantissa.split('.').nth(1).map_or(0, str::len);
    let exponent: i32 = printed.split('e').nth(1).map_or(0, |e| e.parse().unwrap());
    let half_unit = 0.5000001 * 10f64.powi(exponent - decimals as i32);
    assert!((got - want).abs() <= half_unit, "{got:e}, not {printed}");
}

pub(super) fn path(interleave: usize, precoding: bool, multiplex: Multiplex) -> Path {
    Path {
        interleave,
        multiplex,
        precoding,
    }
}

pub(super) fn words(iep: f64, epf: f64, path: &Path, code: &RsCode) -> Result<WordErrors> {
    BurstChain::new(iep, epf)?.symbol_error_distribution(path, code, code.n)
}

fn cer(iep: f64, epf: f64, interleave: usize, precoding: bool) -> f64 {
    let path = path(interleave, precoding, Multiplex::Symbol);
    let words = words(iep, epf, &path, &KP4).unwrap();
    words.codeword_error_ratio(&KP4).unwrap()
}

#[test]
fn check_points_to_four_digits_and_beyond() {
    for (iep, interleave, precoding, printed, exact) in [
        (1e-3, 1, false, "1.8454e-3", 0.0018454369434),
        (1e-3, 2, false, "8.0445e-5", 8.04453997547e-5),
        (1e-3, 4, false, "1.3168e-5", 1.31680337545e-5),
        (1e-3, 4, true, "1.3656e-5", 1.36560002919e-5),
        (5e-4, 1, false, "4.344e-5", 4.3442173633e-5),
        // 90-digit arithmetic alone.
        (1e-3, 1, true, "7.36820e-4", 0.000736820235129),
        (1e-3, 2, true, "5.51440e-5", 5.51439633599e-5),
        (1e-8, 4, false, "2.5433e-42", 2.54327528445e-42),
    ] {
        let got = cer(iep, 0.75, interleave, precoding);
        agrees(got, printed);
        assert!((got / exact - 1.0).abs() < 1e-11, "{got:e} {exact:e}");
    }
    let got = cer(1e-6, 0.25, 2, true);
    assert!((got / 1.22383134368e-50 - 1.0).abs() < 1e-11, "{got:e}");
    let chain = BurstChain::new(1e-3, 0.75).unwrap();
    agrees(chain.bit_error_ratio(false), "1.9920e-3");
    agrees(chain.bit_error_ratio(true), "9.960e-4");
}

#[test]
fn limits_to_three_digits() {
    // At 0.75, one way, not precoded the published table rounds 4.2947e-6 up to 4.30e-6; its bit error
    // ratio of 8.59e-6 is that of 4.2947e-6. Exact values by 90-digit arithmetic.
    for (epf, precoding, printed, exact) in [
        (
            0.0,
            false,
            ["5.85e-4", "5.84e-4", "5.84e-4"],
            [0.0005846250864, 0.0005840469808, 0.0005840469808],
        ),
        (
            0.0,
            true,
            ["2.25e-4", "4.87e-4", "4.87e-4"],
            [0.0002250382512, 0.000486712149, 0.000486712149],
        ),
        (
            0.5,
            false,
            ["2.00e-4", "4.67e-4", "4.87e-4"],
            [0.0001998927055, 0.0004665695346, 0.0004867704613],
        ),
        (
            0.5,
            true,
            ["1.46e-4", "3.94e-4", "4.21e-4"],
            [0.0001455173479, 0.0003937410237, 0.0004209746694],
        ),
        (
            0.75,
            false,
            ["4.29e-6", "1.83e-4", "3.50e-4"],
            [4.294652989e-6, 0.0001834496967, 0.0003503209968],
        ),
        (
            0.75,
            true,
            ["1.02e-4", "2.36e-4", "3.52e-4"],
            [0.0001016531488, 0.000236444484, 0.0003516812942],
        ),
    ] {
        for (k, interleave) in [1, 2, 4].into_iter().enumerate() {
            let path = path(interleave, precoding, Multiplex::Symbol);
            let limit = path.iep_limit(&KP4, epf, 1.45e-11).unwrap();
            agrees(limit, printed[k]);
            assert!((limit / exact[k] - 1.0).abs() < 1e-8, "{limit:e}");
        }
    }
    let ber = |epf, precoding, interleave| {
        let path = path(interleave, precoding, Multiplex::Symbol);
        let limit = path.iep_limit(&KP4, epf, 1.45e-11).unwrap();
        BurstChain::new(limit, epf)
            .unwrap()
            .bit_error_ratio(precoding)
    };
    for (epf, precoding, printed) in [
        (0.0, false, ["2.92e-4", "", ""]),
        // The published 4.87e-4 is the probability; the ratio is that over 1 + iep: 4.8648e-4.
        (0.0, true, ["2.25e-4", "4.86e-4", "4.86e-4"]),
        (0.5, false, ["2.00e-4", "4.66e-4", "4.86e-4"]),
        (0.75, false, ["8.59e-6", "3.67e-4", "7.00e-4"]),
        (0.75, true, ["1.02e-4", "2.36e-4", "3.51e-4"]),
    ] {
        for (printed, interleave) in printed.into_iter().zip([1, 2, 4]) {
            if !printed.is_empty() {
                agrees(ber(epf, precoding, interleave), printed);
            }
        }
    }
}

#[test]
fn what_multiplexing_costs() {
    // The table in the documentation of `Multiplex`. No published numbers: the matrices behind it are
    // held to simulation.
    let limit = |interleave, precoding, multiplex| {
        path(interleave, precoding, multiplex)
            .iep_limit(&KP4, 0.75, 1.45e-11)
            .unwrap()
    };
    for (interleave, out_of_step, in_step) in [
        (1, ["8.77e-8", "7.66e-5"], ["8.77e-8", "7.66e-5"]),
        (2, ["2.23e-5", "1.41e-4"], ["7.85e-6", "9.53e-5"]),
        (4, ["1.43e-4", "2.63e-4"], ["8.43e-6", "9.54e-5"]),
    ] {
        for (k, precoding) in [false, true].into_iter().enumerate() {
            let good = limit(interleave, precoding, Multiplex::Bit { lanes: 4 });
            agrees(good, out_of_step[k]);
            let bad = limit(interleave, precoding, Multiplex::BitInStep { lanes: 4 });
            agrees(bad, in_step[k]);
            assert!(bad <= good * 1.000001);
            assert!(good < limit(interleave, precoding, Multiplex::Symbol));
        }
    }
}

#[test]
fn limits_at_the_ends() {
    let deep = Path::default().iep_limit(&KP4, 0.75, 1e-200).unwrap();
    let back = words(deep, 0.75, &Path::default(), &KP4).unwrap();
    let back = back.codeword_error_ratio(&KP4).unwrap();
    assert!((back / 1e-200 - 1.0).abs() < 1e-8);
    let high = path(4, true, Multiplex::Symbol)
        .iep_limit(&KR4, 0.5, 0.9)
        .unwrap();
    let back = words(high, 0.5, &path(4, true, Multiplex::Symbol), &KR4).unwrap();
    assert!((back.codeword_error_ratio(&KR4).unwrap() - 0.9).abs() < 1e-8);
    for cer in [0.0, 1e-280, 1.1, f64::NAN] {
        assert!(Path::default().iep_limit(&KP4, 0.75, cer).is_err());
    }
}

#[test]
fn a_chain_without_memory_is_the_binomial() {
    for ser in [0.0, 1e-12, 4.8e-4, 0.02, 0.7] {
        let chain = BurstChain::independent(ser).unwrap();
        // One word's symbols are five PAM4 symbols each, however they are interleaved.
        let p = rs_symbol_error_from_pam4(ser).unwrap();
        let want = WordErrors::independent(KP4.n, p).unwrap();
        for interleave in [1, 3] {
            let path = path(interleave, false, Multiplex::Symbol);
            let got = chain.symbol_error_distribution(&path, &KP4, KP4.n).unwrap();
            for (i, (a, b)) in got
                .probabilities()
                .iter()
                .zip(want.probabilities())
                .enumerate()
            {
                // Below 1e-280 the cut of the polynomials shows.
                let close = (a - b).abs() <= 2e-11 * b + 1e-285;
                assert!(close, "{ser} {interleave} {i}: {a:e} {b:e}");
            }
        }
    }
}

#[test]
fn every_distribution_is_one_and_has_the_mean_of_its_chain() {
    for multiplex in [
        Multiplex::Symbol,
        Multiplex::Bit { lanes: 1 },
        Multiplex::Bit { lanes: 2 },
        Multiplex::Bit { lanes: 3 },
        Multiplex::Bit { lanes: 4 },
        Multiplex::BitInStep { lanes: 4 },
        Multiplex::Bit { lanes: 8 },
    ] {
        for interleave in [1, 2, 4] {
            for precoding in [false, true] {
                let path = path(interleave, precoding, multiplex);
                for symbols in [1, 5, 136, 544] {
                    let chain = BurstChain::new(2e-3, 0.7).unwrap();
                    let words = chain
                        .symbol_error_distribution(&path, &KP4, symbols)
                        .unwrap();
                    let sum: f64 = words.probabilities().iter().sum();
                    assert!((sum - 1.0).abs() < 1e-12, "{path:?} {symbols}: {sum}");
                    assert!(words.probabilities().len() <= symbols + 1);
                    let p = words.symbol_error_ratio();
                    // A wrong symbol has at least one wrong bit, at most five or ten PAM4 symbols.
                    let ser = chain.symbol_error_ratio(precoding);
                    assert!(p > ser && p < 5.0 * ser, "{path:?}: {p}");
                }
            }
        }
    }
}

#[test]
fn one_lane_of_bits_is_whole_symbols() {
    for (interleave, precoding) in [(1, false), (2, true), (4, false)] {
        let by =
            |multiplex| words(3e-4, 0.7, &path(interleave, precoding, multiplex), &KP4).unwrap();
        let whole = by(Multiplex::Symbol);
        assert_eq!(whole, by(Multiplex::Bit { lanes: 1 }));
        assert_eq!(whole, by(Multiplex::BitInStep { lanes: 1 }));
    }
}

#[test]
fn what_is_no_chain_or_path_is_an_error() {
    let text = |e: crate::Error| e.to_string();
    assert_eq!(
        text(BurstChain::new(1.5, 0.0).unwrap_err()),
        "iep is 1.5, must lie between 0 and 1"
    );
    assert!(BurstChain::new(0.1, 1.0).is_err());
    assert!(BurstChain::new(f64::NAN, 0.5).is_err());
    assert!(BurstChain::from_symbol_error_ratio(0.9, 0.0).is_err());
    assert!(BurstChain::independent(-0.1).is_err());
    let chain = BurstChain::new(1e-3, 0.5).unwrap();
    let bad = |path: Path, symbols| {
        chain
            .symbol_error_distribution(&path, &KP4, symbols)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        bad(path(0, false, Multiplex::Symbol), 544),
        "interleave is 0, must lie between 1 and 64"
    );
    assert_eq!(
        bad(path(1, false, Multiplex::Bit { lanes: 9 }), 544),
        "lanes is 9, must lie between 1 and 8"
    );
    assert_eq!(
        bad(path(1, false, Multiplex::BitInStep { lanes: 0 }), 544),
        "lanes is 0, must lie between 1 and 8"
    );
    assert!(bad(Path::default(), 0).starts_with("symbols is 0"));
    let odd = RsCode {
        symbol_bits: 5,
        ..KP4
    };
    assert_eq!(
        chain
            .symbol_error_distribution(&Path::default(), &odd, 544)
            .unwrap_err()
            .to_string(),
        "row of symbols in bits has length 5, must be 6"
    );
}

#[test]
fn chains_from_other_numbers() {
    let chain = BurstChain::from_symbol_error_ratio(1e-3, 0.75).unwrap();
    assert!((chain.symbol_error_ratio(false) - 1e-3).abs() < 1e-17);
    assert!((chain.iep() - 2.5e-4 / 0.999).abs() < 1e-17);
    assert_eq!(chain.epf(), 0.75);
    let model = crate::signal::BurstModel {
        event_rate: 2.5e-4,
        symbols_per_event: 4.0,
        bits_per_event: 4.0,
        propagation: 0.75,
    };
    assert_eq!(BurstChain::from_model(&model).unwrap(), chain);
    let all = BurstChain::new(1.0, 0.5).unwrap();
    assert!((all.symbol_error_ratio(false) - 2.0 / 3.0).abs() < 1e-15);
    assert_eq!(
        BurstChain::new(0.0, 0.5).unwrap().symbol_error_ratio(true),
        0.0
    );
}
