//! What no link can be made of is a typed error that names it.

use pamlink::link::config::{LaneRate, LinkConfig};
use pamlink::link::{Architecture, HostChannels, analyze, design, design_with, segments, simulate};

use super::common::{config, last_segment};

fn refused(edit: impl Fn(&mut LinkConfig), words: &str) {
    let mut c = LinkConfig::for_rate(LaneRate::G100);
    edit(&mut c);
    let error = c.validate().unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn configurations() {
    refused(|c| c.baud_hz = 0.0, "baud_hz");
    refused(|c| c.baud_hz = f64::NAN, "baud_hz");
    refused(|c| c.lanes = 0, "lanes");
    // One lane cannot carry 800 Gb/s: pJ/bit would be eight times too good.
    refused(|c| c.lanes = 1, "port_bit_s");
    refused(|c| c.baud_hz = 26.5625e9, "port_bit_s");
    refused(|c| c.port_bit_s = 1.0, "port_bit_s");
    refused(|c| c.optics.wavelength_m = 1310.0, "optics.wavelength_m");
    refused(
        |c| c.optics.responsivity_a_w = 1e9,
        "optics.responsivity_a_w",
    );
    refused(|c| c.host.swing_v = 1e9, "host.swing_v");
    refused(|c| c.analysis.window_ui = 1000, "window_ui");
    refused(|c| c.analysis.kept_energy = 0.5, "kept_energy");
    refused(|c| c.analysis.bursts = 0, "bursts");
    refused(
        |c| c.receiver.host_cpo.enob = f64::NAN,
        "receiver.host_cpo.enob",
    );
    refused(|c| c.receiver.host_linear.dfe_taps = 17, "dfe_taps");
}

type Edit = fn(&mut pamlink::link::Equalizer);

#[test]
fn segments_and_equalizers() {
    let c = config(LaneRate::G100, 10.0, 10.0);
    let channels = HostChannels::built_in(&c).unwrap();
    let spec = segments(Architecture::Retimed, &c, &channels)
        .unwrap()
        .remove(2);
    for baud in [0.0, f64::NAN, -1.0, 1.0, 1e300] {
        let mut bad = spec.clone();
        bad.baud_hz = baud;
        assert!(design(&bad, &c.analysis).is_err(), "{baud}");
    }
    let mut bad = c.analysis.clone();
    bad.samples_per_ui = 1;
    assert!(design(&spec, &bad).is_err());

    let segment = last_segment(Architecture::Retimed, &c);
    for taps in [vec![], vec![f64::NAN; 5]] {
        let mut choice = segment.chain.choice.clone();
        choice.tx_taps = taps;
        assert!(design_with(&spec, &choice, &c.analysis).is_err());
    }
    let mut choice = segment.chain.choice.clone();
    choice.tx_main = usize::MAX;
    assert!(spec.resolve(&choice).is_err());
    choice = segment.chain.choice.clone();
    choice.ctle = vec![(99, 99)];
    assert!(spec.resolve(&choice).is_err());

    let edits: [Edit; 5] = [
        |e| e.ffe.clear(),
        |e| e.precursors = 100,
        |e| e.dfe = vec![0.1; 20],
        |e| e.phase_s = f64::INFINITY,
        |e| e.ffe[0] = f32::NAN,
    ];
    for edit in edits {
        let mut bad = segment.clone();
        edit(&mut bad.equalizer);
        assert!(analyze(&bad, &c.analysis, 1).is_err());
        let level = pamlink::Level::best();
        assert!(simulate(&bad, &c, 1000, 1, level, &|_| {}).is_err());
    }
    let level = pamlink::Level::best();
    assert!(simulate(&segment, &c, 0, 1, level, &|_| {}).is_err());
}
