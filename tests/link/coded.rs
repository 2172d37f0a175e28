//! Codewords through the simulated path: what arrives, what the decoder makes of it, and which model holds.

use pamlink::Level;
use pamlink::fec::KP4;
use pamlink::link::config::{LaneMultiplex, LaneRate, LinkConfig, Pattern};
use pamlink::link::{Architecture, CodedCount, Segment, simulate};

use super::common::{config, last_segment};

fn coded(segment: &Segment, config: &LinkConfig, symbols: u64) -> CodedCount {
    let run = simulate(segment, config, symbols, 3, Level::best(), &|_| {}).unwrap();
    let count = run.coded.unwrap();
    // Two counters of the same decisions, and every word has one fate.
    assert_eq!(count.line_symbols, run.errors.symbols);
    assert_eq!(count.line_errors, run.errors.symbol_errors);
    let fates = count.corrected.iter().sum::<u64>() + count.uncorrectable;
    assert_eq!(
        (fates, count.wrong_symbols.words()),
        (count.words, count.words)
    );
    // Bounded distance: what has at most t wrong symbols comes back, and with the count the comparison knows.
    for (errors, &words) in count.corrected.iter().enumerate() {
        assert_eq!(words, count.wrong_symbols.counts()[errors], "{errors}");
    }
    assert_eq!(count.miscorrected, 0);
    count
}

/// A clean link of few symbols per run, its 32 streams holding a few groups each.
fn clean() -> (LinkConfig, Segment) {
    let mut c = config(LaneRate::G100, 4.0, 4.0);
    c.simulation.fec = true;
    c.simulation.warmup_symbols = 1 << 14;
    c.simulation.run_symbols = 32 * 30_000;
    let segment = last_segment(Architecture::Cpo, &c);
    (c, segment)
}

#[test]
fn every_way_of_sending_words_is_undone() {
    let (mut c, segment) = clean();
    for (interleave, multiplex, precoding) in [
        (1, LaneMultiplex::Symbol, false),
        (2, LaneMultiplex::Bit, true),
        (4, LaneMultiplex::Symbol, true),
        (4, LaneMultiplex::BitInStep, false),
    ] {
        c.fec.interleave = interleave;
        c.fec.multiplex = multiplex;
        c.fec.precoding = precoding;
        let count = coded(&segment, &c, c.simulation.run_symbols);
        // Whole groups of 2720 I symbols in the 30000 of each stream.
        let whole = 30_000 / (2720 * interleave) * interleave * 32;
        assert_eq!(count.words, whole as u64);
        assert_eq!(count.corrected[0], count.words, "{:?}", count.path);
        assert_eq!((count.post_fec_ber(), count.pre_fec_ber()), (0.0, 0.0));
    }
}

#[test]
fn warmups_of_any_length_begin_with_a_whole_word() {
    let (mut c, segment) = clean();
    c.fec.interleave = 1;
    // Around the ends of blocks (2048) and of groups (2720), and none at all.
    for per_stream in [0, 2047, 2048, 2049, 2719, 2720, 2721, 4096, 5000] {
        c.simulation.warmup_symbols = 32 * per_stream;
        let count = coded(&segment, &c, 32 * 2 * 2720);
        assert_eq!((count.words, count.corrected[0]), (64, 64), "{per_stream}");
    }
}

#[test]
fn runs_add_up() {
    let mut c = config(LaneRate::G100, 15.0, 15.0);
    c.simulation.fec = true;
    c.fec.interleave = 2;
    c.simulation.run_symbols = 1 << 18;
    let segment = last_segment(Architecture::Lpo, &c);
    let two = coded(&segment, &c, 1 << 19);
    assert_eq!(coded(&segment, &c, 1 << 19), two);
    let one = coded(&segment, &c, 1 << 18);
    assert_eq!(2 * one.words, two.words);
    assert!(one.line_errors > 0 && one.line_errors < two.line_errors);
    // Without codewords there is no count, and the same seed gives other errors but as many.
    c.simulation.fec = false;
    let plain = simulate(&segment, &c, 1 << 19, 3, Level::best(), &|_| {}).unwrap();
    assert!(plain.coded.is_none());
    let ratio = plain.errors.symbol_errors as f64 / two.line_errors as f64;
    assert!((ratio - 1.0).abs() < 0.5, "{ratio}");
}

#[test]
fn impossible_settings_are_named() {
    let (mut c, segment) = clean();
    let text = |c: &LinkConfig, symbols| {
        simulate(&segment, c, symbols, 1, Level::best(), &|_| {})
            .unwrap_err()
            .to_string()
    };
    assert!(text(&c, 32 * 1000).contains("whole group of codewords"));
    c.simulation.pattern = Pattern::Ssprq;
    assert!(text(&c, 1 << 20).contains("simulation.pattern is ssprq, must be random"));
    c.simulation.pattern = Pattern::Random;
    c.fec.pcs_lanes = 3;
    c.fec.multiplex = LaneMultiplex::Bit;
    assert!(text(&c, 1 << 20).contains("fec.pcs_lanes"));
}

/// LPO at 100G on boards of `loss_db`, feedback tap 0.7, words one by one.
fn strong_feedback(loss_db: f64) -> (LinkConfig, Segment) {
    let mut c = config(LaneRate::G100, loss_db, loss_db);
    c.receiver.host_linear.dfe_max = 0.7;
    c.simulation.fec = true;
    c.fec.interleave = 1;
    c.fec.multiplex = LaneMultiplex::Symbol;
    let segment = last_segment(Architecture::Lpo, &c);
    assert_eq!(segment.equalizer.dfe, [0.7]);
    (c, segment)
}

#[test]
fn strong_feedback_has_the_tail_that_independent_errors_lack() {
    let (c, segment) = strong_feedback(15.0);
    let count = coded(&segment, &c, 6 << 22);
    let chain = count.chain().unwrap();
    let models = count.models().unwrap();
    println!("{chain:?}, SER {:e}", count.line_error_ratio());
    for k in 0..9 {
        println!(
            "{k}: {} words, {:e} measured, {:e} bursts, {:e} independent",
            count.wrong_symbols.counts()[k],
            models.measured.probabilities()[k],
            models.bursts.probabilities().get(k).copied().unwrap_or(0.0),
            models
                .independent
                .probabilities()
                .get(k)
                .copied()
                .unwrap_or(0.0),
        );
    }
    assert!(chain.epf() > 0.4, "{chain:?}");
    let k = 5;
    let at_least = |w: &pamlink::fec::WordErrors| w.at_least(k).unwrap();
    let measured = count.wrong_symbols.at_least(k).unwrap() as f64 / count.words as f64;
    assert!(count.wrong_symbols.at_least(k).unwrap() >= 10);
    // The tail is there, not of the size of the independent model, and near that of the chain.
    assert!(measured > 10.0 * at_least(&models.independent));
    let ratio = measured / at_least(&models.bursts);
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
    assert_eq!(count.code, KP4);
}
