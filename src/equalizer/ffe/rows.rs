//! `[lane, n]` arrays as contiguous rows.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::error::{Error, Result, length};

fn contiguous(name: &'static str, strides: &[isize], columns: usize) -> Result<()> {
    if columns <= 1 || strides[1] == 1 {
        Ok(())
    } else {
        Err(Error::NotContiguous { name: name.into() })
    }
}

/// Checks that input and output have as many lanes and that every row is contiguous.
pub(super) fn fit(x: &ArrayView2<'_, f32>, y: &ArrayViewMut2<'_, f32>) -> Result<()> {
    length("ffe output lanes", x.nrows(), y.nrows())?;
    contiguous("ffe input", x.strides(), x.ncols())?;
    contiguous("ffe output", y.strides(), y.ncols())
}

/// Runs `each(lane, input row, output row)` over arrays that passed [`fit`].
pub(super) fn each(
    x: ArrayView2<'_, f32>,
    mut y: ArrayViewMut2<'_, f32>,
    mut each: impl FnMut(usize, &[f32], &mut [f32]) -> Result<()>,
) -> Result<()> {
    for (lane, (x, mut y)) in x.rows().into_iter().zip(y.rows_mut()).enumerate() {
        if let (Some(x), Some(y)) = (x.as_slice(), y.as_slice_mut()) {
            each(lane, x, y)?;
        }
    }
    Ok(())
}
