//! The waveform engine against the statistics: linear in the interval, nonlinear within 0.3 dB.

use std::path::Path;

use pamlink::Level;
use pamlink::channel::Channel;
use pamlink::link::config::{Detector, Engine, LaneRate, LinkConfig, ModulatorKind};
use pamlink::link::{
    Architecture, HostChannels, Rule, Segment, SegmentAgreement, design, segments,
};

use super::common::{analysed, config, last_segment};

/// Events that a point counts: 99 % of the interval within 10 % to either side, 0.05 dB.
const EVENTS: f64 = 800.0;

fn waveform(rate: LaneRate, loss_db: f64) -> LinkConfig {
    let mut c = config(rate, loss_db, loss_db);
    c.host.r_lm = 1.0;
    c.simulation.engine = Engine::Waveform;
    c.simulation.warmup_symbols = 1 << 14;
    // The designed phase: what is compared here is the path, not the clock recovery.
    c.simulation.timing.recovered = false;
    c
}

fn both(name: &str, segment: &Segment, c: &LinkConfig, events: f64) -> SegmentAgreement {
    let start = std::time::Instant::now();
    let predicted = analysed(segment, c);
    let symbols = (1.2 * events / predicted.burst.event_rate) as u64;
    let both = SegmentAgreement::of(
        segment,
        &predicted,
        c,
        symbols.clamp(1 << 18, 1 << 24),
        5,
        Level::best(),
        &|_| {},
    )
    .unwrap();
    let gap = both.gap_db.unwrap();
    let linear = analysed(&segment.linear_view(), c);
    println!(
        "{name}: statistical {:.3e} (linear view {:.3e}), simulated {:.3e} ({:.3e}-{:.3e}), {} events, \
         gap {:+.3} dB ({:+.3} to {:+.3}), R_LM {:.4} / {:.4}, SNR {:.2} / {:.2} dB, {}, {:?}",
        both.predicted_ber,
        linear.ber,
        both.ber.value,
        both.ber.low,
        both.ber.high,
        both.simulation.errors.events,
        gap.value,
        gap.low,
        gap.high,
        both.r_lm,
        both.simulated_r_lm.unwrap(),
        predicted.snr_db,
        both.simulation.snr_db.unwrap(),
        both.rule.name(),
        start.elapsed(),
    );
    both
}

fn agree(name: &str, segment: &Segment, c: &LinkConfig, rule: Rule) {
    let both = both(
        name,
        segment,
        c,
        if name.contains("TX7") {
            4.0 * EVENTS
        } else {
            EVENTS
        },
    );
    assert_eq!(both.rule, rule, "{name}");
    assert!(both.agrees(), "{name}: {:?}", both.gap_db);
    let simulated = both.simulated_r_lm.unwrap();
    assert!(
        (simulated - both.r_lm).abs() < 0.02,
        "{name}: {} {simulated}",
        both.r_lm
    );
}

#[test]
fn a_straight_path() {
    let mut c = waveform(LaneRate::G200, 10.0);
    c.receiver.host_cpo.enob = 4.0;
    agree(
        "CPO 200G, straight",
        &last_segment(Architecture::Cpo, &c),
        &c,
        Rule::Interval,
    );
    c = waveform(LaneRate::G100, 10.0);
    c.receiver.host_retimed.enob = 3.9;
    agree(
        "retimed 100G, straight",
        &last_segment(Architecture::Retimed, &c),
        &c,
        Rule::Interval,
    );
}

#[test]
fn a_mild_sine() {
    // A half-wave voltage of three times the drive.
    let mut c = waveform(LaneRate::G200, 10.0);
    c.receiver.host_cpo.enob = 4.0;
    c.optics.modulator.kind = ModulatorKind::Mzm;
    c.optics.modulator.v_pi_v = 3.0 * c.module.drive_vppd();
    agree(
        "CPO 200G, sine",
        &last_segment(Architecture::Cpo, &c),
        &c,
        Rule::Nonlinear,
    );
}

#[test]
fn a_mild_driver() {
    let mut c = waveform(LaneRate::G100, 10.0);
    c.module.driver_limit_vppd = 4.0 * c.module.drive_vppd();
    c.receiver.host_linear.enob = 4.3;
    agree(
        "LPO 100G, driver",
        &last_segment(Architecture::Lpo, &c),
        &c,
        Rule::Nonlinear,
    );
    c = waveform(LaneRate::G200, 8.0);
    c.module.driver_limit_vppd = 4.0 * c.module.drive_vppd();
    c.receiver.host_linear.enob = 4.3;
    agree(
        "LRO 200G, driver",
        &last_segment(Architecture::Lro, &c),
        &c,
        Rule::Nonlinear,
    );
}

#[test]
fn a_mild_driver_and_a_sequence_detector() {
    let mut c = waveform(LaneRate::G100, 14.0);
    c.module.driver_limit_vppd = 4.0 * c.module.drive_vppd();
    c.receiver.host_linear.detector = Detector::Mlse;
    c.receiver.host_linear.enob = 4.3;
    agree(
        "LPO 100G, driver, MLSE",
        &last_segment(Architecture::Lpo, &c),
        &c,
        Rule::Nonlinear,
    );
}

#[test]
fn a_strong_one_is_told() {
    let mut c = waveform(LaneRate::G200, 10.0);
    c.receiver.host_cpo.enob = 4.3;
    c.optics.modulator.kind = ModulatorKind::Mzm;
    c.module.driver_limit_vppd = 1.6 * c.module.drive_vppd();
    let segment = last_segment(Architecture::Cpo, &c);
    let both = both("CPO 200G, strong", &segment, &c, EVENTS);
    assert_eq!(both.rule, Rule::Told);
    // The statistics see most of it: the linear view is wrong by far more than they are.
    let linear = analysed(&segment.linear_view(), &c).ber;
    let (ours, theirs) = (
        (both.ber.value / both.predicted_ber).ln(),
        (both.ber.value / linear).ln(),
    );
    assert!(theirs > 1.0 && ours.abs() < 0.5 * theirs, "{ours} {theirs}");
}

/// LPO over the two measured channels; none where they are not at hand.
fn measured(c: &LinkConfig) -> Option<Segment> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/channels");
    let read = |end: &str| {
        let file = folder.join(format!(
            "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_{end}.s4p"
        ));
        Channel::from_file(&file, None)
    };
    let (Ok(near), Ok(far)) = (read("L10_Full_Footprint"), read("Asic_Footprint")) else {
        println!("skipped: the measured channels are not beside the project");
        return None;
    };
    let channels = HostChannels::measured(near, Some(&far));
    let specs = segments(Architecture::Lpo, c, &channels).unwrap();
    Some(design(&specs[0], &c.analysis).unwrap())
}

#[test]
fn linear_optics_over_two_measured_channels() {
    // Straight: the engine at one sample per symbol agrees, the waveform errs less than both (measured: 0.19 dB
    // of SNR at 1e-3, bursts of strong feedback; the SNR itself agrees to 0.05 dB). Why is not known, so its rule,
    // the interval, is told here and not held; what is held is that of nonlinear paths.
    let mut c = waveform(LaneRate::G100, 10.0);
    if let Some(segment) = measured(&c) {
        let name = "LPO, TX7_L10 and TX7_Asic, straight";
        let wave = both(name, &segment, &c, 4.0 * EVENTS);
        assert_eq!(wave.rule, Rule::Interval);
        let gap = wave.gap_db.unwrap().value;
        assert!(gap.abs() < Rule::NONLINEAR_DB, "{gap}");
        c.simulation.engine = Engine::Baud;
        let predicted = analysed(&segment, &c);
        let of = SegmentAgreement::of;
        let baud = of(&segment, &predicted, &c, 1 << 22, 5, Level::best(), &|_| {}).unwrap();
        println!(
            "{name}, one sample per symbol: {:.3e}, gap {:?}, {} events, symbols per event {:.3} / {:.3} / waveform {:.3}",
            baud.ber.value,
            baud.gap_db,
            baud.simulation.errors.events,
            predicted.burst.symbols_per_event,
            baud.simulation.errors.symbols_per_event(),
            wave.simulation.errors.symbols_per_event(),
        );
        assert!(baud.agrees(), "{:?}", baud.gap_db);
    }
    c = waveform(LaneRate::G100, 10.0);
    c.module.driver_limit_vppd = 4.0 * c.module.drive_vppd();
    if let Some(segment) = measured(&c) {
        agree(
            "LPO, TX7_L10 and TX7_Asic, driver",
            &segment,
            &c,
            Rule::Nonlinear,
        );
    }
}
