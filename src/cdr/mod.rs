//! Clock and data recovery: timing error detectors, loop, lock.
