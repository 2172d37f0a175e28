//! Sequence detection (cost descriptor).
