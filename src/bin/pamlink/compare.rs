//! `pamlink compare`.

use std::str::FromStr;

use clap::Args;

use pamlink::energy::fleet::FleetConfig;
use pamlink::link::config::LaneRate;
use pamlink::link::{Architecture, Cell, compare};
use pamlink::report::{Comparison, comparison_sections};
use pamlink::{Error, Result};

use super::options::{Common, Selection, Setup, whole};
use super::progress::Progress;
use super::{Outcome, output};

/// Arguments of `compare`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: Selection,
    /// Exit with 1 unless this cell closes, such as 200G:lpo; repeatable
    #[arg(long, value_name = "RATE:ARCHITECTURE")]
    require: Vec<Requirement>,
    /// Modules of the fleet, such as 3e5 [default: 300000]
    #[arg(long, value_name = "N", value_parser = modules, allow_hyphen_values = true)]
    modules: Option<u64>,
}

fn modules(text: &str) -> Result<u64> {
    whole("number of modules", 1e9, text)
}

/// A cell that must close.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Requirement(LaneRate, Architecture);

impl FromStr for Requirement {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some((rate, architecture)) = text.split_once(':') else {
            return Err(Error::WrongType {
                name: "cell".into(),
                value: text.to_owned(),
                expected: "RATE:ARCHITECTURE, such as 200G:lpo".to_owned(),
            });
        };
        Ok(Self(rate.parse()?, architecture.parse()?))
    }
}

impl Requirement {
    fn is(self, cell: &Cell) -> bool {
        cell.lane_rate == self.0 && cell.architecture == self.1
    }
}

/// Computes the chosen cells with a bar on stderr.
pub(crate) fn cells(setup: &Setup, selection: &Selection) -> Result<Vec<Cell>> {
    let (rates, architectures) = (selection.rates(), selection.architectures());
    let total = rates.len() * architectures.len();
    let progress = Progress::new("cells", total as u64);
    compare(
        &setup.scenario,
        &setup.files,
        &rates,
        &architectures,
        &|| progress.advance(1),
    )
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let setup = arguments.common.setup()?;
    let (rates, architectures) = (
        arguments.selection.rates(),
        arguments.selection.architectures(),
    );
    for required in &arguments.require {
        if !rates.contains(&required.0) || !architectures.contains(&required.1) {
            return Err(Error::WrongType {
                name: "--require".into(),
                value: format!("{}:{}", required.0, required.1),
                expected: "one of the cells that --lane-rate and --architecture choose".to_owned(),
            });
        }
    }
    let mut fleet = FleetConfig::default();
    if let Some(modules) = arguments.modules {
        fleet.modules = modules as f64;
    }
    let cells = cells(&setup, &arguments.selection)?;
    let answer = Comparison {
        scenario: &setup.scenario,
        files: &setup.files,
        cells: &cells,
        fleet,
        level: setup.level,
    };
    if arguments.common.json {
        output::json(&answer.document()?)?;
    } else {
        output::sections(&comparison_sections(&answer, output::width())?)?;
    }
    let closes = |required: &Requirement| {
        let cell = cells.iter().find(|cell| required.is(cell));
        cell.and_then(Cell::closes) == Some(true)
    };
    Ok(if arguments.require.iter().all(closes) {
        Outcome::Done
    } else {
        Outcome::RequirementMissed
    })
}
