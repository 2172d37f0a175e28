//! Lane by lane over `[lane, n]` arrays.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::error::{Result, length};
use crate::rows::contiguous;

/// Checks that input and output have as many lanes and that every row is contiguous.
pub(super) fn fit(x: &ArrayView2<'_, f32>, y: &ArrayViewMut2<'_, f32>) -> Result<()> {
    length("ffe output lanes", x.nrows(), y.nrows())?;
    contiguous("ffe input", x)?;
    contiguous("ffe output", y)
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
