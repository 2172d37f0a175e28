//! Whole links: engines against one another, trends, conservation of budgets, hand-computed values.

mod link {
    mod agreement;
    mod agreement_mlse;
    mod agreement_wave;
    mod bad_input;
    mod coded;
    mod common;
    mod crosstalk;
    mod determinism;
    mod hand_computed;
    mod large_signal;
    mod shared_channels;
    mod trends;
    mod wave;
    mod wave_path;
}
