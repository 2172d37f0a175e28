//! `pamlink channel`.

use std::path::PathBuf;

use clap::Args;

use pamlink::Result;
use pamlink::channel::{ChannelSummary, PortOrder};
use pamlink::report::{ChannelDocument, channel_sections};

use super::{Outcome, output};

/// Arguments of `channel`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Touchstone file of two or four ports
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Port order, 1-2,3-4 or 1-3,2-4 [default: detected]
    #[arg(long, value_name = "ORDER")]
    port_order: Option<PortOrder>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let summary = ChannelSummary::from_file(&arguments.file, arguments.port_order)?;
    if arguments.json {
        output::json(&ChannelDocument::from(&summary))?;
    } else {
        output::sections(&channel_sections(&summary, output::width()))?;
    }
    Ok(Outcome::Done)
}
