//! The convolutional interleaver between Reed-Solomon words and the inner code, and its inverse.

use crate::error::{Result, in_range};

/// Shape of a convolutional interleaver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ConvolutionConfig {
    /// Branches `P` that take turns, 1..=16.
    pub branches: usize,
    /// Symbols `W` of a granule, the unit that is passed on, 1..=64.
    pub granule: usize,
    /// Granules `D` by which each branch delays more than the one before it, 1..=65536.
    pub delay: usize,
}

impl Default for ConvolutionConfig {
    /// Three branches, granules of four symbols (40 bits), 192 granules: the interleaver in front of the
    /// inner code of 200G lanes.
    ///
    /// Source: IEEE 802.3dj draft clause 177.4 (branches and granule) and an open hardware model of it
    /// (the delay); delays of other rates than the model's are unconfirmed.
    fn default() -> Self {
        Self {
            branches: 3,
            granule: 4,
            delay: 192,
        }
    }
}

impl ConvolutionConfig {
    /// Symbols by which interleaver and deinterleaver together delay the stream, `P (P - 1) D W`; no further than `usize`
    /// counts.
    #[must_use]
    pub fn latency_symbols(&self) -> usize {
        let pairs = self
            .branches
            .saturating_mul(self.branches.saturating_sub(1));
        pairs.saturating_mul(self.delay.saturating_mul(self.granule))
    }

    /// The same in bits of 10-bit symbols, `P (P - 1) D W 10`: 46 080 by default.
    #[must_use]
    pub fn latency_bits(&self) -> usize {
        self.latency_symbols().saturating_mul(10)
    }

    fn validate(&self) -> Result<()> {
        in_range("branches", self.branches as f64, 1.0, 16.0)?;
        in_range("granule", self.granule as f64, 1.0, 64.0)?;
        in_range("delay", self.delay as f64, 1.0, 65536.0)?;
        Ok(())
    }
}

/// One branch: a ring of the symbols on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Branch {
    ring: Vec<u16>,
    at: usize,
}

/// Branches that take turns, each a delay line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Branches {
    config: ConvolutionConfig,
    lines: Vec<Branch>,
    /// The branch whose turn it is, and the symbols of its granule that have passed.
    turn: usize,
    passed: usize,
}

impl Branches {
    fn new(config: ConvolutionConfig, delays: impl Iterator<Item = usize>) -> Result<Self> {
        config.validate()?;
        let unit = config.delay * config.granule;
        Ok(Self {
            config,
            lines: delays
                .map(|d| Branch {
                    ring: vec![0; d * unit],
                    at: 0,
                })
                .collect(),
            turn: 0,
            passed: 0,
        })
    }

    /// A delay line in place: what is in the ring changes places with what comes in. Rings hold whole
    /// granules, so no run wraps around.
    fn process(&mut self, mut symbols: &mut [u16]) {
        while !symbols.is_empty() {
            let n = (self.config.granule - self.passed).min(symbols.len());
            let (run, rest) = symbols.split_at_mut(n);
            symbols = rest;
            let branch = &mut self.lines[self.turn];
            if !branch.ring.is_empty() {
                branch.ring[branch.at..branch.at + n].swap_with_slice(run);
                branch.at += n;
                if branch.at == branch.ring.len() {
                    branch.at = 0;
                }
            }
            self.passed += n;
            if self.passed == self.config.granule {
                self.passed = 0;
                self.turn = (self.turn + 1) % self.config.branches;
            }
        }
    }

    fn reset(&mut self) {
        for branch in &mut self.lines {
            branch.ring.fill(0);
            branch.at = 0;
        }
        self.turn = 0;
        self.passed = 0;
    }
}

/// The interleaver: granule `g` of the stream takes branch `i = g mod P` and leaves it `i D` turns later.
///
/// With `P` branches, granules of `W` symbols and a delay unit `D`, output granule `g` is input granule
/// `g - P D (g mod P)`; what stands before the start of the stream is zero. With the default shape and
/// four words interleaved symbol by symbol in front of it, the twelve symbols of every inner code word
/// come from twelve Reed-Solomon words. Any split of a stream into blocks gives the same output. Works in
/// place, holds `P (P - 1) / 2 D W` symbols. Cost: one read and one write per symbol.
///
/// ```
/// use pamlink::fec::interleave::{ConvolutionConfig, Deinterleaver, Interleaver};
/// let config = ConvolutionConfig { branches: 2, granule: 1, delay: 1 };
/// let mut symbols = [1, 2, 3, 4, 5, 6];
/// Interleaver::new(&config)?.process(&mut symbols);
/// assert_eq!(symbols, [1, 0, 3, 2, 5, 4]);
/// Deinterleaver::new(&config)?.process(&mut symbols);
/// assert_eq!(config.latency_symbols(), 2);
/// assert_eq!(symbols, [0, 0, 1, 2, 3, 4]);
/// # Ok::<(), pamlink::Error>(())
/// ```
///
/// Source: the default of [`ConvolutionConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interleaver(Branches);

/// The inverse of [`Interleaver`]: branch `i` delays by `(P - 1 - i) D` turns, so that all symbols come out
/// in their old order, [`ConvolutionConfig::latency_symbols`] later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deinterleaver(Branches);

impl Interleaver {
    /// An interleaver at the start of a stream.
    ///
    /// # Errors
    /// A shape out of range.
    pub fn new(config: &ConvolutionConfig) -> Result<Self> {
        Branches::new(*config, 0..config.branches).map(Self)
    }

    /// The next symbols of the stream, in place.
    pub fn process(&mut self, symbols: &mut [u16]) {
        self.0.process(symbols);
    }

    /// Back to the start of a stream.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl Deinterleaver {
    /// A deinterleaver at the start of a stream.
    ///
    /// # Errors
    /// A shape out of range.
    pub fn new(config: &ConvolutionConfig) -> Result<Self> {
        Branches::new(*config, (0..config.branches).rev()).map(Self)
    }

    /// The next symbols of the stream, in place.
    pub fn process(&mut self, symbols: &mut [u16]) {
        self.0.process(symbols);
    }

    /// Back to the start of a stream.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    /// The definition: output granule `g` is input granule `g - P D (g mod P)`.
    fn reference(config: &ConvolutionConfig, input: &[u16]) -> Vec<u16> {
        let back = |g: usize| config.branches * config.delay * (g % config.branches);
        (0..input.len())
            .map(|s| {
                let (g, w) = (s / config.granule, s % config.granule);
                g.checked_sub(back(g))
                    .map_or(0, |from| input[from * config.granule + w])
            })
            .collect()
    }

    proptest! {
        #[test]
        fn both_directions_hold_for_any_split(
            branches in 1usize..5,
            granule in 1usize..6,
            delay in 1usize..7,
            length in 0usize..600,
            cuts in prop::collection::vec(0usize..600, 0..6),
        ) {
            let config = ConvolutionConfig { branches, granule, delay };
            let input: Vec<u16> = (1..=length as u16).collect();
            let mut symbols = input.clone();
            let mut there = Interleaver::new(&config).unwrap();
            let mut back = Deinterleaver::new(&config).unwrap();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(length)).collect();
            cuts.extend([0, length]);
            cuts.sort_unstable();
            for pair in cuts.windows(2) {
                there.process(&mut symbols[pair[0]..pair[1]]);
            }
            prop_assert_eq!(&symbols, &reference(&config, &input));
            // Other cuts on the way back.
            for chunk in symbols.chunks_mut(granule + 1) {
                back.process(chunk);
            }
            let late = config.latency_symbols();
            for (s, &symbol) in symbols.iter().enumerate() {
                prop_assert_eq!(symbol, s.checked_sub(late).map_or(0, |from| input[from]));
            }
            there.reset();
            back.reset();
            prop_assert_eq!(there, Interleaver::new(&config).unwrap());
            prop_assert_eq!(back, Deinterleaver::new(&config).unwrap());
        }
    }

    #[test]
    fn twelve_symbols_of_a_block_come_from_twelve_words() {
        let config = ConvolutionConfig::default();
        assert_eq!(config.latency_bits(), 46_080);
        // Word number of every symbol of four-way interleaved words of 544 symbols.
        let mut stream: Vec<u16> = (0..60 * 544u16)
            .map(|p| 1 + 4 * (p / (4 * 544)) + p % 4)
            .collect();
        Interleaver::new(&config).unwrap().process(&mut stream);
        let mut checked = 0;
        for block in stream.chunks_exact(12).skip(2 * 192 * 3 * 4 / 12) {
            assert_eq!(block.iter().collect::<HashSet<_>>().len(), 12, "{block:?}");
            checked += 1;
        }
        assert!(checked > 2000);
    }

    #[test]
    fn shapes_out_of_range_are_named() {
        let text = |c: ConvolutionConfig| Interleaver::new(&c).unwrap_err().to_string();
        let shape = ConvolutionConfig::default();
        assert_eq!(
            text(ConvolutionConfig {
                branches: 0,
                ..shape
            }),
            "branches is 0, must lie between 1 and 16"
        );
        assert!(
            text(ConvolutionConfig {
                granule: 65,
                ..shape
            })
            .starts_with("granule is 65")
        );
        assert!(text(ConvolutionConfig { delay: 0, ..shape }).starts_with("delay is 0"));
        assert!(Deinterleaver::new(&ConvolutionConfig { delay: 0, ..shape }).is_err());
    }

    /// `cargo test --release -- --ignored --nocapture speed_of_the_convolution` on a quiet machine.
    #[test]
    #[ignore = "measures time"]
    fn speed_of_the_convolution() {
        let config = ConvolutionConfig::default();
        let mut there = Interleaver::new(&config).unwrap();
        let mut back = Deinterleaver::new(&config).unwrap();
        let mut symbols: Vec<u16> = (0..12_288).map(|s| s % 1024).collect();
        let start = std::time::Instant::now();
        for _ in 0..2000 {
            there.process(std::hint::black_box(&mut symbols));
            back.process(std::hint::black_box(&mut symbols));
        }
        let bits = 2.0 * 2000.0 * 10.0 * symbols.len() as f64;
        let rate = bits / start.elapsed().as_secs_f64();
        println!("one direction: {:.2} Gb/s", rate * 1e-9);
        assert!(rate > 5e8);
    }
}
