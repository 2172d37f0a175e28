//! Closed forms for words with one to three errors: what an attempt and what a success takes.
//!
//! With syndromes `S_j = sum Y X^j` the coefficients `l` of `prod (X - X_i)` for `e` errors solve
//! `S_{j+e} = l_1 S_{j+e-1} + … + l_e S_j`, by Cramer's rule from the first `2e` syndromes; an attempt
//! succeeds if the determinant is not zero and the recurrence holds for all the others.
//! The roots come by tables: of one error the logarithm, of two `y^2 + y = c`, of three `w^3 + w = c`.

use crate::ops::Ops;

/// Products, sums and ten-bit table reads.
pub(super) struct Count {
    pub(super) products: f64,
    pub(super) sums: f64,
    pub(super) reads: f64,
}

impl Count {
    /// As operations of the field: a sum is ten exclusive ors.
    pub(super) fn ops(&self) -> Ops {
        Ops {
            gf_mul: self.products,
            xor2: 10.0 * self.sums,
            lut_read_bits: 10.0 * self.reads,
            ..Ops::default()
        }
    }
}

/// Coefficients for 1, 2 or 3 errors and their check against all `syndromes`.
pub(super) fn attempt(errors: usize, syndromes: f64) -> Count {
    let e = errors as f64;
    // Cramer's rule, one inverse read from a table.
    let (products, sums) = match errors {
        1 => (1.0, 0.0),
        2 => (8.0, 3.0),
        _ => (26.0, 14.0),
    };
    let checked = e * (syndromes - 2.0 * e);
    Count {
        products: products + checked,
        sums: sums + checked,
        reads: 1.0,
    }
}

/// Positions (logarithms by table) and values of 1, 2 or 3 errors, and their correction.
pub(super) fn solution(errors: usize) -> Count {
    let (products, sums, reads) = match errors {
        1 => (0.0, 0.0, 1.0),
        2 => (5.0, 3.0, 4.0),
        _ => (18.0, 18.0, 8.0),
    };
    Count {
        products,
        sums: sums + errors as f64,
        reads,
    }
}
