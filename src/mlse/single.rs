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
use crate::simd::Width;

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

/// A record run in segments.
pub(super) struct Segments {
    per_segment: usize,
    marks: Vec<Marks>,
    /// Chunks that began with other metrics than the true ones.
    dirty: Vec<bool>,
    pub(super) seams: Seams,
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

/// One stream of a vector.
pub(super) fn half(words: &[u32], lanes: usize, lane: usize) -> i32 {
    i32::from((words[lane % lanes] >> (16 * (lane / lanes))) as i16)
}

/// Sets one stream of a vector.
pub(super) fn set_half(words: &mut [u32], lanes: usize, lane: usize, to: i32) {
    let shift = 16 * (lane / lanes);
    let word = &mut words[lane % lanes];
    *word = (*word & !(0xffff << shift)) | (u32::from(to as i16 as u16) << shift);
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
            return Ok(Seams {
                chunks: x.len().div_ceil(CHUNK),
                ..Seams::default()
            });
        }
        let mut segments = self.segments(x, x.len(), &self.machine.first(), d);
        self.check_metrics(x, &mut segments);
        self.check_states(x, d, &mut segments);
        Ok(segments.seams)
    }

    /// The first `n` samples of a record in segments, from known metrics, unchecked.
    pub(super) fn segments(
        &self,
        x: &[f32],
        n: usize,
        first: &[i32; MOST_METRICS],
        d: &mut [u8],
    ) -> Segments {
        let width = 2 * Width::Widest.lanes(self.level);
        let segments = n.div_ceil(width * CHUNK * LONG) * width;
        let per_segment = n.div_ceil(segments * CHUNK);
        let size = width * per_segment * CHUNK;
        let marks = d
            .chunks_mut(size)
            .enumerate()
            .map(|(tile, d)| self.tile(x, tile * size, per_segment, first, d))
            .collect();
        let chunks = n.div_ceil(CHUNK);
        Segments {
            per_segment,
            marks,
            dirty: vec![false; chunks],
            seams: Seams {
                chunks,
                seams: n.div_ceil(per_segment * CHUNK) - 1,
                ..Seams::default()
            },
        }
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
    fn tile(
        &self,
        x: &[f32],
        at: usize,
        per_segment: usize,
        first: &[i32; MOST_METRICS],
        d: &mut [u8],
    ) -> Marks {
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
            for (words, &first) in metrics.chunks_exact_mut(lanes).zip(first) {
                set_half(words, lanes, 0, first);
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
    pub(super) fn check_metrics(&self, x: &[f32], segments: &mut Segments) {
        let count = self.machine.metrics();
        let Segments {
            per_segment,
            marks,
            dirty,
            seams,
        } = segments;
        let mut truth = [0; MOST_METRICS];
        let mut decisions = [0; CHUNK];
        for segment in 0..=seams.seams {
            let width = 2 * marks[0].lanes;
            let marks = &mut marks[segment / width];
            let lane = segment % width;
            if segment > 0 && marks.metrics_at(0, lane, count) != truth {
                seams.differing += 1;
                for chunk in 0..*per_segment {
                    let index = segment * *per_segment + chunk;
                    if index >= dirty.len() {
                        break;
                    }
                    marks.set_metrics(chunk, lane, count, &truth);
                    dirty[index] = true;
                    seams.run_again += 1;
                    let from = index * CHUNK;
                    let to = (from + CHUNK).min(x.len());
                    let decisions = &mut decisions[..to - from];
                    self.machine.forward(&x[from..to], &mut truth, decisions);
                    if marks.metrics_at(chunk + 1, lane, count) == truth {
                        break;
                    }
                    marks.set_metrics(chunk + 1, lane, count, &truth);
                }
            }
            truth = marks.metrics_at(*per_segment, lane, count);
        }
    }

    /// The second pass.
    fn check_states(&self, x: &[f32], d: &mut [u8], segments: &mut Segments) {
        let mut decisions = [0; CHUNK];
        let mut wanted = None;
        for index in (0..segments.seams.chunks).rev() {
            let from = index * CHUNK;
            let to = (from + CHUNK).min(x.len());
            // A traceback that began beyond the record began nowhere.
            let last = to + self.config.depth > x.len();
            let (start, end) = segments.states(index);
            if last || segments.dirty[index] || wanted != Some(end) {
                segments.seams.traced_again += usize::from(!last);
                let mut metrics = segments.metrics(index, self.machine.metrics());
                let decisions = &mut decisions[..to - from];
                self.machine.forward(&x[from..to], &mut metrics, decisions);
                let end = wanted.unwrap_or_else(|| self.machine.best(&metrics));
                wanted = Some(self.machine.trace(decisions, end, &mut d[from..to]));
            } else {
                wanted = Some(start);
            }
        }
    }
}

impl Segments {
    /// Where the marks of a chunk are: tile, chunk of the segment, lane.
    fn place(&self, index: usize) -> (&Marks, usize, usize) {
        let (segment, chunk) = (index / self.per_segment, index % self.per_segment);
        let width = 2 * self.marks[0].lanes;
        (&self.marks[segment / width], chunk, segment % width)
    }

    /// Metrics at the start of a chunk.
    pub(super) fn metrics(&self, index: usize, count: usize) -> [i32; MOST_METRICS] {
        let (marks, chunk, lane) = self.place(index);
        marks.metrics_at(chunk, lane, count)
    }

    /// States at the start and at the end of a chunk, as it was traced.
    pub(super) fn states(&self, index: usize) -> (usize, usize) {
        let (marks, chunk, lane) = self.place(index);
        let state = |s: &[u32]| half(&s[chunk * marks.lanes..], marks.lanes, lane) as usize;
        (state(&marks.starts), state(&marks.ends))
    }

    pub(super) fn is_dirty(&self, index: usize) -> bool {
        self.dirty[index]
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
            set_half(words, lanes, lane, m);
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
