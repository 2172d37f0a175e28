//! One independent run: streams side by side, their waveforms block by block, their samples chunk by chunk at
//! the phase of the clock recovery.

use std::ops::Range;

use crate::cdr::LockReport;
use crate::error::Result;

use super::super::coded::{self, Coder};
use super::super::receive::Counted;
use super::lane::{Lane, Record, Work};
use super::plan::Plan;
use super::recovery::Recovery;

/// Where a run begins and how long it is, in symbols of a stream.
#[derive(Debug, Clone)]
pub(super) struct Extent {
    pub seed: u64,
    pub run: u64,
    pub streams: usize,
    pub warmup: u64,
    pub symbols: u64,
    /// Whether the clock recovery begins with nothing: the run ends when it has found the clock or given up.
    pub acquire: bool,
    /// Whether the clock recovery deflects its phase to measure its detector.
    pub probed: bool,
    /// Samples to keep of each stream, from the first that counts on, with the symbols at their main cursors.
    pub record: usize,
    /// By which the phase of each stream begins off the tuned one, drawn from this range, UI.
    pub offset_ui: Range<f64>,
}

/// What a run gave.
pub(super) struct Outcome {
    pub counted: Counted,
    /// The clock recovery's report of each stream; empty where the phase is fixed.
    pub lock: Vec<LockReport>,
    /// Its phase at the end, UI on the axis of the chain, of each stream.
    pub phase_ui: Vec<f64>,
    /// Number of the sample behind the last one.
    pub sampled: u64,
    /// Standard deviation of the phases from chunk to chunk, UI.
    pub jitter_ui: f64,
    /// What was kept of each stream.
    pub records: Vec<Record>,
    /// Whether the whole run was made.
    pub whole: bool,
    /// Mean square of the samples at the converter.
    pub power: f64,
}

impl Plan {
    /// Simulates `warmup + symbols` symbols of each stream and counts the last `symbols`; `go_on` is asked once
    /// a block.
    // The steps of a chunk in their order, which share all of the state.
    #[allow(clippy::too_many_lines)]
    pub(super) fn run(
        &self,
        extent: &Extent,
        coded: Option<&coded::Plan>,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Outcome> {
        let streams = extent.streams;
        let latency = self.receiver.latency() as u64;
        // Decisions before the latency belong to no symbol sent.
        let skip = extent.warmup.max(latency);
        let mut reception = self
            .receiver
            .reception(streams, self.chunk, skip..skip + extent.symbols)?
            .with_timing(&self.receiver);
        let total = skip + extent.symbols + self.receiver.tail() as u64;
        let mut coder = match coded {
            Some(plan) => Some(Coder::new(
                plan,
                extent.seed,
                extent.run,
                streams,
                self.block,
                skip - latency,
            )?),
            None => None,
        };
        let mut lanes = (0..streams)
            .map(|s| Lane::new(self, extent, s))
            .collect::<Result<Vec<_>>>()?;
        let mut recovery = match &self.cdr {
            Some(cdr) => Some(Recovery::new(self, cdr, &lanes, extent)?),
            None => None,
        };
        let mut work = Work::new(self.chunk);
        let (mut made, mut sampled) = (0u64, 0u64);
        let mut whole = true;
        let mut wander = Wander::default();
        'run: while sampled < total {
            if !go_on() {
                whole = false;
                break;
            }
            if let Some(coder) = &mut coder {
                coder.send(self.block)?;
            }
            for (s, lane) in lanes.iter_mut().enumerate() {
                let given = coder.as_ref().map(|c| c.line(s, self.block));
                let sent = reception.send(s, self.block);
                lane.stream.advance(&self.front, given, sent)?;
                // Sample k has symbol k - delay at its main cursor.
                let first = skip as i64 - self.front.transmit_delay as i64 - made as i64;
                let first = first.clamp(0, self.block as i64) as usize;
                lane.record.keep_symbols(&sent[first..], extent.record);
            }
            let before = made;
            made += self.block as u64;
            while sampled < total {
                if let Some(recovery) = &mut recovery {
                    recovery.aim(&mut lanes);
                    if sampled >= skip {
                        // Against where the receiver's own clock would be without jitter.
                        let nominal = self.tuning.phase_ui - self.ahead * sampled as f64;
                        for lane in &lanes {
                            wander.add(lane.phase_ui - nominal);
                        }
                    }
                }
                // Where the chunk begins, relative to the first fresh symbol, and the fraction behind it.
                let mut ready = true;
                for lane in &mut lanes {
                    let (symbol, fraction) = self.instant(lane.phase_ui, sampled);
                    lane.at = (sampled as i64 + symbol - before as i64) as isize;
                    lane.fraction = fraction;
                    ready &= lane.at + self.chunk as isize <= self.block as isize;
                    if lane.at < -(self.past() as isize) + self.sampler.past() as isize + 1 {
                        whole = false;
                        break 'run;
                    }
                }
                if !ready || sampled + self.chunk as u64 > made {
                    break;
                }
                let edges = recovery
                    .as_ref()
                    .is_some_and(|r| r.wants_edges(self.detector));
                for (s, lane) in lanes.iter_mut().enumerate() {
                    lane.sample(self, sampled, edges, &mut work)?;
                    let first = skip.saturating_sub(sampled).min(self.chunk as u64) as usize;
                    lane.record
                        .keep_samples(&work.samples[first..], extent.record);
                    if sampled >= skip {
                        lane.power += square(&work.samples);
                    }
                    reception.equalize(&self.receiver, s, &work.samples)?;
                    if let (Some(recovery), true) = (&mut recovery, edges) {
                        recovery.keep_edges(s, &work.edges);
                    }
                }
                reception.decide(&self.receiver, self.chunk, coder.as_mut())?;
                if let (Some(cdr), Some(recovery)) = (&self.cdr, &mut recovery) {
                    recovery.update(self, cdr, &reception)?;
                    if recovery.is_done() {
                        break 'run;
                    }
                }
                sampled += self.chunk as u64;
            }
        }
        let power = lanes.iter().map(|l| l.power).sum::<f64>()
            / (sampled
                .saturating_sub(skip.next_multiple_of(self.chunk as u64))
                .max(1) as f64
                * streams as f64);
        let records = lanes
            .iter_mut()
            .map(|l| std::mem::take(&mut l.record))
            .collect();
        let phase_ui = lanes.iter().map(|l| l.phase_ui).collect();
        let lock = recovery.map_or_else(Vec::new, |r| r.reports());
        let counted = if whole {
            reception.finish(&self.receiver, coder)?
        } else {
            reception.count()
        };
        Ok(Outcome {
            counted,
            lock,
            phase_ui,
            sampled,
            jitter_ui: wander.rms(),
            records,
            whole,
            power,
        })
    }
}

/// Spread of phases.
#[derive(Default)]
struct Wander {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Wander {
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        self.sum += x;
        self.squares += x * x;
    }

    fn rms(&self) -> f64 {
        let n = self.n.max(1.0);
        (self.squares / n - (self.sum / n).powi(2)).max(0.0).sqrt()
    }
}

fn square(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x) * f64::from(*x)).sum()
}
