//! Many streams side by side: blocks of streams that go on, and whole records.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::engine::{Input, Output};
use super::{Mlse, MlseState};
use crate::error::{Result, in_range, length};
use crate::rows::{slices, slices_mut};
use crate::signal::Llr;
use crate::simd::Width;

/// The most streams that one state serves.
const MAX_STREAMS: f64 = 1_048_576.0;

impl Mlse {
    /// A state for `streams` independent streams at their start.
    pub fn state(&self, streams: usize) -> Result<MlseState> {
        in_range("streams", streams as f64, 1.0, MAX_STREAMS)?;
        Ok(MlseState::new(streams, self))
    }

    /// Takes the next samples of interleaved streams, `x[n * streams + s]`, and writes the symbols that
    /// are decided by now: [`MlseState::ready`] of each stream, interleaved alike, going on where the
    /// last call stopped. How the streams are cut into calls changes no symbol.
    ///
    /// ```
    /// use pamlink::mlse::{Mlse, MlseConfig};
    ///
    /// let mlse = Mlse::new(&MlseConfig::default())?;
    /// let mut state = mlse.state(2)?;
    /// let mut symbols = Vec::new();
    /// for block in [100, 200, 50] {
    ///     let x = vec![1.5; block * 2];
    ///     let mut d = vec![0; state.ready(block) * 2];
    ///     mlse.process_interleaved(&mut state, &x, &mut d)?;
    ///     symbols.extend(d);
    /// }
    /// let mut d = vec![0; state.pending() * 2];
    /// mlse.flush_interleaved(&mut state, &mut d)?;
    /// symbols.extend(d);
    /// assert_eq!(symbols, [2; 700]); // 1 + 0.5 * 1
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    pub fn process_interleaved(
        &self,
        state: &mut MlseState,
        x: &[f32],
        d: &mut [u8],
    ) -> Result<()> {
        let streams = state.streams();
        state.check(self)?;
        let n = x.len() / streams;
        length("x", n * streams, x.len())?;
        length("d", state.ready(n) * streams, d.len())?;
        state.run(self, &Input::Woven(x), n, &mut Output::Woven(d));
        Ok(())
    }

    /// The same for streams as rows, `[lane, n]` with contiguous rows; `d` has [`MlseState::ready`]
    /// columns.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn process_lanes(
        &self,
        state: &mut MlseState,
        x: ArrayView2<'_, f32>,
        mut d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        state.check(self)?;
        length("x (lanes)", state.streams(), x.nrows())?;
        length("d (lanes)", state.streams(), d.nrows())?;
        length("d (samples)", state.ready(x.ncols()), d.ncols())?;
        let n = x.ncols();
        let x = slices("x", &x)?;
        let d = slices_mut("d", &mut d)?;
        state.run(self, &Input::Rows(x), n, &mut Output::Rows(d));
        Ok(())
    }

    /// Decides what is left of interleaved streams, [`MlseState::pending`] symbols each. The next
    /// samples begin a new record; [`MlseState::unsettled`] keeps its counts until a reset.
    pub fn flush_interleaved(&self, state: &mut MlseState, d: &mut [u8]) -> Result<()> {
        state.check(self)?;
        length("d", state.pending() * state.streams(), d.len())?;
        state.finish(self, &mut Output::Woven(d));
        Ok(())
    }

    /// Decides what is left of streams as rows: `d` has [`MlseState::pending`] columns.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn flush_lanes(&self, state: &mut MlseState, mut d: ArrayViewMut2<'_, u8>) -> Result<()> {
        state.check(self)?;
        length("d (lanes)", state.streams(), d.nrows())?;
        length("d (samples)", state.pending(), d.ncols())?;
        let d = slices_mut("d", &mut d)?;
        state.finish(self, &mut Output::Rows(d));
        Ok(())
    }

    /// Whole records of interleaved streams, each as by [`Mlse::apply`].
    pub fn apply_interleaved(&self, x: &[f32], streams: usize, d: &mut [u8]) -> Result<()> {
        let mut state = self.state(streams)?;
        let n = x.len() / streams;
        length("x", n * streams, x.len())?;
        length("d", x.len(), d.len())?;
        let (now, later) = d.split_at_mut(state.ready(n) * streams);
        self.process_interleaved(&mut state, x, now)?;
        self.flush_interleaved(&mut state, later)?;
        for s in (0..streams).filter(|&s| state.unsettled()[s] > 0) {
            let row: Vec<f32> = x[s..].iter().step_by(streams).copied().collect();
            let mut symbols = vec![0; n];
            self.sequential(&row, &mut symbols);
            for (d, symbol) in d[s..].iter_mut().step_by(streams).zip(symbols) {
                *d = symbol;
            }
        }
        Ok(())
    }

    /// Whole records as rows, `[lane, n]` with contiguous rows, each as by [`Mlse::apply`].
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn apply_lanes(&self, x: ArrayView2<'_, f32>, mut d: ArrayViewMut2<'_, u8>) -> Result<()> {
        length("d (lanes)", x.nrows(), d.nrows())?;
        length("d (samples)", x.ncols(), d.ncols())?;
        let x_rows = slices("x", &x)?;
        let d_rows = slices_mut("d", &mut d)?;
        if x.is_empty() {
            return Ok(());
        }
        // Up to half a tile, segments of one record fill the lanes better than records do.
        if x.nrows() <= Width::Widest.lanes(self.level) {
            for (x, d) in x_rows.into_iter().zip(d_rows) {
                self.apply(x, d)?;
            }
            return Ok(());
        }
        let mut state = self.state(x.nrows())?;
        let ready = state.ready(x.ncols());
        let (now, later) = d.view_mut().split_at(ndarray::Axis(1), ready);
        self.process_lanes(&mut state, x.view(), now)?;
        self.flush_lanes(&mut state, later)?;
        let unsettled = state.unsettled().iter();
        for ((x, d), _) in x_rows
            .iter()
            .zip(slices_mut("d", &mut d)?)
            .zip(unsettled)
            .filter(|(_, count)| **count > 0)
        {
            self.sequential(x, d);
        }
        Ok(())
    }

    /// [`Mlse::soft`] of each row of `[lane, n]`; `llr` is `[lane, n]` too.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn soft_lanes(
        &self,
        x: ArrayView2<'_, f32>,
        sigma: f32,
        mut llr: ArrayViewMut2<'_, [Llr; 2]>,
    ) -> Result<()> {
        length("llr (lanes)", x.nrows(), llr.nrows())?;
        length("llr (samples)", x.ncols(), llr.ncols())?;
        let x = slices("x", &x)?;
        for (x, llr) in x.into_iter().zip(slices_mut("llr", &mut llr)?) {
            self.soft(x, sigma, llr)?;
        }
        Ok(())
    }
}
