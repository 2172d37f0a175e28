//! What a Reed-Solomon code makes of symbol errors: independent ones, bursts, several segments.

mod independent;

pub use independent::{
    codeword_error_for_frame_loss, combined_symbol_error_probability, frame_loss_ratio,
    post_fec_ber, rs_symbol_error_from_pam4, rs_symbol_error_probability,
};
