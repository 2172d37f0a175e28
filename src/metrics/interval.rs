//! Confidence intervals of a proportion, from one error in 1e15 symbols to none at all.

use statrs::function::gamma::ln_gamma;

use crate::error::{Result, in_range, positive};

/// An estimate with its confidence interval, `low <= value <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of a quantity `factor` (not negative) times as large.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            low: self.low * factor,
            high: self.high * factor,
        }
    }

    /// Whether a number lies in the interval, ends included.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        (self.low..=self.high).contains(&x)
    }
}

/// Clopper-Pearson interval of a proportion: `errors` out of `trials`, two-sided.
///
/// `low` is the `a/2` quantile of `Beta(k, n-k+1)`, `high` the `1 - a/2` quantile of `Beta(k+1, n-k)`,
/// `a = 1 - confidence`. It covers the truth with at least the confidence, whatever the truth. Without
/// errors `low = 0`, `high = 1 - (a/2)^(1/n)`; with nothing but errors the mirror image. Counts may be
/// fractions (effective counts). Ends are relative 1e-9 up to 2000 errors; above that the expansion
/// of Abramowitz & Stegun 26.5.22 is used, wrong by less than 2e-4 of the interval's width.
///
/// `confidence` lies between 0 and 1, `trials` above zero, `errors` in 0..=`trials`; else a typed error.
///
/// ```
/// let i = pamlink::metrics::clopper_pearson(10.0, 100.0, 0.95)?;
/// assert!((i.low - 0.0490).abs() < 5e-5 && (i.high - 0.1762).abs() < 5e-5);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn clopper_pearson(errors: f64, trials: f64, confidence: f64) -> Result<Interval> {
    positive("trials", trials)?;
    in_range("errors", errors, 0.0, trials)?;
    in_range("confidence", confidence, 0.0, 1.0 - f64::EPSILON)?;
    let tail = 0.5 * (1.0 - confidence);
    let (k, n) = (errors, trials);
    let low = if k <= 0.0 {
        0.0
    } else if k >= n {
        (tail.ln() / n).exp()
    } else {
        beta_quantile(tail, k, n - k + 1.0)
    };
    let high = if k >= n {
        1.0
    } else if k <= 0.0 {
        -f64::exp_m1(tail.ln() / n)
    } else {
        beta_quantile(1.0 - tail, k + 1.0, n - k)
    };
    let value = k / n;
    Ok(Interval {
        value,
        low: low.min(value),
        high: high.max(value),
    })
}

/// The `x` with `I_x(a, b) = p`.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if a.min(b) > 2000.0 {
        // Abramowitz & Stegun 26.5.22; y is the upper-tail normal deviate of p.
        let y = crate::units::q_inverse(p);
        let (u, v) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
        let h = 2.0 / (u + v);
        let lambda = (y * y - 3.0) / 6.0;
        let w = y * (h + lambda).sqrt() / h - (v - u) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
        return a / (a + b * (2.0 * w).exp());
    }
    // In ln x: relative precision for ratios of any smallness.
    let (mut lo, mut hi) = (-745.0f64, 0.0f64);
    for _ in 0..70 {
        let mid = 0.5 * (lo + hi);
        if regularized_beta(mid, a, b) < p {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    (0.5 * (lo + hi)).exp()
}

/// Regularized incomplete beta function `I_x(a, b)` at `x = exp(ln_x)`.
fn regularized_beta(ln_x: f64, a: f64, b: f64) -> f64 {
    let x = ln_x.exp();
    let y = -f64::exp_m1(ln_x);
    if y <= 0.0 {
        return 1.0;
    }
    let front = (a * ln_x + b * (-x).ln_1p() - ln_beta(a, b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(y, b, a) / b
    }
}

/// Continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8), modified Lentz.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    // It needs of the order of sqrt(min(a, b)) terms here.
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            step = c * d;
            h *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

/// `ln B(a, b)`, sound where one argument is huge: the difference of two large logarithms of the gamma
/// function is taken term by term in Stirling's series.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, big) = (a.min(b), a.max(b));
    let difference = if big < 100.0 {
        ln_gamma(small + big) - ln_gamma(big)
    } else {
        let sum = small + big;
        let series = |z: f64| 1.0 / (12.0 * z) - 1.0 / (360.0 * z * z * z);
        (sum - 0.5) * (small / big).ln_1p() + small * big.ln() - small + series(sum) - series(big)
    };
    ln_gamma(small) - difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(k: f64, n: f64, c: f64) -> (f64, f64) {
        let i = clopper_pearson(k, n, c).unwrap();
        (i.low, i.high)
    }

    #[test]
    fn published_intervals() {
        // 10 of 100 at 95 %: the textbook example.
        let (low, high) = ends(10.0, 100.0, 0.95);
        assert!((low - 0.049005).abs() < 1e-6 && (high - 0.176223).abs() < 1e-6);
        // Rule of three, exactly: no error in n at 95 % two-sided is 1 - 0.025^(1/n).
        let (low, high) = ends(0.0, 1000.0, 0.95);
        assert_eq!(low, 0.0);
        assert!((high / (1.0 - 0.025f64.powf(1e-3)) - 1.0).abs() < 1e-12);
        assert!((ends(0.0, 1e15, 0.95).1 / 3.688_879_454e-15 - 1.0).abs() < 1e-9);
        let (low, high) = ends(30.0, 30.0, 0.9);
        assert!((low - 0.05f64.powf(1.0 / 30.0)).abs() < 1e-12 && high == 1.0);
        // DesignCon 2025: 20 word errors, 90 %: -33 % / +47 %. The Poisson limit (Garwood) is
        // -33.7 % / +45.3 %, chi-square tables at 40 and 42 degrees: 26.509, 58.124.
        let (low, high) = ends(20.0, 1e9, 0.9);
        assert!((low / 20e-9 - 26.509 / 40.0).abs() < 1e-4, "{low:e}");
        assert!((high / 20e-9 - 58.124 / 40.0).abs() < 1e-4, "{high:e}");
        assert!((low / 20e-9 - 0.67).abs() < 0.02 && (high / 20e-9 - 1.47).abs() < 0.02);
    }

    #[test]
    fn the_binomial_tails_at_the_ends_are_what_was_asked_for() {
        for (k, n) in [(1u32, 7u32), (3, 50), (49, 50), (200, 400)] {
            let tail_at = |p: f64, from: u32, to: u32| -> f64 {
                (from..=to)
                    .map(|i| {
                        let (i, n) = (f64::from(i), f64::from(n));
                        (ln_gamma(n + 1.0) - ln_gamma(i + 1.0) - ln_gamma(n - i + 1.0)
                            + i * p.ln()
                            + (n - i) * (-p).ln_1p())
                        .exp()
                    })
                    .sum()
            };
            let (low, high) = ends(f64::from(k), f64::from(n), 0.95);
            assert!((tail_at(low, k, n) - 0.025).abs() < 1e-9, "{k} of {n}");
            assert!((tail_at(high, 0, k) - 0.025).abs() < 1e-9, "{k} of {n}");
        }
    }

    #[test]
    fn expansion_and_continued_fraction_meet() {
        for (a, b, p) in [
            (2500.0, 1e12, 0.025),
            (2500.0, 9000.0, 0.995),
            (3e3, 3e3, 0.4),
        ] {
            let x = beta_quantile(p, a, b);
            assert!(
                (regularized_beta(x.ln(), a, b) - p).abs() < 1e-5,
                "{a} {b} {p}: {}",
                regularized_beta(x.ln(), a, b)
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        assert!(clopper_pearson(2.0, 1.0, 0.95).is_err());
        assert!(clopper_pearson(-1.0, 1.0, 0.95).is_err());
        assert!(clopper_pearson(0.0, 0.0, 0.95).is_err());
        assert!(clopper_pearson(0.0, 1.0, 1.0).is_err());
        assert!(clopper_pearson(0.0, 1.0, f64::NAN).is_err());
        let i = clopper_pearson(1.0, 10.0, 0.9).unwrap().scaled(2.0);
        assert!(i.contains(0.2) && !i.contains(2.0));
    }
}
