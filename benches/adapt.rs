//! Adaptive equalization: nanoseconds per symbol of the three forms at every level, then criterion
//! rows for tracking.

mod common;

use std::hint::black_box;

use common::{Candidate, interleaved, noise};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use pamlink::Level;
use pamlink::equalizer::adapt::{AdaptConfig, Adapter, Parts, Rule, Streams, Update};
use pamlink::equalizer::ffe::FfeConfig;
use pamlink::random::Philox;

const BLOCK: usize = 4096;
const TAPS: usize = 21;

fn config(dfe: usize, update: Update) -> AdaptConfig {
    let mut taps = vec![0.0; TAPS];
    taps[6] = 1.0;
    AdaptConfig {
        ffe: FfeConfig {
            taps,
            precursors: 6,
        },
        dfe: vec![0.0; dfe],
        steps: Parts {
            ffe: 1e-4,
            dfe: 1e-4,
            ..Parts::default()
        },
        update,
        ..AdaptConfig::default()
    }
}

/// Symbols and samples of `streams` interleaved streams through 1 + 0.3 z^-1 with noise.
fn record(streams: usize, n: usize) -> (Vec<u8>, Vec<f32>) {
    let mut symbols = vec![0; streams * n];
    Philox::new(1, 1).fill_symbols(0, &mut symbols);
    let level = |i: usize| 2.0 * f32::from(symbols[i]) - 3.0;
    let mut x = noise(5, streams * n);
    for i in 0..x.len() {
        let before = if i >= streams {
            level(i - streams)
        } else {
            0.0
        };
        x[i] = level(i) + 0.3 * before + 0.1 * x[i];
    }
    (symbols, x)
}

/// The answer first: after training, the error is the noise of the record (0.1 of uniform in -1..1,
/// variance 0.0033) plus what 21 taps leave of the echo.
fn check(mse: f64) {
    assert!((0.002..0.01).contains(&mse), "{mse}");
}

fn one_stream() {
    let (symbols, x) = record(1, BLOCK);
    println!("one stream, {TAPS} taps, ns/symbol (range), data-aided and decision-directed");
    for level in Level::all() {
        let mut names = Vec::new();
        let mut work: Vec<Candidate<'_>> = Vec::new();
        for (name, dfe, rule, update) in [
            ("exact", 0, Rule::Lms, Update::EverySymbol),
            ("exact, DFE 1", 1, Rule::Lms, Update::EverySymbol),
            ("exact, DFE 5", 5, Rule::Lms, Update::EverySymbol),
            ("exact, sign-sign", 0, Rule::SignSign, Update::EverySymbol),
            ("blocks of 8", 0, Rule::Lms, Update::Block(8)),
            ("blocks of 32", 0, Rule::Lms, Update::Block(32)),
            ("blocks of 64", 0, Rule::Lms, Update::Block(64)),
            ("blocks of 32, DFE 1", 1, Rule::Lms, Update::Block(32)),
        ] {
            let config = AdaptConfig {
                rule,
                ..config(dfe, update)
            };
            let adapter = Adapter::with_level(&config, level).expect("valid");
            for trained in [true, false] {
                let (adapter, x, symbols) = (adapter.clone(), &x, &symbols);
                let mut state = adapter.state();
                let (mut y, mut d) = (vec![0.0; BLOCK], vec![0; BLOCK]);
                for _ in 0..10 {
                    adapter
                        .train(&mut state, x, symbols, &mut y, &mut d)
                        .expect("fits");
                }
                check(state.mse());
                names.push(format!("{name}{}", if trained { "" } else { ", decided" }));
                work.push((
                    names[names.len() - 1].clone(),
                    Box::new(move || {
                        let x = black_box(x);
                        if trained {
                            adapter
                                .train(&mut state, x, symbols, &mut y, &mut d)
                                .expect("fits");
                        } else {
                            adapter.track(&mut state, x, &mut y, &mut d).expect("fits");
                        }
                        black_box(&y[0]);
                    }),
                ));
            }
        }
        let times = interleaved(&mut work, 9, 0.004);
        println!("\n{level}");
        for (name, t) in names.iter().zip(&times) {
            let ns = |s: f64| s / BLOCK as f64 * 1e9;
            println!(
                "  {name:30} {:6.2}  ({:.2}-{:.2})",
                ns(t.median_s),
                ns(t.low_s),
                ns(t.high_s)
            );
        }
    }
}

fn many_streams() {
    println!("\nmany streams, {TAPS} taps, ns per symbol of one stream (range)");
    let n = 1024;
    let records: Vec<_> = [16, 32, 64].iter().map(|&s| (s, record(s, n))).collect();
    for level in Level::all() {
        let mut names = Vec::new();
        let mut work: Vec<Candidate<'_>> = Vec::new();
        for (dfe, trained) in [(0, true), (0, false), (1, false), (5, false)] {
            for (streams, (symbols, x)) in &records {
                let plan =
                    Streams::with_level(&config(dfe, Update::EverySymbol), level).expect("valid");
                let mut state = plan.state(*streams).expect("a count");
                let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
                for _ in 0..30 {
                    plan.train(&mut state, x, symbols, &mut y, &mut d)
                        .expect("fits");
                }
                for s in 0..*streams {
                    check(state.mse(s).expect("a stream"));
                }
                let mode = if trained { "known" } else { "decided" };
                names.push((format!("{streams} streams, DFE {dfe}, {mode}"), x.len()));
                work.push((
                    String::new(),
                    Box::new(move || {
                        let x = black_box(x);
                        if trained {
                            plan.train(&mut state, x, symbols, &mut y, &mut d)
                                .expect("fits");
                        } else {
                            plan.track(&mut state, x, &mut y, &mut d).expect("fits");
                        }
                        black_box(&y[0]);
                    }),
                ));
            }
        }
        let times = interleaved(&mut work, 9, 0.004);
        println!("\n{level}");
        for ((name, symbols), t) in names.iter().zip(&times) {
            let ns = |s: f64| s / *symbols as f64 * 1e9;
            println!(
                "  {name:30} {:6.2}  ({:.2}-{:.2})",
                ns(t.median_s),
                ns(t.low_s),
                ns(t.high_s)
            );
        }
    }
}

fn rows(c: &mut Criterion) {
    let mut group = c.benchmark_group("adapt");
    group.throughput(Throughput::Elements(BLOCK as u64));
    let (symbols, x) = record(1, BLOCK);
    let (mut y, mut d) = (vec![0.0; BLOCK], vec![0; BLOCK]);
    for level in Level::all() {
        for (name, update) in [
            ("exact", Update::EverySymbol),
            ("block32", Update::Block(32)),
        ] {
            let adapter = Adapter::with_level(&config(0, update), level).expect("valid");
            let mut state = adapter.state();
            group.bench_function(BenchmarkId::new(level.name(), name), |b| {
                b.iter(|| adapter.train(&mut state, black_box(&x), &symbols, &mut y, &mut d));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(200))
        .measurement_time(std::time::Duration::from_millis(600));
    targets = rows
}

fn main() {
    if !std::env::args().any(|a| a == "--test") {
        one_stream();
        many_streams();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
