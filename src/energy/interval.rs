//! A value with its uncertainty, and the independent draws behind it.

use crate::error::{Error, Result, finite};

/// A value between two bounds. Of a price: its smallest, best and largest credible value. Of a
/// result: 5th percentile, point value at all nominal prices, 95th percentile.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Nominal value.
    pub nominal: f64,
    /// Upper bound.
    pub high: f64,
}

impl Interval {
    /// The interval with these bounds.
    #[must_use]
    pub const fn new(low: f64, nominal: f64, high: f64) -> Self {
        Self { low, nominal, high }
    }

    /// A value without uncertainty.
    #[must_use]
    pub const fn exact(value: f64) -> Self {
        Self::new(value, value, value)
    }

    /// All three values times a positive `factor`.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self::new(self.low * factor, self.nominal * factor, self.high * factor)
    }

    /// Product of two positive intervals, worst corners together.
    #[must_use]
    pub fn product(self, other: Self) -> Self {
        Self::new(
            self.low * other.low,
            self.nominal * other.nominal,
            self.high * other.high,
        )
    }

    /// Whether the value lies between the bounds, both included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Quantile of the triangular distribution on the interval with its mode at the nominal value:
    /// `F^-1(u)`, `0 <= u <= 1`. An interval of no width gives its nominal value.
    #[must_use]
    pub fn triangular(&self, u: f64) -> f64 {
        let width = self.high - self.low;
        if width <= 0.0 {
            return self.nominal;
        }
        let rise = self.nominal - self.low;
        if u * width <= rise {
            self.low + (u * width * rise).sqrt()
        } else {
            self.high - ((1.0 - u) * width * (self.high - self.nominal)).sqrt()
        }
    }

    /// Checks that the three values are finite and in order.
    pub fn checked(self, name: &'static str) -> Result<Self> {
        for value in [self.low, self.nominal, self.high] {
            finite(name, value)?;
        }
        if self.low <= self.nominal && self.nominal <= self.high {
            Ok(self)
        } else {
            Err(Error::OutOfRange {
                name: name.into(),
                value: self.nominal,
                min: self.low,
                max: self.high,
            })
        }
    }
}

/// Turns draws of a result into an interval: nominal as given, low and high at 5 % and 95 %.
/// Reorders `draws`; without draws the bounds equal the nominal value.
pub(crate) fn percentiles(nominal: f64, draws: &mut [f64]) -> Interval {
    let mut at = |share: f64| {
        let Some(last) = draws.len().checked_sub(1) else {
            return nominal;
        };
        let index = (share * last as f64).round() as usize;
        *draws.select_nth_unstable_by(index, f64::total_cmp).1
    };
    Interval::new(at(0.05), nominal, at(0.95))
}

/// Uniform number in [0, 1) number `index` of stream `stream` under `seed`: the finalizer of
/// `splitmix64` (Steele, Lea, Flood, OOPSLA 2014) on a counter, 53 bits. Counter-based, so one knob
/// gives the same draws to every cell, and cells stay comparable draw by draw.
pub(crate) fn uniform(seed: u64, stream: u64, index: u64) -> f64 {
    const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let key = mix(seed.wrapping_add(GAMMA.wrapping_mul(stream.wrapping_add(1))));
    let word = mix(key.wrapping_add(GAMMA.wrapping_mul(index.wrapping_add(1))));
    (word >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangular_quantiles_hold_the_closed_form() {
        let t = Interval::new(0.0, 1.0, 4.0);
        assert_eq!(t.triangular(0.0), 0.0);
        assert_eq!(t.triangular(1.0), 4.0);
        // F(mode) = rise / width.
        assert!((t.triangular(0.25) - 1.0).abs() < 1e-12);
        assert_eq!(Interval::exact(3.0).triangular(0.7), 3.0);
        // Mean (a + b + c) / 3 = 5/3; sd 0.85, so 20 000 draws hold it to 4 sd = 0.024.
        let n = 20_000;
        let mean = (0..n).map(|i| t.triangular(uniform(1, 0, i))).sum::<f64>() / n as f64;
        assert!((mean - 5.0 / 3.0).abs() < 0.024, "{mean}");
    }

    #[test]
    fn uniform_is_splitmix64_and_streams_differ() {
        // splitmix64 seeded with 0 begins 0xe220a8397b1dcdaf: the finalizer of one gamma.
        let mix_of_gamma = 0xe220_a839_7b1d_cdaf_u64;
        let mut z = 0x9e37_79b9_7f4a_7c15_u64;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        assert_eq!(z ^ (z >> 31), mix_of_gamma);
        assert_ne!(uniform(1, 0, 0), uniform(1, 1, 0));
        assert_ne!(uniform(1, 0, 0), uniform(2, 0, 0));
        assert_eq!(uniform(1, 0, 0), uniform(1, 0, 0));
        // Correlation of two streams over n draws has sd 1/sqrt(n); 4 sd.
        let n = 20_000u64;
        let c = (0..n)
            .map(|i| (uniform(1, 3, i) - 0.5) * (uniform(1, 4, i) - 0.5) * 12.0)
            .sum::<f64>()
            / n as f64;
        assert!(c.abs() < 4.0 / (n as f64).sqrt(), "{c}");
    }

    #[test]
    fn bounds_out_of_order_are_refused() {
        assert!(Interval::new(1.0, 0.5, 2.0).checked("x").is_err());
        assert!(Interval::new(1.0, f64::NAN, 2.0).checked("x").is_err());
        assert!(Interval::new(0.5, 0.5, 2.0).checked("x").is_ok());
    }

    #[test]
    fn percentiles_of_a_ramp() {
        let mut draws: Vec<f64> = (0..101).rev().map(f64::from).collect();
        assert_eq!(
            percentiles(50.0, &mut draws),
            Interval::new(5.0, 50.0, 95.0)
        );
        assert_eq!(percentiles(2.0, &mut []), Interval::exact(2.0));
    }
}
