//! A clock recovery on a lossy pulse: what its detector gives, how it follows jitter beside its linear
//! model, and how much jitter it bears against the mask of Ethernet.
//!
//! `cargo run --release --example jitter_tolerance`

use ndarray::Array2;
use pamlink::Result;
use pamlink::cdr::reference::{Source, SourceConfig};
use pamlink::cdr::{
    Cdr, CdrConfig, JitterMask, SinusoidalJitter, ToleranceConfig, detector, jitter_tolerance,
    jitter_transfer,
};
use pamlink::signal::Pulse;

/// Blocks before anything is recorded.
const SETTLE: usize = 1500;
/// Noise at the samples, levels -3, -1, 1, 3.
const NOISE: f64 = 0.1;
/// Symbol error ratio that a receiver must keep.
const ALLOWED: f64 = 1e-3;

/// A pulse with neighbours of 0.1, 16 samples per UI.
fn pulse() -> Result<Pulse> {
    let h = (-64..=64).map(|i| 0.1f64.powf((f64::from(i) / 16.0).powi(2)));
    Pulse::new(h.collect(), 16, 64)
}

/// Runs the loop under a jitter; phases of the recorded blocks, and the symbol error ratio.
fn run(cdr: &Cdr, jitter: SinusoidalJitter, blocks: usize) -> Result<(Vec<f64>, f64)> {
    let p = cdr.config().block;
    let from = SourceConfig {
        noise_sigma: NOISE,
        jitter: (
            jitter.amplitude_ui,
            jitter.frequency_hz / cdr.config().baud_hz,
        ),
        jitter_start_ui: (SETTLE * p) as f64,
        ..SourceConfig::default()
    };
    let mut source = Source::new(&from, &pulse()?)?;
    let mut state = cdr.state(1)?;
    let (mut samples, mut decided) = (Array2::zeros((1, p)), Array2::zeros((1, p)));
    let (mut phases, mut errors) = (Vec::with_capacity(blocks), 0);
    for block in 0..SETTLE + blocks {
        let phase = state.phase_ui(0);
        for k in 0..p {
            let t = (block * p + k) as f64 + phase;
            let z = source.sample(t);
            samples[[0, k]] = z as f32;
            let symbol = (0.5 * z + 1.5).round().clamp(0.0, 3.0) as u8;
            decided[[0, k]] = symbol;
            // A loop that has slipped decides another symbol than the one that was due.
            let due = block * p + k;
            if block >= SETTLE {
                errors += usize::from(source.symbol(due as i64) != symbol);
            }
        }
        cdr.update(&mut state, samples.view(), None, decided.view())?;
        if block >= SETTLE {
            phases.push(phase);
        }
    }
    Ok((phases, errors as f64 / (blocks * p) as f64))
}

fn main() -> Result<()> {
    let mut config = CdrConfig {
        probe_ui: 0.0,
        // The 64 steps of the default would swallow what a loop leaves of 0.02 UI far above its bandwidth.
        phase_steps: Some(256),
        ..CdrConfig::default()
    };
    let gain = detector::gain(&config, &pulse()?, NOISE)?;
    config.detector_gain = gain.gain_per_ui;
    let cdr = Cdr::new(&config)?;
    let model = cdr.model();
    println!(
        "Mueller-Muller: K_d {:.3} per UI, {:.4} UI of noise per block; loop {:.2} MHz, peaking {:.2} dB, \
         jitter {:.4} UI",
        gain.gain_per_ui,
        gain.block_phase_sigma_ui(config.block),
        model.bandwidth_hz() / 1e6,
        model.peaking_db(),
        gain.block_phase_sigma_ui(config.block) * model.noise_gain().sqrt()
    );

    println!("\n  f, MHz  |H|, measured   model");
    let frequencies = [1e6, 2e6, 3e6, 4e6, 6e6, 10e6];
    let transfer = jitter_transfer(&model, &frequencies, 0.02, |jitter| {
        Ok(run(&cdr, jitter, 4000)?.0)
    })?;
    for p in &transfer.points {
        println!(
            "{:8.1} {:8.3} +- {:.3} {:7.3}",
            p.frequency_hz / 1e6,
            p.measured.norm(),
            p.sigma,
            p.model.norm()
        );
    }
    if let Some(bandwidth) = transfer.bandwidth_hz {
        println!(
            "-3 dB at {:.2} MHz, model {:.2} MHz",
            bandwidth / 1e6,
            transfer.model_bandwidth_hz / 1e6
        );
    }

    let mask = JitterMask::ethernet(4e6)?;
    println!("\n  f, MHz   mask, UI   passed   failed   (SER {ALLOWED:.0e})");
    let search = ToleranceConfig {
        ratio: 1.2,
        ..ToleranceConfig::default()
    };
    let tolerance = jitter_tolerance(&mask, &[4e5, 1e6, 4e6, 12e6, 40e6], &search, |jitter| {
        // A period of the slowest takes 2075 blocks.
        Ok(run(&cdr, jitter, 2100)?.1 <= ALLOWED)
    })?;
    for p in &tolerance.points {
        println!(
            "{:8.2} {:10.3} {:8.3} {:>8}",
            p.frequency_hz / 1e6,
            p.mask_ui,
            p.passed_ui,
            p.failed_ui
                .map_or_else(|| "-".to_owned(), |ui| format!("{ui:.3}"))
        );
    }
    println!("margin {:.1} dB", tolerance.margin_db());
    Ok(())
}
