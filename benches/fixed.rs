//! The integer datapath against the float kernels, all taking turns in one run. Every plan gives
//! the answer of its reference before it is timed; rates are symbols per second.

mod common;

use std::hint::black_box;

use common::{Candidate, interleaved, noise};
use pamlink::Level;
use pamlink::equalizer::dfe::{Dfe, DfeConfig, reference as float_dfe};
use pamlink::equalizer::ffe::{Ffe, FfeConfig, reference as float_ffe};
use pamlink::equalizer::fixed::{
    Distance, FixedDfe, FixedDfeConfig, FixedFfe, FixedFfeConfig, FixedMlse, FixedMlseConfig,
    Rounding, WordLengths, reference,
};

/// Samples of the one stream of a feed-forward equalizer.
const BLOCK: usize = 4096;
/// Samples of all streams together: they stay in the second-level cache.
const WOVEN: usize = 1 << 16;
const STREAMS: usize = 64;

fn codes(seed: u32, n: usize, largest: f32) -> Vec<i16> {
    let all = noise(seed, n);
    all.into_iter()
        .map(|x| (x * largest).round() as i16)
        .collect()
}

/// Row `s` of interleaved streams.
fn row<T: Copy>(woven: &[T], s: usize) -> Vec<T> {
    woven.iter().skip(s).step_by(STREAMS).copied().collect()
}

fn ffe_words(taps: usize) -> [(&'static str, Vec<i16>, WordLengths); 3] {
    // A main tap and small ones, as equalizers have; in 12 bits the same times 16.
    let mut small = codes(taps as u32, taps, 20.0);
    small[taps / 4] = 110;
    let default = WordLengths::default();
    let wide = WordLengths {
        sample_bits: 8,
        tap_bits: 12,
        accumulator_bits: 24,
        shift: 11,
        ..default
    };
    let even = WordLengths {
        rounding: Rounding::HalfEven,
        accumulator_bits: 14,
        ..wide
    };
    let times = |by: i16| small.iter().map(|t| t * by).collect();
    [
        ("7 x 8 bit", times(1), default),
        ("8 x 12 bit", times(16), wide),
        ("8 x 12 bit, overflow, half even", times(16), even),
    ]
}

fn ffe<'a>(
    level: Level,
    taps: usize,
    out: &'a mut Vec<Vec<i16>>,
    y: &'a mut [f32],
) -> Vec<Candidate<'a>> {
    let mut work: Vec<Candidate<'a>> = Vec::new();
    let x = codes(3, BLOCK, 63.0);
    let config = FfeConfig {
        taps: ffe_words(taps)[0].1.iter().map(|&t| f32::from(t)).collect(),
        precursors: taps / 4,
    };
    let float = Ffe::with_level(&config, level).expect("taps");
    let samples: Vec<f32> = x.iter().map(|&x| f32::from(x)).collect();
    float.apply(&samples, y).expect("lengths");
    for (y, e) in y
        .iter()
        .zip(float_ffe::apply(&config.taps, taps / 4, &samples))
    {
        assert_eq!(f64::from(*y), e, "sums of integers are exact");
    }
    let mut state = float.state();
    work.push((
        format!("FFE {taps} taps, f32"),
        Box::new(move || {
            float
                .process(&mut state, black_box(&samples), y)
                .expect("lengths");
            black_box(&y[0]);
        }),
    ));
    let x: Vec<i8> = x.iter().map(|&x| x as i8).collect();
    for ((name, taps, words), y) in ffe_words(taps).into_iter().zip(out) {
        let config = FixedFfeConfig {
            precursors: taps.len() / 4,
            taps,
            words,
        };
        let fixed = FixedFfe::with_level(&config, level).expect("words");
        fixed.apply(&x, y).expect("lengths");
        let expected = reference::ffe(&config.taps, config.precursors, &words, &x);
        assert_eq!(*y, expected);
        let form = if fixed.runs_on_bytes() { ", bytes" } else { "" };
        let (mut state, x) = (fixed.state(), x.clone());
        work.push((
            format!("FFE {} taps, {name}{form}", config.taps.len()),
            Box::new(move || {
                fixed
                    .process(&mut state, black_box(&x), y)
                    .expect("lengths");
                black_box(&y[0]);
            }),
        ));
    }
    work
}

fn dfe<'a>(
    level: Level,
    taps: &[i16],
    d: &'a mut [u8],
    fixed_d: &'a mut [u8],
) -> Vec<Candidate<'a>> {
    let x = codes(5, WOVEN, 120.0);
    let config = FixedDfeConfig {
        taps: taps.to_vec(),
        slicer_bits: 10,
        ..FixedDfeConfig::default()
    };
    let fixed = FixedDfe::with_level(&config, level).expect("words");
    let mut state = fixed.state(STREAMS).expect("streams");
    fixed
        .process(&mut state, &x, fixed_d, None)
        .expect("lengths");
    let float_config = DfeConfig {
        taps: taps.iter().map(|&t| f32::from(t) / 128.0).collect(),
        levels: config.levels.map(f32::from),
        thresholds: None,
    };
    let float = Dfe::with_level(&float_config, level).expect("taps");
    let mut float_state = float.state(STREAMS).expect("streams");
    let samples: Vec<f32> = x.iter().map(|&x| f32::from(x)).collect();
    float
        .process_interleaved(&mut float_state, &samples, d)
        .expect("lengths");
    for s in 0..STREAMS {
        let (e, _) = reference::dfe(&config, &fixed.thresholds(), &row(&x, s));
        assert_eq!(row(fixed_d, s), e);
        let (taps, t) = (&float_config.taps, float.thresholds());
        let (e, _) = float_dfe::decide_stream(&row(&samples, s), taps, &float_config.levels, &t);
        assert_eq!(row(d, s), e);
    }
    let n = taps.len();
    vec![
        (
            format!("DFE {n} taps, f32"),
            Box::new(move || {
                float
                    .process_interleaved(&mut float_state, black_box(&samples), d)
                    .expect("lengths");
                black_box(&d[0]);
            }),
        ),
        (
            format!("DFE {n} taps, 8 x 8 bit"),
            Box::new(move || {
                fixed
                    .process(&mut state, black_box(&x), fixed_d, None)
                    .expect("lengths");
                black_box(&fixed_d[0]);
            }),
        ),
    ]
}

fn mlse(level: Level, distance: Distance, d: &mut [u8]) -> Candidate<'_> {
    let x = codes(7, WOVEN, 64.0);
    let config = FixedMlseConfig {
        distance,
        metric_shift: if distance == Distance::Absolute { 0 } else { 3 },
        metric_bits: if distance == Distance::Absolute { 6 } else { 8 },
        ..FixedMlseConfig::default()
    };
    let mlse = FixedMlse::with_level(&config, level).expect("words");
    let mut state = mlse.state(STREAMS).expect("streams");
    mlse.process(&mut state, &x, d).expect("lengths");
    for s in 0..STREAMS {
        let e = reference::mlse(&config, &row(&x, s));
        let late = mlse.latency();
        assert_eq!(row(d, s)[late..], e[..e.len() - late]);
    }
    (
        format!("MLSE 4 states, {distance:?}, {} bit", config.metric_bits).to_lowercase(),
        Box::new(move || {
            mlse.process(&mut state, black_box(&x), d).expect("lengths");
            black_box(&d[0]);
        }),
    )
}

fn main() {
    let timed = !std::env::args().any(|a| a == "--test");
    for level in Level::all().into_iter().filter(|l| l.name() != "avx512icl") {
        let mut out = vec![vec![vec![0; BLOCK]; 3]; 3];
        let mut y = vec![vec![0.0; BLOCK]; 3];
        let mut d = vec![vec![0; WOVEN]; 6];
        let [d0, d1, d2, d3, d4, d5] = &mut d[..] else {
            return;
        };
        let mut work = Vec::new();
        for ((taps, out), y) in [9, 21, 64].into_iter().zip(&mut out).zip(&mut y) {
            work.extend(ffe(level, taps, out, y));
        }
        work.extend(dfe(level, &[77], d0, d1));
        work.extend(dfe(level, &[60, -25, 12, 6, -4], d2, d3));
        work.push(mlse(level, Distance::Absolute, d4));
        work.push(mlse(level, Distance::Squared, d5));
        if !timed {
            continue;
        }
        let times = interleaved(&mut work, 9, 0.008);
        println!(
            "\nInteger datapath at {level}, GSym/s (range); {STREAMS} streams for DFE and MLSE"
        );
        let mut float = 0.0;
        for ((name, _), t) in work.iter().zip(times) {
            let symbols = if name.starts_with("FFE") {
                BLOCK
            } else {
                WOVEN
            } as f64;
            let rate = |s: f64| symbols / s / 1e9;
            if name.ends_with("f32") {
                float = rate(t.median_s);
            }
            let against = if name.starts_with("mlse") {
                String::new()
            } else {
                format!("  {:5.2} x f32", rate(t.median_s) / float)
            };
            println!(
                "  {name:<48} {:6.3}  ({:.3}-{:.3}){against}",
                rate(t.median_s),
                rate(t.high_s),
                rate(t.low_s)
            );
        }
    }
}
