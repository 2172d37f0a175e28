//! Feed-forward and decision-feedback equalizers, slicers and their design.

pub mod adapt;
pub mod design;
pub mod dfe;
pub mod ffe;
pub mod fixed;
pub mod slicer;
