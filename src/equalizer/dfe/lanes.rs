//! Streams as rows of `[lane, n]` arrays.

use ndarray::{ArrayBase, ArrayView2, ArrayViewMut2};

use super::{Dfe, DfeState, kernel, rows};
use crate::error::Result;
use crate::rows::same;

impl Dfe {
    /// Streams as rows: `x` and `d` are `[lane, n]` with contiguous rows, one lane per stream of
    /// the state; a single lane runs as [`Dfe::process`]. Allocates nothing.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn process_lanes(
        &self,
        state: &mut DfeState,
        x: ArrayView2<'_, f32>,
        d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        self.lanes(state, &x, d, None)
    }

    /// [`Dfe::process_lanes`] that also writes the slicer inputs `y`, `[lane, n]`.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn process_lanes_soft(
        &self,
        state: &mut DfeState,
        x: ArrayView2<'_, f32>,
        d: ArrayViewMut2<'_, u8>,
        y: ArrayViewMut2<'_, f32>,
    ) -> Result<()> {
        same("x", &x, "y", &y)?;
        self.lanes(state, &x, d, Some(y))
    }

    fn lanes(
        &self,
        state: &mut DfeState,
        x: &ArrayView2<'_, f32>,
        mut d: ArrayViewMut2<'_, u8>,
        mut y: Option<ArrayViewMut2<'_, f32>>,
    ) -> Result<()> {
        let streams = state.streams;
        self.check_state(state, x.nrows())?;
        same("x", x, "d", &d)?;
        if x.is_empty() {
            return Ok(());
        }
        let mut inputs = x.rows().into_iter();
        let mut decisions = d.rows_mut().into_iter();
        let mut softs = y.as_mut().map(|y| y.rows_mut().into_iter());
        for at in (0..streams).step_by(kernel::GROUP) {
            let count = kernel::GROUP.min(streams - at);
            // Slices of the rows of a group; contiguity was checked, so none is left empty.
            let mut x: [&[f32]; kernel::GROUP] = [&[]; kernel::GROUP];
            let mut d: [&mut [u8]; kernel::GROUP] = std::array::from_fn(|_| &mut [][..]);
            let mut y: [&mut [f32]; kernel::GROUP] = std::array::from_fn(|_| &mut [][..]);
            for i in 0..count {
                x[i] = inputs.next().and_then(|r| r.to_slice()).unwrap_or(&[]);
                d[i] = decisions
                    .next()
                    .and_then(ArrayBase::into_slice)
                    .unwrap_or(&mut []);
                if let Some(softs) = &mut softs {
                    y[i] = softs
                        .next()
                        .and_then(ArrayBase::into_slice)
                        .unwrap_or(&mut []);
                }
            }
            if streams == 1 {
                let [y, ..] = y;
                let [d, ..] = d;
                self.one(state, x[0], d, y);
                return Ok(());
            }
            let soft = if softs.is_some() { count } else { 0 };
            rows::lanes(
                self.level,
                &self.table,
                &self.thresholds,
                &x[..count],
                &mut d[..count],
                &mut y[..soft],
                &mut state.pending,
                streams,
                at,
            );
        }
        Ok(())
    }
}
