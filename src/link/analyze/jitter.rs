//! Jitter at the slicer: each sample has its own displacement times its own slope,
//! `e = sum_j w_j tau_(n + p - j) x'_(n + p - j)`, and the slopes are sums over symbols.

use crate::error::Result;
use crate::metrics::Interference;
use crate::pam4::variance;

use super::super::segment::Segment;
use super::noise::Spread;
use super::pulse::Pulses;

/// A share of the main tap above which dual-Dirac jitter is convolved instead of counted as Gaussian.
const LARGE_SHARE: f64 = 0.3;
/// Classes of the slope at the main tap.
const CLASSES: usize = 9;

/// The parts of the jitter, in units of the level peak.
pub(super) struct Jitter {
    /// Jitter at the main tap.
    pub main: MainTap,
    /// Coefficients of symbols in dual-Dirac jitter at the other large taps, the symbol decided left out.
    pub grid: Vec<f64>,
    /// The rest, Gaussian with a variance that the slopes modulate, by level of the symbol decided.
    pub gaussian: [Spread; 4],
}

/// Jitter at the main tap: `w tau (own a_0 + x)`, the slope `x` of the other symbols in classes. Both parts
/// of the displacement share the slope, so a steep sample is moved by both.
pub(super) struct MainTap {
    /// Slope of the other symbols times the tap, and its probability.
    pub classes: Vec<(f64, f64)>,
    /// Slope of the symbol decided times the tap, per unit level.
    pub own: f64,
    /// Standard deviation of the random displacement.
    pub random: f64,
    /// Dual-Dirac displacement.
    pub dual: f64,
}

impl MainTap {
    /// Displacements of the sample and variances of it: `(shift per unit of slope, probability)`.
    pub(super) fn directions(&self) -> &'static [(f64, f64)] {
        if self.dual == 0.0 {
            &[(0.0, 1.0)]
        } else {
            &[(-1.0, 0.5), (1.0, 0.5)]
        }
    }
}

impl Jitter {
    pub(super) fn new(segment: &Segment, ffe: &[f64], pulses: &Pulses) -> Result<Self> {
        let (jitter, levels) = (segment.chain.jitter, segment.chain.levels);
        let main = segment.equalizer.precursors;
        let level_variance = variance(levels);
        let (random2, dual) = (jitter.random_ui.powi(2), jitter.dual_dirac_ui);
        let slope_energy: f64 = pulses.slope.iter().map(|s| s * s).sum();
        // Weight of the symbol decided in the slope that tap j sees.
        let own_of = |j: usize| {
            (pulses.cursor + main)
                .checked_sub(j)
                .and_then(|i| pulses.slope.get(i))
                .copied()
                .unwrap_or(0.0)
        };
        let mut grid = Vec::new();
        // Gaussian variance: mean over the levels, and what the square of the level decided adds.
        let (mut mean, mut per_square) = (0.0, 0.0);
        for (j, &w) in ffe.iter().enumerate().filter(|&(j, _)| j != main) {
            let own = own_of(j);
            let (w2, own2) = (w * w, own * own);
            let others = level_variance * (slope_energy - own2);
            mean += random2 * w2 * others;
            per_square += (random2 + dual * dual) * w2 * own2;
            if dual > 0.0 && w.abs() >= LARGE_SHARE * ffe[main].abs() {
                let symbols = pulses.slope.iter().enumerate();
                let others = symbols.filter(|&(i, _)| i + j != pulses.cursor + main);
                grid.extend(others.map(|(_, s)| dual * w * s));
            } else {
                mean += dual * dual * w2 * others;
            }
        }
        let side: Vec<f64> = ffe
            .iter()
            .enumerate()
            .filter(|&(j, _)| j != main)
            .map(|(_, &w)| w)
            .collect();
        let spread = random_spread(segment, &side, &pulses.slope);
        Ok(Self {
            main: MainTap {
                classes: slope_classes(segment, ffe[main], pulses)?,
                own: ffe[main] * own_of(main),
                random: jitter.random_ui,
                dual,
            },
            grid,
            gaussian: levels.map(|l| Spread {
                mean: mean + per_square * l * l,
                ..spread
            }),
        })
    }
}

/// Distribution of the slope of the other symbols at the main tap, in classes of equal width.
fn slope_classes(segment: &Segment, tap: f64, pulses: &Pulses) -> Result<Vec<(f64, f64)>> {
    if segment.chain.jitter.variance_ui2() == 0.0 {
        return Ok(vec![(0.0, 1.0)]);
    }
    let others: Vec<f64> = pulses
        .slope
        .iter()
        .enumerate()
        .filter(|&(i, _)| i != pulses.cursor)
        .map(|(_, s)| tap * s)
        .collect();
    let rms = others.iter().map(|s| s * s).sum::<f64>().sqrt();
    if rms == 0.0 {
        return Ok(vec![(0.0, 1.0)]);
    }
    let slopes = Interference::new(&others, segment.chain.levels, rms / 50.0, 1e-3 * rms)?;
    let sigma = slopes.pdf.variance().sqrt();
    // From -4 to +4 sigma; what lies beyond joins the outermost classes.
    let width = 8.0 * sigma / CLASSES as f64;
    let mut sums = [(0.0, 0.0); CLASSES];
    for (x, p) in slopes.pdf.iter() {
        let class = ((x / width + 0.5 * CLASSES as f64).max(0.0) as usize).min(CLASSES - 1);
        sums[class].0 += p * x * x;
        sums[class].1 += p;
    }
    Ok(sums
        .into_iter()
        .enumerate()
        .filter(|(_, (_, p))| *p > 0.0)
        .map(|(class, (square, p))| {
            // The root mean square of the class keeps the variance; its sign is the class's.
            let sign = (class as f64 - 0.5 * (CLASSES - 1) as f64).signum();
            let centre = class == CLASSES / 2;
            (
                if centre {
                    0.0
                } else {
                    sign * (square / p).sqrt()
                },
                p,
            )
        })
        .collect())
}

/// Spread of the variance of random jitter: `V = s^2 sum_j w_j^2 x'_j^2` with the slope
/// `x' = sum_i h'_i a_i` a sum over symbols, whose moments follow from the cumulants of the levels.
fn random_spread(segment: &Segment, ffe: &[f64], slope: &[f64]) -> Spread {
    let levels = segment.chain.levels;
    let moment = |k: i32| levels.iter().map(|l| l.powi(k)).sum::<f64>() / 4.0;
    let (a2, a4, a6) = (moment(2), moment(4), moment(6));
    let (k4, k6) = (
        a4 - 3.0 * a2 * a2,
        a6 - 15.0 * a4 * a2 + 30.0 * a2 * a2 * a2,
    );
    let sum = |k: i32| slope.iter().map(|s| s.powi(k)).sum::<f64>();
    let (c2, c4, c6) = (a2 * sum(2), k4 * sum(4), k6 * sum(6));
    let m2 = c2;
    let m4 = c4 + 3.0 * c2 * c2;
    let m6 = c6 + 15.0 * c4 * c2 + 15.0 * c2 * c2 * c2;
    let s2 = segment.chain.jitter.random_ui.powi(2);
    let taps = |k: i32| ffe.iter().map(|w| w.powi(k)).sum::<f64>();
    Spread {
        mean: 0.0,
        variance: s2 * s2 * taps(4) * (m4 - m2 * m2),
        third: s2 * s2 * s2 * taps(6) * (m6 - 3.0 * m4 * m2 + 2.0 * m2 * m2 * m2),
    }
}
