//! Elementary functions over lanes, with stated errors.
//!
//! The polynomials are minimax fits of our own (Remez exchange in 40 digits, coefficients then
//! rounded to `f32`). The square root is the lane operation itself: correctly rounded everywhere.

use super::{F32s, U32s};

/// `-2 ln(x)/f` with `x = 1 + f`, for x between `sqrt(1/2)` and `sqrt(2)`; relative error 5.5e-8 before
/// rounding.
const LN: [f32; 9] = [
    -2.0,
    0.999_999_6,
    -0.666_683_2,
    0.500_058_9,
    -0.399_168_34,
    0.330_874_83,
    -0.298_347_6,
    0.289_643_53,
    -0.179_198_16,
];

/// `sin(pi u)/u` in powers of `u^2`, for |u| <= 1/2; relative error 3.7e-8 before rounding.
const SIN: [f32; 5] = [
    std::f32::consts::PI,
    -5.167_710_3,
    2.550_077_7,
    -0.598_292_2,
    0.077_659_42,
];

/// `cos(pi u)` in powers of `u^2`, for |u| <= 1/2; absolute error 1.9e-8 before rounding.
const COS: [f32; 6] = [
    1.0,
    -4.934_802,
    4.058_709,
    -1.335_212_1,
    0.234_937_56,
    -0.024_396_714,
];

/// `2^f` for |f| <= 1/2; relative error 3.1e-8 before rounding, exact at zero.
const EXP2: [f32; 7] = [
    1.0,
    0.693_147_24,
    0.240_226_55,
    0.055_502_728,
    0.009_617_064,
    0.001_340_959_9,
    0.000_156_632_43,
];

/// Adding it and taking it away again rounds to the nearest whole number (ties to even), below 2^22.
const ROUND: f32 = 12_582_912.0;

/// Horner's rule.
#[inline(always)]
fn polynomial<V: F32s, const N: usize>(x: V, coefficients: &[f32; N]) -> V {
    let mut sum = V::splat(coefficients[N - 1]);
    for c in coefficients[..N - 1].iter().rev() {
        sum = sum.mul_add(x, V::splat(*c));
    }
    sum
}

/// `-2 ln(x / 2^E)` for normal `x` with `0 < x <= 2^E`; exactly zero at `2^E`, never negative.
///
/// Relative error at most 2e-7 at every level (a test over all floats is kept; the default one
/// takes a part of them).
#[inline(always)]
pub(crate) fn minus_two_ln<V: F32s, const E: u32>(x: V) -> V {
    // d counts down from sqrt(2) 2^E: its upper part is the number of halvings, its lower part
    // leaves a mantissa between sqrt(1/2) and sqrt(2), times 2^E.
    let top = V::U::splat(std::f32::consts::SQRT_2.to_bits() + (E << 23));
    let d = top - x.to_bits();
    let halvings = d.shr::<23>().to_f32_signed();
    let mantissa = (top - (d & V::U::splat(0x007f_ffff))).as_f32();
    let f = mantissa.mul_add(V::splat(f32::from_bits((127 - E) << 23)), V::splat(-1.0));
    f.mul_add(
        polynomial(f, &LN),
        halvings * V::splat(2.0 * std::f32::consts::LN_2),
    )
}

/// `(sin(pi u), cos(pi u))` for |u| <= 1/2.
///
/// Absolute error at most 2e-7 at every level (tested over every angle that the Gaussian
/// generator uses).
#[inline(always)]
pub(crate) fn sin_cos_pi<V: F32s>(u: V) -> (V, V) {
    let square = u * u;
    (u * polynomial(square, &SIN), polynomial(square, &COS))
}

/// `ln x` for normal `x > 0`; exactly zero at one. Zero and numbers below the normal ones give about -88.
///
/// Relative error at most 2e-7 at every level.
#[inline(always)]
pub(crate) fn ln<V: F32s>(x: V) -> V {
    // The bits counted from sqrt(1/2), 127 doublings up so that they stay positive: the upper part counts
    // doublings, the lower leaves a mantissa between sqrt(1/2) and sqrt(2).
    let low = std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let d = x.to_bits() + V::U::splat((127 << 23) - low);
    let doublings = d.shr::<23>().to_f32_signed() - V::splat(127.0);
    let mantissa = ((d & V::U::splat(0x007f_ffff)) + V::U::splat(low)).as_f32();
    let f = mantissa - V::splat(1.0);
    let series = LN.map(|c| -0.5 * c);
    f.mul_add(
        polynomial(f, &series),
        doublings * V::splat(std::f32::consts::LN_2),
    )
}

/// `2^x`; `x` counts as -126 below that and as 126 above.
///
/// Relative error at most 2e-7 at every level, exact where `x` is a whole number. NaN counts as -126.
#[inline(always)]
pub(crate) fn exp2<V: F32s>(x: V) -> V {
    let x = x.clamp_nan_low(V::splat(-126.0), V::splat(126.0));
    let shifted = x + V::splat(ROUND);
    let f = x - (shifted - V::splat(ROUND));
    // The low bits of the shifted number are the whole part, in two's complement.
    (polynomial(f, &EXP2).to_bits() + shifted.to_bits().shl::<23>()).as_f32()
}

/// `x` less the nearest whole number, and that number's bits, of which the lowest tells odd from even.
///
/// For |x| < 2^22; the difference is exact, within -1/2..=1/2.
#[inline(always)]
pub(crate) fn fraction<V: F32s>(x: V) -> (V, V::U) {
    let shifted = x + V::splat(ROUND);
    (x - (shifted - V::splat(ROUND)), shifted.to_bits())
}

/// `sin(pi u)` for |u| <= 1/2, relative error at most 3e-7: the first of [`sin_cos_pi`].
#[inline(always)]
pub(crate) fn sin_pi<V: F32s>(u: V) -> V {
    u * polynomial(u * u, &SIN)
}

/// `(sin(pi u), cos(pi u))` for |u| < 2^22, absolute error at most 2.5e-7.
#[inline(always)]
pub(crate) fn sin_cos_pi_any<V: F32s>(u: V) -> (V, V) {
    let (f, whole) = fraction(u);
    // An odd number of half turns turns both signs.
    let turn = whole.shl::<31>();
    let (sin, cos) = sin_cos_pi(f);
    (
        (sin.to_bits() ^ turn).as_f32(),
        (cos.to_bits() ^ turn).as_f32(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Base, Level, dispatch};
    #[cfg(target_arch = "x86_64")]
    use super::super::{Mid, Top};
    use super::*;

    #[inline(always)]
    fn map_ln<V: F32s>(x: &mut [f32]) {
        for x in x.chunks_exact_mut(16) {
            for i in (0..16).step_by(V::N) {
                minus_two_ln::<V, 41>(V::load(&x[i..])).store(&mut x[i..]);
            }
        }
    }

    #[inline(always)]
    fn map_sin_cos<V: F32s>(x: &mut [f32], c: &mut [f32]) {
        for (x, c) in x.chunks_exact_mut(16).zip(c.chunks_exact_mut(16)) {
            for i in (0..16).step_by(V::N) {
                let (sin, cos) = sin_cos_pi(V::load(&x[i..]));
                sin.store(&mut x[i..]);
                cos.store(&mut c[i..]);
            }
        }
    }

    dispatch! {
        fn run_ln(x: &mut [f32]) = base: map_ln::<Base>, mid: map_ln::<Mid>, top: map_ln::<Top>
    }
    dispatch! {
        fn run_sin_cos(x: &mut [f32], c: &mut [f32]) =
            base: map_sin_cos::<Base>, mid: map_sin_cos::<Mid>, top: map_sin_cos::<Top>
    }

    #[inline(always)]
    fn map_rest<V: F32s>(
        x: &[f32],
        ln_x: &mut [f32],
        two_x: &mut [f32],
        s: &mut [f32],
        c: &mut [f32],
    ) {
        for i in (0..x.len()).step_by(V::N) {
            let v = V::load(&x[i..]);
            ln(v).store(&mut ln_x[i..]);
            exp2(v).store(&mut two_x[i..]);
            let (sin, cos) = sin_cos_pi_any(v);
            sin.store(&mut s[i..]);
            cos.store(&mut c[i..]);
        }
    }

    dispatch! {
        fn run_rest(x: &[f32], ln_x: &mut [f32], two_x: &mut [f32], s: &mut [f32], c: &mut [f32]) =
            base: map_rest::<Base>, mid: map_rest::<Mid>, top: map_rest::<Top>
    }

    /// The four results over a multiple of sixteen numbers.
    fn rest(level: Level, x: &[f32]) -> [Vec<f32>; 4] {
        let mut out = [0; 4].map(|_| vec![0.0; x.len()]);
        let [l, e, s, c] = &mut out;
        run_rest(level, x, l, e, s, c);
        out
    }

    #[test]
    fn natural_logarithm_is_within_its_stated_error() {
        // Every 499th normal number, and all near one, where the result is small.
        let (least, most) = (f32::MIN_POSITIVE.to_bits(), f32::MAX.to_bits());
        let near = 0.7f32.to_bits()..1.42f32.to_bits();
        let mut x: Vec<f32> = (least..most).step_by(499).map(f32::from_bits).collect();
        x.extend(near.step_by(7).map(f32::from_bits));
        x.push(1.0);
        x.truncate(x.len() / 16 * 16);
        x[0] = 1.0;
        for level in Level::all() {
            let [got, ..] = rest(level, &x);
            assert_eq!(got[0], 0.0, "{level}: at one");
            let mut worst = 0.0f64;
            for (x, y) in x.iter().zip(&got).skip(1) {
                let exact = f64::from(*x).ln();
                if exact != 0.0 {
                    worst = worst.max((f64::from(*y) / exact - 1.0).abs());
                }
            }
            println!("{level}: ln relative error {worst:.2e}");
            assert!(worst < 2e-7, "{level}: {worst:e}");
            let [zero, ..] = rest(level, &[0.0; 16]);
            assert!((-89.0..-87.0).contains(&zero[0]), "{level}: {}", zero[0]);
        }
    }

    #[test]
    fn power_of_two_is_within_its_stated_error() {
        let n = 1 << 22;
        let mut x: Vec<f32> = (0..n)
            .map(|i| (f64::from(i) / f64::from(n) * 252.0 - 126.0) as f32)
            .collect();
        // The last binades around zero, both signs.
        for e in -40..3 {
            for i in 0..64 {
                let m = (1.0 + i as f32 / 64.0) * (e as f32).exp2();
                x.extend([m, -m]);
            }
        }
        for level in Level::all() {
            let [_, got, ..] = rest(level, &x);
            let mut worst = 0.0f64;
            for (x, y) in x.iter().zip(&got) {
                worst = worst.max((f64::from(*y) / f64::from(*x).exp2() - 1.0).abs());
            }
            println!("{level}: 2^x relative error {worst:.2e}");
            assert!(worst < 2e-7, "{level}: {worst:e}");
            let whole: Vec<f32> = (-128..128).map(|i| i as f32).collect();
            let [_, got, ..] = rest(level, &whole);
            for (x, y) in whole.iter().zip(&got) {
                assert_eq!(*y, x.clamp(-126.0, 126.0).exp2(), "{level}: 2^{x}");
            }
            let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30];
            let [_, got, ..] = rest(level, &[odd; 4].concat());
            let (lo, hi) = (f32::MIN_POSITIVE, 126f32.exp2());
            assert_eq!(got[..4], [lo, hi, lo, hi], "{level}");
        }
    }

    #[test]
    fn sine_and_cosine_of_any_angle_are_within_their_stated_error() {
        let mut x: Vec<f32> = (0..1 << 20).map(|i| i as f32 * 0.001_7 - 891.0).collect();
        x.extend([0.5, -0.5, 1.5, -1.5, 2.0, 1.0, -1.0, 4_194_303.5]);
        x.extend([0.25; 8]);
        for level in Level::all() {
            let [_, _, sin, cos] = rest(level, &x);
            let mut worst = [0.0f64; 2];
            for (i, x) in x.iter().enumerate() {
                // Whole turns taken away first: exact in f64.
                let (s, c) = (f64::from(*x) % 2.0 * std::f64::consts::PI).sin_cos();
                worst[0] = worst[0].max((f64::from(sin[i]) - s).abs());
                worst[1] = worst[1].max((f64::from(cos[i]) - c).abs());
            }
            println!("{level}: sin {:.2e}, cos {:.2e}", worst[0], worst[1]);
            assert!(worst[0] < 2.5e-7 && worst[1] < 2.5e-7, "{level}: {worst:?}");
        }
    }

    #[test]
    fn the_sine_keeps_its_digits_towards_zero() {
        let x: Vec<f32> = (0x3000_0000..=0.5f32.to_bits())
            .step_by(97)
            .map(f32::from_bits)
            .collect();
        let x = &x[..x.len() / 16 * 16];
        for level in Level::all() {
            // Angles within half a turn pass through unchanged.
            let [_, _, sin, _] = rest(level, x);
            let mut worst = 0.0f64;
            for (x, y) in x.iter().zip(&sin) {
                let exact = (f64::from(*x) * std::f64::consts::PI).sin();
                worst = worst.max((f64::from(*y) / exact - 1.0).abs());
            }
            println!("{level}: sin relative error {worst:.2e}");
            assert!(worst < 3e-7, "{level}: {worst:e}");
        }
    }

    /// Largest relative error over the floats with bits `from..to` in steps of `step`.
    fn worst_ln(level: Level, from: f32, to: f32, step: usize) -> f64 {
        let bits: Vec<u32> = (from.to_bits()..=to.to_bits()).step_by(step).collect();
        let mut worst = 0.0f64;
        let mut y = [0.0; 1024];
        for chunk in bits.chunks(1024) {
            y.fill(1.0);
            for (y, b) in y.iter_mut().zip(chunk) {
                *y = f32::from_bits(*b);
            }
            let x = y;
            run_ln(level, &mut y);
            for (x, y) in x[..chunk.len()].iter().zip(&y) {
                let exact = -2.0 * (f64::from(*x) / 41f64.exp2()).ln();
                if exact == 0.0 {
                    assert_eq!(*y, 0.0);
                } else {
                    assert!(*y >= 0.0);
                    worst = worst.max((f64::from(*y) / exact - 1.0).abs());
                }
            }
        }
        worst
    }

    #[test]
    fn logarithm_is_within_its_stated_error() {
        for level in Level::all() {
            let top = 41f32.exp2();
            let all = worst_ln(level, 1.0, top, 211);
            let upper = worst_ln(level, top / 2.0, top, 7);
            println!("{level}: -2 ln relative error {all:.2e}, upper binade {upper:.2e}");
            assert!(all < 2e-7 && upper < 2e-7, "{level}: {all:e} {upper:e}");
        }
    }

    #[test]
    #[ignore = "all 344 million floats, about half a minute"]
    fn logarithm_is_within_its_stated_error_everywhere() {
        for level in Level::all() {
            let mut worst = 0.0f64;
            for e in 0..41 {
                let from = (e as f32).exp2();
                worst = worst.max(worst_ln(level, from, 2.0 * from, 1));
            }
            println!("{level}: {worst:e}");
            assert!(worst < 2e-7, "{level}: {worst:e}");
        }
    }

    #[test]
    fn sine_and_cosine_are_within_their_stated_error() {
        let mut exact = Vec::new();
        let mut x = Vec::new();
        // Every angle of the generator, (2k + 1 - 2^23)/2^24, of one quarter (the polynomials make the
        // other its mirror image), and both ends.
        for k in 0..1 << 22 {
            let u = f64::from(2 * k + 1 - (1 << 23)) / f64::from(1 << 24);
            x.push(u as f32);
        }
        let n = x.len();
        x[n - 1] = 0.5;
        x[0] = -0.5;
        for u in &x {
            exact.push((f64::from(*u) * std::f64::consts::PI).sin_cos());
        }
        for level in Level::all() {
            let (mut sin, mut cos) = (x.clone(), vec![0.0; x.len()]);
            run_sin_cos(level, &mut sin, &mut cos);
            let mut worst = [0.0f64; 2];
            for (i, e) in exact.iter().enumerate() {
                worst[0] = worst[0].max((f64::from(sin[i]) - e.0).abs());
                worst[1] = worst[1].max((f64::from(cos[i]) - e.1).abs());
            }
            println!("{level}: sin {:.2e}, cos {:.2e}", worst[0], worst[1]);
            assert!(worst[0] < 2e-7 && worst[1] < 2e-7, "{level}: {worst:?}");
        }
    }
}
