//! Clopper-Pearson intervals of counted words.

use std::f64::consts::PI;

use statrs::function::gamma::ln_gamma;

use crate::error::{Result, in_range, positive};
use crate::units::q_inverse;

/// A share of the words counted, with its two-sided confidence interval, `low <= value <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// The share, count over words.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Proportion {
    /// Whether a share lies in the interval, ends included.
    #[must_use]
    pub fn contains(&self, share: f64) -> bool {
        (self.low..=self.high).contains(&share)
    }
}

/// Counts of right or wrong words above this use the normal limit.
const LARGE: f64 = 1e6;

/// Clopper-Pearson: the shares at which `count` of `words` or more (at the upper end: or fewer) has the
/// probability `(1 - confidence) / 2`.
///
/// The binomial tails are sums of positive terms, relative 1e-9; above a million of both right and wrong words
/// the normal limit with half a count of continuity, off by less than 1e-3 of the interval.
pub(super) fn proportion(count: u64, words: u64, confidence: f64) -> Result<Proportion> {
    let n = positive("words", words as f64)?;
    let k = in_range("count", count as f64, 0.0, n)?;
    in_range("confidence", confidence, 0.0, 1.0 - f64::EPSILON)?;
    let tail = 0.5 * (1.0 - confidence);
    let value = k / n;
    let large = k.min(n - k) > LARGE;
    let low = if k == 0.0 {
        0.0
    } else if large {
        normal_end(k - 0.5, n, -q_inverse(tail))
    } else {
        bisect(|ln_p| ln_tail(k, n, ln_p, true) < tail.ln())
    };
    let high = if k == n {
        1.0
    } else if large {
        normal_end(k + 0.5, n, q_inverse(tail))
    } else {
        bisect(|ln_p| ln_tail(k, n, ln_p, false) > tail.ln())
    };
    Ok(Proportion {
        value,
        low: low.min(value),
        high: high.max(value),
    })
}

/// The end of the interval in `ln p` below which `below` holds.
fn bisect(below: impl Fn(f64) -> bool) -> f64 {
    let (mut lo, mut hi) = (-745.0f64, 0.0f64);
    for _ in 0..70 {
        let mid = 0.5 * (lo + hi);
        if below(mid) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    (0.5 * (lo + hi)).exp()
}

/// The share `p` with `x - n p = -z sqrt(n p (1 - p))`: the score interval.
fn normal_end(x: f64, n: f64, z: f64) -> f64 {
    let (z2, p) = (z * z, x / n);
    (p + z2 / (2.0 * n) + z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt()) / (1.0 + z2 / n)
}

/// `ln P(X >= k)` (upward) or `ln P(X <= k)` of a binomial with share `p`.
///
/// The side away from the mean is summed outwards from k, where terms only fall; towards the mean,
/// where no solution lies, the answer is just "large".
fn ln_tail(k: f64, n: f64, ln_p: f64, upward: bool) -> f64 {
    let p = ln_p.exp();
    let q = -f64::exp_m1(ln_p);
    if (k > n * p) != upward {
        return 0.0;
    }
    let (mut sum, mut term, mut i) = (1.0, 1.0, k);
    loop {
        if upward {
            term *= (n - i) * p / ((i + 1.0) * q);
            i += 1.0;
        } else {
            term *= i * q / ((n - i + 1.0) * p);
            i -= 1.0;
        }
        sum += term;
        if term <= 1e-17 * sum {
            break;
        }
    }
    (ln_term(k, n, p, q) + f64::ln(sum)).min(0.0)
}

/// `ln C(n, k) p^k q^(n-k)` without the large logarithms that cancel: C. Loader, "Fast and accurate
/// computation of binomial probabilities", 2000.
fn ln_term(k: f64, n: f64, p: f64, q: f64) -> f64 {
    let r = n - k;
    // count ln(n share / count) by the excess n share - count, which is the same number for both sides.
    let power = |count: f64, excess: f64| {
        if count == 0.0 {
            0.0
        } else {
            count * (excess / count).ln_1p()
        }
    };
    let excess = if p < 0.5 { n * p - k } else { r - n * q };
    let exponent = power(k, excess) + power(r, -excess);
    let width = |x: f64| {
        if x == 0.0 {
            0.0
        } else {
            0.5 * (2.0 * PI * x).ln()
        }
    };
    exponent + stirling(n) - stirling(k) - stirling(r) + width(n) - width(k) - width(r)
}

/// `ln x! - (x + 1/2) ln x + x - ln(2 pi) / 2`, zero at zero to go with the width left out there.
fn stirling(x: f64) -> f64 {
    if x == 0.0 {
        0.0
    } else if x < 20.0 {
        ln_gamma(x + 1.0) - (x + 0.5) * x.ln() + x - 0.5 * (2.0 * PI).ln()
    } else {
        let x2 = x * x;
        (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * x2)) / x2) / x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_intervals() {
        // 10 of 100 at 95 %: the textbook example.
        let i = proportion(10, 100, 0.95).unwrap();
        assert!((i.low - 0.049005).abs() < 1e-6 && (i.high - 0.176223).abs() < 1e-6);
        // DesignCon 2025: 20 word errors, 90 %: -33 % / +47 %; chi-square tables at 40 and 42
        // degrees (26.509, 58.124) give the Poisson limit.
        for words in [1e9 as u64, 1e15 as u64] {
            let i = proportion(20, words, 0.9).unwrap();
            let scale = words as f64 / 20.0;
            assert!((i.low * scale - 26.509 / 40.0).abs() < 1e-4, "{i:?}");
            assert!((i.high * scale - 58.124 / 40.0).abs() < 1e-4, "{i:?}");
        }
        let i = proportion(30, 30, 0.9).unwrap();
        assert!((i.low - 0.05f64.powf(1.0 / 30.0)).abs() < 1e-12 && i.high == 1.0);
        let i = proportion(0, 1000, 0.95).unwrap();
        assert!((i.high / (1.0 - 0.025f64.powf(1e-3)) - 1.0).abs() < 1e-12 && i.low == 0.0);
    }

    #[test]
    fn right_and_wrong_are_mirror_images() {
        for (k, n) in [(1, 7), (3, 50), (400, 1000), (999_000, 1_000_000)] {
            let a = proportion(k, n, 0.95).unwrap();
            let b = proportion(n - k, n, 0.95).unwrap();
            assert!((a.low - (1.0 - b.high)).abs() < 1e-12, "{k} of {n}");
            assert!((a.high - (1.0 - b.low)).abs() < 1e-12, "{k} of {n}");
        }
    }

    #[test]
    fn sums_and_the_normal_limit_meet() {
        let at = |k| proportion(k, 4_000_000_000, 0.95).unwrap();
        let (a, b) = (at(1_000_000), at(1_000_001));
        let width = a.high - a.low;
        // One count more moves both ends by 1 / n; the rest is the change of method.
        assert!((b.low - a.low - 2.5e-10).abs() < 1e-3 * width);
        assert!((b.high - a.high - 2.5e-10).abs() < 1e-3 * width);
    }
}
