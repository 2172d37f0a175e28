//! The batch decoder against the reference by linear algebra, at every level.

use proptest::prelude::*;

use super::*;
use crate::fec::gf::{exp, mul};
use crate::fec::rs::{ReedSolomon, reference};
use crate::fec::{KP4, KR4};

mod stages;

/// Numbers for test words, from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % limit
    }
}

fn code(n: usize, t: usize) -> RsCode {
    RsCode {
        name: "general",
        n,
        k: n - 2 * t,
        t,
        symbol_bits: 10,
    }
}

/// Codewords with errors: `weights[w]` symbols of word `w` are wrong.
fn received(code: &RsCode, weights: &[usize], numbers: &mut Numbers) -> Vec<u16> {
    let rs = ReedSolomon::new(*code).unwrap();
    let mut words = vec![0; weights.len() * code.n];
    for (word, &weight) in words.chunks_exact_mut(code.n).zip(weights) {
        let message: Vec<u16> = (0..code.k).map(|_| numbers.below(1024) as u16).collect();
        rs.encode(&message, word).unwrap();
        let mut wrong = vec![];
        while wrong.len() < weight.min(code.n) {
            let at = numbers.below(code.n);
            if !wrong.contains(&at) {
                word[at] ^= 1 + numbers.below(1023) as u16;
                wrong.push(at);
            }
        }
    }
    words
}

/// Decodes at every level; each word must come out as the reference says.
fn check(code: &RsCode, words: &[u16]) {
    let expected: Vec<Option<Vec<u16>>> = words
        .chunks_exact(code.n)
        .map(|word| reference::decode(code, word, &[]))
        .collect();
    for level in Level::all() {
        check_level(code, level, words, &expected);
    }
}

fn check_level(code: &RsCode, level: Level, words: &[u16], expected: &[Option<Vec<u16>>]) {
    let batch = Batch::new(*code, level);
    let number = expected.len();
    // The state of an earlier call must not matter.
    let mut state = State::default();
    for _ in 0..2 {
        let mut decoded = words.to_vec();
        let mut counts = vec![77; number];
        let mut positions = vec![0; number * code.t];
        batch.decode(&mut state, &mut decoded, &mut counts, &mut positions);
        for (w, expected) in expected.iter().enumerate() {
            let at = w * code.n..(w + 1) * code.n;
            let (before, after) = (&words[at.clone()], &decoded[at]);
            let context = format!("word {w} of {number}, {}, {level}", code.name);
            match expected {
                None => {
                    assert_eq!(counts[w], UNCORRECTABLE, "{context}");
                    assert_eq!(before, after, "{context}");
                }
                Some(codeword) => {
                    assert_eq!(after, codeword, "{context}");
                    let changed: Vec<u16> = (0..code.n)
                        .filter(|&i| before[i] != after[i])
                        .map(|i| i as u16)
                        .collect();
                    assert_eq!(usize::from(counts[w]), changed.len(), "{context}");
                    let positions = &positions[w * code.t..][..changed.len()];
                    assert_eq!(positions, changed, "{context}");
                }
            }
        }
    }
}

/// Weights of one word: clean words, words for the first pass, for the second, and too heavy ones.
fn weight(t: usize) -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => Just(0),
        3 => 0..=LIGHT.min(t),
        2 => 0..=t,
        1 => Just(t),
        1 => t + 1..=t + 3,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn mixed_words_have_the_result_of_the_reference(
        (code, weights) in prop::sample::select(vec![
            KP4, KR4, code(1023, 16), code(100, 16), code(65, 10), code(545, 9), code(300, 4),
            code(200, 3), code(37, 2), code(1023, 1), code(3, 1), code(17, 8),
        ])
        .prop_flat_map(|code| (Just(code), prop::collection::vec(weight(code.t), 0..150))),
        seed in 1u64..,
    ) {
        let words = received(&code, &weights, &mut Numbers(seed));
        check(&code, &words);
    }

    /// Of random words, one in `t!` or fewer lies within reach of a codeword: both verdicts are met,
    /// and locators with roots outside a shortened code.
    #[test]
    fn random_words_have_the_verdict_of_the_reference(
        code in prop::sample::select(vec![
            code(1023, 1), code(1023, 2), code(700, 2), code(1000, 3), code(500, 3), code(1023, 4),
        ]),
        seed in 1u64..,
    ) {
        let mut numbers = Numbers(seed);
        let words: Vec<u16> = (0..150 * code.n).map(|_| numbers.below(1024) as u16).collect();
        check(&code, &words);
    }
}

/// One word at each place of a group and at its edges.
#[test]
fn the_edges_of_groups_are_decoded() {
    for level in Level::all() {
        let group = Batch::new(KR4, level).group();
        for number in [1, 15, 16, 17, group - 1, group, group + 1, 2 * group + 3] {
            let weights: Vec<usize> = (0..number).map(|w| w % 10 % 9).collect();
            let mut numbers = Numbers(number as u64);
            let clean = received(&KR4, &vec![0; number], &mut numbers);
            let mut words = clean.clone();
            for (w, &weight) in weights.iter().enumerate() {
                for e in 0..weight {
                    words[w * KR4.n + (e * 66 + w) % KR4.n] ^= 1 + numbers.below(1023) as u16;
                }
            }
            let expected: Vec<Option<Vec<u16>>> = weights
                .iter()
                .zip(clean.chunks_exact(KR4.n))
                // Eight errors: no codeword is near but with a probability of 1 in 7! = 5040; these
                // words have none.
                .map(|(&weight, word)| (weight <= KR4.t).then(|| word.to_vec()))
                .collect();
            check_level(&KR4, level, &words, &expected);
        }
    }
}

/// Groups that are all heavy fill the second queue; groups that are all too heavy empty it.
#[test]
fn full_groups_of_one_weight() {
    for (weight, number) in [(15, 1300), (16, 600), (1, 1300), (4, 1300)] {
        let mut numbers = Numbers(weight as u64);
        let clean = received(&KP4, &vec![0; number], &mut numbers);
        let mut words = clean.clone();
        for word in words.chunks_exact_mut(KP4.n) {
            let first = numbers.below(KP4.n);
            for e in 0..weight {
                word[(first + 34 * e) % KP4.n] ^= 1 + numbers.below(1023) as u16;
            }
        }
        let expected: Vec<Option<Vec<u16>>> = clean
            .chunks_exact(KP4.n)
            .map(|word| (weight <= KP4.t).then(|| word.to_vec()))
            .collect();
        for level in Level::all() {
            check_level(&KP4, level, &words, &expected);
        }
    }
}

/// Words whose syndromes are all zero but the last ones: nothing shows before the last steps, and the
/// recurrence grows as long as it can, 32 for `t = 16`, which five bits do not hold.
#[test]
fn a_last_syndrome_alone_is_rejected() {
    for code in [code(100, 16), KP4, KR4, code(60, 4), code(50, 2)] {
        let mut words = vec![];
        for zeros in 2 * code.t - 3..2 * code.t {
            // The product of x - alpha^j over the first `zeros` roots.
            let mut g = vec![1u16];
            for j in 0..zeros {
                g.insert(0, 0);
                for i in 1..g.len() {
                    g[i - 1] ^= mul(g[i], exp(j));
                }
            }
            g.resize(code.n, 0);
            words.extend(g.iter().rev());
        }
        check(&code, &words);
        for level in Level::all() {
            check_level(&code, level, &words[2 * code.n..], &[None]);
        }
    }
}

/// The most that the queues can hold: one word less than a group in each, then a last group of heavy
/// words.
#[test]
fn the_queues_have_room_for_the_worst_order() {
    for level in Level::all() {
        let group = Batch::new(KR4, level).group();
        let mut weights = vec![KR4.t; 3 * group];
        weights[3] = 1;
        weights[group + 5] = 0;
        let mut numbers = Numbers(11);
        let clean = received(&KR4, &vec![0; weights.len()], &mut numbers);
        let mut words = clean.clone();
        for (word, &weight) in words.chunks_exact_mut(KR4.n).zip(&weights) {
            for e in 0..weight {
                word[70 * e + numbers.below(70)] ^= 1 + numbers.below(1023) as u16;
            }
        }
        let expected: Vec<Option<Vec<u16>>> = clean
            .chunks_exact(KR4.n)
            .map(|word| Some(word.to_vec()))
            .collect();
        check_level(&KR4, level, &words, &expected);
    }
}

/// A word whose nearest explanation has an error at a position that the shortened code does not
/// have: its locator has the right degree, but too few roots within the word.
#[test]
fn errors_outside_a_shortened_code_are_rejected() {
    for code in [KP4, KR4, code(400, 3)] {
        // g(x), then x^p mod g: the syndromes of an error at power p.
        let mut g = vec![1u16];
        for j in 0..2 * code.t {
            g.insert(0, 0);
            for i in 1..g.len() {
                g[i - 1] ^= mul(g[i], exp(j));
            }
        }
        let mut numbers = Numbers(5);
        let mut words = vec![];
        for errors in 0..code.t {
            let mut rest = vec![0; 2 * code.t];
            rest[0] = 1;
            for _ in 0..code.n + errors {
                let top = rest.pop().unwrap();
                rest.insert(0, 0);
                for (r, &g) in rest.iter_mut().zip(&g) {
                    *r ^= mul(top, g);
                }
            }
            let mut word = vec![0; code.k];
            word.extend(rest.iter().rev());
            for e in 0..errors {
                word[e * 20 + 3] ^= 1 + numbers.below(1023) as u16;
            }
            words.extend(word);
        }
        let nothing = vec![None; code.t];
        check(&code, &words);
        for level in Level::all() {
            check_level(&code, level, &words, &nothing);
        }
    }
}
