//! A sequence detector in both engines: error events against counted errors, within 0.15 dB.

use pamlink::Level;
use pamlink::link::config::{Detector, LaneRate, LinkConfig};
use pamlink::link::{Architecture, Rule, Segment, SegmentAgreement};

use super::common::{analysed, config, last_segment};

/// Events that a point counts: the interval of 99 % is 7 % wide to either side, 0.03 to 0.05 dB.
const EVENTS: f64 = 1500.0;

fn mlse(rate: LaneRate, loss_db: f64, enob: f64, coefficients: usize) -> LinkConfig {
    let mut c = config(rate, loss_db, loss_db);
    let table = &mut c.receiver;
    for receiver in [
        &mut table.host_retimed,
        &mut table.host_linear,
        &mut table.host_cpo,
    ] {
        receiver.detector = Detector::Mlse;
        receiver.dfe_taps = coefficients;
        receiver.dfe_max = 0.85;
        receiver.enob = enob;
    }
    c
}

fn agree(name: &str, segment: &Segment, c: &LinkConfig, ber_range: [f64; 2]) {
    let predicted = analysed(segment, c);
    assert!(
        (ber_range[0]..ber_range[1]).contains(&predicted.ber),
        "{name}: BER {:e} is not the point this test is about",
        predicted.ber
    );
    let symbols = (1.2 * EVENTS / predicted.burst.event_rate) as u64;
    let both = SegmentAgreement::of(segment, &predicted, c, symbols, 11, Level::best(), &|_| {});
    let both = both.unwrap();
    let (errors, gap) = (both.simulation.errors, both.gap_db.unwrap());
    println!(
        "{name}: target {:?}, statistical {:.4e}, simulated {:.4e}, {} events, gap {:+.3} dB \
         ({:+.3} to {:+.3}), symbols per event {:.3} / {:.3}, SNR {:.3} / {:.3} dB",
        segment.equalizer.dfe,
        predicted.ber,
        both.ber.value,
        errors.events,
        gap.value,
        gap.low,
        gap.high,
        predicted.burst.symbols_per_event,
        errors.symbols_per_event(),
        predicted.snr_db,
        both.simulation.snr_db.unwrap(),
    );
    assert_eq!(both.rule, Rule::Sequence);
    assert!(errors.events as f64 >= 0.8 * EVENTS, "{name}: {errors:?}");
    // The gap itself, not the nearest end of its interval.
    assert!(gap.value.abs() < Rule::SEQUENCE_DB, "{name}: {gap:?}");
    assert!(both.agrees());
    // Measured on an eighth of the symbols, 0.01 to 0.02 dB; noise that follows the level stands in the budget at
    // its mean over the signal, which was 0.06 dB off where it is most of the noise.
    let snr = both.simulation.snr_db.unwrap();
    assert!(
        (snr - predicted.snr_db).abs() < 0.1,
        "{name}: {snr} {}",
        predicted.snr_db
    );
}

#[test]
fn electrical_segment() {
    let c = mlse(LaneRate::G100, 14.0, 3.9, 1);
    agree(
        "100G, 3.9 bits",
        &last_segment(Architecture::Retimed, &c),
        &c,
        [1e-4, 1e-3],
    );
    let c = mlse(LaneRate::G200, 14.0, 4.2, 1);
    agree(
        "200G, 4.2 bits",
        &last_segment(Architecture::Retimed, &c),
        &c,
        [1e-5, 1e-4],
    );
}

#[test]
fn two_coefficients() {
    let c = mlse(LaneRate::G100, 14.0, 3.9, 2);
    let segment = last_segment(Architecture::Retimed, &c);
    assert_eq!(segment.equalizer.dfe.len(), 2);
    agree("100G, 16 states", &segment, &c, [1e-4, 1e-3]);
}

#[test]
fn linear_optics() {
    // A target above one half, events of two symbols and more.
    let mut c = mlse(LaneRate::G100, 14.5, 4.4, 1);
    let segment = last_segment(Architecture::Lpo, &c);
    assert!(
        segment.equalizer.dfe[0] > 0.5,
        "{:?}",
        segment.equalizer.dfe
    );
    agree("LPO 100G", &segment, &c, [3e-5, 1e-3]);
    c = mlse(LaneRate::G200, 10.0, 4.3, 1);
    agree(
        "LPO 200G",
        &last_segment(Architecture::Lpo, &c),
        &c,
        [1e-5, 1e-3],
    );
}

#[test]
fn noise_that_follows_the_level() {
    // Most of the noise is the laser's.
    let mut c = mlse(LaneRate::G100, 4.0, 8.0, 1);
    c.optics.rin_db_hz = -134.5;
    agree(
        "RIN-limited",
        &last_segment(Architecture::Cpo, &c),
        &c,
        [1e-5, 1e-3],
    );
}

#[test]
fn a_sequence_detector_beats_feedback_where_feedback_is_strong() {
    let with = |detector| {
        let mut c = config(LaneRate::G100, 14.5, 14.5);
        c.receiver.host_linear.detector = detector;
        analysed(&last_segment(Architecture::Lpo, &c), &c)
    };
    let (dfe, mlse) = (with(Detector::Dfe), with(Detector::Mlse));
    assert!(mlse.ber < 0.2 * dfe.ber, "{:e} {:e}", mlse.ber, dfe.ber);
    // Taps and target are one design.
    assert!((mlse.snr_db - dfe.snr_db).abs() < 0.01);
}
