//! What interference costs at worst, closed form.

use crate::error::{Result, in_range, positive};
use crate::optics::modulator::LevelPowers;
use crate::units::{db_to_amplitude, db_to_power, power_to_db};

/// Sum of the amplitude ratios of every pair of reflections, `sum over i < j of sqrt(R_i R_j)`, from
/// reflectances in dB (below zero); loss between them not counted.
#[must_use]
pub fn amplitude_of_reflections(reflectances_db: &[f64]) -> f64 {
    let roots: Vec<f64> = reflectances_db
        .iter()
        .map(|db| db_to_amplitude(*db))
        .collect();
    let sum: f64 = roots.iter().sum();
    let squares: f64 = roots.iter().map(|r| r * r).sum();
    0.5 * (sum * sum - squares)
}

/// Upper bound of the penalty of PAM4 with equally spaced levels, dB of optical power: every delayed copy
/// and both levels of the eye taken at the top power, `-10 log10(1 - 12 P3 A / OMA)`,
/// `P3 / OMA = ER / (ER - 1)`, with the sum `A` of amplitude ratios. Infinite where the eye closes.
///
/// The bound without statistics of the IEEE 802.3bm and 802.3bs discussions, where four connectors of -25 dB
/// and two module ends of -35 dB at an extinction ratio of 6 dB give 2.5 dB (802.3 400 Gb/s study group
/// reflector, "MPI presentation in 802.3bm standard").
pub fn upper_bound_penalty_db(amplitude: f64, extinction_ratio_db: f64) -> Result<f64> {
    in_range("amplitude", amplitude, 0.0, 1.0)?;
    positive("extinction_ratio_db", extinction_ratio_db)?;
    let ratio = db_to_power(extinction_ratio_db);
    let open = 1.0 - 12.0 * amplitude / (1.0 - 1.0 / ratio);
    Ok(-power_to_db(open.max(0.0)))
}

/// Worst case of one path over all levels and phases, dB of optical power: how far the worst eye of a PAM4
/// signal closes when both its levels meet the top level, out of phase above and in phase below.
///
/// `-10 log10(1 - 2 sqrt(rho P3) / min over eyes of (sqrt(P_up) - sqrt(P_low)))`: exact for the model of
/// [`super::Mpi`]. The top eye is the worst where the levels are equally spaced. Infinite where an eye
/// closes.
pub fn worst_case_penalty_db(levels: &LevelPowers, ratio_db: f64) -> Result<f64> {
    in_range("ratio_db", ratio_db, -200.0, 0.0)?;
    let roots = levels.0.map(|p| p.max(0.0).sqrt());
    let spacing = (0..3)
        .map(|k| roots[k + 1] - roots[k])
        .fold(f64::INFINITY, f64::min);
    positive("spacing of the levels", spacing)?;
    let delayed = db_to_amplitude(ratio_db) * roots[3];
    Ok(-power_to_db((1.0 - 2.0 * delayed / spacing).max(0.0)))
}
