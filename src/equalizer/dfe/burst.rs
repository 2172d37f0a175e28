//! What follows a wrong decision in white noise: the exact chain of errors that feed errors.
//!
//! The receiver subtracts `taps[k] (level(d[n-1-k]) - level(a[n-1-k]))` too much after wrong decisions `d` of
//! the symbols `a`. With independent equally likely symbols and independent Gaussian noise, the
//! last K differences are a Markov chain; an error event is an excursion from the state without
//! differences. All means follow from one set of linear equations, the distribution of the length
//! from one step of the chain per error.

use nalgebra::{DMatrix, DVector};

use super::{Dfe, DfeConfig};
use crate::Level;
use crate::error::{Error, Result, in_range, positive};
use crate::pam4::bit_errors;
use crate::signal::BurstModel;
use crate::units::q_function;

/// The most feedback taps of [`error_bursts`]; the number of states is the number of level
/// differences (7 for even levels, at most 13) to this power.
pub const MAX_BURST_TAPS: usize = 2;

/// The most entries of the distribution of the length.
const MAX_LENGTHS: f64 = 65536.0;

/// Error events of a [`super::Dfe`] in white Gaussian noise.
///
/// An event begins with a wrong decision whose history is right and ends with the last wrong
/// decision before K right ones in a row, K being the number of taps (at least one).
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorBursts {
    /// Rate and means; `propagation` is taken over all wrong symbols.
    ///
    /// `event_rate` here is events per symbol of the running stream, symbols inside events counted:
    /// times the mean symbols of an event it is the symbol error ratio. The probability that an
    /// event begins at a symbol whose history is right is [`ErrorBursts::first_error`], which is
    /// larger: `event_rate = first_error / (1 + first_error v)`, `v` the mean number of symbols after
    /// the first wrong one of an event, up to the one that clears the history. The two agree where
    /// errors are rare.
    pub model: BurstModel,
    /// Probability of an error at a symbol whose history is right: the first of an event. Not a rate
    /// of the stream, see `model`.
    pub first_error: f64,
    /// `lengths[l - 1]`: probability that an event has `l` wrong symbols; as many entries as asked for.
    pub lengths: Vec<f64>,
}

impl ErrorBursts {
    /// Symbol error ratio, events times wrong symbols of an event.
    #[must_use]
    pub fn ser(&self) -> f64 {
        self.model.event_rate * self.model.symbols_per_event
    }

    /// Bit error ratio under the Gray map.
    #[must_use]
    pub fn ber(&self) -> f64 {
        0.5 * self.model.event_rate * self.model.bits_per_event
    }
}

/// Error events from taps, levels, thresholds and noise; `lengths` entries of the distribution of
/// the length, 0..=65536 of them.
///
/// `x[n] = level(a[n]) + sum_k taps[k] level(a[n-1-k]) + w[n]` with independent symbols `a`, each
/// with probability 1/4, and independent Gaussian `w` of standard deviation `noise_sigma` (in the
/// unit of the levels); the equalizer has the taps of the channel. Exact but for the rounding of
/// `f64` (relative 1e-12 where events end soon; the rounding of the equalizer to `f32` is not modelled).
///
/// Known closed form: one tap as large as the main cursor in little noise carries an error on with
/// probability 3/4 (an outer level cannot be overshot), so lengths are geometric with mean 4.
///
/// # Cost
/// One solve of up to 168 states, then two products of its matrix and a vector per entry of the
/// lengths: seconds for the most entries.
///
/// # Errors
/// Those of [`super::Dfe::new`]; [`Error::OutOfRange`] for more than [`MAX_BURST_TAPS`] taps and for
/// more than 65536 lengths;
/// [`Error::NotPositive`] for the noise, and [`Error::NotFinite`] for means that no `f64` holds: no
/// first error (noise below about 1/37 of the distance to a threshold) or events that do not end.
///
/// # Source
/// D. L. Duttweiler, J. E. Mazo and D. G. Messerschmitt, "An upper bound on the error probability in
/// decision-feedback equalization", IEEE Trans. Information Theory 20 (1974), for the chain of
/// errors; the excursion sums are those of any absorbing chain.
///
/// # Example
/// ```
/// use pamlink::equalizer::dfe::{DfeConfig, error_bursts};
///
/// let config = DfeConfig { taps: vec![1.0], ..DfeConfig::default() };
/// let bursts = error_bursts(&config, 0.1, 8)?;
/// assert!((bursts.model.symbols_per_event - 4.0).abs() < 1e-9);
/// assert!((bursts.lengths[2] - 0.25 * 0.75 * 0.75).abs() < 1e-9);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn error_bursts(config: &DfeConfig, noise_sigma: f64, lengths: usize) -> Result<ErrorBursts> {
    let thresholds = Dfe::with_level(config, Level::BASELINE)?.thresholds();
    let memory = config.taps.iter().rposition(|&t| t != 0.0);
    let memory = memory.map_or(1, |k| k + 1);
    in_range("taps (count)", memory as f64, 0.0, MAX_BURST_TAPS as f64)?;
    positive("noise_sigma", noise_sigma)?;
    in_range("lengths", lengths as f64, 0.0, MAX_LENGTHS)?;
    let chain = Chain::new(config, thresholds.map(f64::from), noise_sigma, memory);

    let first_error: f64 = chain.first.iter().sum();
    if first_error == 0.0 {
        return Err(Error::NotFinite {
            name: "length of an error event (no errors at this noise_sigma)".into(),
            value: f64::NAN,
        });
    }
    let start = DVector::from_vec(chain.first.clone()) / first_error;
    let first_bits = chain.first_bits / first_error;

    // Mean visits of each state of an event: all that came in, the first and what was passed on.
    let states = chain.size - 1;
    let leave = DMatrix::identity(states, states) - &chain.step;
    let visits = leave
        .lu()
        .solve(&start)
        .filter(|v| v.iter().all(|x| x.is_finite() && *x > -1e-9));
    let Some(visits) = visits else {
        return Err(Error::NotFinite {
            name: "length of an error event (events do not end)".into(),
            value: f64::INFINITY,
        });
    };
    let wrong_visits =
        |weight: &dyn Fn(usize) -> f64| -> f64 { (0..states).map(|s| visits[s] * weight(s)).sum() };
    let symbols = wrong_visits(&|s| if chain.ends_wrong(s) { 1.0 } else { 0.0 });
    let pairs = wrong_visits(&|s| {
        if chain.ends_wrong(s) {
            chain.wrong_next[s]
        } else {
            0.0
        }
    });
    let bits = first_bits + wrong_visits(&|s| chain.bits_next[s]);
    // Between events the stream spends 1 / first_error symbols, the first wrong one included; an
    // event then takes one more for each visit.
    let event_rate = first_error / (1.0 + first_error * visits.sum());
    Ok(ErrorBursts {
        model: BurstModel {
            event_rate,
            symbols_per_event: symbols,
            bits_per_event: bits,
            propagation: pairs / symbols,
        },
        first_error,
        lengths: chain.lengths(start, lengths),
    })
}

/// The chain over the level differences of the last decisions, newest first. State 0 is without
/// differences and is left out of vectors and matrices: index `s` there is state `s + 1`.
struct Chain {
    /// Number of different level differences.
    digits: usize,
    size: usize,
    /// Probability to go from the right history into each state.
    first: Vec<f64>,
    /// Mean wrong bits of that step.
    first_bits: f64,
    /// `[to, from]`, excursions only.
    step: DMatrix<f64>,
    /// Probability of a wrong decision, and its mean wrong bits, by state.
    wrong_next: Vec<f64>,
    bits_next: Vec<f64>,
}

impl Chain {
    fn new(config: &DfeConfig, thresholds: [f64; 3], sigma: f64, memory: usize) -> Self {
        let levels = config.levels.map(f64::from);
        let mut differences = vec![0.0];
        for d in levels {
            for a in levels {
                if !differences.contains(&(d - a)) {
                    differences.push(d - a);
                }
            }
        }
        let digits = differences.len();
        let size = digits.pow(memory as u32);
        let mut chain = Self {
            digits,
            size,
            first: vec![0.0; size - 1],
            first_bits: 0.0,
            step: DMatrix::zeros(size - 1, size - 1),
            wrong_next: vec![0.0; size - 1],
            bits_next: vec![0.0; size - 1],
        };
        for from in 0..size {
            // The newest difference is the lowest digit.
            let fed_back: f64 = (0..memory)
                .map(|k| {
                    let digit = from / digits.pow(k as u32) % digits;
                    let tap = config.taps.get(k).map_or(0.0, |&t| f64::from(t));
                    tap * differences[digit]
                })
                .sum();
            for (a, sent) in levels.into_iter().enumerate() {
                for (d, decided) in levels.into_iter().enumerate() {
                    let low = d.checked_sub(1).map(|i| thresholds[i]);
                    let high = thresholds.get(d).copied();
                    let p = 0.25 * between(low, high, sent - fed_back, sigma);
                    let digit = differences.iter().position(|&x| x == decided - sent);
                    let to = (from * digits + digit.unwrap_or(0)) % size;
                    let bits = p * f64::from(bit_errors(d as u8, a as u8));
                    let wrong = if a == d { 0.0 } else { p };
                    match (from.checked_sub(1), to.checked_sub(1)) {
                        (None, None) => {}
                        (None, Some(to)) => {
                            chain.first[to] += p;
                            chain.first_bits += bits;
                        }
                        (Some(from), to) => {
                            chain.wrong_next[from] += wrong;
                            chain.bits_next[from] += bits;
                            if let Some(to) = to {
                                chain.step[(to, from)] += p;
                            }
                        }
                    }
                }
            }
        }
        chain
    }

    /// Whether the newest decision of the state at this index is wrong.
    fn ends_wrong(&self, index: usize) -> bool {
        !(index + 1).is_multiple_of(self.digits)
    }

    /// Probability of each number of wrong symbols, from the states after the first.
    fn lengths(&self, start: DVector<f64>, count: usize) -> Vec<f64> {
        let mut after = start;
        (0..count)
            .map(|_| {
                // On to the next wrong symbol, over right ones that do not yet end the event.
                let (mut on, mut waiting) = (DVector::zeros(self.size - 1), after.clone());
                for _ in 0..MAX_BURST_TAPS {
                    waiting = &self.step * waiting;
                    for s in 0..self.size - 1 {
                        if self.ends_wrong(s) {
                            on[s] += waiting[s];
                            waiting[s] = 0.0;
                        }
                    }
                }
                let ended = after.sum() - on.sum();
                after = on;
                ended
            })
            .collect()
    }
}

/// Probability of a Gaussian number between two thresholds (none: no bound), right in both tails.
fn between(low: Option<f64>, high: Option<f64>, mean: f64, sigma: f64) -> f64 {
    let z = |t: f64| (t - mean) / sigma;
    match (low.map(z), high.map(z)) {
        (None, None) => 1.0,
        (Some(a), None) => q_function(a),
        (None, Some(b)) => q_function(-b),
        (Some(a), Some(b)) if a > 0.0 => q_function(a) - q_function(b),
        (Some(a), Some(b)) => q_function(-b) - q_function(-a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bursts(taps: &[f32], sigma: f64, lengths: usize) -> ErrorBursts {
        let config = DfeConfig {
            taps: taps.to_vec(),
            ..DfeConfig::default()
        };
        error_bursts(&config, sigma, lengths).unwrap()
    }

    #[test]
    fn one_tap_in_little_noise_has_closed_forms() {
        // A first error is to a neighbour. b = 1 moves the next sample by a whole level: wrong unless the
        // symbol is the outer one on that side, 3/4. b = 0.5 moves it onto a threshold: half of that.
        // Less noise than distance / 10: other terms are below Q(10) = 8e-24.
        for (tap, on) in [(1.0f32, 0.75f64), (0.5, 0.375)] {
            let b = bursts(&[tap], 0.05, 12);
            for (l, p) in b.lengths.iter().enumerate() {
                let expected = (1.0 - on) * on.powi(l as i32);
                assert!((p - expected).abs() < 1e-12, "{tap}: length {}: {p}", l + 1);
            }
            assert!((b.model.symbols_per_event - 1.0 / (1.0 - on)).abs() < 1e-12);
            assert!((b.model.propagation - on).abs() < 1e-12);
            assert!((b.first_error / (1.5 * q_function(20.0)) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn without_feedback_errors_are_independent() {
        // Runs of wrong symbols of a memoryless slicer: geometric with its own error ratio.
        let sigma = 0.6;
        let ser = 1.5 * q_function(1.0 / sigma);
        for taps in [vec![], vec![0.0, 0.0]] {
            let b = bursts(&taps, sigma, 6);
            assert!((b.ser() / ser - 1.0).abs() < 1e-12, "{}", b.ser());
            assert!((b.model.propagation / ser - 1.0).abs() < 1e-12);
            // The history is always right; an event begins at a wrong symbol that follows a right one.
            assert!((b.first_error / ser - 1.0).abs() < 1e-12);
            assert!((b.model.event_rate / (ser * (1.0 - ser)) - 1.0).abs() < 1e-12);
            for (l, p) in b.lengths.iter().enumerate() {
                assert!((p / ((1.0 - ser) * ser.powi(l as i32)) - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn the_lengths_add_up_to_one_and_to_the_mean() {
        for taps in [vec![0.7f32], vec![0.6, 0.3], vec![-0.4, 0.5]] {
            let config = DfeConfig {
                taps,
                levels: [-0.3, -0.09, 0.11, 0.3],
                thresholds: Some([-0.2, 0.02, 0.2]),
            };
            let b = error_bursts(&config, 0.04, 2000).unwrap();
            let total: f64 = b.lengths.iter().sum();
            let weighted = b
                .lengths
                .iter()
                .enumerate()
                .map(|(i, p)| (i as f64 + 1.0) * p);
            let mean: f64 = weighted.sum();
            assert!((total - 1.0).abs() < 1e-9, "{total}");
            assert!(
                (mean / b.model.symbols_per_event - 1.0).abs() < 1e-9,
                "{mean}"
            );
        }
    }

    #[test]
    fn what_has_no_answer_is_an_error() {
        let config = |taps: Vec<f32>| DfeConfig {
            taps,
            ..DfeConfig::default()
        };
        assert!(matches!(
            error_bursts(&config(vec![0.1; 3]), 0.1, 1),
            Err(Error::OutOfRange { .. })
        ));
        assert!(matches!(
            error_bursts(&config(vec![0.1]), 0.0, 1),
            Err(Error::NotPositive { .. })
        ));
        assert!(matches!(
            error_bursts(&config(vec![0.1]), 1e-3, 1),
            Err(Error::NotFinite { .. })
        ));
        assert!(error_bursts(&config(vec![f32::NAN]), 0.1, 1).is_err());
        for lengths in [usize::MAX, 65537] {
            let text = error_bursts(&config(vec![0.1]), 0.1, lengths).unwrap_err();
            let text = text.to_string();
            let right = text.starts_with("lengths is ") && text.ends_with("between 0 and 65536");
            assert!(right, "{text}");
        }
        let none = error_bursts(&config(vec![0.1]), 0.1, 0).unwrap();
        assert!(none.lengths.is_empty() && none.first_error > 0.0);
        assert_eq!(bursts(&[0.5], 0.1, 65536).lengths.len(), 65536);
    }
}
