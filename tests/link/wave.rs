//! The engine on the waveform against the one at one sample per symbol, and its own limits.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pamlink::Level;
use pamlink::link::config::{Engine, LaneRate, LinkConfig, ModulatorKind};
use pamlink::link::{Architecture, Segment, Simulation, Watch, simulate, simulate_watched};

use super::common::{config, last_segment};

fn run(segment: &Segment, c: &LinkConfig, engine: Engine, symbols: u64) -> Simulation {
    let mut c = c.clone();
    c.simulation.engine = engine;
    let s = simulate(segment, &c, symbols, 7, Level::best(), &|_| {}).unwrap();
    assert!(s.whole);
    s
}

fn fixed(architecture: Architecture, rate: LaneRate) -> LinkConfig {
    let mut c = config(rate, 14.0, 14.0);
    if architecture != Architecture::Lpo {
        c = config(rate, 10.0, 10.0);
        c.receiver.host_retimed.enob = 3.9;
        c.receiver.host_cpo.enob = 4.0;
    }
    c.simulation.timing.recovered = false;
    c
}

#[test]
fn a_linear_path_errs_as_often_as_at_one_sample_per_symbol() {
    for (architecture, rate) in [
        (Architecture::Retimed, LaneRate::G100),
        (Architecture::Lpo, LaneRate::G100),
        (Architecture::Cpo, LaneRate::G200),
    ] {
        let c = fixed(architecture, rate);
        let segment = last_segment(architecture, &c);
        let (a, b) = (
            run(&segment, &c, Engine::Baud, 1 << 23),
            run(&segment, &c, Engine::Waveform, 1 << 23),
        );
        let (x, y) = (a.ber(0.999).unwrap(), b.ber(0.999).unwrap());
        let db = b.snr_db.unwrap() - a.snr_db.unwrap();
        println!("{architecture} {rate:?}: {x:?} {y:?}, {db:+.3} dB");
        assert!(a.errors.events > 500);
        assert!(
            x.contains(y.value) || y.contains(x.value) || (y.value / x.value).ln().abs() < 0.05
        );
        // The light's noise is averaged over two instants of a symbol in one engine, instantaneous in the other;
        // what truncation drops is divided otherwise.
        assert!(db.abs() < 0.06, "{architecture}: {db}");
    }
}

#[test]
fn twice_the_samples_per_symbol_change_nothing() {
    let mut c = fixed(Architecture::Lpo, LaneRate::G100);
    c.optics.modulator.kind = ModulatorKind::Mzm;
    let segment = last_segment(Architecture::Lpo, &c);
    let coarse = run(&segment, &c, Engine::Waveform, 1 << 22);
    c.simulation.samples_per_ui = 16;
    let fine = run(&segment, &c, Engine::Waveform, 1 << 22);
    let (x, y) = (coarse.ber(0.99).unwrap(), fine.ber(0.99).unwrap());
    println!("8: {x:?}, 16: {y:?}");
    assert!(x.contains(y.value) && y.contains(x.value));
}

#[test]
fn a_modulator_driven_little_is_a_straight_line() {
    // A drive of a twentieth of the half-wave voltage: the sine is straight to 1e-3.
    let mut c = fixed(Architecture::Lpo, LaneRate::G100);
    c.optics.modulator.kind = ModulatorKind::Mzm;
    c.optics.modulator.v_pi_v = 48.0;
    c.optics.rin_db_hz = -160.0;
    let curved = last_segment(Architecture::Lpo, &c);
    let (line, curve) = (
        run(&curved, &c, Engine::Baud, 1 << 21),
        run(&curved, &c, Engine::Waveform, 1 << 21),
    );
    let db = curve.snr_db.unwrap() - line.snr_db.unwrap();
    println!("{db:+.3} dB");
    assert!(db.abs() < 0.1, "{db}");
}

#[test]
fn the_clock_is_found_and_followed() {
    for ppm in [0.0, 100.0, -200.0] {
        let mut c = fixed(Architecture::Lpo, LaneRate::G100);
        c.simulation.timing.recovered = true;
        c.simulation.timing.ppm_offset = ppm;
        let segment = last_segment(Architecture::Lpo, &c);
        let s = run(&segment, &c, Engine::Waveform, 1 << 21);
        let w = s.waveform.as_ref().unwrap();
        let off = (w.equalizer.phase_s - segment.equalizer.phase_s) * c.baud_hz;
        println!(
            "{ppm} ppm: off {off:+.4} UI, {:?}, SNR {:?}",
            w.lock, s.snr_db
        );
        assert!(s.is_locked(), "{:?}", w.lock);
        // Mueller-Muller settles where the designed phase is, but for noise and the probe.
        assert!(off.abs() < 0.03, "{off}");
        let lock = w.lock.as_ref().unwrap();
        assert!((lock.frequency_ppm + ppm).abs() < 5.0, "{lock:?}");
        assert_eq!(lock.slips, 0);
        let fixed = fixed(Architecture::Lpo, LaneRate::G100);
        let held = run(&segment, &fixed, Engine::Waveform, 1 << 21);
        // The loop's own jitter, a hundredth of a unit interval.
        let db = held.snr_db.unwrap() - s.snr_db.unwrap();
        assert!(db < 0.2, "{db}");
    }
}

#[test]
fn taps_adapt_to_a_bent_path_and_stay() {
    let mut c = fixed(Architecture::Lpo, LaneRate::G100);
    c.simulation.timing.recovered = true;
    c.optics.modulator.kind = ModulatorKind::Mzm;
    let segment = last_segment(Architecture::Lpo, &c);
    let designed = run(&segment, &c, Engine::Waveform, 1 << 21);
    c.simulation.adapt = true;
    let adapted = run(&segment, &c, Engine::Waveform, 1 << 21);
    let db = adapted.snr_db.unwrap() - designed.snr_db.unwrap();
    println!("{db:+.3} dB");
    assert!(db > -0.1, "{db}");
    let w = adapted.waveform.unwrap();
    assert_ne!(w.equalizer.ffe, segment.equalizer.ffe);
}

#[test]
fn a_stop_gives_what_was_counted() {
    let mut c = fixed(Architecture::Lpo, LaneRate::G100);
    c.simulation.engine = Engine::Waveform;
    c.simulation.run_symbols = 1 << 18;
    let segment = last_segment(Architecture::Lpo, &c);
    let (stop, seen) = (AtomicBool::new(false), AtomicU64::new(0));
    let progress = |n| {
        seen.fetch_add(n, Ordering::Relaxed);
        stop.store(true, Ordering::Relaxed);
    };
    let watch = Watch {
        progress: &progress,
        stop: Some(&stop),
    };
    let s = simulate_watched(&segment, &c, 1 << 24, 1, Level::best(), &watch).unwrap();
    assert!(!s.whole);
    assert!(
        s.errors.symbols >= 1 << 18 && s.errors.symbols < 1 << 22,
        "{:?}",
        s.errors
    );
    assert_eq!(s.errors.symbols, seen.load(Ordering::Relaxed));
}
