//! Forward error correction: the codecs, and what they leave of an error rate.

mod analysis;
mod inner;
mod reed_solomon;

pub(crate) use analysis::{ber_limit, cer_burst, cer_from_flr, cer_iid, flr, iep_limit};
pub(crate) use inner::Inner;
pub(crate) use reed_solomon::ReedSolomon;

use pamlink::fec::RsCode;
use pyo3::prelude::*;

use crate::error::OrRaise;

/// The code of a name.
fn code(py: Python<'_>, name: Option<&str>) -> PyResult<RsCode> {
    RsCode::from_name(name.unwrap_or("kp4")).or_raise(py)
}
