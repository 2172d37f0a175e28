//! Beyond `t` errors: exactly what a bounded-distance decoder does, by the reference and by
//! constructed words.

use proptest::prelude::*;

use super::*;

/// The decoder's result as the reference states it, with positions and counts checked on the way.
fn result(rs: &ReedSolomon, word: &[u16], erasures: &[usize]) -> Option<Vec<u16>> {
    let mut decoded_word = word.to_vec();
    let decoded = if erasures.is_empty() {
        rs.decode(&mut decoded_word).unwrap()
    } else {
        rs.decode_with_erasures(&mut decoded_word, erasures)
            .unwrap()
    };
    let changed: Vec<u16> = (0..word.len())
        .filter(|&i| word[i] != decoded_word[i])
        .map(|i| i as u16)
        .collect();
    assert_eq!(decoded.positions(), changed);
    match decoded.outcome {
        Outcome::Corrected { errors, erasures } => {
            assert_eq!(usize::from(errors + erasures), changed.len());
            Some(decoded_word)
        }
        Outcome::Uncorrectable => {
            assert!(changed.is_empty());
            None
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// One random word in `t!` lies within reach of a codeword of a long code, so both verdicts are
    /// met here; shortened codes meet locators with roots outside their positions.
    #[test]
    fn random_words_have_the_verdict_of_the_reference(
        code in prop::sample::select(vec![
            general_code(1023, 1021),
            general_code(1023, 1019),
            general_code(1000, 994),
            general_code(1023, 1015),
            general_code(800, 796),
            general_code(500, 494),
        ]),
        word in prop::collection::vec(0u16..1024, 1023),
        erased in 0usize..8,
    ) {
        let word = &word[..code.n];
        let erasures: Vec<usize> = (0..erased.min(2 * code.t)).map(|i| 17 * i + 3).collect();
        let plain = reference::decode(&code, word, &[]);
        let with_erasures = reference::decode(&code, word, &erasures);
        for rs in each_level(code) {
            prop_assert_eq!(&result(&rs, word, &[]), &plain, "{}", rs.level());
            prop_assert_eq!(&result(&rs, word, &erasures), &with_erasures);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn heavier_words_have_the_verdict_of_the_reference(
        code in prop::sample::select(vec![KP4, KR4, general_code(1023, 1003)]),
        at in prop::collection::btree_set(0usize..528, 20),
        over in 0usize..=5,
        value in 1u16..1024,
    ) {
        let mut word = vec![0; code.n];
        for (k, &i) in at.iter().take(code.t + over).enumerate() {
            word[i] = 1 + (value + 97 * k as u16) % 1023;
        }
        let expected = reference::decode(&code, &word, &[]);
        prop_assert_eq!(expected.is_some(), over == 0);
        for rs in each_level(code) {
            prop_assert_eq!(&result(&rs, &word, &[]), &expected, "{}", rs.level());
        }
    }
}

#[test]
fn a_word_nearer_to_another_codeword_becomes_that_one() {
    for code in [KP4, KR4, general_code(1023, 1013)] {
        let support: Vec<usize> = (0..=2 * code.t).map(|k| (k * 41 + 7) % code.n).collect();
        let other = light_codeword(code, &support);
        for rs in each_level(code) {
            for taken in 0..=2 * code.t + 1 {
                let mut word = vec![0; code.n];
                for &i in &support[..taken] {
                    word[i] = other[i];
                }
                let nearest = if taken <= code.t {
                    &vec![0; code.n]
                } else {
                    &other
                };
                assert_eq!(result(&rs, &word, &[]).as_ref(), Some(nearest), "{taken}");
                // One more wrong symbol elsewhere puts the middle out of the reach of both.
                word[2] ^= 1;
                assert!(!support.contains(&2));
                let distance = (taken + 1).min(2 * code.t + 2 - taken);
                let expected = (distance <= code.t).then_some(nearest);
                assert_eq!(result(&rs, &word, &[]).as_ref(), expected, "{taken}");
            }
        }
    }
}

#[test]
fn errors_in_the_part_left_out_by_shortening_are_rejected() {
    // A codeword of the full length with two symbols in the part that KP4 leaves out.
    let full = general_code(1023, 993);
    let left_out = 1023 - 544;
    let mut support: Vec<usize> = (0..29).map(|k| left_out + k * 18).collect();
    support.extend([5, 400]);
    let codeword = light_codeword(full, &support);
    let mut word = codeword[left_out..].to_vec();
    for &i in &support[..10] {
        word[i - left_out] = 0;
    }
    // As a word of the full length it has ten wrong symbols and two missing ones.
    let mut padded = [vec![0; left_out], word.clone()].concat();
    let decoded = ReedSolomon::new(full).unwrap().decode(&mut padded).unwrap();
    assert_eq!((decoded.outcome.errors(), &padded), (Some(12), &codeword));
    for rs in each_level(KP4) {
        assert_eq!(result(&rs, &word, &[]), None);
        assert_eq!(result(&rs, &word, &[1, 2, 3]), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    /// Random words of codes of which many lie within reach, words of every weight, and words near
    /// a light codeword: a batch gives what the words give one by one.
    #[test]
    fn a_batch_has_the_verdicts_of_its_words(
        code in prop::sample::select(vec![
            KP4,
            KR4,
            general_code(1023, 1019),
            general_code(1000, 994),
            general_code(600, 568),
            general_code(3, 1),
        ]),
        symbols in prop::collection::vec(0u16..1024, 1023),
        count in prop::sample::select(vec![1, 127, 128, 300, 513, 700]),
    ) {
        let support: Vec<usize> = (0..=2 * code.t).map(|k| k * code.n / (2 * code.t + 1)).collect();
        let light = light_codeword(code, &support);
        let received = Array2::from_shape_fn((count, code.n), |(w, i)| {
            let draw = symbols[(w * 31 + i * 7) % 1023];
            match w % 3 {
                0 => draw,
                1 => if support[..w % support.len()].contains(&i) { light[i] } else { 0 },
                _ => if (i + w) % code.n < w % (code.t + 3) { draw } else { 0 },
            }
        });
        let (mut one, mut many) = (received.clone(), received.clone());
        for rs in each_level(code) {
            one.assign(&received);
            many.assign(&received);
            let mut report = Report::new();
            rs.decode_batch(&mut rs.workspace(), many.view_mut(), &mut report).unwrap();
            for (w, mut word) in one.rows_mut().into_iter().enumerate() {
                let decoded = rs.decode(word.as_slice_mut().unwrap()).unwrap();
                prop_assert_eq!(report.outcomes()[w], decoded.outcome, "{} {}", w, rs.level());
                prop_assert_eq!(report.positions(w), decoded.positions());
            }
            prop_assert_eq!(&one, &many, "{}", rs.level());
        }
    }
}
