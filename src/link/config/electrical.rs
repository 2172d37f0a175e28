//! Electrical parameters: hosts, channels, the module's electrical side.

use crate::error::{Result, in_range, positive};
use crate::frontend::ctle::CtleConfig;
use crate::frontend::transmitter::TxFirConfig;

use super::LaneRate;

/// Transmitter and receive front end of a host (or of the electrical side of a retimed module).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct HostConfig {
    /// Peak differential amplitude at the die, V (`A_v`; 802.3ck C2M 0.415, 802.3dj 0.413).
    pub swing_v: f64,
    /// Peak of the transmitted pulse to RMS noise of the transmitter, dB (`SNR_TX`; C2M 32.5, dj 33): as in
    /// equation 93A-30 and in SNDR, relative to the outer level, not to the variance of the levels. The
    /// noise enters behind the FIR, at full swing whatever the FIR does.
    pub snr_tx_db: f64,
    /// Level separation mismatch ratio (`R_LM` 0.95 in both sets).
    pub r_lm: f64,
    /// 20-80 % transition time, s (`T_r` 7.5 ps, dj 4 ps).
    pub edge_s: f64,
    /// Transmit FIR grid.
    pub tx_fir: TxFirConfig,
    /// Bits of the transmit converter; 0: ideal. Time-domain engine on the waveform only.
    pub dac_bits: u32,
    /// Amplitude at which the driver behind it saturates, V peak; 0: linear. As an active stage of its own
    /// gain one it compresses softly on the way there. Time-domain engine on the waveform only.
    pub driver_limit_v: f64,
    /// Displacement of the transmitted edges. Time-domain engine on the waveform only.
    pub edge_jitter: TransmitJitterConfig,
    /// Receiver filter corner over the symbol rate (`f_r` 0.75, dj 0.58), fourth-order Butterworth.
    pub receive_filter_over_baud: f64,
    /// Receiver noise, one-sided, V^2/Hz (`eta0` 4.1e-8 V^2/GHz C2M, 6.0e-9 dj).
    pub noise_v2_hz: f64,
    /// CTLE grid.
    pub ctle: CtleConfig,
}

impl HostConfig {
    /// The parameter set of the lane's generation.
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        match rate {
            LaneRate::G100 => Self {
                swing_v: 0.415,
                snr_tx_db: 32.5,
                r_lm: 0.95,
                edge_s: 7.5e-12,
                tx_fir: TxFirConfig::ck_100g(),
                dac_bits: 0,
                driver_limit_v: 0.0,
                edge_jitter: TransmitJitterConfig::default(),
                receive_filter_over_baud: 0.75,
                noise_v2_hz: 4.1e-17,
                ctle: CtleConfig::C2M_100G,
            },
            LaneRate::G200 => Self {
                swing_v: 0.413,
                snr_tx_db: 33.0,
                r_lm: 0.95,
                edge_s: 4e-12,
                tx_fir: TxFirConfig::dj_200g(),
                dac_bits: 0,
                driver_limit_v: 0.0,
                edge_jitter: TransmitJitterConfig::default(),
                receive_filter_over_baud: 0.58,
                noise_v2_hz: 6.0e-18,
                ctle: CtleConfig::DJ_200G,
            },
        }
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.swing_v"), self.swing_v, 1e-3, 10.0)?;
        in_range(format!("{name}.snr_tx_db"), self.snr_tx_db, 0.0, 200.0)?;
        in_range(format!("{name}.r_lm"), self.r_lm, 0.1, 1.0)?;
        in_range(format!("{name}.edge_s"), self.edge_s, 0.0, 1e-9)?;
        positive(
            format!("{name}.receive_filter_over_baud"),
            self.receive_filter_over_baud,
        )?;
        in_range(format!("{name}.noise_v2_hz"), self.noise_v2_hz, 0.0, 1.0)?;
        in_range(
            format!("{name}.dac_bits"),
            f64::from(self.dac_bits),
            0.0,
            16.0,
        )?;
        limit(&format!("{name}.driver_limit_v"), self.driver_limit_v, 0.05)?;
        self.edge_jitter.validate(&format!("{name}.edge_jitter"))?;
        self.tx_fir.validate(&format!("{name}.tx_fir"))?;
        self.ctle.validate(&format!("{name}.ctle"))
    }
}

/// A saturation amplitude: zero for none, else from `min` on.
pub(super) fn limit(name: &str, value: f64, min: f64) -> Result<()> {
    if value != 0.0 {
        in_range(format!("{name} (0: linear)"), value, min, 1e3)?;
    }
    Ok(())
}

/// Displacement of the edges that a transmitter sends, in unit intervals, positive late.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct TransmitJitterConfig {
    /// Standard deviation of the random part, UI, independent from edge to edge.
    pub random_ui: f64,
    /// Peak of the sinusoidal part, UI.
    pub sinusoidal_ui: f64,
    /// Its frequency, Hz.
    pub sinusoidal_hz: f64,
    /// Even-odd jitter, UI: edges alternate between plus and minus half of it.
    pub even_odd_ui: f64,
}

impl Default for TransmitJitterConfig {
    /// None; the sampler's jitter (COM's `sigma_RJ` and `A_DD`) stands for both ends.
    fn default() -> Self {
        Self {
            random_ui: 0.0,
            sinusoidal_ui: 0.0,
            sinusoidal_hz: 4e6,
            even_odd_ui: 0.0,
        }
    }
}

impl TransmitJitterConfig {
    /// Whether no edge is displaced.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.random_ui == 0.0 && self.sinusoidal_ui == 0.0 && self.even_odd_ui == 0.0
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.random_ui"), self.random_ui, 0.0, 0.1)?;
        in_range(
            format!("{name}.sinusoidal_ui"),
            self.sinusoidal_ui,
            0.0,
            10.0,
        )?;
        in_range(
            format!("{name}.sinusoidal_hz"),
            self.sinusoidal_hz,
            1.0,
            1e11,
        )?;
        in_range(format!("{name}.even_odd_ui"), self.even_odd_ui, 0.0, 0.25)?;
        Ok(())
    }
}

/// The electrical side of a module that a linear path runs through.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ModuleConfig {
    /// Input-referred noise of the linear driver input, one-sided, V^2/Hz (as the hosts' `eta0`).
    pub input_noise_v2_hz: f64,
    /// CTLE grid of the linear driver (as the hosts').
    pub ctle: CtleConfig,
    /// Driver bandwidth over the symbol rate (0.65; behavioural value of the peers).
    pub driver_over_baud: f64,
    /// Largest driver gain, V/V (ours: 26 dB, a linear MZM driver with its gain control).
    pub driver_gain_max: f64,
    /// Linear range of the modulator drive, peak to peak, V (ours: 3 `Vppd`, as the 130 nm `SiGe` LPO
    /// driver of JEIT 2025).
    pub modulator_range_vppd: f64,
    /// Share of that range the gain control aims at (ours: 0.8).
    pub modulator_drive_share: f64,
    /// Swing at which the driver saturates, peak to peak, V; 0: linear. Time-domain engine on the waveform
    /// only.
    pub driver_limit_vppd: f64,
}

impl ModuleConfig {
    /// The defaults of a lane rate.
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        let host = HostConfig::for_rate(rate);
        Self {
            input_noise_v2_hz: host.noise_v2_hz,
            ctle: host.ctle,
            driver_over_baud: 0.65,
            driver_gain_max: 20.0,
            modulator_range_vppd: 3.0,
            modulator_drive_share: 0.8,
            driver_limit_vppd: 0.0,
        }
    }

    /// Outer swing at the modulator that the gain control aims at, V peak to peak.
    #[must_use]
    pub fn drive_vppd(&self) -> f64 {
        self.modulator_range_vppd * self.modulator_drive_share
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        in_range(
            format!("{name}.input_noise_v2_hz"),
            self.input_noise_v2_hz,
            0.0,
            1.0,
        )?;
        for (field, value) in [
            ("driver_over_baud", self.driver_over_baud),
            ("driver_gain_max", self.driver_gain_max),
            ("modulator_range_vppd", self.modulator_range_vppd),
        ] {
            positive(format!("{name}.{field}"), value)?;
        }
        in_range(
            format!("{name}.modulator_drive_share"),
            self.modulator_drive_share,
            0.01,
            1.0,
        )?;
        limit(
            &format!("{name}.driver_limit_vppd"),
            self.driver_limit_vppd,
            0.1,
        )?;
        self.ctle.validate(&format!("{name}.ctle"))
    }
}

/// Which die and package two-ports stand at the host ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum PackageSet {
    /// None: the channel is taken ball to ball.
    None,
    /// The COM package of the lane's generation: die to die.
    Com,
}

impl PackageSet {
    /// Between which points a host channel is taken: `die-to-die` or `ball-to-ball`.
    #[must_use]
    pub fn ends(self) -> &'static str {
        match self {
            Self::None => "ball-to-ball",
            Self::Com => "die-to-die",
        }
    }
}

/// Electrical channels between host and module.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ChannelConfig {
    /// Loss of the built-in near host channel at half the symbol rate, ball to ball, dB.
    pub near_loss_db: f64,
    /// Loss of the built-in far host channel, dB.
    pub far_loss_db: f64,
    /// Loss of a co-packaged path, host die to engine, dB (ours: 4 dB, NVIDIA's figure).
    pub cpo_loss_db: f64,
    /// Packages at the host ends.
    pub package: PackageSet,
    /// Length of the package line, mm (C2M sheet: 15 or 30; dj package A: 33).
    pub package_mm: f64,
}

impl ChannelConfig {
    /// The defaults of a lane rate.
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        Self {
            near_loss_db: 10.0,
            far_loss_db: 10.0,
            cpo_loss_db: 4.0,
            package: PackageSet::Com,
            package_mm: match rate {
                LaneRate::G100 => 30.0,
                LaneRate::G200 => 33.0,
            },
        }
    }
}

impl ChannelConfig {
    pub(super) fn validate(&self, name: &str) -> Result<()> {
        for (field, value) in [
            ("near_loss_db", self.near_loss_db),
            ("far_loss_db", self.far_loss_db),
            ("cpo_loss_db", self.cpo_loss_db),
        ] {
            in_range(format!("{name}.{field}"), value, 0.1, 60.0)?;
        }
        in_range(format!("{name}.package_mm"), self.package_mm, 0.0, 200.0)?;
        Ok(())
    }
}
