//! What a Reed-Solomon code makes of symbol errors: independent ones, bursts, several segments,
//! measured ones.
//!
//! [`BurstChain`] and [`Path`] say what the line does, [`WordErrors`] what that means for a codeword,
//! [`Histogram`] what was counted; from the last two come failure ratios, comparisons and, with its
//! assumption named, an extrapolation.

mod burst;
#[cfg(test)]
mod burst_tests;
mod extrapolate;
mod fit;
mod histogram;
mod independent;
mod inner_points;
mod interval;
#[cfg(test)]
mod simulation_tests;
mod transfer;
mod words;
#[cfg(test)]
mod words_tests;

pub use burst::{BurstChain, MAX_LANES, Multiplex, Path};
pub use extrapolate::{Extrapolation, TailFit};
pub use fit::{BinFit, Fit};
pub use histogram::{Histogram, TOP_174A};
pub use independent::{
    codeword_error_for_frame_loss, combined_symbol_error_probability, frame_loss_ratio,
    post_fec_ber, rs_symbol_error_from_pam4, rs_symbol_error_probability,
};
pub use inner_points::{INNER_POINTS, InnerPoint, after_inner};
pub use interval::Proportion;
pub use words::WordErrors;
