//! The two engines share responses, taps and phase; where both see errors they must agree.

use pamlink::Level;
use pamlink::link::config::{LaneRate, LinkConfig};
use pamlink::link::{Architecture, Segment, simulate};

use super::common::{analysed, config, last_segment};

/// Error events that each point must count: 99.9 % interval of 3.3 %.
const EVENTS: u64 = 10_000;

fn agree(name: &str, segment: &Segment, config: &LinkConfig, ber_range: [f64; 2]) {
    let predicted = analysed(segment, config);
    assert!(
        (ber_range[0]..ber_range[1]).contains(&predicted.ber),
        "{name}: BER {:e} is not the point this test is about",
        predicted.ber
    );
    // 20 % above what should give the events.
    let symbols = (1.2 * EVENTS as f64 / predicted.burst.event_rate) as u64;
    let run = simulate(segment, config, symbols, 11, Level::best(), &|_| {}).unwrap();
    assert!(run.errors.events >= EVENTS, "{name}: {:?}", run.errors);
    let ber = run.ber(0.999).unwrap();
    let ln = (ber.value / predicted.ber).ln();
    println!(
        "{name}: statistical {:.4e}, simulated {:.4e} ({:.4e}-{:.4e}), {} events, ln ratio {ln:+.4}, \
         bits per event {:.3} / {:.3}",
        predicted.ber,
        ber.value,
        ber.low,
        ber.high,
        run.errors.events,
        predicted.burst.bits_per_event,
        run.errors.bits_per_event(),
    );
    assert!(
        ln.abs() < 0.05 || ber.contains(predicted.ber),
        "{name}: ln ratio {ln}"
    );
}

#[test]
fn electrical_segment_at_two_error_ratios() {
    // Module to host at 100G: the converter is made worse until errors can be counted.
    for (name, enob, range) in [
        ("electrical 3.9 bits", 3.9, [1e-4, 1e-3]),
        ("electrical 4.15 bits", 4.15, [1e-5, 1e-4]),
    ] {
        let mut c = config(LaneRate::G100, 10.0, 10.0);
        c.receiver.host_retimed.enob = enob;
        agree(name, &last_segment(Architecture::Retimed, &c), &c, range);
    }
}

#[test]
fn linear_optics_with_strong_feedback() {
    // LPO on lossy boards: feedback tap above one half, bursts of several bits.
    for (name, loss_db, range) in [
        ("LPO 14.5 dB", 14.5, [3e-4, 1e-3]),
        ("LPO 10 dB", 10.0, [1e-5, 1e-4]),
    ] {
        let c = config(LaneRate::G100, loss_db, loss_db);
        let segment = last_segment(Architecture::Lpo, &c);
        assert!(
            segment.equalizer.dfe[0] >= 0.5,
            "{:?}",
            segment.equalizer.dfe
        );
        agree(name, &segment, &c, range);
    }
}

#[test]
fn optics_without_feedback_at_200g() {
    for (name, enob, range) in [
        ("CPO 200G 4.0 bits", 4.0, [1e-4, 1e-3]),
        ("CPO 200G 4.35 bits", 4.35, [1e-5, 1e-4]),
    ] {
        let mut c = config(LaneRate::G200, 10.0, 10.0);
        c.receiver.host_cpo.enob = enob;
        agree(name, &last_segment(Architecture::Cpo, &c), &c, range);
    }
}

#[test]
fn noise_that_follows_the_level_dominates() {
    // Intensity noise of -131 dB/Hz and a perfect converter: upper levels err far more often than lower
    // ones, which a model with one sigma would miss.
    let mut c = config(LaneRate::G100, 4.0, 4.0);
    c.optics.rin_db_hz = -134.5;
    c.receiver.host_cpo.enob = 8.0;
    let segment = last_segment(Architecture::Cpo, &c);
    let rin = analysed(&segment, &c)
        .budget
        .iter()
        .find(|b| b.source == pamlink::link::NoiseSource::Rin)
        .unwrap()
        .share;
    assert!(rin > 0.6, "RIN share {rin}");
    agree("RIN-limited", &segment, &c, [1e-5, 1e-3]);
}

#[test]
fn a_perturbed_channel_sample_moves_both_engines() {
    let mut c = config(LaneRate::G100, 10.0, 10.0);
    c.receiver.host_retimed.enob = 3.9;
    let segment = last_segment(Architecture::Retimed, &c);
    let mut moved = segment.clone();
    // One point of the response, 10 GHz, off by a tenth of the largest value.
    let grid = moved.chain.signal.grid();
    let mut values = moved.chain.signal.values().to_vec();
    let at = (10e9 / grid.step_hz()) as usize;
    let largest = values.iter().map(|v| v.norm()).fold(0.0, f64::max);
    values[at] += 30.0 * largest;
    moved.chain.signal = pamlink::signal::Response::new(grid, values).unwrap();
    let (before, after) = (analysed(&segment, &c), analysed(&moved, &c));
    assert!(after.ber > 1.2 * before.ber, "{} {}", before.ber, after.ber);
    let count = |s: &Segment| {
        let run = simulate(s, &c, 1 << 22, 3, Level::best(), &|_| {}).unwrap();
        run.errors.bit_errors as f64
    };
    let (before, after) = (count(&segment), count(&moved));
    assert!(after > 1.2 * before, "{before} {after}");
}
