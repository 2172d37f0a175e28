//! Every decoder at every level against [`reference`], bit for bit.

use proptest::prelude::*;

use super::*;

/// What a decoder must give for one block.
struct Want {
    message: Vec<u8>,
    flips: i8,
}

/// The plain decoder on soft bits: `zero(n)` says whether bit `n` is a 0, `r(n)` how sure that is.
fn plain(
    ones: &[bool; 128],
    reliability: &[f64; 128],
    weights: &[f64; POSITIONS],
    config: &InnerConfig,
    ceiling: f64,
) -> Want {
    let mut bits: Vec<u8> = ones.iter().map(|&b| u8::from(b)).collect();
    let positions: [u8; POSITIONS] = std::array::from_fn(|p| {
        if p < PAIRS {
            bits[2 * p] ^ bits[2 * p + 1]
        } else {
            bits[PAIRS + p]
        }
    });
    let s = reference::syndrome(&positions);
    // The greatest weight of a pattern: 42 patterns of six positions are all of weights up to three.
    let mut sum = 0;
    let weight = (0..=config.positions as u32).find(|&w| {
        sum += (0..1u32 << config.positions)
            .filter(|p| p.count_ones() == w)
            .count();
        sum == config.patterns
    });
    let mut flips = 0;
    if s != 0 {
        match reference::chase(s, weights, config.positions, weight.unwrap(), ceiling) {
            None => flips = -1,
            Some(found) => {
                for p in (0..POSITIONS).filter(|&p| found.flips[p]) {
                    let second = p < PAIRS && reliability[2 * p + 1] < reliability[2 * p];
                    let n = if p < PAIRS {
                        2 * p + usize::from(second)
                    } else {
                        PAIRS + p
                    };
                    bits[n] ^= 1;
                    flips += 1;
                }
            }
        }
    }
    bits.truncate(120);
    Want {
        message: bits,
        flips,
    }
}

/// Weights of the positions from those of the bits.
fn weights(reliability: &[f64; 128]) -> [f64; POSITIONS] {
    std::array::from_fn(|p| {
        if p < PAIRS {
            reliability[2 * p].min(reliability[2 * p + 1])
        } else {
            reliability[PAIRS + p]
        }
    })
}

const SEARCHES: [(usize, usize); 9] = [
    (6, 42),
    (0, 1),
    (2, 4),
    (3, 8),
    (4, 16),
    (5, 32),
    (6, 64),
    (6, 22),
    (6, 7),
];

fn config(search: usize, bits: Option<u32>) -> InnerConfig {
    let (positions, patterns) = SEARCHES[search % SEARCHES.len()];
    InnerConfig {
        positions,
        patterns,
        bits,
        ..InnerConfig::default()
    }
}

/// Runs a decoder at every level and compares.
fn check(
    config: &InnerConfig,
    want: &[Want],
    run: impl Fn(&InnerDecoder, &mut [u8], Option<&mut [i8]>) -> Result<InnerReport>,
) -> std::result::Result<(), TestCaseError> {
    for level in Level::all() {
        let decoder = InnerDecoder::with_level(config, level).unwrap();
        prop_assert_eq!(decoder.level(), level);
        let mut messages = vec![9; 120 * want.len()];
        let mut flips = vec![9; want.len()];
        let report = run(&decoder, &mut messages, Some(&mut flips)).unwrap();
        for (i, want) in want.iter().enumerate() {
            prop_assert_eq!(flips[i], want.flips, "flips of block {} at {}", i, level);
            prop_assert_eq!(
                &messages[120 * i..][..120],
                &want.message[..],
                "block {} at {}",
                i,
                level
            );
        }
        let of = |f: &dyn Fn(i8) -> bool| want.iter().filter(|w| f(w.flips)).count() as u64;
        prop_assert_eq!(report.blocks, want.len() as u64);
        prop_assert_eq!(report.clean, of(&|n| n == 0));
        prop_assert_eq!(report.corrected, of(&|n| n > 0));
        prop_assert_eq!(report.uncorrectable, of(&|n| n < 0));
        let flipped: i64 = want.iter().map(|w| i64::from(w.flips.max(0))).sum();
        prop_assert_eq!(report.flipped_bits, flipped as u64);
        let mut again = vec![9; messages.len()];
        prop_assert_eq!(run(&decoder, &mut again, None).unwrap(), report);
        prop_assert_eq!(again, messages);
    }
    Ok(())
}

/// Counts of blocks around the lanes of a vector and the tile of the kernel.
fn counts() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(1usize),
        0..4usize,
        60..70usize,
        126..132usize,
        255..258usize,
        Just(600)
    ]
}

/// Soft bits of blocks with few doubtful bits, so that clean blocks and all numbers of errors occur.
fn integers(seed: u64, blocks: usize, spread: u32) -> Vec<i8> {
    let source = Philox::new(seed, 5);
    let mut words = vec![0; 128 * blocks];
    source.fill_u32(0, &mut words);
    let mut llr = Vec::new();
    for (i, words) in words.chunks_exact(128).enumerate() {
        let message = u128::from(words[0]) << 64 | u128::from(words[1]) << 3 | u128::from(words[2]);
        let block = encode_word(message);
        for (n, w) in words.iter().enumerate() {
            // Magnitudes of few values, for ties; the sign is wrong for one in 64.
            let magnitude = (w >> 8) % (spread + 1);
            let wrong = w & 63 == i as u32 % 2;
            let one = (block >> n & 1 == 1) != wrong;
            llr.push(if one {
                (magnitude as i8).wrapping_neg()
            } else {
                magnitude as i8
            });
        }
    }
    llr
}

fn plain_integers(llr: &[i8], config: &InnerConfig) -> Vec<Want> {
    let blocks = llr.chunks_exact(128).map(|l| {
        let ones = std::array::from_fn(|n| l[n] < 0);
        let reliability = std::array::from_fn(|n| f64::from(l[n].unsigned_abs()));
        plain(&ones, &reliability, &weights(&reliability), config, 254.0)
    });
    blocks.collect()
}

fn plain_llr(llr: &[f32], config: &InnerConfig) -> Vec<Want> {
    let blocks = llr.chunks_exact(128).map(|l| {
        let ones = std::array::from_fn(|n| l[n].is_sign_negative());
        let reliability: [f64; 128] = std::array::from_fn(|n| f64::from(l[n].abs()));
        let exact = weights(&reliability);
        match config.bits {
            None => plain(&ones, &reliability, &exact, config, f64::INFINITY),
            Some(bits) => {
                let top = ((1 << bits) - 1) as f32;
                let scale = top / config.full_scale_llr;
                let rounded =
                    exact.map(|w| f64::from((w as f32 * scale).min(top).round_ties_even()));
                plain(&ones, &reliability, &rounded, config, 254.0)
            }
        }
    });
    blocks.collect()
}

/// Reliabilities of a sample by squared distances from the levels -3, -1, 1, 3.
fn both_bits(x: f64) -> [f64; 2] {
    let nearest = |bit: usize, value: u8| {
        let of = (0..4).filter(|&s| pam4::SYMBOL_TO_GRAY[s] >> (1 - bit) & 1 == value);
        of.map(|s| (x - f64::from(pam4::LEVELS[s])).powi(2))
            .fold(f64::INFINITY, f64::min)
    };
    // A distance d from the threshold between levels two apart is a difference of 4 d.
    [0, 1].map(|bit| (nearest(bit, 0) - nearest(bit, 1)).abs() / 4.0)
}

fn plain_samples(samples: &[f32], config: &InnerConfig) -> Vec<Want> {
    let blocks = samples.chunks_exact(64).map(|x| {
        let symbol = |n: usize| {
            usize::from(x[n / 2] >= -2.0)
                + usize::from(x[n / 2] >= 0.0)
                + usize::from(x[n / 2] >= 2.0)
        };
        let ones = std::array::from_fn(|n| pam4::SYMBOL_TO_GRAY[symbol(n)] >> (1 - n % 2) & 1 == 1);
        let reliability: [f64; 128] =
            std::array::from_fn(|n| both_bits(f64::from(x[n / 2]))[n % 2]);
        let exact = weights(&reliability);
        match config.bits {
            None => plain(&ones, &reliability, &exact, config, f64::INFINITY),
            Some(bits) => {
                let top = ((1 << bits) - 1) as f32;
                let scale = top / config.full_scale_distance;
                let rounded =
                    exact.map(|w| f64::from((w as f32 * scale).min(top).round_ties_even()));
                plain(&ones, &reliability, &rounded, config, 254.0)
            }
        }
    });
    blocks.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn integers_with_ties(
        seed in any::<u64>(), count in counts(), search in 0..9usize, spread in prop_oneof![0..4u32, 5..60u32, Just(127u32)],
    ) {
        let mut llr = integers(seed, count, spread);
        // -128 has a magnitude that no other number has.
        if let Some(l) = llr.get_mut(77) {
            *l = -128;
        }
        let config = config(search, Some(8));
        check(&config, &plain_integers(&llr, &config), |d, m, f| d.decode_integers(&llr, m, f))?;
    }

    #[test]
    fn ratios(seed in any::<u64>(), count in counts(), search in 0..9usize, bits in 4..9u32, scale in 0.05f32..8.0) {
        // Multiples of 1/8 times the scale: ties of rounding and of reliabilities, zeros of both signs.
        let llr: Vec<f32> = integers(seed, count, 100).iter().map(|&l| f32::from(l) / 8.0 * scale).collect();
        let config = config(search, (bits > 4).then_some(bits));
        let want = plain_llr(&llr, &config);
        check(&config, &want, |d, m, f| d.decode_llr(&llr, m, f))?;
        let pairs: Vec<[crate::signal::Llr; 2]> =
            llr.chunks_exact(2).map(|p| [crate::signal::Llr(p[0]), crate::signal::Llr(p[1])]).collect();
        check(&config, &want, |d, m, f| d.decode_soft(&pairs, m, f))?;
    }

    #[test]
    fn samples(seed in any::<u64>(), count in counts(), search in 0..9usize, bits in 4..9u32, sigma in 0.3f32..0.7) {
        let mut noisy = Noisy::new(seed, 0, count, sigma);
        // Steps of 2^-10: all differences of squares are exact, so that both forms of a reliability are equal;
        // a distance that a bit decides on is one or the other way in both.
        noisy.samples.iter_mut().for_each(|x| *x = (*x * 1024.0).round() / 1024.0);
        let config = config(search, (bits > 4).then_some(bits));
        let want = plain_samples(&noisy.samples, &config);
        check(&config, &want, |d, m, f| d.decode_samples(&noisy.samples, m, f))?;
    }

    #[test]
    fn symbols(seed in any::<u64>(), count in 0..40usize) {
        let noisy = Noisy::new(seed, 0, count, 0.42);
        let symbols: Vec<u8> = noisy.samples.iter().map(|x| u8::from(*x >= -2.0) + u8::from(*x >= 0.0) + u8::from(*x >= 2.0)).collect();
        // Second bits are the least reliable ones of all pairs.
        let mut bits = vec![0; 2 * symbols.len()];
        crate::pattern::symbols_to_bits(&symbols, &mut bits).unwrap();
        let llr: Vec<f32> = bits.iter().enumerate().map(|(n, b)| (if *b == 1 { -1.0 } else { 1.0 }) * if n % 2 == 0 { 2.0 } else { 1.0 }).collect();
        let config = config(1, None);
        check(&config, &plain_llr(&llr, &config), |d, m, f| d.decode_symbols(&symbols, m, f))?;
    }
}

#[test]
fn one_wrong_level_is_corrected_wherever_it_is() {
    // At an outer level from the symbol alone, at an inner one with the sample.
    let noisy = Noisy::new(3, 0, 64, 0.0);
    let decoder = InnerDecoder::new(&InnerConfig::default()).unwrap();
    for k in 0..64 {
        let mut x = noisy.samples.clone();
        for block in x.chunks_exact_mut(64) {
            block[k] += if block[k] < 0.0 { 1.2 } else { -1.2 };
        }
        let (mut out, mut flips) = (vec![9; 120 * 64], [9; 64]);
        decoder
            .decode_samples(&x, &mut out, Some(&mut flips))
            .unwrap();
        assert_eq!(
            (out, flips),
            (noisy.messages.clone(), [1; 64]),
            "symbol {k}"
        );
    }
}

#[test]
fn maximum_likelihood_is_never_worse_and_seldom_better() {
    let noisy = Noisy::new(11, 0, 4000, 1.0 / 2.489);
    let (mut tried, mut equal) = (0, 0);
    for x in noisy.samples.chunks_exact(64) {
        let reliability: [f64; 128] =
            std::array::from_fn(|n| both_bits(f64::from(x[n / 2]))[n % 2]);
        let w = weights(&reliability);
        let received = Eye::new(pam4::LEVELS).samples(x);
        let s = received.planes.syndrome();
        let best = reference::maximum_likelihood(s, &w);
        let sum = (0..POSITIONS)
            .filter(|&p| best.flips[p])
            .fold(0, |s, p| s ^ reference::column(p));
        assert_eq!(sum, s);
        tried += 1;
        match reference::chase(s, &w, 6, 3, f64::INFINITY) {
            Some(chase) => {
                assert!(chase.metric >= best.metric - 1e-12);
                equal += usize::from(chase.flips == best.flips);
            }
            None => panic!("none of 42 patterns"),
        }
    }
    assert!(equal * 100 > tried * 99, "{equal} of {tried}");
}

#[test]
fn a_threshold_that_vanishes_in_f32_and_uneven_levels_are_the_same_at_every_level() {
    for levels in [[-3.0, -1e-40, 1e-40 + 2e-45, 3.0], [-3.0, -0.7, 1.2, 2.9]] {
        let config = InnerConfig {
            levels,
            ..InnerConfig::default()
        };
        let mut samples = Noisy::new(21, 0, 65, 0.45).samples;
        for (i, x) in samples.iter_mut().enumerate().step_by(7) {
            *x = [-0.0, 0.0, levels[1], 0.5 * (levels[2] + levels[3])][i / 7 % 4];
        }
        let decode = |level| {
            let decoder = InnerDecoder::with_level(&config, level).unwrap();
            let (mut m, mut flips) = (vec![0; 65 * 120], vec![0; 65]);
            let report = decoder
                .decode_samples(&samples, &mut m, Some(&mut flips))
                .unwrap();
            (m, flips, report)
        };
        let want = decode(Level::BASELINE);
        for level in Level::all() {
            assert_eq!(decode(level), want, "{level} {levels:?}");
        }
    }
}
