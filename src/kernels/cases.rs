//! The kernels: their data, their check, their work.

mod adaptive;
mod codes;
mod detectors;
mod fec;
mod filters;
mod noise;
mod sequence;

use crate::Level;
use crate::error::Result;
use crate::simd::roof::Roof;

/// A kernel ready to be timed.
pub(super) struct Case {
    pub kernel: &'static str,
    pub size: &'static str,
    /// What the answer is held to.
    pub check: &'static str,
    /// Why the answer is wrong, if it is.
    pub failure: Option<String>,
    /// Symbols of one call.
    pub symbols: usize,
    /// Lane operations per symbol, by kind.
    pub uses: Vec<(Roof, f64)>,
    pub work: Box<dyn FnMut()>,
}

/// Makes a case at a level.
pub(super) type Make = fn(Level) -> Result<Case>;

/// Every kernel, in the order of a receiver.
pub(super) const ALL: [Make; 20] = [
    filters::ffe_5,
    filters::ffe_21,
    filters::ffe_64,
    detectors::slicer,
    detectors::dfe_1,
    detectors::dfe_5,
    detectors::dfe_stream,
    sequence::four_states,
    sequence::one_stream,
    sequence::sixteen_states,
    sequence::soft,
    adaptive::one_stream,
    adaptive::streams,
    codes::ffe,
    codes::dfe,
    codes::mlse,
    fec::kp4_clean,
    fec::kp4_full,
    fec::inner_code,
    noise::gauss,
];
