//! `pamlink kernels`.

use clap::Args;

use pamlink::kernels::{Effort, survey};
use pamlink::report::{KernelsDocument, kernels_sections};
use pamlink::{Error, Level, Result};

use super::{Outcome, output};

/// Arguments of `kernels`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// SIMD level: baseline, avx2, avx512 or avx512icl; repeatable [default: all that the environment leaves]
    #[arg(long, value_name = "LEVEL")]
    level: Vec<String>,
    /// Check the answers, time nothing
    #[arg(long)]
    check: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// The levels named, or all that the environment leaves; a level that is not there becomes the highest.
    fn levels(&self) -> Result<Vec<Level>> {
        let highest = Level::from_environment()?;
        let mut levels = Level::all();
        levels.retain(|level| *level <= highest);
        if self.level.is_empty() {
            return Ok(levels);
        }
        levels.clear();
        for word in &self.level {
            let level = highest.lowered(word).map_err(|error| match error {
                Error::UnknownWord { value, allowed, .. } => Error::UnknownWord {
                    name: "--level".into(),
                    value,
                    allowed,
                },
                other => other,
            })?;
            levels.push(level);
        }
        levels.sort_unstable();
        levels.dedup();
        Ok(levels)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let effort = if arguments.check {
        Effort::CHECK_ONLY
    } else {
        Effort::default()
    };
    let answer = survey(&arguments.levels()?, effort)?;
    if arguments.json {
        output::json(&KernelsDocument::from(&answer))?;
    } else {
        output::sections(&kernels_sections(&answer, output::width()))?;
    }
    Ok(if answer.passed() {
        Outcome::Done
    } else {
        Outcome::RequirementMissed
    })
}
