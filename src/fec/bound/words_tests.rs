//! Distributions against the formula, segments in series and side by side, measured tails.

use super::super::{KP4, KR4};
use super::*;

fn close(a: f64, b: f64, relative: f64) {
    assert!((a - b).abs() <= relative * b.abs(), "{a:e} {b:e}");
}

#[test]
fn the_binomial_gives_the_formula() {
    for p in [0.0, 1e-15, 2.4e-3, 0.03, 0.6, 1.0] {
        let words = WordErrors::independent(KP4.n, p).unwrap();
        let cer = words.codeword_error_ratio(&KP4).unwrap();
        close(cer, KP4.codeword_error_ratio(p).unwrap(), 2e-11);
        let ser = words.post_fec_ser(&KP4).unwrap();
        close(ser, KP4.post_fec_ser(p).unwrap(), 2e-11);
        close(words.mean(), 544.0 * p, 1e-11);
        let variance = 544.0 * p * (1.0 - p);
        assert!((words.variance() - variance).abs() < 1e-9 * variance + 1e-18);
        assert_eq!(
            words.at_least(0).unwrap().max(1.0 - 1e-11),
            words.at_least(0).unwrap()
        );
    }
    // Published points at a bit error ratio of 2.4e-4.
    let p = rs_symbol_error_probability(2.4e-4).unwrap();
    let words = WordErrors::independent(KP4.n, p).unwrap();
    close(words.codeword_error_ratio(&KP4).unwrap(), 8.1516e-13, 1e-4);
    close(words.post_fec_ser(&KP4).unwrap(), 2.4095e-14, 1e-4);
    close(
        words.post_fec_ber(&KP4, 2.4e-4).unwrap(),
        post_fec_ber(2.4095e-14, 2.4e-4).unwrap(),
        1e-4,
    );
    // Errors at this ratio: 27 %, 35 %, 23 %, 10 % of words have 0, 1, 2, 3; 4.3 % have more.
    for (i, want) in [0.27, 0.35, 0.23, 0.10].into_iter().enumerate() {
        assert!((words.probabilities()[i] - want).abs() < 0.005);
    }
    assert!((words.at_least(4).unwrap() - 0.043).abs() < 5e-4);
    let flr = words.frame_loss_ratio(&KP4, 4).unwrap();
    close(flr, 8.1516e-13 * 4.13125, 1e-4);
}

#[test]
fn segments_of_independent_errors_combine_by_symbol() {
    for (a, b) in [
        (1e-3, 2e-3),
        (5e-9, 3e-3),
        (0.02, 0.3),
        (0.0, 1e-3),
        (1.0, 0.5),
    ] {
        let of = |p| WordErrors::independent(KP4.n, p).unwrap();
        let joint = of(a).in_series(&of(b)).unwrap();
        let direct = of(combined_symbol_error_probability(&[a, b]).unwrap());
        close(
            joint.codeword_error_ratio(&KP4).unwrap(),
            direct.codeword_error_ratio(&KP4).unwrap(),
            1e-10,
        );
        for (i, p) in direct.probabilities().iter().enumerate() {
            if *p > 1e-270 {
                close(joint.probabilities()[i], *p, 1e-9);
            }
        }
        // The plain convolution counts symbols twice: above, and of the size stated.
        let plain = of(a).convolve(&of(b)).unwrap();
        let sum: f64 = plain.probabilities().iter().sum();
        close(sum, 1.0, 1e-11);
        let excess =
            plain.codeword_error_ratio(&KP4).unwrap() / direct.codeword_error_ratio(&KP4).unwrap();
        assert!(excess > 1.0 - 1e-10, "{excess}");
        if a == 1e-3 {
            let stated = 15.0 * 16.0 / 544.0 * a * b / (a + b).powi(2);
            assert!((excess - 1.0 - stated).abs() < 0.01, "{excess} {stated}");
        }
    }
    let other = WordErrors::independent(528, 1e-3).unwrap();
    let kp4 = WordErrors::independent(544, 1e-3).unwrap();
    assert!(kp4.in_series(&other).is_err() && kp4.convolve(&other).is_err());
}

#[test]
fn bursts_and_independent_errors_in_series() {
    // Independent errors go on anywhere, hence exact: the chain with the direct sum over both.
    let chain = BurstChain::new(1e-4, 0.75).unwrap();
    let bursts = chain
        .symbol_error_distribution(&Path::default(), &KP4, KP4.n)
        .unwrap();
    let q = 1e-3;
    let joint = bursts
        .in_series(&WordErrors::independent(KP4.n, q).unwrap())
        .unwrap();
    // Given i wrong symbols, the others are binomial among the 544 - i right ones.
    let mut want = 0.0;
    for (i, p) in bursts.probabilities().iter().enumerate() {
        let rest = WordErrors::independent(KP4.n - i.min(543), q).unwrap();
        want += p * rest.at_least(16usize.saturating_sub(i)).unwrap();
    }
    close(joint.codeword_error_ratio(&KP4).unwrap(), want, 1e-10);
    close(
        joint.mean() / 544.0,
        1.0 - (1.0 - bursts.symbol_error_ratio()) * (1.0 - q),
        1e-11,
    );
    let swapped = WordErrors::independent(KP4.n, q)
        .unwrap()
        .in_series(&bursts)
        .unwrap();
    close(swapped.codeword_error_ratio(&KP4).unwrap(), want, 1e-10);
    let none = WordErrors::none(KP4.n).unwrap();
    let same = bursts.in_series(&none).unwrap();
    close(
        same.codeword_error_ratio(&KP4).unwrap(),
        bursts.codeword_error_ratio(&KP4).unwrap(),
        1e-12,
    );
}

#[test]
fn parts_of_a_word_lie_side_by_side() {
    let quarter = WordErrors::independent(136, 3e-3).unwrap();
    let half = quarter.beside(&quarter);
    let whole = half.beside(&half);
    assert_eq!(whole.symbols(), 544);
    close(
        whole.codeword_error_ratio(&KP4).unwrap(),
        KP4.codeword_error_ratio(3e-3).unwrap(),
        1e-10,
    );
    assert!(half.codeword_error_ratio(&KP4).is_err());
    // A word on four lanes instead of one lacks the bursts across three seams: 3 of 543 pairs of
    // neighbours, of which such deep failures take several.
    let chain = BurstChain::new(1e-4, 0.75).unwrap();
    let path = Path {
        interleave: 4,
        ..Path::default()
    };
    let part = chain.symbol_error_distribution(&path, &KP4, 136).unwrap();
    let four = part.beside(&part).beside(&part.beside(&part));
    let one = chain.symbol_error_distribution(&path, &KP4, 544).unwrap();
    close(
        four.codeword_error_ratio(&KP4).unwrap(),
        one.codeword_error_ratio(&KP4).unwrap(),
        0.02,
    );
}

#[test]
fn a_measured_tail_stays_a_tail() {
    let mut h = Histogram::default();
    h.add_words(0, 899_000);
    h.add_words(2, 100_000);
    h.add_words(15, 900);
    h.add_words(40, 100);
    let words = WordErrors::from_histogram(&h, 544).unwrap();
    assert_eq!(words.tail(), 1e-4);
    assert_eq!(words.codeword_error_ratio(&KP4).unwrap(), 1e-4);
    close(words.at_least(15).unwrap(), 1e-3, 1e-12);
    assert!(words.at_least(17).is_err(), "inside the tail");
    close(words.mean(), (200_000.0 + 13_500.0 + 1600.0) / 1e6, 1e-12);
    // With another segment the known counts stay known and the sum stays one.
    let other = WordErrors::independent(544, 1e-3).unwrap();
    for joint in [
        words.in_series(&other).unwrap(),
        words.convolve(&other).unwrap(),
    ] {
        assert_eq!(joint.probabilities().len(), 16);
        let sum: f64 = joint.probabilities().iter().sum();
        close(sum + joint.tail(), 1.0, 1e-11);
        let cer = joint.codeword_error_ratio(&KP4).unwrap();
        // 15 errors and at least one more elsewhere, or the tail.
        let more = 1.0 - 0.999f64.powi(529);
        assert!(
            cer > 1e-4 + 9e-4 * more && cer < 1e-4 + 9e-4 * more * 1.05,
            "{cer}"
        );
    }
    assert!(words.codeword_error_ratio(&KR4).is_err(), "other length");
    let short = Histogram::from_counts(&[5, 5, 1]).unwrap();
    let short = WordErrors::from_histogram(&short, 544).unwrap();
    assert!(short.codeword_error_ratio(&KP4).is_err(), "ends below t");
    assert!(WordErrors::from_histogram(&Histogram::default(), 544).is_err());
    assert!(WordErrors::from_histogram(&h, 10).is_err());
}

#[test]
fn what_is_no_distribution_is_an_error() {
    assert!(WordErrors::independent(0, 0.1).is_err());
    assert!(WordErrors::independent(544, 1.1).is_err());
    assert!(WordErrors::independent(544, f64::NAN).is_err());
    let words = WordErrors::independent(544, 0.1).unwrap();
    assert!(words.post_fec_ber(&KP4, -1.0).is_err());
    assert_eq!(words.at_least(600).unwrap(), 0.0);
    let none = WordErrors::none(544).unwrap();
    assert_eq!(none.post_fec_ber(&KP4, 0.0).unwrap(), 0.0);
    assert_eq!(none.probabilities(), [1.0]);
}
