//! What forward error correction costs, per PAM4 symbol (two line bits).

mod reed_solomon;

pub use reed_solomon::{PCS_OVERHEAD, dirty_share, inner_decoder, kp4_decoder, kp4_encoder};
