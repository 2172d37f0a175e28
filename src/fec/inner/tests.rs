//! The decoder against the plain equations, and against published ratios.

use super::*;
use crate::random::{Gauss, Philox};

mod exact;
mod input;
mod ratios;

/// Random messages as PAM4 samples with noise.
struct Noisy {
    messages: Vec<u8>,
    samples: Vec<f32>,
}

impl Noisy {
    /// Blocks `first..first + blocks` of the sequence of a seed.
    fn new(seed: u64, first: usize, blocks: usize, sigma: f32) -> Self {
        let mut symbols = vec![0; blocks * 60];
        Philox::new(seed, 0).fill_symbols(60 * first as u64, &mut symbols);
        let mut messages = vec![0; blocks * 120];
        crate::pattern::symbols_to_bits(&symbols, &mut messages).unwrap();
        let mut line = vec![0; blocks * 64];
        encode_symbols(&messages, &mut line).unwrap();
        let levels = line.iter().map(|&s| pam4::LEVELS[usize::from(s)]);
        let mut samples: Vec<f32> = levels.collect();
        Gauss::new(seed, 1).add_scaled(64 * first as u64, sigma, &mut samples);
        Self { messages, samples }
    }
}
