//! The digital receiver of many streams: feed-forward equalizer, detector, comparison with what was sent.
//!
//! Samples of the converter come in, as many per call as the caller likes; what is counted does not depend on
//! how they are cut into calls. Decision number `j` of a stream is about the symbol number `j - latency` that
//! was sent, and about sample number `j - precursors`.
//!
//! The order of a block: [`Reception::send`] notes what each stream sends, [`Reception::equalize`] takes each
//! stream's samples, [`Reception::decide`] decides all streams together; [`Reception::timing`] then has the
//! samples with the decisions about them, for a clock recovery; [`Reception::finish`] ends.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

use crate::equalizer::dfe::{Dfe, DfeConfig, DfeState};
use crate::equalizer::ffe::{Ffe, FfeConfig, FfeState};
use crate::error::{Result, in_range, length};
use crate::metrics::{ErrorCount, EventCounter, SnrEstimator};
use crate::mlse::{Mlse, MlseConfig, MlseState};
use crate::simd::Level;

use super::super::config::Detector;
use super::super::segment::Equalizer;
use super::coded::Coder;
use super::words::CodedCount;

/// Symbols over which the slicer SNR is measured at a time, and the most of a block.
pub(super) const WINDOW: usize = 2048;
/// Every so many windows it is measured.
const SNR_EVERY: u64 = 8;
/// The most symbols that a sequence detector has heard and not decided: a chunk that waits for the next one
/// and one that is not whole.
const PENDING: usize = 2 * 128;

/// What the detector tells apart, at its input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slicing {
    /// Values of the symbols 0..=3.
    pub levels: [f64; 4],
    /// Thresholds between them; a sequence detector needs none.
    pub thresholds: [f64; 3],
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    pub errors: ErrorCount,
    pub snr: SnrEstimator,
    pub coded: Option<CodedCount>,
}

/// Equalizer and detector, shared by all streams and runs.
pub(super) struct Receiver {
    ffe: Ffe,
    /// The detector, or what decides at once for the clock recovery before the sequence detector does.
    dfe: Dfe,
    mlse: Option<Mlse>,
    levels: [f32; 4],
    precursors: usize,
    latency: usize,
}

impl Receiver {
    /// A receiver whose sample number `k` has the symbol number `k - delay` at its main cursor.
    pub(super) fn new(
        equalizer: &Equalizer,
        slicing: &Slicing,
        delay: usize,
        level: Level,
    ) -> Result<Self> {
        let levels = slicing.levels.map(|l| l as f32);
        let mlse = match equalizer.detector {
            Detector::Dfe => None,
            Detector::Mlse => {
                let mut response = vec![1.0];
                response.extend(&equalizer.dfe);
                Some(Mlse::with_level(
                    &MlseConfig {
                        response,
                        levels,
                        ..MlseConfig::default()
                    },
                    level,
                )?)
            }
        };
        Ok(Self {
            ffe: Ffe::with_level(
                &FfeConfig {
                    taps: equalizer.ffe.clone(),
                    precursors: equalizer.precursors,
                },
                level,
            )?,
            dfe: Dfe::with_level(
                &DfeConfig {
                    taps: equalizer.dfe.clone(),
                    levels,
                    thresholds: Some(slicing.thresholds.map(|t| t as f32)),
                },
                level,
            )?,
            mlse,
            levels,
            precursors: equalizer.precursors,
            latency: delay + equalizer.precursors,
        })
    }

    /// Symbols between what is sent and the decision about it. Decisions before that belong to no symbol.
    pub(super) fn latency(&self) -> usize {
        self.latency
    }

    /// Symbols to send behind the last one that counts, so that the detector hears enough of what follows it.
    pub(super) fn tail(&self) -> usize {
        self.mlse.as_ref().map_or(0, |m| m.config().depth)
    }

    /// Streams at their start; blocks of up to `block` symbols, at most [`WINDOW`]. Of each stream the decisions
    /// `counted` count; they begin at [`Self::latency`] at the earliest.
    pub(super) fn reception(
        &self,
        streams: usize,
        block: usize,
        counted: Range<u64>,
    ) -> Result<Reception> {
        in_range("block", block as f64, 1.0, WINDOW as f64)?;
        in_range(
            "first decision that counts",
            counted.start as f64,
            self.latency as f64,
            1e18,
        )?;
        let held = if self.mlse.is_some() {
            block + PENDING
        } else {
            0
        };
        Ok(Reception {
            ffe: (0..streams).map(|_| self.ffe.state()).collect(),
            dfe: self.dfe.state(streams)?,
            mlse: self.mlse.as_ref().map(|m| m.state(streams)).transpose()?,
            // Before the first symbol nothing was sent; those decisions are never counted.
            sent: vec![vec![0; self.latency]; streams],
            counters: vec![EventCounter::default(); streams],
            snr: SnrEstimator::default(),
            equalized: Array2::zeros((streams, block)),
            soft: Array2::zeros((streams, block)),
            decided: Array2::zeros((streams, block)),
            detected: Array2::zeros((streams, held)),
            samples: None,
            fresh: 0,
            heard: 0,
            compared: 0,
            counted,
        })
    }
}

/// Where the streams of a [`Receiver`] stand, and what was counted.
pub(super) struct Reception {
    ffe: Vec<FfeState>,
    dfe: DfeState,
    mlse: Option<MlseState>,
    /// Symbols sent, from the one that the next comparison is about.
    sent: Vec<Vec<u8>>,
    counters: Vec<EventCounter>,
    snr: SnrEstimator,
    /// The newest block behind the feed-forward equalizer, `[stream, block]`, behind the feedback, decided.
    equalized: Array2<f32>,
    soft: Array2<f32>,
    decided: Array2<u8>,
    /// What the sequence detector gave in the newest block.
    detected: Array2<u8>,
    /// `precursors` samples before the newest block and those of the block, where a clock recovery wants them.
    samples: Option<Array2<f32>>,
    fresh: usize,
    /// Equalized samples and decisions compared so far, of each stream.
    heard: u64,
    compared: u64,
    counted: Range<u64>,
}

impl Reception {
    /// Keeps the samples, for [`Self::timing`].
    pub(super) fn with_timing(mut self, receiver: &Receiver) -> Self {
        let (streams, block) = self.equalized.dim();
        self.samples = Some(Array2::zeros((streams, receiver.precursors + block)));
        self
    }

    /// Room for the next `n` symbols that a stream sends, to be filled by the caller. Sending may run ahead of
    /// the samples by any number of symbols.
    pub(super) fn send(&mut self, stream: usize, n: usize) -> &mut [u8] {
        let sent = &mut self.sent[stream];
        let old = sent.len();
        sent.resize(old + n, 0);
        &mut sent[old..]
    }

    /// Takes the next samples of a stream; all streams take as many before [`Self::decide`].
    pub(super) fn equalize(
        &mut self,
        receiver: &Receiver,
        stream: usize,
        samples: &[f32],
    ) -> Result<()> {
        let n = samples.len();
        in_range(
            "samples of a block",
            n as f64,
            0.0,
            self.equalized.ncols() as f64,
        )?;
        if let Some(kept) = &mut self.samples
            && let Some(row) = kept.row_mut(stream).as_slice_mut()
        {
            let past = receiver.precursors;
            row.copy_within(self.fresh..self.fresh + past, 0);
            row[past..past + n].copy_from_slice(samples);
        }
        if let Some(row) = self.equalized.row_mut(stream).as_slice_mut() {
            receiver
                .ffe
                .process(&mut self.ffe[stream], samples, &mut row[..n])?;
        }
        Ok(())
    }

    /// Decides the `n` samples that every stream took, and counts what can be counted by now.
    pub(super) fn decide(
        &mut self,
        receiver: &Receiver,
        n: usize,
        coder: Option<&mut Coder<'_>>,
    ) -> Result<()> {
        let ahead = (self.heard - self.compared) as usize;
        for sent in &self.sent {
            length("symbols sent", ahead + n, sent.len().min(ahead + n))?;
        }
        let measured = self.measured(n);
        let x = self.equalized.slice(s![.., ..n]);
        let Some((mlse, state)) = receiver.mlse.as_ref().zip(self.mlse.as_mut()) else {
            let d = self.decided.slice_mut(s![.., ..n]);
            if measured.is_empty() {
                receiver.dfe.process_lanes(&mut self.dfe, x, d)?;
            } else {
                let y = self.soft.slice_mut(s![.., ..n]);
                receiver.dfe.process_lanes_soft(&mut self.dfe, x, d, y)?;
                for (y, sent) in self.soft.rows().into_iter().zip(&self.sent) {
                    if let Some(y) = y.as_slice() {
                        self.snr
                            .add(&y[measured.clone()], &sent[measured.clone()])?;
                    }
                }
            }
            return self.advance(n, n, coder);
        };
        if self.samples.is_some() {
            let d = self.decided.slice_mut(s![.., ..n]);
            receiver.dfe.process_lanes(&mut self.dfe, x.view(), d)?;
        }
        if !measured.is_empty() {
            let feedback = &receiver.dfe.config().taps;
            for ((x, mut y), sent) in
                (x.rows().into_iter().zip(self.soft.rows_mut())).zip(&self.sent)
            {
                if let (Some(x), Some(y)) = (x.as_slice(), y.as_slice_mut()) {
                    let from = measured.start + ahead;
                    whitened(
                        &x[measured.clone()],
                        sent,
                        from,
                        feedback,
                        receiver.levels,
                        y,
                    );
                    let sent = &sent[from..measured.end + ahead];
                    self.snr.add(&y[..sent.len()], sent)?;
                }
            }
        }
        let ready = state.ready(n);
        let d = self.detected.slice_mut(s![.., ..ready]);
        mlse.process_lanes(state, x, d)?;
        self.advance(n, ready, coder)
    }

    /// The samples of the newest block whose SNR is measured: those of every eighth window from the first one
    /// that begins where decisions count.
    fn measured(&self, n: usize) -> Range<usize> {
        let window = WINDOW as u64;
        let (from, to) = (self.heard, self.heard + n as u64);
        let first = self.counted.start.div_ceil(window);
        // A block is no longer than a window, so it meets two at most, and one of eight is measured.
        for w in [from / window, from / window + 1] {
            if w >= first && (w - first).is_multiple_of(SNR_EVERY) {
                let start = (w * window).clamp(from, to);
                let end = ((w + 1) * window).min(self.counted.end).clamp(start, to);
                if end > start {
                    return (start - from) as usize..(end - from) as usize;
                }
            }
        }
        0..0
    }

    /// Compares `m` decisions of each stream, `n` samples further on.
    fn advance(&mut self, n: usize, m: usize, mut coder: Option<&mut Coder<'_>>) -> Result<()> {
        let inside = |at: u64| at.saturating_sub(self.compared).min(m as u64) as usize;
        let (first, last) = (inside(self.counted.start), inside(self.counted.end));
        let decided = if self.mlse.is_some() {
            &self.detected
        } else {
            &self.decided
        };
        for (stream, sent) in self.sent.iter_mut().enumerate() {
            if let Some(row) = decided.row(stream).as_slice() {
                self.counters[stream].compare(&sent[first..last], &row[first..last])?;
                if let Some(coder) = &mut coder {
                    coder.receive(stream, &sent[..last], &row[..last], first)?;
                }
            }
            sent.copy_within(m.., 0);
            sent.truncate(sent.len() - m);
        }
        if let Some(coder) = coder {
            coder.advance()?;
        }
        self.fresh = n;
        self.heard += n as u64;
        self.compared += m as u64;
        Ok(())
    }

    /// The newest block's samples at the converter and the decisions about them, both `[stream, n]`: the samples
    /// are those from `precursors` before the block on, because the decision about a sample comes so much later.
    /// Behind a sequence detector they are first decisions, with feedback of its target.
    ///
    /// Without [`Self::with_timing`] there are no samples.
    pub(super) fn timing(&self) -> (ArrayView2<'_, f32>, ArrayView2<'_, u8>) {
        let n = self.fresh;
        let samples = self.samples.as_ref().unwrap_or(&self.equalized);
        let kept = if self.samples.is_some() { n } else { 0 };
        (
            samples.slice(s![.., ..kept]),
            self.decided.slice(s![.., ..n]),
        )
    }

    /// What has been counted so far, codewords apart.
    pub(super) fn count(&self) -> Counted {
        Counted {
            errors: self.counters.iter().map(EventCounter::count).sum(),
            snr: self.snr.clone(),
            coded: None,
        }
    }

    /// Decides what is left and gives what was counted.
    pub(super) fn finish(
        mut self,
        receiver: &Receiver,
        mut coder: Option<Coder<'_>>,
    ) -> Result<Counted> {
        if let Some((mlse, state)) = receiver.mlse.as_ref().zip(self.mlse.as_mut()) {
            let left = state.pending();
            mlse.flush_lanes(state, self.detected.slice_mut(s![.., ..left]))?;
            self.advance(0, left, coder.as_mut())?;
        }
        Ok(Counted {
            coded: coder.map(Coder::finish).transpose()?,
            ..self.count()
        })
    }
}

/// Samples less what the symbols before add by the target, the symbols known: `sent[from]` belongs to `x[0]`.
fn whitened(
    x: &[f32],
    sent: &[u8],
    from: usize,
    feedback: &[f32],
    levels: [f32; 4],
    y: &mut [f32],
) {
    for (i, (y, x)) in y.iter_mut().zip(x).enumerate() {
        let before = feedback.iter().enumerate().map(|(k, g)| {
            let symbol = (from + i).checked_sub(k + 1).and_then(|at| sent.get(at));
            symbol.map_or(0.0, |&s| g * levels[usize::from(s & 3)])
        });
        *y = x - before.sum::<f32>();
    }
}

#[cfg(test)]
mod tests;
