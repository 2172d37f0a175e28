//! Arithmetic in GF(2^10) with the polynomial `x^10 + x^3 + 1`, the field of KP4 and KR4.

pub(crate) mod planes;
