//! The four architectures as lists of segments.

mod crosstalk;

use crate::channel::{BOARD_200G, BOARD_CK, Channel, LineParameters, Package, pulse_grid};
use crate::error::Result;
use crate::frontend::agc::Agc;
use crate::frontend::filter::{LowPass, Shape};
use crate::optics::fiber::dispersion_response;
use crate::optics::modulator::{Modulator, OpticalLevels};
use crate::pam4::levels_with_rlm;
use crate::signal::{FrequencyGrid, Response};
use crate::units::db_to_power;

use super::config::{LaneRate, LinkConfig, PackageSet, ReceiverConfig};
use super::crosstalk::CrosstalkChannels;
use super::spec::{NoiseSource, SegmentSpec, Stage, TxSpec};
use crosstalk::FarDriver;

/// How a module divides the work with its hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum Architecture {
    /// A DSP in both directions of the module: three segments.
    Retimed,
    /// The transmit side retimed, the receive side linear: two segments.
    Lro,
    /// Linear in both directions: one segment from host to host.
    Lpo,
    /// A linear engine beside the host die: one segment with short electrical paths.
    Cpo,
}

impl Architecture {
    /// All four, in the order they are printed.
    pub const ALL: [Self; 4] = [Self::Retimed, Self::Lro, Self::Lpo, Self::Cpo];

    /// `retimed`, `lro`, `lpo` or `cpo`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retimed => "retimed",
            Self::Lro => "lro",
            Self::Lpo => "lpo",
            Self::Cpo => "cpo",
        }
    }

    /// Whether the host channels of a file lie in the path (a co-packaged engine has its own).
    #[must_use]
    pub fn uses_host_channel(self) -> bool {
        self != Self::Cpo
    }
}

impl std::str::FromStr for Architecture {
    type Err = crate::Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|a| a.name().eq_ignore_ascii_case(word))
            .ok_or_else(|| crate::Error::UnknownWord {
                name: "architecture".into(),
                value: word.to_owned(),
                allowed: "retimed, lro, lpo, cpo",
            })
    }
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The electrical channels at the two ends of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct HostChannels {
    /// From the transmitting host to its module.
    pub near: Channel,
    /// From the far module to its host.
    pub far: Channel,
    /// Coupling from other transmitters at both ends; none by default.
    pub crosstalk: CrosstalkChannels,
}

impl HostChannels {
    /// The built-in channels: COM board lines of the lane's generation with the configured losses at
    /// half the symbol rate.
    pub fn built_in(config: &LinkConfig) -> Result<Self> {
        let at = config.baud_hz / 2.0;
        let line = board_line(config);
        Ok(Self {
            near: Channel::trace(config.channel.near_loss_db, at, &line)?,
            far: Channel::trace(config.channel.far_loss_db, at, &line)?,
            crosstalk: CrosstalkChannels::default(),
        })
    }

    /// A channel for the near end and the same channel backwards for the far end, or another one
    /// (given from its host to its module, so it is turned round too).
    #[must_use]
    pub fn measured(near: Channel, far: Option<&Channel>) -> Self {
        let far = far.unwrap_or(&near).reversed();
        Self {
            near,
            far,
            crosstalk: CrosstalkChannels::default(),
        }
    }
}

/// Board line of the generation that a symbol rate belongs to.
fn board_line(config: &LinkConfig) -> LineParameters {
    match generation(config) {
        LaneRate::G100 => BOARD_CK,
        LaneRate::G200 => BOARD_200G,
    }
}

fn generation(config: &LinkConfig) -> LaneRate {
    // Halfway between 53.125 and 106.25 GBd.
    if config.baud_hz < 80e9 {
        LaneRate::G100
    } else {
        LaneRate::G200
    }
}

/// The segments of an architecture, transmitting host first.
///
/// Retimed: `host to module`, `line`, `module to host`. LRO: `host to module`, `line to host`. LPO and
/// CPO: `host to host`. A file that ends below half the symbol rate is [`crate::Error::Band`].
pub fn segments(
    architecture: Architecture,
    config: &LinkConfig,
    channels: &HostChannels,
) -> Result<Vec<SegmentSpec>> {
    config.validate()?;
    channels.crosstalk.check()?;
    let builder = Builder::new(config, &channels.crosstalk)?;
    let table = &config.receiver;
    Ok(match architecture {
        Architecture::Retimed => vec![
            builder.host_to_module(&channels.near, &table.module_host_side)?,
            builder.line(&table.module_line_side)?,
            builder.module_to_host(&channels.far, &table.host_retimed)?,
        ],
        Architecture::Lro => vec![
            builder.host_to_module(&channels.near, &table.module_host_side)?,
            builder.line_to_host(&channels.far, &table.host_linear)?,
        ],
        Architecture::Lpo => {
            vec![builder.host_to_host(&Ends::Boards(channels), &table.host_linear)?]
        }
        Architecture::Cpo => {
            let at = config.baud_hz / 2.0;
            let short = Channel::trace(config.channel.cpo_loss_db, at, &board_line(config))?;
            vec![builder.host_to_host(&Ends::Short(&short), &table.host_cpo)?]
        }
    })
}

/// Electrical paths of a link that is linear from end to end.
enum Ends<'a> {
    Boards(&'a HostChannels),
    Short(&'a Channel),
}

struct Builder<'a> {
    config: &'a LinkConfig,
    crosstalk: &'a CrosstalkChannels,
    grid: FrequencyGrid,
    package: Option<Package>,
}

impl<'a> Builder<'a> {
    fn new(config: &'a LinkConfig, crosstalk: &'a CrosstalkChannels) -> Result<Self> {
        // Four times the symbol rate: a held symbol behind any of the filters is below -60 dB there.
        let grid = pulse_grid(
            config.baud_hz,
            config.analysis.window_ui,
            4.0 * config.baud_hz,
        )?;
        let package = match (config.channel.package, generation(config)) {
            (PackageSet::None, _) => None,
            (PackageSet::Com, LaneRate::G100) => Some(Package::ck(config.channel.package_mm)),
            (PackageSet::Com, LaneRate::G200) => Some(Package::dj(config.channel.package_mm)),
        };
        Ok(Self {
            config,
            crosstalk,
            grid,
            package,
        })
    }

    fn low_pass(&self, shape: Shape, over_baud: f64) -> Result<Stage> {
        let filter = LowPass::new(shape, over_baud * self.config.baud_hz)?;
        Ok(Stage::Linear(Response::from_fn(self.grid, |f| {
            filter.at(f)
        })))
    }

    /// Host die, package, board, module pins.
    fn near_path(&self, channel: &Channel) -> Result<Stage> {
        channel.check_band(self.config.baud_hz)?;
        let board = channel.two_port_on(self.grid)?;
        Ok(Stage::Linear(match &self.package {
            Some(package) => package
                .two_port_on(self.grid)?
                .then(&board)?
                .voltage_transfer(package.reflection(), 0.0)?,
            None => board.voltage_transfer(0.0, 0.0)?,
        }))
    }

    /// Module pins, board, package mirrored, host die.
    fn far_path(&self, channel: &Channel) -> Result<Stage> {
        channel.check_band(self.config.baud_hz)?;
        let board = channel.two_port_on(self.grid)?;
        Ok(Stage::Linear(match &self.package {
            Some(package) => board
                .then(&package.two_port_on(self.grid)?.reversed())?
                .voltage_transfer(0.0, package.reflection())?,
            None => board.voltage_transfer(0.0, 0.0)?,
        }))
    }

    fn transmitter(&self) -> TxSpec {
        let host = &self.config.host;
        TxSpec {
            amplitude_v: host.swing_v,
            edge_s: host.edge_s,
            fir: host.tx_fir.clone(),
            snr_db: host.snr_tx_db,
            levels: levels_with_rlm(host.r_lm),
        }
    }

    /// A limiter, where one is configured.
    fn limiter(name: &'static str, amplitude: f64) -> Option<Stage> {
        (amplitude > 0.0).then_some(Stage::Limiter { name, amplitude })
    }

    /// What limits the transmitting driver.
    fn host_driver(&self) -> Option<Stage> {
        Self::limiter("host driver", self.config.host.driver_limit_v)
    }

    /// From the drive voltage to the power behind the modulator, its bandwidth included: of a straight line
    /// it stands behind, of a curve in front, where the electrodes are. And the outer levels.
    fn modulator(&self) -> Result<(Vec<Stage>, OpticalLevels)> {
        let (module, optics) = (&self.config.module, &self.config.optics);
        let drive = module.drive_vppd();
        let bandwidth = self.low_pass(optics.filter, optics.modulator_over_baud)?;
        Ok(match optics.large_signal(drive)? {
            None => {
                let levels = OpticalLevels::new(optics.oma_dbm, optics.extinction_ratio_db)?;
                let slope = Stage::Gain(levels.slope_w_per_v(drive));
                (vec![slope, bandwidth], levels)
            }
            Some(modulator) => {
                let powers = Modulator::new(&modulator)?.levels(drive);
                let levels = OpticalLevels {
                    oma_w: powers.oma_w(),
                    mean_w: 0.5 * (powers.0[0] + powers.0[3]),
                };
                let slope_w_per_v = levels.slope_w_per_v(drive);
                let stage = Stage::Modulator {
                    modulator,
                    slope_w_per_v,
                };
                (vec![bandwidth, stage], levels)
            }
        })
    }

    fn probe(point: &'static str, unit: &'static str) -> Stage {
        Stage::Probe { point, unit }
    }

    /// Receive front end of a host or of a retimed module's electrical side.
    fn electrical_front_end(&self) -> Result<Vec<Stage>> {
        let host = &self.config.host;
        Ok(vec![
            Stage::Noise {
                source: NoiseSource::ReceiverInput,
                density: host.noise_v2_hz,
            },
            self.low_pass(Shape::Butterworth4, host.receive_filter_over_baud)?,
            Stage::ctle(host.ctle, self.grid),
        ])
    }

    /// Driver, modulator, fiber, photodiode, transimpedance amplifier: volts to volts.
    fn optics(&self) -> Result<Vec<Stage>> {
        let (module, optics) = (&self.config.module, &self.config.optics);
        let (modulator, levels) = self.modulator()?;
        let loss = db_to_power(-optics.channel_loss_db);
        let dispersion_s_m = optics.dispersion_ps_nm * 1e-3;
        let mut stages = vec![
            self.low_pass(optics.filter, module.driver_over_baud)?,
            Stage::Agc {
                name: "modulator drive",
                agc: Agc {
                    target_pp: module.drive_vppd(),
                    gain_max: module.driver_gain_max,
                },
            },
        ];
        stages.extend(Self::limiter("driver", module.driver_limit_vppd / 2.0));
        stages.extend(modulator);
        stages.extend([
            Self::probe("TP2", "W"),
            Stage::Fiber {
                intensity: Response::from_fn(self.grid, |f| {
                    let (wavelength_m, chirp) = (optics.wavelength_m, optics.chirp);
                    dispersion_response(f, wavelength_m, dispersion_s_m, chirp).into()
                }),
                dispersion_s_m,
                wavelength_m: optics.wavelength_m,
            },
            Stage::Gain(loss),
            Self::probe("TP3", "W"),
            Stage::Gain(optics.responsivity_a_w),
            Stage::Photocurrent {
                mean_a: optics.responsivity_a_w * loss * levels.mean_w,
                rin_db_hz: optics.rin_db_hz,
                interference_db: (optics.mpi_db != 0.0).then_some(optics.mpi_db),
            },
            self.low_pass(optics.filter, optics.photodiode_over_baud)?,
            Stage::Noise {
                source: NoiseSource::Tia,
                density: optics.tia_noise_a_rthz * optics.tia_noise_a_rthz,
            },
            self.low_pass(optics.filter, optics.tia_over_baud)?,
            Stage::Agc {
                name: "TIA output",
                agc: Agc {
                    target_pp: optics.tia_output_vppd,
                    gain_max: optics.tia_gain_max_ohm,
                },
            },
        ]);
        stages.extend(Self::limiter("TIA", optics.tia_limit_vppd / 2.0));
        Ok(stages)
    }

    fn segment(
        &self,
        name: &'static str,
        stages: Vec<Stage>,
        receiver: &ReceiverConfig,
        measured: &[&Channel],
    ) -> SegmentSpec {
        SegmentSpec {
            name,
            baud_hz: self.config.baud_hz,
            grid: self.grid,
            tx: self.transmitter(),
            stages,
            receiver: receiver.clone(),
            jitter: self.config.jitter,
            measured_end_hz: measured
                .iter()
                .filter_map(|c| c.end_hz())
                .min_by(f64::total_cmp),
        }
    }

    fn host_to_module(&self, near: &Channel, receiver: &ReceiverConfig) -> Result<SegmentSpec> {
        let mut stages = vec![Self::probe("TP0", "V")];
        stages.extend(self.host_driver());
        stages.extend([self.near_path(near)?, Self::probe("TP1", "V")]);
        stages.extend(self.near_crosstalk()?);
        stages.extend(self.electrical_front_end()?);
        Ok(self.segment("host to module", stages, receiver, &[near]))
    }

    fn line(&self, receiver: &ReceiverConfig) -> Result<SegmentSpec> {
        Ok(self.segment("line", self.optics()?, receiver, &[]))
    }

    fn far_end(&self, path: Stage, crosstalk: Option<Stage>) -> Result<Vec<Stage>> {
        let mut stages = vec![Self::probe("TP4", "V"), path, Self::probe("TP5", "V")];
        stages.extend(crosstalk);
        stages.extend(self.electrical_front_end()?);
        Ok(stages)
    }

    fn module_to_host(&self, far: &Channel, receiver: &ReceiverConfig) -> Result<SegmentSpec> {
        let crosstalk = self.far_crosstalk(FarDriver::Retimed)?;
        let stages = self.far_end(self.far_path(far)?, crosstalk)?;
        Ok(self.segment("module to host", stages, receiver, &[far]))
    }

    fn line_to_host(&self, far: &Channel, receiver: &ReceiverConfig) -> Result<SegmentSpec> {
        let mut stages = self.optics()?;
        let crosstalk = self.far_crosstalk(FarDriver::Linear)?;
        stages.extend(self.far_end(self.far_path(far)?, crosstalk)?);
        Ok(self.segment("line to host", stages, receiver, &[far]))
    }

    fn host_to_host(&self, ends: &Ends<'_>, receiver: &ReceiverConfig) -> Result<SegmentSpec> {
        let module = &self.config.module;
        let (near, far, measured, crosstalk) = match ends {
            Ends::Boards(c) => (
                self.near_path(&c.near)?,
                self.far_path(&c.far)?,
                vec![&c.near, &c.far],
                [
                    self.near_crosstalk()?,
                    self.far_crosstalk(FarDriver::Linear)?,
                ],
            ),
            Ends::Short(channel) => {
                let path = channel.two_port_on(self.grid)?.voltage_transfer(0.0, 0.0)?;
                (
                    Stage::Linear(path.clone()),
                    Stage::Linear(path),
                    vec![*channel],
                    [None, None],
                )
            }
        };
        let [near_crosstalk, far_crosstalk] = crosstalk;
        let mut stages = vec![Self::probe("TP0", "V")];
        stages.extend(self.host_driver());
        stages.extend([near, Self::probe("TP1", "V")]);
        stages.extend(near_crosstalk);
        stages.extend([
            Stage::Noise {
                source: NoiseSource::ModuleInput,
                density: module.input_noise_v2_hz,
            },
            Stage::ctle(module.ctle, self.grid),
        ]);
        stages.extend(self.optics()?);
        stages.extend(self.far_end(far, far_crosstalk)?);
        Ok(self.segment("host to host", stages, receiver, &measured))
    }
}
