//! Error bursts of a feedback equalizer in the codewords of KP4: a linear-optics link with a feedback tap of
//! 0.7 on lossy boards, its words sent one by one. Errors are rare, so independent ones would hardly ever meet in a
//! word; bursts bring them together.
//!
//! `cargo run --release --example fec_bursts -- [CONVERTER_BITS] [INTERLEAVE]`

use pamlink::Level;
use pamlink::fec::WordErrors;
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
    config.channel.near_loss_db = 15.0;
    config.channel.far_loss_db = 15.0;
    config.receiver.host_linear.enob = argument(1, 5.6);
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
        let run = simulate(&segment, &config, 1 << 28, 1, Level::best(), &|_| {})?;
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
        let five = count.wrong_symbols.at_least(5)?;
        let expected =
            |w: &WordErrors| -> pamlink::Result<f64> { Ok(w.at_least(5)? * count.words as f64) };
        println!(
            "  5 or more: {five} words; bursts {:.1}, independent {:.2}",
            expected(&models.bursts)?,
            expected(&models.independent)?,
        );
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
