//! Adaptation on the shared channel files: every form ends at the minimum mean square error solution.
//!
//! The files carry no licence to copy, so they are read where they lie, `../shared/channels`; the test
//! prints why it did nothing where they are missing.

use std::path::PathBuf;

use pamlink::channel::Channel;
use pamlink::equalizer::adapt::{
    AdaptConfig, Adapter, Equalizer, LeastSquaresConfig, Parts, Rule, Schedule, Streams, Update,
    least_squares,
};
use pamlink::equalizer::design::{Design, MmseConfig, mmse};
use pamlink::equalizer::ffe::{Ffe, FfeConfig};
use pamlink::metrics::snr::ser_from_snr_db;
use pamlink::pam4;
use pamlink::random::{Gauss, Philox};
use pamlink::signal::Pulse;

const TAPS: usize = 21;
const PRECURSORS: usize = 6;
const DFE: usize = 1;

/// Through channels, symbol rates, and how close sign-sign LMS comes in the same time, dB: its slow
/// modes are slower, which shows where the Nyquist frequency is 43 or 60 dB down.
///
/// A crosstalk file has no main cursor, so the near-end and far-end files are not here. The two
/// backplanes run at half rate as well.
const CASES: [(&str, f64, f64); 8] = [
    (
        "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_Asic_Footprint.s4p",
        53.125e9,
        0.2,
    ),
    (
        "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_L10_Full_Footprint.s4p",
        53.125e9,
        0.2,
    ),
    ("TEC_Whisper27in_THRU_G14G15_07202016.s4p", 53.125e9, 1.0),
    ("TEC_Whisper27in_THRU_G14G15_07202016.s4p", 26.5625e9, 0.2),
    (
        "akinwale_3df_01_2209_C2M_PCB_85ohms_10dB_v2_thru1_diffrecon.s4p",
        53.125e9,
        0.2,
    ),
    (
        "akinwale_3df_01_2209_C2M_PCB_85ohms_10dB_v2_thru1_diffrecon.s4p",
        106.25e9,
        0.2,
    ),
    ("example2_THRU.s4p", 53.125e9, 1.5),
    ("example2_THRU.s4p", 26.5625e9, 0.2),
];

/// A channel at a symbol rate, main cursor one, with white noise that leaves the MMSE equalizer
/// about 19 dB.
struct Case {
    name: String,
    pulse: Pulse,
    sigma: f64,
    design: Design,
    sign_band_db: f64,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/channels");
    let mut cases = Vec::new();
    for (file, baud_hz, sign_band_db) in CASES {
        let path = folder.join(file);
        if !path.is_file() {
            println!("skipped: {} is not there", path.display());
            continue;
        }
        let channel = Channel::from_file(&path, None).unwrap();
        let mut pulse = channel.pulse(baud_hz, 16).unwrap().at_baud().kept(0.99999);
        let cursor = pulse.samples[pulse.cursor];
        pulse.samples.iter_mut().for_each(|s| *s /= cursor);
        let (mut low, mut high) = (1e-5f64, 1.0f64);
        for _ in 0..40 {
            let mid = (low * high).sqrt();
            if design(&pulse, mid).snr_db > 19.0 {
                low = mid;
            } else {
                high = mid;
            }
        }
        let design = design(&pulse, low);
        let name = format!("{:.20} {:.1} GBd", file, baud_hz / 1e9);
        println!(
            "{name}: {} samples, sigma {low:.2e}, MMSE {:.2} dB",
            pulse.samples.len(),
            design.snr_db
        );
        cases.push(Case {
            name,
            pulse,
            sigma: low,
            design,
            sign_band_db,
        });
    }
    cases
}

fn design(pulse: &Pulse, sigma: f64) -> Design {
    let mut noise = vec![0.0; TAPS];
    noise[0] = sigma * sigma;
    let config = MmseConfig {
        ffe_taps: TAPS,
        precursors: PRECURSORS,
        dfe: vec![(f64::NEG_INFINITY, f64::INFINITY); DFE],
        symbol_variance: pam4::variance(pam4::LEVELS.map(f64::from)),
        ..MmseConfig::default()
    };
    mmse(pulse, &noise, &config).unwrap()
}

impl Case {
    /// Symbols and samples, reproducible.
    fn record(&self, n: usize, seed: u64) -> (Vec<u8>, Vec<f32>) {
        let mut symbols = vec![0; n];
        Philox::new(seed, 0).fill_symbols(0, &mut symbols);
        let sent: Vec<f32> = symbols
            .iter()
            .map(|&s| pam4::LEVELS[usize::from(s)])
            .collect();
        let channel = Ffe::new(&FfeConfig {
            taps: self.pulse.samples.iter().map(|&s| s as f32).collect(),
            precursors: self.pulse.cursor,
        })
        .unwrap();
        let mut x = vec![0.0; n];
        channel.apply(&sent, &mut x).unwrap();
        Gauss::new(seed, 1).add_scaled(0, self.sigma as f32, &mut x);
        (symbols, x)
    }

    /// Power of the samples, the sum of which over the taps bounds the step.
    fn power(&self) -> f64 {
        5.0 * self.pulse.energy() + self.sigma * self.sigma
    }

    /// SNR that taps reach on this channel, computed from the pulse: bias taken out, and the part of
    /// the feedback that misses the postcursors counted as interference.
    fn snr_db(&self, e: &Equalizer) -> f64 {
        let h = &self.pulse.samples;
        let q = |m: isize| -> f64 {
            (0..TAPS)
                .map(|k| {
                    let i = self.pulse.cursor as isize + m + PRECURSORS as isize - k as isize;
                    let sample = usize::try_from(i)
                        .ok()
                        .and_then(|i| h.get(i))
                        .unwrap_or(&0.0);
                    f64::from(e.gain * e.ffe[k]) * sample
                })
                .sum()
        };
        let reach = (h.len() + TAPS) as isize;
        let isi: f64 = (-reach..=reach)
            .filter(|m| *m != 0)
            .map(|m| {
                let fed = usize::try_from(m - 1).ok().and_then(|j| e.dfe.get(j));
                (q(m) - fed.map_or(0.0, |b| f64::from(*b))).powi(2)
            })
            .sum();
        let noise: f64 = e.ffe.iter().map(|w| f64::from(e.gain * w).powi(2)).sum();
        let error = 5.0 * isi + self.sigma * self.sigma * noise;
        10.0 * (5.0 * q(0).powi(2) / error).log10()
    }

    /// Main tap one, and steps that add `misadjustment` of the least error at factor one.
    fn start(&self, misadjustment: f64) -> AdaptConfig {
        let mut taps = vec![0.0; TAPS];
        taps[PRECURSORS] = 1.0;
        let step = 2.0 * misadjustment / (TAPS as f64 * self.power() + 5.0 * DFE as f64);
        AdaptConfig {
            ffe: FfeConfig {
                taps,
                precursors: PRECURSORS,
            },
            dfe: vec![0.0; DFE],
            steps: Parts {
                ffe: step as f32,
                dfe: step as f32,
                ..Parts::default()
            },
            ..AdaptConfig::default()
        }
    }
}

fn run(config: &AdaptConfig, x: &[f32], symbols: Option<&[u8]>) -> Equalizer {
    let adapter = Adapter::new(config).unwrap();
    let mut state = adapter.state();
    let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
    match symbols {
        Some(s) => adapter.train(&mut state, x, s, &mut y, &mut d).unwrap(),
        None => adapter.track(&mut state, x, &mut y, &mut d).unwrap(),
    }
    let e = state.equalizer();
    e.check().unwrap();
    e
}

/// Fast, then ten and a hundred times slower.
fn gears(n: usize) -> Schedule {
    let n = n as u64;
    Schedule::Gears(vec![(n / 2, 0.1), (3 * n / 4, 0.02)])
}

#[test]
fn data_aided_forms_reach_the_mmse_solution_on_every_channel() {
    for case in cases() {
        let n = 2_000_000;
        let (symbols, x) = case.record(n, 1);
        let best = case.design.snr_db;
        let lms = AdaptConfig {
            schedule: gears(n),
            ..case.start(0.15)
        };
        let exact = case.snr_db(&run(&lms, &x, Some(&symbols)));
        // A block is stable for B mu lambda_max < 2, and lambda_max is almost the whole power on a
        // lossy channel: 8 * 0.08 here;
        // smaller steps take longer, so it sees the record twice.
        let blocks = AdaptConfig {
            update: Update::Block(8),
            schedule: Schedule::Gears(vec![(3 * n as u64 / 2, 0.3)]),
            ..case.start(0.04)
        };
        let blocks = case.snr_db(&run(&blocks, &x.repeat(2), Some(&symbols.repeat(2))));
        // Steps of the signs: four times the root mean square step of LMS at its least error, because
        // they do not grow with the error at the start.
        let error = (5.0 / case.design.snr).sqrt();
        let scale = |step: f32| (4.0 * f64::from(step) * error * case.power().sqrt()) as f32;
        let signs = AdaptConfig {
            rule: Rule::SignSign,
            steps: Parts {
                ffe: scale(lms.steps.ffe),
                dfe: scale(lms.steps.dfe),
                ..Parts::default()
            },
            ..lms.clone()
        };
        let signs = case.snr_db(&run(&signs, &x, Some(&symbols)));
        let ls = LeastSquaresConfig {
            ffe_taps: TAPS,
            precursors: PRECURSORS,
            dfe_taps: DFE,
            ..LeastSquaresConfig::default()
        };
        let fit = least_squares(&x[..100_000], &symbols[..100_000], &ls).unwrap();
        let squares = case.snr_db(&fit.equalizer);
        println!(
            "{}: MMSE {best:.3} dB, LMS {:+.3}, blocks of 8 {:+.3}, sign-sign {:+.3}, least squares \
             {:+.3} (states {:+.3})",
            case.name,
            exact - best,
            blocks - best,
            signs - best,
            squares - best,
            fit.snr_db - best
        );
        for (name, snr_db, within) in [
            ("LMS", exact, 0.1),
            ("blocks", blocks, 0.1),
            ("sign-sign", signs, case.sign_band_db),
            ("least squares", squares, 0.05),
        ] {
            // Nothing is better than the minimum, to rounding of the taps.
            assert!(
                snr_db < best + 1e-3 && snr_db > best - within,
                "{name}: {snr_db} {best}"
            );
        }
        // The record's own error: 1e5 symbols, standard error 0.02 dB, and the flattery of the fit.
        assert!((fit.snr_db - best).abs() < 0.1, "{}", fit.snr_db);
    }
}

#[test]
fn decisions_hold_the_mmse_solution_on_every_channel() {
    for case in cases() {
        let ser = ser_from_snr_db(case.design.snr_db).unwrap();
        assert!(ser < 0.05, "{ser}");
        let n = 300_000;
        let (symbols, x) = case.record(n, 2);
        let single = |list: &[f64]| list.iter().map(|&w| w as f32).collect::<Vec<_>>();
        let mut config = case.start(0.005);
        config.ffe.taps = single(&case.design.ffe);
        config.dfe = single(&case.design.dfe);
        let one = case.snr_db(&run(&config, &x, None));
        let plan = Streams::new(&config).unwrap();
        let mut state = plan.state(1).unwrap();
        let (mut y, mut d) = (vec![0.0; n], vec![0; n]);
        plan.track(&mut state, &x, &mut y, &mut d).unwrap();
        let lanes = case.snr_db(&state.equalizer(0).unwrap());
        let wrong = d[PRECURSORS..]
            .iter()
            .zip(&symbols)
            .filter(|(d, s)| d != s)
            .count();
        let wrong = wrong as f64 / (n - PRECURSORS) as f64;
        println!(
            "{}: MMSE {:.3} dB, decision-directed {:+.3}, as a lane {:+.3}; SER {wrong:.2e}, \
             Gaussian {ser:.2e}",
            case.name,
            case.design.snr_db,
            one - case.design.snr_db,
            lanes - case.design.snr_db
        );
        for snr_db in [one, lanes] {
            assert!((snr_db - case.design.snr_db).abs() < 0.1, "{snr_db}");
        }
    }
}
