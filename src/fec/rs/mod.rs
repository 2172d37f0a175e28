//! Reed-Solomon encoding and decoding.

mod batch;
