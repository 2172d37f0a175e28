//! The three transfer curves over lanes, as power and as field.

use crate::simd::math::{exp2, fraction, ln, sin_cos_pi_any, sin_pi};
use crate::simd::{Base, F32s, dispatch};

/// A curve from a drive voltage to power (W) and field (sqrt W).
pub(super) trait Curve {
    fn power<V: F32s>(&self, v: V) -> V;
    fn field<V: F32s>(&self, v: V) -> (V, V);
}

/// `floor + span sin^2(pi h)`, `h = per_volt v + start`; field
/// `(amplitude sin(pi h) - j imbalance cos(pi h)) exp(j pi twist v)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interferometer {
    pub(super) per_volt: f32,
    pub(super) start: f32,
    pub(super) floor: f32,
    pub(super) span: f32,
    pub(super) amplitude: f32,
    pub(super) imbalance: f32,
    pub(super) twist: f32,
    /// A drive beyond it counts as it: 2^20 turns.
    pub(super) most: f32,
}

impl Interferometer {
    /// The drive within bounds.
    #[inline(always)]
    fn bounded<V: F32s>(&self, v: V) -> V {
        v.clamp_nan_low(V::splat(-self.most), V::splat(self.most))
    }

    #[inline(always)]
    fn turns<V: F32s>(&self, bounded: V) -> V {
        bounded.mul_add(V::splat(self.per_volt), V::splat(self.start))
    }
}

/// Zero for a finite number, else NaN: added to a result, it keeps what is no number visible.
#[allow(clippy::eq_op)]
#[inline(always)]
fn nothing<V: F32s>(v: V) -> V {
    v - v
}

impl Curve for Interferometer {
    #[inline(always)]
    fn power<V: F32s>(&self, v: V) -> V {
        let (f, _) = fraction(self.turns(self.bounded(v)));
        let s = sin_pi(f);
        (s * s).mul_add(V::splat(self.span), V::splat(self.floor) + nothing(v))
    }

    #[inline(always)]
    fn field<V: F32s>(&self, v: V) -> (V, V) {
        let bounded = self.bounded(v);
        let (s, c) = sin_cos_pi_any(self.turns(bounded));
        let (re, im) = (s * V::splat(self.amplitude), c * V::splat(-self.imbalance));
        let (sin, cos) = sin_cos_pi_any(bounded * V::splat(self.twist));
        turned(re, im, sin, cos, nothing(v))
    }
}

/// `(re + j im)(cos + j sin) + (1 + j) nothing`.
#[inline(always)]
fn turned<V: F32s>(re: V, im: V, sin: V, cos: V, nothing: V) -> (V, V) {
    (
        re.mul_add(cos, nothing) - im * sin,
        re.mul_add(sin, im.mul_add(cos, nothing)),
    )
}

/// `max exp(-t)`, `t = (u / v0)^order`, `u = max(bias - v, 0)`; field phase `-pi turn t`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Absorber {
    pub(super) bias: f32,
    pub(super) per_volt: f32,
    pub(super) max: f32,
    pub(super) amplitude: f32,
    /// `order log2(e)`.
    pub(super) order: f32,
    pub(super) turn: f32,
}

/// Absorption beyond which nothing is left, nepers of power.
const DARK: f32 = 87.0;

impl Absorber {
    /// `t`, limited to where the power ends.
    #[inline(always)]
    fn nepers<V: F32s>(&self, v: V) -> V {
        // 2^20 times v0 is dark for every order, and the logarithm wants a normal number.
        let u = (V::splat(self.bias) - v) * V::splat(self.per_volt);
        let u = u.clamp_nan_low(V::splat(f32::MIN_POSITIVE), V::splat(1_048_576.0));
        let t = exp2(ln(u) * V::splat(self.order));
        t.clamp_nan_low(V::splat(0.0), V::splat(DARK))
    }
}

impl Curve for Absorber {
    #[inline(always)]
    fn power<V: F32s>(&self, v: V) -> V {
        let t = self.nepers(v) * V::splat(-std::f32::consts::LOG2_E);
        exp2(t).mul_add(V::splat(self.max), nothing(v))
    }

    #[inline(always)]
    fn field<V: F32s>(&self, v: V) -> (V, V) {
        let t = self.nepers(v);
        let a = exp2(t * V::splat(-0.5 * std::f32::consts::LOG2_E)) * V::splat(self.amplitude);
        let (sin, cos) = sin_cos_pi_any(t * V::splat(-self.turn));
        (a.mul_add(cos, nothing(v)), a.mul_add(sin, nothing(v)))
    }
}

/// `mean + slope v`; field `sqrt(P) exp(j pi turn ln(P / mean))` with `P = max(mean + slope v, 0)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) mean: f32,
    pub(super) slope: f32,
    pub(super) per_mean: f32,
    pub(super) turn: f32,
}

impl Curve for Line {
    #[inline(always)]
    fn power<V: F32s>(&self, v: V) -> V {
        v.mul_add(V::splat(self.slope), V::splat(self.mean))
    }

    #[inline(always)]
    fn field<V: F32s>(&self, v: V) -> (V, V) {
        let p = self.power(v);
        let lit = p.clamp_nan_low(V::splat(0.0), V::splat(f32::MAX));
        let a = lit.sqrt();
        let relative = lit * V::splat(self.per_mean);
        let relative = relative.clamp_nan_low(V::splat(f32::MIN_POSITIVE), V::splat(f32::MAX));
        let (sin, cos) = sin_cos_pi_any(ln(relative) * V::splat(self.turn));
        (a.mul_add(cos, nothing(v)), a.mul_add(sin, nothing(v)))
    }
}

#[inline(always)]
fn power_all<V: F32s, C: Curve>(curve: &C, v: &[f32], p: &mut [f32]) {
    let whole = v.len() / V::N * V::N;
    for (v, p) in v.chunks_exact(V::N).zip(p.chunks_exact_mut(V::N)) {
        curve.power(V::load(v)).store(p);
    }
    let tail = v.len() - whole;
    if tail > 0 {
        let (mut last, mut out) = ([0.0f32; 16], [0.0f32; 16]);
        last[..tail].copy_from_slice(&v[whole..]);
        curve.power(V::load(&last)).store(&mut out);
        p[whole..].copy_from_slice(&out[..tail]);
    }
}

#[inline(always)]
fn field_all<V: F32s, C: Curve>(curve: &C, v: &[f32], re: &mut [f32], im: &mut [f32]) {
    let whole = v.len() / V::N * V::N;
    for k in (0..whole).step_by(V::N) {
        let (x, y) = curve.field(V::load(&v[k..]));
        x.store(&mut re[k..]);
        y.store(&mut im[k..]);
    }
    let tail = v.len() - whole;
    if tail > 0 {
        let (mut last, mut a, mut b) = ([0.0f32; 16], [0.0f32; 16], [0.0f32; 16]);
        last[..tail].copy_from_slice(&v[whole..]);
        let (x, y) = curve.field(V::load(&last));
        x.store(&mut a);
        y.store(&mut b);
        re[whole..].copy_from_slice(&a[..tail]);
        im[whole..].copy_from_slice(&b[..tail]);
    }
}

/// The two functions of a curve at every level.
macro_rules! curve {
    ($curve:ty, $power:ident, $field:ident) => {
        dispatch! {
            /// `p[i]` from `v[i]`.
            pub(super) fn $power(curve: &$curve, v: &[f32], p: &mut [f32]) =
                base: power_all::<Base, _>,
                mid: power_all::<crate::simd::Mid, _>,
                top: power_all::<crate::simd::Top, _>
        }
        dispatch! {
            /// `re[i] + j im[i]` from `v[i]`.
            pub(super) fn $field(curve: &$curve, v: &[f32], re: &mut [f32], im: &mut [f32]) =
                base: field_all::<Base, _>,
                mid: field_all::<crate::simd::Mid, _>,
                top: field_all::<crate::simd::Top, _>
        }
    };
}

curve!(Interferometer, interferometer_power, interferometer_field);
curve!(Absorber, absorber_power, absorber_field);
curve!(Line, line_power, line_field);
