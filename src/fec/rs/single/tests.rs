//! The steps of the decoder of one word against the plain forms.

use proptest::prelude::*;

use super::*;
use crate::Level;
use crate::fec::gf;

fn plain_syndrome(word: &[u16], j: usize) -> u16 {
    let terms = word.iter().enumerate();
    terms.fold(0, |s, (i, &r)| {
        s ^ gf::reference::mul(r, gf::exp(i * (1023 - j)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn syndromes_are_the_sums_of_their_definition(
        word in prop::collection::vec(0u16..1024, 1023),
        n in prop_oneof![1usize..=1023, prop::sample::select(
            vec![3, 32, 93, 94, 125, 186, 465, 528, 544, 1023])],
        half in 1usize..=16,
    ) {
        let roots = 2 * half;
        let expected: [u16; 32] = std::array::from_fn(|j| {
            if j < roots { plain_syndrome(&word[..n], j) } else { 0 }
        });
        for level in Level::all() {
            prop_assert_eq!(syndromes(level, &word[..n], roots), expected, "{}", level);
        }
    }

    #[test]
    fn a_search_finds_the_roots_among_the_positions(
        roots in prop::collection::btree_set(0usize..1023, 1..=32),
        n in prop_oneof![1usize..=1023, prop::sample::select(vec![93, 528, 544, 1023])],
    ) {
        // The product of (x - alpha^i), from the constant up.
        let mut locator = vec![1];
        for &i in &roots {
            locator.insert(0, 0);
            for k in 1..locator.len() {
                locator[k - 1] ^= gf::mul(locator[k], gf::exp(i));
            }
        }
        let expected: Vec<u16> = roots.iter().filter(|&&i| i < n).map(|&i| i as u16).collect();
        for level in Level::all() {
            let mut at = [0; 32];
            let found = search(level, &locator, n, &mut at);
            prop_assert_eq!(&at[..found], &expected, "{}", level);
        }
    }
}
