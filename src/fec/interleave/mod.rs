//! Where the symbols of codewords travel: interleaving, lanes, multiplexing.
//!
//! Symbols of a message go to the codewords of a group in turn ([`Distribution`]); the words' symbols go
//! out in turn again, over PCS lanes that share a physical lane by whole symbols or bit by bit
//! ([`LanePlan`]). A convolutional interleaver ([`Interleaver`]) stands between the words and the inner
//! code.
//!
//! # What one lane carries
//!
//! A real port spreads each codeword over all its physical lanes (400G: 4 of 100G, 16 PCS lanes). A
//! [`LanePlan`] lets *all* symbols of a group travel on one physical lane, `I` words interleaved: the path
//! that the burst model ([`super::bound`]) describes, one `Path` for both. Lanes of a port are alike and
//! their errors independent, so the mean number of errors in a word is the same either way; but a burst
//! puts all of its errors into the `I` words of its own lane within a few symbols, while in a spread word
//! the same bursts are as many and as long. What differs is the *time* between a word's symbols on one lane:
//! on a port of `p` lanes a word's next symbol on the same lane is as many symbols away as here, `I` (symbol
//! by symbol), since row by row the words take turns on every lane. So a single lane with the interleave of
//! the port stands for the port with one exception: bursts longer than `n / p` rows, which do not occur.

mod convolution;
mod distribute;
mod lane;
mod multiplex;

pub use convolution::{ConvolutionConfig, Deinterleaver, Interleaver};
pub use distribute::{Distribution, WordOrder};
pub use lane::{BitPlace, LanePlan};
pub use multiplex::{MULTIPLEXING, Multiplexing};
