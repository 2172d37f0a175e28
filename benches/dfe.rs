//! Decision-feedback equalizer by taps, streams, layout and level. Every plan is checked against
//! the reference before it is timed; the rate is symbols per second of all streams together.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use pamlink::Level;
use pamlink::equalizer::design::{MmseConfig, MmseSolver, reference::biased};
use pamlink::equalizer::dfe::{Dfe, DfeConfig, reference};
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
        let dfe = Dfe::new(&config).expect("a valid configuration");
        let x = samples(1);
        let (row, mut d) = (x.row(0).to_vec(), vec![0; SYMBOLS]);
        let mut state = dfe.state(1).expect("one stream");
        dfe.process(&mut state, &row, &mut d).expect("lengths");
        assert_eq!(d, expected(&dfe, &x).row(0).to_vec());
        group.bench_function("single", |b| {
            b.iter(|| dfe.process(&mut state, &row, &mut d));
        });
        group.finish();
    }
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
    targets = bench, design
}
criterion_main!(benches);
