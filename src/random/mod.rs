//! Counter-based random numbers and Gaussian noise.
