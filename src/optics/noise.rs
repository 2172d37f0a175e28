//! Noise of a photocurrent: relative intensity noise and shot noise follow the instantaneous power.

use crate::error::{Result, in_range, length};
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

/// Adds to a current the noise of its own instantaneous value: relative intensity noise and shot noise,
/// white up to `bandwidth_hz`, half the sample rate.
///
/// `i[n] += sqrt((RIN I^2 + 2 q I) bandwidth) z[n]` with `I = max(i[n], 0)`, the densities one-sided. `i` is
/// the whole current, A; `z` are standard normal numbers; `rin_per_hz` is the intensity noise as a ratio.
/// `mean_a` is a typical current, to which the kernel works relative so that `f32` keeps its range; it does
/// not change the result beyond rounding (a few parts in 1e7 of the noise).
///
/// The same bits at every level. NaN stays NaN. Cost per sample: six products, a square root.
///
/// # Errors
/// Lengths that differ; a mean current, intensity noise or bandwidth outside 1e-12..=1e3 A, 0..=1e-6 /Hz,
/// 1..=1e15 Hz. `i` is then unchanged.
///
/// ```
/// use pamlink::Level;
/// use pamlink::optics::noise::follow_instant;
/// use pamlink::random::Gauss;
///
/// // 0.5 mA, RIN of -145 dB/Hz, 8 samples per UI at 53.125 GBd.
/// let mut i = vec![0.5e-3; 100_000];
/// let mut z = vec![0.0; i.len()];
/// Gauss::new(1, 0).fill(0, &mut z);
/// follow_instant(&mut i, &z, 0.5e-3, 10f64.powf(-14.5), 212.5e9, Level::best())?;
/// let power: f64 = i.iter().map(|i| (f64::from(*i) - 0.5e-3).powi(2)).sum();
/// let rms = (power / i.len() as f64).sqrt();
/// let density = 10f64.powf(-14.5) * 0.5e-3 * 0.5e-3 + 2.0 * 1.602_176_634e-19 * 0.5e-3;
/// assert!((rms / (density * 212.5e9).sqrt() - 1.0).abs() < 0.01);
/// # Ok::<(), pamlink::Error>(())
/// ```
pub fn follow_instant(
    i: &mut [f32],
    z: &[f32],
    mean_a: f64,
    rin_per_hz: f64,
    bandwidth_hz: f64,
    level: Level,
) -> Result<()> {
    length("normal numbers", i.len(), z.len())?;
    in_range("mean_a", mean_a, 1e-12, 1e3)?;
    in_range("rin_per_hz", rin_per_hz, 0.0, 1e-6)?;
    in_range("bandwidth_hz", bandwidth_hz, 1.0, 1e15)?;
    kernel::follow_instant(
        level,
        i,
        z,
        (1.0 / mean_a) as f32,
        (rin_per_hz * bandwidth_hz) as f32,
        (2.0 * CHARGE_C / mean_a * bandwidth_hz) as f32,
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

    #[test]
    fn noise_of_the_instant_has_the_variance_of_theory() {
        let (mean, rin, bandwidth) = (0.5e-3, 10f64.powf(-14.0), 425e9);
        let n = 1 << 20;
        let mut z = vec![0.0; n];
        crate::random::Gauss::new(3, 1).fill(0, &mut z);
        for level in Level::all() {
            for current in [0.1e-3f32, 0.5e-3, 1.1e-3] {
                let mut i = vec![current; n];
                follow_instant(&mut i, &z, mean, rin, bandwidth, level).unwrap();
                let a = f64::from(current);
                let theory = (rin_density(-140.0, a * a) + shot_density(a)) * bandwidth;
                let (mut sum, mut square) = (0.0, 0.0);
                for i in &i {
                    let d = f64::from(*i) - a;
                    sum += d;
                    square += d * d;
                }
                // A variance from n samples has the relative error sqrt(2 / n) = 1.4e-3, a mean
                // that of 1 / sqrt(n) = 1e-3 of sigma: four of each.
                let variance = square / n as f64;
                assert!(
                    (variance / theory - 1.0).abs() < 5.6e-3,
                    "{level} {current}"
                );
                let offset = sum / n as f64 / theory.sqrt();
                assert!(offset.abs() < 4e-3, "{level} {current}: {offset}");
            }
        }
    }

    #[test]
    fn noise_of_the_instant_does_not_depend_on_the_reference_current_and_refuses_nonsense() {
        let start = [0.3e-3f32, -0.1e-3, 0.0, 1e-3, 2e-3];
        let mut z = [0.0; 5];
        crate::random::Gauss::new(9, 1).fill(0, &mut z);
        let noisy = |mean| {
            let mut i = start;
            follow_instant(&mut i, &z, mean, 1e-14, 4e11, Level::best()).unwrap();
            i
        };
        for (a, b) in noisy(0.5e-3).into_iter().zip(noisy(3e-6)) {
            // Noise of a tenth of the current: a few parts in 1e7 of it.
            assert!((a - b).abs() <= 2e-7 * a.abs(), "{a} {b}");
        }
        assert_eq!(noisy(1e-3)[1..3], start[1..3], "no light, no noise");
        let mut i = start;
        for (mean, rin, bandwidth) in [
            (0.0, 1e-14, 1e11),
            (f64::NAN, 1e-14, 1e11),
            (1e-3, -1.0, 1e11),
            (1e-3, 1e-14, f64::INFINITY),
        ] {
            assert!(follow_instant(&mut i, &z, mean, rin, bandwidth, Level::best()).is_err());
        }
        assert!(follow_instant(&mut i, &z[1..], 1e-3, 0.0, 1e11, Level::best()).is_err());
        assert_eq!(i, start);
    }
}
