//! What lies within reach comes back, at every level.

use proptest::prelude::*;

use super::*;

fn codes() -> impl Strategy<Value = RsCode> {
    prop::sample::select(vec![
        KP4,
        KR4,
        general_code(1023, 1001),
        general_code(1023, 991),
        general_code(600, 568),
        general_code(300, 298),
        general_code(94, 82),
        general_code(93, 87),
        general_code(33, 1),
        general_code(3, 1),
    ])
}

/// Distinct positions in any order and changes for them.
fn pattern(n: usize, seed: u64) -> Vec<(usize, u16)> {
    let mut state = seed | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut at: Vec<usize> = (0..n).collect();
    for i in 0..n.min(40) {
        at.swap(i, i + next() % (n - i));
    }
    at.into_iter()
        .take(40)
        .map(|i| (i, (1 + next() % 1023) as u16))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_weight_up_to_t_is_corrected(
        code in codes(),
        message in prop::collection::vec(0u16..1024, 1023),
        seed in any::<u64>(),
        // All errors close together, at the front or at the back, or anywhere.
        place in 0usize..3,
    ) {
        for rs in each_level(code) {
            let sent = encoded(&rs, &message[..code.k]);
            let mut pattern = pattern(code.n, seed);
            for (k, (at, _)) in pattern.iter_mut().enumerate().take(code.t) {
                *at = match place {
                    0 => k,
                    1 => code.n - 1 - k,
                    _ => *at,
                };
            }
            for weight in 0..=code.t {
                let mut word = sent.clone();
                for &(i, change) in &pattern[..weight] {
                    word[i] ^= change;
                }
                let decoded = rs.decode(&mut word).unwrap();
                prop_assert_eq!(decoded.outcome.errors(), Some(weight as u16), "{}", rs.level());
                prop_assert_eq!(&word, &sent);
                let mut at: Vec<u16> = pattern[..weight].iter().map(|p| p.0 as u16).collect();
                at.sort_unstable();
                prop_assert_eq!(decoded.positions(), at);
            }
        }
    }

    #[test]
    fn errors_with_erasures_are_corrected(
        code in codes(),
        message in prop::collection::vec(0u16..1024, 1023),
        seed in any::<u64>(),
        share in 0usize..=16,
        unhurt in 0usize..4,
    ) {
        let errors = share.min(code.t);
        let erased = (2 * (code.t - errors)).min(code.n - errors);
        // Some erased symbols may have the right value.
        let unhurt = unhurt.min(erased);
        let pattern = pattern(code.n, seed);
        let erasures: Vec<usize> = pattern[errors..errors + erased].iter().map(|p| p.0).collect();
        for rs in each_level(code) {
            let sent = encoded(&rs, &message[..code.k]);
            let mut word = sent.clone();
            for &(i, change) in &pattern[..errors + erased - unhurt] {
                word[i] ^= change;
            }
            let decoded = rs.decode_with_erasures(&mut word, &erasures).unwrap();
            let outcome = Outcome::Corrected {
                errors: errors as u16,
                erasures: (erased - unhurt) as u16,
            };
            prop_assert_eq!((decoded.outcome, &word), (outcome, &sent), "{}", rs.level());
            let changed = errors + erased - unhurt;
            let mut at: Vec<u16> = pattern[..changed].iter().map(|p| p.0 as u16).collect();
            at.sort_unstable();
            prop_assert_eq!(decoded.positions(), at);
        }
    }
}
