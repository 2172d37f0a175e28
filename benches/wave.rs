//! The stages of a waveform against the FMA roof of the same run, then criterion rows for tracking.
//!
//! 8 samples per UI, blocks of 512 symbols, sampled 64 symbols at a time, all in a first- or second-level cache.
//! A share of the roof counts the products of the equation: zeros that a kernel multiplies are its loss.

mod common;

use std::hint::black_box;

use common::{Candidate, Timing, interleaved, noise};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use num_complex::{Complex32, Complex64};
use pamlink::Level;
use pamlink::channel::convolve::{
    CROSSOVER_TAPS, FieldFilter, FieldImpulse, FieldPlanes, GridConfig, Impulse, PlaneFilter,
    Planes, Sampler, Upsampler, reference,
};
use pamlink::channel::pulse_grid;
use pamlink::signal::Response;
use pamlink::simd::Width;
use pamlink::simd::roof::Roof;

/// Samples per UI.
const M: usize = 8;
/// Symbols of a block.
const BLOCK: usize = 512;
/// Symbols sampled at one phase.
const CHUNK: usize = 64;
const ROOF_STEPS: usize = 20_000;

fn impulse(seed: u32, ui: usize) -> Impulse {
    let scale = 1.0 / ((ui * M) as f32).sqrt();
    Impulse {
        taps: noise(seed, ui * M).iter().map(|h| h * scale).collect(),
        before: 2 * M as isize,
        samples_per_ui: M,
    }
}

/// A response of about `ui` UI: a delay-free exponential decay, band-limited.
fn response(ui: usize) -> (Response, GridConfig) {
    let baud_hz = 53.125e9;
    let grid = GridConfig {
        baud_hz,
        samples_per_ui: M,
        kept_energy: 0.9999,
        ..Default::default()
    };
    let f = pulse_grid(baud_hz, 1024, 4.0 * baud_hz).expect("a grid");
    // exp(-t / tau) has fallen to 1e-4 of its energy after 4.6 tau; less what the band limit adds.
    let tau = (ui as f64 - 1.5) / 4.6;
    let decay = Response::from_fn(f, |f| {
        let x = f / baud_hz;
        (-(x / 0.9).powi(4)).exp() / Complex64::new(1.0, 2.0 * std::f64::consts::PI * x * tau)
    });
    (decay, grid)
}

fn filled(planes: &mut Planes) {
    for p in 0..planes.samples_per_ui() {
        planes
            .fresh_mut(p, BLOCK)
            .copy_from_slice(&noise(p as u32 + 1, BLOCK));
    }
}

/// The answer first: no timing of a kernel that computes something else.
fn check(planes: &Planes, exact: &[f64]) {
    for (g, b) in exact.iter().enumerate() {
        let a = planes.fresh(g % M, BLOCK)[g / M];
        assert!((f64::from(a) - b).abs() < 1e-4, "{g}: {a} for {b}");
    }
}

fn planes(past: usize) -> Planes {
    Planes::new(M, past, BLOCK).expect("planes")
}

/// A row: name, products per symbol, what is timed.
type Row = (String, usize, Box<dyn FnMut()>);

fn first(level: Level, ui: usize, edges: bool) -> Row {
    let (symbol, edge) = (impulse(1, ui), impulse(2, ui));
    let plan = Upsampler::with_level(&symbol, edges.then_some(&edge), level).expect("a plan");
    let (mut state, mut to) = (plan.state(), planes(64));
    let (a, e) = (noise(3, BLOCK), noise(4, BLOCK));
    plan.process(&mut state, &a, &mut to).expect("lengths");
    check(
        &to,
        &reference::convolve(&symbol.taps, &reference::zero_stuffed(&a, M)),
    );
    let name = if edges { ", displaced" } else { "" };
    (
        format!("upsampler {ui} UI{name}"),
        ui * M * (1 + usize::from(edges)),
        Box::new(move || {
            if edges {
                plan.process_displaced(&mut state, black_box(&a), &e, &mut to)
            } else {
                plan.process(&mut state, black_box(&a), &mut to)
            }
            .expect("lengths");
            black_box(to.fresh(0, 1));
        }),
    )
}

fn middle(level: Level, ui: usize, fast: Option<bool>) -> Row {
    let taps = impulse(5, ui);
    let plan = match fast {
        None => PlaneFilter::with_level(&taps, level),
        Some(false) => PlaneFilter::direct(&taps, level),
        Some(true) => PlaneFilter::overlap_save(&taps, level),
    }
    .expect("a plan");
    let mut from = planes(plan.past());
    let mut to = planes(64);
    filled(&mut from);
    let mut state = plan.state();
    let x: Vec<f64> = (0..BLOCK * M)
        .map(|g| f64::from(from.fresh(g % M, BLOCK)[g / M]))
        .collect();
    // The answer of overlap-save comes later: zeros follow until it has.
    let late = (plan.delay() - taps.before) as usize / M;
    let mut exact = vec![0.0; late * M];
    exact.extend(reference::convolve(&taps.taps, &x));
    let mut got = Vec::new();
    let mut quiet = planes(plan.past());
    while got.len() < exact.len() {
        let input = if got.is_empty() { &from } else { &quiet };
        plan.process(&mut state, input, BLOCK, &mut to)
            .expect("lengths");
        got.extend((0..BLOCK * M).map(|g| to.fresh(g % M, BLOCK)[g / M]));
        quiet.advance(BLOCK);
    }
    for (g, (a, b)) in got.iter().zip(&exact).enumerate() {
        assert!((f64::from(*a) - b).abs() < 1e-4, "{g}: {a} for {b}");
    }
    let how = if plan.is_overlap_save() {
        "overlap-save"
    } else {
        "direct"
    };
    (
        format!("plane filter {ui} UI, {how}"),
        ui * M * M,
        Box::new(move || {
            plan.process(&mut state, black_box(&from), BLOCK, &mut to)
                .expect("lengths");
            black_box(to.fresh(0, 1));
        }),
    )
}

fn field(level: Level, ui: usize, complex: bool) -> Row {
    let (re, im) = (impulse(6, ui), impulse(7, ui));
    let taps = re.taps.iter().zip(&im.taps);
    let taps = FieldImpulse {
        taps: taps.map(|(&re, &im)| Complex32::new(re, im)).collect(),
        before: 0,
        samples_per_ui: M,
    };
    let plan = FieldFilter::with_level(&taps, level).expect("a plan");
    let mut real = planes(plan.past());
    let mut from = FieldPlanes::new(M, plan.past(), BLOCK).expect("planes");
    let mut to = FieldPlanes::new(M, 0, BLOCK).expect("planes");
    filled(&mut real);
    for p in 0..M {
        let (re, im) = from.fresh_mut(p, BLOCK);
        re.copy_from_slice(&noise(p as u32 + 1, BLOCK));
        im.copy_from_slice(&noise(p as u32 + 11, BLOCK));
    }
    let mut state = plan.state();
    let name = if complex { "complex" } else { "real" };
    (
        format!("field filter {ui} UI, {name} input"),
        ui * M * M * if complex { 4 } else { 2 },
        Box::new(move || {
            if complex {
                plan.process(&mut state, black_box(&from), BLOCK, &mut to)
            } else {
                plan.process_real(&mut state, black_box(&real), BLOCK, &mut to)
            }
            .expect("lengths");
            black_box(to.fresh(0, 1));
        }),
    )
}

#[derive(Clone, Copy, PartialEq)]
enum Sampling {
    OnePhase,
    HalfChunks,
    Moving,
    Slope,
    TapsAlone,
}

fn last(level: Level, ui: usize, how: Sampling) -> Row {
    let (h, grid) = response(ui);
    let plan = Sampler::with_level(&h, &grid, level).expect("a plan");
    let mut from = planes(plan.past());
    filled(&mut from);
    let mut taps = plan.taps(&from);
    let (mut y, mut slope) = ([0.0; CHUNK], [0.0; CHUNK]);
    let name = match how {
        Sampling::OnePhase => "one phase",
        Sampling::HalfChunks => "one phase, 32 at a time",
        Sampling::Moving => "new phase every 64",
        Sampling::Slope => "new phase, with slope",
        Sampling::TapsAlone => "taps of a new phase for one sample",
    };
    let products = plan.tap_count() * if how == Sampling::Slope { 2 } else { 1 };
    let mut phase = 0.0;
    (
        format!("sampler {ui} UI ({} taps), {name}", plan.tap_count()),
        products,
        Box::new(move || {
            let (chunk, moves) = match how {
                Sampling::HalfChunks => (CHUNK / 2, false),
                _ => (CHUNK, how != Sampling::OnePhase),
            };
            for at in (0..BLOCK).step_by(chunk) {
                let at = at as isize;
                if moves {
                    phase = (phase + 0.618_034) % 1.0;
                }
                match how {
                    Sampling::Slope => plan.sample_with_slope(
                        &mut taps,
                        black_box(&from),
                        at,
                        phase,
                        &mut y,
                        &mut slope,
                    ),
                    Sampling::TapsAlone => {
                        plan.sample(&mut taps, black_box(&from), at, phase, &mut y[..1])
                    }
                    _ => plan.sample(&mut taps, black_box(&from), at, phase, &mut y[..chunk]),
                }
                .expect("lengths");
                black_box(&y);
            }
        }),
    )
}

fn all(level: Level) -> Vec<Row> {
    let mut rows = vec![first(level, 64, false), first(level, 64, true)];
    rows.extend([3, 6, 16, 64].map(|ui| middle(level, ui, Some(false))));
    rows.extend([16, 64].map(|ui| middle(level, ui, Some(true))));
    rows.push(field(level, 3, false));
    rows.push(field(level, 3, true));
    for how in [
        Sampling::OnePhase,
        Sampling::HalfChunks,
        Sampling::Moving,
        Sampling::Slope,
        Sampling::TapsAlone,
    ] {
        rows.push(last(level, 64, how));
    }
    rows
}

/// One table per level: time per symbol and share of the roof.
fn against_the_roof(levels: &[Level]) {
    for &level in levels {
        let mut work: Vec<Candidate<'_>> = Vec::new();
        for width in [Width::Sliding, Width::Widest] {
            work.push((
                format!("{width:?}"),
                Box::new(move || {
                    black_box(Roof::Fma(width).run(level, black_box(ROOF_STEPS)));
                }),
            ));
        }
        let rows = all(level);
        let mut names = Vec::new();
        for (name, products, run) in rows {
            names.push((name.clone(), products));
            work.push((name, run));
        }
        table(level, &names, &interleaved(&mut work, 11, 0.01));
    }
}

/// Where the Fourier transform overtakes the direct sum.
fn crossover(levels: &[Level]) {
    for &level in levels {
        let lengths: Vec<usize> = (2..=12).map(|k| 4 * k).collect();
        let mut work: Vec<Candidate<'_>> = Vec::new();
        for &ui in &lengths {
            for fast in [false, true] {
                let (name, _, run) = middle(level, ui, Some(fast));
                work.push((name, run));
            }
        }
        let times = interleaved(&mut work, 7, 0.005);
        println!("\nplane filter, {level}: taps, ns/sample direct, ns/sample overlap-save");
        let mut first = None;
        for (&ui, pair) in lengths.iter().zip(times.chunks(2)) {
            let ns = |i: usize| 1e9 * pair[i].median_s / (BLOCK * M) as f64;
            println!("  {:4}  {:6.2}  {:6.2}", ui * M, ns(0), ns(1));
            if ns(1) < ns(0) {
                first.get_or_insert(ui * M);
            }
        }
        println!(
            "  overlap-save is faster from {first:?} taps on; plans change at {CROSSOVER_TAPS}"
        );
    }
}

fn table(level: Level, rows: &[(String, usize)], times: &[Timing]) {
    let roof = |i: usize, width: Width| {
        (ROOF_STEPS * 12 * width.lanes(level)) as f64 / times[i].median_s / 1e9
    };
    let best = roof(0, Width::Sliding).max(roof(1, Width::Widest));
    println!(
        "\nwave, {level}: {M} samples per UI, blocks of {BLOCK} symbols, roof {best:.1} G products/s"
    );
    println!("  ns/symbol  (range)        share of the roof");
    for ((name, products), t) in rows.iter().zip(&times[2..]) {
        let ns = |s: f64| 1e9 * s / BLOCK as f64;
        println!(
            "  {:8.2}  ({:.2}-{:.2})  {:6.1} %  {name}",
            ns(t.median_s),
            ns(t.low_s),
            ns(t.high_s),
            100.0 * *products as f64 / ns(t.median_s) / best
        );
    }
}

fn rows(c: &mut Criterion) {
    let mut group = c.benchmark_group("wave");
    group.throughput(Throughput::Elements(BLOCK as u64));
    for level in Level::all() {
        for (name, _, mut run) in all(level) {
            group.bench_function(BenchmarkId::new(level.name(), name), |b| b.iter(&mut run));
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_millis(300));
    targets = rows
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--best") {
        against_the_roof(&[Level::best()]);
        crossover(&[Level::best()]);
        return;
    }
    if !arguments.iter().any(|a| a == "--test") {
        against_the_roof(&Level::all());
        crossover(&Level::all());
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
