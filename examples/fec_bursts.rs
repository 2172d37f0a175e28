//! Error bursts of a feedback equalizer in the codewords of KP4: a linear-optics link with a feedback tap of
//! 0.7 on lossy boards, so noisy that a few seconds show it.
//!
//! `cargo run --release --example fec_bursts -- [LOSS_DB] [INTERLEAVE]`

use pamlink::Level;
use pamlink::link::config::{LaneMultiplex, LaneRate, LinkConfig};
use pamlink::link::{Architecture, HostChannels, design, segments, simulate};

/// The number `at` of the arguments, or a default.
fn argument<T: std::str::FromStr>(at: usize, default: T) -> T {
    std::env::args()
        .nth(at)
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn main() -> pamlink::Result<()> {
    let mut config = LinkConfig::for_rate(LaneRate::G100);
    let loss_db = argument(1, 15.0);
    config.channel.near_loss_db = loss_db;
    config.channel.far_loss_db = loss_db;
    config.receiver.host_linear.dfe_max = 0.7;
    config.simulation.fec = true;
    config.fec.interleave = argument(2, 1);
    config.fec.multiplex = LaneMultiplex::Symbol;

    let channels = HostChannels::built_in(&config)?;
    let specs = segments(Architecture::Lpo, &config, &channels)?;
    for spec in &specs {
        let segment = design(spec, &config.analysis)?;
        println!(
            "{}: feedback taps {:?}",
            segment.name, segment.equalizer.dfe
        );
        let run = simulate(&segment, &config, 1 << 26, 1, Level::best(), &|_| {})?;
        let Some(count) = run.coded else { continue };
        let chain = count.chain()?;
        println!(
            "  {} words; line SER {:.2e}, an error follows a right symbol with {:.2e}, a wrong one with {:.2}",
            count.words,
            count.line_error_ratio(),
            chain.iep(),
            chain.epf(),
        );
        let models = count.models()?;
        println!("  errors    words   measured     bursts  independent");
        for (errors, &words) in count.wrong_symbols.counts().iter().enumerate().take(21) {
            let of = |shares: &[f64]| shares.get(errors).copied().unwrap_or(0.0);
            println!(
                "  {errors:6} {words:8} {:10.2e} {:10.2e}   {:10.2e}",
                of(models.measured.probabilities()),
                of(models.bursts.probabilities()),
                of(models.independent.probabilities()),
            );
        }
        println!(
            "  more than {}: {} words ({:.1e} bursts, {:.1e} independent), {} miscorrected",
            count.code.t,
            count.failures(),
            models.bursts.codeword_error_ratio(&count.code)?,
            models.independent.codeword_error_ratio(&count.code)?,
            count.miscorrected,
        );
    }
    Ok(())
}
