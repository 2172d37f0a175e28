//! Equalizer designs on the shared channels: one table of slicer SNR, and the order that must hold.
//!
//! The files carry no licence to copy, so they are read where they lie, `../shared/channels`; the test
//! prints why it did nothing where they are missing.

use std::path::PathBuf;

use pamlink::channel::{Channel, gaussian_edge, nrz_hold, pulse, pulse_grid};
use pamlink::equalizer::design::{
    Design, FloatingConfig, FloatingTaps, Forcing, MmseConfig, floating, mmse, mmse_fractional,
    zero_forcing,
};
use pamlink::frontend::filter::{LowPass, Shape};
use pamlink::mlse::design::{TargetConfig, target};
use pamlink::signal::{NoisePsd, Pulse, Response};

const PRE: usize = 6;
const TAPS: usize = 15;
/// Delay of the furthest floating tap.
const FURTHEST: usize = 80;
/// Volts of a symbol of level one: half of 0.8 V peak to peak.
const SWING_V: f64 = 0.4;
/// Receiver noise of COM, V^2/Hz: 8.2e-9 V^2/GHz.
const ETA0: f64 = 8.2e-18;

/// A channel of the folder, at a symbol rate that its loss suits.
struct Case {
    file: &'static str,
    baud_hz: f64,
}

const CASES: [Case; 5] = [
    Case {
        file: "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_L10_Full_Footprint.s4p",
        baud_hz: 53.125e9,
    },
    Case {
        file: "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_Asic_Footprint.s4p",
        baud_hz: 53.125e9,
    },
    Case {
        file: "akinwale_3df_01_2209_C2M_PCB_85ohms_10dB_v2_thru1_diffrecon.s4p",
        baud_hz: 106.25e9,
    },
    Case {
        file: "TEC_Whisper27in_THRU_G14G15_07202016.s4p",
        baud_hz: 26.5625e9,
    },
    Case {
        file: "example2_THRU.s4p",
        baud_hz: 26.5625e9,
    },
];

/// What a receiver sees: the pulse at two samples per symbol, and the noise at both spacings.
struct Front {
    half: Pulse,
    noise: Vec<f64>,
    half_noise: Vec<f64>,
}

fn front(channel: &Channel, baud_hz: f64) -> pamlink::Result<Front> {
    let grid = pulse_grid(baud_hz, 2048, 2.0 * baud_hz)?;
    let filter = LowPass::new(Shape::Butterworth4, 0.75 * baud_hz)?;
    let filter = Response::from_fn(grid, |f| filter.at(f));
    let path = nrz_hold(grid, baud_hz)?
        .then(&gaussian_edge(grid, 0.35 / baud_hz)?)?
        .then(&channel.two_port_on(grid)?.s21())?
        .then(&filter)?
        .scaled(SWING_V);
    let fine = pulse(&path, baud_hz, 32)?.kept(0.99999);
    // Every 16th sample, the largest one among them.
    let first = fine.cursor % 16;
    let samples = fine.samples[first..].iter().step_by(16).copied().collect();
    let psd = NoisePsd::white_through(ETA0, &filter);
    Ok(Front {
        half: Pulse::new(samples, 2, fine.cursor / 16)?,
        noise: psd.autocorrelation(1.0 / baud_hz, 128),
        half_noise: psd.autocorrelation(0.5 / baud_hz, 64),
    })
}

fn config(taps: usize, precursors: usize) -> MmseConfig {
    MmseConfig {
        ffe_taps: taps,
        precursors,
        ..MmseConfig::default()
    }
}

struct Table {
    forced: Design,
    squares: Design,
    least: Design,
    /// At the phase half a symbol later.
    late: Design,
    half: Design,
    groups: Design,
    places: Vec<usize>,
    long: Design,
    feedback: Design,
    sequence_db: f64,
}

fn table(front: &Front) -> pamlink::Result<Table> {
    let pulse = front.half.at_baud();
    let noise = &front.noise;
    let fixed = config(TAPS, PRE);
    let mut late = front.half.clone();
    late.cursor += 1;
    let found = floating(
        &pulse,
        noise,
        &FloatingConfig {
            fixed: fixed.clone(),
            ffe: FloatingTaps {
                groups: 2,
                furthest: FURTHEST,
                ..FloatingTaps::default()
            },
            ..FloatingConfig::default()
        },
    )?;
    let dfe = vec![(0.0, 0.85)];
    let with_feedback = MmseConfig {
        dfe,
        ..fixed.clone()
    };
    let sequence = target(
        &pulse,
        noise,
        &TargetConfig {
            equalizer: with_feedback.clone(),
            ..TargetConfig::default()
        },
    )?;
    Ok(Table {
        forced: zero_forcing(&pulse, noise, &fixed, Forcing::Cursors)?,
        squares: zero_forcing(&pulse, noise, &fixed, Forcing::LeastSquares)?,
        least: mmse(&pulse, noise, &fixed)?,
        late: mmse(&late.at_baud(), noise, &fixed)?,
        half: mmse_fractional(
            &front.half,
            &front.half_noise,
            &config(2 * TAPS, 2 * PRE + 1),
        )?,
        places: found.ffe_groups.iter().map(|g| g.delay).collect(),
        groups: found.design,
        long: mmse(&pulse, noise, &config(PRE + 1 + FURTHEST, PRE))?,
        feedback: mmse(&pulse, noise, &with_feedback)?,
        sequence_db: sequence.slicer_snr_db + sequence.predicted_gain_db,
    })
}

#[test]
fn designs_keep_their_order_on_the_shared_channels() {
    println!(
        "slicer SNR in dB, {TAPS} taps ({PRE} before the main one); COM receiver noise, {SWING_V} V"
    );
    println!("   ZF  ZF-LS   MMSE  +T/2   T/2   2x4 float  long  1 DFE  MLSE  channel");
    for case in CASES {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/channels")
            .join(case.file);
        if !path.is_file() {
            println!("skipped: {} is not there", path.display());
            continue;
        }
        let channel = Channel::from_file(&path, None).unwrap();
        let front = front(&channel, case.baud_hz).unwrap();
        let t = table(&front).unwrap();
        println!(
            "{:5.2}  {:5.2}  {:5.2} {:5.2} {:5.2}  {:5.2} {:?}  {:5.2}  {:5.2} {:5.2}  {:.14}",
            t.forced.snr_db,
            t.squares.snr_db,
            t.least.snr_db,
            t.late.snr_db,
            t.half.snr_db,
            t.groups.snr_db,
            t.places,
            t.long.snr_db,
            t.feedback.snr_db,
            t.sequence_db,
            case.file
        );
        // Each design is the optimum over a set that holds the other's; 1e-6 dB for rounding.
        let at_least = |better: &Design, other: &Design| better.snr_db >= other.snr_db - 1e-6;
        assert!(at_least(&t.least, &t.forced) && at_least(&t.least, &t.squares));
        assert!(at_least(&t.half, &t.least) && at_least(&t.half, &t.late));
        assert!(at_least(&t.groups, &t.least) && at_least(&t.long, &t.groups));
        assert!(at_least(&t.feedback, &t.least));
        // Less interference than any is what least squares without the noise is for.
        assert!(t.squares.isi_variance <= t.forced.isi_variance * (1.0 + 1e-9));
        assert!(t.squares.isi_variance <= t.least.isi_variance * (1.0 + 1e-9));
        // And it pays in noise.
        assert!(t.least.noise_variance <= t.squares.noise_variance * (1.0 + 1e-9));
        assert!(t.places[1] >= t.places[0] + 4 && t.places[0] >= TAPS - PRE);
        assert!(t.places[1] + 3 <= FURTHEST);
    }
}
