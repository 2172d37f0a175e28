//! All cells of a scenario side by side.

use crate::channel::Channel;
use crate::error::Result;
use crate::rate::LaneRate;

use super::architecture::{Architecture, HostChannels};
use super::cell::{Cell, cell};
use super::config::{LinkConfig, Scenario};

/// Channels given by files; without one the built-in lines stand in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Files {
    /// Near host channel, from host to module.
    pub near: Option<Channel>,
    /// Far host channel, also from its host to its module; the near one where there is none.
    pub far: Option<Channel>,
}

impl Files {
    /// The channels of a lane rate: the files', or the built-in lines with the configured losses.
    pub fn channels(&self, config: &LinkConfig) -> Result<HostChannels> {
        let built_in = HostChannels::built_in(config)?;
        Ok(match (&self.near, &self.far) {
            (Some(near), far) => HostChannels::measured(near.clone(), far.as_ref()),
            (None, Some(far)) => HostChannels {
                near: built_in.near,
                far: far.reversed(),
            },
            (None, None) => built_in,
        })
    }
}

/// Computes the chosen cells, in order: lane rates outside, architectures inside.
///
/// With the `rayon` feature cells run side by side; the answer does not depend on it.
/// `progress` is called as each cell is done.
pub fn compare(
    scenario: &Scenario,
    files: &Files,
    rates: &[LaneRate],
    architectures: &[Architecture],
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<Cell>> {
    let mut jobs = Vec::new();
    for &rate in rates {
        let config = scenario.rate(rate);
        config.validate()?;
        let channels = files.channels(config)?;
        for &architecture in architectures {
            jobs.push((rate, architecture, channels.clone()));
        }
    }
    let one = |(rate, architecture, channels): &(LaneRate, Architecture, HostChannels)| {
        let config = scenario.rate(*rate);
        let done = cell(*architecture, *rate, config, channels, scenario.seed);
        progress();
        done
    };
    run_all(&jobs, one)
}

#[cfg(feature = "rayon")]
fn run_all<J: Sync, T: Send>(
    jobs: &[J],
    one: impl Fn(&J) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    use rayon::prelude::*;
    jobs.par_iter().map(one).collect()
}

#[cfg(not(feature = "rayon"))]
fn run_all<J, T>(jobs: &[J], one: impl Fn(&J) -> Result<T>) -> Result<Vec<T>> {
    jobs.iter().map(one).collect()
}
