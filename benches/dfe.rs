//! Decision-feedback equalizer by taps, streams, layout and level. Every plan is checked against
//! the reference before it is timed; the rate is symbols per second of all streams together.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use pamlink::Level;
use pamlink::equalizer::design::{MmseConfig, MmseSolver, reference::biased};
use pamlink::equalizer::dfe::{Dfe, DfeConfig, reference};
use pamlink::random::{Gauss, Philox};
use pamlink::signal::Pulse;

/// Symbols per call: the samples of all streams stay in the second-level cache.
const SYMBOLS: usize = 1 << 16;

fn samples(streams: usize) -> Array2<f32> {
    let mut word = 1u32;
    Array2::from_shape_simple_fn((streams, SYMBOLS / streams), || {
        word = word.wrapping_mul(1664525).wrapping_add(1013904223);
        (word >> 8) as f32 / (1 << 20) as f32 - 8.0
    })
}

fn expected(dfe: &Dfe, x: &Array2<f32>) -> Array2<u8> {
    let config = dfe.config();
    let mut d = Array2::zeros(x.dim());
    for (x, mut d) in x.rows().into_iter().zip(d.rows_mut()) {
        let (decided, _) =
            reference::decide_stream(&x.to_vec(), &config.taps, &config.levels, &dfe.thresholds());
        d.assign(&ndarray::aview1(&decided));
    }
    d
}

fn bench(criterion: &mut Criterion) {
    let five = vec![0.5, -0.2, 0.1, 0.05, -0.03];
    for taps in [vec![0.6], five] {
        let mut group = criterion.benchmark_group(format!("dfe{}", taps.len()));
        group.throughput(Throughput::Elements(SYMBOLS as u64));
        let config = DfeConfig {
            taps,
            ..DfeConfig::default()
        };
        for level in Level::all().into_iter().filter(|l| l.name() != "avx512icl") {
            let dfe = Dfe::with_level(&config, level).expect("a valid configuration");
            for streams in [16, 32, 64, 128] {
                let x = samples(streams);
                let answer = expected(&dfe, &x);
                let mut state = dfe.state(streams).expect("streams");

                let woven: Vec<f32> = x.t().iter().copied().collect();
                let mut d = vec![0; SYMBOLS];
                dfe.process_interleaved(&mut state, &woven, &mut d)
                    .expect("lengths");
                assert_eq!(d, answer.t().iter().copied().collect::<Vec<u8>>());
                group.bench_function(format!("interleaved/{streams}/{level}"), |b| {
                    b.iter(|| dfe.process_interleaved(&mut state, &woven, &mut d));
                });

                state.reset();
                let mut d = Array2::zeros(x.dim());
                dfe.process_lanes(&mut state, x.view(), d.view_mut())
                    .expect("shapes");
                assert_eq!(d, answer);
                group.bench_function(format!("lanes/{streams}/{level}"), |b| {
                    b.iter(|| dfe.process_lanes(&mut state, x.view(), d.view_mut()));
                });
            }
        }
        group.finish();
    }
}

/// PAM4 through the channel that the taps undo, in noise of this standard deviation.
fn received(taps: &[f32], sigma: f32, n: usize) -> (Vec<u8>, Vec<f32>) {
    let mut sent = vec![0; n];
    Philox::new(1, 1).fill_symbols(0, &mut sent);
    let level = |s: u8| 2.0 * f32::from(s) - 3.0;
    let mut x: Vec<f32> = (0..n)
        .map(|i| {
            let past = taps.iter().enumerate().filter(|(k, _)| *k < i);
            level(sent[i]) + past.map(|(k, t)| t * level(sent[i - 1 - k])).sum::<f32>()
        })
        .collect();
    Gauss::new(1, 2).add_scaled(0, sigma, &mut x);
    (sent, x)
}

/// One stream, as segments side by side: open eye, one symbol in ten wrong, taps close to one, from
/// the second-level cache and from memory. Error ratio and what was decided twice are printed.
fn one_stream(criterion: &mut Criterion) {
    let five = vec![0.5, -0.2, 0.1, 0.05, -0.03];
    let cases = [
        ("open", vec![0.6], 0.2, SYMBOLS),
        ("SER 0.1", vec![0.6], 0.58, SYMBOLS),
        ("tap 0.9", vec![0.9], 0.45, SYMBOLS),
        ("in memory", vec![0.6], 0.2, 64 * SYMBOLS),
        ("two taps", vec![0.6, -0.2], 0.2, SYMBOLS),
        ("five taps", five.clone(), 0.2, SYMBOLS),
        ("five taps, SER 0.1", five, 0.57, SYMBOLS),
        ("sixteen taps of 0.3", vec![0.3; 16], 1.0, 16 * SYMBOLS),
    ];
    let mut group = criterion.benchmark_group("one stream");
    for (name, taps, sigma, n) in cases {
        let (sent, x) = received(&taps, sigma, n);
        group.throughput(Throughput::Elements(n as u64));
        let config = DfeConfig {
            taps,
            ..DfeConfig::default()
        };
        for level in Level::all().into_iter().filter(|l| l.name() != "avx512icl") {
            let dfe = Dfe::with_level(&config, level).expect("a valid configuration");
            let (answer, _) =
                reference::decide_stream(&x, &config.taps, &config.levels, &dfe.thresholds());
            let (mut state, mut d) = (dfe.state(1).expect("one stream"), vec![0; n]);
            let report = dfe
                .process_counted(&mut state, &x, &mut d, None)
                .expect("lengths");
            assert_eq!(d, answer);
            let wrong = d.iter().zip(&sent).filter(|(a, b)| a != b).count();
            println!(
                "one stream/{name}/{level}: SER {:.1e}, {} of {} seams decided again, {} of {n} symbols",
                wrong as f64 / n as f64,
                report.reruns,
                report.seams,
                report.rerun_symbols,
            );
            group.bench_function(format!("{name}/{level}"), |b| {
                b.iter(|| dfe.process(&mut state, &x, &mut d));
            });
        }
    }
    // Symbol by symbol: calls too short to be cut.
    let (_, x) = received(&[0.6], 0.2, 1 << 11);
    let dfe = Dfe::new(&DfeConfig {
        taps: vec![0.6],
        ..DfeConfig::default()
    })
    .expect("a valid configuration");
    let (mut state, mut d) = (dfe.state(1).expect("one stream"), vec![0; x.len()]);
    group.throughput(Throughput::Elements(x.len() as u64));
    group.bench_function("short calls", |b| {
        b.iter(|| {
            for (x, d) in x.chunks(1 << 9).zip(d.chunks_mut(1 << 9)) {
                dfe.process(&mut state, x, d).expect("lengths");
            }
        });
    });
    group.finish();
}

/// The search's call: 24 feed-forward taps, one feedback tap, a pulse of 150 samples.
fn design(criterion: &mut Criterion) {
    let samples: Vec<f64> = (0..150)
        .map(|i| {
            let t = f64::from(i) - 20.0;
            (-t.abs() * if t < 0.0 { 1.2 } else { 0.25 }).exp() * (1.0 + 0.2 * t.sin())
        })
        .collect();
    let pulse = Pulse::new(samples, 1, 20).expect("a pulse");
    let noise: Vec<f64> = (0..24).map(|m| 1e-3 * 0.5f64.powi(m)).collect();
    let limits = vec![(-0.35, 0.35)];
    let cases = [
        ("free", f64::INFINITY, vec![]),
        ("bounded", 0.3, vec![]),
        ("bounded and limited", 0.3, limits),
    ];
    for (name, bound, ffe_limits) in cases {
        let config = MmseConfig {
            ffe_taps: 24,
            precursors: 6,
            dfe: vec![(-bound, bound)],
            ffe_limits,
            ..MmseConfig::default()
        };
        let mut solver = MmseSolver::new(&config).expect("a configuration");
        let snr = solver.snr(&pulse, &noise).expect("a solution");
        let best = biased(&pulse.samples, 20, &noise, 24, 6, 1, 5.0 / 9.0).expect("regular");
        if bound.is_infinite() {
            assert!((snr / (best.snr - 1.0) - 1.0).abs() < 1e-9);
        } else {
            assert!(snr < best.snr - 1.0);
        }
        criterion.bench_function(&format!("design/24+1 taps, {name}"), |b| {
            b.iter(|| solver.snr(&pulse, &noise));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_millis(400))
        .sample_size(20);
    targets = bench, one_stream, design
}
criterion_main!(benches);
