//! From the frequencies of a file to any grid: interpolation, the DC point, the continuation above.

use num_complex::Complex64;

use super::scatter::S2;
use super::two_port::{DIFFERENTIAL_OHM, TwoPort, TwoPortOnGrid};
use crate::error::{Result, in_range, positive};
use crate::signal::FrequencyGrid;
use crate::units::{amplitude_to_db, db_to_amplitude};

/// The continuation falls off from this multiple of the file's end …
const ROLL_FROM: f64 = 1.5;
/// … to zero at this one, as a squared cosine.
const ROLL_TO: f64 = 2.5;
/// Share of the band, at its top, over which slope and delay of the continuation are fitted.
const FIT_BAND: f64 = 0.2;

impl TwoPort {
    /// The two-port on a grid that may be finer and reach further, at 100 ohm differential.
    ///
    /// - *Between* the points of the file: the mean delay of each parameter is taken out and a cubic
    ///   through the four nearest points interpolates real and imaginary part; on a point the value
    ///   is the file's.
    /// - *At zero*: real. A zero-frequency row keeps its magnitude and takes the sign of its real
    ///   part. Without one, the magnitude follows from the two lowest points, transmissions in dB
    ///   linear in sqrt(f) (skin effect), reflections quadratic in f, neither above 1; the sign from
    ///   the phase run back to zero.
    /// - *Above the end* `f_e`: transmissions go on from the last value with the slope in dB per Hz
    ///   fitted to the top 20 % of the band, never rising, reflections with constant magnitude, both
    ///   with the mean delay of the same stretch; all times `cos^2`, from 1 at 1.5 `f_e` to zero at
    ///   2.5 `f_e`.
    ///
    /// The result is deterministic and remembers the file's end.
    ///
    /// # Errors
    /// A two-port that holds zero frequency alone, or whose renormalisation is not finite.
    pub fn on_grid(&self, grid: FrequencyGrid) -> Result<TwoPortOnGrid> {
        positive("end of the two-port in Hz", self.end_hz())?;
        let curves = Curves::of(&self.renormalised(DIFFERENTIAL_OHM)?);
        let s = grid.iter().map(|f| curves.at(f)).collect();
        TwoPortOnGrid::new(grid, s, Some(self.end_hz()))
    }

    /// The matrix at any frequency of the band, interpolated as [`Self::on_grid`] does.
    ///
    /// # Errors
    /// A frequency below zero or above the end of the file.
    pub fn at(&self, f_hz: f64) -> Result<S2> {
        in_range("f_hz", f_hz, 0.0, self.end_hz())?;
        Ok(Curves::of(&self.renormalised(DIFFERENTIAL_OHM)?).at(f_hz))
    }

    /// Loss `-20 log10 |S21|` in dB at 100 ohm differential; see [`Self::at`].
    ///
    /// # Errors
    /// A frequency below zero or above the end of the file.
    pub fn loss_db_at(&self, f_hz: f64) -> Result<f64> {
        Ok(-amplitude_to_db(self.at(f_hz)?.s21.norm()))
    }
}

/// The four parameters, each ready to be evaluated.
struct Curves {
    s11: Curve,
    s12: Curve,
    s21: Curve,
    s22: Curve,
}

impl Curves {
    fn of(two_port: &TwoPort) -> Self {
        let curve = |pick: fn(&S2) -> Complex64, kind| {
            let values = two_port.s().iter().map(pick).collect();
            Curve::new(two_port.frequencies_hz(), values, kind)
        };
        Self {
            s11: curve(|s| s.s11, Kind::Reflection),
            s12: curve(|s| s.s12, Kind::Transmission),
            s21: curve(|s| s.s21, Kind::Transmission),
            s22: curve(|s| s.s22, Kind::Reflection),
        }
    }

    fn at(&self, f_hz: f64) -> S2 {
        S2 {
            s11: self.s11.at(f_hz),
            s12: self.s12.at(f_hz),
            s21: self.s21.at(f_hz),
            s22: self.s22.at(f_hz),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Transmission,
    Reflection,
}

/// One parameter over frequency.
struct Curve {
    /// Frequencies from zero, in Hz.
    f: Vec<f64>,
    /// Values with `delay_s` taken out.
    flat: Vec<Complex64>,
    delay_s: f64,
    last: Complex64,
    /// Slope above the end, dB per Hz, not above zero.
    slope_db_per_hz: f64,
    /// Delay above the end.
    tail_delay_s: f64,
}

impl Curve {
    fn new(frequencies: &[f64], mut v: Vec<Complex64>, kind: Kind) -> Self {
        let mut f = frequencies.to_vec();
        if f[0] == 0.0 {
            v[0] = Complex64::from(v[0].norm().copysign(v[0].re));
        } else {
            v.insert(0, Complex64::from(dc_value(&f, &v, kind)));
            f.insert(0, 0.0);
        }
        let n = f.len();
        let end = f[n - 1];
        let top = f
            .partition_point(|&x| x < (1.0 - FIT_BAND) * end)
            .min(n.saturating_sub(3));
        let slope_db_per_hz = match kind {
            Kind::Transmission => slope_db_per_hz(&f[top..], &v[top..]).min(0.0),
            Kind::Reflection => 0.0,
        };
        let delay_s = mean_delay_s(&f, &v);
        Self {
            delay_s,
            last: v[n - 1],
            slope_db_per_hz,
            tail_delay_s: mean_delay_s(&f[top..], &v[top..]),
            flat: v
                .iter()
                .zip(&f)
                .map(|(v, &f)| v * turn(-delay_s * f))
                .collect(),
            f,
        }
    }

    fn at(&self, f_hz: f64) -> Complex64 {
        let end = self.f[self.f.len() - 1];
        if f_hz <= end {
            return cubic(&self.f, &self.flat, f_hz) * turn(self.delay_s * f_hz);
        }
        let beyond = f_hz - end;
        let gain = db_to_amplitude(self.slope_db_per_hz * beyond) * roll_off(f_hz / end);
        self.last * gain * turn(self.tail_delay_s * beyond)
    }
}

/// `exp(-j 2 pi turns)`.
fn turn(turns: f64) -> Complex64 {
    Complex64::cis(-2.0 * std::f64::consts::PI * turns)
}

/// 1 up to [`ROLL_FROM`], a squared cosine to zero at [`ROLL_TO`].
fn roll_off(x: f64) -> f64 {
    if x >= ROLL_TO {
        return 0.0;
    }
    let t = ((x - ROLL_FROM) / (ROLL_TO - ROLL_FROM)).max(0.0);
    (std::f64::consts::FRAC_PI_2 * t).cos().powi(2)
}

/// Mean group delay, each step weighted with its magnitudes.
pub(super) fn mean_delay_s(f: &[f64], v: &[Complex64]) -> f64 {
    let (mut turned, mut weight) = (0.0, 0.0);
    for k in 1..f.len() {
        let step = v[k] * v[k - 1].conj();
        let w = step.norm();
        turned -= w * step.arg();
        weight += w * 2.0 * std::f64::consts::PI * (f[k] - f[k - 1]);
    }
    if weight > 0.0 { turned / weight } else { 0.0 }
}

/// Least-squares slope of the magnitude in dB over frequency.
fn slope_db_per_hz(f: &[f64], v: &[Complex64]) -> f64 {
    let db = |v: &Complex64| amplitude_to_db(v.norm().max(1e-12));
    let n = f.len() as f64;
    let mean_f = f.iter().sum::<f64>() / n;
    let mean_db = v.iter().map(db).sum::<f64>() / n;
    let (mut fd, mut ff) = (0.0, 0.0);
    for (&f, v) in f.iter().zip(v) {
        fd += (f - mean_f) * (db(v) - mean_db);
        ff += (f - mean_f).powi(2);
    }
    if ff > 0.0 { fd / ff } else { 0.0 }
}

/// The value at zero frequency of a list that starts above it.
fn dc_value(f: &[f64], v: &[Complex64], kind: Kind) -> f64 {
    let first = v[0].norm();
    let magnitude = match (kind, f.len()) {
        (_, 1) => first,
        (Kind::Transmission, _) => {
            let db = |v: Complex64| amplitude_to_db(v.norm().max(1e-12));
            let (d0, d1) = (db(v[0]), db(v[1]));
            let share = f[0].sqrt() / (f[1].sqrt() - f[0].sqrt());
            db_to_amplitude((d0 + (d0 - d1) * share).min(d0.max(0.0)))
        }
        (Kind::Reflection, _) => {
            let share = f[0] * f[0] / (f[1] * f[1] - f[0] * f[0]);
            (first + (first - v[1].norm()) * share).clamp(0.0, first.max(1.0))
        }
    };
    let low = f.len().min(11);
    let phase = v[0].arg() + 2.0 * std::f64::consts::PI * mean_delay_s(&f[..low], &v[..low]) * f[0];
    magnitude.copysign(phase.cos())
}

/// The cubic through the four points around `x` (fewer where there are fewer), exact on a point.
fn cubic(f: &[f64], v: &[Complex64], x: f64) -> Complex64 {
    let n = f.len();
    let above = f.partition_point(|&p| p < x);
    if above < n && f[above] == x {
        return v[above];
    }
    let count = n.min(4);
    let first = above.saturating_sub(2).min(n - count);
    let (f, v) = (&f[first..first + count], &v[first..first + count]);
    let mut sum = Complex64::new(0.0, 0.0);
    for i in 0..count {
        let mut weight = 1.0;
        for j in 0..count {
            if j != i {
                weight *= (x - f[j]) / (f[i] - f[j]);
            }
        }
        sum += v[i] * weight;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::trace::{BOARD_BJ, BOARD_CK};
    use super::*;

    /// The board line "measured" at `first_hz, first_hz + step_hz, …` up to `end_hz`.
    fn measured(first_hz: f64, step_hz: f64, end_hz: f64) -> TwoPort {
        let points = ((end_hz - first_hz) / step_hz).round() as usize + 1;
        let f: Vec<f64> = (0..points).map(|i| first_hz + step_hz * i as f64).collect();
        let s = f.iter().map(|&f| BOARD_BJ.at(f, 150.0)).collect();
        TwoPort::new(f, 100.0, s).unwrap()
    }

    #[test]
    fn interpolation_between_the_points_is_exact_to_a_hundred_thousandth() {
        let t = measured(0.0, 10e6, 40e9);
        let grid = FrequencyGrid::new(53.125e9 / 8192.0, 6000).unwrap();
        let on = t.on_grid(grid).unwrap();
        for (f, s) in grid.iter().zip(on.s()) {
            let want = BOARD_BJ.at(f, 150.0);
            // Fourth-order error of the echo (2 ns round trip, 0.02 turns a step), and the root at
            // zero of the skin effect in the first steps, where no polynomial follows: 1e-3 there.
            let limit = if f < 50e6 { 3e-3 } else { 1e-5 };
            assert!((s.s21 - want.s21).norm() < limit, "S21 at {f}");
            assert!((s.s11 - want.s11).norm() < limit, "S11 at {f}");
        }
        assert_eq!(on.measured_end_hz(), Some(40e9));
        assert_eq!(on.s()[0].s21.im, 0.0);
    }

    #[test]
    fn points_of_the_file_are_kept_and_the_band_is_a_border() {
        let t = measured(0.0, 10e6, 40e9);
        let s = t.at(26.56e9).unwrap();
        assert!((s.s21 - BOARD_BJ.at(26.56e9, 150.0).s21).norm() < 1e-12); // delay out and in
        assert!(t.at(40.1e9).is_err() && t.at(-1.0).is_err() && t.at(f64::NAN).is_err());
        let loss = t.loss_db_at(26.5625e9).unwrap();
        assert!((loss - BOARD_BJ.loss_db(26.5625e9, 150.0)).abs() < 1e-3);
    }

    #[test]
    fn a_file_without_dc_gets_a_real_one() {
        let t = measured(10e6, 10e6, 20e9);
        let s = t.at(0.0).unwrap();
        let want = BOARD_BJ.at(0.0, 150.0);
        assert_eq!((s.s21.im, s.s11.im), (0.0, 0.0));
        // The skin effect is linear in sqrt(f); the reflection misses by its own size at 10 MHz.
        assert!((s.s21 - want.s21).norm() < 2e-3, "{}", s.s21);
        assert!((s.s11 - want.s11).norm() < 1e-2, "{}", s.s11);
        // An inverted path keeps its sign.
        let minus: Vec<S2> = t.s().iter().map(|s| S2 { s21: -s.s21, ..*s }).collect();
        let minus = TwoPort::new(t.frequencies_hz().to_vec(), 100.0, minus).unwrap();
        assert!(minus.at(0.0).unwrap().s21.re < -0.9);
    }

    #[test]
    fn the_continuation_follows_the_line_and_ends_at_zero() {
        let f: Vec<f64> = (0..=4000).map(|i| 10e6 * f64::from(i)).collect();
        let s = f.iter().map(|&f| BOARD_CK.at(f, 200.0)).collect();
        let t = TwoPort::new(f, 100.0, s).unwrap();
        let grid = FrequencyGrid::new(100e6, 1201).unwrap();
        let on = t.on_grid(grid).unwrap();
        for (f, s) in grid.iter().zip(on.s()).filter(|(f, _)| *f <= 60e9) {
            let want = BOARD_CK.at(f, 200.0);
            let (got, want) = (
                amplitude_to_db(s.s21.norm()),
                amplitude_to_db(want.s21.norm()),
            );
            // A straight line through a curve that bends with sqrt(f): 0.15 dB at 1.5 times the end.
            assert!((got - want).abs() < 0.2, "{f}: {got} {want}");
        }
        for pair in on.s()[400..].windows(2) {
            assert!(pair[1].s21.norm() <= pair[0].s21.norm());
            assert!(pair[1].largest_singular_value() <= 1.0);
        }
        assert!(on.s()[1000..].iter().all(|s| s.s21.norm() < 1e-15));
    }

    #[test]
    fn a_rising_end_is_continued_flat_and_few_points_are_enough() {
        let rise = |g: f64| S2::symmetric(0.0.into(), g.into());
        let t = TwoPort::new(
            vec![0.0, 1e9, 2e9],
            100.0,
            vec![rise(0.5), rise(0.6), rise(0.7)],
        )
        .unwrap();
        let on = t.on_grid(FrequencyGrid::new(1e9, 10).unwrap()).unwrap();
        assert!((on.s()[3].s21.norm() - 0.7).abs() < 1e-12);
        assert_eq!(on.s()[9].s21.norm(), 0.0);
        let one = TwoPort::new(vec![1e9], 100.0, vec![rise(0.5)]).unwrap();
        assert!(one.on_grid(FrequencyGrid::new(1e9, 3).unwrap()).is_ok());
        let dc = TwoPort::new(vec![0.0], 100.0, vec![rise(0.5)]).unwrap();
        assert!(dc.on_grid(FrequencyGrid::new(1e9, 3).unwrap()).is_err());
    }
}
