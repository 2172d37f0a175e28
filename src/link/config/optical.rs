//! Optical parameters.

use crate::error::{Result, in_range, positive};
use crate::frontend::filter::Shape;
use crate::optics::modulator::{self, EmlConfig, MzmConfig, OpticalPower};
use crate::units::dbm_to_w;

use super::LaneRate;
use super::electrical::limit;

/// The transfer of a modulator from voltage to power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum ModulatorKind {
    /// A straight line through the outer levels.
    #[default]
    Linear,
    /// Mach-Zehnder: a sine around its bias.
    Mzm,
    /// Electro-absorption: an absorption curve with chirp.
    Eml,
}

/// Large-signal modulator. With [`ModulatorKind::Linear`] all other fields are without meaning.
///
/// The laser's power is what makes [`OpticsConfig::oma_dbm`] at the configured drive.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ModulatorConfig {
    /// Its transfer.
    pub kind: ModulatorKind,
    /// Half-wave voltage of a Mach-Zehnder, V; 0: what makes [`OpticsConfig::extinction_ratio_db`] at the
    /// configured drive. Given, it sets the extinction ratio.
    pub v_pi_v: f64,
    /// Bias phase of a Mach-Zehnder, degrees: 0 dark, 90 quadrature.
    pub bias_deg: f64,
    /// Its static extinction ratio, dB (ours: 30).
    pub static_extinction_db: f64,
    /// Reverse voltage at which an electro-absorption modulator passes 1/e of its light, V (ours: 1.8).
    pub v0_v: f64,
    /// Order of that absorption (ours: 2.5).
    pub order: f64,
    /// Reverse bias at zero drive, V (ours: 1.3).
    pub reverse_bias_v: f64,
}

impl Default for ModulatorConfig {
    fn default() -> Self {
        Self {
            kind: ModulatorKind::Linear,
            v_pi_v: 0.0,
            bias_deg: 90.0,
            static_extinction_db: 30.0,
            v0_v: 1.8,
            order: 2.5,
            reverse_bias_v: 1.3,
        }
    }
}

impl ModulatorConfig {
    fn validate(&self, name: &str) -> Result<()> {
        limit(&format!("{name}.v_pi_v"), self.v_pi_v, 0.01)?;
        for (field, value, min, max) in [
            ("bias_deg", self.bias_deg, 10.0, 170.0),
            (
                "static_extinction_db",
                self.static_extinction_db,
                10.0,
                100.0,
            ),
            ("v0_v", self.v0_v, 0.01, 100.0),
            ("order", self.order, 1.0, 6.0),
            ("reverse_bias_v", self.reverse_bias_v, 0.0, 100.0),
        ] {
            in_range(format!("{name}.{field}"), value, min, max)?;
        }
        Ok(())
    }
}

impl OpticsConfig {
    /// The large-signal modulator that makes the configured modulation amplitude at a drive of `drive_vppd`;
    /// none for a straight line.
    ///
    /// # Errors
    /// An extinction ratio that the curve does not reach.
    pub fn large_signal(&self, drive_vppd: f64) -> Result<Option<modulator::ModulatorConfig>> {
        let power = OpticalPower::OuterOma {
            oma_w: dbm_to_w(self.oma_dbm),
            drive_vpp: drive_vppd,
        };
        let of = &self.modulator;
        Ok(match of.kind {
            ModulatorKind::Linear => None,
            ModulatorKind::Mzm => {
                let mut mzm = MzmConfig {
                    v_pi_v: of.v_pi_v,
                    bias_deg: of.bias_deg,
                    static_extinction_db: of.static_extinction_db,
                    chirp: self.chirp,
                    power,
                };
                if of.v_pi_v == 0.0 {
                    mzm.v_pi_v = mzm.v_pi_for_extinction(drive_vppd, self.extinction_ratio_db)?;
                }
                Some(modulator::ModulatorConfig::Mzm(mzm))
            }
            ModulatorKind::Eml => Some(modulator::ModulatorConfig::Eml(EmlConfig {
                v0_v: of.v0_v,
                order: of.order,
                reverse_bias_v: of.reverse_bias_v,
                chirp: self.chirp,
                power,
            })),
        })
    }
}

/// From the modulator to the output of the transimpedance amplifier.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct OpticsConfig {
    /// Outer optical modulation amplitude at TP2, dBm (ours: +1.0 at 100G, +2.5 at 200G): that of the ideal
    /// PAM4 waveform whose RMS the drive control holds. Measured on runs of sevens and sixes, the outer
    /// amplitude of a pre-emphasised drive is up to 0.7 dB higher.
    pub oma_dbm: f64,
    /// Extinction ratio at TP2, dB (ours: 4.5; the DR clause wants at least 3.5).
    pub extinction_ratio_db: f64,
    /// Modulator bandwidth over the symbol rate (0.85; behavioural value of the peers).
    pub modulator_over_baud: f64,
    /// Linewidth factor of the modulator (0: push-pull Mach-Zehnder).
    pub chirp: f64,
    /// Its transfer.
    pub modulator: ModulatorConfig,
    /// Relative intensity noise, dB/Hz (ours: -145; LPO MSA limit -138, typical -155).
    pub rin_db_hz: f64,
    /// Loss between TP2 and TP3, dB (DR: 3 dB over 500 m with its connectors).
    pub channel_loss_db: f64,
    /// Accumulated dispersion, ps/nm (802.3dj DR worst case +0.65 over 500 m).
    pub dispersion_ps_nm: f64,
    /// Wavelength, m.
    pub wavelength_m: f64,
    /// Photodiode responsivity, A/W (0.75; behavioural value of the peers).
    pub responsivity_a_w: f64,
    /// Photodiode bandwidth over the symbol rate (0.85; as the modulator).
    pub photodiode_over_baud: f64,
    /// Input-referred noise of the transimpedance amplifier, A/sqrt(Hz) (ours: 15 pA at 100G, 18 pA at
    /// 200G; 10 to 20 is typical).
    pub tia_noise_a_rthz: f64,
    /// Bandwidth of that amplifier over the symbol rate (0.65; behavioural value of the peers).
    pub tia_over_baud: f64,
    /// Output swing its gain control aims at, differential peak to peak, V.
    pub tia_output_vppd: f64,
    /// Largest transimpedance, ohm (ours: 5 kohm).
    pub tia_gain_max_ohm: f64,
    /// Swing at which that amplifier saturates, differential peak to peak, V; 0: linear. Time-domain engine
    /// on the waveform only.
    pub tia_limit_vppd: f64,
    /// Multipath interference: power of the delayed copy over that of the signal, dB; 0: none. Time-domain
    /// engine on the waveform only.
    pub mpi_db: f64,
    /// Shape of the four low-pass responses.
    pub filter: Shape,
}

impl OpticsConfig {
    /// The defaults of a lane rate (DR, 500 m).
    #[must_use]
    pub fn for_rate(rate: LaneRate) -> Self {
        Self {
            oma_dbm: match rate {
                LaneRate::G100 => 1.0,
                LaneRate::G200 => 2.5,
            },
            extinction_ratio_db: 4.5,
            modulator_over_baud: 0.85,
            chirp: 0.0,
            modulator: ModulatorConfig::default(),
            rin_db_hz: -145.0,
            channel_loss_db: 3.0,
            dispersion_ps_nm: 0.65,
            wavelength_m: 1310e-9,
            responsivity_a_w: 0.75,
            photodiode_over_baud: 0.85,
            tia_noise_a_rthz: match rate {
                LaneRate::G100 => 15e-12,
                LaneRate::G200 => 18e-12,
            },
            tia_over_baud: 0.65,
            tia_output_vppd: 0.6,
            tia_gain_max_ohm: 5000.0,
            tia_limit_vppd: 0.0,
            mpi_db: 0.0,
            filter: Shape::Bessel4,
        }
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.oma_dbm"), self.oma_dbm, -30.0, 20.0)?;
        in_range(format!("{name}.rin_db_hz"), self.rin_db_hz, -300.0, -80.0)?;
        in_range(format!("{name}.chirp"), self.chirp, -10.0, 10.0)?;
        in_range(
            format!("{name}.channel_loss_db"),
            self.channel_loss_db,
            0.0,
            60.0,
        )?;
        in_range(
            format!("{name}.dispersion_ps_nm"),
            self.dispersion_ps_nm,
            -1e4,
            1e4,
        )?;
        in_range(
            format!("{name}.tia_noise_a_rthz"),
            self.tia_noise_a_rthz,
            0.0,
            1.0,
        )?;
        // 850 nm to 1650 nm: nanometres typed for metres are caught.
        in_range(
            format!("{name}.wavelength_m"),
            self.wavelength_m,
            0.8e-6,
            1.7e-6,
        )?;
        // Unit quantum efficiency at 1700 nm is 1.37 A/W.
        in_range(
            format!("{name}.responsivity_a_w"),
            self.responsivity_a_w,
            1e-3,
            1.4,
        )?;
        for (field, value) in [
            ("extinction_ratio_db", self.extinction_ratio_db),
            ("modulator_over_baud", self.modulator_over_baud),
            ("photodiode_over_baud", self.photodiode_over_baud),
            ("tia_over_baud", self.tia_over_baud),
            ("tia_output_vppd", self.tia_output_vppd),
            ("tia_gain_max_ohm", self.tia_gain_max_ohm),
        ] {
            positive(format!("{name}.{field}"), value)?;
        }
        limit(&format!("{name}.tia_limit_vppd"), self.tia_limit_vppd, 0.01)?;
        in_range(format!("{name}.mpi_db (0: none)"), self.mpi_db, -100.0, 0.0)?;
        if self.mpi_db != 0.0 {
            in_range(
                format!("{name}.mpi_db (0: none)"),
                self.mpi_db,
                -100.0,
                -10.0,
            )?;
        }
        self.modulator.validate(&format!("{name}.modulator"))?;
        Ok(())
    }
}
