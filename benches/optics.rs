//! Memoryless optics by kernel and level: samples per second over a block in the first-level cache. Every
//! plan is checked against its `f64` form before it is timed.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pamlink::Level;
use pamlink::optics::detector::Detector;
use pamlink::optics::modulator::{EmlConfig, LinearConfig, Modulator, ModulatorConfig, MzmConfig};
use pamlink::optics::mpi::{Mpi, MpiConfig};
use pamlink::optics::noise::follow_instant;

/// Samples per call: a plane of a block.
const SAMPLES: usize = 2048;

fn drive() -> Vec<f32> {
    let mut word = 1u32;
    (0..SAMPLES)
        .map(|_| {
            word = word.wrapping_mul(1664525).wrapping_add(1013904223);
            (word >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn modulators() -> [(&'static str, ModulatorConfig); 3] {
    let line = LinearConfig {
        mean_w: 1e-3,
        slope_w_per_v: 0.9e-3,
        chirp: 0.5,
    };
    [
        ("mzm", ModulatorConfig::Mzm(MzmConfig::default())),
        ("eml", ModulatorConfig::Eml(EmlConfig::default())),
        ("linear", ModulatorConfig::Linear(line)),
    ]
}

fn bench(criterion: &mut Criterion) {
    let v = drive();
    let mut group = criterion.benchmark_group("optics");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    let (mut p, mut re, mut im) = (v.clone(), v.clone(), v.clone());
    for level in Level::all().into_iter().filter(|l| l.name() != "avx512icl") {
        for (name, config) in modulators() {
            let plan = Modulator::with_level(&config, level).expect("a valid configuration");
            plan.power(&v, &mut p).expect("lengths");
            for (v, p) in v.iter().zip(&p) {
                assert!((f64::from(*p) - plan.power_at(f64::from(*v))).abs() < 1e-8);
            }
            group.bench_function(format!("{name}/power/{level}"), |b| {
                b.iter(|| plan.power(&v, &mut p));
            });
            group.bench_function(format!("{name}/field/{level}"), |b| {
                b.iter(|| plan.field(&v, &mut re, &mut im));
            });
        }
        let detector = Detector::with_level(0.75, level).expect("a valid responsivity");
        detector.square_law(&re, &im, &mut p).expect("lengths");
        group.bench_function(format!("square_law/{level}"), |b| {
            b.iter(|| detector.square_law(&re, &im, &mut p));
        });
        let mpi = Mpi::with_level(&MpiConfig::default(), level).expect("a valid configuration");
        let state = mpi.state();
        group.bench_function(format!("mpi/{level}"), |b| {
            let delayed = vec![1e-3; SAMPLES];
            b.iter(|| {
                // Interference would grow by repetition.
                p.fill(1e-3);
                mpi.apply(&state, 0, &mut p, &delayed)
            });
        });
        group.bench_function(format!("follow_instant/{level}"), |b| {
            b.iter(|| {
                p.fill(1e-3);
                follow_instant(&mut p, &v, 1e-3, 3e-15, 2e11, level)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
