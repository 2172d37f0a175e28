//! What makes a list of S-parameters no channel, and what makes it a doubtful one.

use super::two_port::TwoPort;
use crate::error::{Error, Result};

/// With fewer points there is nothing to interpolate between.
const MIN_POINTS: usize = 16;
/// A larger singular value is an amplifier, not a measurement error.
const MAX_GAIN: f64 = 1.5;
/// A larger one than calibration and rounding leave behind.
const DOUBTFUL_GAIN: f64 = 1.01;
/// Above this first frequency the continuation to zero is a guess.
const LOW_HZ: f64 = 1e9;
/// Phase step of S21 between neighbours above which a cubic no longer follows.
const MAX_STEP_DEG: f64 = 120.0;
/// Phases count where S21 is within this factor of its largest value.
const STRONG: f64 = 0.01;

/// Refuses what is no passive channel.
pub(super) fn refuse(name: &str, two_port: &TwoPort) -> Result<()> {
    let refuse = |reason| {
        Err(Error::NotAChannel {
            file: name.to_owned(),
            reason,
        })
    };
    let points = two_port.s().len();
    if points < MIN_POINTS {
        let what = match (points, two_port.end_hz() > 0.0) {
            (1, false) => "zero frequency alone".to_owned(),
            (1, true) => "a single frequency point".to_owned(),
            _ => format!("{points} frequency points"),
        };
        return refuse(format!(
            "holds {what}, a channel needs at least {MIN_POINTS} up to half the symbol rate"
        ));
    }
    match gain(two_port) {
        (largest, f_hz) if largest <= MAX_GAIN => {
            debug_assert!(f_hz.is_finite());
            Ok(())
        }
        (largest, f_hz) => refuse(format!(
            "has gain (largest singular value {largest:.3e} at {:.3} GHz), must be a passive channel \
             with none above 1",
            f_hz / 1e9
        )),
    }
}

/// One sentence for each doubt.
pub(super) fn warnings(two_port: &TwoPort) -> Vec<String> {
    let mut all = Vec::new();
    let f = two_port.frequencies_hz();
    let (largest, at_hz) = gain(two_port);
    if largest > DOUBTFUL_GAIN {
        all.push(format!(
            "not passive: largest singular value {largest:.3} at {:.3} GHz, a channel has none above 1",
            at_hz / 1e9
        ));
    }
    if f[0] > LOW_HZ {
        all.push(format!(
            "starts at {:.3} GHz: everything below is continued to zero frequency, not measured",
            f[0] / 1e9
        ));
    }
    all.extend(phase(two_port));
    if let [dc, next, ..] = two_port.s()
        && f[0] == 0.0
        && dc.s21.norm() < 0.5 * next.s21.norm()
    {
        all.push(format!(
            "zero-frequency point is suspicious: |S21| = {:.3} there, {:.3} at the next point",
            dc.s21.norm(),
            next.s21.norm()
        ));
    }
    all
}

/// The largest singular value and its frequency; infinite where the values overflow.
fn gain(two_port: &TwoPort) -> (f64, f64) {
    let mut worst = (0.0, 0.0);
    for (s, &f) in two_port.s().iter().zip(two_port.frequencies_hz()) {
        let mut sigma = s.largest_singular_value();
        if sigma.is_nan() {
            sigma = f64::INFINITY;
        }
        if sigma > worst.0 {
            worst = (sigma, f);
        }
    }
    worst
}

/// Steps of the phase that are too large, or that turn the wrong way because they are.
fn phase(two_port: &TwoPort) -> Option<String> {
    let strongest = two_port
        .s()
        .iter()
        .map(|s| s.s21.norm())
        .fold(0.0, f64::max);
    let (mut largest, mut at_hz, mut turned) = (0.0_f64, 0.0, 0.0);
    for (s, f) in two_port
        .s()
        .windows(2)
        .zip(two_port.frequencies_hz().windows(2))
    {
        // The sign of a zero-frequency value is all the phase it has.
        if f[0] == 0.0 || s.iter().any(|s| s.s21.norm() <= STRONG * strongest) {
            continue;
        }
        let step = (s[1].s21 * s[0].s21.conj()).arg().to_degrees();
        turned += step / 360.0;
        if step.abs() > largest {
            (largest, at_hz) = (step.abs(), f[1]);
        }
    }
    if largest > MAX_STEP_DEG {
        return Some(format!(
            "undersampled: the phase of S21 moves by {largest:.0} degrees from one point to the next \
             at {:.3} GHz, at most {MAX_STEP_DEG} can be followed; a finer frequency step is needed",
            at_hz / 1e9
        ));
    }
    // Steps between 180 and 360 degrees look like an advance, which no path has.
    (turned > 1.0).then(|| {
        format!(
            "undersampled or conjugated: the phase of S21 advances by {turned:.1} turns where a delay \
             turns it back; a finer frequency step is needed"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::{BOARD_CK, Channel, S2};
    use super::*;
    use num_complex::Complex64;

    /// A path of flat magnitude and a delay on `points` points.
    fn path(first_hz: f64, step_hz: f64, points: usize, level: f64, delay_s: f64) -> TwoPort {
        let f: Vec<f64> = (0..points).map(|i| first_hz + step_hz * i as f64).collect();
        let s21 = |f: &f64| Complex64::from_polar(level, -std::f64::consts::TAU * delay_s * f);
        let s = f.iter().map(|f| S2::symmetric(0.0.into(), s21(f)));
        TwoPort::new(f.clone(), 100.0, s.collect()).unwrap()
    }

    fn channel(two_port: TwoPort) -> Result<Channel> {
        Channel::from_two_port("a.s2p", two_port)
    }

    #[test]
    fn no_channel_is_refused_by_name() {
        for (two_port, want) in [
            (
                path(0.0, 1e9, 1, 1.0, 0.0),
                "a.s2p: holds zero frequency alone",
            ),
            (path(1e9, 1e9, 1, 1.0, 0.0), "a.s2p: holds a single"),
            (
                path(0.0, 1e9, 15, 1.0, 0.0),
                "15 frequency points, a channel needs at least 16",
            ),
            (
                path(0.0, 1e9, 16, 1.6, 0.0),
                "has gain (largest singular value 1.600e0 at",
            ),
            (path(0.0, 1e9, 16, 1e300, 0.0), "a.s2p: has gain"),
        ] {
            let error = channel(two_port).unwrap_err();
            assert!(matches!(error, Error::NotAChannel { .. }));
            assert!(error.to_string().contains(want), "{error}");
        }
        assert!(channel(path(0.0, 1e9, 16, 1.0, 0.0)).is_ok());
    }

    #[test]
    fn each_doubt_is_one_warning_and_survives_reversal() {
        for (two_port, want) in [
            (
                path(0.0, 10e6, 100, 1.02, 1e-9),
                "not passive: largest singular value 1.020",
            ),
            (path(2e9, 10e6, 100, 0.9, 1e-9), "starts at 2.000 GHz"),
            (
                path(0.0, 10e6, 100, 0.9, 40e-9),
                "undersampled: the phase of S21 moves by 144",
            ),
            // 252 degrees a step, seen as 108 in advance.
            (
                path(0.0, 10e6, 100, 0.9, 70e-9),
                "undersampled or conjugated",
            ),
        ] {
            let c = channel(two_port).unwrap();
            assert_eq!(c.warnings().len(), 1, "{:?}", c.warnings());
            assert!(c.warnings()[0].starts_with(want), "{:?}", c.warnings());
            assert_eq!(c.reversed().warnings(), c.warnings());
        }
        let good = path(0.0, 10e6, 100, 0.9, 1e-9);
        let mut s = good.s().to_vec();
        s[0].s21 = 0.4.into();
        let dc = TwoPort::new(good.frequencies_hz().to_vec(), 100.0, s).unwrap();
        let c = channel(dc).unwrap();
        assert!(c.warnings()[0].starts_with("zero-frequency point is suspicious: |S21| = 0.400"));
        assert!(channel(good).unwrap().warnings().is_empty());
        let line = Channel::line(100.0, &BOARD_CK).unwrap();
        assert!(line.warnings().is_empty() && line.reversed().warnings().is_empty());
    }
}
