//! The chain held to simulated symbols: levels, signs, precoder, Gray bits, lanes, words.

use super::super::{KP4, RsCode};
use super::burst_tests::{path, words};
use super::*;

/// 64 random bits of Steele, Lea & Flood's `splitmix64`.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        z ^ (z >> 31)
    }

    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * 2f64.powi(-53)
    }
}

/// PAM4 symbols one by one: levels, errors of alternating sign, precoder, Gray bits.
struct Line {
    iep: f64,
    epf: f64,
    precoding: bool,
    random: Random,
    was_wrong: bool,
    sign: i8,
    before: (u8, u8),
}

impl Line {
    fn new(iep: f64, epf: f64, precoding: bool, seed: u64) -> Self {
        Self {
            iep,
            epf,
            precoding,
            random: Random(seed),
            was_wrong: false,
            sign: 1,
            before: (0, 0),
        }
    }

    /// The bits of the next symbol that arrive wrong: 2 the first, 1 the second.
    fn wrong_bits(&mut self) -> u8 {
        let p = if self.was_wrong { self.epf } else { self.iep };
        let is_wrong = self.random.uniform() < p;
        let draw = self.random.bits();
        let (line, received) = if is_wrong {
            self.sign = match (self.was_wrong, draw >> 63) {
                (true, _) => -self.sign,
                (false, 0) => 1,
                (false, _) => -1,
            };
            // An outer level has no neighbour outside.
            let level = ((draw & 0xffff_ffff) % 3) as u8 + u8::from(self.sign < 0);
            (level, level.wrapping_add_signed(self.sign))
        } else {
            ((draw & 3) as u8, (draw & 3) as u8)
        };
        self.was_wrong = is_wrong;
        let (sent, got) = if self.precoding {
            ((line + self.before.0) & 3, (received + self.before.1) & 3)
        } else {
            (line, received)
        };
        self.before = (line, received);
        let gray = [0b00u8, 0b01, 0b11, 0b10];
        gray[usize::from(sent)] ^ gray[usize::from(got)]
    }
}

/// Counts words by simulating each PAM4 symbol and dealing its bits to lanes, symbols and words.
///
/// Nothing is shared with the transfer matrices but the definition. Every group of `I` words gives one
/// count, that of word 0: the words of a group share bursts.
fn simulate(iep: f64, epf: f64, path: &Path, code: &RsCode, groups: u64, seed: u64) -> Histogram {
    let lanes = path.multiplex.lanes();
    let symbols = code.n * path.interleave;
    assert_eq!(symbols % lanes, 0, "whole rows");
    let mut line = Line::new(iep, epf, path.precoding, seed);
    let mut histogram = Histogram::new(40).unwrap();
    for _ in 0..groups {
        let mut wrong = vec![false; symbols];
        for k in 0..symbols * 5 {
            let flips = line.wrong_bits();
            for (bit, mask) in [(2 * k, 2), (2 * k + 1, 1)] {
                if flips & mask != 0 {
                    let (row, lane) = (bit / lanes / 10, bit % lanes);
                    wrong[row * lanes + lane] = true;
                }
            }
        }
        let errors = wrong
            .iter()
            .enumerate()
            .filter(|(index, wrong)| {
                let (row, lane) = (index / lanes, index % lanes);
                let word = match path.multiplex {
                    Multiplex::Bit { .. } => row + lane,
                    _ => row,
                };
                **wrong && word.is_multiple_of(path.interleave)
            })
            .count();
        histogram.add(errors);
    }
    histogram
}

#[test]
fn which_bit_of_a_wrong_symbol_is_wrong() {
    for precoding in [false, true] {
        let mut line = Line::new(0.02, 0.7, precoding, 7);
        let mut counts = [0u64; 4];
        for _ in 0..2_000_000 {
            counts[usize::from(line.wrong_bits())] += 1;
        }
        let wrong = counts[1] + counts[2];
        assert_eq!(counts[3], 0, "one bit of a wrong symbol");
        let share = Path {
            precoding,
            ..Path::default()
        }
        .first_bit_share();
        let measured = interval::proportion(counts[2], wrong, 0.999).unwrap();
        assert!(measured.contains(share), "{precoding}: {measured:?}");
        let ratio = interval::proportion(wrong, 2_000_000, 0.999).unwrap();
        let chain = BurstChain::new(0.02, 0.7).unwrap();
        // Bursts spread the count: three times the binomial interval.
        let off = (chain.symbol_error_ratio(precoding) - ratio.value).abs();
        assert!(off < 3.0 * (ratio.high - ratio.value), "{precoding}: {off}");
    }
}

/// Chi-square of a simulation against the model, bins pooled to 10 expected words, one fixed seed.
fn holds(iep: f64, epf: f64, path: &Path, groups: u64, seed: u64) {
    let model = words(iep, epf, path, &KP4).unwrap();
    let counted = simulate(iep, epf, path, &KP4, groups, seed);
    let fit = counted.compare(&model, 10.0, 0).unwrap();
    assert!(fit.bins.len() > 4, "{path:?}: {} bins", fit.bins.len());
    assert!(
        fit.p_value > 1e-3,
        "{path:?}: chi-square {} at {} degrees, p {:e}",
        fit.chi_square,
        fit.degrees,
        fit.p_value
    );
    let measured = counted.proportion_at_least(16, 0.999).unwrap();
    let cer = model.codeword_error_ratio(&KP4).unwrap();
    assert!(measured.contains(cer), "{path:?}: {cer:e}, {measured:?}");
}

const CASES: [(usize, bool, Multiplex); 9] = [
    (1, false, Multiplex::Symbol),
    (2, true, Multiplex::Symbol),
    (1, false, Multiplex::Bit { lanes: 4 }),
    (1, true, Multiplex::Bit { lanes: 4 }),
    (2, false, Multiplex::Bit { lanes: 4 }),
    (2, true, Multiplex::Bit { lanes: 2 }),
    (4, false, Multiplex::Bit { lanes: 4 }),
    (2, false, Multiplex::BitInStep { lanes: 4 }),
    (2, true, Multiplex::BitInStep { lanes: 4 }),
];

#[test]
fn simulated_symbols_agree() {
    for (seed, (interleave, precoding, multiplex)) in (1..).zip(CASES) {
        let path = path(interleave, precoding, multiplex);
        holds(2e-3, 0.7, &path, 4000 / interleave as u64, seed);
    }
}

#[test]
#[ignore = "minutes: run by `make long`"]
fn simulated_symbols_agree_over_many_words() {
    for (seed, (interleave, precoding, multiplex)) in (100..).zip(CASES) {
        let path = path(interleave, precoding, multiplex);
        holds(1.5e-3, 0.75, &path, 400_000 / interleave as u64, seed);
    }
}

#[test]
#[ignore = "half a minute: run by `make long`"]
fn a_published_check_point_by_simulation() {
    let path = path(1, false, Multiplex::Symbol);
    let counted = simulate(1e-3, 0.75, &path, &KP4, 1_000_000, 42);
    let cer = counted.proportion_at_least(16, 0.95).unwrap();
    println!("{} words fail: {cer:?}", counted.at_least(16).unwrap());
    assert!(cer.contains(1.8454e-3), "{cer:?}");
}
