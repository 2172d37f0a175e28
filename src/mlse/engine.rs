//! Streams in chunks: which samples are run through the trellis when, and which symbols come out.
//!
//! Chunk `c` is decided once `depth` samples of chunk `c + 1` have passed: from the best state there
//! the survivors are followed back through both.

use super::kernel::{self, STEPS};
use super::machine::Machine;
use super::trellis::Front;
use super::{Mlse, MlseConfig};
use crate::Level;
use crate::error::{Error, Result, length};
use crate::simd::Width;

/// Symbols of a chunk.
pub(super) const CHUNK: usize = 2 * STEPS;

/// Where samples come from.
pub(super) enum Input<'a> {
    Woven(&'a [f32]),
    Rows(Vec<&'a [f32]>),
}

impl Input<'_> {
    /// Rows from a step on, as many whole [`STEPS`] as `q` takes.
    pub(super) fn read(&self, level: Level, front: Front, from: usize, q: &mut [u32]) {
        if let Self::Rows(rows) = self {
            kernel::read_rows(level, front, rows, from, q);
        }
    }
}

/// Where symbols go.
pub(super) enum Output<'a> {
    Woven(&'a mut [u8]),
    Rows(Vec<&'a mut [u8]>),
}

impl Output<'_> {
    /// `steps` symbols of tile `at..at + count`, from step `to` on.
    #[allow(clippy::too_many_arguments)] // the parts of one place
    pub(super) fn write(
        &mut self,
        level: Level,
        symbols: &[u32],
        steps: usize,
        streams: usize,
        at: usize,
        count: usize,
        to: usize,
    ) {
        match self {
            Self::Woven(d) => {
                let d = &mut d[to * streams..(to + steps) * streams];
                kernel::write_woven(level, symbols, d, streams, at, count);
            }
            Self::Rows(d) => kernel::write_rows(level, symbols, steps, &mut d[at..at + count], to),
        }
    }
}

/// Where the streams of a [`Mlse`] stand: metrics and survivors, and the samples that do not fill a
/// chunk yet. Belongs to the plan that made it and to plans with the same configuration and level.
#[derive(Debug, Clone)]
pub struct MlseState {
    streams: usize,
    config: MlseConfig,
    /// `u32` lanes of a vector; a tile has twice as many streams.
    pub(super) lanes: usize,
    /// Chunks that went through the trellis.
    pub(super) chunks: u64,
    /// Samples of the chunk to come, `[n, stream]`, `filled` steps of them valid.
    samples: Vec<f32>,
    filled: usize,
    pub(super) tiles: Vec<Tile>,
    pub(super) unsettled: Vec<u64>,
    pub(super) work: Work,
}

/// Two vectors of streams.
#[derive(Debug, Clone)]
pub(super) struct Tile {
    pub(super) metrics: Vec<u32>,
    /// Of the last whole chunk, which is not decided yet.
    pub(super) survivors: Vec<u32>,
    /// The states at the start of that chunk that the chunk before it was decided from.
    pub(super) boundary: Vec<u32>,
}

/// Buffers of one chunk of one tile.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) q: Vec<u32>,
    survivors: Vec<u32>,
    pub(super) symbols: Vec<u32>,
    states: Vec<u32>,
}

impl MlseState {
    pub(super) fn new(streams: usize, plan: &Mlse) -> Self {
        let (lanes, machine) = (Width::Widest.lanes(plan.level), &plan.machine);
        let tile = Tile {
            metrics: vec![0; machine.metrics() * lanes],
            survivors: vec![0; CHUNK / 2 * machine.words() * lanes],
            boundary: vec![0; lanes],
        };
        Self {
            streams,
            config: plan.config.clone(),
            lanes,
            chunks: 0,
            samples: vec![0.0; CHUNK * streams],
            filled: 0,
            tiles: vec![tile; streams.div_ceil(2 * lanes)],
            unsettled: vec![0; streams],
            work: Work {
                q: vec![0; CHUNK * lanes],
                survivors: vec![0; CHUNK / 2 * machine.words() * lanes],
                symbols: vec![0; CHUNK / 2 * lanes],
                states: vec![0; lanes],
            },
        }
    }

    /// Number of streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// Samples of each stream whose symbols are not decided yet: what a flush writes.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.filled + if self.chunks > 0 { CHUNK } else { 0 }
    }

    /// Symbols of each stream that a call with `n` more samples of each writes.
    #[must_use]
    pub fn ready(&self, n: usize) -> usize {
        let whole = self.filled.saturating_add(n) / CHUNK;
        let held = usize::from(self.chunks == 0 && whole > 0);
        (whole - held) * CHUNK
    }

    /// Back to the start.
    pub fn reset(&mut self) {
        self.chunks = 0;
        self.filled = 0;
        self.unsettled.fill(0);
    }

    /// By stream, how many chunks since the start were decided in a way that later samples
    /// contradict. Where it is zero after the flush, the symbols are exactly those of the traceback over
    /// the whole record.
    #[must_use]
    pub fn unsettled(&self) -> &[u64] {
        &self.unsettled
    }

    pub(super) fn check(&self, plan: &Mlse) -> Result<()> {
        if self.config != plan.config {
            return Err(Error::WrongType {
                name: "state".into(),
                value: format!("one of {:?}", self.config),
                expected: format!("one of {:?}", plan.config),
            });
        }
        let lanes = Width::Widest.lanes(plan.level);
        length("state (lanes of the level)", lanes, self.lanes)
    }

    /// Takes `n` samples of each stream; the output has room for [`MlseState::ready`].
    pub(super) fn run(&mut self, plan: &Mlse, x: &Input<'_>, n: usize, d: &mut Output<'_>) {
        let (mut taken, mut written) = (0, 0);
        while taken < n {
            let whole = (n - taken) / CHUNK;
            if self.streams == 1 && self.filled == 0 && whole > 2 * self.lanes {
                let x = match x {
                    Input::Woven(x) => x,
                    Input::Rows(rows) => rows[0],
                };
                let x = &x[taken..taken + whole * CHUNK];
                written += self.long_block(plan, x, d, written);
                taken += whole * CHUNK;
                continue;
            }
            if self.filled == 0 && whole > 0 {
                written += self.chunk(plan, Some((x, taken)), d, written);
                taken += CHUNK;
                continue;
            }
            let more = (CHUNK - self.filled).min(n - taken);
            let streams = self.streams;
            let to = &mut self.samples[self.filled * streams..(self.filled + more) * streams];
            match x {
                Input::Woven(x) => {
                    to.copy_from_slice(&x[taken * streams..(taken + more) * streams]);
                }
                Input::Rows(rows) => {
                    for (s, row) in rows.iter().enumerate() {
                        let row = &row[taken..taken + more];
                        for (to, &x) in to[s..].iter_mut().step_by(streams).zip(row) {
                            *to = x;
                        }
                    }
                }
            }
            taken += more;
            self.filled += more;
            if self.filled == CHUNK {
                self.filled = 0;
                written += self.chunk(plan, None, d, written);
            }
        }
    }

    /// One whole chunk, from `x` at a step or from the samples kept; returns the symbols written.
    fn chunk(
        &mut self,
        plan: &Mlse,
        x: Option<(&Input<'_>, usize)>,
        d: &mut Output<'_>,
        to: usize,
    ) -> usize {
        let (level, streams, lanes) = (plan.level, self.streams, self.lanes);
        let machine = &plan.machine;
        let depth = plan.config.depth;
        let work = &mut self.work;
        for (i, tile) in self.tiles.iter_mut().enumerate() {
            let at = i * 2 * lanes;
            let count = (streams - at).min(2 * lanes);
            let front = machine.front();
            match x {
                Some((Input::Rows(rows), from)) => {
                    let rows = &rows[at..at + count];
                    kernel::read_rows(level, front, rows, from, &mut work.q);
                }
                Some((Input::Woven(x), from)) => {
                    let x = &x[from * streams..(from + CHUNK) * streams];
                    kernel::read_woven(level, front, x, streams, at, count, &mut work.q);
                }
                None => {
                    kernel::read_woven(
                        level,
                        front,
                        &self.samples,
                        streams,
                        at,
                        count,
                        &mut work.q,
                    );
                }
            }
            if self.chunks == 0 {
                machine.start(&mut tile.metrics);
                let survivors = &mut tile.survivors;
                machine.advance(level, &work.q, &mut tile.metrics, survivors);
                continue;
            }
            let (early, late) = work.q.split_at(depth * lanes);
            let (first, rest) = work
                .survivors
                .split_at_mut(depth / 2 * machine.words() * lanes);
            machine.advance(level, early, &mut tile.metrics, first);
            machine.best_states(level, &tile.metrics, &mut work.states);
            machine.trace_back(level, first, depth, &mut work.states, &mut []);
            let unsettled = &mut self.unsettled[at..at + count];
            tile.decide(
                machine,
                level,
                self.chunks,
                &work.states,
                &mut work.symbols,
                unsettled,
            );
            d.write(level, &work.symbols, CHUNK, streams, at, count, to);
            machine.advance(level, late, &mut tile.metrics, rest);
            std::mem::swap(&mut tile.survivors, &mut work.survivors);
        }
        self.chunks += 1;
        if self.chunks == 1 { 0 } else { CHUNK }
    }

    /// Decides what is left and starts again (the count of unsettled chunks stays).
    pub(super) fn finish(&mut self, plan: &Mlse, d: &mut Output<'_>) {
        let (level, streams, lanes, steps) = (plan.level, self.streams, self.lanes, self.filled);
        let machine = &plan.machine;
        let work = &mut self.work;
        let held = if self.chunks > 0 { CHUNK } else { 0 };
        for (i, tile) in self.tiles.iter_mut().enumerate() {
            let at = i * 2 * lanes;
            let count = (streams - at).min(2 * lanes);
            if self.chunks == 0 {
                machine.start(&mut tile.metrics);
            }
            let q = &mut work.q[..steps * lanes];
            let x = &self.samples[..steps * streams];
            kernel::read_woven(level, machine.front(), x, streams, at, count, q);
            let words = steps.div_ceil(2) * lanes;
            let survivors = &mut work.survivors[..words * machine.words()];
            machine.advance(level, q, &mut tile.metrics, survivors);
            machine.best_states(level, &tile.metrics, &mut work.states);
            if steps > 0 {
                let symbols = &mut work.symbols[..words];
                machine.trace_back(level, survivors, steps, &mut work.states, symbols);
                d.write(level, symbols, steps, streams, at, count, held);
            }
            if held > 0 {
                let unsettled = &mut self.unsettled[at..at + count];
                tile.decide(
                    machine,
                    level,
                    self.chunks,
                    &work.states,
                    &mut work.symbols,
                    unsettled,
                );
                d.write(level, &work.symbols, CHUNK, streams, at, count, 0);
            }
        }
        self.chunks = 0;
        self.filled = 0;
    }
}

impl Tile {
    /// Decides the chunk held, whose end states are given, and notes the streams whose start
    /// state is not the one that the chunk before was decided from.
    pub(super) fn decide(
        &mut self,
        machine: &Machine,
        level: Level,
        chunks: u64,
        states: &[u32],
        symbols: &mut [u32],
        unsettled: &mut [u64],
    ) {
        let lanes = states.len();
        let mut starts = [0; 16];
        let starts = &mut starts[..lanes];
        starts.copy_from_slice(states);
        machine.trace_back(level, &self.survivors, CHUNK, starts, symbols);
        if chunks > 1 && *starts != *self.boundary {
            for (s, count) in unsettled.iter_mut().enumerate() {
                let half = |words: &[u32]| words[s % lanes] >> (16 * (s / lanes)) & 0xffff;
                *count += u64::from(half(starts) != half(&self.boundary));
            }
        }
        self.boundary.copy_from_slice(states);
    }
}
