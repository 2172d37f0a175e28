//! Noise of a photocurrent: relative intensity noise and shot noise follow the instantaneous power.

use crate::error::{Result, length};
use crate::simd::Level;
use crate::units::{CHARGE_C, db_to_power};

use super::kernel;

/// One-sided density of the intensity noise of a photocurrent, A^2/Hz: `RIN * I^2`.
#[must_use]
pub fn rin_density(rin_db_hz: f64, mean_square_a2: f64) -> f64 {
    db_to_power(rin_db_hz) * mean_square_a2
}

/// One-sided density of shot noise, A^2/Hz: `2 q I`.
#[must_use]
pub fn shot_density(current_a: f64) -> f64 {
    2.0 * CHARGE_C * current_a
}

/// Current noise that follows the instantaneous current `I = mean_a + i`:
/// `i[n] = sqrt(S) z[n]` in A/sqrt(Hz), one-sided, `S = RIN I^2 + 2 q I` averaged over two instants of the
/// symbol.
///
/// `i` and `j` hold the modulated part of the current at the two instants, A; `i` receives the noise; `z`
/// are standard normal numbers, `rin_per_hz` is the intensity noise as a ratio. A current below zero counts
/// as zero. The same bits at every level. Cost per sample: eight products, a square root.
pub fn follow_current(
    i: &mut [f32],
    j: &[f32],
    z: &[f32],
    mean_a: f64,
    rin_per_hz: f64,
    level: Level,
) -> Result<()> {
    length("second instant", i.len(), j.len())?;
    length("normal numbers", i.len(), z.len())?;
    // Relative to the mean current, so that `f32` keeps its range.
    let shot = 2.0 * CHARGE_C / mean_a;
    kernel::follow(
        level,
        i,
        j,
        z,
        (1.0 / mean_a) as f32,
        rin_per_hz as f32,
        shot as f32,
        mean_a as f32,
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textbook_values() {
        // 1 mA of photocurrent: shot noise 17.9 pA/sqrt(Hz); RIN of -145 dB/Hz: 56.2 pA/sqrt(Hz).
        assert!((shot_density(1e-3).sqrt() / 17.9e-12 - 1.0).abs() < 1e-3);
        assert!((rin_density(-145.0, 1e-6).sqrt() / 56.23e-12 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn noise_follows_the_instantaneous_current() {
        let (mean, rin) = (0.5e-3, 10f64.powf(-14.5));
        let mut i = [0.0, 0.25e-3, -0.25e-3, -0.6e-3];
        let same = i;
        follow_current(&mut i, &same, &[1.0; 4], mean, rin, Level::best()).unwrap();
        for (got, current) in i.into_iter().zip([0.5e-3, 0.75e-3, 0.25e-3, 0.0f64]) {
            let exact = (rin_density(-145.0, current * current) + shot_density(current)).sqrt();
            // f32 throughout: a few parts in 1e7.
            assert!(
                (f64::from(got) - exact).abs() <= 1e-6 * exact,
                "{got} {exact}"
            );
        }
        assert!(follow_current(&mut i, &same, &[1.0; 3], mean, rin, Level::best()).is_err());
    }
}
