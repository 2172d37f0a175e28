//! Error ratios behind the decoder on PAM4 with Gaussian noise.

use super::*;

/// Counts over blocks.
#[derive(Debug, Default, Clone, Copy)]
struct Errors {
    blocks: u64,
    bits: u64,
    /// Squares of the bit errors of a block, for the deviation of their sum.
    squares: u64,
    received_bits: u64,
    rs_symbols: u64,
    wrong_blocks: u64,
}

impl Errors {
    fn add(&mut self, sent: &[u8], got: &[u8]) {
        for (sent, got) in sent.chunks_exact(120).zip(got.chunks_exact(120)) {
            let wrong = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count() as u64;
            let n = wrong(sent, got);
            self.blocks += 1;
            self.bits += n;
            self.squares += n * n;
            self.wrong_blocks += u64::from(n > 0);
            let symbols = sent.chunks_exact(10).zip(got.chunks_exact(10));
            self.rs_symbols += symbols.filter(|(a, b)| a != b).count() as u64;
        }
    }

    fn ber(&self) -> f64 {
        self.bits as f64 / (120 * self.blocks) as f64
    }

    /// Standard deviation of the bit error ratio, from the spread between blocks.
    fn deviation(&self) -> f64 {
        (self.squares as f64).sqrt() / (120 * self.blocks) as f64
    }

    fn rs(&self) -> f64 {
        self.rs_symbols as f64 / (12 * self.blocks) as f64
    }

    fn block(&self) -> f64 {
        self.wrong_blocks as f64 / self.blocks as f64
    }
}

/// Runs one decoder over noisy blocks: `sigma` is one over the argument of Q.
fn run(config: &InnerConfig, x: f64, seed: u64, blocks: usize) -> Errors {
    let decoder = InnerDecoder::new(config).unwrap();
    let mut errors = Errors::default();
    for first in (0..blocks).step_by(4096) {
        let count = (blocks - first).min(4096);
        let noisy = Noisy::new(seed, first, count, (1.0 / x) as f32);
        let mut out = vec![0; noisy.messages.len()];
        decoder
            .decode_samples(&noisy.samples, &mut out, None)
            .unwrap();
        errors.add(&noisy.messages, &out);
        let symbols = noisy
            .samples
            .iter()
            .map(|&x| u8::from(x >= -2.0) + u8::from(x >= 0.0) + u8::from(x >= 2.0));
        let symbols: Vec<u8> = symbols.collect();
        let mut bits = vec![0; 2 * symbols.len()];
        crate::pattern::symbols_to_bits(&symbols, &mut bits).unwrap();
        for (sent, got) in noisy.messages.chunks_exact(120).zip(bits.chunks_exact(128)) {
            errors.received_bits += sent.iter().zip(got).filter(|(a, b)| a != b).count() as u64;
        }
    }
    errors
}

/// The argument of Q in `BER = 3/4 Q(x) + 1/2 Q(3x) - 1/4 Q(5x)`.
fn argument(ber: f64) -> f64 {
    let q = |x: f64| 0.5 * statrs::function::erf::erfc(x / std::f64::consts::SQRT_2);
    let (mut low, mut high) = (0.5, 6.0);
    for _ in 0..60 {
        let x = 0.5 * (low + high);
        let value = 0.75 * q(x) + 0.5 * q(3.0 * x) - 0.25 * q(5.0 * x);
        if value > ber { low = x } else { high = x }
    }
    low
}

fn search(positions: usize, patterns: usize, bits: Option<u32>) -> InnerConfig {
    InnerConfig {
        positions,
        patterns,
        bits,
        ..InnerConfig::default()
    }
}

#[test]
fn a_short_run_meets_the_published_ratios() {
    // Integers of 8 bits lose nothing that this run could see.
    for bits in [None, Some(8)] {
        let errors = run(&search(6, 42, bits), argument(4.8e-3), 1, 100_000);
        // Four deviations of the run, and the one per cent that the published digits leave open.
        let near = |got: f64, want: f64, deviation: f64| {
            assert!(
                (got - want).abs() < 4.0 * deviation + 0.01 * want,
                "{got} for {want}: {errors:?}"
            );
        };
        near(errors.ber(), 2.44e-4, errors.deviation());
        near(errors.block(), 7.26e-3, (7.26e-3 / 1e5f64).sqrt());
        // Wrong symbols of a block come in groups: at most twice the variance of independent ones.
        near(
            errors.rs(),
            2.187e-3,
            (2.0 * 3.4 * 2.187e-3 / 12e5f64).sqrt(),
        );
    }
}

#[test]
#[ignore = "minutes"]
fn the_published_table() {
    for (pre, ber, rs, block) in [
        (1.0e-2, 2.69e-3, 2.38e-2, 7.47e-2),
        (7.0e-3, 8.81e-4, 7.84e-3, 2.54e-2),
        (6.0e-3, 5.24e-4, 4.68e-3, 1.53e-2),
        (5.0e-3, 2.81e-4, 2.52e-3, 8.35e-3),
        (4.8e-3, 2.44e-4, 2.187e-3, 7.26e-3),
        (4.5e-3, 1.95e-4, 1.75e-3, 5.82e-3),
        (4.0e-3, 1.28e-4, 1.15e-3, 3.86e-3),
        (3.0e-3, 4.37e-5, 3.94e-4, 1.34e-3),
        (2.0e-3, 1.00e-5, 9.05e-5, 3.12e-4),
    ] {
        let e = run(&search(6, 42, None), argument(pre), 2, 4_000_000);
        println!(
            "{pre:e}: received {:.4e}, BER {:.4e} +- {:.1e} ({} bits), RS {:.4e}, block {:.4e} ({})",
            e.received_bits as f64 / (120 * e.blocks) as f64,
            e.ber(),
            1.96 * e.deviation(),
            e.bits,
            e.rs(),
            e.block(),
            e.wrong_blocks
        );
        // Two per cent, or four deviations where the run has few errors; the published values have as many.
        for (got, want) in [(e.ber(), ber), (e.rs(), rs), (e.block(), block)] {
            let open = 0.02f64.max(4.0 * 2f64.sqrt() * e.deviation() / e.ber());
            assert!((got / want - 1.0).abs() < open, "{got} for {want}");
        }
    }
}

#[test]
#[ignore = "minutes"]
fn the_published_ladder() {
    for (positions, patterns, ber) in [
        (0, 1, 2.27e-3),
        (2, 4, 6.92e-4),
        (3, 8, 4.21e-4),
        (4, 16, 2.99e-4),
        (5, 32, 2.54e-4),
        (6, 42, 2.44e-4),
        (6, 64, 2.40e-4),
    ] {
        let e = run(
            &search(positions, patterns, None),
            argument(4.8e-3),
            3,
            4_000_000,
        );
        println!(
            "{positions}/{patterns}: {:.4e} +- {:.1e} ({} bits)",
            e.ber(),
            1.96 * e.deviation(),
            e.bits
        );
        assert!((e.ber() / ber - 1.0).abs() < 0.02, "{} for {ber}", e.ber());
    }
}

#[test]
#[ignore = "minutes"]
fn maximum_likelihood_reaches_its_ratio() {
    let eye = Eye::new(pam4::LEVELS);
    for (pre, ber) in [
        (1.0e-2, 2.54e-3),
        (6.0e-3, 4.97e-4),
        (4.85e-3, 2.41e-4),
        (4.8e-3, 2.30e-4),
        (4.0e-3, 1.22e-4),
    ] {
        let mut e = Errors::default();
        let blocks = if pre < 4.5e-3 { 4_000_000 } else { 2_000_000 };
        for first in (0..blocks).step_by(4000) {
            let noisy = Noisy::new(4, first, 4000, (1.0 / argument(pre)) as f32);
            let mut out = Vec::with_capacity(noisy.messages.len());
            for x in noisy.samples.chunks_exact(64) {
                let mut received = eye.samples(x);
                let s = received.planes.syndrome();
                if s != 0 {
                    let best = reference::maximum_likelihood(s, &received.weights.map(f64::from));
                    for p in (0..POSITIONS).filter(|&p| best.flips[p]) {
                        received.planes.flip(p as u8, received.second);
                    }
                }
                let word = received.planes.word();
                out.extend((0..120).map(|n| (word >> n & 1) as u8));
            }
            e.add(&noisy.messages, &out);
        }
        println!(
            "{pre:e}: ML {:.4e} +- {:.1e} ({} bits)",
            e.ber(),
            1.96 * e.deviation(),
            e.bits
        );
        assert!((e.ber() / ber - 1.0).abs() < 0.02, "{} for {ber}", e.ber());
    }
}

#[test]
#[ignore = "minutes"]
fn what_word_lengths_lose() {
    // The same noise for all: differences are far more certain than the ratios.
    let x = argument(4.8e-3);
    let blocks = 2_000_000;
    let exact = run(&search(6, 42, None), x, 5, blocks);
    println!("f32: {:.4e} ({} bits)", exact.ber(), exact.bits);
    for bits in 5..=8 {
        for full_scale_distance in [0.6, 0.8, 1.0, 1.25, 1.5, 2.0] {
            let config = InnerConfig {
                full_scale_distance,
                ..search(6, 42, Some(bits))
            };
            let e = run(&config, x, 5, blocks);
            println!(
                "{bits} bits, {full_scale_distance}: {:.4e} {:+.2} %",
                e.ber(),
                100.0 * (e.ber() / exact.ber() - 1.0)
            );
        }
    }
}
