//! Where the symbols of codewords travel: interleaving, lanes, multiplexing.
//!
//! Symbols of a message go to the codewords of a group in turn ([`Distribution`]); the words' symbols go
//! out in turn again, over PCS lanes that share a physical lane by whole symbols or bit by bit
//! ([`LanePlan`]). A convolutional interleaver ([`Interleaver`]) stands between the words and the inner
//! code.
//!
//! # What one lane carries
//!
//! A real port spreads each codeword over all its physical lanes (400G: four lanes of 100G, sixteen PCS
//! lanes). A [`LanePlan`] lets *all* symbols of a group travel on one physical lane, `I` words interleaved:
//! the path that the burst model ([`super::bound`]) describes, one `Path` for both. On every lane of a port
//! the words take turns as well, so that a word's next symbol on the *same* lane is as many symbols away as
//! here, and a burst meets as many symbols of a word. Lanes are alike and independent of one another: a
//! word of `n` symbols on one lane and one of `p` shares of `n / p` symbols on `p` lanes have the same
//! distribution of errors but for the bursts that begin in one group and end in the next, a share of the
//! length of a burst over `5 I n / p`. Where lanes differ, the worst lane here stands for the whole port,
//! which is pessimistic; put the lanes together with `WordErrors::beside` instead.

mod convolution;
mod distribute;
mod lane;
mod multiplex;

pub use convolution::{ConvolutionConfig, Deinterleaver, Interleaver};
pub use distribute::{Distribution, WordOrder};
pub use lane::{BitPlace, LanePlan};
pub use multiplex::{MULTIPLEXING, Multiplexing};
