//! The algorithm layer of forward error correction, against plain decoders that count.

use pamlink::fec::cost::{
    Chase, KeySolver, decoder, encoder, inner_decoder, inner_encoder, key_equation, kp4_decoder,
    kp4_encoder, root_search, syndromes,
};
use pamlink::fec::inner::reference::column;
use pamlink::fec::rs::ReedSolomon;
use pamlink::fec::{Histogram, KP4, KR4, RsCode, WordErrors};
use pamlink::ops::Ops;

use super::fec_plain::{
    Counts, chien, closed, counted, dirty, encode, forney, inversionless, solve, syndromes as plain,
};

/// Declared operations of one word.
fn declared(code: &RsCode, ops: &Ops) -> Counts {
    [
        ops.gf_const,
        ops.gf_mul,
        ops.xor2 / 10.0,
        ops.lut_read_bits / 10.0,
    ]
    .map(|count| count * code.codeword_pam4_symbols() as f64)
}

fn near(counts: Counts, expected: Counts) {
    for (a, b) in counts.iter().zip(&expected) {
        // A mean over words, as shares of all and in sums: rounding alone.
        assert!((a - b).abs() <= 1e-9 * (1.0 + b), "{counts:?} {expected:?}");
    }
}

fn measured(code: RsCode, words: &[u64]) -> WordErrors {
    Histogram::from_counts(words)
        .and_then(|histogram| WordErrors::from_histogram(&histogram, code.n))
        .expect("words")
}

fn independent(code: RsCode, symbol_error: f64) -> WordErrors {
    WordErrors::independent(code.n, symbol_error).expect("a probability")
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }
}

/// A codeword, and the same with so many errors.
fn word(code: RsCode, errors: usize, random: &mut Random) -> (Vec<u16>, Vec<u16>) {
    let message: Vec<u16> = (0..code.k).map(|_| random.below(1024) as u16).collect();
    let mut sent = vec![0; code.n];
    ReedSolomon::new(code)
        .expect("a code")
        .encode(&message, &mut sent)
        .expect("lengths");
    let mut received = sent.clone();
    let mut left = errors;
    while left > 0 {
        let place = random.below(code.n);
        if received[place] == sent[place] {
            received[place] ^= 1 + random.below(1023) as u16;
            left -= 1;
        }
    }
    (sent, received)
}

/// Counts of the key equation and of the rest, and whether the word was decoded.
fn decode(code: &RsCode, solver: KeySolver, s: &[u16], word: &mut [u16]) -> (Counts, Counts, bool) {
    if !dirty(s) {
        return ([0.0; 4], [0.0; 4], true);
    }
    let forms = if solver == KeySolver::ClosedForms {
        3
    } else {
        0
    };
    let (form, tried) = counted(|| (1..=forms).find_map(|e| closed(e, s)));
    if let Some(form) = form {
        let (solved, rest) = counted(|| solve(code, s, &form, word));
        return (tried, rest, solved.is_some());
    }
    let (key, solved) = counted(|| inversionless(code, s));
    let (found, rest) = counted(|| {
        let roots = chien(code, &key);
        // As many roots as the degree says, or the word cannot be decoded.
        let found = roots.len() == key.degree();
        if found {
            forney(code, &key, &roots, word);
        }
        found
    });
    ([0, 1, 2, 3].map(|i| tried[i] + solved[i]), rest, found)
}

#[test]
fn encoder_and_syndromes_declare_what_register_and_horner_do() {
    let mut random = Random(1);
    for code in [KP4, KR4] {
        let (sent, received) = word(code, 3, &mut random);
        // The last message symbol alone gives the generator without its leading one.
        let mut one = vec![0; code.n];
        let mut last = vec![0; code.k];
        last[code.k - 1] = 1;
        ReedSolomon::new(code)
            .expect("a code")
            .encode(&last, &mut one)
            .expect("lengths");
        let (parity, counts) = counted(|| encode(&code, &one[code.k..], &sent[..code.k]));
        assert_eq!(parity, sent[code.k..]);
        near(counts, declared(&code, &encoder(&code, 16.0).algorithm));

        let (values, counts) = counted(|| plain(&code, &received));
        assert!(dirty(&values) && !dirty(&plain(&code, &sent)));
        near(counts, declared(&code, &syndromes(&code, 16.0).algorithm));
    }
}

#[test]
fn decoders_declare_what_they_do_to_words_of_each_weight() {
    let mut random = Random(2);
    for code in [KP4, KR4] {
        let mut histogram = vec![0; code.t + 4];
        let mut total = [[[0.0; 4]; 2]; 2];
        // Few errors more often, and words that cannot be decoded.
        let weights = (0..=code.t + 2).chain([0, 0, 1, 1, 2, 2, 3]);
        for errors in weights.clone() {
            let (sent, received) = word(code, errors, &mut random);
            let s = plain(&code, &received);
            for (k, solver) in [KeySolver::Inversionless, KeySolver::ClosedForms]
                .into_iter()
                .enumerate()
            {
                let mut corrected = received.clone();
                let (key, rest, found) = decode(&code, solver, &s, &mut corrected);
                assert_eq!(
                    (found, corrected == sent),
                    (errors <= code.t, errors <= code.t),
                    "{errors}"
                );
                for (sum, counts) in total[k].iter_mut().zip([key, rest]) {
                    *sum = [0, 1, 2, 3].map(|i| sum[i] + counts[i]);
                }
                // Each weight by itself.
                let mut one = vec![0; code.t + 4];
                one[errors] = 1;
                let of_one = measured(code, &one);
                near(
                    key,
                    declared(&code, &key_equation(&code, &of_one, solver).algorithm),
                );
                near(
                    rest,
                    declared(&code, &root_search(&code, &of_one, solver, 16.0).algorithm),
                );
            }
            histogram[errors] += 1;
        }
        // And all together.
        let errors = measured(code, &histogram);
        let words = weights.count() as f64;
        for (k, solver) in [KeySolver::Inversionless, KeySolver::ClosedForms]
            .into_iter()
            .enumerate()
        {
            let mean = total[k].map(|stage| stage.map(|count| count / words));
            near(
                mean[0],
                declared(&code, &key_equation(&code, &errors, solver).algorithm),
            );
            near(
                mean[1],
                declared(&code, &root_search(&code, &errors, solver, 16.0).algorithm),
            );
            let all = declared(&code, &decoder(&code, &errors, solver, 16.0).algorithm);
            let first = declared(&code, &syndromes(&code, 16.0).algorithm);
            near(
                [0, 1, 2, 3].map(|i| first[i] + mean[0][i] + mean[1][i]),
                all,
            );
        }
    }
}

#[test]
fn a_cleaner_link_decodes_cheaper() {
    let ser = |ber: f64| 1.0 - (1.0 - ber).powi(10);
    for solver in [KeySolver::Inversionless, KeySolver::ClosedForms] {
        let cost = |ber| decoder(&KP4, &independent(KP4, ser(ber)), solver, 16.0);
        let (clean, rare, often) = (cost(0.0), cost(1e-5), cost(2.4e-4));
        assert!(
            clean.hardware.gates < rare.hardware.gates
                && rare.hardware.gates < often.hardware.gates
        );
        assert_eq!(
            (clean.algorithm.gf_mul, clean.algorithm.lut_read_bits),
            (0.0, 0.0)
        );
        assert!(rare.algorithm.gf_mul < 0.1 * often.algorithm.gf_mul);
    }
    // Closed forms spare most words the search of all positions.
    let errors = independent(KP4, ser(2.4e-4));
    let search = |solver| root_search(&KP4, &errors, solver, 16.0).algorithm.gf_const;
    assert!(search(KeySolver::ClosedForms) < 0.1 * search(KeySolver::Inversionless));
}

#[test]
fn the_hardware_of_kp4_is_the_published_formula() {
    for (dirty, parallel) in [(0.0, 16.0), (0.73, 16.0), (1.0, 4.0)] {
        let gates = 162.0 + 120.0 + 182.0 * dirty + 60.0 + 540.0 / parallel + 30.0;
        // Half a gate in 182 000: the share goes through a distribution and back.
        assert!((kp4_decoder(dirty, parallel).hardware.gates - 3.0 * gates).abs() < 1e-3);
        let gates = 146.0 + 270.0 / parallel;
        assert_eq!(kp4_encoder(parallel).hardware.gates, 3.0 * gates);
    }
    // KR4 has 14 check symbols for 30: 22 cells and 14 steps for 46 and 30.
    let all = independent(KR4, 1.0);
    let key = key_equation(&KR4, &all, KeySolver::Inversionless)
        .hardware
        .gates;
    assert!((key - 3.0 * 182.0 * (22.0 * 14.0 / 528.0) / (46.0 * 30.0 / 544.0)).abs() < 1e-9);
    let gates = kp4_encoder(16.0).hardware.gates * 14.0 / 30.0;
    assert!((encoder(&KR4, 16.0).hardware.gates - gates).abs() < 1e-9);
}

/// Exclusive ors to sum the marked entries.
fn sums(marked: impl Iterator<Item = bool>) -> f64 {
    marked.filter(|&m| m).count().saturating_sub(1) as f64
}

#[test]
fn the_inner_code_declares_what_a_plain_search_does() {
    let row = |i: u32, positions: usize| sums((0..positions).map(move |p| column(p) >> i & 1 == 1));
    let encoder: f64 = 60.0 + (0..8).map(|i| row(i, 60)).sum::<f64>();
    assert!((inner_encoder().algorithm.xor2 * 64.0 - encoder).abs() < 1e-9);
    let syndrome: f64 = 60.0 + (0..8).map(|i| row(i, 68)).sum::<f64>();
    for (positions, patterns, weight) in [(6, 42, 3), (6, 64, 6), (2, 4, 2), (5, 32, 5)] {
        let clean = Chase {
            positions,
            patterns,
            bits: 5.0,
            dirty: 0.0,
        };
        let search = Chase {
            dirty: 1.0,
            ..clean
        };
        let ops = inner_decoder(&clean).algorithm.times(64.0);
        assert!((ops.xor2 - syndrome).abs() < 1e-9 && (ops.comparisons() - 60.0).abs() < 1e-9);
        // Passes over what is left, then every pattern of few enough positions.
        let (mut xors, mut adds, mut compares, mut reads) = (0.0, 0.0, 0.0, 0.0);
        let mut left: Vec<usize> = (0..68).collect();
        for _ in 0..positions {
            let mut least = 0;
            for i in 1..left.len() {
                compares += 1.0;
                least = if left[i] < left[least] { i } else { least };
            }
            left.remove(least);
        }
        let tried = (0..1u32 << positions).filter(|p| p.count_ones() <= weight);
        for pattern in tried {
            for _ in 0..pattern.count_ones() {
                xors += 8.0;
                adds += 1.0;
            }
            reads += 8.0 + 5.0;
            compares += 1.0;
        }
        let more = inner_decoder(&search).algorithm.times(64.0);
        let found = [
            more.xor2 - ops.xor2,
            more.additions(),
            more.comparisons() - 60.0,
            more.lut_read_bits,
        ];
        for (found, expected) in found.iter().zip([xors, adds, compares, reads]) {
            assert!((found - expected).abs() < 1e-9);
        }
        // The published estimate, whatever the blocks hold.
        let gates = 3.0 * 250.0 * (patterns as f64 / 32.0).powf(0.6);
        assert!((inner_decoder(&clean).hardware.gates - gates).abs() < 1e-9);
    }
}
