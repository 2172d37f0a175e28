//! Reed-Solomon encoding and decoding.
