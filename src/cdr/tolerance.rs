//! Jitter tolerance: how much sinusoidal jitter a receiver bears at each frequency, against a mask.

use super::SinusoidalJitter;
use crate::error::{Error, Result, in_range, positive};

/// Sinusoidal jitter that a receiver must bear: peak to peak over frequency, straight lines between
/// corners on logarithmic scales.
///
/// # Example
/// ```
/// use pamlink::cdr::JitterMask;
///
/// let mask = JitterMask::ethernet(4e6)?;
/// assert!((mask.at(40e3).unwrap() - 5.0).abs() < 1e-9);
/// assert!((mask.at(400e3).unwrap() - 0.5).abs() < 1e-9);
/// assert!((mask.at(10e6).unwrap() - 0.05).abs() < 1e-12);
/// assert_eq!(mask.at(1e9), None);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct JitterMask {
    corners: Vec<(f64, f64)>,
}

impl JitterMask {
    /// A mask from its corners, `(frequency in Hz, UI peak to peak)`, frequencies rising.
    pub fn new(corners: &[(f64, f64)]) -> Result<Self> {
        if corners.is_empty() {
            return Err(Error::Empty {
                name: "corners".into(),
            });
        }
        for (index, &(f, ui)) in corners.iter().enumerate() {
            positive(format!("corners[{index}].frequency"), f)?;
            positive(format!("corners[{index}].amplitude"), ui)?;
            let previous = index.checked_sub(1).map_or(0.0, |i| corners[i].0);
            if f <= previous {
                return Err(Error::NotIncreasing {
                    name: "corners".into(),
                    index,
                    previous,
                    value: f,
                });
            }
        }
        Ok(Self {
            corners: corners.to_vec(),
        })
    }

    /// The mask of Ethernet's receivers: 0.05 UI from `corner_hz` to ten times that, rising with 20 dB
    /// per decade to 5 UI at a hundredth of it; nothing is asked below and above.
    ///
    /// Source of the shape: Intel document 683852, section 4.4.4, with `corner = baud / 6640` and
    /// `baud / 664000` (4 MHz and 40 kHz at 26.5625 `GBd`). That the corner stays at 4 MHz for higher rates is
    /// taken from the corner of the reference clock recovery unit, 4 MHz at 53.125 and 106.25 `GBd` alike.
    pub fn ethernet(corner_hz: f64) -> Result<Self> {
        positive("corner_hz", corner_hz)?;
        Self::new(&[
            (corner_hz / 100.0, 5.0),
            (corner_hz, 0.05),
            (corner_hz * 10.0, 0.05),
        ])
    }

    /// The corners.
    #[must_use]
    pub fn corners(&self) -> &[(f64, f64)] {
        &self.corners
    }

    /// UI peak to peak at a frequency; `None` where nothing is asked.
    #[must_use]
    pub fn at(&self, f_hz: f64) -> Option<f64> {
        // A corner belongs to the mask although its frequency may have been rounded on its way here.
        const ROUNDING: f64 = 1e-9;
        let (first, last) = (self.corners[0], self.corners[self.corners.len() - 1]);
        let inside = f_hz >= first.0 * (1.0 - ROUNDING) && f_hz <= last.0 * (1.0 + ROUNDING);
        if !inside {
            return None;
        }
        let between = self.corners.windows(2).find(|w| f_hz <= w[1].0);
        Some(between.map_or(last.1, |w| {
            let share = (f_hz / w[0].0).ln() / (w[1].0 / w[0].0).ln();
            w[0].1 * (w[1].1 / w[0].1).powf(share.max(0.0))
        }))
    }
}

/// How the tolerance is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
pub struct ToleranceConfig {
    /// Most jitter that is tried, in multiples of the mask. Default 16 (ours).
    pub most: f64,
    /// Least jitter that is tried, in multiples of the mask. Default 1/16 (ours).
    pub least: f64,
    /// Ratio of failing to passing amplitude at which the search ends, above one. Default 1.05 (ours).
    pub ratio: f64,
}

impl Default for ToleranceConfig {
    fn default() -> Self {
        Self {
            most: 16.0,
            least: 0.0625,
            ratio: 1.05,
        }
    }
}

/// The tolerance at one frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TolerancePoint {
    /// Frequency in Hz.
    pub frequency_hz: f64,
    /// What the mask asks, UI peak to peak.
    pub mask_ui: f64,
    /// The most that passed, UI peak to peak; zero if nothing did.
    pub passed_ui: f64,
    /// The least that failed; `None` if nothing did up to the most that was tried.
    pub failed_ui: Option<f64>,
    /// Runs that it took.
    pub runs: usize,
}

impl TolerancePoint {
    /// Whether the mask is borne, to the resolution of the search.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.passed_ui >= self.mask_ui
    }
}

/// A jitter tolerance over frequency.
#[derive(Debug, Clone, PartialEq)]
pub struct JitterTolerance {
    /// One entry per frequency.
    pub points: Vec<TolerancePoint>,
}

impl JitterTolerance {
    /// Whether the mask is borne at every frequency.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.points.iter().all(TolerancePoint::passes)
    }

    /// The smallest ratio of what passed to what the mask asks, dB; minus infinity where nothing passed.
    #[must_use]
    pub fn margin_db(&self) -> f64 {
        self.points
            .iter()
            .map(|p| 20.0 * (p.passed_ui / p.mask_ui).log10())
            .fold(f64::INFINITY, f64::min)
    }
}

/// Searches, per frequency, the sinusoidal jitter at which a receiver begins to fail.
///
/// `passes` runs the receiver under a jitter (amplitude zero to peak) and says whether its errors stay
/// within what is allowed. The first run is at the mask; from there the amplitude is doubled or halved to
/// a pair of which one passes and one fails, and the pair is halved on a logarithmic scale.
///
/// # Errors
/// [`Error::OutOfRange`] for a frequency outside the mask and for the settings, and what `passes` returns.
///
/// # Example
/// ```
/// use pamlink::cdr::{JitterMask, LoopModel, ToleranceConfig, jitter_tolerance};
///
/// // A receiver that bears a quarter UI between its sampler and the signal.
/// let model = LoopModel::design(4e6, 4.0, 64, 1, 53.125e9)?;
/// let mask = JitterMask::ethernet(4e6)?;
/// let found = jitter_tolerance(&mask, &[1e5, 1e6, 1e7], &ToleranceConfig::default(), |jitter| {
///     let left = (1.0 - model.transfer(jitter.frequency_hz)).norm();
///     Ok(jitter.amplitude_ui * left < 0.25)
/// })?;
/// assert!(found.passes());
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn jitter_tolerance(
    mask: &JitterMask,
    frequencies_hz: &[f64],
    config: &ToleranceConfig,
    mut passes: impl FnMut(SinusoidalJitter) -> Result<bool>,
) -> Result<JitterTolerance> {
    in_range("most", config.most, 1.0, 1e6)?;
    in_range("least", config.least, 1e-6, 1.0)?;
    in_range("ratio", config.ratio, 1.001, 2.0)?;
    let mut points = Vec::with_capacity(frequencies_hz.len());
    for (i, &frequency_hz) in frequencies_hz.iter().enumerate() {
        let name = format!("frequencies_hz[{i}]");
        positive(name.clone(), frequency_hz)?;
        let Some(mask_ui) = mask.at(frequency_hz) else {
            let corners = mask.corners();
            return Err(Error::OutOfRange {
                name: name.into(),
                value: frequency_hz,
                min: corners[0].0,
                max: corners[corners.len() - 1].0,
            });
        };
        let mut runs = 0;
        let mut try_at = |ui: f64| {
            runs += 1;
            passes(SinusoidalJitter {
                amplitude_ui: 0.5 * ui,
                frequency_hz,
            })
        };
        let (passed, failed) = search(mask_ui, config, &mut try_at)?;
        points.push(TolerancePoint {
            frequency_hz,
            mask_ui,
            passed_ui: passed,
            failed_ui: failed,
            runs,
        });
    }
    Ok(JitterTolerance { points })
}

/// The most that passed and the least that failed, from `start` on.
fn search(
    start: f64,
    config: &ToleranceConfig,
    passes: &mut impl FnMut(f64) -> Result<bool>,
) -> Result<(f64, Option<f64>)> {
    let (least, most) = (start * config.least, start * config.most);
    let (mut good, mut bad);
    if passes(start)? {
        (good, bad) = (start, None);
        while bad.is_none() && good < most {
            let next = (2.0 * good).min(most);
            if passes(next)? {
                good = next;
            } else {
                bad = Some(next);
            }
        }
    } else {
        (good, bad) = (0.0, Some(start));
        let mut next = 0.5 * start;
        while good == 0.0 && next >= least {
            if passes(next)? {
                good = next;
            } else {
                bad = Some(next);
                next *= 0.5;
            }
        }
    }
    let Some(mut high) = bad else {
        return Ok((good, None));
    };
    while good > 0.0 && high / good > config.ratio {
        let middle = (good * high).sqrt();
        if passes(middle)? {
            good = middle;
        } else {
            high = middle;
        }
    }
    Ok((good, Some(high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cdr::LoopModel;

    #[test]
    fn the_search_finds_where_a_receiver_fails() {
        let model = LoopModel::design(4e6, 4.0, 64, 1, 53.125e9).unwrap();
        let mask = JitterMask::ethernet(4e6).unwrap();
        let f = [4e4, 3e5, 2e6, 4e6, 4e7];
        for share in [0.004, 0.03, 0.2, 3.0] {
            let config = ToleranceConfig::default();
            let limit = |f: f64| 2.0 * share / (1.0 - model.transfer(f)).norm();
            let found = jitter_tolerance(&mask, &f, &config, |j| {
                Ok(2.0 * j.amplitude_ui < limit(j.frequency_hz))
            })
            .unwrap();
            for p in &found.points {
                let limit = limit(p.frequency_hz);
                assert!(p.runs < 20);
                match p.failed_ui {
                    None => {
                        assert!(limit > config.most * p.mask_ui && p.passed_ui >= p.mask_ui * 16.0);
                    }
                    Some(failed) if p.passed_ui > 0.0 => {
                        assert!(p.passed_ui < limit && failed >= limit);
                        assert!(failed / p.passed_ui <= config.ratio);
                        assert_eq!(p.passes(), p.passed_ui >= p.mask_ui);
                    }
                    Some(failed) => {
                        assert!(limit <= failed && failed < 2.0 * config.least * p.mask_ui);
                    }
                }
            }
            let worst = found
                .points
                .iter()
                .map(|p| p.passed_ui / p.mask_ui)
                .fold(1e9, f64::min);
            assert_eq!(found.passes(), worst >= 1.0);
            assert_eq!(found.margin_db(), 20.0 * worst.log10());
        }
    }

    #[test]
    fn bad_masks_and_frequencies_are_errors() {
        assert!(JitterMask::new(&[]).is_err());
        assert!(JitterMask::new(&[(1.0, 1.0), (1.0, 2.0)]).is_err());
        assert!(JitterMask::new(&[(1.0, 0.0)]).is_err());
        assert!(JitterMask::ethernet(f64::NAN).is_err());
        let mask = JitterMask::ethernet(4e6).unwrap();
        let config = ToleranceConfig::default();
        let run = |f: f64, c: &ToleranceConfig| jitter_tolerance(&mask, &[f], c, |_| Ok(true));
        assert!(matches!(run(1e3, &config), Err(Error::OutOfRange { .. })));
        assert!(run(f64::NAN, &config).is_err());
        assert!(
            run(
                1e6,
                &ToleranceConfig {
                    ratio: 1.0,
                    ..config
                }
            )
            .is_err()
        );
        assert!(run(1e6, &config).unwrap().points[0].failed_ui.is_none());
    }
}
