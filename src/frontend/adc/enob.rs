//! Effective number of bits by sine fit, for all slices together and for each.
//!
//! A sine of known frequency goes in, its amplitude, phase and mean are fitted to the codes by least squares
//! (the three-parameter fit of IEEE Std 1241), and what is left is noise and distortion. The fit of all
//! slices together sees their mismatches, that of one slice does not.

use std::f64::consts::PI;

use crate::error::{Error, Result, in_range, length};

use super::{Adc, AdcState};

/// A sine fitted to samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SineFit {
    /// Amplitude.
    pub amplitude: f64,
    /// Phase at index 0: the fit is `offset + amplitude sin(2 pi f n + phase_rad)`.
    pub phase_rad: f64,
    /// Mean.
    pub offset: f64,
    /// RMS of what is left.
    pub residual_rms: f64,
}

impl SineFit {
    /// Signal over noise and distortion, `10 log10(amplitude^2 / (2 residual^2))`.
    #[must_use]
    pub fn sinad_db(&self) -> f64 {
        10.0 * (0.5 * (self.amplitude / self.residual_rms).powi(2)).log10()
    }

    /// Effective bits of a converter of that full scale: `log2(2 full_scale / (sqrt(12) residual))`, the
    /// definition of IEEE Std 1241. For a sine of full scale it is `(SINAD - 1.76) / 6.02`.
    #[must_use]
    pub fn enob(&self, full_scale: f64) -> f64 {
        (2.0 * full_scale / (12f64.sqrt() * self.residual_rms)).log2()
    }
}

/// Fits `offset + amplitude sin(2 pi m/n k + phase)` to `(index k, sample)` pairs, the frequency being
/// `cycles / record` per index. Indices count modulo `record` in integers: no phase is lost.
pub fn fit(
    samples: impl Iterator<Item = (u64, f64)> + Clone,
    cycles: u64,
    record: u64,
) -> Result<SineFit> {
    in_range("sine record", record as f64, 4.0, 4_294_967_296.0)?;
    let angle = |k: u64| {
        let turns = (k % record) * (cycles % record) % record;
        2.0 * PI * turns as f64 / record as f64
    };
    let mut matrix = nalgebra::Matrix3::<f64>::zeros();
    let mut right = nalgebra::Vector3::<f64>::zeros();
    let mut n = 0.0f64;
    for (k, y) in samples.clone() {
        let (sin, cos) = angle(k).sin_cos();
        let row = nalgebra::Vector3::new(1.0, sin, cos);
        matrix += row * row.transpose();
        right += row * y;
        n += 1.0;
    }
    let singular = |rcond| Error::Singular {
        name: "sine fit (too few samples or a frequency that is none)".into(),
        rcond,
    };
    if n < 4.0 {
        return Err(singular(0.0));
    }
    let eigenvalues = (matrix / n).symmetric_eigenvalues();
    let rcond = eigenvalues.min() / eigenvalues.max();
    if rcond.is_nan() || rcond < 1e-9 {
        return Err(singular(rcond.max(0.0)));
    }
    let solution = matrix
        .cholesky()
        .ok_or_else(|| singular(rcond))?
        .solve(&right);
    let (offset, a, b) = (solution[0], solution[1], solution[2]);
    let rest: f64 = samples
        .map(|(k, y)| {
            let (sin, cos) = angle(k).sin_cos();
            (y - offset - a * sin - b * cos).powi(2)
        })
        .sum();
    Ok(SineFit {
        amplitude: a.hypot(b),
        phase_rad: b.atan2(a),
        offset,
        residual_rms: (rest / n).sqrt(),
    })
}

/// A sine to test a converter with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SineTest {
    /// Samples of the record.
    pub record: u64,
    /// Whole cycles in the record; without a common factor with it every phase comes once.
    pub cycles: u64,
    /// Amplitude, in the unit of the signal.
    pub amplitude: f64,
}

/// Shortest and longest record of a [`SineTest`].
const RECORDS: (f64, f64) = (64.0, 16_777_216.0);

impl SineTest {
    /// A sine just below the Nyquist frequency: the most cycles up to 0.49 of the record without a common
    /// factor with it.
    #[must_use]
    pub fn near_nyquist(record: u64, amplitude: f64) -> Self {
        let top = (record as f64 * 0.49) as u64;
        let coprime = |a: u64| {
            let (mut a, mut b) = (a, record);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a == 1
        };
        Self {
            record,
            cycles: (1..=top).rev().find(|&c| coprime(c)).unwrap_or(1),
            amplitude,
        }
    }

    /// Samples and slopes per unit interval of indices `first, first + 1, …`.
    pub fn fill(&self, first: u64, x: &mut [f32], slope: &mut [f32]) -> Result<()> {
        length("sine slope", x.len(), slope.len())?;
        self.validate()?;
        let w = 2.0 * PI * self.cycles as f64 / self.record as f64;
        for (i, (x, s)) in x.iter_mut().zip(slope).enumerate() {
            let k = first.wrapping_add(i as u64) % self.record;
            let turns = k * self.cycles % self.record;
            let (sin, cos) = (2.0 * PI * turns as f64 / self.record as f64).sin_cos();
            *x = (self.amplitude * sin) as f32;
            *s = (self.amplitude * w * cos) as f32;
        }
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        in_range("sine record", self.record as f64, RECORDS.0, RECORDS.1)?;
        in_range(
            "sine cycles",
            self.cycles as f64,
            1.0,
            self.record as f64 / 2.0,
        )?;
        in_range("sine amplitude", self.amplitude, 1e-15, 1e15)?;
        Ok(())
    }
}

/// What a sine test found.
#[derive(Debug, Clone, PartialEq)]
pub struct EnobReport {
    /// The fit of all samples.
    pub all: SineFit,
    /// Effective bits of all slices together, by the quantizer's full scale or, without one, by the sine's
    /// amplitude.
    pub enob: f64,
    /// The fit of each slice: its own noise, offset and gain.
    pub slices: Vec<SineFit>,
    /// Effective bits of each slice alone.
    pub slice_enob: Vec<f64>,
    /// The sine over the largest other line of the spectrum, zero left out, in dB: interleaving spurs stand
    /// at multiples of `1/slices` of the rate and around them.
    pub sfdr_db: f64,
    /// Samples clipped.
    pub clipped: u64,
}

/// Converts one record of a sine under the trim of a state (which stays as it is) and measures it.
pub fn measure(adc: &Adc, state: &AdcState, test: &SineTest) -> Result<EnobReport> {
    test.validate()?;
    let n = test.record as usize;
    let (mut x, mut slope, mut y) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    test.fill(0, &mut x, &mut slope)?;
    let mut run = adc.state();
    adc.set_trim(&mut run, state.trim())?;
    adc.process(&mut run, &x, Some(&slope), 0, &mut y)?;
    let pairs = || y.iter().enumerate().map(|(k, y)| (k as u64, f64::from(*y)));
    let all = fit(pairs(), test.cycles, test.record)?;
    let slices: Vec<SineFit> = (0..adc.config().slices)
        .map(|s| {
            fit(
                pairs().skip(s).step_by(adc.config().slices),
                test.cycles,
                test.record,
            )
        })
        .collect::<Result<_>>()?;
    let full_scale = adc
        .config()
        .quantizer
        .map_or(test.amplitude, |q| q.full_scale);
    Ok(EnobReport {
        enob: all.enob(full_scale),
        slice_enob: slices.iter().map(|f| f.enob(full_scale)).collect(),
        all,
        slices,
        sfdr_db: sfdr_db(&y, test.cycles as usize)?,
        clipped: run.clipped(),
    })
}

/// The line of a whole number of cycles over the largest other one but zero, in dB.
fn sfdr_db(y: &[f32], cycles: usize) -> Result<f64> {
    let mut data: Vec<f64> = y.iter().map(|y| f64::from(*y)).collect();
    let plan = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(data.len());
    let mut lines = plan.make_output_vec();
    length("spectrum", data.len() / 2 + 1, lines.len())?;
    // The lengths are those of the plan.
    let _ = plan.process(&mut data, &mut lines);
    let power = |i: usize| lines[i].norm_sqr();
    let other = (1..lines.len())
        .filter(|&i| i != cycles)
        .map(power)
        .fold(0.0, f64::max);
    Ok(10.0 * (power(cycles) / other).log10())
}
