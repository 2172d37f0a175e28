//! Arithmetic in GF(2^10) with the polynomial `x^10 + x^3 + 1`, the field of KP4 and KR4.
//!
//! An element is a polynomial over GF(2) of degree below ten, held in the low ten bits of a `u16`:
//! bit `b` is the coefficient of `x^b`. A sum is an exclusive or, a product is taken modulo
//! [`POLYNOMIAL`]. [`ALPHA`] `= x` generates all 1023 elements other than zero. Reference: IEEE
//! 802.3 clause 91.5.2.7.
//!
//! [`mul`], [`inv`], [`pow`], [`log`] and [`exp`] read tables of logarithms; [`mod@reference`] is the
//! definition, for readers and tests. All functions look at the low ten bits of what they are given.

pub(crate) mod planes;
pub mod reference;
mod rows;
mod tables;

pub(crate) use rows::product_with;
pub(crate) use tables::mul_exp;
pub use tables::{ALPHA, ORDER, POLYNOMIAL, exp, inv, log, mul, pow};
