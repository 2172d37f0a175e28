//! What adapts, how fast and by which rule.

use crate::equalizer::dfe::MAX_TAPS;
use crate::equalizer::ffe::FfeConfig;
use crate::equalizer::slicer::SlicerConfig;
use crate::error::{Error, Result, finite, in_range};
use crate::pam4;

/// The most feed-forward taps that adapt together.
pub const MAX_FFE_TAPS: usize = 256;

/// How error and regressor enter an update; `sgn(0)` is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// `e x`: stochastic gradient of the mean square error.
    #[default]
    Lms,
    /// `sgn(e) x`.
    SignError,
    /// `e sgn(x)`.
    SignData,
    /// `sgn(e) sgn(x)`: no multiplier in hardware.
    SignSign,
}

impl Rule {
    pub(super) fn sign_error(self) -> bool {
        matches!(self, Self::SignError | Self::SignSign)
    }

    pub(super) fn sign_data(self) -> bool {
        matches!(self, Self::SignData | Self::SignSign)
    }
}

/// One number per part of the equalizer.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Parts<T> {
    /// Feed-forward taps.
    pub ffe: T,
    /// Feedback taps.
    pub dfe: T,
    /// Gain behind the feed-forward taps.
    pub gain: T,
    /// Offset at the slicer.
    pub offset: T,
    /// Levels of the slicer.
    pub levels: T,
}

/// Factor on all step sizes as a function of the number of the symbol in its stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Schedule {
    /// One throughout.
    #[default]
    Constant,
    /// Gear shift: from each symbol number on the factor beside it, one before the first entry.
    Gears(Vec<(u64, f32)>),
    /// `max(floor, 2^(-m / half_life_symbols))`, `m` the symbol number rounded down to a multiple
    /// of 64.
    Decay {
        /// Symbols after which the steps have halved.
        half_life_symbols: f64,
        /// The smallest factor.
        floor: f32,
    },
}

/// Symbols for which a decaying schedule keeps its factor.
const HOLD: u64 = 64;

impl Schedule {
    /// The factor at a symbol.
    #[must_use]
    pub fn factor(&self, symbol: u64) -> f32 {
        match self {
            Self::Constant => 1.0,
            Self::Gears(gears) => gears
                .iter()
                .rev()
                .find(|gear| gear.0 <= symbol)
                .map_or(1.0, |gear| gear.1),
            Self::Decay {
                half_life_symbols,
                floor,
            } => {
                let held = (symbol / HOLD * HOLD) as f64;
                ((-held / half_life_symbols).exp2() as f32).max(*floor)
            }
        }
    }

    /// The first symbol after `symbol` at which the factor may differ.
    pub(super) fn next_change(&self, symbol: u64) -> u64 {
        match self {
            Self::Constant => u64::MAX,
            Self::Gears(gears) => gears
                .iter()
                .map(|gear| gear.0)
                .find(|&from| from > symbol)
                .unwrap_or(u64::MAX),
            Self::Decay { floor, .. } if self.factor(symbol) <= *floor => u64::MAX,
            Self::Decay { .. } => (symbol / HOLD + 1) * HOLD,
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Constant => Ok(()),
            Self::Gears(gears) => {
                for (i, &(from, factor)) in gears.iter().enumerate() {
                    in_range(
                        format!("schedule[{i}].factor"),
                        factor.into(),
                        0.0,
                        f32::MAX.into(),
                    )?;
                    if i > 0 && gears[i - 1].0 >= from {
                        return Err(Error::NotIncreasing {
                            name: "schedule".into(),
                            index: i,
                            previous: gears[i - 1].0 as f64,
                            value: from as f64,
                        });
                    }
                }
                Ok(())
            }
            Self::Decay {
                half_life_symbols,
                floor,
            } => {
                crate::error::positive("half_life_symbols", *half_life_symbols)?;
                in_range("floor", (*floor).into(), 0.0, 1.0).map(|_| ())
            }
        }
    }
}

/// Whether the main tap takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MainTap {
    /// Pinned if the gain has a step, free otherwise.
    #[default]
    PinnedWithGain,
    /// Always as configured at the start.
    Pinned,
    /// Free. Together with an adapting gain the product of both is determined, not each.
    Free,
}

/// When the updates take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Update {
    /// After every symbol: the LMS algorithm as in the textbook.
    #[default]
    EverySymbol,
    /// Once per block of symbols, by the sum of what the symbols of the block give at the values the
    /// block began with: block LMS. A block begins at every multiple of this number of symbols,
    /// counted from the start of the stream. 1 to 64.
    Block(usize),
}

impl Update {
    /// Symbols per update.
    pub(super) fn symbols(self) -> usize {
        match self {
            Self::EverySymbol => 1,
            Self::Block(symbols) => symbols,
        }
    }
}

/// An adaptive equalizer at its start.
///
/// The default is a single tap of one that adapts by nothing: give taps and steps.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptConfig {
    /// Feed-forward taps at the start and number of taps before the main one. At most 256 taps
    /// ([`MAX_FFE_TAPS`]).
    pub ffe: FfeConfig,
    /// Feedback taps at the start; at most [`MAX_TAPS`].
    pub dfe: Vec<f32>,
    /// Gain behind the feed-forward taps at the start.
    pub gain: f32,
    /// Offset at the start, in the unit of the levels.
    pub offset: f32,
    /// Levels at the start, strictly rising.
    pub levels: [f32; 4],
    /// How error and regressor enter.
    pub rule: Rule,
    /// Step sizes; zero for a part that does not adapt.
    pub steps: Parts<f32>,
    /// Leakage of the feed-forward taps: each update first takes them times `1 - step leakage`, or
    /// `1 - B step leakage` in blocks of B symbols; `step leakage` and `B step leakage` are at most
    /// one. Where a gear of the schedule above one takes the factor below zero it is zero. A pinned
    /// tap does not leak.
    pub ffe_leakage: f32,
    /// Leakage of the feedback taps, in the same way.
    pub dfe_leakage: f32,
    /// Factor on the steps over time.
    pub schedule: Schedule,
    /// Whether the main tap takes part.
    pub main_tap: MainTap,
    /// Whether the outer two levels stay as configured where levels adapt. They set the scale and
    /// the zero of the output: without them every part may shrink together.
    pub outer_levels_pinned: bool,
    /// Every symbol or once per block.
    pub update: Update,
    /// Time constant of the running mean square error, in symbols.
    pub mse_window_symbols: f32,
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self {
            ffe: FfeConfig {
                taps: vec![1.0],
                precursors: 0,
            },
            dfe: Vec::new(),
            gain: 1.0,
            offset: 0.0,
            levels: pam4::LEVELS,
            rule: Rule::default(),
            steps: Parts::default(),
            ffe_leakage: 0.0,
            dfe_leakage: 0.0,
            schedule: Schedule::default(),
            main_tap: MainTap::default(),
            outer_levels_pinned: true,
            update: Update::default(),
            mse_window_symbols: 512.0,
        }
    }
}

impl AdaptConfig {
    pub(super) fn check(&self) -> Result<()> {
        let taps = &self.ffe.taps;
        if taps.is_empty() {
            return Err(Error::Empty {
                name: "ffe taps".into(),
            });
        }
        in_range(
            "ffe taps (count)",
            taps.len() as f64,
            1.0,
            MAX_FFE_TAPS as f64,
        )?;
        let last = (taps.len() - 1) as f64;
        in_range("ffe precursors", self.ffe.precursors as f64, 0.0, last)?;
        in_range(
            "dfe taps (count)",
            self.dfe.len() as f64,
            0.0,
            MAX_TAPS as f64,
        )?;
        for (name, list) in [("ffe taps", taps), ("dfe taps", &self.dfe)] {
            for (k, &tap) in list.iter().enumerate() {
                finite(format!("{name}[{k}]"), tap.into())?;
            }
        }
        finite("gain", self.gain.into())?;
        finite("offset", self.offset.into())?;
        SlicerConfig {
            levels: self.levels,
            thresholds: None,
        }
        .checked_thresholds()?;
        let largest = f64::from(f32::MAX);
        let s = &self.steps;
        for (name, value) in [
            ("steps.ffe", s.ffe),
            ("steps.dfe", s.dfe),
            ("steps.gain", s.gain),
            ("steps.offset", s.offset),
            ("steps.levels", s.levels),
            ("ffe_leakage", self.ffe_leakage),
            ("dfe_leakage", self.dfe_leakage),
        ] {
            in_range(name, value.into(), 0.0, largest)?;
        }
        self.schedule.check()?;
        if let Update::Block(symbols) = self.update {
            in_range("update block", symbols as f64, 1.0, 64.0)?;
        }
        let symbols = self.update.symbols();
        for (part, step, leakage) in [
            ("ffe", s.ffe, self.ffe_leakage),
            ("dfe", s.dfe, self.dfe_leakage),
        ] {
            let name = match self.update {
                Update::EverySymbol => format!("steps.{part} * {part}_leakage"),
                Update::Block(_) => format!("update block * steps.{part} * {part}_leakage"),
            };
            let product = symbols as f64 * f64::from(step) * f64::from(leakage);
            in_range(name, product, 0.0, 1.0)?;
        }
        in_range(
            "mse_window_symbols",
            self.mse_window_symbols.into(),
            1.0,
            1e9,
        )
        .map(|_| ())
    }

    pub(super) fn main_pinned(&self) -> bool {
        match self.main_tap {
            MainTap::PinnedWithGain => self.steps.gain > 0.0,
            MainTap::Pinned => true,
            MainTap::Free => false,
        }
    }
}
