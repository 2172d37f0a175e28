use super::*;
use crate::pam4::{UNIT_LEVELS, midway};
use crate::random::{Gauss, Philox};

const STREAMS: usize = 5;
const DELAY: usize = 7;

fn slicing() -> Slicing {
    let levels = UNIT_LEVELS;
    Slicing {
        levels,
        thresholds: midway(levels),
    }
}

/// Two precursors and a feedback (or target) of 0.5 for the channel `1 + 0.5 D` behind `DELAY`: the side taps
/// of the equalizer see the neighbours, 0.05 of each.
fn receiver(detector: Detector) -> Receiver {
    let equalizer = Equalizer {
        phase_s: 0.0,
        ffe: vec![0.05, 0.0, 1.0, 0.05],
        precursors: 2,
        dfe: vec![0.5],
        detector,
    };
    Receiver::new(&equalizer, &slicing(), DELAY, Level::best()).unwrap()
}

/// Symbols of a stream and its samples, `sigma` of noise.
fn record(stream: usize, n: usize, sigma: f32) -> (Vec<u8>, Vec<f32>) {
    let mut symbols = vec![0; n];
    Philox::new(3, stream as u64).fill_symbols(0, &mut symbols);
    let mut noise = vec![0.0; n];
    Gauss::new(4, stream as u64).add_scaled(0, sigma, &mut noise);
    let level = |k: Option<usize>| k.map_or(0.0, |k| UNIT_LEVELS[usize::from(symbols[k])] as f32);
    let samples = (0..n)
        .map(|k| level(k.checked_sub(DELAY)) + 0.5 * level(k.checked_sub(DELAY + 1)) + noise[k])
        .collect();
    (symbols, samples)
}

/// Runs records of `n` symbols in blocks of `block`; the clock recovery's decisions are compared, too.
fn run(detector: Detector, n: usize, block: usize, sigma: f32, skip: u64) -> Counted {
    let receiver = receiver(detector);
    let end = (n - receiver.tail()) as u64;
    let records: Vec<_> = (0..STREAMS).map(|s| record(s, n, sigma)).collect();
    let mut reception = receiver
        .reception(STREAMS, block.min(WINDOW), skip..end)
        .unwrap()
        .with_timing(&receiver);
    for from in (0..n).step_by(block) {
        let to = (from + block).min(n);
        for (s, (symbols, samples)) in records.iter().enumerate() {
            let sent = reception.send(s, to - from);
            sent.copy_from_slice(&symbols[from..to]);
            reception
                .equalize(&receiver, s, &samples[from..to])
                .unwrap();
        }
        reception.decide(&receiver, to - from, None).unwrap();
        let (samples, decided) = reception.timing();
        assert_eq!(samples.dim(), (STREAMS, to - from));
        for (s, record) in records.iter().enumerate() {
            for i in (from..to).filter(|&i| i >= 2) {
                assert_eq!(samples[[s, i - from]], record.1[i - 2]);
                // Without noise the first decisions are right, and about the samples beside them.
                if sigma == 0.0 && i >= DELAY + 8 {
                    assert_eq!(decided[[s, i - from]], record.0[i - 2 - DELAY]);
                }
            }
        }
    }
    reception.finish(&receiver, None).unwrap()
}

#[test]
fn without_noise_every_symbol_is_right() {
    for detector in [Detector::Dfe, Detector::Mlse] {
        for skip in [9, 300] {
            let counted = run(detector, 3000, 100, 0.0, skip);
            let receiver = receiver(detector);
            assert_eq!(receiver.latency(), DELAY + 2);
            let each = 3000 - receiver.tail() as u64 - skip;
            assert_eq!(counted.errors.symbols, STREAMS as u64 * each);
            // Before the first sample the history is unknown; the first symbols may be wrong.
            assert!(counted.errors.symbol_errors <= if skip == 9 { 20 } else { 0 });
        }
    }
}

#[test]
fn cuts_change_nothing() {
    let n = 40_000;
    for detector in [Detector::Dfe, Detector::Mlse] {
        let whole = run(detector, n, 2048, 0.12, 1000);
        assert!(whole.errors.symbol_errors > 500, "{:?}", whole.errors);
        // Windows 1, 9 and 17 of 2048 are measured.
        assert_eq!(whole.snr.samples(), 3 * 2048 * STREAMS as u64);
        for block in [1, 64, 100, 1999] {
            let parts = run(detector, n, block, 0.12, 1000);
            assert_eq!(parts.errors, whole.errors, "{block}");
            assert_eq!(parts.snr.samples(), whole.snr.samples());
            let (a, b) = (parts.snr.snr_db().unwrap(), whole.snr.snr_db().unwrap());
            // Sums in another order.
            assert!((a - b).abs() < 1e-9, "{block}: {a} {b}");
        }
    }
}

#[test]
fn a_sequence_detector_errs_less_and_its_snr_is_that_of_the_residual() {
    let sigma = 0.1f32;
    let (dfe, mlse) = (
        run(Detector::Dfe, 40_000, 2048, sigma, 1000),
        run(Detector::Mlse, 40_000, 2048, sigma, 1000),
    );
    // Events at sqrt(1.25) of the distance: 0.97 dB, a factor of 2 to 3 at an error ratio of 1e-3.
    let ratio = dfe.errors.symbol_errors as f64 / mlse.errors.symbol_errors as f64;
    assert!((1.5..10.0).contains(&ratio), "{ratio}");
    // Noise through the taps and neighbours at 0.05: variance of the unit levels is 5/9. The taps see
    // pulses of 0.05 (1 + 0.5 D) two before and one after; the latter meets the target's own place.
    let taps = 1.0 + 2.0 * 0.0025;
    let left = 0.0025 + 0.025f64.powi(2) + 0.05f64.powi(2) + 0.025f64.powi(2);
    let error = taps * f64::from(sigma).powi(2) + 5.0 / 9.0 * left;
    let want = 10.0 * (5.0 / 9.0 / error).log10();
    let got = mlse.snr.snr_db().unwrap();
    // 30 720 samples: 0.04 dB at one sigma of the estimate.
    assert!((got - want).abs() < 0.1, "{got} {want}");
}

#[test]
fn impossible_calls_are_errors() {
    let receiver = receiver(Detector::Dfe);
    assert!(receiver.reception(2, 0, 10..20).is_err());
    assert!(receiver.reception(2, WINDOW + 1, 10..20).is_err());
    assert!(receiver.reception(2, 64, 8..20).is_err());
    assert!(receiver.reception(0, 64, 9..20).is_err());
    let mut reception = receiver.reception(1, 64, 9..20).unwrap();
    assert!(reception.equalize(&receiver, 0, &[0.0; 65]).is_err());
    reception.equalize(&receiver, 0, &[0.0; 64]).unwrap();
    // More samples than were sent and are on their way.
    assert!(reception.decide(&receiver, 64, None).is_err());
    reception.send(0, 64);
    reception.decide(&receiver, 64, None).unwrap();
}
