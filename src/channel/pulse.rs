//! From a spectrum to samples in time: transmit shapes, impulse and pulse response.

use num_complex::Complex64;
use realfft::RealFftPlanner;

use crate::error::{Error, Result, in_range, positive};
use crate::signal::{FrequencyGrid, Pulse, Response};
use crate::units::sinc;

/// The most samples one inverse transform may have.
const MOST_SAMPLES: f64 = (1 << 27) as f64;

/// The grid on which a pulse of `window_ui` unit intervals comes out: step `baud_hz / window_ui`, to
/// at least `end_hz`.
///
/// The window must be longer than the response, which wraps around it: 4096 UI suit any channel of
/// a lane, and make steps of 13 MHz at 53.125 `GBd`.
///
/// # Errors
/// Numbers that are not positive, or more than 2^27 points.
pub fn pulse_grid(baud_hz: f64, window_ui: usize, end_hz: f64) -> Result<FrequencyGrid> {
    positive("baud_hz", baud_hz)?;
    positive("window_ui", window_ui as f64)?;
    positive("end_hz", end_hz)?;
    let step = baud_hz / window_ui as f64;
    let points = in_range(
        "end_hz / step",
        (end_hz / step).ceil() + 1.0,
        1.0,
        MOST_SAMPLES,
    )?;
    FrequencyGrid::new(step, points as usize)
}

/// Spectrum of a symbol held for one unit interval `T` around time zero: `T sinc(f T)`, in V/Hz for
/// one volt. Its inverse transform is 1 between `-T/2` and `T/2`.
///
/// # Errors
/// A symbol rate that is not positive.
pub fn nrz_hold(grid: FrequencyGrid, baud_hz: f64) -> Result<Response> {
    positive("baud_hz", baud_hz)?;
    let t = 1.0 / baud_hz;
    Ok(Response::from_fn(grid, |f| {
        Complex64::from(t * sinc(f * t))
    }))
}

/// Transmit edge filter of COM: `H_t(f) = exp(-2 (pi f T_r / 1.6832)^2)`, a Gaussian whose step
/// rises from 20 % to 80 % in `rise_s` (IEEE 802.3 equation 93A-46); no delay.
///
/// # Errors
/// A rise time that is negative or not finite.
pub fn gaussian_edge(grid: FrequencyGrid, rise_s: f64) -> Result<Response> {
    in_range("rise_s", rise_s, 0.0, f64::MAX)?;
    let x = std::f64::consts::PI * rise_s / 1.6832;
    Ok(Response::from_fn(grid, |f| {
        Complex64::from((-2.0 * (x * f).powi(2)).exp())
    }))
}

/// Samples `h(n / sample_rate_hz)` of the impulse response, in the unit of the response times Hz.
///
/// `h(t) = integral of H(f) e^(j 2 pi f t) df` over both halves of the spectrum, as a sum over the
/// grid; zero above the grid's end. One period of `1/step_hz` from time zero, later and earlier
/// parts wrapped into it.
///
/// # Errors
/// A sample rate that is not a whole multiple of the grid's step, or not positive.
pub fn impulse(response: &Response, sample_rate_hz: f64) -> Result<Vec<f64>> {
    positive("sample_rate_hz", sample_rate_hz)?;
    let samples = whole_multiple("sample_rate_hz", sample_rate_hz, response.grid())?;
    inverse(response, samples)
}

/// The pulse whose spectrum is `spectrum`: volts at the sampling point for one unit symbol.
///
/// `p(t) = integral of P(f) e^(j 2 pi f t) df`, sampled at `t = n / (samples_per_ui baud_hz)`; the
/// caller has put the transmit shape into `P` ([`nrz_hold`] for a held symbol). Spectrum above the
/// grid's end is zero, spectrum above half the sample rate folds exactly as sampling folds it. The
/// samples are one window of `1/step_hz`, rotated so that the largest magnitude, the cursor, lies a
/// quarter into it: what comes before the cursor in time stands before it in the list. [`Pulse::kept`]
/// cuts it down.
///
/// # Errors
/// [`Error::OutOfRange`] where `baud_hz` is not a whole multiple of the grid's step (the message
/// gives the two nearest steps that fit; [`pulse_grid`] makes one), for more than 1024 samples per
/// UI or 2^27 in all; numbers that are not positive.
pub fn pulse(spectrum: &Response, baud_hz: f64, samples_per_ui: usize) -> Result<Pulse> {
    positive("baud_hz", baud_hz)?;
    in_range("samples_per_ui", samples_per_ui as f64, 1.0, 1024.0)?;
    let window_ui = whole_multiple("baud_hz", baud_hz, spectrum.grid())?;
    let mut samples = inverse(spectrum, window_ui * samples_per_ui)?;
    let mut peak = 0;
    for (i, s) in samples.iter().enumerate() {
        if s.abs() > samples[peak].abs() {
            peak = i;
        }
    }
    let n = samples.len();
    let cursor = n / 4;
    samples.rotate_left((peak + n - cursor) % n);
    Pulse::new(samples, samples_per_ui, cursor)
}

/// Share (0..=1) of a pulse's energy that comes more than `guard_ui` unit intervals before its
/// cursor. With a guard of some UI it is what no causal path can send: the error of band limit,
/// continuation and measurement.
#[must_use]
pub fn precursor_energy_share(pulse: &Pulse, guard_ui: usize) -> f64 {
    let before = pulse.cursor.saturating_sub(guard_ui * pulse.samples_per_ui);
    let all = pulse.energy();
    if all > 0.0 {
        pulse.samples[..before].iter().map(|s| s * s).sum::<f64>() / all
    } else {
        0.0
    }
}

/// `rate_hz / step_hz` if it is a whole number.
pub(super) fn whole_multiple(
    name: &'static str,
    rate_hz: f64,
    grid: FrequencyGrid,
) -> Result<usize> {
    let ratio = in_range(
        format!("{name} over the grid's step"),
        rate_hz / grid.step_hz(),
        0.0,
        MOST_SAMPLES,
    )?;
    let whole = ratio.round();
    // Steps made by one division miss by an ulp; a part in 1e9 moves the window's end by far less
    // than a sample.
    if whole >= 1.0 && (ratio - whole).abs() <= 1e-9 * whole {
        return Ok(whole as usize);
    }
    let below = ratio.floor().max(1.0);
    Err(Error::OutOfRange {
        name: format!("step_hz of the grid ({name} over a whole number)").into(),
        value: grid.step_hz(),
        min: rate_hz / (below + 1.0),
        max: rate_hz / below,
    })
}

/// One period of the inverse transform in `samples` samples, spectrum folded at the sample rate.
fn inverse(response: &Response, samples: usize) -> Result<Vec<f64>> {
    in_range("samples of the window", samples as f64, 1.0, MOST_SAMPLES)?;
    let half = samples / 2;
    let step = response.grid().step_hz();
    let mut spectrum = vec![Complex64::new(0.0, 0.0); half + 1];
    for (k, &v) in response.values().iter().enumerate() {
        let v = v * step;
        let at = k % samples;
        if at <= half {
            spectrum[at] += v;
        }
        // The negative frequency of the same value.
        let mirrored = (samples - at) % samples;
        if k > 0 && mirrored <= half {
            spectrum[mirrored] += v.conj();
        }
    }
    spectrum[0].im = 0.0;
    if samples.is_multiple_of(2) {
        spectrum[half].im = 0.0;
    }
    let mut out = vec![0.0; samples];
    // Lengths and the two real bins are right by construction.
    RealFftPlanner::<f64>::new()
        .plan_fft_inverse(samples)
        .process(&mut spectrum, &mut out)
        .map_err(|_| Error::Length {
            name: "spectrum of the inverse transform".into(),
            expected: half + 1,
            got: response.values().len(),
        })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAUD: f64 = 53.125e9;

    #[test]
    fn a_held_symbol_over_an_ideal_channel_is_a_rectangle() {
        // 64 times the sample rate: what is missing of sum 1/f folds to 1/(pi^2 64 ...) < 5e-3.
        let grid = pulse_grid(BAUD, 64, 256.0 * BAUD).unwrap();
        for samples_per_ui in [1, 3, 4] {
            let p = pulse(&nrz_hold(grid, BAUD).unwrap(), BAUD, samples_per_ui).unwrap();
            assert_eq!(p.samples.len(), 64 * samples_per_ui);
            // The middle sample of the plateau is not always the largest: count by level instead.
            let count = |v: f64| p.samples.iter().filter(|s| (*s - v).abs() < 1e-2).count();
            let (ones, halves) = match samples_per_ui {
                1 => (1, 0),
                3 => (3, 0),
                _ => (3, 2), // edges at half a UI fall on samples and read one half
            };
            assert_eq!(count(1.0), ones, "{samples_per_ui}");
            assert_eq!(count(0.5), halves, "{samples_per_ui}");
            assert_eq!(count(0.0), p.samples.len() - ones - halves);
        }
    }

    #[test]
    fn a_single_pole_gives_its_closed_form_wherever_it_is_delayed_to() {
        let t = 1.0 / BAUD;
        let tau = 0.7 * t;
        let grid = pulse_grid(BAUD, 128, 64.0 * BAUD).unwrap();
        let pole = Response::from_fn(grid, |f| {
            1.0 / Complex64::new(1.0, 2.0 * std::f64::consts::PI * f * tau)
        });
        let total = nrz_hold(grid, BAUD).unwrap().then(&pole).unwrap();
        for delay_ui in [0.5, 20.5, 300.5] {
            let p = pulse(&total.delayed(delay_ui * t), BAUD, 8).unwrap();
            // The peak is the end of the held symbol, one UI after its start.
            for n in -80..160_i32 {
                let x = f64::from(n) / 8.0 + 1.0;
                let want = if x <= 0.0 {
                    0.0
                } else if x <= 1.0 {
                    1.0 - (-x * t / tau).exp()
                } else {
                    ((t / tau).exp() - 1.0) * (-x * t / tau).exp()
                };
                let got = p.samples[(p.cursor as i32 + n) as usize];
                // The spectrum falls with 1/f^2 and is cut at 64 fb: 2/(2 pi 0.7 pi 64) ~ 2e-3.
                assert!((got - want).abs() < 3e-3, "{n}: {got} {want}");
            }
        }
    }

    #[test]
    fn energy_is_the_same_in_time_and_frequency() {
        let grid = pulse_grid(BAUD, 256, 3.9 * BAUD).unwrap();
        let total = nrz_hold(grid, BAUD)
            .unwrap()
            .then(&gaussian_edge(grid, 7.5e-12).unwrap())
            .unwrap();
        let p = pulse(&total, BAUD, 8).unwrap(); // 4 fb: no folding
        let in_time = p.energy() / (8.0 * BAUD);
        let sum: f64 = total.values()[1..].iter().map(|v| 2.0 * v.norm_sqr()).sum();
        let in_frequency = (sum + total.values()[0].norm_sqr()) * grid.step_hz();
        assert!((in_time / in_frequency - 1.0).abs() < 1e-12); // Parseval: rounding only
    }

    #[test]
    fn the_gaussian_edge_rises_in_its_rise_time() {
        let rise = 7.5e-12;
        let grid = FrequencyGrid::new(1e9, 400).unwrap();
        let h = impulse(&gaussian_edge(grid, rise).unwrap(), 4e12).unwrap();
        // Step response from the impulse, whose later half stands before time zero.
        let n = h.len();
        let mut sum = 0.0;
        let mut at = [0.0; 2];
        for i in 0..n {
            let next = sum + h[(i + n / 2) % n] / 4e12;
            for (level, at) in [0.2, 0.8].iter().zip(&mut at) {
                if sum < *level && next >= *level {
                    *at = (i as f64 + (level - sum) / (next - sum)) / 4e12;
                }
            }
            sum = next;
        }
        // 1.6832 = 2 * 0.8416, the 80 % point of the normal distribution; sampled at 0.25 ps.
        assert!(((at[1] - at[0]) / rise - 1.0).abs() < 2e-3);
        assert!((sum - 1.0).abs() < 1e-9);
    }

    #[test]
    fn grids_that_do_not_fit_say_which_would() {
        let total = Response::unity(FrequencyGrid::new(10e6, 100).unwrap());
        let text = pulse(&total, 53.125e9, 8).unwrap_err().to_string();
        assert!(text.contains("step_hz") && text.contains("1e7"), "{text}");
        assert!(pulse(&total, 0.0, 8).is_err());
        assert!(pulse(&total, -1.0, 8).is_err());
        assert!(pulse(&total, f64::NAN, 8).is_err());
        assert!(pulse(&total, 50e9, 0).is_err());
        assert!(pulse(&total, 50e9, usize::MAX).is_err());
        assert!(pulse(&total, 1e300, 1).is_err());
        assert!(pulse(&total, 1.0, 1).is_err());
        assert!(pulse_grid(BAUD, 0, 1e9).is_err() && pulse_grid(BAUD, 1, f64::NAN).is_err());
        assert!(impulse(&total, 1.5e7).is_err());
        assert!(pulse(&total.scaled(0.0), 50e9, 2).unwrap().energy() == 0.0);
    }

    #[test]
    fn precursor_energy_counts_what_is_early() {
        let p = Pulse::new(vec![1.0, 0.0, 1.0, 3.0, 1.0, 0.0], 1, 3).unwrap();
        assert!((precursor_energy_share(&p, 0) - 2.0 / 12.0).abs() < 1e-15);
        assert!((precursor_energy_share(&p, 2) - 1.0 / 12.0).abs() < 1e-15);
        assert_eq!(precursor_energy_share(&p, 9), 0.0);
    }
}
