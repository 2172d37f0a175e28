//! What the machine can do at most: loops that do nothing but the operation that bounds a kernel.
//!
//! Benchmarks run them beside the kernel, in the same process, and report the kernel as a share of
//! the roof; a figure without its roof says more about the machine than about the kernel.

use super::{Base, F32s, Level, dispatch};

#[inline(always)]
fn fma_loop<V: F32s, const U: usize>(steps: usize) -> f32 {
    // Hidden from the compiler: a chain that starts at the fixed point 1 would else be folded away.
    let m = V::splat(std::hint::black_box(0.999_999));
    let a = V::splat(1e-6);
    let mut acc: [V; U] = std::array::from_fn(|u| V::splat(u as f32));
    for _ in 0..steps {
        for x in &mut acc {
            *x = x.mul_add(m, a);
        }
    }
    let mut sum = acc[0];
    for x in &acc[1..] {
        sum = sum + *x;
    }
    let mut lanes = [0.0; 16];
    sum.store(&mut lanes);
    lanes.iter().sum()
}

dispatch! {
    /// Fused multiply-adds of the vector that sliding kernels use: `steps * 12` vectors.
    fn fma_sliding(steps: usize) -> f32 =
        base: fma_loop::<Base, 12>, mid: fma_loop::<super::Mid, 12>, top: fma_loop::<super::Mid, 12>
}

dispatch! {
    /// Fused multiply-adds of the widest vector: `steps * 12` vectors.
    fn fma_widest(steps: usize) -> f32 =
        base: fma_loop::<Base, 12>, mid: fma_loop::<super::Mid, 12>, top: fma_loop::<super::Top, 12>
}

/// Which vector a roof is measured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The vector of sliding kernels: 4 lanes at the baseline, 8 above.
    Sliding,
    /// The widest vector of the level: 4, 8 or 16 lanes.
    Widest,
}

impl Width {
    /// Lanes of the vector at a level.
    #[must_use]
    pub fn lanes(self, level: Level) -> usize {
        match (level.has_top(), level.has_mid(), self) {
            (true, _, Self::Widest) => 16,
            (_, true, _) => 8,
            _ => 4,
        }
    }
}

/// Runs `steps` rounds of twelve independent multiply-add chains; returns how many lane operations
/// (one multiplication and one addition each) that was, and a checksum that keeps them alive.
#[must_use]
pub fn fma(level: Level, width: Width, steps: usize) -> (u64, f32) {
    let sum = match width {
        Width::Sliding => fma_sliding(level, steps),
        Width::Widest => fma_widest(level, steps),
    };
    ((steps * 12 * width.lanes(level)) as u64, sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roof_loop_computes_the_geometric_sum() {
        // x_n = m^n x_0 + a (1 - m^n)/(1 - m); 100 steps of f32 rounding stay below 1e-4.
        for level in Level::all() {
            for width in [Width::Sliding, Width::Widest] {
                let (ops, sum) = fma(level, width, 100);
                let lanes = width.lanes(level);
                assert_eq!(ops, 1200 * lanes as u64);
                let decay = 0.999_999f64.powi(100);
                let expected = lanes as f64 * (66.0 * decay + 12.0 * (1.0 - decay));
                assert!((f64::from(sum) / expected - 1.0).abs() < 1e-4);
            }
        }
    }
}
