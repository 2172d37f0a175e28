//! The linear model of the loop: transfer function, stability, gains for a bandwidth.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::stability;
use crate::error::{Error, Result, finite, in_range, positive};

/// Half power, the -3 dB point.
const HALF: f64 = 0.5;
/// Range of damping factors a loop can be designed for.
const DAMPING: (f64, f64) = (0.3, 100.0);

/// A second-order loop around a linear detector, symbols in blocks of P, as a function of frequency.
///
/// # Equation
/// Block `n` is sampled at phase `phi[n]`; its P detector outputs have the mean
/// `E[n] = K_d (theta[n] - phi[n])`, `theta` the mean phase of the signal over the block. D blocks
/// later than it could at the earliest, it moves
///
/// ```text
/// f[n+1]   = f[n] + k_i E[n-D]
/// phi[n+1] = phi[n] + k_p E[n-D] + P f[n+1]
/// ```
///
/// With `a = K_d k_p`, `b = K_d k_i P` and `z = exp(2 pi i f P / baud)`
///
/// ```text
/// phi / theta = ((a + b) z - a) / (z^D (z - 1)^2 + (a + b) z - a)
/// ```
///
/// The average over a block and the hold over a block each multiply by
/// `sin(pi f P / baud) / (P sin(pi f / baud))` and cost half a block of delay; the delay of the two
/// is not part of [`LoopModel::transfer`], which refers both phases to the middle of a block.
///
/// # Source
/// F. M. Gardner, "Phaselock Techniques", for the loop; the delay and the block are written out.
///
/// # Example
/// ```
/// use pamlink::cdr::LoopModel;
///
/// let model = LoopModel::design(4e6, 4.0, 64, 1, 53.125e9)?;
/// assert!((model.bandwidth_hz() / 4e6 - 1.0).abs() < 1e-6);
/// assert!(model.peaking_db() < 0.2);
/// // No loop with this latency is that fast.
/// let error = LoopModel::design(400e6, 4.0, 64, 1, 53.125e9).unwrap_err();
/// assert!(error.to_string().starts_with("bandwidth_hz is 4e8, must lie between"));
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoopModel {
    proportional: f64,
    integral: f64,
    block: usize,
    latency_blocks: usize,
    baud_hz: f64,
}

impl LoopModel {
    /// A loop of given dimensionless gains `a = K_d k_p` and `b = K_d k_i P`.
    ///
    /// # Errors
    /// [`Error::NotPositive`] or [`Error::NotFinite`] for the numbers, [`Error::OutOfRange`] for a
    /// loop that is not stable: `max` is the highest stable `a` at this `b / a^2`.
    pub fn new(
        proportional: f64,
        integral: f64,
        block: usize,
        latency_blocks: usize,
        baud_hz: f64,
    ) -> Result<Self> {
        positive("proportional", proportional)?;
        in_range("integral", integral, 0.0, f64::MAX)?;
        let model = Self {
            proportional,
            integral,
            ..Self::unset(block, latency_blocks, baud_hz)?
        };
        if model.is_stable() {
            return Ok(model);
        }
        let ratio = integral / (proportional * proportional);
        Err(Error::OutOfRange {
            name: "proportional".into(),
            value: proportional,
            min: 0.0,
            max: highest_gain(ratio, latency_blocks),
        })
    }

    /// The loop whose transfer has its -3 dB point at `bandwidth_hz`, with damping `zeta`:
    /// `b = (a / (2 zeta))^2`, which is the damping factor of the loop without block and latency.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for `bandwidth_hz`, with the highest bandwidth that is stable, and for
    /// `damping` outside 0.3..=100.
    pub fn design(
        bandwidth_hz: f64,
        damping: f64,
        block: usize,
        latency_blocks: usize,
        baud_hz: f64,
    ) -> Result<Self> {
        positive("bandwidth_hz", bandwidth_hz)?;
        in_range("damping", damping, DAMPING.0, DAMPING.1)?;
        let unset = Self::unset(block, latency_blocks, baud_hz)?;
        let ratio = 0.25 / (damping * damping);
        let at = |a: f64| Self {
            proportional: a,
            integral: ratio * a * a,
            ..unset
        };
        let limit = highest_gain(ratio, latency_blocks);
        // The bandwidth grows with the gain; in the last percents before instability the peak may
        // lift the -3 dB point past half the block rate, where a sampled loop has no frequencies.
        let mut top = limit * (1.0 - 1e-9);
        let reach = at(top).bandwidth_hz();
        if bandwidth_hz > reach {
            return Err(Error::OutOfRange {
                name: "bandwidth_hz".into(),
                value: bandwidth_hz,
                min: 0.0,
                max: reach,
            });
        }
        let mut low = 0.0;
        // 1e-15 of the limit is below the grid of any gain that a bandwidth above 1 Hz needs.
        for _ in 0..80 {
            let middle = if low == 0.0 {
                top * 0.1
            } else {
                (low * top).sqrt()
            };
            if middle < 1e-12 * limit {
                break;
            }
            if at(middle).bandwidth_hz() < bandwidth_hz {
                low = middle;
            } else {
                top = middle;
            }
        }
        Ok(at(top))
    }

    /// The loop of a given bandwidth whose transfer peaks at `peaking_db` above one.
    ///
    /// # Errors
    /// As [`LoopModel::design`]; [`Error::OutOfRange`] for a peaking that no damping between 0.3
    /// and 100 gives at this bandwidth and latency, with those that can be had.
    pub fn design_for_peaking(
        bandwidth_hz: f64,
        peaking_db: f64,
        block: usize,
        latency_blocks: usize,
        baud_hz: f64,
    ) -> Result<Self> {
        positive("peaking_db", peaking_db)?;
        let at = |damping| Self::design(bandwidth_hz, damping, block, latency_blocks, baud_hz);
        let (mut low, mut high) = DAMPING;
        let stiff = at(high)?;
        // A loop near its limit may be stable with much damping only.
        let loose = at(low);
        let most = loose.as_ref().map_or(f64::INFINITY, Self::peaking_db);
        if peaking_db < stiff.peaking_db() || peaking_db > most {
            return Err(Error::OutOfRange {
                name: "peaking_db".into(),
                value: peaking_db,
                min: stiff.peaking_db(),
                max: most.min(f64::MAX),
            });
        }
        let mut best = stiff;
        for _ in 0..40 {
            let middle = (low * high).sqrt();
            match at(middle) {
                Ok(model) if model.peaking_db() <= peaking_db => {
                    best = model;
                    high = middle;
                }
                _ => low = middle,
            }
        }
        Ok(best)
    }

    fn unset(block: usize, latency_blocks: usize, baud_hz: f64) -> Result<Self> {
        positive("baud_hz", baud_hz)?;
        in_range("block", block as f64, 1.0, super::MAX_BLOCK as f64)?;
        in_range(
            "extra_latency_blocks",
            latency_blocks as f64,
            0.0,
            super::MAX_LATENCY_BLOCKS as f64,
        )?;
        Ok(Self {
            proportional: 0.0,
            integral: 0.0,
            block,
            latency_blocks,
            baud_hz,
        })
    }

    /// `a = K_d k_p`: the share of a phase error that one block takes back.
    #[must_use]
    pub fn proportional(&self) -> f64 {
        self.proportional
    }

    /// `b = K_d k_i P`.
    #[must_use]
    pub fn integral(&self) -> f64 {
        self.integral
    }

    /// Symbol rate in Hz.
    #[must_use]
    pub fn baud_hz(&self) -> f64 {
        self.baud_hz
    }

    /// Time of the middle of block `i` in UI after the first symbol of block zero.
    pub(super) fn middle_ui(&self, i: usize) -> f64 {
        let p = self.block as f64;
        p * i as f64 + 0.5 * (p - 1.0)
    }

    /// Damping factor of the loop without block and latency, `a / (2 sqrt(b))`.
    #[must_use]
    pub fn damping(&self) -> f64 {
        0.5 * self.proportional / self.integral.sqrt()
    }

    /// The same loop around a detector whose gain is `factor` times as high.
    ///
    /// # Errors
    /// As [`LoopModel::new`]: a higher gain may make a loop unstable.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        positive("factor", finite("factor", factor)?)?;
        Self::new(
            self.proportional * factor,
            self.integral * factor,
            self.block,
            self.latency_blocks,
            self.baud_hz,
        )
    }

    /// Phase of the sampler over phase of the signal, block average and block hold included.
    #[must_use]
    pub fn transfer(&self, f_hz: f64) -> Complex64 {
        let turn = f_hz / self.baud_hz;
        self.block_transfer(turn * self.block as f64) * self.block_average(f_hz).powi(2)
    }

    /// What the average over a block (and the hold over it) leaves of a sine: the Dirichlet kernel.
    #[must_use]
    pub fn block_average(&self, f_hz: f64) -> f64 {
        let (half_turn, p) = (0.5 * TAU * f_hz / self.baud_hz, self.block as f64);
        let below = p * half_turn.sin();
        if below.abs() < 1e-12 {
            1.0
        } else {
            (p * half_turn).sin() / below
        }
    }

    /// `phi / theta` of the block sequences at `turns` of a period per block.
    fn block_transfer(&self, turns: f64) -> Complex64 {
        let z = Complex64::cis(TAU * turns);
        let n = z * (self.proportional + self.integral) - self.proportional;
        let shift = Complex64::cis(TAU * turns * self.latency_blocks as f64);
        let d = z - 1.0;
        n / (shift * d * d + n)
    }

    /// The lowest frequency at which [`LoopModel::transfer`] has fallen to half its power; half the
    /// block rate if there is none below it.
    #[must_use]
    pub fn bandwidth_hz(&self) -> f64 {
        let rate = self.baud_hz / self.block as f64;
        let power = |turns: f64| self.transfer(turns * rate).norm_sqr();
        let below = |turns: &f64| power(*turns) < HALF;
        let mut previous = 0.0;
        for turns in self.scan() {
            if below(&turns) {
                let (mut low, mut high) = (previous, turns);
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    if below(&middle) {
                        high = middle;
                    } else {
                        low = middle;
                    }
                }
                return high * rate;
            }
            previous = turns;
        }
        0.5 * rate
    }

    /// Frequencies in turns per block that show every feature of the transfer: from well below the
    /// loop's own to half the block rate, 3 % apart.
    fn scan(&self) -> impl Iterator<Item = f64> + use<> {
        // The corner is near a / (2 pi), the peak near sqrt(b) / (2 pi).
        let start = 0.05 * self.proportional.min(self.integral.sqrt()) / TAU;
        let start = if start > 0.0 {
            start
        } else {
            0.05 * self.proportional / TAU
        };
        std::iter::successors(Some(start.min(0.4)), |t| Some(t * 1.03))
            .take_while(|t| *t < 0.5)
            .chain(std::iter::once(0.5))
    }

    /// Highest value of `|transfer|` in dB; zero where it exceeds one nowhere.
    #[must_use]
    pub fn peaking_db(&self) -> f64 {
        let rate = self.baud_hz / self.block as f64;
        let power = |turns: f64| self.transfer(turns * rate).norm_sqr();
        let (mut best, mut at) = (1.0, 0.0);
        for turns in self.scan() {
            let here = power(turns);
            if here > best {
                (best, at) = (here, turns);
            }
        }
        // Golden section around the best of the grid: the peak is smooth there.
        let (mut low, mut high) = (at / 1.03, (at * 1.03).min(0.5));
        for _ in 0..60 {
            let (left, right) = (low + 0.382 * (high - low), low + 0.618 * (high - low));
            if power(left) > power(right) {
                high = right;
            } else {
                low = left;
            }
        }
        10.0 * best.max(power(0.5 * (low + high))).log10().max(0.0)
    }

    /// Variance of the sampling phase over the variance of a block's phase measurement, white from
    /// block to block: the mean of `|phi / theta|^2` over all frequencies of the block sequence.
    #[must_use]
    pub fn noise_gain(&self) -> f64 {
        let (mut sum, mut last) = (0.0, (0.0, 1.0));
        for turns in self.scan() {
            let here = self.block_transfer(turns).norm_sqr();
            sum += 0.5 * (here + last.1) * (turns - last.0);
            last = (turns, here);
        }
        2.0 * sum
    }

    /// Open-loop gain over `K_d` at half the block rate, where a phase that alternates from block to
    /// block sits: what the loop takes off such a phase.
    pub(super) fn alternating(&self) -> f64 {
        let sign = if self.latency_blocks.is_multiple_of(2) {
            -0.5
        } else {
            0.5
        };
        sign * (self.proportional + 0.5 * self.integral)
    }

    /// Largest modulus of the poles.
    #[must_use]
    pub fn pole_radius(&self) -> f64 {
        stability::radius(&characteristic(
            self.proportional,
            self.integral,
            self.latency_blocks,
        ))
    }

    /// Whether all poles lie inside the unit circle.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        stability::inside(&characteristic(
            self.proportional,
            self.integral,
            self.latency_blocks,
        ))
    }
}

/// Coefficients of `z^D (z - 1)^2 + (a + b) z - a`, lowest power first; without an integral part the
/// root at one, which nothing drives, is divided out: `z^D (z - 1) + a`.
fn characteristic(a: f64, b: f64, latency: usize) -> Vec<f64> {
    if b == 0.0 {
        let mut c = vec![0.0; latency + 2];
        c[latency + 1] += 1.0;
        c[latency] -= 1.0;
        c[0] += a;
        return c;
    }
    let mut c = vec![0.0; latency + 3];
    c[latency + 2] += 1.0;
    c[latency + 1] -= 2.0;
    c[latency] += 1.0;
    c[1] += a + b;
    c[0] -= a;
    c
}

/// The gain `a` at which the loop with `b = ratio a^2` stops to be stable.
fn highest_gain(ratio: f64, latency: usize) -> f64 {
    let stable = |a: f64| stability::inside(&characteristic(a, ratio * a * a, latency));
    // Without latency and integral part the limit is 2; both lower it.
    let (mut low, mut high) = (0.0, 2.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if stable(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}
