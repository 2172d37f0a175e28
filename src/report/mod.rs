//! Answers as tables and as JSON. Nothing is computed here.
//!
//! - [`json`] holds the documents: plain structures whose field names are the keys of the JSON.
//! - Tables are lists of [`Section`]s of plain text, laid out for a width in columns; a terminal may
//!   set their titles off, the text itself holds no control characters.
//!
//! ```
//! use pamlink::link::config::{LaneRate, Scenario};
//! use pamlink::link::{Architecture, Files, compare};
//! use pamlink::report::{Comparison, comparison_sections};
//!
//! let (scenario, files) = (Scenario::default(), Files::default());
//! let cells = compare(&scenario, &files, &[LaneRate::G100], &[Architecture::Cpo], &|| ())?;
//! let answer = Comparison::new(&scenario, &files, &cells, Default::default());
//! let json = serde_json::to_value(answer.document()?).unwrap();
//! assert_eq!(json["cells"][0]["architecture"], "cpo");
//! let text: String = comparison_sections(&answer, 100)?.iter().map(|s| s.to_string()).collect();
//! assert!(text.contains("100G cpo"));
//! # Ok::<(), pamlink::Error>(())
//! ```

mod channel;
mod codewords;
mod comparison;
mod energy;
pub mod json;
mod kernels;
mod notes;
mod simulation;
mod text;
mod waveform;

pub use channel::{ChannelDocument, channel_sections};
pub use codewords::{CodedDocument, EndToEndDocument};
pub use comparison::{Comparison, comparison_sections};
pub use energy::{
    PricesDocument, ValidationDocument, energy_sections, prices_sections, validation_sections,
};
pub use kernels::{KernelDocument, KernelsDocument, RateDocument, RoofDocument, kernels_sections};
pub use simulation::{SimulatedSegment, SimulationAnswer, SimulationDocument, simulation_sections};
pub use text::Section;
pub use waveform::{LockDocument, WaveformDocument};
