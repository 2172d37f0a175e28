//! Clock recovery with an equalizer of its own, from a closed eye to known errors.

mod cdr {
    mod start_up;
    mod station;
}
