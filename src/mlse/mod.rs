//! Maximum-likelihood sequence estimation: the Viterbi algorithm on the trellis of a short
//! partial response.

pub mod cost;
mod engine;
mod kernel;
mod kernel16;
mod machine;
mod reduced;
pub mod reference;
mod single;
mod soft;
mod soft_kernel;
#[cfg(test)]
mod tests;
mod trellis;

use ndarray::{ArrayBase, ArrayView2, ArrayViewMut2};

pub use engine::MlseState;
pub use single::Seams;

use engine::{CHUNK, Input, Output};
use machine::Machine;
use trellis::{Trellis4, Trellis16};

use crate::error::{Error, Result, finite, in_range, length};
use crate::{Level, pam4};

/// The most streams that one state serves.
const MAX_STREAMS: f64 = 1_048_576.0;

/// What a [`Mlse`] takes the channel to be.
#[derive(Debug, Clone, PartialEq)]
pub struct MlseConfig {
    /// Response `h` of the channel at baud: `h[0]` weighs the newest symbol and is not zero, `h[k]`
    /// the symbol `k` before it. Two entries make a trellis of 4 states, three one of 16.
    pub response: Vec<f32>,
    /// Four states for a response of three: the state is the last symbol, and the symbol before it is taken
    /// from the survivor of the state (decision-feedback sequence estimation). No effect on two.
    pub reduced: bool,
    /// Values of the symbols 0..=3, strictly rising.
    pub levels: [f32; 4],
    /// How many samples beyond a block of symbols a stream waits before it decides the block; even,
    /// 2..=128. Only `process` depends on it.
    pub depth: usize,
}

impl Default for MlseConfig {
    /// `1 + 0.5 D`, levels -3, -1, 1, 3, depth 64.
    fn default() -> Self {
        Self {
            response: vec![1.0, 0.5],
            reduced: false,
            levels: pam4::LEVELS,
            depth: 64,
        }
    }
}

/// Finds the likeliest symbols behind the samples of a short response in white Gaussian noise.
#[derive(Debug, Clone)]
pub struct Mlse {
    config: MlseConfig,
    machine: Machine,
    level: Level,
}

impl Mlse {
    /// A detector at the best SIMD level of this machine.
    pub fn new(config: &MlseConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A detector at a given SIMD level.
    pub fn with_level(config: &MlseConfig, level: Level) -> Result<Self> {
        check(config)?;
        let (response, levels) = (&config.response, &config.levels);
        Ok(Self {
            machine: match (config.response.len(), config.reduced) {
                (3, false) => Machine::Sixteen(Trellis16::new(response, levels, false)),
                (3, true) => Machine::Reduced(Trellis16::new(response, levels, true)),
                _ => Machine::Four(Trellis4::new(response, levels)),
            },
            config: config.clone(),
            level,
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &MlseConfig {
        &self.config
    }

    /// A state for `streams` independent streams at their start.
    pub fn state(&self, streams: usize) -> Result<MlseState> {
        in_range("streams", streams as f64, 1.0, MAX_STREAMS)?;
        Ok(MlseState::new(streams, self.level, &self.machine))
    }

    /// Takes the next samples of interleaved streams, `x[n * streams + s]`, and writes the symbols
    /// that are decided by now, [`MlseState::ready`] of each stream, interleaved alike.
    pub fn process_interleaved(
        &self,
        state: &mut MlseState,
        x: &[f32],
        d: &mut [u8],
    ) -> Result<()> {
        let streams = state.streams();
        state.check(self.level, &self.machine)?;
        let n = x.len() / streams;
        length("x", n * streams, x.len())?;
        length("d", state.ready(n) * streams, d.len())?;
        state.run(self, &Input::Woven(x), n, &mut Output::Woven(d));
        Ok(())
    }

    /// The same for streams as rows, `[lane, n]` with contiguous rows; `d` has [`MlseState::ready`]
    /// columns.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn process_lanes(
        &self,
        state: &mut MlseState,
        x: ArrayView2<'_, f32>,
        mut d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        state.check(self.level, &self.machine)?;
        length("x (lanes)", state.streams(), x.nrows())?;
        length("d (lanes)", state.streams(), d.nrows())?;
        length("d (samples)", state.ready(x.ncols()), d.ncols())?;
        let n = x.ncols();
        let x = rows("x", &x)?;
        let d = rows_mut("d", &mut d)?;
        state.run(self, &Input::Rows(x), n, &mut Output::Rows(d));
        Ok(())
    }

    /// Decides what is left of interleaved streams, [`MlseState::pending`] symbols each, and starts
    /// the state again.
    pub fn flush_interleaved(&self, state: &mut MlseState, d: &mut [u8]) -> Result<()> {
        state.check(self.level, &self.machine)?;
        length("d", state.pending() * state.streams(), d.len())?;
        state.finish(self, &mut Output::Woven(d));
        Ok(())
    }

    /// Decides what is left of streams as rows: `d` has [`MlseState::pending`] columns.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn flush_lanes(&self, state: &mut MlseState, mut d: ArrayViewMut2<'_, u8>) -> Result<()> {
        state.check(self.level, &self.machine)?;
        length("d (lanes)", state.streams(), d.nrows())?;
        length("d (samples)", state.pending(), d.ncols())?;
        let d = rows_mut("d", &mut d)?;
        state.finish(self, &mut Output::Rows(d));
        Ok(())
    }
}

fn check(config: &MlseConfig) -> Result<()> {
    let MlseConfig {
        response,
        levels,
        depth,
        reduced: _,
    } = config;
    if response.is_empty() {
        return Err(Error::Empty {
            name: "response".into(),
        });
    }
    in_range("response (entries)", response.len() as f64, 2.0, 3.0)?;
    for (k, &h) in response.iter().enumerate() {
        finite(format!("response[{k}]"), f64::from(h))?;
    }
    if response[0] == 0.0 {
        return Err(Error::OutOfRange {
            name: "response[0] (magnitude)".into(),
            value: 0.0,
            min: f64::from(f32::MIN_POSITIVE),
            max: f64::from(f32::MAX),
        });
    }
    for (i, &level) in levels.iter().enumerate() {
        finite(format!("levels[{i}]"), f64::from(level))?;
    }
    if let Some(index) = (1..4).find(|&i| levels[i] <= levels[i - 1]) {
        return Err(Error::NotIncreasing {
            name: "levels".into(),
            index,
            previous: levels[index - 1].into(),
            value: levels[index].into(),
        });
    }
    in_range("depth", *depth as f64, 2.0, CHUNK as f64)?;
    in_range("depth (remainder by 2)", (*depth % 2) as f64, 0.0, 0.0)?;
    Ok(())
}

fn rows<'a>(name: &'static str, x: &'a ArrayView2<'_, f32>) -> Result<Vec<&'a [f32]>> {
    let rows: Option<Vec<&[f32]>> = (0..x.nrows())
        .map(|i| {
            let row = x.row(i);
            // The row of a view lives as long as the view itself.
            row.to_slice()
        })
        .collect();
    rows.ok_or(Error::NotContiguous { name: name.into() })
}

fn rows_mut<'a>(name: &'static str, d: &'a mut ArrayViewMut2<'_, u8>) -> Result<Vec<&'a mut [u8]>> {
    let rows: Option<Vec<&mut [u8]>> = d
        .rows_mut()
        .into_iter()
        .map(ArrayBase::into_slice)
        .collect();
    rows.ok_or(Error::NotContiguous { name: name.into() })
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Mlse>();
};
