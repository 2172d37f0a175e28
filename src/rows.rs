//! `[lane, n]` arrays as rows that are contiguous in memory.

use ndarray::{ArrayBase, ArrayView2, ArrayViewMut2, Ix2, RawData};

use crate::error::{Error, Name, Result, length};

/// Checks that the samples of each lane lie one behind the other.
pub(crate) fn contiguous<S: RawData>(
    name: impl Into<Name>,
    array: &ArrayBase<S, Ix2>,
) -> Result<()> {
    if array.is_empty() || array.ncols() == 1 || array.strides()[1] == 1 {
        Ok(())
    } else {
        Err(Error::NotContiguous { name: name.into() })
    }
}

/// Checks that two arrays have the same shape and rows contiguous in memory.
pub(crate) fn same<A, B>(
    x_name: &'static str,
    x: &ArrayView2<'_, A>,
    d_name: &'static str,
    d: &ArrayViewMut2<'_, B>,
) -> Result<()> {
    length(format!("{d_name} (lanes)"), x.nrows(), d.nrows())?;
    length(format!("{d_name} (samples)"), x.ncols(), d.ncols())?;
    contiguous(x_name, x)?;
    contiguous(d_name, d)
}

/// The rows as slices.
pub(crate) fn slices<'a, T>(name: &'static str, x: &'a ArrayView2<'_, T>) -> Result<Vec<&'a [T]>> {
    contiguous(name, x)?;
    let rows = x.rows().into_iter();
    Ok(rows.map(|row| row.to_slice().unwrap_or(&[])).collect())
}

/// The rows as slices to write to.
pub(crate) fn slices_mut<'a, T>(
    name: &'static str,
    d: &'a mut ArrayViewMut2<'_, T>,
) -> Result<Vec<&'a mut [T]>> {
    contiguous(name, d)?;
    let rows = d.rows_mut().into_iter();
    Ok(rows
        .map(|row| row.into_slice().unwrap_or_default())
        .collect())
}
