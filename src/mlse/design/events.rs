//! Error events of a partial response and their distances in coloured noise.

use crate::units::q_function;

/// Symbols of the longest event that is listed.
pub(crate) const LONGEST: usize = 32;
/// Symbols to which all events with differences of one level are listed.
const LONGEST_OF_ONE: usize = 9;
/// Symbols to which all events with differences of up to two levels are listed.
const LONGEST_OF_TWO: usize = 5;

/// One error event.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorEvent {
    /// Differences between decided and sent symbols in steps of one level; the opposite signs are
    /// the same event.
    pub differences: Vec<i8>,
    /// `d = |s|^2 / sqrt(s' P s)`; the detector takes the event for the truth with probability
    /// `Q(d / 2)`.
    pub distance: f64,
}

/// Visits the error events that are listed for a target of `memory` coefficients behind its one: all with
/// differences of one level to 9 symbols and of up to two to 5, alternating ones to 32. Each stands for its
/// opposite, too.
pub(crate) fn each_event(memory: usize, visit: &mut impl FnMut(&[i8])) {
    for (most, longest) in [(1, LONGEST_OF_ONE), (2, LONGEST_OF_TWO)] {
        for first in 1..=most {
            extend(&mut vec![first], most, longest, memory, visit);
        }
    }
    let mut alternating: Vec<i8> = vec![1];
    while alternating.len() < LONGEST {
        let next = if alternating.len() % 2 == 1 { -1 } else { 1 };
        alternating.push(next);
        if alternating.len() > LONGEST_OF_ONE {
            visit(&alternating);
        }
    }
}

/// Visits the event and all its continuations. An event ends where the trellis paths meet, after
/// `memory` equal symbols; so it holds fewer zeros than that in a row, and none at its end.
fn extend(
    event: &mut Vec<i8>,
    most: i8,
    longest: usize,
    memory: usize,
    visit: &mut impl FnMut(&[i8]),
) {
    if event.last() != Some(&0) && (most == 1 || event.iter().any(|e| e.abs() == most)) {
        visit(event);
    }
    if event.len() == longest {
        return;
    }
    for next in -most..=most {
        let zeros = event.iter().rev().take_while(|&&e| e == 0).count();
        if next == 0 && zeros + 1 >= memory {
            continue;
        }
        event.push(next);
        extend(event, most, longest, memory, visit);
        event.pop();
    }
}

/// Sums over the events.
pub(super) struct Union {
    pub(super) symbol_error_ratio: f64,
    pub(super) bit_error_ratio: f64,
    pub(super) nearest: ErrorEvent,
}

/// Target and residual that distances are measured with.
pub(super) struct Distances<'a> {
    response: &'a [f64],
    residual: &'a [f64],
    step: f64,
}

impl<'a> Distances<'a> {
    /// `residual` at lags of at least [`LONGEST`] plus the length of the response.
    pub(super) fn new(response: &'a [f64], residual: &'a [f64], step: f64) -> Self {
        Self {
            response,
            residual,
            step,
        }
    }

    /// Distance of an event.
    pub(super) fn distance(&self, differences: &[i8]) -> f64 {
        let n = differences.len() + self.response.len() - 1;
        let mut moved = [0.0; LONGEST + 2];
        for (i, &e) in differences.iter().enumerate() {
            for (k, g) in self.response.iter().enumerate() {
                moved[i + k] += self.step * f64::from(e) * g;
            }
        }
        let moved = &moved[..n];
        let correlation = |lag: usize| -> f64 {
            let late = moved[lag..].iter();
            late.zip(moved).map(|(a, b)| a * b).sum()
        };
        let square = correlation(0);
        let mut noise = square * self.residual[0];
        for lag in 1..n {
            noise += 2.0 * self.residual[lag] * correlation(lag);
        }
        // Rounding, or an autocorrelation that is none.
        square / noise.max(f64::MIN_POSITIVE).sqrt()
    }

    /// The union bound over the listed events.
    pub(super) fn union(&self) -> Union {
        let mut union = Union {
            symbol_error_ratio: 0.0,
            bit_error_ratio: 0.0,
            nearest: ErrorEvent {
                differences: vec![1],
                distance: self.distance(&[1]),
            },
        };
        each_event(self.response.len() - 1, &mut |event| {
            self.count(event, &mut union);
        });
        union
    }

    fn count(&self, event: &[i8], union: &mut Union) {
        let distance = self.distance(event);
        if distance < union.nearest.distance {
            union.nearest = ErrorEvent {
                differences: event.to_vec(),
                distance,
            };
        }
        // Both signs; of four levels, `4 - |e|` can move by `e`.
        let possible: f64 = event
            .iter()
            .map(|e| (4.0 - f64::from(e.abs())) / 4.0)
            .product();
        let probability = 2.0 * possible * q_function(0.5 * distance);
        let wrong = event.iter().filter(|&&e| e != 0).count() as f64;
        // Gray map: one bit for one level, two for two, of two bits per symbol.
        let bits: f64 = event.iter().map(|e| f64::from(e.abs())).sum();
        union.symbol_error_ratio += probability * wrong;
        union.bit_error_ratio += probability * bits / 2.0;
    }
}
