//! Whole links in the time domain, one core, errors checked against the statistical engine first.

mod common;
#[path = "link/wave.rs"]
mod wave;

use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group};
use num_complex::Complex64;
use pamlink::Level;
use pamlink::channel::Channel;
use pamlink::frontend::jitter::JitterConfig;
use pamlink::frontend::transmitter::TxFirConfig;
use pamlink::link::config::{LaneRate, LinkConfig, Pattern};
use pamlink::link::{
    Architecture, Choice, HostChannels, NoiseSource, Segment, SegmentSpec, Stage, TxSpec, analyze,
    design, design_with, segments, simulate,
};
use pamlink::signal::{FrequencyGrid, Response};

/// PRBS31Q through 64 taps at symbol spacing, white noise, 21-tap FFE, 1-tap DFE.
fn linear(config: &mut LinkConfig) -> Segment {
    config.analysis.kept_energy = 1.0;
    config.simulation.pattern = Pattern::Prbs31q;
    let (baud_hz, window) = (config.baud_hz, config.analysis.window_ui);
    let grid = FrequencyGrid::new(baud_hz / window as f64, 4 * window + 1).expect("a grid");
    // Two precursors, the cursor, 61 postcursors of a lossy line; equal first neighbours, so that the timing
    // loop's phase is that of the taps.
    let taps: Vec<f64> = (0..64)
        .map(|k| match k {
            0 => 0.03,
            1 | 3 => 0.25,
            2 => 1.0,
            _ => 0.15 * f64::exp(-f64::from(k - 4) / 2.0) + 0.01 * f64::exp(-f64::from(k) / 20.0),
        })
        .collect();
    let channel = Response::from_fn(grid, |f| {
        if f > baud_hz / 2.0 + 1.0 {
            return Complex64::default();
        }
        let edge = if f > baud_hz / 2.0 - 1.0 { 0.5 } else { 1.0 };
        let turn = -2.0 * std::f64::consts::PI * f / baud_hz;
        let sum: Complex64 = taps
            .iter()
            .enumerate()
            .map(|(k, h)| h * Complex64::cis(turn * k as f64))
            .sum();
        sum * edge / pamlink::units::sinc(f / baud_hz)
    });
    let mut receiver = config.receiver.host_linear.clone();
    receiver.ffe_postcursors = 14;
    receiver.enob = 24.0;
    let spec = SegmentSpec {
        name: "linear",
        baud_hz,
        grid,
        tx: TxSpec {
            amplitude_v: 1.0,
            edge_s: 0.0,
            fir: TxFirConfig::ck_100g(),
            snr_db: 200.0,
            levels: pamlink::pam4::UNIT_LEVELS,
        },
        stages: vec![
            Stage::Linear(channel),
            Stage::Noise {
                source: NoiseSource::ReceiverInput,
                density: 4.0e-14,
            },
        ],
        receiver,
        jitter: JitterConfig {
            random_ui: 0.0,
            dual_dirac_ui: 0.0,
        },
        measured_end_hz: None,
    };
    let choice = Choice {
        tx_taps: vec![1.0],
        tx_main: 0,
        ctle: vec![],
    };
    design_with(&spec, &choice, &config.analysis).expect("an equalizer exists")
}

fn lpo(config: &LinkConfig) -> Segment {
    let channels = HostChannels::built_in(config).expect("built-in lines");
    let specs = segments(Architecture::Lpo, config, &channels).expect("a valid configuration");
    design(&specs[0], &config.analysis).expect("an equalizer exists")
}

/// The two measured host channels, where the files are at hand.
fn measured_channels() -> Option<HostChannels> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/channels");
    let read = |end: &str| {
        let file = folder.join(format!(
            "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_{end}.s4p"
        ));
        Channel::from_file(&file, None)
    };
    let (Ok(near), Ok(far)) = (read("L10_Full_Footprint"), read("Asic_Footprint")) else {
        println!("skipped: LPO over two measured channels, the files are not there");
        return None;
    };
    Some(HostChannels::measured(near, Some(&far)))
}

/// LPO between the two measured host channels where the files are at hand; `stationary` leaves out what is
/// modulated (jitter, noise that follows the light), as the linear path does.
fn lpo_measured(config: &LinkConfig, stationary: bool) -> Option<Segment> {
    let channels = measured_channels()?;
    let specs = segments(Architecture::Lpo, config, &channels).expect("a valid configuration");
    let mut segment = design(&specs[0], &config.analysis).expect("an equalizer exists");
    if stationary {
        segment.chain.optical = None;
        segment.chain.jitter = JitterConfig {
            random_ui: 0.0,
            dual_dirac_ui: 0.0,
        };
    }
    Some(segment)
}

fn one_run(segment: &Segment, config: &LinkConfig, level: Level) -> pamlink::link::Simulation {
    let symbols = config.simulation.run_symbols;
    simulate(segment, config, symbols, 1, level, &|_| {}).expect("a valid segment")
}

/// Errors that occur, as often as predicted; then the rate.
fn row(name: &str, segment: &Segment, config: &LinkConfig, level: Level) {
    let predicted = analyze(segment, &config.analysis, 1).expect("a valid segment");
    let mut rates = Vec::new();
    let mut errors = pamlink::metrics::ErrorCount::default();
    let mut taps = 0;
    for seed in 0..7 {
        let start = Instant::now();
        let symbols = config.simulation.run_symbols;
        let run = simulate(segment, config, symbols, seed, level, &|_| {}).expect("valid");
        rates.push(run.errors.symbols as f64 / start.elapsed().as_secs_f64() / 1e6);
        errors += run.errors;
        taps = run.channel_taps;
    }
    let interval = errors.ber_interval(0.999).expect("symbols were counted");
    let ln = (interval.value / predicted.ber).ln();
    assert!(errors.bit_errors > 0, "{name}: no errors to check");
    assert!(
        interval.contains(predicted.ber) || ln.abs() < 0.05,
        "{name}: {interval:?} for {:e}",
        predicted.ber
    );
    rates.sort_by(f64::total_cmp);
    println!(
        "{name:<44} {level:<9} {taps:3} taps  BER {:.2e} (predicted {:.2e})  {:6.1} MSym/s ({:.1}-{:.1})",
        interval.value, predicted.ber, rates[3], rates[0], rates[6]
    );
}

fn rows(c: &mut Criterion) {
    let mut config = LinkConfig::for_rate(LaneRate::G100);
    let segment = linear(&mut config);
    let mut group = c.benchmark_group("link");
    group.throughput(Throughput::Elements(config.simulation.run_symbols));
    group.sample_size(10);
    for level in Level::all() {
        group.bench_function(format!("linear/{level}"), |b| {
            b.iter(|| one_run(&segment, &config, level));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = rows
}

fn main() {
    if !std::env::args().any(|a| a == "--test") {
        let mut config = LinkConfig::for_rate(LaneRate::G100);
        let segment = linear(&mut config);
        let mut lossy = LinkConfig::for_rate(LaneRate::G100);
        (lossy.channel.near_loss_db, lossy.channel.far_loss_db) = (14.0, 14.0);
        let optical = lpo(&lossy);
        let measured = LinkConfig::for_rate(LaneRate::G100);
        let files = [true, false].map(|stationary| lpo_measured(&measured, stationary));
        let channels = measured_channels();
        for level in Level::all() {
            wave::rows(channels.as_ref(), level);
            let names = [
                "LPO, two measured channels, stationary",
                "LPO, two measured channels, all noises",
            ];
            for (name, segment) in names.into_iter().zip(&files) {
                if let Some(segment) = segment {
                    row(name, segment, &measured, level);
                }
            }
            row(
                "PRBS31Q, 64 taps, noise, FFE 21, DFE 1",
                &segment,
                &config,
                level,
            );
            row(
                "LPO, jitter and level-dependent noise",
                &optical,
                &lossy,
                level,
            );
        }
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
