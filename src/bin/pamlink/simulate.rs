//! `pamlink simulate`.

use clap::Args;

use pamlink::link::config::LaneRate;
use pamlink::link::{Agreement, Architecture, cell, coded_end_to_end, simulate_segment};
use pamlink::report::{SimulatedSegment, SimulationAnswer, simulation_sections};
use pamlink::{Error, Result};

use super::options::{Common, whole};
use super::progress::Progress;
use super::{Outcome, output};

/// Arguments of `simulate`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Lane rate, 100G or 200G
    #[arg(long, value_name = "RATE", default_value = "100G")]
    lane_rate: LaneRate,
    /// Architecture: retimed, lro, lpo or cpo
    #[arg(long, value_name = "NAME", default_value = "lpo")]
    architecture: Architecture,
    /// Symbols of each segment, such as 1e8; rounded up to whole runs
    #[arg(long, value_name = "N", default_value = "1e8", value_parser = count, allow_hyphen_values = true)]
    symbols: u64,
    #[arg(
        long,
        help = "Send KP4 codewords and decode them [settings: fec.interleave, fec.multiplex, \
                fec.pcs_lanes, fec.precoding]"
    )]
    fec: bool,
}

fn count(text: &str) -> Result<u64> {
    whole("number of symbols", 1e15, text)
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut setup = arguments.common.setup()?;
    let rate = arguments.lane_rate;
    if arguments.fec {
        let config = setup.scenario.rate_mut(rate);
        config.simulation.fec = true;
        config.validate()?;
    }
    let scenario = &setup.scenario;
    let config = scenario.rate(rate);
    let channels = setup.files.channels(config)?;
    let cell = cell(
        arguments.architecture,
        rate,
        config,
        &channels,
        scenario.seed,
    )?;
    let result = match &cell.result {
        Ok(result) => result,
        Err(reason) => {
            return Err(Error::NoData {
                cell: format!("{rate} {}", arguments.architecture),
                reason: reason.clone(),
            });
        }
    };
    let mut segments = Vec::new();
    for (index, report) in result.segments.iter().enumerate() {
        let progress = Progress::new(report.segment.name, arguments.symbols);
        let agreement = simulate_segment(
            result,
            index,
            config,
            arguments.symbols,
            scenario.seed,
            setup.level,
            &|symbols| progress.advance(symbols),
        )?;
        let seconds = progress.seconds();
        segments.push(SimulatedSegment {
            msym_per_s: agreement.simulation.errors.symbols as f64 / seconds * 1e-6,
            seconds,
            agreement,
        });
    }
    let agreements: Vec<_> = segments.iter().map(|s| s.agreement.clone()).collect();
    let answer = SimulationAnswer {
        scenario,
        cell: &cell,
        result,
        total: Agreement::new(result, &agreements)?,
        coded: coded_end_to_end(&agreements)?,
        segments: &segments,
    };
    if arguments.common.json {
        output::json(&answer.document())?;
    } else {
        output::sections(&simulation_sections(&answer, output::width()))?;
    }
    Ok(Outcome::Done)
}
