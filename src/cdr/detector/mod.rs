//! Timing error detectors: equations, S-curves, gains and self-noise on a given pulse.
//!
//! With `z[k]` the sample of symbol `k` at time `k + phi` UI, `x[k]` the sample half a UI before it,
//! `d[k]` the decision, `a[k]` its level, all levels and samples taken around the centre of the
//! levels, `sigma^2` the variance of the levels and `sgn(0) = 1`:
//!
//! | detector | output `e[k]` |
//! |---|---|
//! | Mueller-Muller | `(a[k-1] z[k] - a[k] z[k-1]) / sigma^2` |
//! | sign Mueller-Muller | `sgn(a[k-1]) sgn(z[k] - a[k]) - sgn(a[k]) sgn(z[k-1] - a[k-1])` |
//! | Alexander | `-sgn(x[k]) sgn(a[k] - a[k-1])` where `d[k] + d[k-1] = 3`, else 0 |
//! | Gardner | `x[k] (z[k-1] - z[k]) / sigma^2` |
//!
//! **Sign.** On average a sampler that is early gives a positive output, one that is late a negative one, and
//! the loop adds the output to the phase. The gain `K_d = -d E[e] / d phi` at the lock point is above zero.
//!
//! **Zeros** for independent symbols, right decisions and a pulse `h` (`h(t)`: what a symbol of one gives at
//! time `t` UI after its instant):
//! - Mueller-Muller `E[e] = h(1 + phi) - h(-1 + phi)`, whatever the other cursors: zero where
//!   `h(-1) = h(+1)`; `K_d = h'(-1) - h'(1)`.
//! - Sign Mueller-Muller: zero at the same place, since `h(-1) = h(+1)` makes the two neighbours of a
//!   symbol interchangeable in its error. The gain depends on all cursors and the noise: the error must be
//!   small against the spacing of the levels for signs to tell anything, so the samples should be those of an equalizer's
//!   output.
//! - Alexander: `E[e | a]` compares `h(-1/2)` with `h(1/2)`: zero where they are equal, if the cursors farther out are equal in pairs too, near it otherwise.
//! - Gardner: `E[e] = sum_j h(j - 1/2 + phi) (h(j - 1 + phi) - h(j + phi))`, with period one UI: a sine with
//!   the amplitude of the excess bandwidth, and blind to which symbol is the main one.
//!
//! **Signs saturate.** The mean output of sign Mueller-Muller cannot exceed 2 and that of Alexander 1/4, so
//! their loop follows a frequency off by no more than `k_p` times that per block without slipping, and its
//! bandwidth falls where jitter exceeds the straight part of the S-curve. Bring them the frequency first.
//!
//! **Pinned equalizer.** Behind an equalizer that adapts freely `h(-1) = h(1) = 0` at any phase, and
//! Mueller-Muller has nothing to hold on to: pin the taps beside the main one, or take samples before
//! the equalizer.
//!
//! # Sources
//! K. H. Mueller, M. Müller, "Timing Recovery in Digital Synchronous Data Receivers", IEEE Trans.
//! Communications 24 (1976); J. D. H. Alexander, "Clock Recovery from Random Binary Signals",
//! Electronics Letters 11 (1975); F. M. Gardner, "A BPSK/QPSK Timing-Error Detector for Sampled Receivers", IEEE
//! Trans. Communications 34 (1986). Signs for PAM4: K. Yadav, P.-H. Hsieh, A. Chan Carusone, "Loop Dynamics
//! Analysis of PAM-4 Mueller-Muller Clock and Data Recovery System", IEEE Open J. Circuits and Systems 3 (2022), compares linear and signed forms; the form here is written out above.

mod curve;
mod shape;
#[cfg(test)]
mod tests;

pub use curve::{Curve, DetectorGain, gain};
pub use shape::Shape;
