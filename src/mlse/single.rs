//! One long stream: cut into segments that run side by side, every seam checked.
//!
//! The record is a sequence of chunks. Segments of whole chunks are the lanes; each starts with
//! [`WARM_UP`] samples before its first chunk, from equal metrics, and ends with `depth` samples beyond
//! its last. Two passes then make the result that of the sequential run:
//!
//! 1. from left to right, the metrics at the start of a segment are compared, all of them and bit for
//!    bit, with those at the end of the segment before it; where they differ, chunks are run again
//!    from the true metrics until the metrics agree;
//! 2. from right to left, the state that a chunk was traced back from is compared with the state
//!    at which the chunk after it starts; where they differ, or where the chunk was run again, it is
//!    traced back again.

use super::Mlse;
use super::engine::{CHUNK, Input, Output};
use super::kernel::STEPS;
use super::machine::MOST_METRICS;
use crate::error::{Result, length};
use crate::simd::roof::Width;

/// Samples that a segment sees before its first chunk.
const WARM_UP: usize = STEPS;

/// Chunks of a long segment: long against warm-up and lag, short against a cache.
const LONG: usize = 64;

/// How often the sides of a seam did not agree at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seams {
    /// Chunks of the record.
    pub chunks: usize,
    /// Seams between segments, where metrics are compared.
    pub seams: usize,
    /// Seams at which the metrics differed.
    pub differing: usize,
    /// Chunks whose metrics were computed again.
    pub run_again: usize,
    /// Chunks that were traced back again, the one or two at the end of the record, whose traceback
    /// starts at the last sample, not counted.
    pub traced_again: usize,
}

/// What is known at the chunk boundaries of one tile of segments.
struct Marks {
    lanes: usize,
    /// `[chunk][metric][lane]`, one chunk more than there are.
    metrics: Vec<u32>,
    /// States at the start and at the end of a chunk, `[chunk][lane]`.
    starts: Vec<u32>,
    ends: Vec<u32>,
}

fn half(words: &[u32], lanes: usize, lane: usize) -> i32 {
    i32::from((words[lane % lanes] >> (16 * (lane / lanes))) as i16)
}

impl Mlse {
    /// The likeliest symbols of a whole record: `d[n]` belongs to `x[n]`, the symbol before the
    /// record is unknown.
    ///
    /// Runs segments of the record side by side; the result is that of the sequential Viterbi
    /// algorithm with the traceback over the whole record, whatever the level. Allocates marks
    /// of about a tenth of the record.
    pub fn apply(&self, x: &[f32], d: &mut [u8]) -> Result<()> {
        self.apply_counting(x, d).map(|_| ())
    }

    /// [`Mlse::apply`] that tells how often the segments had to be run again.
    pub fn apply_counting(&self, x: &[f32], d: &mut [u8]) -> Result<Seams> {
        length("d", x.len(), d.len())?;
        let width = 2 * Width::Widest.lanes(self.level);
        if x.len() < width * CHUNK {
            self.sequential(x, d);
            return Ok(Seams::default());
        }
        let segments = x.len().div_ceil(width * CHUNK * LONG) * width;
        let per_segment = x.len().div_ceil(segments * CHUNK);
        let mut marks = Vec::with_capacity(segments / width);
        let mut d_left = &mut *d;
        for tile in 0..segments / width {
            let size = (width * per_segment * CHUNK).min(d_left.len());
            let (part, left) = std::mem::take(&mut d_left).split_at_mut(size);
            d_left = left;
            marks.push(self.tile(x, tile * width * per_segment * CHUNK, per_segment, part));
        }
        let mut seams = Seams {
            chunks: x.len().div_ceil(CHUNK),
            seams: x.len().div_ceil(per_segment * CHUNK) - 1,
            ..Seams::default()
        };
        let mut dirty = vec![false; seams.chunks];
        self.check_metrics(x, per_segment, &mut marks, &mut dirty, &mut seams);
        self.check_states(x, d, per_segment, &marks, &dirty, &mut seams);
        Ok(seams)
    }

    /// The record symbol by symbol, without lanes.
    pub(super) fn sequential(&self, x: &[f32], d: &mut [u8]) {
        let mut metrics = self.machine.first();
        let mut decisions = vec![0; x.len()];
        self.machine.forward(x, &mut metrics, &mut decisions);
        let state = self.machine.best(&metrics);
        self.machine.trace(&decisions, state, d);
    }

    /// Segments `at / (per_segment * CHUNK)..` as lanes.
    fn tile(&self, x: &[f32], at: usize, per_segment: usize, d: &mut [u8]) -> Marks {
        let (level, machine) = (self.level, &self.machine);
        let lanes = Width::Widest.lanes(level);
        let depth = self.config.depth;
        let size = per_segment * CHUNK;
        let (copies, fallback) = segment_rows::copies(x, at, size, 2 * lanes, WARM_UP);
        let rows = segment_rows::rows(x, at, size, 2 * lanes, WARM_UP, &copies, &fallback);
        let rows = Input::Rows(rows);
        let mut out = Output::Rows(d.chunks_mut(size).collect());
        let count = match &out {
            Output::Rows(rows) => rows.len(),
            Output::Woven(_) => 0,
        };

        let step_words = machine.words() * lanes;
        let mut marks = Marks {
            lanes,
            metrics: Vec::with_capacity((per_segment + 1) * machine.metrics() * lanes),
            starts: Vec::with_capacity(per_segment * lanes),
            ends: Vec::with_capacity(per_segment * lanes),
        };
        let mut q = vec![0; CHUNK * lanes];
        let mut held = vec![0; CHUNK / 2 * step_words];
        let mut fresh = held.clone();
        let mut symbols = vec![0; CHUNK / 2 * lanes];
        let mut states = vec![0; lanes];
        let mut metrics = vec![0; machine.metrics() * lanes];
        machine.start(&mut metrics);
        let first = metrics.clone();
        let warm = &mut q[..WARM_UP * lanes];
        rows.read(level, machine.front(), 0, warm);
        machine.advance(
            level,
            warm,
            &mut metrics,
            &mut fresh[..WARM_UP / 2 * step_words],
        );
        if at == 0 {
            // The first segment has nothing before it.
            for (m, first) in metrics.iter_mut().zip(&first).step_by(lanes) {
                *m = (*m & 0xffff_0000) | (first & 0xffff);
            }
        }
        for chunk in 0..=per_segment {
            marks.metrics.extend_from_slice(&metrics);
            rows.read(level, machine.front(), WARM_UP + chunk * CHUNK, &mut q);
            let (early, late) = q.split_at(depth * lanes);
            let (first, rest) = fresh.split_at_mut(depth / 2 * step_words);
            machine.advance(level, early, &mut metrics, first);
            if chunk > 0 {
                machine.best_states(level, &metrics, &mut states);
                machine.trace_back(level, first, depth, &mut states, &mut []);
                marks.ends.extend_from_slice(&states);
                machine.trace_back(level, &held, CHUNK, &mut states, &mut symbols);
                marks.starts.extend_from_slice(&states);
                out.write(level, &symbols, CHUNK, 0, 0, count, (chunk - 1) * CHUNK);
            }
            machine.advance(level, late, &mut metrics, rest);
            std::mem::swap(&mut held, &mut fresh);
        }
        marks
    }

    /// The first pass of the module's head.
    fn check_metrics(
        &self,
        x: &[f32],
        per_segment: usize,
        marks: &mut [Marks],
        dirty: &mut [bool],
        seams: &mut Seams,
    ) {
        let count = self.machine.metrics();
        let mut truth = [0; MOST_METRICS];
        let mut decisions = [0; CHUNK];
        for segment in 0..=seams.seams {
            let width = 2 * marks[0].lanes;
            let marks = &mut marks[segment / width];
            let lane = segment % width;
            let mut found = marks.metrics_at(0, lane, count);
            if segment > 0 && found != truth {
                seams.differing += 1;
                for chunk in 0..per_segment {
                    let index = segment * per_segment + chunk;
                    if index >= dirty.len() {
                        break;
                    }
                    marks.set_metrics(chunk, lane, count, &truth);
                    dirty[index] = true;
                    seams.run_again += 1;
                    let from = index * CHUNK;
                    let to = (from + CHUNK).min(x.len());
                    self.machine
                        .forward(&x[from..to], &mut truth, &mut decisions[..to - from]);
                    found = marks.metrics_at(chunk + 1, lane, count);
                    if found == truth {
                        break;
                    }
                    if chunk + 1 == per_segment {
                        marks.set_metrics(per_segment, lane, count, &truth);
                    }
                }
            }
            truth = marks.metrics_at(per_segment, lane, count);
        }
    }

    /// The second pass.
    fn check_states(
        &self,
        x: &[f32],
        d: &mut [u8],
        per_segment: usize,
        marks: &[Marks],
        dirty: &[bool],
        seams: &mut Seams,
    ) {
        let lanes = marks[0].lanes;
        let mut decisions = [0; CHUNK];
        let mut wanted = None;
        for index in (0..seams.chunks).rev() {
            let (segment, chunk) = (index / per_segment, index % per_segment);
            let marks = &marks[segment / (2 * lanes)];
            let lane = segment % (2 * lanes);
            let state = |states: &[u32]| half(&states[chunk * lanes..], lanes, lane) as usize;
            let from = index * CHUNK;
            let to = (from + CHUNK).min(x.len());
            // A traceback that began beyond the record began nowhere.
            let last = to + self.config.depth > x.len();
            if last || dirty[index] || wanted != Some(state(&marks.ends)) {
                seams.traced_again += usize::from(!last);
                let mut metrics = marks.metrics_at(chunk, lane, self.machine.metrics());
                let decisions = &mut decisions[..to - from];
                self.machine.forward(&x[from..to], &mut metrics, decisions);
                let end = wanted.unwrap_or_else(|| self.machine.best(&metrics));
                wanted = Some(self.machine.trace(decisions, end, &mut d[from..to]));
            } else {
                wanted = Some(state(&marks.starts));
            }
        }
    }
}

impl Marks {
    fn metrics_at(&self, chunk: usize, lane: usize, count: usize) -> [i32; MOST_METRICS] {
        let mut all = [0; MOST_METRICS];
        let words = &self.metrics[chunk * count * self.lanes..][..count * self.lanes];
        for (m, words) in all.iter_mut().zip(words.chunks_exact(self.lanes)) {
            *m = half(words, self.lanes, lane);
        }
        all
    }

    fn set_metrics(&mut self, chunk: usize, lane: usize, count: usize, to: &[i32; MOST_METRICS]) {
        let lanes = self.lanes;
        let words = &mut self.metrics[chunk * count * lanes..][..count * lanes];
        for (&m, words) in to.iter().zip(words.chunks_exact_mut(lanes)) {
            let shift = 16 * (lane / lanes);
            let word = &mut words[lane % lanes];
            *word = (*word & !(0xffff << shift)) | (u32::from(m as i16 as u16) << shift);
        }
    }
}

/// Rows for segments of a record.
pub(super) mod segment_rows {
    use super::CHUNK;

    /// Rows that reach beyond the record, copied with zeros there; and a row for lanes without a segment.
    pub(in super::super) fn copies(
        x: &[f32],
        at: usize,
        size: usize,
        lanes: usize,
        before: usize,
    ) -> (Vec<(usize, Vec<f32>)>, Vec<f32>) {
        let total = before + size + CHUNK;
        let mut copies = Vec::new();
        for i in 0..lanes {
            let start = at + i * size;
            if start < x.len() && (start < before || start - before + total > x.len()) {
                let mut row = vec![0.0; total];
                let from = start.max(before) - before;
                let to = (start + size + CHUNK).min(x.len());
                row[from + before - start..][..to - from].copy_from_slice(&x[from..to]);
                copies.push((i, row));
            }
        }
        let missing = at + lanes * size > x.len();
        (copies, vec![0.0; if missing { total } else { 0 }])
    }

    /// One row for each lane: `before` samples, the segment, and a chunk after it.
    pub(in super::super) fn rows<'a>(
        x: &'a [f32],
        at: usize,
        size: usize,
        lanes: usize,
        before: usize,
        copies: &'a [(usize, Vec<f32>)],
        fallback: &'a [f32],
    ) -> Vec<&'a [f32]> {
        let mut copies = copies.iter().peekable();
        (0..lanes)
            .map(|i| match copies.next_if(|c| c.0 == i) {
                Some((_, row)) => &row[..],
                None if at + i * size < x.len() => {
                    &x[at + i * size - before..][..before + size + CHUNK]
                }
                None => fallback,
            })
            .collect()
    }
}
