//! The trellis in integers: what the samples and the branch metrics are rounded to.
//!
//! With `c` the middle of the noise-free samples `e` and `x' = x - c`, `e' = e - c`, the squared
//! distance `(x - e)^2` is `x'^2` (the same for all branches: dropped) plus `e'^2 - 2 e' x'`. For
//! `e' = a_i + b_j` (newest symbol `i`, symbol before it `j`) the second part is linear in `x'`, so a
//! branch is the sum of three integers: a constant `w_ij`, and the rounded products of the sample
//! with `a_i - a_0` and `b_j - b_0`. All later sums are exact.

/// Largest magnitude of a quantised sample.
pub(super) const FULL_SCALE: i32 = 32_767;

/// How far samples reach beyond the noise-free ones before they are limited, as a factor.
const HEADROOM: f64 = 1.5;

/// What every intermediate metric stays below: 2^13, with room for the rounding of a few products.
const METRIC_LIMIT: f64 = 8_160.0;

/// From samples to integers: `q = round((x - centre) * scale)`, limited to [`FULL_SCALE`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Front {
    pub(super) centre: f32,
    pub(super) scale: f32,
}

impl Front {
    /// One sample. Ties go to even, NaN to the lowest value.
    pub(super) fn quantise(self, x: f32) -> i32 {
        let v = (x - self.centre) * self.scale;
        let limit = FULL_SCALE as f32;
        // The comparison is false for NaN.
        let v = if v >= -limit { v } else { -limit };
        v.min(limit).round_ties_even() as i32
    }
}

/// The product of a sample and a coefficient: `(q g + 2^14) >> 15`.
pub(super) fn product(q: i32, g: i32) -> i32 {
    (q * g + (1 << 14)) >> 15
}

/// Trellis of memory one: the state is the last symbol.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trellis4 {
    pub(super) front: Front,
    /// Coefficient of the sample by new symbol; the first is zero.
    pub(super) new: [i32; 4],
    /// Coefficient of the sample by old symbol; the first is zero.
    pub(super) old: [i32; 4],
    /// Constants, `[new symbol][old symbol]`.
    pub(super) w: [[i32; 4]; 4],
    /// One unit of the metrics, in squared units of the samples.
    pub(super) unit: f64,
}

/// Limits and unit that all trellises share: `centre`, half width `x_max` of the sample range.
struct Range {
    centre: f64,
    x_max: f64,
}

fn range(response: &[f32], levels: &[f32; 4]) -> Range {
    let [low, high] = [levels[0], levels[3]].map(f64::from);
    let sum: f64 = response.iter().map(|&h| f64::from(h)).sum();
    let reach: f64 = response.iter().map(|&h| f64::from(h).abs()).sum();
    Range {
        centre: sum * 0.5 * (low + high),
        x_max: HEADROOM * reach * 0.5 * (high - low),
    }
}

impl Range {
    fn front(&self) -> Front {
        Front {
            centre: self.centre as f32,
            scale: (f64::from(FULL_SCALE) / self.x_max) as f32,
        }
    }
}

/// `h (level - middle)` of each symbol.
fn parts(h: f32, levels: &[f32; 4]) -> [f64; 4] {
    let middle = 0.5 * (f64::from(levels[0]) + f64::from(levels[3]));
    levels.map(|l| f64::from(h) * (f64::from(l) - middle))
}

/// Coefficients of `-2 (part_i - part_0) x'` in units of `unit`.
fn coefficients(parts: &[f64; 4], x_max: f64, unit: f64) -> [i32; 4] {
    let per_step = x_max / f64::from(FULL_SCALE);
    parts.map(|p| (-2.0 * (p - parts[0]) * per_step * 32_768.0 / unit).round() as i32)
}

impl Trellis4 {
    /// The trellis of a checked response of one or two entries and checked levels.
    pub(super) fn new(response: &[f32], levels: &[f32; 4]) -> Self {
        let range = range(response, levels);
        let a = parts(response[0], levels);
        let b = parts(response.get(1).copied().unwrap_or(0.0), levels);
        let square = |i: usize, j: usize| (a[i] + b[j]).powi(2);
        // Candidates differ by at most the spread of the metrics, the product with the old symbol
        // and the constant; all are linear in the sample, so the ends of its range bound them.
        let (mut spread, mut branch) = (0.0f64, 0.0f64);
        for x in [-range.x_max, range.x_max] {
            for i in 0..4 {
                for j in 0..4 {
                    // Forward the new symbol is the state, backward the old one.
                    let new = square(i, j) - square(0, j) - 2.0 * (a[i] - a[0]) * x;
                    let old = square(i, j) - square(i, 0) - 2.0 * (b[j] - b[0]) * x;
                    spread = spread.max(new.abs()).max(old.abs());
                    let part = (a[i] - a[0]).abs().max((b[j] - b[0]).abs());
                    branch = branch.max(square(i, j) + 2.0 * (part * x).abs());
                }
            }
        }
        let unit = (spread + branch) / METRIC_LIMIT;
        Self {
            front: range.front(),
            new: coefficients(&a, range.x_max, unit),
            old: coefficients(&b, range.x_max, unit),
            w: std::array::from_fn(|i| {
                std::array::from_fn(|j| (square(i, j) / unit).round() as i32)
            }),
            unit,
        }
    }

    /// The trellis read from right to left.
    pub(super) fn transpose(&self) -> Self {
        Self {
            new: self.old,
            old: self.new,
            w: std::array::from_fn(|i| std::array::from_fn(|j| self.w[j][i])),
            ..self.clone()
        }
    }

    /// Metric of the branch from the old symbol `j` to the new symbol `i`, less a number that is
    /// the same for all branches of the step.
    pub(super) fn branch(&self, q: i32, i: usize, j: usize) -> i32 {
        self.w[i][j] + product(q, self.new[i]) + product(q, self.old[j])
    }
}

/// Trellis of memory two. Also the four states of the reduced form, which takes the older symbol from
/// the survivor of each state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trellis16 {
    pub(super) front: Front,
    /// Coefficient of the sample by new symbol; the first is zero.
    pub(super) new: [i32; 4],
    /// Coefficient of the sample by the symbol before it.
    pub(super) middle: [i32; 4],
    /// Coefficient of the sample by the oldest symbol.
    pub(super) old: [i32; 4],
    /// Constants, `[new][middle][old]`.
    pub(super) w: [[[i32; 4]; 4]; 4],
    /// One unit of the metrics, in squared units of the samples.
    pub(super) unit: f64,
}

impl Trellis16 {
    /// The trellis of a checked response of three entries and checked levels, with room for the
    /// metrics of 16 states, or of 4 if `reduced`.
    pub(super) fn new(response: &[f32], levels: &[f32; 4], reduced: bool) -> Self {
        let range = range(response, levels);
        let a = parts(response[0], levels);
        let b = parts(response[1], levels);
        let c = parts(response[2], levels);
        let e = |n: usize, m: usize, o: usize| a[n] + b[m] + c[o];
        // How far the distance to one branch can lie from that to another, over all samples.
        let apart = |e: f64, f: f64| (e * e - f * f).abs() + 2.0 * (e - f).abs() * range.x_max;
        let (mut one, mut two, mut branch) = (0.0f64, 0.0f64, 0.0f64);
        for n in 0..4 {
            for m in 0..4 {
                for o in 0..4 {
                    // Forward the newer symbols are the state, backward the older ones.
                    one = one.max(apart(e(n, m, o), e(0, m, o)));
                    one = one.max(apart(e(n, m, o), e(n, m, 0)));
                    two = two.max(apart(e(n, m, o), e(0, 0, o)));
                    two = two.max(apart(e(n, m, o), e(n, 0, 0)));
                    // The reduced form multiplies with both past symbols before it compares.
                    let past = if reduced { b[m] - b[0] } else { 0.0 } + c[o] - c[0];
                    let part = past.abs().max((a[n] - a[0]).abs());
                    branch = branch.max(e(n, m, o).powi(2) + 2.0 * part * range.x_max);
                }
            }
        }
        // Any state is reached from any origin in one step (reduced) or in two, so the best path to
        // one state bounds the metrics of the others.
        let spread = if reduced { one } else { one + two };
        let unit = (spread + branch) / METRIC_LIMIT;
        Self {
            front: range.front(),
            new: coefficients(&a, range.x_max, unit),
            middle: coefficients(&b, range.x_max, unit),
            old: coefficients(&c, range.x_max, unit),
            w: std::array::from_fn(|n| {
                std::array::from_fn(|m| {
                    std::array::from_fn(|o| (e(n, m, o).powi(2) / unit).round() as i32)
                })
            }),
            unit,
        }
    }

    /// The trellis read from right to left; its states have their symbols the other way round.
    pub(super) fn transpose(&self) -> Self {
        let w = |n: usize, m: usize, o: usize| self.w[o][m][n];
        Self {
            new: self.old,
            old: self.new,
            w: std::array::from_fn(|n| {
                std::array::from_fn(|m| std::array::from_fn(|o| w(n, m, o)))
            }),
            ..self.clone()
        }
    }

    /// Metric of the branch over the symbols `old`, `middle`, `new`, less a number that is the
    /// same for all branches of the step.
    pub(super) fn branch(&self, q: i32, new: usize, middle: usize, old: usize) -> i32 {
        self.w[new][middle][old]
            + product(q, self.new[new])
            + product(q, self.middle[middle])
            + product(q, self.old[old])
    }

    /// The same in the reduced form, where one coefficient stands for both past symbols.
    pub(super) fn reduced_branch(&self, q: i32, new: usize, middle: usize, old: usize) -> i32 {
        self.w[new][middle][old]
            + product(q, self.new[new])
            + product(q, self.middle[middle] + self.old[old])
    }
}
