//! How the slices of an interleaved converter differ.

use crate::error::{Error, Result, all_finite, in_range, length, positive};
use crate::random::Philox;
use crate::units::q_inverse;

/// A number for each slice: none, given, or drawn.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Mismatch {
    /// All slices alike.
    #[default]
    None,
    /// Independent normal numbers of this standard deviation, by the configuration's seed.
    Sigma(f64),
    /// One number per slice, slice 0 first.
    List(Vec<f64>),
}

impl Mismatch {
    /// Checks a list's length and that no number passes `most` (for a drawn one: four of its sigmas).
    pub fn validate(&self, name: &'static str, slices: usize, most: f64) -> Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Sigma(sigma) => in_range(name, *sigma, 0.0, most / 4.0).map(drop),
            Self::List(list) => {
                length(name, slices, list.len())?;
                all_finite(name, list)?;
                for (i, v) in list.iter().enumerate() {
                    in_range(format!("{name}[{i}]"), *v, -most, most)?;
                }
                Ok(())
            }
        }
    }

    /// The numbers of all slices. `kind` keeps offset, gain, skew and bandwidth independent.
    #[must_use]
    pub fn values(&self, slices: usize, seed: u64, kind: u64) -> Vec<f64> {
        match self {
            Self::None => vec![0.0; slices],
            Self::List(list) => list.clone(),
            Self::Sigma(sigma) => {
                let draws = Philox::new(seed, kind);
                (0..slices as u64)
                    .map(|i| sigma * q_inverse(draws.uniform(i)))
                    .collect()
            }
        }
    }

    /// Whether all slices are alike.
    #[must_use]
    pub fn is_none(&self) -> bool {
        match self {
            Self::None => true,
            Self::Sigma(sigma) => *sigma == 0.0,
            Self::List(list) => list.iter().all(|v| *v == 0.0),
        }
    }
}

/// Slices whose input networks have different corners.
///
/// A slice with a pole at `f_c (1 + e)` sees, relative to the nominal pole at `f_c` (which belongs to the
/// front end's response), `1 + e j r/(1 + j r)` with `r = f/f_c`, to first order in `e`. That is a gain error
/// `e r^2/(1 + r^2)` and an advance that, as a phase, is `e r/(1 + r^2)`. Both are taken at `reference_hz` and used at
/// all frequencies: right there, too large a gain error below and too small a one above; the skew is right
/// within a factor `(1 + r^2)/(1 + r_ref^2)`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct BandwidthMismatch {
    /// Relative deviation `e` of each slice's corner.
    pub deviation: Mismatch,
    /// The nominal corner.
    pub corner_hz: f64,
    /// Conversions per second of all slices together.
    pub baud_hz: f64,
    /// Where gain and skew are taken.
    pub reference_hz: f64,
}

impl BandwidthMismatch {
    /// A mismatch taken at half the Nyquist frequency, `baud_hz / 4` (ours: the middle of the band).
    #[must_use]
    pub fn new(deviation: Mismatch, corner_hz: f64, baud_hz: f64) -> Self {
        Self {
            deviation,
            corner_hz,
            baud_hz,
            reference_hz: baud_hz / 4.0,
        }
    }

    pub(super) fn validate(&self, slices: usize) -> Result<()> {
        self.deviation
            .validate("adc bandwidth deviation", slices, 0.5)?;
        positive("adc bandwidth corner_hz", self.corner_hz)?;
        positive("adc bandwidth baud_hz", self.baud_hz)?;
        in_range(
            "adc bandwidth corner_hz over baud_hz",
            self.corner_hz / self.baud_hz,
            0.05,
            100.0,
        )?;
        in_range(
            "adc bandwidth reference_hz",
            self.reference_hz,
            0.0,
            self.baud_hz,
        )?;
        Ok(())
    }

    /// Relative gain error and advance in unit intervals of a slice whose corner is off by `deviation`.
    #[must_use]
    pub fn gain_and_skew(&self, deviation: f64) -> (f64, f64) {
        let r = self.reference_hz / self.corner_hz;
        let share = deviation / (1.0 + r * r);
        let skew = share * self.baud_hz / (2.0 * std::f64::consts::PI * self.corner_hz);
        (share * r * r, skew)
    }
}

/// What each slice does: `y = (1 + gain)(x + skew_ui x') + offset`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slices {
    /// Offsets in the unit of the signal.
    pub offset: Vec<f64>,
    /// Relative gain errors, that of the bandwidth included.
    pub gain: Vec<f64>,
    /// How late each slice samples, UI, what its bandwidth adds included.
    pub skew_ui: Vec<f64>,
}

impl Slices {
    /// `slices` slices that are alike.
    #[must_use]
    pub fn alike(slices: usize) -> Self {
        Self {
            offset: vec![0.0; slices],
            gain: vec![0.0; slices],
            skew_ui: vec![0.0; slices],
        }
    }

    /// Checks that a trim or a list fits a converter.
    pub fn validate(&self, name: &'static str, slices: usize) -> Result<()> {
        for (field, list, most) in [
            ("offset", &self.offset, 1e15),
            ("gain", &self.gain, 0.9),
            ("skew_ui", &self.skew_ui, 1.0),
        ] {
            if list.len() != slices {
                return Err(Error::Length {
                    name: format!("{name}.{field}").into(),
                    expected: slices,
                    got: list.len(),
                });
            }
            for (i, v) in list.iter().enumerate() {
                in_range(format!("{name}.{field}[{i}]"), *v, -most, most)?;
            }
        }
        Ok(())
    }
}
