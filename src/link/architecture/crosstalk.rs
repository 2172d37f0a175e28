//! Where the aggressors of coupling files meet the victim.

use crate::channel::{Channel, TwoPortOnGrid};
use crate::error::Result;
use crate::frontend::transmitter::symbol_spectrum;
use crate::signal::Response;

use super::super::crosstalk::{Aggressor, CrosstalkKind};
use super::super::spec::Stage;
use super::Builder;

/// What drives the board towards the far host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FarDriver {
    /// A retimed module's electrical transmitter, like a host's.
    Retimed,
    /// The transimpedance amplifier of a linear module.
    Linear,
}

impl Builder<'_> {
    /// Aggressors at the module's input; none without files.
    pub(super) fn near_crosstalk(&self) -> Result<Option<Stage>> {
        let mut all = Vec::new();
        for fext in &self.crosstalk.fext {
            let Stage::Linear(path) = self.near_path(fext)? else {
                continue;
            };
            let swing_v = self.config.host.swing_v;
            all.push(self.aggressor(CrosstalkKind::FarEnd, fext, swing_v, true, &path)?);
        }
        for next in &self.crosstalk.next {
            next.check_band(self.config.baud_hz)?;
            let path = next.two_port_on(self.grid)?.voltage_transfer(0.0, 0.0)?;
            let swing_v = self.config.crosstalk.near_end_v;
            all.push(self.aggressor(CrosstalkKind::NearEnd, next, swing_v, false, &path)?);
        }
        Ok((!all.is_empty()).then_some(Stage::Crosstalk(all)))
    }

    /// Aggressors at the far host's receiver; none without files.
    pub(super) fn far_crosstalk(&self, driver: FarDriver) -> Result<Option<Stage>> {
        let mut all = Vec::new();
        let (swing_v, fir) = match driver {
            FarDriver::Retimed => (self.config.host.swing_v, true),
            FarDriver::Linear => (0.5 * self.config.optics.tia_output_vppd, false),
        };
        for fext in &self.crosstalk.fext {
            let mirrored = fext.reversed();
            let Stage::Linear(path) = self.far_path(&mirrored)? else {
                continue;
            };
            all.push(self.aggressor(CrosstalkKind::FarEnd, &mirrored, swing_v, fir, &path)?);
        }
        for next in &self.crosstalk.next {
            let mirrored = next.reversed();
            let path = self.host_to_host_path(&mirrored)?;
            let swing_v = self.config.crosstalk.near_end_v;
            all.push(self.aggressor(CrosstalkKind::NearEnd, &mirrored, swing_v, false, &path)?);
        }
        Ok((!all.is_empty()).then_some(Stage::Crosstalk(all)))
    }

    /// From a host's die through its package, a coupling and the package again to the same die.
    fn host_to_host_path(&self, coupling: &Channel) -> Result<Response> {
        coupling.check_band(self.config.baud_hz)?;
        let board = coupling.two_port_on(self.grid)?;
        let Some(package) = &self.package else {
            return board.voltage_transfer(0.0, 0.0);
        };
        let out: TwoPortOnGrid = package.two_port_on(self.grid)?;
        out.then(&board)?
            .then(&out.reversed())?
            .voltage_transfer(package.reflection(), package.reflection())
    }

    fn aggressor(
        &self,
        kind: CrosstalkKind,
        coupling: &Channel,
        amplitude_v: f64,
        fir: bool,
        path: &Response,
    ) -> Result<Aggressor> {
        let (baud_hz, edge_s) = (self.config.baud_hz, self.config.host.edge_s);
        let values = (path.values().iter().zip(self.grid.iter()))
            .map(|(h, f)| h * (amplitude_v * symbol_spectrum(f, baud_hz, edge_s)))
            .collect();
        Ok(Aggressor {
            kind,
            name: coupling.name().to_owned(),
            amplitude_v,
            fir,
            unit: Response::new(self.grid, values)?,
        })
    }
}
