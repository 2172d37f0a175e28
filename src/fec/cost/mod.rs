//! What forward error correction costs, per PAM4 symbol (two line bits).
//!
//! Decoders do most of their work on words with errors only: what they cost is a function of the
//! [`WordErrors`] (of whole words) or of the share of dirty blocks, and a cleaner link decodes cheaper. The
//! Reed-Solomon decoder is given by stages ([`syndromes`], [`key_equation`], [`root_search`]) and
//! whole ([`decoder`]).
//!
//! The *algorithm* of each block is the plain one that its documentation states. The *hardware* form
//! scales the gate counts of a KP4 synthesised at 30 check symbols with the number of products.

mod closed;
mod errors;
mod inner;
mod reed_solomon;

pub use inner::{Chase, dirty_block_share, inner_decoder, inner_encoder};
pub use reed_solomon::{
    KeySolver, decoder, dirty_share, encoder, key_equation, kp4_decoder, kp4_encoder, root_search,
    syndromes,
};

#[cfg(doc)]
use crate::fec::bound::WordErrors;
use crate::ops::Ops;

/// Alignment, interleaving and scrambling around a code, as a factor on its gates (ours: there is
/// no silicon anchor).
pub const PCS_OVERHEAD: f64 = 1.5;

/// Line bits of one PAM4 symbol.
const BITS: f64 = 2.0;

/// Gates per bit with the PCS overhead, as operations per PAM4 symbol.
fn gates_per_bit(gates: f64) -> Ops {
    Ops {
        gates: BITS * PCS_OVERHEAD * gates,
        ..Ops::default()
    }
}
