//! All cells of a scenario side by side.

use std::path::PathBuf;

use crate::channel::{Channel, PortOrder, detect_port_order, read_touchstone};
use crate::error::Result;
use crate::rate::LaneRate;

use super::architecture::{Architecture, HostChannels};
use super::cell::{Cell, cell};
use super::config::{LinkConfig, Scenario};
use super::crosstalk::CrosstalkChannels;

/// Channels given by files; without one the built-in lines stand in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Files {
    /// Near host channel, from host to module.
    pub near: Option<Channel>,
    /// Far host channel, also from its host to its module; the near one where there is none.
    pub far: Option<Channel>,
    /// Coupling from other transmitters, far-end ones from host to module.
    pub crosstalk: CrosstalkChannels,
}

/// Where [`Files`] are read from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilePaths {
    /// Near host channel.
    pub near: Option<PathBuf>,
    /// Far host channel.
    pub far: Option<PathBuf>,
    /// Far-end aggressors: coupling from another lane's transmitter at the host to the victim's module.
    pub fext: Vec<PathBuf>,
    /// Near-end aggressors: coupling from a transmitter of the module to the victim at the same end.
    pub next: Vec<PathBuf>,
    /// Port order of all files; detected where none is given.
    pub port_order: Option<PortOrder>,
}

impl Files {
    /// Reads channel and coupling files.
    ///
    /// A coupling file does not say its port order by its data: without one given it is that of the near
    /// channel's file, or the far one's.
    ///
    /// # Errors
    /// Those of [`Channel::from_file`]; a coupling file whose order neither is given nor follows from a
    /// channel file.
    pub fn read(paths: &FilePaths) -> Result<Self> {
        let order = paths.port_order;
        let channel = |path: &Option<PathBuf>| {
            let read = |path: &PathBuf| Channel::from_file(path, order);
            path.as_ref().map(read).transpose()
        };
        let (near, far) = (channel(&paths.near)?, channel(&paths.far)?);
        let mut coupling_order = order;
        if !(paths.fext.is_empty() && paths.next.is_empty()) {
            for path in [&paths.near, &paths.far].into_iter().flatten() {
                if coupling_order.is_none() {
                    coupling_order = detect_port_order(&read_touchstone(path)?);
                }
            }
        }
        let coupling = |paths: &[PathBuf]| {
            let read = |path: &PathBuf| Channel::from_file(path, coupling_order);
            paths.iter().map(read).collect::<Result<Vec<_>>>()
        };
        Ok(Self {
            crosstalk: CrosstalkChannels {
                fext: coupling(&paths.fext)?,
                next: coupling(&paths.next)?,
            },
            near,
            far,
        })
    }

    /// The channels of a lane rate: the files', or the built-in lines with the configured losses.
    pub fn channels(&self, config: &LinkConfig) -> Result<HostChannels> {
        let built_in = HostChannels::built_in(config)?;
        let channels = match (&self.near, &self.far) {
            (Some(near), far) => HostChannels::measured(near.clone(), far.as_ref()),
            (None, Some(far)) => HostChannels {
                near: built_in.near,
                far: far.reversed(),
                ..built_in
            },
            (None, None) => built_in,
        };
        Ok(HostChannels {
            crosstalk: self.crosstalk.clone(),
            ..channels
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
