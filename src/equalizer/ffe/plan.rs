//! A sliding sum with its history: what the plans of this room share.

use crate::error::{Error, Result, finite, length};
use crate::simd::Level;
use crate::simd::Width;
use crate::simd::fir::{self, ALIGNMENT, Schedule};

/// Entries after the samples of a scratch record, so that a block of four vectors can be computed where
/// fewer outputs are wanted.
const PADDING: usize = 32;

/// `c[i] = sum_j taps[j] x[i - j]` over taps some of which may be absent.
#[derive(Debug, Clone)]
pub(super) struct Sliding {
    schedule: Schedule,
    level: Level,
}

/// The samples a stream must remember between blocks.
#[derive(Debug, Clone)]
pub(super) struct History {
    samples: Vec<f32>,
    scratch: Vec<f32>,
}

impl History {
    pub(super) fn reset(&mut self) {
        self.samples.fill(0.0);
    }
}

/// A list of taps that is neither empty nor longer than `most` and holds finite numbers only.
pub(super) fn valid_taps(name: &str, taps: &[f32], most: usize) -> Result<()> {
    if taps.is_empty() {
        return Err(Error::Empty {
            name: name.to_owned().into(),
        });
    }
    if taps.len() > most {
        return Err(Error::OutOfRange {
            name: format!("number of {name}").into(),
            value: taps.len() as f64,
            min: 1.0,
            max: most as f64,
        });
    }
    for (k, &tap) in taps.iter().enumerate() {
        finite(format!("{name}[{k}]"), f64::from(tap))?;
    }
    Ok(())
}

impl Sliding {
    /// Groups of taps by rising delay of their first tap; the first delay is 0 and none overlap.
    pub(super) fn new(groups: &[(usize, &[f32])], level: Level) -> Self {
        let span = groups.iter().map(|(at, taps)| at + taps.len()).max();
        let span = span.unwrap_or(1);
        let runs: Vec<(usize, Vec<f32>)> = groups
            .iter()
            .rev()
            .map(|(at, taps)| {
                let reversed = taps.iter().rev().copied().collect();
                (span - at - taps.len(), reversed)
            })
            .collect();
        Self {
            schedule: Schedule::new(&runs, Width::Sliding.lanes(level)),
            level,
        }
    }

    pub(super) fn level(&self) -> Level {
        self.level
    }

    /// Samples that an output sees besides the latest one.
    pub(super) fn past(&self) -> usize {
        self.schedule.span - 1
    }

    pub(super) fn history(&self) -> History {
        let past = self.past();
        History {
            samples: vec![0.0; past],
            scratch: Vec::with_capacity(2 * past + ALIGNMENT / 4 + PADDING),
        }
    }

    /// `y[n] = c[n + lead]` for a whole record, zeros outside it.
    pub(super) fn record(&self, lead: usize, x: &[f32], y: &mut [f32]) {
        // Outputs whose window lies inside the record come straight from it; both ends go through a
        // padded copy.
        let (n, past) = (x.len(), self.past());
        let head = past.min(n);
        let mut padded = vec![0.0; past];
        padded.extend_from_slice(&x[..head]);
        let mut edge = vec![0.0; head.max(lead)];
        fir::fir(self.level, &self.schedule, &padded, &mut edge[..head]);
        if lead < head {
            y[..head - lead].copy_from_slice(&edge[lead..head]);
        }
        if past < n {
            let inside = &mut y[past - lead..n - lead];
            fir::fir(self.level, &self.schedule, x, inside);
        }
        // The tail c[max(n, ..)..n + lead]: the last `past` samples, then zeros.
        padded.clear();
        padded.resize(past - head, 0.0);
        padded.extend_from_slice(&x[n - head..]);
        padded.resize(past + lead, 0.0);
        fir::fir(self.level, &self.schedule, &padded, &mut edge[..lead]);
        let from = lead.saturating_sub(n);
        y[n - lead.min(n)..].copy_from_slice(&edge[from..lead]);
    }

    /// Whether the arguments of [`Sliding::stream`] fit.
    pub(super) fn fits(&self, history: &History, x: usize, y: usize) -> Result<()> {
        length("ffe output", x, y)?;
        length("ffe state", self.past(), history.samples.len())
    }

    /// Next block of a stream: `y[i] = c[i]`, counted from the stream's start.
    pub(super) fn stream(&self, history: &mut History, x: &[f32], y: &mut [f32]) {
        let (n, past) = (x.len(), self.past());
        // Outputs that reach back into the last block go through a copy; a few more, so that the others
        // start at an aligned place.
        let after = y.as_ptr().wrapping_add(past).align_offset(ALIGNMENT);
        let head = past.saturating_add(after).min(n);
        let scratch = &mut history.scratch;
        scratch.clear();
        scratch.extend_from_slice(&history.samples);
        scratch.extend_from_slice(&x[..head]);
        scratch.resize(past + head + PADDING, 0.0);
        fir::fir(self.level, &self.schedule, scratch, &mut y[..head]);
        if n > head {
            fir::fir(
                self.level,
                &self.schedule,
                &x[head - past..],
                &mut y[head..],
            );
        }
        if n >= past {
            history.samples.copy_from_slice(&x[n - past..]);
        } else {
            history.samples.copy_from_slice(&scratch[n..n + past]);
        }
    }
}
