//! Clock recovery of 16 lanes: the detector and loop alone, and the complete loop of sampling an
//! oversampled waveform, slicing and updating. The rate is symbols per second of all lanes together. The
//! complete loop must end locked, at the frequency of its signal, before it is timed.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use pamlink::Level;
use pamlink::cdr::{Cdr, CdrConfig, CdrState, Detector};
use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
use pamlink::random::Philox;

const LANES: usize = 16;
const BLOCK: usize = 64;
/// Samples per UI of the waveform.
const M: usize = 8;
/// Symbols of the waveform, which repeats.
const PERIOD: usize = 4096;
/// Entries at either end of a plane that repeat the other end.
const MARGIN: usize = BLOCK + 8;

/// PAM4 through a pulse with neighbours of 0.1, `planes[p][MARGIN + n]` the sample at `n + p / M` UI.
fn planes(seed: u64) -> Vec<Vec<f32>> {
    let mut symbols = vec![0; PERIOD];
    Philox::new(seed, 0).fill_symbols(0, &mut symbols);
    let level = |n: i64| 2.0 * f32::from(symbols[n.rem_euclid(PERIOD as i64) as usize]) - 3.0;
    (0..M)
        .map(|p| {
            (0..PERIOD + 2 * MARGIN)
                .map(|n| {
                    let n = n as i64 - MARGIN as i64;
                    (-4..=4)
                        .map(|j| {
                            let t = j as f32 + p as f32 / M as f32;
                            level(n - j) * 0.1f32.powf(t * t)
                        })
                        .sum()
                })
                .collect()
        })
        .collect()
}

/// Samples at `start + k + phase`, by the cubic through the four nearest samples of the waveform.
fn sample(planes: &[Vec<f32>], start: usize, phase: f64, out: &mut [f32]) {
    let place = (start as f64 + phase).rem_euclid(PERIOD as f64) * M as f64;
    let base = place.floor();
    let x = (place - base) as f32;
    let (p, m, n) = (x + 1.0, x - 1.0, x - 2.0);
    let w = [
        -x * m * n / 6.0,
        p * m * n / 2.0,
        -p * x * n / 2.0,
        p * x * m / 6.0,
    ];
    let row = |i: usize| {
        let at = base as usize + MARGIN * M + i - 1;
        &planes[at % M][at / M..][..out.len()]
    };
    let (a, b, c, d) = (row(0), row(1), row(2), row(3));
    for (k, y) in out.iter_mut().enumerate() {
        *y = w[0] * a[k] + w[1] * b[k] + w[2] * c[k] + w[3] * d[k];
    }
}

struct Complete {
    cdr: Cdr,
    state: CdrState,
    slicer: Slicer,
    waves: Vec<Vec<Vec<f32>>>,
    samples: Array2<f32>,
    edges: Array2<f32>,
    decided: Array2<u8>,
    start: usize,
}

impl Complete {
    fn new(config: &CdrConfig, level: Level) -> Self {
        let cdr = Cdr::with_level(config, level).expect("a valid configuration");
        Self {
            state: cdr.state(LANES).expect("lanes"),
            cdr,
            slicer: Slicer::with_level(&SlicerConfig::default(), level).expect("levels"),
            waves: (0..LANES as u64).map(planes).collect(),
            samples: Array2::zeros((LANES, BLOCK)),
            edges: Array2::zeros((LANES, BLOCK)),
            decided: Array2::zeros((LANES, BLOCK)),
            start: 0,
        }
    }

    fn step(&mut self) {
        let edges = self.cdr.config().detector.needs_edges();
        for lane in 0..LANES {
            let phase = self.state.phase_ui(lane);
            let mut row = self.samples.row_mut(lane);
            let out = row.as_slice_mut().expect("a row");
            sample(&self.waves[lane], self.start, phase, out);
            if edges {
                let mut row = self.edges.row_mut(lane);
                let out = row.as_slice_mut().expect("a row");
                sample(&self.waves[lane], self.start, phase - 0.5, out);
            }
        }
        self.start = (self.start + BLOCK) % PERIOD;
        self.slicer
            .slice_lanes(self.samples.view(), self.decided.view_mut())
            .expect("shapes");
        let edges = edges.then(|| self.edges.view());
        self.cdr
            .update(
                &mut self.state,
                self.samples.view(),
                edges,
                self.decided.view(),
            )
            .expect("shapes");
    }
}

fn bench(criterion: &mut Criterion) {
    for (detector, name, gain) in [
        (Detector::MuellerMuller, "mueller-muller", 0.9),
        (Detector::SignMuellerMuller, "sign-mueller-muller", 6.0),
        (Detector::Alexander, "alexander", 5.0),
        (Detector::Gardner, "gardner", 2.0),
    ] {
        let mut group = criterion.benchmark_group(format!("cdr/{name}"));
        group.throughput(Throughput::Elements((LANES * BLOCK) as u64));
        let config = CdrConfig {
            detector,
            detector_gain: gain,
            ..CdrConfig::default()
        };
        for level in Level::all().into_iter().filter(|l| l.name() != "avx512icl") {
            let mut loop_ = Complete::new(&config, level);
            for _ in 0..3 * config.lock.window_blocks {
                loop_.step();
            }
            for lane in 0..LANES {
                let report = loop_.state.lock(lane);
                assert!(report.is_locked(), "{name} {lane}: {report:?}");
                assert!(
                    report.frequency_ppm.abs() < 5.0,
                    "{name} {lane}: {report:?}"
                );
            }
            group.bench_function(format!("update/{level}"), |b| {
                let edges = detector.needs_edges().then(|| loop_.edges.view());
                b.iter(|| {
                    loop_.cdr.update(
                        &mut loop_.state,
                        loop_.samples.view(),
                        edges,
                        loop_.decided.view(),
                    )
                });
            });
            group.bench_function(format!("complete/{level}"), |b| b.iter(|| loop_.step()));
        }
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
