//! The waveform engine: rates of whole paths, the start taken off.

use std::time::Instant;

use num_complex::Complex64;
use pamlink::Level;
use pamlink::frontend::jitter::JitterConfig;
use pamlink::frontend::transmitter::TxFirConfig;
use pamlink::link::config::{Engine, LaneRate, LinkConfig, ModulatorKind};
use pamlink::link::{
    Architecture, Choice, HostChannels, NoiseSource, Segment, SegmentSpec, Simulation, Stage,
    TxSpec, analyze, design, design_with, segments, simulate,
};
use pamlink::optics::modulator::{ModulatorConfig, MzmConfig, OpticalPower};
use pamlink::signal::{FrequencyGrid, Response};

/// A lossy line with a tail of 62 UI behind a Gaussian low-pass of 0.6 of the symbol rate: 64 UI of taps.
fn lossy(grid: FrequencyGrid, baud_hz: f64, gain: f64) -> Response {
    let tail = |k: f64| 0.12 * f64::exp(-(k - 1.0) / 2.0) + 0.004 * f64::exp(-k / 40.0);
    let taps: Vec<f64> = (0..62)
        .map(|k| if k == 0 { 1.0 } else { tail(f64::from(k)) })
        .collect();
    let sum: f64 = taps.iter().sum();
    Response::from_fn(grid, |f| {
        let turn = -2.0 * std::f64::consts::PI * f / baud_hz;
        let line: Complex64 = (taps.iter().enumerate())
            .map(|(k, h)| h * Complex64::cis(turn * k as f64))
            .sum();
        gain / sum * line * (-0.347 * (f / (0.6 * baud_hz)).powi(2)).exp()
    })
}

/// The standard case: 64 UI, a noise, a Mach-Zehnder modulator, 64 UI, a noise, converter of 7 bits, clock
/// recovery, FFE of 21 taps, DFE of one.
fn standard() -> (LinkConfig, Segment) {
    let mut config = LinkConfig::for_rate(LaneRate::G100);
    config.analysis.kept_energy = 1.0 - 1e-9;
    let (baud_hz, window) = (config.baud_hz, config.analysis.window_ui);
    let grid = FrequencyGrid::new(baud_hz / window as f64, 4 * window + 1).expect("a grid");
    let mut receiver = config.receiver.host_linear.clone();
    receiver.ffe_postcursors = 14;
    receiver.enob = 5.5;
    receiver.adc.bits = 7;
    let (oma_w, drive_vpp) = (1.26e-3, 2.4);
    let modulator = ModulatorConfig::Mzm(MzmConfig {
        power: OpticalPower::OuterOma { oma_w, drive_vpp },
        ..MzmConfig::default()
    });
    let spec = SegmentSpec {
        name: "standard",
        baud_hz,
        grid,
        tx: TxSpec {
            amplitude_v: 1.2,
            edge_s: 7.5e-12,
            fir: TxFirConfig::ck_100g(),
            snr_db: 200.0,
            levels: pamlink::pam4::UNIT_LEVELS,
        },
        stages: vec![
            Stage::Linear(lossy(grid, baud_hz, 1.0)),
            Stage::Noise {
                source: NoiseSource::ModuleInput,
                density: 4e-15,
            },
            Stage::Modulator {
                modulator,
                slope_w_per_v: oma_w / drive_vpp,
            },
            Stage::Photocurrent {
                mean_a: 1e-3,
                rin_db_hz: -300.0,
                interference_db: None,
            },
            Stage::Linear(lossy(grid, baud_hz, 500.0)),
            Stage::Noise {
                source: NoiseSource::ReceiverInput,
                density: 4e-16,
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
    let segment = design_with(&spec, &choice, &config.analysis).expect("an equalizer exists");
    (config, segment)
}

fn lpo(config: &LinkConfig, channels: &HostChannels) -> Segment {
    let specs = segments(Architecture::Lpo, config, channels).expect("a valid configuration");
    design(&specs[0], &config.analysis).expect("an equalizer exists")
}

/// Edge and sampling jitter, dispersion, intensity and shot noise, compression of driver and amplifier,
/// interference, a converter of 7 bits.
fn everything() -> (LinkConfig, Segment) {
    let mut config = LinkConfig::for_rate(LaneRate::G100);
    (config.channel.near_loss_db, config.channel.far_loss_db) = (8.0, 8.0);
    config.optics.modulator.kind = ModulatorKind::Mzm;
    config.optics.mpi_db = -45.0;
    config.optics.tia_limit_vppd = 2.5;
    config.module.driver_limit_vppd = 8.0;
    config.host.edge_jitter.random_ui = 0.01;
    config.receiver.host_linear.adc.bits = 7;
    let channels = HostChannels::built_in(&config).expect("built-in lines");
    let segment = lpo(&config, &channels);
    (config, segment)
}

fn run(config: &LinkConfig, segment: &Segment, symbols: u64, level: Level) -> (Simulation, f64) {
    let mut config = config.clone();
    config.simulation.engine = Engine::Waveform;
    config.simulation.run_symbols = 1 << 21;
    let start = Instant::now();
    let of = simulate(segment, &config, symbols, 1, level, &|_| {}).expect("a valid segment");
    (of, start.elapsed().as_secs_f64())
}

/// Rate from the difference of a long and a short simulation, errors there and the clock locked.
fn row(name: &str, config: &LinkConfig, segment: &Segment, level: Level) {
    let predicted = analyze(segment, &config.analysis, 1).expect("a valid segment");
    let (few, more) = (1 << 21, 1 << 24);
    let mut rates = Vec::new();
    let mut told = String::new();
    for _ in 0..3 {
        let (short, long) = (
            run(config, segment, few, level),
            run(config, segment, few + more, level),
        );
        let of = long.0;
        assert!(of.is_locked(), "{name}: {:?}", of.waveform);
        assert!(of.errors.bit_errors > 100, "{name}: no errors to check");
        let symbols = of.errors.symbols - short.0.errors.symbols;
        rates.push(symbols as f64 / (long.1 - short.1) / 1e6);
        let ber = of.ber(0.99).expect("symbols were counted").value;
        told = format!(
            "{:3} UI  BER {ber:.2e} (predicted {:.2e})",
            of.channel_taps, predicted.ber
        );
    }
    rates.sort_by(f64::total_cmp);
    println!(
        "{name:<44} {level:<9} {told}  {:5.1} MSym/s ({:.1}-{:.1})",
        rates[1], rates[0], rates[2]
    );
}

/// All rows at a level; `measured` are the channels of the files, where they are at hand.
pub(super) fn rows(measured: Option<&HostChannels>, level: Level) {
    let (config, segment) = standard();
    row("waveform, standard case", &config, &segment, level);
    let (config, segment) = everything();
    row("waveform, everything on", &config, &segment, level);
    if let Some(channels) = measured {
        let mut config = LinkConfig::for_rate(LaneRate::G100);
        config.optics.modulator.kind = ModulatorKind::Mzm;
        let segment = lpo(&config, channels);
        row(
            "waveform, LPO, two measured channels",
            &config,
            &segment,
            level,
        );
    }
}
