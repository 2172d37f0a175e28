//! Many streams side by side: plan and state over [`super::lanes`].

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::config::{AdaptConfig, Parts, Update};
use super::group::{Codes, Rates, WIDTH};
use super::held::{CHUNK, Held, StreamsState, for_width};
use super::kernel::DECIDE;
use super::lanes;
use super::state::{check_made_by, scaled_steps};
use crate::Level;
use crate::error::{Error, Result, in_range, length};

/// Adapts many independent streams with one configuration, each with taps of its own.
///
/// Equations, symbols, delay, bad samples and errors are those of [`super::Adapter`]; the update
/// takes place after every symbol.
///
/// # Shapes
/// Interleaved slices, `x[n * streams + s]` is sample `n` of stream `s`, the fastest form; or
/// `[lane, n]` views. Streams run in groups of 16, so use multiples of 16. All streams are trained
/// or all are decision-directed at a time.
///
/// # Numeric contract
/// Sums over the taps run in four partial sums, `((0,4,..) + (1,5,..)) + ((2,6,..) + (3,7,..))`; taps,
/// outputs and decisions are the same bits at all FMA levels, for any split into calls and in both
/// layouts, and equal [`mod@super::reference`] run in `f32` (with fused `mul_add` at the FMA levels).
/// A stream never touches another.
///
/// # Example
/// ```
/// use pamlink::equalizer::adapt::{AdaptConfig, Parts, Streams};
///
/// let streams = Streams::new(&AdaptConfig {
///     steps: Parts { ffe: 1e-3, ..Parts::default() },
///     ..AdaptConfig::default()
/// })?;
/// let mut state = streams.state(2)?;
/// let (x, mut y, mut d) = ([2.0, -6.2, -0.8, 2.1], [0.0; 4], [0; 4]);
/// streams.track(&mut state, &x, &mut y, &mut d)?;
/// assert_eq!(d, [3, 0, 1, 3]);
/// assert!(state.equalizer(1)?.ffe[0] < 1.0);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Streams {
    config: Arc<AdaptConfig>,
    level: Level,
}

/// Symbols 0..=3 of a rectangle, or none.
type Known<'a> = Option<&'a dyn Fn(usize, usize) -> u8>;

impl Streams {
    /// A plan at the best SIMD level of this machine.
    pub fn new(config: &AdaptConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a given SIMD level.
    ///
    /// # Errors
    /// Those of [`super::Adapter`]; [`Error::OutOfRange`] for [`Update::Block`].
    pub fn with_level(config: &AdaptConfig, level: Level) -> Result<Self> {
        config.check()?;
        if let Update::Block(symbols) = config.update {
            return Err(Error::OutOfRange {
                name: "update block of many streams".into(),
                value: symbols as f64,
                min: 1.0,
                max: 1.0,
            });
        }
        Ok(Self {
            config: Arc::new(config.clone()),
            level,
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &AdaptConfig {
        &self.config
    }

    /// A state for `streams` streams at their start, nothing frozen.
    pub fn state(&self, streams: usize) -> Result<StreamsState> {
        in_range("streams", streams as f64, 1.0, 65_536.0)?;
        Ok(StreamsState {
            streams,
            groups: vec![Held::new(&self.config); streams.div_ceil(WIDTH)],
            frozen: Parts::default(),
            rates: Rates::default(),
            until: 0,
            outputs: 0,
            config: Arc::clone(&self.config),
            level: self.level,
        })
    }

    /// Back to the start in all streams; what is frozen stays so.
    pub fn reset(&self, state: &mut StreamsState) -> Result<()> {
        self.check_state(state)?;
        for held in &mut state.groups {
            held.restart(&self.config);
        }
        (state.until, state.outputs) = (0, 0);
        Ok(())
    }

    /// The next samples of all streams, interleaved, with the symbols that were sent.
    pub fn train(
        &self,
        state: &mut StreamsState,
        x: &[f32],
        symbols: &[u8],
        y: &mut [f32],
        d: &mut [u8],
    ) -> Result<()> {
        length("symbols", x.len(), symbols.len())?;
        crate::pattern::check_at_most("symbols", symbols, 3)?;
        self.interleaved(state, x, Some(symbols), y, d)
    }

    /// The next samples of all streams, interleaved, decisions as targets.
    pub fn track(
        &self,
        state: &mut StreamsState,
        x: &[f32],
        y: &mut [f32],
        d: &mut [u8],
    ) -> Result<()> {
        self.interleaved(state, x, None, y, d)
    }

    /// [`Streams::train`] for `[lane, n]` views.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn train_lanes(
        &self,
        state: &mut StreamsState,
        x: ArrayView2<'_, f32>,
        symbols: ArrayView2<'_, u8>,
        y: ArrayViewMut2<'_, f32>,
        d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        length("symbols (lanes)", x.nrows(), symbols.nrows())?;
        length("symbols (samples)", x.ncols(), symbols.ncols())?;
        if let Some(((lane, n), &s)) = symbols.indexed_iter().find(|(_, s)| **s > 3) {
            return in_range(format!("symbols[{lane}, {n}]"), s.into(), 0.0, 3.0).map(|_| ());
        }
        self.by_lanes(state, &x, Some(&|n, s| symbols[[s, n]]), y, d)
    }

    /// [`Streams::track`] for `[lane, n]` views.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn track_lanes(
        &self,
        state: &mut StreamsState,
        x: ArrayView2<'_, f32>,
        y: ArrayViewMut2<'_, f32>,
        d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        self.by_lanes(state, &x, None, y, d)
    }

    fn check_state(&self, state: &StreamsState) -> Result<()> {
        check_made_by(&self.config, self.level, &state.config, state.level)
    }

    fn by_lanes(
        &self,
        state: &mut StreamsState,
        x: &ArrayView2<'_, f32>,
        known: Known<'_>,
        mut y: ArrayViewMut2<'_, f32>,
        mut d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        self.check_state(state)?;
        length("lanes of x", state.streams, x.nrows())?;
        for (name, shape) in [("y", y.dim()), ("d", d.dim())] {
            length(format!("{name} (lanes)"), x.nrows(), shape.0)?;
            length(format!("{name} (samples)"), x.ncols(), shape.1)?;
        }
        let read = |n: usize, s: usize, row: &mut [f32]| {
            for (i, to) in row.iter_mut().enumerate() {
                *to = x[[s + i, n]];
            }
        };
        let mut write = |n: usize, s: usize, from_y: &[f32], from_d: &[u8]| {
            for (i, (a, b)) in from_y.iter().zip(from_d).enumerate() {
                (y[[s + i, n]], d[[s + i, n]]) = (*a, *b);
            }
        };
        let rows = |n: usize, s: usize, codes: &mut [u8]| {
            for (i, code) in codes.iter_mut().enumerate() {
                *code = known.map_or(DECIDE, |known| known(n, s + i));
            }
        };
        self.run(state, x.ncols(), known.is_some(), &read, &rows, &mut write);
        Ok(())
    }

    fn interleaved(
        &self,
        state: &mut StreamsState,
        x: &[f32],
        symbols: Option<&[u8]>,
        y: &mut [f32],
        d: &mut [u8],
    ) -> Result<()> {
        self.check_state(state)?;
        let streams = state.streams;
        length("x", x.len() / streams * streams, x.len())?;
        length("y", x.len(), y.len())?;
        length("d", x.len(), d.len())?;
        let read = |n: usize, s: usize, row: &mut [f32]| {
            row.copy_from_slice(&x[n * streams + s..][..row.len()]);
        };
        let mut write = |n: usize, s: usize, from_y: &[f32], from_d: &[u8]| {
            y[n * streams + s..][..from_y.len()].copy_from_slice(from_y);
            d[n * streams + s..][..from_d.len()].copy_from_slice(from_d);
        };
        let rows = |n: usize, s: usize, codes: &mut [u8]| match symbols {
            Some(symbols) => codes.copy_from_slice(&symbols[n * streams + s..][..codes.len()]),
            None => codes.fill(DECIDE),
        };
        let n = x.len() / streams;
        self.run(state, n, symbols.is_some(), &read, &rows, &mut write);
        Ok(())
    }

    /// `n` symbols of all streams, chunk by chunk: `read` and `rows` give samples and codes of a
    /// symbol from a stream on, `write` takes outputs and decisions.
    #[allow(clippy::too_many_lines)] // the walk over chunks and groups in one piece
    fn run(
        &self,
        state: &mut StreamsState,
        n: usize,
        trained: bool,
        read: &impl Fn(usize, usize, &mut [f32]),
        rows: &impl Fn(usize, usize, &mut [u8]),
        write: &mut impl FnMut(usize, usize, &[f32], &[u8]),
    ) {
        let (streams, mut at) = (state.streams, 0);
        while at < n {
            if state.symbols() >= state.until {
                self.renew(state);
            }
            let room = usize::try_from(state.until - state.symbols()).unwrap_or(usize::MAX);
            let count = (n - at).min(CHUNK).min(room);
            let leads = self
                .config
                .ffe
                .precursors
                .saturating_sub(usize::try_from(state.outputs).unwrap_or(usize::MAX))
                .min(count);
            for (g, pair) in state.groups.chunks_mut(2).enumerate() {
                let first = |k: usize| (2 * g + k) * WIDTH;
                let width = |k: usize| WIDTH.min(streams - first(k));
                let mut all = [Codes::Any; 2];
                for (k, held) in pair.iter_mut().enumerate() {
                    let (s, width) = (first(k), width(k));
                    let read = |i: usize, row: &mut [f32]| read(at + i, s, row);
                    let rows = |i: usize, row: &mut [u8]| rows(at + i, s, row);
                    all[k] = held.gather((count, width), trained, read, rows);
                }
                let mut codes = all[0];
                if !state.rates.plain() || all[..pair.len()].iter().any(|&c| c != codes) {
                    codes = Codes::Any;
                    for (held, &own) in pair.iter_mut().zip(&all) {
                        if own == Codes::Decided {
                            held.codes.clear();
                            held.codes.resize(count, [DECIDE; WIDTH]);
                        }
                    }
                }
                match pair {
                    [a, b] => {
                        let mut groups = [a.group(count), b.group(count)];
                        lanes::run(self.level, &state.rates, codes, &mut groups);
                    }
                    [a] => lanes::run(self.level, &state.rates, codes, &mut [a.group(count)]),
                    _ => {}
                }
                for (k, held) in pair.iter_mut().enumerate() {
                    held.go_on(count, leads);
                    let d = &held.d;
                    for_width(width(k), &mut held.y[..count], |i, y, width| {
                        write(at + i, first(k), &y.0[..width], &d[i][..width]);
                    });
                }
            }
            state.outputs += count as u64;
            at += count;
        }
    }

    fn renew(&self, state: &mut StreamsState) {
        let (c, symbol) = (&self.config, state.symbols());
        state.until = c.schedule.next_change(symbol);
        let steps = scaled_steps(c, c.schedule.factor(symbol), state.frozen);
        let mut levels = [steps.levels; 4];
        if c.outer_levels_pinned {
            (levels[0], levels[3]) = (0.0, 0.0);
        }
        state.rates = Rates {
            ffe: steps.ffe,
            dfe: steps.dfe,
            gain: steps.gain,
            offset: steps.offset,
            levels,
            ffe_keep: (1.0 - steps.ffe * c.ffe_leakage).max(0.0),
            dfe_keep: (1.0 - steps.dfe * c.dfe_leakage).max(0.0),
            pinned: c.main_pinned().then_some(c.ffe.precursors),
            sign_error: c.rule.sign_error(),
            sign_data: c.rule.sign_data(),
            rho: [1.0 / c.mse_window_symbols, 0.125 / c.mse_window_symbols],
        };
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Streams>();
};
