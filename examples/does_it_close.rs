//! One link, from a channel to a verdict: does it close, with which equalizer, at what energy?
//!
//! Run with a Touchstone file as argument, or without one for the built-in 10 dB line:
//! `cargo run --release --example does_it_close -- channel.s4p`

use std::path::Path;

use pamlink::channel::Channel;
use pamlink::link::config::{LaneRate, LinkConfig};
use pamlink::link::{Architecture, Files, cell};

fn main() -> pamlink::Result<()> {
    let near = match std::env::args().nth(1) {
        Some(file) => Some(Channel::from_file(Path::new(&file), None)?),
        None => None,
    };
    let config = LinkConfig::for_rate(LaneRate::G100);
    let channels = Files {
        near,
        ..Files::default()
    }
    .channels(&config)?;
    for architecture in [Architecture::Lro, Architecture::Lpo] {
        let cell = cell(architecture, LaneRate::G100, &config, &channels, 1)?;
        println!(
            "{architecture} over {}",
            cell.channel.replace("; ", ";\n  ")
        );
        let result = match cell.result {
            Ok(result) => result,
            Err(reason) => {
                println!("  no data: {reason}");
                continue;
            }
        };
        println!(
            "  closes: {}, margin {:+.1} dB, {:.1} W in the module, {:.2} W in the host",
            result.closes,
            result.margin_db,
            result.energy.module_w.nominal,
            result.energy.host_w.nominal,
        );
        for report in &result.segments {
            let analysis = &report.analysis;
            println!(
                "  {}: SNR {:.2} dB, BER {:.1e}",
                report.segment.name, analysis.snr_db, analysis.ber
            );
            for line in &analysis.budget {
                println!(
                    "    {:<15} {:5.1} %",
                    line.source.name(),
                    100.0 * line.share
                );
            }
        }
    }
    Ok(())
}
