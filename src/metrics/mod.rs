//! Measures: error counts with intervals, signal-to-noise ratios, statistical eyes.
