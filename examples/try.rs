use pamlink::link::config::*;
use pamlink::link::*;
use std::time::Instant;
fn main() {
    for rate in LaneRate::ALL {
        let cfg = LinkConfig::for_rate(rate);
        let ch = HostChannels::built_in(&cfg).unwrap();
        for a in Architecture::ALL {
            let t = Instant::now();
            let segs = segments(a, &cfg, &ch).unwrap();
            let t1 = t.elapsed();
            for s in &segs {
                let t = Instant::now();
                let d = design(s, &cfg.analysis).unwrap();
                let td = t.elapsed();
                let t = Instant::now();
                let r = analyze(&d, &cfg.analysis, 1).unwrap();
                println!(
                    "{rate} {a} {}: design {:.2} dB, snr {:.2} ber {:.3e} burst {:.3}/{:.3}  p {:.3} [{:.0?} {:.0?} {:.0?}] tx {:?} ctle {:?} ffe main {:?} dfe {:?}",
                    s.name,
                    d.design_snr_db,
                    r.snr_db,
                    r.ber,
                    r.burst.symbols_per_event,
                    r.burst.bits_per_event,
                    r.burst.propagation,
                    t1,
                    td,
                    t.elapsed(),
                    d.chain
                        .choice
                        .tx_taps
                        .iter()
                        .map(|x| (x * 100.).round() / 100.)
                        .collect::<Vec<_>>(),
                    d.ctle_db,
                    d.equalizer.ffe[d.equalizer.precursors],
                    d.equalizer.dfe
                );
                print!("    ");
                for a in &d.chain.amplitudes {
                    print!("{} {:.3e}{} ", a.point, a.outer_pp, a.unit);
                }
                for g in &d.chain.agc {
                    print!(
                        "{} {:.1}{} ",
                        g.name,
                        g.gain,
                        if g.limited { "!" } else { "" }
                    );
                }
                println!();
                print!("    ");
                for b in &r.budget {
                    print!("{} {:.1}%  ", b.source.name(), b.share * 100.);
                }
                println!();
            }
        }
    }
}
