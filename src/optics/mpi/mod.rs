//! Multipath interference: light that two reflections delay beats with the light that came straight.

mod penalty;
pub mod reference;
#[cfg(test)]
mod tests;

pub use penalty::{amplitude_of_reflections, upper_bound_penalty_db, worst_case_penalty_db};

use crate::error::{Error, Result, finite, in_range, length};
use crate::random::Gauss;
use crate::simd::Level;
use crate::units::db_to_amplitude;

use super::detector::kernel;

/// Settings of an [`Mpi`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct MpiConfig {
    /// Power of the delayed light over that of the direct light, dB: for two reflections the sum of their
    /// reflectances (ours: -60, from two of -30 dB).
    pub ratio_db: f64,
    /// Difference of optical phase at the first symbol, rad (0: the two add).
    pub start_rad: f64,
    /// Standard deviation of its change per interval, rad (ours: 0.1); see [`walk_step_rad`].
    pub step_rad: f64,
    /// Symbols over which the phase stands still (ours: 1024).
    pub interval_symbols: u64,
    /// Seed of the walk.
    pub seed: u64,
    /// Stream of the walk; one that nothing else uses with this seed.
    pub stream: u64,
}

impl Default for MpiConfig {
    fn default() -> Self {
        Self {
            ratio_db: -60.0,
            start_rad: 0.0,
            step_rad: 0.1,
            interval_symbols: 1024,
            seed: 0,
            stream: 0,
        }
    }
}

/// Step of the walk of a phase of a given linewidth: `sqrt(2 pi linewidth interval)`, rad.
#[must_use]
pub fn walk_step_rad(linewidth_hz: f64, interval_s: f64) -> f64 {
    (2.0 * std::f64::consts::PI * linewidth_hz * interval_s).sqrt()
}

/// One interfering path: a delayed, weak copy of the light, its phase against the direct light wandering
/// slowly.
///
/// **Equation.** `E + sqrt(rho) exp(j phi) E_d` with the delayed field `E_d` and the power ratio `rho`. Where
/// neither field carries a phase of its own, the power is
///
/// `P + rho P_d + 2 sqrt(rho) sqrt(P P_d) cos phi`,
///
/// the standard model of interference in one polarisation, the worst one. `phi` stands still over intervals
/// of symbols and walks between them: `phi[k+1] = phi[k] + step z[k]`, `z` standard normal. It is a model of
/// the slow drift that makes interference a matter of chance; fast phase noise of the laser over long delays
/// is not in it.
///
/// **Indices.** The phase is a function of the absolute number of a symbol, so any split of a stream gives
/// the same bits. A slice holds one sample per symbol: of a waveform at m samples per symbol, each of the m
/// planes is handed over in turn, with the same state and first symbol. `delayed` holds the power of the
/// delayed light at the same instants: for a delay in whole symbols, a plane's own past. Light delayed beyond
/// what is kept is taken at its mean by [`Mpi::apply_mean`].
///
/// Several paths: one plan each, one after the other; what a path does to the next is of the order of both
/// ratios together.
///
/// **Numeric contract.** Within 5e-7 of `P + P_d` of the equation. The same bits at every level at one phase;
/// the walk is the same at the FMA levels (see [`Gauss`]). NaN stays NaN.
///
/// **Cost.** Six products and a square root per sample; per interval one normal number.
///
/// **Reference.** The power of two beating fields; its use for links: V. Bhatt, J. King, B. Smith, "Estimating
/// MPI Penalty", IEEE 802.3bs, January 2016.
///
/// ```
/// use pamlink::optics::mpi::{Mpi, MpiConfig};
///
/// let mpi = Mpi::new(&MpiConfig { ratio_db: -40.0, ..MpiConfig::default() })?;
/// let state = mpi.state();
/// let mut p = [1e-3; 4]; // W
/// mpi.apply(&state, 0, &mut p, &[1e-3; 4])?;
/// assert!((p[0] / 1e-3 - 1.01 * 1.01).abs() < 1e-5); // in phase: (1 + 0.01)^2
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Mpi {
    config: MpiConfig,
    amplitude: f64,
    walk: Gauss,
    level: Level,
}

/// Where the walk of the phase stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MpiState {
    interval: u64,
    phase_rad: f64,
}

impl Mpi {
    /// A plan at the level of [`Level::best`].
    pub fn new(config: &MpiConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a named level.
    pub fn with_level(config: &MpiConfig, level: Level) -> Result<Self> {
        in_range("ratio_db", config.ratio_db, -200.0, 0.0)?;
        finite("start_rad", config.start_rad)?;
        in_range("step_rad", config.step_rad, 0.0, 1e3)?;
        if config.interval_symbols == 0 {
            return Err(Error::NotPositive {
                name: "interval_symbols".into(),
                value: 0.0,
            });
        }
        Ok(Self {
            config: *config,
            amplitude: db_to_amplitude(config.ratio_db),
            walk: Gauss::new(config.seed, config.stream).with_level(level),
            level,
        })
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &MpiConfig {
        &self.config
    }

    /// The walk at the first symbol.
    #[must_use]
    pub fn state(&self) -> MpiState {
        MpiState {
            interval: 0,
            phase_rad: self.config.start_rad,
        }
    }

    /// Walks on to the interval of a symbol; one in the past leaves the state where it is.
    pub fn advance(&self, state: &mut MpiState, symbol: u64) {
        let target = symbol / self.config.interval_symbols;
        let mut z = [0.0f32; 64];
        while state.interval < target {
            let n = (target - state.interval).min(64) as usize;
            self.walk.fill(state.interval, &mut z[..n]);
            for z in &z[..n] {
                state.phase_rad += self.config.step_rad * f64::from(*z);
            }
            state.interval += n as u64;
        }
    }

    /// Phase at a symbol, rad, unwrapped.
    #[must_use]
    pub fn phase_rad(&self, state: &MpiState, symbol: u64) -> f64 {
        let mut at = *state;
        self.advance(&mut at, symbol);
        at.phase_rad
    }

    /// Calls `part` for every stretch of constant phase: its range in the slice and the phase.
    fn stretches(
        &self,
        state: &MpiState,
        first_symbol: u64,
        len: usize,
        mut part: impl FnMut(std::ops::Range<usize>, f64),
    ) -> Result<()> {
        let size = self.config.interval_symbols;
        if first_symbol / size < state.interval {
            return Err(Error::OutOfRange {
                name: "first symbol".into(),
                value: first_symbol as f64,
                min: state.interval as f64 * size as f64,
                max: u64::MAX as f64,
            });
        }
        let (mut at, mut done, mut symbol) = (*state, 0, first_symbol);
        while done < len {
            self.advance(&mut at, symbol);
            let left = size - symbol % size;
            let n = left.min((len - done) as u64) as usize;
            part(done..done + n, at.phase_rad);
            done += n;
            symbol = symbol.wrapping_add(n as u64);
        }
        Ok(())
    }

    /// Adds the interference of delayed light to a power, in place, W; symbol `first_symbol + n` at entry
    /// `n`.
    ///
    /// # Errors
    /// Lengths that differ; a first symbol before the interval of the state. `p` is then unchanged.
    pub fn apply(
        &self,
        state: &MpiState,
        first_symbol: u64,
        p: &mut [f32],
        delayed: &[f32],
    ) -> Result<()> {
        length("delayed power", p.len(), delayed.len())?;
        let (level, a) = (self.level, self.amplitude);
        self.stretches(state, first_symbol, p.len(), |range, phase| {
            let cross = (2.0 * a * phase.cos()) as f32;
            kernel::interfere(
                level,
                &mut p[range.clone()],
                &delayed[range],
                (a * a) as f32,
                cross,
            );
        })
    }

    /// The same with delayed light of constant power, W.
    pub fn apply_mean(
        &self,
        state: &MpiState,
        first_symbol: u64,
        p: &mut [f32],
        mean_w: f64,
    ) -> Result<()> {
        in_range("mean_w", mean_w, 0.0, 1e6)?;
        let (level, a) = (self.level, self.amplitude);
        self.stretches(state, first_symbol, p.len(), |range, phase| {
            let cross = (2.0 * a * mean_w.sqrt() * phase.cos()) as f32;
            kernel::interfere_mean(level, &mut p[range], (a * a * mean_w) as f32, cross);
        })
    }

    /// Adds a delayed field to a field, in place, sqrt(W): `E + sqrt(rho) exp(j phi) E_d`.
    ///
    /// # Errors
    /// As of [`Mpi::apply`].
    pub fn apply_field(
        &self,
        state: &MpiState,
        first_symbol: u64,
        (re, im): (&mut [f32], &mut [f32]),
        (delayed_re, delayed_im): (&[f32], &[f32]),
    ) -> Result<()> {
        length("imaginary part", re.len(), im.len())?;
        length("delayed real part", re.len(), delayed_re.len())?;
        length("delayed imaginary part", re.len(), delayed_im.len())?;
        let (level, amplitude) = (self.level, self.amplitude);
        self.stretches(state, first_symbol, re.len(), |range, phase| {
            let (c, s) = (
                (amplitude * phase.cos()) as f32,
                (amplitude * phase.sin()) as f32,
            );
            let (u, w) = (&delayed_re[range.clone()], &delayed_im[range.clone()]);
            kernel::add_turned(level, &mut re[range.clone()], u, w, c, s);
            kernel::add_turned(level, &mut im[range], u, w, s, -c);
        })
    }
}
