//! `pamlink energy`.

use clap::Args;

use pamlink::Result;
use pamlink::energy::PRICES;
use pamlink::energy::fleet::FleetConfig;
use pamlink::energy::validation::validation_table;
use pamlink::report::{
    Comparison, PricesDocument, ValidationDocument, energy_sections, prices_sections,
    validation_sections,
};

use super::options::{Common, Selection};
use super::{Outcome, compare, output};

/// Options that describe a link; the tables of the model itself do not depend on them.
const LINK: [&str; 10] = [
    "config",
    "set",
    "channel",
    "channel_far",
    "port_order",
    "host_loss_db",
    "seed",
    "threads",
    "lane_rate",
    "architecture",
];

/// Arguments of `energy`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: Selection,
    /// The model against published silicon and modules, misses included; no link is computed
    #[arg(long, conflicts_with = "prices", conflicts_with_all = LINK)]
    validate: bool,
    /// The constants with their bounds, confidence and source; no link is computed
    #[arg(long, conflicts_with_all = LINK)]
    prices: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let json = arguments.common.json;
    let width = output::width();
    if arguments.validate {
        let rows = validation_table()?;
        if json {
            output::json(&ValidationDocument::new(&rows))?;
        } else {
            output::sections(&validation_sections(&rows, width))?;
        }
        return Ok(Outcome::Done);
    }
    if arguments.prices {
        let list = PRICES.list();
        if json {
            output::json(&PricesDocument::new(&PRICES.version, &list))?;
        } else {
            output::sections(&prices_sections(&PRICES.version, &list, width))?;
        }
        return Ok(Outcome::Done);
    }
    let setup = arguments.common.setup()?;
    let cells = compare::cells(&setup, &arguments.selection)?;
    if json {
        let answer = Comparison {
            scenario: &setup.scenario,
            files: &setup.files,
            cells: &cells,
            fleet: FleetConfig::default(),
            level: setup.level,
        };
        output::json(&answer.document()?)?;
    } else {
        let sections = energy_sections(&setup.scenario, &cells, setup.level, width);
        output::sections(&sections)?;
    }
    Ok(Outcome::Done)
}
