//! The documented start-up on channels that close the eye: gain, line, equalizer, hand-over.

use pamlink::cdr::reference::{Source, SourceConfig};
use pamlink::cdr::{Acquisition, AcquisitionConfig, CdrConfig, LockConfig, Stage, detector};
use pamlink::channel::{BOARD_CK, Channel};
use pamlink::signal::Pulse;

use super::station::{PRECURSORS, Station};

const BAUD_HZ: f64 = 53.125e9;

/// A board line of a loss at half the symbol rate; main cursor one, by a gain control that knows the power
/// only: the samples have the power of the levels.
fn pulse(loss_db: f64) -> Pulse {
    let channel = Channel::trace(loss_db, 0.5 * BAUD_HZ, &BOARD_CK).unwrap();
    let mut pulse = channel.pulse(BAUD_HZ, 16).unwrap().kept(0.9999);
    let gain = (16.0 / pulse.energy()).sqrt();
    pulse.samples.iter_mut().for_each(|s| *s *= gain);
    pulse
}

#[test]
fn lanes_start_on_lossy_channels_with_nothing_known() {
    for (loss_db, noise) in [(6.0, 0.1), (12.0, 0.05), (16.0, 0.03)] {
        let pulse = pulse(loss_db);
        let config = CdrConfig {
            baud_hz: BAUD_HZ,
            probe_ui: 1.0 / 64.0,
            sample_lag: PRECURSORS,
            lock: LockConfig {
                window_blocks: 2048,
                ..LockConfig::default()
            },
            ..CdrConfig::default()
        };
        let known = detector::gain(&config, &pulse, noise).unwrap();
        let times = AcquisitionConfig {
            line_blocks: 1024,
            equalize_blocks: 8192,
            ..AcquisitionConfig::default()
        };
        let lanes = 4;
        let ppm = |lane: usize| -200.0 + 133.3 * lane as f64;
        let sources = (0..lanes)
            .map(|lane| {
                let config = SourceConfig {
                    phase_ui: 0.27 * lane as f64 - 0.4,
                    ppm: ppm(lane),
                    noise_sigma: noise,
                    seed: (31, lane as u64),
                    ..SourceConfig::default()
                };
                Source::new(&config, &pulse).unwrap()
            })
            .collect();
        let acquisition = Acquisition::new(&config, &times).unwrap();
        let mut station = Station::new(acquisition, sources, 6144 * 64);
        while station.state.stage() != Stage::Done {
            station.step(false);
        }
        for _ in 0..512 {
            station.step(true);
        }
        for lane in 0..lanes {
            let (ser, shift) = station.error_ratio(lane);
            let report = station.state.lock(lane);
            let off = station.offset_ui(lane) - known.lock_phase_ui;
            let off = off - off.round();
            let e = report.evidence;
            println!(
                "{loss_db} dB lane {lane}: SER {ser:.1e} shift {shift}, {off:.3} UI off h(-1) = h(1), gain {:.3} \
                 +- {:.3} ({:.3}), line {:.0}",
                e.gain_per_ui,
                e.gain_sigma,
                known.gain_per_ui,
                station.state.line(lane).strength
            );
            assert_eq!(station.state.failure(lane), None);
            assert!(report.is_locked());
            assert!((report.evidence.frequency_ppm - ppm(lane)).abs() < 3.0);
            // Half a step of the interpolator, the probe's full step, a ppm still to be pulled in.
            assert!(off.abs() < 0.03, "{off}");
            // Jitter and pull-in take some of the slope; a quarter would say that something is wrong.
            assert!((e.gain_per_ui / known.gain_per_ui - 1.0).abs() < 0.25);
            // The eye is closed without the equalizer, and open with it.
            assert!(ser < 1e-3, "{ser}");
            assert!(shift.abs() <= 1);
        }
    }
}
