//! From the drive of a modulator to the photocurrent, on the planes of one stream.

use crate::channel::convolve::{
    FieldFilter, FieldFilterState, FieldImpulse, FieldPlanes, GridConfig, Planes,
};
use crate::error::Result;
use crate::optics::detector::Detector;
use crate::optics::fiber::Fiber;
use crate::optics::modulator::Modulator;
use crate::optics::mpi::{Mpi, MpiConfig, MpiState};
use crate::optics::noise::follow_instant;
use crate::random::Gauss;
use crate::signal::FrequencyGrid;
use crate::simd::Level;

use super::super::super::path::Light;
use super::PLANE_INDEX;

/// Optics between two electrical sections.
pub(super) struct LightPlan {
    large: Option<Large>,
    mean_a: f64,
    rin_per_hz: f64,
    bandwidth_hz: f64,
    noisy: bool,
    interference_db: Option<f64>,
    level: Level,
}

struct Large {
    modulator: Modulator,
    detector: Detector,
    fiber: Option<FieldFilter>,
}

/// Where a stream's optics stand.
pub(super) struct LightState {
    field: Option<(FieldPlanes, FieldFilterState, FieldPlanes)>,
    scratch: Vec<f32>,
    normal: Vec<f32>,
    mpi: Option<(Mpi, MpiState)>,
    random: Gauss,
}

impl LightPlan {
    pub(super) fn new(
        light: &Light,
        mean_a: f64,
        frequencies: FrequencyGrid,
        grid: &GridConfig,
        level: Level,
    ) -> Result<Self> {
        let large = match &light.modulator {
            None => None,
            Some(modulator) => {
                let fiber = if light.dispersion_s_m == 0.0 {
                    None
                } else {
                    let fiber = Fiber::new(light.wavelength_m, light.dispersion_s_m, 0.0)?;
                    // The field of a waveform reaches to half the sample rate, whatever the chain's grid does.
                    let step = frequencies.step_hz();
                    let points = (0.5 * grid.sample_rate_hz() / step).ceil() as usize + 1;
                    let response = fiber.field_response(FrequencyGrid::new(step, points)?);
                    let impulse = FieldImpulse::even(&response, grid)?;
                    Some(FieldFilter::with_level(&impulse, level)?)
                };
                Some(Large {
                    modulator: Modulator::with_level(modulator, level)?,
                    detector: Detector::with_level(light.gain_a_w, level)?,
                    fiber,
                })
            }
        };
        Ok(Self {
            large,
            mean_a,
            rin_per_hz: light.rin_per_hz,
            bandwidth_hz: 0.5 * grid.sample_rate_hz(),
            // The lowest intensity noise that a configuration can have stands for none, shot noise included.
            noisy: light.rin_per_hz > 1.001e-30,
            interference_db: (light.interference > 0.0).then(|| 10.0 * light.interference.log10()),
            level,
        })
    }

    /// Samples by which the current lags the drive.
    pub(super) fn delay(&self) -> isize {
        let fiber = self.large.as_ref().and_then(|l| l.fiber.as_ref());
        fiber.map_or(0, FieldFilter::delay)
    }

    /// The same optics without noise and interference, for measurements at the start.
    pub(super) fn quiet(&mut self) {
        self.noisy = false;
        self.interference_db = None;
    }

    pub(super) fn state(
        &self,
        m: usize,
        block: usize,
        random: Gauss,
        interference: (u64, u64),
    ) -> Result<LightState> {
        let field = match self.large.as_ref().and_then(|l| l.fiber.as_ref()) {
            None => None,
            Some(fiber) => {
                let from = FieldPlanes::new(m, fiber.past(), block)?;
                let state = fiber.state();
                Some((from, state, FieldPlanes::new(m, 0, block)?))
            }
        };
        let mpi = match self.interference_db {
            None => None,
            Some(ratio_db) => {
                let (seed, stream) = interference;
                let mpi = Mpi::with_level(
                    &MpiConfig {
                        ratio_db,
                        seed,
                        stream,
                        ..MpiConfig::default()
                    },
                    self.level,
                )?;
                let state = mpi.state();
                Some((mpi, state))
            }
        };
        Ok(LightState {
            field,
            scratch: vec![0.0; block],
            normal: vec![0.0; block],
            mpi,
            random,
        })
    }

    /// The `n` fresh samples of each plane, drive or modulated current, become the modulated part of the noisy
    /// current; they belong to the symbols from number `from` on.
    pub(super) fn process(
        &self,
        state: &mut LightState,
        planes: &mut Planes,
        from: u64,
        n: usize,
    ) -> Result<()> {
        let m = planes.samples_per_ui();
        if let Some(large) = &self.large {
            match (&large.fiber, &mut state.field) {
                (Some(fiber), Some((field, filter, behind))) => {
                    for p in 0..m {
                        let (re, im) = field.fresh_mut(p, n);
                        large.modulator.field(planes.fresh(p, n), re, im)?;
                    }
                    fiber.process(filter, field, n, behind)?;
                    for p in 0..m {
                        let (re, im) = behind.fresh(p, n);
                        large.detector.square_law(re, im, planes.fresh_mut(p, n))?;
                    }
                    field.advance(n);
                }
                _ => {
                    for p in 0..m {
                        let drive = &mut state.scratch[..n];
                        drive.copy_from_slice(planes.fresh(p, n));
                        let power = planes.fresh_mut(p, n);
                        large.modulator.power(drive, power)?;
                        large.detector.current(power);
                    }
                }
            }
        }
        for p in 0..m {
            let current = planes.fresh_mut(p, n);
            if self.large.is_none() {
                shift(current, self.mean_a as f32);
            }
            if let Some((mpi, at)) = &state.mpi {
                mpi.apply_mean(at, from, current, self.mean_a)?;
            }
            if self.noisy {
                let normal = &mut state.normal[..n];
                state.random.fill(PLANE_INDEX * p as u64 + from, normal);
                let (rin, bandwidth) = (self.rin_per_hz, self.bandwidth_hz);
                follow_instant(current, normal, self.mean_a, rin, bandwidth, self.level)?;
            }
            shift(current, -self.mean_a as f32);
        }
        if let Some((mpi, at)) = &mut state.mpi {
            mpi.advance(at, from + n as u64);
        }
        Ok(())
    }
}

fn shift(x: &mut [f32], by: f32) {
    for x in x {
        *x += by;
    }
}
