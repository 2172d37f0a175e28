#![allow(missing_docs, clippy::all, clippy::pedantic)]
use pamlink::Level;
use pamlink::link::config::*;
use pamlink::link::*;
use std::time::Instant;
fn main() {
    let n: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    for rate in LaneRate::ALL {
        let cfg = LinkConfig::for_rate(rate);
        let mut cfg = cfg;
        if let Some(l) = std::env::args().nth(2) {
            cfg.channel.near_loss_db = l.parse().unwrap();
            cfg.channel.far_loss_db = l.parse().unwrap();
        }
        let ch = HostChannels::built_in(&cfg).unwrap();
        for a in [Architecture::Retimed, Architecture::Lpo, Architecture::Cpo] {
            let segs = segments(a, &cfg, &ch).unwrap();
            for s in segs.iter().take(1) {
                let d = design(s, &cfg.analysis).unwrap();
                let r = analyze(&d, &cfg.analysis, 1).unwrap();
                let t = Instant::now();
                let sim = simulate(&d, &cfg, n, 7, Level::best(), &|_| {}).unwrap();
                let el = t.elapsed().as_secs_f64();
                let b = sim.ber(0.999).unwrap();
                println!(
                    "{rate} {a} {}: stat ber {:.4e} snr {:.3} b/e {:.3} | sim {:.4e} [{:.4e} {:.4e}] snr {:.3} b/e {:.3} events {} ln {:.4} | {:.1} MSym/s taps {}",
                    s.name,
                    r.ber,
                    r.snr_db,
                    r.burst.bits_per_event,
                    b.value,
                    b.low,
                    b.high,
                    sim.snr_db.unwrap(),
                    sim.errors.bits_per_event(),
                    sim.errors.events,
                    (b.value / r.ber).ln(),
                    sim.errors.symbols as f64 / el / 1e6,
                    sim.channel_taps
                );
            }
        }
    }
}
