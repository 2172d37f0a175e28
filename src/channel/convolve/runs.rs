//! From taps on the grid to runs at symbol spacing over planes.

use crate::error::{Error, Result, finite, in_range};
use crate::simd::fir::Schedule;
use crate::simd::{Level, Width};

/// The most taps of a response: 2^20, a window of 16384 UI at 64 samples per UI.
const MOST_TAPS: f64 = (1 << 20) as f64;

/// The furthest time zero may be from the first tap, either way: the longest response and as much again.
const MOST_BEFORE: f64 = 2.0 * MOST_TAPS;

/// Taps that meet neighbouring entries of one plane.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    /// The plane.
    pub(super) plane: usize,
    /// Entries between the one that the first weight meets and the newest.
    pub(super) back: usize,
    /// Weights, oldest entry first.
    pub(super) weights: Vec<f32>,
}

/// The taps `j m + lead`, `j = 0, 1, …` that exist, tap `j` on the entry `j` before the newest; `None` where
/// there is none of them.
pub(super) fn run(taps: &[f32], m: usize, lead: isize, plane: usize) -> Option<Run> {
    let first_j = if lead < 0 {
        lead.unsigned_abs().div_ceil(m)
    } else {
        0
    };
    let first = (first_j * m).wrapping_add_signed(lead);
    let mut weights: Vec<f32> = taps.iter().skip(first).step_by(m).copied().collect();
    weights.reverse();
    (!weights.is_empty()).then(|| Run {
        plane,
        back: first_j + weights.len() - 1,
        weights,
    })
}

/// Old entries that the runs need.
pub(super) fn past(runs: &[Run]) -> usize {
    runs.iter().map(|r| r.back).max().unwrap_or(0)
}

/// The schedule of runs over a record that starts `past` entries before the newest and holds planes `stride`
/// apart.
pub(super) fn schedule(runs: &[Run], past: usize, stride: usize, level: Level) -> Schedule {
    let runs: Vec<_> = runs
        .iter()
        .map(|r| (r.plane * stride + past - r.back, r.weights.clone()))
        .collect();
    Schedule::new(&runs, Width::Sliding.lanes(level))
}

/// Taps that are neither none nor too many, all finite.
pub(super) fn check(name: &'static str, taps: &[f32]) -> Result<()> {
    if taps.is_empty() {
        return Err(Error::Empty { name: name.into() });
    }
    in_range(
        format!("number of {name}"),
        taps.len() as f64,
        1.0,
        MOST_TAPS,
    )?;
    for (i, &tap) in taps.iter().enumerate() {
        finite(format!("{name}[{i}]"), f64::from(tap))?;
    }
    Ok(())
}

/// Time zero not far from the taps, and samples per UI that planes can have.
pub(super) fn check_place(before: isize, samples_per_ui: usize) -> Result<()> {
    in_range("before", before as f64, -MOST_BEFORE, MOST_BEFORE)?;
    in_range(
        "samples_per_ui",
        samples_per_ui as f64,
        1.0,
        super::MAX_SAMPLES_PER_UI as f64,
    )?;
    Ok(())
}
