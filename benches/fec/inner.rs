//! Rows of the inner decoder.

use std::hint::black_box;

use pamlink::Level;
use pamlink::fec::inner::{self, InnerConfig, InnerDecoder};
use pamlink::pam4;
use pamlink::random::{Gauss, Philox};

use crate::Row;

const BLOCKS: usize = 2048;

type Decode = dyn Fn(&InnerDecoder, &mut [u8]);

/// Blocks of the inner code as they arrive.
struct Blocks {
    sent: Vec<u8>,
    samples: Vec<f32>,
    llr: Vec<f32>,
    integers: Vec<i8>,
}

/// PAM4 with Gaussian noise at a bit error ratio of 4.8e-3; of `dirty` blocks those with a syndrome.
fn blocks(dirty: bool) -> Blocks {
    // Distance from the threshold over sigma: `fec.md` 4.4.
    let sigma = 1.0 / 2.489;
    let mut all = Blocks {
        sent: Vec::new(),
        samples: Vec::new(),
        llr: Vec::new(),
        integers: Vec::new(),
    };
    let (random, noise) = (Philox::new(5, 0), Gauss::new(6, 0));
    for block in 0u64.. {
        let message: Vec<u8> = (0..120)
            .map(|i| u8::from(random.uniform(120 * block + i) < 0.5))
            .collect();
        let mut symbols = [0; inner::BLOCK_SYMBOLS];
        inner::encode_symbols(&message, &mut symbols).expect("lengths");
        let mut y = symbols.map(|s| pam4::LEVELS[usize::from(s)]);
        noise.add_scaled(64 * block, sigma, &mut y);
        // Distances of the two bits from the nearest threshold that flips them.
        let llr = y.map(|y| {
            let outer = y.abs() - 2.0;
            [-y - y.signum() * outer.max(0.0), outer]
        });
        let llr = llr.as_flattened();
        let hard = llr
            .iter()
            .rev()
            .fold(0u128, |b, &l| b << 1 | u128::from(l < 0.0));
        if dirty && inner::syndrome(hard) == 0 {
            continue;
        }
        all.sent.extend(message);
        all.samples.extend(y);
        all.llr.extend(llr);
        all.integers
            .extend(llr.iter().map(|l| (l * 127.0).round() as i8));
        if all.sent.len() == 120 * BLOCKS {
            break;
        }
    }
    all
}

pub(crate) fn decoders<'a>(level: Level, dirty: bool) -> [Row<'a>; 3] {
    let Blocks {
        sent,
        samples,
        llr,
        integers,
    } = blocks(dirty);
    let config = InnerConfig {
        full_scale_llr: 1.0,
        ..InnerConfig::default()
    };
    let decoder = InnerDecoder::with_level(&config, level).expect("a configuration");
    let lowest = InnerDecoder::with_level(&config, Level::all()[0]).expect("a configuration");
    let mut out = vec![0; sent.len()];
    let mut expected = out.clone();
    // 2.44e-4 of all blocks, of the dirty ones 1 / 0.46 as much: 60 or 130 errors, six deviations.
    let most = if dirty { 200 } else { 106 };
    let mut hold = |decode: &Decode| {
        decode(&lowest, &mut expected);
        decode(&decoder, &mut out);
        assert_eq!(out, expected);
        let wrong = out.iter().zip(&sent).filter(|(a, b)| a != b).count();
        assert!((1..most).contains(&wrong), "{wrong} bit errors");
    };
    let by_integers = move |d: &InnerDecoder, out: &mut [u8]| {
        d.decode_integers(black_box(&integers), out, None)
            .expect("lengths");
    };
    let by_llr = move |d: &InnerDecoder, out: &mut [u8]| {
        d.decode_llr(black_box(&llr), out, None).expect("lengths");
    };
    let by_samples = move |d: &InnerDecoder, out: &mut [u8]| {
        d.decode_samples(black_box(&samples), out, None)
            .expect("lengths");
    };
    hold(&by_integers);
    hold(&by_llr);
    hold(&by_samples);
    let kind = if dirty { "all dirty" } else { "BER 4.8e-3" };
    let made = |from: &str, decode: Box<Decode>| {
        let (decoder, mut out) = (decoder.clone(), vec![0; 120 * BLOCKS]);
        let work = move || {
            decode(&decoder, &mut out);
            black_box(&out);
        };
        Row {
            work: (format!("inner 6/42 {from}, {kind}"), Box::new(work)),
            bits: 120 * BLOCKS,
            latency: None,
            against: "",
            quoted: None,
        }
    };
    [
        made("i8", Box::new(by_integers)),
        made("f32 ratios", Box::new(by_llr)),
        made("f32 samples", Box::new(by_samples)),
    ]
}
