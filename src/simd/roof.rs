//! What the machine can do at most: loops that do nothing but the operation that bounds a kernel.
//!
//! Benchmarks run them beside the kernel, in the same process, and report the kernel as a share of
//! the roof; a figure without its roof says more about the machine than about the kernel.

use super::{Base, F32s, Level, U32s, Width, dispatch};

/// Sum over all lanes of all vectors, so that none of them can be left out.
#[inline(always)]
fn checksum<V: F32s>(vectors: &[V]) -> f32 {
    let mut sum = V::splat(0.0);
    for x in vectors {
        sum = sum + *x;
    }
    let mut lanes = [0.0; 16];
    sum.store(&mut lanes);
    lanes.iter().sum()
}

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
    checksum(&acc)
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

/// Loads that start one entry after the last: `steps * 12` vectors out of a window that stays in the
/// first-level cache. Of 16 loads of `N` lanes, `N - 1` straddle a cache line.
#[inline(always)]
fn sliding_loop<V: F32s>(steps: usize, window: &[f32; WINDOW]) -> f32 {
    let mut acc = [V::U::splat(0); 12];
    let mut at = 0;
    for _ in 0..steps {
        let from = &window[at..at + 11 + V::N];
        for (u, x) in acc.iter_mut().enumerate() {
            *x = *x ^ V::load(&from[u..]).to_bits();
        }
        at = (at + 12) % (WINDOW - 32);
    }
    let mut all = acc[0];
    for x in &acc[1..] {
        all = all ^ *x;
    }
    let mut lanes = [0; 16];
    all.store(&mut lanes);
    lanes.iter().fold(0, |a, b| a ^ b) as f32
}

/// Transpositions of squares, which are nothing but shuffles: `N log2 N` of them each.
#[inline(always)]
fn shuffle_loop<V: F32s>(steps: usize, flip: u32) -> f32 {
    let mut rows = [V::splat(0.0); 16];
    for i in 0..V::N {
        let numbers: [f32; 16] = std::array::from_fn(|j| (i * 16 + j) as f32);
        rows[i] = V::load(&numbers);
    }
    let flip = V::U::splat(flip);
    for _ in 0..steps {
        V::transpose(&mut rows);
        // One lane operation that keeps two turns from cancelling at compile time.
        rows[0] = (rows[0].to_bits() ^ flip).as_f32();
    }
    checksum(&rows[..V::N])
}

/// Square roots: `steps * 12` vectors.
#[inline(always)]
fn sqrt_loop<V: F32s>(steps: usize) -> f32 {
    let one = V::splat(1.0);
    let mut acc: [V; 12] = std::array::from_fn(|u| V::splat(u as f32));
    for _ in 0..steps {
        for x in &mut acc {
            *x = (*x + one).sqrt();
        }
    }
    checksum(&acc)
}

/// Additions: `steps * 12` vectors.
#[inline(always)]
fn add_loop<V: F32s>(steps: usize, by: f32) -> f32 {
    let by = V::splat(by);
    let mut acc: [V; 12] = std::array::from_fn(|u| V::splat(u as f32));
    for _ in 0..steps {
        for x in &mut acc {
            *x = *x + by;
        }
    }
    checksum(&acc)
}

/// An exclusive or and an integer addition in turn, which no algebra merges: `steps * 12` vectors.
#[inline(always)]
fn logic_loop<V: F32s>(steps: usize, by: u32) -> f32 {
    let by = V::U::splat(by);
    let mut acc: [V::U; 12] = std::array::from_fn(|u| V::U::splat(u as u32));
    for _ in 0..steps / 2 {
        for x in &mut acc {
            *x = (*x ^ by) + by;
        }
    }
    let mut all = acc[0];
    for x in &acc[1..] {
        all = all + *x;
    }
    let mut lanes = [0; 16];
    all.store(&mut lanes);
    lanes.iter().map(|x| f64::from(*x)).sum::<f64>() as f32
}

/// Entries of the window that [`sliding_loop`] reads: 8 KiB, a quarter of a first-level cache.
const WINDOW: usize = 2048;

dispatch! {
    fn sliding_narrow(steps: usize, window: &[f32; WINDOW]) -> f32 =
        base: sliding_loop::<Base>, mid: sliding_loop::<super::Mid>, top: sliding_loop::<super::Mid>
}

dispatch! {
    fn sliding_widest(steps: usize, window: &[f32; WINDOW]) -> f32 =
        base: sliding_loop::<Base>, mid: sliding_loop::<super::Mid>, top: sliding_loop::<super::Top>
}

dispatch! {
    fn shuffle_widest(steps: usize, flip: u32) -> f32 =
        base: shuffle_loop::<Base>, mid: shuffle_loop::<super::Mid>, top: shuffle_loop::<super::Top>
}

dispatch! {
    fn sqrt_widest(steps: usize) -> f32 =
        base: sqrt_loop::<Base>, mid: sqrt_loop::<super::Mid>, top: sqrt_loop::<super::Top>
}

dispatch! {
    fn add_widest(steps: usize, by: f32) -> f32 =
        base: add_loop::<Base>, mid: add_loop::<super::Mid>, top: add_loop::<super::Top>
}

dispatch! {
    fn logic_widest(steps: usize, by: u32) -> f32 =
        base: logic_loop::<Base>, mid: logic_loop::<super::Mid>, top: logic_loop::<super::Top>
}

/// Runs `steps` rounds of twelve independent multiply-add chains; returns how many lane operations
/// (one multiplication and one addition each) that was, and a checksum that keeps them alive.
fn fma(level: Level, width: Width, steps: usize) -> (u64, f32) {
    let sum = match width {
        Width::Sliding => fma_sliding(level, steps),
        Width::Widest => fma_widest(level, steps),
    };
    ((steps * 12 * width.lanes(level)) as u64, sum)
}

/// Loads of the vector that `width` names, each starting one entry after the last; counts lanes
/// loaded. The answer is the count and a checksum.
fn sliding_load(level: Level, width: Width, steps: usize) -> (u64, f32) {
    let mut window = [0.0; WINDOW];
    for (i, x) in window.iter_mut().enumerate() {
        *x = f32::from_bits(std::hint::black_box(i as u32));
    }
    let sum = match width {
        Width::Sliding => sliding_narrow(level, steps, &window),
        Width::Widest => sliding_widest(level, steps, &window),
    };
    ((steps * 12 * width.lanes(level)) as u64, sum)
}

/// Shuffles of the widest vector of the level, as the transposition of `steps` squares; counts
/// lanes moved, `N^2 log2 N` a square.
fn shuffle(level: Level, steps: usize) -> (u64, f32) {
    let n = Width::Widest.lanes(level);
    let sum = shuffle_widest(level, steps, std::hint::black_box(1));
    ((steps * n * n) as u64 * u64::from(n.ilog2()), sum)
}

/// Square roots of the widest vector of the level; counts lanes.
fn sqrt(level: Level, steps: usize) -> (u64, f32) {
    let sum = sqrt_widest(level, steps);
    ((steps * 12 * Width::Widest.lanes(level)) as u64, sum)
}

/// Float additions of the widest vector of the level, which comparisons, selections and minima share
/// their ports with; counts lanes.
fn add(level: Level, steps: usize) -> (u64, f32) {
    let sum = add_widest(level, steps, std::hint::black_box(0.5));
    ((steps * 12 * Width::Widest.lanes(level)) as u64, sum)
}

/// Bitwise operations and integer additions of the widest vector of the level, which every vector port
/// takes: the roof of all operations together; counts lanes. `steps` is rounded down to an even number.
fn logic(level: Level, steps: usize) -> (u64, f32) {
    let sum = logic_widest(level, steps, std::hint::black_box(0x0101));
    let even = steps / 2 * 2;
    ((even * 12 * Width::Widest.lanes(level)) as u64, sum)
}

/// A kind of operation that can bound a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Roof {
    /// Multiply-adds (products alone share their ports).
    Fma(Width),
    /// Additions; comparisons and minima share their ports.
    Add,
    /// Operations of any kind.
    Logic,
    /// Loads that start one entry after the last.
    SlidingLoad(Width),
    /// Shuffles.
    Shuffle,
    /// Square roots.
    Sqrt,
}

impl Roof {
    /// Every roof.
    pub const ALL: [Self; 8] = [
        Self::Fma(Width::Sliding),
        Self::Fma(Width::Widest),
        Self::Add,
        Self::Logic,
        Self::SlidingLoad(Width::Sliding),
        Self::SlidingLoad(Width::Widest),
        Self::Shuffle,
        Self::Sqrt,
    ];

    /// The operation in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fma(_) => "fma",
            Self::Add => "add",
            Self::Logic => "any",
            Self::SlidingLoad(_) => "load",
            Self::Shuffle => "shuffle",
            Self::Sqrt => "sqrt",
        }
    }

    /// The operation and its vector.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fma(Width::Sliding) => "fma (sliding vector)",
            Self::Fma(Width::Widest) => "fma",
            Self::Add => "add",
            Self::Logic => "any operation",
            Self::SlidingLoad(Width::Sliding) => "sliding load (sliding vector)",
            Self::SlidingLoad(Width::Widest) => "sliding load",
            Self::Shuffle => "shuffle",
            Self::Sqrt => "square root",
        }
    }

    /// Runs the loop of this roof; the lane operations done and a checksum that keeps them alive.
    #[must_use]
    pub fn run(self, level: Level, steps: usize) -> (u64, f32) {
        match self {
            Self::Fma(width) => fma(level, width, steps),
            Self::Add => add(level, steps),
            Self::Logic => logic(level, steps),
            Self::SlidingLoad(width) => sliding_load(level, width, steps),
            Self::Shuffle => shuffle(level, steps),
            Self::Sqrt => sqrt(level, steps),
        }
    }
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

    #[test]
    fn the_other_loops_compute_what_they_say() {
        for level in Level::all() {
            let lanes = Width::Widest.lanes(level);
            // The fixed point of x = sqrt(x + 1) is the golden ratio.
            let (ops, sum) = sqrt(level, 60);
            assert_eq!(ops, 720 * lanes as u64);
            let golden = f64::midpoint(1.0, 5f64.sqrt());
            assert!((f64::from(sum) / (12.0 * lanes as f64 * golden) - 1.0).abs() < 1e-5);
            // Sums of halves below 2^24 are exact.
            let (ops, sum) = add(level, 100);
            assert_eq!(ops, 1200 * lanes as u64);
            assert_eq!(sum, lanes as f32 * (66.0 + 12.0 * 50.0));
            // The recurrence of each start, wrapping like the lanes; the sum of a lane wraps too.
            let (ops, sum) = logic(level, 41);
            assert_eq!(ops, 480 * lanes as u64);
            let lane = (0..12u32).fold(0u32, |all, start| {
                all.wrapping_add((0..20).fold(start, |x, _| (x ^ 0x0101).wrapping_add(0x0101)))
            });
            assert_eq!(sum, (lanes as f64 * f64::from(lane)) as f32);
            assert!(Roof::ALL.iter().all(|r| r.run(level, 2).0 > 0));
            // Two transpositions are none; the flip changes the lowest bit of each number it meets.
            let (ops, sum) = shuffle(level, 2);
            assert_eq!(ops, (2 * lanes * lanes) as u64 * u64::from(lanes.ilog2()));
            let numbers: f32 = (0..lanes * lanes)
                .map(|i| (i / lanes * 16 + i % lanes) as f32)
                .sum();
            assert!((sum / numbers - 1.0).abs() < 1e-5);
            // Every word is the bits of its index; the exclusive or of the words read, from the
            // definition.
            for width in [Width::Sliding, Width::Widest] {
                let n = width.lanes(level);
                let (ops, sum) = sliding_load(level, width, 500);
                assert_eq!(ops, 6000 * n as u64);
                let mut expected = 0;
                for step in 0..500 {
                    let at = (step * 12) % (WINDOW - 32);
                    for i in (0..12).flat_map(|u| at + u..at + u + n) {
                        expected ^= i as u32;
                    }
                }
                assert_eq!(sum, expected as f32);
            }
        }
    }
}
