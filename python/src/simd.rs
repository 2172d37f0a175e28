//! Which instructions run.

use pamlink::Level;
use pyo3::prelude::*;

use crate::error::OrRaise;

/// The instructions that kernels run with.
///
/// The best that the machine has, or what the environment variable ``PAMLINK_SIMD`` lowers it to.
///
/// Returns
/// -------
/// str
///     ``baseline``, ``avx2``, ``avx512`` or ``avx512icl``.
///
/// Raises
/// ------
/// ConfigError
///     If the variable holds another word.
///
/// Examples
/// --------
/// >>> pamlink.simd_level() in ("baseline", "avx2", "avx512", "avx512icl")
/// True
#[pyfunction]
pub(crate) fn simd_level(py: Python<'_>) -> PyResult<&'static str> {
    Ok(Level::from_environment().or_raise(py)?.name())
}
