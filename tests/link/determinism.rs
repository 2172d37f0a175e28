//! The simulation is a function of seed and configuration, not of how it is computed.

use pamlink::Level;
use pamlink::link::config::{LaneRate, Pattern};
use pamlink::link::{Architecture, simulate};

use super::common::{config, last_segment};

#[test]
fn fma_levels_count_the_same_errors_and_the_baseline_nearly() {
    let mut c = config(LaneRate::G100, 14.0, 14.0);
    c.simulation.run_symbols = 1 << 20;
    let segment = last_segment(Architecture::Lpo, &c);
    let count = |level| {
        let run = simulate(&segment, &c, 1 << 20, 5, level, &|_| {}).unwrap();
        assert_eq!(run.level, level);
        (run.errors.bit_errors, run.errors.events)
    };
    let counts: Vec<_> = Level::all().into_iter().map(|l| (l, count(l))).collect();
    let best = counts.last().unwrap().1;
    assert!(best.0 > 100, "{counts:?}");
    for (level, (bits, events)) in counts {
        if level.is_fused() {
            assert_eq!((bits, events), best, "{level}");
        } else {
            // Products and sums round differently: a sample within 1e-6 of a threshold may flip.
            assert!(
                events.abs_diff(best.1) <= 1 + best.1 / 50,
                "{level} {events} {best:?}"
            );
        }
    }
}

#[test]
fn runs_merge_and_seeds_differ() {
    let mut c = config(LaneRate::G100, 15.0, 15.0);
    c.simulation.run_symbols = 1 << 18;
    c.simulation.warmup_symbols = 1 << 13;
    let segment = last_segment(Architecture::Lpo, &c);
    let run =
        |symbols, seed| simulate(&segment, &c, symbols, seed, Level::best(), &|_| {}).unwrap();
    let (one, four) = (run(1 << 18, 9), run(1 << 20, 9));
    assert_eq!((one.runs, four.runs), (1, 4));
    assert_eq!(four.errors.symbols, 1 << 20);
    assert!(four.errors.events > one.errors.events);
    assert_eq!(run(1 << 20, 9).errors, four.errors);
    assert_ne!(run(1 << 20, 10).errors, four.errors);
    // A symbol count that is no multiple of the streams is rounded up, never down.
    assert!(run(1000, 9).errors.symbols >= 1000);
}

#[test]
fn every_pattern_is_decided_right_on_a_clean_link() {
    for pattern in [
        Pattern::Random,
        Pattern::Prbs13q,
        Pattern::Prbs31q,
        Pattern::Ssprq,
    ] {
        let mut c = config(LaneRate::G100, 4.0, 4.0);
        c.simulation.pattern = pattern;
        c.receiver.host_retimed.enob = 8.0;
        let segment = last_segment(Architecture::Retimed, &c);
        let run = simulate(&segment, &c, 200_000, 1, Level::best(), &|_| {}).unwrap();
        assert_eq!(run.errors.bit_errors, 0, "{pattern:?}");
        assert!(run.errors.symbols >= 200_000);
        let interval = run.ber(0.99).unwrap();
        assert!(interval.value == 0.0 && interval.high > 0.0);
        assert!(run.snr_db.unwrap() > 22.0, "{pattern:?} {:?}", run.snr_db);
    }
}

#[test]
fn truncation_moves_nothing_because_the_tail_comes_back_as_noise() {
    let mut c = config(LaneRate::G100, 14.0, 14.0);
    let segment = last_segment(Architecture::Lpo, &c);
    let mut run = |kept| {
        c.analysis.kept_energy = kept;
        simulate(&segment, &c, 1 << 22, 5, Level::best(), &|_| {}).unwrap()
    };
    let (short, long) = (run(0.9999), run(1.0 - 1e-7));
    assert!(short.channel_taps < long.channel_taps);
    let (short, long) = (short.ber(0.999).unwrap(), long.ber(0.999).unwrap());
    println!("kept 0.9999: {short:?}, all: {long:?}");
    assert!(short.contains(long.value) || long.contains(short.value));
}
