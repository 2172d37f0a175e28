//! Error counts: bits, symbols, and the *events* in which errors come.
//!
//! An event is a run of symbol errors without [`EVENT_GAP`] or more right symbols in a row inside it.
//! Bursts make bit errors dependent; events are (nearly) independent, so intervals are taken over them.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use super::interval::{Interval, clopper_pearson};
use crate::error::{Result, length};
use crate::pam4::SYMBOL_TO_GRAY;

/// Right symbols in a row that end an error event.
pub const EVENT_GAP: u64 = 32;

/// Errors and what they were counted on. Counts of independent runs add up in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErrorCount {
    /// Symbols compared; each carries two bits.
    pub symbols: u64,
    /// Symbols that differ.
    pub symbol_errors: u64,
    /// Bits that differ under the Gray map.
    pub bit_errors: u64,
    /// Error events.
    pub events: u64,
    /// Sum over the events of the square of their bit errors: how unequal the events are.
    pub bit_errors_squared: u64,
}

impl ErrorCount {
    /// Bits compared.
    #[must_use]
    pub fn bits(&self) -> u64 {
        2 * self.symbols
    }

    /// Bit error ratio; 0 where nothing was compared (see [`Self::ber_interval`] for what that says).
    #[must_use]
    pub fn ber(&self) -> f64 {
        ratio(self.bit_errors, self.bits())
    }

    /// Symbol error ratio; 0 where nothing was compared.
    #[must_use]
    pub fn ser(&self) -> f64 {
        ratio(self.symbol_errors, self.symbols)
    }

    /// Events per symbol; 0 where nothing was compared.
    #[must_use]
    pub fn event_rate(&self) -> f64 {
        ratio(self.events, self.symbols)
    }

    /// Mean bit errors of an event; 0 without events.
    #[must_use]
    pub fn bits_per_event(&self) -> f64 {
        ratio(self.bit_errors, self.events)
    }

    /// Mean symbol errors of an event; 0 without events.
    #[must_use]
    pub fn symbols_per_event(&self) -> f64 {
        ratio(self.symbol_errors, self.events)
    }

    /// Number of equal events that would scatter as the events counted do:
    /// `(sum of bit errors)^2 / sum of their squares`, at most the number of events and equal to it where
    /// all events have the same bit errors. 0 without errors.
    #[must_use]
    pub fn effective_events(&self) -> f64 {
        if self.bit_errors == 0 {
            return 0.0;
        }
        let sum = self.bit_errors as f64;
        sum * sum / self.bit_errors_squared as f64
    }

    /// Confidence interval of the bit error ratio, two-sided.
    ///
    /// The Clopper-Pearson interval of the rate of [effective events](Self::effective_events) per symbol,
    /// times the bit errors of one. For events of one bit error each it is the interval of the bit
    /// errors; bursts widen it, both by being fewer than their errors and (to second order) by being
    /// unequal. Without errors `value = low = 0` and `high` is the bound for events of one bit error:
    /// bursts of `m` would raise it `m`-fold, which no count of zero can know.
    ///
    /// `confidence` in 0..1; an error if nothing was compared.
    pub fn ber_interval(&self, confidence: f64) -> Result<Interval> {
        let symbols = self.symbols as f64;
        let events = self.effective_events().min(symbols);
        let rate = clopper_pearson(events, symbols, confidence)?;
        let bits_per_event = if events > 0.0 {
            self.bit_errors as f64 / events
        } else {
            1.0
        };
        Ok(rate.scaled(0.5 * bits_per_event))
    }

    /// Confidence interval of the rate of events per symbol (Clopper-Pearson), two-sided.
    pub fn event_interval(&self, confidence: f64) -> Result<Interval> {
        clopper_pearson(self.events as f64, self.symbols as f64, confidence)
    }
}

fn ratio(errors: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        errors as f64 / of as f64
    }
}

impl AddAssign for ErrorCount {
    fn add_assign(&mut self, other: Self) {
        self.symbols += other.symbols;
        self.symbol_errors += other.symbol_errors;
        self.bit_errors += other.bit_errors;
        self.events += other.events;
        self.bit_errors_squared += other.bit_errors_squared;
    }
}

impl Add for ErrorCount {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for ErrorCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// Counts errors and events of a stream given in blocks; the counts do not depend on the blocks.
///
/// ```
/// use pamlink::metrics::EventCounter;
/// let mut counter = EventCounter::default();
/// counter.compare(&[0, 1, 2, 3], &[0, 2, 2, 1])?;
/// let count = counter.count();
/// assert_eq!((count.symbols, count.symbol_errors, count.bit_errors, count.events), (4, 2, 3, 1));
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct EventCounter {
    count: ErrorCount,
    /// One past the last wrong symbol of this run, as an index into all symbols compared; nothing yet: `None`.
    after_last_error: Option<u64>,
    /// Bit errors of the event the last error belongs to.
    event_bits: u64,
}

/// Symbols compared at once while nothing differs.
const CHUNK: usize = 64;

impl EventCounter {
    /// Compares a block of decided symbols with what was sent.
    ///
    /// Symbols 0..=3 in level order, as many decided as sent (else [`crate::Error::Length`], nothing is
    /// counted); of a larger value the two lowest bits count. Cost: one comparison per symbol; time per
    /// clean symbol is that of reading both slices, an error costs some nanoseconds.
    pub fn compare(&mut self, sent: &[u8], decided: &[u8]) -> Result<()> {
        length("decided", sent.len(), decided.len())?;
        let mut at = self.count.symbols;
        let (mut a, mut b) = (sent.chunks_exact(CHUNK), decided.chunks_exact(CHUNK));
        for (a, b) in (&mut a).zip(&mut b) {
            if a.iter().zip(b).fold(0, |d, (x, y)| d | (x ^ y)) & 3 != 0 {
                self.differing(at, a, b);
            }
            at += CHUNK as u64;
        }
        self.differing(at, a.remainder(), b.remainder());
        self.count.symbols += sent.len() as u64;
        Ok(())
    }

    /// Counts the errors of two slices that may differ, eight symbols at a time; the first symbol is number `at`.
    fn differing(&mut self, mut at: u64, sent: &[u8], decided: &[u8]) {
        let word = |chunk: &[u8]| {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(bytes)
        };
        for (a, b) in sent.chunks(8).zip(decided.chunks(8)) {
            let mut difference = (word(a) ^ word(b)) & 0x0303_0303_0303_0303;
            while difference != 0 {
                let byte = difference.trailing_zeros() / 8;
                self.error(at + u64::from(byte), (difference >> (8 * byte)) as u8 & 3);
                difference &= !(0xff << (8 * byte));
            }
            at += 8;
        }
    }

    /// One wrong symbol: its number and the exclusive-or of sent and decided.
    fn error(&mut self, at: u64, difference: u8) {
        // The Gray map is linear over GF(2): the bits that differ are the map of the difference.
        let bits = u64::from(SYMBOL_TO_GRAY[usize::from(difference)].count_ones());
        let new = self
            .after_last_error
            .is_none_or(|end| at - end >= EVENT_GAP);
        if new {
            self.count.events += 1;
            self.event_bits = 0;
        }
        self.count.symbol_errors += 1;
        self.count.bit_errors += bits;
        // (m + b)^2 - m^2: the sum of squares is right at every moment, an open event included.
        self.count.bit_errors_squared += bits * (2 * self.event_bits + bits);
        self.event_bits += bits;
        self.after_last_error = Some(at + 1);
    }

    /// What has been counted so far; an event still open is counted.
    #[must_use]
    pub fn count(&self) -> ErrorCount {
        self.count
    }

    /// Starts an independent run: the next error begins a new event. The counts stay.
    pub fn new_run(&mut self) {
        self.after_last_error = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pam4::bit_errors;
    use proptest::prelude::*;

    /// The definition, symbol by symbol.
    fn reference(sent: &[u8], decided: &[u8]) -> ErrorCount {
        let mut count = ErrorCount {
            symbols: sent.len() as u64,
            ..ErrorCount::default()
        };
        let (mut clean, mut event) = (EVENT_GAP, 0);
        for (&s, &d) in sent.iter().zip(decided) {
            if s == d {
                clean += 1;
                continue;
            }
            if clean >= EVENT_GAP {
                count.bit_errors_squared += event * event;
                event = 0;
                count.events += 1;
            }
            clean = 0;
            count.symbol_errors += 1;
            count.bit_errors += u64::from(bit_errors(s, d));
            event += u64::from(bit_errors(s, d));
        }
        count.bit_errors_squared += event * event;
        count
    }

    proptest! {
        #[test]
        fn any_split_counts_what_the_definition_counts(
            sent in prop::collection::vec(0u8..4, 0..700),
            errors in prop::collection::vec((0usize..700, 1u8..4), 0..25),
            cuts in prop::collection::vec(0usize..700, 0..6),
        ) {
            let mut decided = sent.clone();
            for (at, difference) in errors {
                if at < sent.len() {
                    decided[at] = sent[at] ^ difference;
                }
            }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(sent.len())).collect();
            cuts.extend([0, sent.len()]);
            cuts.sort_unstable();
            let mut counter = EventCounter::default();
            for pair in cuts.windows(2) {
                counter.compare(&sent[pair[0]..pair[1]], &decided[pair[0]..pair[1]]).unwrap();
            }
            prop_assert_eq!(counter.count(), reference(&sent, &decided));
        }
    }

    #[test]
    fn an_event_ends_after_exactly_the_gap() {
        let count = |clean: usize| {
            let mut decided = vec![0; clean + 2];
            decided[0] = 1;
            decided[clean + 1] = 2;
            let mut counter = EventCounter::default();
            counter.compare(&vec![0; clean + 2], &decided).unwrap();
            counter.count()
        };
        let one = count(31);
        assert_eq!((one.events, one.bit_errors_squared), (1, 9));
        let two = count(32);
        assert_eq!((two.events, two.bit_errors_squared), (2, 5));
    }

    #[test]
    fn counts_of_runs_add_up() {
        let mut counter = EventCounter::default();
        counter.compare(&[0, 1], &[0, 0]).unwrap();
        let first = counter.count();
        counter.new_run();
        counter.compare(&[3], &[0]).unwrap();
        let both = counter.count();
        assert_eq!(both.events, 2);
        let mut second = EventCounter::default();
        second.compare(&[3], &[0]).unwrap();
        let second = second.count();
        assert_eq!(first + second, both);
        assert_eq!(second + first, both);
        assert_eq!([first, second].into_iter().sum::<ErrorCount>(), both);
        assert!(counter.compare(&[0], &[]).is_err());
        assert_eq!(counter.count(), both);
    }

    #[test]
    fn intervals_are_those_of_the_events() {
        let single = ErrorCount {
            symbols: 1_000_000,
            symbol_errors: 20,
            bit_errors: 20,
            events: 20,
            bit_errors_squared: 20,
        };
        let burst = ErrorCount {
            symbol_errors: 80,
            bit_errors: 80,
            bit_errors_squared: 320,
            ..single
        };
        let (a, b) = (
            single.ber_interval(0.9).unwrap(),
            burst.ber_interval(0.9).unwrap(),
        );
        assert!((a.value - 1e-5).abs() < 1e-18 && (b.value - 4e-5).abs() < 1e-18);
        // Twenty events, of one error or of four: the same relative interval.
        assert!((a.low / a.value - b.low / b.value).abs() < 1e-12);
        assert!((a.high / a.value - 1.453).abs() < 1e-3);
        // The same errors in unequal events are known less well.
        let unequal = ErrorCount {
            bit_errors_squared: 640,
            ..burst
        };
        assert_eq!(unequal.effective_events(), 10.0);
        let c = unequal.ber_interval(0.9).unwrap();
        assert!(c.low < b.low && c.high > b.high);
        let none = ErrorCount {
            symbols: 1000,
            ..ErrorCount::default()
        };
        let zero = none.ber_interval(0.95).unwrap();
        assert_eq!((zero.value, zero.low), (0.0, 0.0));
        assert!((zero.high - 0.5 * (1.0 - 0.025f64.powf(1e-3))).abs() < 1e-12);
        assert!(ErrorCount::default().ber_interval(0.9).is_err());
        assert_eq!(ErrorCount::default().ber(), 0.0);
        assert_eq!(burst.bits_per_event(), 4.0);
        assert_eq!(burst.symbols_per_event(), 4.0);
        assert!((burst.event_interval(0.9).unwrap().value - 2e-5).abs() < 1e-18);
    }

    /// `cargo test --release -- --ignored --nocapture speed_of` on a quiet machine.
    #[test]
    #[ignore = "measures time"]
    fn speed_of_counting() {
        let n = 1 << 15;
        let sent: Vec<u8> = (0..n)
            .map(|k: u32| (k.wrapping_mul(2_654_435_761) >> 30) as u8)
            .collect();
        for spacing in [0, 2000, 100] {
            let mut decided = sent.clone();
            if spacing > 0 {
                decided.iter_mut().step_by(spacing).for_each(|s| *s ^= 1);
            }
            let mut counter = EventCounter::default();
            let start = std::time::Instant::now();
            for _ in 0..20_000 {
                counter
                    .compare(std::hint::black_box(&sent), std::hint::black_box(&decided))
                    .unwrap();
                std::hint::black_box(&mut counter);
            }
            let rate = 20_000.0 * f64::from(n) / start.elapsed().as_secs_f64();
            println!("an error every {spacing}: {:.2} GSym/s", rate * 1e-9);
            assert!(spacing > 0 || rate > 1e9);
        }
    }
}
