//! Maximum-likelihood sequence estimation: the Viterbi algorithm on the trellis of a short
//! partial response. Its cost face so far; the signal face is a later step.

pub mod cost;
pub mod design;
