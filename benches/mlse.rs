//! Sequence detection by states, streams, layout and level. Every plan is checked against the reference
//! before it is timed; the rate is symbols per second of all streams together, the roof is what the
//! vector operations of a step allow at two per clock cycle.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use pamlink::Level;
use pamlink::mlse::{Mlse, MlseConfig, reference};
use pamlink::random::Gauss;
use pamlink::signal::Llr;

/// Symbols per call of many streams: the samples stay in the second-level cache.
const SYMBOLS: usize = 1 << 16;

/// Symbols of the one long stream.
const LONG: usize = 1 << 20;

fn samples(h: &[f32], streams: usize, n: usize) -> (Array2<u8>, Array2<f32>) {
    let mut word = 1u32;
    let sent = Array2::from_shape_simple_fn((streams, n), || {
        word = word.wrapping_mul(1664525).wrapping_add(1013904223);
        (word >> 30) as u8
    });
    let mut x = Array2::zeros((streams, n));
    for (s, (mut x, sent)) in x.rows_mut().into_iter().zip(sent.rows()).enumerate() {
        let level = |i: usize| 2.0 * f32::from(sent[i]) - 3.0;
        for i in 0..n {
            let past = h.iter().enumerate().filter(|(k, _)| *k <= i);
            x[i] = past.map(|(k, h)| h * level(i - k)).sum();
        }
        if let Some(row) = x.as_slice_mut() {
            Gauss::new(1, s as u64).add_scaled(0, 0.3, row);
        }
    }
    (sent, x)
}

/// Share of symbols that differ; at this noise the detectors, rounded or not, agree but for a few.
fn assert_near(name: &str, d: &[u8], expected: &[u8]) {
    let wrong = d
        .iter()
        .zip(expected)
        .skip(8)
        .filter(|(a, b)| a != b)
        .count();
    assert!(
        d.len() == expected.len() && wrong * 500 < d.len(),
        "{name}: {wrong}"
    );
}

fn bench(criterion: &mut Criterion) {
    let cases = [
        ("mlse4", vec![1.0, 0.5], false),
        ("mlse16", vec![1.0, 0.6, 0.2], false),
        ("mlse4of16", vec![1.0, 0.6, 0.2], true),
    ];
    for (name, response, reduced) in cases {
        let config = MlseConfig {
            response: response.clone(),
            reduced,
            ..MlseConfig::default()
        };
        let mut group = criterion.benchmark_group(name);
        for level in Level::all().into_iter().filter(|l| l.name() != "avx512icl") {
            let plan = Mlse::with_level(&config, level).expect("a valid configuration");
            group.throughput(Throughput::Elements(SYMBOLS as u64));
            for streams in [32, 64] {
                let n = SYMBOLS / streams;
                let (_, x) = samples(&response, streams, n);
                let mut answer = Vec::new();
                for row in x.rows() {
                    answer.push(reference::exact(&row.to_vec(), &response, &config.levels));
                }
                let mut d = Array2::zeros(x.dim());
                plan.apply_lanes(x.view(), d.view_mut()).expect("shapes");
                for (d, answer) in d.rows().into_iter().zip(&answer) {
                    assert_near(name, &d.to_vec(), answer);
                }
                let woven: Vec<f32> = x.t().iter().copied().collect();
                let mut woven_d = vec![0; SYMBOLS];
                plan.apply_interleaved(&woven, streams, &mut woven_d)
                    .expect("lengths");
                assert_eq!(woven_d, d.t().iter().copied().collect::<Vec<u8>>());

                // Streams that go on: every call writes as many symbols as it takes.
                let mut state = plan.state(streams).expect("streams");
                let mut first = vec![0; state.ready(n) * streams];
                plan.process_interleaved(&mut state, &woven, &mut first)
                    .expect("lengths");
                group.bench_function(format!("interleaved/{streams}/{level}"), |b| {
                    b.iter(|| plan.process_interleaved(&mut state, &woven, &mut woven_d));
                });
                group.bench_function(format!("lanes/{streams}/{level}"), |b| {
                    b.iter(|| plan.process_lanes(&mut state, x.view(), d.view_mut()));
                });
            }
            for n in [SYMBOLS, LONG] {
                let (sent, x) = samples(&response, 1, n);
                let (sent, x) = (sent.row(0).to_vec(), x.row(0).to_vec());
                let mut d = vec![0; n];
                plan.apply(&x, &mut d).expect("lengths");
                assert_near(name, &d, &sent);
                group.throughput(Throughput::Elements(n as u64));
                group.bench_function(format!("one stream/{n}/{level}"), |b| {
                    b.iter(|| plan.apply(&x, &mut d));
                });
                if !reduced {
                    let mut llr = vec![[Llr(0.0); 2]; n];
                    plan.soft(&x, 0.3, &mut llr).expect("lengths");
                    let signs: Vec<u8> = llr
                        .iter()
                        .map(|l| {
                            let pair = l.map(|l| usize::from(l.0 < 0.0));
                            pamlink::pam4::GRAY_TO_SYMBOL[2 * pair[0] + pair[1]]
                        })
                        .collect();
                    assert_near(name, &signs, &sent);
                    group.bench_function(format!("soft/{n}/{level}"), |b| {
                        b.iter(|| plan.soft(&x, 0.3, &mut llr));
                    });
                }
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(50))
        .measurement_time(std::time::Duration::from_millis(200))
        .sample_size(15);
    targets = bench
}
criterion_main!(benches);
