//! What sequence detection gains on a channel: equalizers are designed, run on noisy symbols, counted.
//!
//! Run with a Touchstone file as argument, or without one for a measured 112G channel of
//! `../shared/channels` (a built-in line of the same loss where that is missing):
//! `cargo run --release --example mlse_gain -- channel.s4p`

use std::path::{Path, PathBuf};

use pamlink::channel::{BOARD_CK, Channel};
use pamlink::equalizer::design::{Design, MmseConfig, mmse};
use pamlink::equalizer::dfe::{Dfe, DfeConfig};
use pamlink::equalizer::ffe::{Ffe, FfeConfig};
use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
use pamlink::metrics::snr::{ber_from_snr_db, snr_db_from_ber};
use pamlink::metrics::{ErrorCount, EventCounter};
use pamlink::mlse::design::{TargetChoice, TargetConfig, TargetDesign, target};
use pamlink::mlse::{Mlse, MlseConfig};
use pamlink::pam4;
use pamlink::random::{Gauss, Philox};
use pamlink::signal::Pulse;

const BAUD_HZ: f64 = 53.125e9;
const FILE: &str = "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_L10_Full_Footprint.s4p";
const TAPS: usize = 21;
const PRECURSORS: usize = 6;
/// Bit error ratio of decision feedback, were its decisions right, that sets the noise.
const FEEDBACK_BER: f64 = 2e-4;
const RUNS: u64 = 32;
const SYMBOLS: usize = 1 << 20;
/// Symbols at either end of a run that see beyond it.
const EDGE: usize = 256;

fn channel() -> pamlink::Result<Channel> {
    if let Some(file) = std::env::args().nth(1) {
        return Channel::from_file(Path::new(&file), None);
    }
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/channels");
    if shared.join(FILE).is_file() {
        return Channel::from_file(&shared.join(FILE), None);
    }
    println!("no ../shared/channels/{FILE}: a built-in line instead");
    Channel::trace(14.4, 26.5625e9, &BOARD_CK)
}

fn config(dfe: &[(f64, f64)]) -> MmseConfig {
    MmseConfig {
        ffe_taps: TAPS,
        precursors: PRECURSORS,
        dfe: dfe.to_vec(),
        ..MmseConfig::default()
    }
}

/// White noise for which ideal decision feedback has [`FEEDBACK_BER`]; its autocorrelation.
fn noise(pulse: &Pulse) -> pamlink::Result<Vec<f64>> {
    let wanted = snr_db_from_ber(FEEDBACK_BER)?;
    let (mut low, mut high) = (1e-6f64, 1.0f64);
    let mut noise = vec![0.0; 64];
    for _ in 0..50 {
        let sigma = (low * high).sqrt();
        noise[0] = sigma * sigma;
        if mmse(pulse, &noise, &config(&[(0.0, 1.0)]))?.snr_db > wanted {
            low = sigma;
        } else {
            high = sigma;
        }
    }
    Ok(noise)
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&v| v as f32).collect()
}

/// What decides the symbols behind the feed-forward taps.
enum Detector {
    Slicer(Slicer),
    Feedback(Dfe),
    Sequence(Box<Mlse>),
}

struct Receiver {
    name: String,
    ffe: Ffe,
    detector: Detector,
    predicted_ber: f64,
    counter: EventCounter,
}

impl Receiver {
    fn new(name: String, ffe: &[f64], detector: Detector, ber: f64) -> pamlink::Result<Self> {
        let taps = single(ffe);
        Ok(Self {
            name,
            ffe: Ffe::new(&FfeConfig {
                taps,
                precursors: PRECURSORS,
            })?,
            detector,
            predicted_ber: ber,
            counter: EventCounter::default(),
        })
    }

    fn run(&mut self, x: &[f32], sent: &[u8]) -> pamlink::Result<()> {
        let mut y = vec![0.0; x.len()];
        let mut d = vec![0; x.len()];
        self.ffe.apply(x, &mut y)?;
        match &self.detector {
            Detector::Slicer(slicer) => slicer.slice(&y, &mut d)?,
            Detector::Feedback(dfe) => dfe.process(&mut dfe.state(1)?, &y, &mut d)?,
            Detector::Sequence(mlse) => mlse.apply(&y, &mut d)?,
        }
        let inside = EDGE..x.len() - EDGE;
        self.counter.new_run();
        self.counter.compare(&sent[inside.clone()], &d[inside])
    }
}

fn receivers(pulse: &Pulse, noise: &[f64]) -> pamlink::Result<Vec<Receiver>> {
    let levels = pam4::UNIT_LEVELS.map(|l| l as f32);
    let sequence = |name: &str, design: &TargetDesign| {
        let mlse = Mlse::new(&MlseConfig {
            response: single(&design.response),
            levels,
            ..MlseConfig::default()
        })?;
        let coefficients: Vec<_> = design.response[1..]
            .iter()
            .map(|g| format!("{g:.2}"))
            .collect();
        let name = format!("{name} ({})", coefficients.join(", "));
        let detector = Detector::Sequence(Box::new(mlse));
        Receiver::new(name, &design.ffe, detector, design.predicted_ber)
    };
    let designed = |dfe: &[(f64, f64)], choice| {
        let equalizer = config(dfe);
        target(pulse, noise, &TargetConfig { equalizer, choice })
    };
    let ideal = |design: &Design| ber_from_snr_db(design.snr_db);
    let plain = mmse(pulse, noise, &config(&[]))?;
    let feedback = mmse(pulse, noise, &config(&[(0.0, 1.0)]))?;
    let slicer = Slicer::new(&SlicerConfig {
        levels,
        ..SlicerConfig::default()
    })?;
    let dfe = Dfe::new(&DfeConfig {
        taps: single(&feedback.dfe),
        levels,
        thresholds: None,
    })?;
    let one = [(0.0, 1.0)];
    let two = [(0.0, 1.5), (-0.5, 1.0)];
    Ok(vec![
        Receiver::new(
            "slicer".into(),
            &plain.ffe,
            Detector::Slicer(slicer),
            ideal(&plain)?,
        )?,
        Receiver::new(
            format!("feedback ({:.2})", feedback.dfe[0]),
            &feedback.ffe,
            Detector::Feedback(dfe),
            ideal(&feedback)?,
        )?,
        sequence("4 states", &designed(&one, TargetChoice::Whitening)?)?,
        sequence("4 states*", &designed(&one, TargetChoice::FewestErrors)?)?,
        sequence("16 states", &designed(&two, TargetChoice::Whitening)?)?,
        sequence("16 states*", &designed(&two, TargetChoice::FewestErrors)?)?,
    ])
}

fn main() -> pamlink::Result<()> {
    let channel = channel()?;
    let pulse = channel.pulse(BAUD_HZ, 32)?.kept(0.9999).at_baud();
    let noise = noise(&pulse)?;
    let sigma = noise[0].sqrt();
    let mut receivers = receivers(&pulse, &noise)?;

    let levels = pam4::UNIT_LEVELS.map(|l| l as f32);
    let mapper = Slicer::new(&SlicerConfig {
        levels,
        ..SlicerConfig::default()
    })?;
    let line = Ffe::new(&FfeConfig {
        taps: single(&pulse.samples),
        precursors: pulse.cursor,
    })?;
    let (mut sent, mut transmitted) = (vec![0; SYMBOLS], vec![0.0; SYMBOLS]);
    let mut received = vec![0.0; SYMBOLS];
    for run in 0..RUNS {
        Philox::new(run, 0).fill_symbols(0, &mut sent);
        mapper.values(&sent, &mut transmitted)?;
        line.apply(&transmitted, &mut received)?;
        Gauss::new(run, 1).add_scaled(0, sigma as f32, &mut received);
        for receiver in &mut receivers {
            receiver.run(&received, &sent)?;
        }
    }

    println!("{}", channel.name().replace(" (", "\n("));
    println!(
        "{:.3} GBd, {:.1} dB at Nyquist, noise {:.1} dB below the cursor, pulse of {} UI",
        BAUD_HZ / 1e9,
        channel.loss_db(0.5 * BAUD_HZ)?,
        20.0 * (pulse.samples[pulse.cursor] / sigma).log10(),
        pulse.samples.len()
    );
    println!("{TAPS} feed-forward taps before each; {RUNS} runs of {SYMBOLS} symbols\n");
    println!("                        bit error ratio                  gain, dB of SNR");
    println!("detector (target)       counted   99 % interval         counted  predicted");
    let reference = receivers[0].counter.count().ber();
    let predicted = receivers[0].predicted_ber;
    for receiver in &receivers {
        let count: ErrorCount = receiver.counter.count();
        let interval = count.ber_interval(0.99)?;
        println!(
            "{:<23} {:.2e}  {:.2e} to {:.2e}  {:>8}  {:>9}",
            receiver.name,
            interval.value,
            interval.low,
            interval.high,
            gain_db(interval.value, reference),
            gain_db(receiver.predicted_ber, predicted),
        );
    }
    println!("\n*: the target with the fewest errors predicted, else the one that whitens best.");
    println!("Feedback is predicted without error propagation, sequences by the union bound.");
    Ok(())
}

/// Slicer-equivalent gain of one bit error ratio over another.
fn gain_db(ber: f64, reference: f64) -> String {
    match (snr_db_from_ber(ber), snr_db_from_ber(reference)) {
        (Ok(snr), Ok(reference)) => format!("{:.2}", snr - reference),
        _ => "-".into(), // no errors counted, or nothing but errors
    }
}
