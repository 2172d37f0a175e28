//! The plain equations: the encoder, the Chase search over all patterns, and maximum likelihood.

use super::{PAIRS, POSITIONS};

/// Coefficients of `g(x) = x^8 + x^7 + x^4 + x^3 + x + 1`, lowest first.
const G: [u8; 9] = [1, 1, 0, 1, 1, 0, 0, 1, 1];

/// Coefficients 0..8 of `x^power mod g(x)`, by long division.
fn power(power: usize) -> [u8; 8] {
    let mut a = vec![0; power + 9];
    a[power] = 1;
    for top in (8..a.len()).rev() {
        if a[top] == 1 {
            for (i, g) in G.iter().enumerate() {
                a[top - 8 + i] ^= g;
            }
        }
    }
    std::array::from_fn(|i| a[i])
}

/// Column of a position below [`POSITIONS`]: `x^(67 + k)` for pair `k`, `x^i` for parity bit `i`; bit `i` is the
/// coefficient of `x^i`.
#[must_use]
pub fn column(position: usize) -> u8 {
    let log = if position < PAIRS {
        67 + position
    } else {
        position - PAIRS
    };
    (0..8).map(|i| power(log)[i] << i).sum()
}

/// Parity bits of a message of 120 bits 0 and 1.
///
/// # Panics
/// For a longer message.
#[must_use]
pub fn parity(message: &[u8]) -> [u8; 8] {
    let mut p = [0; 8];
    for (k, pair) in message.chunks_exact(2).enumerate() {
        let sum = pair[0] ^ pair[1];
        let row = column_of(k);
        for (i, p) in p.iter_mut().enumerate() {
            *p ^= sum & row >> i;
        }
    }
    p
}

/// Syndrome of 68 positions: pair sums, then parity bits.
#[must_use]
pub fn syndrome(positions: &[u8; POSITIONS]) -> u8 {
    let columns = (0..POSITIONS).map(column_of);
    let wrong = columns.zip(positions).filter(|&(_, &b)| b == 1);
    wrong.fold(0, |s, (c, _)| s ^ c)
}

/// A set of flipped positions and what it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Whether each position is flipped.
    pub flips: [bool; POSITIONS],
    /// Sum of the reliabilities of the flipped positions.
    pub metric: f64,
}

impl Candidate {
    fn new(flips: [bool; POSITIONS], reliabilities: &[f64; POSITIONS]) -> Self {
        let flipped = flips.iter().zip(reliabilities).filter(|(f, _)| **f);
        Self {
            flips,
            metric: flipped.map(|(_, r)| r).sum(),
        }
    }
}

/// The Chase decoder by its definition. Each pattern of at most `weight` of the `positions` least reliable
/// positions is flipped (all of them, by weight and then by number); where the syndrome is zero then, or the
/// column of one position, which is flipped as well, a candidate is found. The one with the least sum of
/// flipped reliabilities wins, sums above `ceiling` counting as `ceiling`; of equal ones the first.
///
/// # Panics
/// For more than 68 positions (the search is over all `2^positions` sets).
#[must_use]
pub fn chase(
    syndrome: u8,
    reliabilities: &[f64; POSITIONS],
    positions: usize,
    weight: u32,
    ceiling: f64,
) -> Option<Candidate> {
    let columns: Vec<u8> = (0..POSITIONS).map(column_of).collect();
    let mut order: Vec<usize> = (0..POSITIONS).collect();
    order.sort_by(|&a, &b| reliabilities[a].total_cmp(&reliabilities[b]));
    let mut best: Option<Candidate> = None;
    for w in 0..=weight {
        for pattern in (0..1usize << positions).filter(|p| p.count_ones() == w) {
            let mut flips = [false; POSITIONS];
            let mut s = syndrome;
            for (j, &p) in order[..positions].iter().enumerate() {
                if pattern >> j & 1 == 1 {
                    flips[p] = true;
                    s ^= columns[p];
                }
            }
            if s != 0 {
                let Some(p) = columns.iter().position(|&c| c == s) else {
                    continue;
                };
                flips[p] ^= true;
            }
            let mut found = Candidate::new(flips, reliabilities);
            found.metric = found.metric.min(ceiling);
            if best.as_ref().is_none_or(|b| found.metric < b.metric) {
                best = Some(found);
            }
        }
    }
    best
}

/// Maximum likelihood: of all sets of positions whose columns add up to the syndrome the one with the least
/// sum of reliabilities (finite, zero or above), by dynamic programming over the positions with the 256 partial syndromes as states.
#[must_use]
pub fn maximum_likelihood(syndrome: u8, reliabilities: &[f64; POSITIONS]) -> Candidate {
    let mut metrics = [f64::INFINITY; 256];
    metrics[0] = 0.0;
    let mut flipped = vec![[false; 256]; POSITIONS];
    for p in 0..POSITIONS {
        let c = usize::from(column_of(p));
        let before = metrics;
        for s in 0..256 {
            let other = before[s ^ c] + reliabilities[p];
            flipped[p][s] = other < before[s];
            metrics[s] = before[s].min(other);
        }
    }
    let mut flips = [false; POSITIONS];
    let mut s = usize::from(syndrome);
    for p in (0..POSITIONS).rev() {
        if flipped[p][s] {
            flips[p] = true;
            s ^= usize::from(column_of(p));
        }
    }
    Candidate::new(flips, reliabilities)
}

/// [`column`], kept.
fn column_of(position: usize) -> u8 {
    static COLUMNS: std::sync::OnceLock<[u8; POSITIONS]> = std::sync::OnceLock::new();
    COLUMNS.get_or_init(|| std::array::from_fn(column))[position]
}
