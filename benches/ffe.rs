//! The FFE against the FMA roof of the same run, then criterion rows for tracking.

mod common;

use std::hint::black_box;

use common::{Candidate, interleaved, noise};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use pamlink::Level;
use pamlink::equalizer::ffe::{Ffe, FfeConfig, reference};
use pamlink::simd::roof::{Width, fma};

const BLOCK: usize = 4096; // 16 KiB in, 16 KiB out: stays in a 32 KiB first-level cache
const ROOF_STEPS: usize = 20_000;

fn plan(taps: usize, level: Level) -> Ffe {
    let config = FfeConfig {
        taps: noise(taps as u32, taps),
        precursors: taps / 4,
    };
    Ffe::with_level(&config, level).expect("valid taps")
}

/// The answer first: no timing of a kernel that computes something else.
fn check(ffe: &Ffe, x: &[f32]) {
    let mut y = vec![0.0; x.len()];
    ffe.apply(x, &mut y).expect("equal lengths");
    let exact = reference::apply(&ffe.taps(), ffe.precursors(), x);
    for (a, b) in y.iter().zip(&exact) {
        assert!((f64::from(*a) - b).abs() < 1e-4, "{a} for {b}");
    }
}

/// One table per level: share of the roof by number of taps, all rows taking turns.
fn against_the_roof() {
    let x = noise(3, BLOCK);
    for level in Level::all() {
        let tap_counts = [5, 9, 15, 21, 24, 32, 48, 64, 128];
        let plans: Vec<Ffe> = tap_counts.iter().map(|&t| plan(t, level)).collect();
        let mut outputs = vec![vec![0.0f32; BLOCK]; plans.len()];
        let mut work: Vec<Candidate<'_>> = Vec::new();
        for width in [Width::Sliding, Width::Widest] {
            work.push((
                format!("{width:?}"),
                Box::new(move || {
                    black_box(fma(level, width, black_box(ROOF_STEPS)));
                }),
            ));
        }
        for (ffe, y) in plans.iter().zip(&mut outputs) {
            check(ffe, &x);
            let (x, mut state) = (&x, ffe.state());
            work.push((
                format!("{} taps", ffe.taps().len()),
                Box::new(move || {
                    ffe.process(&mut state, black_box(x), y)
                        .expect("equal lengths");
                    black_box(&y[0]);
                }),
            ));
        }
        let times = interleaved(&mut work, 11, 0.02);
        let roof = |i: usize, width: Width| {
            (ROOF_STEPS * 12 * width.lanes(level)) as f64 / times[i].median_s / 1e9
        };
        let (sliding, widest) = (roof(0, Width::Sliding), roof(1, Width::Widest));
        let best = sliding.max(widest);
        println!(
            "\nFFE at {level}: FMA roof {best:.1} G lanes/s ({sliding:.1} sliding vector, {widest:.1} widest)"
        );
        println!("  taps   GSym/s  (range)          share of the roof");
        for (i, taps) in tap_counts.iter().enumerate() {
            let t = times[i + 2];
            let rate = |s: f64| BLOCK as f64 / s / 1e9;
            println!(
                "  {taps:4}  {:6.3}  ({:.3}-{:.3})  {:6.1} %",
                rate(t.median_s),
                rate(t.high_s),
                rate(t.low_s),
                100.0 * rate(t.median_s) * *taps as f64 / best
            );
        }
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
            check(&ffe, &x);
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
    if !std::env::args().any(|a| a == "--test") {
        against_the_roof();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
