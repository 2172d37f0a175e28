//! `pamlink simulate`.

use clap::Args;

use std::sync::atomic::Ordering;
use std::time::Duration;

use pamlink::link::config::{Engine, LaneRate, SimulationConfig};
use pamlink::link::{
    Agreement, Architecture, Watch, cell, coded_end_to_end, simulate_segment_watched,
};
use pamlink::report::{SimulatedSegment, SimulationAnswer, simulation_sections};
use pamlink::{Error, Result};

use super::options::{Common, whole};
use super::progress::Progress;
use super::{Outcome, interrupt, output};

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
    #[arg(
        long,
        help = "Simulate the waveform: several samples to a symbol, clock recovery, what is not linear \
                [settings: simulation.timing, optics.modulator, receiver.*.adc, ...]"
    )]
    waveform: bool,
    /// Samples to a symbol of the waveform, 4 to 32 [default: 8]
    #[arg(long, value_name = "N")]
    samples_per_ui: Option<usize>,
    /// Let the equalizer adapt at the start of the waveform instead of taking the designed taps
    #[arg(long)]
    adapt: bool,
    /// Clock of the waveform's transmitter over that of its receiver, ppm [default: 0]
    #[arg(long, value_name = "PPM", allow_hyphen_values = true)]
    ppm: Option<f64>,
}

impl Arguments {
    /// What the options change in the runs.
    fn apply(&self, runs: &mut SimulationConfig) -> Result<()> {
        runs.fec |= self.fec;
        if self.waveform {
            runs.engine = Engine::Waveform;
        }
        if runs.engine == Engine::Baud {
            let given = [
                (
                    "--samples-per-ui",
                    self.samples_per_ui.map(|n| n.to_string()),
                ),
                ("--adapt", self.adapt.then(|| "given".to_owned())),
                ("--ppm", self.ppm.map(|ppm| ppm.to_string())),
            ];
            if let Some((name, value)) = given.into_iter().find_map(|(n, v)| Some((n, v?))) {
                return Err(Error::WrongType {
                    name: name.into(),
                    value,
                    expected: "left out, or given with --waveform".to_owned(),
                });
            }
        }
        runs.adapt |= self.adapt;
        if let Some(samples) = self.samples_per_ui {
            runs.samples_per_ui = samples;
        }
        if let Some(ppm) = self.ppm {
            runs.timing.ppm_offset = ppm;
        }
        Ok(())
    }
}

fn count(text: &str) -> Result<u64> {
    whole("number of symbols", 1e15, text)
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut setup = arguments.common.setup()?;
    let rate = arguments.lane_rate;
    arguments.apply(&mut setup.scenario.rate_mut(rate).simulation)?;
    setup.scenario.rate(rate).validate()?;
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
    let stop = interrupt::flag();
    let mut segments = Vec::new();
    for (index, report) in result.segments.iter().enumerate() {
        let progress = Progress::new(report.segment.name, arguments.symbols);
        let watch = Watch {
            progress: &|symbols| progress.advance(symbols),
            stop: Some(stop),
        };
        let agreement = simulate_segment_watched(
            result,
            index,
            config,
            arguments.symbols,
            scenario.seed,
            setup.level,
            &watch,
        )?;
        let took = Duration::from_secs_f64(progress.seconds());
        segments.push(SimulatedSegment::new(agreement, took));
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    let agreements: Vec<_> = segments.iter().map(|s| s.agreement.clone()).collect();
    let answer = SimulationAnswer {
        scenario,
        cell: &cell,
        result,
        total: if agreements.len() == result.segments.len() {
            Some(Agreement::new(result, &agreements)?)
        } else {
            None
        },
        asked: arguments.symbols,
        coded: coded_end_to_end(&agreements)?,
        segments: &segments,
    };
    let interrupted = stop.load(Ordering::Relaxed) && !answer.is_whole();
    if arguments.common.json {
        output::json(&answer.document())?;
    } else {
        output::sections(&simulation_sections(&answer, output::width()))?;
    }
    if interrupted {
        let [done, asked] = answer.symbols();
        output::note(&format!("interrupted after {done} of {asked} symbols"));
        return Ok(Outcome::Interrupted);
    }
    Ok(Outcome::Done)
}
