//! Where a group of streams stands: its rows, filled before a run of the kernel and moved on after it.

use std::sync::Arc;

use super::config::{AdaptConfig, Parts};
use super::equalizer::Equalizer;
use super::group::{Codes, GAIN, Group, LEFT_OUT, LEVELS, MSE, OFFSET, ROWS, Rates, Row, WIDTH};
use super::kernel::{DECIDE, HOLD, LEAD};
use super::state::{sound, unbiased};
use crate::Level;
use crate::error::{Result, in_range};

/// Symbols of a stretch; what two groups hold of one stays in the nearest cache.
pub(super) const CHUNK: usize = 128;

/// Where a group of streams stands.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) ffe: Vec<Row>,
    pub(super) dfe: Vec<Row>,
    pub(super) rest: Vec<Row>,
    pub(super) x: Vec<Row>,
    pub(super) v: Vec<Row>,
    /// Codes of the outputs to come.
    pub(super) waiting: Vec<[u8; WIDTH]>,
    pub(super) tainted: [usize; WIDTH],
    pub(super) left_out: [u64; WIDTH],
    pub(super) y: Vec<Row>,
    pub(super) d: Vec<[u8; WIDTH]>,
    pub(super) codes: Vec<[u8; WIDTH]>,
}

impl Held {
    pub(super) fn new(config: &AdaptConfig) -> Self {
        let (taps, back) = (config.ffe.taps.len(), config.dfe.len());
        let mut held = Self {
            ffe: vec![Row::ZERO; taps],
            dfe: vec![Row::ZERO; back],
            rest: vec![Row::ZERO; ROWS],
            x: vec![Row::ZERO; taps + CHUNK],
            v: vec![Row::ZERO; if back == 0 { 0 } else { back + CHUNK }],
            waiting: vec![[LEAD; WIDTH]; config.ffe.precursors],
            tainted: [0; WIDTH],
            left_out: [0; WIDTH],
            y: vec![Row::ZERO; CHUNK],
            d: vec![[0; WIDTH]; CHUNK],
            codes: Vec::with_capacity(CHUNK + config.ffe.precursors),
        };
        held.restart(config);
        held
    }

    pub(super) fn restart(&mut self, config: &AdaptConfig) {
        let spread = |rows: &mut [Row], values: &[f32]| {
            for (row, value) in rows.iter_mut().zip(values) {
                row.0.fill(value + 0.0);
            }
        };
        spread(&mut self.ffe, &config.ffe.taps);
        spread(&mut self.dfe, &config.dfe);
        self.rest.fill(Row::ZERO);
        spread(&mut self.rest, &[config.gain, config.offset]);
        spread(&mut self.rest[LEVELS..], &config.levels);
        self.x.fill(Row::ZERO);
        self.v.fill(Row::ZERO);
        self.waiting.fill([LEAD; WIDTH]);
        (self.tainted, self.left_out) = ([0; WIDTH], [0; WIDTH]);
    }

    /// Takes in `count` samples per stream, `read` and `rows` as in [`Streams::run`]; says what the
    /// codes hold.
    pub(super) fn gather(
        &mut self,
        (count, width): (usize, usize),
        trained: bool,
        mut read: impl FnMut(usize, &mut [f32]),
        mut rows: impl FnMut(usize, &mut [u8]),
    ) -> Codes {
        let past = self.ffe.len() - 1;
        let block = &mut self.x[past..][..count];
        let mut all_sound = true;
        for_width(width, block, |i, row, width| {
            read(i, &mut row.0[..width]);
            all_sound &= sound(&row.0);
        });
        let all_sound = all_sound && self.tainted == [0; WIDTH];
        let waiting = self.waiting.as_flattened();
        if all_sound && !trained && waiting.iter().all(|&code| code == DECIDE) {
            return Codes::Decided;
        }
        let known = all_sound && trained && waiting.iter().all(|&code| code < 4);
        self.codes.clear();
        self.codes.extend_from_slice(&self.waiting);
        let waiting = self.codes.len();
        self.codes.resize(waiting + count, [DECIDE; WIDTH]);
        for_width(width, &mut self.codes[waiting..], |i, row, width| {
            rows(i, &mut row[..width]);
        });
        self.waiting.copy_from_slice(&self.codes[count..]);
        if !all_sound {
            erase(block, &mut self.codes, &mut self.tainted, past + 1);
        }
        if known { Codes::Known } else { Codes::Any }
    }

    /// The group for `count` symbols.
    pub(super) fn group(&mut self, count: usize) -> Group<'_> {
        self.rest[LEFT_OUT] = Row::ZERO;
        Group {
            ffe: &mut self.ffe,
            dfe: &mut self.dfe,
            rest: &mut self.rest,
            x: &self.x,
            v: &mut self.v,
            codes: &self.codes,
            y: &mut self.y[..count],
            d: &mut self.d[..count],
        }
    }

    /// Leaves `count` symbols behind, `leads` of them before the first symbol.
    pub(super) fn go_on(&mut self, count: usize, leads: usize) {
        for (total, new) in self.left_out.iter_mut().zip(&self.rest[LEFT_OUT].0) {
            *total += *new as u64 - leads as u64;
        }
        let (past, back) = (self.ffe.len() - 1, self.dfe.len());
        self.x.copy_within(count..count + past, 0);
        if back > 0 {
            self.v.copy_within(count..count + back, 0);
        }
    }
}

/// Taps, history and statistics of many adapting streams. Belongs to the plan that made it.
#[derive(Debug, Clone)]
pub struct StreamsState {
    pub(super) streams: usize,
    pub(super) groups: Vec<Held>,
    pub(super) frozen: Parts<bool>,
    pub(super) rates: Rates,
    pub(super) until: u64,
    pub(super) outputs: u64,
    /// Those of the plan.
    pub(super) config: Arc<AdaptConfig>,
    pub(super) level: Level,
}

impl StreamsState {
    /// Number of streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// Number of the symbol that the next output stands for.
    #[must_use]
    pub fn symbols(&self) -> u64 {
        self.outputs
            .saturating_sub(self.config.ffe.precursors as u64)
    }

    /// Which parts are frozen, in all streams.
    #[must_use]
    pub fn frozen(&self) -> Parts<bool> {
        self.frozen
    }

    /// Freezes parts of all streams, see [`super::AdaptState::freeze`].
    pub fn freeze(&mut self, parts: Parts<bool>) {
        self.frozen = parts;
        self.until = 0;
    }

    fn place(&self, stream: usize) -> Result<(&Held, usize)> {
        let last = (self.streams - 1) as f64;
        in_range("stream", stream as f64, 0.0, last)?;
        Ok((&self.groups[stream / WIDTH], stream % WIDTH))
    }

    /// Everything that adapts in a stream.
    ///
    /// # Errors
    /// A stream that there is not.
    pub fn equalizer(&self, stream: usize) -> Result<Equalizer> {
        let (held, lane) = self.place(stream)?;
        let column = |rows: &[Row]| -> Vec<f32> { rows.iter().map(|row| row.0[lane]).collect() };
        let rest = column(&held.rest);
        Ok(Equalizer {
            ffe: column(&held.ffe),
            precursors: self.config.ffe.precursors,
            dfe: column(&held.dfe),
            gain: rest[GAIN],
            offset: rest[OFFSET],
            levels: std::array::from_fn(|s| rest[LEVELS + s]),
        })
    }

    /// Updates left out in a stream, see [`super::AdaptState::left_out`].
    ///
    /// # Errors
    /// A stream that there is not.
    pub fn left_out(&self, stream: usize) -> Result<u64> {
        let (held, lane) = self.place(stream)?;
        Ok(held.left_out[lane])
    }

    /// Running mean square error of a stream, see [`super::AdaptState::mse`].
    ///
    /// # Errors
    /// A stream that there is not.
    pub fn mse(&self, stream: usize) -> Result<f64> {
        let (held, lane) = self.place(stream)?;
        let used = self.symbols().saturating_sub(held.left_out[lane]);
        let raw = held.rest[MSE].0[lane];
        Ok(unbiased(raw, used, self.config.mse_window_symbols.into()))
    }
}

/// Goes through rows of which `width` entries count. Whole rows have a loop of their own, where their
/// length is known: copies take no call.
#[inline(always)]
pub(super) fn for_width<R>(
    width: usize,
    rows: &mut [R],
    mut each: impl FnMut(usize, &mut R, usize),
) {
    if width == WIDTH {
        for (i, row) in rows.iter_mut().enumerate() {
            each(i, row, WIDTH);
        }
    } else {
        for (i, row) in rows.iter_mut().enumerate() {
            each(i, row, width);
        }
    }
}

/// Puts zero for samples that are not finite and marks the outputs whose window holds one.
fn erase(block: &mut [Row], codes: &mut [[u8; WIDTH]], tainted: &mut [usize; WIDTH], taps: usize) {
    for (Row(row), codes) in block.iter_mut().zip(codes) {
        for lane in 0..WIDTH {
            if !row[lane].is_finite() {
                row[lane] = 0.0;
                tainted[lane] = taps;
            }
            if tainted[lane] > 0 {
                tainted[lane] -= 1;
                codes[lane] |= HOLD;
            }
        }
    }
}
