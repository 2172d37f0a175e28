//! The adaptive equalizer from its equations, one symbol at a time, over any kind of number.

use std::ops::{Add, Mul, Sub};

/// A number the reference can run on.
pub trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// From a constant.
    fn constant(x: f32) -> Self;
    /// `self >= other`.
    fn at_least(self, other: Self) -> bool;
    /// `self * m + a`.
    #[must_use]
    fn mul_add(self, m: Self, a: Self) -> Self {
        self * m + a
    }
}

impl Number for f64 {
    fn constant(x: f32) -> Self {
        x.into()
    }
    fn at_least(self, other: Self) -> bool {
        self >= other
    }
}

impl Number for f32 {
    fn constant(x: f32) -> Self {
        x
    }
    fn at_least(self, other: Self) -> bool {
        self >= other
    }
}

/// An adaptive equalizer and the parameters of its updates.
#[derive(Debug, Clone)]
pub struct Reference<T> {
    /// Feed-forward taps, index 0 on the latest sample.
    pub ffe: Vec<T>,
    /// Feedback taps.
    pub dfe: Vec<T>,
    /// Gain behind the feed-forward taps.
    pub gain: T,
    /// Offset at the slicer.
    pub offset: T,
    /// Levels.
    pub levels: [T; 4],
    /// Thresholds; they follow the levels.
    pub thresholds: [T; 3],
    /// Step of the feed-forward taps.
    pub ffe_step: T,
    /// Index of a tap that does not adapt.
    pub pinned: Option<usize>,
    /// What an update leaves of each feed-forward tap, `1 - step leakage`, if they leak.
    pub ffe_keep: Option<T>,
    /// Minus the step of the feedback taps.
    pub minus_dfe_step: T,
    /// What an update leaves of a feedback tap, if they leak.
    pub dfe_keep: Option<T>,
    /// Step of the gain, if it adapts.
    pub gain_step: Option<T>,
    /// Step of the offset, if it adapts.
    pub offset_step: Option<T>,
    /// Step of each level that adapts.
    pub level_steps: [Option<T>; 4],
    /// Whether the error enters by its sign.
    pub sign_error: bool,
    /// Whether the regressor enters by its sign.
    pub sign_data: bool,
}

/// What one symbol gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<T> {
    /// Slicer input.
    pub y: T,
    /// Decision.
    pub decision: u8,
    /// The symbol that was the target.
    pub target: u8,
    /// Target level minus slicer input.
    pub error: T,
    /// The target level, which is fed back.
    pub fed_back: T,
}

/// Sign with `sgn(0) = 0`.
fn sign<T: Number>(x: T) -> T {
    let zero = T::constant(0.0);
    match (x.at_least(zero), zero.at_least(x)) {
        (true, true) => zero,
        (true, false) => T::constant(1.0),
        _ => T::constant(-1.0),
    }
}

/// `sum_k w[k] x[k]`, `None` for no taps: the sums over k = 0, 4, …, over 1, 5, … and so on, then
/// `(s0 + s1) + (s2 + s3)`, a tree as hardware has it.
fn dot<T: Number>(w: &[T], x: &[T]) -> Option<T> {
    let partial = |from: usize| {
        let mut pairs = w.iter().zip(x).skip(from).step_by(4);
        let first = pairs.next().map(|(&w, &x)| w * x);
        first.map(|first| pairs.fold(first, |sum, (&w, &x)| w.mul_add(x, sum)))
    };
    let plus = |a: Option<T>, b: Option<T>| match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
    plus(plus(partial(0), partial(1)), plus(partial(2), partial(3)))
}

impl<T: Number> Reference<T> {
    /// Thresholds midway between levels; halves first, so that no sum overflows.
    #[must_use]
    pub fn midway(levels: &[T; 4]) -> [T; 3] {
        let half = T::constant(0.5);
        [0, 1, 2].map(|i| half * levels[i] + half * levels[i + 1])
    }

    fn rule(flag: bool, x: T) -> T {
        if flag { sign(x) } else { x }
    }

    /// Output and error of a symbol with the window `x` (latest sample first) and the levels `past`
    /// fed back (newest first); the target is `known` or the decision.
    pub fn output(&self, x: &[T], past: &[T], known: Option<u8>) -> (T, Step<T>) {
        let u = dot(&self.ffe, x).unwrap_or(T::constant(0.0));
        let offset = match dot(&self.dfe, past) {
            Some(feedback) => self.offset - feedback,
            None => self.offset,
        };
        let y = self.gain.mul_add(u, offset);
        let above = self.thresholds.map(|t| y.at_least(t));
        let decision = above.iter().filter(|&&a| a).count() as u8;
        let target = known.unwrap_or(decision);
        let fed_back = self.levels[usize::from(target)];
        let step = Step {
            y,
            decision,
            target,
            error: fed_back - y,
            fed_back,
        };
        (u, step)
    }

    /// One symbol with its update.
    pub fn step(&mut self, x: &[T], past: &[T], known: Option<u8>) -> Step<T> {
        let (u, step) = self.output(x, past, known);
        let (e, data) = (Self::rule(self.sign_error, step.error), self.sign_data);
        let change = self.ffe_step * e;
        for k in (0..self.ffe.len()).filter(|k| self.pinned != Some(*k)) {
            let kept = self.ffe_keep.map_or(self.ffe[k], |keep| keep * self.ffe[k]);
            self.ffe[k] = Self::rule(data, x[k]).mul_add(change, kept);
        }
        if !self.dfe.is_empty() {
            let change = self.minus_dfe_step * e;
            for j in 0..self.dfe.len() {
                let kept = self.dfe_keep.map_or(self.dfe[j], |keep| keep * self.dfe[j]);
                self.dfe[j] = Self::rule(data, past[j]).mul_add(change, kept);
            }
        }
        if let Some(mu) = self.gain_step {
            self.gain = Self::rule(data, u).mul_add(mu * e, self.gain);
        }
        if let Some(mu) = self.offset_step {
            self.offset = self.offset + mu * e;
        }
        let at = usize::from(step.target);
        if let Some(mu) = self.level_steps[at] {
            self.levels[at] = self.levels[at] - mu * e;
            self.thresholds = Self::midway(&self.levels);
        }
        step
    }
}
