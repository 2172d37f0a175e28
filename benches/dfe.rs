//! Decision-feedback equalizer by taps, streams, layout and level. Every plan is checked against
//! the reference before it is timed; the rate is symbols per second of all streams together.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use pamlink::Level;
use pamlink::equalizer::dfe::{Dfe, DfeConfig, reference};

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

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_millis(400))
        .sample_size(20);
    targets = bench
}
criterion_main!(benches);
