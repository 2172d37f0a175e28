//! What adaptation makes of a channel: from a closed eye to the minimum mean square error solution.
//!
//! `cargo run --release --example adapt_on_measured_channel -- channel.s4p`, or without a file for a
//! shared measured channel where it is at hand, else for a synthetic line.

use std::path::{Path, PathBuf};

use pamlink::channel::{BOARD_CK, Channel};
use pamlink::equalizer::adapt::{
    AdaptConfig, Adapter, Equalizer, LeastSquaresConfig, Parts, Rule, Schedule, Update,
    least_squares,
};
use pamlink::equalizer::design::{Design, MmseConfig, mmse};
use pamlink::equalizer::dfe::Dfe;
use pamlink::equalizer::ffe::{Ffe, FfeConfig};
use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
use pamlink::metrics::{EventCounter, SnrEstimator};
use pamlink::pam4;
use pamlink::random::{Gauss, Philox};
use pamlink::signal::Pulse;

const BAUD_HZ: f64 = 53.125e9;
const SHARED: &str = "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_L10_Full_Footprint.s4p";
const TAPS: usize = 21;
const PRECURSORS: usize = 6;
const TRAINING: usize = 400_000;
const PAYLOAD: usize = 2_000_000;
/// The noise is set so that the best equalizer of this size reaches this.
const TARGET_DB: f64 = 18.0;

fn channel() -> pamlink::Result<Channel> {
    if let Some(file) = std::env::args().nth(1) {
        return Channel::from_file(Path::new(&file), None);
    }
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/channels")
        .join(SHARED);
    if shared.is_file() {
        return Channel::from_file(&shared, None);
    }
    println!("No channel file given or at hand: a synthetic line takes its place.");
    Channel::trace(14.4, 0.5 * BAUD_HZ, &BOARD_CK)
}

fn design(pulse: &Pulse, sigma: f64) -> pamlink::Result<Design> {
    let mut noise = vec![0.0; TAPS];
    noise[0] = sigma * sigma;
    let config = MmseConfig {
        ffe_taps: TAPS,
        precursors: PRECURSORS,
        dfe: vec![(f64::NEG_INFINITY, f64::INFINITY)],
        symbol_variance: pam4::variance(pam4::LEVELS.map(f64::from)),
        ..MmseConfig::default()
    };
    mmse(pulse, &noise, &config)
}

/// Symbols and what arrives of them, main cursor one.
fn record(pulse: &Pulse, sigma: f64, n: usize, seed: u64) -> pamlink::Result<(Vec<u8>, Vec<f32>)> {
    let mut symbols = vec![0; n];
    Philox::new(seed, 0).fill_symbols(0, &mut symbols);
    let mut sent = vec![0.0; n];
    Slicer::new(&SlicerConfig::default())?.values(&symbols, &mut sent)?;
    let taps = pulse.samples.iter().map(|&s| s as f32).collect();
    let line = Ffe::new(&FfeConfig {
        taps,
        precursors: pulse.cursor,
    })?;
    let mut x = vec![0.0; n];
    line.apply(&sent, &mut x)?;
    Gauss::new(seed, 1).add_scaled(0, sigma as f32, &mut x);
    Ok((symbols, x))
}

/// Freezes an equalizer into the fast kernels, runs the payload, and prints SNR and errors.
fn judge(name: &str, e: &Equalizer, symbols: &[u8], x: &[f32]) -> pamlink::Result<()> {
    e.check()?;
    let mut z = vec![0.0; x.len()];
    Ffe::new(&e.ffe_config())?.apply(x, &mut z)?;
    let dfe = Dfe::new(&e.dfe_config())?;
    let (mut d, mut y) = (vec![0; x.len()], vec![0.0; x.len()]);
    dfe.process_soft(&mut dfe.state(1)?, &z, &mut d, &mut y)?;
    let mut snr = SnrEstimator::default();
    snr.add(&y, symbols)?;
    let mut counter = EventCounter::default();
    counter.compare(symbols, &d)?;
    let count = counter.count();
    println!(
        "  {name:34} {:6.2} dB   SER {:8.1e}   BER {:8.1e}",
        snr.snr_db()?,
        count.ser(),
        count.ber()
    );
    Ok(())
}

#[allow(clippy::too_many_lines)] // one story, told from top to bottom
fn main() -> pamlink::Result<()> {
    let channel = channel()?;
    let mut pulse = channel.pulse(BAUD_HZ, 16)?.at_baud().kept(0.9999);
    let cursor = pulse.samples[pulse.cursor];
    pulse.samples.iter_mut().for_each(|s| *s /= cursor);
    let (mut low, mut high) = (1e-5f64, 1.0f64);
    for _ in 0..40 {
        let mid = (low * high).sqrt();
        if design(&pulse, mid)?.snr_db > TARGET_DB {
            low = mid;
        } else {
            high = mid;
        }
    }
    let (sigma, best) = (low, design(&pulse, low)?);
    println!("{}", channel.name().replace(" (", "\n("));
    println!(
        "{:.3} GBd, {:.1} dB at Nyquist, pulse of {} UI, noise {sigma:.4} of the cursor",
        BAUD_HZ / 1e9,
        channel.loss_db(0.5 * BAUD_HZ)?,
        pulse.samples.len()
    );
    println!("{TAPS} FFE taps ({PRECURSORS} before the main one), 1 DFE tap\n");

    let (sent, x) = record(&pulse, sigma, TRAINING, 1)?;
    let (payload, received) = record(&pulse, sigma, PAYLOAD, 2)?;
    let mut start = vec![0.0; TAPS];
    start[PRECURSORS] = 1.0;
    let power = 5.0 * pulse.energy() + sigma * sigma;
    let step = (0.3 / (TAPS as f64 * power)) as f32;
    let lms = AdaptConfig {
        ffe: FfeConfig {
            taps: start,
            precursors: PRECURSORS,
        },
        dfe: vec![0.0],
        steps: Parts {
            ffe: step,
            dfe: step,
            ..Parts::default()
        },
        schedule: Schedule::Gears(vec![(4_000, 0.3), (16_000, 0.1), (64_000, 0.03)]),
        ..AdaptConfig::default()
    };
    let adapter = Adapter::new(&lms)?;
    let mut state = adapter.state();
    println!("Payload of {PAYLOAD} symbols through the equalizer frozen after adaptation:");
    judge("none", &state.equalizer(), &payload, &received)?;

    let mut done = 0;
    for n in [1_000, 4_000, 16_000, 64_000, 200_000, TRAINING] {
        let (mut y, mut d) = (vec![0.0; n - done], vec![0; n - done]);
        adapter.train(&mut state, &x[done..n], &sent[done..n], &mut y, &mut d)?;
        done = n;
        judge(
            &format!("LMS, {n} known symbols"),
            &state.equalizer(),
            &payload,
            &received,
        )?;
    }
    let trained = |config: &AdaptConfig| -> pamlink::Result<Equalizer> {
        let adapter = Adapter::new(config)?;
        let mut state = adapter.state();
        let (mut y, mut d) = (vec![0.0; TRAINING], vec![0; TRAINING]);
        adapter.train(&mut state, &x, &sent, &mut y, &mut d)?;
        Ok(state.equalizer())
    };
    // Blocks of B symbols are stable for B times smaller steps.
    let blocks = AdaptConfig {
        steps: Parts {
            ffe: 0.25 * step,
            dfe: 0.25 * step,
            ..Parts::default()
        },
        update: Update::Block(8),
        ..lms.clone()
    };
    judge(
        "LMS in blocks of 8, all",
        &trained(&blocks)?,
        &payload,
        &received,
    )?;
    // The same root mean square step, at the least error.
    let sign_step = step * ((5.0 / best.snr).sqrt() * power.sqrt()) as f32;
    let signs = AdaptConfig {
        rule: Rule::SignSign,
        steps: Parts {
            ffe: sign_step,
            dfe: sign_step,
            ..Parts::default()
        },
        ..lms.clone()
    };
    judge("sign-sign LMS, all", &trained(&signs)?, &payload, &received)?;
    let fit = least_squares(
        &x[..20_000],
        &sent[..20_000],
        &LeastSquaresConfig {
            ffe_taps: TAPS,
            precursors: PRECURSORS,
            dfe_taps: 1,
            ..LeastSquaresConfig::default()
        },
    )?;
    judge("least squares, 20000", &fit.equalizer, &payload, &received)?;
    let single = |list: &[f64]| list.iter().map(|&w| w as f32).collect::<Vec<_>>();
    let designed = AdaptConfig {
        ffe: FfeConfig {
            taps: single(&best.ffe),
            precursors: PRECURSORS,
        },
        dfe: single(&best.dfe),
        schedule: Schedule::Gears(vec![(0, 0.03)]),
        ..lms
    };
    let adapter = Adapter::new(&designed)?;
    let mut state = adapter.state();
    judge(
        "MMSE design from the pulse",
        &state.equalizer(),
        &payload,
        &received,
    )?;
    let (mut y, mut d) = (vec![0.0; TRAINING], vec![0; TRAINING]);
    adapter.track(&mut state, &x, &mut y, &mut d)?;
    judge(
        "then decision-directed LMS",
        &state.equalizer(),
        &payload,
        &received,
    )?;
    println!("\nThe design promises {:.2} dB.", best.snr_db);
    Ok(())
}
