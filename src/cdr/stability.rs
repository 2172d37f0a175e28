//! Roots of a polynomial and the unit circle.

/// Whether all roots of `c[0] + c[1] z + ... + c[n] z^n` lie inside the unit circle: the recursion of
/// Schur and Cohn, which takes one root off per step and needs no root itself.
pub(super) fn inside(c: &[f64]) -> bool {
    let mut c = c.to_vec();
    while c.len() > 1 {
        let n = c.len() - 1;
        let k = c[0] / c[n];
        // Also false for NaN.
        let smaller = k.abs() < 1.0;
        if !smaller {
            return false;
        }
        let next = (1..=n).map(|i| c[i] - k * c[n - i]).collect();
        c = next;
    }
    true
}

/// Largest modulus of the roots, by bisection on a circle that still holds them all; above the
/// largest that Cauchy's bound allows nothing is searched.
pub(super) fn radius(c: &[f64]) -> f64 {
    let n = c.len() - 1;
    let bound = 1.0 + c[..n].iter().fold(0.0f64, |m, x| m.max((x / c[n]).abs()));
    let within = |r: f64| {
        let scaled: Vec<f64> = (0..=n)
            .map(|i| c[i] * r.powi(i as i32 - n as i32))
            .collect();
        inside(&scaled)
    };
    let (mut low, mut high) = (0.0, bound);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if within(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coefficients of the monic polynomial with these real roots, lowest power first.
    fn product(roots: &[f64]) -> Vec<f64> {
        roots.iter().fold(vec![1.0], |c, r| {
            let mut next = vec![0.0; c.len() + 1];
            for (i, x) in c.iter().enumerate() {
                next[i + 1] += x;
                next[i] -= r * x;
            }
            next
        })
    }

    #[test]
    fn radius_of_known_roots() {
        for roots in [
            vec![0.5],
            vec![0.9, -0.3],
            vec![0.2, -0.97, 0.6],
            vec![1.5, 0.1, -0.2, 0.3],
        ] {
            let largest = roots.iter().fold(0.0f64, |m, r: &f64| m.max(r.abs()));
            let c = product(&roots);
            // Single roots: the error is a few roundings of the coefficients.
            assert!(
                (radius(&c) - largest).abs() < 1e-9,
                "{roots:?}: {}",
                radius(&c)
            );
            assert_eq!(inside(&c), largest < 1.0);
        }
        // z^2 + 0.64: a pair of complex roots.
        assert!((radius(&[0.64, 0.0, 1.0]) - 0.8).abs() < 1e-9);
    }
}
