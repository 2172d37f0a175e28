//! Philox at every level against the reference; splits; uniformity.

use proptest::prelude::*;

use super::*;

/// Starts around the borders of groups, of the high word of the block number, and of the index.
const STARTS: [u64; 9] = [
    0,
    1,
    63,
    64,
    1000,
    (1 << 34) - 100,
    (1 << 38) - 1500,
    1 << 63,
    u64::MAX - 90,
];

#[test]
fn words_and_symbols_equal_the_reference_at_every_level() {
    for level in Level::all() {
        for (seed, stream) in [(0, 0), (0xa409_3822_299f_31d0, 0x0370_7344_1319_8a2e)] {
            let random = Philox::new(seed, stream).with_level(level);
            assert_eq!(random.level(), level);
            for first in STARTS {
                let mut words = [0; 200];
                random.fill_u32(first, &mut words);
                for (i, w) in words.into_iter().enumerate() {
                    let s = first.wrapping_add(i as u64);
                    assert_eq!(w, reference::word(seed, stream, s), "{level} word {s}");
                }
                let mut symbols = [0; 3000];
                random.fill_symbols(first, &mut symbols);
                for (i, x) in symbols.into_iter().enumerate() {
                    let n = first.wrapping_add(i as u64);
                    assert_eq!(x, reference::symbol(seed, stream, n), "{level} symbol {n}");
                }
            }
        }
    }
}

#[test]
fn uniform_numbers_are_open_symmetric_and_the_same_in_any_split() {
    let random = Philox::new(3, 9);
    let mut all = vec![0.0; 10_001];
    random.fill_uniform(5, &mut all);
    for (i, x) in all.iter().enumerate() {
        assert_eq!(*x, random.uniform(5 + i as u64));
        assert!(*x > 0.0 && *x < 1.0);
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    // Five standard errors: 5 / sqrt(12 n).
    assert!((mean - 0.5).abs() < 0.0145, "{mean}");
    assert_eq!(uniforms([u32::MAX; 4])[0], 1.0 - 0.5f64.powi(53));
    assert_eq!(uniforms([0; 4])[1], 0.5f64.powi(53));
}

#[test]
fn symbols_are_uniform_and_uncorrelated() {
    let mut symbols = vec![0; 1 << 20];
    Philox::new(1, 2).fill_symbols(0, &mut symbols);
    let mut pairs = [0u32; 16];
    for lag in [1, 4, 64, 256, 1024] {
        pairs.fill(0);
        for i in lag..symbols.len() {
            pairs[usize::from(symbols[i - lag] * 4 + symbols[i])] += 1;
        }
        let n = (symbols.len() - lag) as f64;
        let chi2: f64 = pairs
            .iter()
            .map(|k| (f64::from(*k) - n / 16.0).powi(2) / (n / 16.0))
            .sum();
        // 15 degrees of freedom: above 50 once in 1e5.
        assert!(chi2 < 50.0, "lag {lag}: {chi2}");
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_words(
        start in 0usize..STARTS.len(),
        cuts in prop::collection::vec(0usize..200, 0..8),
        seed: u64,
        stream: u64,
    ) {
        let first = STARTS[start];
        for level in Level::all() {
            let random = Philox::new(seed, stream).with_level(level);
            let n: usize = cuts.iter().sum();
            let (mut whole, mut parts) = (vec![0; n], vec![0; n]);
            let (mut symbols, mut symbol_parts) = (vec![0; 8 * n], vec![0; 8 * n]);
            random.fill_u32(first, &mut whole);
            random.fill_symbols(first, &mut symbols);
            let mut at = 0;
            for cut in &cuts {
                let index = first.wrapping_add(at as u64);
                random.fill_u32(index, &mut parts[at..at + cut]);
                let index = first.wrapping_add(8 * at as u64);
                random.fill_symbols(index, &mut symbol_parts[8 * at..8 * (at + cut)]);
                at += cut;
            }
            prop_assert_eq!(&whole, &parts);
            prop_assert_eq!(&symbols, &symbol_parts);
        }
    }
}
