//! Cost face.
