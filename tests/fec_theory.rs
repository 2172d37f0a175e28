//! Random bit errors through the real decoder against the closed form.

use ndarray::Array2;
use pamlink::fec::rs::{ReedSolomon, Report};
use pamlink::fec::{Histogram, KP4, KR4, RsCode, rs_symbol_error_probability};
use pamlink::random::Philox;

/// Bit errors of ratio `ber`, independent: the gaps between them are geometric.
struct BitErrors {
    random: Philox,
    draws: u64,
    ln_right: f64,
    /// Bits until the next error.
    gap: u64,
}

impl BitErrors {
    fn new(seed: u64, ber: f64) -> Self {
        let mut errors = Self {
            random: Philox::new(seed, 1),
            draws: 0,
            ln_right: (-ber).ln_1p(),
            gap: 0,
        };
        errors.gap = errors.next_gap();
        errors
    }

    fn next_gap(&mut self) -> u64 {
        self.draws += 1;
        // The logarithm of 1 - u is finite: u lies below 1.
        ((-self.random.uniform(self.draws)).ln_1p() / self.ln_right) as u64
    }

    fn add_to(&mut self, word: &mut [u16]) {
        let bits = 10 * word.len() as u64;
        while self.gap < bits {
            word[(self.gap / 10) as usize] ^= 1 << (self.gap % 10);
            self.gap += 1 + self.next_gap();
        }
        self.gap -= bits;
    }
}

/// Words of random errors: how many were not decoded, and the wrong symbols per word. Decoded words must be
/// what was sent.
fn run(code: RsCode, ber: f64, words: usize) -> (u64, Histogram) {
    const BATCH: usize = 4096;
    let rs = ReedSolomon::new(code).unwrap();
    let data = Philox::new(77, 2);
    let message: Vec<u16> = (0..code.k)
        .map(|i| (1024.0 * data.uniform(i as u64)) as u16)
        .collect();
    let mut sent = vec![0; code.n];
    rs.encode(&message, &mut sent).unwrap();
    let mut errors = BitErrors::new(6, ber);
    let (mut work, mut report) = (rs.workspace(), Report::new());
    let mut received = Array2::zeros((BATCH, code.n));
    let mut wrong = Histogram::new(40).unwrap();
    let mut failed = 0;
    for _ in 0..words.div_ceil(BATCH) {
        for mut word in received.rows_mut() {
            let word = word.as_slice_mut().unwrap();
            word.copy_from_slice(&sent);
            errors.add_to(word);
            wrong.add(word.iter().zip(&sent).filter(|(a, b)| a != b).count());
        }
        rs.decode_batch(&mut work, received.view_mut(), &mut report)
            .unwrap();
        for (word, outcome) in received.rows().into_iter().zip(report.outcomes()) {
            if outcome.is_decoded() {
                assert_eq!(word.as_slice().unwrap(), sent);
            } else {
                failed += 1;
            }
        }
    }
    (failed, wrong)
}

#[test]
fn codeword_failures_of_random_bit_errors_follow_the_formula() {
    for (code, ber, words) in [
        (KP4, 1e-3, 1 << 20),
        (KP4, 1.5e-3, 1 << 19),
        (KR4, 1e-3, 1 << 14),
    ] {
        let (failed, wrong) = run(code, ber, words);
        let want = code.codeword_error_ratio_from_ber(ber).unwrap();
        assert_eq!(wrong.words(), words as u64);
        assert_eq!(wrong.at_least(code.t + 1).unwrap(), failed);
        // (The deviations of 40 other seeds have mean 0.0 and variance 1.0 standard errors.)
        let seen = wrong.proportion_at_least(code.t + 1, 0.95).unwrap();
        println!(
            "{} at {ber}: {failed} of {words} words, {:.3e} ({:.3e} to {:.3e}), formula {want:.4e}",
            code.name, seen.value, seen.low, seen.high
        );
        assert!(seen.low <= want && want <= seen.high, "{seen:?}, {want:e}");
        // Mean of the binomial within four standard errors.
        let p = rs_symbol_error_probability(ber).unwrap();
        let n = code.n as f64;
        let error = 4.0 * (n * p * (1.0 - p) / words as f64).sqrt();
        assert!((wrong.mean() - n * p).abs() < error, "{}", wrong.mean());
    }
}
