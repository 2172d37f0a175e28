//! A sequence detector in both engines: error events against counted errors, within 0.15 dB.

use pamlink::Level;
use pamlink::link::config::{Detector, LaneRate, LinkConfig};
use pamlink::link::{Architecture, simulate};

use super::common::{analysed, config, last_segment};

/// Events that a point counts: at 1500 the interval of an error ratio is 9 % wide at 99.9 %, 0.05 dB.
const EVENTS: f64 = 1500.0;

fn gap(name: &str, architecture: Architecture, c: &LinkConfig) {
    let start = std::time::Instant::now();
    let segment = last_segment(architecture, c);
    let t1 = start.elapsed();
    let predicted = analysed(&segment, c);
    let t2 = start.elapsed();
    let symbols = (EVENTS / predicted.burst.event_rate) as u64;
    let run = simulate(
        &segment,
        c,
        symbols.min(1 << 25),
        11,
        Level::best(),
        &|_| {},
    )
    .unwrap();
    let ber = run.ber(0.999).unwrap();
    println!(
        "{name}: target {:?}, statistical {:.4e}, simulated {:.4e} ({:.4e}-{:.4e}), {} events, ln ratio {:+.4}, symbols per event {:.3} / {:.3}, SNR {:.3} / {:.3} dB {t1:?} {t2:?}",
        segment.equalizer.dfe,
        predicted.ber,
        ber.value,
        ber.low,
        ber.high,
        run.errors.events,
        (ber.value / predicted.ber).ln(),
        predicted.burst.symbols_per_event,
        run.errors.symbols_per_event(),
        predicted.snr_db,
        run.snr_db.unwrap(),
    );
}

#[test]
fn cases() {
    for (rate, architecture, loss, enob, taps) in [
        (LaneRate::G100, Architecture::Retimed, 14.0, 3.9, 1),
        (LaneRate::G100, Architecture::Retimed, 14.0, 4.2, 1),
        (LaneRate::G100, Architecture::Retimed, 14.0, 3.9, 2),
        (LaneRate::G100, Architecture::Lpo, 14.5, 4.8, 1),
        (LaneRate::G200, Architecture::Cpo, 10.0, 4.0, 1),
        (LaneRate::G200, Architecture::Retimed, 14.0, 4.2, 1),
        (LaneRate::G200, Architecture::Lpo, 10.0, 4.7, 1),
    ] {
        let mut c = config(rate, loss, loss);
        for r in [
            &mut c.receiver.host_retimed,
            &mut c.receiver.host_linear,
            &mut c.receiver.host_cpo,
        ] {
            r.detector = Detector::Mlse;
            r.dfe_taps = taps;
            r.dfe_max = 0.85;
            r.enob = enob;
        }
        gap(
            &format!("{rate:?} {architecture} {loss} {enob} {taps}"),
            architecture,
            &c,
        );
    }
}
