//! What adaptation costs, on top of the equalizer that adapts.

use crate::ops::{Cost, Ops};

/// How the taps follow the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Update {
    /// Sign of the error times sign of the sample into a 16-bit accumulator: 124 gates.
    #[default]
    SignSign,
    /// 3-bit error times 7-bit sample into a 20-bit accumulator: 340 gates.
    Lms,
}

/// Cost of adapting `taps` taps on one symbol in `1/duty` (`duty` 1 = every symbol).
///
/// Algorithm, per updated tap: one addition, and for [`Update::Lms`] one product. Hardware:
/// `(124 or 340) N duty` gate equivalents. The reference configurations hold no such block: the
/// fixed digital part of a transceiver includes slow adaptation, so add this one only for
/// adaptation beyond it.
#[must_use]
pub fn adaptation(taps: usize, update: Update, duty: f64) -> Cost {
    let updates = taps as f64 * duty;
    let (gates, algorithm, form) = match update {
        Update::SignSign => (
            124.0,
            Ops {
                add: vec![(16.0, updates)],
                ..Ops::default()
            },
            "sign-sign LMS, 16-bit accumulator",
        ),
        Update::Lms => (
            340.0,
            Ops {
                mul: vec![(3.0, 7.0, updates)],
                add: vec![(20.0, updates)],
                ..Ops::default()
            },
            "LMS, 3 x 7 bit, 20-bit accumulator",
        ),
    };
    Cost {
        algorithm,
        hardware: Ops {
            gates: gates * updates,
            ..Ops::default()
        },
        ..Cost::new(
            format!("adaptation of {taps} taps"),
            format!("{form}, duty {duty}"),
        )
    }
}

/// What adapts, for [`joint`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adapting {
    /// Feed-forward taps that move (a pinned main tap is not one).
    pub ffe_taps: usize,
    /// Feedback taps that move.
    pub dfe_taps: usize,
    /// Whether the gain moves.
    pub gain: bool,
    /// Whether the offset moves.
    pub offset: bool,
    /// Levels that move, 0 to 4; two with the outer ones pinned.
    pub levels: usize,
    /// Whether the taps leak.
    pub leakage: bool,
    /// Which rule.
    pub update: Update,
    /// Share of the symbols on which an update takes place.
    pub duty: f64,
}

impl Default for Adapting {
    fn default() -> Self {
        Self {
            ffe_taps: 1,
            dfe_taps: 0,
            gain: false,
            offset: false,
            levels: 0,
            leakage: false,
            update: Update::default(),
            duty: 1.0,
        }
    }
}

/// Cost of adapting feed-forward and feedback taps, gain, offset and levels together, without the
/// equalizer itself.
///
/// Algorithm, per update, LMS: the error (one addition); per part the step times the error (one
/// product); per tap and for the gain one product and one addition, with leakage one product more
/// per tap; for the offset one addition; a level, met by one symbol in four, its product and addition
/// and three thresholds with two products and an addition each. Sign-sign: one addition per number that moves, a level by
/// one symbol in four, and the error; steps are powers of two.
///
/// Hardware: `(124 or 340) * numbers * duty` gate equivalents, one accumulator per number that moves.
#[must_use]
pub fn joint(a: &Adapting) -> Cost {
    let taps = (a.ffe_taps + a.dfe_taps) as f64;
    let (gain, offset) = (f64::from(u8::from(a.gain)), f64::from(u8::from(a.offset)));
    let met = a.levels as f64 / 4.0;
    let (gates, algorithm, form) = match a.update {
        Update::SignSign => (
            124.0,
            Ops {
                add: vec![(16.0, (taps + gain + offset + met + 1.0) * a.duty)],
                ..Ops::default()
            },
            "sign-sign LMS, 16-bit accumulators",
        ),
        Update::Lms => {
            let part = |n: usize| f64::from(u8::from(n > 0));
            let steps = part(a.ffe_taps) + part(a.dfe_taps) + gain + offset + met;
            let leaking = if a.leakage { taps } else { 0.0 };
            let products = steps + taps + leaking + gain + 6.0 * met;
            (
                340.0,
                Ops {
                    mul: vec![(3.0, 7.0, products * a.duty)],
                    add: vec![(20.0, (taps + gain + offset + 4.0 * met + 1.0) * a.duty)],
                    ..Ops::default()
                },
                "LMS, 3 x 7 bit, 20-bit accumulators",
            )
        }
    };
    let numbers = taps + gain + offset + a.levels as f64;
    Cost {
        algorithm,
        hardware: Ops {
            gates: gates * numbers * a.duty,
            ..Ops::default()
        },
        ..Cost::new(
            format!("adaptation of {numbers} numbers"),
            format!("{form}, duty {}", a.duty),
        )
    }
}
