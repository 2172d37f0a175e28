//! From what a receiver gives to a block with its reliabilities, without lanes.

use super::code::Planes;
use super::{BLOCK_BITS, BLOCK_SYMBOLS, PAIRS, POSITIONS};
use crate::pam4;

/// A number whose ulp is one: what is added to it is rounded to an integer (ties to even) in the low bits.
const ROUND: f32 = 8_388_608.0;

/// A block as received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received<R> {
    pub(super) planes: Planes,
    /// Bit `k`: whether the second bit of pair `k` is the less reliable one.
    pub(super) second: u64,
    /// By position: pairs (the less reliable bit of each), then parity bits.
    pub(super) weights: [R; POSITIONS],
}

/// The nearest integer, ties to even, at most `top`.
#[inline(always)]
pub(super) fn quantized(scaled: f32, top: f32) -> u8 {
    // Not above 255 here: the low byte of the sum is the integer.
    (scaled.min(top) + ROUND).to_bits() as u8
}

/// From signed soft bits, one per bit of the block: `sign` says which are ones, `weight` how sure they are.
#[inline(always)]
fn from_bits<T: Copy, R: Copy + PartialOrd>(
    soft: &[T],
    zero: R,
    sign: impl Fn(T) -> bool,
    weight: impl Fn(T) -> R,
) -> Received<R> {
    let soft = &soft[..BLOCK_BITS];
    let mut received = Received {
        planes: Planes::default(),
        second: 0,
        weights: [zero; POSITIONS],
    };
    for k in 0..BLOCK_SYMBOLS {
        let (a, b) = (soft[2 * k], soft[2 * k + 1]);
        received.planes.first |= u64::from(sign(a)) << k;
        received.planes.second |= u64::from(sign(b)) << k;
        let (a, b) = (weight(a), weight(b));
        if k < PAIRS {
            received.second |= u64::from(b < a) << k;
            received.weights[k] = if b < a { b } else { a };
        } else {
            received.weights[2 * k - PAIRS] = a;
            received.weights[2 * k - PAIRS + 1] = b;
        }
    }
    received
}

/// Log-likelihood ratios, as they are.
#[inline(always)]
pub(super) fn llr(soft: &[f32]) -> Received<f32> {
    from_bits(soft, 0.0, f32::is_sign_negative, f32::abs)
}

/// Log-likelihood ratios, quantized. Which bit of a pair is the less reliable is told before rounding.
#[inline(always)]
pub(super) fn llr_quantized(soft: &[f32], scale: f32, top: f32) -> Received<u8> {
    rounded(&llr(soft), scale, top)
}

/// Integer ratios; the magnitude of -128 is 128.
#[inline(always)]
pub(super) fn integers(soft: &[i8]) -> Received<u8> {
    from_bits(soft, 0, |l| l < 0, i8::unsigned_abs)
}

#[inline(always)]
fn rounded(received: &Received<f32>, scale: f32, top: f32) -> Received<u8> {
    Received {
        planes: received.planes,
        second: received.second,
        weights: received.weights.map(|w| quantized(w * scale, top)),
    }
}

/// How samples become reliabilities: distances from the thresholds, each times the spacing there over the mean one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Eye {
    pub(super) thresholds: [f32; 3],
    /// The spacing around each threshold over the mean one.
    pub(super) slopes: [f32; 3],
    /// Half a mean spacing in the unit of the samples.
    pub(super) unit: f32,
}

impl Eye {
    pub(super) fn new(levels: [f32; 4]) -> Self {
        let l = levels.map(f64::from);
        let mean = (l[3] - l[0]) / 3.0;
        Self {
            // A zero is negative, so that a zero of either sign is above it by its sign too.
            thresholds: pam4::midway(l).map(|t| match t as f32 {
                0.0 => -0.0,
                t => t,
            }),
            slopes: [0, 1, 2].map(|i| ((l[i + 1] - l[i]) / mean) as f32),
            unit: (0.5 * mean) as f32,
        }
    }

    /// Whether all slopes are one.
    pub(super) fn is_even(&self) -> bool {
        self.slopes == [1.0; 3]
    }

    /// Which thresholds a sample reaches, and how far it is from each.
    #[inline(always)]
    fn distances(&self, x: f32) -> ([bool; 3], [f32; 3]) {
        (
            self.thresholds.map(|t| x >= t),
            std::array::from_fn(|i| (x - self.thresholds[i]).abs() * self.slopes[i]),
        )
    }

    /// Reliabilities of both bits of a sample. Beyond an outer threshold the way to a level with another first
    /// bit is longer by the distance from that threshold.
    #[inline(always)]
    fn both(&self, x: f32) -> [f32; 2] {
        let (above, d) = self.distances(x);
        let beyond = if above[2] {
            d[2]
        } else if above[0] {
            0.0
        } else {
            d[0]
        };
        [d[1] + beyond, if d[2] < d[0] { d[2] } else { d[0] }]
    }

    /// Reliabilities of samples, as they are.
    #[inline(always)]
    pub(super) fn samples(&self, x: &[f32]) -> Received<f32> {
        let x = &x[..BLOCK_SYMBOLS];
        let mut received = Received {
            planes: Planes::default(),
            second: 0,
            weights: [0.0; POSITIONS],
        };
        for (k, &x) in x.iter().enumerate() {
            let (above, d) = self.distances(x);
            received.planes.first |= u64::from(above[1]) << k;
            received.planes.second |= u64::from(above[0] && !above[2]) << k;
            let outer = if d[2] < d[0] { d[2] } else { d[0] };
            if k < PAIRS {
                received.second |= u64::from(outer < d[1]) << k;
                received.weights[k] = if outer < d[1] { outer } else { d[1] };
            } else {
                received.weights[2 * k - PAIRS..][..2].copy_from_slice(&self.both(x));
            }
        }
        received
    }

    /// [`Eye::samples`], quantized.
    #[inline(always)]
    pub(super) fn samples_quantized(&self, x: &[f32], scale: f32, top: f32) -> Received<u8> {
        rounded(&self.samples(x), scale, top)
    }
}

/// Decisions without reliabilities: of a pair always the second bit is the one to flip.
#[inline(always)]
pub(super) fn symbols(symbols: &[u8]) -> Received<u8> {
    let symbols = &symbols[..BLOCK_SYMBOLS];
    let mut planes = Planes::default();
    for (k, &s) in symbols.iter().enumerate() {
        let s = u64::from(s);
        planes.first |= (s >> 1) << k;
        planes.second |= ((s ^ s >> 1) & 1) << k;
    }
    Received {
        planes,
        second: u64::MAX,
        weights: [0; POSITIONS],
    }
}
