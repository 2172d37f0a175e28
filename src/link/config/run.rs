//! How a link is computed: grids, runs, FEC target, energy node.

use crate::error::{Error, Result, in_range, positive};
use crate::fec::interleave::{LanePlan, Multiplexing};
use crate::fec::{KP4, Multiplex, Path};
use crate::rate::LaneRate;

/// Grids of the statistical engine and the rule of truncation.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct AnalysisConfig {
    /// Length of the time window in unit intervals; the frequency step is the symbol rate over it.
    pub window_ui: usize,
    /// Samples per unit interval of pulses (COM: 32).
    pub samples_per_ui: usize,
    /// Share of a pulse's energy that the time-domain engine convolves with; the rest, a long faint tail,
    /// enters as noise of the same spectrum. The statistical engine truncates nothing.
    pub kept_energy: f64,
    /// Noise that the model may have wrong in either direction, dB; spreads the predicted BER to its
    /// low and high value (ours: 0.5, the ENOB of two good converters differs by that).
    pub uncertainty_db: f64,
    /// Error bursts sampled for the feedback equalizer.
    pub bursts: usize,
}

impl Default for AnalysisConfig {
    fn default() -> Self {
        Self {
            window_ui: 4096,
            samples_per_ui: 32,
            kept_energy: 0.9999,
            uncertainty_db: 0.5,
            bursts: 20_000,
        }
    }
}

impl AnalysisConfig {
    pub(in super::super) fn validate(&self, name: &str) -> Result<()> {
        for (field, value, min, max) in [
            ("window_ui", self.window_ui as f64, 256.0, 65536.0),
            ("samples_per_ui", self.samples_per_ui as f64, 8.0, 128.0),
            ("kept_energy", self.kept_energy, 0.99, 1.0),
            ("uncertainty_db", self.uncertainty_db, 0.0, 10.0),
            ("bursts", self.bursts as f64, 100.0, 1e7),
        ] {
            in_range(format!("{name}.{field}"), value, min, max)?;
        }
        if !self.window_ui.is_power_of_two() {
            return Err(Error::OutOfRange {
                name: format!("{name}.window_ui (a power of two)").into(),
                value: self.window_ui as f64,
                min: 256.0,
                max: 65536.0,
            });
        }
        Ok(())
    }
}

/// What the time-domain engine sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Pattern {
    /// Independent random symbols.
    #[default]
    Random,
    /// PRBS13Q, every stream from its own place in the sequence.
    Prbs13q,
    /// PRBS31Q, every stream from its own place in the sequence.
    Prbs31q,
    /// SSPRQ from its start.
    Ssprq,
}

/// Which time-domain engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Engine {
    /// One sample per symbol, linear, at the designed phase.
    #[default]
    Baud,
    /// Several samples per symbol through every nonlinearity, sampled where the clock recovery says.
    Waveform,
}

/// What the clock recovery of the waveform compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum TimingDetector {
    /// Samples and decisions, linear.
    #[default]
    MuellerMuller,
    /// The same by signs.
    SignMuellerMuller,
    /// The sign of the sample between two symbols.
    Alexander,
    /// The sample between two symbols, without decisions.
    Gardner,
}

/// Sampling phase of the waveform engine.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct TimingConfig {
    /// Whether a loop finds and tracks the phase; otherwise the designed phase is kept.
    pub recovered: bool,
    /// What the loop compares.
    pub detector: TimingDetector,
    /// Bandwidth of the loop, Hz (4 MHz: the corner of the reference clock recovery of the PAM4 clauses).
    pub bandwidth_hz: f64,
    /// Symbols that share a phase: the parallelism of the receiver.
    pub block: usize,
    /// Blocks between a detector's output and its effect, beyond the one that it comes from.
    pub latency_blocks: usize,
    /// Clock of the transmitter over that of the receiver, minus one, ppm.
    pub ppm_offset: f64,
}

impl Default for TimingConfig {
    fn default() -> Self {
        Self {
            recovered: true,
            detector: TimingDetector::MuellerMuller,
            bandwidth_hz: 4e6,
            block: 64,
            latency_blocks: 0,
            ppm_offset: 0.0,
        }
    }
}

impl TimingConfig {
    fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.bandwidth_hz"), self.bandwidth_hz, 1e3, 1e9)?;
        in_range(format!("{name}.block"), self.block as f64, 16.0, 256.0)?;
        if !self.block.is_multiple_of(16) {
            return Err(Error::OutOfRange {
                name: format!("{name}.block (a multiple of 16)").into(),
                value: self.block as f64,
                min: 16.0,
                max: 256.0,
            });
        }
        in_range(
            format!("{name}.latency_blocks"),
            self.latency_blocks as f64,
            0.0,
            64.0,
        )?;
        in_range(
            format!("{name}.ppm_offset"),
            self.ppm_offset,
            -1000.0,
            1000.0,
        )?;
        if !self.recovered && self.ppm_offset != 0.0 {
            return Err(Error::OutOfRange {
                name: format!("{name}.ppm_offset (without recovered timing)").into(),
                value: self.ppm_offset,
                min: 0.0,
                max: 0.0,
            });
        }
        Ok(())
    }
}

/// Runs of the time-domain engine.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct SimulationConfig {
    /// Symbols of one independent run that are counted.
    pub run_symbols: u64,
    /// Symbols before them that are not.
    pub warmup_symbols: u64,
    /// Streams that a run simulates side by side; the feedback kernel needs many.
    pub streams: usize,
    /// What is sent.
    pub pattern: Pattern,
    /// Whether codewords of random messages are sent instead, and decoded.
    pub fec: bool,
    /// Which engine.
    pub engine: Engine,
    /// Samples per unit interval of the waveform engine.
    pub samples_per_ui: usize,
    /// Streams that a run of the waveform engine simulates side by side.
    pub waveform_streams: usize,
    /// Sampling phase of the waveform engine.
    pub timing: TimingConfig,
    /// Whether the waveform engine adapts the taps at the start instead of taking the designed ones.
    pub adapt: bool,
}

impl Default for SimulationConfig {
    fn default() -> Self {
        Self {
            run_symbols: 1 << 22,
            warmup_symbols: 1 << 16,
            streams: 32,
            pattern: Pattern::Random,
            fec: false,
            engine: Engine::Baud,
            samples_per_ui: 8,
            waveform_streams: 16,
            timing: TimingConfig::default(),
            adapt: false,
        }
    }
}

impl SimulationConfig {
    pub(super) fn validate(&self, name: &str) -> Result<()> {
        in_range(
            format!("{name}.run_symbols"),
            self.run_symbols as f64,
            1024.0,
            1e12,
        )?;
        in_range(
            format!("{name}.warmup_symbols"),
            self.warmup_symbols as f64,
            0.0,
            1e9,
        )?;
        in_range(format!("{name}.streams"), self.streams as f64, 1.0, 256.0)?;
        in_range(
            format!("{name}.samples_per_ui"),
            self.samples_per_ui as f64,
            4.0,
            32.0,
        )?;
        in_range(
            format!("{name}.waveform_streams"),
            self.waveform_streams as f64,
            1.0,
            256.0,
        )?;
        self.timing.validate(&format!("{name}.timing"))?;
        if self.fec && self.pattern != Pattern::Random {
            return Err(Error::WrongType {
                name: format!("{name}.pattern").into(),
                value: format!("{:?}", self.pattern).to_lowercase(),
                expected: "random where codewords are sent".into(),
            });
        }
        Ok(())
    }
}

/// How the PCS lanes of a port share a physical lane, [`Multiplex`] without its number of lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LaneMultiplex {
    /// Whole 10-bit symbols in turn.
    #[default]
    Symbol,
    /// Bits in turn, neighbouring lanes carrying different words.
    Bit,
    /// Bits in turn, all lanes carrying the same word.
    BitInStep,
}

/// Outer code: its target and its way over a lane.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct FecConfig {
    /// Codeword failure ratio that must not be exceeded (1.45e-11: 6e-11 frame loss at 4-way interleave).
    pub target_cer: f64,
    /// Codewords interleaved.
    pub interleave: usize,
    /// How PCS lanes share a physical lane; by rate, [`Multiplexing`].
    pub multiplex: LaneMultiplex,
    /// PCS lanes that share it bit by bit, an even number of 2 to 8 that divides the length of a word;
    /// without meaning for whole symbols.
    pub pcs_lanes: usize,
    /// Whether every segment precodes, 1/(1+D) modulo 4.
    pub precoding: bool,
}

impl Default for FecConfig {
    /// Four words symbol by symbol, no precoding.
    fn default() -> Self {
        Self {
            target_cer: 1.45e-11,
            interleave: 4,
            multiplex: LaneMultiplex::Symbol,
            pcs_lanes: 4,
            precoding: false,
        }
    }
}

impl FecConfig {
    /// The defaults of a lane rate: multiplexing by the table of [`Multiplexing`].
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        let gbps = match rate {
            LaneRate::G100 => 100,
            LaneRate::G200 => 200,
        };
        let mut config = Self::default();
        if let Some(known) = Multiplexing::of_lane(gbps) {
            (config.multiplex, config.pcs_lanes) = match known.multiplex {
                Multiplex::Symbol => (LaneMultiplex::Symbol, config.pcs_lanes),
                Multiplex::Bit { lanes } => (LaneMultiplex::Bit, lanes),
                Multiplex::BitInStep { lanes } => (LaneMultiplex::BitInStep, lanes),
            };
        }
        config
    }

    /// What lies between the codewords and the PAM4 symbols of a lane.
    #[must_use]
    pub fn path(&self) -> Path {
        let lanes = self.pcs_lanes;
        Path {
            interleave: self.interleave,
            multiplex: match self.multiplex {
                LaneMultiplex::Symbol => Multiplex::Symbol,
                LaneMultiplex::Bit => Multiplex::Bit { lanes },
                LaneMultiplex::BitInStep => Multiplex::BitInStep { lanes },
            },
            precoding: self.precoding,
        }
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        positive(format!("{name}.target_cer"), self.target_cer)?;
        in_range(format!("{name}.target_cer"), self.target_cer, 1e-300, 0.5)?;
        let interleave = self.interleave as f64;
        in_range(format!("{name}.interleave"), interleave, 1.0, 64.0)?;
        if LanePlan::new(&KP4, &self.path()).is_err() || self.path().multiplex.lanes() > 8 {
            return Err(Error::OutOfRange {
                name: format!("{name}.pcs_lanes (an even number that divides 544)").into(),
                value: self.pcs_lanes as f64,
                min: 2.0,
                max: 8.0,
            });
        }
        Ok(())
    }
}

/// Technology of the two ends.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct EnergyConfig {
    /// Node of the module's DSP, nm (16, 7, 5 or 3).
    pub module_node_nm: u32,
    /// Node of the host, nm.
    pub host_node_nm: u32,
}

impl Default for EnergyConfig {
    fn default() -> Self {
        Self {
            module_node_nm: 5,
            host_node_nm: 5,
        }
    }
}
