//! The FFE against the FMA roof of the same run, then criterion rows for tracking.
//!
//! `cargo bench --bench ffe -- --rates [TAPS…]` prints only `fir TAPS GSYM_PER_S` lines of the best
//! level, for comparison with other programs (`benches/peers/run`).

mod common;

use std::hint::black_box;

use common::{Candidate, Timing, interleaved, noise};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use pamlink::Level;
use pamlink::equalizer::ffe::floating::{FloatingFfe, FloatingFfeConfig, FloatingGroup};
use pamlink::equalizer::ffe::half::HalfFfe;
use pamlink::equalizer::ffe::{Ffe, FfeConfig, reference};
use pamlink::simd::Width;
use pamlink::simd::roof::Roof;

const BLOCK: usize = 4096; // 16 KiB in, 16 KiB out: a first-level cache of 32 KiB
const ROOF_STEPS: usize = 20_000;
const TAP_COUNTS: [usize; 12] = [5, 8, 9, 12, 15, 21, 24, 32, 48, 64, 128, 256];

fn config(taps: usize) -> FfeConfig {
    FfeConfig {
        taps: noise(taps as u32, taps),
        precursors: taps / 4,
    }
}

fn plan(taps: usize, level: Level) -> Ffe {
    Ffe::with_level(&config(taps), level).expect("valid taps")
}

/// The answer first: no timing of a kernel that computes something else.
fn check(y: &[f32], exact: &[f64]) {
    for (a, b) in y.iter().zip(exact) {
        assert!((f64::from(*a) - b).abs() < 1e-4, "{a} for {b}");
    }
}

fn checked(ffe: &Ffe, x: &[f32]) {
    let mut y = vec![0.0; x.len()];
    ffe.apply(x, &mut y).expect("equal lengths");
    check(&y, &reference::apply(ffe.taps(), ffe.precursors(), x));
}

/// A main group of 21 taps and four groups of four at far delays.
fn floating(level: Level, x: &[f32]) -> FloatingFfe {
    let config = FloatingFfeConfig {
        taps: noise(21, 21),
        precursors: 5,
        groups: [30, 55, 90, 200]
            .map(|delay| FloatingGroup {
                delay,
                taps: noise(delay as u32, 4),
            })
            .to_vec(),
    };
    let ffe = FloatingFfe::with_level(&config, level).expect("valid taps");
    let groups: Vec<_> = config
        .groups
        .iter()
        .map(|g| (g.delay, g.taps.as_slice()))
        .collect();
    let mut y = vec![0.0; x.len()];
    ffe.apply(x, &mut y).expect("equal lengths");
    let dense = reference::dense(&config.taps, 5, &groups);
    check(&y, &reference::apply(&dense, 5, x));
    ffe
}

fn half(taps: usize, level: Level, x: &[f32]) -> HalfFfe {
    let ffe = HalfFfe::with_level(&config(taps), level).expect("valid taps");
    let mut y = vec![0.0; x.len() / 2];
    ffe.apply(x, &mut y).expect("half the length");
    check(&y, &reference::half(ffe.taps(), ffe.precursors(), x));
    ffe
}

/// One table per level: share of the roof by number of taps, all rows taking turns.
fn against_the_roof() {
    let x = noise(3, 2 * BLOCK);
    for level in Level::all() {
        let mut outputs = vec![vec![0.0f32; BLOCK]; TAP_COUNTS.len() + 4];
        let mut outputs = outputs.iter_mut();
        let mut rows: Vec<(String, usize)> = Vec::new();
        let mut work: Vec<Candidate<'_>> = Vec::new();
        for width in [Width::Sliding, Width::Widest] {
            work.push((
                format!("{width:?}"),
                Box::new(move || {
                    black_box(Roof::Fma(width).run(level, black_box(ROOF_STEPS)));
                }),
            ));
        }
        for (taps, y) in TAP_COUNTS.into_iter().zip(&mut outputs) {
            let ffe = plan(taps, level);
            checked(&ffe, &x[..BLOCK]);
            let (x, mut state) = (&x[..BLOCK], ffe.state());
            rows.push((format!("{taps:3} taps"), taps));
            work.push((
                String::new(),
                Box::new(move || {
                    ffe.process(&mut state, black_box(x), y).expect("lengths");
                    black_box(&y[0]);
                }),
            ));
        }
        for (taps, y) in [10, 42, 64].into_iter().zip(&mut outputs) {
            let ffe = half(taps, level, &x);
            let (x, mut state) = (&x, ffe.state());
            rows.push((format!("{taps:3} taps, half-spaced"), taps));
            work.push((
                String::new(),
                Box::new(move || {
                    ffe.process(&mut state, black_box(x), y).expect("lengths");
                    black_box(&y[0]);
                }),
            ));
        }
        let ffe = floating(level, &x[..BLOCK]);
        if let Some(y) = outputs.next() {
            let (x, mut state) = (&x[..BLOCK], ffe.state());
            rows.push(("21 + 4 x 4 taps over 204 symbols".into(), ffe.tap_count()));
            work.push((
                String::new(),
                Box::new(move || {
                    ffe.process(&mut state, black_box(x), y).expect("lengths");
                    black_box(&y[0]);
                }),
            ));
        }
        table(level, &rows, &interleaved(&mut work, 11, 0.01));
    }
}

fn table(level: Level, rows: &[(String, usize)], times: &[Timing]) {
    let roof = |i: usize, width: Width| {
        (ROOF_STEPS * 12 * width.lanes(level)) as f64 / times[i].median_s / 1e9
    };
    let (sliding, widest) = (roof(0, Width::Sliding), roof(1, Width::Widest));
    let best = sliding.max(widest);
    println!(
        "\nFFE at {level}, streaming, {BLOCK} symbols per call: FMA roof {best:.1} G lanes/s \
         ({sliding:.1} sliding vector, {widest:.1} widest)"
    );
    println!("  GSym/s  (range)          share of the roof");
    for ((name, taps), t) in rows.iter().zip(&times[2..]) {
        let rate = |s: f64| BLOCK as f64 / s / 1e9;
        println!(
            "  {:6.3}  ({:.3}-{:.3})  {:6.1} %  {name}",
            rate(t.median_s),
            rate(t.high_s),
            rate(t.low_s),
            100.0 * rate(t.median_s) * *taps as f64 / best
        );
    }
}

/// Rates of the best level alone, one line per number of taps.
fn rates(tap_counts: &[usize]) {
    let x = noise(3, BLOCK);
    let mut outputs = vec![vec![0.0f32; BLOCK]; tap_counts.len()];
    let mut work: Vec<Candidate<'_>> = Vec::new();
    for (&taps, y) in tap_counts.iter().zip(&mut outputs) {
        let ffe = plan(taps, Level::best());
        checked(&ffe, &x);
        let (x, mut state) = (&x, ffe.state());
        work.push((
            String::new(),
            Box::new(move || {
                ffe.process(&mut state, black_box(x), y).expect("lengths");
                black_box(&y[0]);
            }),
        ));
    }
    for (taps, t) in tap_counts.iter().zip(interleaved(&mut work, 7, 0.01)) {
        println!("fir {taps} {:.4}", BLOCK as f64 / t.median_s / 1e9);
    }
}

fn rows(c: &mut Criterion) {
    let mut group = c.benchmark_group("ffe");
    group.throughput(Throughput::Elements(BLOCK as u64));
    let x = noise(3, BLOCK);
    let mut y = vec![0.0; BLOCK];
    for level in Level::all() {
        for taps in [9, 21, 64] {
            let ffe = plan(taps, level);
            checked(&ffe, &x);
            let mut state = ffe.state();
            group.bench_function(BenchmarkId::new(level.name(), taps), |b| {
                b.iter(|| ffe.process(&mut state, black_box(&x), &mut y));
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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|a| a == "--rates") {
        let named: Vec<usize> = arguments[at + 1..]
            .iter()
            .filter_map(|a| a.parse().ok())
            .filter(|taps| (1..=256).contains(taps))
            .collect();
        rates(if named.is_empty() {
            &TAP_COUNTS
        } else {
            &named
        });
        return;
    }
    if !arguments.iter().any(|a| a == "--test") {
        against_the_roof();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
