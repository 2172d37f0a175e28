use super::*;

/// Random messages as PAM4 samples with noise.
pub(super) struct Noisy {
    pub(super) messages: Vec<u8>,
    pub(super) samples: Vec<f32>,
}

impl Noisy {
    pub(super) fn new(seed: u64, blocks: usize, sigma: f32) -> Self {
        let mut symbols = vec![0; blocks * 60];
        Philox::new(seed, 0).fill_symbols(0, &mut symbols);
        let mut messages = vec![0; blocks * 120];
        crate::pattern::symbols_to_bits(&symbols, &mut messages).unwrap();
        let mut line = vec![0; blocks * 64];
        encode_symbols(&messages, &mut line).unwrap();
        let mut samples: Vec<f32> = line.iter().map(|&s| pam4::LEVELS[usize::from(s)]).collect();
        Gauss::new(seed, 1).add_scaled(0, sigma, &mut samples);
        Self { messages, samples }
    }
}

pub(super) fn errors(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

#[test]
fn a_short_run_reaches_the_published_ratio() {
    let noisy = Noisy::new(1, 50_000, 1.0 / 2.489);
    let config = InnerConfig {
        bits: None,
        ..InnerConfig::default()
    };
    let decoder = InnerDecoder::new(&config).unwrap();
    let mut out = vec![0; noisy.messages.len()];
    let report = decoder
        .decode_samples(&noisy.samples, &mut out, None)
        .unwrap();
    let ber = errors(&noisy.messages, &out) as f64 / out.len() as f64;
    println!("{ber:e} {report:?}");
}
