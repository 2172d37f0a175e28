//! What finite words cost: SNR lost against the float receiver by converter, coefficient,
//! accumulator, output, feedback and metric bits, from runs of the integer kernels.

use std::path::Path;

use pamlink::Result;
use pamlink::channel::{BOARD_CK, Channel};
use pamlink::equalizer::design::{Design, MmseConfig, mmse};
use pamlink::equalizer::dfe::{Dfe, DfeConfig};
use pamlink::equalizer::ffe::{Ffe, FfeConfig};
use pamlink::equalizer::fixed::{
    Distance, FixedDfe, FixedDfeConfig, FixedFfe, FixedFfeConfig, FixedMlse, FixedMlseConfig,
    Overflow, Quantizer, QuantizerConfig, WordLengths, tap_codes,
};
use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
use pamlink::metrics::SnrEstimator;
use pamlink::metrics::snr::snr_db_from_ser;
use pamlink::pam4::UNIT_LEVELS;
use pamlink::random::{Gauss, Philox};

const BAUD_HZ: f64 = 53.125e9;
const FILE: &str = "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_L10_Full_Footprint.s4p";
/// Independent runs; their spread is the uncertainty.
const RUNS: usize = 16;
const SYMBOLS: usize = 1 << 16;
/// Symbols at either end of a run that are not counted: longer than pulse and equalizer.
const EDGE: usize = 512;
const TAPS: usize = 21;
const PRECURSORS: usize = 5;
/// Full scale of the converter over the root mean square of its input.
const LOADING: f64 = 4.0;

/// The float receiver and what it receives.
struct Link {
    design: Design,
    rms: f64,
    sent: Vec<Vec<u8>>,
    received: Vec<Vec<f32>>,
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&v| v as f32).collect()
}

/// Noise is chosen so that the design reaches `snr_db`, then the runs are made.
fn link(channel: &Channel, snr_db: f64) -> Result<Link> {
    let pulse = channel.pulse(BAUD_HZ, 16)?.at_baud().kept(0.9999);
    let config = MmseConfig {
        ffe_taps: TAPS,
        precursors: PRECURSORS,
        dfe: vec![(0.0, 0.7)],
        ..MmseConfig::default()
    };
    let with = |sigma: f64| {
        let mut noise = vec![0.0; TAPS];
        noise[0] = sigma * sigma;
        mmse(&pulse, &noise, &config)
    };
    // Bisection of the logarithm of the noise.
    let (mut low, mut high) = (-14.0f64, 0.0f64);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if with(middle.exp())?.snr_db > snr_db {
            low = middle;
        } else {
            high = middle;
        }
    }
    let sigma = low.exp();
    let path = Ffe::new(&FfeConfig {
        taps: single(&pulse.samples),
        precursors: pulse.cursor,
    })?;
    let mapper = Slicer::new(&SlicerConfig {
        levels: UNIT_LEVELS.map(|l| l as f32),
        thresholds: None,
    })?;
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    let mut power = 0.0;
    for run in 0..RUNS as u64 {
        let mut symbols = vec![0; SYMBOLS];
        Philox::new(1, 2 * run).fill_symbols(0, &mut symbols);
        let (mut levels, mut x) = (vec![0.0; SYMBOLS], vec![0.0; SYMBOLS]);
        mapper.values(&symbols, &mut levels)?;
        path.apply(&levels, &mut x)?;
        Gauss::new(1, 2 * run + 1).add_scaled(0, sigma as f32, &mut x);
        power += x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        sent.push(symbols);
        received.push(x);
    }
    Ok(Link {
        design: with(sigma)?,
        rms: (power / (RUNS * SYMBOLS) as f64).sqrt(),
        sent,
        received,
    })
}

/// Mean over the runs and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    (mean, (square / (n - 1.0) / n).sqrt())
}

fn snr_db(samples: &[f32], sent: &[u8]) -> Result<f64> {
    let inner = EDGE..SYMBOLS - EDGE;
    let mut estimator = SnrEstimator::default();
    estimator.add(&samples[inner.clone()], &sent[inner])?;
    estimator.snr_db()
}

/// The words of an integer receiver; everything else follows from them and the design.
#[derive(Clone, Copy)]
struct Words {
    adc: u32,
    tap: u32,
    accumulator: u32,
    overflow: Overflow,
    output: u32,
    feedback: u32,
}

const AMPLE: Words = Words {
    adc: 8,
    tap: 12,
    accumulator: 32,
    overflow: Overflow::Saturate,
    output: 12,
    feedback: 12,
};

/// The integer receiver: converter, feed-forward plan, and the code of the highest level.
struct Receiver {
    adc: Quantizer,
    ffe: FixedFfe,
    top: f64,
}

fn receiver(link: &Link, words: Words) -> Result<Receiver> {
    let adc = Quantizer::new(QuantizerConfig {
        bits: words.adc,
        full_scale: (LOADING * link.rms) as f32,
        ..QuantizerConfig::default()
    })?;
    // The largest tap fills its word; a gain of the whole equalizer is free.
    let largest = link.design.ffe.iter().fold(0.0f64, |m, t| m.max(t.abs()));
    let scale = (f64::from(words.tap - 1).exp2() - 1.0) / largest;
    let taps: Vec<f64> = link.design.ffe.iter().map(|t| t * scale).collect();
    // Shift until the highest level leaves a third of the output word for noise and postcursor.
    let sum = link.design.cursor * scale / adc.step();
    let room = 0.67 * f64::from(words.output - 1).exp2();
    let shift = (sum / room).log2().ceil().max(0.0) as u32;
    let ffe = FixedFfe::new(&FixedFfeConfig {
        taps: tap_codes(&taps, words.tap, 0)?,
        precursors: PRECURSORS,
        words: WordLengths {
            sample_bits: words.adc,
            tap_bits: words.tap,
            accumulator_bits: words.accumulator,
            accumulator_overflow: words.overflow,
            shift,
            output_bits: words.output,
            ..WordLengths::default()
        },
    })?;
    let top = sum / f64::from(shift).exp2();
    Ok(Receiver { adc, ffe, top })
}

impl Receiver {
    fn equalized(&self, x: &[f32]) -> Result<Vec<i16>> {
        let (mut codes, mut y) = (vec![0; x.len()], vec![0; x.len()]);
        self.adc.quantize(x, &mut codes)?;
        self.ffe.apply(&codes, &mut y)?;
        Ok(y)
    }

    fn level_codes(&self) -> [i16; 4] {
        UNIT_LEVELS.map(|l| (l * self.top).round() as i16)
    }

    /// SNR at the slicer behind the feedback, by run.
    fn snr_db(&self, link: &Link, words: Words) -> Result<Vec<f64>> {
        let fraction = words.feedback - 1;
        let dfe = FixedDfe::new(&FixedDfeConfig {
            taps: tap_codes(&link.design.dfe, words.feedback, fraction as i32)?,
            tap_bits: words.feedback,
            tap_fraction: fraction,
            levels: self.level_codes(),
            sample_bits: words.output,
            slicer_bits: words.output + 1,
            ..FixedDfeConfig::default()
        })?;
        let by_run = link.received.iter().zip(&link.sent);
        by_run
            .map(|(x, sent)| {
                let x = self.equalized(x)?;
                let (mut d, mut y) = (vec![0; x.len()], vec![0; x.len()]);
                dfe.process(&mut dfe.state(1)?, &x, &mut d, Some(&mut y))?;
                let y: Vec<f32> = y.into_iter().map(f32::from).collect();
                snr_db(&y, sent)
            })
            .collect()
    }
}

/// SNR of the float receiver, by run.
fn float_snr_db(link: &Link) -> Result<Vec<f64>> {
    let ffe = Ffe::new(&FfeConfig {
        taps: single(&link.design.ffe),
        precursors: PRECURSORS,
    })?;
    let dfe = Dfe::new(&DfeConfig {
        taps: single(&link.design.dfe),
        levels: UNIT_LEVELS.map(|l| l as f32),
        thresholds: None,
    })?;
    let by_run = link.received.iter().zip(&link.sent);
    by_run
        .map(|(x, sent)| {
            let (mut y, mut d, mut soft) = (x.clone(), vec![0; x.len()], x.clone());
            ffe.apply(x, &mut y)?;
            dfe.process_soft(&mut dfe.state(1)?, &y, &mut d, &mut soft)?;
            snr_db(&soft, sent)
        })
        .collect()
}

/// Loss in dB against the float receiver on the same noise, with its standard error.
fn loss(link: &Link, float: &[f64], words: Words) -> Result<(f64, f64)> {
    let snr = receiver(link, words)?.snr_db(link, words)?;
    let losses: Vec<f64> = float.iter().zip(snr).map(|(f, s)| f - s).collect();
    Ok(mean(&losses))
}

/// One line per entry of the first list, one column per entry of the second.
fn grid(head: &str, rows: impl Iterator<Item = (String, Vec<Result<(f64, f64)>>)>) -> Result<()> {
    println!("{head}");
    let mut widest = 0.0f64;
    for (name, cells) in rows {
        print!("{name:>12}");
        for cell in cells {
            let (loss, error) = cell?;
            widest = widest.max(error / (0.01 + 0.05 * loss.abs()));
            let digits = if loss.abs() < 9.995 { 3 } else { 1 };
            print!("{loss:8.digits$}");
        }
        println!();
    }
    println!("Standard error of a cell: at most {widest:.2} x (0.01 dB + 5 % of the cell).");
    Ok(())
}

fn columns(name: &str, bits: &[u32]) -> String {
    let cells: Vec<String> = bits.iter().map(|b| format!("{b:8}")).collect();
    format!("{name:>12}{}", cells.concat())
}

/// SNR at the slicer where the feedback knows the symbols, by run: no decision errors in it.
fn aided_snr_db(y: &[f32], sent: &[u8], feedback: f64) -> Result<f64> {
    let mut y = y.to_vec();
    for (y, &past) in y[1..].iter_mut().zip(sent) {
        *y -= (feedback * UNIT_LEVELS[usize::from(past)]) as f32;
    }
    snr_db(&y, sent)
}

/// The converter by itself: measured against noise of a twelfth of the squared step.
fn converter(link: &Link) -> Result<()> {
    println!("\nConverter alone against noise of step^2/12; feedback of the symbols sent\n");
    println!("    ADC bits    measured   predicted   clipped");
    let ffe = Ffe::new(&FfeConfig {
        taps: single(&link.design.ffe),
        precursors: PRECURSORS,
    })?;
    let feedback = link.design.dfe[0];
    let runs = || link.received.iter().zip(&link.sent);
    let float: Vec<f64> = runs()
        .map(|(x, sent)| {
            let mut y = x.clone();
            ffe.apply(x, &mut y)?;
            aided_snr_db(&y, sent, feedback)
        })
        .collect::<Result<_>>()?;
    let noise = 5.0 / 9.0 / 10f64.powf(mean(&float).0 / 10.0);
    let gain: f64 = link.design.ffe.iter().map(|t| t * t).sum();
    for adc in 4..=8 {
        let receiver = receiver(link, Words { adc, ..AMPLE })?;
        let losses: Vec<f64> = runs()
            .zip(&float)
            .map(|((x, sent), float)| {
                let y: Vec<f32> = receiver.equalized(x)?.into_iter().map(f32::from).collect();
                Ok(float - aided_snr_db(&y, sent, feedback * receiver.top)?)
            })
            .collect::<Result<_>>()?;
        let (measured, error) = mean(&losses);
        let step = receiver.adc.step();
        let predicted = 10.0 * (1.0 + step * step / 12.0 * gain / noise).log10();
        let limit = (LOADING * link.rms) as f32;
        let samples = link.received.iter().flatten();
        let clipped = samples.filter(|x| x.abs() > limit).count();
        println!(
            "{adc:12}{measured:12.4}{predicted:12.4}{:10.0e}",
            clipped as f64 / (RUNS * SYMBOLS) as f64
        );
        // The steps are small against the signal, so the error is uniform and uncorrelated with
        // it. What is left are the 12-bit taps and outputs behind it and four standard errors.
        let tolerance = 0.05 * predicted + 0.01 + 4.0 * error;
        assert!(
            (measured - predicted).abs() < tolerance,
            "{adc} bits: {measured} dB measured, {predicted} dB predicted"
        );
    }
    println!("Each agrees within 5 % + 0.01 dB + 4 standard errors (asserted).");
    Ok(())
}

/// Symbol errors of the detector on the partial response `1 + alpha D`, by run.
fn mlse_errors(link: &Link, x: &[Vec<i16>], config: &FixedMlseConfig) -> Result<Vec<f64>> {
    let mlse = FixedMlse::new(config)?;
    let by_run = x.iter().zip(&link.sent);
    by_run
        .map(|(x, sent)| {
            let mut d = vec![0; x.len()];
            mlse.apply(x, &mut d)?;
            let pairs = d.iter().zip(sent).skip(EDGE).take(SYMBOLS - 2 * EDGE);
            Ok(pairs.filter(|(d, s)| d != s).count() as f64)
        })
        .collect()
}

fn sequence_detection(link: &Link) -> Result<()> {
    let words = Words {
        adc: 7,
        tap: 9,
        output: 9,
        ..AMPLE
    };
    let receiver = receiver(link, words)?;
    let x: Vec<Vec<i16>> = link
        .received
        .iter()
        .map(|x| receiver.equalized(x))
        .collect::<Result<_>>()?;
    let base = FixedMlseConfig {
        levels: receiver.level_codes(),
        alpha: tap_codes(&link.design.dfe, 12, 11)?[0],
        alpha_fraction: 11,
        sample_bits: words.output,
        ..FixedMlseConfig::default()
    };
    let total: f64 = (RUNS * (SYMBOLS - 2 * EDGE)) as f64;
    let with = |distance, metric_bits: u32, metric_shift| FixedMlseConfig {
        distance,
        metric_bits,
        metric_shift,
        path_bits: metric_bits + 2,
        ..base.clone()
    };
    let reference = mlse_errors(link, &x, &with(Distance::Squared, 12, 3))?;
    let errors = reference.iter().sum::<f64>();
    let alpha = link.design.dfe[0];
    println!("\nMLSE on 1 + {alpha:.3} D behind 7-bit ADC, 9-bit taps, 9-bit output");
    println!(
        "Reference: 12-bit squared metric, symbol error rate {:.3e} ({errors} errors)",
        errors / total
    );
    println!("\n      metric  squared:  SER ratio              absolute:  SER ratio");
    println!("        bits     shift                 dB lost     shift                 dB lost");
    let reference_db = snr_db_from_ser(errors / total)?;
    for bits in 2..=8 {
        print!("{bits:12}");
        for distance in [Distance::Squared, Distance::Absolute] {
            let room = if distance == Distance::Squared {
                15 - bits
            } else {
                6
            };
            // The best number of dropped bits, as a designer would choose it.
            let mut best: Option<(f64, u32, Vec<f64>)> = None;
            for shift in 0..=room {
                let found = mlse_errors(link, &x, &with(distance, bits, shift))?;
                let sum = found.iter().sum();
                if best.as_ref().is_none_or(|(least, ..)| sum < *least) {
                    best = Some((sum, shift, found));
                }
            }
            let Some((sum, shift, found)) = best else {
                continue;
            };
            let ratios: Vec<f64> = found
                .iter()
                .zip(&reference)
                .map(|(f, r)| (f - r) * RUNS as f64 / errors)
                .collect();
            let (excess, error) = mean(&ratios);
            let lost = reference_db - snr_db_from_ser(sum / total)?;
            print!("{shift:10}  {:5.3} +-{error:5.3}{lost:9.3}", 1.0 + excess);
        }
        println!();
    }
    Ok(())
}

fn main() -> Result<()> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/channels")
        .join(FILE);
    let channel = if shared.exists() {
        Channel::from_file(&shared, None)?
    } else {
        Channel::trace(20.0, BAUD_HZ / 2.0, &BOARD_CK)?
    };
    println!("{}", channel.name().split(" (").next().unwrap_or_default());
    let link_dfe = link(&channel, 19.0)?;
    let float = float_snr_db(&link_dfe)?;
    let (snr, error) = mean(&float);
    println!(
        "PAM4 at {} GBd, {TAPS} FFE taps ({PRECURSORS} precursors) and one DFE tap by MMSE",
        BAUD_HZ / 1e9
    );
    println!(
        "Float receiver: {snr:.3} +- {error:.3} dB at the slicer, {} symbols",
        RUNS * SYMBOLS
    );
    println!("Full scale {LOADING} x rms; every table: dB of SNR lost against float");

    println!("\nADC bits down, coefficient bits across; 12-bit output and feedback\n");
    let taps = [5, 6, 7, 8, 9, 10];
    let head = columns("ADC \\ taps", &taps);
    grid(
        &head,
        (4..=8).map(|adc| {
            let cells = taps.map(|tap| loss(&link_dfe, &float, Words { adc, tap, ..AMPLE }));
            (adc.to_string(), cells.into())
        }),
    )?;
    converter(&link_dfe)?;

    let seven = Words {
        adc: 7,
        tap: 8,
        ..AMPLE
    };
    let bound = receiver(&link_dfe, seven)?.ffe.largest_sum();
    println!("\nAccumulator bits across, 7-bit ADC, 8-bit taps; no sum exceeds {bound}\n");
    let widths = [10, 11, 12, 13, 14, 15];
    grid(
        &columns("", &widths),
        [Overflow::Saturate, Overflow::Wrap]
            .into_iter()
            .map(|overflow| {
                let cells = widths.map(|accumulator| {
                    loss(
                        &link_dfe,
                        &float,
                        Words {
                            accumulator,
                            overflow,
                            ..seven
                        },
                    )
                });
                (format!("{overflow:?}").to_lowercase(), cells.into())
            }),
    )?;

    println!("\nOutput bits across, 7-bit ADC, 8-bit taps\n");
    let outputs = [5, 6, 7, 8, 9, 10];
    grid(
        &columns("", &outputs),
        std::iter::once((
            "half up".to_owned(),
            outputs
                .map(|output| loss(&link_dfe, &float, Words { output, ..seven }))
                .into(),
        )),
    )?;

    println!("\nFeedback tap bits across, 7-bit ADC, 8-bit taps, 8-bit output\n");
    let feedback = [2, 3, 4, 5, 6, 8];
    let eight = Words { output: 8, ..seven };
    grid(
        &columns("", &feedback),
        std::iter::once((
            "DFE".to_owned(),
            feedback
                .map(|feedback| loss(&link_dfe, &float, Words { feedback, ..eight }))
                .into(),
        )),
    )?;

    sequence_detection(&link(&channel, 15.5)?)
}
