//! What each block declares to compute, against a run of its reference on a number that counts.

mod cost {
    mod adapt;
    mod blocks;
    mod counted;
    mod fec;
    mod fec_plain;
    mod fixed;
}
