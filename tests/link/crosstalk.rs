//! Aggressors of coupling files: conservation of power, both engines against one another, real couplings.

use std::path::{Path, PathBuf};

use num_complex::Complex64;

use pamlink::Level;
use pamlink::channel::{Channel, S2, TwoPort};
use pamlink::link::config::{LaneRate, LinkConfig, PackageSet};
use pamlink::link::{
    Architecture, CrosstalkChannels, CrosstalkKind, FilePaths, Files, HostChannels, NoiseSource,
    Segment, SegmentAnalysis, design, segments, simulate,
};

use super::common::{analysed, config};

/// A matched coupling of constant strength and delay.
fn flat(strength: f64, delay_s: f64) -> Channel {
    let f: Vec<f64> = (0..=4300).map(|i| 50e6 * f64::from(i)).collect();
    let turn = |f: f64| Complex64::cis(-2.0 * std::f64::consts::PI * f * delay_s);
    let s = f
        .iter()
        .map(|&f| S2::symmetric(0.0.into(), strength * turn(f)));
    let two_port = TwoPort::new(f.clone(), 100.0, s.collect()).unwrap();
    Channel::from_two_port("flat coupling", two_port).unwrap()
}

/// A coupling through a capacitance: it rises with frequency up to `corner_hz`.
fn rising(strength: f64, corner_hz: f64) -> Channel {
    let f: Vec<f64> = (0..=4300).map(|i| 50e6 * f64::from(i)).collect();
    let s = f.iter().map(|&f| {
        let x = Complex64::new(0.0, f / corner_hz);
        let turn = Complex64::cis(-2.0 * std::f64::consts::PI * f * 0.3e-9);
        S2::symmetric(0.0.into(), strength * x / (1.0 + x) * turn)
    });
    let two_port = TwoPort::new(f.clone(), 100.0, s.collect()).unwrap();
    Channel::from_two_port("rising coupling", two_port).unwrap()
}

fn with(config: &LinkConfig, fext: Vec<Channel>, next: Vec<Channel>) -> HostChannels {
    HostChannels {
        crosstalk: CrosstalkChannels { fext, next },
        ..HostChannels::built_in(config).unwrap()
    }
}

fn last(architecture: Architecture, config: &LinkConfig, channels: &HostChannels) -> Segment {
    let specs = segments(architecture, config, channels).unwrap();
    design(specs.last().unwrap(), &config.analysis).unwrap()
}

fn crosstalk_share(analysis: &SegmentAnalysis) -> f64 {
    let line = |b: &&pamlink::link::NoiseShare| b.source == NoiseSource::Crosstalk;
    analysis.budget.iter().find(line).map_or(0.0, |b| b.share)
}

#[test]
fn a_flat_coupling_passes_its_share_of_the_aggressors_power() {
    // Held symbols of peak 0.45 V through a matched coupling of 1 %: the waveform at the victim's pins has the
    // power var(levels) (0.45 * 0.01)^2, of which the grid (to four times the symbol rate) holds
    // (2 / pi) Si(8 pi) = 0.97475.
    let mut c = config(LaneRate::G100, 10.0, 10.0);
    c.channel.package = PackageSet::None;
    c.host.edge_s = 0.0;
    c.host.r_lm = 1.0;
    let channels = with(&c, Vec::new(), vec![flat(0.01, 0.2e-9)]);
    for architecture in [Architecture::Retimed, Architecture::Lpo] {
        let specs = segments(architecture, &c, &channels).unwrap();
        let segment = design(&specs[0], &c.analysis).unwrap();
        let near = &segment.chain.crosstalk[0];
        assert_eq!(near.kind, CrosstalkKind::NearEnd);
        let values = near.entry.values();
        let both_halves: f64 = values
            .iter()
            .map(num_complex::Complex::norm_sqr)
            .sum::<f64>()
            * 2.0
            - values[0].norm_sqr();
        let variance = 5.0 / 9.0;
        let power = variance * c.baud_hz * near.entry.grid().step_hz() * both_halves;
        let want = variance * (0.45f64 * 0.01).powi(2) * 0.97475;
        // The coupling's 50 MHz points against 13 MHz of the grid: interpolation of a pure delay.
        assert!((power / want - 1.0).abs() < 1e-4, "{power:e} {want:e}");
    }
}

#[test]
fn where_aggressors_act() {
    let c = config(LaneRate::G100, 10.0, 10.0);
    let channels = with(&c, vec![flat(0.01, 0.0)], vec![flat(0.02, 0.0)]);
    let counts = |architecture| -> Vec<usize> {
        let specs = segments(architecture, &c, &channels).unwrap();
        let resolved = specs.iter().map(|s| design(s, &c.analysis).unwrap());
        resolved.map(|s| s.chain.crosstalk.len()).collect()
    };
    // Both boards of a retimed link, the optics between them without; a linear path has both boards in one.
    assert_eq!(counts(Architecture::Retimed), [2, 0, 2]);
    assert_eq!(counts(Architecture::Lro), [2, 2]);
    assert_eq!(counts(Architecture::Lpo), [4]);
    assert_eq!(counts(Architecture::Cpo), [0]);
}

#[test]
fn no_aggressor_and_a_coupling_of_zero_change_no_bit() {
    let c = config(LaneRate::G100, 14.5, 14.5);
    let without = last(Architecture::Lpo, &c, &HostChannels::built_in(&c).unwrap());
    let zero = last(
        Architecture::Lpo,
        &c,
        &with(&c, vec![flat(0.0, 0.0)], Vec::new()),
    );
    assert_eq!(without.equalizer, zero.equalizer);
    let (a, b) = (analysed(&without, &c), analysed(&zero, &c));
    assert_eq!(a, b);
    let count = |s: &Segment| {
        let run = simulate(s, &c, 1 << 18, 3, Level::best(), &|_| {}).unwrap();
        (run.errors, run.snr_db)
    };
    assert_eq!(count(&without), count(&zero));
}

/// Simulated beside predicted; runs are short, so that many phases are drawn.
fn agree(name: &str, segment: &Segment, config: &mut LinkConfig, share: [f64; 2], events: u64) {
    config.simulation.run_symbols = 1 << 18;
    config.simulation.warmup_symbols = 1 << 14;
    let predicted = analysed(segment, config);
    let own = crosstalk_share(&predicted);
    assert!((share[0]..share[1]).contains(&own), "{name}: share {own}");
    let symbols = (1.2 * events as f64 / predicted.burst.event_rate) as u64;
    let run = simulate(segment, config, symbols, 17, Level::best(), &|_| {}).unwrap();
    let ber = run.ber(0.999).unwrap();
    let ln = (ber.value / predicted.ber).ln();
    let snr = run.snr_db.unwrap();
    println!(
        "{name}: crosstalk {:.1} %, SNR {snr:.3} / {:.3} dB, BER simulated {:.4e} ({:.4e}-{:.4e}), \
         predicted {:.4e}, ln ratio {ln:+.4}, bits per event {:.3} / {:.3}",
        100.0 * own,
        predicted.snr_db,
        ber.value,
        ber.low,
        ber.high,
        predicted.ber,
        run.errors.bits_per_event(),
        predicted.burst.bits_per_event,
    );
    assert!(run.errors.events >= events, "{name}: {:?}", run.errors);
    assert!(
        ln.abs() < 0.05 || ber.contains(predicted.ber),
        "{name}: ln ratio {ln}"
    );
    // Measured with the decisions fed back: a wrong one, off by one level, adds the square of the feedback tap
    // times the distance of levels.
    let feedback: f64 = (segment.equalizer.dfe.iter())
        .map(|&b| (f64::from(b) * 2.0 / 3.0).powi(2))
        .sum();
    let variance = pamlink::pam4::variance(segment.chain.levels);
    let error = variance / 10f64.powf(0.1 * predicted.snr_db) + predicted.ser * feedback;
    let expected = 10.0 * (variance / error).log10();
    assert!((snr - expected).abs() < 0.1, "{name}: {snr} {expected}");
}

#[test]
fn strong_aggressors_agree_in_both_engines() {
    // One aggressor that makes most of the error: what reaches the slicer is far from Gaussian.
    let mut c = config(LaneRate::G100, 10.0, 10.0);
    c.receiver.host_retimed.enob = 4.2;
    let channels = with(&c, Vec::new(), vec![flat(0.055, 0.4e-9)]);
    let segment = last(Architecture::Retimed, &c, &channels);
    agree("one strong NEXT", &segment, &mut c, [0.3, 0.95], 10_000);

    // Both kinds at both ends of a linear path, with a feedback tap and its bursts.
    let mut c = config(LaneRate::G100, 10.0, 10.0);
    let channels = with(&c, vec![rising(0.03, 40e9)], vec![rising(0.02, 40e9)]);
    let segment = last(Architecture::Lpo, &c, &channels);
    agree(
        "LPO, both kinds at both ends",
        &segment,
        &mut c,
        [0.05, 0.9],
        10_000,
    );
}

#[test]
fn the_same_number_of_symbols_gives_the_same_count_whatever_the_threads() {
    let mut c = config(LaneRate::G100, 10.0, 10.0);
    c.simulation.run_symbols = 1 << 16;
    c.receiver.host_retimed.enob = 4.2;
    let channels = with(&c, vec![flat(0.02, 0.0)], vec![flat(0.01, 0.0)]);
    let segment = last(Architecture::Retimed, &c, &channels);
    let count = || {
        simulate(&segment, &c, 1 << 19, 5, Level::best(), &|_| {})
            .unwrap()
            .errors
    };
    assert_eq!(count(), count());
    let all: Vec<_> = Level::all()
        .into_iter()
        .map(|level| {
            simulate(&segment, &c, 1 << 16, 5, level, &|_| {})
                .unwrap()
                .errors
        })
        .collect();
    // Fused levels are the same bits; the baseline rounds otherwise and may move a sample over a threshold.
    for pair in all[1..].windows(2) {
        assert_eq!(pair[0], pair[1]);
    }
}

fn shared(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/channels")
        .join(file);
    if path.exists() {
        Some(path)
    } else {
        println!("skipped: {file} is not beside the project");
        None
    }
}

#[test]
fn measured_couplings_of_a_module_agree_in_both_engines() {
    let name = |what| format!("112G_cascaded_CDR6_Module_{what}_1_etch1100_TX7_Asic_Footprint.s4p");
    let (Some(thru), Some(fext), Some(next)) = (
        shared(&name("Thru")),
        shared(&name("FEXT1")),
        shared(&name("NEXT2")),
    ) else {
        return;
    };
    let mut c = config(LaneRate::G100, 10.0, 10.0);
    let mut paths = FilePaths {
        near: Some(thru),
        fext: vec![fext],
        next: vec![next],
        ..FilePaths::default()
    };
    let files = Files::read(&paths).unwrap();
    assert!(
        files.crosstalk.fext[0]
            .name()
            .contains("ports 1-2,3-4, given")
    );
    let with_all = files.channels(&c).unwrap();
    let segment = last(Architecture::Lpo, &c, &with_all);
    let quiet = HostChannels {
        crosstalk: CrosstalkChannels::default(),
        ..with_all
    };
    let alone = analysed(&last(Architecture::Lpo, &c, &quiet), &c);
    let both = analysed(&segment, &c);
    println!(
        "FEXT1 and NEXT2: SNR {:.3} dB without, {:.3} dB with, share {:.2} %",
        alone.snr_db,
        both.snr_db,
        100.0 * crosstalk_share(&both)
    );
    assert!(both.snr_db < alone.snr_db && both.ber > alone.ber);
    agree("FEXT1 and NEXT2", &segment, &mut c, [1e-3, 0.2], 3000);

    // Without a channel file nothing tells the port order of a coupling.
    paths.near = None;
    let text = Files::read(&paths).unwrap_err().to_string();
    assert!(text.contains("port order"), "{text}");
}
