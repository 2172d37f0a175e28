//! Transmitter: pulse shape, FIR grid and levels.

use num_complex::Complex64;
use std::f64::consts::PI;

use crate::error::{Result, all_finite, in_range};
use crate::units::sinc;

/// Spectrum of one symbol of amplitude one: a rectangle of one unit interval with Gaussian edges,
/// `T sinc(f T) exp(-2 (pi f Tr / 1.6832)^2)`, in V s per V.
///
/// `edge_s` is the 20-80 % transition time `Tr` (Annex 93A.1.4.2); 0 leaves the rectangle. The
/// rectangle is centred on time zero.
#[must_use]
pub fn symbol_spectrum(f_hz: f64, baud_hz: f64, edge_s: f64) -> Complex64 {
    let edge = PI * f_hz * edge_s / 1.6832;
    Complex64::new(
        sinc(f_hz / baud_hz) / baud_hz * (-2.0 * edge * edge).exp(),
        0.0,
    )
}

/// The grid a transmit FIR is chosen from, at symbol spacing.
///
/// The taps satisfy `sum |c| = 1` (peak limit), so the main tap is what the others leave.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct TxFirConfig {
    /// Ranges `[min, max]` of the taps before the main one, the earliest (`c(-3)`) first.
    pub pre: Vec<[f64; 2]>,
    /// Ranges of the taps after the main one, `c(1)` first.
    pub post: Vec<[f64; 2]>,
    /// Step of every tap.
    pub step: f64,
    /// Smallest main tap.
    pub main_min: f64,
}

impl TxFirConfig {
    /// 802.3ck C2M (120G) and KR: `c(-3)` -0.06..0, `c(-2)` 0..0.12, `c(-1)` -0.34..0, `c(1)` -0.2..0.
    #[must_use]
    pub fn ck_100g() -> Self {
        Self {
            pre: vec![[-0.06, 0.0], [0.0, 0.12], [-0.34, 0.0]],
            post: vec![[-0.2, 0.0]],
            step: 0.02,
            main_min: 0.54,
        }
    }

    /// 802.3dj 200G per lane: the same ranges, main tap at least 0.5 (secondary source).
    #[must_use]
    pub fn dj_200g() -> Self {
        Self {
            main_min: 0.5,
            ..Self::ck_100g()
        }
    }

    /// Checks that the ranges are ranges around zero and the step is positive.
    pub fn validate(&self, name: &str) -> Result<()> {
        // A finer step than a thousandth moves no SNR, and the search walks it one at a time.
        in_range(format!("{name}.step"), self.step, 1e-3, 1.0)?;
        in_range(format!("{name}.main_min"), self.main_min, 0.0, 1.0)?;
        for (list, ranges) in [("pre", &self.pre), ("post", &self.post)] {
            for (i, [min, max]) in ranges.iter().copied().enumerate() {
                all_finite("transmit FIR range", &[min, max])?;
                in_range(format!("{name}.{list}[{i}][0]"), min, -1.0, 0.0)?;
                in_range(format!("{name}.{list}[{i}][1]"), max, 0.0, 1.0)?;
            }
        }
        Ok(())
    }

    /// Ranges of all side taps, precursors first.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        self.pre.iter().chain(&self.post).copied()
    }

    /// All taps, the earliest first, from the steps of the side taps (`step * steps[i]` each);
    /// `None` where a tap leaves its range or the main tap falls below its minimum.
    #[must_use]
    pub fn taps(&self, steps: &[i32]) -> Option<Vec<f64>> {
        let side: Vec<f64> = steps.iter().map(|&s| f64::from(s) * self.step).collect();
        let slack = 1e-9;
        let inside = self
            .ranges()
            .zip(&side)
            .all(|([min, max], &c)| c >= min - slack && c <= max + slack);
        let main = 1.0 - side.iter().map(|c| c.abs()).sum::<f64>();
        if !inside || side.len() != self.pre.len() + self.post.len() || main < self.main_min - slack
        {
            return None;
        }
        let mut taps = side[..self.pre.len()].to_vec();
        taps.push(main);
        taps.extend_from_slice(&side[self.pre.len()..]);
        Some(taps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_has_unit_area_per_interval_and_the_edges_soften_it() {
        let baud = 53.125e9;
        assert!((symbol_spectrum(0.0, baud, 7.5e-12).re * baud - 1.0).abs() < 1e-12);
        assert!(symbol_spectrum(baud, baud, 0.0).norm() * baud < 1e-12);
        // exp(-2 (pi * 26.5625e9 * 7.5e-12 / 1.6832)^2) = 0.7584
        let ratio = symbol_spectrum(baud / 2.0, baud, 7.5e-12).re
            / symbol_spectrum(baud / 2.0, baud, 0.0).re;
        let x: f64 = PI * 26.5625e9 * 7.5e-12 / 1.6832;
        assert!((ratio - (-2.0 * x * x).exp()).abs() < 1e-12);
        assert!((ratio - 0.758).abs() < 1e-3);
    }

    #[test]
    fn fir_taps_keep_the_peak_limit_and_the_ranges() {
        let fir = TxFirConfig::ck_100g();
        assert_eq!(
            fir.taps(&[0, 0, 0, 0]).unwrap(),
            vec![0.0, 0.0, 0.0, 1.0, 0.0]
        );
        let taps = fir.taps(&[-1, 2, -5, -3]).unwrap();
        assert!((taps.iter().map(|t| t.abs()).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(
            fir.taps(&[1, 0, 0, 0]).is_none(),
            "c(-3) may not be positive"
        );
        assert!(
            fir.taps(&[-3, 6, -17, -10]).is_none(),
            "main tap below 0.54"
        );
        assert!(fir.taps(&[0, 0, 0]).is_none());
    }
}
