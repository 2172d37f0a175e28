//! The waveform path: alternating linear and memoryless stages at several samples per unit interval.
